"""Wide sign-in sheets: one row per person and one column per session → one row per both.

Enters: the raw rows of a sheet, its grid and its header with sessions.
Leaves: raw rows, one per person × session, with the day, the duty and the mark as texts.
Refuses: nothing; what an empty mark means is left unknown unless the sheet or the study tells.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.declared import Roster
from engagement.records.headers import Header
from engagement.records.read import Grid
from engagement.records.reading import normal


def melted(
    raw: pd.DataFrame, grid: Grid, header: Header, verdicts: np.ndarray, roster: Roster
) -> pd.DataFrame:
    """One row per person × session; `header` is the header of the session's column."""
    legend = blank_mark(grid, verdicts)
    code = legend or roster.blank or ""
    why = "legend" if legend else "declared_blank"
    parts = [
        _session(raw, grid, header, column, code, why)
        for column, session in enumerate(header.sessions)
        if session
    ]
    order = ["row", "_session"]
    joined = pd.concat(parts, keys=range(len(parts)), names=["_session", None]).reset_index()
    kept = joined.sort_values(order, ignore_index=True, kind="stable")
    return kept.drop(columns=[name for name in kept.columns if name in ("_session", "level_1")])


def _session(
    raw: pd.DataFrame, grid: Grid, header: Header, column: int, code: str, why: str
) -> pd.DataFrame:
    session = header.sessions[column]
    marks = pd.Series(grid.cells[raw["row"] - 1, column], dtype="str")
    kinds = pd.Series(grid.kinds[raw["row"] - 1, column], dtype="str")
    empty = marks.isna() if code else pd.Series(False, index=marks.index)
    blank = pd.Series(np.nan, index=marks.index, dtype="str")
    return raw.assign(
        header=header.texts[column],
        duty_type=session.duty,
        event_date=session.day,
        kind__event_date=session.kind,
        attend_status=marks,
        kind__attend_status=kinds,
        read__attend_status=blank.mask(empty, code),
        fill__attend_status=blank.mask(empty, why),
    )


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
