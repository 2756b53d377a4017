"""The share with the ages of a larger body: by hand, against published limits, and refused."""

import numpy as np
import pandas as pd
import pytest
from posed import cells, outcome, posed
from scipy import stats

from engagement.analysis import standardised
from engagement.errors import StudyError

AGES = """
[fields.years]
type = "number"
[factors.age_band]
field = "years"
kind = "ordered"
bands = [18, 36, 61, 75]
reference = "36-60"
"""
NATION = """
[benchmark]
label = { zh = "全国", en = "the nation" }
factor = "age_band"
"""
BULLETIN = NATION + 'source = "CPC bulletin"\nyear = 2024\n'
PANEL = outcome("took_part", "panel")


def members(counts, due=10, groups=7):
    """Members by (level, members, slots attended by each of them), dealt to groups in turn."""
    rows = [(level, attended) for level, number, attended in counts for _ in range(number)]
    table = pd.DataFrame(rows, columns=["age_band", "attended"])
    return cells(table.assign(due=due, group=[f"g{no % groups}" for no in range(len(table))]))


def test_levels_that_the_bulletin_does_not_tell_apart_stand_together(tmp_path):
    """Bulletin of 2024 in ten thousands: 2303.6 up to 35, 4826.1 from 36 to 60, 2897.3 above."""
    shares = posed(tmp_path, AGES + PANEL + BULLETIN).benchmark.shares
    total = 2303.6 + 4826.1 + 2897.3
    assert list(shares) == [("18-35",), ("36-60",), ("61-74", "75+")]
    assert list(shares.values()) == pytest.approx(
        [2303.6 / total, 4826.1 / total, 2897.3 / total], abs=1e-9
    )


def test_own_figures_by_level_are_taken_as_they_are(tmp_path):
    text = AGES + PANEL + NATION + 'figures = { "18-35" = 1, "36-60" = 2, "61-74" = 1 }\n'
    assert posed(tmp_path, text).benchmark.shares == {
        ("18-35",): 0.25,
        ("36-60",): 0.5,
        ("61-74",): 0.25,
    }


@pytest.mark.parametrize(
    ("bands", "figures"), [("[18, 40, 66]", "source"), ("[18, 36]", 'figures = { "20-30" = 1 }')]
)
def test_a_benchmark_that_fits_no_band_is_refused_with_its_place(tmp_path, bands, figures):
    text = AGES.replace("[18, 36, 61, 75]", bands).replace('reference = "36-60"', "")
    told = BULLETIN if figures == "source" else NATION + figures + "\n"
    with pytest.raises(StudyError) as error:
        posed(tmp_path, text + PANEL + told)
    places = {problem.values["where"] for problem in error.value.problems}
    assert places & {"benchmark", "benchmark.figures"}


def test_the_standardised_share_by_hand(tmp_path):
    """20 young at 8 of 10, 20 middle at 5 of 10, 10 old at 2 of 10; weights 1, 2 and 1."""
    text = AGES + PANEL + NATION + 'figures = { "18-35" = 1, "36-60" = 2, "61-74" = 1 }\n'
    study = posed(tmp_path, text)
    counts = [("18-35", 10, 9), ("18-35", 10, 7), ("36-60", 20, 5), ("61-74", 10, 2)]
    data = members(counts)
    found = standardised.line(data, study.benchmark, study.primary)
    assert found["share"] == pytest.approx(0.25 * 0.8 + 0.5 * 0.5 + 0.25 * 0.2)
    assert found["yardstick"] == pytest.approx((160 + 100 + 20) / 500)
    assert found["estimate"] == pytest.approx(0.5 - 0.56)
    assert (found["members"], found["events"]) == (50, 280)


def test_the_limits_of_a_difference_by_hand_without_groups(tmp_path):
    """Two parts in one group: Welch's sum of the variances of the weighted member rates."""
    text = AGES + PANEL + NATION + 'figures = { "18-35" = 3, "36-60" = 1 }\n'
    study = posed(tmp_path, text)
    young, middle = [8, 4, 9, 7, 6, 10], [3, 5, 2, 6, 4, 1, 5, 2]
    counts = [("18-35", 1, one) for one in young] + [("36-60", 1, one) for one in middle]
    found = standardised.line(members(counts, groups=1), study.benchmark, study.primary)
    parts = [np.array(young) / 10, np.array(middle) / 10]
    weights = [0.75, 0.25]
    variances = [
        w**2 * part.var(ddof=1) / len(part) for w, part in zip(weights, parts, strict=True)
    ]
    degrees = sum(variances) ** 2 / sum(
        v**2 / (len(p) - 1) for v, p in zip(variances, parts, strict=True)
    )
    share = 0.75 * parts[0].mean() + 0.25 * parts[1].mean()
    reach = stats.t.ppf(0.975, degrees) * sum(variances) ** 0.5 / (share * (1 - share))
    odds = np.log(share / (1 - share))
    assert found["share_low"] == pytest.approx(1 / (1 + np.exp(reach - odds)))
    assert found["share_high"] == pytest.approx(1 / (1 + np.exp(-reach - odds)))


def test_members_made_up_like_the_benchmark_have_no_gap(tmp_path):
    text = AGES + PANEL + NATION + 'figures = { "18-35" = 20, "36-60" = 20 }\n'
    study = posed(tmp_path, text)
    data = members([("18-35", 10, 8), ("18-35", 10, 6), ("36-60", 10, 5), ("36-60", 10, 1)])
    found = standardised.line(data, study.benchmark, study.primary)
    assert found["estimate"] == pytest.approx(0)
    assert found["conf_low"] == pytest.approx(0, abs=1e-9) == found["conf_high"]


def test_gamma_limits_are_those_published_for_births_with_down_syndrome():
    """Michigan 1950-64, fifth and later births by age of mother; Fay & Feuer 1997, R dsrTest."""
    cases = np.array([0, 8, 63, 112, 262, 295])
    births = np.array([327, 30666, 123419, 149919, 104088, 34392])
    everybody = np.array([319933, 931318, 786511, 488235, 237863, 61313])
    weights = everybody / everybody.sum()
    low, high = standardised.gamma_limits(cases, births, weights)
    assert 1e5 * weights @ (cases / births) == pytest.approx(75.52901, abs=5e-6)
    assert 1e5 * low == pytest.approx(67.70212, abs=5e-6)
    assert 1e5 * high == pytest.approx(188.30017, abs=5e-6)


def test_cells_and_single_members_give_the_same_numbers(tmp_path):
    study = posed(tmp_path, AGES + PANEL + BULLETIN)
    data = members([("18-35", 9, 8), ("36-60", 21, 5), ("61-74", 12, 6), ("75+", 8, 2)])
    data.loc[::4, "attended"] -= 1
    keys = [name for name in data if name != "members"]
    counted = data.groupby(keys, as_index=False)["members"].sum()
    rows, pooled = (
        standardised.line(one, study.benchmark, study.primary) for one in (data, counted)
    )
    assert {name: value for name, value in rows.items() if name not in ("method", "note")} == (
        pytest.approx({k: v for k, v in pooled.items() if k not in ("method", "note")}, abs=1e-12)
    )


@pytest.mark.parametrize(
    ("counts", "note"),
    [
        ([("18-35", 2, 8), ("36-60", 20, 5), ("61-74", 9, 3)], "few_exposed"),
        ([("18-35", 20, 10), ("36-60", 20, 10), ("61-74", 9, 10)], "no_variation"),
        ([("18-35", 20, 8), ("36-60", 20, 5), ("61-74", 9, 2)], "no_variation"),
    ],
)
def test_a_part_that_nobody_stands_for_is_refused(tmp_path, counts, note):
    study = posed(tmp_path, AGES + PANEL + BULLETIN)
    found = standardised.line(members(counts), study.benchmark, study.primary)
    assert (found["verdict"], found["note"]) == ("refused", note)
    assert "estimate" not in found


def test_a_part_in_one_group_alone_is_refused(tmp_path):
    study = posed(tmp_path, AGES + PANEL + BULLETIN)
    data = members([("18-35", 9, 8), ("36-60", 21, 5), ("61-74", 12, 6)])
    data.loc[::4, "attended"] -= 1
    data.loc[data["age_band"] == "18-35", "group"] = "g0"
    found = standardised.line(data, study.benchmark, study.primary)
    assert (found["verdict"], found["note"]) == ("refused", "one_group")


def test_the_composition_stands_beside_the_benchmark_with_exact_limits(tmp_path):
    """51 of 160 are 61 or over: Clopper and Pearson's limits; the nation of 2024 has 28.9 %."""
    study = posed(tmp_path, AGES + PANEL + BULLETIN)
    data = members([("18-35", 22, 5), ("36-60", 87, 5), ("61-74", 40, 5), ("75+", 11, 5)])
    found = standardised.composition(data, study).set_index("level")
    old = found.loc["61-74;75+"]
    assert (old["members"], old["verdict"]) == (51, "cannot_be_told")
    limits = stats.binomtest(51, 160).proportion_ci(method="exact")
    assert (old["conf_low"], old["conf_high"]) == pytest.approx(tuple(limits))
    assert found.loc["18-35", "verdict"] == "lower"
    assert found["expected"].sum() == pytest.approx(160)
