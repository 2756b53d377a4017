"""Numbers of headings, tables and figures, and the widths of columns: the same in every format.

Enters: a Document, or a Table of it.
Leaves: the Document as it is printed.
Refuses: nothing; headings beyond the numerals of a language bear none.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Iterator

from engagement import words
from engagement.release import fonts
from engagement.release.document import Block, Document, Figure, Heading, Table

PADDING = 1.4
GAP = 0.25
SEAM = re.compile(r"(?<=[\u3400-\u9fff])(?=[A-Za-z0-9\u2212])|(?<=[A-Za-z0-9%])(?=[\u3400-\u9fff])")


def numbered(document: Document) -> Document:
    """The document with its headings, tables and figures numbered as its language does."""
    return dataclasses.replace(document, blocks=tuple(_blocks(document)))


def _blocks(document: Document) -> Iterator[Block]:
    language = document.language
    numerals = words.label("brief.numerals", language).split()
    sections, parts = iter(numerals), iter(())
    tables, figures = itertools.count(1), itertools.count(1)
    for block in document.blocks:
        if isinstance(block, Heading) and block.level == 2:
            yield _heading(block, "section", next(sections, ""), language)
            parts = iter(numerals)
        elif isinstance(block, Heading):
            yield _heading(block, "part", next(parts, ""), language)
        elif isinstance(block, Table):
            yield _captioned(block, "table", next(tables), language)
        elif isinstance(block, Figure):
            data = _captioned(block.data, "table", next(tables), language)
            drawn = _captioned(block, "figure", next(figures), language)
            yield dataclasses.replace(drawn, data=data)
        else:
            yield block


def _heading(block: Heading, kind: str, numeral: str, language: str) -> Heading:
    if not numeral:
        return block
    text = words.text(f"brief.numbered.{kind}", language, numeral=numeral, text=block.text)
    return dataclasses.replace(block, text=text)


def _captioned(block: Table | Figure, kind: str, number: int, language: str) -> Table | Figure:
    key = f"brief.numbered.{kind}"
    return dataclasses.replace(
        block, caption=words.text(key, language, number=number, text=block.caption)
    )


def listed(items: tuple[str, ...], language: str) -> tuple[str, ...]:
    """The items as an official document counts them, in words; one alone is not counted."""
    ordinals = words.label("brief.ordinals", language).split(" ")
    counted = len(items) > 1 and len(items) <= len(ordinals)
    return tuple(map("".join, zip(ordinals, items, strict=False))) if counted else items


def widths(table: Table, available: float) -> tuple[float, ...]:
    """The share of the width that each column gets when `available` ems are there; they add to 1.

    Numbers and short words are never broken; texts share what is left, the narrow ones first.
    """
    texts = zip(*[[column.label for column in table.columns], *table.rows], strict=True)
    wanted = [max(map(_ems, column)) + PADDING for column in texts]
    broken = [place for place, column in enumerate(table.columns) if column.kind == "text"]
    left = available - sum(wanted) + sum(wanted[place] for place in broken)
    for place, width in _shared({place: wanted[place] for place in broken}, left).items():
        wanted[place] = width
    return tuple(width / sum(wanted) for width in wanted)


def _ems(text: str) -> float:
    """The width of a text, with the gap that programs leave between Chinese and Latin signs."""
    return fonts.ems(text) + GAP * len(SEAM.findall(text))


def _shared(wanted: dict[int, float], left: float) -> dict[int, float]:
    """What each gets of `left`: all it wants, or an equal part of what the others leave."""
    given: dict[int, float] = {}
    for place in sorted(wanted, key=wanted.get):
        part = (left - sum(given.values())) / (len(wanted) - len(given))
        given[place] = min(wanted[place], part)
    return given


def spans(rows: tuple[tuple[str, ...], ...]) -> list[tuple[tuple[str, ...], int]]:
    """Each row with the number of rows that its first cell heads; 0 where one above does."""
    heads = [next(iter(row), "") for row in rows]
    runs = [len(list(run)) for _, run in itertools.groupby(heads)]
    counts = [span for run in runs for span in (run, *[0] * (run - 1))]
    return list(zip(rows, counts, strict=True))
