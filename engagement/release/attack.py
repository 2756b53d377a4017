"""What a reader can work out: the bounds of every count, given all that is printed.

Enters: a Family of counts over common atoms, and which of them are printed.
Leaves: bounds (linear or integer), and the counts whose bounds lie too close.
Refuses: counts that contradict each other (ArithmeticError).

Method: Fischetti and Salazar (2001), doi 10.1287/mnsc.47.7.1008, attacker and protection levels.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

NEARLY, CLOSE = 1e-6, 0.2
SOLVED, UNBOUNDED, UNSURE = 0, 3, 4


@dataclass(frozen=True)
class Family:
    """Counts that are printed together, as sums of atoms that nobody knows.

    `sums` has one row per count and one column per atom; `counts` are their true values.
    `known` and `known_counts` are what every reader knows (totals, nesting): equalities, or
    ranges up to `known_high`.
    `low` and `high` are the ends that a printed count leaves open (rounding); by default the
    count itself. `most` is the largest value that each atom can have; by default none.
    """

    sums: sparse.csr_array
    counts: np.ndarray
    known: sparse.csr_array
    known_counts: np.ndarray
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    known_high: np.ndarray | None = None
    most: np.ndarray | None = None

    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The smallest and largest value that each count, once printed, may have."""
        low = self.counts if self.low is None else self.low
        return low, self.counts if self.high is None else self.high

    def known_ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The smallest and largest value of what every reader knows."""
        return self.known_counts, self.known_counts if self.known_high is None else self.known_high


@dataclass(frozen=True)
class Worlds:
    """Tables that agree with everything printed: the value of every count in each of them.

    `whole` marks the worlds made of whole people. They are proofs: two worlds that differ by
    `need` on a count show that nobody can know it better.
    """

    values: np.ndarray
    whole: np.ndarray

    def spans(self, target: int, *, integer: bool) -> tuple[float, float]:
        """The smallest and the largest value of a count among the worlds."""
        seen = self.values[self.whole if integer else slice(None), target]
        return float(seen.min()), float(seen.max())

    def and_one(self, family: Family, atoms: np.ndarray) -> Worlds:
        """These worlds and that of `atoms`; whole counts may be sums of parts of people."""
        whole = bool(np.abs(atoms - np.rint(atoms)).max(initial=0) < NEARLY)
        values = np.vstack([self.values, family.sums @ atoms])
        return Worlds(values, np.append(self.whole, whole))

    def where(self, low: np.ndarray, high: np.ndarray) -> Worlds:
        """The worlds that also lie between these ends."""
        inside = (self.values >= low - NEARLY) & (self.values <= high + NEARLY)
        kept = inside.all(axis=1)
        return replace(self, values=self.values[kept], whole=self.whole[kept])


def truth(family: Family) -> Worlds:
    """The one world that is there from the start."""
    return Worlds(family.counts[None, :].astype(float), np.array([True]))


def bounds(
    family: Family, printed: np.ndarray, targets: Iterable[int], *, integer: bool = False
) -> np.ndarray:
    """Smallest and largest value of each target count, one row per target.

    `printed` marks the counts that the reader sees; `targets` are positions in the family.
    """
    seen = _seen(family, printed)
    found = []
    for target in targets:
        ends = [_extreme(family, seen, target, sign, integer)[0] for sign in (1, -1)]
        found.append(ends)
    return np.array(found, dtype=float).reshape(-1, 2)


def _seen(family: Family, printed: np.ndarray) -> LinearConstraint:
    """All that a reader of the printed counts can write down."""
    low, high = family.ends()
    places = np.flatnonzero(printed)
    rows = sparse.vstack([family.known, family.sums[places]], format="csr")
    known = family.known_ends()
    ends = [np.concatenate([k, e[places]]) for k, e in zip(known, (low, high), strict=True)]
    return LinearConstraint(rows, *ends)


def _extreme(family, seen, target: int, sign: int, integer: bool) -> tuple[float, np.ndarray]:
    """The least (sign 1) or greatest (-1) value of a count, and the atoms of a world with it."""
    weights = sign * family.sums[[target]].toarray().ravel()
    value, atoms = _least(family, seen, weights, integer)
    return sign * value, atoms


def scattered(
    family: Family,
    hidden: np.ndarray,
    targets: np.ndarray,
    need: int | np.ndarray,
    *,
    integer: bool,
) -> Worlds:
    """Worlds in which as many targets as possible differ by `need`, found many at a time.

    Each search pushes all the targets that have not moved far enough away from the truth, up
    those that lie low and down those that lie high, until none of them moves further.
    """
    seen, worlds = _seen(family, ~hidden), truth(family)
    needs = np.broadcast_to(need, family.counts.shape)[targets]
    highest = worlds.values[0, targets] if family.most is None else family.most[targets]
    away = np.where(2 * worlds.values[0, targets] <= highest, -1.0, 1.0)
    still = np.ones(len(targets), dtype=bool)
    while still.any():
        weights = away[still] @ family.sums[targets[still]].toarray()
        value, atoms = _least(family, seen, weights, integer, gap=CLOSE)
        if not np.isfinite(value):
            return worlds
        worlds = worlds.and_one(family, atoms)
        values = worlds.values[:, targets]
        left = still & (values.max(axis=0) - values.min(axis=0) < needs)
        if left.sum() == still.sum():
            return worlds
        still = left
    return worlds


def _least(
    family, seen, weights: np.ndarray, integer: bool, gap: float = 0.0
) -> tuple[float, np.ndarray]:
    """The least value of a weighted sum of atoms, and the atoms that have it."""
    most = np.inf if family.most is None else family.most
    solved = milp(
        weights,
        constraints=seen,
        integrality=np.ones_like(weights) if integer else None,
        bounds=(0, most),
        options={"mip_rel_gap": gap},
    )
    if solved.status == UNBOUNDED or (solved.status == UNSURE and "nbounded" in solved.message):
        return -np.inf, np.empty(0)
    if solved.status != SOLVED:
        raise ArithmeticError(f"the counts contradict each other (HiGHS status {solved.status})")
    return solved.fun, solved.x


def widths(ranges: np.ndarray) -> np.ndarray:
    """How many whole numbers lie between the bounds, less one."""
    return np.floor(ranges[:, 1] + NEARLY) - np.ceil(ranges[:, 0] - NEARLY)


def exposed(
    family: Family,
    hidden: np.ndarray,
    targets: np.ndarray,
    need: int | np.ndarray,
    worlds: Worlds,
    *,
    integer: bool = False,
) -> tuple[np.ndarray, Worlds]:
    """The targets whose range is narrower than `need`, the narrowest first; and the worlds found.

    `need` is one number, or one per count. `worlds` agree with what is printed; those that are
    found on the way are added.
    """
    seen = _seen(family, ~hidden)
    needs = np.broadcast_to(need, family.counts.shape)
    found: dict[int, float] = {}
    for target in targets:
        width, worlds = _width(family, seen, target, needs[target], worlds, integer)
        if width < needs[target]:
            found[target] = width
    return np.array(sorted(found, key=found.get), dtype=int), worlds


def _width(family, seen, target: int, need: int, worlds: Worlds, integer: bool) -> tuple:
    ends = worlds.spans(target, integer=integer)
    for sign in (-1, 1):
        width = widths(np.array([ends]))[0]
        if width >= need:
            return width, worlds
        value, atoms = _extreme(family, seen, target, sign, integer)
        if np.isinf(value):
            return np.inf, worlds
        worlds = worlds.and_one(family, atoms)
        ends = (min(ends[0], value), max(ends[1], value))
    return widths(np.array([ends]))[0], worlds
