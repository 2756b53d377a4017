"""From coefficients to differences in shares, with intervals, and the variance they need.

Enters: a fitted logistic regression, designs with a factor set to two levels, members per cell.
Leaves: standardised shares, their difference and its limits, cluster-robust covariances.
Refuses: a cluster that alone carries a coefficient (LinAlgError).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize, special, stats

from engagement.analysis.firth import Fit

LARGEST_CONDITION = 1e8


class Shares(NamedTuple):
    """Mean shares with everybody at level 1 and at level 0, and their gradients.

    `stepped`: level 0 is everybody as they are, level 1 everybody one step further.
    """

    p1: float
    p0: float
    gradient1: np.ndarray
    gradient0: np.ndarray
    stepped: bool = False

    @property
    def difference(self) -> float:
        return self.p1 - self.p0


class Reference(NamedTuple):
    """A covariance of the coefficients and the distribution that goes with it."""

    covariance: np.ndarray
    degrees: float

    @property
    def quantile(self) -> float:
        """The 97.5 % point: of t, or of the normal when the degrees of freedom are infinite."""
        return float(stats.t.ppf(0.975, self.degrees))


def flic(fit: Fit) -> np.ndarray:
    """The coefficients with the intercept moved so that mean fitted equals mean observed share.

    The intercept is the first column. Puhr, Heinze, Nold, Lusa & Geroldinger 2017.
    """
    slopes = fit.design[:, 1:] @ fit.coefficients[1:]
    total = fit.successes.sum()

    def excess(intercept: float) -> float:
        return fit.trials @ special.expit(intercept + slopes) - total

    edge = 1 + np.abs(slopes).max(initial=0) + abs(special.logit(total / fit.trials.sum()))
    intercept = optimize.brentq(excess, -edge, edge, xtol=1e-14)
    return np.concatenate([[intercept], fit.coefficients[1:]])


def standardised(
    coefficients: np.ndarray, design1: np.ndarray, design0: np.ndarray, members: np.ndarray
) -> Shares:
    """Mean share over all members at two settings of a factor; every member weighs the same."""
    p1, gradient1 = _mean_share(coefficients, design1, members)
    p0, gradient0 = _mean_share(coefficients, design0, members)
    return Shares(p1, p0, gradient1, gradient0)


def std_error(shares: Shares, covariance: np.ndarray) -> float:
    """Standard error of the difference by the delta method."""
    gradient = shares.gradient1 - shares.gradient0
    return float(np.sqrt(max(gradient @ covariance @ gradient, 0.0)))


def mover(shares: Shares, reference: Reference) -> tuple[float, float]:
    """Limits of the difference from limits on the log-odds scale, combined.

    Zou & Donner 2008 for the combination; logit limits and delta correlation are our choice.
    """
    logits, covariance = in_logits(shares, reference.covariance)
    return limits(logits, covariance, reference.quantile, stepped=shares.stepped)


def in_logits(shares: Shares, covariance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Log odds of both shares and their covariance, by the delta method."""
    p = np.array([shares.p1, shares.p0])
    slopes = np.array([shares.gradient1, shares.gradient0]) / (p * (1 - p))[:, None]
    return special.logit(p), slopes @ covariance @ slopes.T


def limits(
    logits: np.ndarray, covariance: np.ndarray, quantile: float, *, stepped: bool = False
) -> tuple[float, float]:
    """Limits of the difference of two shares, given in log odds with their covariance.

    Two levels: from the limits of both shares. One step of a number: from the limits of the
    change in log odds and of the share as it is, because both shares rest on the latter.
    """
    if stepped:
        low, high = (_step_limit(logits, covariance, quantile, side) for side in (-1, 1))
        return low, high
    p1, p0 = special.expit(logits)
    errors = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    low1, low0 = special.expit(logits - quantile * errors)
    high1, high0 = special.expit(logits + quantile * errors)
    r = _correlation(covariance[0, 1], errors)
    below, above = p1 - low1, high0 - p0
    low = np.sqrt(max(below**2 + above**2 - 2 * r * below * above, 0.0))
    above, below = high1 - p1, p0 - low0
    high = np.sqrt(max(above**2 + below**2 - 2 * r * above * below, 0.0))
    return float(p1 - p0 - low), float(p1 - p0 + high)


def _step_limit(logits: np.ndarray, covariance: np.ndarray, quantile: float, side: int) -> float:
    """The limit on one side: how far the change, and how far the share as it is, can move it."""
    change, base = logits[0] - logits[1], logits[1]
    turn = np.array([[1.0, -1.0], [0.0, 1.0]])
    own = turn @ covariance @ turn.T
    errors = np.sqrt(np.maximum(np.diag(own), 0.0))

    def apart(change: float, base: float) -> float:
        return special.expit(base + change) - special.expit(base)

    here = apart(change, base)
    by_change = side * (apart(change + side * quantile * errors[0], base) - here)
    moved = [side * (apart(change, base + to * quantile * errors[1]) - here) for to in (-1, 1)]
    by_base, to = max(moved[0], moved[1], 0.0), 1 if moved[1] > moved[0] else -1
    r = _correlation(own[0, 1], errors) * side * to
    reach = by_change**2 + by_base**2 + 2 * r * by_change * by_base
    return float(here + side * np.sqrt(max(reach, 0.0)))


def _correlation(covariance: float, errors: np.ndarray) -> float:
    scale = errors[0] * errors[1]
    return float(np.clip(covariance / scale, -1, 1)) if scale > 0 else 0.0


def clustered_on_groups(fit: Fit, groups: np.ndarray) -> np.ndarray:
    """Covariance of the coefficients that allows for similarity within groups.

    Raises LinAlgError when one group alone carries a coefficient. Mancl & DeRouen 2001, in
    k × k form: scores of each group, corrected for the pull of the group on the fit.
    """
    residual = fit.successes - fit.trials * fit.shares
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.r_[True, groups[order][1:] != groups[order][:-1]])
    design = fit.design[order]
    products = (fit.weights[order, None] * design)[:, :, None] * design[:, None, :]
    information = np.add.reduceat(products, starts)
    scores = np.add.reduceat(residual[order, None] * design, starts)
    remaining = np.eye(design.shape[1]) - information @ fit.covariance
    if np.linalg.cond(remaining).max() > LARGEST_CONDITION:
        raise np.linalg.LinAlgError("a coefficient rests on one group")
    corrected = np.linalg.solve(remaining, scores[:, :, None])[:, :, 0]
    return fit.covariance @ (corrected.T @ corrected) @ fit.covariance


def clustered_on_members(fit: Fit, members: np.ndarray) -> np.ndarray:
    """Covariance that allows for similarity among the sessions of one member.

    Each cell stands for `members` people with the same pattern, so its trials and successes
    are shared out equally. Mancl & DeRouen 2001 with clusters of one member.
    """
    residual = (fit.successes - fit.trials * fit.shares) / members
    pull = fit.weights / members * ((fit.design @ fit.covariance) * fit.design).sum(axis=1)
    if pull.max(initial=0) > 1 - 1 / LARGEST_CONDITION:
        raise np.linalg.LinAlgError("a coefficient rests on one member")
    spread = members * (residual / (1 - pull)) ** 2
    middle = fit.design.T @ (spread[:, None] * fit.design)
    return fit.covariance @ middle @ fit.covariance


def effective_degrees(fit: Fit, columns: Sequence[int], members: np.ndarray) -> float:
    """Degrees of freedom of a variance clustered on members: as many as the members it rests on.

    Satterthwaite's, with each member's expected part in the variance of a coefficient; for two
    groups those of Welch. The fewest of `columns`, and no more than members less coefficients.
    """
    pull = (fit.design @ fit.covariance[:, list(columns)]) ** 2
    parts = pull * (fit.weights / members)[:, None]
    total = members @ parts
    found = total**2 / np.maximum(members @ parts**2, 1e-300)
    return float(min(found.min(), members.sum() - fit.design.shape[1]))


def between_groups(column: np.ndarray, groups: np.ndarray, members: np.ndarray) -> float:
    """Share of a column's variance over members that lies between groups (eta squared)."""
    centred = column - np.average(column, weights=members)
    total = members @ centred**2
    codes = np.unique(groups, return_inverse=True)[1]
    sums = np.bincount(codes, members * centred)
    return float((sums**2 / np.bincount(codes, members)).sum() / total) if total > 0 else 0.0


def _mean_share(
    coefficients: np.ndarray, design: np.ndarray, members: np.ndarray
) -> tuple[float, np.ndarray]:
    weight = members / members.sum()
    share = special.expit(design @ coefficients)
    return float(weight @ share), design.T @ (weight * share * (1 - share))
