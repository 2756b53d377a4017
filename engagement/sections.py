"""Reading declared keys from TOML: every key known, every value of its kind, all problems at once.

Enters: a table of a TOML file, and what its keys should hold.
Leaves: values, and a list of problems that name the place.
Refuses: unknown keys (the nearest known key is named), missing keys, values of another kind.
"""

from __future__ import annotations

import datetime
import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from engagement import codebook
from engagement.errors import Problem

MISSING = object()
BOTH = '{ zh = "…", en = "…" }'


@dataclass
class Section:
    """One table of the file; `take` each key, then `close` to find the unknown ones."""

    values: dict
    file: str
    where: str
    problems: list[Problem]
    known: list[str] = field(default_factory=list)

    def take(
        self, name: str, kind: Callable[[object], bool], expected: str, default: Any = MISSING
    ) -> Any:
        """The value of key `name` when `kind` accepts it; else a problem, and the default."""
        self.known.append(name)
        if name not in self.values:
            if default is MISSING:
                self.report("missing_key", name, expected=name)
            return None if default is MISSING else default
        value = self.values[name]
        if not kind(value):
            self.report("wrong_value", name, found=shape(value), expected=expected)
            return None if default is MISSING else default
        return value

    def section(self, name: str) -> Section:
        """The sub-table `name`, empty when it is not there."""
        values = self.take(name, is_table, "[table]", {})
        return Section(values, self.file, self._path(name), self.problems)

    def sections(self, name: str) -> list[Section]:
        """The tables of the array `[[name]]`."""
        rows = self.take(name, lambda v: isinstance(v, list) and all(map(is_table, v)), "[[]]", [])
        return [
            Section(row, self.file, f"{self._path(name)} {number}", self.problems)
            for number, row in enumerate(rows, start=1)
        ]

    def named(self, name: str) -> dict[str, Section]:
        """The sub-tables `[name.x]` by x."""
        values = self.section(name)
        return {key: values.section(key) for key in values.values}

    def one_of(self, name: str, choices: Iterable[str], default: object = MISSING) -> str | None:
        """A word out of `choices`; a wrong one is reported with the nearest right one."""
        allowed = list(choices)
        value = self.take(name, is_text, ", ".join(allowed), default)
        if value is not None and value not in allowed and value is not default:
            self.report("unknown_name", name, found=value, expected=", ".join(allowed))
        return value

    def offered(self, name: str, default: object = MISSING) -> Any:
        """A label in both languages of people or offers: it names what stands in the way or is
        offered, and blames nobody (codebook/blame.csv)."""
        label = self.take(name, is_bilingual, BOTH, default)
        for language, text in (label or {}).items():
            if codebook.blame()[language].search(text):
                self.report("blaming_label", name)
        return label

    def close(self) -> None:
        """Report every key that nobody took."""
        for name in self.values:
            if name not in self.known:
                near = difflib.get_close_matches(name, self.known, n=1, cutoff=0.0)
                self.report("unknown_key", name, found=name, expected=near[0] if near else "–")

    def report(self, key: str, name: str = "", **values: object) -> None:
        """Add a problem at this place."""
        where = self._path(name) if name else self.where
        self.problems.append(Problem(key, {"file": self.file, "where": where, **values}))

    def _path(self, name: str) -> str:
        return f"{self.where}.{name}".lstrip(".")


def shape(value: object) -> str:
    """What kind of value was found, without the value itself."""
    return type(value).__name__


def is_table(value: object) -> bool:
    return isinstance(value, dict)


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def is_flag(value: object) -> bool:
    return isinstance(value, bool)


def is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_share(value: object) -> bool:
    return is_number(value) and 0 < value < 1


def is_date(value: object) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def is_texts(value: object) -> bool:
    return isinstance(value, list) and all(map(is_text, value))


def is_numbers(value: object) -> bool:
    return isinstance(value, list) and all(map(is_number, value)) and value == sorted(set(value))


def is_bilingual(value: object) -> bool:
    return is_table(value) and set(value) == {"zh", "en"} and all(map(is_text, value.values()))


def is_spellings(value: object) -> bool:
    return is_table(value) and all(map(is_text, value.values()))


def is_groups(value: object) -> bool:
    return is_table(value) and bool(value) and all(map(is_texts, value.values()))
