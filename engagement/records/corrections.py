"""What was mended in a copy of fix.xlsx, and put beside the rosters.

Enters: the copies of fix.xlsx in rosters/, and the roster files that they were made of.
Leaves: per sheet of a roster the cells to read instead; the roster itself stays as it is.
Refuses: a copy of files changed since, with rows or columns moved, or against another copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engagement import spreadsheet
from engagement.errors import Problem, RosterError
from engagement.records import read, structure
from engagement.records.read import Grid
from engagement.study import Study

KEY = "engagement"
CORRECTED = "corrected"
COLUMNS = ("sheet", "file", "source_sheet", "sha256", "width", "first", "last")
Cells = Mapping[tuple[int, int], tuple[str | None, str]]


@dataclass(frozen=True)
class Origin:
    """Where a sheet of fix.xlsx comes from; `rows`: the rows shown, as in the roster, from 0."""

    sheet: str
    file: str
    source_sheet: str
    sha256: str
    width: int
    rows: tuple[int, ...]

    def lines(self) -> list[tuple[str, ...]]:
        """Its lines in the hidden sheet, one per run of rows."""
        rows = np.array(self.rows)
        runs = np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1)
        own = (self.sheet, self.file, self.source_sheet, self.sha256, str(self.width))
        return [(*own, str(run[0] + 1), str(run[-1] + 1)) for run in runs]


def found(study: Study) -> dict[tuple[str, str], Cells]:
    """The cells to read instead by file and sheet: place (row, column from 0) → text, kind.

    Raises RosterError with the problems of all copies.
    """
    problems: list[Problem] = []
    changes: dict[tuple[str, str], dict] = {}
    for path in study.corrections:
        try:
            for place, cells in _of_copy(path, study, problems).items():
                known = changes.setdefault(place, {})
                problems += _conflicts(path.name, place, known, cells)
                known |= cells
        except RosterError as error:
            problems += error.problems
    if problems:
        raise RosterError(problems)
    return changes


def applied(grid: Grid, changes: Mapping[tuple[str, str], Cells]) -> Grid:
    """`grid` with its corrected cells, which keep what stood there in `corrected`."""
    cells = changes.get((grid.file, grid.sheet))
    if not cells:
        return grid
    texts, kinds = grid.cells.copy(), grid.kinds.copy()
    for place, (text, kind) in cells.items():
        texts[place], kinds[place] = text, kind
    before = {place: grid.cells[place] for place in cells}
    return replace(grid, cells=texts, kinds=kinds, corrected=before)


def _conflicts(name: str, place: tuple[str, str], known: Cells, cells: Cells) -> list[Problem]:
    file, sheet = place
    return [
        Problem(
            "correction_conflict",
            {"file": name, "source": file, "sheet": sheet or read.NO_SHEET, "row": at[0] + 1},
        )
        for at in cells
        if at in known and known[at] != cells[at]
    ]


def _of_copy(path: Path, study: Study, problems: list[Problem]) -> dict:
    """The changed cells of one copy by file and sheet of the roster."""
    folder = study.folder / "rosters"
    sheets = {grid.sheet: grid for grid in read.grids(path, folder)}
    if KEY not in sheets:
        raise RosterError.one("correction_foreign", file=path.name)
    rosters = {
        read.relative(file, folder): file for roster in study.rosters for file in roster.files
    }
    changes = {}
    for origin in _origins(sheets[KEY], path.name):
        place = (origin.file, origin.source_sheet)
        where = {"file": path.name, "sheet": origin.sheet, "source": origin.file}
        source = rosters.get(origin.file)
        if source is None or read.fingerprint(source) != origin.sha256:
            problems.append(Problem("correction_outdated", where))
        elif origin.sheet not in sheets:
            problems.append(Problem("correction_sheet_gone", where))
        else:
            original = next(g for g in read.grids(source, folder) if g.sheet == place[1])
            changes[place] = _changed(sheets[origin.sheet], original, origin, problems, where)
    return changes


def _origins(key: Grid, name: str) -> list[Origin]:
    """The sheets of the copy as its hidden sheet tells them."""
    parts: dict[tuple, list[int]] = {}
    try:
        for line in key.cells[1:]:
            sheet, file, source, sha256, width, first, last = (text or "" for text in line[:7])
            rows = parts.setdefault((sheet, file, source, sha256, int(width)), [])
            rows += range(int(first) - 1, int(last))
    except ValueError:
        raise RosterError.one("correction_foreign", file=name) from None
    return [Origin(*own, tuple(rows)) for own, rows in parts.items()]


def _changed(
    copy: Grid, original: Grid, origin: Origin, problems: list[Problem], where: Mapping
) -> Cells:
    """The cells that differ from what fix.xlsx showed of the roster."""
    size = (max(len(copy.cells), len(origin.rows)), origin.width + 1)
    texts, kinds = _sized(copy.cells, size), _sized(copy.kinds, size)
    now, before = _shown(texts), _shown(_sized(original.cells[list(origin.rows)], size))
    row, column = _moved(now, before), _moved(now.T, before.T)
    if row is not None:
        problems.append(Problem("correction_rows_moved", {**where, "row": row + 1}))
        return {}
    if column is not None:
        letters = structure.letters(column)
        problems.append(Problem("correction_columns_moved", {**where, "column": letters}))
        return {}
    return {
        (origin.rows[row], int(column)): (texts[row, column], kinds[row, column] or "")
        for row, column in np.argwhere(now != before)
    }


def _sized(cells: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """`cells` cut and filled up to `size`."""
    sized = np.full(size, None, dtype=object)
    rows, columns = np.minimum(size, cells.shape)
    sized[:rows, :columns] = cells[:rows, :columns]
    return sized


def _shown(cells: np.ndarray) -> np.ndarray:
    """How cells are compared: as fix.xlsx shows them, blanks aside."""
    shown = np.full(cells.shape, "", dtype=object)
    filled = np.not_equal(cells, None)
    shown[filled] = [" ".join(spreadsheet.shown(text).split()) for text in cells[filled]]
    return shown


def _moved(now: np.ndarray, before: np.ndarray) -> int | None:
    """The first line that was moved, emptied or added; None when lines stand where they stood.

    One line that has come to read like another is a correction; two are a move.
    """
    changed = np.flatnonzero((now != before).any(axis=1))
    known = {tuple(line): number for number, line in enumerate(before)}
    elsewhere = [at for at in changed if tuple(now[at]) in known and (now[at] != "").sum() > 1]
    emptied = [at for at in changed if not (now[at] != "").any() and (before[at] != "").sum() > 1]
    added = [at for at in changed if not (before[at] != "").any()]
    if not emptied and not added and len(elsewhere) < 2:
        return None
    first = min([*elsewhere, *emptied, *added])
    shift = known[tuple(now[first])] - first if first in elsewhere else 0
    return _start(now, before, int(first), shift)


def _start(now: np.ndarray, before: np.ndarray, first: int, shift: int) -> int:
    """The first of the lines up to `first` that read rather like the line `shift` further on."""
    while first and 0 <= first - 1 + shift < len(before):
        line = now[first - 1]
        there = (line == before[first - 1 + shift]).sum()
        if there <= (line == before[first - 1]).sum():
            break
        first -= 1
    return first
