"""Offers fit into the hours that there are, and what does not fit is named."""

import pandas as pd
import pytest
from posed import category, outcome, posed

from engagement import tables
from engagement.analysis import plan

BRANCHES = "".join(
    f'[[unit]]\ncode = "b{n}"\nlevel = "branch"\nzh = "{n}"\nen = "{n}"\n' for n in range(1, 6)
)


def study(folder, hours=1000.0, months=12, measures="[]"):
    text = category("shift", "day night") + outcome("attendance", "panel") + BRANCHES
    declared = hours / months / (1 - plan.RESERVE)
    text += (
        f"[plan]\nstaff_hours_per_month = {declared}\nmonths = {months}\nmeasures = {measures}\n"
    )
    return posed(folder, text + 'owner = { zh = "组织委员", en = "the organiser" }\n')


NOWHERE = pd.DataFrame(columns=["segment", "inside", "branch"])


def segments(*rows, possible=pd.NA):
    columns = ["segment", "barrier", "members", "verdict"]
    table = pd.DataFrame(rows, columns=columns).astype({"members": "Int64"})
    return table.assign(due=100, attended=50, column_needed="", members_possible=possible)


def hours_of(lines, measure):
    return lines.loc[lines["measure"] == measure, "hours"].tolist()


@pytest.mark.parametrize(
    ("barrier", "members", "measure", "hours"),
    [
        ("B-CAPP", 40, "MS06", 240), ("B-CAPP", 40, "MS08", 120), ("B-CAPK", 40, "MS16", 120),
        ("B-ASK", 173, "MS04", 34.6), ("B-FIT", 40, "MS14", 16), ("B-AUT", 40, "MS25", 48),
        ("B-AUT", 40, "MS05", 2.4),
    ],
)  # fmt: skip
def test_the_hours_of_an_offer_are_those_worked_out_in_the_handbook(
    tmp_path, barrier, members, measure, hours
):
    lines = plan.candidates(segments(("a", barrier, members, "supported")), study(tmp_path))
    assert hours_of(lines, measure) == [pytest.approx(hours)]


def test_the_preconditions_of_five_branches_take_45_hours(tmp_path):
    lines = plan.candidates(segments(("a", "B-CAPP", 40, "supported")), study(tmp_path))
    assert lines["measure"].tolist()[:2] == ["MS01", "MS02"]
    assert lines["hours"].tolist()[:2] == [30, 15]


def test_only_barriers_that_may_stand_in_the_way_are_offered_anything(tmp_path):
    table = segments(
        ("a", "B-CAPP", 40, "supported"), ("b", "B-TIME", 40, "not_supported"),
        ("c", "B-ASK", 40, "not_testable_column"), ("d", "B-FIT", pd.NA, "not_testable_few"),
    )  # fmt: skip
    offered = plan.offers(table, NOWHERE, study(tmp_path))
    assert set(offered["segment"]) == {"", "a", "c"}
    assert tables.check(offered, "plan") is offered


def test_a_class_that_no_column_tells_is_sized_by_whoever_may_be_in_it(tmp_path):
    table = segments(("c", "B-ASK", pd.NA, "not_testable_column"), possible=173)
    lines = plan.candidates(table, study(tmp_path))
    assert hours_of(lines, "MS04") == [pytest.approx(34.6)]


def test_offers_start_after_the_records_are_in_order(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"), ("c", "B-ASK", 40, "not_testable_column"))
    months = (
        plan.offers(table, NOWHERE, study(tmp_path)).groupby("segment")["month"].agg(set).to_dict()
    )
    assert months == {"": {"2023-01"}, "a": {"2023-02"}, "c": {"2023-03"}}


def test_short_hours_keep_the_preconditions_and_name_what_is_dropped(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"))
    tight = study(tmp_path, hours=60.0)
    offered, dropped = plan.offers(table, NOWHERE, tight), plan.dropped(table, NOWHERE, tight)
    # 45 hours of preconditions leave 15: transport (160 trips of a tenth) needs 16, nothing fits.
    assert set(offered["measure"]) == {"MS01", "MS02"}
    assert set(dropped["measure"]) == {"MS06", "MS07", "MS08", "MS22"}
    wider = plan.offers(table, NOWHERE, study(tmp_path, hours=62.0))
    assert set(wider["measure"]) == {"MS01", "MS02", "MS22"}


def test_more_members_are_served_before_better_evidence(tmp_path):
    # 24 hours beside the preconditions: the larger class takes its only offer that fits.
    table = segments(("few", "B-ASK", 10, "supported"), ("many", "B-DUE", 30, "supported"))
    offered = plan.offers(table, NOWHERE, study(tmp_path, hours=45 + 37.0))
    assert {"many"} <= set(offered["segment"])
    assert offered["hours"].sum() <= 82


def test_declared_measures_limit_the_catalogue(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"))
    offered = plan.offers(table, NOWHERE, study(tmp_path, measures='["MS07"]'))
    assert set(offered["measure"]) == {"MS01", "MS02", "MS07"}


def test_a_study_without_hours_has_no_plan(tmp_path):
    bare = posed(tmp_path, category("shift", "day night") + outcome("attendance", "panel"))
    assert plan.offers(segments(("a", "B-CAPP", 40, "supported")), NOWHERE, bare).empty
