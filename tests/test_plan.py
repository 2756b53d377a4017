"""Offers fit into the hours that there are, and what does not fit is named."""

import pandas as pd
import pytest
from posed import category, outcome, posed

from engagement import tables
from engagement.analysis import counsel, plan

BRANCHES = "".join(
    f'[[unit]]\ncode = "b{n}"\nlevel = "branch"\nzh = "{n}"\nen = "{n}"\n' for n in range(1, 6)
)


PILOT = """
[pilot]
measure = "MS04"
seed = 7
from = 2023-03-01
to = 2023-12-31
segment = "c"

[[segment]]
name = "c"
barrier = "B-ASK"
when = { shift = ["night"] }
label = { zh = "c", en = "c" }
"""


def study(folder, hours=1000.0, months=12, measures="[]", pilot=False, more=""):
    text = category("shift", "day night") + outcome("attendance", "panel") + BRANCHES
    declared = hours / months / (1 - plan.RESERVE)
    text += (
        f"[plan]\nstaff_hours_per_month = {declared}\nmonths = {months}\nmeasures = {measures}\n"
    )
    text += more + 'owner = { zh = "组织委员", en = "the organiser" }\n'
    return posed(folder, text + (PILOT if pilot else ""))


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
    offered = plan.offers(table, NOWHERE, study(tmp_path, pilot=True))
    assert set(offered["segment"]) == {"", "a", "c"}
    assert set(offered.loc[offered["segment"] == "c", "measure"]) == {"MS04"}
    assert tables.check(offered, "plan") is offered


def test_a_class_that_no_column_tells_is_sized_by_whoever_may_be_in_it(tmp_path):
    table = segments(("c", "B-ASK", pd.NA, "not_testable_column"), possible=173)
    lines = plan.candidates(table, study(tmp_path, pilot=True))
    assert hours_of(lines, "MS04") == [pytest.approx(34.6)]


def test_offers_start_after_the_records_are_in_order(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"), ("c", "B-ASK", 40, "not_testable_column"))
    offered = plan.offers(table, NOWHERE, study(tmp_path, pilot=True))
    months = offered.groupby("segment")["month"].agg(set).to_dict()
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


def test_an_untested_barrier_gets_the_pilot_and_its_records_and_the_rest_waits(tmp_path):
    table = segments(
        ("c", "B-ASK", 40, "not_testable_column"), ("r", "B-REACH", 40, "not_testable_few"),
    )  # fmt: skip
    declared = study(tmp_path, pilot=True)
    offered = plan.offers(table, NOWHERE, declared)
    assert set(zip(offered["segment"], offered["measure"], strict=True)) == {
        ("", "MS01"), ("", "MS02"), ("c", "MS04"), ("r", "MS03"),
    }  # fmt: skip
    waits = plan.waiting(table, declared)
    assert set(zip(waits["segment"], waits["measure"], strict=True)) == {
        ("c", "MS05"),
        ("r", "MS12"),
    }


def test_hours_too_few_for_any_offer_are_said_with_the_least_that_is_needed(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"))
    tight = study(tmp_path, hours=1.0)
    offered, left = plan.offers(table, NOWHERE, tight), plan.dropped(table, NOWHERE, tight)
    assert offered.empty
    (said,) = counsel.short(offered, left, plan.hours_available(tight))
    assert (said.key, said.values["hours"]) == ("notebook.plan.too_few", "15.0")
    assert counsel.short(left, left, 1.0) == []


def test_no_staff_hours_at_all_is_an_empty_plan(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"))
    assert plan.offers(table, NOWHERE, study(tmp_path, hours=0.0)).empty


def test_a_measure_whose_barrier_no_class_has_is_named(tmp_path):
    declared = study(tmp_path, measures='["MS07", "MS14"]')
    (spare,) = plan.unused(segments(("a", "B-CAPP", 40, "supported")), declared)
    assert spare.id == "MS14"
    (said,) = counsel.unused([spare])
    assert said.values["barrier"]["en"] == "the offer does not fit, reflective motivation"


def test_a_study_without_measures_plans_the_preconditions_alone(tmp_path):
    declared = study(tmp_path, measures='["MS01"]')
    offered = plan.offers(segments(("a", "B-CAPP", 40, "supported")), NOWHERE, declared)
    assert offered["measure"].tolist() == ["MS01", "MS02"]


def test_no_branch_goes_without_an_offer_where_one_is_possible(tmp_path):
    """The better offer serves one branch; the other serves another one, and who cannot come."""
    table = segments(("a", "B-TIME", 40, "supported"), ("b", "B-CAPP", 9, "supported"))
    everywhere = pd.DataFrame(
        [("a", "yes", "b1"), ("b", "yes", "b5")],
        columns=["segment", "inside", "branch"],
    )
    tight = study(tmp_path, hours=45 + 34.0, measures='["MS07", "MS09"]')
    offered = plan.offers(table, everywhere, tight)
    assert set(offered["measure"]) == {"MS01", "MS02", "MS07"}


def test_rooms_and_posts_are_limits_too(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"))
    offered = plan.offers(table, NOWHERE, study(tmp_path, more="rooms_per_month = 0\nposts = 4\n"))
    # MS07 needs a room, MS08 five posts.
    assert set(offered["measure"]) == {"MS01", "MS02", "MS06", "MS22"}


def test_what_is_dropped_first_stands_first(tmp_path):
    table = segments(("a", "B-CAPP", 40, "supported"))
    order = plan.shrinking(plan.offers(table, NOWHERE, study(tmp_path)))
    assert order["kept_at"].is_monotonic_decreasing
    assert order["measure"].iloc[-1] in ("MS01", "MS02")


def test_nothing_to_offer_is_no_plan_and_no_crash(tmp_path):
    none = segments().iloc[:0]
    offered = plan.offers(none, NOWHERE, study(tmp_path))
    assert offered["measure"].tolist() == ["MS01", "MS02"]
