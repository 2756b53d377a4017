"""Workbooks and lists as files, the same to the byte on every run.

Enters: cells with their places (layout.COLUMNS).
Leaves: .xlsx files without author or time, and CSV files in the encoding of the office.
Refuses: nothing.
"""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter

MOMENT = datetime.datetime(2022, 12, 31)
CORE = "docProps/core.xml"


def workbook(path: Path, cells: pd.DataFrame, decor: dict[str, dict]) -> None:
    """Write the cells of one workbook.

    `decor` by sheet: `merge` (ranges), `hide` (column letters), `comment` (text by cell).
    """
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, here in cells.groupby("sheet", sort=False):
        page = book.create_sheet(name)
        for row, column, raw, kind in zip(
            here["row"], here["column"], here["raw"], here["cell"], strict=True
        ):
            if raw != "":
                _write(page.cell(int(row), int(column)), raw, kind)
        _decorate(page, decor.get(name, {}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_settled(book))


def _write(cell, raw: str, kind: str) -> None:
    if kind == "date":
        cell.value, cell.number_format = datetime.date.fromisoformat(raw), "yyyy-mm-dd"
    elif kind == "number":
        cell.value = float(raw) if "." in raw or len(raw) > 15 else int(raw)
    else:
        cell.value = raw
        cell.number_format = "@"


def _decorate(page, decor: dict) -> None:
    for cells in decor.get("merge", ()):
        page.merge_cells(cells)
    for letter in decor.get("hide", ()):
        page.column_dimensions[letter].hidden = True
    for place, text in decor.get("comment", {}).items():
        page[place].comment = Comment(text, "")


def merged(cells: pd.DataFrame) -> list[str]:
    """The ranges that an office merges: titles across, headers of two rows down and across."""
    wide = int(cells.loc[cells["verdict"] == "header", "column"].max())
    titles = cells.loc[(cells["verdict"] == "title") & (cells["raw"] != ""), "row"].unique()
    ranges = [f"A{row}:{get_column_letter(wide)}{row}" for row in titles if wide > 1]
    header = cells[cells["verdict"] == "header"]
    if header["row"].nunique() < 2:
        return ranges
    top, bottom = (header[header["row"] == row] for row in sorted(header["row"].unique()))
    row = int(top["row"].iloc[0])
    down = bottom.loc[bottom["raw"] == "", "column"]
    ranges += [f"{get_column_letter(c)}{row}:{get_column_letter(c)}{row + 1}" for c in down]
    across = top.loc[(top["raw"] == "") & ~top["column"].isin(down), "column"]
    return ranges + [f"{get_column_letter(c - 1)}{row}:{get_column_letter(c)}{row}" for c in across]


def _settled(book: openpyxl.Workbook) -> bytes:
    """The workbook's bytes with fixed times and stored parts, so that no library version packs
    them differently."""
    book.properties.creator = ""
    book.properties.created = MOMENT
    packed, settled = io.BytesIO(), io.BytesIO()
    book.save(packed)
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(settled, "w") as target:
        for name in sorted(
            source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)
        ):
            part = source.read(name)
            if name == CORE:
                part = re.sub(
                    rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>2022-12-31T00:00:00Z", part
                )
            target.writestr(zipfile.ZipInfo(name, MOMENT.timetuple()[:6]), part)
    return settled.getvalue()


def text_list(path: Path, cells: pd.DataFrame, encoding: str) -> None:
    """Write a list without sheets as CSV, each row as wide as its header, as Excel exports it."""
    wide = int(cells["column"].max())
    rows = {row: [""] * wide for row in range(1, int(cells["row"].max()) + 1)}
    for row, column, raw in zip(cells["row"], cells["column"], cells["raw"], strict=True):
        rows[row][column - 1] = raw
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as lines:
        csv.writer(lines, lineterminator="\r\n").writerows(rows.values())
