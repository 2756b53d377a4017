"""What a source profile changes in the reading of a roster.

Enters: a roster with its profile, the columns of a header, the rows of a grid.
Leaves: the columns to read, rules that know the codes of the system, rows that are not of the kind.
Refuses: nothing; without a profile everything stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from engagement import codebook
from engagement.codebook import Field
from engagement.codebook.profiles import Hours
from engagement.declared import Roster
from engagement.records import amounts
from engagement.records.reading import Reading, normal

if TYPE_CHECKING:
    from engagement.records.column import Column

OTHER_KIND = "other_kind"
PARTY = "party"
YEAR_UNKNOWN = "birth_year_unknown"
_NOUGHT = ("", "0", "00", "0000")
_BARE = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
_BETWEEN = {"date": "-"}

Rule = Callable[[str, str], Reading]


def chosen(
    fields: Sequence[str | None], texts: Sequence[str], roster: Roster
) -> tuple[tuple[str | None, ...], dict[str, tuple[int, ...]]]:
    """The field of each column, and for fields made of several columns their positions in order.

    Of several columns of one field the profile may prefer one; the others are not read.
    """
    profile = roster.profile
    if profile is None:
        return tuple(fields), {}
    keys = [codebook.key(text) for text in texts]
    kept = list(fields)
    for name, wanted in profile.prefer.items():
        here = [at for at, field in enumerate(fields) if field == name]
        known = [at for at in here if keys[at] in wanted]
        best = min(known, key=lambda at: wanted.index(keys[at]), default=None)
        for at in here if best is not None else []:
            kept[at] = name if at == best else None
    parts = {
        name: tuple(keys.index(key) for key in wanted if key in keys)
        for name, wanted in profile.parts.items()
    }
    return tuple(kept), {name: places for name, places in parts.items() if places}


def unread(fields: Sequence[str | None], texts: Sequence[str], roster: Roster) -> frozenset[int]:
    """The columns that hold no field although the profile or the catalogue knows their header."""
    if roster.profile is None:
        return frozenset()
    known = codebook.headers().keys() | roster.profile.headers.keys()
    columns = enumerate(zip(fields, texts, strict=True))
    return frozenset(
        at for at, (field, text) in columns if not field and codebook.key(text) in known
    )


def joined(cells: np.ndarray, field: Field) -> np.ndarray:
    """One text per row out of the cells of its parts: a name with blanks, a date as 1956-3-0."""
    if field.type in _BETWEEN:
        filled = np.where(cells == None, "0", cells)  # noqa: E711 (elementwise)
        texts = [_BETWEEN[field.type].join(map(_plain, row)) for row in filled]
    else:
        texts = [" ".join(text for text in row if text is not None) for row in cells]
    empty = np.all(cells == None, axis=1)  # noqa: E711 (elementwise)
    return np.where(empty, None, np.array(texts, dtype=object))


def _plain(text: str) -> str:
    return re.sub(r"\.0+$", "", normal(text))


def others(cells: np.ndarray, texts: Sequence[str], roster: Roster) -> np.ndarray:
    """Which rows of `cells` are not of the kind of `roster`, by the profile."""
    found = np.zeros(len(cells), dtype=bool)
    wanted = roster.profile.others if roster.profile else {}
    for at, text in enumerate(texts):
        told = wanted.get(codebook.key(text), frozenset())
        known = {cell for cell in set(cells[:, at]) - {None} if codebook.key(cell) in told}
        found |= np.isin(cells[:, at], list(known))
    return found


def with_parties(columns: dict[str, Column]) -> dict[str, Column]:
    """The columns with rows that stand for several people flagged, and the hours beside them."""
    if "party_size" not in columns:
        return columns
    several = np.array([size not in ("", "0", "1") for size in columns["party_size"].value])
    flagged = [name for name in ("party_size", "hours") if name in columns]
    return columns | {
        name: columns[name].flagged(several & (columns[name].value != ""), PARTY)
        for name in flagged
    }


def ruled(read: Rule, field: Field, roster: Roster) -> Rule:
    """`read` with the marks, doubtful codes, split dates and hours of the roster's profile."""
    profile = roster.profile
    if profile is None:
        return read
    if field.type == "date" and field.name in profile.parts:
        read = _split_date(read)
    if field.type == "hours":
        read = _hours(read, profile.hours)
    if field.name in profile.unsure:
        read = _unsure(read, profile.unsure[field.name])
    return _marks(read, profile.marks[field.name]) if field.name in profile.marks else read


def _marks(read: Rule, marks: Mapping[str, str]) -> Rule:
    def rule(text: str, kind: str) -> Reading:
        mark = marks.get(codebook.key(text) or text.strip())
        reading = read(text, kind)
        declared = reading.rule == "declared_value"
        return reading if declared or mark is None else Reading("", mark)

    return rule


def _unsure(read: Rule, spelled: Mapping[str, str]) -> Rule:
    """Spellings outside the list of the system that are nevertheless met: read, and flagged."""

    def rule(text: str, kind: str) -> Reading:
        reading = read(text, kind)
        code = spelled.get(codebook.key(text))
        if reading.rule == "declared_value" or code is None:
            return reading
        return Reading(code, "code+outside_list", "inferred")

    return rule


def _split_date(read: Rule) -> Rule:
    """A date of three columns in which 0 is unknown: known from the year on, or not at all."""

    def rule(text: str, kind: str) -> Reading:
        parts = text.split("-")
        if len(parts) < 2:
            return read(text, kind)
        known = [part for part in parts if part not in _NOUGHT]
        if not known:
            return Reading("", "missing")
        if parts[0] in _NOUGHT:
            return Reading("", YEAR_UNKNOWN)
        until = next((at for at, part in enumerate(parts) if part in _NOUGHT), len(parts))
        return read("-".join(parts[:until]), "text")

    return rule


def _hours(read: Rule, hours: Hours) -> Rule:
    """Lengths of time by the rules of the source: what a bare number means, how it rounds."""
    size = codebook.structure()["hours"][hours.unit]

    def rule(text: str, kind: str) -> Reading:
        reading = read(text, kind)
        if not reading.value:
            return reading
        if _BARE.fullmatch(normal(text)):
            reading = reading._replace(value=amounts.shown(float(reading.value) * size))
        if not hours.note:
            return reading
        return reading._replace(rule=f"{reading.rule}+{hours.note}", confidence="inferred")

    return rule
