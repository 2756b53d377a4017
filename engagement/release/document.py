"""The document model, and the brief that is built in it: from findings.json and words.toml alone.

Enters: findings (a dict of findings.json) and a language.
Leaves: a Document of blocks that html, docx and pdf write without adding a number or a word.
Refuses: findings that were changed after release (ReleaseRefused).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure as Drawing

from engagement.release import store
from engagement.release.phrases import Phrases


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3, numbered by the writer's language."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `tone` is "plain", "lead" or "note"."""

    text: str
    tone: str = "plain"


@dataclass(frozen=True)
class Finding:
    """One result in plain words, its numbers, and the verdict that follows from them."""

    statement: str
    numbers: str
    verdict: str


@dataclass(frozen=True)
class Items:
    """A short list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table; `kind` is "text", "short" (kept on one line in Chinese) or "number"."""

    label: str
    kind: str = "text"


@dataclass(frozen=True)
class Table:
    """Rows of texts under a caption; the first cell of a row is its header."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A drawing, its caption, its words for those who do not see it, and its data."""

    name: str
    drawing: Drawing
    caption: str
    alt: str
    data: Table


@dataclass(frozen=True)
class PageBreak:
    """What follows begins on a new page when printed."""


Block = Heading | Paragraph | Finding | Items | Table | Figure | PageBreak


@dataclass(frozen=True)
class Document:
    """A brief in one language."""

    language: str
    title: str
    organisation: str
    facts: str
    footer: str
    blocks: tuple[Block, ...]
    release_id: str


def brief(findings: Mapping, language: str) -> Document:
    """The committee's brief: one page of findings, then charts, tables, method and privacy.

    Raises ReleaseRefused when `findings` are not whole.
    """
    from engagement.release import detail, summary

    told = store.verify(findings)
    phrases = Phrases(told, language)
    threshold = told["release"]["rules"]["threshold"]
    organisation = told["study"]["organisation"][language]
    tier = told["release"]["rules"]["tier"]
    reader = phrases.say(f"brief.tier.{tier}", organisation=organisation)
    day = phrases.day(told["study"]["reference_date"])
    return Document(
        language=language,
        title=told["study"]["title"][language],
        organisation=phrases.opening(organisation),
        facts=phrases.say("brief.facts", day=day, reader=reader, threshold=threshold),
        footer=phrases.say("brief.footer", release=told["release"]["id"][: store.SHOWN_DIGITS]),
        blocks=(*summary.blocks(phrases), PageBreak(), *detail.blocks(phrases)),
        release_id=told["release"]["id"],
    )


def numbered(blocks: tuple[Block, ...], language: str, numerals: str) -> tuple[Block, ...]:
    """The blocks with their level-2 headings numbered; `numerals` separates them by blanks."""
    names = iter(numerals.split())
    mark = {"zh": "、", "en": ". "}[language]
    return tuple(
        Heading(f"{next(names)}{mark}{block.text}", 2)
        if isinstance(block, Heading) and block.level == 2
        else block
        for block in blocks
    )
