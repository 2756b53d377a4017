"""Differences, their limits, and variances that let members of a group be alike."""

import numpy as np
import pytest
import statsmodels.api as sm
from published import sex2, voteincome

from engagement.analysis import contrasts, firth
from engagement.analysis.contrasts import Reference


def drawn(seed=3, count=400, groups=17):
    chance = np.random.default_rng(seed)
    group = chance.integers(0, groups, count)
    design = np.column_stack([np.ones(count), group % 3 == 0, chance.normal(size=count)]).astype(
        float
    )
    odds = 0.5 * design[:, 1] - 0.4 * design[:, 2] + chance.normal(size=groups)[group]
    outcome = (chance.random(count) < 1 / (1 + np.exp(-odds))).astype(float)
    return design, outcome, group


def gee(design, outcome, group):
    """Generalised estimating equations of statsmodels with the bias-reduced covariance."""
    model = sm.GEE(
        outcome,
        design,
        groups=group,
        family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Independence(),
    )
    return model.fit(cov_type="bias_reduced", maxiter=200, ctol=1e-10).cov_params()


def test_the_covariance_of_groups_is_the_bias_reduced_one_of_statsmodels():
    design, outcome, group = drawn()
    fit = firth.logistic(design, outcome, np.ones(len(outcome)), penalised=False)
    found = contrasts.clustered_on_groups(fit, group)
    assert np.abs(found / gee(design, outcome, group) - 1).max() < 1e-6


def test_the_covariance_of_members_is_that_of_rows_grouped_by_member():
    chance = np.random.default_rng(5)
    members = 60
    design = np.column_stack([np.ones(members), chance.integers(0, 2, members)]).astype(float)
    due = chance.integers(2, 9, members)
    attended = chance.binomial(due, chance.beta(2, 2, members))
    fit = firth.logistic(design, attended, due, penalised=False)
    found = contrasts.clustered_on_members(fit, np.ones(members))
    rows = np.repeat(np.arange(members), due)
    outcome = np.concatenate([np.arange(d) < a for d, a in zip(due, attended, strict=True)]).astype(
        float
    )
    assert np.abs(found / gee(design[rows], outcome, rows) - 1).max() < 1e-6


def test_members_with_one_pattern_may_stand_in_one_cell():
    design = np.array([[1, 0], [1, 0], [1, 0], [1, 1], [1, 1]], float)
    due, attended = np.array([4, 4, 4, 4, 4.0]), np.array([3, 3, 1, 2, 0.0])
    apart = contrasts.clustered_on_members(firth.logistic(design, attended, due), np.ones(5))
    members = np.array([2, 1, 1, 1.0])
    kept = [0, 2, 3, 4]
    fit = firth.logistic(design[kept], members * attended[kept], members * due[kept])
    assert np.abs(contrasts.clustered_on_members(fit, members) - apart).max() < 1e-12


def test_a_coefficient_that_rests_on_one_group_is_refused():
    design = np.column_stack([np.ones(12), np.arange(12) < 3]).astype(float)
    fit = firth.logistic(design, np.arange(12) % 2.0, np.ones(12))
    with pytest.raises(np.linalg.LinAlgError, match="one group"):
        contrasts.clustered_on_groups(fit, np.arange(12) // 3)


def test_the_corrected_intercept_meets_the_observed_share():
    fit = firth.logistic(*sex2())
    design, successes, trials = sex2()
    share = 1 / (1 + np.exp(-design @ contrasts.flic(fit)))
    assert trials @ share == pytest.approx(successes.sum(), abs=1e-9)


def test_the_standard_error_of_a_difference_is_that_of_statsmodels_margins():
    # voteincome, female: average marginal effect .0369 is a derivative; here the discrete change.
    data = voteincome()
    design = np.column_stack([np.ones(1500), data[["income_group", "education", "age", "female"]]])
    outcome = data["attended"].to_numpy(float)
    margins = sm.Logit(outcome, design).fit(disp=0).get_margeff(dummy=True)
    fit = firth.logistic(design, outcome, np.ones(1500), penalised=False)
    settings = [design.copy(), design.copy()]
    settings[0][:, 4], settings[1][:, 4] = 1, 0
    shares = contrasts.standardised(fit.coefficients, *settings, np.ones(1500))
    assert shares.difference == pytest.approx(margins.margeff[-1], abs=1e-9)
    assert contrasts.std_error(shares, fit.covariance) == pytest.approx(
        margins.margeff_se[-1], abs=1e-6
    )


def test_limits_of_two_independent_shares_are_those_worked_out_by_hand():
    # 7 of 10 against 3 of 10, no penalty: logit limits of each, r = 0, combined as in Zou & Donner.
    design = np.array([[1, 1], [1, 0]], float)
    fit = firth.logistic(design, np.array([7.0, 3.0]), np.array([10.0, 10.0]), penalised=False)
    shares = contrasts.standardised(
        fit.coefficients, design[[0, 0]], design[[1, 1]], np.array([10.0, 10.0])
    )
    reach = 1.959963984540054 * np.sqrt(1 / 7 + 1 / 3)
    low1, high1 = (1 / (1 + np.exp(-np.log(7 / 3) + sign * reach)) for sign in (1, -1))
    low0, high0 = 1 - high1, 1 - low1
    below = 0.4 - np.sqrt((0.7 - low1) ** 2 + (high0 - 0.3) ** 2)
    above = 0.4 + np.sqrt((high1 - 0.7) ** 2 + (0.3 - low0) ** 2)
    assert contrasts.mover(shares, Reference(fit.covariance, np.inf)) == pytest.approx(
        (below, above), abs=1e-9
    )


def test_a_step_from_a_known_share_has_the_limits_of_its_odds_ratio():
    # The share as it is stands at one half without error: only the change in log odds is unsure.
    covariance = np.array([[0.09, 0.0], [0.0, 0.0]])
    found = contrasts.limits(np.array([np.log(3), 0.0]), covariance, 2.0, stepped=True)
    ends = [1 / (1 + np.exp(-(np.log(3) + reach))) - 0.5 for reach in (-0.6, 0.6)]
    assert found == pytest.approx(ends, abs=1e-12)


def test_a_step_that_changes_nothing_is_as_sure_as_its_change():
    # Both shares rest on the one that is: however unsure that is, it cannot make a difference.
    covariance = np.array([[1.09, 1.0], [1.0, 1.0]])
    low, high = contrasts.limits(np.zeros(2), covariance, 2.0, stepped=True)
    reach = 1 / (1 + np.exp(-0.6)) - 0.5
    assert (low, high) == pytest.approx((-reach, reach), abs=1e-12)


def test_an_unsure_share_widens_a_step_by_what_it_moves_the_difference():
    # From .2 to .5 with independent errors: change ± .6, share as it is ± .4 in log odds.
    base, change = np.log(0.25), np.log(4)
    covariance = np.array([[0.13, 0.04], [0.04, 0.04]])
    low, high = contrasts.limits(np.array([0.0, base]), covariance, 2.0, stepped=True)

    def gap(a, b):
        return 1 / (1 + np.exp(-a - b)) - 1 / (1 + np.exp(-a))

    for end, side in ((low, -1), (high, 1)):
        arms = gap(base, change + side * 0.6) - 0.3, gap(base + side * 0.4, change) - 0.3
        assert end == pytest.approx(0.3 + side * np.hypot(*arms), abs=1e-12)


def test_between_group_variance_is_all_or_what_chance_leaves():
    groups, members = np.array([0, 0, 1, 1]), np.ones(4)
    assert contrasts.between_groups(np.array([0, 0, 1, 1.0]), groups, members) == 1
    assert contrasts.between_groups(np.array([0, 1, 0, 1.0]), groups, members) == 0
    # Means 1/4 and 3/4 around 1/2 with 4 members each: 8 × 1/16 over 8 × 1/4.
    grouped = np.repeat([0, 1], 4)
    column = np.array([1, 0, 0, 0, 1, 1, 1, 0.0])
    assert contrasts.between_groups(column, grouped, np.ones(8)) == pytest.approx(0.25)


def test_the_degrees_of_two_groups_of_members_are_those_of_welch():
    # Rates of 5 and 20 members with equal shares: (1/5 + 1/20)² / (1/5³ + 1/20³).
    design = np.column_stack([np.ones(25), np.arange(25) < 5]).astype(float)
    fit = firth.logistic(design, np.full(25, 5.0), np.full(25, 10.0), penalised=False)
    found = contrasts.effective_degrees(fit, [1], np.ones(25))
    assert found == pytest.approx((1 / 5 + 1 / 20) ** 2 / (1 / 5**3 + 1 / 20**3))
    together = firth.logistic(
        np.array([[1, 1], [1, 0.0]]), np.array([25.0, 100.0]), np.array([50.0, 200.0])
    )
    assert contrasts.effective_degrees(together, [1], np.array([5.0, 20.0])) == pytest.approx(found)
