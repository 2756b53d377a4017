"""The audit of values as a colleague may see it: outlines instead of what names people.

Enters: the distinct values of the audit (overview.values) and a study.
Leaves: the same counts by outline, without places; what few cells share is pooled.
Refuses: any text of a field that identifies or links people, or that is free text.
"""

from __future__ import annotations

import itertools
import unicodedata

import pandas as pd

from engagement import codebook
from engagement.codebook import Field
from engagement.study import Study

COLUMNS = ("field", "raw", "value", "rule", "confidence", "status")
POOLED = "\u2026"
_FREE = ("text", "name", "phone", "email", "id")
_POOLS = (["field", "confidence", "status"], ["status"], [])


def values(distinct: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per field, outline, rule and status: `cells`, the number of cells.

    Columns: field, raw, value (of what identifies or links people their outlines), rule,
    confidence, status, cells. Rows of fewer cells than the committee's threshold are pooled by
    field, then by status, then all together, as "…"; fewer cells yet are left out.
    """
    masked = distinct["field"].map({name: _masked(field) for name, field in study.fields.items()})
    shown = distinct[[*COLUMNS, "cells"]].copy()
    for column in ("raw", "value"):
        texts = shown[column].fillna("")
        shown[column] = texts.where(~masked.fillna(True).astype(bool), texts.map(outline))
    return _pooled(shown.fillna(""), codebook.tiers()["committee"]["threshold"])


def outline(text: str) -> str:
    """What `text` is made of: N for digits, L for Latin and H for other letters, each with their
    number; blanks and signs as they stand: 1956-03 is N4-N2, a name of three characters H3."""
    runs = itertools.groupby(text, _class)
    return "".join(f"{kind}{len(list(run))}" if kind in "NLH" else kind for kind, run in runs)


def _class(character: str) -> str:
    if character.isdecimal():
        return "N"
    if character.isalnum() or unicodedata.category(character)[0] in "MC":
        return "L" if "LATIN" in unicodedata.name(character, "") else "H"
    return character


def _masked(field: Field) -> bool:
    return bool(field.use & {"ID", "LINK"}) or field.type in _FREE


def _pooled(shown: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Rows that share everything counted together; the rare ones pooled ever more widely."""
    kept, rest = [], shown
    for keys in (list(COLUMNS), *_POOLS):
        rest = rest.assign(**{column: POOLED for column in COLUMNS if column not in keys})
        rest = rest.groupby(list(COLUMNS), as_index=False)["cells"].sum()
        kept.append(rest[rest["cells"] >= threshold])
        rest = rest[rest["cells"] < threshold]
    return pd.concat(kept, ignore_index=True).sort_values(list(COLUMNS), ignore_index=True)
