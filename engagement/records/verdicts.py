"""What each row of a sheet is: people, or what stands around them.

Enters: a grid and the header of its table.
Leaves: one verdict per row: data, title, header, totals, signature, note, blank, repeat-header.
Refuses: nothing; a row that fits no other verdict is data.
"""

from __future__ import annotations

import re

import numpy as np

from engagement import codebook
from engagement.records import headers
from engagement.records.headers import Header
from engagement.records.read import Grid
from engagement.records.reading import normal

_SENTENCE = 16


def of(grid: Grid, header: Header) -> np.ndarray:
    """What each row of `grid` is, one verdict per row (table `structure`)."""
    filled = grid.kinds != ""
    verdicts = np.where(filled.any(axis=1), "data", "blank").astype(object)
    name = header.anchor
    above, below = header.rows[0], header.rows[-1] + 1
    for row in range(above):
        if verdicts[row] != "blank":
            verdicts[row] = _above(grid.cells[row])
    verdicts[list(header.rows)] = "header"
    suspicious = _suspicious(grid, header, filled, name)
    for row in range(below, len(verdicts)):
        if verdicts[row] == "data" and suspicious[row]:
            verdicts[row] = _below(grid.cells[row], header, name)
    return verdicts


def _above(cells: np.ndarray) -> str:
    word = _word(next(text for text in cells if text is not None))
    return "note" if word.startswith(tuple(_words("note"))) else "title"


def _suspicious(grid: Grid, header: Header, filled: np.ndarray, name: int) -> np.ndarray:
    """Rows that may be no data: no name, few cells, or a mark of another verdict first."""
    first = grid.cells[np.arange(len(filled)), filled.argmax(axis=1)]
    marks = _words("totals") + _words("signature") + _words("note")
    words = {text: _word(text) for text in set(first) - {None}}
    marked = {text for text, word in words.items() if any(mark in word for mark in marks)}
    names = grid.cells[:, name]
    repeated = [text is not None and headers.label(text) == header.texts[name] for text in names]
    few = filled.sum(axis=1) <= 2
    return few | ~filled[:, name] | np.isin(first, list(marked)) | np.array(repeated, dtype=bool)


def _below(cells: np.ndarray, header: Header, name: int) -> str:
    """The verdict of a row under the header that may be no data."""
    words = [_word(text) for text in cells if text is not None]
    if _is_total(words[0]):
        return "totals"
    if _repeats(cells, header):
        return "repeat-header"
    anonymous = cells[name] is None or len(words) <= 2
    if any(_is_signature(word, anonymous) for word in words):
        return "signature"
    if words[0].startswith(tuple(_words("note"))):
        return "note"
    if cells[name] is not None:
        sentence = len(words) == 1 and len(words[0]) >= _SENTENCE
        return "note" if sentence else "data"
    number = header.column("row_no")
    if len(words) == 1:
        return "blank" if number is not None and cells[number] is not None else "note"
    return "data"


def ends(texts: list[str]) -> bool:
    """Whether the texts of a row close a table: totals, a signature, a note."""
    words = [_word(text) for text in texts]
    closing = _is_total(words[0]) or words[0].startswith(tuple(_words("note")))
    return closing or any(_is_signature(word, anonymous=True) for word in words)


def _is_total(word: str) -> bool:
    return any(
        word == mark
        or (word.endswith(mark) and len(word) <= len(mark) + 4)
        or re.match(re.escape(mark) + r"[:\d(]", word) is not None
        for mark in _words("totals")
    )


def _is_signature(word: str, anonymous: bool) -> bool:
    marks = _words("signature")
    return any(word.startswith(mark) or (anonymous and mark in word) for mark in marks)


def _repeats(cells: np.ndarray, header: Header) -> bool:
    pairs = [
        (codebook.key(text), codebook.key(wanted))
        for text, wanted in zip(cells, header.texts, strict=True)
        if text is not None and wanted
    ]
    same = sum(bool(text) and text in wanted for text, wanted in pairs)
    return same >= 2 and 2 * same > len(pairs)


def _word(text: str) -> str:
    return normal(text).replace(" ", "").lower()


def _words(name: str) -> list[str]:
    return codebook.structure()["rows"][name]
