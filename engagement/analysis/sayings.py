"""Claims → sentences: what was said, what was asked, the number, and what is still needed to tell.

Enters: findings of claims, and the study that declares them.
Leaves: Said, as telling.py; the table of claims.
Refuses: nothing; what rosters cannot show is told as such.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from engagement import words
from engagement.analysis.telling import Said, of_hundred, terms, whole
from engagement.study import Study


def claims(found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What has been said and what the records say of it, one row per claim (table `claims`)."""
    rows = found.set_index("term").loc[[claim.name for claim in study.claims]]
    rows = rows[~rows.index.duplicated(keep="last")].reset_index(names="claim")
    return rows.assign(
        kind=[claim.kind for claim in study.claims],
        claim=[claim.text[study.language] for claim in study.claims],
    )


def claim(row: pd.Series, study: Study) -> Said:
    """One claim in words: what was asked, the number, the verdict, and what would let us tell.

    `row` is a row of `claims`-findings (`term` is the claim's name).
    """
    declared = next(claim for claim in study.claims if claim.name == row["term"])
    catalogue = words.catalogue()
    held = study.factors[declared.factor].adjust if declared.factor else ()
    values = {
        "text": declared.text,
        "held": _held(held if declared.adjust is None else declared.adjust, study),
        "people": study.people,
        "verdict": catalogue[f"verdict.{row['verdict']}"],
        "needed": _needed(row),
        **{name: whole(row[name]) for name in ("members", "events")},
        "above": of_hundred(0.5 if declared.above is None else declared.above),
        "estimate": of_hundred(row["estimate"]),
        "low": of_hundred(row["conf_low"]),
        "high": of_hundred(row["conf_high"]),
        "p": words.number(row["p_adjusted"], 3) if pd.notna(row["p_adjusted"]) else "–",
    }
    if declared.kind == "attitude":
        return Said("notebook.claim.attitude", values)
    if pd.isna(row["estimate"]):
        reason = catalogue.get(f"note.{row['note']}", {"zh": "–", "en": "–"})
        return Said("notebook.claim.refused", {**values, "reason": reason})
    kind = "contrast" if declared.kind == "contrast" else "attended"
    if row["method"] == "exact_count":
        kind = "whole" if row["conf_low"] == row["conf_high"] else "composition"
    return Said(f"notebook.claim.{kind}", values)


def _held(adjust: tuple[str, ...], study: Study) -> Mapping[str, str]:
    """What a comparison holds level, in every language."""
    return {
        language: words.text(
            "notebook.claim.held", language, factors=terms(adjust, study, language)
        )
        if adjust
        else words.label("notebook.claim.plain", language)
        for language in words.LANGUAGES
    }


def _needed(row: pd.Series) -> Mapping[str, str]:
    """What would let the records tell, per language; nothing when they do."""
    if not row["needed"]:
        return {"zh": "", "en": ""}
    count = whole(row["needed_members"])
    return {
        language: words.text(f"needed.{row['needed']}", language, count=count)
        if row["needed"] != "survey"
        else words.label("needed.survey", language)
        for language in ("zh", "en")
    }
