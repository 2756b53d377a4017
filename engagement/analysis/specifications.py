"""The same comparison under other choices that could have been made: does the answer move?

Enters: cells and the study's declared factors and outcomes.
Leaves: one row per primary factor's contrast and specification, the declared one marked.
Refuses: single specifications that cannot be carried (a row with its reason).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from engagement.analysis import (
    alternatives,
    comparison,
    contrasts,
    design,
    imputation,
    model,
    predictors,
    variance,
    verdicts,
)
from engagement.analysis import cells as counts
from engagement.analysis.alternatives import PUBLISHED, RECORDED
from engagement.analysis.model import Model, Question
from engagement.declared import Factor, Outcome
from engagement.study import Study

COLUMNS = (
    *["outcome", "term", "contrast", "counted_as", "adjusted", "missing", "declared"],
    *["estimate", "conf_low", "conf_high", "members", "p_adjusted", "verdict", "note"],
)
COMPLETE, IMPUTED = "complete", "imputed"


class Answer(NamedTuple):
    """A difference with its limits, the members behind it, and the p-value of its odds ratio."""

    estimate: float
    low: float
    high: float
    members: int
    p_value: float


Chosen = tuple[dict, Mapping[str, Answer | str]]
"""What is chosen in a specification, and each contrast's answer."""


def table(
    cells: pd.DataFrame, study: Study, *, defined: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Primary factors under every choice, one row per outcome × contrast × specification.

    `counted_as`: recorded, with_review (all matches under review counted), strict or broad (the
    cells of `defined` under that definition, where they differ), published (the members whom a
    release counts, cells.publishable), or the name of another declared outcome on the same
    roster. `adjusted`: the adjusting terms, joined by a blank: the declared
    set, each one left out, none. `missing`: complete cases, or 20 imputations pooled (declared
    set, where a value is missing).

    Each verdict is that of the whole report with this one choice made differently and all else
    as declared: corrected for the same family of comparisons, by the same rule. The declared
    specification therefore bears the verdict of the finding.
    """
    cells = design.plain(cells)
    defined = None if defined is None else design.plain(defined)
    released = counts.publishable(cells, study)
    reports = {
        name: predictors.lines(one, study) for name, one in alternatives.reports(cells, released)
    }
    rows = [
        row
        for outcome in study.outcomes.values()
        for counted_as, own in alternatives.definitions(cells, released, outcome, study, defined)
        for factor, specification in _specifications(own, outcome, study)
        if counted_as != PUBLISHED or specification[0]["as_declared"]
        for row in _told(
            specification, counted_as, factor, outcome, reports.get(counted_as, reports[RECORDED])
        )
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _specifications(
    cells: pd.DataFrame, outcome: Outcome, study: Study
) -> Iterator[tuple[Factor, Chosen]]:
    """Each primary factor with every specification of it."""
    filled = _filled(cells, study)
    for factor in study.factors.values():
        if factor.role == "primary":
            yield from ((factor, one) for one in _choices(cells, filled, factor, outcome, study))


def _choices(
    cells: pd.DataFrame,
    filled: list[pd.DataFrame] | None,
    factor: Factor,
    outcome: Outcome,
    study: Study,
) -> Iterator[Chosen]:
    for adjust in adjustments(factor):
        question = comparison.posed(dataclasses.replace(factor, adjust=adjust), outcome, study)
        chosen = {"adjusted": " ".join(adjust), "as_declared": adjust == factor.adjust}
        yield chosen | {"missing": COMPLETE}, complete(cells, question)
        if adjust == factor.adjust and filled and _incomplete(cells, question):
            yield chosen | {"missing": IMPUTED}, imputed(filled, question)


def _told(
    specification: Chosen,
    counted_as: str,
    factor: Factor,
    outcome: Outcome,
    declared: pd.DataFrame,
) -> list[dict]:
    """The rows of one specification, judged among all other comparisons as declared."""
    chosen, answers = specification
    own = (declared["outcome"] == outcome.name) & (declared["term"] == factor.name)
    own &= declared["contrast"] != "trend|"
    common = {"outcome": outcome.name, "term": factor.name, "counted_as": counted_as, **chosen}
    as_declared = chosen["as_declared"] and (counted_as, chosen["missing"]) == (RECORDED, COMPLETE)
    judging = {
        "primary": factor.role == "primary" and outcome.primary,
        "smallest_difference": outcome.smallest_difference,
    }
    lines = [
        {**common, **judging, "declared": as_declared, "contrast": contrast, **_numbers(answer)}
        for contrast, answer in answers.items()
    ]
    together = pd.concat([pd.DataFrame(lines), declared[~own]], ignore_index=True)
    return verdicts.judged(together).head(len(lines)).to_dict("records")


def _numbers(answer: Answer | str) -> dict:
    if isinstance(answer, str):
        blank = dict.fromkeys(("estimate", "conf_low", "conf_high", "members", "p_value"), np.nan)
        return blank | {"refused": True, "note": answer}
    return {
        **{"estimate": answer.estimate, "conf_low": answer.low, "conf_high": answer.high},
        **{"members": answer.members, "p_value": answer.p_value, "refused": False, "note": ""},
    }


def _filled(cells: pd.DataFrame, study: Study) -> list[pd.DataFrame] | None:
    """Completed cells; a factor that most members lack is neither drawn nor drawn upon."""
    held = {
        name: factor
        for name, factor in study.factors.items()
        if comparison.recorded(cells, design.known(cells, [name])) >= comparison.FEWEST_RECORDED
    }
    return imputation.completed(cells, held)


def adjustments(factor: Factor) -> list[tuple[str, ...]]:
    """The declared set first, then each of its terms left out, then none.

    Nothing is added: with a consequence of the factor held level it is another question.
    """
    declared = factor.adjust
    left = [tuple(term for term in declared if term != out) for out in declared]
    return list(dict.fromkeys([declared, *left, ()]))


def complete(cells: pd.DataFrame, question: Question) -> dict[str, Answer | str]:
    """Each contrast on the members whose values are all recorded."""
    used = design.known(cells, [question.factor.name, *question.adjusters])
    found: dict[str, Answer | str] = {}
    reasons = comparison.reasons(cells, used, question)
    for one, own in comparison.questions(question, reasons):
        for contrast, fit in _fits(used, one, own).items():
            found[contrast] = fit if isinstance(fit, str) else _answer(fit, contrast)
    return found


def _fits(
    used: pd.DataFrame, question: Question, reasons: Mapping[str, str]
) -> dict[str, Model | str]:
    try:
        found = model.fitted(comparison.carried(used, question, reasons), question)
    except model.Refusal as refusal:
        return {one: why or str(refusal) for one, why in reasons.items()}
    return {one: why or found for one, why in reasons.items()}


def _answer(found: Model, contrast: str) -> Answer:
    level, _, reference = contrast.partition("|")
    shares = model.shares(found, level, reference)
    _, low, high = variance.difference(shares, found.variance)
    p_value = variance.chance(found.fit, comparison.column(found, contrast), found.variance)
    members = int(found.cells["members"].sum())
    return Answer(shares.difference, low, high, members, p_value)


def _incomplete(cells: pd.DataFrame, question: Question) -> bool:
    used = design.known(cells, [question.factor.name, *question.adjusters])
    return comparison.recorded(cells, used) < 1


def imputed(tables: Sequence[pd.DataFrame], question: Question) -> dict[str, Answer | str]:
    """Each contrast on completed cells, pooled by Rubin's rules."""
    found: dict[str, list[Model | str]] = {}
    for one in tables:
        used = design.known(one, [question.factor.name, *question.adjusters])
        reasons = comparison.reasons(one, used, question)
        for asked, own in comparison.questions(question, reasons):
            for contrast, fit in _fits(used, asked, own).items():
                found.setdefault(contrast, []).append(fit)
    return {contrast: pooled(contrast, fits) for contrast, fits in found.items()}


def pooled(contrast: str, fits: Sequence[Model | str]) -> Answer | str:
    """One difference from the models of all imputations; a refusal of one refuses it.

    The log odds of both shares are pooled with their covariance, then combined as for one model,
    with t on Barnard and Rubin's degrees of freedom; so is the log odds ratio, for its p-value.
    """
    refused = [fit for fit in fits if isinstance(fit, str)]
    if refused:
        return refused[0]
    level, _, reference = contrast.partition("|")
    shares = [model.shares(fit, level, reference) for fit in fits]
    ends = [_pooled(fits, shares, place) for place in (0, -1)]
    logits, low, high = max(ends, key=lambda one: one[2] - one[1])
    p1, p0 = special.expit(logits)
    p_value = max(_p_value(fits, contrast, place) for place in (0, -1))
    return Answer(float(p1 - p0), low, high, int(fits[0].cells["members"].sum()), p_value)


def _p_value(fits: Sequence[Model], contrast: str, place: int) -> float:
    """The p-value of the pooled log odds ratio, by one reference."""
    columns = [comparison.column(fit, contrast) for fit in fits]
    references = [fit.variance.references[place] for fit in fits]
    pairs = list(zip(fits, references, columns, strict=True))
    joined = imputation.pooled(
        [fit.coefficients[[column]] for fit, _, column in pairs],
        [reference.covariance[np.ix_([column], [column])] for _, reference, column in pairs],
    )
    degrees = joined.degrees(np.array([1.0]), min(one.degrees for one in references))
    return imputation.p_value(joined.estimate[0], joined.covariance[0, 0] ** 0.5, degrees)


def _pooled(fits: Sequence[Model], shares: Sequence, place: int) -> tuple[np.ndarray, float, float]:
    """Pooled log odds of both shares and the limits of their difference, by one reference."""
    references = [fit.variance.references[place] for fit in fits]
    each = [
        contrasts.in_logits(one, reference.covariance)
        for one, reference in zip(shares, references, strict=True)
    ]
    joined = imputation.pooled([one for one, _ in each], [one for _, one in each])
    complete = min(reference.degrees for reference in references)
    degrees = joined.degrees(np.array([1.0, -1.0]), complete)
    quantile = contrasts.Reference(joined.covariance, degrees).quantile
    ends = contrasts.limits(joined.estimate, joined.covariance, quantile, stepped=shares[0].stepped)
    return joined.estimate, *ends
