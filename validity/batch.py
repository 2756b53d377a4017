"""The estimators of engagement.analysis for many outcomes of one design at once.

Enters: a design (n × k), slots due (n) and attended (sets × n), groups.
Leaves: estimates, limits and p-values, one row per set.
Refuses: nothing; what cannot be computed is NaN. Every block is held against the package itself
(trials.py), which is what the numbers are about.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special, stats

LARGEST_STEP = 5.0
ITERATIONS = 500
TOLERANCE, HELD_TOLERANCE = 1e-16, 1e-12
LARGEST_CONDITION = 1e8


class Fits(NamedTuple):
    """Firth fits, one row per set."""

    coefficients: np.ndarray
    covariance: np.ndarray
    log_likelihood: np.ndarray
    converged: np.ndarray


class Data(NamedTuple):
    """One design and its outcomes."""

    columns: np.ndarray
    attended: np.ndarray
    due: np.ndarray

    @property
    def products(self) -> np.ndarray:
        """x x' of each row, flattened."""
        count, width = self.columns.shape
        return (self.columns[:, :, None] * self.columns[:, None, :]).reshape(count, width**2)


def firth(data: Data) -> Fits:
    """Penalised fits."""
    beta = np.zeros((len(data.attended), data.columns.shape[1]))
    share = (data.attended.sum(axis=1) + 1) / (data.due.sum() + 2)
    beta[:, 0] = special.logit(share)
    return _climbed(data, beta, list(range(beta.shape[1])), TOLERANCE)


def held(data: Data, fits: Fits, column: int, value: float) -> Fits:
    """The best fits with the coefficient of `column` held at `value`.

    The others start where a normal likelihood would have them.
    """
    pull = fits.covariance[:, :, column] / fits.covariance[:, column, column][:, None]
    beta = fits.coefficients + pull * (value - fits.coefficients[:, column])[:, None]
    beta[:, column] = value
    free = [place for place in range(beta.shape[1]) if place != column]
    return _climbed(data, beta, free, HELD_TOLERANCE)


def _climbed(data: Data, beta: np.ndarray, free: list[int], tolerance: float) -> Fits:
    """Newton steps on the `free` coefficients, set by set."""
    sets, width = beta.shape
    products = data.products
    done = np.zeros(sets, bool)
    height = np.full(sets, -np.inf)
    for _ in range(ITERATIONS):
        live = np.flatnonzero(~done)
        if not len(live):
            break
        part = data._replace(attended=data.attended[live])
        height[live], score, curvature = _state(part, beta[live], products)
        grid = np.ix_(range(len(live)), free, free)
        step = np.linalg.solve(curvature[grid], score[:, free, None])[:, :, 0]
        done[live] = (score[:, free] * step).sum(axis=1) < tolerance
        step *= np.minimum(1.0, LARGEST_STEP / np.abs(step).max(axis=1))[:, None]
        beta[np.ix_(live, free)] += _kept(part, beta[live], step, free, height[live], products)
    height, _, _ = _state(data, beta, products)
    weights = _weights(data, beta)[1]
    covariance = np.linalg.inv((weights @ products).reshape(sets, width, width))
    return Fits(beta, covariance, height, done)


def _kept(part: Data, beta, step, free, height, products) -> np.ndarray:
    """The steps, halved where the likelihood would fall."""
    factor = np.ones(len(beta))
    slack = 1e-12 * (1 + np.abs(height))
    for _ in range(30):
        tried = beta.copy()
        tried[:, free] += factor[:, None] * step
        low = ~(_height(part, tried, products) >= height - slack)
        if not low.any():
            break
        factor[low] /= 2
    return factor[:, None] * step


def _weights(data: Data, beta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    odds = beta @ data.columns.T
    share = special.expit(odds)
    return odds, data.due * share * special.expit(-odds), share


def _height(data: Data, beta: np.ndarray, products: np.ndarray) -> np.ndarray:
    odds, weights, _ = _weights(data, beta)
    width = data.columns.shape[1]
    determinant = np.linalg.slogdet((weights @ products).reshape(-1, width, width))[1]
    plain = (data.attended * odds).sum(axis=1) - np.logaddexp(0, odds) @ data.due
    return plain + determinant / 2


def _state(data: Data, beta: np.ndarray, products: np.ndarray) -> tuple:
    odds, weights, share = _weights(data, beta)
    sets, width = beta.shape
    information = (weights @ products).reshape(sets, width, width)
    inverse = np.linalg.inv(information)
    leverage = weights * (inverse.reshape(sets, -1) @ products.T)
    residual = data.attended - data.due * share + leverage * (0.5 - share)
    heavier = weights + leverage * share * (1 - share)
    determinant = np.linalg.slogdet(information)[1]
    plain = (data.attended * odds).sum(axis=1) - np.logaddexp(0, odds) @ data.due
    curvature = (heavier @ products).reshape(sets, width, width)
    return plain + determinant / 2, residual @ data.columns, curvature


def flic(data: Data, fits: Fits) -> np.ndarray:
    """Coefficients with the intercept corrected to the observed total."""
    slopes = fits.coefficients[:, 1:] @ data.columns[:, 1:].T
    total = data.attended.sum(axis=1)
    intercept = fits.coefficients[:, 0].copy()
    for _ in range(60):
        share = special.expit(intercept[:, None] + slopes)
        gap = total - share @ data.due
        step = gap / ((share * (1 - share)) @ data.due)
        intercept += np.clip(step, -2, 2)
        if np.abs(gap).max() < 1e-11:
            break
    return np.column_stack([intercept, fits.coefficients[:, 1:]])


def on_members(data: Data, fits: Fits) -> np.ndarray:
    """Mancl–DeRouen covariances with members as clusters."""
    _, weights, share = _weights(data, fits.coefficients)
    sets, width = fits.coefficients.shape
    products = data.products
    leverage = weights * (fits.covariance.reshape(sets, -1) @ products.T)
    residual = (data.attended - data.due * share) / (1 - leverage)
    middle = ((residual**2) @ products).reshape(sets, width, width)
    return fits.covariance @ middle @ fits.covariance


def on_groups(data: Data, fits: Fits, group: np.ndarray) -> np.ndarray:
    """Mancl–DeRouen covariances with groups as clusters; NaN where one group carries all."""
    _, weights, share = _weights(data, fits.coefficients)
    sets, width = fits.coefficients.shape
    products, residual = data.products, data.attended - data.due * share
    middle = np.zeros((sets, width, width))
    worst = np.zeros(sets)
    for one in range(group.max() + 1):
        rows = group == one
        information = (weights[:, rows] @ products[rows]).reshape(sets, width, width)
        remaining = np.eye(width) - information @ fits.covariance
        score = residual[:, rows] @ data.columns[rows]
        worst = np.maximum(worst, np.linalg.cond(remaining))
        corrected = np.linalg.solve(remaining, score[:, :, None])
        middle += corrected @ corrected.transpose(0, 2, 1)
    found = fits.covariance @ middle @ fits.covariance
    found[worst > LARGEST_CONDITION] = np.nan
    return found


def mover(
    ends: tuple[np.ndarray, np.ndarray],
    coefficients: np.ndarray,
    covariance: np.ndarray,
    quantile: float | np.ndarray,
    *,
    stepped: bool = False,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Difference between two settings of the columns, averaged over members, and its limits."""
    shares, gradients = [], []
    for columns in ends:
        share = special.expit(coefficients @ columns.T)
        shares.append(share.mean(axis=1))
        gradients.append((share * (1 - share)) @ columns / len(columns))
    (p1, p0), (g1, g0) = shares, gradients
    v1, v0, v10 = (np.einsum("si,sij,sj->s", a, covariance, b)
                   for a, b in ((g1, g1), (g0, g0), (g1, g0)))  # fmt: skip
    if stepped:
        return p1 - p0, *_step(special.logit(p1) - special.logit(p0), special.logit(p0),
                               (*_in_logits(p1, p0, v1, v0, v10), quantile))  # fmt: skip
    r = np.clip(v10 / np.sqrt(v1 * v0), -1, 1)
    low1, high1 = _logit_limits(p1, v1, quantile)
    low0, high0 = _logit_limits(p0, v0, quantile)
    low = _root((p1 - low1) ** 2 + (high0 - p0) ** 2 - 2 * r * (p1 - low1) * (high0 - p0))
    high = _root((high1 - p1) ** 2 + (p0 - low0) ** 2 - 2 * r * (high1 - p1) * (p0 - low0))
    return p1 - p0, p1 - p0 - low, p1 - p0 + high


def _in_logits(p1, p0, v1, v0, v10) -> tuple[np.ndarray, ...]:
    """Variance of the change in log odds, of the log odds as they are, and their covariance."""
    s1, s0 = p1 * (1 - p1), p0 * (1 - p0)
    v1, v0, v10 = v1 / s1**2, v0 / s0**2, v10 / (s1 * s0)
    return v1 + v0 - 2 * v10, v0, v10 - v0


def _step(change, base, spread) -> tuple[np.ndarray, np.ndarray]:
    """Limits of one step of a number, from the change in log odds and the share as it is."""
    of_change, of_base, shared, quantile = spread
    r = np.clip(shared / np.sqrt(of_change * of_base), -1, 1)
    here = special.expit(base + change) - special.expit(base)
    ends = []
    for side in (-1, 1):
        far = change + side * quantile * np.sqrt(of_change)
        by_change = side * (special.expit(base + far) - special.expit(base) - here)
        down, up = (side * (special.expit(at + change) - special.expit(at) - here)
                    for at in (base - quantile * np.sqrt(of_base),
                               base + quantile * np.sqrt(of_base)))  # fmt: skip
        by_base, to = np.maximum(np.maximum(down, up), 0), np.where(up > down, 1, -1)
        reach = by_change**2 + by_base**2 + 2 * r * side * to * by_change * by_base
        ends.append(here + side * _root(reach))
    return ends[0], ends[1]


def _root(square: np.ndarray) -> np.ndarray:
    return np.sqrt(np.maximum(square, 0))


def _logit_limits(p, variance, quantile) -> tuple[np.ndarray, np.ndarray]:
    reach = quantile * np.sqrt(variance) / (p * (1 - p))
    return special.expit(special.logit(p) - reach), special.expit(special.logit(p) + reach)


def degrees(data: Data, fits: Fits, tested: list[int]) -> np.ndarray:
    """Satterthwaite's degrees of freedom, members as clusters: the fewest of `tested` columns."""
    _, weights, _ = _weights(data, fits.coefficients)
    count, width = data.columns.shape
    found = np.full(len(weights), float(count - width))
    for column in tested:
        parts = (fits.covariance[:, column] @ data.columns.T) ** 2 * weights
        own = parts.sum(axis=1) ** 2 / np.maximum((parts**2).sum(axis=1), 1e-300)
        found = np.minimum(found, own)
    return found


def quantile(degrees: float | np.ndarray) -> float | np.ndarray:
    """The 97.5 % point of t."""
    return stats.t.ppf(0.975, degrees)
