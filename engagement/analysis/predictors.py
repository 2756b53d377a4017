"""Which declared factors go with taking part: differences first, odds ratios second.

Enters: cells and the study's declared factors, outcomes and models.
Leaves: findings, two lines per comparison (risk_difference, odds_ratio), with verdicts.
Refuses: a primary outcome that nobody or everybody has, a factor with one level (StudyError);
single comparisons that cannot be carried are lines with the verdict `refused` and a reason.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement.analysis import cells as counts
from engagement.analysis import comparison, design, model, variance, verdicts
from engagement.analysis.design import Coding
from engagement.analysis.firth import Fit
from engagement.analysis.variance import Variance
from engagement.declared import Model as Declared
from engagement.declared import Outcome
from engagement.errors import Problem, StudyError
from engagement.study import Study


def findings(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Every factor against every outcome: per comparison one difference and one odds ratio.

    `contrast` is `level|reference`, `+step|` for a number, `trend|` from the lowest to the
    highest of ordered levels on a straight line. Differences are in shares of slots (0–1),
    adjusted for the factor's declared set and averaged over members; the std_error of an odds
    ratio is that of its logarithm. Raises StudyError when the primary outcome is constant or a
    factor has one level.
    """
    _check(counts.checked(cells), study)
    return _pairs(verdicts.judged(lines(cells, study)))[verdicts.COLUMNS]


def lines(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Every comparison that the study declares, before it is judged: one row per comparison."""
    cells = design.plain(cells)
    found = [
        line
        for outcome in study.outcomes.values()
        for factor in study.factors.values()
        for line in comparison.lines(_of(cells, outcome), factor, outcome, study)
    ]
    return pd.DataFrame(found)


def models(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The coefficients of the declared regressions, in log odds; one row per coefficient.

    `term` names the factors, `contrast` the levels; numbers stand in their own units. Firth:
    profile limits and likelihood-ratio tests; maximum likelihood: Wald, with the expected
    information; a panel: clustered on members. A separated maximum-likelihood fit is refused.
    """
    rows = [row for declared in study.models for row in _coefficients(cells, declared, study)]
    return pd.DataFrame(rows, columns=verdicts.COLUMNS)


def _coefficients(cells: pd.DataFrame, declared: Declared, study: Study) -> list[dict]:
    outcome = study.outcomes[declared.outcome]
    factors = {name: study.factors[name] for name in design.parts(declared.terms)}
    used = design.known(_of(cells, outcome), factors)
    codings = {name: design.coding(used, factor, centred=False) for name, factor in factors.items()}
    matrix = design.matrix(used, declared.terms, codings)
    base = {"outcome": outcome.name, "estimand": "coefficient", **comparison.size(used)}
    try:
        penalised = declared.method == "firth"
        fit, notes = model.regression(matrix.to_numpy(), used, penalised=penalised)
        chosen = variance.within(fit, used["members"].to_numpy(), panel=outcome.kind == "panel")
    except model.Refusal as refusal:
        return [{**base, "method": "none", "verdict": "refused", "note": str(refusal)}]
    method = f"{'firth' if penalised else 'ml'}_{chosen.method}"
    return [
        {**base, **_coefficient(fit, place, chosen), **_named(column, codings), "method": method}
        | {"verdict": "described", "note": ";".join(notes)}
        for place, column in enumerate(matrix.columns)
    ]


def _coefficient(fit: Fit, place: int, chosen: Variance) -> dict:
    names = ["estimate", "std_error", "conf_low", "conf_high", "p_value"]
    return dict(zip(names, variance.odds(fit, place, chosen), strict=True))


def _named(column: str, codings: Mapping[str, Coding]) -> dict[str, str]:
    """`sex[female]:age` is the term sex:age with the contrast female|male."""
    parts = [part.rstrip("]").partition("[") for part in column.split(":")]
    levels = [f"{level}|{codings[name].reference}" for name, _, level in parts if level]
    return {"term": ":".join(name for name, _, _ in parts), "contrast": ":".join(levels)}


def _pairs(lines: pd.DataFrame) -> pd.DataFrame:
    """Two rows per comparison: the difference, then the odds ratio with the same verdict."""
    odds = lines.assign(
        estimand="odds_ratio",
        estimate=np.exp(lines["log_odds"]),
        std_error=lines["log_odds_error"],
        conf_low=np.exp(lines["log_odds_low"]),
        conf_high=np.exp(lines["log_odds_high"]),
        method=lines["odds_method"],
    )
    pairs = pd.concat([lines.assign(estimand="risk_difference"), odds])
    return pairs.sort_index(kind="stable").reset_index(drop=True)


def _of(cells: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    return cells[cells["outcome"] == outcome.name]


def _check(cells: pd.DataFrame, study: Study) -> None:
    problems = []
    rows = design.known(_of(cells, study.primary), [])
    if _share(rows) in (0.0, 1.0) or rows.empty:
        problems.append(Problem("outcome_constant", {"outcome": study.primary.name}))
    for factor in study.factors.values():
        values = design.known(rows, [factor.name])[factor.name]
        if values.nunique() < 2:
            where = f"factors.{factor.name}"
            problems.append(Problem("factor_one_level", {"where": where, "field": factor.field}))
    if problems:
        raise StudyError(problems)


def _share(rows: pd.DataFrame) -> float:
    slots = (rows["due"] * rows["members"]).sum()
    return float((rows["attended"] * rows["members"]).sum() / slots) if slots else 0.0
