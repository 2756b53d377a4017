"""What only the look of an xlsx workbook tells: hidden rows, month formats, the 1904 calendar.

Enters: the bytes of a workbook that has already been read.
Leaves: per sheet the formats that matter and what is hidden; nothing when the file is another kind.
Refuses: nothing; a look that cannot be read is plain.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_MONTH_FORMATS = frozenset({17, 27, 36, 50, 52, 57})
_ADDRESS = re.compile(rb'<c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"')
_LARGEST_SHEET = 60 * 1024 * 1024


@dataclass(frozen=True)
class Layout:
    """The look of one sheet. `formats`: "month" or zeros ("0000") by (row, column) from 0."""

    formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    since_1904: bool = False


PLAIN = Layout()


def widest(source: bytes) -> tuple[int, int]:
    """Rows and columns of the sheet that needs most room, by the addresses of its cells."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
            return max((_extent(archive.read(part)) for part in parts), key=_area, default=(0, 0))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        return 0, 0
    except (zipfile.zlib.error, RuntimeError, EOFError, NotImplementedError):
        return 0, 0


def _area(extent: tuple[int, int]) -> int:
    return extent[0] * extent[1]


def _extent(part: bytes) -> tuple[int, int]:
    cells = set(_ADDRESS.findall(part))
    rows = max((int(row) for _, row in cells), default=0)
    columns = {column for column, _ in cells}
    return rows, max((_place(f"{column.decode()}1")[1] + 1 for column in columns), default=0)


def sheets(source: bytes) -> dict[str, Layout]:
    """The look of each sheet of an xlsx workbook, by its name."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            return _sheets(archive)
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, ValueError, OSError):
        return {}
    except (zipfile.zlib.error, RuntimeError, EOFError, NotImplementedError):
        return {}


def _sheets(archive: zipfile.ZipFile) -> dict[str, Layout]:
    book = ElementTree.fromstring(archive.read("xl/workbook.xml"))
    properties = book.find(f"{_MAIN}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    targets = {
        link.get("Id"): link.get("Target", "").removeprefix("/xl/")
        for link in ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    }
    styles = _styles(archive)
    return {
        sheet.get("name", ""): _sheet(archive, f"xl/{targets[sheet.get(_REL)]}", styles, since_1904)
        for sheet in book.iter(f"{_MAIN}sheet")
        if sheet.get(_REL) in targets
    }


def _styles(archive: zipfile.ZipFile) -> dict[str, str]:
    """What matters of each cell style: "month", zeros, or nothing, by its number."""
    root = ElementTree.fromstring(archive.read("xl/styles.xml"))
    codes = {
        int(form.get("numFmtId", 0)): form.get("formatCode", "")
        for form in root.iter(f"{_MAIN}numFmt")
    }
    table = root.find(f"{_MAIN}cellXfs")
    numbers = [int(style.get("numFmtId", 0)) for style in (table if table is not None else ())]
    matters = {str(at): _matters(number, codes) for at, number in enumerate(numbers)}
    return {style: what for style, what in matters.items() if what}


def _matters(number: int, codes: Mapping[int, str]) -> str:
    if number in _MONTH_FORMATS:
        return "month"
    plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", codes.get(number, "").split(";")[0].lower())
    if "y" in plain and "m" in plain and "d" not in plain and "h" not in plain:
        return "month"
    return plain if re.fullmatch("0{2,}", plain) else ""


def _sheet(archive: zipfile.ZipFile, part: str, styles: Mapping, since_1904: bool) -> Layout:
    formats, rows, columns = {}, set(), set()
    if archive.getinfo(part).file_size > _LARGEST_SHEET:
        return Layout(since_1904=since_1904)
    with archive.open(part) as stream:
        for _, node in ElementTree.iterparse(stream):
            if node.tag == f"{_MAIN}c" and node.get("s") in styles:
                formats[_place(node.get("r", ""))] = styles[node.get("s")]
            elif node.get("hidden") in ("1", "true"):
                _hide(node, rows, columns)
            if node.tag == f"{_MAIN}row":
                node.clear()
    return Layout(formats, frozenset(rows), frozenset(columns), since_1904)


def _hide(node: ElementTree.Element, rows: set[int], columns: set[int]) -> None:
    if node.tag == f"{_MAIN}row":
        rows.add(int(node.get("r", 0)) - 1)
    elif node.tag == f"{_MAIN}col":
        columns.update(range(int(node.get("min", 1)) - 1, min(int(node.get("max", 1)), 16384)))


def _place(reference: str) -> tuple[int, int]:
    letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", reference).groups()
    column = 0
    for letter in letters:
        column = 26 * column + ord(letter) - 64
    return int(digits) - 1, column - 1
