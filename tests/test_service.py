"""Hours given: counted from lists and sheets, averaged, compared, and refused where nobody gave."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from posed import category, cells, number, posed
from scipy import stats

from engagement import tables
from engagement.analysis import cells as counting
from engagement.analysis import predictors, service
from engagement.errors import StudyError

HOURS = """
[outcomes.service_hours]
kind = "hours"
roster = "volunteers"
primary = true
label = { zh = "服务时长", en = "hours of service" }
"""
SHIFT = category("shift", "day night")


def members(hours, **more):
    hours = np.asarray(hours, float)
    given = (hours > 0).astype(int)
    return cells(pd.DataFrame({"hours": hours, "attended": given, **more}), "service_hours")


def people(*due):
    return pd.DataFrame(
        {
            "member_id": range(len(due)),
            "branch": "b1",
            "group": "g1",
            "due": list(due),
            "shift": "day",
        }
    )


def served(*rows):
    columns = ["member_id", "due", "attended", "hours"]
    return pd.DataFrame(rows, columns=columns).assign(outcome="service_hours", event_date=None)


def test_hours_are_known_none_or_unknown(tmp_path):
    """Six hours in two entries; none; on the list without hours; under review; not due."""
    rows = served(
        (0, "yes", "yes", 4), (0, "yes", "yes", 2), (1, "yes", "no", np.nan),
        (2, "yes", "yes", np.nan), (3, "yes", "unknown", np.nan), (4, "no", "yes", 9),
    )  # fmt: skip
    study = posed(tmp_path, SHIFT + HOURS)
    found = counting.counts(people("yes", "yes", "yes", "yes", "no"), rows, study)
    told = sorted(
        found[["due", "attended", "members"]]
        .assign(hours=found["hours"].fillna(-1))
        .to_numpy()
        .tolist()
    )
    assert told == [[0, 0, 2, -1], [1, 0, 1, 0], [1, 1, 1, 6]]
    assert tables.check(found, "cells", study) is found


def test_a_study_without_hours_has_no_such_column(tmp_path):
    text = SHIFT + HOURS.replace('"hours"', '"list"')
    found = counting.counts(people("yes"), served((0, "yes", "yes", 4)), posed(tmp_path, text))
    assert "hours" not in found


def test_the_mean_has_the_limits_of_t_on_logarithms(tmp_path):
    hours = [0, 0, 2, 4, 8, 1, 3, 0, 6, 2]
    study = posed(tmp_path, SHIFT + HOURS)
    row = service.findings(members(hours, shift="day"), study).iloc[0]
    error = stats.sem(hours) / np.mean(hours)
    low, high = np.mean(hours) * np.exp(np.array([-1, 1]) * stats.t.ppf(0.975, 9) * error)
    assert (row["estimate"], row["givers"], row["hours"]) == (2.6, 7, 26)
    assert (row["conf_low"], row["conf_high"]) == pytest.approx((low, high))


def test_a_difference_is_that_of_least_squares_with_hc3(tmp_path):
    chance = np.random.default_rng(4)
    night = np.arange(60) % 2
    rota = np.arange(60) % 3 > 0
    hours = np.round(chance.gamma(2, 2, 60) + 2 * night, 1)
    data = members(
        hours, shift=np.where(night, "night", "day"), rota=np.where(rota, "late", "early")
    )
    text = SHIFT.replace('reference = "day"', 'reference = "day"\nadjust = ["rota"]')
    study = posed(tmp_path, text + category("rota", "early late") + HOURS)
    found = service.findings(data, study)
    row = found[(found["estimand"] == "difference") & (found["term"] == "shift")].iloc[0]
    columns = sm.add_constant(np.column_stack([rota, night]).astype(float))
    fit = sm.OLS(hours, columns).fit(cov_type="HC3")
    assert row["estimate"] == pytest.approx(fit.params[2])
    assert row["method"] == "linear_member"
    width = (row["conf_high"] - row["conf_low"]) / 2
    assert 1.95 < width / fit.bse[2] < 2.1


def test_cells_and_single_members_give_the_same_hours(tmp_path):
    study = posed(tmp_path, SHIFT + HOURS)
    data = members([0, 2, 4, 2, 0, 4, 2, 8, 4, 2] * 6, shift=["day", "night"] * 30)
    keys = [name for name in data if name != "members"]
    counted = data.groupby(keys, as_index=False)["members"].sum()
    assert len(counted) < len(data)
    pd.testing.assert_frame_equal(
        service.findings(data, study), service.findings(counted, study), rtol=1e-12
    )


def test_where_next_to_nobody_gave_hours_nothing_is_compared(tmp_path):
    study = posed(tmp_path, SHIFT + HOURS)
    hours = [3, 2, 4, 1] + [0] * 30 + [1, 2, 3, 4, 5, 6] + [0] * 20
    data = members(hours, shift=["night"] * 34 + ["day"] * 26)
    found = service.findings(data, study).set_index("contrast")
    assert (found.loc["night|day", "verdict"], found.loc["night|day", "note"]) == (
        "refused",
        "few_events",
    )
    assert np.isnan(found.loc["night|day", "estimate"]) and np.isnan(found.loc["night", "conf_low"])
    assert found.loc["", "conf_low"] > 0


def test_whether_any_hours_were_given_is_compared_like_any_outcome(tmp_path):
    study = posed(tmp_path, SHIFT + HOURS)
    data = members([0, 2, 0, 5] * 30, shift=["day", "day", "night", "night"] * 30)
    found = predictors.findings(data, study).query("estimand == 'risk_difference'")
    assert found["p0"].iloc[0] == pytest.approx(0.5, abs=0.01)


def test_hours_given_are_never_a_factor(tmp_path):
    """The codebook says that hours are an outcome: a consequence predicts nothing."""
    with pytest.raises(StudyError) as error:
        posed(tmp_path, number("tenure") + '[factors.hours]\nkind = "number"\n' + HOURS)
    assert [problem.key for problem in error.value.problems] == ["not_a_factor"]


def test_the_smallest_difference_of_hours_is_told_in_hours(tmp_path):
    study = posed(tmp_path, SHIFT + HOURS + "smallest_difference = 2.5\n")
    assert study.primary.smallest_difference == 2.5
    with pytest.raises(StudyError):
        posed(tmp_path, SHIFT + HOURS + "smallest_difference = 0\n")


def test_members_who_all_gave_the_same_leave_chance_unknown(tmp_path):
    study = posed(tmp_path, SHIFT + HOURS)
    data = members([4] * 20 + [2] * 20, shift=["day"] * 20 + ["night"] * 20)
    found = service.findings(data, study).set_index("contrast")
    assert set(found.loc[["day", "night", "night|day"], "note"]) == {"no_variation"}
    assert found.loc[["day", "night", "night|day"], "conf_low"].isna().all()
    assert found.loc["day", "estimate"] == 4
