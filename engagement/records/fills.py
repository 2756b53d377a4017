"""The columns of a table as texts, and what fills their empty cells.

Enters: a grid, its header, the verdict on each row and what stands above the table.
Leaves: one array per field with one entry per row of data, and beside it what is read instead.
Refuses: nothing; a text that did not stand in the cell says where it came from.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engagement.declared import Roster
from engagement.records import delimited, exports, panels
from engagement.records.headers import Header
from engagement.records.headings import Said
from engagement.records.read import WITHOUT_VALUE, Grid
from engagement.records.reading import says_same
from engagement.study import Study


def columns(
    grid: Grid, header: Header, found: np.ndarray, roster: Roster, study: Study
) -> dict[str, np.ndarray]:
    """The raw rows of a table (structure.raw): its cells, and of a wide sheet its sessions."""
    at = np.flatnonzero(found == "data")
    same = {"source_file": grid.file, "sheet": grid.sheet, "kind": roster.kind}
    held = {name: np.full(len(at), text, dtype=object) for name, text in same.items()}
    held |= {"row": at + 1, "row_note": _row_notes(grid, header, at, roster)}
    for position, field in enumerate(header.fields):
        known = field in held or field in header.parts
        if field and "X" not in study.fields[field].use and not known:
            held |= _column(grid, field, position, at)
    for field, positions in header.parts.items():
        cells = grid.cells[np.ix_(at, positions)]
        held[field] = exports.joined(cells, study.fields[field])
    if roster.sheets == "branch":
        held |= _branch(held, grid, len(at))
    if any(header.sessions):
        held = panels.melted(held, grid, header)
    return held


def _row_notes(grid: Grid, header: Header, at: np.ndarray, roster: Roster) -> np.ndarray:
    """What speaks against a row: ragged_row (refused), hidden_sheet, hidden_row, mixed_encoding.

    A row of another kind (exports.others) is left out.
    """
    notes = np.full(len(at), "hidden_sheet" if grid.hidden else "", dtype=object)
    notes[np.isin(at, list(grid.hidden_rows))] = "hidden_row"
    names = grid.cells[at, header.anchor]
    odd = {text for text in set(names) - {None} if delimited.misread(text)}
    notes[np.isin(at, list(grid.doubtful)) | np.isin(names, list(odd))] = "mixed_encoding"
    notes[exports.others(grid.cells[at], header.texts, roster)] = exports.OTHER_KIND
    if grid.widths is not None:
        widths = np.array(grid.widths)
        notes[widths[at] != widths[header.rows[-1]]] = "ragged_row"
    return notes


def _column(grid: Grid, field: str, position: int, at: np.ndarray) -> dict[str, np.ndarray]:
    """The column of a field, and where they differ the texts to be read instead."""
    texts, kinds = grid.cells[at, position], grid.kinds[at, position]
    found = {field: texts}
    if not set(kinds) <= {"", "text"}:
        found[f"kind__{field}"] = kinds
    read, why = _instead(grid, position, at, np.where(_without_value(kinds), None, texts))
    if any(text is not None for text in read):
        found |= {f"read__{field}": read, f"fill__{field}": why}
    return found


def nothing(size: int) -> np.ndarray:
    """A column without a text."""
    return np.full(size, None, dtype=object)


def _without_value(kinds: np.ndarray) -> np.ndarray:
    return np.isin(kinds, WITHOUT_VALUE)


def _instead(
    grid: Grid, position: int, at: np.ndarray, texts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Texts of merged cells for the rows under their first, and what "same as above" means."""
    read, why = nothing(len(at)), nothing(len(at))
    place = {row: number for number, row in enumerate(at)}
    for (top, left), (bottom, _) in grid.merged:
        if left != position or top not in place or _without_value(grid.kinds[top, left]):
            continue
        for row in range(top + 1, bottom + 1):
            if row in place and texts[place[row]] is None:
                read[place[row]], why[place[row]] = grid.cells[top, left], "merged_cell"
    same = {text for text in set(texts) - {None} if says_same(text)}
    for number in [number for number, text in enumerate(texts) if text in same]:
        above = (read[number - 1] or texts[number - 1]) if number else None
        if above is not None and above not in same:
            read[number], why[number] = above, "same_as_above"
    return read, why


def with_headings(
    columns: Mapping[str, np.ndarray], said: Mapping[str, Said]
) -> dict[str, np.ndarray]:
    """The columns with what stands above the table, where neither a cell nor a session tells."""
    filled = dict(columns)
    size = len(columns["row"])
    for name, (text, why, _) in said.items():
        own = columns.get(name, nothing(size))
        empty = np.array([cell is None for cell in own], dtype=bool)
        filled |= {
            name: own,
            f"read__{name}": np.where(empty, text, None),
            f"fill__{name}": np.where(empty, why, None),
        }
    return filled


def _branch(columns: Mapping[str, np.ndarray], grid: Grid, size: int) -> dict[str, np.ndarray]:
    """The name of the sheet where a row names no branch."""
    own = columns.get("branch", nothing(size))
    read = columns.get("read__branch", nothing(size)).copy()
    why = columns.get("fill__branch", nothing(size)).copy()
    empty = np.array([text is None for text in own]) & np.array([text is None for text in read])
    read[empty], why[empty] = grid.sheet, "sheet_name"
    return {"branch": own, "read__branch": read, "fill__branch": why}
