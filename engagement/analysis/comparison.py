"""One factor against one outcome: fit, choose the variance, read off the comparisons.

Enters: cells of one outcome, a factor with its adjustment set.
Leaves: one line (a dict of numbers and codes) per level, number step or trend.
Refuses: levels with too few members, in one group only, or without an event (a line says why).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement.analysis import design, model, variance, verdicts
from engagement.analysis.model import Model, Question
from engagement.declared import Factor, Outcome
from engagement.study import Study

FEWEST_EVENTS = 7
RARE_LEVEL = 20
RARE_ATTENDANCE = 0.10
COMPLETE_CASES = 0.95
FEWEST_RECORDED = 0.5
LEVELS_OF_A_TREND = 3
NUMBERS = (
    *["estimate", "std_error", "conf_low", "conf_high", "p_value", "p0", "p1", "eta2"],
    *["log_odds", "log_odds_error", "log_odds_low", "log_odds_high"],
    *["detectable", "evalue", "evalue_limit"],
)


def lines(cells: pd.DataFrame, factor: Factor, outcome: Outcome, study: Study) -> list[dict]:
    """The comparisons of `factor`: one dict per level, per number step, and for the trend."""
    found = _compared(cells, posed(factor, outcome, study))
    levels = design.present_levels(cells, factor) if factor.kind == "ordered" else []
    if len(levels) >= LEVELS_OF_A_TREND:
        scores = cells[factor.name].map({level: rank for rank, level in enumerate(levels)})
        scored = cells.assign(**{factor.name: scores.astype(float)})
        span = float(len(levels) - 1)
        trend = dataclasses.replace(factor, kind=design.SCORE, step=span, role="exploratory")
        found += [
            {**line, "contrast": "trend|"}
            for line in _compared(scored, posed(trend, outcome, study))
        ]
    return found


def posed(factor: Factor, outcome: Outcome, study: Study) -> Question:
    """The question that the study asks of `factor`: its adjusting factors and its method."""
    names = [name for name in design.parts(factor.adjust) if name != factor.name]
    adjusters = {name: study.factors[name] for name in names}
    return Question(factor, adjusters, outcome, study.method == "firth")


def _compared(cells: pd.DataFrame, question: Question) -> list[dict]:
    factor, outcome = question.factor, question.outcome
    base = {
        "outcome": outcome.name,
        "term": factor.name,
        "primary": factor.role == "primary" and outcome.primary,
        "smallest_difference": outcome.smallest_difference,
    }
    names = [factor.name, *question.adjusters]
    used = design.gathered(design.known(cells, names), names)
    refusals = reasons(cells, used, question)
    answers: dict[str, dict] = {}
    for asked, own in questions(question, refusals):
        answers |= _answers(cells, used, asked, own)
    return [{**base, "contrast": contrast, **answers[contrast]} for contrast in refusals]


def questions(question: Question, refusals: Mapping[str, str]) -> list[tuple[Question, dict]]:
    """The questions behind the contrasts: one, or for a curve one between each two points."""
    if question.factor.kind != design.CURVE:
        return [(question, dict(refusals))]
    return [
        (question._replace(between=tuple(map(float, one.split("|")[::-1]))), {one: why})
        for one, why in refusals.items()
    ]


def _answers(
    cells: pd.DataFrame, used: pd.DataFrame, question: Question, refusals: Mapping[str, str]
) -> dict[str, dict]:
    try:
        found = model.fitted(carried(used, question, refusals), question)
    except model.Refusal as refusal:
        return {one: _refused(used, refusals[one] or str(refusal)) for one in refusals}
    notes = _left_out(cells, found.cells)
    return {
        one: _refused(used, why) if why else _line(found, one, notes)
        for one, why in refusals.items()
    }


def reasons(cells: pd.DataFrame, used: pd.DataFrame, question: Question) -> dict[str, str]:
    """Each comparison that is asked for, with the reason why it cannot be carried, or "".

    `used`: those of `cells` in which the factor and what it is adjusted for are recorded.
    """
    found = _reasons(used, question)
    if recorded(cells, used) < FEWEST_RECORDED:
        return {one: why or "mostly_missing" for one, why in found.items()}
    return found


def _reasons(used: pd.DataFrame, question: Question) -> dict[str, str]:
    factor = question.factor
    general = _general_refusal(used)
    if factor.kind == design.CURVE:
        points = [f"{point:g}" for point in factor.points]
        reference = factor.reference or points[0]
        inside = _inside(used, factor)
        return {
            f"{one}|{reference}": general or inside[one] or inside[reference]
            for one in points
            if one != reference
        }
    if factor.kind in design.NUMERIC:
        return {f"+{model.step(used, factor):g}|": general}
    if general:
        reference = factor.reference or (factor.levels or ("",))[0]
        others = [level for level in factor.levels if level != reference] or [""]
        return {f"{level}|{reference}": general for level in others}
    reference = design.reference_level(used, factor)
    levels = design.present_levels(used, factor)
    if len(levels) == 1:
        return {f"|{reference}": "one_level"}
    by_level = {level: _level_refusal(used, question, level) for level in levels}
    return {
        f"{level}|{reference}": why or by_level[reference]
        for level, why in by_level.items()
        if level != reference
    }


def _general_refusal(used: pd.DataFrame) -> str:
    """Why nothing can be compared: next to nobody came, or next to nobody stayed away.

    Where fewer than seven stand on one side, the few hold the difference down whatever the factor
    does: its interval covers too seldom, or with a little more of them too often
    (docs/validity.md). Such an outcome is counted, not compared.
    """
    if used.empty:
        return "few_exposed"
    members = used["members"]
    came = members[used["attended"] > 0].sum()
    stayed = members[used["attended"] < used["due"]].sum()
    if min(came, stayed) >= FEWEST_EVENTS:
        return ""
    return "few_events" if min(came, stayed) else "no_event" if came == 0 else "all_events"


def _inside(used: pd.DataFrame, factor: Factor) -> dict[str, str]:
    """Why a point of a curve cannot be told: fewer than three members stand beyond it."""
    values, members = used[factor.name], used["members"]
    reasons = {}
    for point in factor.points:
        beyond = min(members[values <= point].sum(), members[values >= point].sum())
        reasons[f"{point:g}"] = "" if beyond >= design.FEWEST_EXPOSED else "few_exposed"
    return reasons


def _level_refusal(used: pd.DataFrame, question: Question, level: str) -> str:
    chosen = used[question.factor.name] == level
    few = used.loc[chosen, "members"].sum() < RARE_LEVEL
    slots = used["due"] @ used["members"]
    share = used["attended"] @ used["members"] / slots
    if question.outcome.kind == "panel" and few and share < RARE_ATTENDANCE:
        return "rare_level"
    return design.rare(used, chosen)


def carried(used: pd.DataFrame, question: Question, refusals: Mapping[str, str]) -> pd.DataFrame:
    """The cells that the model stands on: no refused level, rare adjusting levels pooled."""
    if all(refusals.values()):
        raise model.Refusal(next(iter(refusals.values())))
    refused = [contrast.split("|")[0] for contrast, why in refusals.items() if why]
    used = used[~used[question.factor.name].isin(refused)]
    for adjuster in question.adjusters.values():
        used = design.pooled(used, adjuster)
    return used


def _line(found: Model, contrast: str, notes: tuple[str, ...]) -> dict:
    level, _, reference = contrast.partition("|")
    odds = variance.odds(found.fit, column(found, contrast), found.variance)
    shares = model.shares(found, level, reference)
    error, low, high = variance.difference(shares, found.variance)
    return {
        **size(found.cells),
        **{"estimate": shares.difference, "std_error": error, "conf_low": low, "conf_high": high},
        **{"p_value": odds.p_value, "log_odds": odds.estimate, "log_odds_error": odds.std_error},
        **{"log_odds_low": odds.low, "log_odds_high": odds.high},
        **{"p0": shares.p0, "p1": shares.p1, "eta2": found.variance.eta2},
        "detectable": _detectable(found, level, reference, error),
        "evalue": verdicts.evalue(shares.p1, shares.p0),
        "evalue_limit": verdicts.evalue_limit(shares.p0, low, high),
        "method": _method("flic_mover", "ml_mover", found),
        "odds_method": _method("firth", "ml", found),
        "refused": False,
        "note": ";".join((*found.notes, *notes)),
    }


def column(found: Model, contrast: str) -> int:
    """The place of the coefficient that a contrast is about."""
    factor = found.question.factor
    level = contrast.partition("|")[0]
    name = factor.name if factor.kind in design.NUMERIC else f"{factor.name}[{level}]"
    return found.columns.index(name)


def _method(penalised: str, plain: str, found: Model) -> str:
    return f"{penalised if found.fit.penalised else plain}_{found.variance.method}"


def _detectable(found: Model, level: str, reference: str, error: float) -> float:
    """What could be seen: from the design of the comparison, or its error if that is larger."""
    quantile = max(one.quantile for one in found.variance.references)
    from_error = verdicts.detectable_from_error(error, quantile)
    if found.question.factor.kind in design.NUMERIC:
        return from_error
    values, members = found.cells[found.question.factor.name], found.cells["members"]
    sizes = [members[values == one].sum() for one in (level, reference)]
    rates = found.cells["attended"] / found.cells["due"]
    mean = np.average(rates, weights=members)
    if found.question.outcome.kind == "panel":
        spread = np.average((rates - mean) ** 2, weights=members)
        by_design = verdicts.detectable_mean(spread, *sizes)
    else:
        by_design = verdicts.detectable_binary(mean, *sizes)
    return max(by_design, from_error) if "group" in _method("", "", found) else by_design


def size(cells: pd.DataFrame) -> dict:
    """Members behind the cells, and the slots they attended."""
    events = int((cells["attended"] * cells["members"]).sum())
    return {"members": int(cells["members"].sum()), "events": events}


def _refused(cells: pd.DataFrame, reason: str) -> dict:
    blank = dict.fromkeys(NUMBERS, np.nan)
    none = {"method": "none", "odds_method": "none", "refused": True, "note": reason}
    return {**size(cells), **blank, **none}


def _left_out(cells: pd.DataFrame, used: pd.DataFrame) -> tuple[str, ...]:
    return ("complete_cases",) if recorded(cells, used) < COMPLETE_CASES else ()


def recorded(cells: pd.DataFrame, used: pd.DataFrame) -> float:
    """Share of the members with a slot due that stand in the cells `used`."""
    members = cells.loc[cells["due"] > 0, "members"].sum()
    return float(used["members"].sum() / members) if members else 1.0
