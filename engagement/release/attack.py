"""What a reader can work out: the bounds of every count, given all that is printed.

Enters: a Family of counts over common atoms, and which of them are printed.
Leaves: bounds (linear or integer), and the set of counts that must be hidden.
Refuses: a family in which a sensitive count cannot be protected (Unprotectable).

Method: Fischetti and Salazar (2001), doi 10.1287/mnsc.47.7.1008, attacker and protection levels;
the greedy form hides what the cheapest pair of moves touches, and attacks again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

NEARLY = 1e-6
SOLVED, UNBOUNDED = 0, 3


class Unprotectable(Exception):
    """A sensitive count stays exposed although everything that may be hidden is hidden."""


@dataclass(frozen=True)
class Family:
    """Counts that are printed together, as sums of atoms that nobody knows.

    `sums` has one row per count and one column per atom; `counts` are their true values.
    `known` and `known_counts` are equalities that every reader knows (totals, nesting).
    """

    sums: sparse.csr_array
    counts: np.ndarray
    known: sparse.csr_array
    known_counts: np.ndarray


def bounds(
    family: Family, printed: np.ndarray, targets: np.ndarray, *, integer: bool = False
) -> np.ndarray:
    """Smallest and largest value of each target count, one row per target.

    `printed` marks the counts that the reader sees; `targets` are positions in the family.
    """
    equal = sparse.vstack([family.known, family.sums[np.flatnonzero(printed)]], format="csr")
    values = np.concatenate([family.known_counts, family.counts[printed]])
    found = [_range(family.sums[[target]], equal, values, integer) for target in targets]
    return np.array(found, dtype=float).reshape(-1, 2)


def _range(target, equal, values, integer: bool) -> tuple[float, float]:
    weights = target.toarray().ravel()
    low = _least(weights, equal, values, integer)
    return low, -_least(-weights, equal, values, integer)


def _least(weights, equal, values, integer: bool) -> float:
    whole = np.ones_like(weights) if integer else None
    solved = linprog(weights, A_eq=equal, b_eq=values, integrality=whole, method="highs")
    if solved.status == UNBOUNDED:
        return -np.inf
    if solved.status != SOLVED:
        raise ArithmeticError(f"the counts contradict each other (HiGHS status {solved.status})")
    return solved.fun


def widths(ranges: np.ndarray) -> np.ndarray:
    """How many whole numbers lie between the bounds, less one."""
    return np.floor(ranges[:, 1] + NEARLY) - np.ceil(ranges[:, 0] - NEARLY)


def protect(
    family: Family, sensitive: np.ndarray, hidden: np.ndarray, need: int, cost: np.ndarray
) -> np.ndarray:
    """Which counts to hide (a mask) so that every sensitive one has a range of at least `need`.

    `cost` holds one number per count.
    `sensitive` and `hidden` are masks; `hidden` (never printed anyway) holds all the sensitive.
    Raises Unprotectable.
    """
    hidden = hidden | sensitive
    targets = exposed = np.flatnonzero(sensitive)
    while True:
        exposed = _exposed(family, hidden, exposed, need)
        if not exposed.size:
            exposed = _exposed(family, hidden, targets, need, integer=True)
        if not exposed.size:
            return hidden
        if hidden.all():
            raise Unprotectable
        hidden = hidden | _cheapest_moves(family, hidden, exposed[0], need, cost)


def _exposed(family, hidden, targets, need, *, integer: bool = False) -> np.ndarray:
    """The targets with too narrow a range, the narrowest first."""
    wide = widths(bounds(family, ~hidden, targets, integer=integer))
    order = np.argsort(wide, kind="stable")
    return targets[order][wide[order] < need]


def _cheapest_moves(family, hidden, target: int, need: int, cost) -> np.ndarray:
    """The counts that change in the cheapest pair of tables that differ by `need` on `target`."""
    sums, atoms = family.sums, family.sums.shape[1]
    shown = np.flatnonzero(~hidden)
    eye, kept = sparse.eye_array(len(shown)), sums[shown]
    blank = sparse.csr_array((len(shown), atoms))
    none = sparse.csr_array((len(shown), len(shown)))
    row = sums[[target]]
    differ = sparse.hstack([-row, row, sparse.csr_array((1, 2 * len(shown)))])
    at_most = sparse.vstack(
        [
            differ,
            sparse.hstack([kept, blank, -eye, none]),
            sparse.hstack([-kept, blank, -eye, none]),
            sparse.hstack([blank, kept, none, -eye]),
            sparse.hstack([blank, -kept, none, -eye]),
        ],
        format="csr",
    )
    seen = family.counts[shown]
    limits = np.concatenate([[-float(need)], seen, -seen, seen, -seen])
    solved = linprog(
        np.concatenate([np.zeros(2 * atoms), cost[shown], cost[shown]]),
        A_ub=at_most,
        b_ub=limits,
        A_eq=_twice(family, len(shown)),
        b_eq=np.tile(family.known_counts, 2),
        method="highs",
    )
    touched = np.zeros(len(hidden), dtype=bool)
    if solved.status == SOLVED:
        touched[shown[solved.x[2 * atoms :].reshape(2, -1).max(axis=0) > NEARLY]] = True
    if not touched.any():
        touched[shown[np.argmin(cost[shown])]] = True
    return touched


def _twice(family, shown: int) -> sparse.csr_array:
    both = sparse.block_diag([family.known, family.known])
    return sparse.hstack([both, sparse.csr_array((both.shape[0], 2 * shown))], format="csr")
