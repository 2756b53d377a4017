"""Where the table is: a verdict for every row, the columns, and the rows of people as text.

Enters: a grid, the roster that it belongs to, and a study.
Leaves: a Table: verdict per row, header, and raw rows with what fills their empty cells.
Refuses: no header row, a required field that no column holds, one field in two columns, no rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as of_class
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.declared import Roster
from engagement.errors import Problem, RosterError
from engagement.records import fills, headers, headings, legends, panels, verdicts
from engagement.records.headers import Header
from engagement.records.headings import Said
from engagement.records.read import NO_SHEET, Grid
from engagement.study import Study

if TYPE_CHECKING:
    from engagement.records.blocks import Area


VERDICTS = ("data", "header", "repeat-header", "totals", "signature", "note", "title", "blank")
_RANK = {name: rank for rank, name in enumerate(VERDICTS)}


@dataclass(frozen=True)
class Table:
    """A grid understood. `verdicts`: one per row of the sheet; `columns`: see `raw`.

    `said`: what the rows above it and the name of its sheet tell. Of several tables on a sheet each
    has a grid with its own cells, each at its place, and the others empty.
    """

    grid: Grid
    verdicts: np.ndarray
    header: Header | None
    columns: Mapping[str, np.ndarray]
    said: Mapping[str, Said] = of_class(default_factory=dict)

    @property
    def labels(self) -> list[str]:
        """The name that its rows give their sheet, if there are any."""
        return list(dict.fromkeys(self.columns.get("sheet", ())))

    @property
    def size(self) -> int:
        """How many raw rows there are."""
        return len(self.columns.get("row", ()))


def table(grid: Grid, roster: Roster, study: Study) -> Table:
    """The only table in `grid`; a sheet of notes is a Table without a header.

    So is a hidden sheet that holds no usable table. Raises RosterError when a shown one does.
    """
    header = headers.find(grid, roster, study)
    if header is None:
        if not grid.hidden and not _is_notes(grid):
            raise RosterError.one("header_not_found", file=grid.file, sheet=grid.sheet or NO_SHEET)
        return notes(grid)
    try:
        found = _table(grid, header, roster, study)
    except RosterError:
        if grid.hidden:
            return notes(grid)
        raise
    return with_legend(found, legends.lines(grid, found.verdicts), roster, study)


def part(area: Area, roster: Roster, study: Study) -> Table:
    """One of several tables of a sheet, before its marks are read by a legend."""
    header = headers.find(area.grid, roster, study, range(area.header, area.header + 2))
    return _table(area.grid, header, roster, study, area)


def with_legend(found: Table, lines: Iterable[str], roster: Roster, study: Study) -> Table:
    """The table with its marks as the legend in `lines` tells them."""
    if "attend_status" not in found.columns:
        return found
    return replace(found, columns=panels.meant(found.columns, legends.of(lines), roster, study))


def notes(grid: Grid) -> Table:
    """A sheet that holds no table."""
    return Table(grid, np.where(_filled(grid).any(axis=1), "note", "blank"), None, {})


def _table(
    grid: Grid, header: Header, roster: Roster, study: Study, area: Area | None = None
) -> Table:
    place = {"file": grid.file, "sheet": grid.sheet or NO_SHEET}
    held = [*header.fields, *(["branch"] if roster.sheets == "branch" else [])]
    said = headings.of(grid, header.rows[0], held, roster, study)
    if area is not None:
        said = headings.of(area.around, header.rows[0], held, roster, study) | said
    _check(grid, header, said, roster, study)
    found = verdicts.of(grid, header)
    if not (found == "data").any():
        raise RosterError.one("no_rows", **place, row=header.rows[-1] + 1)
    for row in np.intersect1d(headers.naming(grid, study), np.flatnonzero(found == "data")):
        if named := headers.named_anew(grid.cells[row], study):
            raise RosterError.one("second_table", **place, row=int(row) + 1, found=named)
    columns = fills.columns(grid, header, found, roster, study)
    columns = fills.with_headings(columns, said)
    if area is not None:
        columns["sheet"] = np.full(len(columns["sheet"]), area.label, dtype=object)
    own = {name: told for name, told in said.items() if not told.at or grid.kinds[told.at]}
    return Table(grid, found, header, columns, own)


def rows(tables: list[Table]) -> pd.DataFrame:
    """Table `structure`: one row per row of every sheet, whatever number of tables it holds."""
    frames = []
    for (file, sheet), found in by_sheet(tables).items():
        verdict = combined(found).astype(str)
        place = {"source_file": file, "sheet": sheet, "row": np.arange(1, len(verdict) + 1)}
        frames.append(pd.DataFrame({**place, "verdict": verdict}))
    return pd.concat(frames, ignore_index=True)


def by_sheet(tables: Iterable[Table]) -> dict[tuple[str, str], list[Table]]:
    """The tables of each sheet by file and name, in their order."""
    found: dict[tuple[str, str], list[Table]] = {}
    for one in tables:
        found.setdefault((one.grid.file, one.grid.sheet), []).append(one)
    return found


def combined(tables: list[Table]) -> np.ndarray:
    """The verdict on each row of a sheet: of the tables in it, that which says most."""
    ranks = np.array([[_RANK[name] for name in found.verdicts] for found in tables])
    return np.array(VERDICTS, dtype=object)[ranks.min(axis=0)]


def raw(tables: list[Table]) -> pd.DataFrame:
    """Table `raw`: one row per person, of a wide sign-in sheet per person × session.

    Columns: source_file, sheet, row, kind (of roster), row_note, header (of a session's column),
    one column per field (text as read), and where they are needed `kind__<field>` (kind of the
    cell), `read__<field>` (the text read instead) and `fill__<field>` (why).
    """
    filled = [table for table in tables if table.size]
    names = dict.fromkeys(name for table in filled for name in table.columns)
    joined = {
        name: np.concatenate(
            [table.columns.get(name, fills.nothing(table.size)) for table in filled]
        )
        for name in names
    }
    kinds = {name: "int64" if name == "row" else "str" for name in names}
    return pd.DataFrame({name: pd.Series(joined[name], dtype=kinds[name]) for name in names})


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
