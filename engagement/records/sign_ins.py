"""Whose name stands on a sign-in sheet: found inside the group, else inside the branch.

Enters: the names on sign-in sheets and the member roster, as identities.
Leaves: links of kind sign_ins, one row per sheet row and candidate.
Refuses: choosing between two people of one name; such rows wait for review.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.records import evidence, names

_RULES = (
    ("written_in_group", "written", ["branch", "group"]),
    ("exact_in_group", "name", ["branch", "group"]),
    ("exact_in_branch", "name", ["branch"]),
    ("reading_in_group", "reading", ["branch", "group"]),
    ("reading_in_branch", "reading", ["branch"]),
    ("nickname_in_group", "nickname", ["branch", "group"]),
)
_ASKS = "nickname_in_group"
_SEAT = ["source_file_left", "sheet_left", "session", "person"]
_LEFT = ["left_file", "left_sheet", "left_row"]
_RIGHT = ["right_file", "right_sheet", "right_row"]


def links(
    signed: pd.DataFrame, sessions: pd.Series, members: pd.DataFrame, persons: np.ndarray
) -> pd.DataFrame:
    """Links of the sheet rows to members: the first rule that finds anyone decides.

    One person found: link. Several people, or several rows of one sheet for one person: review.
    `sessions` names the session of each row of `signed`; `persons` numbers the person of each
    member row, so that a doubled member is one candidate.
    """
    rows = (
        _keyed(signed)
        .assign(session=sessions.to_numpy())
        .drop_duplicates(evidence.PROVENANCE)
        .dropna(subset=["name"])
    )
    rows = rows.assign(nickname=_called_by_surname(rows["name"]))
    roster = _keyed(members).assign(person=persons, nickname=members["surname"])
    found, open_rows = [], rows
    for rule, key, places in _RULES:
        hits = _hits(open_rows, roster, key, places).assign(rule=rule)
        found.append(hits)
        open_rows = open_rows[~open_rows.index.isin(hits["at"])]
    return _decided(_without_answered(pd.concat(found, ignore_index=True)))


def _keyed(people: pd.DataFrame) -> pd.DataFrame:
    written = people["written"].str.replace(r"\s", "", regex=True)
    return people.assign(reading=names.reading_keys(people), written=written)


def _called_by_surname(name: pd.Series) -> pd.Series:
    """The surname in a nickname that adds one character before it; else missing."""
    before = tuple(codebook.weights()["names"]["nickname_before"])
    short = name.str.len().between(2, 3) & name.str.startswith(before)
    return name.str[1:].where(short)


def _without_answered(hits: pd.DataFrame) -> pd.DataFrame:
    """Leave out, for a nickname, the people whose own names stand on the same sheet."""
    seats = pd.MultiIndex.from_frame(hits[_SEAT])
    asks = (hits["rule"] == _ASKS).to_numpy()
    return hits[~asks | ~seats.isin(seats[~asks])]


def _hits(rows: pd.DataFrame, roster: pd.DataFrame, key: str, places: list[str]) -> pd.DataFrame:
    """Pairs that agree on `key` and `places`, one candidate row per person."""
    on = [key, *(place for place in places if roster[place].notna().any())]
    left = rows.reset_index(names="at").dropna(subset=on)
    met = left.merge(roster.dropna(subset=on), on=on, suffixes=("_left", "_right"))
    near = met.assign(away=met["group_left"].ne(met["group_right"]) if "group_left" in met else 0)
    ordered = near.sort_values(["at", "away"], kind="stable")
    return ordered.drop_duplicates(["at", "person"])


def _decided(hits: pd.DataFrame) -> pd.DataFrame:
    alone, candidates = _alone(hits)
    decision = pd.Series(np.where(alone, "link", "review"), index=hits.index)
    reason = "sign_in:" + hits["rule"] + pd.Series(np.where(alone, "", ";rival:yes"), hits.index)
    probability = hits["rule"].map(codebook.weights()["sign_ins"]).astype(float) / candidates
    sides = {
        column: hits[f"{part}_{side}"]
        for side, columns in (("left", _LEFT), ("right", _RIGHT))
        for column, part in zip(columns, evidence.PROVENANCE, strict=True)
    }
    table = pd.DataFrame(sides).assign(
        probability=probability, decision=decision, reason=reason, kind="sign_ins"
    )
    return table.sort_values([*_LEFT, *_RIGHT], ignore_index=True)


def _alone(hits: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whether a hit has no rival, and among how many it stands.

    A row found by a better rule is no rival of one found by a weaker rule; nor are rows of
    different sessions, where each session has its own rows.
    """
    ranks = {rule: rank for rank, (rule, _, _) in enumerate(_RULES)}
    place = [hits[column] for column in _SEAT]
    rank = hits["rule"].map(ranks)
    best = rank.groupby(place).transform("min")
    people = hits.groupby("at")["person"].transform("size")
    first = hits["at"].where(rank == best).groupby(place).transform("nunique")
    rows = hits.groupby(place)["at"].transform("nunique").where(rank > best, first)
    sure = (people == 1) & (rows == 1) & (hits["rule"] != _ASKS)
    return sure, np.maximum(people, rows)
