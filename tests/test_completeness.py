"""What should have taken place, against what is on record."""

import numpy as np
import pandas as pd
import pytest
from posed import category, cells, outcome, posed

from engagement import tables
from engagement.analysis import completeness

CALENDAR = '[calendar]\nprofile = "party_branch"\nfrom = 2022-01-01\nto = 2022-12-31\n'
STUDY = category("shift", "day night") + outcome("attendance", "panel") + CALENDAR


def units():
    """Five branches with 3, 3, 3, 3 and 2 groups: 14 groups, 173 members."""
    sizes = [[20, 18, 17], [16, 15, 14], [13, 12, 11], [10, 9, 8], [6, 4]]
    return pd.DataFrame(
        [
            {"branch": f"b{b}", "group": f"b{b}g{g}", "members": size}
            for b, branch in enumerate(sizes, start=1)
            for g, size in enumerate(branch, start=1)
        ]
    )


def sessions(rows):
    columns = ["unit", "duty_type", "event_date"]
    return pd.DataFrame(rows, columns=columns).astype(str).assign(recorded="full", marks=1)


def test_the_calendar_of_173_members_is_338_sessions_and_5882_slots(tmp_path):
    due = completeness.expected(units(), posed(tmp_path, STUDY))
    sums = due.groupby("duty_type")[["sessions", "slots"]].sum()
    # The regulation's lines, as worked out in the records handbook.
    assert sums["sessions"].to_dict() == {
        "general_meeting": 20, "committee_meeting": 60, "group_meeting": 168, "theme_day": 60,
        "lesson": 20, "life_meeting": 5, "review_meeting": 5,
    }  # fmt: skip
    assert sums["slots"].to_dict() == {
        "general_meeting": 692, "committee_meeting": 0, "group_meeting": 2076, "theme_day": 2076,
        "lesson": 692, "life_meeting": 173, "review_meeting": 173,
    }  # fmt: skip
    assert (due["sessions"].sum(), due["slots"].sum()) == (338, 5882)


def test_half_a_year_is_half_the_sessions(tmp_path):
    half = STUDY.replace("2022-12-31", "2022-06-30")
    due = (
        completeness.expected(units(), posed(tmp_path, half)).groupby("duty_type")["sessions"].sum()
    )
    assert due["theme_day"] == 30
    assert due["group_meeting"] == 84


def test_recorded_sessions_stand_beside_the_expected_ones(tmp_path):
    held = sessions([
        ("b1", "lesson", "2022-02-22"), ("b1", "lesson", "2022-05-22"), ("b1", "lesson", "2021-11-22"),
        ("b1g2", "group_meeting", "2022-01-12"), ("b2", "lesson", "2022-03-01"),
    ])  # fmt: skip
    study = posed(tmp_path, STUDY)
    found = completeness.findings(held, units(), study).set_index(["duty_type", "branch"])
    assert found.loc[("lesson", "b1"), ["expected", "recorded", "share", "verdict"]].tolist() == [
        4,
        2,
        0.5,
        "incomplete",
    ]
    assert found.loc[("group_meeting", "b1"), ["expected", "recorded"]].tolist() == [36, 1]
    assert found.loc[("theme_day", "b3"), ["recorded", "verdict"]].tolist() == [0, "none"]
    assert (found["expected"].sum(), found["recorded"].sum()) == (338, 4)
    assert tables.check(found.reset_index(), "completeness", study) is not None


def test_a_branch_with_all_its_lessons_is_complete(tmp_path):
    held = sessions([("b1", "lesson", f"2022-{month:02d}-22") for month in (2, 5, 8, 11)])
    found = completeness.findings(held, units(), posed(tmp_path, STUDY))
    assert set(found.query("duty_type == 'lesson' and branch == 'b1'")["verdict"]) == {"complete"}


def test_the_longest_gap_is_counted_in_months(tmp_path):
    held = sessions([("b1", "theme_day", f"2022-{month:02d}-05") for month in (1, 2, 6, 7, 8)])
    found = completeness.longest_gaps(held, units(), posed(tmp_path, STUDY)).set_index(
        ["duty_type", "branch"]
    )
    # March to May is 3 months, September to December is 4.
    assert found.loc[("theme_day", "b1"), "recorded"] == 4
    assert found.loc[("theme_day", "b2"), "recorded"] == 12


def test_the_filled_share_counts_members_with_a_value(tmp_path):
    rows = pd.DataFrame({"shift": ["day", "unknown"], "attended": [1, 0], "members": [30, 10]})
    found = completeness.filled(cells(rows, "attendance"), posed(tmp_path, STUDY))
    assert found[["duty_type", "expected", "recorded", "share"]].values.tolist() == [
        ["shift", 40, 30, 0.75]
    ]


def test_a_surplus_in_one_branch_makes_up_for_no_gap_in_another(tmp_path):
    held = sessions([("b1", "lesson", f"2022-{month:02d}-22") for month in range(1, 7)])
    found = completeness.findings(held, units(), posed(tmp_path, STUDY))
    by_duty = completeness.by_duty(found).set_index("duty_type")
    assert by_duty.loc["lesson", ["expected", "recorded"]].tolist() == [20, 4]


def test_duties_of_every_month_are_expected_month_by_month(tmp_path):
    held = sessions([
        ("b1", "theme_day", "2022-03-05"), ("b2", "theme_day", "2022-03-06"),
        ("b1", "lesson", "2022-02-22"),
    ])  # fmt: skip
    found = completeness.by_month(held, units(), posed(tmp_path, STUDY))
    rows = found.set_index(["duty_type", "month"])
    assert rows.loc[("theme_day", "2022-03"), ["expected", "recorded"]].tolist() == [5, 2]
    assert rows.loc[("group_meeting", "2022-07"), ["expected", "recorded"]].tolist() == [14, 0]
    assert rows.loc[("lesson", "2022-02"), "recorded"] == 1
    assert pd.isna(rows.loc[("lesson", "2022-02"), "expected"])  # due each quarter, in any month
    grid = completeness.grid(found).set_index("duty_type")
    assert grid.loc["theme_day", ["2022-02", "2022-03"]].tolist() == ["0/5", "2/5"]
    assert grid.loc["lesson", ["2022-01", "2022-02"]].tolist() == ["", "1"]


def test_sessions_on_no_sheet_are_missing_by_unit(tmp_path):
    held = sessions([("b1", "lesson", "2022-02-22"), ("b1g2", "group_meeting", "2022-01-12")])
    found = completeness.missing(held, units(), posed(tmp_path, STUDY))
    rows = found.set_index(["duty_type", "unit"])["sessions"]
    assert rows["lesson", "b1"] == 3
    assert rows["group_meeting", "b1g2"] == 11
    assert rows["theme_day", "b5"] == 12
    assert "committee_meeting" not in found["duty_type"].tolist()  # nobody's slot


def test_without_a_calendar_nothing_is_expected(tmp_path):
    study = posed(tmp_path, STUDY.replace(CALENDAR, ""))
    assert completeness.findings(sessions([]), units(), study).empty
    assert completeness.expected(units(), study).empty
    assert completeness.longest_gaps(sessions([]), units(), study).empty
    assert completeness.by_month(sessions([]), units(), study).empty
    assert completeness.missing(sessions([]), units(), study).empty


def test_no_completeness_names_a_person(tmp_path):
    found = completeness.findings(
        sessions([("b1", "lesson", "2022-02-22")]), units(), posed(tmp_path, STUDY)
    )
    assert list(found.columns) == [
        "test",
        "duty_type",
        "branch",
        "expected",
        "recorded",
        "share",
        "verdict",
    ]


@pytest.mark.parametrize(
    ("empty", "longest"), [([], 0), ([True] * 3, 3), ([True, False, True, True], 2)]
)
def test_a_run_is_counted_by_hand(empty, longest):
    assert completeness._longest_runs(np.array([empty, empty])).tolist() == [longest] * 2
