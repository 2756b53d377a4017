"""Weights drawn towards what a large pair of rosters shows, never far from those declared.

Enters: how the pairs of two large rosters agree, the prior, and the declared weights.
Leaves: weights in which the shares of one class, the same person, have moved.
Refuses: small rosters: below the declared number of expected matches the weights stay as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

import numpy as np

from engagement.records import posterior


def weights(
    levels: Mapping[str, np.ndarray],
    prior: np.ndarray,
    declared: Mapping,
    chances: Mapping[str, np.ndarray] | None = None,
) -> dict:
    """The declared weights with the shares of `person` re-estimated from the pairs compared.

    Maximum a posteriori by expectation–maximisation (Dempster, Laird and Rubin 1977), with a
    Dirichlet prior of `pseudo_pairs` pairs at the declared shares. The shares of household and
    unrelated people and the number of expected matches stay as declared: pairs that share a key
    cannot tell them. Returned unchanged when fewer than `least_matches` are expected.
    """
    rules = declared["learning"]
    pairs = len(next(iter(levels.values())))
    made = copy.deepcopy(dict(declared))
    for _ in range(rules["rounds"]):
        found = posterior.probabilities(levels, prior, chances, made)[:, posterior.PERSON]
        if pairs == 0 or found.sum() < rules["least_matches"]:
            return dict(declared)
        for field, level in levels.items():
            _move(made["fields"][field], declared["fields"][field], level, found, rules)
    return made


def _move(made: dict, declared: Mapping, level: np.ndarray, found: np.ndarray, rules: Mapping):
    """The shares of one comparison: expected counts, and the declared ones as pseudo-pairs."""
    known = level >= 0
    seen = np.bincount(level[known], weights=found[known], minlength=len(declared))
    before = np.array([shares["person"] for shares in declared.values()])
    after = seen + rules["pseudo_pairs"] * before
    for name, share in zip(made, after / after.sum(), strict=True):
        made[name]["person"] = float(share)
