"""How often two unrelated people agree by coincidence: shares of surnames and of places.

Enters: identities of two rosters, pairs of their positions, and how each pair agrees.
Leaves: for each pair the chance of carrying one name, and of living in one place.
Refuses: letting a pair vouch for itself: its own two rows are never counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagement import codebook

_MARK = "\x1f"
PLACES = ("origin_village", "branch")
_COLUMNS = ["surname", *PLACES]


@dataclass(frozen=True)
class Seen:
    """How often surnames, places, and surnames within a place are seen in both rosters.

    `named` people have a surname; `meet` is the coincidence of each kind of place.
    """

    surnames: Mapping[str, int]
    named: int
    living: Mapping[str, Mapping[str, int]]
    here: Mapping[str, Mapping[str, int]]
    meet: Mapping[str, float]


@dataclass(frozen=True)
class Shared:
    """What `chances` needs to know of two rosters: what is seen in both, what `of_people` says of
    each left row, and for surname and places the number of the value in each row (left, right)."""

    seen: Seen
    left: Mapping[str, np.ndarray]
    numbers: Mapping[str, tuple[np.ndarray, np.ndarray]]


def shared(left: pd.DataFrame, right: pd.DataFrame) -> Shared:
    """What is counted once for all pairs of two rosters (evidence.identities); with one frame for
    both, of the pairs inside it."""
    both = pd.concat([side[_COLUMNS] for side in ([left] if right is left else [left, right])])
    seen = counted(both)
    told = {name: column.to_numpy() for name, column in of_people(seen, left).items()}
    numbers = {name: pd.factorize(both[name])[0] for name in _COLUMNS}
    start = len(both) - len(right)
    sides = {name: (found[: len(left)], found[start:]) for name, found in numbers.items()}
    return Shared(seen, told, sides)


def chances(shared: Shared, pairs: np.ndarray) -> dict[tuple[str, str], np.ndarray]:
    """Chances of coincidence, one per pair of positions, by the comparison and level they replace.

    NaN keeps the declared weight. Where a pair lives in one place, its surname is counted among
    the people of that place.
    """
    at, to = pairs[:, 0], pairs[:, 1]
    ends = {name: (one[at], other[to]) for name, (one, other) in shared.numbers.items()}
    known = {name: (one >= 0) & (other >= 0) for name, (one, other) in ends.items()}
    same = {name: np.where(known[name], np.not_equal(*ends[name]), -1) for name in PLACES}
    told = {name: column[at] for name, column in shared.left.items()}
    return of_pairs(shared.seen, told, np.equal(*ends["surname"]), same)


def counted(both: pd.DataFrame) -> Seen:
    """What is seen in the people of two rosters, one below the other."""
    surnames = both["surname"].replace("", np.nan).value_counts()
    places = {place: both[place].value_counts() for place in PLACES}
    here = {place: (both[place] + _MARK + both["surname"]).value_counts() for place in PLACES}
    meet = {place: coincidence(counts) for place, counts in places.items()}
    return Seen(surnames, int(surnames.sum()), places, here, meet)


def of_people(seen: Seen, people: pd.DataFrame) -> dict[str, pd.Series]:
    """What `of_pairs` wants of the left record, one entry per row of `people`."""
    surname = people["surname"]
    shares = codebook.surnames().set_index("surname")["share"]
    floor = codebook.weights()["surname"]["floor"]
    told = {
        "surname": surname.map(seen.surnames).fillna(0).astype(int),
        "named": surname.fillna("").ne(""),
        "national": surname.map(shares).astype(float).fillna(0).clip(lower=floor),
        "long": people["given"].str.len().fillna(0).ge(2),
        "han": people["han"],
    }
    for place in PLACES:
        told[f"{place}_living"] = people[place].map(seen.living[place]).fillna(0).astype(int)
        here = (people[place] + _MARK + surname).map(seen.here[place])
        told[f"{place}_here"] = here.fillna(0).astype(int)
    return told


def of_pairs(
    seen: Seen, left: Mapping[str, np.ndarray], alike: np.ndarray, same: Mapping[str, np.ndarray]
) -> dict[tuple[str, str], np.ndarray]:
    """`chances` from what is counted: `left` as of_people, one entry per pair; `alike` says
    whether both surnames are the same."""
    share = surname_shares(seen, left, alike)
    place = np.full(len(share), math.nan)
    smooth = codebook.weights()["surname"]["pseudo_count_in_place"]
    open_pairs = np.ones(len(share), dtype=bool)
    for column in PLACES:
        known = open_pairs & (same[column] >= 0)
        place[known] = seen.meet[column]
        agree = known & (same[column] == 0)
        others = np.maximum(0, left[f"{column}_here"] - 1 - alike)
        living = np.maximum(0, left[f"{column}_living"] - 2)
        within = (others + smooth * share) / (living + smooth)
        share = np.where(agree, within, share)
        open_pairs &= ~known
    name = np.where(left["named"], name_chance(share, left["long"], left["han"]), math.nan)
    rules = codebook.weights()["surname"]
    sounding = name * np.where(left["long"], rules["reading_long"], rules["reading_one"])
    return {
        ("name", "exact"): name,
        ("name", "reading"): sounding,
        ("latin", "exact"): name,
        ("place", "same"): place,
    }


def surname_shares(seen: Seen, left: Mapping[str, np.ndarray], alike: np.ndarray) -> np.ndarray:
    """Share of people who bear the left surname of each pair, counted in both rosters without the
    pair itself and smoothed with the national share (codebook/surnames.csv)."""
    smooth = codebook.weights()["surname"]["pseudo_count"]
    others = np.maximum(0, left["surname"] - left["named"] - (alike & left["named"]))
    return (others + smooth * left["national"]) / (max(0, seen.named - 2) + smooth)


def name_chance(share: np.ndarray, long: np.ndarray, han: np.ndarray) -> np.ndarray:
    """Chance that an unrelated person carries one full name: the surname's share times the given
    name's, for given names of two characters or more (`long`), of one, and in Latin letters."""
    rules = codebook.weights()["surname"]
    given = np.where(long, rules["given_long"], rules["given_one"])
    given = np.where(han, given, rules["given_latin"])
    return np.maximum(share * given, rules["least"])


def coincidence(counts: pd.Series) -> float:
    """Chance that two people drawn at random agree: the sum of squared shares of the values that
    are counted; NaN when none is."""
    if not len(counts):
        return math.nan
    shares = counts.to_numpy() / counts.sum()
    return max(float(np.square(shares).sum()), codebook.weights()["place"]["floor"])
