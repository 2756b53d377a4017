"""The tables of a sheet: one under the other, and side by side.

Enters: a grid, its roster and a study.
Leaves: one Table per table; every cell of the sheet belongs to one of them, at its own place.
Refuses: a table of another kind than the others (RosterError with its row).
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from engagement import codebook
from engagement.declared import Roster
from engagement.errors import Problem, RosterError
from engagement.records import headers, legends, structure, verdicts
from engagement.records.headers import Header
from engagement.records.read import NO_SHEET, Grid
from engagement.records.reading import normal
from engagement.records.structure import Table
from engagement.study import Study

_BESIDE = frozenset({"row_no", "remark"})
_WIDEST_TITLE = 4


class Area(NamedTuple):
    """The part of a sheet that one table has: the rest of `grid` is empty.

    `around` is the grid with the same rows and all columns; `header` the row to look at.
    """

    grid: Grid
    around: Grid
    header: int
    label: str


def tables(grid: Grid, roster: Roster, study: Study) -> list[Table]:
    """The tables of `grid`, from top to bottom and from left to right.

    Rows and columns are those of the sheet. A table to the right of another carries its columns in
    the name of its sheet, "Sheet1 (E:G)", so that two people in one row have two addresses.
    Raises RosterError with the problems of all tables.
    """
    found = _starts(grid, roster, study)
    areas = [area for rows, header in _bands(grid, found) for area in _parts(grid, rows, header)]
    if len(areas) < 2:
        return [structure.table(grid, roster, study)]
    problems: list[Problem] = []
    made = []
    for area in areas:
        try:
            made.append(structure.part(area, roster, study))
        except RosterError as error:
            problems += error.problems
    if problems and grid.hidden:
        return [structure.notes(grid)]
    if problems:
        raise RosterError(problems)
    lines = legends.lines(grid, structure.combined(made))
    return [structure.with_legend(table, lines, roster, study) for table in made]


def _starts(grid: Grid, roster: Roster, study: Study) -> list[Header]:
    """The header of each table; a header that only repeats the one above it is none."""
    rows = [row for row in headers.naming(grid, study) if _is_header(grid, row, roster, study)]
    alone = [row for row in rows if row + 1 not in rows]
    found = [headers.find(grid, roster, study, range(row, row + 1)) for row in alone]
    kept: list[Header] = []
    for header in filter(None, found):
        if not kept or not _repeats(grid, kept[-1], header):
            kept.append(header)
    main = headers.find(grid, roster, study)
    other = [header for header in kept if not _same_kind(main, header)]
    for header in other:
        if header.rows[0] < main.rows[0]:
            place = {"file": grid.file, "sheet": grid.sheet or NO_SHEET}
            named = sum(field is not None for field in header.fields)
            raise RosterError.one("second_table", **place, row=header.rows[0] + 1, found=named)
    return [header for header in kept if header not in other]


def _is_header(grid: Grid, row: int, roster: Roster, study: Study) -> bool:
    """Whether most cells of the row name fields or sessions, and one of them tells rows apart."""
    header = headers.find(grid, roster, study, range(row, row + 1))
    if header is None:
        return False
    needed = {"minutes": {"event_date", "duty_type"}, "members": {"name", "person_id"}}
    anchored = needed.get(roster.kind, {"name"}) & set(header.fields)
    known = sum(
        bool(field or session)
        for field, session in zip(header.fields, header.sessions, strict=True)
    )
    return bool(anchored) and 2 * known > sum(bool(text) for text in header.texts)


def _same_kind(one: Header, other: Header) -> bool:
    """Whether two tables have half of their fields in common, apart from numbers and remarks."""
    first, second = ({*header.fields} - _BESIDE - {None} for header in (one, other))
    return 2 * len(first & second) >= len(first | second)


def _repeats(grid: Grid, one: Header, other: Header) -> bool:
    """Whether `other` is the header above printed again, without a title of its own."""
    keys = [[codebook.key(text) for text in header.texts] for header in (one, other)]
    return keys[0] == keys[1] and _first_title(grid, one, other) == other.rows[0]


def _first_title(grid: Grid, above: Header, header: Header) -> int:
    """The first of the rows between two tables that speak of the second: its titles."""
    row, first = header.rows[0] - 1, header.rows[0]
    while row > above.rows[-1]:
        texts = [text for text in grid.cells[row] if text is not None]
        if texts and not _is_title(grid, row, above):
            break
        if not texts and first < header.rows[0]:
            break
        first = row if texts else first
        row -= 1
    return first


def _is_title(grid: Grid, row: int, above: Header) -> bool:
    """Whether a row between two tables is a title or a line of labels, not the end of the first."""
    places = np.flatnonzero(grid.kinds[row] != "")
    texts = [normal(grid.cells[row, place]) for place in places]
    if verdicts.ends(texts) or len(texts) > _WIDEST_TITLE:
        return False
    if len(texts) > 1:
        return all(":" in text for text in texts[::2])
    words = codebook.structure()["headings"]["title"]
    named = texts[0].lower().endswith(tuple(words)) or ":" in texts[0]
    return named or (places[0] != above.anchor and not texts[0].isdigit())


def _bands(grid: Grid, found: list[Header]) -> list[tuple[range, Header]]:
    """The rows of each table with its titles; the first begins and the last ends with the sheet."""
    firsts = [_first_title(grid, one, other) for one, other in itertools.pairwise(found)]
    edges = [0, *firsts, len(grid.cells)]
    return [
        (range(start, stop), header)
        for start, stop, header in zip(edges[:-1], edges[1:], found, strict=False)
    ]


def _parts(grid: Grid, rows: range, header: Header) -> list[Area]:
    """The tables that stand side by side in `rows`."""
    width = grid.cells.shape[1]
    around = _cut(grid, rows, range(width))
    edges = [*_lefts(header), width]
    areas = []
    for number, (left, right) in enumerate(itertools.pairwise(edges)):
        named = f"({structure.letters(left)}:{structure.letters(right - 1)})"
        label = f"{grid.sheet} {named}".strip() if number else grid.sheet
        areas.append(Area(_cut(around, rows, range(left, right)), around, header.rows[0], label))
    return areas


def _lefts(header: Header) -> list[int]:
    """The first column of each of several tables with the same fields; [0] for a single one."""
    anchor = header.fields[header.anchor]
    places = [at for at, field in enumerate(header.fields) if field == anchor]
    before = places[0] - next(at for at, field in enumerate(header.fields) if field)
    lefts = [0]
    for last, place in itertools.pairwise(places):
        start = place - before
        same = header.fields[start:place] == header.fields[places[0] - before : places[0]]
        lefts.append(start if same and start > last else place)
    edges = [*lefts, len(header.fields)]
    blocks = [_held(header, left, right) for left, right in itertools.pairwise(edges)]
    alike = all(block in (blocks[0], [f for f in blocks[0] if f != "row_no"]) for block in blocks)
    return lefts if alike and min(map(len, blocks)) > 1 else [0]


def _held(header: Header, left: int, right: int) -> list[str]:
    """The fields and sessions of some columns in their order."""
    fields, sessions = header.fields[left:right], header.sessions[left:right]
    named = [field or (session and "") for field, session in zip(fields, sessions, strict=True)]
    return [name for name in named if name is not None]


def _cut(grid: Grid, rows: range, columns: range) -> Grid:
    """The grid with nothing outside `rows` and `columns`; every cell stays at its place."""
    kept = np.zeros(grid.cells.shape, dtype=bool)
    kept[rows.start : rows.stop, columns.start : columns.stop] = True
    merged = tuple(span for span in grid.merged if span[0][0] in rows and span[0][1] in columns)
    return replace(
        grid,
        cells=np.where(kept, grid.cells, None),
        kinds=np.where(kept, grid.kinds, ""),
        merged=merged,
    )
