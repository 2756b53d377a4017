"""The fit is the one that others find, on rows and on counts, and it is always finite."""

import numpy as np
import pytest
from firthmodels import FirthLogisticRegression, detect_separation
from hypothesis import given, settings
from hypothesis import strategies as some
from published import cowles, sex2
from scipy import optimize, special

from engagement.analysis import firth


def cowles_design():
    data = cowles()
    n, e = data["neuroticism"], data["extraversion"]
    design = np.column_stack([np.ones(1421), data["sex"] == "male", n, e, n * e]).astype(float)
    return design, data["attended"].to_numpy(float)


def oracle(design, outcome):
    other = FirthLogisticRegression(
        fit_intercept=False, backend="numpy", gtol=1e-7, xtol=1e-7, max_iter=200
    )
    return other.fit(design, outcome)


def test_the_fit_of_cowles_is_that_of_firthmodels():
    design, outcome = cowles_design()
    other = oracle(design, outcome)
    fit = firth.logistic(design, outcome, np.ones(1421))
    assert np.abs(fit.coefficients - other.coef_).max() < 1e-6
    assert fit.log_likelihood == pytest.approx(other.loglik_, abs=1e-8)


def test_the_profile_limits_and_tests_of_cowles_are_those_of_firthmodels():
    design, outcome = cowles_design()
    other = oracle(design, outcome).lrt()
    limits = other.conf_int(method="pl")
    fit = firth.logistic(design, outcome, np.ones(1421))
    for column in range(5):
        assert firth.profile(fit, column) == pytest.approx(limits[column], abs=2e-5)
        _, p_value = firth.likelihood_ratio(fit, [column])
        assert p_value == pytest.approx(other.lrt_pvalues_[column], rel=1e-4)


def expanded(design, successes, trials):
    rows, outcomes = [], []
    for row, won, tried in zip(design, successes.astype(int), trials.astype(int), strict=True):
        rows += [row] * tried
        outcomes += [1.0] * won + [0.0] * (tried - won)
    return np.array(rows), np.array(outcomes)


def test_counts_and_rows_give_the_same_numbers():
    cells = sex2()
    rows, outcomes = expanded(*cells)
    counted, single = firth.logistic(*cells), firth.logistic(rows, outcomes, np.ones(239))
    assert np.abs(counted.coefficients - single.coefficients).max() < 1e-10
    assert np.abs(counted.covariance - single.covariance).max() < 1e-10
    assert counted.log_likelihood == pytest.approx(single.log_likelihood, abs=1e-10)


def test_the_maximum_is_the_one_a_general_optimiser_finds():
    design, successes, trials = sex2()

    def loss(b):
        eta = design @ b
        weights = trials * special.expit(eta) * special.expit(-eta)
        information = design.T @ (weights[:, None] * design)
        value = successes @ eta - trials @ np.logaddexp(0, eta)
        return -value - np.linalg.slogdet(information)[1] / 2

    found = optimize.minimize(loss, np.zeros(7), method="BFGS", options={"gtol": 1e-9})
    fit = firth.logistic(design, successes, trials)
    assert np.abs(fit.coefficients - found.x).max() < 1e-4
    assert fit.log_likelihood == pytest.approx(-found.fun, abs=1e-8)


def test_a_tested_column_stays_in_the_penalty():
    # Deleting the column is another, wrong test: it gives .199 for `oc` of sex2.
    fit = firth.logistic(*sex2())
    assert firth.likelihood_ratio(fit, [2])[1] == pytest.approx(0.8751911, abs=1e-7)


def test_the_limits_of_a_share_are_where_its_likelihood_has_fallen():
    # One column, no penalty: 3 of 10; the likelihood of 0.3 less 1.92073, found by bisection.
    fit = firth.logistic(np.ones((1, 1)), np.array([3.0]), np.array([10.0]), penalised=False)
    shares = np.linspace(0.001, 0.999, 999_001)
    inside = (
        3 * np.log(shares) + 7 * np.log1p(-shares) > 3 * np.log(0.3) + 7 * np.log(0.7) - 1.920729
    )
    low, high = special.expit(firth.profile(fit, 0))
    assert (low, high) == pytest.approx((shares[inside][0], shares[inside][-1]), abs=2e-6)


def test_separation_is_recognised_in_sex2():
    assert firth.separated(*sex2())


@settings(max_examples=30, deadline=None)
@given(some.integers(0, 2**32 - 1))
def test_separation_is_the_one_that_firthmodels_finds(seed):
    chance = np.random.default_rng(seed)
    count = chance.integers(6, 30)
    design = np.column_stack(
        [np.ones(count), chance.random((count, 2)) < 0.3, chance.normal(size=count)]
    ).astype(float)
    outcome = (chance.random(count) < 0.3).astype(float)
    if np.linalg.matrix_rank(design) < 4 or len(set(outcome)) < 2:
        return
    other = detect_separation(design[:, 1:], outcome)
    assert firth.separated(design, outcome, np.ones(count)) == other.separation


@settings(max_examples=15, deadline=None)
@given(some.integers(0, 2**32 - 1))
def test_no_penalised_number_is_ever_infinite(seed):
    chance = np.random.default_rng(seed)
    count = chance.integers(8, 60)
    levels = chance.random((count, 3)) < chance.uniform(0.05, 0.5, 3)
    design = np.column_stack([np.ones(count), levels, 3 * chance.normal(size=count)]).astype(float)
    if np.linalg.matrix_rank(design) < 5:
        return
    outcome = (chance.random(count) < chance.uniform(0, 0.5)).astype(float)
    fit = firth.logistic(design, outcome, np.ones(count))
    assert fit.converged
    for column in range(5):
        low, high = firth.profile(fit, column)
        assert np.isfinite([low, high, *firth.likelihood_ratio(fit, [column])]).all()
        assert low < fit.coefficients[column] < high


def test_dependent_columns_are_refused():
    design = np.column_stack([np.ones(4), [0, 0, 1, 1], [1, 1, 0, 0]]).astype(float)
    with pytest.raises(np.linalg.LinAlgError):
        firth.logistic(design, np.array([0, 1.0, 0, 1]), np.ones(4))
