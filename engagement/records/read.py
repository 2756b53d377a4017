"""Files → grids: every sheet as it stands, cell by cell.

Enters: the path of a roster file; its content is looked at, not its suffix.
Leaves: one Grid per sheet: text, kind of each cell, merged ranges, hidden rows and columns.
Refuses: what is missing, empty, protected, damaged, a bomb or no table (RosterError, no values).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engagement.errors import RosterError

LARGEST = 200 * 1024 * 1024
STEEPEST = 100
SMALLEST_BOMB = 10 * 1024 * 1024
LONGEST_CELL = 32_767
WITHOUT_VALUE = ("error", "formula")
NO_SHEET = "\u2013"
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ZIP = b"PK\x03\x04"
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
_OLD_BOOKS = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x80\x04")
_MARKUP = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head")
_OTHER_MARKUP = (b"<?xml", b"<!doctype", b"mime-version:")


@dataclass(frozen=True)
class Grid:
    """One sheet as it stands.

    `cells`: text or None, one row per row of the sheet from its first row on.
    `kinds`: "" (empty), text, number, number_1904, date, month (a date shown without its day),
    time, bool, error, formula (one without its result). A date's text is ISO. `merged`:
    ((top, left), (bottom, right)) from 0.
    `widths`: cells written per row, for delimited text only. `doubtful`: rows whose encoding
    differs from the file's. `corrected`: what stood in the cells that a person has mended.
    """

    file: str
    sheet: str
    cells: np.ndarray
    kinds: np.ndarray
    hidden: bool = False
    merged: tuple = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    widths: tuple[int, ...] | None = None
    doubtful: frozenset[int] = field(default_factory=frozenset)
    corrected: Mapping[tuple[int, int], str | None] = field(default_factory=dict)

    @property
    def written(self) -> np.ndarray:
        """The cells as the file has them, corrected or not."""
        if not self.corrected:
            return self.cells
        cells = self.cells.copy()
        for place, text in self.corrected.items():
            cells[place] = text
        return cells


def grids(path: Path, folder: Path) -> list[Grid]:
    """Every sheet of the file at `path`, which must lie inside the rosters' `folder`.

    Raises RosterError, naming the file and where it can the row, never a value.
    """
    from engagement.records import delimited, workbooks

    file = relative(path, folder)
    source = _bytes(path, file)
    form = _form(source, file)
    found = delimited.grid(source, file) if form == "text" else workbooks.sheets(source, file, form)
    if not any((grid.kinds != "").any() for grid in found):
        raise RosterError.one("roster_blank", file=file)
    return found


def relative(path: Path, folder: Path) -> str:
    """`path` as seen from `folder`, with "/"; a path that leaves the folder is refused."""
    whole, inside = Path(path).resolve(), Path(folder).resolve()
    if not whole.is_relative_to(inside):
        raise RosterError.one("roster_outside", file=Path(path).name)
    return whole.relative_to(inside).as_posix()


def fingerprint(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def of_texts(file: str, sheet: str, rows: Sequence[Sequence[str]], **more) -> Grid:
    """A grid of rows of text, padded to one width."""
    width = max((len(row) for row in rows), default=0)
    cells = np.full((len(rows), width), None, dtype=object)
    for number, row in enumerate(rows):
        cells[number, : len(row)] = [text if text.strip() else None for text in row]
    kinds = np.where(cells == None, "", "text").astype(object)  # noqa: E711 (elementwise)
    return Grid(file, sheet, cells, kinds, **more)


def _bytes(path: Path, file: str) -> bytes:
    try:
        source = Path(path).read_bytes()
    except FileNotFoundError:
        raise RosterError.one("roster_missing", file=file) from None
    except OSError:
        raise RosterError.one("roster_unreadable", file=file) from None
    if not source:
        raise RosterError.one("roster_empty", file=file)
    return source


def _form(source: bytes, file: str) -> str:
    """What the bytes are: book (a spreadsheet) or text; anything else is refused."""
    if source.startswith(_ZIP):
        _check_zip(source, file)
        return "book"
    if source.startswith(_OLE):
        if _PROTECTED in source:
            raise RosterError.one("roster_protected", file=file)
        if any(name in source for name in _OLD_BOOKS):
            return "old_book"
        raise RosterError.one("roster_no_table", file=file)
    head = source[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(_MARKUP) or (head.startswith(b"<?xml") and b"<html" in head):
        raise RosterError.one("roster_is_web_page", file=file)
    if head.startswith(_OTHER_MARKUP) or source.startswith(_BINARY) or source.startswith(b"PK"):
        raise RosterError.one("roster_no_table", file=file)
    return "text"


def _check_zip(source: bytes, file: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError):
        raise RosterError.one("roster_damaged", file=file) from None
    declared = sum(part.file_size for part in parts)
    steep = declared > STEEPEST * len(source) and declared > SMALLEST_BOMB
    if declared > LARGEST or steep:
        raise RosterError.one("roster_bomb", file=file, found=f"{declared // 1024**2} MB")
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise RosterError.one("roster_protected", file=file)
    if len(names) != len(parts) or not _is_whole(source):
        raise RosterError.one("roster_damaged", file=file)
    if not any(name.startswith("xl/") or name == "content.xml" for name in names):
        raise RosterError.one("roster_no_table", file=file)
    if "META-INF/manifest.xml" in names and _encrypted(source):
        raise RosterError.one("roster_protected", file=file)


def _is_whole(source: bytes) -> bool:
    """Whether every part is as long as it is said to be, keeps its checksum and declares nothing.

    A part that declares entities is no part of a workbook (ECMA-376, part 2, 8.1.4).
    """
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            markup = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]
            return archive.testzip() is None and not any(
                b"<!" in archive.open(name).read(1024).replace(b"<!--", b"") for name in markup
            )
    except (zipfile.BadZipFile, zipfile.zlib.error, ValueError, OSError, EOFError):
        return False
    except (RuntimeError, NotImplementedError, OverflowError):
        return False


def _encrypted(source: bytes) -> bool:
    """Whether an OpenDocument file is encrypted, by its manifest."""
    try:
        with zipfile.ZipFile(io.BytesIO(source)) as archive:
            return b"encryption-data" in archive.read("META-INF/manifest.xml")
    except (zipfile.BadZipFile, KeyError, ValueError, RuntimeError, OSError, zipfile.zlib.error):
        return False
