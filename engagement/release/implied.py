"""What tables of the analysis room say beyond the counts: findings, segments, the plan.

Enters: those tables, and the protected counts of the same release.
Leaves: the same tables, with NA and a reason where a number would give a hidden count away.
Refuses: single rows, never silently; a refused finding stays in the list without its numbers.

A fitted model gives back the outcome counts of every factor in it (the score equations), so a
finding leaves only when all those counts could be printed themselves.
"""

from __future__ import annotations

import pandas as pd

from engagement.release import families
from engagement.release.families import MEASURES
from engagement.study import Study

NUMBERS = (
    "estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "members",
    "events", "p0", "p1", "detectable", "evalue", "share", "attended_with_review",
)  # fmt: skip
WORDS = ("outcome", "term", "contrast", "estimand", "method", "verdict", "kind", "note")
WHOLE = ("", "all", "total", "population", "residents")
HIDDEN_VERDICT = "not_released"
FEW_VERDICT = "not_testable_few"


def findings(
    found: pd.DataFrame | None,
    printed: pd.DataFrame,
    study: Study,
    cells: pd.DataFrame,
    threshold: int,
) -> pd.DataFrame:
    """Every finding; `released` says whether its numbers are here, `reason` why not."""
    if found is None:
        return pd.DataFrame(columns=[*WORDS, *NUMBERS, "released", "reason"])
    kept = found[[name for name in (*WORDS, *NUMBERS) if name in found]].reset_index(drop=True)
    reason = [_reason(row, printed, study, cells, threshold) for row in kept.itertuples()]
    reason = pd.Series(reason, dtype="str")
    hidden = reason != ""
    blank = {name: kept[name].mask(hidden) for name in NUMBERS if name in kept}
    verdict = kept["verdict"].mask(hidden & (kept["verdict"] != "refused"), HIDDEN_VERDICT)
    notes = {"note": kept["note"].mask(hidden)} if "note" in kept else {}
    return kept.assign(**blank, **notes, verdict=verdict, released=~hidden, reason=reason)


def _reason(row, printed, study: Study, cells: pd.DataFrame, threshold: int) -> str:
    term = row.term if isinstance(row.term, str) else ""
    level = row.contrast if row.estimand == "prevalence" else None
    outcome = row.outcome if isinstance(row.outcome, str) and row.outcome else study.primary.name
    rows = printed.loc[(printed["outcome"] == outcome) & (printed["kind"] == "level")]
    if rows.loc[rows["factor"] == "", list(MEASURES)].isna().any(axis=None) or rows.empty:
        return "too_few"
    claim = next((claim for claim in study.claims if claim.name == term), None)
    if term in WHOLE or term == row.outcome or (claim is not None and claim.factor is None):
        return ""
    if claim is not None:
        term = claim.factor
    if level and level in set(rows.loc[rows["factor"] == term, "level"]):
        shown = rows.loc[(rows["factor"] == term) & (rows["level"] == level)]
        return "" if shown[list(MEASURES)].notna().all(axis=None) else "too_few"
    needed = _margins(term, study)
    if needed is None:
        return "not_audited"
    if not all(_is_printed(rows, cells, outcome, names, threshold) for names in needed):
        return "too_few"
    return ""


def _margins(term: str, study: Study) -> list[tuple[str, ...]] | None:
    """The sets of factors whose counts the model of `term` gives back; None when unknown."""
    models = {model.name: model.terms for model in study.models}
    if term in models:
        parts = list(models[term])
    elif term in study.factors:
        parts = [term, *study.factors[term].adjust]
    elif term == "branch":
        parts = [term]
    else:
        return None
    sets = [tuple(part.partition("^")[0].split(":")) for part in parts]
    known = set(study.factors) | {"branch"}
    return sets if all(set(names) <= known for names in sets) else None


def _is_printed(rows, cells, outcome: str, names: tuple[str, ...], threshold: int) -> bool:
    """Whether the counts over `names` are printed, or for a cross of factors could be."""
    for name in names:
        levels = rows.loc[rows["factor"] == name]
        if levels[list(MEASURES)].isna().any(axis=None):
            return False
    leveled = [name for name in names if (rows["factor"] == name).any()]
    if len(leveled) < 2:
        return True
    own = cells.loc[cells["outcome"] == outcome]
    crossed = families.crossed(own, leveled)
    crossed["missed"] = crossed["due"] - crossed["attended"]
    return bool((crossed[["members", "attended", "missed"]] >= threshold).all(axis=None))


def segments(declared: pd.DataFrame | None, printed: pd.DataFrame) -> pd.DataFrame:
    """The segments; the numbers of those that would be too few, or tell of others, are NA."""
    columns = ["segment", "barrier", *MEASURES, "verdict", "column_needed"]
    if declared is None:
        return pd.DataFrame(columns=[*columns, "suppressed"])
    safe = printed.loc[printed["kind"] == "segment"].set_index("level")[list(MEASURES)]
    counts = safe.reindex(declared["segment"]).reset_index(drop=True)
    hidden = (declared["members"].notna().reset_index(drop=True)) & counts.isna().any(axis=1)
    rows = declared[columns].reset_index(drop=True).assign(**counts)
    verdict = rows["verdict"].mask(hidden, FEW_VERDICT)
    return rows.assign(verdict=verdict, suppressed=hidden)


def plan(offers: pd.DataFrame | None, printed: pd.DataFrame) -> pd.DataFrame:
    """The plan; units and hours that follow from the size of a hidden segment are NA."""
    columns = ["segment", "barrier", "measure", "units", "hours", "owner", "month", "indicator",
               "grade"]  # fmt: skip
    if offers is None:
        return pd.DataFrame(columns=[*columns, "suppressed"])
    rows = printed.loc[printed["kind"] == "segment"]
    hidden = set(rows.loc[rows["members"].isna(), "level"])
    mask = offers["segment"].isin(hidden)
    numbers = {name: offers[name].mask(mask) for name in ("units", "hours")}
    return offers[columns].assign(**numbers, suppressed=mask).reset_index(drop=True)
