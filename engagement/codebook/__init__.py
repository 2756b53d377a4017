"""The catalogue of what rosters hold, as data: fields, codes, words, calendars, measures, tiers.

Enters: the CSV and TOML files beside this module.
Leaves: frozen values, loaded once.
Refuses: nothing; a broken catalogue is our bug and crashes.
"""

from __future__ import annotations

import csv
import functools
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from importlib import resources

import pandas as pd

_REMOVED = str.maketrans("", "", "_()-/")


@dataclass(frozen=True)
class Field:
    """A column that rosters may have. `use`: ID LINK FAC FAC-S STR DUE REACH ASK OUT META X."""

    name: str
    zh: str
    en: str
    synonyms: tuple[str, ...]
    type: str
    codes: str | None
    use: frozenset[str]


@dataclass(frozen=True)
class Code:
    """One value of a code list, its labels and the spellings that mean it."""

    code: str
    zh: str
    en: str
    order: int
    synonyms: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """One line of a regulated calendar: how often a duty is due, in which unit, for whom."""

    duty_type: str
    per: str
    times_a_year: int
    who: str
    zh: str
    en: str


@dataclass(frozen=True)
class Minimum:
    """The least turnout of a session: of whom, which share, and after which resolutions."""

    aspect: str
    duty_type: str
    when: tuple[str, ...]
    of: str
    share: tuple[int, int]
    strict: bool

    def met(self, present: pd.Series, entitled: pd.Series) -> pd.Series:
        """Whether each session reaches the minimum, in whole numbers."""
        counted, needed = present * self.share[1], entitled * self.share[0]
        return counted > needed if self.strict else counted >= needed


def key(text: str) -> str:
    """How headers, codes and names of units are compared: NFKC, no blanks or marks, lower case."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(folded.split()).translate(_REMOVED).lower()


@functools.cache
def fields() -> dict[str, Field]:
    """All catalogued fields by name."""
    return {row["field"]: _field(row) for row in _rows("fields.csv")}


def _field(row: dict[str, str]) -> Field:
    kind, _, code_list = row["type"].partition(":")
    return Field(
        name=row["field"],
        zh=row["zh"],
        en=row["en"],
        synonyms=_split(row["synonyms"]),
        type=kind,
        codes=code_list or None,
        use=frozenset(row["use"].split()),
    )


@functools.cache
def headers() -> dict[str, str]:
    """Field name by the key of every label and synonym."""
    spelled = {}
    for field in fields().values():
        for spelling in (field.zh, field.en, field.name, *field.synonyms):
            spelled.setdefault(key(spelling), field.name)
    return spelled | _elsewhere("field")


@functools.cache
def codes(name: str) -> dict[str, Code]:
    """The values of code list `name`, in their order."""
    rows = [row for row in _rows("codes.csv") if row["list"] == name]
    return {
        row["code"]: Code(row["code"], row["zh"], row["en"], order, _split(row["synonyms"]))
        for order, row in enumerate(rows)
    }


@functools.cache
def decode(name: str) -> dict[str, str]:
    """Code by the key of every spelling in code list `name`."""
    return {
        key(spelling): code.code
        for code in codes(name).values()
        for spelling in (code.zh, code.en, code.code, *code.synonyms)
    } | _elsewhere(name)


def _elsewhere(name: str) -> dict[str, str]:
    """The spellings of another place (traditional characters and words of their own) by key."""
    return {
        key(row["spelling"]): row["code"] for row in _rows("spellings.csv") if row["list"] == name
    }


@functools.cache
def structure() -> dict:
    """The words that mark titles, totals, signatures, notes, missing values and attendance."""
    return _toml("structure.toml")


@functools.cache
def checks() -> dict:
    """What the cells of one row must agree on, by the name of the check."""
    return _toml("checks.toml")


@functools.cache
def calendar(name: str) -> tuple[Rule, ...]:
    """The rules of calendar `name`."""
    return tuple(Rule(**rule) for rule in _toml("calendars.toml")[name]["rule"])


@functools.cache
def minimums(name: str) -> tuple[Minimum, ...]:
    """The least turnouts of calendar `name`; none where it declares none."""
    declared = _toml("calendars.toml")[name].get("minimum", ())
    return tuple(
        Minimum(**{**one, "when": tuple(one["when"]), "share": tuple(one["share"])})
        for one in declared
    )


@functools.cache
def calendars() -> tuple[str, ...]:
    """The names of the calendars we know."""
    return tuple(_toml("calendars.toml"))


def measures() -> pd.DataFrame:
    """The catalogue of measures, one row per measure."""
    return _frame("measures.csv")


def amounts() -> pd.DataFrame:
    """How many units of a measure a plan offers, one row per kind of unit."""
    return _frame("amounts.csv")


@functools.cache
def blame() -> dict[str, re.Pattern[str]]:
    """What no sentence about members may say, by language: blame, ranks, duress, sanctions."""
    rows = _rows("blame.csv")
    found = {"zh": "|".join(re.escape(row["word"]) for row in rows if row["language"] == "zh")}
    english = "|".join(re.escape(row["word"]) for row in rows if row["language"] == "en")
    found["en"] = rf"\b(?:{english})\b"
    return {language: re.compile(words, re.IGNORECASE) for language, words in found.items()}


def barriers() -> pd.DataFrame:
    """The ladder of barriers and how each is tested, one row per barrier."""
    return _frame("barriers.csv")


def benchmarks() -> pd.DataFrame:
    """National figures for comparison, one row per source × factor × level."""
    return _frame("benchmarks.csv")


def surnames() -> pd.DataFrame:
    """Surnames with readings and national shares, one row per surname."""
    return _frame("surnames.csv")


def nicknames() -> pd.DataFrame:
    """Short forms of Latin given names, one row per nickname and formal name."""
    return _frame("nicknames.csv")


@functools.cache
def weights() -> dict:
    """The declared weights of record linkage, with their version."""
    return _toml("weights.toml")


@functools.cache
def tiers() -> dict:
    """The rules of each release tier."""
    return _toml("tiers.toml")


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split(";") if part)


def _source(name: str):
    return resources.files("engagement.codebook").joinpath(name)


def _rows(name: str) -> list[dict[str, str]]:
    with _source(name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _toml(name: str) -> dict:
    return tomllib.loads(_source(name).read_text(encoding="utf-8"))


def _frame(name: str) -> pd.DataFrame:
    with _source(name).open(encoding="utf-8") as lines:
        return pd.read_csv(lines, keep_default_na=False)
