"""What a notebook needs to speak: the study, sentences in its languages, tables and figures.

Enters: the study folder named by ENGAGEMENT_STUDY (by default data/community).
Leaves: displayed Markdown, tables with labels, and figures with a digest of what they draw.
Refuses: to show a table of the identity or person level.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from IPython.display import Markdown, display

from engagement import study as studies
from engagement import tables, words
from engagement.study import Study

DEFAULT = Path(__file__).parent.parent / "data" / "community"


def setup() -> Study:
    """Load the study and set how tables are displayed."""
    pd.set_option("display.max_rows", 60)
    pd.set_option("display.max_columns", 20)
    pd.set_option("display.width", 120)
    return studies.load(Path(os.environ.get("ENGAGEMENT_STUDY", DEFAULT)))


def say(study: Study, key: str, **values: object) -> Markdown:
    """The sentence `key` in the study's languages; a mapping among `values` is per language."""
    lines = [words.text(key, language, **_in(language, values)) for language in study.languages]
    return Markdown("\n\n".join(lines))


def says(study: Study, lines: list[tuple[str, dict]]) -> Markdown:
    """Several sentences, language by language, as one list each."""
    blocks = [
        "\n".join(
            f"- {words.text(key, language, **_in(language, values))}" for key, values in lines
        )
        for language in study.languages
    ]
    return Markdown("\n\n".join(blocks))


def _in(language: str, values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: value[language] if isinstance(value, Mapping) else value
        for name, value in values.items()
    }


def table(study: Study, frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """`frame` with the labels of the study's first language; `name` is its kind in tables.py.

    Raises TypeError for tables that hold a row per person or an identity.
    """
    if tables.TABLES[name].level in {"identity", "person"}:
        raise TypeError(f"{name} is of the {tables.TABLES[name].level} level and is never shown.")
    language = study.language
    shown = frame.copy()
    for column in shown.columns:
        shown[column] = _labelled(study, shown[column], column, language)
    shown.columns = [heading(study, column, language) for column in shown.columns]
    return shown.set_index(shown.columns[0])


def heading(study: Study, column: str, language: str) -> str:
    """The label of a column: of a factor, a field, or a word of words.toml."""
    if column in study.factors:
        return study.factors[column].label[language]
    if words.has(f"column.{column}"):
        return words.label(f"column.{column}", language)
    return getattr(study.fields[column], language) if column in study.fields else column


def _labelled(study: Study, values: pd.Series, column: str, language: str) -> pd.Series:
    if pd.api.types.is_float_dtype(values):
        return values.round(3)
    known = labels(study, column, language)
    return values.map(lambda value: known.get(value, value)) if known else values


def labels(study: Study, column: str, language: str) -> dict[str, str]:
    """Label by code for the codes that stand in `column`."""
    if column in study.factors:
        return {code: texts[language] for code, texts in study.factors[column].labels.items()}
    if column in {"branch", "group", "unit"}:
        return {unit.code: getattr(unit, language) for unit in study.units}
    if column == "outcome":
        return {name: outcome.label[language] for name, outcome in study.outcomes.items()}
    if column == "term":
        return {name: factor.label[language] for name, factor in study.factors.items()}
    prefix = f"{column}."
    return {
        key.removeprefix(prefix): texts[language]
        for key, texts in words.catalogue().items()
        if key.startswith(prefix)
    }


def show(figure: object, alt: str) -> None:
    """Display a figure once, with its alternative text and the digest that nbval compares."""
    from matplotlib import pyplot

    from engagement.release import figures

    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=88, metadata={"Software": None})
    data = {"image/png": picture.getvalue(), "text/plain": f"{alt}\n{figures.digest(figure)}"}
    pyplot.close(figure)
    display(data, metadata={"image/png": {"alt": alt}}, raw=True)
