"""Do the cells of one row agree? Birth before joining, joining before full membership, and so on.

Enters: the columns of a roster as read and settled, and the checks of the study.
Leaves: the same columns; where a row contradicts itself its cells are flagged with the check.
Refuses: nothing; no value is changed, and a date is compared only as far as it is known.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagement.declared import REFERENCE, Check
from engagement.records.column import Column
from engagement.records.reading import CHECK

_YEAR = 10_000
_NONE = pa.scalar("", pa.large_string())
_STAND_IN = {"birth_date": "id_number"}
Days = tuple[np.ndarray, np.ndarray]


def flagged(
    columns: dict[str, Column], checks: Iterable[Check], reference: datetime.date
) -> dict[str, Column]:
    """The columns with every contradiction flagged; each row is judged by itself alone."""
    told: dict[frozenset, np.ndarray] = {}
    for check in checks:
        if not set(check.fields) <= set(columns):
            continue
        about = frozenset(check.fields)
        broken = _broken(check, columns, reference) & ~told.get(about, np.False_)
        told[about] = told.get(about, np.False_) | broken
        if broken.any():
            columns = columns | _flagged(check, broken, columns)
    return columns


def _broken(check: Check, columns: Mapping[str, Column], reference: datetime.date) -> np.ndarray:
    """The rows that certainly break `check`."""
    if check.kind == "order":
        earlier, later = (_days(name, columns, reference) for name in (check.earlier, check.later))
        outside = ~_within(earlier, check.exceptions)
        return outside & ~_possible(earlier, later, check.at_least or 0, check.at_most)
    stated = _numbers(columns[check.field].settled)
    if check.kind == "limit":
        return stated > _numbers(columns[check.limit].settled)
    if check.kind == "range":
        low, high = _edge(check.at_least, -np.inf), _edge(check.at_most, np.inf)
        return (stated < low) | (stated > high)
    start, end = _days(check.since, columns, reference)
    today = _day(reference)
    fewest, most = (today - end) // _YEAR, (today - start) // _YEAR
    return (stated < fewest - check.within) | (stated > most + check.within)


def _possible(earlier: Days, later: Days, at_least: int, at_most: int | None) -> np.ndarray:
    """Whether some pair of days within what is known keeps the distance; unknown dates do.

    Days are numbers such as 19560304: a difference holds the whole years in its ten thousands,
    and who is born on 29 February is a year older on 1 March.
    """
    too_near = later[1] < earlier[0] + _YEAR * at_least
    too_far = (later[0] - earlier[1]) // _YEAR > _edge(at_most, np.inf)
    return ~(too_near | too_far)


def _edge(limit: float | None, none: float) -> float:
    return none if limit is None else limit


def _within(days: Days, spans: Iterable[tuple[datetime.date, datetime.date]]) -> np.ndarray:
    """Whether a date may lie in one of `spans`."""
    inside = np.zeros(len(days[0]), dtype=bool)
    for start, end in spans:
        inside |= (days[1] >= _day(start)) & (days[0] <= _day(end))
    return inside


def _days(name: str, columns: Mapping[str, Column], reference: datetime.date) -> Days:
    """The first and the last day that each date may be, as numbers; NaN where it is not known."""
    if name == REFERENCE:
        rows = len(next(iter(columns.values())).value)
        return (np.full(rows, float(_day(reference))),) * 2
    digits = pc.replace_substring(pa.array(columns[name].settled), "-", "")
    return _padded(digits, "0101"), _padded(digits, "1231")


def _padded(digits: pa.Array, rest: str) -> np.ndarray:
    """Years, months or days as the numbers of days; `rest` completes what is not known."""
    length = pc.utf8_length(digits)
    missing = pc.if_else(pc.equal(length, 4), rest, pc.if_else(pc.equal(length, 6), rest[2:], ""))
    whole = pc.binary_join_element_wise(digits, missing.cast(pa.large_string()), _NONE)
    known = pc.if_else(pc.equal(length, 0), None, whole)
    return known.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _day(date: datetime.date) -> int:
    return _YEAR * date.year + 100 * date.month + date.day


def _numbers(values: np.ndarray) -> np.ndarray:
    return pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float)


def _flagged(check: Check, broken: np.ndarray, columns: Mapping[str, Column]) -> dict:
    """The columns of `check` with its reason; a birth known by its number alone is told there."""
    changed = {}
    for name in check.fields:
        filled = columns[name].status != ""
        changed[name] = columns[name].flagged(broken & filled, CHECK + check.name)
        stand_in = _STAND_IN.get(name)
        if stand_in in columns:
            there = columns[stand_in].status != ""
            alone = broken & ~filled & there
            changed[stand_in] = columns[stand_in].flagged(alone, CHECK + check.name)
    return changed
