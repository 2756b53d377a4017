"""Legends: what the marks on a sheet mean, as the sheet itself says.

Enters: the lines around a table ("√ 到会 ○ 请假", "A=present B=ill", "blank means absent").
Leaves: the code of each mark, and of an empty one; marks to which two meanings are given.
Refuses: figures and letters without a sign of equality: they may number the sentences of a note.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from engagement import codebook
from engagement.records.read import Grid
from engagement.records.reading import normal

_SHORTEST = 2


@dataclass(frozen=True)
class Legend:
    """`marks`: code by key of the mark; `twofold`: marks with two meanings; `blank`: code or ""."""

    marks: dict[str, str]
    twofold: frozenset[str]
    blank: str


def of(lines: Iterable[str]) -> Legend:
    """The legend that `lines` make together."""
    marks: dict[str, str] = {}
    twofold: set[str] = set()
    blank = ""
    for line in lines:
        key = codebook.key(normal(line))
        blank = blank or _blank(key)
        for mark, code in _pairs(normal(line).lower()):
            if marks.setdefault(mark, code) != code:
                twofold.add(mark)
    return Legend(marks, frozenset(twofold), blank)


def lines(grid: Grid, verdicts: np.ndarray) -> list[str]:
    """The texts of the rows around a table, one line per row."""
    around = np.isin(verdicts, ["note", "title", "signature"])
    return [" ".join(text for text in row if text is not None) for row in grid.cells[around]]


def _pairs(line: str) -> list[tuple[str, str]]:
    """Marks and their codes, in whichever order the line has them: its first token decides."""
    tokens = _told([(found.lastgroup, found.group()) for found in _grammar().finditer(line)])
    spelled = codebook.decode("attend_status")
    marks_first = bool(tokens) and tokens[0][0] == "mark"
    found, waiting, code = [], [], ""
    for kind, text in tokens:
        if kind == "word":
            code = spelled[codebook.key(text)]
            found += [(mark, code) for mark in waiting]
            waiting = []
        elif marks_first:
            waiting.append(codebook.key(text))
        elif code:
            found.append((codebook.key(text), code))
    return found


def _told(tokens: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Marks and words alone: without what an empty mark means, and without figures that number."""
    kept = []
    for place, (kind, text) in enumerate(tokens):
        before = [kind for kind, _ in tokens[max(place - 2, 0) : place]]
        after = [kind for kind, _ in tokens[place + 1 : place + 2]]
        of_blank = kind == "word" and before[-1:] in (["blank"], ["means"]) and "blank" in before
        if kind == "plain" and (after == ["means"] or before == ["word", "means"]):
            kind = "mark"
        if kind in ("mark", "word") and not of_blank:
            kept.append((kind, text))
    return kept


def _blank(line: str) -> str:
    """The code of an empty mark; "" when the line does not tell."""
    words = codebook.structure()["legend"]
    for blank in words["blank"]:
        meant = line.partition(blank)[2]
        for means in sorted(words["means"], key=len, reverse=True):
            meant = meant.removeprefix(means)
        if meant and (code := _longest(meant)):
            return code
    return ""


def _longest(text: str) -> str:
    spelled = codebook.decode("attend_status")
    found = max((word for word in spelled if text.startswith(word)), key=len, default="")
    return spelled.get(found, "")


@functools.cache
def _grammar() -> re.Pattern:
    """Words of attendance, signs of equality, signs that may be marks, single letters, figures."""
    legend = codebook.structure()["legend"]
    words = [word for word in codebook.decode("attend_status") if len(word) >= _SHORTEST]
    undone = "".join(legend["not"])
    return re.compile(
        rf"(?P<blank>{_either(legend['blank'])})|(?<![{undone}])(?P<word>{_either(words)})"
        rf"|(?P<means>{_either(legend['means'])})"
        rf"|(?P<plain>(?<![a-z0-9])[a-z0-9](?![a-z0-9]))"
        rf"|(?P<mark>(?![{re.escape(legend['bullets'])}])[^\w\s]|[{legend['signs']}])"
    )


def _either(texts: list[str]) -> str:
    return "|".join(map(re.escape, sorted(texts, key=len, reverse=True)))
