"""Does a difference depend on another factor? Only where the study asks so beforehand.

Enters: cells and the declared interactions of two factors with levels.
Leaves: interactions, one row per contrast × contrast: the difference of two differences.
Refuses: a combination of levels with fewer than three members or of one group only.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from engagement import tables
from engagement.analysis import comparison, contrasts, design, model, variance, verdicts
from engagement.analysis.contrasts import Reference, Shares
from engagement.analysis.model import Model, Question
from engagement.declared import Interaction, Outcome
from engagement.study import Study

COLUMNS = list(tables.TABLES["interactions"].columns)


def findings(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Declared interactions of the primary outcome (table `interactions`).

    difference, other: the contrast of `term` with everybody at the two levels of `by`, adjusted
    for the factor's declared set; estimate: the first less the second, on the scale of shares.
    An interaction is exploratory: p_adjusted is its false-discovery rate among all of them.
    """
    own = cells[cells["outcome"] == study.primary.name]
    rows = [row for one in study.interactions for row in _rows(own, one, study)]
    found = pd.DataFrame(rows, columns=[*COLUMNS, "p_value", "primary", "refused"])
    if len(found):
        smallest = study.primary.smallest_difference
        found = verdicts.judged(found.assign(smallest_difference=smallest))
    return tables.check(found[COLUMNS], "interactions")


def _rows(cells: pd.DataFrame, asked: Interaction, study: Study) -> Iterator[dict]:
    question = _question(asked, study.primary, study)
    used = design.known(cells, [asked.factor, *question.adjusters])
    for adjuster in question.adjusters.values():
        if adjuster.name != asked.by:
            used = design.pooled(used, adjuster)
    base = {"outcome": study.primary.name, "term": asked.factor, "by": asked.by, "primary": False}
    levels, by_levels = (
        _contrasts(used, one) for one in (question.factor, question.adjusters[asked.by])
    )
    refused = "few_exposed" if not levels or not by_levels else _rare(used, asked)
    found = None
    if not refused:
        try:
            found = model.fitted(used, question)
        except model.Refusal as refusal:
            refused = str(refusal)
    for contrast in levels:
        for by_contrast in by_levels:
            told = {**base, "contrast": contrast, "by_contrast": by_contrast}
            yield told | (_line(found, contrast, by_contrast) if found else _refused(used, refused))


def _question(asked: Interaction, outcome: Outcome, study: Study) -> Question:
    plain = comparison.posed(study.factors[asked.factor], outcome, study)
    adjusters = {**plain.adjusters, asked.by: study.factors[asked.by]}
    return plain._replace(adjusters=adjusters, by=asked.by)


def _contrasts(used: pd.DataFrame, factor) -> list[str]:
    if used.empty:
        return []
    reference = design.reference_level(used, factor)
    levels = design.present_levels(used, factor)
    return [f"{level}|{reference}" for level in levels if level != reference]


def _rare(used: pd.DataFrame, asked: Interaction) -> str:
    """Why some combination of the two factors cannot carry a comparison, or an empty text."""
    for first in used[asked.factor].unique():
        for second in used[asked.by].unique():
            why = design.rare(used, (used[asked.factor] == first) & (used[asked.by] == second))
            if why:
                return why
    return ""


def _line(found: Model, contrast: str, by_contrast: str) -> dict:
    by = found.question.by
    pair = [_shares(found, contrast, by, level) for level in by_contrast.split("|")]
    ends = [_limits(pair, reference) for reference in found.variance.references]
    error, low, high = max(ends, key=lambda one: one[2] - one[1])
    level, by_level = contrast.partition("|")[0], by_contrast.partition("|")[0]
    name = f"{found.question.factor.name}[{level}]:{by}[{by_level}]"
    odds = variance.odds(found.fit, found.columns.index(name), found.variance)
    quantile = max(one.quantile for one in found.variance.references)
    return {
        **{"difference": pair[0].difference, "other": pair[1].difference},
        **{"estimate": pair[0].difference - pair[1].difference},
        **{"conf_low": low, "conf_high": high, "p_value": odds.p_value},
        "detectable": verdicts.detectable_from_error(error, quantile),
        **comparison.size(found.cells),
        **{"method": found.variance.method, "refused": False, "note": ";".join(found.notes)},
    }


def _shares(found: Model, contrast: str, by: str, by_level: str) -> Shares:
    """Mean shares at both levels of the factor with everybody at one level of `by`."""
    name = found.question.factor.name
    designs = [
        design.matrix(
            found.cells.assign(**{name: level, by: by_level}),
            found.question.terms,
            found.codings,
        )[found.columns].to_numpy()
        for level in contrast.split("|")
    ]
    members = found.cells["members"].to_numpy(float)
    return contrasts.standardised(found.coefficients, *designs, members)


def _limits(pair: list[Shares], reference: Reference) -> tuple[float, float, float]:
    """Error and limits of the difference of two differences. Zou & Donner 2008, as for one."""
    gradients = np.array([one.gradient1 - one.gradient0 for one in pair])
    covariance = gradients @ reference.covariance @ gradients.T
    scale = np.sqrt(covariance[0, 0] * covariance[1, 1])
    r = float(np.clip(covariance[0, 1] / scale, -1, 1)) if scale > 0 else 0.0
    (low1, high1), (low0, high0) = (contrasts.mover(one, reference) for one in pair)
    d1, d0 = (one.difference for one in pair)
    below = _combined(d1 - low1, high0 - d0, r)
    above = _combined(high1 - d1, d0 - low0, r)
    error = np.sqrt(max(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1], 0.0))
    return float(error), d1 - d0 - below, d1 - d0 + above


def _combined(one: float, other: float, r: float) -> float:
    return float(np.sqrt(max(one**2 + other**2 - 2 * r * one * other, 0.0)))


def _refused(used: pd.DataFrame, why: str) -> dict:
    numbers = ("difference", "other", "estimate", "conf_low", "conf_high", "p_value", "detectable")
    blank = dict.fromkeys(numbers, np.nan)
    return {**blank, **comparison.size(used), "method": "none", "refused": True, "note": why}
