"""What the act of recording left behind: counts from which the recording itself is examined.

Enters: the tables of the records room.
Leaves: Traces: meetings, copies, contradictions, hours, lists; counts only.
Refuses: names, and the names of recorders, which are local numbers here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from engagement import tables
from engagement.records import contradictions, copying, evidence, link, meetings, membership
from engagement.records.clean import Cleaned
from engagement.study import Study

DEFINITIONS = ("strict", "declared", "broad")


@dataclass(frozen=True)
class Traces:
    """Counts for the tests of recording; each table is declared in tables.py."""

    meetings: pd.DataFrame
    copies: pd.DataFrame
    contradictions: pd.DataFrame
    hours: pd.DataFrame
    lists: pd.DataFrame


def counted(
    cleaned: Cleaned,
    links: pd.DataFrame,
    people: pd.DataFrame,
    taking_part: pd.DataFrame,
    study: Study,
) -> Traces:
    """The traces of recording in the rosters of `study`."""
    met = meetings.table(cleaned, links, people, taking_part, study)
    panel = taking_part[taking_part["outcome"] == study.primary.name]
    conflicts = contradictions.table(cleaned, links, met, study)
    return Traces(
        meetings=met,
        copies=tables.check(copying.table(panel, people), "copies"),
        contradictions=tables.check(conflicts, "contradictions"),
        hours=tables.check(hours(cleaned), "hours"),
        lists=tables.check(lists(cleaned, links, met, study), "lists"),
    )


def hours(cleaned: Cleaned) -> pd.DataFrame:
    """Hours of service as they were entered, one row per kind of roster and value.

    Columns: kind, service_hours, entries. Empty when no roster has a column of hours.
    """
    parts = []
    for kind, records in cleaned.records.items():
        values = pd.to_numeric(evidence.column(records, "hours"), errors="coerce").dropna()
        counts = values.value_counts().sort_index()
        parts.append(
            pd.DataFrame(
                {"kind": kind, "service_hours": counts.index, "entries": counts.to_numpy()}
            )
        )
    filled = [part for part in parts if len(part)]
    columns = ["kind", "service_hours", "entries"]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)


def lists(cleaned: Cleaned, links: pd.DataFrame, met: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Pairs of records of the same things, one row per kind, duty and pair (table `lists`).

    Kind `sessions`: sheets and minutes, by duty, where both know the duty. Kind `members`: the
    members found on each of two files of volunteers.
    """
    by_duty = met.groupby("duty_type")[["on_sheet", "in_minutes"]].sum()
    both = (met["on_sheet"] * met["in_minutes"]).groupby(met["duty_type"]).sum()
    known = by_duty[(by_duty > 0).all(axis=1)]
    sessions = pd.DataFrame(
        {
            "kind": "sessions",
            "duty_type": known.index,
            "in_first": known["on_sheet"].to_numpy(int),
            "in_second": known["in_minutes"].to_numpy(int),
            "in_both": both[known.index].to_numpy(int),
        }
    )
    found = [sessions, *_of_members(cleaned, links, study)]
    return pd.concat(found, ignore_index=True)


def _of_members(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> list[pd.DataFrame]:
    listed = cleaned.records.get("volunteers")
    if listed is None or listed["source_file"].nunique() < 2:
        return []
    verdicts = membership.rows(cleaned, links, study)
    named = link.members_of(listed[evidence.PROVENANCE], links, "volunteers", verdicts)
    sure = named[named["decision"] == "link"]
    files = {file: set(rows["member_id"]) for file, rows in sure.groupby("source_file")}
    rows = [
        {"in_first": len(one), "in_second": len(other), "in_both": len(one & other)}
        for one, other in combinations(files.values(), 2)
    ]
    return [pd.DataFrame(rows).assign(kind="members", duty_type="")] if rows else []


def definitions(taking_part: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """Participation under three readings of "took part directly", by name.

    strict: present in person, or on a list with hours of service; declared: as the study counts;
    broad: also what was made up later, and entries of a list that wait for review.
    """
    yes = taking_part["attended"] == "yes"
    panel = taking_part["event_date"].notna()
    served = taking_part["hours"].fillna(0) > 0
    hours_known = taking_part["hours"].notna().groupby(taking_part["outcome"]).transform("any")
    direct = np.where(panel, taking_part["channel"].eq("in_person"), served | ~hours_known)
    later = np.where(
        panel, taking_part["channel"].eq("makeup"), taking_part["attended"] == "unknown"
    )
    attended = taking_part["attended"]
    return {
        "strict": taking_part.assign(attended=attended.mask(yes & ~direct, "no")),
        "declared": taking_part,
        "broad": taking_part.assign(
            attended=attended.mask(pd.Series(later, attended.index), "yes")
        ),
    }
