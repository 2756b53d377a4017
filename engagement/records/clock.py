"""Times of day as sign-in sheets write them.

Enters: the text and kind of a cell, and the scope of the session's date.
Leaves: HH:MM or HH:MM:SS, or with its day YYYY-MM-DDTHH:MM; 24:00 is the end of a day.
Refuses: hours and minutes that no clock shows, and figures that need not be a time.
"""

from __future__ import annotations

import functools
import re

from engagement import codebook
from engagement.records import dates, numerals
from engagement.records.dates import Scope
from engagement.records.reading import Reading, normal, refused

_NOON, _EARLY_NOON = 12, 10
_DAY_SECONDS = 86_400
_NAMED = {"half": 30, "quarter": 15, "three_quarters": 45}
_SERIAL = re.compile(r"(\d{0,5})(\.\d+)")
_OF_CELL = re.compile(r"(?:(\d{4}-\d\d-\d\d) )?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?")


def read(text: str, kind: str, within: Scope) -> Reading:
    """The time in a cell of `kind` (text, number, number_1904, date, month, time).

    A clock time without a part of the day counts from midnight. A date without a time of day is
    no time.
    """
    if kind.startswith("number"):
        return _serial(text, kind, within)
    if kind in ("date", "month", "time"):
        found = _OF_CELL.fullmatch(text)
        if not found:
            return refused("not_a_time")
        return _told(found[1] or "", *(int(part or 0) for part in found.group(2, 3, 4)))
    return _written(numerals.arabic(normal(text).lower().lstrip("'")), within)


def _serial(text: str, kind: str, within: Scope) -> Reading:
    """Days and parts of a day, as spreadsheets keep times."""
    found = _SERIAL.fullmatch(text)
    whole = found[1].lstrip("0") if found else ""
    day = dates.read(whole, kind, within).value if whole else ""
    if not found or (whole and not day):
        return refused("not_a_time")
    seconds = round(float(found[2]) * _DAY_SECONDS)
    told = _told(day, seconds // 3600, seconds // 60 % 60, seconds % 60)
    return told._replace(rule=f"{told.rule}+serial", confidence="inferred")


def _written(text: str, within: Scope) -> Reading:
    found = _grammar().search(text)
    before = re.sub(r"[\st,]+$", "", text[: found.start()]) if found else ""
    day = dates.read(before, "text", within) if before else None
    if not found or (day is not None and day.precision != "day"):
        return refused("not_a_time")
    hour = _of_part(int(found["hour"]), _part(found["before"] or found["after"] or ""))
    minute = found["colon"] or found["minute"]
    minute = minute or next((at for name, at in _NAMED.items() if found[name]), 0)
    if hour is None:
        return refused("not_a_time")
    return _told(day.value if day else "", hour, int(minute), int(found["second"] or 0))


def _of_part(hour: int, part: str) -> int | None:
    """The hour from midnight on; None where the part of the day and the hour do not agree."""
    if part in ("noon", "pm", "evening") and hour > _NOON:
        return hour
    if hour > _NOON or (hour == _NOON and part in ("morning", "evening")):
        return None if part else hour
    if part == "noon":
        return hour if hour >= _EARLY_NOON else hour + _NOON
    if part:
        return hour % _NOON + _NOON * (part in ("pm", "evening"))
    return hour


def _told(day: str, hour: int, minute: int, second: int) -> Reading:
    if (hour, minute, second) > (24, 0, 0) or max(minute, second) > 59:
        return refused("not_a_time")
    shown = f"{hour:02d}:{minute:02d}" + (f":{second:02d}" if second else "")
    return Reading(f"{day}T{shown}" if day else shown, "time")


def _part(word: str) -> str:
    parts = codebook.structure()["clock"]["parts"]
    return next((name for name, words in parts.items() if word in words), "")


@functools.cache
def _grammar() -> re.Pattern:
    """A time at the end of a text."""
    words = codebook.structure()["clock"]
    part = _either([word for listed in words["parts"].values() for word in listed])
    named = "|".join(f"(?P<{name}>{_either(words[name])})" for name in _NAMED)
    counted = rf"(?P<minute>\d{{1,2}})\s*{_either(words['minute'])}?"
    return re.compile(
        rf"(?:(?P<before>{part})\s*)?(?<!\d)(?P<hour>\d{{1,2}})(?:"
        r":(?P<colon>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?"
        rf"|\s*{_either(words['hour'])}\s*(?:{counted}|{named})?"
        rf"|(?=\s*{part}$))\s*(?P<after>{part})?$"
    )


def _either(texts: list[str]) -> str:
    return "(?:" + "|".join(map(re.escape, sorted(texts, key=len, reverse=True))) + ")"
