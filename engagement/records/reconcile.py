"""ID number, birth and sex of one row: do they agree, and which one holds?

Enters: the columns of a roster, read.
Leaves: the same columns: conflicts flagged, records holding the better of two values.
Refuses: nothing; a stated value is never overwritten silently, and the audit keeps it.
"""

from __future__ import annotations

import datetime
from dataclasses import replace

import numpy as np
import pandas as pd

from engagement.records import identifiers
from engagement.records.columns import Column

FROM_ID = "from_id"


def with_id(
    columns: dict[str, Column], raw: pd.DataFrame, reference: datetime.date
) -> dict[str, Column]:
    """Set birth_date and sex against the ID number of the row.

    A number with a right check digit holds against a stated value; a converted or damaged one
    only fills what is missing. A stated value that agrees is completed to the day.
    """
    if "id_number" not in columns:
        return columns
    number = columns["id_number"]
    checked = np.array([rule.startswith("id_number") for rule in number.rule], dtype=bool)
    births = _distinct(number.value, identifiers.birth)
    lost = np.array(["digits_lost" in rule for rule in number.rule], dtype=bool)
    texts = raw["id_number"].fillna("").to_numpy(dtype=object)
    damaged = _distinct(
        np.where(lost, texts, ""), lambda text: identifiers.birth_of_damaged(text, reference)
    )
    births = np.where(births != "", births, damaged).astype(object)
    sexes = _distinct(number.value, identifiers.sex)
    return columns | {
        "birth_date": _settled(_or_empty(columns, "birth_date", len(raw)), births, checked),
        "sex": _settled(_or_empty(columns, "sex", len(raw)), sexes, checked),
    }


def _distinct(values: np.ndarray, rule) -> np.ndarray:
    at, shown = pd.factorize(values)
    return np.array([rule(value) for value in shown], dtype=object)[at]


def _or_empty(columns: dict[str, Column], name: str, rows: int) -> Column:
    nothing = np.full(rows, "", dtype=object)
    return columns.get(name) or Column(nothing, nothing, nothing, nothing, nothing, nothing)


def _settled(column: Column, from_id: np.ndarray, checked: np.ndarray) -> Column:
    stated = column.value
    known = from_id != ""
    starts = [own.startswith(said) for own, said in zip(from_id, stated, strict=True)]
    agrees = known & np.array(starts, dtype=bool)
    conflict = known & ~agrees
    missing = known & (stated == "")
    column = column.flagged(conflict, "conflict_with_id")
    column = column.holding(agrees | conflict & checked, from_id)
    derived = np.where(missing & (column.rule == ""), FROM_ID, column.rule)
    return replace(column, rule=derived.astype(object))
