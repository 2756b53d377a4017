"""What only the look of an xlsx workbook tells: hidden rows, month formats, the 1904 calendar.

Enters: the bytes of a workbook that has already been read.
Leaves: per sheet the formats that matter, what is hidden and which cells hold no value.
Refuses: a look that cannot be read (ValueError); another kind of file has none.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree

from engagement.records import extent

_MONTH_FORMATS = frozenset({17, 27, 36, 50, 52, 57})
_YES = ("1", "true")
_EMPTY_CELL = re.compile(rb"<(?:\w+:)?c\s[^>]*?\br=[^>]*/>")
_EMPTY_ROW = re.compile(rb"<(?:\w+:)?row(?![^>]*hidden)\s[^>]*?\br=[^>]*(?:/>|>\s*</(?:\w+:)?row>)")


@dataclass(frozen=True)
class Layout:
    """The look of one sheet, by (row, column) from 0.

    `formats`: "month" or zeros ("0000"); `unread`: text and kind of a cell without a value: an
    error such as #N/A, or a formula that was saved without its result.
    """

    formats: Mapping[tuple[int, int], str] = field(default_factory=dict)
    unread: Mapping[tuple[int, int], tuple[str, str]] = field(default_factory=dict)
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    since_1904: bool = False


PLAIN = Layout()


def sheets(source: bytes) -> dict[str, Layout]:
    """The look of each sheet of an xlsx workbook, by its name; {} for another kind of file.

    Raises ValueError when an xlsx workbook has a look, or another one markup, not to be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            if "xl/workbook.xml" in names:
                return _sheets(archive, names)
            _check_markup(archive)
            return {}
    except (KeyError, ElementTree.ParseError, OverflowError, LookupError) as error:
        raise ValueError(type(error).__name__) from None


def _check_markup(archive: zipfile.ZipFile) -> None:
    """Raise ParseError where markup ends too early: a reader of sheets may wait for ever there."""
    for name in archive.namelist():
        if name.endswith((".xml", ".rels")):
            with archive.open(name) as part:
                for _, node in ElementTree.iterparse(part):
                    node.clear()


def _sheets(archive: zipfile.ZipFile, names: Mapping[str, str]) -> dict[str, Layout]:
    book = list(_nodes(archive, names["xl/workbook.xml"]))
    since_1904 = any(
        _local(node.tag) == "workbookPr" and node.get("date1904") in _YES for node in book
    )
    targets = {
        link.get("Id"): link.get("Target", "").removeprefix("/xl/").removeprefix("xl/")
        for link in _nodes(archive, names["xl/_rels/workbook.xml.rels"])
    }
    styles = _styles(archive, names)
    found = {}
    for node in book:
        part = f"xl/{targets.get(_link(node))}".lower()
        if _local(node.tag) == "sheet" and part.startswith("xl/worksheets/"):
            found[node.get("name", "")] = _sheet(archive, names[part], styles, since_1904)
    return found


def _nodes(archive: zipfile.ZipFile, part: str):
    return ElementTree.fromstring(archive.read(part)).iter()


def _local(tag: str) -> str:
    """The name of a node whatever its namespace, which differs in a strict workbook."""
    return tag.rpartition("}")[2]


def _link(node: ElementTree.Element) -> str | None:
    return next((value for name, value in node.attrib.items() if name.endswith("}id")), None)


def _styles(archive: zipfile.ZipFile, names: Mapping[str, str]) -> dict[str, str]:
    """What matters of each cell style: "month", zeros, or nothing, by its number."""
    if "xl/styles.xml" not in names:
        return {}
    nodes = list(_nodes(archive, names["xl/styles.xml"]))
    codes = {
        int(node.get("numFmtId", 0)): node.get("formatCode", "")
        for node in nodes
        if _local(node.tag) == "numFmt"
    }
    used = [style for node in nodes if _local(node.tag) == "cellXfs" for style in node]
    matters = {
        str(at): _matters(int(style.get("numFmtId", 0)), codes) for at, style in enumerate(used)
    }
    return {style: what for style, what in matters.items() if what}


def _matters(number: int, codes: Mapping[int, str]) -> str:
    if number in _MONTH_FORMATS:
        return "month"
    plain = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.', "", codes.get(number, "").split(";")[0].lower())
    if "y" in plain and "m" in plain and "d" not in plain and "h" not in plain:
        return "month"
    return plain if re.fullmatch("0{2,}", plain) else ""


def _sheet(archive: zipfile.ZipFile, part: str, styles: Mapping, since_1904: bool) -> Layout:
    formats, unread, rows, columns = {}, {}, set(), set()
    at, to = -1, -1
    stream = io.BytesIO(_EMPTY_ROW.sub(b"", _EMPTY_CELL.sub(b"", archive.read(part))))
    for event, node in ElementTree.iterparse(stream, events=("start", "end")):
        tag = _local(node.tag)
        if event == "start":
            if tag == "row":
                at, to = int(node.get("r", at + 2)) - 1, -1
        elif tag == "c":
            at, to = _place(node.get("r")) if node.get("r") else (at, to + 1)
            if node.get("s") in styles:
                formats[at, to] = styles[node.get("s")]
            if (text := _unread(node)) is not None:
                unread[at, to] = text
        elif tag == "row":
            rows.update({at} if node.get("hidden") in _YES else ())
            node.clear()
        elif tag == "col" and node.get("hidden") in _YES:
            last = min(int(node.get("max", 1)), 16384)
            columns.update(range(int(node.get("min", 1)) - 1, last))
    return Layout(formats, unread, frozenset(rows), frozenset(columns), since_1904)


def _unread(node: ElementTree.Element) -> tuple[str, str] | None:
    """Text and kind of a cell without a value: its error, or a formula saved without result."""
    texts = {_local(part.tag): part.text or "" for part in node}
    if node.get("t") == "e":
        return texts.get("v") or "#N/A", "error"
    if "f" in texts and not texts.get("v") and "is" not in texts and node.get("t") != "str":
        return f"={texts['f']}", "formula"
    return None


def _place(reference: str) -> tuple[int, int]:
    found = re.fullmatch(r"([A-Za-z]{1,3})([0-9]{1,7})", reference)
    if found is None:
        raise ValueError("reference")
    return int(found[2]) - 1, extent.number(found[1].upper()) - 1
