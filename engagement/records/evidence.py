"""How two records agree, comparison by comparison.

Enters: cleaned records of two rosters, and pairs of their positions.
Leaves: for each comparison the level of agreement of each pair, and the chances of coincidence.
Refuses: nothing; a value missing on one side is no evidence for or against.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement.records import (
    addresses,
    identifiers,
    names,
    posterior,
    resemblance,
)

PROVENANCE = ["source_file", "sheet", "row"]
MISSING = resemblance.MISSING
_FIELDS = (
    *("name", "person_id", "phone", "email", "id_number", "birth_date", "sex"),
    *("origin_village", "address", "branch", "group"),
)
_VISIBLE = 6


def identities(records: pd.DataFrame) -> pd.DataFrame:
    """What can identify a person, one row per record, positions from 0.

    Columns: provenance; name, surname, given, han (names.keys), written (as in the roster),
    person_id, phone, email, id_number (what can be read of a damaged one), full_id (bool),
    birth_date and sex (those of a full ID before the columns'), origin_village, address
    (addresses.keys), branch, group.
    """
    known = pd.DataFrame({field: column(records, field) for field in _FIELDS})
    number = _shown(known["id_number"], column(records, "raw__id_number"))
    full, from_id, by_id = _from_id(known["id_number"])
    return (
        known.assign(
            id_number=number,
            full_id=full,
            birth_date=from_id.fillna(known["birth_date"]),
            sex=by_id.fillna(known["sex"]),
            address=addresses.keys(known["address"]),
            written=column(records, "raw__name").fillna(known["name"]),
        )
        .drop(columns="name")
        .join([names.keys(known["name"]), records[PROVENANCE]])
        .reset_index(drop=True)
    )


def _shown(number: pd.Series, raw: pd.Series) -> pd.Series:
    """The number, or what still shows of one that cleaning had to refuse."""
    refused = raw.where(number.isna()).dropna()
    told = {text: identifiers.visible(text) for text in refused.unique()}
    return number.fillna(refused.map(told).replace("", np.nan).reindex(number.index)).astype("str")


def _from_id(number: pd.Series) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Whether each ID is full, and the birth and sex that a full one holds (GB 11643-1999)."""
    born = number.str[6:10] + "-" + number.str[10:12] + "-" + number.str[12:14]
    dated = pd.to_datetime(born, format="%Y-%m-%d", errors="coerce").notna()
    full = number.str.fullmatch(r"\d{17}[\dX]").eq(True) & ~number.str.startswith("999").eq(True)
    known = full & dated
    odd = pd.to_numeric(number.str[16].where(known), errors="coerce") % 2
    sex = odd.map({1.0: "male", 0.0: "female"}).astype("str")
    return known, born.where(known), sex


def column(records: pd.DataFrame, name: str) -> pd.Series:
    """Column `name` as text, all missing when the roster does not have it."""
    if name in records:
        return records[name].astype("str")
    return pd.Series(np.nan, index=records.index, dtype="str")


def levels(left: pd.DataFrame, right: pd.DataFrame, pairs: np.ndarray) -> dict[str, np.ndarray]:
    """Level of agreement per comparison, one entry per row (left, right position) of `pairs`.

    An index into posterior.field_levels(field); -1 when a side is missing.
    Birth is not counted when both ID numbers are full: it stands in them.
    """
    at, to = pairs[:, 0], pairs[:, 1]
    both_full = left["full_id"].to_numpy()[at] & right["full_id"].to_numpy()[to]
    return {
        "name": resemblance.han(left, right, pairs),
        "latin": resemblance.latin(left, right, pairs),
        "spelled": resemblance.spelled(left, right, pairs),
        "phone": _phones(left["phone"], right["phone"], at, to),
        "email": _same(left["email"], right["email"], at, to),
        "id": _numbers(left["id_number"], right["id_number"], at, to),
        "birth": np.where(both_full, MISSING, _births(left, right, at, to)),
        "sex": _same(left["sex"], right["sex"], at, to),
        "place": _places(left, right, at, to),
        "address": addresses.agreement(left["address"], right["address"], pairs),
    }


def reasons(found: Mapping[str, np.ndarray]) -> list[str]:
    """The evidence of each pair as `field:level;…`, in the order of the comparisons."""
    parts = [_tokens(field, level) for field, level in found.items()]
    return [";".join(filter(None, row)) for row in zip(*parts, strict=True)]


def doubts(found: Mapping[str, np.ndarray], kind: str) -> np.ndarray:
    """Why a pair waits for review whatever its probability, "" when nothing speaks for that.

    One ID number under two names; nothing but the name agrees; and two rows of the member roster
    without a number in common: joining them takes somebody off the roster.
    """
    numbers = (
        _any_of(found, "phone", "same near")
        | _any_of(found, "id", "same shown near")
        | _any_of(found, "email", "same")
    )
    other_name = _any_of(found, "name", "surname other") | _any_of(found, "latin", "given other")
    two_names = other_name & _any_of(found, "id", "same")
    known = (
        _any_of(found, "birth", "date year_month year")
        | _any_of(found, "place", "same")
        | _any_of(found, "address", "same near")
    )
    alone = ~numbers & ~known
    no_number = ~numbers if kind == "members" else np.zeros(len(alone), dtype=bool)
    said = [";doubt:two_names", ";doubt:name_alone", ";doubt:no_number"]
    return np.select([two_names, alone, no_number], said, "").astype(object)


def _any_of(found: Mapping[str, np.ndarray], field: str, wanted: str) -> np.ndarray:
    indices = [posterior.field_levels(field).index(level) for level in wanted.split()]
    return np.isin(found[field], indices)


def _tokens(field: str, found: np.ndarray) -> list[str]:
    tokens = np.array([f"{field}:{level}" for level in posterior.field_levels(field)] + [""])
    return tokens[found].tolist()


def _same(left: pd.Series, right: pd.Series, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    codes = pd.factorize(pd.concat([left, right], ignore_index=True))[0]
    a, b = codes[at], codes[to + len(left)]
    return np.where((a < 0) | (b < 0), MISSING, (a != b).astype(np.int8))


def _places(left, right, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    """The former village; where one side does not know it, the branch."""
    village = _same(left["origin_village"], right["origin_village"], at, to)
    branch = _same(left["branch"], right["branch"], at, to)
    return np.where(village == MISSING, branch, village)


def _phones(left: pd.Series, right: pd.Series, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    """0 same, 1 one digit differs, 2 other, -1 missing or masked without a conflict."""
    found, fits = _positions(left, right, at, to)
    return np.where(found == 0, np.where(fits, 1, 0), np.where(found < 0, MISSING, found))


def _numbers(left: pd.Series, right: pd.Series, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    """0 same, 1 shown (a masked one fits), 2 one digit differs, 3 other, -1 missing."""
    found, fits = _positions(left, right, at, to)
    return np.where(found < 0, MISSING, np.where(fits, 1, np.where(found == 0, 0, found + 1)))


def _positions(left: pd.Series, right: pd.Series, at: np.ndarray, to: np.ndarray) -> tuple:
    """0 all positions agree, 1 one differs, 2 more do, -1 unknown; and whether a mask hides some.

    A masked number that shows too little to tell is unknown; one that conflicts is different.
    """
    both = pd.concat([left, right], ignore_index=True)
    codes, shown = pd.factorize(both)
    letters = _letters(shown)
    a, b = codes[at], codes[to + len(left)]
    present = (a >= 0) & (b >= 0)
    found = np.full(len(at), MISSING, dtype=np.int8)
    fits = np.zeros(len(at), dtype=bool)
    if present.any():
        different, visible, masked = _differences(letters, a[present], b[present])
        too_little = masked & (different == 0) & (visible < _VISIBLE)
        conflict = np.where(masked, different > 0, different > 1)
        near = ~masked & (different == 1)
        found[present] = np.select([too_little, conflict, near], [MISSING, 2, 1], 0)
        fits[present] = masked & (different == 0) & ~too_little
    return found, fits


def _letters(shown: pd.Index) -> np.ndarray:
    """One row per text, one column per position, blanks at the end."""
    width = max([len(text) for text in shown], default=1)
    padded = "".join(text.ljust(width) for text in shown)
    return np.array([padded], dtype=f"U{max(1, len(padded))}").view(np.uint32).reshape(-1, width)


def _differences(letters: np.ndarray, a: np.ndarray, b: np.ndarray) -> tuple:
    """Positions that differ, positions that both show, and whether a side is masked."""
    different = np.zeros(len(a), dtype=np.int16)
    visible = np.zeros(len(a), dtype=np.int16)
    masked = np.zeros(len(a), dtype=bool)
    for position in letters.T:
        one, other = position[a], position[b]
        hidden = (one == ord("*")) | (other == ord("*"))
        different += (one != other) & ~hidden
        visible += ~hidden & (one != ord(" "))
        masked |= hidden
    return different, visible, masked


def _births(left: pd.DataFrame, right: pd.DataFrame, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    """Index into date, year_month, year, near (a year apart, another month or day, or one digit
    of a full date), other."""
    born = pd.concat([left["birth_date"], right["birth_date"]], ignore_index=True)
    year, month, day = (
        pd.to_numeric(born.str[since : since + size], errors="coerce").to_numpy(dtype=float)
        for since, size in ((0, 4), (5, 2), (8, 2))
    )
    a, b = at, to + len(left)
    apart = np.abs(year[a] - year[b])
    no_month, no_day = np.isnan(month[a] + month[b]), np.isnan(day[a] + day[b])
    same_month, same_day = month[a] == month[b], day[a] == day[b]
    within = np.select([no_month, ~same_month, no_day, same_day], [2, 3, 1, 0], 3)
    digits = (year * 10_000 + month * 100 + day).astype(float)
    typed = ~no_day & (_digits_apart(digits[a], digits[b]) == 1)
    found = np.where(apart == 0, within, np.where((apart == 1) | typed, 3, 4))
    return np.where(np.isnan(apart), MISSING, found)


def _digits_apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Decimal places in which two eight-digit numbers differ."""
    a, b = (np.nan_to_num(number).astype(np.int64) for number in (one, other))
    apart = np.zeros(len(a), dtype=np.int8)
    for _ in range(8):
        apart += a % 10 != b % 10
        a, b = a // 10, b // 10
    return apart
