"""A colleague who knows every member's factors cannot work out who took part."""

import itertools

import numpy as np
import pandas as pd
import pytest
from invented import FACTORS, a_study, cells, people, tables

from engagement.errors import ReleaseRefused
from engagement.release import disclosure, families, insider, margins, rules
from engagement.release.rounding import Rounding

STUDY = a_study(factors={"sex": FACTORS["sex"]}, segments=(), claims=())


def drawn(*groups):
    """Cells of volunteering, drawn as (branch, sex, members, participants)."""
    rows = [
        {"branch": branch, "sex": sex, "attended": part, "members": count}
        for branch, sex, members, participants in groups
        for part, count in ((1, participants), (0, members - participants))
        if count
    ]
    return pd.DataFrame(rows).assign(outcome="volunteering", group="", due=1)


# Men 5 of 14, women 6 of 12, branch 1 6 of 16, branch 2 5 of 10: every margin may be printed.
# But branch 2 has men only, so of the 4 men of branch 1 5 − 5 = 0 took part.
TELLING = drawn(("b1", "male", 4, 0), ("b2", "male", 10, 5), ("b1", "female", 12, 6))


def printed(counted, tier="committee"):
    """What the reader's protection alone would print."""
    return margins.protected(
        families.summed(counted), None, STUDY, Rounding(rules.read(tier), seed="a")
    )


def test_margins_that_may_each_be_printed_give_four_men_away_together():
    before = printed(TELLING)
    assert before["attended"].notna().all()
    profiles = families.crossed(families.summed(TELLING), ["sex", "branch"])
    found = insider.exposed(before, "volunteering", profiles, STUDY, rules.read("committee"))
    assert profiles.loc[found, ["sex", "branch"]].to_numpy().tolist() == [["male", "b1"]]


def test_margins_are_hidden_until_they_do_not():
    release = disclosure.control({"cells": TELLING}, STUDY)
    shown = release.tables["outcomes"]
    margin = shown.loc[shown["factor"] != ""].set_index("level")["attended"]
    assert margin.isna().any() and margin.notna().any()
    profiles, worlds = possible(release, TELLING, "volunteering", 5)
    assert {0, 4} <= set(worlds[:, profiles.index[profiles["members"] == 4].item()])


def test_a_total_that_tells_on_everybody_is_refused():
    """Nothing but a total is printed, and it leaves one answer: nobody took part."""
    counted = drawn(("b1", "male", 30, 12)).assign(attended=0)
    whole = printed(drawn(("b1", "male", 30, 12))).query("factor == ''")
    whole = whole.assign(attended=0, attended_shown=-4)
    with pytest.raises(ReleaseRefused) as refusal:
        insider.protected(whole, counted, STUDY, rules.read("committee"))
    assert refusal.value.problems[0].key == "cannot_be_protected"


def possible(release, counted, outcome, base):
    """By trying, without the attacker's solver: the answers of each profile that fit the page.

    All tables of the members that agree with every printed number, one after another.
    """
    profiles = families.crossed(families.summed(counted), ["sex", "branch"])
    shown = release.tables["outcomes"].query("outcome == @outcome").dropna(subset=["attended"])
    worlds = np.array(list(itertools.product(*(range(n + 1) for n in profiles["members"]))))
    masks = [
        profiles[row.factor] == row.level if row.factor else profiles["members"] >= 0
        for row in shown.itertuples()
    ]
    gaps = abs(worlds @ np.array(masks).T - shown["attended"].to_numpy(int))
    return profiles, worlds[gaps.max(axis=1) < base]


@pytest.mark.parametrize("seed", range(6))
def test_every_member_may_or_may_not_have_taken_part_when_all_tables_are_tried(seed):
    chance = np.random.default_rng(seed)
    groups = [(b, s, int(chance.integers(4, 8))) for b in ("b1", "b2") for s in ("male", "female")]
    counted = drawn(*[(b, s, n, int(chance.integers(0, n + 1))) for b, s, n in groups])
    try:
        release = disclosure.control({"cells": counted}, STUDY)
    except ReleaseRefused:
        return
    profiles, worlds = possible(release, counted, "volunteering", 5)
    assert len(worlds)
    assert (worlds.max(axis=0) > 0).all()
    assert (worlds.min(axis=0) < profiles["members"]).all()


@pytest.mark.parametrize("tier", ["committee", "public"])
@pytest.mark.parametrize("seed", range(3))
def test_no_profile_of_an_invented_association_is_exposed(tier, seed):
    study, counted = a_study(tier=tier), cells(people(seed=seed))
    applied = rules.read(tier)
    summed = families.summed(counted)
    before = margins.protected(summed, None, study, Rounding(applied, seed="a"))
    after = insider.protected(before, summed, study, applied)
    for outcome in after["outcome"].unique():
        own = summed.loc[summed["outcome"] == outcome]
        profiles = families.crossed(own, families.dimensions(own, study))
        assert insider.exposed(after, outcome, profiles, study, applied).size == 0


def test_hiding_for_the_insider_leaves_the_findings_on_attendance():
    found = disclosure.control(tables(), a_study()).tables["findings"]
    kept = found.query("outcome == 'attendance' and estimand == 'risk_difference' and released")
    assert len(kept) >= 4
