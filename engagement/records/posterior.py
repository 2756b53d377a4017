"""The three-class model: one person, one household, or two unrelated people.

Enters: for each pair the level at which each comparison agrees, and how many candidates there are.
Leaves: the probability of each class, one row per pair, and what each comparison adds to it.
Refuses: weights that are no shares (StudyError); no weight is learnt from the rosters.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

import numpy as np

from engagement import codebook
from engagement.errors import Problem, StudyError

CLASSES = ("person", "household", "unrelated")
PERSON, HOUSEHOLD, UNRELATED = range(3)
_TOLERANCE = 1e-6


def probabilities(
    levels: Mapping[str, np.ndarray],
    prior: np.ndarray,
    chances: Mapping[tuple[str, str], np.ndarray] | None = None,
    weights: Mapping | None = None,
) -> np.ndarray:
    """Probabilities of CLASSES, one row per pair.

    `levels` holds, for each comparison, an index into `field_levels(field)` per pair (-1 is
    missing); `prior` comes from `priors`; `chances` (frequencies.chances) replaces the declared
    chance that two unrelated people reach a level; `weights` replaces codebook.weights().
    Source: Fellegi and Sunter (1969), eq. 1, with a third class for people of one household.
    """
    pairs = len(next(iter(levels.values())))
    total = np.tile(np.log(prior), (pairs, 1))
    for field, found in levels.items():
        total += logs(field, found, chances, weights)
    shifted = np.exp(total - total.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def logs(
    field: str,
    found: np.ndarray,
    chances: Mapping[tuple[str, str], np.ndarray] | None = None,
    weights: Mapping | None = None,
) -> np.ndarray:
    """What comparison `field` adds to the log of each class, one row per pair; 0 when missing."""
    rows = (weights or codebook.weights())["fields"][field]
    table = np.log([[row[name] for name in CLASSES] for row in rows.values()])
    added = np.vstack([table, np.zeros(len(CLASSES))])[found]
    for at, level in enumerate(rows):
        chance = (chances or {}).get((field, level))
        if chance is not None:
            applies = (found == at) & ~np.isnan(chance)
            added[applies, UNRELATED] = np.log(chance[applies])
    return added


def priors(
    candidates: int, kind: str, *, times: float = 1.0, weights: Mapping | None = None
) -> np.ndarray:
    """Prior probabilities of CLASSES for one pair of roster `kind` against `candidates` rows.

    The prior is declared as pairs to expect for each row looked up; `times` multiplies the pairs
    that are one person.
    """
    expected = dict((weights or codebook.weights())["expected"][kind])
    expected["person"] *= times
    person, household = (expected[name] / candidates for name in CLASSES[:2])
    shrink = min(1.0, 0.95 / (person + household))
    person, household = person * shrink, household * shrink
    return np.array([person, household, 1 - person - household])


def field_levels(field: str) -> tuple[str, ...]:
    """The levels of comparison `field`, best first."""
    return tuple(codebook.weights()["fields"][field])


def fingerprint() -> str:
    """The version of the weights and a digest of their values."""
    weights = codebook.weights()
    digest = hashlib.sha256(json.dumps(weights, sort_keys=True).encode()).hexdigest()
    return f"{weights['version']}:{digest[:12]}"


def require_shares(weights: Mapping) -> None:
    """Refuse weights that are not positive shares summing to one.

    Raises StudyError that names every comparison and class at fault.
    """
    problems = [
        Problem("weights_sum", {"field": field, "found": f"{total:.4f}", "kind": name})
        for field, levels in weights["fields"].items()
        for name in CLASSES
        if not _are_shares([level.get(name, 0.0) for level in levels.values()])
        for total in [sum(level.get(name, 0.0) for level in levels.values())]
    ]
    if problems:
        raise StudyError(problems)


def _are_shares(values: list[float]) -> bool:
    return all(value > 0 for value in values) and abs(sum(values) - 1) <= _TOLERANCE
