"""Weights drawn towards what a large pair of rosters shows, never far from those declared.

Enters: how the pairs of two large rosters agree, the prior, and the declared weights.
Leaves: weights in which the shares of one person, and those of strangers, have moved.
Refuses: small rosters: below the declared number of expected matches the weights stay as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np

from engagement.records import posterior

_SEED = 20221231


def weights(
    levels: Mapping[str, np.ndarray],
    prior: np.ndarray,
    declared: Mapping,
    chances: Mapping[tuple[str, str], np.ndarray] | None = None,
    strangers: Mapping[str, np.ndarray] | None = None,
) -> dict:
    """The declared weights with the shares of `person` re-estimated from the pairs compared, and
    those of `unrelated` from `strangers`, the levels of pairs drawn at random (see `drawn`).

    Maximum a posteriori by expectation–maximisation (Dempster, Laird and Rubin 1977), with
    Dirichlet priors of `pseudo_pairs` and `pseudo_strangers` pairs at the declared shares. Those of
    a household and the number of expected matches stay as declared: pairs that share a key cannot
    tell them. Returned unchanged when fewer than `least_matches` are expected.
    """
    rules = declared["learning"]
    pairs = len(next(iter(levels.values())))
    made = copy.deepcopy(dict(declared))
    for _ in range(rules["rounds"]):
        found = posterior.probabilities(levels, prior, chances, made)[:, posterior.PERSON]
        if pairs == 0 or found.sum() < rules["least_matches"]:
            return dict(declared)
        moved = [("person", levels, found, rules["pseudo_pairs"])]
        if strangers is not None:
            apart = posterior.probabilities(strangers, prior, None, made)[:, posterior.UNRELATED]
            moved.append(("unrelated", strangers, apart, rules["pseudo_strangers"]))
        for name, seen, likely, pseudo in moved:
            for field, level in seen.items():
                _move(
                    made["fields"][field], declared["fields"][field], name, (level, likely), pseudo
                )
    return made


def drawn(left: int, right: int, declared: Mapping) -> np.ndarray:
    """Positions of pairs drawn at random between `left` and `right` rows: hardly any is a match."""
    rng, size = np.random.default_rng(_SEED), declared["learning"]["drawn"]
    return np.column_stack([rng.integers(0, left, size), rng.integers(0, right, size)])


def _move(made: dict, declared: Mapping, name: str, seen: tuple, pseudo: float) -> None:
    """The shares of one class: expected counts, and the declared ones as pseudo-pairs."""
    level, likely = seen
    known = level >= 0
    counted = np.bincount(level[known], weights=likely[known], minlength=len(declared))
    before = np.array([shares[name] for shares in declared.values()])
    after = counted + pseudo * before
    for shares, share in zip(made.values(), after / after.sum(), strict=True):
        shares[name] = float(share)
