"""Every way to read a file: each text that somebody could find in its bytes.

Enters: bytes.
Leaves: texts: of every part of an archive, stream, chunk and array, in every encoding and escape.
Refuses: nothing; what cannot be opened is read as it stands.

A text in pixels, and the hash of a text, are not read: figures take their labels from the codebook
alone, and nothing that leaves holds a hash of a person.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import html
import io
import lzma
import quopri
import re
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np
from pyarrow import ArrowInvalid, parquet

from engagement.release import portable

DEPTH = 6
MOST, SMALL = 200_000_000, 20_000
ASIAN = ("gb18030", "big5")
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-](?:[A-Za-z0-9+/_-]|[\r\n](?=[A-Za-z0-9+/=_-])){15,}={0,2}")
HEXADECIMAL = re.compile(rb"(?:[0-9A-Fa-f]{2}){6,}")
TAG = re.compile(r"<[^<>]*>")
ENTITY = re.compile(r"&#?\w+;")
SCIENTIFIC = re.compile(r"\d(?:\.\d+)?[eE]\+?\d{1,2}")
MIME = re.compile(r"=\?([\w-]+)\?([bBqQ])\?([^?\s]+)\?=")
CODE = re.compile(r"\\u([0-9a-fA-F]{4})|\\U([0-9a-fA-F]{8})")
BYTES = re.compile(r"(?:\\x[0-9a-fA-F]{2})+")
PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}[\w.-]{0,3})+")
QUOTED = re.compile(r"(?:=[0-9A-F]{2}(?:=\r?\n)?[\w.-]{0,3})+")
STYLE = re.compile(r"(?:\\[0-9a-fA-F]{4,6}\s?)+")
UTF7 = re.compile(r"\+([A-Za-z0-9+/]{3,120})-")
LARGEST_CODE = 0x10FFFF
SMALLEST_NUMBER, LARGEST_NUMBER = 1e6, 1e18


def texts(content: bytes, depth: int = DEPTH) -> Iterator[str]:
    """Every text in `content`; the same text may come more than once."""
    if depth == 0 or not content:
        return
    if not content.startswith(tuple(OPENERS)):
        yield from _decoded(content)
    for inner in _opened(content):
        yield from texts(inner, depth - 1)


def _decoded(content: bytes) -> Iterator[str]:
    """The bytes as text: UTF-8 where that is possible, else whatever writes Chinese too."""
    whole = _strictly(content, "utf-8")
    if whole is not None and b"\0" not in content:
        yield from _spelled(whole)
        return
    yield content.decode("utf-8", errors="ignore")
    for encoding in ASIAN:
        written = _strictly(content, encoding)
        if written is None:
            yield content.decode(encoding, errors="ignore")
        else:
            yield from _spelled(written)
    if len(content) < SMALL or content.count(0) * 200 > len(content):
        for encoding in WIDE:
            for start in range(4 if "32" in encoding else 2):
                yield content[start:].decode(encoding, errors="ignore")


def _strictly(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        return None


def _spelled(text: str, depth: int = DEPTH) -> Iterator[str]:
    """A text, and what it spells once tags are taken out and escapes are read, also repeatedly."""
    yield text
    for read in _readings(text) if depth else ():
        if read and read != text:
            yield from _spelled(read, depth - 1)


def _readings(text: str) -> Iterator[str]:
    """The text in other readings; of rare escapes only what they spell."""
    if ENTITY.search(text):
        yield html.unescape(text)
    elif "<" in text:
        yield TAG.sub("", text)
    if "\\" in text:
        yield CODE.sub(_character, text)
        yield " ".join(map(_bytes_escaped, BYTES.findall(text)))
        yield " ".join(STYLE.sub(_style, run) for run in STYLE.findall(text))
    if "%" in text:
        for encoding in ("utf-8", "gb18030"):
            runs = PERCENT.findall(text)
            yield " ".join(urllib.parse.unquote(run, encoding, "ignore") for run in runs)
    if "=" in text:
        yield " ".join(_mime(word) for word in MIME.finditer(text))
        runs = (quopri.decodestring(run.encode()) for run in QUOTED.findall(text))
        yield " ".join(run.decode("utf-8", errors="ignore") for run in runs)
    if "+" in text:
        runs = (_unpadded(run.encode()) for run in UTF7.findall(text))
        yield " ".join(run.decode("utf-16-be", errors="ignore") for run in runs)
    if SCIENTIFIC.search(text):
        yield " ".join(f"{float(number):.0f}" for number in SCIENTIFIC.findall(text))


def _character(code: re.Match) -> str:
    return chr(min(int(code[1] or code[2], 16), LARGEST_CODE))


def _style(run: re.Match) -> str:
    codes = re.findall(r"[0-9a-fA-F]{4,6}", run[0])
    return "".join(chr(min(int(code, 16), LARGEST_CODE)) for code in codes)


def _bytes_escaped(run: str) -> str:
    r"""`\xe7\x8e\x8b` as the text of the bytes that it names."""
    return bytes.fromhex(run.replace("\\x", "")).decode("utf-8", errors="ignore")


def _mime(word: re.Match) -> str:
    encoding, kind, content = word.groups()
    try:
        raw = base64.b64decode(content) if kind in "bB" else quopri.decodestring(content)
        return raw.decode(encoding, errors="ignore")
    except (binascii.Error, LookupError):
        return word[0]


def _unpadded(run: bytes) -> bytes:
    """What a run of base64 letters holds, of either alphabet, with or without its padding."""
    letters = re.sub(rb"[\r\n=]", b"", run).replace(b"-", b"+").replace(b"_", b"/")
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _opened(content: bytes) -> Iterator[bytes]:
    """What is packed inside: archives, compressed streams, pictures, PDF, base64, hexadecimal."""
    for magic, opener in OPENERS.items():
        if content.startswith(magic):
            yield from opener(content)
    if content.startswith(b"%PDF"):
        yield from portable.parts(content)
        return
    yield from _tar(content)
    for run in dict.fromkeys(BASE64.findall(content)):
        held = _unpadded(run)
        yield held
        yield _numbers(held)
    for run in dict.fromkeys(HEXADECIMAL.findall(content)):
        yield bytes.fromhex(run.decode())


def _numbers(content: bytes) -> bytes:
    """Numbers of a typed array that are long enough to be somebody's, as text."""
    found = []
    for kind in ("<i8", "<f8", "<u4", ">i8", ">f8"):
        size = np.dtype(kind).itemsize
        if len(content) < size:
            continue
        values = np.frombuffer(content[: len(content) // size * size], kind)
        with np.errstate(invalid="ignore"):
            values = values[(values > SMALLEST_NUMBER) & (values < LARGEST_NUMBER)]
            values = values[values == np.floor(values)]
        found += [f"{int(value)}" for value in values]
    return " ".join(found).encode()


def _zip(content: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive.comment
            for part in archive.infolist():
                yield part.filename.encode()
                yield part.comment
                yield part.extra
                if part.file_size < MOST and not part.flag_bits & 1:
                    yield archive.read(part)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        return


def _parquet(content: bytes) -> Iterator[bytes]:
    """The columns of a table and what stands beside it; a sealed one cannot be opened."""
    try:
        with parquet.ParquetFile(io.BytesIO(content)) as held:
            beside = held.metadata.metadata or {}
            table = held.read()
    except (ArrowInvalid, OSError):
        return
    yield from beside.values()
    for name in table.column_names:
        yield "\n".join([name, *map(str, table[name].to_pylist())]).encode()


def _tar(content: bytes) -> Iterator[bytes]:
    if content[257:262] != b"ustar":
        return
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for part in archive:
            yield part.name.encode()
            held = archive.extractfile(part)
            if held is not None:
                yield held.read(MOST)


def _inflated(content: bytes) -> Iterator[bytes]:
    yield portable.inflated(content)


def _png(content: bytes) -> Iterator[bytes]:
    """The texts in the chunks of a picture, inflated; its pixels are left alone."""
    at = 8
    while at + 8 <= len(content):
        size, kind = int.from_bytes(content[at : at + 4], "big"), content[at + 4 : at + 8]
        held = content[at + 8 : at + 8 + size]
        if kind not in (b"IDAT", b"PLTE"):
            yield held
            for start in (place for place in range(len(held)) if held[place] == 0):
                yield portable.inflated(held[start + 1 :])
                yield portable.inflated(held[start + 2 :])
        at += 12 + size


def _whole(opener, failures: tuple[type[Exception], ...]):
    def opened(content: bytes) -> Iterator[bytes]:
        try:
            yield opener(content)
        except failures:
            return

    return opened


OPENERS = {
    b"PK": _zip,
    b"PAR1": _parquet,
    b"\x1f\x8b": _whole(gzip.decompress, (OSError, EOFError, zlib.error)),
    b"BZh": _whole(bz2.decompress, (OSError, ValueError, EOFError)),
    b"\xfd7zXZ": _whole(lzma.decompress, (lzma.LZMAError, EOFError)),
    **dict.fromkeys((b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda"), _inflated),
    b"\x89PNG": _png,
}
