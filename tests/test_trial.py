"""A pilot is judged as statistics says, from arrays alone, and claims no more than it may."""

import itertools

import numpy as np
import pytest
from scipy import stats

from engagement.analysis import trial


def drawn(seed=3, groups=6, size=8):
    chance = np.random.default_rng(seed)
    group = np.repeat(np.arange(groups), size)
    offered = trial.allotted(group, chance)
    last = chance.random(len(group))
    rate = np.clip(0.2 + 0.5 * last + 0.15 * offered + chance.normal(0, 0.1, len(group)), 0, 1)
    return rate, last, offered, group


def test_the_difference_is_that_of_least_squares_with_groups_and_last_year():
    rate, last, offered, group = drawn()
    columns = np.column_stack([offered, last, np.eye(6)[group]])
    wanted = np.linalg.lstsq(columns, rate, rcond=None)[0][0]
    assert trial.individuals(rate, last, offered, group).estimate[0] == pytest.approx(wanted)


def test_its_error_is_hc2_as_another_program_computes_it():
    sm = pytest.importorskip("statsmodels.api")
    rate, last, offered, group = drawn()
    columns = np.column_stack([offered, last, np.eye(6)[group]])
    theirs = sm.OLS(rate, columns).fit(cov_type="HC2")
    found = trial.individuals(rate, last, offered, group)
    half = (found.conf_high - found.conf_low)[0] / 2
    # The reach is t with fewer degrees of freedom than the residuals have, times their error.
    degrees = [d for d in np.arange(5, 48, 0.01) if stats.t.ppf(0.975, d) * theirs.bse[0] <= half]
    assert theirs.bse[0] * stats.t.ppf(0.975, 48) <= half <= theirs.bse[0] * stats.t.ppf(0.975, 30)
    assert degrees


def test_without_variation_last_year_and_with_one_group_it_is_welch_s_comparison():
    chance = np.random.default_rng(8)
    offered = np.repeat([1, 0], [12, 20])
    rate = np.where(offered == 1, chance.normal(0.6, 0.3, 32), chance.normal(0.5, 0.1, 32))
    found = trial.individuals(rate, np.zeros(32), offered, np.zeros(32, int))
    welch = stats.ttest_ind(rate[offered == 1], rate[offered == 0], equal_var=False)
    interval = welch.confidence_interval()
    assert found.p_value[0] == pytest.approx(welch.pvalue, abs=1e-9)
    assert (found.conf_low[0], found.conf_high[0]) == pytest.approx((interval.low, interval.high))


def test_many_data_sets_are_judged_as_each_of_them_alone():
    rate, last, offered, group = drawn()
    both = trial.individuals(np.array([rate, rate[::-1]]), np.array([last, last]), offered, group)
    alone = trial.individuals(rate[::-1], last, offered, group)
    assert [one[1] for one in both] == pytest.approx([one[0] for one in alone])


def test_one_arm_only_leaves_no_comparison():
    found = trial.individuals(np.ones(4), np.zeros(4), np.ones(4, int), np.zeros(4, int))
    assert np.isnan(found.estimate[0])
    assert trial.verdict(found.conf_low[0], found.conf_high[0], 0.1) == "cannot_be_told"


def wedge_rates(effect=0.0, seed=1, groups=8, waves=4):
    chance = np.random.default_rng(seed)
    start = trial.waves(groups, waves, chance)
    known = np.ones((groups, waves + 1), bool)
    rate = chance.normal(0.5, 0.1, (groups, 1)) + chance.normal(0, 0.05, (1, waves + 1))
    rate = rate + effect * (np.arange(waves + 1)[None, :] >= start[:, None])
    return start, known, rate + chance.normal(0, 0.02, rate.shape)


def test_a_stepped_wedge_holds_groups_and_periods_level():
    start, known, rate = wedge_rates(0.12, seed=4)
    design = trial.wedge(start, 5, known, seed=5)
    dummies = np.hstack([np.eye(8)[np.repeat(range(8), 5)], np.eye(5)[np.tile(range(5), 8)]])
    wanted = np.linalg.lstsq(np.column_stack([design.exposed, dummies]), rate.ravel(), rcond=None)[
        0
    ][0]
    found = trial.stepped(rate[known], design)
    assert found.estimate[0] == pytest.approx(wanted)
    assert found.conf_low[0] <= 0.12 <= found.conf_high[0]
    assert found.p_value[0] < 0.05


def test_the_permutation_p_value_is_that_of_all_orders():
    """Four groups, four waves: 24 orders, counted one by one."""
    start, known, rate = wedge_rates(0.05, seed=6, groups=4, waves=4)
    dummies = np.hstack([np.eye(4)[np.repeat(range(4), 5)], np.eye(5)[np.tile(range(5), 4)]])

    def estimate(order):
        exposed = (np.arange(5)[None, :] >= np.array(order)[:, None]).ravel().astype(float)
        return np.linalg.lstsq(np.column_stack([exposed, dummies]), rate.ravel(), rcond=None)[0][0]

    observed = abs(estimate(start))
    every = [abs(estimate(order)) for order in itertools.permutations(start)]
    exact = np.mean([one >= observed - 1e-12 for one in every])
    design = trial.wedge(start, 5, known, seed=2, permutations=4999)
    assert trial.stepped(rate[known], design).p_value[0] == pytest.approx(exact, abs=0.03)


def test_the_interval_holds_what_the_test_does_not_reject():
    start, known, rate = wedge_rates(0.1, seed=4)
    design = trial.wedge(start, 5, known, seed=5)
    found = trial.stepped(rate[known], design)
    exposed = design.exposed
    for effect in (found.conf_low[0] + 0.01, found.conf_high[0] - 0.01):
        assert trial.stepped(rate[known] - effect * exposed, design).p_value[0] > 0.05
    for effect in (found.conf_low[0] - 0.01, found.conf_high[0] + 0.01):
        assert trial.stepped(rate[known] - effect * exposed, design).p_value[0] <= 0.05


def test_a_month_without_sessions_in_one_group_is_left_out():
    start, known, rate = wedge_rates(0.1, seed=4)
    known[2, 3] = False
    design = trial.wedge(start, 5, known, seed=5)
    found = trial.stepped(rate[known], design)
    assert len(design.exposed) == 39
    assert found.conf_low[0] <= 0.1 <= found.conf_high[0]


def test_half_of_every_group_is_offered_it_and_the_odd_one_by_lot():
    group = np.repeat([0, 1, 2], [4, 5, 1])
    takes = [
        np.bincount(group, trial.allotted(group, np.random.default_rng(seed))).tolist()
        for seed in range(60)
    ]
    assert {take[0] for take in takes} == {2}
    assert {take[1] for take in takes} == {2, 3} and {take[2] for take in takes} == {0, 1}


def test_a_lot_is_the_same_for_the_same_seed():
    group = np.repeat(np.arange(14), 12)
    first, again, other = (trial.allotted(group, np.random.default_rng(s)) for s in (1, 1, 2))
    assert (first == again).all() and (first != other).any()


def test_waves_differ_by_one_group_at_most():
    counted = np.bincount(trial.waves(14, 5, np.random.default_rng(3)))[1:]
    assert sorted(counted.tolist()) == [2, 3, 3, 3, 3]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.2, "helped"), (-0.05, 0.09, "did_not_help"), (-0.2, -0.1, "did_not_help"),
        (-0.01, 0.11, "cannot_be_told"), (0.0, 0.2, "cannot_be_told"), (np.nan, np.nan, "cannot_be_told"),
    ],
)  # fmt: skip
def test_the_verdict_follows_from_the_interval(low, high, verdict):
    assert trial.verdict(low, high, 0.10) == verdict
