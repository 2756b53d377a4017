"""Specifications and discrimination → sentences: does the answer depend on a choice?

Enters: the tables of specifications.py and discrimination.py, and the study for its labels.
Leaves: Said, as telling.py; the table of specifications with its codes in words.
Refuses: nothing; a contrast with one specification is told as such.
"""

from __future__ import annotations

import pandas as pd

from engagement import words
from engagement.analysis.telling import Said, of_hundred, terms
from engagement.study import Study

KEYS = ["outcome", "term", "contrast"]


def stability(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per contrast of the primary outcome: how far other choices move it."""
    own = table[table["outcome"] == study.primary.name]
    told = [_stability(rows, study) for _, rows in own.groupby(KEYS, sort=False)]
    return told or [Said("notebook.predictors.none", {})]


def _stability(rows: pd.DataFrame, study: Study) -> Said:
    factor = study.factors[rows["term"].iloc[0]]
    level, _, reference = rows["contrast"].iloc[0].partition("|")
    both = [factor.labels.get(one, {"zh": one, "en": one}) for one in (level, reference) if one]
    values: dict[str, object] = {
        "factor": factor.label,
        "contrast": {
            language: words.label("contrast.against", language).join(one[language] for one in both)
            for language in ("zh", "en")
        },
    }
    carried = rows[rows["verdict"] != "refused"]
    declared = carried[carried["declared"]]
    if declared.empty or len(carried) < 2:
        return Said("notebook.specifications.alone", values)
    moved = int((carried["verdict"] != declared["verdict"].iloc[0]).sum())
    values |= {"others": words.count(len(carried) - 1), "moved": words.count(moved)}
    values |= {"low": of_hundred(carried["estimate"].min())}
    values |= {"high": of_hundred(carried["estimate"].max())}
    return Said(f"notebook.specifications.{'moves' if moved else 'same'}", values)


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
        values = {"outcome": study.outcomes[row["outcome"]].label, "auc": of_hundred(row["auc"])}
        key = "few" if pd.isna(row["auc"]) else "told"
        told.append(Said(f"notebook.discrimination.{key}", values))
    return told
