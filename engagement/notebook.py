"""What a notebook needs to speak: the study, sentences in its languages, tables and figures.

Enters: the study folder named by ENGAGEMENT_STUDY (by default data/community).
Leaves: displayed Markdown, tables with labels, and figures with a digest of what they draw.
Refuses: to show a table of the identity or person level.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from IPython.display import Markdown, display

from engagement import study as studies
from engagement import tables, words
from engagement.analysis.telling import Said
from engagement.study import Study

DEFAULT = Path(__file__).parent.parent / "data" / "community"
NONE = pd.Series(dtype=int)
COUNT, NUMBER = "{:,.0f}", "{:.3f}"


def setup() -> Study:
    """Load the study and set how tables are displayed."""
    pd.set_option("display.max_rows", 80)
    pd.set_option("display.max_columns", 20)
    pd.set_option("display.width", 160)
    return studies.load(Path(os.environ.get("ENGAGEMENT_STUDY", DEFAULT)))


def say(study: Study, key: str, **values: object) -> Markdown:
    """The sentence `key` in the study's languages; a mapping among `values` is per language."""
    return said(study, Said(key, values))


def said(study: Study, *sentences: Said) -> Markdown:
    """Several sentences, language by language; more than one make a list."""
    mark = "- " if len(sentences) > 1 else ""
    blocks = [
        "\n".join(
            mark + words.text(key, language, **_in(language, values)) for key, values in sentences
        )
        for language in study.languages
    ]
    return Markdown("\n\n".join(blocks))


def _in(language: str, values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value[language] if isinstance(value, Mapping) else value
        for name, value in values.items()
    }


def table(
    study: Study, frame: pd.DataFrame, name: str, columns: list[str] | None = None
) -> pd.DataFrame:
    """`frame` with the labels of the study's first language; `name` is its kind in tables.py.

    Raises TypeError for tables that hold a row per person or an identity.
    """
    if tables.TABLES[name].level in {"identity", "person"}:
        raise TypeError(f"{name} is of the {tables.TABLES[name].level} level and is never shown.")
    language = study.language
    wanted = list(columns or frame.columns)
    named = {column: _labelled(study, frame, column, language) for column in wanted}
    shown = pd.DataFrame(named, index=frame.index)
    shown.columns = [heading(study, column, language) for column in wanted]
    return shown.set_index(shown.columns[0])


def heading(study: Study, column: str, language: str) -> str:
    """The label of a column: of a factor, a word of words.toml, or a field."""
    if column in study.factors:
        return study.factors[column].label[language]
    if words.has(f"column.{column}"):
        return words.label(f"column.{column}", language)
    return getattr(study.fields[column], language) if column in study.fields else column


def _labelled(study: Study, frame: pd.DataFrame, column: str, language: str) -> pd.Series:
    values = frame[column]
    if column in {"contrast", "level"}:
        return _levels(study, frame, column, language)
    if pd.api.types.is_numeric_dtype(values):
        whole = (values.dropna() % 1 == 0).all()
        return values.map(lambda v: "–" if pd.isna(v) else (COUNT if whole else NUMBER).format(v))
    known = labels(study, column, language)
    return values.fillna("–").map(lambda value: known.get(value, value))


def labels(study: Study, column: str, language: str) -> dict[str, str]:
    """Label by code for the codes that stand in `column`."""
    if column in study.factors:
        return _texts(study.factors[column].labels, language)
    if column in {"branch", "group", "unit"}:
        return {unit.code: getattr(unit, language) for unit in study.units}
    if column == "outcome":
        return {name: outcome.label[language] for name, outcome in study.outcomes.items()}
    if column in {"term", "factor"}:
        return {name: factor.label[language] for name, factor in study.factors.items()}
    if column == "segment":
        return {segment.name: segment.label[language] for segment in study.segments}
    if column == "field":
        return {name: getattr(field, language) for name, field in study.fields.items()}
    return _coded(column, language)


def _coded(column: str, language: str) -> dict[str, str]:
    prefix = {"duty_type": "duty.", "rule": "reason."}.get(column, f"{column}.")
    return {
        key.removeprefix(prefix): texts[language]
        for key, texts in words.catalogue().items()
        if key.startswith(prefix)
    }


def _texts(by_code: Mapping[str, Mapping[str, str]], language: str) -> dict[str, str]:
    return {code: texts[language] for code, texts in by_code.items()}


def _levels(study: Study, frame: pd.DataFrame, column: str, language: str) -> pd.Series:
    """Levels and contrasts of each row's factor in words."""
    term = frame["term"] if "term" in frame else frame["factor"]
    known = {name: _texts(factor.labels, language) for name, factor in study.factors.items()}
    common = _coded("contrast", language) | {
        unit.code: getattr(unit, language) for unit in study.units
    }
    joined = words.label("contrast.against", language)
    texts = [
        joined.join(
            known.get(name, {}).get(part, common.get(part, part))
            for part in str(code).split("|")
            if part
        )
        for name, code in zip(term, frame[column].fillna(""), strict=True)
    ]
    return pd.Series(texts, index=frame.index, dtype="str")


def page(study: Study, analysed: Mapping[str, pd.DataFrame]) -> object:
    """The brief of the study in its first language, as a document.Document."""
    from engagement.release import disclosure, document, store

    told = store.findings(disclosure.control(analysed, study), study)
    return document.brief(told, study.language)


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
    display(pd.DataFrame(found[0].data.rows, columns=columns).set_index(columns[0]))
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
    Image.open(drawn).convert("RGB").quantize(32).save(small, format="png", optimize=True)
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
        lines += _lines(block)
    return "\n\n".join(lines)


def _lines(block) -> list[str]:
    from engagement.release import document

    if isinstance(block, document.Heading):
        return [f"**{block.text}**"]
    if isinstance(block, document.Finding):
        return [f"{block.statement} {block.numbers} *{block.verdict}*"]
    if isinstance(block, document.Items):
        return ["\n".join(f"- {item}" for item in block.items)]
    return [block.text]


def numbers(study: Study, told: Mapping) -> dict[str, list[str]]:
    """The numbers in the sentences of the brief, sorted, by language; lists with dates aside."""
    from engagement.release import document

    kinds = (document.Finding, document.Paragraph)
    found = {}
    for language in study.languages:
        blocks = document.brief(told, language).blocks
        texts = [text for block in blocks if isinstance(block, kinds) for text in _lines(block)]
        found[language] = sorted(re.findall(r"\d+(?:[.,]\d+)*", " ".join(texts)))
    return found
