"""Named source profiles: what the columns, codes and rows of one system's export mean.

Enters: the TOML files in profiles/ beside this module, one per profile.
Leaves: frozen profiles by name; a study names one per roster, and it holds for that roster alone.
Refuses: nothing; a broken profile is our bug and crashes.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources

from engagement.codebook import key

MARKS = ("missing", "not_applicable")


@dataclass(frozen=True)
class Hours:
    """How a source counts time: what a bare number means, and the hours of a day.

    `note`: a rule of the source that cannot be undone (rounded_up: it credits part of an hour as a
    whole one; compulsory: a figure is demanded, so some are typed to be rid of the question).
    """

    unit: str = "hour"
    day: float = 8.0
    note: str = ""


@dataclass(frozen=True)
class Profile:
    """One system's export.

    `columns`: its headers in their order. `headers`: field by the key of a header; "" is a header
    not to be read. `values`: code by the key of a spelling, per field; `unsure`: the same, to be
    flagged. `marks`: missing or not_applicable by the key of a spelling, per field. `parts`: the
    headers that together make one field. `prefer`: of several headers of one field the one to read.
    `others`: texts, by header, of rows that are not of the kind. `source`: the bytes of its file.
    """

    name: str
    zh: str
    en: str
    kind: str
    columns: tuple[str, ...]
    headers: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    unsure: Mapping[str, Mapping[str, str]]
    marks: Mapping[str, Mapping[str, str]]
    parts: Mapping[str, tuple[str, ...]]
    prefer: Mapping[str, tuple[str, ...]]
    others: Mapping[str, frozenset[str]]
    hours: Hours
    source: bytes = field(repr=False)


KEYS = {
    "zh",
    "en",
    "kind",
    "columns",
    "headers",
    "values",
    "unsure",
    *MARKS,
    "parts",
    "prefer",
    "others",
    "hours",
}


@functools.cache
def names() -> tuple[str, ...]:
    """The names of all profiles, in alphabetical order."""
    return tuple(sorted(path.name.removesuffix(".toml") for path in _folder().iterdir()))


@functools.cache
def named(name: str) -> Profile:
    """The profile `name`."""
    source = _folder().joinpath(f"{name}.toml").read_bytes()
    told = tomllib.loads(source.decode("utf-8"))
    parts = {of: _keys(headers) for of, headers in told.get("parts", {}).items()}
    prefer = {of: _keys(headers) for of, headers in told.get("prefer", {}).items()}
    several = {
        header: of for together in (parts, prefer) for of in together for header in together[of]
    }
    return Profile(
        name=name,
        zh=told["zh"],
        en=told["en"],
        kind=told["kind"],
        columns=tuple(told.get("columns", ())),
        headers=several | {key(text): of for text, of in told.get("headers", {}).items()},
        values=_spelled(told.get("values", {})),
        unsure=_spelled(told.get("unsure", {})),
        marks=_marks(told),
        parts=parts,
        prefer=prefer,
        others={
            key(text): frozenset(_keys(told_)) for text, told_ in told.get("others", {}).items()
        },
        hours=Hours(**told.get("hours", {})),
        source=source,
    )


def _folder():
    return resources.files("engagement.codebook").joinpath("profiles")


def _keys(texts: list[str]) -> tuple[str, ...]:
    return tuple(key(text) for text in texts)


def _spelled(maps: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    return {of: {key(text): code for text, code in spelled.items()} for of, spelled in maps.items()}


def _marks(told: Mapping) -> dict[str, dict[str, str]]:
    """missing or not_applicable by field and spelling."""
    marks: dict[str, dict[str, str]] = {}
    for mark in MARKS:
        for of, texts in told.get(mark, {}).items():
            marks.setdefault(of, {}).update(dict.fromkeys(map(_mark_key, texts), mark))
    return marks


def _mark_key(text: str) -> str:
    """Marks are signs, which `key` would remove."""
    return key(text) or text.strip()
