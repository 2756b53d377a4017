"""The simulation computes what the package computes, goes on where it stopped, and tells all."""

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special

from validity import (
    batch,
    changes,
    hostile,
    missing,
    prevalence,
    report,
    reports,
    results,
    summary,
    threshold,
    trials,
)
from validity.scenarios import design, groups_of, outcomes, scenarios, shares, sizes, within

KNOWN = scenarios()
EVERY_KIND = [
    *["A", "C", "K5i", "L1", "L2", "O2", "X1", "X2", "Y2", "J1"],
    *["P1", "P3", "P6", "PL", "PO", "PX", "PY", "PJ"],
]


@pytest.mark.parametrize("name", EVERY_KIND)
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
    mean = shares(drawn, drawn.asked.added).mean()
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
    assert drawn.apart == pytest.approx(-0.10, abs=1e-9)


@pytest.mark.parametrize("name", ["A", "L1", "O2", "X1", "Y1", "J1"])
def test_nothing_is_apart_where_the_factor_has_no_effect(name):
    # A curve may bend between its two points; at the points themselves the shares are the same.
    assert design(KNOWN[name], np.random.default_rng(2), alternative=False).apart == 0


def test_two_settings_differ_in_the_columns_of_the_factor_alone():
    drawn = design(KNOWN["L1"], np.random.default_rng(2), alternative=True)
    high, low = drawn.ends
    assert (high[:, 5:] == drawn.columns[:, 5:]).all() and (low[:, 5:] == high[:, 5:]).all()
    assert high[0, 1:5].tolist() == [1, 0, 0, 0] and not low[:, 1:5].any()


def test_the_share_of_these_groups_is_on_average_that_of_all_groups():
    chance = np.random.default_rng(4)
    drawn = design(KNOWN["K3i"], chance, alternative=False)
    found = within(drawn, groups_of(drawn, chance, 20_000))
    assert found.mean() == pytest.approx(shares(drawn, drawn.asked.added).mean(), abs=0.002)
    assert found.std() > 0.01


def test_a_held_coefficient_stays_where_it_is_held():
    drawn = design(KNOWN["A"], np.random.default_rng(2), alternative=False)
    data = batch.Data(drawn.columns, outcomes(drawn, np.random.default_rng(3), 20), drawn.due)
    fits = batch.firth(data)
    held = batch.held(data, fits, 1, 0.7)
    assert (held.coefficients[:, 1] == 0.7).all()
    assert (held.log_likelihood <= fits.log_likelihood + 1e-9).all()


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


def both(eta2, alternative, within, group):
    """A design of 100 sets: false differences by either variance, coverage the rest of them."""
    row = {"alternative": alternative, "sets": 100, "refused": 0, "not_finite": 0, "methods": ""}
    row |= {"truth": 0.0, "error": 0.0, "width": 0.0, "gap": 0.0, "eta2": eta2}
    for name, hits in (("within", within), ("group", group)):
        kinds = {"odds_rejected": hits, "odds_covered": 95, "rejected": hits, "covered": 95}
        row |= {f"{name}_{kind}": value for kind, value in kinds.items()}
    return row


def test_every_threshold_is_judged_on_the_same_sets():
    # Half of the designs lie at .1, where both variances hold; half at .5, where the one within
    # finds 25 of 100 where there is nothing.
    rows = [both(eta2, alternative, hits, 5) for eta2, hits in ((0.1, 5), (0.5, 25))
            for alternative in (0, 1) for _ in range(4)]  # fmt: skip
    found = {line["threshold"]: line for line in threshold.lines({"F": pd.DataFrame(rows)})}
    assert (found[0.2]["level"], found[0.2]["outside"]) == (5.0, [])
    assert (found[0.5]["level"], found[0.5]["outside"]) == (15.0, ["F"])
    assert (found[0.0]["power"], found[1.0]["power"]) == (5.0, 15.0)


def test_the_threshold_is_judged_where_it_decides():
    names = ["A", "K5i", "N500i", "Q500i", "N2000i", "PN60"]
    assert list(threshold.decided(dict.fromkeys(names))) == ["A", "Q500i", "PN60"]


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
    counted = {"alternative": 0, "design": 0, "reports": 50}
    told = {"scenario": "permuted", "clear": 1, "claims": 2, "any": 2, "possible": 10}
    results.add("reports", {**counted, **told}, tmp_path)
    text = report.write(tmp_path, tmp_path / "validity.md").read_text(encoding="utf-8")
    assert "| A | n 173" in text and "| B |" not in text
    assert "| permuted | 1 | 50 | 4.0 ± 2.8 | 2.0 ± 2.0 | 4.0 ± 2.8 | 20.0 ± 5.7 |" in text
    assert "nan" not in text


def members(cells, names):
    return cells.loc[cells.index.repeat(cells["members"]), names].sort_values(names).to_numpy()


def test_reports_without_a_difference_are_about_the_same_members_and_their_sessions():
    _, cells = reports.community(11)
    chance = np.random.default_rng(1)
    dealt, drawn = reports.permuted(cells, chance), reports.alike(cells, chance)
    assert (members(dealt, reports.SLOTS) == members(cells, reports.SLOTS)).all()
    who = ["branch", "group", "age_band", "sex"]
    for other in (dealt, drawn):
        assert (members(other, who) == members(cells, who)).all()
    assert (members(drawn, [*who, "due"]) == members(cells, [*who, "due"])).all()
    assert (drawn["attended"] <= drawn["due"]).all()


def test_a_report_on_a_large_true_difference_is_counted_as_a_claim():
    asked, cells = reports.community(11)

    def apart(cells, chance):
        old = cells["age_band"] == "75+"
        return cells.assign(attended=np.where(old, 0, cells["due"] - chance.integers(0, 2)))

    counted = reports._counted(asked, cells, apart, np.random.default_rng(1), 1)
    assert counted["any"] == 1


def test_missing_values_are_one_in_five():
    chance = np.random.default_rng(3)
    drawn = design(KNOWN["H"], chance, alternative=False)
    lost = [missing._lost(drawn, row, chance).mean() for row in outcomes(drawn, chance, 200)]
    assert np.mean(lost) == pytest.approx(0.2, abs=0.01)


def test_what_depends_on_sex_is_nothing_on_a_flat_scale_and_more_with_a_product():
    level, product = (
        design(KNOWN[name], np.random.default_rng(2), alternative=True) for name in ("H", "J1")
    )
    # log odds 3 times as high, the same in women: the shares differ by less than a point
    assert abs(changes.depends(level)) < 0.02
    assert changes.depends(product) > 0.05
    nothing = design(KNOWN["H"], np.random.default_rng(2), alternative=False)
    assert changes.depends(nothing) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("name", ["no product", "groups change"])
def test_interactions_and_seasons_cover_and_find_nothing_where_nothing_is(name):
    counted = [changes.block(name, place, 20, 5) for place in range(3)]
    assert sum(one["sets"] for one in counted) == 60
    assert sum(one["covered"] for one in counted) >= 51
    assert sum(one["found"] for one in counted) <= 9
    assert changes.null(name) and not changes.null("season up")
