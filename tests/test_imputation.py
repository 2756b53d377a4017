"""Missing values are drawn from what goes with them, and pooled as Rubin said."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from posed import category, cells, number, outcome, posed
from statsmodels.imputation.mice import MICE

from engagement.analysis import comparison, imputation, specifications
from engagement.analysis.cells import UNKNOWN

SHIFT = category("shift", "day night", 'role = "primary"')
GRADE = category("grade", "low mid high", 'kind = "ordered"')
PANEL = outcome("took_part", "panel")


def members(count=240, seed=2, missing=0.2):
    """Night workers come less and are of a lower grade; some shifts are not recorded."""
    chance = np.random.default_rng(seed)
    night = chance.random(count) < 0.4
    grade = np.where(chance.random(count) < 0.8, np.where(night, "low", "high"), "mid")
    attended = chance.binomial(10, np.where(night, 0.4, 0.7))
    shift = np.where(night, "night", "day")
    shift = np.where(chance.random(count) < missing, UNKNOWN, shift)
    groups = [f"g{place % 12}" for place in range(count)]
    rows = {"shift": shift, "grade": grade, "due": 10, "attended": attended, "group": groups}
    return cells(pd.DataFrame(rows)), night


def test_rubins_rules_give_the_numbers_worked_out_by_hand():
    # Estimates 1, 2, 3 with variances 1, 1, 4: W = 2, B = 1, T = 2 + 4/3; lambda = (4/3)/(10/3).
    joined = imputation.pooled([[1.0], [2.0], [3.0]], [[[1.0]], [[1.0]], [[4.0]]])
    assert joined.estimate == pytest.approx([2.0])
    assert joined.covariance == pytest.approx(np.array([[10 / 3]]))
    # Barnard & Rubin: old = 2/.16, observed = 31/33 × 30 × .6; 1/(1/old + 1/observed).
    expected = 1 / (0.16 / 2 + 1 / (31 / 33 * 30 * 0.6))
    assert joined.degrees(np.array([1.0]), 30) == pytest.approx(expected)
    assert joined.degrees(np.array([1.0]), np.inf) == pytest.approx(2 / 0.16)


def test_rubins_rules_are_those_of_statsmodels():
    chance = np.random.default_rng(0)
    estimates = chance.normal(size=(20, 2))
    each = [np.diag(chance.uniform(0.5, 1, 2)) for _ in range(20)]
    joined = imputation.pooled(estimates, each)

    class Fit:
        def __init__(self, params, covariance):
            self._results, self.params = self, params
            self._covariance, self.scale = covariance, 1.0
            self.model = type("Model", (), {"exog_names": ["a", "b"]})()

        def cov_params(self):
            return self._covariance

    mice = MICE.__new__(MICE)
    mice.results_list = [Fit(*pair) for pair in zip(estimates, each, strict=True)]
    mice.exog_names, mice.endog_names, mice.model_class = ["a", "b"], "y", None
    found = mice.combine()
    assert joined.estimate == pytest.approx(found.params)
    assert joined.covariance == pytest.approx(found.cov_params())


def test_nothing_between_imputations_leaves_the_complete_degrees():
    joined = imputation.pooled([[1.0], [1.0]], [[[2.0]], [[2.0]]])
    assert joined.degrees(np.array([1.0]), 17) == 17


def test_every_hole_is_filled_and_nobody_else_is_changed(tmp_path):
    data, _ = members()
    study = posed(tmp_path, SHIFT + GRADE + PANEL)
    for table in imputation.completed(data, study.factors, count=3):
        assert table["members"].sum() == 240
        assert set(table["shift"]) == {"day", "night"}
        known = data[data["shift"] != UNKNOWN]
        for name in ("shift", "grade", "attended"):
            before = known.groupby(["group", name]).size()
            after = table.groupby(["group", name])["members"].sum()
            assert (after.reindex(before.index, fill_value=0) >= before).all()


def test_the_same_cells_are_always_filled_alike(tmp_path):
    data, _ = members()
    study = posed(tmp_path, SHIFT + GRADE + PANEL)
    first, second = (imputation.completed(data, study.factors, count=2) for _ in range(2))
    for one, other in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, other)


def test_what_goes_with_a_value_is_used_to_draw_it(tmp_path):
    data, night = members(2000, missing=0.3)
    study = posed(tmp_path, SHIFT + GRADE + PANEL)
    hole = (data["shift"] == UNKNOWN).to_numpy()
    tables = imputation.completed(data, study.factors, count=5)
    # Completed tables hold the recorded members first, the others after them in their order.
    drawn = np.mean([table["shift"].to_numpy()[~hole.sum() :] == "night" for table in tables])
    assert drawn == pytest.approx(night[hole].mean(), abs=0.06)
    low = [table.loc[table["grade"] == "low", "shift"].eq("night").mean() for table in tables]
    assert np.mean(low) == pytest.approx(night[data["grade"] == "low"].mean(), abs=0.05)


def test_a_missing_number_is_one_that_somebody_has(tmp_path):
    data, _ = members()
    data["tenure"] = np.where(np.arange(240) % 6 == 0, np.nan, np.arange(240) % 31)
    study = posed(tmp_path, SHIFT + number("tenure") + PANEL)
    for table in imputation.completed(data, study.factors, count=2):
        assert set(table["tenure"]) <= set(range(31))


def test_complete_and_imputed_answers_are_near_where_little_is_missing(tmp_path):
    data, _ = members(missing=0.05)
    found = specifications.table(data, posed(tmp_path, SHIFT + PANEL))
    rows = found.set_index("missing")
    assert list(rows.index) == ["complete", "imputed"]
    assert rows.loc["imputed", "estimate"] == pytest.approx(
        rows.loc["complete", "estimate"], abs=0.03
    )
    assert list(rows["declared"]) == [True, False]


def test_each_adjustment_is_left_out_and_none_is_added(tmp_path):
    text = category("rota", "early late", 'role = "primary"\nadjust = ["grade", "shift"]')
    study = posed(tmp_path, SHIFT + GRADE + text + number("tenure") + PANEL)
    assert specifications.adjustments(study.factors["rota"]) == [
        ("grade", "shift"),
        ("shift",),
        ("grade",),
        (),
    ]


def test_the_declared_specification_is_the_finding(tmp_path):
    from engagement.analysis import predictors

    data, _ = members(missing=0)
    study = posed(tmp_path, SHIFT.replace("role", 'adjust = ["grade"]\nrole') + GRADE + PANEL)
    found = predictors.findings(data, study).query("term == 'shift'").iloc[0]
    row = specifications.table(data, study).query("declared").iloc[0]
    for name in ("estimate", "conf_low", "conf_high", "members"):
        assert row[name] == pytest.approx(found[name], abs=1e-12)


def test_matches_under_review_are_a_definition_of_their_own(tmp_path):
    data, _ = members(missing=0)
    listed = data.assign(due=1, attended=(data["attended"] > 6).astype(int))
    listed["attended_with_review"] = listed["attended"].where(data.index % 9 > 0, 1)
    study = posed(tmp_path, SHIFT + outcome("took_part", "list"))
    found = specifications.table(listed, study)
    assert list(found["counted_as"]) == ["recorded", "with_review"]
    assert not found["estimate"].duplicated().any()


def test_a_specification_that_cannot_be_carried_says_why(tmp_path):
    data, _ = members(missing=0)
    same = data.assign(rota=data["shift"].map({"day": "early", "night": "late"}))
    text = SHIFT.replace("role", 'adjust = ["rota"]\nrole') + category("rota", "early late") + PANEL
    found = specifications.table(same, posed(tmp_path, text)).set_index("adjusted")
    assert found.loc["rota", "note"] == "collinear"
    assert found.loc["", "note"] == ""


def test_too_many_to_draw_one_by_one_are_not_drawn(tmp_path):
    data, _ = members()
    study = posed(tmp_path, SHIFT + PANEL)
    many = data.assign(members=10_000)
    assert imputation.completed(many, study.factors) is None


TWO = 'role = "primary"'
BOTH = category("shift", "day night", TWO) + category("rota", "early late", TWO) + PANEL


def two_primaries(gap):
    """240 members; whoever works nights attends `gap` slots of ten fewer."""
    chance = np.random.default_rng(8)
    night = np.arange(240) % 2 == 0
    rows = {
        "shift": np.where(night, "night", "day"),
        "rota": np.where(np.arange(240) % 5 < 2, "late", "early"),
        "due": 10,
        "attended": np.clip(chance.binomial(10, 0.6, 240) - gap * night, 0, 10),
        "group": [f"g{no % 14}" for no in range(240)],
    }
    return cells(pd.DataFrame(rows))


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_a_finding_and_its_declared_specification_bear_one_verdict(tmp_path, gap):
    from engagement.analysis import predictors

    data, study = two_primaries(gap), posed(tmp_path, BOTH)
    found = predictors.findings(data, study).query("estimand == 'risk_difference'")
    table = specifications.table(data, study).query("declared")
    for column in ("verdict", "p_adjusted"):
        told = found.set_index(["term", "contrast"])[column].to_dict()
        assert table.set_index(["term", "contrast"])[column].to_dict() == told
    assert ("clear" in set(table["verdict"])) == (gap > 0)


def test_another_choice_is_corrected_for_the_same_family_of_comparisons(tmp_path):
    """Holm by hand: the smaller of two p-values is doubled, the other one left as it is."""
    text = BOTH.replace("[factors.rota]", '[factors.rota]\nadjust = ["shift"]')
    data, study = two_primaries(1), posed(tmp_path, text)
    table = specifications.table(data, study).set_index(["term", "adjusted"])
    plain = specifications.complete(
        data,
        comparison.posed(
            dataclasses.replace(study.factors["rota"], adjust=()), study.primary, study
        ),
    )["late|early"]
    shift = specifications.complete(
        data, comparison.posed(study.factors["shift"], study.primary, study)
    )["night|day"]
    assert shift.p_value < plain.p_value
    assert table.loc[("rota", ""), "p_adjusted"] == pytest.approx(plain.p_value)
    assert table.loc[("shift", ""), "p_adjusted"] == pytest.approx(2 * shift.p_value)


def test_strict_and_broad_readings_are_tried_where_they_differ(tmp_path):
    data, study = two_primaries(1), posed(tmp_path, BOTH)
    fewer = data.assign(attended=(data["attended"] - 1).clip(lower=0))
    defined = pd.concat(
        [fewer.assign(definition="strict"), data.assign(definition="declared"),
         data.assign(definition="broad")], ignore_index=True
    )  # fmt: skip
    found = specifications.table(data, study, defined=defined)
    assert list(found["counted_as"].unique()) == ["recorded", "strict"]
    assert found.groupby("counted_as")["declared"].any().to_dict() == {
        "recorded": True,
        "strict": False,
    }
