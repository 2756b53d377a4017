"""Branch or clerk: intraclass correlations against published values."""

import numpy as np
import pandas as pd
import pytest

from engagement.analysis import recorders

# Shrout & Fleiss (1979), Psychological Bulletin 86, table 2: six targets, four judges.
RATINGS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]


def ratings():
    values = np.array(RATINGS, dtype=float)
    return values.ravel(), np.repeat(np.arange(6), 4)


def test_the_correlation_and_its_limits_are_the_published_ones():
    values, classes = ratings()
    found = recorders.intraclass(values, classes, np.ones(24))
    assert found.estimate == pytest.approx(0.17, abs=0.005)  # Shrout & Fleiss, ICC(1,1)
    assert found.low == pytest.approx(-0.133, abs=0.001)  # R psych::ICC on the same table
    assert found.high == pytest.approx(0.723, abs=0.001)


def test_a_row_of_weight_two_is_two_rows():
    values, classes = ratings()
    weights = np.where(np.arange(24) % 3 == 0, 2.0, 1.0)
    long = np.repeat(np.arange(24), weights.astype(int))
    weighted = recorders.intraclass(values, classes, weights)
    written_out = recorders.intraclass(values[long], classes[long], np.ones(len(long)))
    assert weighted == pytest.approx(written_out)


def test_a_difference_between_strata_is_no_difference_between_classes_inside_them():
    values, classes = ratings()
    strata = np.where(classes < 3, "a", "b")
    plain = recorders.intraclass(values, classes, np.ones(24), strata)
    moved = recorders.intraclass(values + 50 * (strata == "a"), classes, np.ones(24), strata)
    assert moved == pytest.approx(plain)


def test_two_classes_in_one_stratum_are_a_t_test():
    """With two classes F is the square of Student's t; here t² worked out by hand."""
    values = np.array([0.0, 1.0, 2.0, 3.0])
    found = recorders.intraclass(values, np.array([1, 1, 2, 2]), np.ones(4))
    # means ½ and 2½, MSB 4, MSW ½, F 8, k 2: (8 − 1)/(8 + 1)
    assert found.estimate == pytest.approx(7 / 9)


@pytest.mark.parametrize("classes", [[1, 1, 1], [1, 2, 3]])
def test_one_class_or_classes_of_one_cannot_be_judged(classes):
    found = recorders.intraclass(np.array([1.0, 2.0, 4.0]), np.array(classes), np.ones(3))
    assert np.isnan(found.estimate)


def meetings(rows):
    table = pd.DataFrame(rows, columns=["branch", "recorder", "present_count", "signed"])
    return table.astype({"recorder": "Int64", "present_count": float, "signed": float})


CELLS = pd.DataFrame(
    {"branch": ["b1", "b1", "b2", "b2"], "due": 10, "attended": [2, 3, 8, 9], "members": 5}
)


def rows(met, cells=CELLS):
    return {one["aspect"]: one for one in recorders.findings(cells, met)}


def test_a_clerk_who_counts_more_than_signed_is_told_from_the_branch():
    steady = [("b1", 1, 10 + n % 2, 10) for n in range(8)]
    found = rows(meetings(steady + [("b1", 2, 13 + n % 2, 10) for n in range(8)]))
    assert found["sessions_by_recorder"]["verdict"] == "between"
    assert found["sessions_by_recorder"]["found"] == 2


def test_one_recorder_a_branch_is_confounded_with_it():
    found = rows(meetings([("b1", 1, 10, 10)] * 3 + [("b2", 2, 12, 10)] * 3))
    assert found["sessions_by_recorder"]["verdict"] == "confounded"


def test_without_recorders_the_column_to_record_is_named():
    found = rows(meetings([("b1", None, 10, 10)]))
    assert found["sessions_by_recorder"]["column_needed"] == "entered_by"


def test_branches_are_compared_by_their_members_shares():
    found = rows(meetings([]))["members_by_branch"]
    assert (found["examined"], found["found"], found["verdict"]) == (20, 2, "between")
    single = CELLS.assign(branch="b1")
    assert rows(meetings([]), single)["members_by_branch"]["column_needed"] == "branch"


def test_two_recorders_without_any_gap_cannot_be_told_apart():
    found = rows(meetings([("b1", 1, 10, 10)] * 3 + [("b1", 2, 10, 10)] * 3))
    assert found["sessions_by_recorder"]["verdict"] == "not_testable_few"
