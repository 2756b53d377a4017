"""What a pilot could show: its power, the smallest difference it would see, what it is worth.

Enters: the size of a design and declared assumptions about how members differ; no outcome of a
person.
Leaves: power by difference, the detectable difference, how often each verdict would be reached.
Refuses: nothing; the assumptions are printed beside the numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from engagement.analysis import trial

SETS, SEED, LOTS = 2000, 2023, 20
SHOWN = (0.05, 0.10, 0.15, 0.20)
GRID = np.arange(0.0, 0.42, 0.02)
TARGET = 0.8
NEARLY = 1e-6


@dataclass(frozen=True)
class Assumed:
    """How many members there are and how they differ.

    `groups`: number of members of each group; `share`: of due sessions attended; `slots`: due to
    each member in the pilot; `last_slots`: in the year before; `correlation` of one member's
    sessions; `group_sd`: between groups, on the logit; `kept`: share of members whose inclination
    is that of last year (the others are drawn anew); `drift`: of a group from one period to the
    next, on the logit. Being offered raises everybody's chance by the same part of what is missing.
    """

    groups: tuple[int, ...]
    share: float
    slots: int
    last_slots: int
    correlation: float = 0.3
    group_sd: float = 0.5
    kept: float = 0.8
    drift: float = 0.3


def power(
    design: str, assumed: Assumed, difference: float, *, waves: int = 5, share: float = 0.5,
    sets: int = SETS, seed: int = SEED,
) -> float:  # fmt: skip
    """Share of simulated pilots that find a true `difference` of this size (5 % level)."""
    found = simulated(design, assumed, difference, waves=waves, share=share, sets=sets, seed=seed)
    return float((found.p_value < trial.LEVEL).mean())


def detectable(
    design: str, assumed: Assumed, *, waves: int = 5, share: float = 0.5, sets: int = SETS,
    seed: int = SEED,
) -> float:  # fmt: skip
    """The smallest difference that a pilot sees with 80 % power; NaN beyond 40 points.

    Interpolated between simulations two points apart.
    """
    before = trial.LEVEL
    for difference in GRID[1:]:
        found = power(design, assumed, difference, waves=waves, share=share, sets=sets, seed=seed)
        if found >= TARGET:
            return float(difference - (found - TARGET) / (found - before) * GRID[1])
        before = found
    return float("nan")


def simulated(
    design: str, assumed: Assumed, difference: float | np.ndarray, *, waves: int = 5,
    share: float = 0.5, sets: int = SETS, seed: int = SEED, limits: bool = False,
) -> trial.Effects:  # fmt: skip
    """Pilots with a true `difference` (one number, or one per data set), judged as the real one.

    The lot is drawn anew for each part of the data sets, so that none decides the answer.
    """
    chance = np.random.default_rng(seed)
    parts = np.array_split(np.broadcast_to(np.asarray(difference, float), sets), min(LOTS, sets))
    found = [
        _wedges(assumed, part, waves, len(part), chance, limits=limits)
        if design == "stepped_wedge"
        else _lots(assumed, part, share, len(part), chance)
        for part in parts
    ]
    return trial.Effects(*(np.concatenate(one) for one in zip(*found, strict=True)))


def _lots(assumed: Assumed, difference, share: float, sets: int, chance) -> trial.Effects:
    group = np.repeat(np.arange(len(assumed.groups)), assumed.groups)
    offered = trial.allotted(group, chance, share=share)
    before, now = _inclinations(assumed, group, sets, chance)
    last = chance.binomial(assumed.last_slots, before) / assumed.last_slots
    raised = _raised(now, np.reshape(difference, (-1, 1)) * offered)
    rate = chance.binomial(assumed.slots, raised) / assumed.slots
    return trial.individuals(rate, last, offered, group)


def _wedges(assumed: Assumed, difference, waves, sets, chance, *, limits: bool) -> trial.Effects:
    groups, periods = len(assumed.groups), waves + 1
    start = trial.waves(groups, waves, chance)
    known = np.ones((groups, periods), bool)
    design = trial.wedge(start, periods, known, seed=int(chance.integers(2**31)))
    member = np.repeat(np.arange(groups), assumed.groups)
    _, now = _inclinations(assumed, member, sets, chance)
    slots = max(assumed.slots // periods, 1)
    came = np.zeros((sets, groups, periods))
    for period in range(periods):
        exposed = (period >= start)[member]
        moved = chance.normal(0, assumed.drift, (sets, groups))[:, member]
        here = special.expit(special.logit(np.clip(now, NEARLY, 1 - NEARLY)) + moved)
        raised = _raised(here, np.reshape(difference, (-1, 1)) * exposed)
        np.add.at(came[:, :, period], (slice(None), member), chance.binomial(slots, raised))
    rate = came / (slots * np.array(assumed.groups))[None, :, None]
    return trial.stepped(rate.reshape(sets, -1), design, limits=limits)


def _raised(chances: np.ndarray, difference: np.ndarray) -> np.ndarray:
    """Chances raised by `difference` on average, and nobody's above one."""
    missing = 1 - chances
    return np.clip(chances + difference * missing / missing.mean(axis=1, keepdims=True), 0, 1)


def _inclinations(assumed: Assumed, group: np.ndarray, sets: int, chance):
    """Each member's chance to attend, last year and this year: beta around the group's mean."""
    shift = chance.normal(0, assumed.group_sd, (sets, len(assumed.groups)))
    mean = special.expit(special.logit(assumed.share) + shift)[:, group]
    size = (1 - assumed.correlation) / assumed.correlation
    before = chance.beta(mean * size, (1 - mean) * size)
    anew = chance.beta(mean * size, (1 - mean) * size)
    kept = chance.random(before.shape) < assumed.kept
    return before, np.where(kept, before, anew)


def worth(
    design: str, assumed: Assumed, effect: tuple[float, float], smallest: float, *,
    waves: int = 5, share: float = 0.5, sets: int = SETS, seed: int = SEED,
) -> dict[str, float]:  # fmt: skip
    """How often a pilot would end in each verdict, if the effect lies evenly in its range.

    Keys: helped, did_not_help, cannot_be_told. The hours of an offer that did not help are free
    for another one.
    """
    drawn = np.random.default_rng([seed, 1]).uniform(*effect, sets)
    found = simulated(
        design, assumed, drawn, waves=waves, share=share, sets=sets, seed=seed, limits=True
    )
    told = [trial.verdict(*ends, smallest) for ends in zip(found[1], found[2], strict=True)]
    return {name: told.count(name) / sets for name in ("helped", "did_not_help", "cannot_be_told")}
