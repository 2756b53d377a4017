"""Did an offer made by lot help? Estimates, small-sample intervals, permutation inference.

Enters: plain arrays: rates of members or of groups in periods, and what chance allotted to whom.
Leaves: Effects: one entry per data set, so that a thousand years are judged as fast as one.
Refuses: arms or groups that leave no comparison (NaN throughout).

Individuals: difference within groups, adjusted for last year's rate, with the variance HC2
(MacKinnon & White 1985) and Satterthwaite degrees of freedom. Stepped wedge: groups and periods
held level, and inference by permuting which group starts when (Hughes et al. 2020, Stat Med 39).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import stats

LEVEL = 0.05
PERMUTATIONS = 999
STEP = 0.0025
REACH = 1.0
NEARLY = 1e-9
HALF = 0.5


class Effects(NamedTuple):
    """What being offered added to the share of due sessions attended; one entry per data set."""

    estimate: np.ndarray
    conf_low: np.ndarray
    conf_high: np.ndarray
    p_value: np.ndarray


def individuals(
    rate: np.ndarray, last: np.ndarray, offered: np.ndarray, group: np.ndarray
) -> Effects:
    """Intention to treat among members allotted within groups (Effects).

    `rate`, `last`: this and last year's share attended, data sets × members (or members alone);
    `offered`: what chance allotted, 0 or 1; `group`: number of each member's group. Every member
    weighs the same. A `last` without any variation is left out of the adjustment.
    """
    rate, last = np.atleast_2d(rate).astype(float), np.atleast_2d(last).astype(float)
    size = np.bincount(group)
    inner = _within(np.array([offered], float), group, size)
    past = _within(last, group, size)
    scale = (past**2).sum(axis=1, keepdims=True)
    slope = np.divide((past * inner).sum(axis=1, keepdims=True), scale, where=scale > NEARLY,
                      out=np.zeros_like(scale))  # fmt: skip
    pull = inner - slope * past
    weight = (pull**2).sum(axis=1)
    known = weight > NEARLY
    weight = np.where(known, weight, np.nan)
    estimate = (pull * rate).sum(axis=1) / weight
    answer = _within(rate, group, size) - estimate[:, None] * inner
    level = np.divide((past * answer).sum(axis=1, keepdims=True), scale, where=scale > NEARLY,
                      out=np.zeros_like(scale))  # fmt: skip
    residual = answer - level * past
    past_share = np.divide(past**2, scale, where=scale > NEARLY, out=np.zeros_like(past))
    free = 1 - 1 / size[group][None, :] - past_share - pull**2 / weight[:, None]
    free = np.clip(free, NEARLY, 1)
    parts = pull**2 * residual**2 / free / weight[:, None] ** 2
    return _judged(estimate, parts, free, offered.astype(bool))


def _within(values: np.ndarray, group: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Values less the mean of their group."""
    sums = np.zeros((len(values), len(size)))
    np.add.at(sums, (slice(None), group), values)
    return values - (sums / np.maximum(size, 1))[:, group]


def _judged(estimate, parts, free, offered: np.ndarray) -> Effects:
    variance, spread = [], []
    for arm in (offered, ~offered):
        own = parts[:, arm].sum(axis=1)
        variance.append(own)
        spread.append(own**2 / np.maximum(free[:, arm].sum(axis=1), NEARLY))
    error = np.sqrt(sum(variance))
    degrees = np.maximum(sum(variance) ** 2 / np.maximum(sum(spread), NEARLY**2), 1.0)
    reach = stats.t.ppf(1 - LEVEL / 2, degrees) * error
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * stats.t.sf(np.abs(estimate) / error, degrees)
    return Effects(estimate, estimate - reach, estimate + reach, p_value)


class Wedge(NamedTuple):
    """A stepped wedge ready to be judged: what was drawn, and what else could have been."""

    exposed: np.ndarray
    permuted: np.ndarray
    level: np.ndarray


def wedge(
    start: np.ndarray,
    periods: int,
    known: np.ndarray,
    *,
    seed: int,
    permutations: int = PERMUTATIONS,
) -> Wedge:
    """The design of groups that begin in period `start` (0, 1, …), over `periods` periods.

    `known`: groups × periods, whether anything was due there. The permutations draw who starts
    when, waves as large as they were, from `seed`.
    """
    chance = np.random.default_rng(seed)
    orders = np.array([chance.permutation(start) for _ in range(permutations)])
    rows, columns = np.nonzero(known)
    level = _levelling(rows, columns, known.shape)
    exposed = (columns >= start[rows]).astype(float)
    return Wedge(exposed, (columns[None, :] >= orders[:, rows]).astype(float), level)


def _levelling(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """The matrix that takes group and period means out of a vector of known cells."""
    dummies = np.hstack([np.eye(shape[0])[rows], np.eye(shape[1])[columns]])
    return np.eye(len(rows)) - dummies @ np.linalg.pinv(dummies)


def stepped(rate: np.ndarray, design: Wedge, *, limits: bool = True) -> Effects:
    """Intention to treat in a stepped wedge (Effects).

    `rate`: share attended in each known cell of the design, data sets × cells (or cells alone), in
    the order of its rows; every group weighs the same. The interval holds the effects that a
    permutation test at 5 % does not reject, to the next of `STEP`; without `limits` it is NaN.
    """
    rate = np.atleast_2d(rate).astype(float)
    pull = design.level @ design.exposed
    norm = pull @ pull
    if norm < NEARLY:
        nothing = np.full(len(rate), np.nan)
        return Effects(nothing, nothing, nothing, nothing)
    estimate = rate @ pull / norm
    pulls = design.permuted @ design.level
    norms = np.maximum((pulls**2).sum(axis=1), NEARLY)
    drawn = rate @ pulls.T / norms
    share = pulls @ design.exposed / norms
    p_value = _tail(estimate, drawn, share, 0.0)
    if not limits:
        nothing = np.full(len(rate), np.nan)
        return Effects(estimate, nothing, nothing, p_value)
    ends = [_ends(*one, share) for one in zip(estimate, drawn, strict=True)]
    low, high = np.array(ends).T
    return Effects(estimate, low, high, p_value)


def _tail(estimate, drawn, share, effect: float) -> np.ndarray:
    """p-value of `effect` by data set: the draw itself counts among the permutations."""
    away = np.abs(drawn - effect * share[None, :])
    as_far = away >= np.abs(estimate - effect)[:, None] - NEARLY
    return (1 + as_far.sum(axis=1)) / (1 + drawn.shape[1])


def _ends(estimate: float, drawn: np.ndarray, share: np.ndarray) -> tuple[float, float]:
    effects = np.arange(-REACH, REACH + STEP / 2, STEP)
    away = np.abs(drawn[None, :] - effects[:, None] * share[None, :])
    as_far = (away >= np.abs(estimate - effects)[:, None] - NEARLY).sum(axis=1)
    kept = effects[(1 + as_far) / (1 + len(drawn)) > LEVEL]
    if not len(kept):
        return estimate, estimate
    return max(kept.min() - STEP, -REACH), min(kept.max() + STEP, REACH)


def allotted(group: np.ndarray, chance: np.random.Generator, *, share: float = HALF) -> np.ndarray:
    """0 or 1 for each member: `share` of every group by lot; odd ones out go by lot as well."""
    drawn = chance.random(len(group))
    wanted = np.zeros(len(group), int)
    for number in np.unique(group):
        own = np.flatnonzero(group == number)
        exact = share * len(own)
        take = int(exact) + int(chance.random() < exact - int(exact))
        wanted[own[np.argsort(drawn[own], kind="stable")[:take]]] = 1
    return wanted


def waves(groups: int, count: int, chance: np.random.Generator) -> np.ndarray:
    """The wave (1, 2, …) of each group by lot; waves differ by at most one group."""
    sizes = np.full(count, groups // count) + (np.arange(count) < groups % count)
    return chance.permutation(np.repeat(np.arange(1, count + 1), sizes))


def verdict(conf_low: float, conf_high: float, smallest: float) -> str:
    """helped, did_not_help (by as much as `smallest`), or cannot_be_told."""
    if not np.isfinite([conf_low, conf_high]).all():
        return "cannot_be_told"
    if conf_low > 0:
        return "helped"
    return "did_not_help" if conf_high < smallest else "cannot_be_told"
