"""The texts of a PDF, so far as somebody could look for a name in it.

Enters: the bytes of a PDF.
Leaves: its streams inflated, its strings decoded, and the text that its fonts' tables spell.
Refuses: nothing; a stream that cannot be inflated is left as it stands.

ISO 32000-1: strings (7.3.4), streams (7.3.8), ToUnicode tables (9.10.3).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\n?endstream", re.DOTALL)
STRING = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
HEXADECIMAL = re.compile(rb"<([0-9A-Fa-f\s]{2,})>")
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
SECTION = re.compile(rb"beginbf(char|range)(.*?)endbf\1", re.DOTALL)
PAIR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
SPAN = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[([^\]]*)\])")


def inflated(content: bytes) -> bytes:
    """What a zlib stream holds, as far as it can be inflated; nothing when it is none."""
    try:
        return zlib.decompressobj().decompress(content)
    except zlib.error:
        return b""


def parts(content: bytes) -> Iterator[bytes]:
    """The document without its streams, the streams, and the strings and texts of each of them."""
    streams = [inflated(held) or held for held in STREAM.findall(content)]
    tables = [table for held in streams if b"beginbf" in held and (table := _unicode(held))]
    for held in [STREAM.sub(b"", content), *streams]:
        yield held
        strings = list(_strings(held))
        yield _readable(strings)
        codes = b"".join(strings)
        for table in tables:
            yield _spelled(codes, table).encode("utf-8", errors="ignore")


def _strings(held: bytes) -> Iterator[bytes]:
    """The strings of a stream in their order, literal and hexadecimal."""
    pattern = re.compile(b"|".join([STRING.pattern, HEXADECIMAL.pattern]), re.DOTALL)
    for literal, hexadecimal in pattern.findall(held):
        if hexadecimal:
            digits = re.sub(rb"\s", b"", hexadecimal)
            yield bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())
        else:
            yield ESCAPE.sub(_escaped, literal)


def _escaped(code: re.Match) -> bytes:
    if code[1].isdigit():
        return bytes([int(code[1], 8) % 256])
    return ESCAPES.get(code[1], code[1])


def _readable(strings: list[bytes]) -> bytes:
    """Strings with a byte order mark in UTF-16, the others as they stand."""
    told = [
        one[2:].decode("utf-16-be", errors="ignore").encode("utf-8", errors="ignore")
        if one.startswith(b"\xfe\xff")
        else one
        for one in strings
    ]
    return b"\n".join(told)


def _unicode(held: bytes) -> dict[bytes, str]:
    """A ToUnicode table: the text of each code of a font."""
    table: dict[bytes, str] = {}
    for kind, section in SECTION.findall(held):
        if kind == b"char":
            table |= {_raw(code): _text(text) for code, text in PAIR.findall(section)}
            continue
        for first, last, text, listed in SPAN.findall(section):
            table |= _span(first, last, text, listed)
    return table


def _span(first: bytes, last: bytes, text: bytes, listed: bytes) -> dict[bytes, str]:
    start, width = int(first, 16), len(first) // 2
    codes = [code.to_bytes(width, "big") for code in range(start, int(last, 16) + 1)]
    if listed:
        return dict(zip(codes, map(_text, re.findall(rb"<([0-9A-Fa-f]+)>", listed)), strict=False))
    base = _text(text)
    return {code: base[:-1] + chr(ord(base[-1]) + step) for step, code in enumerate(codes) if base}


def _raw(code: bytes) -> bytes:
    return bytes.fromhex(code.decode())


def _text(code: bytes) -> str:
    return _raw(code).decode("utf-16-be", errors="ignore")


def _spelled(codes: bytes, table: dict[bytes, str]) -> str:
    """The text that a run of codes spells; a code that the table lacks is left out."""
    widths = {len(code) for code in table}
    width = max(widths, default=1)
    return "".join(
        table.get(codes[place : place + width], "") for place in range(0, len(codes), width)
    )
