"""The simulation computes what the package computes, goes on where it stopped, and tells all."""

import numpy as np
import pytest
from scipy import optimize, special

from validity import batch, hostile, prevalence, report, results, summary, trials
from validity.scenarios import design, outcomes, scenarios, shares, sizes

KNOWN = scenarios()


@pytest.mark.parametrize("name", ["A", "C", "K5i", "P1", "P3", "P6"])
def test_one_set_of_every_block_is_computed_by_the_package_too(name):
    for alternative in (False, True):
        row = trials.block(KNOWN[name], 0, 10, 3, alternative=alternative)
        assert row["gap"] < 1e-7
        assert row["not_finite"] == 0


def test_every_kind_of_group_has_the_members_it_should():
    assert sizes(KNOWN["A"]).sum() == sizes(KNOWN["K5i"]).sum() == 173
    assert sizes(KNOWN["U1"]).sum() == sizes(KNOWN["K2i"]).sum() == 173
    assert (sizes(KNOWN["N500i"]).sum(), sizes(KNOWN["Q500i"]).sum()) == (500, 500)
    assert len(sizes(KNOWN["Q500i"])) == 60


@pytest.mark.parametrize("name", ["B", "V2", "P2", "PR3", "PI"])
def test_the_share_is_the_declared_one_and_outcomes_are_drawn_from_it(name):
    chance = np.random.default_rng(1)
    drawn = design(KNOWN[name], chance, alternative=False)
    mean = shares(drawn, drawn.exposed).mean()
    assert mean == pytest.approx(KNOWN[name].rate, abs=1e-9)
    slots = outcomes(drawn, chance, 3000)
    found = (slots / drawn.due).mean()
    assert found == pytest.approx(mean, abs=0.02)


def test_the_panel_has_the_correlation_that_was_asked_for():
    chance = np.random.default_rng(5)
    drawn = design(KNOWN["PR3"], chance, alternative=False)
    own = drawn.member * chance.normal(size=200_000)
    odds = optimize.brentq(lambda a: special.expit(a + own).mean() - 0.6, -5, 5)
    rates = special.expit(odds + own)  # members who differ by chance alone, six in ten coming
    assert rates.var() / (0.6 * 0.4) == pytest.approx(0.3, abs=0.005)


def test_a_true_difference_of_ten_points_is_ten_points():
    drawn = design(KNOWN["P1"], np.random.default_rng(2), alternative=True)
    ones = np.ones(len(drawn.group))
    gap = (shares(drawn, ones) - shares(drawn, 0 * ones)).mean()
    assert gap == pytest.approx(-0.10, abs=1e-9)


def test_a_held_coefficient_stays_where_it_is_held():
    drawn = design(KNOWN["A"], np.random.default_rng(2), alternative=False)
    data = batch.Data(drawn.columns, outcomes(drawn, np.random.default_rng(3), 20), drawn.due)
    held = batch.firth(data, 1, 0.7)
    assert (held.coefficients[:, 1] == 0.7).all()
    assert (held.log_likelihood <= batch.firth(data).log_likelihood + 1e-9).all()


def test_a_run_goes_on_where_it_stopped_and_half_a_line_does_not_count(tmp_path):
    row = {"scenario": "A", "alternative": 0, "design": 0, "sets": 5}
    results.add("A", row, tmp_path)
    results.add("A", row | {"design": 1}, tmp_path)
    path = tmp_path / "A.csv"
    path.write_text(path.read_text() + "A,0,2", encoding="utf-8")
    assert results.done("A", tmp_path) == {(0, 0), (0, 1)}


def test_the_error_of_a_share_is_the_one_between_designs_when_that_is_larger():
    # Two designs with 0 and 10 of 10: half of all, and 5 of 10 away from it on both sides.
    share, error = summary.share(np.array([0.0, 10.0]), np.array([10.0, 10.0]))
    assert (share, error) == (50.0, pytest.approx(100 * np.sqrt(2 * (25 + 25)) / 20))
    assert summary.share(np.array([5.0, 5.0]), np.array([10.0, 10.0]))[1] == pytest.approx(
        100 * np.sqrt(0.25 / 20)
    )


def test_what_leaves_its_bounds_is_named():
    fine = {"odds_level": 5.0, "level": 5.0, "odds_coverage": 95.0, "coverage": 95.0}
    fine |= {f"{name}_error": 0.2 for name in list(fine)}
    assert summary.faults(fine, fine, 14) == []
    assert summary.faults(fine | {"level": 6.0}, fine, 14) == ["level"]
    assert summary.faults(fine, fine | {"coverage": 92.5}, 14) == ["coverage low"]
    assert summary.faults(fine, fine | {"coverage": 98.5}, 14) == ["coverage high"]
    assert summary.faults(fine, fine | {"coverage": 98.5}, 5) == []


def test_hostile_data_give_finite_numbers_or_a_refusal():
    counted = hostile.block(0, 40, 9)
    assert counted["not_finite"] == 0
    assert counted["separated"] > 0


def test_the_exact_coverage_of_a_share_never_falls_far():
    assert all(row["lowest"] > 92.5 for row in prevalence.binary() if row["members"] < 100)


def test_the_report_is_written_from_the_results_alone(tmp_path):
    for alternative in (False, True):
        results.add("A", trials.block(KNOWN["A"], 0, 10, 3, alternative=alternative), tmp_path)
    text = report.write(tmp_path, tmp_path / "validity.md").read_text(encoding="utf-8")
    assert "| A | n 173" in text and "| B |" not in text
    assert "nan" not in text
