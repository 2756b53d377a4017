"""What tables of the analysis room say beyond the counts: findings, segments, the plan.

Enters: those tables, and the protected counts of the same release.
Leaves: the same tables, with NA and a reason where a number would give a hidden count away.
Refuses: single rows, never silently; a refused finding stays in the list without its numbers.

A fitted model gives back the outcome counts of every factor in it (the score equations), so a
finding leaves only when all those counts could be printed themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from engagement.release import families
from engagement.release.families import MEASURES
from engagement.study import Study

NUMBERS = (
    "estimate", "std_error", "conf_low", "conf_high", "p_value", "p_adjusted", "members",
    "events", "p0", "p1", "detectable", "evalue", "evalue_limit", "eta2",
    "expected", "participants", "this_few", "this_many",
)  # fmt: skip
WORDS = ("outcome", "term", "contrast", "estimand", "method", "verdict", "kind", "note")
WHOLE = ("", "population")
OFFER = ("segment", "barrier", "verdict", "measure", "channel")
WORK = ("owner", "month", "until", "review_month", "indicator", "stop", "grade", "kept_at")
RUNG = ("barrier", "rung", "verdict", "column_needed")
ABOUT, NEAREST = 2, 10  # digits of a share, and people, to which an evaluation is rounded
ROSTER_ITEMS = ("rows_on_roster", "member", "stated")
COLUMN_MISSING = "not_testable_column"
HIDDEN_VERDICT = "not_released"


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
    reason = pd.Series(reason, dtype="str", index=kept.index)
    kept = kept.assign(released=True, reason="")
    for name in dict.fromkeys(reason[reason != ""]):
        kept = withheld(kept, reason == name, name)
    return kept


def withheld(found: pd.DataFrame, hidden: pd.Series, reason: str) -> pd.DataFrame:
    """The findings without the numbers of those that are `hidden` (a mask), for this reason."""
    blank = {name: found[name].mask(hidden) for name in (*NUMBERS, "note") if name in found}
    verdict = found["verdict"].mask(hidden & (found["verdict"] != "refused"), HIDDEN_VERDICT)
    return found.assign(
        **blank,
        verdict=verdict,
        released=found["released"] & ~hidden,
        reason=found["reason"].mask(hidden, reason),
    )


def _reason(row, printed, study: Study, cells: pd.DataFrame, threshold: int) -> str:
    """Why the numbers of a finding may not leave: too_few, not_audited, or "" when they may."""
    term = row.term if isinstance(row.term, str) else ""
    outcome = row.outcome if isinstance(row.outcome, str) and row.outcome else study.primary.name
    rows = printed.loc[(printed["outcome"] == outcome) & (printed["kind"] == "level")]
    if rows.loc[rows["factor"] == "", list(MEASURES)].isna().any(axis=None) or rows.empty:
        return "too_few"
    if row.estimand == "prevalence":
        return "" if _is_level_printed(row, term, rows, threshold) else "too_few"
    needed = behind(row._asdict(), study)
    if needed is None:
        return "not_audited"
    printed_all = all(_is_printed(rows, cells, outcome, names, threshold) for names in needed)
    return "" if printed_all else "too_few"


def _is_level_printed(row, term: str, rows: pd.DataFrame, threshold: int) -> bool:
    """Whether the counts behind one share are printed; a recount must differ by many or none."""
    level = row.contrast if term else ""
    own = rows.loc[(rows["factor"] == term) & (rows["level"] == level), list(MEASURES)]
    if term:
        return bool(len(own)) and bool(own.notna().all(axis=None))
    total = rows.loc[rows["factor"] == "", "attended"].iloc[0]
    gap = abs(row.events - total)
    return bool(gap == 0 or gap >= threshold)


def behind(row: Mapping, study: Study) -> list[tuple[str, ...]] | None:
    """The sets of factors whose counts a finding gives back; None when it is unknown."""
    term = row["term"] if isinstance(row["term"], str) else ""
    claim = next((claim for claim in study.claims if claim.name == term), None)
    if claim is not None:
        factor = study.factors.get(claim.factor)
        parts = [factor.name, *factor.adjust] if factor is not None else []
        parts += claim.adjust or ()
    elif row["estimand"] == "coefficient":
        parts = [part for m in study.models if m.outcome == row["outcome"] for part in m.terms]
    elif term in WHOLE:
        parts = []
    elif term in study.factors:
        parts = [term, *study.factors[term].adjust]
    else:
        return None
    sets = _sets(parts)
    return sets if all(set(names) <= set(study.factors) for names in sets) else None


def _sets(parts: Iterable[str]) -> list[tuple[str, ...]]:
    """Terms of a model as sets of factors, without powers."""
    return [tuple(part.partition("^")[0].split(":")) for part in parts]


def crosses(outcome: str, study: Study) -> list[tuple[str, ...]]:
    """The crosses of factors in the models of `outcome`, whose sums a model gives back."""
    parts = [part for m in study.models if m.outcome == outcome for part in m.terms]
    parts += [part for factor in study.factors.values() for part in factor.adjust]
    return [names for names in dict.fromkeys(_sets(parts)) if len(names) > 1]


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


def segments(declared: pd.DataFrame | None, printed: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """The segments; the numbers of those that would be too few, or tell of others, are NA.

    A segment's members may count some who are not due; when these are too few, they are NA.
    A class whose members are hidden bears one verdict, not_released: small classes and those that
    would give them away must look alike.
    """
    columns = ["segment", "barrier", *MEASURES, "verdict", "column_needed"]
    if declared is None:
        return pd.DataFrame(columns=[*columns, "suppressed"])
    rows = declared[columns].reset_index(drop=True)
    safe = printed.loc[printed["kind"] == "segment"].set_index("level")[list(MEASURES)]
    counts = safe.reindex(rows["segment"]).reset_index(drop=True)
    gap = (rows["members"] - counts["members"]).astype("Float64")
    apart = ((gap != 0) & (gap < threshold)).fillna(True)
    counts["members"] = rows["members"].astype("Int64").mask(apart)
    for measure in ("due", "attended"):
        same = (rows[measure] == counts[measure]).fillna(False).astype(bool)
        counts[measure] = counts[measure].where(same)
    hidden = rows[list(MEASURES)].notna().any(axis=1) & counts.isna().any(axis=1)
    kept = rows["verdict"].eq(COLUMN_MISSING) | counts["members"].notna()
    told = rows["verdict"].where(kept, HIDDEN_VERDICT)
    return rows.assign(**counts, verdict=told, suppressed=hidden)


def plan(offers: pd.DataFrame | None, printed: pd.DataFrame) -> pd.DataFrame:
    """The plan; units and hours that follow from the size of a hidden segment are NA.

    Its verdict is that of the segment as released.
    """
    columns = [*OFFER, "units", "hours", *WORK]
    if offers is None:
        return pd.DataFrame(columns=[*columns, "suppressed"])
    hidden = printed.loc[printed["suppressed"] & printed["members"].isna(), "segment"]
    mask = offers["segment"].isin(set(hidden))
    numbers = {name: offers[name].mask(mask) for name in ("units", "hours")}
    verdicts = printed.set_index("segment")["verdict"].astype("object")
    told = offers["segment"].map(verdicts).astype("object").fillna("")
    return offers[columns].assign(**numbers, verdict=told, suppressed=mask).reset_index(drop=True)


def completeness(tests: pd.DataFrame | None, printed: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sessions due and recorded; how many members lack a value only where that may be printed."""
    columns = ["test", "duty_type", "branch", "expected", "recorded", "share", "verdict"]
    if tests is None:
        return pd.DataFrame(columns=[*columns, "suppressed"])
    own = printed.loc[(printed["outcome"] == study.primary.name) & (printed["kind"] == "level")]
    hidden = set(own.loc[own["members"].isna() & (own["level"] == families.MISSING), "factor"])
    mask = (tests["test"] == "filled") & tests["duty_type"].isin(hidden)
    numbers = {name: tests[name].mask(mask) for name in ("recorded", "share")}
    return tests[columns].assign(**numbers, suppressed=mask).reset_index(drop=True)


def reconciliation(items: pd.DataFrame | None) -> pd.DataFrame:
    """How many rows the roster has, how many members they are, and how many were stated."""
    if items is None:
        return pd.DataFrame(columns=["item", "rows"])
    kept = items.loc[items["item"].isin(ROSTER_ITEMS), ["item", "rows"]]
    return kept.reset_index(drop=True)


def ladder(found: pd.DataFrame | None) -> pd.DataFrame:
    """What can be said of each rung, for everybody: the verdict and the record needed, no count."""
    if found is None:
        return pd.DataFrame(columns=list(RUNG))
    own = found[(found["segment"] == "") & (found["barrier"] != "")]
    return own[list(RUNG)].reset_index(drop=True)


def evaluation(found: pd.DataFrame | None, threshold: int) -> pd.DataFrame:
    """Last year's pilot, in whole points and tens of members; hidden where an arm is too small."""
    columns = ["outcome", "measure", "design", "estimate", "conf_low", "conf_high", "offered",
               "others", "smallest_difference", "verdict"]  # fmt: skip
    if found is None or found.empty:
        return pd.DataFrame(columns=[*columns, "suppressed"])
    few = found[["offered", "others"]].lt(threshold).any(axis=1)
    points = {
        name: found[name].round(ABOUT).mask(few) for name in ("estimate", "conf_low", "conf_high")
    }
    people = {
        name: (found[name] / NEAREST).round().mul(NEAREST).mask(few)
        for name in ("offered", "others")
    }
    told = found["verdict"].mask(few, HIDDEN_VERDICT)
    return found[columns].assign(**points, **people, verdict=told, suppressed=few)
