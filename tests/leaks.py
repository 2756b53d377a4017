"""Who the synthetic people are, and where a text of theirs stands."""

from __future__ import annotations

import csv
import html
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path

FEWEST_CHARACTERS = 3  # names of two characters are words as well


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def canaries(truth: Path) -> set[str]:
    """The texts planted to be found."""
    return {row["text"] for row in rows(truth / "canaries.csv")}


def identities(truth: Path) -> set[str]:
    """Every ID number, telephone number and longer name of the truth, and the canaries."""
    people = rows(truth / "people.csv")
    names = {row["name"] for row in people if len(row["name"]) >= FEWEST_CHARACTERS}
    phones = {row["phone"].removeprefix("+86") for row in people}
    numbers = {row["id_number"] for row in people}
    return (canaries(truth) | names | phones | numbers) - {""}


def among(texts: Iterable[str], source: bytes) -> set[str]:
    """Which of `texts` stand in `source`, as they are or as JSON and HTML write them."""
    text = source.decode("utf-8", errors="replace")
    unescaped = re.sub(r"\\u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    spellings = (text, unescaped, html.unescape(text))
    return {found for found in texts if any(found in spelling for spelling in spellings)}


def raw(path: Path) -> bytes:
    """The text of a roster: a workbook unpacked, a CSV out of its national encoding."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as book:
            return b"\n".join(book.read(part) for part in book.namelist())
    return path.read_bytes().decode("gb18030").encode("utf-8")
