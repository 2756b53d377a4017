"""The cells that somebody must mend, shown where they stand.

Enters: the audit of the cleaning and the roster files themselves.
Leaves: a workbook: each roster in its own layout, cells to mend coloured, the reason beside; a
  mended copy of it, put beside the rosters, is read instead of those cells (corrections.py).
Refuses: changing a roster.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from engagement import spreadsheet, words
from engagement.records import corrections, read
from engagement.records.clean import Cleaned
from engagement.records.corrections import CORRECTED, Origin
from engagement.records.reading import CHECK
from engagement.records.structure import letters
from engagement.study import Study

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

WHOLE = 5_000
_COLOURS = {"quarantined": "F4B183", "flagged": "FFE699", CORRECTED: "C6E0B4"}
_PLACE = ["source_file", "sheet", "row"]


def cells(cleaned: Cleaned) -> pd.DataFrame:
    """The cells to mend and those mended, one row per cell, and the rows without a name.

    Columns: provenance, header, raw, status (quarantined, flagged or corrected), rule, nth (its
    place among the filled cells of its row, from 0; -1 for a name that is not there).
    """
    audit = cleaned.audit
    nth = audit.groupby(_PLACE, sort=False).cumcount()
    mended = audit["rule"].fillna("").str.endswith(CORRECTED)
    wanted = mended | audit["status"].isin(list(_COLOURS))
    columns = [*_PLACE, "header", "raw", "status", "rule"]
    found = audit.loc[wanted, columns].assign(nth=nth[wanted]).reset_index(drop=True)
    found = found.assign(status=found["status"].where(found["status"].isin(_COLOURS), CORRECTED))
    lost = cleaned.quarantine
    nameless = lost[lost["reason"] == "missing_name"].rename(columns={"reason": "rule"})
    more = nameless.assign(status="quarantined", nth=-1)[found.columns]
    return pd.concat([found, more], ignore_index=True) if len(more) else found


def reason(rule: str, study: Study) -> str:
    """The reason in words: one sentence per code of `rule`, a study's own check in its words."""
    language = study.language
    own = {CHECK + check.name: check.label for check in study.checks if check.label}
    said = [
        own[code][language] if code in own else words.label(f"reason.{code}", language)
        for code in str(rule).split("+")
        if code in own or words.has(f"reason.{code}")
    ]
    joined = words.label("review.joined", language)
    return joined.join(said) if said else words.label("reason.other", language)


def workbook(cleaned: Cleaned, study: Study) -> Workbook:
    """The workbook fix.xlsx, one sheet per roster sheet that holds a cell to mend or mended.

    A hidden sheet tells from which rows of which file each comes, so that a copy can be read back.
    """
    from openpyxl import Workbook

    wanted = cells(cleaned)
    book = Workbook()
    book.remove(book.active)
    origins = [
        _copy(book, grid, here, read.fingerprint(path), study)
        for path, grid in _grids(wanted, study)
        if len(here := wanted[_here(wanted, grid)])
    ]
    if not origins:
        empty = book.create_sheet(words.label("review.nothing_title", study.language))
        spreadsheet.put(empty.cell(1, 1), words.label("review.nothing_to_mend", study.language))
    _key(book, origins)
    return book


def _grids(wanted: pd.DataFrame, study: Study) -> Iterator[tuple[Path, read.Grid]]:
    """The sheets of the files in `wanted` as they are read, mended cells and all."""
    folder = study.folder / "rosters"
    changes = corrections.found(study)
    files = set(wanted["source_file"])
    for path in [path for roster in study.rosters for path in roster.files]:
        if read.relative(path, folder) in files:
            for grid in read.grids(path, folder):
                yield path, corrections.applied(grid, changes)


def _here(wanted: pd.DataFrame, grid: read.Grid) -> pd.Series:
    return (wanted["source_file"] == grid.file) & (wanted["sheet"] == grid.sheet)


def _key(book: Workbook, origins: list[Origin]) -> None:
    sheet = book.create_sheet(corrections.KEY)
    sheet.sheet_state = "hidden"
    lines = [corrections.COLUMNS, *(line for origin in origins for line in origin.lines())]
    for number, line in enumerate(lines, start=1):
        for column, text in enumerate(line, start=1):
            spreadsheet.put(sheet.cell(number, column), text)


def _copy(book, grid: read.Grid, wanted: pd.DataFrame, sha256: str, study: Study) -> Origin:
    """One roster sheet as it stands; the reasons stand two columns beside the table."""
    stem = grid.file.rpartition("/")[2].rpartition(".")[0]
    taken = [*book.sheetnames, corrections.KEY]
    sheet = book.create_sheet(spreadsheet.sheet_name(f"{stem} {grid.sheet}".strip(), taken))
    beside = grid.cells.shape[1] + 2
    spreadsheet.put(sheet.cell(1, beside), words.label("review.what_to_mend", study.language))
    rows = _rows(grid, wanted)
    places = {row: number for number, row in enumerate(rows, start=1)}
    for row, number in places.items():
        for column in np.flatnonzero(np.not_equal(grid.cells[row], None)):
            spreadsheet.put(sheet.cell(number, int(column) + 1), str(grid.cells[row, column]))
    written = grid.written
    for row, found in wanted.groupby("row"):
        there = np.not_equal(written[row - 1], None) | np.not_equal(grid.cells[row - 1], None)
        at = _Row(sheet, places[row - 1], written[row - 1], np.flatnonzero(there))
        _mark(at, found, beside, study)
    for column in range(1, beside + 1):
        sheet.column_dimensions[letters(column - 1)].number_format = "@"
    sheet.column_dimensions[letters(beside - 1)].width = 60
    sheet.freeze_panes = None
    width = grid.cells.shape[1]
    return Origin(sheet.title, grid.file, grid.sheet, sha256, width, tuple(rows))


def _rows(grid: read.Grid, wanted: pd.DataFrame) -> list[int]:
    """All rows of a sheet that a person can look through; of a larger one those to mend."""
    if len(grid.cells) <= WHOLE:
        return list(range(len(grid.cells)))
    return sorted({*range(10), *(wanted["row"].astype(int) - 1)})


@dataclass(frozen=True)
class _Row:
    """A row of fix.xlsx: what its roster has in it, and the places of the cells accounted for."""

    sheet: Worksheet
    number: int
    written: np.ndarray
    filled: np.ndarray

    def columns(self, nth: int, raw: str) -> np.ndarray:
        """Where a cell stands: its place among the filled, else wherever its text stands."""
        if nth < 0:
            return self.filled[:0]
        if nth < len(self.filled) and (self.written[self.filled[nth]] or "") == raw:
            return self.filled[nth : nth + 1]
        return np.flatnonzero(self.written == raw)


def _mark(at: _Row, found: pd.DataFrame, beside: int, study: Study) -> None:
    from openpyxl.styles import PatternFill

    said = []
    for cell in found.itertuples():
        colour = PatternFill("solid", start_color=_COLOURS[cell.status])
        for column in at.columns(cell.nth, cell.raw):
            at.sheet.cell(at.number, int(column) + 1).fill = colour
        why = "mended" if cell.status == CORRECTED else cell.rule
        said.append(
            words.text(
                "review.mend",
                study.language,
                row=cell.row,
                column=cell.header,
                reason=reason(why, study),
            )
        )
    joined = words.label("review.joined", study.language)
    spreadsheet.put(at.sheet.cell(at.number, beside), joined.join(said))
