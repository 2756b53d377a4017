"""Small, lopsided and separated data through the package's own chain: is any number not finite?

Enters: how many sets, a seed.
Leaves: one row of counts: sets, separated, refused with a reason, numbers that are not finite.
Refuses: nothing.
"""

from __future__ import annotations

import numpy as np

from engagement.analysis import contrasts, firth, model, variance
from engagement.analysis.firth import Fit
from engagement.analysis.variance import Setting


def block(place: int, sets: int, seed: int) -> dict:
    """Counts over `sets` hostile data sets."""
    chance = np.random.default_rng([seed, place])
    told = {"alternative": 0, "design": place, "sets": sets}
    counted = {"separated": 0, "refused": 0, "not_finite": 0}
    for _ in range(sets):
        for name in _one(chance):
            counted[name] += 1
    return told | counted


def _one(chance: np.random.Generator) -> list[str]:
    count, panel = chance.integers(8, 60), chance.random() < 0.3
    levels = chance.random((count, 2)) < chance.uniform(0.03, 0.5, 2)
    number = chance.choice([1.0, 30.0]) * chance.normal(size=count)
    design = np.column_stack([np.ones(count), levels, number]).astype(float)
    due = chance.integers(1, 13, count) if panel else np.ones(count, int)
    attended = chance.binomial(due, chance.choice([0.0, 0.03, 0.1, 0.5, 0.97], count, p=_mixed()))
    if chance.random() < 0.2:
        attended = np.where(levels[:, 0], due, 0)
    if np.linalg.matrix_rank(design) < 4 or attended.sum() in (0, due.sum()):
        return ["refused"]
    fit = firth.logistic(design, attended, due)
    if not fit.converged:
        return ["refused"]
    told = ["separated"] if firth.separated(design, fit.successes, fit.trials) else []
    setting = Setting(np.ones(count), chance.integers(0, 8, count), panel, 3, 0)
    asked = (1, False), (3, True)
    try:
        numbers = [one for column, step in asked for one in _numbers(fit, column, setting, step)]
    except np.linalg.LinAlgError:
        return [*told, "refused"]
    return told if np.isfinite(numbers).all() else [*told, "not_finite"]


def _numbers(fit: Fit, column: int, setting: Setting, step: bool) -> list[float]:
    """Everything that is said of one column: a level against another, or one step of a number."""
    chosen = variance.chosen(fit, [column], setting)
    if min(one.covariance[column, column] for one in chosen.references) < model.NO_VARIATION:
        raise np.linalg.LinAlgError("no variation")
    high, low = fit.design.copy(), fit.design.copy()
    high[:, column] = fit.design[:, column] + fit.design[:, column].std() if step else 1
    low[:, column] = fit.design[:, column] if step else 0
    shares = contrasts.standardised(contrasts.flic(fit), high, low, setting.members)
    shares = shares._replace(stepped=step)
    odds = variance.odds(fit, column, chosen)
    return [*odds, shares.difference, *variance.difference(shares, chosen)]


def _mixed() -> list[float]:
    return [0.3, 0.2, 0.2, 0.2, 0.1]
