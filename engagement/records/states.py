"""Asked, answered, attended: three facts about one person and one event, which stay apart.

Enters: the marks of sign-in sheets and exports, and their links to members.
Leaves: states, one row per event and member.
Refuses: a registration as an attendance, silence as an answer, a row in review as anybody's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.records import evidence, link

PRESENT = ("attended", "late", "online")
AWAY = ("makeup", "leave", "no_show", "absent", "declined", "cancelled")
REPLIED = ("leave", "registered", "pending", "tentative", "declined", "no_show")
SILENT = ("cancelled", "not_answered")
_PROMISED = ("registered", "tentative", "pending", "not_answered")
_STRENGTH = (*PRESENT, *AWAY[:4], *_PROMISED[:3], *AWAY[4:], *_PROMISED[3:], "unknown")
_ANSWERS = {"yes": "yes", "maybe": "yes", "no": "yes", "none": "no"}


def attended(status: pd.Series) -> np.ndarray:
    """Whether each mark says that the person was there: yes, no or unknown."""
    return np.select([status.isin(PRESENT), status.isin(AWAY)], ["yes", "no"], "unknown")


def answered(status: pd.Series, answer: pd.Series) -> pd.Series:
    """Whether a reply is on record, whatever it says: yes, no or unknown.

    A column of answers comes before the mark. Leave, a registration and a refusal are replies; a
    cancelled registration is none that stands; who was there may have come without one.
    """
    by_mark = np.select([status.isin(REPLIED), status.isin(SILENT)], ["yes", "no"], "unknown")
    return answer.map(_ANSWERS).fillna(pd.Series(by_mark, index=status.index)).astype("str")


def asked(records: pd.DataFrame) -> pd.Series:
    """Whether somebody is known to have asked each person: yes, no or unknown."""
    told = evidence.column(records, "invited")
    by_whom = evidence.column(records, "invited_by").notna()
    return told.where(told.isin(["yes", "no"])).mask(by_whom, "yes").fillna("unknown")


def table(marks: pd.DataFrame, links: pd.DataFrame, verdicts: pd.DataFrame) -> pd.DataFrame:
    """One row per event and member: event_id, member_id, status, asked, answered, hours.

    Of several marks the one that says most about being there holds; hours are those of the rows
    that say that the person was there. A mark in review says nothing.
    """
    named = link.members_of(marks, links, "sign_ins", verdicts)
    review = named["decision"] == "review"
    status = named["status"].mask(review, "unknown")
    told = named.assign(
        status=status,
        strength=status.map({name: rank for rank, name in enumerate(_STRENGTH)}),
        hours=named["hours"].where(status.isin(PRESENT)),
        asked=named["asked"].mask(review, "unknown"),
        answered=named["answered"].mask(review, "unknown"),
    ).sort_values("strength", kind="stable")
    together = told.groupby(["event_id", "member_id"], sort=False)
    found = together[["status"]].first()
    found["hours"] = together["hours"].sum(min_count=1)
    for fact in ("asked", "answered"):
        found[fact] = _any(told, fact, found.index)
    return found.reset_index()


def _any(told: pd.DataFrame, fact: str, index: pd.MultiIndex) -> np.ndarray:
    """yes where any row says yes, else no where any says no, else unknown."""
    keys = [told["event_id"], told["member_id"]]
    says = {word: told[fact].eq(word).groupby(keys).any().reindex(index) for word in ("yes", "no")}
    return np.select([says["yes"], says["no"]], ["yes", "no"], "unknown")
