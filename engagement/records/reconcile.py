"""ID number, birth and sex of one row: do they agree, and which one holds?

Enters: the columns of a roster, read.
Leaves: the same columns: conflicts flagged, records holding the better of two values.
Refuses: nothing; a stated value is never overwritten silently, and the audit keeps it.
"""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from engagement.records import identifiers
from engagement.records.column import Column, nothing, texts

FROM_ID = "from_id"
_TELLING = "^[0-9]{17}[0-9X]$"
_ODD_ORDER = "[13579].$"


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
    checked = number.where(lambda how: how.rule.startswith("id_number"))
    births, sexes = told(number.value)
    lost = number.where(lambda how: "digits_lost" in how.rule)
    births = _where_lost(births, lost, raw["id_number"], reference)
    none = nothing(len(raw))
    return columns | {
        "birth_date": _settled(columns.get("birth_date", none), births, checked),
        "sex": _settled(columns.get("sex", none), sexes, checked),
    }


def told(numbers: ExtensionArray) -> tuple[ExtensionArray, ExtensionArray]:
    """Birth and sex that each whole number tells, "" where it tells none (see identifiers)."""
    shown, none = pa.array(numbers), pa.scalar("", pa.large_string())
    tells = pc.match_substring_regex(shown, _TELLING)
    tells = pc.and_not(tells, pc.starts_with(shown, identifiers.TEMPORARY))
    year, month, day = (
        pc.utf8_slice_codeunits(shown, *part) for part in ((6, 10), (10, 12), (12, 14))
    )
    births = pc.binary_join_element_wise(year, month, day, pa.scalar("-", pa.large_string()))
    odd = pc.match_substring_regex(shown, _ODD_ORDER)
    sexes = pc.if_else(
        odd, pa.scalar("male", pa.large_string()), pa.scalar("female", pa.large_string())
    )
    return texts(pc.if_else(tells, births, none)), texts(pc.if_else(tells, sexes, none))


def _where_lost(
    births: ExtensionArray, lost: np.ndarray, written: pd.Series, reference: datetime.date
) -> ExtensionArray:
    """The births, and those that stand in what is left of a damaged number."""
    found = [identifiers.birth_of_damaged(text, reference) for text in written[lost].fillna("")]
    return texts(
        pc.replace_with_mask(pa.array(births), pa.array(lost), pa.array(found, pa.large_string()))
    )


def _settled(column: Column, from_id: ExtensionArray, checked: np.ndarray) -> Column:
    known = from_id != ""
    agrees = known & _begins(from_id, column.value)
    conflict = known & ~agrees
    missing = known & (column.value == "") & column.where(lambda how: how.rule == "")
    column = column.flagged(conflict, "conflict_with_id")
    column = column.holding(agrees | conflict & checked, from_id)
    return column.read_as(missing, lambda how: how._replace(rule=FROM_ID))


def _begins(whole: ExtensionArray, starts: ExtensionArray) -> np.ndarray:
    """Whether each text of `whole` begins with the one beside it."""
    texts_, starts = pa.array(whole), pa.array(starts)
    length, found = pc.utf8_length(starts), np.zeros(len(whole), dtype=bool)
    for size in pc.unique(length).to_pylist():
        same = pc.equal(pc.utf8_slice_codeunits(texts_, 0, size), starts)
        found |= np.asarray(pc.and_(same, pc.equal(length, size)))
    return found
