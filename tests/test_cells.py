"""People become counts: every due member and every slot stands in exactly one cell."""

import numpy as np
import pandas as pd
import pytest
from drawn import table
from hypothesis import given, settings
from hypothesis import strategies as some
from posed import category, outcome, posed, segment

from engagement import tables
from engagement.analysis import cells

STUDY = (
    category("shift", "day night")
    + '[factors.age_band]\nfield = "age"\nkind = "ordered"\nbands = [18, 36, 61]\n'
    + '[factors.age]\nkind = "number"\n'
    + '[factors.degree_level]\nfield = "education"\ngroups = { high = ["bachelor", "postgraduate"], low = ["junior", "senior"] }\n'
    + outcome("attendance", "panel")
    + outcome("volunteering", "list", primary=False)
)
PEOPLE = """
    member_id | branch | group | due | is_mobile | is_lost | excused | reachable | age | shift | education
    1 | b1 | b1g1 | yes | no  | - | no | yes | 35 | day   | bachelor
    2 | b1 | b1g1 | yes | no  | - | no | yes | 36 | night | junior
    3 | b1 | -    | yes | no  | - | no | no  | -  | -     | primary
    4 | b2 | b2g1 | no  | yes | - | no | yes | 70 | day   | senior
"""
SLOTS = """
    member_id | outcome | event_id | due | asked | attended
    1 | attendance   | e1 | yes     | yes | yes
    1 | attendance   | e2 | yes     | no  | no
    1 | attendance   | e3 | no      | -   | yes
    2 | attendance   | e1 | yes     | no  | unknown
    2 | attendance   | e2 | unknown | -   | yes
    4 | attendance   | e1 | yes     | -   | yes
    1 | volunteering | v1 | yes     | -   | yes
    2 | volunteering | v1 | yes     | -   | unknown
"""


def people(text=PEOPLE):
    drawn = table(text)
    return drawn.assign(member_id=drawn["member_id"].astype(int), age=pd.to_numeric(drawn["age"]))


def slots(text=SLOTS):
    drawn = table(text)
    return drawn.assign(member_id=drawn["member_id"].astype(int))


@pytest.fixture
def study(tmp_path):
    return posed(tmp_path, STUDY)


def test_the_cells_of_four_members_are_the_ones_counted_by_hand(study):
    found = cells.counts(people(), slots(), study)
    drawn = table("""
        outcome | branch | group | shift | age_band | age | degree_level | due | attended | attended_with_review | members
        attendance   | b1 | b1g1    | day     | 18-35   | 35 | high    | 2 | 1 | 1 | 1
        attendance   | b1 | b1g1    | night   | 36-60   | 36 | low     | 0 | 0 | 0 | 1
        attendance   | b1 | unknown | unknown | unknown | -  | unknown | 0 | 0 | 0 | 1
        volunteering | b1 | b1g1    | day     | 18-35   | 35 | high    | 1 | 1 | 1 | 1
        volunteering | b1 | b1g1    | night   | 36-60   | 36 | low     | 1 | 0 | 1 | 1
        volunteering | b1 | unknown | unknown | unknown | -  | unknown | 1 | 0 | 0 | 1
    """)
    texts = ["outcome", "branch", "group", "shift", "age_band", "degree_level"]
    numbers = ["due", "attended", "attended_with_review", "members"]
    assert found[texts].astype(str).values.tolist() == drawn[texts].values.tolist()
    assert found[numbers].values.tolist() == drawn[numbers].astype(int).values.tolist()
    assert found["age"].tolist()[:2] == [35.0, 36.0]
    assert np.isnan(found["age"].tolist()[2])


def test_cells_keep_the_contract_of_their_table(study):
    found = cells.counts(people(), slots(), study)
    assert tables.check(found, "cells", study) is found


def test_members_who_are_not_due_are_counted_by_their_reason():
    found = cells.not_due(people())
    assert found.to_dict("records") == [
        {"is_mobile": "yes", "is_lost": "unknown", "excused": "no", "members": 1}
    ]


def test_units_count_every_member_due_or_not():
    found = cells.units(people())
    assert found.values.tolist() == [["b1", "b1g1", 2], ["b1", "unknown", 1], ["b2", "b2g1", 1]]


def test_an_age_below_the_first_band_is_unknown_not_squeezed_into_one(study):
    young = people().assign(age=[17, 18, 35, 36])
    assert list(cells.factor_columns(young, study)["age_band"]) == [
        "unknown",
        "18-35",
        "18-35",
        "36-60",
    ]


def test_participation_of_a_stranger_is_our_bug(study):
    with pytest.raises(ValueError, match="1 members who are not in people"):
        cells.counts(people().iloc[1:], slots(), study)


def test_a_column_outcome_is_read_from_people_and_its_blanks_leave(tmp_path):
    study = posed(tmp_path, category("shift", "day night") + outcome("took_part", "column"))
    asked = people().assign(hours=["yes", "no", np.nan, "yes"])
    found = cells.counts(asked, slots().iloc[:0], study)
    assert found[["due", "attended", "members"]].values.tolist() == [
        [1, 1, 1],
        [1, 0, 1],
        [0, 0, 1],
    ]


@settings(max_examples=40, deadline=None)
@given(
    some.lists(
        some.tuples(
            some.integers(0, 5),
            some.sampled_from(["yes", "no", "unknown"]),
            some.sampled_from(["yes", "no", "unknown"]),
        ),
        max_size=40,
    )
)
def test_every_member_and_slot_is_in_exactly_one_cell(tmp_path_factory, drawn):
    study = posed(tmp_path_factory.mktemp("study"), STUDY)
    everybody = pd.DataFrame({"member_id": range(6)}).assign(
        branch="b1", group="b1g1", due="yes", age=40, shift="day", education="junior"
    )
    rows = [
        {
            "member_id": who,
            "outcome": "attendance",
            "event_id": str(place),
            "due": due,
            "attended": attended,
            "asked": "no",
        }
        for place, (who, due, attended) in enumerate(drawn)
    ]
    events = pd.DataFrame(
        rows, columns=["member_id", "outcome", "event_id", "due", "attended", "asked"]
    )
    found = cells.counts(everybody, events, study)
    own = found[found["outcome"] == "attendance"]
    counted = [row for row in rows if row["due"] == "yes" and row["attended"] != "unknown"]
    assert own["members"].sum() == 6
    assert (own["due"] * own["members"]).sum() == len(counted)
    assert (own["attended"] * own["members"]).sum() == sum(
        row["attended"] == "yes" for row in counted
    )


SEGMENTS = (
    segment("nights", "B-TIME", 'shift = ["night"]', "夜班")
    + segment("housebound", "B-CAPP", 'activity_ability = ["housebound"]', "行动不便")
    + segment("not_asked", "B-ASK", 'invited = ["no"]', "未邀请")
)


def test_a_class_is_counted_inside_outside_and_unknown(tmp_path):
    study = posed(tmp_path, STUDY + SEGMENTS)
    found = cells.segment_cells(people(), slots(), study)
    sizes = found.groupby(["segment", "inside"])["members"].sum().to_dict()
    assert sizes == {
        ("nights", "yes"): 1, ("nights", "no"): 2, ("nights", "unknown"): 1,
        ("housebound", "unknown"): 4,
        ("not_asked", "yes"): 1, ("not_asked", "no"): 1, ("not_asked", "unknown"): 2,
    }  # fmt: skip


def test_a_class_names_the_column_that_nobody_keeps(tmp_path):
    study = posed(tmp_path, STUDY + SEGMENTS)
    found = cells.segment_cells(people(), slots(), study)
    needed = found.groupby("segment")["column_needed"].agg(set).to_dict()
    assert needed == {"nights": {""}, "housebound": {"activity_ability"}, "not_asked": {""}}
