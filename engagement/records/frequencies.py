"""How often two unrelated people agree by coincidence: shares of surnames and of places.

Enters: identities of two rosters, pairs of their positions, and how each pair agrees.
Leaves: for each pair the chance of carrying one name, and of living in one place.
Refuses: letting a pair vouch for itself: its own two rows are never counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement import codebook

_MARK = "\x1f"
_PLACES = ("origin_village", "branch")


def chances(
    left: pd.DataFrame, right: pd.DataFrame, pairs: np.ndarray, same: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """Chances of coincidence, one per pair, by the comparison whose best level they replace.

    Keys name, latin and place; NaN keeps the declared weight. `same` says for origin_village and
    branch whether both sides agree (0), differ (1) or one is unknown (-1); where a pair lives in
    one place, its surname is counted among the people of that place.
    """
    share = surname_shares(left["surname"], right["surname"], pairs)
    place = np.full(len(pairs), math.nan)
    open_pairs = np.ones(len(pairs), dtype=bool)
    for column in _PLACES:
        here = open_pairs & (same[column] >= 0)
        place[here] = coincidence(pd.concat([left[column], right[column]], ignore_index=True))
        agree = here & (same[column] == 0)
        share[agree] = _shares_within(left, right, column, pairs[agree], share[agree])
        open_pairs &= ~here
    at = pairs[:, 0]
    long = left["given"].str.len().fillna(0).to_numpy()[at] >= 2
    whole = left["surname"].fillna("").eq("").to_numpy()[at]
    name = np.where(whole, math.nan, name_chance(share, long, left["han"].to_numpy()[at]))
    return {"name": name, "latin": name, "place": place}


def surname_shares(left: pd.Series, right: pd.Series, pairs: np.ndarray) -> np.ndarray:
    """Share of people who bear the left surname of each pair, counted in both rosters without the
    pair itself and smoothed with the national share (codebook/surnames.csv)."""
    rules = codebook.weights()["surname"]
    codes, seen, known = _counted(left, right)
    at, to = codes[pairs[:, 0]], codes[pairs[:, 1] + len(left)]
    others, total = _without_pair(seen, at, to, known)
    shares = codebook.surnames().set_index("surname")["share"]
    national = left.map(shares).astype(float).fillna(0).clip(lower=rules["floor"]).to_numpy()
    smooth = rules["pseudo_count"]
    return (others + smooth * national[pairs[:, 0]]) / (total + smooth)


def _shares_within(
    left: pd.DataFrame, right: pd.DataFrame, place: str, pairs: np.ndarray, share: np.ndarray
) -> np.ndarray:
    """The same share among the people of the place that both live in, drawn towards `share`."""
    smooth = codebook.weights()["surname"]["pseudo_count_in_place"]
    named = [people[place] + _MARK + people["surname"] for people in (left, right)]
    codes, seen, _ = _counted(*named)
    homes, inhabitants, _ = _counted(left[place], right[place])
    at, to = pairs[:, 0], pairs[:, 1] + len(left)
    others, _ = _without_pair(seen, codes[at], codes[to], 0)
    living = np.maximum(0, inhabitants[homes[at]] - 2)
    return (others + smooth * share) / (living + smooth)


def _counted(left: pd.Series, right: pd.Series) -> tuple[np.ndarray, np.ndarray, int]:
    """A number for each value of both rosters, how often each is seen (the last: 0), and in all."""
    both = pd.concat([left, right], ignore_index=True).replace("", np.nan)
    codes, values = pd.factorize(both)
    seen = np.bincount(codes[codes >= 0], minlength=len(values))
    return codes, np.append(seen, 0), int(seen.sum())


def _without_pair(seen, at: np.ndarray, to: np.ndarray, known: int) -> tuple:
    own = (at >= 0).astype(int) + (at == to)
    return np.maximum(0, seen[at] - own), max(0, known - 2)


def name_chance(share: np.ndarray, long: np.ndarray, han: np.ndarray) -> np.ndarray:
    """Chance that an unrelated person carries one full name: the surname's share times the given
    name's, for given names of two characters or more (`long`), of one, and in Latin letters."""
    rules = codebook.weights()["surname"]
    given = np.where(long, rules["given_long"], rules["given_one"])
    given = np.where(han, given, rules["given_latin"])
    return np.maximum(share * given, rules["least"])


def coincidence(values: pd.Series) -> float:
    """Chance that two people drawn at random agree: the sum of squared shares; NaN when unknown."""
    shares = values.value_counts(normalize=True).to_numpy()
    if not len(shares):
        return math.nan
    return max(float(np.square(shares).sum()), codebook.weights()["place"]["floor"])
