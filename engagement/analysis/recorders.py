"""Does a difference between branches belong to its members or to its clerk? (C5)

Enters: cells of the primary outcome, and meetings with numbered recorders.
Leaves: rows of the table `recording`: intraclass correlations with exact F limits.
Refuses: telling a branch from its recorder where every branch has one of its own.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from engagement.analysis import checks
from engagement.analysis.cells import UNKNOWN


class Correlation(NamedTuple):
    """The share of the variance that lies between classes, with 95 % limits."""

    estimate: float
    low: float
    high: float


def intraclass(
    values: np.ndarray, classes: np.ndarray, weights: np.ndarray, strata: np.ndarray | None = None
) -> Correlation:
    """Intraclass correlation of `values`, each standing for `weights` equal ones.

    (MSB − MSW)/(MSB + (k−1)MSW) with Searle's F limits, k the mean class size adjusted for its
    variation; with `strata`, between the classes inside each stratum (nested). Limits are exact
    for classes of one size. Shrout & Fleiss 1979, ICC(1,1); Donner 1986. Missing with fewer than
    two classes in a stratum, without a class of two, or where all values are equal.
    """
    strata = np.zeros(len(values), dtype=int) if strata is None else strata
    named = pd.MultiIndex.from_arrays([strata, classes])
    place, labels = pd.factorize(named)
    over, tops = pd.factorize(strata)
    sizes, means = _means(values, weights, place)
    totals, centres = _means(values, weights, over)
    above = pd.Series(over).groupby(place).first().to_numpy()
    df_between, df_within = len(labels) - len(tops), weights.sum() - len(labels)
    if df_between < 1 or df_within < 1:
        return Correlation(math.nan, math.nan, math.nan)
    between = (sizes * (means - centres[above]) ** 2).sum() / df_between
    within = (weights * (values - means[place]) ** 2).sum() / df_within
    k = (weights.sum() - (np.bincount(above, sizes**2) / totals).sum()) / df_between
    if within == 0:
        alike = math.nan if between == 0 else 1.0
        return Correlation(alike, alike, alike)
    ratio = between / within
    tails = stats.f.ppf([0.975, 0.025], df_between, df_within)
    low, high = ((ratio / tail - 1) / (ratio / tail + k - 1) for tail in tails)
    return Correlation(float((ratio - 1) / (ratio + k - 1)), float(low), float(high))


def _means(values: np.ndarray, weights: np.ndarray, place: np.ndarray) -> tuple:
    """Weight and weighted mean of each class."""
    sizes = np.bincount(place, weights)
    return sizes, np.bincount(place, weights * values) / sizes


def findings(cells: pd.DataFrame, met: pd.DataFrame) -> list[dict]:
    """C5: members' shares between branches; minutes less signatures between recorders.

    `examined`: members, or sessions; `found`: branches, or recorders. between: the lower limit is
    above zero. confounded: no branch has had two recorders.
    """
    return [_branches(cells), _recorders(met)]


def _branches(cells: pd.DataFrame) -> dict:
    test, aspect = "recorder", "members_by_branch"
    own = cells[(cells["due"] > 0) & (cells["branch"] != UNKNOWN)]
    if own["branch"].nunique() < 2:
        return checks.not_testable(test, aspect, "branch")
    shares = (own["attended"] / own["due"]).to_numpy(float)
    weights = own["members"].to_numpy(float)
    found = intraclass(shares, own["branch"].to_numpy(str), weights)
    counts = {"examined": int(weights.sum()), "found": int(own["branch"].nunique())}
    return _row(test, aspect, found, counts)


def _recorders(met: pd.DataFrame) -> dict:
    test, aspect = "recorder", "sessions_by_recorder"
    if not met["recorder"].notna().any():
        return checks.not_testable(test, aspect, "entered_by")
    own = met[met["recorder"].notna() & met["present_count"].notna() & met["signed"].notna()]
    shared = own.groupby("branch")["recorder"].transform("nunique") > 1
    counts = {"examined": len(own), "found": int(own["recorder"].nunique())}
    if not shared.any():
        return checks.row(test, aspect, "confounded", **counts)
    inside = own[shared]
    gap = (inside["present_count"] - inside["signed"]).to_numpy(float)
    classes = inside["recorder"].astype(int).to_numpy()
    branches = inside["branch"].to_numpy(str)
    found = intraclass(gap, classes, np.ones(len(inside)), branches)
    counts = {"examined": len(inside), "found": int(inside["recorder"].nunique())}
    return _row(test, aspect, found, counts)


def _row(test: str, aspect: str, found: Correlation, counts: dict) -> dict:
    if math.isnan(found.estimate):
        return checks.too_few(test, aspect, **counts)
    verdict = "between" if found.low > 0 else "cannot_be_told"
    limits = {"estimate": found.estimate, "conf_low": found.low, "conf_high": found.high}
    return checks.row(test, aspect, verdict, **counts, **limits)
