"""Two records of the same things: Chapman's estimate with its interval, or nothing."""

import pandas as pd
import pytest

from engagement.analysis import capture


@pytest.mark.parametrize(
    ("first", "second", "both", "total", "half"),
    [(8, 12, 5, 18.5, 6), (9, 5, 2, 19, 12)],  # the check values of the records handbook
)
def test_the_estimate_is_chapmans(first, second, both, total, half):
    found = capture.chapman(first, second, both)
    assert found.estimate == pytest.approx(total)
    assert round(found.half_width) == half


def test_the_variance_is_sebers():
    # 7 × 6 × 3 × 2 / (5² × 6) with n1 = 6, n2 = 5 … here n1 = 7, n2 = 6, m = 4:
    # 8 × 7 × (7 − 4) × (6 − 4) / (5² × 6) = 336 / 150 = 2.24
    assert capture.chapman(7, 6, 4).half_width == pytest.approx(1.959964 * 2.24**0.5, abs=1e-5)


def lists(*rows):
    columns = ["kind", "duty_type", "in_first", "in_second", "in_both"]
    return pd.DataFrame(rows, columns=columns)


def row(found, kind="sessions"):
    return next(one for one in found if one["aspect"] == kind)


def test_the_lower_limit_is_never_below_what_was_seen():
    found = row(capture.findings(lists(("sessions", "lesson", 9, 5, 2))))
    assert (found["examined"], found["found"]) == (12, 10)
    assert found["conf_low"] == 12  # 19 − 12 would be 7.4, and 12 were seen
    assert found["conf_high"] == pytest.approx(19 + 11.595, abs=0.01)


def test_records_that_share_nothing_give_no_estimate():
    found = row(capture.findings(lists(("sessions", "lesson", 4, 3, 0))))
    assert found["verdict"] == "not_testable_few"
    assert pd.isna(found["estimate"])


@pytest.mark.parametrize("counts", [(20, 20, 20), (20, 19, 19), (3, 5, 3)])
def test_a_record_that_holds_all_of_the_other_gives_no_interval_of_no_width(counts):
    found = row(capture.findings(lists(("sessions", "lesson", *counts))))
    assert found["verdict"] == "one_in_the_other"
    assert pd.isna(found["estimate"])


def test_without_a_second_list_the_column_to_record_is_named():
    found = capture.findings(lists(("sessions", "lesson", 9, 5, 2)))
    assert row(found, "members")["verdict"] == "not_testable_column"
    assert row(found, "members")["column_needed"] == "check_in"
