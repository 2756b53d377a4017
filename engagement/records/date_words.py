"""The words and the grammar of dates.

Enters: the text of a cell.
Leaves: its core without the words around it, and which words that matter there were; patterns.
Refuses: nothing; dates.py decides what a core means.
"""

from __future__ import annotations

import functools
import re

from engagement import codebook
from engagement.records import numerals
from engagement.records.reading import normal

_S = r"[-./,_~\s\\\u00b7\u2013\u2014\u2212\u3001\u3002]"
_BRACKET = re.compile(r"(.*?)[(\[{<\u3010]([^()]*)[)\]}>\u3011](.*)")
_TOLD = ("roc", "about", "about_latin", "part")


def squeezed(text: str) -> str:
    """Lower case, without the time of day, with blanks between digits only."""
    plain = patterns()["time"].sub("", normal(text).lower().lstrip("'"))
    return re.sub(r"\s+(?=\D)|(?<=\D)\s+", "", plain)


def without(text: str) -> tuple[str, tuple[str, ...]]:
    """The core of `text` without remark and words, and what they told: lunar, roc, about, part."""
    outside, remark = _without_remark(text)
    core, notes = _without_words(outside)
    return core, (*remark, *notes)


def _without_remark(text: str) -> tuple[str, tuple[str, ...]]:
    """Move what stands in brackets aside, unless it is the month of the year before it."""
    found = _BRACKET.fullmatch(text)
    if not found:
        return text, ()
    before, inside, after = found.groups()
    if not before + after:
        return inside, ()
    if patterns()["month"].fullmatch(numerals.arabic(inside)):
        return before + inside + after, ()
    lunar = ("lunar",) if patterns()["lunar"].search(inside) else ()
    return before + after, ("remark", *lunar)


def _without_words(text: str) -> tuple[str, tuple[str, ...]]:
    """Take out the words around a date, and tell which kinds that matter there were."""
    if text.isascii() and not re.search("[a-z?]", text):
        return text.strip(" .,;"), ()
    first = text.replace(words()["first_year"], "1" + words()["year"])
    first = first.replace(words()["first_month"], "1" + words()["month"][-1])
    core = numerals.arabic(first, years=words()["year"])
    notes = ["chinese_numerals"] if core != text else []
    if patterns()["lunar"].search(core):
        return core, ("lunar",)
    for name in ("roc", "about", "about_latin", "weekday", "weekdays", "part", "around", "era"):
        shorter = patterns()[name].sub("", core)
        if shorter != core and name in _TOLD:
            notes.append(name.partition("_")[0])
        core = shorter
    return core.strip(" .,;"), tuple(notes)


@functools.cache
def words() -> dict:
    """The codebook's words of dates."""
    return codebook.structure()["dates"]


@functools.cache
def patterns() -> dict[str, re.Pattern]:
    """The grammar, with the codebook's words for year, month and day."""
    grammar = _around() | _numbered() | _named()
    return {name: re.compile(pattern) for name, pattern in grammar.items()}


def _around() -> dict[str, str]:
    """Words that stand around a date."""
    known = words()
    clock = rf"{_either(known['clock'])}(?:\d{{0,2}}{_either(known['minutes'])}?)?"
    part = _either(known["part_of_day"])
    return {name: _either(known[name]) for name in ("roc", "about", "around", "era")} | {
        "about_latin": rf"(?<![^\W\d_]){_either(known['about_latin'])}",
        "part": rf"{_either(known['part'])}$",
        "weekday": rf"{_either(known['weekday'])}[1-7{''.join(known['day'])}]$",
        "weekdays": rf"^{_either(known['weekdays'])}[.,]*(?=\d|[a-z]{{3}})",
        "lunar": rf"{_either(known['lunar'])}|{known['lunar_day']}\d",
        "time": rf"(?:[ t]|(?<={_each(known['day'])}))\s?(?:{part}\s?)?\d{{1,2}}"
        rf"(?::\d{{2}}(?::\d{{2}}(?:\.\d+)?)?\s?(?:z|{part}|[+-]\d{{2}}:?\d{{2}})?|{clock})$",
    }


def _numbered() -> dict[str, str]:
    """Dates in figures."""
    y, m, d = words()["year"], _either(words()["month"]), _either(words()["day"])
    day = rf"(?:{m}|(?P<s2>{_S}))(?P<day>\d{{1,2}}){d}?"
    rest = rf"(?:{y}|(?P<s1>{_S}))(?P<month>\d{{1,2}})(?:{m}|{day})?"
    return {
        "month": rf"\d{{1,2}}{m}",
        "full_year": rf"(?<!\d)(?:19|20)\d\d(?:{y}|{_S}\d|\d{{4}}(?!\d))",
        "year_first": rf"(?P<year>\d{{4}}){rest}",
        "compact": rf"(?P<digits>\d{{8}}|\d{{6}}|\d{{4}}(?={y}?$)){y}?",
        "era_year": rf"(?P<year>[01]\d\d){rest}",
        "era_compact": r"(?P<year>[01]\d\d)(?P<month>\d\d)(?P<day>\d\d)(?P<s1>)(?P<s2>)",
        "short_year": rf"'?(?P<year>\d\d)(?:{rest}|{y}(?P<none>))",
        "without_year": rf"(?P<first>\d{{1,2}})(?:{m}|(?P<s>{_S}))(?P<second>\d{{1,2}}){d}?",
        "year_last": rf"(?P<first>\d{{1,2}})(?P<s>{_S})(?P<second>\d{{1,2}})(?P=s)"
        r"(?P<year>\d{4}|\d\d)",
        "month_last": rf"(?P<month>\d{{1,2}})(?!\s){_S}(?P<year>\d{{4}})",
    }


def _named() -> dict[str, str]:
    """Dates with the name of their month."""
    name = r"(?P<month>[^\W\d_]+)"
    before, after = (
        rf"(?P<{place}>\d{{1,2}})(?:st|nd|rd|th)?{_S}?" for place in ("before", "after")
    )
    return {
        "named_month": rf"(?!\d.*[a-z].*\d.*\d{{4}}$)(?:{before})?{name}{_S}?(?:{after})?"
        r"(?P<year>\d{4})",
        "named_after_year": rf"(?P<year>\d{{4}}){_S}?{name}{_S}?(?P<before>)(?:{after})?",
        "named_short": rf"(?:{before})?{name}{_S}?'?(?P<year>\d\d)(?P<after>)",
        "named_long": rf"{name}{_S}?(?P<after>\d{{1,2}})(?:st|nd|rd|th)?{_S}(?P<year>\d\d)"
        r"(?P<before>)",
        "named_alone": rf"(?=.*\d)(?!\d.*[a-z].*\d)(?:{before})?{name}{_S}?(?:{after})?(?P<year>)",
    }


def _either(texts: list[str]) -> str:
    return "(?:" + "|".join(re.escape(w) for w in sorted(texts, key=len, reverse=True)) + ")"


def _each(letters: list[str]) -> str:
    return "[" + "".join(letters) + "]"
