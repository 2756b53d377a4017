"""Records that cannot both be true: counted by kind, never decided.

Enters: cleaned rosters, links, participation and meetings.
Leaves: contradictions, one row per kind: how many records could show it, how many do.
Refuses: saying which of the two records is wrong; a kind without its columns is not counted.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.records import absences, attendance, evidence, link, membership, states
from engagement.records import people as members_of_study
from engagement.records.clean import Cleaned
from engagement.study import Study

COLUMNS = ["aspect", "checked", "found", "column_needed"]


def table(cleaned: Cleaned, links: pd.DataFrame, met: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Contradictions, one row per kind (table `contradictions`).

    Kinds: attended while away by the register; attended before joining or moving here; present
    in two units on one day; hours without a sign-in, a sign-in without hours; more present than
    due; due less absent is not present; minutes entered before the day; sheet and minutes on
    different days; other numbers due than the roster gives. `column_needed` names the field to
    start recording where a kind cannot be checked.
    """
    signed = _signed(cleaned, links, study)
    roster = members_of_study.roster(cleaned, links, study)
    kinds = {
        "while_away": _while_away(signed, cleaned, links, study),
        "before_transfer": _before(signed, roster),
        "two_places": _two_places(signed),
    }
    if "sign_ins" not in cleaned.records:
        kinds = dict.fromkeys(kinds, (np.nan, np.nan, "attend_status"))
    kinds |= {
        **_hours(cleaned),
        **_in_minutes(met),
    }
    rows = [
        {"aspect": name, **dict(zip(COLUMNS[1:], told, strict=True))}
        for name, told in kinds.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _signed(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per member and session at which the member signed; doubtful names are left out."""
    marks = attendance.marks(cleaned, study)
    if marks.empty:
        return pd.DataFrame(columns=["member_id", "event_id", "event_date", "unit"])
    present = marks[states.attended(marks["status"]) == "yes"]
    named = link.members_of(present, links, "sign_ins", membership.rows(cleaned, links, study))
    sure = named[named["decision"] == "link"]
    return sure.drop_duplicates(["member_id", "event_id"])


def _while_away(signed: pd.DataFrame, cleaned: Cleaned, links, study: Study) -> tuple:
    if "mobile" not in cleaned.records:
        return np.nan, np.nan, "mobile_from"
    spells = absences.spells(cleaned, links, membership.rows(cleaned, links, study))
    met = signed[["member_id", "event_id", "event_date"]].merge(spells, on="member_id")
    away = met[absences.on(met["away_from"], met["back_on"], met["event_date"])]
    return len(signed), len(away.drop_duplicates(["member_id", "event_id"])), ""


def _before(signed: pd.DataFrame, roster: pd.DataFrame) -> tuple:
    dates = [evidence.column(roster, name) for name in ("join_date", "transfer_in")]
    since = pd.concat(dates, axis=1).max(axis=1)
    if since.isna().all():
        return np.nan, np.nan, "transfer_in"
    began = signed["member_id"].map(pd.Series(since.to_numpy(), index=roster["member_id"]))
    return int(began.notna().sum()), int((began > signed["event_date"]).sum()), ""


def _two_places(signed: pd.DataFrame) -> tuple:
    days = signed.groupby(["member_id", "event_date"])["unit"].nunique()
    return len(days), int((days > 1).sum()), ""


def _hours(cleaned: Cleaned) -> dict[str, tuple]:
    """Hours against sign-ins of service: a row of a list that has both columns."""
    lists = [
        cleaned.records[kind] for kind in ("volunteers", "sign_ins") if kind in cleaned.records
    ]
    both = [
        (evidence.column(rows, "hours"), evidence.column(rows, "check_in"))
        for rows in lists
        if "hours" in rows and "check_in" in rows
    ]
    if not both:
        needed = "check_in" if any("hours" in rows for rows in lists) else "hours check_in"
        return {
            "hours_without_sign_in": (np.nan, np.nan, needed),
            "sign_in_without_hours": (np.nan, np.nan, needed),
        }
    hours, signs = (pd.concat(parts) for parts in zip(*both, strict=True))
    served = pd.to_numeric(hours, errors="coerce") > 0
    return {
        "hours_without_sign_in": (int(served.sum()), int((served & signs.isna()).sum()), ""),
        "sign_in_without_hours": (
            int(signs.notna().sum()),
            int((signs.notna() & ~served).sum()),
            "",
        ),
    }


def _in_minutes(met: pd.DataFrame) -> dict[str, tuple]:
    due, present, absent = met["due_count"], met["present_count"], met["absent_count"]
    entered, held = met["entered_date"], met["event_date"]
    roster = met["members_due"].mask(met["duty_type"].str.contains("committee_meeting"))
    return {
        "more_than_due": _compared(due, present, present > due, "due_count present_count"),
        "absent_differs": _compared(
            due - present, absent, due - present != absent, "due_count present_count absent_count"
        ),
        "due_differs": _compared(due, roster, due != roster, "due_count"),
        "entered_before": _compared(entered, held, entered < held, "entered_at"),
        "day_differs": _compared(
            met["in_minutes"].where(met["in_minutes"].eq(1)),
            met["on_sheet"].where(met["on_sheet"].eq(1)),
            met["dated"].eq("near"),
            "present_count attend_status",
        ),
    }


def _compared(one: pd.Series, other: pd.Series, wrong: pd.Series, needed: str) -> tuple:
    both = one.notna() & other.notna()
    if not both.any():
        return np.nan, np.nan, needed
    return int(both.sum()), int((both & wrong).sum()), ""
