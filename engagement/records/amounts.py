"""Numbers, counts and lengths of time.

Enters: the text and kind of a cell, and the decimal mark of its locale ("." or ",").
Leaves: decimal numbers with a point; lengths of time in hours.
Refuses: ranges, approximations, negative lengths, and commas or points that the locale forbids.
"""

from __future__ import annotations

import functools
import re

from engagement import codebook
from engagement.records import numerals
from engagement.records.reading import Reading, normal, refused

DAY = 8.0
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:\.\d{1,20})?")


def number(text: str, kind: str, point: str = ".") -> Reading:
    """A number: thousands and decimal marks of the locale, and units of counting."""
    plain = _pointed(numerals.arabic(_squeezed(text).lstrip("'")), kind, point)
    unit = "" if plain is None else _units_of_counting().sub("", plain)
    if not _NUMBER.fullmatch(unit):
        return refused("not_a_number")
    return Reading(shown(float(unit)), "number")


def count(text: str, kind: str, point: str = ".") -> Reading:
    """A whole number of people or things."""
    found = number(text, kind, point)
    if found.value and not found.value.isdigit():
        return refused("not_a_count")
    return found


def hours(text: str, kind: str, point: str = ".", day: float = DAY) -> Reading:
    """A length of time in hours; a day is `day` hours and half a day half of that, by rule."""
    plain = _pointed(numerals.arabic(_squeezed(text)), kind, point)
    if plain is None:
        return refused("not_hours")
    for joined, simple in codebook.structure()["numbers"]["joined"].items():
        plain = plain.replace(joined, simple)
    clock = re.fullmatch(r"(\d{1,3})(?::([0-5]\d)(?::00)?|h([0-5]\d))", plain)
    if clock:
        return Reading(shown(int(clock[1]) + int(clock[2] or clock[3]) / 60), "hours")
    if _NUMBER.fullmatch(plain):
        return Reading(shown(float(plain)), "hours") if float(plain) >= 0 else refused("negative")
    if not _hours_grammar().fullmatch(plain):
        return refused("not_hours")
    return _hours_of(plain, day)


def _hours_of(plain: str, day: float) -> Reading:
    """The sum of the parts, each of a smaller unit than the one before."""
    units_of_time, half = codebook.structure()["hours"], codebook.structure()["numbers"]["half"]
    total, before, by_rule = 0.0, float("inf"), False
    for amount, early, unit, late in _hours_part().findall(plain):
        if units_of_time[unit] >= before:
            return refused("not_hours")
        before = units_of_time[unit]
        size = (float(amount) if amount else 0.0) + 0.5 * (early in half) + 0.5 * (late in half)
        total += size * (day if before > 1 else before)
        by_rule |= before > 1
    return Reading(shown(total), "hours", "inferred" if by_rule else "exact")


def _squeezed(text: str) -> str:
    """Without blanks, but for one between two figures: these are two numbers."""
    return re.sub(r"(?<!\d) | (?!\d)", "", normal(text)).lower()


def _pointed(text: str, kind: str, point: str) -> str | None:
    """`text` with a decimal point and no thousands; None where the locale does not settle it.

    A number cell of a spreadsheet has a point in every locale.
    """
    if kind.startswith("number"):
        return text
    group = "," if point == "." else "."
    whole = rf"\d{{1,3}}(?:\{group}\d{{3}})+(?!\d)|\d+"
    found = re.match(rf"([+-]?(?:{whole}))(?:\{point}(\d+))?", text)
    if not found:
        return None if re.search(r"\d[.,]\d", text) else text
    rest = text[found.end() :]
    if re.search(rf"[.,]\d|\d\{group}", rest if point == "." else found.group(1)[-1:] + rest):
        return None
    decimals = f".{found[2]}" if found[2] else ""
    return found[1].replace(group, "") + decimals + rest


def shown(value: float) -> str:
    """A number as text: four decimals at most, and none that say nothing."""
    text = f"{round(value, 4):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@functools.cache
def _hours_part() -> re.Pattern:
    half = "|".join(codebook.structure()["numbers"]["half"])
    words = map(re.escape, sorted(codebook.structure()["hours"], key=len, reverse=True))
    names = "|".join(words)
    return re.compile(rf"(\d{{1,6}}(?:\.\d+)?)?({half})?({names})((?:{half})(?!{names}))?")


@functools.cache
def _hours_grammar() -> re.Pattern:
    half = "|".join(codebook.structure()["numbers"]["half"])
    return re.compile(rf"(?:(?=\d|{half})(?:{_hours_part().pattern}))+")


@functools.cache
def _units_of_counting() -> re.Pattern:
    words = sorted(codebook.structure()["numbers"]["units"], key=len, reverse=True)
    return re.compile(f"(?:{'|'.join(words)})$")
