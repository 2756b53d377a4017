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

from engagement import codebook
from engagement.records import numerals
from engagement.records.reading import Reading, normal, refused

EARLIEST = 1900
_PRECISION = ("year", "month", "day")
_INFERRED = frozenset(
    {"two_digit_year", "roc", "declared_year", "serial", "six_digits", "about", "zero_day"}
)
_ISO = re.compile(r"(\d{4})([-./])(\d{1,2})(?:\2(\d{1,2}))?")
_S = r"[-./,_~\s\\\u00b7\u2013\u2014\u2212\u3001\u3002]"
_TIME = re.compile(
    r"[ t](?:[ap]m )?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:z|[ap]m|[+-]\d{2}:?\d{2})?$"
)
_BRACKET = re.compile(r"(.*?)[(\[{<\u3010]([^()]*)[)\]}>\u3011](.*)")


@dataclass(frozen=True)
class Scope:
    """What a column of dates may hold.

    `window`: years before the reference date between which a two-digit year is looked for.
    `latest`: the last plausible day. `order`: dmy or mdy, where the locale settles it.
    `year`: the year of dates written without one.
    """

    reference: datetime.date
    window: tuple[int, int]
    latest: datetime.date
    order: str | None
    year: int | None

    def centuries(self, two_digits: int) -> list[int]:
        """The full years that a two-digit year may mean."""
        oldest, youngest = (self.reference.year - years for years in self.window)
        return [
            year for year in (1900 + two_digits, 2000 + two_digits) if oldest <= year <= youngest
        ]


def scope(
    field: str, reference: datetime.date, *, locale: str = "zh-CN", year: int | None = None
) -> Scope:
    """The scope of `field`, from the codebook's windows and the study's locale."""
    words = _words()
    window = words["windows"].get(field, words["windows"]["other"])
    years = words["latest"].get(field)
    latest = reference if years is None else datetime.date(reference.year + years, 12, 31)
    return Scope(reference, tuple(window), latest, words["order"].get(locale), year)


def read(text: str, kind: str, within: Scope) -> Reading:
    """The date in a cell of `kind` (text, number, number_1904, date, month)."""
    if kind in ("date", "month"):
        shown = 2 if kind == "month" and text[8:10] == "01" else 3
        parts = (text[:4], text[5:7], text[8:10])[:shown]
        return _checked(parts, ("shown_month",) if shown == 2 else (), within)
    if kind.startswith("number"):
        return _number(text, kind, within)
    plain = _ISO.fullmatch(text)
    if plain:
        return _checked(plain.group(1, 3, 4), (), within)
    return _written(_squeezed(text), within)


def _number(text: str, kind: str, within: Scope) -> Reading:
    if re.fullmatch(r"\d{5}", text):
        start = (1904, 1, 1) if kind.endswith("1904") else (1899, 12, 30)
        day = datetime.date(*start) + datetime.timedelta(days=int(text))
        return _checked((day.year, day.month, day.day), ("serial",), within)
    if re.fullmatch(r"\d{4}\.1", text):
        return refused("month_lost_zero")
    if re.fullmatch(r"\d{4}|\d{6}|\d{8}|\d{4}\.\d{1,2}", text):
        return _written(text, within)
    return refused("not_a_date")


def _squeezed(text: str) -> str:
    """Lower case, without the time of day, with blanks between digits only."""
    plain = _TIME.sub("", normal(text).lower().lstrip("'"))
    return re.sub(r"\s+(?=\D)|(?<=\D)\s+", "", plain)


def _written(text: str, within: Scope) -> Reading:
    outside, remark = _without_remark(text)
    core, notes = _without_words(outside)
    notes = (*remark, *notes)
    if "lunar" in notes:
        return refused("lunar_date")
    if "roc" in notes:
        core = re.sub(r"^\d{1,3}", lambda years: str(int(years.group()) + 1911), core)
    if len(_patterns()["full_year"].findall(core)) > 1:
        return refused("two_dates")
    for form in (_year_first, _compact, _short_year, _without_year, _year_last, _named_month):
        found = form(core, notes, within)
        if found is not None:
            return found
    return refused("serial_in_text" if re.fullmatch(r"\d{5}", core) else "not_a_date")


def _without_remark(text: str) -> tuple[str, tuple[str, ...]]:
    """Move what stands in brackets aside, unless it is the month of the year before it."""
    found = _BRACKET.fullmatch(text)
    if not found:
        return text, ()
    before, inside, after = found.groups()
    if not before + after:
        return inside, ()
    if _patterns()["month"].fullmatch(numerals.arabic(inside)):
        return before + inside + after, ()
    return before + after, ("remark",)


def _without_words(text: str) -> tuple[str, tuple[str, ...]]:
    """Take out the words around a date, and tell which kinds that matter there were."""
    if text.isascii() and not re.search("[a-z?]", text):
        return text.strip(" .,;"), ()
    words, patterns = _words(), _patterns()
    first = text.replace(words["first_year"], "1" + words["year"])
    core = numerals.arabic(first.replace(words["first_month"], "1" + words["month"][-1]))
    notes = ["chinese_numerals"] if core != text else []
    if patterns["lunar"].search(core):
        return core, ("lunar",)
    for name in ("roc", "about", "weekday", "part", "around", "era"):
        without = patterns[name].sub("", core)
        if without != core and name in ("roc", "about", "part"):
            notes.append(name)
        core = without
    return core.strip(" .,;"), tuple(notes)


def _year_first(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = _patterns()["year_first"].fullmatch(text)
    if not found or _mixed(found["s1"], found["s2"]):
        return None
    return _checked(found.group("year", "month", "day"), notes, within)


def _compact(text: str, notes: tuple, within: Scope) -> Reading | None:
    if not (found := _patterns()["compact"].fullmatch(text)):
        return None
    digits = found["digits"]
    full = _checked((digits[:4], digits[4:6] or None, digits[6:] or None), notes, within)
    if len(digits) != 6:
        return full
    short = _one_of(_short(digits[:2], digits[2:4], digits[4:], within), notes, within)
    if not full.value:
        return short if short.value else full
    doubt = ("six_digits",) if short.value else ()
    return _checked((digits[:4], digits[4:]), (*notes, *doubt), within)


def _short_year(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = _patterns()["short_year"].fullmatch(text)
    if not found or _mixed(found["s1"], found["s2"]):
        return None
    first, month, day = found.group("year", "month", "day")
    bare = found["s1"] is not None
    if bare and ((day is None and int(first) <= 12) or (day is not None and within.order)):
        return None
    candidates = _short(first, month, day, within)
    if bare and day is not None and len(day) == 2:
        candidates += _short(day, month, first, within) + _short(day, first, month, within)
    return _one_of(candidates, notes, within)


def _short(year: str, month: str | None, day: str | None, within: Scope) -> list[tuple]:
    return [(full, month, day) for full in within.centuries(int(year))]


def _one_of(candidates: list[tuple], notes: tuple, within: Scope) -> Reading:
    """The only possible one of several dates; refused when there are more."""
    notes = (*notes, "two_digit_year")
    found = {_checked(parts, notes, within) for parts in candidates}
    possible = [reading for reading in found if reading.value]
    if within.year is not None and len(possible) > 1:
        possible = [reading for reading in possible if reading.value[:4] == str(within.year)]
    if len(possible) == 1:
        return possible[0]
    return refused("ambiguous_date" if possible else "impossible_date")


def _without_year(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = _patterns()["without_year"].fullmatch(text)
    if not found:
        return None
    if within.year is None:
        return refused("no_year")
    return _checked((within.year, *found.groups()), (*notes, "declared_year"), within)


def _year_last(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = _patterns()["year_last"].fullmatch(text)
    if not found:
        return None
    first, second, year = found.group("first", "second", "year")
    short = len(year) == 2
    notes = (*notes, "two_digit_year") if short else notes
    years = within.centuries(int(year)) if short else [int(year)]
    orders = {"dmy": [(second, first)], "mdy": [(first, second)]}
    days = orders.get(within.order, [(second, first), (first, second)])
    found = {_checked((full, *day), notes, within) for full in years for day in days}
    possible = [reading for reading in found if reading.value]
    if len(possible) == 1:
        return possible[0]
    return refused("ambiguous_date" if possible else "impossible_date")


def _named_month(text: str, notes: tuple, within: Scope) -> Reading | None:
    found = _patterns()["named_month"].fullmatch(text)
    if not found or found["month"] not in _words()["months"]:
        return None
    month = _words()["months"][found["month"]]
    return _checked((found["year"], month, found["before"] or found["after"]), notes, within)


def _checked(parts: tuple, notes: tuple, within: Scope) -> Reading:
    """The ISO date of year, month and day, as far as they are known and possible."""
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
        notes = (*notes, "zero_day")
    confidence = "inferred" if _INFERRED.intersection(notes) else "exact"
    confidence = "lossy" if "part" in notes else confidence
    return Reading(value, "+".join(("date", *notes)), confidence, _PRECISION[known - 1])


def _days(year: int, month: int) -> int:
    return calendar.monthrange(year, month)[1] if year else 0


def _mixed(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one != other


@functools.cache
def _words() -> dict:
    return codebook.structure()["dates"]


@functools.cache
def _patterns() -> dict[str, re.Pattern]:
    """The grammar, with the codebook's words for year, month and day."""
    words = _words()
    y, m, d = words["year"], _either(words["month"]), _either(words["day"])
    day = rf"(?:{m}|(?P<s2>{_S}))(?P<day>\d{{1,2}}){d}?"
    rest = rf"(?:{y}|(?P<s1>{_S}))(?P<month>\d{{1,2}})(?:{m}|{day})?"
    grammar = {name: _either(words[name]) for name in ("roc", "about", "around", "era")}
    grammar |= {
        "part": rf"{_either(words['part'])}$",
        "weekday": rf"{_either(words['weekday'])}[1-7{''.join(words['day'])}]$",
        "lunar": rf"{_either(words['lunar'])}|{words['lunar_day']}\d",
        "month": rf"\d{{1,2}}{m}",
        "full_year": rf"(?<!\d)(?:19|20)\d\d(?:{y}|{_S}\d|\d{{4}}(?!\d))",
        "year_first": rf"(?P<year>\d{{4}}){rest}",
        "compact": rf"(?P<digits>\d{{8}}|\d{{6}}|\d{{4}}(?={y}?$)){y}?",
        "short_year": rf"'?(?P<year>\d\d)(?:{rest}|{y}(?P<none>))",
        "without_year": rf"(\d{{1,2}})(?:{m}|{_S})(\d{{1,2}}){d}?",
        "year_last": rf"(?P<first>\d{{1,2}})(?P<s>{_S})(?P<second>\d{{1,2}})(?P=s)"
        r"(?P<year>\d{4}|\d\d)",
        "named_month": rf"(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?{_S}?)?(?P<month>[a-z]+){_S}?"
        rf"(?:(?P<after>\d{{1,2}})(?:st|nd|rd|th)?{_S}?)?(?P<year>\d{{4}})",
    }
    return {name: re.compile(pattern) for name, pattern in grammar.items()}


def _either(words: list[str]) -> str:
    return "(?:" + "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) + ")"
