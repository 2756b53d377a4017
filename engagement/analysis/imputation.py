"""Values that nobody recorded, drawn many times from what goes with them; then pooled.

Enters: cells of one outcome and the factors of one question.
Leaves: completed cells, one table per imputation; estimates pooled over them.
Refuses: more unrecorded members, or more cells, than can be drawn twenty times (None).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

from engagement.analysis import design
from engagement.analysis.cells import UNKNOWN
from engagement.declared import Factor

IMPUTATIONS = 20
ROUNDS = 3
MOST_DRAWN, MOST_CELLS = 2_000, 3_000
SEED = 2022
RIDGE = 1.0
DONORS = 5


class Pooled(NamedTuple):
    """Estimates pooled by Rubin's rules: mean, total covariance, degrees of freedom by entry."""

    estimate: np.ndarray
    covariance: np.ndarray
    within: np.ndarray
    between: np.ndarray
    imputations: int

    def degrees(self, contrast: np.ndarray, complete: float) -> float:
        """Degrees of freedom of a linear contrast. Barnard & Rubin 1999, Biometrika 86:948."""
        total = contrast @ self.covariance @ contrast
        extra = (1 + 1 / self.imputations) * (contrast @ self.between @ contrast)
        if total <= 0 or extra <= 1e-14 * total:
            return complete
        missing = extra / total
        old = (self.imputations - 1) / missing**2
        if np.isinf(complete):
            return float(old)
        observed = (complete + 1) / (complete + 3) * complete * (1 - missing)
        return float(1 / (1 / old + 1 / observed))


def pooled(estimates: Sequence[np.ndarray], covariances: Sequence[np.ndarray]) -> Pooled:
    """Rubin's rules for vectors (Rubin 1987): within plus (1 + 1/m) between."""
    found = np.array(estimates, float)
    count = len(found)
    within = np.mean(covariances, axis=0)
    centred = found - found.mean(axis=0)
    between = centred.T @ centred / (count - 1)
    total = within + (1 + 1 / count) * between
    return Pooled(found.mean(axis=0), total, within, between, count)


def p_value(estimate: float, error: float, degrees: float) -> float:
    """Two-sided p-value of t."""
    return float(2 * stats.t.sf(abs(estimate) / error, degrees))


def completed(
    cells: pd.DataFrame, factors: Mapping[str, Factor], *, count: int = IMPUTATIONS
) -> list[pd.DataFrame] | None:
    """`count` tables of cells in which every one of `factors` has a value, or None.

    Chained equations: each factor in turn is drawn from a penalised logistic model (a number:
    from the members nearest to its regression) of the other factors, the share of slots
    attended and the group, fitted to a bootstrap sample of the members.
    """
    slots = cells[(cells["due"] > 0) & (cells["members"] > 0)]
    holes = {name: _missing(slots, name) for name in factors}
    incomplete = np.logical_or.reduce([*holes.values(), np.zeros(len(slots), bool)])
    if slots.loc[incomplete, "members"].sum() > MOST_DRAWN or len(slots) > MOST_CELLS:
        return None
    whole, broken = slots[~incomplete], slots[incomplete]
    apart = broken.loc[broken.index.repeat(broken["members"])].assign(members=1)
    rows = pd.concat([whole, apart], ignore_index=True)
    holes = {name: _missing(rows, name) for name in factors}
    chance = np.random.default_rng([SEED, len(rows), int(rows["members"].sum())])
    return [_drawn(rows, holes, factors, chance) for _ in range(count)]


def _missing(cells: pd.DataFrame, name: str) -> np.ndarray:
    values = cells[name]
    return (values.isna() | (values.astype(object) == UNKNOWN)).to_numpy(bool)


def _drawn(
    rows: pd.DataFrame,
    holes: Mapping[str, np.ndarray],
    factors: Mapping[str, Factor],
    chance: np.random.Generator,
) -> pd.DataFrame:
    """One completed table, and the bootstrap weights under which its models were fitted."""
    weights = rows["members"].to_numpy(float)
    filled = {name: _started(rows[name], holes[name], weights, chance) for name in factors}
    fixed = _fixed(rows)
    for _ in range(ROUNDS):
        for name in [name for name in factors if holes[name].any()]:
            others = [_coded(filled[other], factors[other]) for other in factors if other != name]
            columns = np.column_stack([*fixed, *others])
            sample = chance.multinomial(int(weights.sum()), weights / weights.sum()).astype(float)
            sample[holes[name]] = 0
            draw = _nearest if factors[name].is_numeric else _level
            values = draw(columns, filled[name], (sample, holes[name]), chance)
            filled[name] = _with(filled[name], holes[name], values)
    return rows.assign(**filled)


def _started(values: pd.Series, hole: np.ndarray, weights: np.ndarray, chance) -> np.ndarray:
    known = values.to_numpy(object)[~hole]
    share = weights[~hole] / weights[~hole].sum()
    return _with(values.to_numpy(object), hole, chance.choice(known, hole.sum(), p=share))


def _with(values: np.ndarray, hole: np.ndarray, drawn: Iterable) -> np.ndarray:
    changed = values.copy()
    changed[hole] = list(drawn)
    return changed


def _fixed(rows: pd.DataFrame) -> list[np.ndarray]:
    """The share of slots attended, and one column per group."""
    share = (rows["attended"] / rows["due"]).to_numpy(float)
    groups = design.clusters(rows)
    return [_scaled(share), (groups[:, None] == np.unique(groups)).astype(float)]


def _coded(values: np.ndarray, factor: Factor) -> np.ndarray:
    if factor.is_numeric:
        return _scaled(values.astype(float))
    levels = sorted(set(values))
    return (values[:, None] == np.array(levels[1:], object)).astype(float)


def _scaled(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / (values.std() or 1.0)


def _level(columns: np.ndarray, values: np.ndarray, given: tuple, chance) -> list:
    """Levels drawn from penalised logistic models, one for each level against the others."""
    sample, hole = given
    levels = sorted(set(values[~hole]))
    odds = np.column_stack(
        [_ridge(columns, (values == level).astype(float), sample, hole) for level in levels]
    )
    chances = special.expit(odds)
    edges = np.cumsum(chances / chances.sum(axis=1, keepdims=True), axis=1)
    places = (chance.random((hole.sum(), 1)) > edges[:, :-1]).sum(axis=1)
    return [levels[place] for place in places]


def _ridge(columns: np.ndarray, won: np.ndarray, sample: np.ndarray, hole: np.ndarray):
    """Log odds where the value is missing, by logistic regression shrunk to the mean share."""
    matrix = np.column_stack([np.ones(len(columns)), columns])
    penalty = np.diag([1e-3, *np.full(columns.shape[1], RIDGE)])
    beta = np.zeros(matrix.shape[1])
    for _ in range(8):
        share = special.expit(matrix @ beta)
        weight = sample * share * (1 - share)
        slope = matrix.T @ (sample * (won - share)) - penalty @ beta
        step = np.linalg.solve(matrix.T @ (weight[:, None] * matrix) + penalty, slope)
        beta = beta + np.clip(step, -3, 3)
        if np.abs(step).max() < 1e-6:
            break
    return matrix[hole] @ beta


def _nearest(columns: np.ndarray, values: np.ndarray, given: tuple, chance) -> np.ndarray:
    """Numbers taken from one of the five members nearest by regression (predictive matching)."""
    sample, hole = given
    numbers = values.astype(float)
    matrix = np.column_stack([np.ones(len(columns)), columns])
    penalty = np.diag([1e-3, *np.full(columns.shape[1], RIDGE)])
    heavy = matrix.T * sample
    fitted = matrix @ np.linalg.solve(heavy @ matrix + penalty, heavy @ numbers)
    gaps = np.abs(fitted[hole][:, None] - fitted[~hole][None, :])
    donors = np.argsort(gaps, axis=1, kind="stable")[:, :DONORS]
    chosen = donors[np.arange(hole.sum()), chance.integers(0, donors.shape[1], hole.sum())]
    return numbers[~hole][chosen]
