"""Which variance a comparison deserves: by the factor and the groups, never by the outcome.

Enters: a fit, the tested columns, the members and groups behind each cell.
Leaves: one or two references (covariance and distribution), with the name of the method.
Refuses: a coefficient that rests on one group or one member (LinAlgError).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from engagement.analysis import contrasts, firth
from engagement.analysis.contrasts import Reference, Shares
from engagement.analysis.firth import Fit

STRONGLY_GROUPED = 0.2
LARGE_GROUP = 20
MANY_MEMBERS = 2000
MANY_GROUPS = 14
MANY_IN_LEVEL = 100
MANY_EVENTS_IN_LEVEL = 50


class Setting(NamedTuple):
    """What the choice of variance looks at; one entry per cell in `members` and `groups`."""

    members: np.ndarray
    groups: np.ndarray
    panel: bool
    smallest_level: float
    fewest_events: float


class Variance(NamedTuple):
    """The chosen variance: `model` (from the likelihood), `member`, `group`, or `wider`."""

    method: str
    eta2: float
    references: tuple[Reference, ...]


class Odds(NamedTuple):
    """A log odds ratio with its standard error, limits and p-value."""

    estimate: float
    std_error: float
    low: float
    high: float
    p_value: float


def chosen(fit: Fit, columns: Sequence[int], setting: Setting) -> Variance:
    """The variance for the factor that stands in `columns`.

    Mostly within groups: from the likelihood (binary outcome) or clustered on members (panel).
    Mostly between groups: clustered on groups. Groups of more than 20 members: the wider of
    both. Many members, groups and events: clustered on groups.
    """
    eta2 = max(
        contrasts.between_groups(fit.design[:, column], setting.groups, setting.members)
        for column in columns
    )
    method = rule(eta2, setting)
    within = "member" if setting.panel else "model"
    names = {"wider": [within, "group"]}.get(method, [method])
    references = tuple(_reference(fit, name, setting, columns) for name in names)
    return Variance(method, eta2, references)


def within(fit: Fit, members: np.ndarray, *, panel: bool) -> Variance:
    """The variance that allows for nothing but repeated slots of one member."""
    name = "member" if panel else "model"
    setting = Setting(members, np.zeros(len(members)), panel, 0, 0)
    return Variance(name, np.nan, (_reference(fit, name, setting, range(fit.design.shape[1])),))


def odds(fit: Fit, column: int, variance: Variance) -> Odds:
    """The log odds ratio of `column`: profile limits and likelihood-ratio test, or t limits."""
    found = [_odds(fit, column, reference) for reference in variance.references]
    return max(found, key=lambda one: one.high - one.low)._replace(
        p_value=max(one.p_value for one in found)
    )


def chance(fit: Fit, column: int, variance: Variance) -> float:
    """The p-value of `odds` alone: without the limits, which cost most."""
    return max(_chance(fit, column, reference) for reference in variance.references)


def difference(shares: Shares, variance: Variance) -> tuple[float, float, float]:
    """Standard error and limits of the difference in shares, the widest of the references."""
    found = []
    for reference in variance.references:
        low, high = contrasts.mover(shares, reference)
        found.append((contrasts.std_error(shares, reference.covariance), low, high))
    return max(found, key=lambda one: one[2] - one[1])


def rule(eta2: float, setting: Setting) -> str:
    """Which variance: `model`, `member`, `group`, or `wider` of the first two and the third."""
    groups, members = len(np.unique(setting.groups)), setting.members.sum()
    within = "member" if setting.panel else "model"
    if groups < 2:
        return within
    plenty = members >= MANY_MEMBERS and groups >= MANY_GROUPS
    enough = (
        setting.smallest_level >= MANY_IN_LEVEL and setting.fewest_events >= MANY_EVENTS_IN_LEVEL
    )
    if plenty and enough:
        return "group"
    if members / groups > LARGE_GROUP:
        return "wider"
    return "group" if eta2 > STRONGLY_GROUPED else within


def _reference(fit: Fit, name: str, setting: Setting, columns: Sequence[int]) -> Reference:
    if name == "model":
        return Reference(fit.covariance, np.inf)
    if name == "member":
        covariance = contrasts.clustered_on_members(fit, setting.members)
        return Reference(covariance, contrasts.effective_degrees(fit, columns, setting.members))
    covariance = contrasts.clustered_on_groups(fit, setting.groups)
    return Reference(covariance, len(np.unique(setting.groups)) - 1)


def _odds(fit: Fit, column: int, reference: Reference) -> Odds:
    estimate = fit.coefficients[column]
    error = float(np.sqrt(reference.covariance[column, column]))
    if np.isinf(reference.degrees) and fit.penalised:
        low, high = firth.profile(fit, column)
        return Odds(estimate, error, low, high, _chance(fit, column, reference))
    reach, p_value = reference.quantile * error, _chance(fit, column, reference)
    return Odds(estimate, error, estimate - reach, estimate + reach, p_value)


def _chance(fit: Fit, column: int, reference: Reference) -> float:
    """From the penalised likelihood ratio where it is the reference, else from t."""
    if np.isinf(reference.degrees) and fit.penalised:
        return firth.likelihood_ratio(fit, [column])[1]
    error = np.sqrt(reference.covariance[column, column])
    return float(2 * stats.t.sf(abs(fit.coefficients[column] / error), reference.degrees))
