"""Reading whole columns: each rule runs once per distinct text and kind.

Enters: raw rows and the fields of a study.
Leaves: one Column per field, aligned with the rows.
Refuses: nothing; what a rule refuses stands in the column with its reason.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagement.codebook import Field
from engagement.declared import Roster
from engagement.records import exports, fields, plain
from engagement.records.column import Column, How, texts
from engagement.records.plain import Plain
from engagement.records.read import WITHOUT_VALUE
from engagement.records.reading import UNKNOWN_MARKS, Reading, status
from engagement.study import Study

_INFERRED_FILLS = ("same_as_above",)
NEEDED = {"minutes": ("event_date", "missing_date")}


def read(raw: pd.DataFrame, roster: Roster, study: Study) -> dict[str, Column]:
    """Every field of `raw` by name; a group is read inside the branch of its row."""
    names = [name for name in raw.columns if name in study.fields]
    found: dict[str, Column] = {}
    for name in sorted(names, key=lambda name: (name == "group", names.index(name))):
        field = study.fields[name]
        shown, cell = _cells(raw, name, _kinds(raw, name, found))
        column = _column(cell, *_readings(shown, field, roster, study))
        column = _with_fills(column, raw.get(f"fill__{name}"))
        if field.type == "mark":
            column = _unknown_where_empty(column)
        column = _without_values(column, raw.get(f"kind__{name}"))
        found[name] = _refused_by_sheet(column, raw.get(f"refuse__{name}"))
    return {name: _with_row_notes(found[name], raw) for name in names}


def lacking(read: Mapping[str, Column], kind: str) -> tuple[str, str, np.ndarray]:
    """The field without which a row is no record of its kind, why, and the rows that lack it.

    Of people a name, of minutes a day; no rows where no column of the roster holds the field.
    """
    field, why = NEEDED.get(kind, ("name", "missing_name"))
    if field not in read:
        return field, why, np.zeros(0, dtype=bool)
    return field, why, read[field].where(_unread)


def _unread(how: How) -> bool:
    return how.rule == "" or how.rule in UNKNOWN_MARKS


def _kinds(raw: pd.DataFrame, name: str, found: dict[str, Column]) -> np.ndarray | None:
    """What a rule must know beside a text: the kind of its cell, of a group the branch."""
    if name == "group" and "branch" in found:
        return found["branch"].value.to_numpy(dtype=object)
    if f"kind__{name}" not in raw:
        return None
    return raw[f"kind__{name}"].fillna("text").replace("", "text").to_numpy(dtype=object)


class _Shown(NamedTuple):
    """The different cells of a column: their texts, and their kinds where not all are text."""

    texts: pd.Index
    kinds: np.ndarray | None


def _cells(raw: pd.DataFrame, name: str, kinds: np.ndarray | None) -> tuple[_Shown, np.ndarray]:
    """The different cells, and for each row the place of its own; -1 where there is none."""
    written = raw[name]
    if f"read__{name}" in raw:
        written = raw[f"read__{name}"].fillna(written)
    at, shown = pd.factorize(written)
    if kinds is None:
        return _Shown(shown, None), at
    kind_at, kinds_shown = pd.factorize(kinds)
    cell, present = np.full(len(at), -1), at >= 0
    cell[present], pairs = pd.factorize((at * len(kinds_shown) + kind_at)[present])
    text, kind = np.divmod(pairs, len(kinds_shown))
    return _Shown(shown.take(text), kinds_shown[kind]), cell


def _readings(
    shown: _Shown, field: Field, roster: Roster, study: Study
) -> tuple[pa.Array, list[Reading], np.ndarray]:
    """The values of the different cells, the forms of reading, and the place of each cell's form.

    What is certainly plain is read at once; the rule of the field reads the rest.
    """
    written = pa.array(shown.texts, pa.large_string())
    forms = [] if shown.kinds is not None else plain.cells(written, field, roster, study)
    rest = np.ones(len(written), dtype=bool)
    for form in forms:
        rest[form.places] = False
    rule, left = fields.rule(field, roster, study), np.flatnonzero(rest)
    kinds = ["text"] * len(left) if shown.kinds is None else shown.kinds[left]
    one_by_one = [
        rule(text, kind) for text, kind in zip(written.take(left).to_pylist(), kinds, strict=True)
    ]
    return _in_place(forms, left, one_by_one)


def _in_place(forms: list[Plain], left: np.ndarray, one_by_one: list[Reading]) -> tuple:
    """Values and forms in the order of the cells; the form of a reading says if it has a value."""
    known = {}
    own = [known.setdefault((*r[1:], r.value != ""), len(known)) for r in one_by_one]
    shapes = [Reading("?" if valued else "", *how) for *how, valued in known]
    shapes += [form.reading._replace(value="?") for form in forms]
    places = np.concatenate([left, *(form.places for form in forms)])
    values = [pa.array([r.value for r in one_by_one], pa.large_string())]
    values = pa.concat_arrays([*values, *(form.values for form in forms)])
    shape = [np.array(own, dtype=int)]
    shape += [np.full(len(form.places), len(known) + at) for at, form in enumerate(forms)]
    order = np.argsort(places)
    return values.take(order), shapes, np.concatenate(shape)[order]


def _column(cell: np.ndarray, values: pa.Array, shapes: list[Reading], at: np.ndarray) -> Column:
    """The column of the rows whose cells stand at `cell`."""
    none = pa.scalar("", pa.large_string())
    hows = (*(How(*shape[1:], status(shape)) for shape in shapes), How())
    how = np.append(at, len(shapes))[cell]
    held = pc.fill_null(values.take(pa.array(cell, mask=cell < 0)), none)
    said = texts(held)
    return Column(said, said, how, hows, cell)


def _with_fills(column: Column, why: pd.Series | None) -> Column:
    """Say in the rule where a text came from, when it did not stand in the cell."""
    if why is None:
        return column
    for said in why.dropna().unique():
        rows = (why == said).to_numpy() & column.where(lambda how: how.rule != "")
        column = column.read_as(rows, functools.partial(_filled, said=said))
    return column


def _filled(how: How, said: str) -> How:
    if how.status == "quarantined":
        return how
    inferred = said in _INFERRED_FILLS and how.confidence == "exact"
    confidence = "inferred" if inferred else how.confidence
    return how._replace(rule=f"{how.rule}+{said}", confidence=confidence)


def _unknown_where_empty(column: Column) -> Column:
    return column.holding((column.value == "") & column.where(_unread), "unknown")


def _with_row_notes(column: Column, raw: pd.DataFrame) -> Column:
    """A ragged row is refused cell by cell, one of another kind left out; one hidden or of another
    encoding is flagged."""
    if "row_note" not in raw or not raw["row_note"].ne("").any():
        return column
    notes = raw["row_note"].to_numpy(dtype=object)
    present = column.where(lambda how: how.status != "")
    for note in ("hidden_row", "hidden_sheet", "mixed_encoding"):
        column = column.flagged(present & (notes == note), note)
    column = column.left_out(notes == exports.OTHER_KIND, exports.OTHER_KIND)
    ragged = notes == "ragged_row"
    return column.holding(ragged & ~present, "").refused(ragged & present, "ragged_row")


def _refused_by_sheet(column: Column, why: pd.Series | None) -> Column:
    """A cell that the rows around its table make unreadable."""
    for reason in why.dropna().unique() if why is not None else ():
        column = column.refused(why.eq(reason).to_numpy(), reason)
    return column


def _without_values(column: Column, kinds: pd.Series | None) -> Column:
    """A cell that shows an error, or a formula without its result, is refused."""
    for kind in WITHOUT_VALUE if kinds is not None else ():
        column = column.refused(kinds.eq(kind).to_numpy(), f"{kind}_in_cell")
    return column
