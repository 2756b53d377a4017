"""Do the intervals of a share hold? Exact for a yes-or-no outcome, simulated for a panel.

Enters: numbers of members, shares, correlations of one member's sessions, scenarios with groups.
Leaves: counts of sets whose interval covered the truth.
Refuses: nothing.
"""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd
from scipy import stats

from engagement.analysis import prevalence
from engagement.declared import Outcome
from validity.scenarios import (
    Design,
    Scenario,
    attended,
    design,
    groups_of,
    scenarios,
    shares,
    within,
)

MEMBERS = (8, 14, 21, 60, 173)
PANEL_SHARES = (0.15, 0.60)
RHOS = (0.1, 0.3, 0.5)
SLOTS = 12
LABEL = {"zh": "", "en": ""}
YES_OR_NO, PANEL = (
    Outcome("took_part", kind, None, None, (), True, 0.1, LABEL) for kind in ("column", "panel")
)
GROUPED = [
    *["A", "B", "D", "H", "U1", "N60i", "K5i", "K3i"],
    *["P1", "P2", "P4", "PN60", "PU", "PK5", "PK4", "PI"],
]


def binary() -> list[dict]:
    """Exact coverage at each size, the lowest and the mean over shares from .02 to .98."""
    grid = np.linspace(0.02, 0.98, 193)
    return [_binary(members, grid) for members in MEMBERS]


def _binary(members: int, grid: np.ndarray) -> dict:
    ends = []
    for events in range(members + 1):
        rows = pd.DataFrame({"due": 1, "attended": [1, 0], "members": [events, members - events]})
        told = prevalence.share(rows, YES_OR_NO)
        ends.append((told["conf_low"], told["conf_high"]))
    low, high = np.array(ends).T
    chances = stats.binom.pmf(np.arange(members + 1), members, grid[:, None])
    covered = (chances * ((low <= grid[:, None]) & (grid[:, None] <= high))).sum(axis=1)
    return {"members": members, "mean": 100 * covered.mean(), "lowest": 100 * covered.min()}


def block(place: int, sets: int, seed: int) -> list[dict]:
    """Counts of every simulated case over `sets`."""
    rows = [*panel(place, sets, seed), *grouped(place, sets, seed)]
    return [{"covered_alone": "", **row} for row in rows]


def panel(place: int, sets: int, seed: int) -> list[dict]:
    """Counts of a panel's share over `sets`: beta-binomial members, twelve slots, no groups."""
    return [
        _panel(members, share, rho, (place, sets, seed))
        for members in MEMBERS
        for share in PANEL_SHARES
        for rho in RHOS
    ]


def _panel(members: int, share: float, rho: float, block: tuple[int, int, int]) -> dict:
    place, sets, seed = block
    name = f"{members} members, share {share:g}, rho {rho:g}"
    chance = np.random.default_rng([seed, place, zlib.crc32(name.encode())])
    weight = 1 / rho - 1
    rates = chance.beta(share * weight, (1 - share) * weight, (sets, members))
    hits = 0
    for one in chance.binomial(SLOTS, rates):
        values, counts = np.unique(one, return_counts=True)
        rows = pd.DataFrame({"due": SLOTS, "attended": values, "members": counts})
        hits += _covers(rows, PANEL, share)
    return {"scenario": name, "alternative": 0, "design": place, "sets": sets, "covered": hits}


def grouped(place: int, sets: int, seed: int) -> list[dict]:
    """Counts of the whole share over `sets` outcomes of one design, groups being alike.

    `covered_alone` is the same interval when it is not told the groups. With fewer than five
    groups the interval speaks of these groups, and so does the truth.
    """
    known = scenarios()
    return [_grouped(known[name], (place, sets, seed)) for name in GROUPED]


def _grouped(scenario: Scenario, block: tuple[int, int, int]) -> dict:
    place, sets, seed = block
    name = f"all of {scenario.name}"
    chance = np.random.default_rng([seed, place, zlib.crc32(name.encode())])
    drawn = design(scenario, chance, alternative=False)
    groups = groups_of(drawn, chance, sets)
    outcome = PANEL if scenario.panel else YES_OR_NO
    told = {"covered": 0, "covered_alone": 0}
    rows = attended(drawn, chance, groups)
    for row, truth in zip(rows, _truth(drawn, groups), strict=True):
        cells = pd.DataFrame({"due": drawn.due, "attended": row, "members": 1, "branch": "b1"})
        told["covered"] += _covers(cells.assign(group=drawn.group), outcome, truth)
        told["covered_alone"] += _covers(cells, outcome, truth)
    return {"scenario": name, "alternative": 0, "design": place, "sets": sets, **told}


def _truth(drawn: Design, groups: np.ndarray) -> np.ndarray:
    if drawn.group.max() + 1 < prevalence.FEWEST_GROUPS:
        return within(drawn, groups)
    whole = float(np.average(shares(drawn, drawn.asked.added), weights=drawn.due))
    return np.full(len(groups), whole)


def _covers(rows: pd.DataFrame, outcome: Outcome, truth: float) -> bool:
    told = prevalence.share(rows, outcome)
    return bool(told["conf_low"] <= truth <= told["conf_high"])
