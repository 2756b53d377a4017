"""Pilots with a known effect: does their test hold its level, do they find what they print?

Enters: designs of a pilot, the number of a block, how many second years, a seed.
Leaves: one row of counts: found where there is nothing, found where there is something, covered.
Refuses: nothing.

The second years are drawn here and not by the package: members differ on the logit, groups differ
and drift, some members move away, and sessions are missed unevenly.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special

from engagement import study
from engagement.analysis import evaluation, power, trial
from engagement.analysis.power import Assumed
from engagement.study import Study

STUDY = (20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 6, 4)
SMALL = (14, 12, 11, 9, 8, 6)
UNEQUAL = (60, 30, 20, 12, 10, 8, 7, 6, 5, 4, 4, 3, 2, 2)
WIDE = (12,) * 28
DIFFERENCES = (0.0, 0.10, 0.15)
JUDGED = ("half of every group", "five waves")
TRUE = 0.10
AWAY = 0.05
SAMPLE = Path(__file__).parent.parent / "data" / "community"
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(31)
SEED_OF_PERMUTATIONS = 7


class Case(NamedTuple):
    """One pilot: its design, what is assumed of the members, waves or the share offered."""

    design: str
    assumed: Assumed
    waves: int = 5
    share: float = 0.5

    @property
    def options(self) -> dict:
        return {"waves": self.waves, "share": self.share}


CASES = {
    "half of every group": Case("individuals", Assumed(STUDY, 0.6, 11, 34)),
    "half, few come": Case("individuals", Assumed(STUDY, 0.2, 11, 34)),
    "half, members alike": Case("individuals", Assumed(STUDY, 0.6, 11, 34, correlation=0.1)),
    "half, members unlike": Case("individuals", Assumed(STUDY, 0.6, 11, 34, correlation=0.5)),
    "half, nobody as last year": Case("individuals", Assumed(STUDY, 0.6, 11, 34, kept=0.0)),
    "half, unequal groups": Case("individuals", Assumed(UNEQUAL, 0.6, 11, 34)),
    "half of sixty": Case("individuals", Assumed(SMALL, 0.6, 6, 12)),
    "one event a year": Case("individuals", Assumed(STUDY, 0.1, 1, 1)),
    "a lottery for thirty": Case("lottery", Assumed(STUDY, 0.6, 11, 34), share=30 / 173),
    "five waves": Case("stepped_wedge", Assumed(STUDY, 0.6, 11, 34)),
    "five waves, few come": Case("stepped_wedge", Assumed(STUDY, 0.2, 11, 34)),
    "five waves, unequal groups": Case("stepped_wedge", Assumed(UNEQUAL, 0.6, 11, 34)),
    "three waves of six groups": Case("stepped_wedge", Assumed(SMALL, 0.6, 8, 12), waves=3),
    "five waves of 28 groups": Case("stepped_wedge", Assumed(WIDE, 0.6, 11, 34)),
}


def block(name: str, place: int, sets: int, seed: int) -> list[dict]:
    """Counts over `sets` second years of one lot, for every true difference."""
    case = CASES[name]
    rows = []
    for difference in DIFFERENCES:
        key = [seed, zlib.crc32(name.encode()), place, round(100 * difference)]
        chance = np.random.default_rng(key)
        found = (wedges if case.design == "stepped_wedge" else lots)(case, difference, sets, chance)
        covered = (found.conf_low <= difference) & (difference <= found.conf_high)
        told = {"scenario": name, "alternative": round(100 * difference), "design": place}
        counted = {"found": int((found.p_value < trial.LEVEL).sum()), "covered": int(covered.sum())}
        ends = np.array([found.estimate, found.conf_low, found.conf_high])
        counted |= {"not_finite": int((~np.isfinite(ends)).any(axis=0).sum())}
        counted |= {"error": float(np.nansum(found.estimate - difference))}
        rows.append({**told, "sets": sets, **counted})
    return rows


def lots(case: Case, difference: float, sets: int, chance: np.random.Generator) -> trial.Effects:
    """Second years of an offer made by lot among members."""
    assumed = case.assumed
    group = np.repeat(np.arange(len(assumed.groups)), assumed.groups)
    offered = trial.allotted(group, chance, share=case.share)
    before, now = inclinations(assumed, group, sets, chance)
    last = _rates(chance, assumed.last_slots, special.expit(before))
    raised = lifted(special.expit(now), difference * offered)
    return trial.individuals(_rates(chance, assumed.slots, raised), last, offered, group)


def wedges(case: Case, difference: float, sets: int, chance: np.random.Generator) -> trial.Effects:
    """Second years of an offer that groups begin one wave after another."""
    start, known, came = _stepped(case, difference, sets, chance)
    design = trial.wedge(start, known.shape[1], known, seed=int(chance.integers(2**31)))
    return trial.stepped(came.reshape(sets, -1), design)


def _stepped(case: Case, difference: float, sets: int, chance: np.random.Generator) -> tuple:
    """When each group starts, and its share attended by period, one table per set."""
    assumed, periods = case.assumed, case.waves + 1
    groups = len(assumed.groups)
    start = trial.waves(groups, case.waves, chance)
    member = np.repeat(np.arange(groups), assumed.groups)
    _, now = inclinations(assumed, member, sets, chance)
    slots = max(assumed.slots // periods, 1)
    rates = np.zeros((sets, groups, periods))
    for period in range(periods):
        drift = assumed.drift * chance.normal(size=(sets, groups))[:, member]
        exposed = (period >= start)[member]
        raised = lifted(special.expit(now + drift), difference * exposed)
        came = chance.binomial(slots, raised) / slots
        np.add.at(rates[:, :, period], (slice(None), member), came)
    return start, np.ones((groups, periods), bool), rates / np.array(assumed.groups)[None, :, None]


def inclinations(
    assumed: Assumed, group: np.ndarray, sets: int, chance: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Log odds to attend of each member, last year and this year, sets × members.

    Normal around the group's; spread so that the sessions of one member have the assumed
    correlation at the assumed share, and the mean is that share.
    """
    spread = _spread(assumed.correlation, assumed.share)
    centre = special.logit(assumed.share)
    groups = assumed.group_sd * chance.normal(size=(sets, group.max() + 1))[:, group]
    means = np.array([_centre(one, spread) for one in np.linspace(-4, 4, 81)])
    middle = np.interp(centre + groups, np.linspace(-4, 4, 81), means)
    first, second = spread * chance.normal(size=(2, sets, len(group)))
    kept = chance.random((sets, len(group))) < assumed.kept
    return middle + first, middle + np.where(kept, first, second)


def lifted(chances: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Chances raised by `difference` on average, everybody by the same part of what is missing."""
    missing = 1 - chances
    return np.clip(chances + difference * missing / missing.mean(axis=1, keepdims=True), 0, 1)


def _rates(chance: np.random.Generator, slots: int, chances: np.ndarray) -> np.ndarray:
    return chance.binomial(slots, chances) / slots


def _mean(centre: float, spread: float) -> tuple[float, float]:
    """Mean and variance of a share whose log odds are normal."""
    share, weights = special.expit(centre + spread * NODES), WEIGHTS / WEIGHTS.sum()
    mean = float(weights @ share)
    return mean, float(weights @ (share - mean) ** 2)


def _centre(logit: float, spread: float) -> float:
    """The middle of the log odds at which the mean share is expit(logit)."""
    share = special.expit(logit)
    return float(optimize.brentq(lambda one: _mean(one, spread)[0] - share, -20, 20))


def _spread(correlation: float, share: float) -> float:
    """The members' standard deviation that gives the correlation of one member's sessions."""

    def excess(spread: float) -> float:
        mean, variance = _mean(_centre(special.logit(share), spread), spread)
        return variance / (mean * (1 - mean)) - correlation

    return float(optimize.brentq(excess, 1e-3, 12))


def printed(name: str, difference: float) -> float:
    """The power that a protocol prints for this pilot."""
    case = CASES[name]
    return power.power(case.design, case.assumed, difference, **case.options)


def second_years(name: str, place: int, sets: int, seed: int) -> dict:
    """Counts over evaluations of whole second years, from counts to the row of the report.

    One member in twenty moved away, some are excused from some sessions; the offer adds ten points.
    """
    case, asked = CASES[name], study.load(SAMPLE)
    chance = np.random.default_rng([seed, zlib.crc32(name.encode()), place])
    counted = {"covered": 0, "helped": 0, "did_not_help": 0, "cannot_be_told": 0}
    for _ in range(sets):
        row = _evaluated(case, TRUE, chance, asked).iloc[0]
        counted["covered"] += bool(row["conf_low"] <= TRUE <= row["conf_high"])
        counted[row["verdict"]] += 1
    return {"scenario": name, "alternative": 0, "design": place, "sets": sets, **counted}


def file(name: str, kind: str = "pilot") -> str:
    """The name of the file of results of one case."""
    return f"{kind}-{name.replace(',', '').replace(' ', '-')}"


def _evaluated(
    case: Case, difference: float, chance: np.random.Generator, asked: Study
) -> pd.DataFrame:
    protocol = {"design": case.design, "measure": "MS11", "smallest_difference": TRUE}
    protocol |= {"seed": SEED_OF_PERMUTATIONS}
    if case.design == "stepped_wedge":
        return evaluation.wedge(_waves(case, difference, chance), protocol, asked)
    return evaluation.individuals(_arms(case, difference, chance), protocol, asked)


def _arms(case: Case, difference: float, chance: np.random.Generator) -> pd.DataFrame:
    assumed = case.assumed
    group = np.repeat(np.arange(len(assumed.groups)), assumed.groups)
    offered = trial.allotted(group, chance, share=case.share)
    before, now = (special.expit(one[0]) for one in inclinations(assumed, group, 1, chance))
    due = chance.integers(assumed.slots // 2, assumed.slots + 1, len(group))
    due[chance.random(len(group)) < AWAY] = 0
    last_due = chance.integers(assumed.last_slots // 2, assumed.last_slots + 1, len(group))
    raised = lifted(now[None, :], difference * offered)[0]
    rows = pd.DataFrame(
        {
            "stratum": [f"b1 g{one}" for one in group],
            "offered": np.where(offered == 1, "yes", "no"),
            "due": due,
            "attended": chance.binomial(due, raised),
            "last_due": last_due,
            "last_attended": chance.binomial(last_due, before),
        }
    )
    return rows.groupby(list(rows)).size().rename("members").reset_index()


def _waves(case: Case, difference: float, chance: np.random.Generator) -> pd.DataFrame:
    start, known, rates = _stepped(case, difference, 1, chance)
    group, period = np.nonzero(known)
    return pd.DataFrame(
        {
            "group": [f"g{one}" for one in group],
            "month": [f"2023-{1 + 2 * one:02d}" for one in period],
            "members": np.array(case.assumed.groups)[group],
            "share": rates[0][group, period],
            "offered": np.where(period >= start[group], "yes", "no"),
        }
    )
