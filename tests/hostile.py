"""Roster files as no program should save them, made in the test: books, zips, ods, old xls."""

from __future__ import annotations

import dataclasses
import io
import struct
import zipfile
from collections.abc import Callable, Mapping

import openpyxl
from drawn import source, study

from engagement import codebook, words
from engagement.records import clean

MALE, FEMALE = "110105194912310011", "11010519491231002X"
HEADER = ["序号", "姓名", "性别", "出生年月", "公民身份号码", "手机号码"]
PEOPLE = [
    ["1", "王芳", "女", "1949年12月", FEMALE, "13912345678"],
    ["2", "李建国", "男", "1949年12月", MALE, "13912345679"],
    ["3", "赵敏", "女", "1970年3月", "无", "—"],
]
ROWS = [HEADER, *PEOPLE]
SECRETS = ("王芳", "李建国", "赵敏", MALE, FEMALE, "13912345678", "13912345679")
STUDY = study(headers=codebook.headers())
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def lines(sign: str = ",", rows=ROWS) -> str:
    """The rows as delimited text."""
    return "\n".join(sign.join(row) for row in rows) + "\n"


def book(rows=ROWS, change: Callable = lambda workbook: None) -> bytes:
    """The rows as an xlsx workbook, after `change`."""
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    change(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """A zip of `parts`."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return stream.getvalue()


def parts(content: bytes) -> dict[str, bytes]:
    """The parts of a zip."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def surgery(content: bytes, /, **changed: Callable[[bytes], bytes] | None) -> bytes:
    """A workbook with parts changed (None: left out), named by the end of their names."""
    found = parts(content)
    for end, change in changed.items():
        [name] = [name for name in found if name.removesuffix(".xml").endswith(end)]
        if change is None:
            del found[name]
        else:
            found[name] = change(found[name])
    return zipped(found)


def ods(*sheets, hidden=()) -> bytes:
    """An OpenDocument spreadsheet of (name, rows); the names in `hidden` are not shown."""
    body = "".join(
        f'<table:table table:name="{name}" table:style-name="{"off" if name in hidden else "on"}">'
        + "".join(
            "<table:table-row>"
            + "".join(
                f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
                if cell
                else "<table:table-cell/>"
                for cell in row
            )
            + "</table:table-row>"
            for row in rows
        )
        + "</table:table>"
        for name, rows in sheets
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text", "style")
    )
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table"><style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("on", "true"), ("off", "false"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{body}</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>'
    )
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": listed})


def xls(rows=ROWS) -> bytes:
    """The rows as texts of an old workbook: BIFF8 in a compound file of 512-byte sectors."""
    cells = b"".join(
        _record(0x0204, struct.pack("<HHHHB", at, to, 0, len(text), 1) + text.encode("utf-16-le"))
        for at, row in enumerate(rows)
        for to, text in enumerate(row)
        if text
    )
    kinds = [_record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0, 0, 0, 6)) for kind in (5, 16)]
    end = _record(0x000A, b"")
    size = len(kinds[0]) + 4 + 8 + 2 * 6 + len(end)
    name = struct.pack("<BB", 6, 1) + "Sheet1".encode("utf-16-le")
    sheet = _record(0x0085, struct.pack("<IBB", size, 0, 0) + name)
    stream = kinds[0] + sheet + end + kinds[1] + cells + end
    return _compound("Workbook", stream.ljust(4096, b"\0"))


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _compound(name: str, stream: bytes) -> bytes:
    """A compound file of one stream: header, its table of sectors, its folder, the stream."""
    stream += bytes(-len(stream) % 512)
    count, free, last = len(stream) // 512, 0xFFFFFFFF, 0xFFFFFFFE
    chain = [0xFFFFFFFD, last, *range(3, count + 2), last]
    table = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, last, 0, last, 0)
    head += struct.pack("<109I", 0, *[free] * 108)
    folder = _entry("Root Entry", 5, 1, last, 0) + _entry(name, 2, free, 2, len(stream))
    return head + table + folder.ljust(512, b"\0") + stream


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    place = struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\0") + place + bytes(36) + struct.pack("<IQ", start, size)


def cleaned(folder, content, name="名册.xlsx", kind="members", roster=None, **changes):
    """What the records room makes of one file (or of several: a dict of names and contents)."""
    files = content if isinstance(content, dict) else {name: content}
    (folder / "rosters").mkdir(exist_ok=True)
    for file, held in files.items():
        target = folder / "rosters" / file
        target.write_bytes(held.encode() if isinstance(held, str) else held)
    paths = tuple(folder / "rosters" / file for file in files)
    one = dataclasses.replace(roster or source(kind), files=paths)
    return clean.rosters(dataclasses.replace(STUDY, folder=folder, rosters=(one,), **changes))


def told(error) -> list[str]:
    """Every problem of an error in every language."""
    return [
        words.text(f"problem.{problem.key}", language, **problem.values)
        for problem in error.problems
        for language in words.LANGUAGES
    ]
