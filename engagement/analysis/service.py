"""Hours given: means by level, and how far levels differ, in hours.

Enters: cells of an outcome of the kind hours, in which every member's hours are known.
Leaves: mean_hours, one row per level and one per contrast of a factor.
Refuses: levels in which fewer than five members gave any hours, and what comparison.py refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from engagement import tables
from engagement.analysis import comparison, design, model, prevalence, variance, verdicts
from engagement.analysis.firth import Fit
from engagement.analysis.model import Question
from engagement.analysis.variance import Setting, Variance
from engagement.declared import Outcome
from engagement.study import Study

COLUMNS = list(tables.TABLES["mean_hours"].columns)
FEWEST_GIVERS = 5


class Fitted(NamedTuple):
    """A regression of hours: its cells, fit, columns, and the variance of the factor."""

    cells: pd.DataFrame
    fit: Fit
    columns: list[str]
    variance: Variance


def findings(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Hours of the outcomes of the kind hours (table `mean_hours`).

    estimand mean: hours a member, those without any included, with limits of t on the scale of
    logarithms (hours are skewed), over members or groups, whichever are wider. estimand
    difference: between two levels, adjusted by a linear regression for the factor's declared
    set; the variance follows the same rule as for shares (members: HC3; groups: Mancl & DeRouen
    with t (groups - 1)). givers: members with any hours. Differences are exploratory.
    """
    rows = [
        {"outcome": outcome.name, **row}
        for outcome in study.outcomes.values()
        if outcome.kind == "hours"
        for row in _rows(cells[cells["outcome"] == outcome.name], outcome, study)
    ]
    found = pd.DataFrame(rows, columns=[*COLUMNS, "p_value"])
    compared = found["estimand"] == "difference"
    if compared.any():
        judged = verdicts.judged(
            found[compared].assign(
                primary=False,
                refused=found["verdict"].eq("refused"),
                smallest_difference=found["outcome"].map(
                    {name: one.smallest_difference for name, one in study.outcomes.items()}
                ),
            )
        )
        found.loc[compared, ["p_adjusted", "verdict"]] = judged[["p_adjusted", "verdict"]]
    return tables.check(found[COLUMNS], "mean_hours")


def _rows(cells: pd.DataFrame, outcome: Outcome, study: Study) -> Iterator[dict]:
    known = design.known(cells, [])
    if known.empty:
        return
    yield {"term": "", "contrast": "", **_mean(known)}
    for factor in study.factors.values():
        levels = [] if factor.kind in design.NUMERIC else design.present_levels(known, factor)
        for level in levels:
            yield {"term": factor.name, "contrast": level} | _mean(
                known[known[factor.name] == level]
            )
        if levels:
            yield from _differences(cells, comparison.posed(factor, outcome, study))


def _mean(cells: pd.DataFrame) -> dict:
    """Mean hours with their limits, over members and over groups, whichever are wider."""
    members, hours = cells["members"].to_numpy(float), cells["hours"].to_numpy(float)
    told = {"estimand": "mean", **_size(cells), "verdict": "described", "note": ""}
    count = members.sum()
    mean = float(members @ hours / count)
    if told["givers"] < FEWEST_GIVERS:
        return told | {"estimate": mean, "method": "none", "note": "few_events"}
    errors = [(np.sqrt(members @ (hours - mean) ** 2 / (count - 1) / count), count - 1)]
    groups = design.clusters(cells)
    sizes, sums = np.bincount(groups, members), np.bincount(groups, members * (hours - mean))
    if len(sizes) >= prevalence.FEWEST_GROUPS:
        error = np.sqrt(((sums / (1 - sizes / count)) ** 2).sum()) / count
        errors.append((error, len(sizes) - 1))
    if max(error for error, _ in errors) ** 2 < model.NO_VARIATION:
        return told | {"estimate": mean, "method": "none", "note": "no_variation"}
    reach = np.exp(max(stats.t.ppf(0.975, degrees) * error for error, degrees in errors) / mean)
    limits = {"conf_low": mean / reach, "conf_high": mean * reach}
    return told | {"estimate": mean, **limits, "method": "mean_t"}


def _differences(cells: pd.DataFrame, question: Question) -> Iterator[dict]:
    used = design.known(cells, [question.factor.name, *question.adjusters])
    if used.empty:
        return
    reasons = _reasons(cells, used, question)
    if not reasons:
        return
    try:
        found = _fitted(comparison.carried(used, question, reasons), question)
    except model.Refusal as refusal:
        found, reasons = None, {one: why or str(refusal) for one, why in reasons.items()}
    for contrast, why in reasons.items():
        told = {"term": question.factor.name, "contrast": contrast, "estimand": "difference"}
        yield told | (_refused(used, why) if why or found is None else _line(found, contrast))


def _reasons(cells: pd.DataFrame, used: pd.DataFrame, question: Question) -> dict[str, str]:
    """Each contrast with the reason why it cannot be carried, or "".

    A level in which next to nobody gave hours has no honest limits.
    """
    levels = design.present_levels(used, question.factor)
    if len(levels) < 2:
        return {}
    reference = design.reference_level(used, question.factor)
    missing = comparison.recorded(cells, used) < comparison.FEWEST_RECORDED
    why = {level: "mostly_missing" if missing else _rare(used, question, level) for level in levels}
    return {
        f"{level}|{reference}": why[level] or why[reference]
        for level in levels
        if level != reference
    }


def _rare(used: pd.DataFrame, question: Question, level: str) -> str:
    chosen = used[question.factor.name] == level
    few = _size(used[chosen])["givers"] < FEWEST_GIVERS
    return design.rare(used, chosen) or ("few_events" if few else "")


def _fitted(
    cells: pd.DataFrame, question: Question
) -> tuple[pd.DataFrame, Fit, list[str], Variance]:
    """The linear regression of hours, its columns, and the variance of the factor."""
    codings = {name: design.coding(cells, one) for name, one in question.adjusters.items()}
    codings[question.factor.name] = design.coding(cells, question.factor)
    matrix = design.matrix(cells, question.terms, codings)
    members = cells["members"].to_numpy(float)
    columns = design.independent(matrix, members)
    levels = codings[question.factor.name].levels
    tested = [f"{question.factor.name}[{level}]" for level in levels]
    if not set(tested) <= set(columns):
        raise model.Refusal("collinear")
    fit = _linear(matrix[columns].to_numpy(), cells["hours"].to_numpy(float), members)
    places = [columns.index(name) for name in tested]
    try:
        found = variance.chosen(fit, places, _setting(cells, question))
    except np.linalg.LinAlgError:
        raise model.Refusal("one_group") from None
    if min(np.diag(one.covariance)[places].min() for one in found.references) < model.NO_VARIATION:
        raise model.Refusal("no_variation")
    return Fitted(cells, fit, columns, found)


def _linear(matrix: np.ndarray, hours: np.ndarray, members: np.ndarray) -> Fit:
    """Least squares in the form that the variances read: one trial a member, weight one."""
    covariance = np.linalg.inv(matrix.T @ (members[:, None] * matrix))
    coefficients = covariance @ (matrix.T @ (members * hours))
    fitted = matrix @ coefficients
    return Fit(
        matrix, members * hours, members, False, coefficients, covariance, fitted, members,
        np.nan, True,
    )  # fmt: skip


def _setting(cells: pd.DataFrame, question: Question) -> Setting:
    members = cells["members"]
    by_level = members.groupby(cells[question.factor.name])
    givers = members.where(cells["hours"] > 0, 0).groupby(cells[question.factor.name]).sum()
    return Setting(
        members=members.to_numpy(float),
        groups=design.clusters(cells),
        panel=True,
        smallest_level=by_level.sum().min(),
        fewest_events=givers.min(),
    )


def _line(found: Fitted, contrast: str) -> dict:
    cells, fit, columns, chosen = found
    name = next(one for one in columns if one.endswith(f"[{contrast.partition('|')[0]}]"))
    answer = variance.odds(fit, columns.index(name), chosen)
    quantile = max(one.quantile for one in chosen.references)
    return {
        **_size(cells),
        **{"estimate": answer.estimate, "conf_low": answer.low, "conf_high": answer.high},
        **{"p_value": answer.p_value, "method": f"linear_{chosen.method}", "note": ""},
        "detectable": verdicts.detectable_from_error(answer.std_error, quantile),
        "verdict": "",
    }


def _size(cells: pd.DataFrame) -> Mapping[str, float]:
    members, hours = cells["members"], cells["hours"]
    return {
        "members": int(members.sum()),
        "givers": int(members[hours > 0].sum()),
        "hours": float(members @ hours),
    }


def _refused(cells: pd.DataFrame, why: str) -> dict:
    return {**_size(cells), "method": "none", "verdict": "refused", "note": why}
