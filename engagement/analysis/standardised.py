"""The share that would take part if the members were made up as a larger body is.

Enters: cells of one outcome and the benchmark that the study declares.
Leaves: the standardised share, its gap to the share as it is, both with limits; the composition.
Refuses: a part of the benchmark that fewer than three members or one group alone stand for.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

from engagement import exact, tables
from engagement.analysis import design, model, prevalence
from engagement.declared import Benchmark, Outcome
from engagement.study import Study

JOINED = ";"


class Parts(NamedTuple):
    """Members of the cells by part of the benchmark: what each row stands for, and the weights."""

    part: np.ndarray
    members: np.ndarray
    due: np.ndarray
    attended: np.ndarray
    groups: np.ndarray
    shares: np.ndarray


def line(cells: pd.DataFrame, benchmark: Benchmark, outcome: Outcome) -> dict:
    """The standardised share beside the share as it is, as numbers of one comparison.

    share: with the composition of the benchmark (direct standardisation), share_low, share_high:
    its limits; yardstick: the share as it is; estimate: their difference with its limits.
    Slots of one member and members of one group may be alike; the wider limits are taken. Where
    few members stand on a list, those of Fay & Feuer 1997 (Stat Med 16:791) are taken if they
    are wider, for the difference those that combine Wilson's limits of all parts (Zou & Donner
    2008).
    """
    parts = _parts(cells, benchmark)
    size = {"members": int(parts.members.sum()), "events": int(parts.members @ parts.attended)}
    refused = _refusal(parts)
    if refused:
        return {**size, "method": "none", "note": refused, "verdict": "refused"}
    due, attended = _sums(parts, parts.due), _sums(parts, parts.attended)
    p1, p0 = float(parts.shares @ (attended / due)), float(attended.sum() / due.sum())
    share_errors, gap_errors = _errors(parts, due, attended)
    if max(error for error, _ in share_errors) ** 2 < model.NO_VARIATION:
        return {**size, "method": "none", "note": "no_variation", "verdict": "refused"}
    low, high = _widest([_logit(p1, *one) for one in share_errors])
    if outcome.kind != "panel" and _is_rare(parts):
        exact = gamma_limits(attended, due, parts.shares)
        low, high = min(low, exact[0]), max(high, min(exact[1], 1.0))
    gap = p1 - p0
    reach = max(stats.t.ppf(0.975, degrees) * error for error, degrees in gap_errors)
    gap_low, gap_high = gap - reach, gap + reach
    if outcome.kind != "panel":
        below, above = _mover(attended, due, parts.shares - due / due.sum())
        gap_low, gap_high = min(gap_low, gap - below), max(gap_high, gap + above)
    return {
        **size,
        **{"share": p1, "yardstick": p0, "share_low": low, "share_high": high},
        **{"estimate": gap, "conf_low": gap_low, "conf_high": gap_high},
        **{"method": "standardised", "note": ""},
    }


def _mover(events: np.ndarray, people: np.ndarray, pull: np.ndarray) -> tuple[float, float]:
    """How far a weighted sum of shares may lie below and above, from the limits of each."""
    shares = events / people
    ends = [prevalence.wilson(*one) for one in zip(events, people, strict=True)]
    low, high = np.array(ends).T
    down = np.where(pull > 0, shares - low, high - shares)
    up = np.where(pull > 0, high - shares, shares - low)
    return float(np.hypot.reduce(pull * down)), float(np.hypot.reduce(pull * up))


def _is_rare(parts: Parts) -> bool:
    events = parts.members @ parts.attended
    return bool(min(events, parts.members @ parts.due - events) < prevalence.FEW)


def gamma_limits(events: np.ndarray, people: np.ndarray, shares: np.ndarray) -> tuple[float, float]:
    """Limits of a directly standardised rate from the gamma distribution. Fay & Feuer 1997."""
    rate = float(shares @ (events / people))
    variance = float((shares**2) @ (events / people**2))
    most = float((shares / people).max())
    low = stats.gamma.ppf(0.025, rate**2 / variance, scale=variance / rate) if rate > 0 else 0.0
    upper, spread = rate + most, variance + most**2
    return float(low), float(stats.gamma.ppf(0.975, upper**2 / spread, scale=spread / upper))


def composition(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The members beside the benchmark, one row per part (table `composition`).

    `share` of the members whose part is recorded with exact limits, `yardstick` that of the
    benchmark,
    `expected` the members if they were made up like it. Empty without a benchmark.
    """
    columns = list(tables.TABLES["composition"].columns)
    if study.benchmark is None:
        return pd.DataFrame(columns=columns)
    own = cells[cells["outcome"] == cells["outcome"].iloc[0]]
    known = own[own[study.benchmark.factor].isin(sum(study.benchmark.shares, ()))]
    total = int(known["members"].sum())
    rows = []
    for levels, share in study.benchmark.shares.items():
        members = int(known.loc[known[study.benchmark.factor].isin(levels), "members"].sum())
        low, high = exact.share(members, total) if total else (0.0, 1.0)
        side = "higher" if low > share else "lower" if high < share else "cannot_be_told"
        rows.append(
            {
                **{"factor": study.benchmark.factor, "level": JOINED.join(levels)},
                **{"members": members, "share": members / total if total else np.nan},
                **{
                    "conf_low": low,
                    "conf_high": high,
                    "yardstick": share,
                    "expected": total * share,
                },
                "verdict": side,
            }
        )
    return tables.check(pd.DataFrame(rows, columns=columns), "composition")


def _parts(cells: pd.DataFrame, benchmark: Benchmark) -> Parts:
    place = {level: no for no, levels in enumerate(benchmark.shares) for level in levels}
    used = design.known(cells, [])
    used = used[used[benchmark.factor].isin(place)]
    numbers = [used[name].to_numpy(float) for name in ("members", "due", "attended")]
    part = used[benchmark.factor].map(place).to_numpy(int)
    return Parts(part, *numbers, design.clusters(used), np.array(list(benchmark.shares.values())))


def _refusal(parts: Parts) -> str:
    sizes = np.bincount(parts.part, parts.members, len(parts.shares))
    if sizes.min() < design.FEWEST_EXPOSED:
        return "few_exposed"
    held = pd.DataFrame({"part": parts.part, "group": parts.groups}).drop_duplicates()
    alone = held.groupby("part").size().min() < 2 and len(np.unique(parts.groups)) > 1
    events = parts.members @ parts.attended
    never = events == 0 or events == parts.members @ parts.due
    return "one_group" if alone else "no_variation" if never else ""


def _sums(parts: Parts, values: np.ndarray) -> np.ndarray:
    return np.bincount(parts.part, parts.members * values, len(parts.shares))


def _errors(
    parts: Parts, due: np.ndarray, attended: np.ndarray
) -> tuple[list[tuple[float, float]], list[tuple[float, float]]]:
    """Errors and degrees of freedom of the standardised share, and of its gap to the share now.

    The members' own composition is a count and has no error. Each by linearising over members,
    and over groups where there are five or more.
    """
    residual = parts.attended - (attended / due)[parts.part] * parts.due
    pulls = (parts.shares / due, parts.shares / due - 1 / due.sum())
    found = [[_over_members(parts, pull[parts.part] * residual)] for pull in pulls]
    if len(np.unique(parts.groups)) >= prevalence.FEWEST_GROUPS:
        by_group = _by_group(parts, residual, due)
        for errors, pull in zip(found, pulls, strict=True):
            error = float(np.sqrt(((by_group @ pull) ** 2).sum()))
            errors.append((error, len(by_group) - 1))
    return found[0], found[1]


def _over_members(parts: Parts, each: np.ndarray) -> tuple[float, float]:
    """Error and Satterthwaite's degrees of freedom of a sum over members, part by part."""
    sizes = np.bincount(parts.part, parts.members, len(parts.shares))
    spread = np.bincount(parts.part, parts.members * each**2, len(parts.shares))
    variances = spread * sizes / (sizes - 1)
    total = variances.sum()
    degrees = total**2 / max((variances**2 / (sizes - 1)).sum(), 1e-300)
    return float(np.sqrt(total)), float(max(degrees, 1.0))


def _by_group(parts: Parts, residual: np.ndarray, due: np.ndarray) -> np.ndarray:
    """Slots of each group and part beyond their share, corrected for the pull of the group."""
    shape = (int(parts.groups.max()) + 1, len(parts.shares))
    cell = parts.groups * shape[1] + parts.part
    slots, beyond = (
        np.bincount(cell, parts.members * one, np.prod(shape)).reshape(shape)
        for one in (parts.due, residual)
    )
    return beyond / np.maximum(1 - slots / due, 1e-9)


def _logit(share: float, error: float, degrees: float) -> tuple[float, float]:
    reach = stats.t.ppf(0.975, degrees) * error / (share * (1 - share))
    centre = special.logit(share)
    return float(special.expit(centre - reach)), float(special.expit(centre + reach))


def _widest(limits: list[tuple[float, float]]) -> tuple[float, float]:
    return max(limits, key=lambda one: one[1] - one[0])
