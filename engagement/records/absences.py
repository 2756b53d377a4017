"""When a member was away or out of contact: the registers of both, by date.

Enters: the cleaned registers of mobile and of lost members, and their links to the roster.
Leaves: spells, one row per register row that belongs to a member.
Refuses: an expected return that a remark contradicts; arrivals are nobody's absence; a member
whose row on the register of lost members still waits for review is not lost.
"""

from __future__ import annotations

import pandas as pd

from engagement.records import evidence, link, remarks
from engagement.records.clean import Cleaned


def spells(cleaned: Cleaned, links: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """One row per spell away: member_id, away_from, back_on (ISO texts, missing when open).

    Who has returned on a day that nobody wrote down has no spell; who was lost on the way is not
    expected back.
    """
    register = cleaned.records.get("mobile")
    if register is None or register.empty:
        return _none()
    said = remarks.facts(evidence.column(register, "remark"))
    planned = evidence.column(register, "mobile_to")
    state = evidence.column(register, "mobile_state")
    left = register[evidence.PROVENANCE].assign(
        away_from=evidence.column(register, "mobile_from"),
        back_on=planned.mask(said["returned"], said["when"].fillna(planned)).mask(state == "lost"),
    )
    undated = (state == "returned") & ~(said["returned"] & said["when"].notna())
    away = left[evidence.column(register, "mobile_kind").ne("in") & ~undated]
    return link.members_of(away, links, "mobile", verdicts)[["member_id", "away_from", "back_on"]]


def lost(cleaned: Cleaned, links: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """One row per member out of contact: as `spells`, from the day on which contact was lost.

    A register without that day speaks of all days. Contact found again is `returned` in a remark.
    """
    register = cleaned.records.get("lost")
    if register is None or register.empty:
        return _none()
    said = remarks.facts(evidence.column(register, "remark"))
    rows = register[evidence.PROVENANCE].assign(
        away_from=evidence.column(register, "lost_from"),
        back_on=said["when"].where(said["returned"]),
    )
    known = rows[~(said["returned"] & said["when"].isna())]
    named = link.members_of(known, links, "lost", verdicts)
    return named.loc[named["decision"] == "link", ["member_id", "away_from", "back_on"]]


def _none() -> pd.DataFrame:
    empty = {"member_id": pd.Series(dtype="Int64")}
    return pd.DataFrame({**empty, "away_from": pd.Series(dtype="str"), "back_on": ""})


def away(spells_away: pd.DataFrame, date: str) -> pd.Series:
    """member_id of everyone away on `date` (ISO)."""
    return spells_away.loc[on(spells_away["away_from"], spells_away["back_on"], date), "member_id"]


def on(away_from: pd.Series, back_on: pd.Series, date: str | pd.Series) -> pd.Series:
    """Whether each spell covers `date`; an open end reaches on, the month of return is back."""
    return ~(away_from > date) & ~(back_on <= date)
