"""The three-class model: one person, one household, or two unrelated people.

Enters: for each pair the level at which each field agrees, and how many candidates there are.
Leaves: the probability of each class, one row per pair.
Refuses: nothing; a missing value is no evidence, and no weight is learnt from the rosters.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement import codebook

CLASSES = ("person", "household", "unrelated")
PERSON = CLASSES.index("person")
UNRELATED = CLASSES.index("unrelated")


def probabilities(
    levels: Mapping[str, np.ndarray],
    candidates: int,
    kind: str,
    name_chance: np.ndarray | None = None,
) -> np.ndarray:
    """Probabilities of CLASSES, one row per pair.

    `levels` holds, for each field, an index into `field_levels(field)` per pair (-1 is missing);
    `name_chance` replaces the declared chance that two unrelated people carry one full name.
    Source: Fellegi and Sunter (1969), eq. 1, with a third class for people of one household.
    """
    pairs = len(next(iter(levels.values())))
    total = np.tile(np.log(priors(candidates, kind)), (pairs, 1))
    for field, found in levels.items():
        total += _evidence(field, found)
    if name_chance is not None:
        total[:, UNRELATED] += _name_correction(levels["name"], name_chance)
    shifted = np.exp(total - total.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def priors(candidates: int, kind: str) -> np.ndarray:
    """Prior probabilities of CLASSES for one pair of roster `kind` against `candidates` rows."""
    expected = codebook.weights()["expected"][kind]
    person, household = (expected[name] / candidates for name in CLASSES[:2])
    shrink = min(1.0, 0.95 / (person + household))
    person, household = person * shrink, household * shrink
    return np.array([person, household, 1 - person - household])


def field_levels(field: str) -> tuple[str, ...]:
    """The levels of `field`, best first."""
    return tuple(codebook.weights()["fields"][field])


def name_chances(surnames: pd.Series, given: pd.Series, counted: pd.Series) -> np.ndarray:
    """Chance that an unrelated person carries the same full name, one per name; NaN when whole.

    `counted` holds the surnames of all rows of both rosters; each counts against a national share.
    """
    rules = codebook.weights()["surname"]
    shares = codebook.surnames().set_index("surname")["share"]
    national = surnames.map(shares).astype(float).fillna(0).clip(lower=rules["floor"])
    seen = surnames.map(counted.value_counts()).fillna(0)
    smooth = rules["pseudo_count"]
    share = (seen + smooth * national) / (counted.notna().sum() + smooth)
    one = np.where(given.str.len().fillna(0) >= 2, rules["given_long"], rules["given_one"])
    return (share * one).where(surnames.fillna("") != "").to_numpy()


def fingerprint() -> str:
    """The version of the weights and a digest of their values."""
    weights = codebook.weights()
    digest = hashlib.sha256(json.dumps(weights, sort_keys=True).encode()).hexdigest()
    return f"{weights['version']}:{digest[:12]}"


def _evidence(field: str, found: np.ndarray) -> np.ndarray:
    return np.vstack([_log_weights(field), np.zeros(len(CLASSES))])[found]


@functools.cache
def _log_weights(field: str) -> np.ndarray:
    rows = codebook.weights()["fields"][field].values()
    return np.log([[weights[name] for name in CLASSES] for weights in rows])


def _name_correction(found: np.ndarray, chance: np.ndarray) -> np.ndarray:
    exact = field_levels("name").index("exact")
    declared = _log_weights("name")[exact, UNRELATED]
    applies = (found == exact) & ~np.isnan(chance)
    return np.where(applies, np.log(np.where(applies, chance, 1.0)) - declared, 0.0)
