"""Discrimination is told without the optimism of having been fitted to the same members."""

import numpy as np
import pandas as pd
import pytest
from posed import category, cells, number, outcome, posed
from sklearn.metrics import roc_auc_score

from engagement.analysis import discrimination

PANEL = outcome("took_part", "panel")


def noise(members=120, factors=6, seed=1):
    """Outcome and factors that have nothing to do with each other."""
    chance = np.random.default_rng(seed)
    rows = {f"x{place}": chance.normal(size=members).round(3) for place in range(factors)}
    return cells(pd.DataFrame({**rows, "attended": (chance.random(members) < 0.3).astype(int)}))


def study_of(folder, factors=6):
    return posed(folder, "".join(number(f"x{place}") for place in range(factors)) + outcome())


def test_noise_is_no_discrimination_though_it_appears_to_be(tmp_path):
    data, study = noise(), study_of(tmp_path)
    own = discrimination.sample(data, study)
    apparent = discrimination._figures(discrimination._odds(own, own), own)
    found = discrimination.table(data, study, repeats=30).iloc[0]
    assert apparent[0] > 0.56
    assert abs(found["auc"] - 0.5) < 0.05
    assert found["calibration"] < 0.7


def test_the_corrected_area_is_near_the_one_on_new_members(tmp_path):
    # One factor of strength 1.5 in log odds per standard deviation; new members drawn alike.
    chance = np.random.default_rng(7)
    text = number("x0") + number("x1") + outcome()
    study = posed(tmp_path, text)

    def draw(count):
        x = chance.normal(size=(count, 2))
        came = chance.random(count) < 1 / (1 + np.exp(0.5 - 1.5 * x[:, 0]))
        return cells(pd.DataFrame({"x0": x[:, 0], "x1": x[:, 1], "attended": came.astype(int)}))

    old, new = draw(300), draw(20_000)
    found = discrimination.table(old, study, repeats=30).iloc[0]
    first = discrimination.sample(old, study)
    fresh = new[["x0", "x1"]].to_numpy()
    fresh = (fresh - old[["x0", "x1"]].mean().to_numpy()) / old[["x0", "x1"]].std(ddof=0).to_numpy()
    told = first._replace(columns=fresh, members=np.ones(20_000), due=np.ones(20_000))
    told = told._replace(attended=new["attended"].to_numpy(float))
    test = discrimination._figures(discrimination._odds(first, told), told)
    assert found["auc"] == pytest.approx(test[0], abs=0.03)
    assert found["calibration"] == pytest.approx(test[1], abs=0.2)


def test_cells_and_members_give_the_same_figures(tmp_path):
    rows = pd.DataFrame(
        {"shift": ["day", "day", "night", "night"], "due": 4, "attended": [3, 1, 2, 0]}
    )
    together = cells(rows.assign(members=[20, 10, 10, 30]))
    apart = together.loc[together.index.repeat(together["members"])].assign(members=1)
    study = posed(tmp_path, category("shift", "day night") + PANEL)
    own = [discrimination.sample(data, study) for data in (together, apart)]
    figures = [discrimination._figures(discrimination._odds(one, one), one) for one in own]
    assert figures[0] == pytest.approx(figures[1], abs=1e-7)


def test_the_area_is_the_weighted_one_of_scikit_learn():
    chance = np.random.default_rng(3)
    odds = chance.normal(size=60).round(1)
    won, lost = chance.integers(0, 5, 60).astype(float), chance.integers(0, 5, 60).astype(float)
    both = np.concatenate([odds, odds])
    sides, weight = np.repeat([1, 0], 60), np.concatenate([won, lost])
    expected = roc_auc_score(sides, both, sample_weight=weight)
    assert discrimination.area(odds, won, lost) == pytest.approx(expected, abs=1e-12)


def test_too_few_events_are_told_and_not_judged(tmp_path):
    data = noise().assign(attended=0)
    data.loc[:8, "attended"] = 1
    found = discrimination.table(data, study_of(tmp_path), repeats=5).iloc[0]
    assert found["note"] == "few_events"
    assert np.isnan(found["auc"])


def test_the_table_shows_no_apparent_figure(tmp_path):
    found = discrimination.table(noise(), study_of(tmp_path), repeats=5)
    assert list(found) == list(discrimination.COLUMNS)
    assert not [name for name in found if "apparent" in name]
