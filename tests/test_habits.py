"""When records are entered, and which hours are written."""

import datetime

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.analysis import habits

DAY = datetime.date(2022, 3, 1)


def meetings(rows):
    """Sessions as (branch, day held, days until entered)."""
    held = [DAY + datetime.timedelta(days=day) for _, day, _ in rows]
    entered = [
        None if lag is None else (day + datetime.timedelta(days=lag)).isoformat()
        for day, (_, _, lag) in zip(held, rows, strict=True)
    ]
    return pd.DataFrame(
        {
            "branch": [branch for branch, _, _ in rows],
            "event_date": [day.isoformat() for day in held],
            "entered_date": pd.Series(entered, dtype="str"),
        }
    )


def test_every_entry_falls_into_one_band_of_days():
    lags = [-2, 0, 7, 8, 30, 31, 90, 91, 400]
    found = habits.lags(meetings([("b1", 0, lag) for lag in lags])).set_index("lag")["entries"]
    assert found.to_dict() == {"before": 1, "week": 2, "month": 2, "quarter": 2, "longer": 2}


def test_entries_after_more_than_thirty_days_are_late():
    late = habits.entry_lag(meetings([("b1", 0, 30), ("b1", 40, 31), ("b1", 80, 2)]))[0]
    assert (late["examined"], late["found"], late["estimate"]) == (3, 1, 30)


def test_half_a_year_entered_in_one_week_is_a_bunch():
    rows = [("b1", 30 * n, 180 - 30 * n) for n in range(6)]  # all entered on day 180
    rows += [("b2", 30 * n, 1) for n in range(6)]
    found = {one["branch"]: one for one in habits.entry_lag(meetings(rows))[1:]}
    assert (found["b1"]["found"], found["b1"]["estimate"], found["b1"]["verdict"]) == (
        6,
        6,
        "bunched",
    )
    assert (found["b2"]["found"], found["b2"]["verdict"]) == (1, "even")


def test_sessions_that_are_themselves_dense_are_no_bunch():
    found = habits.entry_lag(meetings([("b1", n, 1) for n in range(7)]))[1]
    assert (found["found"], found["verdict"]) == (7, "even")


def test_without_days_of_entry_the_column_to_record_is_named():
    found = habits.entry_lag(meetings([("b1", 0, None)]))
    assert {one["verdict"] for one in found} == {"not_testable_column"}
    assert {one["column_needed"] for one in found} == {"entered_at"}


@given(st.lists(st.integers(0, 60), min_size=1, max_size=30))
def test_the_busiest_week_is_the_fullest_of_all_windows(days):
    dates = pd.Series([(DAY + datetime.timedelta(days=day)).isoformat() for day in days])
    brute = max(sum(start <= day < start + 7 for day in days) for start in range(61))
    assert habits.busiest_week(dates) == brute


def hours(**entries):
    values = [float(name.removeprefix("h").replace("_", ".")) for name in entries]
    return pd.DataFrame(
        {"kind": "volunteers", "service_hours": values, "entries": list(entries.values())}
    )


def test_equally_common_half_hours_have_the_index_one_hundred():
    even = pd.DataFrame(
        {"kind": "volunteers", "service_hours": [n / 2 for n in range(1, 17)], "entries": 10}
    )
    found = habits.heaping(even)[0]
    assert (found["examined"], found["found"], found["estimate"]) == (160, 40, 100)
    assert found["verdict"] == "not_heaped"


def test_nothing_but_round_hours_has_the_index_four_hundred():
    found = habits.heaping(hours(h1=5, h2=5, h4=5, h8=5))[0]
    assert (found["estimate"], found["verdict"]) == (400, "heaped")


def test_hours_beyond_eight_are_no_part_of_the_index():
    found = habits.heaping(hours(h2=3, h3=3, h12=50))[0]
    assert (found["examined"], found["found"], found["estimate"]) == (6, 3, 200)
    # Wilson's interval of 3 in 6 is 0.188 to 0.812.
    assert (found["conf_low"], found["conf_high"]) == pytest.approx((75.1, 324.9), abs=0.2)
    assert found["verdict"] == "not_heaped"


def test_without_hours_the_column_to_record_is_named():
    assert habits.heaping(hours())[0]["column_needed"] == "hours"
