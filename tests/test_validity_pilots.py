"""Second years are drawn as assumed, judged by the package, and told with what they promised."""

import numpy as np
import pandas as pd
import pytest
from scipy import special

from engagement import tables
from engagement.analysis.power import Assumed
from validity import pilots, plans, results, told

WHOLE = (20_000,)


def test_members_attend_as_often_and_as_alike_as_assumed():
    assumed = Assumed(WHOLE, 0.3, 12, 12, correlation=0.2, group_sd=0.0)
    group = np.zeros(WHOLE[0], int)
    last, now = pilots.inclinations(assumed, group, 1, np.random.default_rng(1))
    for chances in (special.expit(last[0]), special.expit(now[0])):
        assert chances.mean() == pytest.approx(0.3, abs=0.005)
        assert chances.var() / (0.3 * 0.7) == pytest.approx(0.2, abs=0.01)
    # four in five keep what they were; the others are drawn anew
    assert (last == now).mean() == pytest.approx(0.8, abs=0.01)


def test_groups_differ_as_assumed():
    assumed = Assumed((2000,) * 200, 0.5, 12, 12, correlation=0.1, group_sd=0.5)
    group = np.repeat(np.arange(200), 2000)
    _, now = pilots.inclinations(assumed, group, 1, np.random.default_rng(2))
    means = special.expit(now[0]).reshape(200, 2000).mean(axis=1)
    assert special.logit(means).std() == pytest.approx(0.5, abs=0.06)


def test_an_offer_raises_attendance_by_what_it_should_and_nobody_above_one():
    chances = np.array([[0.2, 0.5, 0.8, 0.98]])
    raised = pilots.lifted(chances, 0.1 * np.ones(4))
    assert (raised - chances).mean() == pytest.approx(0.1)
    assert raised.max() < 1
    assert (pilots.lifted(chances, np.zeros(4)) == chances).all()


@pytest.mark.parametrize("name", ["half of every group", "five waves"])
def test_a_block_counts_every_second_year_and_holds_its_level(name):
    rows = pilots.block(name, 0, 300, 3)
    assert [row["alternative"] for row in rows] == [0, 10, 15]
    assert all(row["sets"] == 300 and row["not_finite"] == 0 for row in rows)
    assert rows[0]["found"] <= 300 * 0.05 + 3 * np.sqrt(300 * 0.05 * 0.95)
    assert rows[0]["found"] < rows[1]["found"] < rows[2]["found"]
    assert all(row["covered"] >= 300 * 0.95 - 4 * np.sqrt(300 * 0.05 * 0.95) for row in rows)


def test_second_years_are_the_tables_that_an_evaluation_takes():
    chance = np.random.default_rng(4)
    arms = pilots._arms(pilots.CASES["half of every group"], 0.1, chance)
    assert tables.check(arms, "arms")["members"].sum() == 173
    assert set(arms["offered"]) == {"yes", "no"}
    assert arms.loc[arms["due"] == 0, "members"].sum() > 0
    waves = pilots._waves(pilots.CASES["five waves"], 0.1, chance)
    assert len(waves) == 14 * 6
    # nobody is offered it in the first period, everybody in the last
    ends = waves.groupby("month")["offered"].agg(set)
    assert (ends.iloc[0], ends.iloc[-1]) == ({"no"}, {"yes"})


def test_a_power_that_is_not_the_printed_one_is_named(tmp_path):
    name = "half of sixty"
    for difference, found in ((0, 60), (10, 0), (15, 5)):
        row = {"scenario": name, "alternative": difference, "design": 0, "found": found}
        row |= {"sets": 100, "covered": 95, "not_finite": 0, "error": 0.0}
        results.add(pilots.file(name), row, tmp_path)
    (line,) = told.trials_of_offers(tmp_path)
    assert line["outside"] == "level, power at 10, power at 15"
    assert line["level"] == "60.0 ± 4.9"
    assert line["powers"][0].startswith("0.0 ± 0.0 (")


def test_dealing_attendance_anew_keeps_every_mark_and_whoever_is_not_due():
    people = pd.DataFrame({"member_id": [1, 2, 3, 4], "due": ["yes", "yes", "yes", "no"]})
    marks = pd.DataFrame(
        {"member_id": [1, 1, 2, 3, 4], "attended": ["yes", "no", "no", "yes", "no"]}
    )
    seen = set()
    for seed in range(20):
        dealt = plans.permuted(people, marks, np.random.default_rng(seed))
        assert dealt["attended"].tolist() == marks["attended"].tolist()
        assert dealt["member_id"].iloc[0] == dealt["member_id"].iloc[1]
        assert dealt["member_id"].iloc[4] == 4
        seen.add(tuple(dealt["member_id"]))
    assert len(seen) == 6
