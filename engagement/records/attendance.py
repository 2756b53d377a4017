"""The sessions that sign-in sheets record, and the marks in them.

Enters: cleaned sign-in sheets, one row per name and session.
Leaves: marks with their event; sessions, one row per event.
Refuses: reading an empty cell as absence, unless the sheet's legend or the study says so.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.records import evidence, states
from engagement.records.clean import Cleaned
from engagement.study import Study

_UNNAMED = "session"


def marks(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """One row per name and dated session of the sheets (identity level).

    Columns: provenance, branch, group, unit (where the duty is due), duty_type, event_date,
    event_id, status (a code of list attend_status, or unknown), asked and answered (yes, no or
    unknown), hours (missing where none are stated), topic (a number for each title, no text), said
    (bool: the cell bears a mark, or the row a time of coming or going). Events of one day, unit and
    duty are told apart by their number, else by their title.
    """
    records = cleaned.records.get("sign_ins")
    if records is None or records.empty:
        return pd.DataFrame(columns=[*evidence.PROVENANCE, *_COLUMNS])
    dated = records[evidence.column(records, "event_date").notna()]
    status, said = _status(dated, study)
    found = pd.concat([dated[evidence.PROVENANCE], placed(dated, study)], axis=1).assign(
        status=status,
        asked=states.asked(dated),
        answered=states.answered(status, evidence.column(dated, "answer")),
        hours=pd.to_numeric(evidence.column(dated, "hours"), errors="coerce"),
        topic=_topics(evidence.column(dated, "event_title")),
        said=said,
    )
    held = found.groupby("event_id")["said"].transform("any")
    return found[held | (found["unit"] != found["group"])].reset_index(drop=True)


_COLUMNS = [
    *["branch", "group", "unit", "duty_type", "event_date", "event_id", "status"],
    *["asked", "answered", "hours", "topic", "said"],
]


def _topics(titles: pd.Series) -> pd.Series:
    """t1, t2, … for each title in the order of first use; a title may name somebody."""
    number = pd.Series(pd.factorize(titles)[0] + 1, index=titles.index)
    return ("t" + number.astype("str")).where(titles.notna())


def placed(dated: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Where, what and when the session of each row was, and its name.

    Columns: branch, group, unit (the group where the duty is the group's), duty_type,
    event_date, event_id. A row without a branch has that of its group.
    """
    duty = evidence.column(dated, "duty_type").fillna(_UNNAMED)
    group = evidence.column(dated, "group")
    parents = {unit.code: unit.parent for unit in study.units if unit.parent}
    branch = evidence.column(dated, "branch").fillna(group.map(parents).astype("str"))
    unit = group.where(_for_groups(duty, study), branch).fillna(branch).fillna("")
    return pd.DataFrame(
        {
            "branch": branch,
            "group": group,
            "unit": unit,
            "duty_type": duty,
            "event_date": dated["event_date"],
            "event_id": _events(dated, unit + "." + dated["event_date"] + "." + duty),
        }
    )


def _events(dated: pd.DataFrame, day: pd.Series) -> pd.Series:
    """`day`, and a number behind it where several events of it are told apart."""
    told = evidence.column(dated, "event_id").fillna(evidence.column(dated, "event_title"))
    known = pd.DataFrame({"day": day, "told": told}).dropna().drop_duplicates()
    known["number"] = known.groupby("day").cumcount() + 1
    several = known[known.groupby("day")["told"].transform("size") > 1]
    numbers = several.set_index(["day", "told"])["number"]
    at = numbers.reindex(pd.MultiIndex.from_arrays([day, told])).set_axis(day.index)
    return day.where(at.isna(), day + "." + at.astype("Int64").astype("str"))


def sessions(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """The sessions on the sheets, one row per session (table `sessions`).

    `marks` counts the cells that bear a mark; `recorded` is "part" when a cell does not tell
    whether the person was there or no cell bears a mark. A group of which nobody bears a mark in a
    column had no session there.
    """
    return of_marks(marks(cleaned, study))


def of_marks(found: pd.DataFrame) -> pd.DataFrame:
    """`sessions` of the sheets whose `marks` are known."""
    by_event = found.groupby("event_id")
    kept = ["unit", "duty_type", "event_date", "source_file", "sheet", "topic"]
    counted = by_event[kept].first()
    unsure = pd.Series(states.attended(found["status"]) == "unknown", index=found.index)
    part = unsure.groupby(found["event_id"]).any()
    number = found["said"].groupby(found["event_id"]).sum().astype(int)
    table = counted.assign(
        marks=number, recorded=np.where(part | (number == 0), "part", "full")
    ).reset_index()
    order = ["event_date", "unit", "duty_type"]
    return tables.check(table.sort_values(order, ignore_index=True), "sessions")


def _status(dated: pd.DataFrame, study: Study) -> tuple[pd.Series, pd.Series]:
    """What each cell says, and whether it bears a mark at all."""
    read = evidence.column(dated, "attend_status")
    raw = evidence.column(dated, "raw__attend_status") if "raw__attend_status" in dated else read
    said = raw.notna() & raw.str.strip().ne("")
    for time in ("check_in", "check_out"):
        said |= evidence.column(dated, time).notna()
    absent = ~said & dated["source_file"].map(_blank_is_absent(dated, study)).eq(True)
    return read.fillna("unknown").mask(absent & (read.isna() | read.eq("unknown")), "absent"), said


def _blank_is_absent(dated: pd.DataFrame, study: Study) -> dict[str, bool]:
    return _of_rosters(dated["source_file"], study, lambda roster: roster.blank == "absent")


def unlisted_is_absent(sessions: pd.DataFrame, study: Study) -> pd.Series:
    """Whether a member who is not on the list of each session was not there, by the study."""
    files = sessions["source_file"]
    return files.map(_of_rosters(files, study, lambda roster: roster.unlisted == "absent")).eq(True)


def _of_rosters(files: pd.Series, study: Study, wanted: Callable) -> dict[str, bool]:
    """Whether each file belongs to a roster of sign-ins that is `wanted`."""
    rosters = [roster for roster in study.rosters if roster.kind == "sign_ins" and wanted(roster)]
    return {
        file: any(PurePosixPath(file).match(roster.pattern) for roster in rosters)
        for file in files.unique()
    }


def _for_groups(duty: pd.Series, study: Study) -> pd.Series:
    """Whether one of the duties of each session is laid on groups."""
    wanted = set(_group_duties(study))
    known = {duties: bool(wanted.intersection(duties.split())) for duties in duty.unique()}
    return duty.map(known).astype(bool)


def _group_duties(study: Study) -> list[str]:
    """The duties that the study's calendar lays on each group."""
    if study.calendar is None:
        return []
    rules = codebook.calendar(study.calendar.profile)
    return [rule.duty_type for rule in rules if rule.per == "group"]
