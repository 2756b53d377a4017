"""Which counts to hide so that none of the sensitive ones can be worked out.

Enters: a Family of counts over common atoms, the sensitive counts, a cost of hiding each.
Leaves: the counts that are hidden; every sensitive one has a range of at least the threshold.
Refuses: a family in which a sensitive count cannot be protected (Unprotectable).

Greedy form of complementary suppression: hide what the cheapest pair of worlds touches that
differ enough on the most exposed count, attack again, and at the end print again what need not
have been hidden. In small families each companion is then avoided in turn, and what is cheaper in
all is kept. The attacker alone decides; no method is trusted because of its name.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from engagement.release import attack
from engagement.release.attack import NEARLY, SOLVED, Family, Worlds

SMALL = 60


class Unprotectable(Exception):
    """A sensitive count stays exposed although everything that may be hidden is hidden."""


def hide(
    family: Family, sensitive: np.ndarray, hidden: np.ndarray, need: int, cost: np.ndarray
) -> np.ndarray:
    """Which counts to hide (a mask) so that every sensitive one has a range of at least `need`.

    `cost` holds one number per count.
    `sensitive` and `hidden` are masks; `hidden` counts are never printed anyway.
    Raises Unprotectable.
    """

    def greedily(prices: np.ndarray) -> np.ndarray:
        return _greedily(family, sensitive, hidden, need, prices)

    found = greedily(cost)
    if len(family.counts) > SMALL:
        return found
    return _cheaper(found, hidden | sensitive, cost, greedily)


def _cheaper(found: np.ndarray, first: np.ndarray, cost: np.ndarray, greedily) -> np.ndarray:
    """Do it again without each companion in turn, the dearest first, as long as that is cheaper."""
    while True:
        for place in _dearest_first(found & ~first, cost):
            avoiding = cost.copy()
            avoiding[place] += cost.sum()
            other = greedily(avoiding)
            if cost[other].sum() < cost[found].sum() - NEARLY:
                found = other
                break
        else:
            return found


def _dearest_first(chosen: np.ndarray, cost: np.ndarray) -> np.ndarray:
    places = np.flatnonzero(chosen)
    return places[np.argsort(-cost[places], kind="stable")]


def _greedily(
    family: Family, sensitive: np.ndarray, hidden: np.ndarray, need: int, cost: np.ndarray
) -> np.ndarray:
    first = hidden | sensitive
    hidden, worlds = first, attack.truth(family)
    targets = narrow = np.flatnonzero(sensitive)
    while True:
        narrow, worlds = attack.exposed(family, hidden, narrow, need, worlds)
        if not narrow.size:
            narrow, worlds = attack.exposed(family, hidden, targets, need, worlds, integer=True)
        if not narrow.size:
            return _without_needless(family, first, hidden, targets, need, cost, worlds)
        if hidden.all():
            raise Unprotectable
        hidden = hidden | _cheapest_moves(family, hidden, narrow[0], need, cost)


def _without_needless(
    family, first, hidden, targets, need: int, cost, worlds: Worlds
) -> np.ndarray:
    """Print again, the dearest first, what is not needed to protect the targets."""
    low, high = family.ends()
    for place in _dearest_first(hidden & ~first, cost):
        fewer = hidden.copy()
        fewer[place] = False
        ends = np.where(fewer, -np.inf, low), np.where(fewer, np.inf, high)
        left = worlds.where(*ends)
        if _is_safe(family, fewer, targets, need, left):
            hidden, worlds = fewer, left
    return hidden


def _is_safe(family, hidden, targets, need: int, worlds: Worlds) -> bool:
    """Whether no target is exposed, to the linear and to the integer attacker."""
    for integer in (False, True):
        for target in targets:
            narrow, worlds = attack.exposed(
                family, hidden, np.array([target]), need, worlds, integer=integer
            )
            if narrow.size:
                return False
    return True


def _cheapest_moves(family, hidden, target: int, need: int, cost) -> np.ndarray:
    """The counts that change in the cheapest pair of worlds that differ by `need` on `target`."""
    shown = np.flatnonzero(~hidden)
    atoms, count = family.sums.shape[1], len(shown)
    kept, eye = family.sums[shown], sparse.eye_array(count)
    low, high = (ends[shown] for ends in family.ends())
    row = family.sums[[target]]
    rows = sparse.block_array(
        [
            [family.known, None, None, None],
            [None, family.known, None, None],
            [kept, None, -eye, None],
            [kept, None, eye, None],
            [None, kept, None, -eye],
            [None, kept, None, eye],
            [row, -row, None, None],
        ],
        format="csr",
    )
    free = np.full(count, np.inf)
    known_low, known_high = (np.tile(ends, 2) for ends in family.known_ends())
    most = np.full(atoms, np.inf) if family.most is None else family.most
    ends = (
        np.concatenate([known_low, -free, low, -free, low, [need]]),
        np.concatenate([known_high, high, free, high, free, [np.inf]]),
    )
    solved = milp(
        np.concatenate([np.zeros(2 * atoms), cost[shown], cost[shown]]),
        constraints=LinearConstraint(rows, *ends),
        bounds=(0, np.concatenate([most, most, free, free])),
    )
    touched = np.zeros(len(hidden), dtype=bool)
    if solved.status == SOLVED:
        touched[shown[solved.x[2 * atoms :].reshape(2, -1).max(axis=0) > NEARLY]] = True
    if not touched.any():
        touched[shown[np.argmin(cost[shown])]] = True
    return touched
