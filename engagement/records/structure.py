"""Where the table is: a verdict for every row, the columns, and the rows of people as text.

Enters: a grid, the roster that it belongs to, and a study.
Leaves: a Table: verdict per row, header, and raw rows with what fills their empty cells.
Refuses: no header row, a required field that no column holds, one field in two columns, no rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as of_class

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.declared import Roster
from engagement.errors import Problem, RosterError
from engagement.records import delimited, exports, headers, headings, legends, panels, verdicts
from engagement.records.headers import Header
from engagement.records.headings import Said
from engagement.records.read import NO_SHEET, WITHOUT_VALUE, Grid
from engagement.records.reading import says_same
from engagement.study import Study


@dataclass(frozen=True)
class Table:
    """A grid understood. `verdicts`: one per row of the sheet; `columns`: see `raw`.

    `said`: what the rows above it and the name of its sheet tell.
    """

    grid: Grid
    verdicts: np.ndarray
    header: Header | None
    columns: Mapping[str, np.ndarray]
    said: Mapping[str, Said] = of_class(default_factory=dict)

    @property
    def size(self) -> int:
        """How many raw rows there are."""
        return len(self.columns.get("row", ()))


def table(grid: Grid, roster: Roster, study: Study) -> Table:
    """The table in `grid`; a sheet of notes is a Table without a header.

    So is a hidden sheet that holds no usable table. Raises RosterError when a shown one does.
    """
    header = headers.find(grid, roster, study)
    if header is None:
        if not grid.hidden and not _is_notes(grid):
            raise RosterError.one("header_not_found", file=grid.file, sheet=grid.sheet or NO_SHEET)
        return _notes(grid)
    try:
        return _table(grid, header, roster, study)
    except RosterError:
        if grid.hidden:
            return _notes(grid)
        raise


def _notes(grid: Grid) -> Table:
    return Table(grid, np.where(_filled(grid).any(axis=1), "note", "blank"), None, {})


def _table(grid: Grid, header: Header, roster: Roster, study: Study) -> Table:
    place = {"file": grid.file, "sheet": grid.sheet or NO_SHEET}
    held = [*header.fields, *(["branch"] if roster.sheets == "branch" else [])]
    said = headings.of(grid, header.rows[0], held, roster, study)
    _check(grid, header, said, roster, study)
    found = verdicts.of(grid, header)
    if not (found == "data").any():
        raise RosterError.one("no_rows", **place, row=header.rows[-1] + 1)
    for row in np.flatnonzero(found == "data"):
        if named := headers.named_anew(grid.cells[row], study):
            raise RosterError.one("second_table", **place, row=int(row) + 1, found=named)
    columns = _raw(grid, header, found, roster, study)
    columns = _with_headings(columns, said)
    if "attend_status" in columns:
        legend = legends.of(legends.lines(grid, found))
        columns = panels.meant(columns, legend, roster, study)
    return Table(grid, found, header, columns, said)


def rows(tables: list[Table]) -> pd.DataFrame:
    """Table `structure`: one row per row of every sheet."""
    frames = [
        pd.DataFrame(
            {
                "source_file": found.grid.file,
                "sheet": found.grid.sheet,
                "row": np.arange(1, len(found.verdicts) + 1),
                "verdict": found.verdicts.astype(str),
            }
        )
        for found in tables
    ]
    return pd.concat(frames, ignore_index=True)


def raw(tables: list[Table]) -> pd.DataFrame:
    """Table `raw`: one row per person, of a wide sign-in sheet per person × session.

    Columns: source_file, sheet, row, kind (of roster), row_note, header (of a session's column),
    one column per field (text as read), and where they are needed `kind__<field>` (kind of the
    cell), `read__<field>` (the text read instead) and `fill__<field>` (why).
    """
    filled = [table for table in tables if table.size]
    names = dict.fromkeys(name for table in filled for name in table.columns)
    joined = {
        name: np.concatenate([table.columns.get(name, _nothing(table.size)) for table in filled])
        for name in names
    }
    kinds = {name: "int64" if name == "row" else "str" for name in names}
    return pd.DataFrame({name: pd.Series(joined[name], dtype=kinds[name]) for name in names})


def _nothing(size: int) -> np.ndarray:
    return np.full(size, None, dtype=object)


def _is_notes(grid: Grid) -> bool:
    """A sheet without a table: nowhere more than two cells in a row."""
    return int(_filled(grid).sum(axis=1).max(initial=0)) <= 2


def _filled(grid: Grid) -> np.ndarray:
    return grid.kinds != ""


def _check(
    grid: Grid, header: Header, said: Mapping[str, Said], roster: Roster, study: Study
) -> None:
    """Raise every problem of the header at once."""
    place = {"file": grid.file, "sheet": grid.sheet or NO_SHEET, "row": header.rows[-1] + 1}
    language = study.languages[0]
    problems = [
        Problem("field_not_found", {**place, "expected": _label(study.fields[field], language)})
        for field, *others in map(str.split, _required(header, roster))
        if not {field, *others} & {*header.fields, *said}
    ]
    for field in {field for field in header.fields if field}:
        at = [column for column, found in enumerate(header.fields) if found == field]
        together = set(at) <= set(header.parts.get(field, ()))
        if len(at) > 1 and not together and not study.fields[field].use & {"X", "META"}:
            columns = ", ".join(letters(column) for column in at)
            found = " = ".join(header.texts[column] for column in at)
            problems.append(Problem("header_twice", {**place, "column": columns, "found": found}))
    if problems:
        raise RosterError(sorted(problems, key=lambda problem: str(problem.values)))


def _label(field: codebook.Field, language: str) -> str:
    return field.zh if language == "zh" else field.en


def _required(header: Header, roster: Roster) -> list[str]:
    required = codebook.structure()["required"][roster.kind]
    if roster.kind == "sign_ins" and not any(header.sessions):
        return [*required, "event_date check_in check_out", "attend_status check_in check_out"]
    return required


def letters(column: int) -> str:
    """The name of a column as a spreadsheet shows it: 0 is A."""
    name, number = "", column + 1
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _raw(
    grid: Grid, header: Header, found: np.ndarray, roster: Roster, study: Study
) -> dict[str, np.ndarray]:
    at = np.flatnonzero(found == "data")
    same = {"source_file": grid.file, "sheet": grid.sheet, "kind": roster.kind}
    columns = {name: np.full(len(at), text, dtype=object) for name, text in same.items()}
    columns |= {"row": at + 1, "row_note": _row_notes(grid, header, at, roster)}
    for position, field in enumerate(header.fields):
        known = field in columns or field in header.parts
        if field and "X" not in study.fields[field].use and not known:
            columns |= _column(grid, field, position, at)
    for field, positions in header.parts.items():
        cells = grid.cells[np.ix_(at, positions)]
        columns[field] = exports.joined(cells, study.fields[field])
    if roster.sheets == "branch":
        columns |= _branch(columns, grid, len(at))
    if any(header.sessions):
        columns = panels.melted(columns, grid, header)
    return columns


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


def _without_value(kinds: np.ndarray) -> np.ndarray:
    return np.isin(kinds, WITHOUT_VALUE)


def _instead(
    grid: Grid, position: int, at: np.ndarray, texts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Texts of merged cells for the rows under their first, and what "same as above" means."""
    read, why = _nothing(len(at)), _nothing(len(at))
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


def _with_headings(
    columns: Mapping[str, np.ndarray], said: Mapping[str, Said]
) -> dict[str, np.ndarray]:
    """The columns with what stands above the table, where neither a cell nor a session tells."""
    filled = dict(columns)
    size = len(columns["row"])
    for name, (text, why, _) in said.items():
        own = columns.get(name, _nothing(size))
        empty = np.array([cell is None for cell in own], dtype=bool)
        filled |= {
            name: own,
            f"read__{name}": np.where(empty, text, None),
            f"fill__{name}": np.where(empty, why, None),
        }
    return filled


def _branch(columns: Mapping[str, np.ndarray], grid: Grid, size: int) -> dict[str, np.ndarray]:
    """The name of the sheet where a row names no branch."""
    own = columns.get("branch", _nothing(size))
    read = columns.get("read__branch", _nothing(size)).copy()
    why = columns.get("fill__branch", _nothing(size)).copy()
    empty = np.array([text is None for text in own]) & np.array([text is None for text in read])
    read[empty], why[empty] = grid.sheet, "sheet_name"
    return {"branch": own, "read__branch": read, "fill__branch": why}
