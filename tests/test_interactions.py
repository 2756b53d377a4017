"""A difference of differences: by hand, against another implementation, and refused."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from posed import category, cells, number, outcome, posed

from engagement.analysis import interactions
from engagement.errors import StudyError

TWO = category("shift", "day night", 'role = "primary"') + category("hand", "men women")
ASKED = '[[interaction]]\nfactor = "shift"\nby = "hand"\n'
PLAIN = 'method = "maximum_likelihood"\n'
# (shift, hand): members, of whom took part
COUNTS = {
    ("day", "men"): (40, 30),
    ("night", "men"): (30, 12),
    ("day", "women"): (25, 15),
    ("night", "women"): (20, 11),
}


def counted(counts=COUNTS):
    rows = [
        (shift, hand, came, number)
        for (shift, hand), (members, took_part) in counts.items()
        for came, number in ((1, took_part), (0, members - took_part))
    ]
    table = pd.DataFrame(rows, columns=["shift", "hand", "attended", "members"])
    return cells(table[table["members"] > 0])


def found(folder, data=None, asked=ASKED):
    study = posed(folder, TWO + asked + outcome(), PLAIN)
    return interactions.findings(counted() if data is None else data, study)


def test_the_difference_of_differences_by_hand(tmp_path):
    """Men: 12/30 less 30/40; women: 11/20 less 15/25."""
    row = found(tmp_path).iloc[0]
    assert (row["contrast"], row["by_contrast"]) == ("night|day", "women|men")
    assert row["difference"] == pytest.approx(0.55 - 0.60)
    assert row["other"] == pytest.approx(0.40 - 0.75)
    assert row["estimate"] == pytest.approx(0.30)
    assert row["members"] == 115


def test_the_test_is_that_of_the_product_in_a_logistic_regression(tmp_path):
    row = found(tmp_path).iloc[0]
    shift, sex = (
        np.array([one[place] in ("night", "women") for one in COUNTS]) for place in (0, 1)
    )
    columns = sm.add_constant(np.column_stack([shift, sex, shift * sex]).astype(float))
    trials = np.array([[took, members - took] for members, took in COUNTS.values()])
    fit = sm.GLM(trials, columns, family=sm.families.Binomial()).fit()
    assert row["p_adjusted"] == pytest.approx(fit.pvalues[3], rel=1e-6)


def test_the_limits_hold_the_delta_method_within_a_tenth(tmp_path):
    """Four independent shares: the variance of the sum of both differences."""
    row = found(tmp_path).iloc[0]
    variance = sum(
        took / members * (1 - took / members) / members for members, took in COUNTS.values()
    )
    width = 2 * 1.959964 * variance**0.5
    assert row["conf_high"] - row["conf_low"] == pytest.approx(width, rel=0.1)
    assert row["conf_low"] < 0.30 < row["conf_high"]


def test_an_interaction_is_never_more_than_possible(tmp_path):
    strong = COUNTS | {("night", "women"): (60, 58), ("night", "men"): (60, 6)}
    assert found(tmp_path, counted(strong)).iloc[0]["verdict"] == "possible"


def test_a_combination_of_two_members_is_refused(tmp_path):
    few = COUNTS | {("night", "women"): (2, 1)}
    row = found(tmp_path, counted(few)).iloc[0]
    assert (row["verdict"], row["note"]) == ("refused", "few_exposed")
    assert np.isnan(row["estimate"])


def test_without_a_question_there_is_no_row(tmp_path):
    table = found(tmp_path, asked="")
    assert table.empty and "p_adjusted" in table


@pytest.mark.parametrize("by", ["shift", "tenure"])
def test_a_factor_with_itself_or_with_a_number_is_refused(tmp_path, by):
    text = TWO + number("tenure") + ASKED.replace('"hand"', f'"{by}"') + outcome()
    with pytest.raises(StudyError) as error:
        posed(tmp_path, text)
    assert {problem.values["where"] for problem in error.value.problems} == {"interaction 1.by"}
