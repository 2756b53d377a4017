"""Logistic regression on counts, with Firth's penalty or without.

Enters: a design matrix, successes and trials, one row per cell.
Leaves: coefficients, covariance, likelihood-ratio tests and profile intervals.
Refuses: a design without full rank (LinAlgError); `separated` tells when an unpenalised fit
has no finite answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats

LARGEST_STEP = 5.0
ITERATIONS = 500
TOLERANCE = 1e-20
FLAT = 1e-8


class Fit(NamedTuple):
    """A fitted logistic regression, one row of `design` per cell.

    `covariance` is the inverse of the expected information, `weights` are trials × p × (1 − p).
    """

    design: np.ndarray
    successes: np.ndarray
    trials: np.ndarray
    penalised: bool
    coefficients: np.ndarray
    covariance: np.ndarray
    shares: np.ndarray
    weights: np.ndarray
    log_likelihood: float
    converged: bool

    @property
    def std_errors(self) -> np.ndarray:
        """Model-based standard error of each coefficient, in log odds."""
        return np.sqrt(np.diag(self.covariance))


def logistic(
    design: np.ndarray, successes: np.ndarray, trials: np.ndarray, *, penalised: bool = True
) -> Fit:
    """Fit successes out of trials by (penalised) maximum likelihood.

    Cells and single rows give the same numbers. Raises LinAlgError when the columns of the
    design are linearly dependent. Firth 1993; Heinze & Schemper 2002.
    """
    arrays = [np.asarray(array, float) for array in (design, successes, trials)]
    start, none = np.zeros(arrays[0].shape[1]), np.empty((0, 0))
    return _climb(Fit(*arrays, penalised, start, none, none, none, -np.inf, False), [], TOLERANCE)


def likelihood_ratio(fit: Fit, columns: Sequence[int]) -> tuple[float, float]:
    """Chi-square statistic and p-value of the hypothesis that `columns` are all zero.

    The tested columns stay in the penalty: only their coefficients are held at zero.
    """
    restricted = _held(fit, columns, 0.0)
    statistic = max(2 * (fit.log_likelihood - restricted.log_likelihood), 0.0)
    return statistic, float(stats.chi2.sf(statistic, len(columns)))


def profile(fit: Fit, column: int, level: float = 0.95) -> tuple[float, float]:
    """Limits where the profiled (penalised) likelihood has fallen by half the chi-square quantile.

    Venzon & Moolgavkar 1988; the root is searched between brackets, so it is always found.
    """
    return _limit(fit, column, level, -1), _limit(fit, column, level, 1)


def wald(fit: Fit, column: int, level: float = 0.95) -> tuple[float, float]:
    """Limits of a coefficient from its model-based standard error and the normal distribution."""
    reach = stats.norm.ppf(0.5 + level / 2) * fit.std_errors[column]
    return fit.coefficients[column] - reach, fit.coefficients[column] + reach


def separated(design: np.ndarray, successes: np.ndarray, trials: np.ndarray) -> bool:
    """Whether some combination of columns tells successes from failures without error.

    Then the unpenalised likelihood has no finite maximum. A linear programme decides
    (Konis 2007): cells with both results must lie on the dividing plane.
    """
    rows, place = np.unique(design[trials > 0], axis=0, return_inverse=True)
    successes = np.bincount(place, successes[trials > 0])
    trials = np.bincount(place, trials[trials > 0])
    scaled = rows / np.abs(rows).max(axis=0)
    mixed = (successes > 0) & (successes < trials)
    if np.linalg.matrix_rank(scaled[mixed]) == scaled.shape[1]:
        return False
    sides = np.where(successes[~mixed] > 0, 1.0, -1.0)[:, None] * scaled[~mixed]
    # The dividing plane is sought by maximising the total distance of the pure cells.
    found = optimize.linprog(
        -sides.sum(axis=0),
        A_ub=-sides,
        b_ub=np.zeros(len(sides)),
        A_eq=scaled[mixed],
        b_eq=np.zeros(mixed.sum()),
        bounds=(-1, 1),
    )
    return bool(-found.fun > 1e-7)


def _climb(start: Fit, held: Sequence[int], tolerance: float) -> Fit:
    """Newton steps from `start`, with the `held` coefficients left as they are."""
    free = [column for column in range(start.design.shape[1]) if column not in held]
    block = np.ix_(free, free)
    fit = _evaluated(start, start.coefficients)
    if not np.isfinite(fit.log_likelihood):
        raise np.linalg.LinAlgError("singular design")
    for _ in range(ITERATIONS):
        score, curvature = _slope(fit)
        score = score[free]
        step = np.linalg.solve(curvature[block], score)
        fit = fit._replace(converged=bool(score @ step < tolerance))
        if fit.converged:
            break
        step *= min(1.0, LARGEST_STEP / np.abs(step).max())
        fit, moved = _halved(fit, free, step)
        if not moved:
            # Rounding hides any further gain: this is the top when the slope is all but flat.
            fit = fit._replace(converged=bool(score @ step < FLAT))
            break
    return fit._replace(covariance=_inverse(fit))


def _halved(fit: Fit, free: Sequence[int], step: np.ndarray) -> tuple[Fit, bool]:
    """The step, halved until the likelihood does not fall (beyond rounding)."""
    slack = 1e-12 * (1 + abs(fit.log_likelihood))
    for _ in range(60):
        coefficients = fit.coefficients.copy()
        coefficients[free] += step
        tried = _evaluated(fit, coefficients)
        if tried.log_likelihood >= fit.log_likelihood - slack:
            return tried, True
        step = step / 2
    return fit, False


def _evaluated(fit: Fit, coefficients: np.ndarray) -> Fit:
    """The likelihood and the fitted shares at `coefficients`."""
    eta = fit.design @ coefficients
    shares = special.expit(eta)
    moved = fit._replace(
        coefficients=coefficients,
        shares=shares,
        weights=fit.trials * shares * special.expit(-eta),
    )
    value = fit.successes @ eta - fit.trials @ np.logaddexp(0, eta)
    if fit.penalised:
        sign, logarithm = np.linalg.slogdet(_information(moved))
        value += logarithm / 2 if sign > 0 else -np.inf
    return moved._replace(log_likelihood=float(value))


def _information(fit: Fit) -> np.ndarray:
    return fit.design.T @ (fit.weights[:, None] * fit.design)


def _inverse(fit: Fit) -> np.ndarray:
    return np.linalg.inv(_information(fit))


def _slope(fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """The score, and the curvature that Newton's step divides by.

    Firth's penalty acts like leverage-many extra trials, half of them successes; counting
    them in the curvature keeps a column with a single member from overshooting for ever.
    """
    residual, weights = fit.successes - fit.trials * fit.shares, fit.weights
    if fit.penalised:
        leverage = weights * ((fit.design @ _inverse(fit)) * fit.design).sum(axis=1)
        residual = residual + leverage * (0.5 - fit.shares)
        weights = weights + leverage * fit.shares * (1 - fit.shares)
    return fit.design.T @ residual, fit.design.T @ (weights[:, None] * fit.design)


def _held(fit: Fit, columns: Sequence[int], value: float) -> Fit:
    """The best fit with the coefficients of `columns` held at `value`.

    The others start where a normal likelihood would have them.
    """
    columns = list(columns)
    shift = value - fit.coefficients[columns]
    pull = fit.covariance[:, columns] @ np.linalg.inv(fit.covariance[np.ix_(columns, columns)])
    coefficients = fit.coefficients + pull @ shift
    coefficients[columns] = value
    return _climb(_evaluated(fit, coefficients), columns, 1e-12)


def _limit(fit: Fit, column: int, level: float, side: int) -> float:
    quantile = stats.norm.ppf(0.5 + level / 2)
    best = fit.coefficients[column]

    near = [fit]  # each fit starts from the one before, which is never far away

    @cache
    def excess(distance: float) -> float:
        near.append(_held(near.pop(), [column], best + side * distance))
        fallen = fit.log_likelihood - near[0].log_likelihood
        return min(np.sqrt(max(2 * fallen, 0.0)), 1e6) - quantile

    far = 2 * fit.std_errors[column]
    while excess(far) < 0:
        far *= 1.5
    return float(best + side * optimize.brentq(excess, 0.0, far, xtol=1e-13 * (1 + far)))
