"""Whose row stands on a sign-in sheet: found by number, else by name in the group or the branch.

Enters: the names on sign-in sheets and the member roster, as identities.
Leaves: links of kind sign_ins, one row per sheet row and candidate.
Refuses: choosing between two people of one name; such rows wait for review.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.records import decisions, evidence, names, resemblance

_RULES = (
    ("person_id", "person_id", []),
    ("id_number", "id_number", []),
    ("written_in_group", "written", ["branch", "group"]),
    ("exact_in_group", "name", ["branch", "group"]),
    ("exact_in_branch", "name", ["branch"]),
    ("reading_in_group", "reading", ["branch", "group"]),
    ("reading_in_branch", "reading", ["branch"]),
    ("called_in_group", "called", ["branch", "group"]),
    ("nickname_in_group", "nickname", ["branch", "group"]),
    ("given_in_group", "given_name", ["branch", "group"]),
    ("initials_in_group", "initials", ["branch", "group"]),
)
_ASKS = ("nickname_in_group", "given_in_group", "initials_in_group")
_NUMBERS = ("person_id", "id_number")
_SIDES = ("left", "right")
_SEAT = ["source_file_left", "sheet_left", "session", "person"]
_KNOWN = [
    *evidence.PROVENANCE,
    *("name", "surname", "given", "han", "person_id", "id_number", "branch", "group"),
]
_MET = [
    *("at", "person", "doubt", "session", "shown_left", "shown_right"),
    *(f"{part}_{side}" for part in evidence.PROVENANCE for side in ("left", "right")),
]
_LEFT = ["left_file", "left_sheet", "left_row"]
_RIGHT = ["right_file", "right_sheet", "right_row"]


def links(
    signed: pd.DataFrame,
    sessions: pd.Series,
    members: pd.DataFrame,
    persons: np.ndarray,
    decided: Mapping[str, str] = MappingProxyType({}),
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
    rows, roster = _of_one_numbering(rows, _keyed(members).assign(person=persons))
    found, open_rows = [], rows
    for rule, key, places in _RULES:
        if key not in open_rows:  # less than the full name is asked of those alone who are left
            open_rows, roster = _as_signed(open_rows), _as_member(roster)
        hits = _hits(open_rows, roster, key, places).assign(rule=rule)
        found.append(hits[[*_MET, "rule"]])
        open_rows = open_rows[~open_rows.index.isin(hits["at"])]
    hits = _without_answered(pd.concat(found, ignore_index=True))
    return _as_people_decided(_decided(hits), hits, decided)


def _of_one_numbering(rows: pd.DataFrame, roster: pd.DataFrame) -> tuple:
    """Both with the member numbers only if they are of one numbering.

    They are when most of those who share a number, and have names, share a name too.
    """
    left, right = (part.dropna(subset=["person_id", "name"]) for part in (rows, roster))
    met = left.merge(right, on="person_id", suffixes=("_left", "_right"))
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
    return people[_KNOWN].assign(
        reading=names.reading_keys(people),
        written=written,
        shown=people["written"],
        id_number=people["id_number"].where(people["full_id"]),
    )


def _as_signed(rows: pd.DataFrame) -> pd.DataFrame:
    """Whom a signature may name by less than the full name: keys of the weaker rules."""
    name, latin = rows["name"], resemblance.latin_keys(rows).set_axis(rows.index)
    letters = name.str.replace(" ", "")
    initials = letters.where(~rows["han"] & letters.str.len().between(2, 3))
    short = latin["initials"].str[:1] + " " + latin["surname"]
    by_initial = ~rows["han"] & latin["initials"].ne("") & latin["surname"].str.len().gt(1)
    return rows.assign(
        nickname=_called_by_surname(name),
        given_name=name.where(rows["han"] & name.str.len().eq(2)),
        initials=initials.mask(by_initial, short),
        called=_formal(rows, latin),
    )


def _as_member(roster: pd.DataFrame) -> pd.DataFrame:
    """The same keys of a member, who answers to initials with and without the surname."""
    latin = resemblance.latin_keys(roster).set_axis(roster.index)
    words = roster["reading"].where(roster["han"], roster["name"]).str.split()
    letters = words.map(lambda parts: "".join(part[0] for part in parts), na_action="ignore")
    keyed = roster.assign(
        nickname=roster["surname"],
        given_name=roster["given"].where(roster["han"] & roster["given"].str.len().eq(2)),
        initials=letters.astype("str").where(letters.str.len().between(2, 3)),
        called=_formal(roster, latin),
    )
    short = latin["letters"].str[:1] + " " + latin["surname"]
    western = keyed[latin["latin"] & latin["surname"].ne("") & latin["letters"].ne("")]
    none = dict.fromkeys([key for _, key, _ in _RULES if key != "initials"], np.nan)
    again = western.assign(initials=short[western.index], **none).astype(keyed.dtypes.to_dict())
    return pd.concat([keyed, again])


def _formal(people: pd.DataFrame, latin: pd.DataFrame) -> pd.Series:
    """Formal given name and surname of a Latin name whose nickname has one meaning."""
    one = latin["latin"] & latin["surname"].ne("") & ~latin["called"].str.contains("|", regex=False)
    key = latin["called"] + " " + latin["surname"]
    return key.where(one & latin["called"].ne("")).set_axis(people.index).astype("str")


def _called_by_surname(name: pd.Series) -> pd.Series:
    """The surname in a nickname that adds one character before it; else missing."""
    before = tuple(codebook.weights()["names"]["nickname_before"])
    short = name.str.len().between(2, 3) & name.str.startswith(before)
    return name.str[1:].where(short)


def _without_answered(hits: pd.DataFrame) -> pd.DataFrame:
    """Leave out, for a nickname, the people whose own names stand on the same sheet."""
    seats = pd.MultiIndex.from_frame(hits[_SEAT])
    asks = hits["rule"].isin(_ASKS).to_numpy()
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
    return pd.DataFrame(sides).assign(
        probability=probability,
        decision=decision,
        reason=reason,
        kind="sign_ins",
        alone=probability,
    )


def _as_people_decided(
    table: pd.DataFrame, hits: pd.DataFrame, decided: Mapping[str, str]
) -> pd.DataFrame:
    """The links with what people decided: who is confirmed is linked, and nobody else then."""
    order = [*_LEFT, *_RIGHT]
    if not decided:
        return table.sort_values(order, ignore_index=True)
    places = table[order].set_axis(list("abcdef"), axis=1)
    keys = decisions.pair_keys(places, hits["shown_left"], hits["shown_right"])
    said = pd.Series([decided.get(key, "") for key in keys], index=table.index, dtype="str")
    settled = (said == "same").groupby([hits["at"]]).transform("any")
    out = (said == "different") | (settled & (said != "same"))
    reason = table["reason"] + ";decided:" + said
    made = table.assign(
        decision=table["decision"].mask(out, "no").mask(said == "same", "link"),
        probability=table["probability"].mask(out, 0.0).mask(said == "same", 1.0),
        reason=table["reason"].mask(said.isin(decisions.SETTLED), reason),
    )
    return made.sort_values(order, ignore_index=True)


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
    sure = (people == 1) & (numbered | (rows == 1)) & ~hits["rule"].isin(_ASKS)
    return sure, np.maximum(people, rows)
