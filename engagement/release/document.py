"""The document model, and the brief that is built in it: from findings.json and words.toml alone.

Enters: findings (a dict of findings.json) and a language.
Leaves: a Document of blocks that html, docx and pdf write without adding a number or a word.
Refuses: findings that were changed after release (ReleaseRefused).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, is_dataclass

from matplotlib.figure import Figure as Drawing

from engagement import words
from engagement.release import store
from engagement.release.phrases import Phrases


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 or 3, numbered by the writer's language."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `tone` is "plain", "note" or "signed" (a signature at the right)."""

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
    """A short list; `tone` is "plain" or "note"."""

    items: tuple[str, ...]
    tone: str = "plain"


@dataclass(frozen=True)
class Column:
    """A column of a table; `kind` is "text", "short" (kept on one line) or "number"."""

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
    """What follows begins on a new page when printed; a `title` says that it is an appendix.

    A `soft` one gives way where the pages of a paper are too small for the first part.
    """

    title: str = ""
    soft: bool = False


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
    """The committee's brief: findings, plan and records to fix; then the appendix and a draft.

    Raises ReleaseRefused when `findings` are not whole.
    """
    from engagement.release import detail, draft, fix, planned, summary

    told = store.verify(findings)
    phrases = Phrases(told, language)
    threshold, rounding = (told["release"]["rules"][rule] for rule in ("threshold", "rounding"))
    organisation = told["study"]["organisation"][language]
    tier = told["release"]["rules"]["tier"]
    reader = phrases.say(f"brief.tier.{tier}", organisation=organisation)
    day = phrases.day(told["study"]["reference_date"])
    return Document(
        language=language,
        title=told["study"]["title"][language],
        organisation=phrases.opening(organisation),
        facts=phrases.say(
            "brief.facts", day=day, reader=reader, threshold=threshold, rounding=rounding
        ),
        footer=phrases.say("brief.footer", release=told["release"]["id"][: store.SHOWN_DIGITS]),
        blocks=(
            *summary.blocks(phrases),
            *_second_page((*planned.blocks(phrases), *fix.blocks(phrases))),
            PageBreak(phrases.say("brief.appendix")),
            *detail.since_last(phrases),
            *detail.charts_with_data(phrases),
            *planned.detail(phrases),
            *detail.method(phrases),
            *draft.blocks(phrases),
        ),
        release_id=told["release"]["id"],
    )


def _second_page(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    return (PageBreak(soft=True), *blocks) if blocks else ()


def text(document: Document) -> str:
    """Every text of a document, one to a line: what a font must be able to draw."""
    return "\n".join(_texts([document.title, document.organisation, document.facts,
                             document.footer, document.blocks]))  # fmt: skip


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value):
        yield from _texts(list(vars(value).values()))


def judged(finding: Finding, language: str) -> str:
    """The verdict and the numbers of a finding on one line, where a writer has no badge."""
    verdict = finding.verdict[:1].upper() + finding.verdict[1:]
    return words.text("brief.judged", language, verdict=verdict, numbers=finding.numbers)
