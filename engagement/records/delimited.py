"""Delimited text → a grid (csv, tsv, and text named otherwise).

Enters: bytes of unknown encoding and delimiter.
Leaves: one Grid of text cells; rows of another encoding, or damaged, are named.
Refuses: text that no encoding reads, and a quote that is never closed (RosterError with the row).
"""

from __future__ import annotations

import codecs
import csv
import functools
import io
import re
from collections import Counter

import charset_normalizer
import pyarrow as pa
import pyarrow.compute as pc

from engagement.errors import RosterError
from engagement.records.read import LONGEST_CELL, NO_SHEET, Grid, of_texts

DELIMITERS = (",", "\t", ";", "\uff1b", "\uff0c", "|")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LEGACY = ("gb18030", "big5", "cp1252")
_SAMPLE = 50
_READABLE = 0.6
_HIGH = re.compile(rb"[\x80-\xff]+")
_LINE_BREAKS = str.maketrans({"\x0b": " ", "\x0c": " ", "\x85": " ", "\u2028": " ", "\u2029": " "})


def grid(source: bytes, file: str) -> list[Grid]:
    """The table of a delimited text file, as one grid without a sheet name."""
    text, doubtful = _decoded(source, file)
    rows = _rows(text, delimiter(text), file)
    widths = tuple(len(row) for row in rows)
    return [of_texts(file, "", rows, widths=widths, doubtful=doubtful)]


def form(head: bytes, file: str) -> tuple[str, str]:
    """The encoding and the delimiter of a long file, told from its first lines."""
    lines = head.split(b"\n")
    lines = lines[:-1] if len(lines) > 1 else lines
    encoding = _marked(b"\n".join(lines)) or _legacy(lines)
    if encoding is None:
        raise RosterError.one("roster_encoding", file=file)
    text = b"\n".join(lines).decode(encoding, "replace")
    return ("utf-8" if encoding == "utf-8-sig" else encoding), delimiter(text)


def _decoded(source: bytes, file: str) -> tuple[str, frozenset[int]]:
    """The text, and the lines of another encoding than most or with bytes that no one reads."""
    encoding = _marked(source)
    if encoding is not None:
        return _strictly(source, encoding, file), frozenset()
    lines = source.split(b"\n")
    told = frozenset(at for at, line in enumerate(lines) if _is_foreign(line))
    other = frozenset(at for at, line in enumerate(lines) if not _decodes(line, "utf-8"))
    odd, encoding = (other, "utf-8") if len(told) > len(other) else (told, None)
    rest = [line for at, line in enumerate(lines) if at not in told]
    older = _legacy(rest)
    if older is None and encoding is None:
        raise RosterError.one("roster_encoding", file=file)
    names = [encoding or older] * len(lines)
    for at in odd:
        names[at] = "utf-8" if encoding is None else _of_odd(lines[at], older)
    broken = [at for at, line in enumerate(lines) if not _decodes(line, names[at])]
    texts = [line.decode(name, "replace") for line, name in zip(lines, names, strict=True)]
    return "\n".join(texts), odd.union(broken)


def _of_odd(line: bytes, older: str | None) -> str:
    """The encoding of a line that is no UTF-8 in a file that is: another, or UTF-8 with a loss."""
    kept = sum(letter > "\u07ff" for letter in line.decode("utf-8", "ignore"))
    damaged = older is None or 6 * kept > sum(byte > 127 for byte in line)
    return "utf-8" if damaged else older


def _marked(source: bytes) -> str | None:
    """The encoding that a byte order mark, valid UTF-8 or many zero bytes tell."""
    for mark, name in _MARKS:
        if source.startswith(mark):
            return name
    if _decodes(source, "utf-8"):
        return "utf-8"
    head = source[:2000]
    if head.count(0) > len(head) // 5:
        return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"
    return None


def _legacy(lines: list[bytes]) -> str | None:
    """The older encoding of lines that are not UTF-8, None when no known one reads them.

    In Chinese a few lines may be damaged; no other encoding may stand in for them.
    """
    high = [line for line in lines if not line.isascii()]
    chinese = _is_chinese(b"\n".join(high))
    share = _READABLE if chinese else 1.0
    names = [name for name in _LEGACY if not (chinese and name == "cp1252")]
    possible = [
        name for name in names if sum(_decodes(line, name) for line in high) >= share * len(high)
    ]
    if len(possible) < 2:
        return possible[0] if possible else None
    plain = [line for line in lines if all(_decodes(line, name) for name in possible)]
    best = charset_normalizer.from_bytes(b"\n".join(plain), cp_isolation=possible).best()
    return best.encoding if best is not None and best.encoding in possible else possible[0]


def _is_chinese(source: bytes) -> bool:
    """Bytes above 127 come in pairs, as they do not in western text."""
    runs = [len(run) for run in _HIGH.findall(source)]
    return bool(runs) and sum(runs) >= 2 * len(runs)


def _strictly(source: bytes, encoding: str, file: str) -> str:
    if not _decodes(source, encoding):
        raise RosterError.one("roster_encoding", file=file)
    return source.decode(encoding)


def _decodes(source: bytes, encoding: str) -> bool:
    try:
        source.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_foreign(line: bytes) -> bool:
    return sum(byte > 127 for byte in line) >= 6 and _decodes(line, "utf-8")


def misread(text: str) -> bool:
    """Whether `text` is Chinese that was once read in the wrong encoding, and so another text.

    UTF-8 read as GBK leaves rare characters whose bytes are again whole characters of UTF-8;
    GBK read as western text leaves nothing but letters between U+0080 and U+00FF.
    """
    western = all("\x80" <= letter <= "\xff" for letter in text)
    written, meant = ("latin-1", "gb18030") if western else ("gb18030", "utf-8")
    try:
        again = text.encode(written).decode(meant)
    except UnicodeError:
        return False
    return len(again) > 1 and all("\u4e00" <= letter <= "\u9fff" for letter in again)


def suspects(texts: pa.Array) -> list[str]:
    """Those of `texts` that may be misread: Chinese in UTF-8 begins with the bytes E4 to E9."""
    return texts.filter(pc.match_substring_regex(texts, _first_misread())).to_pylist()


@functools.cache
def _first_misread() -> str:
    pairs = (bytes([lead, trail]) for lead in range(0xE4, 0xEA) for trail in range(0x80, 0xFF))
    letters = "".join(pair.decode("gb18030", "ignore") for pair in pairs if pair[1] != 0x7F)
    return f"^(?:[{letters}]|[\u0080-\u00ff])"


def delimiter(text: str) -> str:
    """The sign that splits most lines into the same number of cells, more than one."""
    lines = text.splitlines()[:_SAMPLE]
    return max(DELIMITERS, key=lambda sign: _agreement(lines, sign))


def _agreement(lines: list[str], sign: str) -> tuple[int, int]:
    counted = Counter(len(row) for row in csv.reader(lines, delimiter=sign) if row)
    several = {width: rows for width, rows in counted.items() if width > 1}
    if not several:
        return 0, 0
    width = max(several, key=lambda width: (several[width], width))
    return several[width], width


def _rows(text: str, sign: str, file: str) -> list[list[str]]:
    """The rows of the text; the row where an unclosed quote opens is named."""
    stream = io.StringIO(text.translate(_LINE_BREAKS), newline="")
    reader = csv.reader(stream, delimiter=sign, strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append(row)
    except csv.Error:
        raise RosterError.one("quote_not_closed", file=file, row=len(rows) + 1) from None
    for number, row in enumerate(rows, start=1):
        longest = max(map(len, row), default=0)
        if longest > LONGEST_CELL:
            place = {"file": file, "sheet": NO_SHEET, "row": number}
            raise RosterError.one("cell_too_long", **place, found=longest)
    return rows
