"""What a notebook needs to speak: the study, sentences in its languages, tables and figures.

Enters: the study folder named by ENGAGEMENT_STUDY (by default data/community).
Leaves: displayed Markdown, tables with labels, and figures with a digest of what they draw.
Refuses: to show a table of the identity or person level.
"""

from __future__ import annotations

import html
import io
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd
from IPython.display import Markdown, display

from engagement import labels, tables, words
from engagement import study as studies
from engagement.analysis.telling import Said
from engagement.study import Study

DEFAULT = Path(__file__).parent.parent / "data" / "community"
NONE = pd.Series(dtype=int)
NUMERIC = r"[<−]?[0-9][0-9,.%]*(?:\D{1,4}[0-9.,%]+)?|\W"


def setup() -> Study:
    """Load the study, and let plain tables keep their columns under Chinese characters.

    ENGAGEMENT_CELLS names a cells file to take the counts from, instead of reading the rosters.
    """
    pd.set_option("display.unicode.east_asian_width", True)
    study, cells = (os.environ.get(f"ENGAGEMENT_{name}") for name in ("STUDY", "CELLS"))
    loaded = studies.load(Path(study or DEFAULT))
    return replace(loaded, cells=Path(cells)) if cells else loaded


def say(study: Study, key: str, **values: object) -> Markdown:
    """The sentence `key` in the study's languages; a mapping among `values` is per language."""
    return said(study, Said(key, values))


def said(study: Study, *sentences: Said) -> Markdown:
    """One sentence, language by language; several make a list, each item in every language.

    `people` is the study's word for its people.
    """
    told = [_told(study, one) for one in sentences]
    if len(told) == 1:
        return Markdown("\n\n".join(told[0]))
    return Markdown("\n".join(map(_item, told)))


def grouped(study: Study, groups: Mapping[str, list[Said]]) -> Markdown:
    """Lists of sentences, each under its heading (a text of every language, joined)."""
    blocks = [
        f"**{heading}**\n\n" + "\n".join(_item(_told(study, one)) for one in sentences)
        for heading, sentences in groups.items()
        if sentences
    ]
    return Markdown("\n\n".join(blocks))


def _told(study: Study, sentence: Said) -> list[str]:
    """The sentence in each language of the study; an English one begins with a large letter."""
    values = {"people": study.people} | dict(sentence.values)
    told = []
    for language in study.languages:
        text = words.text(sentence.key, language, **_in(language, values))
        text = re.sub(" {2,}", " ", text).strip()
        told.append(text[:1].upper() + text[1:] if language == "en" else text)
    return told


def _item(told: list[str]) -> str:
    return "- " + "  \n  ".join(told)


def lines(study: Study, told: Callable[[str], list[str]]) -> Markdown:
    """A list of finished sentences, language by language."""
    blocks = ["\n".join(f"- {line}" for line in told(name)) for name in study.languages]
    return Markdown("\n\n".join(blocks))


def _in(language: str, values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value[language] if isinstance(value, Mapping) else value
        for name, value in values.items()
    }


@dataclass(frozen=True)
class Shown:
    """A table to be read: its rows as texts, one label over each column.

    In a browser words stand left and numbers right; as text every line keeps its width.
    """

    rows: pd.DataFrame

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        plain = self.rows.to_string(index=False)
        return {"text/plain": plain, "text/html": _html(self.rows)}


def _html(rows: pd.DataFrame) -> str:
    """The table in HTML; a column whose every cell is a number or a mark stands right."""
    right = {head for head in rows if rows[head].str.fullmatch(NUMERIC).all() and len(rows)}

    def cell(tag: str, head: str, text: str) -> str:
        side = "right" if head in right else "left"
        return f'<{tag} style="text-align: {side}">{html.escape(text)}</{tag}>'

    heads = "".join(cell("th", head, head) for head in rows)
    lines = [
        "".join(cell("td", head, text) for head, text in zip(rows, line, strict=True))
        for line in rows.itertuples(index=False, name=None)
    ]
    body = "".join(f"<tr>{line}</tr>\n" for line in lines)
    return f"<table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>"


def table(
    study: Study, frame: pd.DataFrame, name: str, columns: list[str] | None = None
) -> Shown | Markdown:
    """`frame` with the labels of the study's first language; `name` is its kind in tables.py.

    A table without rows is a sentence that says so.
    Raises TypeError for tables that hold a row per person or an identity.
    """
    if tables.TABLES[name].level in {"identity", "person"}:
        raise TypeError(f"{name} is of the {tables.TABLES[name].level} level and is never shown.")
    if frame.empty:
        return say(study, "notebook.nothing")
    return Shown(labels.table(study, frame, list(columns or frame), study.language))


def scanned(study: Study, room: object, told: Mapping) -> Markdown:
    """How many identities the scanner finds in a raw roster, and in what is to be released."""
    from engagement import engines
    from engagement.release import scanner, store

    wanted = scanner.search(engines.everybody(room, study), scanner.ordinary(study))
    raw = [path for roster in study.rosters if roster.kind == "members" for path in roster.files]
    seen = sum(scanner.found(path.read_bytes(), wanted).total() for path in raw[:1])
    left = scanner.found(store.text(told).encode(), wanted).total()
    return say(study, f"notebook.brief.{'scanned' if raw else 'unscanned'}", raw=seen, left=left)


def page(study: Study, analysed: Mapping[str, pd.DataFrame]) -> object:
    """The brief of the study in its first language, as a document.Document."""
    from engagement.release import disclosure, document, ledger, store

    told = store.findings(disclosure.control(analysed, study, ledger.read(study)), study)
    return document.brief(told, study.language)


def in_order(study: Study, released: pd.DataFrame) -> pd.DataFrame:
    """Released rows by outcome, factor and level as the study declares them.

    A study without units has no row by branch.
    """
    if not study.units:
        released = released[released["factor"] != "branch"]
    factors = ["", *study.factors, "branch"]
    levels = [level for factor in study.factors.values() for level in factor.levels]
    places = {"outcome": list(study.outcomes), "factor": factors, "level": ["", *levels]}

    def place(column: pd.Series) -> pd.Series:
        known = {code: number for number, code in enumerate(dict.fromkeys(places[column.name]))}
        return column.map(known).fillna(len(known))

    return released.sort_values(list(places), key=place, kind="stable", ignore_index=True)


def protected(release: object) -> pd.DataFrame:
    """What a release holds, one row per table: numbers printed, numbers hidden."""
    return pd.DataFrame(
        [
            {"table": name, "rows": len(table), "hidden": int(table.get("suppressed", NONE).sum())}
            for name, table in release.tables.items()
        ]
    )


def draw(study: Study, brief: object, name: str) -> None:
    """The figure `name` of a brief, under its data; a sentence when the brief has none."""
    from engagement.release.document import Figure

    found = [block for block in brief.blocks if isinstance(block, Figure) and block.name == name]
    if not found:
        display(say(study, "notebook.no_figure"))
        return
    columns = [column.label for column in found[0].data.columns]
    display(Shown(pd.DataFrame(found[0].data.rows, columns=columns, dtype="str")))
    show(found[0].drawing, found[0].alt)


def show(figure: object, alt: str) -> None:
    """Display a figure once, with its alternative text and the digest that nbval compares."""
    from matplotlib import pyplot

    from engagement.release import figures

    data = {"image/png": _png(figure), "text/plain": f"{alt}\n{figures.digest(figure)}"}
    pyplot.close(figure)
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)


def _png(figure: object) -> bytes:
    """The figure in few colours, so that a notebook stays small."""
    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=100)
    Image.open(drawn).convert("RGB").quantize(16).save(small, format="png", optimize=True)
    return small.getvalue()


def first_page(study: Study, told: Mapping) -> Markdown:
    """The first page of the brief in every language of the study, as text."""
    from engagement.release import document

    briefs = [document.brief(told, language) for language in study.languages]
    return Markdown("\n\n---\n\n".join(map(_first_page, briefs)))


def _first_page(brief) -> str:
    from engagement.release import document

    lines = [f"**{brief.title}**", brief.facts]
    for block in brief.blocks:
        if isinstance(block, document.PageBreak):
            break
        lines += _lines(block, brief.language)
    return "\n\n".join(lines)


def _lines(block, language: str) -> list[str]:
    from engagement.release import document

    if isinstance(block, document.Heading):
        return [f"**{block.text}**"]
    if isinstance(block, document.Finding):
        gap = {"zh": "", "en": " "}[language]
        return [f"{block.statement}{gap}{block.numbers} *{block.verdict}*"]
    if isinstance(block, document.Items):
        return ["\n".join(f"- {item}" for item in block.items)]
    return [block.text]


def numbers(study: Study, told: Mapping) -> dict[str, list[str]]:
    """The numbers in the sentences of the brief, sorted, by language; lists with dates aside, and
    the day of the last release, whose month is a number in one language and a word in another."""
    from engagement.release import document
    from engagement.release.phrases import Phrases

    since = told.get("changes")
    kinds = (document.Finding, document.Paragraph)
    found = {}
    for language in study.languages:
        blocks = document.brief(told, language).blocks
        texts = [
            text for block in blocks if isinstance(block, kinds) for text in _lines(block, language)
        ]
        said = " ".join(texts)
        if since:
            said = said.replace(Phrases(told, language).day(since["reference_date"]), "")
        found[language] = sorted(re.findall(r"\d+(?:[.,]\d+)*", said))
    return found
