"""Reading whole columns: each rule runs once per distinct text and kind.

Enters: raw rows and the fields of a study.
Leaves: one Column per field, aligned with the rows.
Refuses: nothing; what a rule refuses stands in the column with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from engagement.declared import Roster
from engagement.records import exports, fields
from engagement.records.read import WITHOUT_VALUE
from engagement.records.reading import UNKNOWN_MARKS, Reading, status
from engagement.study import Study

_EMPTY = Reading("", "", "")
_INFERRED_FILLS = ("same_as_above",)
NEEDED = {"minutes": ("event_date", "missing_date")}
WORST = {"": 0, "structural": 0, "clean": 0, "flagged": 1, "quarantined": 2}


@dataclass(frozen=True)
class Column:
    """One field of all rows, as arrays of text; "" where there is nothing.

    `value` is what the cell says; `settled` what the record holds after rows were reconciled.
    """

    value: np.ndarray
    rule: np.ndarray
    confidence: np.ndarray
    precision: np.ndarray
    status: np.ndarray
    settled: np.ndarray

    def flagged(self, rows: np.ndarray, reason: str) -> Column:
        """The column with `reason` added to the rules of `rows`, which become flagged."""
        rule = np.where(rows, np.char.add(self.rule.astype(str), f"+{reason}"), self.rule)
        raised = rows & (self.status == "clean")
        return replace(
            self,
            rule=rule.astype(object),
            status=np.where(raised, "flagged", self.status).astype(object),
        )

    def holding(self, rows: np.ndarray, values: np.ndarray) -> Column:
        """The column whose records hold `values` in `rows`."""
        return replace(self, settled=np.where(rows, values, self.settled).astype(object))

    def refused(self, rows: np.ndarray, reason: str) -> Column:
        """The column with nothing in `rows`, which are quarantined for `reason`."""
        nothing = {"value": "", "settled": "", "precision": "", "rule": reason}
        nothing |= {"confidence": "lossy", "status": "quarantined"}
        changed = {
            part: np.where(rows, text, getattr(self, part)).astype(object)
            for part, text in nothing.items()
        }
        return replace(self, **changed)

    def left_out(self, rows: np.ndarray, reason: str) -> Column:
        """The column with nothing in `rows`, which are no data of this kind because of `reason`."""
        nothing = {"value": "", "settled": "", "precision": "", "rule": reason}
        nothing |= {"confidence": "exact", "status": "structural"}
        changed = {
            part: np.where(rows, text, getattr(self, part)).astype(object)
            for part, text in nothing.items()
        }
        return replace(self, **changed)


def read(raw: pd.DataFrame, roster: Roster, study: Study) -> dict[str, Column]:
    """Every field of `raw` by name; a group is read inside the branch of its row."""
    names = [name for name in raw.columns if name in study.fields]
    found: dict[str, Column] = {}
    for name in sorted(names, key=lambda name: (name == "group", names.index(name))):
        rule = fields.rule(study.fields[name], roster, study)
        kinds = found["branch"].value if name == "group" and "branch" in found else None
        found[name] = _column(raw, name, rule, kinds)
        if study.fields[name].type == "mark":
            found[name] = _unknown_where_empty(found[name])
        found[name] = _without_values(found[name], raw.get(f"kind__{name}"))
    return {name: _with_row_notes(found[name], raw) for name in names}


def lacking(read: Mapping[str, Column], kind: str) -> tuple[str, str, np.ndarray]:
    """The field without which a row is no record of its kind, why, and the rows that lack it.

    Of people a name, of minutes a day; no rows where no column of the roster holds the field.
    """
    field, why = NEEDED.get(kind, ("name", "missing_name"))
    if field not in read:
        return field, why, np.zeros(0, dtype=bool)
    return field, why, np.isin(read[field].rule, ["", *UNKNOWN_MARKS])


def _column(raw: pd.DataFrame, name: str, rule: fields.Rule, kinds: np.ndarray | None) -> Column:
    texts = raw[name]
    if f"read__{name}" in raw:
        texts = raw[f"read__{name}"].fillna(texts)
    if kinds is None and f"kind__{name}" in raw:
        kinds = raw[f"kind__{name}"].fillna("text").replace("", "text").to_numpy(dtype=object)
    at, readings = _distinct(texts, kinds, rule)
    arrays = [_taken(at, (reading[part] for reading in readings)) for part in range(4)]
    statuses = _taken(
        at, (status(reading) if reading is not _EMPTY else "" for reading in readings)
    )
    column = Column(*arrays, statuses, arrays[0])
    return _with_fills(column, raw.get(f"fill__{name}"))


def _distinct(texts: pd.Series, kinds: np.ndarray | None, rule: Callable) -> tuple:
    """The readings of the distinct cells, the empty one last, and for each row its reading."""
    at, shown = pd.factorize(texts)
    if kinds is None:
        readings = [rule(text, "text") for text in shown]
        return at, [*readings, _EMPTY]
    kind_at, kind_shown = pd.factorize(kinds)
    pairs, place = np.unique(at * (len(kind_shown) + 1) + kind_at, return_inverse=True)
    readings = []
    for pair in pairs:
        text, kind = divmod(int(pair), len(kind_shown) + 1)
        readings.append(rule(shown[text], kind_shown[kind]) if text >= 0 else _EMPTY)
    return place, [*readings, _EMPTY]


def _taken(at: np.ndarray, values: Iterable[str]) -> np.ndarray:
    return np.array(list(values), dtype=object)[at]


def _with_fills(column: Column, why: pd.Series | None) -> Column:
    """Say in the rule where a text came from, when it did not stand in the cell."""
    if why is None:
        return column
    filled = why.notna().to_numpy() & (column.rule != "")
    said = why.fillna("").to_numpy(dtype=object)
    rule = np.where(
        filled & (column.status != "quarantined"), column.rule + "+" + said, column.rule
    )
    inferred = filled & np.isin(said, _INFERRED_FILLS) & (column.confidence == "exact")
    confidence = np.where(inferred, "inferred", column.confidence)
    return replace(column, rule=rule.astype(object), confidence=confidence.astype(object))


def _unknown_where_empty(column: Column) -> Column:
    empty = (column.value == "") & ((column.rule == "") | np.isin(column.rule, list(UNKNOWN_MARKS)))
    return column.holding(empty, np.full(len(empty), "unknown", dtype=object))


def _with_row_notes(column: Column, raw: pd.DataFrame) -> Column:
    """A ragged row is refused cell by cell, one of another kind left out; one hidden or of another
    encoding is flagged."""
    if "row_note" not in raw or not raw["row_note"].ne("").any():
        return column
    notes = raw["row_note"].to_numpy(dtype=object)
    present = column.status != ""
    for note in ("hidden_row", "hidden_sheet", "mixed_encoding"):
        column = column.flagged(present & (notes == note), note)
    empty = (notes == "ragged_row") & ~present
    column = column.holding(empty, np.full(len(empty), "", dtype=object))
    column = column.left_out(notes == exports.OTHER_KIND, exports.OTHER_KIND)
    return column.refused((notes == "ragged_row") & present, "ragged_row")


def _without_values(column: Column, kinds: pd.Series | None) -> Column:
    """A cell that shows an error, or a formula without its result, is refused."""
    for kind in WITHOUT_VALUE if kinds is not None else ():
        column = column.refused(kinds.eq(kind).to_numpy(), f"{kind}_in_cell")
    return column
