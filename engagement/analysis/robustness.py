"""Specifications, interactions, discrimination → sentences: does the answer depend on a choice?

Enters: the tables of specifications.py and discrimination.py, and the study for its labels.
Leaves: Said, as telling.py; the table of specifications with its codes in words.
Refuses: nothing; a contrast with one specification is told as such.
"""

from __future__ import annotations

import pandas as pd

from engagement import words
from engagement.analysis.telling import Said, of_hundred, terms
from engagement.declared import Factor
from engagement.study import Study

KEYS = ["outcome", "term", "contrast"]


def stability(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per contrast of the primary outcome: how far other choices move it."""
    own = table[table["outcome"] == study.primary.name]
    told = [_stability(rows, study) for _, rows in own.groupby(KEYS, sort=False)]
    return told or [Said("notebook.predictors.none", {})]


def _stability(rows: pd.DataFrame, study: Study) -> Said:
    factor = study.factors[rows["term"].iloc[0]]
    contrast = rows["contrast"].iloc[0]
    values: dict[str, object] = {"factor": factor.label, "contrast": _contrast(contrast, factor)}
    carried = rows[rows["verdict"] != "refused"]
    declared = carried[carried["declared"]]
    if declared.empty or len(carried) < 2:
        return Said("notebook.specifications.alone", values)
    moved = int((carried["verdict"] != declared["verdict"].iloc[0]).sum())
    values |= {"others": words.count(len(carried) - 1), "moved": words.count(moved)}
    values |= {"low": of_hundred(carried["estimate"].min())}
    values |= {"high": of_hundred(carried["estimate"].max())}
    return Said(f"notebook.specifications.{'moves' if moved else 'same'}", values)


def interactions(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per declared interaction: both differences, and how far apart they are."""
    told = [_interaction(row, study) for row in table.to_dict("records")]
    return told or [Said("notebook.interactions.none", {})]


def _interaction(row: dict, study: Study) -> Said:
    labels = study.factors[row["by"]].labels
    level, _, reference = row["by_contrast"].partition("|")
    values: dict[str, object] = {
        "factor": study.factors[row["term"]].label,
        "contrast": _contrast(row["contrast"], study.factors[row["term"]]),
        "level": labels.get(level, {"zh": level, "en": level}),
        "reference": labels.get(reference, {"zh": reference, "en": reference}),
    }
    if row["verdict"] == "refused":
        reason = words.catalogue()[f"note.{row['note']}"]
        return Said("notebook.interactions.refused", values | {"reason": reason})
    numbers = {"low": "conf_low", "high": "conf_high"} | {
        name: name for name in ("difference", "other", "estimate", "detectable")
    }
    values |= {name: of_hundred(row[column]) for name, column in numbers.items()}
    values |= {"members": words.count(row["members"])}
    verdict = words.catalogue()[f"verdict.{row['verdict']}"]
    return Said("notebook.interactions.told", values | {"verdict": verdict})


def _contrast(contrast: str, factor: Factor) -> dict[str, str]:
    """A contrast of two levels in every language."""
    level, _, reference = contrast.partition("|")
    both = [factor.labels.get(one, {"zh": one, "en": one}) for one in (level, reference) if one]
    return {
        language: words.label("contrast.against", language).join(one[language] for one in both)
        for language in words.LANGUAGES
    }


def shown(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The specifications for reading: terms and definitions in words of the first language."""
    outcomes = {name: one.label[study.language] for name, one in study.outcomes.items()}
    marks = {True: words.label("mark.yes", study.language), False: "–"}
    return table.assign(
        adjusted=[terms(tuple(one.split()), study) for one in table["adjusted"]],
        counted_as=table["counted_as"].map(lambda one: outcomes.get(one, one)),
        declared=table["declared"].map(marks),
    )


def discrimination(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per outcome."""
    told = []
    for row in table.to_dict("records"):
        values = {
            "outcome": study.outcomes[row["outcome"]].label,
            "auc": of_hundred(row["auc"]),
            "calibration": words.number(row["calibration"], 2),
        }
        key = "few" if pd.isna(row["auc"]) else "told"
        told.append(Said(f"notebook.discrimination.{key}", values))
    return told
