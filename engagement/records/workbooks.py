"""Spreadsheets → grids (xlsx, xlsm, xlsb, xls, ods).

Enters: the bytes of a workbook.
Leaves: one Grid per sheet; numbers stay known as numbers, dates as dates.
Refuses: damaged or protected workbooks and cells longer than a spreadsheet allows (RosterError).
"""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

import numpy as np
import python_calamine as calamine

from engagement.errors import Problem, RosterError
from engagement.records import extent, layout
from engagement.records.read import LONGEST_CELL, Grid

MOST_CELLS = 40_000_000
_PANIC = "PanicException"  # a fault inside the reader: derived from BaseException, and not public


def sheets(source: bytes, file: str, form: str) -> list[Grid]:
    """Every worksheet of a workbook, in its order."""
    _check_extent(source, file)
    try:
        looks = layout.sheets(source) if form == "book" else {}
        book = calamine.load_workbook(io.BytesIO(source))
        names = [sheet.name for sheet in book.sheets_metadata if _is_worksheet(sheet)]
        found = {name: book.get_sheet_by_name(name) for name in names}
        rows = {name: sheet.to_python(skip_empty_area=False) for name, sheet in found.items()}
    except calamine.PasswordError:
        raise RosterError.one("roster_protected", file=file) from None
    except (calamine.CalamineError, OSError, ValueError):
        raise RosterError.one("roster_damaged", file=file) from None
    except BaseException as error:
        # A panic of the reader is a BaseException of no importable class; all else goes on.
        if type(error).__name__ != _PANIC:
            raise
        raise RosterError.one("roster_damaged", file=file) from None
    if len(names) != len(found) or not book.sheets_metadata:
        raise RosterError.one("roster_damaged", file=file)
    hidden = {sheet.name for sheet in book.sheets_metadata if _is_hidden(sheet)}
    return [
        _grid(file, name, rows[name], found[name], looks.get(name, layout.PLAIN), name in hidden)
        for name in names
    ]


def _check_extent(source: bytes, file: str) -> None:
    """A single cell far away makes a sheet of thousands of millions of cells."""
    old = not source.startswith(b"PK")
    rows, columns = extent.widest_old(source) if old else extent.widest(source)
    if rows * columns > MOST_CELLS:
        raise RosterError.one("roster_bomb", file=file, found=f"{rows} × {columns}")


def _is_worksheet(sheet) -> bool:
    return sheet.typ == calamine.SheetTypeEnum.WorkSheet


def _is_hidden(sheet) -> bool:
    return sheet.visible != calamine.SheetVisibleEnum.Visible


def _grid(file: str, name: str, rows: list, sheet, look: layout.Layout, hidden: bool) -> Grid:
    width = max((len(row) for row in rows), default=0)
    height = _height(rows, look)
    cells = np.full((height, width), None, dtype=object)
    kinds = np.full((height, width), "", dtype=object)
    for at, row in enumerate(rows[:height]):
        for to, value in enumerate(row):
            if value != "":
                cells[at, to], kinds[at, to] = _cell(value, look, at, to)
    for (at, to), shown in look.unread.items():
        if at < height and to < width:
            cells[at, to], kinds[at, to] = shown
    _check_lengths(cells, file, name)
    return Grid(
        file,
        name,
        cells,
        kinds,
        hidden,
        tuple(sheet.merged_cell_ranges or ()),
        look.hidden_rows,
        look.hidden_columns,
    )


def _height(rows: list, look: layout.Layout) -> int:
    """The number of rows down to the last one that holds something."""
    last = max((at for at, _ in look.unread), default=-1) + 1
    blank = {""}
    filled = (at for at in range(len(rows) - 1, -1, -1) if not blank.issuperset(rows[at]))
    return min(max(last, next(filled, -1) + 1), len(rows))


def _cell(value: object, look: layout.Layout, at: int, to: int) -> tuple[str | None, str]:
    """The text and the kind of a cell's value."""
    if isinstance(value, str):
        return (value, "text") if value.strip() else (None, "")
    if isinstance(value, bool):
        return str(value).lower(), "bool"
    if isinstance(value, int | float):
        return _number(value, look.formats.get((at, to), ""), look.since_1904)
    if isinstance(value, datetime.date):
        return _date(value), "month" if look.formats.get((at, to)) == "month" else "date"
    return str(value), "time"


def _number(value: float, shown: str, since_1904: bool) -> tuple[str, str]:
    text = format(Decimal(repr(value)), "f")
    text = text.removesuffix(".0") if "." in text else text
    if shown.isdigit() and text.isdigit():
        text = text.zfill(len(shown))
    return text, "number_1904" if since_1904 else "number"


def _date(value: datetime.date) -> str:
    text = value.isoformat()
    return text.removesuffix("T00:00:00").replace("T", " ")


def _check_lengths(cells: np.ndarray, file: str, sheet: str) -> None:
    long = [
        Problem("cell_too_long", {"file": file, "sheet": sheet, "row": row + 1, "found": len(text)})
        for (row, _), text in np.ndenumerate(cells)
        if text is not None and len(text) > LONGEST_CELL
    ]
    if long:
        raise RosterError(long)
