"""Which pairs of records to compare, and which of the pairs may be true together.

Enters: identities of two rosters; probabilities of pairs.
Leaves: positions of the pairs; for each pair the probability beside its rivals, and who is chosen.
Refuses: comparing every pair beyond four million: there, a pair must share a key.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from engagement.records import names

ALL_PAIRS = 4_000_000
NAMED = 40_000
_MARK = "\x1f"


def across(left: pd.DataFrame, right: pd.DataFrame) -> np.ndarray:
    """Positions (left, right) of the pairs to compare, one row per pair."""
    if len(left) * len(right) <= ALL_PAIRS:
        at, to = np.indices((len(left), len(right)))
        return np.column_stack([at.ravel(), to.ravel()])
    return sharing_a_key(left, right)


def within(people: pd.DataFrame) -> np.ndarray:
    """Positions of the pairs inside one roster, the earlier row first."""
    pairs = across(people, people)
    return pairs[pairs[:, 0] < pairs[:, 1]]


def groups(pairs: np.ndarray, size: int) -> np.ndarray:
    """For each of `size` rows the number of its group when the rows of `pairs` belong together."""
    ones = np.ones(len(pairs), dtype=np.int8)
    graph = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return connected_components(graph, directed=False)[1]


def one_to_one(candidates: pd.DataFrame) -> pd.DataFrame:
    """`candidates` with `beside_rivals` and `chosen`, one row per pair of (left, right).

    `beside_rivals` is the probability that this pair is right when each side has one partner at
    most; `chosen` marks the assignment with the largest sum of log(1 + odds) (Jaro 1989, sec. 5).
    """
    odds = candidates["probability"] / (1 - candidates["probability"]).clip(lower=1e-12)
    left = odds.groupby(candidates["left"]).transform("sum")
    right = odds.groupby(candidates["right"]).transform("sum")
    beside = odds / (1 + np.maximum(left, right))
    return candidates.assign(beside_rivals=beside, chosen=_assigned(candidates, odds))


def _assigned(candidates: pd.DataFrame, odds: pd.Series) -> np.ndarray:
    at, left = pd.factorize(candidates["left"])
    to, right = pd.factorize(candidates["right"])
    block = groups(np.column_stack([at, to + len(left)]), len(left) + len(right))[at]
    gain = np.log1p(odds.to_numpy())
    chosen = np.bincount(block)[block] == 1 if len(block) else np.zeros(0, dtype=bool)
    contested = np.flatnonzero(~chosen)
    for rows in pd.Series(contested).groupby(block[contested]).agg(list):
        chosen[rows] = _best(at[rows], to[rows], gain[rows])
    return chosen


def _best(at: np.ndarray, to: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Which pairs of one block the optimal assignment takes."""
    rows, row = np.unique(at, return_inverse=True)
    places, place = np.unique(to, return_inverse=True)
    if min(len(rows), len(places)) == 1:
        return np.arange(len(gain)) == gain.argmax()
    from scipy.optimize import linear_sum_assignment

    table = np.zeros((len(rows), len(places)))
    table[row, place] = gain
    taken = np.zeros(table.shape, dtype=bool)
    taken[linear_sum_assignment(table, maximize=True)] = True
    return taken[row, place]


def sharing_a_key(left: pd.DataFrame, right: pd.DataFrame) -> np.ndarray:
    """Pairs that agree on one of `keys`."""
    cities = crowded(right["origin_village"].value_counts())
    both = zip(*(keys(side, len(right), cities) for side in (left, right)), strict=True)
    return np.unique(np.vstack([sharing(one, other) for one, other in both]), axis=0)


def crowded(villages: pd.Series) -> frozenset[str]:
    """The villages that more than NAMED candidates share, by how many have each."""
    return frozenset(villages.index[villages > NAMED])


def keys(
    people: pd.DataFrame, candidates: int, cities: frozenset[str] = frozenset()
) -> list[pd.Series]:
    """Keys of each record; a pair beyond the smallest rosters must share one of them.

    A number, an address, surname and birth, or a name that sounds alike. Among more than NAMED
    candidates a name alone can be no match, and too many share it: there it counts with the year
    of birth, the place, one half of the phone number, or the end of the ID number (so that a digit
    mistyped or hidden does not part a pair). A village that so many share is no place: `cities`.
    """
    reading, phone = names.reading_keys(people), people["phone"]
    alone = [people["id_number"], phone, people["email"], people["surname"] + people["birth_date"]]
    if candidates <= NAMED:
        return [*alone, reading]
    village = people["origin_village"]
    places = [people["birth_date"].str[:4], village.mask(village.isin(cities)), people["branch"]]
    halves = [phone.str[-4:], phone.str[:-4], people["id_number"].str[-4:]]
    return [*alone, *(reading + _MARK + beside for beside in (*places, *halves))]


def sharing(left: pd.Series, right: pd.Series) -> np.ndarray:
    """Positions of the pairs whose keys are equal."""
    one = pd.DataFrame({"key": left, "left": np.arange(len(left))}).dropna()
    other = pd.DataFrame({"key": right, "right": np.arange(len(right))}).dropna()
    return one.merge(other, on="key")[["left", "right"]].to_numpy()
