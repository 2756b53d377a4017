"""How many were due and present, as a sheet or the minutes say, beside the roster and the marks.

Enters: cleaned sign-in sheets and minutes, their links, people.
Leaves: turnout, one row per session for which somebody wrote a figure down.
Refuses: correcting; both figures stay, and a difference is counted.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.records import attendance, evidence, participation, states
from engagement.records.clean import Cleaned
from engagement.study import Study

FILE = "turnout.csv"
COLUMNS = list(tables.TABLES["turnout"].columns)
_COUNTS = ("due_count", "present_count")
_SHEET = ["source_file", "sheet"]
_SESSION = [*_SHEET, "event_date", "duty_type"]
_FIGURE = re.compile(r"([^\W\d]+)[:：]?\s*([0-9]+)")


def stated(
    cleaned: Cleaned, links: pd.DataFrame, people: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Stated figures beside those that the records give (table `turnout`).

    `due_roster`: members of the unit due on that day; `present_marks`: marks of presence on the
    sheet of that session; both missing where they cannot be known, as for a committee.
    """
    marks = attendance.marks(cleaned, study)
    sessions = pd.concat(
        [_of_sheets(cleaned, marks, study), _of_minutes(cleaned, marks, study)], ignore_index=True
    )
    if sessions.empty:
        return pd.DataFrame(columns=COLUMNS)
    due = _due(sessions, cleaned, links, people, study)
    units = sessions["units"].str.join(" ")
    found = sessions.assign(unit=units, due_roster=due).astype(
        dict.fromkeys([*_COUNTS, "due_roster", "present_marks"], "Int64")
    )
    return tables.check(found[COLUMNS], "turnout")


def sentences(turnout: pd.DataFrame) -> list[tuple[str, dict[str, object]]]:
    """What `engagement check` says of it, as words keys with their values."""
    if turnout.empty:
        return []
    differs = {
        "due": _differ(turnout["due_count"], turnout["due_roster"]),
        "present": _differ(turnout["present_count"], turnout["present_marks"]),
        "over": int((turnout["present_count"] > turnout["due_count"]).fillna(False).sum()),
    }
    return [("check.turnout", {"sessions": len(turnout), **differs})]


def _differ(said: pd.Series, found: pd.Series) -> int:
    return int((said != found).fillna(False).sum())


def _of_sheets(cleaned: Cleaned, marks: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per session whose sheet has a row of totals for it."""
    figures = _figures(cleaned, study)
    records = cleaned.records.get("sign_ins")
    if figures.empty or records is None or marks.empty:
        return _none()
    place = [evidence.column(records, name) for name in ("header", "event_date", "duty_type")]
    columns = pd.concat([records[_SHEET], *place], axis=1).drop_duplicates()
    columns = columns.dropna(subset=["event_date"])
    alone = columns.groupby(_SHEET)["event_date"].transform("size") == 1
    columns = pd.concat([columns, columns[alone].assign(header="")])
    named = figures.merge(columns, on=[*_SHEET, "header"])
    wide = named.pivot_table(index=_SESSION, columns="field", values="figure", aggfunc="first")
    rows = named.groupby(_SESSION)["row"].min()
    there = marks.assign(present=marks["status"].isin(states.PRESENT)).groupby(_SESSION)
    held = pd.DataFrame(
        {"units": there["unit"].unique().map(list), "marks": there["present"].sum()}
    )
    found = wide.reindex(columns=list(_COUNTS)).join([rows, held], how="inner")
    return found.rename(columns={"marks": "present_marks"}).reset_index()


def _figures(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """The figures in rows of totals that are labelled due or present, one row per figure.

    Columns: source_file, sheet, row, header ("" for a figure of the whole sheet), field, figure.
    """
    cells = cleaned.audit[cleaned.audit["rule"] == "totals"]
    labels = cells["raw"].map(lambda text: study.headers.get(codebook.key(text)))
    first = labels.groupby([cells[name] for name in evidence.PROVENANCE]).transform("first")
    number = pd.to_numeric(cells["raw"].str.strip(), errors="coerce")
    under = cells.assign(field=first, figure=number)[evidence.PROVENANCE + _FIELDS]
    said = cells.assign(found=cells["raw"].str.findall(_FIGURE)).explode("found").dropna()
    inside = said.assign(
        header="",
        field=[study.headers.get(codebook.key(pair[0])) for pair in said["found"]],
        figure=[float(pair[1]) for pair in said["found"]],
    )[evidence.PROVENANCE + _FIELDS]
    found = pd.concat([under, inside], ignore_index=True)
    return found[found["field"].isin(_COUNTS) & found["figure"].notna()]


_FIELDS = ["header", "field", "figure"]


def _of_minutes(cleaned: Cleaned, marks: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per session of the minutes that states a figure."""
    minutes = cleaned.records.get("minutes")
    if minutes is None or minutes.empty:
        return _none()
    group, branch = evidence.column(minutes, "group"), evidence.column(minutes, "branch")
    unit = group.fillna(branch).fillna("")
    duty = evidence.column(minutes, "duty_type").fillna("")
    day = evidence.column(minutes, "event_date")
    figures = {
        name: pd.to_numeric(evidence.column(minutes, name), errors="coerce") for name in _COUNTS
    }
    present = marks["status"].isin(states.PRESENT).groupby(marks["event_id"]).sum()
    found = minutes[evidence.PROVENANCE].assign(
        event_date=day,
        duty_type=duty,
        units=[[text] for text in unit],
        present_marks=_of_events(unit + "." + day.fillna("") + ".", duty, present),
        **figures,
    )
    return found[found[list(_COUNTS)].notna().any(axis=1) & day.notna()]


def _of_events(place: pd.Series, duty: pd.Series, present: pd.Series) -> np.ndarray:
    """The marks of the event that discharges all the duties of a session, or one of them."""
    known = present.to_dict()
    return np.array(
        [
            next((known[at + name] for name in (one, *one.split()) if at + name in known), np.nan)
            for at, one in zip(place, duty, strict=True)
        ],
        dtype=float,
    )


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=[*_SESSION, "row", "units", *_COUNTS, "present_marks"])


def _due(
    sessions: pd.DataFrame, cleaned: Cleaned, links, people: pd.DataFrame, study: Study
) -> pd.Series:
    """The members due at each of `sessions`, by its row."""
    asked = sessions["event_date"].str.len().eq(10) & ~_of_committee(sessions["duty_type"], study)
    held = sessions[asked].explode("units").rename(columns={"units": "unit"})
    held = held.assign(session=held.index, event_id=held.index.astype("str") + "." + held["unit"])
    counted = participation.due(
        held[["event_id", "unit", "event_date"]], cleaned, links, people, study
    )
    summed = held["event_id"].map(counted).fillna(0).groupby(held["session"]).sum()
    return summed.reindex(sessions.index)


def _of_committee(duty: pd.Series, study: Study) -> pd.Series:
    """Whether a duty of the session is laid on the committee alone."""
    if study.calendar is None:
        return pd.Series(False, index=duty.index)
    rules = codebook.calendar(study.calendar.profile)
    committee = {rule.duty_type for rule in rules if rule.who == "committee"}
    return duty.map(lambda text: bool(committee.intersection(text.split()))).astype(bool)
