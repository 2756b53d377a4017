"""One design, many outcomes: how often the package's rule covers, rejects and refuses.

Enters: a scenario, the number of a design, how many sets, a seed.
Leaves: one row of counts, for the rule and for each variance alone; the largest gap between this
room's estimators and the package's own.
Refuses: nothing; sets that the package would refuse are counted as refused.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from engagement.analysis import comparison, contrasts, firth, model, variance
from engagement.analysis.variance import Setting
from validity import asked, batch
from validity.asked import NAMES
from validity.batch import Data, Fits
from validity.scenarios import Design, Scenario, design, outcomes, shares

CHECKED_EVERY = 4
DROP = stats.chi2.ppf(0.95, 1)
GROUP = "group"


class Answers(NamedTuple):
    """Per set: odds ratio rejected and covered, width of its interval, difference and limits."""

    odds_rejected: np.ndarray
    odds_covered: np.ndarray
    reach: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def block(scenario: Scenario, place: int, sets: int, seed: int, *, alternative: bool) -> dict:
    """Counts over `sets` outcomes of design number `place`."""
    key = [seed, zlib.crc32(scenario.name.encode()), place, int(alternative)]
    drawn_by, chance = map(np.random.default_rng, np.random.SeedSequence(key).spawn(2))
    drawn = design(scenario, drawn_by, alternative=alternative)
    data = Data(drawn.columns, outcomes(drawn, chance, sets), drawn.due)
    refused = _refused(drawn, data)
    data = data._replace(attended=data.attended[~refused])
    found = _every(drawn, data)
    names = _rule(drawn, data)
    answers = _ruled(drawn, data, found, names)
    finite = np.isfinite([answers.estimate, answers.low, answers.high]).all(axis=0)
    return {
        **{"scenario": scenario.name, "alternative": int(alternative), "design": place},
        **{"sets": sets, "refused": int(refused.sum()), "eta2": round(_eta2(drawn), 4)},
        "methods": ";".join(f"{one}:{(names == one).sum()}" for one in sorted(set(names))),
        **_counted("", answers, drawn.apart),
        **_counted("within_", found[_within(scenario)], drawn.apart),
        **_counted("group_", found[GROUP], drawn.apart),
        "not_finite": int((~finite).sum()),
        "truth": drawn.apart,
        "error": float((answers.estimate - drawn.apart).sum()),
        "width": float((answers.high - answers.low).sum()),
        "gap": 0.0 if place % CHECKED_EVERY else _gap(drawn, data.attended, answers),
    }


def _counted(prefix: str, answers: Answers, truth: float) -> dict[str, int]:
    excludes = (answers.low > 0) | (answers.high < 0)
    counted = {
        "odds_rejected": answers.odds_rejected,
        "odds_covered": answers.odds_covered,
        "rejected": excludes,
        "covered": (answers.low <= truth) & (truth <= answers.high),
    }
    return {f"{prefix}{name}": int(hits.sum()) for name, hits in counted.items()}


def _eta2(drawn: Design) -> float:
    ones = np.ones(len(drawn.group))
    return max(
        contrasts.between_groups(drawn.columns[:, column], drawn.group, ones)
        for column in drawn.tested
    )


def _rule(drawn: Design, data: Data) -> np.ndarray:
    """Which variance the package takes for each of these sets."""
    levels = [drawn.asked.values == one for one in _levels(drawn)] or [drawn.due > 0]
    smallest = min(level.sum() for level in levels)
    fewest = np.min([data.attended[:, level].sum(axis=1) for level in levels], axis=0)
    members, panel = np.ones(len(drawn.group)), drawn.scenario.panel
    eta2 = _eta2(drawn)
    chosen = {
        events: variance.rule(eta2, Setting(members, drawn.group, panel, smallest, events))
        for events in set(fewest)
    }
    return np.array([chosen[events] for events in fewest], object)


def _levels(drawn: Design) -> list[str]:
    """The levels of the factor, none for a number and a trend."""
    numeric = drawn.scenario.ask in ("trend", "step", "curve")
    return [] if numeric else sorted(set(drawn.asked.values))


def _refused(drawn: Design, data: Data) -> np.ndarray:
    """Sets in which nearly nobody or everybody came, and rare levels with rare attendance."""
    came, stayed = (data.attended > 0).sum(axis=1), (data.attended < drawn.due).sum(axis=1)
    refused = np.minimum(came, stayed) < comparison.FEWEST_EVENTS
    if drawn.scenario.panel and _levels(drawn):
        fewest = np.unique(drawn.asked.values, return_counts=True)[1].min()
        rare = data.attended.sum(axis=1) / drawn.due.sum() < comparison.RARE_ATTENDANCE
        refused |= rare & (fewest < comparison.RARE_LEVEL)
    return refused


def _within(scenario: Scenario) -> str:
    return "member" if scenario.panel else "model"


def _every(drawn: Design, data: Data) -> dict[str, Answers]:
    """What both variances say of every set."""
    kinds = _within(drawn.scenario), GROUP
    if not len(data.attended):
        return {kind: Answers(*np.zeros((2, 0), bool), *np.zeros((4, 0))) for kind in kinds}
    fits = batch.firth(data)
    truth, lost = _true_odds(drawn), ~fits.converged
    coefficients = batch.flic(data, fits)
    found = {}
    for kind in kinds:
        covariance, degrees = _reference(drawn, data, fits, kind)
        rejected, covered, reach = _odds(data, fits, kind, covariance, degrees, truth)
        ends = batch.mover(
            drawn.ends, coefficients, covariance, batch.quantile(degrees),
            stepped=drawn.scenario.ask == "step",
        )  # fmt: skip
        high = np.where(lost, np.nan, ends[2])
        found[kind] = Answers(rejected & ~lost, covered & ~lost, reach, *ends[:2], high)
    return found


def _ruled(drawn: Design, data: Data, found: dict[str, Answers], names: np.ndarray) -> Answers:
    """The answers of the rule, set by set: one variance, or the wider interval of both."""
    answers = found[GROUP]
    for name in set(names) - {GROUP}:
        chosen = _wider(drawn, data, found) if name == "wider" else found[name]
        pairs = zip(chosen, answers, strict=True)
        answers = Answers(*(np.where(names == name, new, old) for new, old in pairs))
    return answers


def _wider(drawn: Design, data: Data, found: dict[str, Answers]) -> Answers:
    inner, outer = found[_within(drawn.scenario)], found[GROUP]
    if not drawn.scenario.panel:
        inner = _measured(data, inner, outer)
    reaches = np.array([inner.reach, outer.reach])
    spans = np.array([inner.high - inner.low, outer.high - outer.low])
    return Answers(
        inner.odds_rejected & outer.odds_rejected,
        _of_widest(reaches, [inner.odds_covered, outer.odds_covered]),
        reaches.max(axis=0),
        inner.estimate,
        _of_widest(spans, [inner.low, outer.low]),
        _of_widest(spans, [inner.high, outer.high]),
    )


def _measured(data: Data, inner: Answers, outer: Answers) -> Answers:
    """The true width of a profile where it decides which of two intervals is the wider."""
    reach = inner.reach.copy()
    for row in np.flatnonzero(inner.odds_covered != outer.odds_covered):
        fit = firth.logistic(data.columns, data.attended[row], data.due)
        low, high = firth.profile(fit, 1)
        reach[row] = (high - low) / 2
    return inner._replace(reach=reach)


def _of_widest(widths: np.ndarray, values: list[np.ndarray]) -> np.ndarray:
    return np.array(values)[np.argmax(widths, axis=0), np.arange(widths.shape[1])]


def _reference(
    drawn: Design, data: Data, fits: Fits, kind: str
) -> tuple[np.ndarray, float | np.ndarray]:
    if kind == "model":
        return fits.covariance, np.inf
    if kind == "member":
        return batch.on_members(data, fits), batch.degrees(data, fits, drawn.tested)
    return batch.on_groups(data, fits, drawn.group), drawn.group.max()


def _odds(data, fits, kind, covariance, degrees, truth) -> tuple[np.ndarray, ...]:
    """Rejected, truth covered, and the width of the interval (approximate for a profile)."""
    estimate, error = fits.coefficients[:, 1], np.sqrt(covariance[:, 1, 1])
    reach = batch.quantile(degrees) * error
    if kind != "model":
        return np.abs(estimate) > reach, np.abs(estimate - truth) <= reach, reach
    fallen = [2 * (fits.log_likelihood - batch.held(data, fits, 1, at).log_likelihood)
              for at in (0.0, truth)]  # fmt: skip
    return fallen[0] > DROP, fallen[1] <= DROP, reach


def _true_odds(drawn: Design) -> float:
    """The compared coefficient when the fitted model meets the true shares."""
    expected = drawn.due * shares(drawn, drawn.asked.added)
    fit = firth.logistic(drawn.columns, expected, drawn.due, penalised=False)
    return float(fit.coefficients[1])


def _gap(drawn: Design, attended: np.ndarray, answers: Answers) -> float:
    """Largest difference between these numbers and the package's own, on the first set."""
    if not len(attended):
        return 0.0
    try:
        found = model.fitted(cells(drawn, attended[0]), asked.question(drawn.scenario))
    except model.Refusal:
        return np.inf
    told = model.shares(found, "l1", "l0")
    _, low, high = variance.difference(told, found.variance)
    column = found.columns.index(asked.column(drawn.scenario))
    odds = variance.odds(found.fit, column, found.variance)
    here = answers.estimate[0], answers.low[0], answers.high[0]
    agrees = (odds.p_value < 0.05) == answers.odds_rejected[0]
    agrees &= (odds.low <= _true_odds(drawn) <= odds.high) == answers.odds_covered[0]
    gaps = np.abs(np.subtract(here, (told.difference, low, high)))
    return float(gaps.max()) if agrees else 1.0


def cells(drawn: Design, attended: np.ndarray) -> pd.DataFrame:
    """One set as the cells that the package is given."""
    numbers = dict(zip(NAMES, drawn.columns[:, -len(NAMES) :].T, strict=True))
    groups = [f"g{one}" for one in drawn.group]
    return pd.DataFrame(
        {"outcome": "took_part", "branch": "b1", "group": groups, "members": 1}
        | {"x": asked.values(drawn.scenario, drawn.asked), **numbers}
        | {"due": drawn.due, "attended": attended}
    )
