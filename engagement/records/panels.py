"""Wide sign-in sheets: one row per person and one column per session → one row per both.

Enters: the raw rows of a sheet, its grid and its header with sessions.
Leaves: raw rows, one per person × session, with the day, the duty and the mark as texts.
Refuses: nothing; what an empty mark means is left unknown unless the sheet or the study tells.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engagement import codebook
from engagement.declared import Roster
from engagement.records.headers import Header
from engagement.records.read import Grid
from engagement.records.reading import normal


def melted(
    columns: Mapping[str, np.ndarray],
    grid: Grid,
    header: Header,
    verdicts: np.ndarray,
    roster: Roster,
) -> dict[str, np.ndarray]:
    """Columns with one row per person × session; `header` is the header of the session's column."""
    places = [place for place, session in enumerate(header.sessions) if session]
    sessions = [header.sessions[place] for place in places]
    rows = columns["row"] - 1
    marks = grid.cells[np.ix_(rows, places)].ravel()
    legend = blank_mark(grid, verdicts)
    code = legend or roster.blank
    empty = np.array([mark is None for mark in marks], dtype=bool) & bool(code)
    return {name: np.repeat(column, len(places)) for name, column in columns.items()} | {
        "header": _tiled([header.texts[place] for place in places], len(rows)),
        "duty_type": _tiled([session.duty or None for session in sessions], len(rows)),
        "event_date": _tiled([session.day or None for session in sessions], len(rows)),
        "kind__event_date": _tiled([session.kind for session in sessions], len(rows)),
        "attend_status": marks,
        "kind__attend_status": grid.kinds[np.ix_(rows, places)].ravel(),
        "read__attend_status": np.where(empty, code, None),
        "fill__attend_status": np.where(empty, "legend" if legend else "declared_blank", None),
    }


def _tiled(texts: list[str | None], times: int) -> np.ndarray:
    return np.tile(np.array(texts, dtype=object), times)


def blank_mark(grid: Grid, verdicts: np.ndarray) -> str:
    """The code that a legend on the sheet gives to an empty mark; "" when none does."""
    words = codebook.structure()["legend"]
    for text in grid.cells[np.isin(verdicts, ["note", "title", "signature"])].ravel():
        line = "" if text is None else codebook.key(normal(text))
        for blank in words["blank"]:
            meant = line.partition(blank)[2]
            for means in sorted(words["means"], key=len, reverse=True):
                meant = meant.removeprefix(means)
            if meant and (code := _longest(meant)):
                return code
    return ""


def _longest(text: str) -> str:
    spelled = codebook.decode("attend_status")
    found = max((word for word in spelled if text.startswith(word)), key=len, default="")
    return spelled.get(found, "")
