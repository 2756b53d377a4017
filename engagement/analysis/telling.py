"""Numbers → sentences: which words of words.toml say a finding, and with which values.

Enters: findings and the other tables of the analysis room, and the study for its labels.
Leaves: Said: a words key and its values; a value that is a label stands in every language.
Refuses: nothing; what cannot be told has a sentence of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from engagement import words
from engagement.study import Study

SUPPORTED = ("supported",)
UNTESTABLE = ("not_testable_column", "not_testable_few")


class Said(NamedTuple):
    """A sentence to be said: its key, and its values."""

    key: str
    values: Mapping[str, object]


def records(table: pd.DataFrame) -> Said:
    """How many of the sessions due are on record, from completeness by duty."""
    if table.empty:
        return Said("notebook.records.no_calendar", {})
    expected, recorded = int(table["expected"].sum()), int(table["recorded"].sum())
    key = "whole" if expected == recorded else "gaps"
    values = {"expected": expected, "recorded": recorded, "missing": expected - recorded}
    return Said(f"notebook.records.{key}", values)


def review(found: pd.DataFrame, study: Study) -> Said:
    """How far the matches under review could move the number who took part."""
    lists = [outcome.name for outcome in study.outcomes.values() if outcome.kind == "list"]
    rows = found[(found["estimand"] == "prevalence") & found["outcome"].isin(lists)]
    totals = rows[rows["contrast"].isin(["", "with_review"]) & (rows["term"] == "")]
    if totals.empty:
        return Said("notebook.linkage.no_list", {})
    low, high = int(totals["events"].min()), int(totals["events"].max())
    key = "settled" if low == high else "span"
    members = int(totals["members"].max())
    values = {"low": low, "high": high, "members": members, "people": study.people}
    return Said(f"notebook.linkage.{key}", values)


def reviewed(found: pd.DataFrame) -> Said:
    """Whether any judgement of reviewed.table changes with the pairs under review."""
    if found.empty:
        return Said("notebook.linkage.no_list", {})
    keys = ["outcome", "term", "contrast", "estimand"]
    judged = found[found["estimand"] != "prevalence"].groupby(keys)["verdict"]
    moved = int((judged.first() != judged.last()).sum())
    differences = found[found["estimand"] == "risk_difference"].groupby(keys)["estimate"]
    shift = (differences.max() - differences.min()).max()
    values = {"findings": judged.ngroups, "moved": moved, "shift": words.number(100 * shift, 1)}
    return Said(f"notebook.linkage.{'turns' if moved else 'firm'}", values)


def listed(volunteers: Mapping[str, int], study: Study) -> Said:
    """Entries of the list, the people behind them, and those found among the members."""
    if not volunteers["sign_ups"]:
        return Said("notebook.linkage.no_list", {})
    return Said("notebook.linkage.people", {**volunteers, "people": study.people})


def contrasts(differences: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per comparison of a primary factor, and the verdict on it."""
    primary = [name for name, factor in study.factors.items() if factor.role == "primary"]
    rows = differences[differences["term"].isin(primary)]
    told = [contrast(row, study) for _, row in rows.iterrows()]
    return told or [Said("notebook.predictors.none", {})]


def by_factor(differences: pd.DataFrame, study: Study) -> dict[str, list[Said]]:
    """The sentences of `contrasts` under the name of their factor, in the study's languages."""
    told = {}
    for name, rows in differences.groupby("term", sort=False):
        factor = study.factors[str(name)]
        if factor.role == "primary":
            heading = " / ".join(factor.label[language] for language in study.languages)
            told[heading] = contrasts(rows, study)
    return told or {"–": [Said("notebook.predictors.none", {})]}


def contrast(row: pd.Series, study: Study) -> Said:
    """One comparison in words: both shares, the difference, its interval, its verdict."""
    factor = study.factors[row["term"]]
    level, _, reference = row["contrast"].partition("|")
    values = {
        "factor": factor.label,
        "verdict": words.catalogue()[f"verdict.{row['verdict']}"],
        **{name: of_hundred(row[name]) for name in ("p0", "p1")},
        **{name: of_hundred(row[name]) for name in ("conf_low", "conf_high", "estimate")},
        "members": whole(row["members"]),
        "people": study.people,
        "note": _notes(row["note"]),
    }
    if row["verdict"] == "refused":
        reason = words.catalogue().get(f"note.{row['note']}", {"zh": "–", "en": "–"})
        return Said("notebook.predictors.refused", {**values, "reason": reason})
    if level.startswith("+"):
        return Said("notebook.predictors.step", {**values, "step": level[1:]})
    if level == "trend":
        return Said("notebook.predictors.trend", values)
    named = {"level": factor.labels[level], "reference": factor.labels[reference]}
    kind = "panel" if study.primary.kind == "panel" else "list"
    return Said(f"notebook.predictors.levels_{kind}", {**values, **named})


def _notes(codes: str) -> Mapping[str, str]:
    """What stands behind a number that is not as usual, in every language; nothing where all is."""
    told = [words.catalogue()[f"note.{code}"] for code in codes.split(";") if code]
    return {
        language: words.text("notebook.predictors.note", language, notes=gap.join(texts))
        if (texts := [one[language] for one in told])
        else ""
        for language, gap in {"zh": "；", "en": "; "}.items()
    }


def rungs(segments: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per barrier class: what the records say of its barrier."""
    named = {segment.name: segment.label for segment in study.segments}
    told = [_rung(row, named[row["segment"]], study) for _, row in segments.iterrows()]
    return told or [Said("notebook.plan.no_segments", {})]


def _rung(row: pd.Series, label: Mapping[str, str], study: Study) -> Said:
    values: dict[str, object] = {"segment": label, "people": study.people}
    key = row["verdict"]
    if key == "supported":
        compared = row["note"] == "" and row["p1"] < row["p0"]
        kind = "panel" if study.primary.kind == "panel" else "list"
        key = f"supported_{kind}" if compared else "supported_recorded"
        values |= {"members": whole(row["members"])}
        values |= {"p1": of_hundred(row["p1"]), "p0": of_hundred(row["p0"])}
    if key == "not_testable_column":
        values["column"] = columns(row["column_needed"], study)
    return Said(f"barrier.{key}", values)


def columns(names: str, study: Study) -> Mapping[str, str]:
    """The labels of several fields, in every language."""
    fields = [study.fields[name] for name in names.split() if name in study.fields]
    return {
        "zh": "、".join(field.zh for field in fields) or names,
        "en": ", ".join(field.en for field in fields) or names,
    }


def ladder(segments: pd.DataFrame) -> Said:
    """How many barriers the records support, and how many they cannot test."""
    supported = int(segments["verdict"].isin(SUPPORTED).sum())
    untestable = int(segments["verdict"].isin(UNTESTABLE).sum())
    values = {"classes": len(segments), "supported": supported, "untestable": untestable}
    key = "no_segments" if segments.empty else "verdict"
    return Said(f"notebook.plan.{key}", values)


def hours(offered: pd.DataFrame, available: float) -> Said:
    """The staff hours that the chosen offers take, beside those declared."""
    if not available:
        return Said("notebook.plan.no_plan", {})
    used = words.count(offered["hours"].sum())
    return Said("notebook.plan.hours", {"used": used, "available": words.count(available)})


def base(due: int, counted: int, study: Study) -> Said:
    """How many of those who count enter the published tables."""
    key = "base_whole" if due == counted else "base"
    return Said(f"notebook.brief.{key}", {"due": due, "counted": counted, "people": study.people})


def offers(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Offers with their names in the study's first language, for reading."""
    named = {name: measure.label[study.language] for name, measure in study.measures.items()}
    classes = {segment.name: segment.label[study.language] for segment in study.segments}
    return table.assign(
        segment=table["segment"]
        .map(classes)
        .fillna(words.label("notebook.plan.all", study.language)),
        measure=table["measure"].map(named),
        owner=study.plan.owner[study.language] if study.plan else "",
    )


def declared(study: Study) -> pd.DataFrame:
    """What was declared before any outcome was read, one row per factor."""
    language = study.language
    return pd.DataFrame(
        {
            "factor": list(study.factors),
            "role": [words.label(f"role.{f.role}", language) for f in study.factors.values()],
            "reference": [
                f.labels[f.reference][language] if f.reference else "–"
                for f in study.factors.values()
            ],
            "adjusted_for": [terms(f.adjust, study) for f in study.factors.values()],
        }
    )


def terms(adjust: tuple[str, ...], study: Study, language: str | None = None) -> str:
    """The adjustment set in words: names of factors, products and squares.

    In the study's first language unless another is named.
    """
    language = language or study.language
    named = {name: factor.label[language] for name, factor in study.factors.items()}
    told = [
        " × ".join(named[part] for part in term.removesuffix("^2").split(":"))
        + ("²" if term.endswith("^2") else "")
        for term in adjust
    ]
    return words.label("brief.comma", language).join(told) or "–"


def of_hundred(share: float) -> str:
    """A share or a difference of shares, of a hundred."""
    return words.number(100 * share, 0) if pd.notna(share) else "–"


def whole(count: float) -> str:
    """A count, or the mark of a missing one."""
    return words.count(count) if pd.notna(count) else "–"
