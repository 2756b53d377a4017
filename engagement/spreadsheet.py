"""Workbooks that hold text only and come out the same twice.

Enters: rows of text, and a workbook to save.
Leaves: cells that no program runs as a formula; bytes that depend on the contents alone.
Refuses: formulas, numbers shown as dates, and the hour of writing.
"""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from typing import TYPE_CHECKING

from engagement import files

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.cell import Cell

_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def shown(text: str) -> str:
    """`text` as a cell shows it: nothing that a program would run, no characters it refuses."""
    return files.inert(_ILLEGAL.sub(" ", text))


def put(cell: Cell, text: str) -> Cell:
    """Write `text` into `cell` as text, whatever it looks like."""
    cell.value = shown(text)
    cell.data_type = "s"
    cell.number_format = "@"
    return cell


def sheet_name(text: str, taken: list[str]) -> str:
    """A name that spreadsheet programs accept and that no sheet of `taken` bears."""
    plain = _SHEET_NAME.sub(" ", text).strip()[:28] or "sheet"
    free = [plain, *(f"{plain} {number}" for number in range(2, len(taken) + 3))]
    used = {name.lower() for name in taken}
    return next(name for name in free if name.lower() not in used)


def saved(book: Workbook, date: datetime.date) -> bytes:
    """The bytes of `book`, dated `date`; the same workbook gives the same bytes."""
    written = io.BytesIO()
    book.save(written)
    stamp = date.isoformat().encode() + b"T00:00:00Z"
    with zipfile.ZipFile(written) as made:
        core = _STAMP.sub(rb"\g<1>" + stamp, made.read("docProps/core.xml"))
    return files.repacked(written.getvalue(), {"docProps/core.xml": core})
