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

from engagement.analysis import comparison, contrasts, design, imputation, model, variance
from engagement.analysis.model import Model, Question
from engagement.declared import Factor, Outcome
from engagement.study import Study

COLUMNS = (
    *["outcome", "term", "contrast", "counted_as", "adjusted", "missing", "declared"],
    *["estimate", "conf_low", "conf_high", "members", "verdict", "note"],
)
COMPLETE, IMPUTED = "complete", "imputed"
RECORDED, WITH_REVIEW = "recorded", "with_review"


class Answer(NamedTuple):
    """A difference with its limits, and the members behind it."""

    estimate: float
    low: float
    high: float
    members: int


def table(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Primary factors under every choice, one row per outcome × contrast × specification.

    `counted_as`: recorded, with_review (all matches under review counted), or the name of
    another declared outcome on the same roster. `adjusted`: the adjusting terms, joined by a
    blank: the declared set, each one left out, none. `missing`: complete cases, or 20
    imputations pooled (declared set, where a value is missing). The verdict is read from the
    interval and the smallest important difference alone.
    """
    rows = [
        row
        for outcome in study.outcomes.values()
        for definition, own in _definitions(cells, outcome, study)
        for row in _rows(own, outcome, study, definition)
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _definitions(
    cells: pd.DataFrame, outcome: Outcome, study: Study
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The cells under each definition of having taken part."""
    own = cells[cells["outcome"] == outcome.name]
    yield RECORDED, own
    if outcome.kind == "list" and own["attended_with_review"].gt(own["attended"]).any():
        yield WITH_REVIEW, own.assign(attended=own["attended_with_review"])
    if not outcome.primary:
        return
    for other in study.outcomes.values():
        if other.name != outcome.name and (other.kind, other.roster) == (
            outcome.kind,
            outcome.roster,
        ):
            yield other.name, cells[cells["outcome"] == other.name]


def _rows(cells: pd.DataFrame, outcome: Outcome, study: Study, definition: str) -> list[dict]:
    filled = _filled(cells, study)
    rows = []
    for factor in study.factors.values():
        if factor.role != "primary":
            continue
        told = {"outcome": outcome.name, "term": factor.name, "counted_as": definition}
        for adjust in adjustments(factor):
            question = comparison.posed(dataclasses.replace(factor, adjust=adjust), outcome, study)
            told |= {"adjusted": " ".join(adjust), "missing": COMPLETE}
            told |= {"declared": adjust == factor.adjust and definition == RECORDED}
            rows += _lines(told, complete(cells, question), outcome)
            if adjust == factor.adjust and filled and _incomplete(cells, question):
                told |= {"missing": IMPUTED, "declared": False}
                rows += _lines(told, imputed(filled, question), outcome)
    return rows


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


def _lines(told: dict, answers: Mapping[str, Answer | str], outcome: Outcome) -> list[dict]:
    return [
        {**told, "contrast": contrast, **_told(answer, outcome.smallest_difference)}
        for contrast, answer in answers.items()
    ]


def _told(answer: Answer | str, smallest: float) -> dict:
    if isinstance(answer, str):
        return {"verdict": "refused", "note": answer}
    inside = answer.low > -smallest and answer.high < smallest
    apart = answer.low > 0 or answer.high < 0
    verdict = "no_important" if inside else "possible" if apart else "cannot_be_told"
    return {
        **{"estimate": answer.estimate, "conf_low": answer.low, "conf_high": answer.high},
        **{"members": answer.members, "verdict": verdict, "note": ""},
    }


def complete(cells: pd.DataFrame, question: Question) -> dict[str, Answer | str]:
    """Each contrast on the members whose values are all recorded."""
    used = design.known(cells, [question.factor.name, *question.adjusters])
    found: dict[str, Answer | str] = {}
    for one, own in comparison.questions(question, comparison.reasons(used, question)):
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
    return Answer(shares.difference, low, high, int(found.cells["members"].sum()))


def _incomplete(cells: pd.DataFrame, question: Question) -> bool:
    used = design.known(cells, [question.factor.name, *question.adjusters])
    return comparison.recorded(cells, used) < 1


def imputed(tables: Sequence[pd.DataFrame], question: Question) -> dict[str, Answer | str]:
    """Each contrast on completed cells, pooled by Rubin's rules."""
    found: dict[str, list[Model | str]] = {}
    for one in tables:
        used = design.known(one, [question.factor.name, *question.adjusters])
        for asked, own in comparison.questions(question, comparison.reasons(used, question)):
            for contrast, fit in _fits(used, asked, own).items():
                found.setdefault(contrast, []).append(fit)
    return {contrast: pooled(contrast, fits) for contrast, fits in found.items()}


def pooled(contrast: str, fits: Sequence[Model | str]) -> Answer | str:
    """One difference from the models of all imputations; a refusal of one refuses it.

    The log odds of both shares are pooled with their covariance, then combined as for one model,
    with t on Barnard and Rubin's degrees of freedom.
    """
    refused = [fit for fit in fits if isinstance(fit, str)]
    if refused:
        return refused[0]
    level, _, reference = contrast.partition("|")
    shares = [model.shares(fit, level, reference) for fit in fits]
    ends = [_pooled(fits, shares, place) for place in (0, -1)]
    logits, low, high = max(ends, key=lambda one: one[2] - one[1])
    p1, p0 = special.expit(logits)
    return Answer(float(p1 - p0), low, high, int(fits[0].cells["members"].sum()))


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
