"""Whole reports on permuted outcomes: how often does one claim anything at all?

Enters: the cells of a study; outcomes are dealt anew to its members.
Leaves: one row per block: reports, reports with a clear verdict, with a claim that holds.
Refuses: nothing.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pandas as pd

from engagement import engines, study
from engagement.analysis import claims, predictors
from engagement.study import Study

SAMPLE = Path(__file__).parent.parent / "data" / "community"
SLOTS = ["due", "attended", "attended_with_review"]
TOLD = ("holds", "does_not_hold")


def sample() -> tuple[Study, pd.DataFrame]:
    """The study in data/community with its primary outcome, and the cells of that outcome.

    Nothing else can make a primary claim, and Holm's correction looks at nothing else.
    """
    found = study.load(SAMPLE)
    cells = engines.counts(engines.records(found), found).cells
    own = dataclasses.replace(found, outcomes={found.primary.name: found.primary})
    return own, cells[cells["outcome"] == found.primary.name].reset_index(drop=True)


def block(place: int, reports: int, seed: int, given: tuple[Study, pd.DataFrame]) -> dict:
    """Counts over `reports` reports on permuted outcomes."""
    chance = np.random.default_rng([seed, place])
    counted = {"clear": 0, "claims": 0, "any": 0, "possible": 0}
    for _ in range(reports):
        found, judged = _report(permuted(given[1], chance), given[0])
        differences = found[found["estimand"] == "risk_difference"]
        contrasts = [one.name for one in given[0].claims if one.kind == "contrast"]
        beyond = judged["conf_low"] * judged["conf_high"] > 0
        held = judged[judged["term"].isin(contrasts) & beyond]
        clear = bool((differences["verdict"] == "clear").any())
        claimed = bool(held["verdict"].isin(TOLD).any())
        counted["clear"] += clear
        counted["claims"] += claimed
        counted["any"] += clear or claimed
        counted["possible"] += bool((differences["verdict"] == "possible").any())
    return {"alternative": 0, "design": place, "reports": reports, **counted}


def permuted(cells: pd.DataFrame, chance: np.random.Generator) -> pd.DataFrame:
    """The same members with their slots dealt anew, outcome by outcome."""
    parts = []
    for _, own in cells.groupby("outcome", sort=False):
        people = own.loc[own.index.repeat(own["members"])].reset_index(drop=True)
        dealt = people[SLOTS].to_numpy()[chance.permutation(len(people))]
        people[SLOTS] = dealt
        keys = [name for name in people if name != "members"]
        parts.append(people.groupby(keys, dropna=False).size().rename("members").reset_index())
    return pd.concat(parts, ignore_index=True)[list(cells)]


def _report(cells: pd.DataFrame, asked: Study) -> tuple[pd.DataFrame, pd.DataFrame]:
    found = predictors.findings(cells, asked)
    return found, claims.findings(cells, found, asked)
