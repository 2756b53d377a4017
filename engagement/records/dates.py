"""Dates as rosters write them.

Enters: the text and kind of a cell, and a Scope (reference date, direction, order, year).
Leaves: an ISO date of the precision that was written: 1956, 1956-03 or 1956-03-04.
Refuses: what is no date, is ambiguous, lies outside the scope or needs a year that nobody gave.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import re
from dataclasses import dataclass

from engagement.records import date_words
from engagement.records.date_words import patterns
from engagement.records.reading import Reading, refused

EARLIEST = 1900
_PRECISION = ("year", "month", "day")
_INFERRED = frozenset({"two_digit_year", "roc", "declared_year", "serial", "about", "zero_day"})
_ISO = re.compile(r"(\d{4})([-./])(\d{1,2})(?:\2(\d{1,2}))?")
_CELL = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?!\d).*", re.DOTALL)
_ROC = 1911
_NAMED = ("named_month", "named_after_year", "named_short", "named_long", "named_alone")


@dataclass(frozen=True)
class Scope:
    """What a column of dates may hold.

    `window`: years before the reference date between which a two-digit year is looked for.
    `latest`: the last plausible day. `order`: dmy or mdy, where the locale settles it.
    `year`: the year of dates written without one. `era`: roc, where years may be counted so.
    """

    reference: datetime.date
    window: tuple[int, int]
    latest: datetime.date
    order: str | None
    year: int | None
    era: str | None = None

    def centuries(self, two_digits: int) -> list[int]:
        """The full years that a two-digit year may mean."""
        oldest, youngest = (self.reference.year - years for years in self.window)
        starts = (1900, 2000, _ROC) if self.era == "roc" else (1900, 2000)
        return [start + two_digits for start in starts if oldest <= start + two_digits <= youngest]

    def days(self, first: str, second: str) -> list[tuple[str, str]]:
        """(month, day) as the order of the locale has it; both where it does not settle it."""
        turned, straight = (second, first), (first, second)
        return {"dmy": [turned], "mdy": [straight]}.get(self.order, [turned, straight])


def scope(
    field: str, reference: datetime.date, *, locale: str = "zh-CN", year: int | None = None
) -> Scope:
    """The scope of `field`, from the codebook's windows and the study's locale."""
    words = date_words.words()
    window = words["windows"].get(field, words["windows"]["other"])
    years = words["latest"].get(field)
    latest = reference if years is None else datetime.date(reference.year + years, 12, 31)
    order, era = words["order"].get(locale), words["era_of"].get(locale)
    return Scope(reference, tuple(window), latest, order, year, era)


def read(text: str, kind: str, within: Scope) -> Reading:
    """The date in a cell of `kind` (text, number, number_1904, date, month)."""
    if kind in ("date", "month"):
        return _of_cell(text, kind, within)
    if kind.startswith("number"):
        return _number(text, kind, within)
    plain = _ISO.fullmatch(text)
    if plain:
        return _checked(plain.group(1, 3, 4), (), within)
    return _written(date_words.squeezed(text), within)


def _of_cell(text: str, kind: str, within: Scope) -> Reading:
    found = _CELL.fullmatch(text)
    if not found:
        return refused("not_a_date")
    shown = 2 if kind == "month" and found[3] == "01" else 3
    return _checked(found.groups()[:shown], ("shown_month",) if shown == 2 else (), within)


def _number(text: str, kind: str, within: Scope) -> Reading:
    if re.fullmatch(r"[0-9]{5}(?:\.[0-9]+)?", text):
        start = (1904, 1, 1) if kind.endswith("1904") else (1899, 12, 30)
        day = datetime.date(*start) + datetime.timedelta(days=int(text[:5]))
        return _checked((day.year, day.month, day.day), ("serial",), within)
    if re.fullmatch(r"\d{4}\.1", text):
        return refused("month_lost_zero")
    if re.fullmatch(r"\d{4}|\d{6}|\d{8}|\d{4}\.\d{1,2}", text):
        return _written(text, within)
    return refused("not_a_date")


@functools.lru_cache(maxsize=1 << 14)
def _written(text: str, within: Scope) -> Reading:
    core, notes = date_words.without(text)
    if "lunar" in notes:
        return refused("lunar_date")
    if "roc" in notes:
        core = re.sub(r"^\d{1,3}", lambda years: str(int(years.group()) + _ROC), core)
    if len(patterns()["full_year"].findall(core)) > 1:
        return refused("two_dates")
    for form in _FORMS:
        found = form(core, notes, within)
        if found is not None:
            return found
    return refused("serial_in_text" if re.fullmatch(r"\d{5}", core) else "not_a_date")


def _year_first(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = patterns()["year_first"].fullmatch(text)
    if not found or _mixed(found["s1"], found["s2"]):
        return None
    return _checked(found.group("year", "month", "day"), notes, within)


def _compact(text: str, notes: tuple, within: Scope) -> Reading | None:
    if not (found := patterns()["compact"].fullmatch(text)):
        return None
    digits = found["digits"]
    full = _checked((digits[:4], digits[4:6] or None, digits[6:] or None), notes, within)
    if len(digits) != 6:
        return full
    one, two, three = digits[:2], digits[2:4], digits[4:]
    short = _short(one, two, three, within)
    if within.order:
        short += [
            (year, *day) for year in within.centuries(int(three)) for day in within.days(one, two)
        ]
    read = _one_of(short, notes, within, also=full)
    usual = int(digits[:4]) >= within.reference.year - within.window[0] and not within.order
    if read.rule == "ambiguous_date" and full.value and usual:
        return full._replace(rule=full.rule + "+six_digits", confidence="inferred")
    return read


def _era_year(text: str, notes: tuple, within: Scope) -> Reading | None:
    """Three digits of a year, where years are counted from the founding of the republic."""
    found = patterns()["era_year"].fullmatch(text) or patterns()["era_compact"].fullmatch(text)
    if not found or within.era != "roc" or _mixed(*found.group("s1", "s2")):
        return None
    year, month, day = found.group("year", "month", "day")
    return _checked((int(year) + _ROC, month, day), (*notes, "roc"), within)


def _short_year(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = patterns()["short_year"].fullmatch(text)
    if not found or _mixed(found["s1"], found["s2"]):
        return None
    first, month, day = found.group("year", "month", "day")
    bare = found["s1"] is not None
    if bare and (within.order if day else int(first) <= (31 if within.order else 12)):
        return None
    candidates = _short(first, month, day, within)
    if bare and day is not None and len(day) == 2:
        candidates += _short(day, month, first, within) + _short(day, first, month, within)
    return _one_of(candidates, notes, within)


def _short(year: str, month: str | None, day: str | None, within: Scope) -> list[tuple]:
    return [(full, month, day) for full in within.centuries(int(year))]


def _one_of(
    candidates: list[tuple], notes: tuple, within: Scope, also: Reading | None = None
) -> Reading:
    """The only possible one of several dates, `also` among them; refused when there are more."""
    noted = (*notes, "two_digit_year")
    found = {_checked(parts, noted, within) for parts in candidates}
    possible = [reading for reading in found if reading.value]
    possible += [also] if also and also.value else []
    if within.year is not None and len(possible) > 1:
        possible = [reading for reading in possible if reading.value[:4] == str(within.year)]
    if len(possible) == 1:
        return possible[0]
    if possible:
        return refused("ambiguous_date")
    return also or refused("impossible_date")


def _without_year(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = patterns()["without_year"].fullmatch(text)
    if not found:
        return None
    day = (found["first"], found["second"])
    turned = found["s"] and within.order == "dmy"
    return _of_declared_year(day[::-1] if turned else day, notes, within)


def _of_declared_year(day: tuple, notes: tuple, within: Scope) -> Reading:
    if within.year is None:
        return refused("no_year")
    return _checked((within.year, *day), (*notes, "declared_year"), within)


def _year_last(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = patterns()["year_last"].fullmatch(text)
    if not found:
        return None
    first, second, year = found.group("first", "second", "year")
    days = within.days(first, second)
    if len(year) == 2:
        years = within.centuries(int(year))
        return _one_of([(full, *day) for full in years for day in days], notes, within)
    found = {_checked((year, *day), notes, within) for day in days}
    possible = [reading for reading in found if reading.value]
    if len(possible) == 1:
        return possible[0]
    return refused("ambiguous_date" if possible else "impossible_date")


def _month_last(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = patterns()["month_last"].fullmatch(text)
    return found and _checked((found["year"], found["month"]), notes, within)


def _named_month(text: str, notes: tuple, within: Scope) -> Reading | None:
    for name in _NAMED:
        found = patterns()[name].fullmatch(text)
        if found and found["month"] in date_words.words()["months"]:
            month = date_words.words()["months"][found["month"]]
            return _named(found.groupdict(), month, notes, within)
    return None


def _named(found: dict, month: int, notes: tuple, within: Scope) -> Reading:
    """The words Mar 12 may be a day or a year: only what cannot be a day is a year."""
    year, day = found["year"], found["before"] or found["after"]
    if year and len(year) == 4:
        return _checked((year, month, day), notes, within)
    if year and not day and int(year) <= 31:
        return refused("ambiguous_date")
    if year:
        years = within.centuries(int(year))
        return _one_of([(full, month, day) for full in years], notes, within)
    return _of_declared_year((month, day), notes, within)


def _checked(parts: tuple, notes: tuple, within: Scope) -> Reading:
    """The ISO date of year, month and day, as far as they are known and possible.

    A day 0 of January 1900 is how spreadsheets show an empty number, not a date.
    """
    year, month, day = (int(part or 0) for part in (*parts, None, None)[:3])
    if year == 0:
        return refused("not_a_date")
    if month > 12 or (day and not month) or (month and day > _days(year, month)):
        return refused("impossible_date")
    if year < EARLIEST:
        return refused("before_1900")
    if datetime.date(year, month or 1, day or 1) > within.latest:
        return refused("after_reference_date")
    known = 1 + bool(month) + bool(day)
    value = "-".join((f"{year:04d}", f"{month:02d}", f"{day:02d}")[:known])
    if parts[-1] in ("0", "00"):
        if (year, month) == (EARLIEST, 1):
            return refused("not_a_date")
        notes = (*notes, "zero_day")
    confidence = "inferred" if _INFERRED.intersection(notes) else "exact"
    confidence = "lossy" if "part" in notes else confidence
    return Reading(value, "+".join(("date", *notes)), confidence, _PRECISION[known - 1])


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1] if year else 0


def _mixed(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


_FORMS = (
    _year_first,
    _compact,
    _era_year,
    _short_year,
    _without_year,
    _year_last,
    _month_last,
    _named_month,
)
