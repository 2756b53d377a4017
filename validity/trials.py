"""One design, many outcomes: how often the package's rule covers, rejects and refuses.

Enters: a scenario, the number of a design, how many sets, a seed.
Leaves: one row of counts; the largest gap between this room's estimators and the package's own.
Refuses: nothing; sets that the package would refuse are counted as refused.
"""

from __future__ import annotations

import zlib
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from engagement.analysis import comparison, contrasts, firth, model, variance
from engagement.analysis.model import Question
from engagement.analysis.variance import Setting
from engagement.declared import Factor, Outcome
from validity import batch
from validity.batch import Data, Fits
from validity.scenarios import Design, Scenario, design, outcomes, shares

NAMES = ("z", "female", "education")
CHECKED = 1
DROP = stats.chi2.ppf(0.95, 1)


class Answers(NamedTuple):
    """Per set: refused, odds ratio rejected and covered, difference and its limits."""

    refused: np.ndarray
    odds_rejected: np.ndarray
    odds_covered: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray


def block(scenario: Scenario, place: int, sets: int, seed: int, *, alternative: bool) -> dict:
    """Counts over `sets` outcomes of design number `place`."""
    key = [seed, zlib.crc32(scenario.name.encode()), place, int(alternative)]
    drawn_by, chance = map(np.random.default_rng, np.random.SeedSequence(key).spawn(2))
    drawn = design(scenario, drawn_by, alternative=alternative)
    ones = np.ones(len(drawn.group))
    truth = float((shares(drawn, ones) - shares(drawn, 0 * ones)).mean())
    data = Data(drawn.columns, outcomes(drawn, chance, sets), drawn.due)
    eta2 = contrasts.between_groups(drawn.exposed, drawn.group, ones)
    answers, methods = _answers(drawn, data, eta2)
    used = ~answers.refused
    covered = (answers.low <= truth) & (truth <= answers.high)
    excludes = (answers.low > 0) | (answers.high < 0)
    finite = np.isfinite([answers.estimate, answers.low, answers.high]).all(axis=0)
    return {
        **{"scenario": scenario.name, "alternative": int(alternative), "design": place},
        **{"sets": sets, "refused": int(answers.refused.sum()), "eta2": round(eta2, 4)},
        "methods": ";".join(f"{name}:{count}" for name, count in methods.items()),
        "odds_rejected": int((answers.odds_rejected & used).sum()),
        "odds_covered": int((answers.odds_covered & used).sum()),
        "rejected": int((excludes & used).sum()),
        "both": int((excludes & answers.odds_rejected & used).sum()),
        "covered": int((covered & used).sum()),
        "not_finite": int((~finite & used).sum()),
        "truth": truth,
        "error": float((answers.estimate - truth)[used].sum()),
        "width": float((answers.high - answers.low)[used].sum()),
        "gap": _gap(drawn, data, answers),
    }


def _answers(drawn: Design, data: Data, eta2: float) -> tuple[Answers, dict[str, int]]:
    """What the rule says of every set, and how often it chose which variance."""
    sets = len(data.attended)
    refused = _refused(drawn, data)
    answers = Answers(refused, *np.zeros((2, sets), bool), *np.full((3, sets), np.nan))
    methods = {"refused": int(refused.sum())} if refused.any() else {}
    names = np.array([_method(drawn, eta2, row) for row in data.attended])
    names[refused] = ""
    for name in sorted(set(names) - {""}):
        rows = names == name
        methods[name] = int(rows.sum())
        found = _by_method(drawn, data._replace(attended=data.attended[rows]), name)
        for kept, new in zip(answers[1:], found, strict=True):
            kept[rows] = new
    return answers, methods


def _method(drawn: Design, eta2: float, attended: np.ndarray) -> str:
    x = drawn.exposed == 1
    members = np.ones(len(x))
    events = min(attended[x].sum(), attended[~x].sum())
    smallest = min(x.sum(), (~x).sum())
    panel = drawn.scenario.panel
    return variance.rule(eta2, Setting(members, drawn.group, panel, smallest, events))


def _refused(drawn: Design, data: Data) -> np.ndarray:
    """Sets without or with nothing but events, and rare levels with rare attendance."""
    total = data.attended.sum(axis=1)
    refused = (total == 0) | (total == drawn.due.sum())
    x = drawn.exposed
    fewest = min(x.sum(), (1 - x).sum())
    if drawn.scenario.panel and fewest < comparison.RARE_LEVEL:
        refused |= total / drawn.due.sum() < comparison.RARE_ATTENDANCE
    return refused


def _by_method(drawn: Design, data: Data, name: str) -> tuple[np.ndarray, ...]:
    """Odds ratio (rejected, covered) and difference (estimate, low, high) by one method."""
    fits = batch.firth(data)
    truth = _true_odds(drawn)
    within = "member" if drawn.scenario.panel else "model"
    kinds = {"wider": [within, "group"]}.get(name, [name])
    found = [_reference(drawn, data, fits, kind) for kind in kinds]
    rejected = np.ones(len(data.attended), bool)
    widths, ends = [], []
    coefficients = batch.flic(data, fits)
    for kind, (covariance, degrees) in zip(kinds, found, strict=True):
        one_rejected, one_covered, width = _odds(data, fits, kind, covariance, degrees, truth)
        rejected &= one_rejected
        widths.append((width, one_covered))
        ends.append(batch.mover(data, coefficients, covariance, batch.quantile(degrees)))
    _measured(data, kinds, widths)
    covered = _of_widest(*map(list, zip(*widths, strict=True)))
    reach = [high - low for _, low, high in ends]
    low, high = (_of_widest(reach, [one[place] for one in ends]) for place in (1, 2))
    lost = ~fits.converged
    return rejected & ~lost, covered & ~lost, ends[0][0], low, np.where(lost, np.nan, high)


def _measured(data: Data, kinds: list[str], widths: list[tuple]) -> None:
    """The true width of a profile where it decides which of two intervals is the wider."""
    if len(kinds) < 2 or kinds[0] != "model":
        return
    for row in np.flatnonzero(widths[0][1] != widths[1][1]):
        fit = firth.logistic(data.columns, data.attended[row], data.due)
        low, high = firth.profile(fit, 1)
        widths[0][0][row] = (high - low) / 2


def _of_widest(widths: list[np.ndarray], values: list[np.ndarray]) -> np.ndarray:
    widest = np.argmax(np.array(widths), axis=0)
    return np.array(values)[widest, np.arange(len(widest))]


def _reference(
    drawn: Design, data: Data, fits: Fits, kind: str
) -> tuple[np.ndarray, float | np.ndarray]:
    if kind == "model":
        return fits.covariance, np.inf
    if kind == "member":
        return batch.on_members(data, fits), batch.degrees(data, fits)
    return batch.on_groups(data, fits, drawn.group), drawn.group.max()


def _odds(data, fits, kind, covariance, degrees, truth) -> tuple[np.ndarray, ...]:
    """Rejected, truth covered, and the width of the interval (approximate for a profile)."""
    estimate, error = fits.coefficients[:, 1], np.sqrt(covariance[:, 1, 1])
    reach = batch.quantile(degrees) * error
    if kind != "model":
        return np.abs(estimate) > reach, np.abs(estimate - truth) <= reach, reach
    fallen = [2 * (fits.log_likelihood - batch.firth(data, 1, at).log_likelihood)
              for at in (0.0, truth)]  # fmt: skip
    return fallen[0] > DROP, fallen[1] <= DROP, reach


def _true_odds(drawn: Design) -> float:
    """The coefficient of x when the fitted model meets the true shares."""
    expected = drawn.due * shares(drawn, drawn.exposed)
    return float(
        firth.logistic(drawn.columns, expected, drawn.due, penalised=False).coefficients[1]
    )


def _gap(drawn: Design, data: Data, answers: Answers) -> float:
    """Largest difference between these numbers and the package's own, over a few sets."""
    gaps = [0.0]
    for place in np.flatnonzero(~answers.refused)[:CHECKED]:
        try:
            found = model.fitted(cells(drawn, data.attended[place]), question(drawn))
        except model.Refusal:
            gaps.append(np.inf)
            continue
        told = model.shares(found, "yes", "no")
        _, low, high = variance.difference(told, found.variance)
        odds = variance.odds(found.fit, found.columns.index("x[yes]"), found.variance)
        here = answers.estimate[place], answers.low[place], answers.high[place]
        gaps += np.abs(np.subtract(here, (told.difference, low, high))).tolist()
        agrees = (odds.p_value < 0.05) == answers.odds_rejected[place]
        agrees &= (odds.low <= _true_odds(drawn) <= odds.high) == answers.odds_covered[place]
        gaps.append(0.0 if agrees else 1.0)
    return float(max(gaps))


def cells(drawn: Design, attended: np.ndarray) -> pd.DataFrame:
    """One set as the cells that the package is given."""
    numbers = dict(zip(NAMES, drawn.columns[:, 2:].T, strict=True))
    groups = [f"g{one}" for one in drawn.group]
    return pd.DataFrame(
        {"outcome": "took_part", "branch": "b1", "group": groups, "members": 1}
        | {"x": np.where(drawn.exposed == 1, "yes", "no"), **numbers}
        | {"due": drawn.due, "attended": attended}
    )


def question(drawn: Design) -> Question:
    """What the package is asked of it: x, adjusted for age, sex and education."""
    adjusters = {name: _factor(name, "number") for name in NAMES}
    kind = "panel" if drawn.scenario.panel else "column"
    label = {"zh": kind, "en": kind}
    outcome = Outcome("took_part", kind, None, None, (), True, 0.1, label)
    return Question(_factor("x", "category", NAMES), adjusters, outcome, True)


def _factor(name: str, kind: str, adjust: tuple[str, ...] = ()) -> Factor:
    levels = ("no", "yes") if kind == "category" else ()
    label = {"zh": name, "en": name}
    return Factor(
        name, name, kind, (), {}, levels, levels[0] if levels else None, None, "primary",
        adjust, label, {},
    )  # fmt: skip
