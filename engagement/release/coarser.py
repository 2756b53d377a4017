"""What could be told instead of a table that could not be told whole.

Enters: cells (count level), a release made of them, the study, what was released before.
Leaves: one row per outcome and factor of which something is hidden or held back, with the nearest
coarser table that passes the whole control; for the analyst, since it follows from exact counts.
Refuses: nothing; what passes no control is not offered.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

import pandas as pd

from engagement import labels, words
from engagement.errors import ReleaseRefused
from engagement.release import budget, disclosure, families, implied, rules
from engagement.release.disclosure import Release
from engagement.release.families import MEASURES
from engagement.release.ledger import Ledger
from engagement.study import Study

COLUMNS = ["outcome", "factor", "verdict", "alternative"]
MOST_TRIED, MOST_ASKED = 4, 12  # of one table, and in all: each asks the whole control


def offers(
    cells: pd.DataFrame, release: Release, study: Study, before: Ledger = disclosure.NOTHING_BEFORE
) -> pd.DataFrame:
    """One row per outcome × factor of `release` that lacks something.

    Columns: outcome, factor; verdict: merged (the levels of `alternative` pass when merged, a⇥b | c
    with tabs), total (no merging was found that passes: the total alone), adjusted (its counts
    are whole; comparisons pass when not adjusted for the factors in `alternative`).
    """
    shown = release.tables["outcomes"]
    hidden = shown[shown["suppressed"] & (shown["factor"] != "")]
    asks = iter(range(MOST_ASKED))
    rows = [
        _coarser(cells, outcome, factor, study, before, asks)
        for outcome, factor in hidden[["outcome", "factor"]].drop_duplicates().to_numpy()
    ]
    lacking = {(row["outcome"], row["factor"]) for row in rows}
    rows += list(_held_back(release.tables["findings"], lacking, study))
    return pd.DataFrame(rows, columns=COLUMNS)


def _coarser(cells, outcome: str, name: str, study: Study, before: Ledger, asks: Iterator) -> dict:
    """The finest merging that passes, as long as the control may still be asked."""
    row = {"outcome": outcome, "factor": name, "verdict": "total", "alternative": ""}
    if name not in study.factors:
        return row
    tried = itertools.islice(_mergings(cells, outcome, name, study), MOST_TRIED)
    for parts, _ in zip(tried, asks, strict=False):
        if _passes(cells, outcome, name, parts, study, before):
            merged = budget.SPLIT.join(budget.TOGETHER.join(part) for part in parts)
            return {**row, "verdict": "merged", "alternative": merged}
    return row


def _mergings(
    cells: pd.DataFrame, outcome: str, name: str, study: Study
) -> Iterator[list[tuple[str, ...]]]:
    """The mergings with enough on both sides, without the one that merges nothing."""
    applied = rules.read(study.tier)
    panel = study.outcomes[outcome].kind == "panel"
    least = applied.smallest_sum if panel else applied.threshold
    own = families.summed(cells.loc[cells["outcome"] == outcome])
    groups = families.crossed(own, [name])
    found = budget.mergings(groups, study.factors[name], applied.threshold, least)
    return (parts for parts in found if len(parts) < len(groups))


def _passes(cells, outcome: str, name: str, parts, study: Study, before: Ledger) -> bool:
    """Whether the whole control prints every number of the merged table."""
    joined = {level: budget.TOGETHER.join(part) for part in parts for level in part}
    levels = families.levels_of(cells[name])
    merged = cells.assign(**{name: levels.map(joined).fillna(levels)})
    try:
        release = disclosure.control({"cells": merged}, study, before)
    except ReleaseRefused:
        return False
    shown = release.tables["outcomes"]
    own = shown[(shown["outcome"] == outcome) & (shown["factor"] == name)]
    return bool(len(own) and own[list(MEASURES)].notna().all(axis=None))


def _held_back(found: pd.DataFrame, lacking: set, study: Study) -> Iterator[dict]:
    """Factors whose comparisons are held back for other factors alone, once per outcome."""
    rows = found[~found["released"].astype(bool) & (found["reason"] == "too_few")]
    for outcome, name in rows[["outcome", "term"]].drop_duplicates().to_numpy():
        if name not in study.factors or (outcome, name) in lacking:
            continue
        row = {"outcome": outcome, "term": name, "estimand": "risk_difference"}
        behind = {part for parts in implied.behind(row, study) or [] for part in parts}
        others = [other for other in study.factors if (outcome, other) in lacking]
        others = [other for other in others if other in behind]
        if others:
            told = {"verdict": "adjusted", "alternative": budget.TOGETHER.join(others)}
            yield {"outcome": outcome, "factor": name, **told}


def said(table: pd.DataFrame, study: Study, language: str) -> list[str]:
    """One sentence per merging and adjustment, and one per outcome for what no merging helps."""
    if table.empty:
        return [words.text("coarser.none", language)]
    known = labels.of(study, "factor", language)
    comma = words.label("brief.comma", language)

    def named(factors: Iterable[str]) -> str:
        return comma.join(known.get(name, name) for name in factors)

    told = []
    for (outcome, verdict), rows in table.groupby(["outcome", "verdict"], sort=False):
        values = {"outcome": study.outcomes[outcome].label[language]}
        if verdict == "total":
            factors = named(rows["factor"])
            told.append(words.text("coarser.total", language, factors=factors, **values))
            continue
        for name, alternative in rows[["factor", "alternative"]].to_numpy():
            values["factor"] = named([name])
            values["merged"] = budget.labelled(alternative, study.factors[name], language)
            values["others"] = named(alternative.split(budget.TOGETHER))
            told.append(words.text(f"coarser.{verdict}", language, **values))
    return told
