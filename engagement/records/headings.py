"""What stands above a table, or in the name of its sheet: the day, the duty, the place, the unit.

Enters: the texts above a header and the name of the sheet, the roster and a study.
Leaves: for each field that no column holds, the text to read and where it stands.
Refuses: choosing between two days or two units; a text that names several is no help.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from engagement import codebook
from engagement.declared import Roster
from engagement.records import date_words, dates, minutes, numerals, units
from engagement.records.read import Grid
from engagement.records.reading import normal
from engagement.study import Study

WANTED: Mapping[str, tuple[str, ...]] = {
    "sign_ins": ("event_date", "duty_type", "place", "branch", "group"),
    "minutes": ("event_date", "duty_type", "place", "branch", "group"),
    "members": ("branch", "group"),
}
TITLE, SHEET = "from_title", "sheet_name"
_PAIR = re.compile(r"([^\s:\d]+)\s*:\s*(.*?)(?=\s+[^\s:\d]+\s*:|$)")
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_SHORTEST_DUTY = 2


class Said(NamedTuple):
    """The text of a field, why it is read (from_title, sheet_name), and the cell it stands in."""

    text: str
    why: str
    at: tuple[int, int] | None


def of(grid: Grid, top: int, held: Iterable[str], roster: Roster, study: Study) -> dict[str, Said]:
    """What the rows above row `top`, and then the sheet's name, say of fields not in `held`.

    A label goes before a title ("date: …" before a day inside a title), a title before the name of
    the sheet. The precision is that of the text: a month alone stays a month. Two titles that tell
    different days are read together, and so refused.
    """
    wanted = [field for field in WANTED.get(roster.kind, ()) if field not in held]
    if not wanted:
        return {}
    cells = [(at, text) for at, text in _filled(grid, top) if text]
    labelled, titles = _labelled(cells, study)
    titles.append((None, normal(grid.sheet)))
    found: dict[str, Said] = {}
    for field in wanted:
        said = _usable(field, labelled.get(field), found, roster, study)
        said = said or _READERS[field](titles, found, roster, study)
        if said is not None:
            found[field] = said
    return found


def _usable(
    field: str, said: Said | None, found: dict, roster: Roster, study: Study
) -> Said | None:
    """What a label says: a unit that the study knows, a day without the hours beside it."""
    if said is None or field not in ("event_date", "branch", "group"):
        return said
    if field == "event_date":
        days = [] if _value(said.text, roster, study) else _days(said.text, f"{roster.year or ''}")
        return said._replace(text=days[0]) if len(days) == 1 else said
    return said if units.read(said.text, field, study.units, _branch(found, study)).value else None


def _branch(found: dict, study: Study) -> str:
    """The code of the branch found before."""
    return (
        units.read(found["branch"].text, "branch", study.units).value if "branch" in found else ""
    )


def year(grid: Grid, top: int, roster: Roster) -> str:
    """The year of the titles and the sheet's name, if one, else of the roster, as a date begins."""
    whole = " ".join([text for _, text in _filled(grid, top)] + [normal(grid.sheet)])
    years = set(_YEAR.findall(whole))
    found = years.pop() if len(years) == 1 else roster.year
    return f"{found}{date_words.words()['year']}" if found else ""


def _filled(grid: Grid, top: int) -> list[tuple[tuple[int, int], str]]:
    return [
        ((row, column), normal(text))
        for row in range(top)
        for column, text in enumerate(grid.cells[row])
        if text is not None
    ]


def _labelled(cells: list, study: Study) -> tuple[dict[str, Said], list]:
    """Fields by their labels ("place: hall", or the label and its value in two cells); the rest."""
    found: dict[str, Said] = {}
    titles, taken = [], set()
    for number, (at, text) in enumerate(cells):
        pairs = _PAIR.findall(text) or ([(text, "")] if _field(text, study) else [])
        for label, own in pairs:
            beside = cells[number + 1] if number + 1 < len(cells) else None
            value = own.strip(" ,;") or _beside(at, beside, study)
            field = _field(label, study)
            if field and value:
                found.setdefault(field, Said(value, TITLE, at if own else beside[0]))
                taken.add(at if own else beside[0])
        if not pairs and at not in taken:
            titles.append((at, text))
    return found, titles


def _beside(at: tuple[int, int], beside: tuple | None, study: Study) -> str:
    """The text of the next cell of the row, unless it is a label itself."""
    if beside is None or beside[0][0] != at[0]:
        return ""
    text = beside[1]
    return "" if _PAIR.search(text) or _field(text, study) else text


def _field(label: str, study: Study) -> str | None:
    own = codebook.structure()["headings"]["unit"]
    return "branch" if label in own else study.headers.get(codebook.key(label))


def _day(titles: list, found: dict, roster: Roster, study: Study) -> Said | None:
    """The day or month that the titles and the sheet's name tell, the more precise of them."""
    whole = " ".join(text for _, text in titles)
    years = set(_YEAR.findall(whole))
    year = years.pop() if len(years) == 1 else roster.year
    read = [(at, text) for at, title in titles for text in _days(title, f"{year}" if year else "")]
    values = {text: _value(text, roster, study) for _, text in read}
    known = [(at, text) for at, text in read if values[text]]
    if not known:
        return None
    best = max(known, key=lambda pair: len(values[pair[1]]))
    if any(not values[best[1]].startswith(values[text]) for _, text in known):
        best = (best[0], " ".join(dict.fromkeys(text for _, text in known)))
    return Said(best[1], TITLE if best[0] else SHEET, best[0])


def _days(title: str, year: str) -> list[str]:
    """The days and months in a title; one without a year is given the only year there is."""
    plain = numerals.arabic(title, years=date_words.words()["year"])
    texts = [found.group() for found in _written().finditer(plain)]
    return [
        text if re.match(r"\d{4}", text) else f"{year}{date_words.words()['year']}{text}"
        for text in texts
        if year or re.match(r"\d{4}", text)
    ]


def _value(text: str, roster: Roster, study: Study) -> str:
    locale = roster.locale or study.locale
    scope = dates.scope("event_date", study.reference_date, locale=locale, year=roster.year)
    return dates.read(text, "text", scope).value


def _duty(titles: list, found: dict, roster: Roster, study: Study) -> Said | None:
    spelled = {**codebook.decode("duty_type"), **study.values.get("duty_type", {})}
    words = sorted((w for w in spelled if len(w) >= _SHORTEST_DUTY), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, words)))
    for at, title in titles:
        named = list(dict.fromkeys(pattern.findall(codebook.key(title))))
        if named:
            return Said(minutes.joined(named), TITLE if at else SHEET, at)
    return None


def _unit(level: str, titles: list, found: dict, roster: Roster, study: Study) -> Said | None:
    """The only unit of `level` that a title names; a group inside the branch found before."""
    branch = _branch(found, study)
    known = [
        unit
        for unit in study.units
        if unit.level == level and (level == "branch" or unit.parent in (branch, None))
    ]
    for at, title in titles:
        named = [unit.zh for unit in known if units.within(title, unit)]
        if len(named) == 1:
            return Said(named[0], TITLE if at else SHEET, at)
    return None


def _nothing(titles: list, found: dict, roster: Roster, study: Study) -> None:
    return None


_READERS = {
    "event_date": _day,
    "duty_type": _duty,
    "place": _nothing,
    "branch": functools.partial(_unit, "branch"),
    "group": functools.partial(_unit, "group"),
}


@functools.cache
def _written() -> re.Pattern:
    """Days and months as titles write them; figures alone only with a full year."""
    words = date_words.words()
    month, day = (
        "(?:" + "|".join(sorted(words[name], key=len, reverse=True)) + ")"
        for name in ("month", "day")
    )
    return re.compile(
        rf"(?<!\d)(?:\d{{4}}{words['year']})?\d{{1,2}}{month}(?:\d{{1,2}}{day})?"
        r"|(?<!\d)(?:19|20)\d\d([-./])\d{1,2}(?:\1\d{1,2})?(?!\d)|(?<!\d)(?:19|20)\d{6}(?!\d)"
    )
