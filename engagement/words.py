"""Every sentence and label a reader sees, in Chinese and in English.

Enters: a key of words.toml, a language, and the values of the placeholders.
Leaves: text; numbers are formatted here and nowhere else.
Refuses: an unknown key or language, and a missing placeholder (KeyError: our bug).
"""

from __future__ import annotations

import datetime
import functools
import math
import tomllib
from importlib import resources

LANGUAGES = ("zh", "en")


@functools.cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts by dotted key; each value has one text per language."""
    source = resources.files("engagement").joinpath("words.toml").read_text(encoding="utf-8")
    return dict(_leaves(tomllib.loads(source), ""))


def _leaves(node: dict, prefix: str):
    for name, value in node.items():
        key = f"{prefix}{name}"
        if set(value) == set(LANGUAGES):
            yield key, value
        else:
            yield from _leaves(value, f"{key}.")


def text(key: str, language: str, **values: object) -> str:
    """The sentence `key` in `language` with its placeholders filled."""
    return catalogue()[key][language].format(**values)


def label(key: str, language: str) -> str:
    """The label `key` in `language`, taken as it stands."""
    return catalogue()[key][language]


def has(key: str) -> bool:
    """Whether words.toml knows `key`."""
    return key in catalogue()


def count(number: float) -> str:
    """A count of people or sessions, with thousands separated from 10,000 on."""
    whole = round(number)
    return f"{whole:,}" if abs(whole) >= 10_000 else str(whole)


def number(value: float, digits: int = 1) -> str:
    """A number with a fixed number of decimals and a true minus sign."""
    if value is None or math.isnan(value):
        return "–"
    rounded = round(value, digits) + 0.0
    return f"{rounded:.{digits}f}".replace("-", "−")


def percent(share: float, digits: int = 0) -> str:
    """A share in 0–1 as a percentage."""
    return number(100 * share, digits) + " %"


def day(date: datetime.date, language: str) -> str:
    """A calendar day as an official document writes it."""
    month = label(f"month.m{date.month:02d}", language)
    return text("date.day", language, year=date.year, month=month, day=date.day)


def month(date: datetime.date, language: str) -> str:
    """A month and its year."""
    name = label(f"month.m{date.month:02d}", language)
    return text("date.month", language, year=date.year, month=name)
