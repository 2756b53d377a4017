"""Each session as the sheet and the minutes tell it, side by side.

Enters: cleaned rosters, links, people and participation.
Leaves: meetings, one row per session on either record: counts of people, no person.
Refuses: a guess which two sessions are one, where more than one of a month could be.
"""

from __future__ import annotations

import pandas as pd

from engagement import tables
from engagement.records import attendance, evidence, minuted, states
from engagement.records import people as members_of_study
from engagement.records.clean import Cleaned
from engagement.study import Study

COLUMNS = list(tables.TABLES["meetings"].columns)
_PLACE = ["event_id", "unit", "branch", "duty_type", "event_date"]


def table(
    cleaned: Cleaned,
    links: pd.DataFrame,
    people: pd.DataFrame,
    taking_part: pd.DataFrame,
    study: Study,
) -> pd.DataFrame:
    """Meetings, one row per session on a sheet, in the minutes or both (table `meetings`).

    `listed` names stand on the sheet, `signed` of them bear a mark of presence;
    `members_due` and `voters` count the members and the full members of the unit who were due
    that day, `voters_signed` those of the latter who signed. `dated` is `near` where sheet and
    minutes name different days of one month. What a record does not tell is missing.
    """
    on_sheets = _on_sheets(cleaned, study)
    written = minuted.matched(minuted.sessions(cleaned, study), on_sheets)
    both = on_sheets.merge(written, how="outer", on="event_id", suffixes=("", "_minuted"))
    for name in _PLACE[1:]:
        both[name] = both[name].fillna(both[f"{name}_minuted"])
    both["dated"] = both["dated"].fillna("exact")
    both["on_sheet"] = both["listed"].notna().astype(int)
    both["in_minutes"] = both["event_id"].isin(written["event_id"]).astype(int)
    counted = _of_members(both, cleaned, links, people, taking_part, study)
    return tables.check(counted.sort_values(_PLACE, ignore_index=True)[COLUMNS], "meetings")


def _on_sheets(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """Names and signatures by session of the sheets on which anybody signed."""
    marks = attendance.marks(cleaned, study)
    marks = marks.assign(present=states.attended(marks["status"]) == "yes") if len(marks) else marks
    if marks.empty:
        return pd.DataFrame(columns=[*_PLACE, "listed", "signed"])
    by_event = marks.groupby("event_id")
    counted = by_event[_PLACE[1:]].first()
    counted["listed"] = by_event.size()
    counted["signed"] = by_event["present"].sum()
    return counted[by_event["said"].any()].reset_index()


def _of_members(
    both: pd.DataFrame, cleaned: Cleaned, links, people, taking_part, study: Study
) -> pd.DataFrame:
    """How many members were due that day, how many may vote, and how many of these signed."""
    voting = _voting(cleaned, links, study)
    slots = taking_part[taking_part["outcome"] == study.primary.name]
    due = slots[slots["due"] == "yes"]
    of_voters = due[due["member_id"].isin(voting)]
    signed = of_voters[of_voters["attended"] == "yes"]
    standing = people[people["due"] == "yes"]
    voters = standing[standing["member_id"].isin(voting)]
    known = both["event_id"].isin(slots["event_id"])
    return both.assign(
        members_due=_by_event(both, due, known).fillna(_by_unit(both, standing)),
        voters=_by_event(both, of_voters, known).fillna(_by_unit(both, voters)),
        voters_signed=_by_event(both, signed, known),
    )


def _voting(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.Series:
    """member_id of the full members; nobody is one by default."""
    roster = members_of_study.roster(cleaned, links, study)
    return roster.loc[evidence.column(roster, "member_type").eq("full"), "member_id"]


def _by_event(both: pd.DataFrame, slots: pd.DataFrame, known: pd.Series) -> pd.Series:
    counted = slots.groupby("event_id").size()
    return both["event_id"].map(counted).fillna(0).where(known)


def _by_unit(both: pd.DataFrame, people: pd.DataFrame) -> pd.Series:
    sizes = pd.concat([people.groupby(level).size() for level in ("branch", "group")])
    return both["unit"].map(sizes[~sizes.index.duplicated()])
