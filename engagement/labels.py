"""Codes and numbers of a table → what a reader sees, in one language of the study.

Enters: a table of the count or released level, and the study.
Leaves: the same table as texts under labelled heads; no code, no NaN, one form for numbers.
Refuses: nothing; a value that has no label stands as it is written.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import pandas as pd

from engagement import codebook, words
from engagement.study import Study

CHANCES = frozenset({"p_value", "p_adjusted", "this_few", "this_many"})
ABOUT = frozenset({"hours", "expected", "excess", "excess_low", "excess_high"})
LISTS = frozenset({"column_needed"})
MONTHS = frozenset({"month", "until", "review_month"})
SMALLEST = 0.001
LEVELS = ("branch", "group")
PREFIXES = {"duty_type": ("duty.",), "rule": ("reason.", "rule."), "table": ("released.",)}


def table(study: Study, frame: pd.DataFrame, columns: list[str], language: str) -> pd.DataFrame:
    """`columns` of `frame` as texts, each under its label."""
    texts = [_texts(study, frame, column, language).astype("str") for column in columns]
    shown = pd.concat(texts, axis=1)
    shown.columns = [heading(study, column, language) for column in columns]
    return shown


def heading(study: Study, column: str, language: str) -> str:
    """The label of a column: of a factor, a word of words.toml, or a field."""
    if column in study.factors:
        return study.factors[column].label[language]
    if column in LEVELS and (level := study.levels[study.counted[LEVELS.index(column)]]):
        return level[language]
    if words.has(f"column.{column}"):
        return words.label(f"column.{column}", language)
    return getattr(study.fields[column], language) if column in study.fields else column


def _texts(study: Study, frame: pd.DataFrame, column: str, language: str) -> pd.Series:
    values = frame[column]
    missing = _missing(frame, language)
    if column in {"contrast", "level"}:
        return _levels(study, frame, column, language)
    if column == "by_contrast":
        named = pd.DataFrame({"term": frame["by"], "contrast": frame["by_contrast"]})
        return _levels(study, named, "contrast", language)
    if pd.api.types.is_numeric_dtype(values):
        told = values.map(lambda value: _number(value, column, values), na_action="ignore")
        return told.astype("object").where(values.notna(), missing)
    if column in MONTHS:
        return values.map(lambda month: _month(month, language))
    known = of(study, column, language)
    comma = words.label("brief.comma", language)
    if column in LISTS:
        named = values.fillna("").str.split().map(lambda names: [known.get(n, n) for n in names])
        return named.str.join(comma).replace("", words.label("suppressed.missing", language))
    return values.map(lambda value: known.get(value, value), na_action="ignore").fillna(missing)


def _missing(frame: pd.DataFrame, language: str) -> pd.Series:
    """The mark of a hidden number where the row says that it is hidden, else of a missing one."""
    hidden = frame["suppressed"] if "suppressed" in frame else pd.Series(False, index=frame.index)
    marks = {state: words.label(f"suppressed.{state}", language) for state in ("mark", "missing")}
    return hidden.map({True: marks["mark"], False: marks["missing"]})


def _number(value: float, column: str, values: pd.Series) -> str:
    if column in CHANCES and value < SMALLEST:
        return f"<{SMALLEST}"
    if (values.dropna() % 1 == 0).all():
        return words.count(value)
    return words.number(value, 1 if column in ABOUT else 3)


def _month(iso: str, language: str) -> str:
    return words.month(datetime.date.fromisoformat(f"{iso}-01"), language)


def of(study: Study, column: str, language: str) -> dict[str, str]:
    """Label by code for the codes that stand in `column`."""
    if column in study.factors:
        return _in(study.factors[column].labels, language)
    if column in {"term", "factor", "by"}:
        named = {name: factor.label[language] for name, factor in study.factors.items()}
        own = {"": words.label("brief.factor.all", language)}
        if study.population is not None:
            own["population"] = study.population.label[language]
        level = study.levels[study.counted[0]]
        unit = level[language] if level else words.label("brief.factor.branch", language)
        return own | {"branch": unit} | named
    if column in {"branch", "group", "unit"}:
        everywhere = {"": words.label("caution.everywhere", language)} if column == "branch" else {}
        return everywhere | {unit.code: getattr(unit, language) for unit in study.units}
    if column == "duty_type":
        named = {name: outcome.label[language] for name, outcome in study.outcomes.items()}
        return named | _coded(column, language)
    if column in {"before", "after"}:
        return {season.name: season.label[language] for season in study.seasons}
    if column == "outcome":
        return {name: outcome.label[language] for name, outcome in study.outcomes.items()}
    if column == "segment":
        everybody = {"": words.label("brief.all", language)}
        return everybody | {one.name: one.label[language] for one in study.segments}
    if column == "item":
        return _coded(column, language) | {"member": study.people[language]}
    if column == "barrier":
        rest = {"": words.label("ladder.rest", language)}
        return rest | codebook.barriers().set_index("barrier")[language].to_dict()
    if column in {"field", *LISTS}:
        survey = {"anonymous_survey": words.label("ladder.survey", language)}
        return survey | {name: getattr(field, language) for name, field in study.fields.items()}
    if column in study.fields and (study.fields[column].type == "yesno"):
        nothing = {"unknown": words.label("brief.level.unknown", language)}
        yes_no = codebook.codes("yesno").values()
        return nothing | {code.code: getattr(code, language) for code in yes_no}
    return _coded(column, language)


def _coded(column: str, language: str) -> dict[str, str]:
    prefixes = PREFIXES.get(column, (f"{column}.",))
    return {
        key.removeprefix(prefix): texts[language]
        for prefix in prefixes
        for key, texts in words.catalogue().items()
        if key.startswith(prefix)
    }


def _in(by_code: Mapping[str, Mapping[str, str]], language: str) -> dict[str, str]:
    return {code: texts[language] for code, texts in by_code.items()}


def _levels(study: Study, frame: pd.DataFrame, column: str, language: str) -> pd.Series:
    """Levels and contrasts of each row's factor in words."""
    term = frame["term"] if "term" in frame else frame["factor"]
    known = {name: _in(factor.labels, language) for name, factor in study.factors.items()}
    common = _coded("contrast", language) | of(study, "unit", language)
    joined, comma = words.label("contrast.against", language), words.label("brief.comma", language)

    def told(name: str, code: str) -> str:
        if code.startswith("+"):
            return words.text("figure.step", language, step=code.strip("+|"))
        own = common | known.get(name, {})
        sides = [
            comma.join(own.get(level, level) for level in side.split(";"))
            for side in code.split("|")
            if side
        ]
        return joined.join(sides)

    everybody = words.label("brief.all", language)
    pairs = zip(term.fillna(""), frame[column].fillna(""), strict=True)
    texts = [told(name, str(code)) if code else everybody for name, code in pairs]
    return pd.Series(texts, index=frame.index, dtype="str")
