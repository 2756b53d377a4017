"""The cells that somebody must mend, shown where they stand.

Enters: the audit of the cleaning and the roster files themselves.
Leaves: a workbook: each roster in its own layout, cells to mend coloured, the reason beside.
Refuses: changing a roster; whoever keeps it mends it there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from engagement import spreadsheet, words
from engagement.records import read
from engagement.records.clean import Cleaned
from engagement.records.reading import CHECK
from engagement.study import Study

if TYPE_CHECKING:
    from openpyxl import Workbook

WHOLE = 5_000
_COLOURS = {"quarantined": "F4B183", "flagged": "FFE699"}
_PLACE = ["source_file", "sheet", "row"]


def cells(cleaned: Cleaned) -> pd.DataFrame:
    """The cells to mend, one row per cell, in the order of the sheets.

    Columns: provenance, header, raw, status (quarantined or flagged), rule, nth (its place among
    the filled cells of its row, from 0).
    """
    audit = cleaned.audit
    nth = audit.groupby(_PLACE, sort=False).cumcount()
    wanted = audit["status"].isin(list(_COLOURS))
    columns = [*_PLACE, "header", "raw", "status", "rule"]
    return audit.loc[wanted, columns].assign(nth=nth[wanted]).reset_index(drop=True)


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
    """The workbook fix.xlsx, one sheet per roster sheet that holds a cell to mend."""
    from openpyxl import Workbook

    wanted = cells(cleaned)
    book = Workbook()
    book.remove(book.active)
    for path in [path for roster in study.rosters for path in roster.files]:
        file = read.relative(path, study.folder / "rosters")
        if file in set(wanted["source_file"]):
            for grid in read.grids(path, study.folder / "rosters"):
                here = wanted[(wanted["source_file"] == file) & (wanted["sheet"] == grid.sheet)]
                if len(here):
                    _copy(book, grid, here, study)
    if not book.sheetnames:
        empty = book.create_sheet(words.label("review.nothing_title", study.language))
        spreadsheet.put(empty.cell(1, 1), words.label("review.nothing_to_mend", study.language))
    return book


def _copy(book, grid: read.Grid, wanted: pd.DataFrame, study: Study) -> None:
    """One roster sheet as it stands; the reasons stand two columns beside the table."""
    stem = grid.file.rpartition("/")[2].rpartition(".")[0]
    name = spreadsheet.sheet_name(f"{stem} {grid.sheet}".strip(), book.sheetnames)
    sheet = book.create_sheet(name)
    beside = grid.cells.shape[1] + 2
    spreadsheet.put(sheet.cell(1, beside), words.label("review.what_to_mend", study.language))
    rows = _rows(grid, wanted)
    places = {row: number for number, row in enumerate(rows, start=1)}
    for row, number in places.items():
        for column in np.flatnonzero(grid.cells[row] != None):  # noqa: E711 (elementwise)
            spreadsheet.put(sheet.cell(number, int(column) + 1), str(grid.cells[row, column]))
    for row, found in wanted.groupby("row"):
        _mark(sheet, grid.cells[row - 1], places[row - 1], found, beside, study)
    sheet.column_dimensions[sheet.cell(1, beside).column_letter].width = 60
    sheet.freeze_panes = None


def _rows(grid: read.Grid, wanted: pd.DataFrame) -> list[int]:
    """All rows of a sheet that a person can look through; of a larger one those to mend."""
    if len(grid.cells) <= WHOLE:
        return list(range(len(grid.cells)))
    return sorted({*range(10), *(wanted["row"].astype(int) - 1)})


def _mark(sheet, source: np.ndarray, number: int, found: pd.DataFrame, beside: int, study: Study):
    from openpyxl.styles import PatternFill

    filled = np.flatnonzero(source != None)  # noqa: E711 (elementwise)
    said = []
    for cell in found.itertuples():
        colour = PatternFill("solid", start_color=_COLOURS[cell.status])
        for column in _columns(source, filled, cell):
            sheet.cell(number, int(column) + 1).fill = colour
        said.append(
            words.text(
                "review.mend",
                study.language,
                row=cell.row,
                column=cell.header,
                reason=reason(cell.rule, study),
            )
        )
    spreadsheet.put(
        sheet.cell(number, beside), words.label("review.joined", study.language).join(said)
    )


def _columns(source: np.ndarray, filled: np.ndarray, cell) -> np.ndarray:
    """Where the cell stands: its place among the filled cells, else wherever its text stands."""
    if cell.nth < len(filled) and source[filled[cell.nth]] == cell.raw:
        return filled[cell.nth : cell.nth + 1]
    return np.flatnonzero(source == cell.raw)
