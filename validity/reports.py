"""Whole reports on outcomes that no factor has a part in: how often does one claim anything?

Enters: synthetic communities, another one in every block, and a generator.
Leaves: one row per block and way of dealing: reports, those with a clear verdict, those with a
claim that holds.
Refuses: nothing.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, special

from engagement import engines, study
from engagement import sample as samples
from engagement.analysis import claims, design, predictors
from engagement.study import Study

SLOTS = ["due", "attended", "attended_with_review"]
TOLD = ("holds", "does_not_hold")
MEMBERS, GROUPS = 1.5, 0.5

Deal = Callable[[pd.DataFrame, np.random.Generator], pd.DataFrame]


def community(seed: int) -> tuple[Study, pd.DataFrame]:
    """A synthetic study with its primary outcome, and the cells of that outcome.

    Nothing else can make a primary claim, and Holm's correction looks at nothing else.
    """
    with tempfile.TemporaryDirectory() as folder:
        samples.community(Path(folder) / "community", seed=seed)
        found = study.load(Path(folder) / "community")
        cells = engines.counts(engines.records(found), found).cells
    own = dataclasses.replace(found, outcomes={found.primary.name: found.primary})
    return own, cells[cells["outcome"] == found.primary.name].reset_index(drop=True)


def block(place: int, reports: int, seed: int) -> list[dict]:
    """Counts over `reports` reports on the outcomes of one community, for each way of dealing."""
    asked, cells = community(seed + place)
    return [
        {"scenario": name, "alternative": 0, "design": place, "reports": reports}
        | _counted(asked, cells, deal, np.random.default_rng([seed, place, number]), reports)
        for number, (name, deal) in enumerate(DEALS.items())
    ]


def _counted(
    asked: Study, cells: pd.DataFrame, deal: Deal, chance: np.random.Generator, reports: int
) -> dict[str, int]:
    counted = {"clear": 0, "claims": 0, "any": 0, "possible": 0}
    contrasts = [one.name for one in asked.claims if one.kind == "contrast"]
    for _ in range(reports):
        found, judged = _report(deal(cells, chance), asked)
        differences = found[found["estimand"] == "risk_difference"]
        beyond = judged["conf_low"] * judged["conf_high"] > 0
        held = judged[judged["term"].isin(contrasts) & beyond]
        clear = bool((differences["verdict"] == "clear").any())
        claimed = bool(held["verdict"].isin(TOLD).any())
        counted["clear"] += clear
        counted["claims"] += claimed
        counted["any"] += clear or claimed
        counted["possible"] += bool((differences["verdict"] == "possible").any())
    return counted


def permuted(cells: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """The same members with their slots dealt anew."""
    people = _apart(cells)
    dealt = people[SLOTS].to_numpy()[chance.permutation(len(people))]
    return _together(people.assign(**dict(zip(SLOTS, dealt.T, strict=True))), cells)


def alike(cells: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """The same members with outcomes drawn anew: members differ, those of one group less.

    Log odds vary between members and between groups, and nothing else moves them; the share of
    slots attended is on average the one that was found.
    """
    people = _apart(cells)
    groups = design.clusters(people)
    odds = MEMBERS * chance.normal(size=len(people))
    odds += GROUPS * chance.normal(size=groups.max() + 1)[groups]
    due, share = people["due"].to_numpy(), people["attended"].sum() / people["due"].sum()
    level = optimize.brentq(lambda a: due @ special.expit(a + odds) / due.sum() - share, -20, 20)
    attended = chance.binomial(due, special.expit(level + odds))
    return _together(people.assign(attended=attended, attended_with_review=attended), cells)


DEALS: dict[str, Deal] = {"permuted": permuted, "alike": alike}


def _apart(cells: pd.DataFrame) -> pd.DataFrame:
    """One row per member."""
    return cells.loc[cells.index.repeat(cells["members"])].reset_index(drop=True)


def _together(people: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in people if name != "members"]
    counted = people.groupby(keys, dropna=False).size().rename("members").reset_index()
    return counted[list(cells)]


def _report(cells: pd.DataFrame, asked: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = predictors.findings(cells, asked)
    return found, claims.findings(cells, found, asked)
