"""Wide sign-in sheets: one row per person and one column per session → one row per both.

Enters: the raw rows of a sheet, its grid and its header with sessions.
Leaves: raw rows, one per person × session, with the day, the duty and the mark as texts.
Refuses: marks with two meanings; what an empty mark means stays unknown unless somebody tells.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.declared import Roster
from engagement.records.headers import Header, Session
from engagement.records.legends import Legend
from engagement.records.read import Grid
from engagement.study import Study

TALLY = "tally"


def melted(columns: Mapping[str, np.ndarray], grid: Grid, header: Header) -> dict[str, np.ndarray]:
    """Columns with one row per person × session; `header` is the header of the session's column."""
    places = [place for place, session in enumerate(header.sessions) if session]
    sessions = [header.sessions[place] for place in places]
    rows = columns["row"] - 1
    marks = grid.cells[np.ix_(rows, places)].ravel()
    return {name: np.repeat(column, len(places)) for name, column in columns.items()} | {
        "header": _tiled([header.texts[place] for place in places], len(rows)),
        "duty_type": _tiled([session.duty or None for session in sessions], len(rows)),
        "event_date": _tiled([session.day or None for session in sessions], len(rows)),
        "kind__event_date": _tiled([session.kind for session in sessions], len(rows)),
        **_cells(marks, grid.kinds[np.ix_(rows, places)].ravel(), sessions, len(rows)),
    }


def _cells(
    marks: np.ndarray, kinds: np.ndarray, sessions: list[Session], times: int
) -> dict[str, np.ndarray]:
    """Marks as marks, and counts by month as counts: TALLY tells the rows of the latter."""
    tally = np.tile([session.tally for session in sessions], times)
    if not tally.any():
        return {"attend_status": marks, "kind__attend_status": kinds}
    return {
        "attend_status": np.where(tally, None, marks),
        "kind__attend_status": np.where(tally, "", kinds),
        "times_attended": np.where(tally, marks, None),
        "kind__times_attended": np.where(tally, kinds, ""),
        TALLY: np.where(tally, "yes", None),
    }


def meant(
    columns: Mapping[str, np.ndarray], legend: Legend, roster: Roster, study: Study
) -> dict[str, np.ndarray]:
    """The columns with what the sheet's legend, or the study, says that marks mean.

    The study's own spellings go before the legend; a mark to which the legend gives two meanings
    is refused. An empty mark is what the legend says, or else the study, unless the row tells a
    time of coming or going. Who writes their own name has signed, and so attended.
    """
    marks = columns["attend_status"]
    declared = study.values.get("attend_status", {})
    usual = codebook.decode("attend_status")
    nothing = np.full(len(marks), None, dtype=object)
    read, why, refused = (
        columns.get(f"{part}__attend_status", nothing).copy() for part in ("read", "fill", "refuse")
    )
    told = [columns.get(name, nothing) for name in ("check_in", "check_out")]
    if code := legend.blank or roster.blank:
        empty = np.all([part == None for part in (marks, read, *told)], axis=0)  # noqa: E711
        read[empty], why[empty] = code, "legend" if legend.blank else "declared_blank"
    for text in set(marks) - {None}:
        key = codebook.key(text)
        if key in declared or key not in legend.marks:
            continue
        here = marks == text
        if key in legend.twofold:
            refused[here] = "legend_twofold"
        elif legend.marks[key] != usual.get(key):
            read[here], why[here] = legend.marks[key], "legend"
    signed = _signed(marks, columns.get("name", nothing)) & (read == None)  # noqa: E711
    read[signed], why[signed] = "attended", "signed"
    return {
        **columns,
        "read__attend_status": read,
        "fill__attend_status": why,
        "refuse__attend_status": refused,
    }


def _signed(marks: np.ndarray, names: np.ndarray) -> np.ndarray:
    """The rows whose mark is the name of the row; a word of attendance is nobody's signature."""
    usual = codebook.decode("attend_status")
    keys = {text: codebook.key(text) for text in {*marks, *names} - {None}}
    own = pd.Series(marks, dtype=object).map(keys)
    same = own.notna() & own.eq(pd.Series(names, dtype=object).map(keys)) & ~own.isin(usual)
    return same.to_numpy(dtype=bool)


def _tiled(texts: list[str | None], times: int) -> np.ndarray:
    return np.tile(np.array(texts, dtype=object), times)
