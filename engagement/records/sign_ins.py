"""Whose row stands on a sign-in sheet: found by number, else by name in the group or the branch.

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
    ("person_id", "person_id", []),
    ("id_number", "id_number", []),
    ("written_in_group", "written", ["branch", "group"]),
    ("exact_in_group", "name", ["branch", "group"]),
    ("exact_in_branch", "name", ["branch"]),
    ("reading_in_group", "reading", ["branch", "group"]),
    ("reading_in_branch", "reading", ["branch"]),
    ("nickname_in_group", "nickname", ["branch", "group"]),
)
_ASKS = "nickname_in_group"
_NUMBERS = ("person_id", "id_number")
_SIDES = ("left", "right")
_SEAT = ["source_file_left", "sheet_left", "session", "person"]
_LEFT = ["left_file", "left_sheet", "left_row"]
_RIGHT = ["right_file", "right_sheet", "right_row"]


def links(
    signed: pd.DataFrame, sessions: pd.Series, members: pd.DataFrame, persons: np.ndarray
) -> pd.DataFrame:
    """Links of the sheet rows to members: the first rule that finds anyone decides.

    One person found: link. Several people, or several rows of one sheet for one person: review,
    and so is one number under two names, or one name under two numbers of one numbering.
    `sessions` names the session of each row of `signed`; `persons` numbers the person of each
    member row, so that a doubled member is one candidate.
    """
    rows = (
        _keyed(signed)
        .assign(session=sessions.to_numpy())
        .drop_duplicates(evidence.PROVENANCE)
        .dropna(subset=["name", *_NUMBERS], how="all")
    )
    rows = rows.assign(nickname=_called_by_surname(rows["name"]))
    roster = _keyed(members).assign(person=persons, nickname=members["surname"])
    rows, roster = _of_one_numbering(rows, roster)
    found, open_rows = [], rows
    for rule, key, places in _RULES:
        hits = _hits(open_rows, roster, key, places).assign(rule=rule)
        found.append(hits)
        open_rows = open_rows[~open_rows.index.isin(hits["at"])]
    return _decided(_without_answered(pd.concat(found, ignore_index=True)))


def _of_one_numbering(rows: pd.DataFrame, roster: pd.DataFrame) -> tuple:
    """Both with the member numbers only if they are of one numbering.

    They are when most of those who share a number, and have names, share a name too.
    """
    met = rows.merge(roster, on="person_id", suffixes=("_left", "_right")).dropna(
        subset=["person_id", "name_left", "name_right"]
    )
    if len(met) and _two_names(met).mean() > 0.5:
        nobody = pd.Series(np.nan, index=rows.index, dtype="str")
        return rows.assign(person_id=nobody), roster
    return rows, roster


def _two_names(hits: pd.DataFrame) -> pd.Series:
    """Whether both sides have names that neither sound alike nor share a word."""
    both = hits["name_left"].notna() & hits["name_right"].notna()
    words = [hits[f"name_{side}"].fillna("").str.lower().str.findall(r"\w+") for side in _SIDES]
    shared = [bool({*one} & {*other}) for one, other in zip(*words, strict=True)]
    return both & (hits["reading_left"] != hits["reading_right"]) & ~np.array(shared, dtype=bool)


def _keyed(people: pd.DataFrame) -> pd.DataFrame:
    written = people["written"].str.replace(r"\s", "", regex=True)
    return people.assign(
        reading=names.reading_keys(people),
        written=written,
        id_number=people["id_number"].where(people["full_id"]),
    )


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
    found = ordered.drop_duplicates(["at", "person"])
    return found.assign(doubt=_doubt(found, key))


def _doubt(hits: pd.DataFrame, key: str) -> np.ndarray:
    """What speaks against a hit: two names for one number, or two numbers for one name."""
    if key in _NUMBERS:
        return np.where(_two_names(hits), ";doubt:two_names", "")
    left, right = hits["person_id_left"], hits["person_id_right"]
    other = left.notna() & right.notna() & (left != right)
    return np.where(other, ";doubt:other_number", "")


def _decided(hits: pd.DataFrame) -> pd.DataFrame:
    alone, candidates = _alone(hits)
    sure = alone & (hits["doubt"] == "")
    decision = pd.Series(np.where(sure, "link", "review"), index=hits.index)
    rival = pd.Series(np.where(alone, "", ";rival:yes"), hits.index)
    reason = "sign_in:" + hits["rule"] + rival + hits["doubt"]
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
    numbered = hits["rule"].isin(_NUMBERS)
    sure = (people == 1) & (numbered | (rows == 1)) & (hits["rule"] != _ASKS)
    return sure, np.maximum(people, rows)
