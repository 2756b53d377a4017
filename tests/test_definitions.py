"""Strict, declared and broad: the same question under other words."""

import pandas as pd
import pytest
from posed import category, outcome, posed

from engagement.analysis import definitions
from engagement.records import traces

STUDY = category("shift", "day night", 'role = "primary"') + outcome("attendance", "panel")


def participation(rows):
    columns = ["outcome", "event_date", "attended", "channel", "hours"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"hours": float, "channel": "str", "event_date": "str"})


def attended(rows):
    read = traces.definitions(participation(rows))
    return {name: table["attended"].tolist() for name, table in read.items()}


def test_online_is_not_strict_and_what_was_made_up_is_broad():
    found = attended([
        ("panel", "2022-01-05", "yes", "in_person", None),
        ("panel", "2022-01-05", "yes", "online", None),
        ("panel", "2022-01-05", "no", "makeup", None),
        ("panel", "2022-01-05", "no", None, None),
        ("panel", "2022-01-05", "unknown", None, None),
    ])  # fmt: skip
    assert found["strict"] == ["yes", "no", "no", "no", "unknown"]
    assert found["declared"] == ["yes", "yes", "no", "no", "unknown"]
    assert found["broad"] == ["yes", "yes", "yes", "no", "unknown"]


def test_on_a_list_hours_are_strict_and_entries_under_review_are_broad():
    found = attended([
        ("list", None, "yes", None, 2),
        ("list", None, "yes", None, None),
        ("list", None, "unknown", None, None),
        ("list", None, "no", None, None),
    ])  # fmt: skip
    assert found["strict"] == ["yes", "no", "unknown", "no"]
    assert found["broad"] == ["yes", "yes", "yes", "no"]


def test_a_list_without_any_hours_is_not_emptied_by_the_strict_reading():
    found = attended([("list", None, "yes", None, None), ("list", None, "no", None, None)])
    assert found["strict"] == ["yes", "no"]


def cells(definition, day, night):
    """Twelve members a shift over four groups, `day` and `night` of ten slots attended on average."""
    rows = [
        (shift, f"g{no % 4}", 10, mean + no % 3 - 1, 1)
        for shift, mean in (("day", day), ("night", night))
        for no in range(12)
    ]
    columns = ["shift", "group", "due", "attended", "members"]
    return pd.DataFrame(rows, columns=columns).assign(
        definition=definition, outcome="attendance", branch="b1", attended_with_review=0
    )


@pytest.fixture
def study(tmp_path):
    return posed(tmp_path, STUDY)


def test_shares_stand_side_by_side(study):
    found = definitions.shares(pd.concat([cells("strict", 4, 4), cells("broad", 6, 5)]))
    assert found["share"].tolist() == [0.4, 0.55]
    assert found[["due", "attended"]].to_numpy().tolist() == [[240, 96], [240, 132]]


def test_a_comparison_that_changes_sides_depends_on_the_reading(study):
    same = pd.concat([cells("strict", 7, 4), cells("declared", 7, 4), cells("broad", 8, 5)])
    other = pd.concat([cells("strict", 7, 4), cells("declared", 7, 4), cells("broad", 7, 7)])
    for defined, verdict, moved in ((same, "same_under_all", 0), (other, "depends", 1)):
        readings = definitions.comparisons(defined, study)
        assert list(readings["definition"]) == ["strict", "declared", "broad"]
        row = definitions.findings(readings).iloc[0]
        assert (row["verdict"], row["examined"], row["found"]) == (verdict, 1, moved)


def test_a_study_without_primary_factors_has_nothing_to_compare(tmp_path):
    study = posed(tmp_path, category("shift", "day night") + outcome("attendance", "panel"))
    readings = definitions.comparisons(cells("declared", 7, 4), study)
    assert readings.empty
    assert definitions.findings(readings)["verdict"].tolist() == ["not_testable_few"]
