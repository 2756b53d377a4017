"""How much room a workbook would need, told by its addresses before it is read.

Enters: the bytes of a workbook whose zip has been checked.
Leaves: the rows and columns of the sheet that needs most room.
Refuses: nothing; what is no xlsx or ods, or cannot be looked into, needs no room.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile

_COLUMN = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"']([A-Za-z]{1,3})[0-9]")
_CELL_ROW = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[\"'][A-Za-z]{1,3}([0-9]{1,7})[\"']")
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br=[\"']([0-9]{1,7})[\"']")
_TABLE = re.compile(rb"<table:table[ >].*?</table:table>", re.DOTALL)
_TABLE_ROW = re.compile(rb"<table:table-row[^>]*?(?:/>|>.*?</table:table-row>)", re.DOTALL)
_ROWS_AGAIN = re.compile(rb"number-rows-repeated=[\"']([0-9]{1,7})[\"']")
_COLUMNS_AGAIN = re.compile(rb"number-columns-repeated=[\"']([0-9]{1,7})[\"']")
_OLD_CELLS = frozenset({0x0006, 0x00BD, 0x00BE, 0x00D6, 0x00FD, 0x027E, *range(0x0201, 0x0206)})
_OLD_NAMES = tuple(f"{name}\0".encode("utf-16-le") for name in ("Workbook", "Book"))
_VALUE = re.compile(rb"value-type=|<text:p")


def widest(source: bytes) -> tuple[int, int]:
    """Rows and columns of the sheet that needs most room."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            extents = [_extent(name, archive) for name in archive.namelist()]
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        return 0, 0
    return max(extents, key=_area, default=(0, 0))


def _extent(name: str, archive: zipfile.ZipFile) -> tuple[int, int]:
    if name.lower().startswith("xl/worksheets/") and name.endswith(".xml"):
        return _of_addresses(archive.read(name))
    if name == "content.xml":
        sheets = _TABLE.findall(archive.read(name))
        return max(map(_of_repeats, sheets), key=_area, default=(0, 0))
    return 0, 0


def _area(extent: tuple[int, int]) -> int:
    return extent[0] * extent[1]


def _of_addresses(part: bytes) -> tuple[int, int]:
    """The farthest row and column that a cell of an xlsx sheet names."""
    columns = {column.decode().upper() for column in set(_COLUMN.findall(part))}
    rows = (*_ROW.findall(part), *_CELL_ROW.findall(part))
    return max(map(int, rows), default=0), max(map(number, columns), default=0)


def _of_repeats(sheet: bytes) -> tuple[int, int]:
    """The rows of an ods sheet down to the last with a value, and its widest such row."""
    rows = width = before = 0
    for row in _TABLE_ROW.findall(sheet):
        again = _ROWS_AGAIN.search(row)
        before += int(again[1]) if again else 1
        if _VALUE.search(row):
            cells = row.count(b"<table:table-cell") + row.count(b"<table:covered-table-cell")
            rows, width = before, max(width, cells + sum(map(int, _COLUMNS_AGAIN.findall(row))))
    return rows, width


def widest_old(source: bytes) -> tuple[int, int]:
    """The farthest row and column that a cell of an old workbook (BIFF in OLE) names."""
    try:
        stream, at, rows, columns = _old_stream(source), 0, 0, 0
    except (struct.error, IndexError, ValueError, StopIteration):
        return 0, 0
    while at + 8 <= len(stream):
        kind, size, row, column = struct.unpack_from("<4H", stream, at)
        if kind in _OLD_CELLS and size >= 4:
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        at += 4 + size
    return rows, columns


def _old_stream(source: bytes) -> bytes:
    """The stream of an old workbook, its sectors joined in their order ([MS-CFB] 2.2 to 2.6)."""
    (shift,) = struct.unpack_from("<H", source, 30)
    sector = 1 << min(shift, 12)
    heads = [place for place in struct.unpack_from("<109I", source, 76) if place < 0xFFFFFFFA]
    table = b"".join(source[(place + 1) * sector :][:sector] for place in heads)
    chain = struct.unpack(f"<{len(table) // 4}I", table[: len(table) // 4 * 4])
    name = next(name for name in _OLD_NAMES if name in source)
    (place,) = struct.unpack_from("<I", source, source.index(name) + 116)
    found = []
    while place < len(chain) and len(found) <= len(chain):
        found.append(source[(place + 1) * sector :][:sector])
        place = chain[place]
    return b"".join(found)


def number(letters: str) -> int:
    """The number of a column by its letters: A is 1."""
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return column
