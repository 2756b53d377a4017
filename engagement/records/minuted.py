"""The sessions that minutes record: how many were due and came, who wrote it down and when.

Enters: cleaned minutes, one row per session.
Leaves: minuted sessions, one row each; a recorder is a local number, never a name.
Refuses: a row without a day or without a duty: it cannot be held against a sheet.
"""

from __future__ import annotations

import pandas as pd

from engagement import codebook
from engagement.records import attendance, evidence
from engagement.records.clean import Cleaned
from engagement.study import Study

NUMBERS = ("due_count", "present_count", "absent_count")
COLUMNS = [
    *("event_id", "unit", "branch", "duty_type", "event_date"),
    *(*NUMBERS, "entered_date", "recorder", "resolution"),
]
_DAY, _MONTH = len("2022-01-05"), len("2022-01")


def sessions(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """Sessions in the minutes, one row per session (count level).

    Columns: event_id (as on the sheets: unit, day, duty), unit, branch, duty_type, event_date,
    due_count, present_count, absent_count (persons, missing where not written), entered_date
    (ISO day, missing where only a month or nothing is known), recorder (from 1, in the order of
    the roster), resolution (code). A session minuted twice keeps its first row.
    """
    records = cleaned.records.get("minutes")
    if records is None or records.empty:
        return pd.DataFrame(columns=COLUMNS)
    whole = _day(evidence.column(records, "event_date")).notna()
    whole &= evidence.column(records, "duty_type").notna()
    records = records[whole]
    numbers = {
        name: pd.to_numeric(evidence.column(records, name), errors="coerce") for name in NUMBERS
    }
    found = attendance.placed(records, study).assign(
        **numbers,
        entered_date=_day(evidence.column(records, "entered_at")),
        recorder=_numbered(evidence.column(records, "entered_by")),
        resolution=evidence.column(records, "resolution"),
    )
    return found.drop_duplicates("event_id", ignore_index=True)[COLUMNS]


def matched(written: pd.DataFrame, on_sheets: pd.DataFrame) -> pd.DataFrame:
    """`written` under the names of the sheets' sessions, with `dated` exact or near.

    A session of the minutes is the sheet's of that unit, duty and day; else the only one of unit,
    duty and month that is left on both sides (near). Where several are left, nothing is decided.
    """
    exact = written["event_id"].isin(on_sheets["event_id"])
    rest = written[~exact].assign(at=written.index[~exact])
    free = on_sheets[~on_sheets["event_id"].isin(written["event_id"])]
    keys = ["unit", "duty_type", "month"]
    left, right = (
        side.assign(month=side["event_date"].str.slice(0, _MONTH)).drop_duplicates(keys, keep=False)
        for side in (rest, free)
    )
    met = left.merge(right[[*keys, "event_id"]], on=keys, suffixes=("", "_sheet"))
    named = written["event_id"].copy()
    named[met["at"]] = met["event_id_sheet"].to_numpy()
    near = pd.Series(written.index.isin(met["at"]), index=written.index)
    return written.assign(event_id=named, dated=near.map({True: "near", False: "exact"}))


def on_record(sessions: pd.DataFrame, written: pd.DataFrame) -> pd.DataFrame:
    """Sessions on a sheet or in the minutes, one row per session (table `sessions`).

    Sessions in the minutes alone have no marks, no file, and are recorded as `minutes`.
    """
    named = matched(written, sessions)
    alone = named[~named["event_id"].isin(sessions["event_id"])]
    if alone.empty:
        return sessions
    added = alone.reindex(columns=sessions.columns).assign(
        recorded="minutes", marks=0, source_file="", sheet=""
    )
    order = ["event_date", "unit", "duty_type"]
    return pd.concat([sessions, added], ignore_index=True).sort_values(order, ignore_index=True)


def _day(dates: pd.Series) -> pd.Series:
    """The day of each date, missing where it is known to the month or the year only."""
    return dates.str.slice(0, _DAY).where(dates.str.len() >= _DAY)


def _numbered(names: pd.Series) -> pd.Series:
    keys = names.map(codebook.key, na_action="ignore")
    numbers, _ = pd.factorize(keys)
    return pd.Series(numbers + 1, index=names.index, dtype="Int64").mask(names.isna())
