"""Factors become differences, odds ratios and verdicts; what cannot be carried is refused."""

import numpy as np
import pandas as pd
import pytest
from firthmodels import FirthLogisticRegression
from hypothesis import given, settings
from hypothesis import strategies as some
from posed import category, cells, number, outcome, posed

from engagement.analysis import contrasts, design, firth, predictors, verdicts
from engagement.analysis.contrasts import Reference
from engagement.errors import StudyError

SHIFT = category("shift", "day night", 'role = "primary"')
PANEL = outcome("took_part", "panel")


def grouped(rows, groups=14):
    """Rows dealt to groups one after the other, so that the factor is not grouped."""
    return cells(rows.assign(group=[f"g{place % groups}" for place in range(len(rows))]))


def association(seed=11, members=173, effect=0.0):
    """Members with a shift, an age and slots; `effect` in log odds of the night shift."""
    chance = np.random.default_rng(seed)
    night, age = chance.random(members) < 0.4, chance.integers(20, 90, members)
    odds = 0.3 + effect * night - 0.01 * (age - 55) + chance.normal(size=members)
    due = chance.integers(3, 13, members)
    return grouped(
        pd.DataFrame(
            {
                "shift": np.where(night, "night", "day"),
                "age": age.astype(float),
                "due": due,
                "attended": chance.binomial(due, 1 / (1 + np.exp(-odds))),
                "members": chance.integers(1, 3, members),
            }
        )
    )


def line(found, contrast, estimand="risk_difference"):
    rows = found[(found["contrast"] == contrast) & (found["estimand"] == estimand)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_a_two_by_two_table_gives_the_penalised_odds_ratio_that_is_known_in_closed_form(tmp_path):
    # One binary factor: Firth's estimate is the odds ratio with 1/2 added to each count.
    rows = pd.DataFrame(
        {
            "shift": ["night", "night", "day", "day"],
            "attended": [1, 0, 1, 0],
            "members": [12, 28, 10, 90],
        }
    )
    found = predictors.findings(cells(rows), posed(tmp_path, SHIFT + outcome()))
    odds = line(found, "night|day", "odds_ratio")
    assert odds["estimate"] == pytest.approx(12.5 / 28.5 * 90.5 / 10.5)
    assert odds["std_error"] == pytest.approx(
        np.sqrt(sum(1 / np.array([12.5, 28.5, 10.5, 90.5]))), rel=0.05
    )
    difference = line(found, "night|day")
    assert (difference["members"], difference["events"]) == (140, 22)
    assert difference["p1"] - difference["p0"] == pytest.approx(difference["estimate"])
    # The corrected intercept: mean of fitted shares over the 140 is 22/140.
    assert (40 * difference["p1"] + 100 * difference["p0"]) / 140 == pytest.approx(22 / 140)


NUMBERS = [
    *["estimate", "std_error", "conf_low", "conf_high"],
    *["p0", "p1", "eta2", "detectable", "evalue", "evalue_limit"],
]
CHANCES = ["p_value", "p_adjusted"]


def organisation(seed, panel):
    """Any organisation: members in groups that are alike, with a shift, a grade and an age."""
    chance = np.random.default_rng(seed)
    count, groups = chance.integers(40, 300), chance.integers(2, 15)
    group, shift = chance.integers(0, groups, count), chance.random(count) < 0.4
    due = chance.integers(1, 13, count) if panel else np.ones(count, int)
    odds = chance.normal(size=groups)[group] + 0.4 * shift - 0.5 + 0.7 * chance.normal(size=count)
    return cells(
        pd.DataFrame(
            {
                "shift": np.where(shift, "night", "day"),
                "grade": chance.choice(["low", "mid", "high"], count),
                "age": chance.choice([25.0, 40.0, 55.0, 70.0, 85.0], count),
                "group": [f"g{one}" for one in group],
                "due": due,
                "attended": chance.binomial(due, 1 / (1 + np.exp(-odds))),
            }
        )
    )


@settings(max_examples=25, deadline=None)
@given(some.integers(0, 2**32 - 1), some.booleans())
def test_cells_and_single_members_give_the_same_findings(tmp_path_factory, seed, panel):
    text = category("shift", "day night", 'adjust = ["age", "grade"]\nrole = "primary"')
    text += category("grade", "low mid high", 'kind = "ordered"\nadjust = ["age"]')
    text += '[factors.age]\nkind = "curve"\npoints = [30, 50, 70]\nadjust = ["shift"]\n'
    kind = "panel" if panel else "column"
    study = posed(tmp_path_factory.mktemp("study"), text + outcome(kind=kind))
    single = organisation(seed, panel)
    keys = [name for name in single if name != "members"]
    together = single.groupby(keys, as_index=False)["members"].sum()
    apart, counted = (predictors.findings(rows, study) for rows in (single, together))
    expected, found = (rows[NUMBERS].to_numpy(float) for rows in (apart, counted))
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-10, nan_ok=True)
    # Near one a p-value is the root of what two likelihoods differ by: rounding shows earlier.
    expected, found = (rows[CHANCES].to_numpy(float) for rows in (apart, counted))
    assert found == pytest.approx(expected, rel=1e-8, abs=1e-8, nan_ok=True)
    assert counted["verdict"].tolist() == apart["verdict"].tolist()


def test_many_cells_are_counted_together_and_the_findings_stay(tmp_path):
    """Above two thousand cells other questions' factors are summed over before the fit."""
    text = category("shift", "day night", 'adjust = ["grade"]\nrole = "primary"')
    study = posed(tmp_path, text + category("grade", "low mid high") + outcome())
    chance = np.random.default_rng(5)
    single = pd.concat([organisation(seed, False) for seed in range(20)], ignore_index=True)
    spread = single.assign(grade=chance.choice(["low", "mid", "high"], len(single)))
    assert len(spread) > design.MANY_CELLS
    keys = [name for name in spread if name not in ("members", "age", "attended_with_review")]
    together = spread.groupby(keys, as_index=False)["members"].sum()
    few = together.assign(attended_with_review=together["attended"])
    assert len(few) < design.MANY_CELLS
    found, expected = (
        predictors.findings(rows, study)[NUMBERS].to_numpy(float) for rows in (spread, few)
    )
    assert found == pytest.approx(expected, rel=1e-10, abs=1e-10, nan_ok=True)


def test_the_adjusted_difference_is_the_mean_over_members_of_two_predictions(tmp_path):
    data = association(effect=-1.0)
    study = posed(
        tmp_path,
        category("shift", "day night", 'adjust = ["age", "age^2", "shift:age"]')
        + '[factors.age]\nkind = "number"\n'
        + PANEL,
    )
    found = line(predictors.findings(data, study).query("term == 'shift'"), "night|day")
    night, age = (data["shift"] == "night").to_numpy(float), data["age"].to_numpy() - 55
    matrix = np.column_stack([np.ones(173), night, age, age**2, night * age])
    weight = data["members"].to_numpy(float)
    fit = firth.logistic(matrix, data["attended"] * weight, data["due"] * weight)
    shares = [
        np.average(
            1
            / (
                1
                + np.exp(
                    -np.column_stack([np.ones(173), level, age, age**2, level * age])
                    @ contrasts.flic(fit)
                )
            ),
            weights=weight,
        )
        for level in (np.ones(173), np.zeros(173))
    ]
    assert (found["p1"], found["p0"]) == (pytest.approx(shares[0]), pytest.approx(shares[1]))


def test_a_number_is_compared_one_declared_step_up(tmp_path):
    data = association()
    study = posed(tmp_path, SHIFT + '[factors.age]\nkind = "number"\nstep = 10\n' + PANEL)
    odds = line(predictors.findings(data, study), "+10|", "odds_ratio")
    weight = data["members"].to_numpy(float)
    matrix = np.column_stack([np.ones(173), data["age"] / 10])
    fit = firth.logistic(matrix, data["attended"] * weight, data["due"] * weight)
    assert odds["estimate"] == pytest.approx(np.exp(fit.coefficients[1]))


def test_without_a_declared_step_a_number_moves_by_its_standard_deviation_to_two_digits(tmp_path):
    rows = pd.DataFrame({"size": [0.0, 2, 4, 6] * 5, "attended": [0, 0, 1, 0, 1] * 4})
    found = predictors.findings(cells(rows), posed(tmp_path, number("size") + outcome()))
    assert set(found["contrast"]) == {"+2.2|"}  # sqrt(5) = 2.236


def hump(count=240):
    """Members whose attendance rises to the middle of life and falls again; one slot each."""
    chance = np.random.default_rng(8)
    age = chance.integers(20, 90, count).astype(float)
    odds = 0.8 - ((age - 50) / 20) ** 2
    attended = (chance.random(count) < 1 / (1 + np.exp(-odds))).astype(int)
    return grouped(pd.DataFrame({"age": age, "attended": attended}))


def curve(points, reference):
    ends = ", ".join(map(str, points))
    return f'[factors.age]\nkind = "curve"\npoints = [{ends}]\nreference = "{reference}"\n'


def test_a_curve_is_compared_between_its_points_as_firthmodels_fits_it(tmp_path):
    data = hump()
    found = predictors.findings(data, posed(tmp_path, curve([30, 50, 75], 50) + outcome()))
    assert list(dict.fromkeys(found["contrast"])) == ["30|50", "75|50"]
    z = (data["age"].to_numpy() - 50) / 20
    fit = FirthLogisticRegression(backend="numpy", gtol=1e-8, xtol=1e-8, max_iter=200).fit(
        np.column_stack([z, z**2]), data["attended"]
    )
    for point in (30, 75):
        at = (point - 50) / 20
        odds = line(found, f"{point}|50", "odds_ratio")
        assert odds["estimate"] == pytest.approx(np.exp(fit.coef_ @ [at, at**2]), rel=1e-6)


def test_the_way_back_along_a_curve_is_the_same_way(tmp_path):
    ends = {}
    for low, high in ((30, 75), (75, 30)):
        text = curve([30, 75], high) + outcome()
        found = predictors.findings(hump(), posed(tmp_path, text))
        row = line(found, f"{low}|{high}", "odds_ratio")
        gap = line(found, f"{low}|{high}")
        ends[low] = row["conf_low"], row["conf_high"], gap["conf_low"], gap["conf_high"]
    low, high, below, above = ends[30]
    assert ends[75] == pytest.approx((1 / high, 1 / low, -above, -below), rel=1e-6)


def test_a_curve_that_others_are_adjusted_for_brings_its_square(tmp_path):
    data = association(effect=-1.0)
    apart = {}
    for kind, adjust in (("number", '["age", "age^2"]'), ("curve", '["age"]')):
        text = category("shift", "day night", f"adjust = {adjust}")
        text += f'[factors.age]\nkind = "{kind}"\n'
        text += "points = [30, 60]\n" if kind == "curve" else ""
        found = predictors.findings(data, posed(tmp_path, text + PANEL))
        apart[kind] = line(found.query("term == 'shift'"), "night|day")["estimate"]
    assert apart["curve"] == pytest.approx(apart["number"], abs=1e-10)


def test_a_panel_lets_the_sessions_of_one_member_be_alike(tmp_path):
    found = line(predictors.findings(association(), posed(tmp_path, SHIFT + PANEL)), "night|day")
    assert found["method"] == "flic_mover_member"


def test_a_factor_that_is_one_with_its_groups_is_compared_between_groups(tmp_path):
    data = association()
    data["shift"] = np.where(
        data["group"].isin([f"g{place}" for place in range(6)]), "night", "day"
    )
    found = line(predictors.findings(data, posed(tmp_path, SHIFT + PANEL)), "night|day")
    assert found["method"] == "flic_mover_group"
    assert found["eta2"] == pytest.approx(1)


def test_large_groups_get_the_wider_of_both_intervals(tmp_path):
    data = association(members=150).assign(due=1, members=2)
    data["attended"] = (data["attended"] > 3).astype(int)
    study = posed(tmp_path, SHIFT + outcome())
    found = line(predictors.findings(data, study), "night|day")
    assert found["method"] == "flic_mover_wider"
    night = (data["shift"] == "night").to_numpy(float)
    matrix, weight = np.column_stack([np.ones(150), night]), data["members"].to_numpy(float)
    fit = firth.logistic(matrix, data["attended"] * weight, weight)
    set_to = [np.column_stack([np.ones(150), np.full(150, level)]) for level in (1.0, 0.0)]
    shares = contrasts.standardised(contrasts.flic(fit), *set_to, weight)
    groups = data["group"].astype("category").cat.codes.to_numpy()
    both = [
        contrasts.mover(shares, Reference(fit.covariance, np.inf)),
        contrasts.mover(shares, Reference(contrasts.clustered_on_groups(fit, groups), 13)),
    ]
    widest = max(both, key=lambda ends: ends[1] - ends[0])
    assert (found["conf_low"], found["conf_high"]) == pytest.approx(widest)


def test_fewer_than_three_members_are_not_compared(tmp_path):
    rows = pd.DataFrame(
        {"shift": ["night", "day", "day"], "attended": [1, 1, 0], "members": [2, 20, 30]}
    )
    found = predictors.findings(cells(rows), posed(tmp_path, SHIFT + outcome()))
    assert set(found["verdict"]) == {"refused"}
    assert set(found["note"]) == {"few_exposed"}
    assert found["estimate"].isna().all()


def test_a_level_of_one_group_is_not_compared(tmp_path):
    rows = pd.DataFrame(
        {
            "shift": ["night"] * 4 + ["day"] * 12,
            "attended": [1, 0] * 8,
            "group": ["g0"] * 4 + [f"g{n}" for n in range(12)],
        }
    )
    found = predictors.findings(cells(rows), posed(tmp_path, SHIFT + outcome()))
    assert set(found["note"]) == {"one_group"}


@pytest.mark.parametrize("events", [1, 6, 34, 39])
def test_next_to_nobody_on_one_side_is_counted_and_not_compared(tmp_path, events):
    rows = pd.DataFrame(
        {
            "shift": ["night", "day"] * 20,
            "attended": (np.arange(40) < events).astype(int),
            "group": [f"g{n % 8}" for n in range(40)],
        }
    )
    found = predictors.findings(cells(rows), posed(tmp_path, SHIFT + outcome()))
    assert set(found["verdict"]) == {"refused"}
    assert set(found["note"]) == {"few_events"}
    assert set(found["events"]) == {events}


def test_a_rare_level_with_rare_attendance_is_only_counted(tmp_path):
    rows = pd.DataFrame(
        {"shift": ["night"] * 19 + ["day"] * 81, "due": 12, "attended": ([1] + [0] * 3) * 25}
    )
    found = predictors.findings(grouped(rows), posed(tmp_path, SHIFT + PANEL))
    assert set(found["note"]) == {"rare_level"}


def test_separation_is_carried_by_the_penalty_and_told(tmp_path):
    rows = pd.DataFrame(
        {"shift": ["night", "day", "day"], "attended": [0, 1, 0], "members": [20, 30, 50]}
    )
    found = predictors.findings(cells(rows), posed(tmp_path, SHIFT + outcome()))
    assert set(found["note"]) == {"separation"}
    assert np.isfinite(
        found[["estimate", "conf_low", "conf_high", "p_value"]].to_numpy(float)
    ).all()


def test_members_who_are_all_alike_leave_nothing_to_judge_chance_by(tmp_path):
    rows = grouped(pd.DataFrame({"shift": ["night", "day"] * 40, "due": 10, "attended": 5}))
    found = predictors.findings(rows, posed(tmp_path, SHIFT + PANEL))
    assert set(found["note"]) == {"no_variation"}


def test_maximum_likelihood_refuses_separation(tmp_path):
    rows = pd.DataFrame(
        {"shift": ["night", "day", "day"], "attended": [0, 1, 0], "members": [20, 30, 50]}
    )
    text = (
        SHIFT
        + outcome()
        + '[[model]]\nname = "m"\noutcome = "took_part"\nterms = ["shift"]\nmethod = "maximum_likelihood"\n'
    )
    study = posed(tmp_path, text, 'method = "maximum_likelihood"\n')
    for found in (predictors.findings(cells(rows), study), predictors.models(cells(rows), study)):
        assert set(found["verdict"]) == {"refused"}
        assert set(found["note"]) == {"separation"}


def test_a_factor_that_its_adjustment_already_says_is_refused(tmp_path):
    data = association().assign(tenure=lambda rows: rows["age"] - 18)
    text = number("tenure", 'adjust = ["age"]') + '[factors.age]\nkind = "number"\n' + PANEL
    found = predictors.findings(data, posed(tmp_path, text)).query("term == 'tenure'")
    assert set(found["note"]) == {"collinear"}


def test_unknown_values_leave_a_comparison_and_are_told(tmp_path):
    data = association()
    data.loc[data.index[:30], "shift"] = "unknown"
    found = line(predictors.findings(data, posed(tmp_path, SHIFT + PANEL)), "night|day")
    assert found["members"] == data["members"][30:].sum()
    assert found["note"] == "complete_cases"


def test_an_outcome_that_nobody_has_stops_the_study(tmp_path):
    data = association().assign(attended=0)
    with pytest.raises(StudyError) as error:
        predictors.findings(data, posed(tmp_path, SHIFT + PANEL))
    assert [problem.key for problem in error.value.problems] == ["outcome_constant"]


def test_a_factor_with_one_level_stops_the_study(tmp_path):
    data = association().assign(shift="day")
    with pytest.raises(StudyError) as error:
        predictors.findings(data, posed(tmp_path, SHIFT + PANEL))
    assert [problem.key for problem in error.value.problems] == ["factor_one_level"]


def test_a_second_outcome_that_nobody_has_is_a_refused_line(tmp_path):
    data = association()
    both = pd.concat([data, data.assign(outcome="rare", due=1, attended=0)])
    study = posed(tmp_path, SHIFT + PANEL + outcome("rare", "list", primary=False))
    found = predictors.findings(both, study).query("outcome == 'rare'")
    assert set(found["verdict"]) == {"refused"}
    assert set(found["note"]) == {"no_event"}


def test_an_ordered_factor_has_its_levels_and_a_trend(tmp_path):
    chance = np.random.default_rng(2)
    rows = grouped(
        pd.DataFrame(
            {
                "grade": chance.choice(["low", "mid", "high"], 300),
                "due": 5,
                "attended": chance.integers(0, 6, 300),
            }
        )
    )
    found = predictors.findings(
        rows, posed(tmp_path, category("grade", "low mid high", 'kind = "ordered"') + PANEL)
    )
    assert list(dict.fromkeys(found["contrast"])) == ["mid|low", "high|low", "trend|"]
    trend = line(found, "trend|", "odds_ratio")
    score = rows["grade"].map({"low": 0, "mid": 0.5, "high": 1})
    fit = firth.logistic(np.column_stack([np.ones(300), score]), rows["attended"], rows["due"])
    assert trend["estimate"] == pytest.approx(np.exp(fit.coefficients[1]))


def test_a_rare_adjusting_level_joins_its_neighbour(tmp_path):
    study = posed(tmp_path, category("grade", "low mid high", 'kind = "ordered"') + outcome())
    rows = cells(pd.DataFrame({"grade": ["low"] * 5 + ["mid"] + ["high"] * 5, "attended": 0}))
    assert list(design.pooled(rows, study.factors["grade"])["grade"]) == ["low"] * 5 + ["high"] * 6


def test_holm_adjusts_as_in_the_example_worked_by_hand():
    # Four p-values .01 .04 .03 .005: sorted × 4 3 2 1 = .02 .03 .06 .04, never falling.
    assert verdicts.holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx(
        [0.03, 0.06, 0.06, 0.02]
    )


def test_benjamini_and_hochberg_adjust_as_scipy_does():
    from scipy import stats

    p_values = np.array([0.01, 0.04, 0.03, 0.005, 0.8])
    assert verdicts.benjamini_hochberg(p_values) == pytest.approx(
        stats.false_discovery_control(p_values)
    )


@pytest.mark.parametrize(
    ("share", "exposed", "points"),
    [
        (0.05, 0.4, 13),
        (0.05, 0.25, 16),
        (0.05, 0.1, 25),
        (0.1, 0.4, 16),
        (0.1, 0.25, 19),
        (0.1, 0.1, 30),
        (0.2, 0.4, 20),
        (0.2, 0.25, 23),
        (0.2, 0.1, 34),
    ],
)
def test_what_a_binary_outcome_can_show_is_the_table_of_the_protocol(share, exposed, points):
    members = round(173 * exposed)
    found = verdicts.detectable_binary(share, members, 173 - members)
    assert 100 * found == pytest.approx(points, abs=0.6)  # printed in whole points


@pytest.mark.parametrize(
    ("slots", "rho", "exposed", "points"),
    [
        (12, 0.1, 0.4, 8.9),
        (12, 0.3, 0.4, 12.8),
        (12, 0.5, 0.25, 17.8),
        (34, 0.3, 0.4, 12.1),
        (34, 0.1, 0.1, 12.5),
        (34, 0.5, 0.1, 25.1),
    ],
)
def test_what_a_panel_can_show_is_the_table_of_the_protocol(slots, rho, exposed, points):
    variance = 0.6 * 0.4 * (1 + (slots - 1) * rho) / slots
    members = round(173 * exposed)
    found = verdicts.detectable_mean(variance, members, 173 - members)
    assert 100 * found == pytest.approx(points, abs=0.06)


def test_the_evalue_is_the_published_one():
    # VanderWeele & Ding 2017: a risk ratio of 3.9 has the E-value 7.26.
    assert verdicts.evalue(0.39, 0.1) == pytest.approx(7.26, abs=0.005)
    assert verdicts.evalue(0.1, 0.39) == pytest.approx(7.26, abs=0.005)
    assert verdicts.evalue_limit(0.1, -0.01, 0.5) == 1


@pytest.mark.parametrize(
    ("primary", "low", "high", "p_value", "verdict"),
    [
        (True, 0.02, 0.30, 0.01, "clear"),
        (False, 0.02, 0.30, 0.01, "possible"),
        (True, 0.02, 0.30, 0.20, "possible"),
        (True, -0.02, 0.30, 0.01, "possible"),
        (True, -0.02, 0.30, 0.20, "cannot_be_told"),
        (True, 0.02, 0.09, 0.01, "no_important"),
        (True, np.nan, np.nan, np.nan, "refused"),
    ],
)
def test_the_first_condition_that_holds_is_the_verdict(primary, low, high, p_value, verdict):
    lines = pd.DataFrame([{
        "refused": np.isnan(low), "primary": primary, "conf_low": low, "conf_high": high,
        "p_adjusted": p_value, "smallest_difference": 0.1,
    }])  # fmt: skip
    assert list(verdicts.words(lines)) == [verdict]


def test_many_members_are_counted_as_fast_as_few_are(tmp_path):
    data = association(effect=-1.0)
    study = posed(tmp_path, SHIFT + PANEL)
    few = line(predictors.findings(data, study), "night|day")
    many = line(
        predictors.findings(data.assign(members=data["members"] * 10_000), study), "night|day"
    )
    assert many["members"] == 10_000 * few["members"]
    assert many["method"] == "flic_mover_group"
    assert many["estimate"] == pytest.approx(few["estimate"], abs=0.01)


def test_every_code_that_a_finding_may_carry_has_its_words():
    from engagement import words

    codes = {
        "verdict": "clear possible no_important cannot_be_told refused described holds does_not_hold not_observable",
        "note": "separation complete_cases few_exposed one_group rare_level no_event all_events no_variation one_level collinear no_convergence review incomplete",
        "method": " ".join(f"{kind}_{variance}" for kind in ("flic_mover", "ml_mover", "firth", "ml") for variance in ("model", "member", "group", "wider")),
        "problem": "outcome_constant factor_one_level",
    }  # fmt: skip
    lacking = [
        f"{kind}.{code}"
        for kind, listed in codes.items()
        for code in listed.split()
        if not words.has(f"{kind}.{code}")
    ]
    assert lacking == []


def test_no_sentence_of_a_finding_blames_or_names_a_reason():
    from engagement import words

    forbidden = [
        "because",
        "cause",
        "no effect",
        "driv",
        "at risk",
        "lazy",
        "only ",
        "导致",
        "造成",
        "落后",
        "觉悟",
        "没有效果",
    ]
    kinds = ("verdict.", "finding.", "claim.", "barrier.", "method.", "offer.", "completeness.")
    found = [
        (key, word)
        for key, texts in words.catalogue().items()
        if key.startswith(kinds)
        for word in forbidden
        if any(word in text for text in texts.values())
    ]
    assert found == []
