"""How two records agree, field by field.

Enters: cleaned records of two rosters, and pairs of their positions.
Leaves: for each field the level of agreement of each pair; a short text of the evidence.
Refuses: nothing; a value missing on one side is no evidence for or against.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement.records import names, posterior

PROVENANCE = ["source_file", "sheet", "row"]
MISSING = -1
_FIELDS = (
    "name",
    "person_id",
    "phone",
    "id_number",
    "birth_date",
    "sex",
    "origin_village",
    "branch",
    "group",
)
_VISIBLE = 6


def identities(records: pd.DataFrame) -> pd.DataFrame:
    """What can identify a person, one row per record, positions from 0.

    Columns: provenance; name, surname, given, han (names.keys), written (as in the roster),
    person_id, phone, id_number, full_id (bool), birth_date and sex (those of a full ID before the
    columns'), origin_village, branch, group.
    """
    known = pd.DataFrame({field: column(records, field) for field in _FIELDS})
    full, from_id, by_id = _from_id(known["id_number"])
    return (
        known.assign(
            full_id=full,
            birth_date=from_id.fillna(known["birth_date"]),
            sex=by_id.fillna(known["sex"]),
            written=column(records, "raw__name").fillna(known["name"]),
        )
        .drop(columns="name")
        .join([names.keys(known["name"]), records[PROVENANCE]])
        .reset_index(drop=True)
    )


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
    """Level of agreement per field, one entry per row (left, right position) of `pairs`.

    An index into posterior.field_levels(field); -1 when a side is missing.
    Birth is not counted when both ID numbers are full: it stands in them.
    """
    at, to = pairs[:, 0], pairs[:, 1]
    both_full = left["full_id"].to_numpy()[at] & right["full_id"].to_numpy()[to]
    return {
        "name": names.agreement(left, right, pairs),
        "phone": _positions(left["phone"], right["phone"], at, to),
        "id": _positions(left["id_number"], right["id_number"], at, to),
        "birth": np.where(both_full, MISSING, _births(left, right, at, to)),
        "sex": _same(left["sex"], right["sex"], at, to),
        "place": _places(left, right, at, to),
    }


def name_chances(left: pd.DataFrame, right: pd.DataFrame) -> np.ndarray:
    """Chance of carrying each left name by coincidence, counted over both rosters."""
    counted = pd.concat([left["surname"], right["surname"]], ignore_index=True)
    return posterior.name_chances(left["surname"], left["given"], counted.replace("", np.nan))


def reasons(found: Mapping[str, np.ndarray]) -> list[str]:
    """The evidence of each pair as `field:level;…`, in the order of the fields."""
    parts = [_tokens(field, level) for field, level in found.items()]
    return [";".join(filter(None, row)) for row in zip(*parts, strict=True)]


def doubts(found: Mapping[str, np.ndarray], kind: str) -> np.ndarray:
    """Why a pair waits for review whatever its probability, "" when nothing speaks for that.

    One ID number under two names; nothing but the name agrees; and two rows of the member roster
    without a number in common: joining them takes somebody off the roster.
    """
    numbers = _any_of(found, "phone", ("same", "near")) | _any_of(found, "id", ("same", "near"))
    other_name = _any_of(found, "name", ("surname", "other"))
    two_names = other_name & _any_of(found, "id", ("same",))
    known = _any_of(found, "birth", ("year_month", "year")) | _any_of(found, "place", ("same",))
    alone = ~numbers & ~known
    no_number = ~numbers if kind == "members" else np.zeros(len(alone), dtype=bool)
    said = [";doubt:two_names", ";doubt:name_alone", ";doubt:no_number"]
    return np.select([two_names, alone, no_number], said, "").astype(object)


def _any_of(found: Mapping[str, np.ndarray], field: str, wanted: tuple[str, ...]) -> np.ndarray:
    indices = [posterior.field_levels(field).index(level) for level in wanted]
    return np.isin(found[field], indices)


def _tokens(field: str, found: np.ndarray) -> list[str]:
    tokens = np.array([f"{field}:{level}" for level in posterior.field_levels(field)] + [""])
    return tokens[found].tolist()


def _same(left: pd.Series, right: pd.Series, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    codes = pd.factorize(pd.concat([left, right], ignore_index=True))[0]
    a, b = codes[at], codes[to + len(left)]
    return np.where((a < 0) | (b < 0), MISSING, (a != b).astype(np.int8))


def _places(left, right, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    village = _same(left["origin_village"], right["origin_village"], at, to)
    branch = _same(left["branch"], right["branch"], at, to)
    return np.where(village == MISSING, branch, village)


def _positions(left: pd.Series, right: pd.Series, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    """0 same, 1 one position differs or a masked number fits, 2 other, -1 missing."""
    both = pd.concat([left, right], ignore_index=True)
    codes, shown = pd.factorize(both)
    letters = _letters(shown)
    a, b = codes[at], codes[to + len(left)]
    present = (a >= 0) & (b >= 0)
    found = np.full(len(at), MISSING, dtype=np.int8)
    if present.any():
        a, b = a[present], b[present]
        different, visible, masked = _differences(letters, a, b)
        near = np.where(masked, (different == 0) & (visible >= _VISIBLE), different == 1)
        fits = masked & (different == 0)
        found[present] = np.select([(a == b) & ~masked, near, fits], [0, 1, MISSING], 2)
    return found


def _letters(shown: pd.Index) -> np.ndarray:
    """One row per text, one column per position, blanks at the end."""
    width = max([len(text) for text in shown], default=1)
    padded = "".join(text.ljust(width) for text in shown)
    return np.array([ord(letter) for letter in padded], dtype=np.uint32).reshape(-1, width)


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
    """0 year and month, 1 year with a month unknown, 2 a year apart or another month, 3 other."""
    year, month = _year_month(left, right)
    apart = np.abs(year[at] - year[to + len(left)])
    a, b = month[at], month[to + len(left)]
    unknown = np.isnan(a) | np.isnan(b)
    same_year = np.where(unknown, 1, np.where(a == b, 0, 2))
    found = np.where(apart == 0, same_year, np.where(apart == 1, 2, 3))
    return np.where(np.isnan(apart), MISSING, found)


def _year_month(left: pd.DataFrame, right: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    born = pd.concat([left["birth_date"], right["birth_date"]], ignore_index=True)
    year = pd.to_numeric(born.str[:4], errors="coerce")
    month = pd.to_numeric(born.str[5:7], errors="coerce")
    return year.to_numpy(dtype=float), month.to_numpy(dtype=float)
