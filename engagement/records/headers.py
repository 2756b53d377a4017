"""Header rows: where they stand, what each column is called, which field it holds.

Enters: a grid and a study.
Leaves: a Header: its rows, one text per column, the field or the session of each column.
Refuses: nothing; None when no row looks like a header.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.declared import Roster
from engagement.records import date_words, dates, exports, headings, numerals
from engagement.records.read import Grid
from engagement.records.reading import normal
from engagement.study import Study

ANCHORS = ("name", "person_id", "event_date", "duty_type", "due_count", "present_count")
_COUNT = re.compile(r"\d{1,2}")
_DEEPEST = 60
_LONGEST = 60


@dataclass(frozen=True)
class Session:
    """A column of attendance marks: what its header says of the duty and the day, or the month.

    `tally`: its cells count how often a person came in that month, which names no session.
    """

    duty: str
    day: str
    kind: str
    tally: bool = False


@dataclass(frozen=True)
class Header:
    """The header of a table. `texts`, `fields` and `sessions`: one entry per column.

    `parts`: the columns that together make one field, in the order in which they are joined.
    `unread`: columns that are known and not read, by the profile of the roster.
    """

    rows: tuple[int, ...]
    texts: tuple[str, ...]
    fields: tuple[str | None, ...]
    sessions: tuple[Session | None, ...]
    parts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    unread: frozenset[int] = frozenset()

    def column(self, field: str) -> int | None:
        """The position of `field`, None when no column holds it."""
        return self.fields.index(field) if field in self.fields else None

    @property
    def anchor(self) -> int:
        """The position of the column that tells rows apart: a name, a number, or else a day."""
        known = [field for field in ANCHORS if field in self.fields]
        return self.fields.index(known[0]) if known else 0


def find(
    grid: Grid, roster: Roster, study: Study, within: range = range(_DEEPEST)
) -> Header | None:
    """The header of `grid`: the row that names most fields, and the row joined to it.

    `within`: the rows to look at.
    """
    asked = range(within.start, min(within.stop, len(grid.cells)))
    matched = {row: _fields_named(grid.cells[row], study) for row in asked}
    best = max(matched, key=lambda row: (len(matched[row]), -row), default=None)
    if best is None or (len(matched[best]) < 2 and "name" not in matched[best]):
        return None
    rows = _rows(grid, best, roster, study)
    columns = [_texts(grid, rows, column, study) for column in range(grid.cells.shape[1])]
    named = [_field(texts, study) for texts in columns]
    whole = ["".join(texts) for texts in columns]
    fields, parts = exports.chosen(named, whole, roster)
    sessions = [
        None if name or roster.kind != "sign_ins" else _session(grid, rows, at, roster, study)
        for at, name in enumerate(fields)
    ]
    return Header(
        rows=rows,
        texts=tuple(" / ".join(texts) for texts in columns),
        fields=fields,
        sessions=_with_tallies(grid, rows[-1] + 1, sessions),
        parts=parts,
        unread=exports.unread(fields, whole, roster),
    )


def label(text: str) -> str:
    """A header text without line breaks and without blanks at its ends."""
    return re.sub(r"[\r\n]+", "", text).strip()


def named_anew(row: np.ndarray, study: Study) -> int:
    """How many columns a row under the header names otherwise; 0 when it is no header itself."""
    texts = [text for text in row if text is not None]
    named = [study.headers.get(codebook.key(text)) for text in texts]
    known = len({field for field in named if field})
    return known if known >= 2 and 2 * known > len(texts) else 0


def _fields_named(row: np.ndarray, study: Study) -> set[str]:
    named = {study.headers.get(codebook.key(text)) for text in row if text is not None}
    return named - {None}


def naming(grid: Grid, study: Study) -> np.ndarray:
    """The rows in which two cells or more are headers that the study knows, or one says "name"."""
    known = np.zeros(len(grid.cells), dtype=int)
    for column in grid.cells.T:
        at, shown = pd.factorize(column)
        known += np.array([*(_weight(text, study) for text in shown), 0])[at]
    return np.flatnonzero(known >= 2)


def _weight(text: str, study: Study) -> int:
    if len(text) > _LONGEST or text[:1].isdigit():
        return 0
    key, name = codebook.key(text), codebook.fields()["name"]
    return 2 if key in (name.zh, name.name) else int(key in study.headers)


def _rows(grid: Grid, best: int, roster: Roster, study: Study) -> tuple[int, ...]:
    """The header rows: `best`, and the row under or above it when they belong together."""
    if best + 1 < len(grid.cells) and _is_second_level(grid, best, roster, study):
        return best, best + 1
    if best and _is_upper_level(grid, best - 1):
        return best - 1, best
    return (best,)


def _is_second_level(grid: Grid, row: int, roster: Roster, study: Study) -> bool:
    """Whether the row under `row` holds dates or labels, and nothing under the named fields."""
    below, above = grid.cells[row + 1], grid.cells[row]
    under = [
        text
        for text, top in zip(below, above, strict=True)
        if text is not None and top is not None and study.headers.get(codebook.key(top))
    ]
    if under or not any(text is not None for text in below):
        return False
    spans = [span for span in grid.merged if span[0][0] == row]
    if any(span[1][0] == row + 1 for span in spans):
        return True
    kinds = grid.kinds[row + 1]
    return all(
        _is_day(text, kind, roster, study) or study.headers.get(codebook.key(text)) is not None
        for text, kind in zip(below, kinds, strict=True)
        if text is not None
    )


def _is_upper_level(grid: Grid, row: int) -> bool:
    """Whether `row` groups the columns under it, as a title or a line of units does not."""
    texts = [normal(text) for text in grid.cells[row] if text is not None]
    marks = tuple(codebook.structure()["rows"]["unit_line"])
    if not texts or any(":" in text or text.startswith(marks) for text in texts):
        return False
    wide = [span for span in grid.merged if span[0][0] == row and span[1][1] > span[0][1]]
    tall = [span for span in grid.merged if span[0][0] == row and span[1][0] == row + 1]
    width = grid.cells.shape[1]
    grouped = [span for span in wide if span[1][1] - span[0][1] + 1 < width]
    return bool(tall) or (bool(grouped) and len(texts) > 1)


def _texts(grid: Grid, rows: tuple[int, ...], column: int, study: Study) -> list[str]:
    texts = [label(_filled(grid, row, column, rows, study) or "") for row in rows]
    return [text for text in texts if text]


def _filled(grid: Grid, row: int, column: int, rows: tuple, study: Study) -> str | None:
    """The text of a header cell; a merged or empty upper cell has the text to its left."""
    if grid.cells[row, column] is not None:
        return grid.cells[row, column]
    for (top, left), (_, right) in grid.merged:
        if top == row and left <= column <= right:
            return grid.cells[row, left]
    if row == rows[-1] or grid.cells[rows[-1], column] is None or grid.merged:
        return None
    left = next((text for text in grid.cells[row, :column][::-1] if text is not None), None)
    own = study.headers.get(codebook.key(grid.cells[rows[-1], column]))
    return None if left is None or own or study.headers.get(codebook.key(left)) else left


def _field(texts: list[str], study: Study) -> str | None:
    for text in ("".join(texts), *reversed(texts)):
        if text and (field := study.headers.get(codebook.key(text))):
            return field
    return None


def _session(grid: Grid, rows: tuple, column: int, roster: Roster, study: Study) -> Session | None:
    """The session of a column whose header holds a day, a duty or both."""
    texts = _texts(grid, rows, column, study)
    kind = grid.kinds[rows[-1], column]
    duties = codebook.decode("duty_type") | dict(study.values.get("duty_type", {}))
    if len(texts) == 1:
        duty = max((word for word in duties if word in codebook.key(texts[0])), key=len, default="")
        shown = normal(texts[0]).replace(" ", "")
        texts = [duty, shown.replace(duty, "")] if duty and duty in shown else texts
    day = next((text for text in texts[::-1] if _is_day(text, kind, roster, study)), "")
    if not day and (month := next(filter(_is_month, texts), "")):
        duty = next((text for text in texts if codebook.key(text) in duties), "")
        year = headings.year(grid, rows[0], roster)
        return Session(duty, f"{year}{month}", "text", tally=True)
    duty = next((text for text in texts if text and text != day), "")
    if not day and codebook.key(duty) not in duties:
        return None
    return Session(duty, day or (texts[-1] if len(texts) > 1 else ""), kind)


def _is_month(text: str) -> bool:
    """Whether a header is a month without its year; which year, titles and the roster tell."""
    return date_words.patterns()["month"].fullmatch(numerals.arabic(normal(text))) is not None


def _with_tallies(grid: Grid, top: int, sessions: list[Session | None]) -> tuple:
    """The sessions, with columns of months as tallies only when most of their cells are counts."""
    months = [at for at, session in enumerate(sessions) if session and session.tally]
    texts = [normal(text) for text in grid.cells[top:, months].ravel() if text is not None]
    counts = sum(_COUNT.fullmatch(text) is not None for text in texts)
    if 2 * counts > len(texts):
        return tuple(sessions)
    return tuple(session and replace(session, tally=False) for session in sessions)


def _is_day(text: str, kind: str, roster: Roster, study: Study) -> bool:
    locale = roster.locale or study.locale
    within = dates.scope("event_date", study.reference_date, locale=locale, year=roster.year)
    reading = dates.read(text, kind or "text", within)
    return reading.precision == "day" or reading.rule == "no_year"
