"""Which offers fit into hours, rooms and posts, solved exactly as a mixed-integer programme.

Enters: a Problem: arrays of numbers, one entry per offer, month or group; no names, no people.
Leaves: the best choice (a mask), and when its hours are worked.
Refuses: a preference that depends on guessed effects; the order of aims is fixed and declared.

Aims, each settled before the next: preconditions; groups that nothing else would reach (every
branch, and whoever cannot come); members in a class that is offered something; grades of evidence;
fewer hours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import optimize, sparse

NEARLY = 1e-6
DIGITS = 9
HALF = 0.5  # counts of groups and members are whole numbers
EXACT = 100  # offers; above, the fewest hours may be missed by one part in a hundred
GAP = 1e-2
A_DAY = 8.0  # hours


@dataclass(frozen=True)
class Problem:
    """One plan to be made.

    Per offer: hours (whole), steady (worked evenly from `start` on, else whenever there is time),
    start (first month, from 0), rooms and posts (needed in every month from `start`), points
    (grade), first (precondition), covers (number of its class, −1 for none), serves (offers ×
    groups that must not go without). Per class: members. Per month: capacity in hours,
    rooms and posts.
    """

    hours: np.ndarray
    steady: np.ndarray
    start: np.ndarray
    rooms: np.ndarray
    posts: np.ndarray
    points: np.ndarray
    first: np.ndarray
    covers: np.ndarray
    serves: np.ndarray
    members: np.ndarray
    capacity: np.ndarray
    room_capacity: float = np.inf
    post_capacity: float = np.inf

    @property
    def months(self) -> int:
        return len(self.capacity)


def choice(problem: Problem) -> np.ndarray:
    """The best offers, one truth value per offer; the aims of the module's head, in their order."""
    offers = len(problem.hours)
    chosen = np.zeros(offers, bool)
    if not offers:
        return chosen
    fixed = _preconditions(problem)
    groups, classes = problem.serves.shape[1], len(problem.members)
    link = _links(problem)
    limits = _limits(problem)
    served = np.concatenate([np.zeros(offers), np.ones(groups), np.zeros(classes)])
    covered = np.concatenate([np.zeros(offers + groups), problem.members])
    rest = np.zeros(groups + classes)
    graded = np.concatenate([np.where(problem.first, 0.0, 1 + problem.points), rest])
    spared = np.concatenate([-problem.hours, rest])
    floors: list[tuple[np.ndarray, float]] = []
    best = np.zeros(offers + groups + classes)
    for aim in (served, covered, graded, spared):
        if aim.any():
            exact = aim is not spared or offers <= EXACT
            best = _solved(aim, fixed, [link, limits], floors, gap=0 if exact else GAP)
            floors.append((aim, float(aim @ np.round(best))))
    return np.round(best[:offers]).astype(bool)


def _preconditions(problem: Problem) -> np.ndarray:
    """Preconditions as far as the hours go, in order: 1 taken, 0 left out, NaN to be chosen."""
    fixed = np.full(len(problem.hours), np.nan)
    for place in np.flatnonzero(problem.first):
        fixed[place] = 1.0
        fixed[place] = float(feasible(problem, fixed == 1.0))
    return fixed


def feasible(problem: Problem, chosen: np.ndarray) -> bool:
    """Whether the chosen offers fit into hours, rooms and posts of every month."""
    rows, limit = _limit_rows(problem)
    return bool((rows @ chosen.astype(float) <= limit + NEARLY).all())


def _limit_rows(problem: Problem) -> tuple[np.ndarray, np.ndarray]:
    """Rows × offers and their limits.

    Hours that may be worked at any time fit exactly if, from every month on, those that cannot
    start earlier are no more than the hours that are left (Hall's condition for nested windows).
    """
    months = np.arange(problem.months)
    running = months[:, None] >= problem.start[None, :]
    steady = problem.hours / np.maximum(problem.months - problem.start, 1) * problem.steady
    load = running * steady
    later = (problem.start[None, :] >= months[:, None]) * (problem.hours * ~problem.steady)
    rest = load[::-1].cumsum(axis=0)[::-1]
    rows = [load, later + rest, running * problem.rooms, running * problem.posts]
    limits = [
        problem.capacity,
        problem.capacity[::-1].cumsum()[::-1],
        np.full(problem.months, problem.room_capacity),
        np.full(problem.months, problem.post_capacity),
    ]
    known = np.isfinite(np.concatenate(limits))
    return np.vstack(rows)[known], np.concatenate(limits)[known]


def _limits(problem: Problem) -> optimize.LinearConstraint:
    rows, limit = _limit_rows(problem)
    others = problem.serves.shape[1] + len(problem.members)
    wide = np.hstack([rows, np.zeros((len(rows), others))])
    return optimize.LinearConstraint(sparse.csr_array(wide), -np.inf, limit)


def _links(problem: Problem) -> optimize.LinearConstraint:
    """A group is served, and a class covered, only when one of its offers is taken."""
    groups, classes = problem.serves.shape[1], len(problem.members)
    own = (problem.covers[None, :] == np.arange(classes)[:, None]).astype(float)
    taken = np.vstack([problem.serves.T.astype(float), own])
    wide = np.hstack([taken, -np.eye(groups + classes)])
    return optimize.LinearConstraint(sparse.csr_array(wide.reshape(-1, wide.shape[1])), 0, np.inf)


def _solved(aim, fixed, constraints, floors, *, gap: float) -> np.ndarray:
    size = len(aim)
    low, high = np.zeros(size), np.ones(size)
    known = ~np.isnan(fixed)
    low[: len(fixed)][known] = high[: len(fixed)][known] = fixed[known]
    whole = np.arange(size) < len(fixed)  # whether a group is served follows from the offers
    kept = [optimize.LinearConstraint(row[None, :], least - HALF, np.inf) for row, least in floors]
    found = optimize.milp(
        -aim,
        integrality=whole.astype(int),
        bounds=optimize.Bounds(low, high),
        constraints=[*constraints, *kept],
        options={"mip_rel_gap": gap},
    )
    return found.x


def aims(problem: Problem, chosen: np.ndarray) -> tuple[int, int, float, float]:
    """What a choice reaches: groups served, members covered, grades, hours spared."""
    served = int(problem.serves[chosen].any(axis=0).sum())
    covered = np.isin(np.arange(len(problem.members)), problem.covers[chosen])
    grades = float((1 + problem.points)[chosen & ~problem.first].sum())
    spent = round(float(problem.hours[chosen].sum()), DIGITS)
    return served, int(problem.members[covered].sum()), grades, -spent


def schedule(problem: Problem, chosen: np.ndarray) -> np.ndarray:
    """Hours of each offer in each month, offers × months, within the capacity of every month.

    Preconditions are worked as early as there is time, the rest evenly over their months; what
    takes no more than a day is done at once. All windows end with the plan, so going from the
    latest start to the earliest never blocks a choice that is feasible.
    """
    worked = np.zeros((len(problem.hours), problem.months))
    for place in np.flatnonzero(chosen & problem.steady):
        span = slice(int(problem.start[place]), problem.months)
        worked[place, span] = problem.hours[place] / (problem.months - problem.start[place])
    left = problem.capacity - worked.sum(axis=0)
    flexible = np.flatnonzero(chosen & ~problem.steady)
    order = np.lexsort((-problem.start[flexible], ~problem.first[flexible]))
    for place in flexible[order]:
        at_once = problem.first[place] or problem.hours[place] <= A_DAY
        fill = _earliest if at_once else _evenly
        span = slice(int(problem.start[place]), problem.months)
        worked[place, span] = fill(problem.hours[place], left[span])
        left = left - worked[place]
    return worked


def _earliest(hours: float, left: np.ndarray) -> np.ndarray:
    """`hours` put into the first months that have time left."""
    before = np.concatenate([[0.0], left.clip(0).cumsum()[:-1]])
    return np.clip(hours - before, 0, left.clip(0))


def _evenly(hours: float, left: np.ndarray) -> np.ndarray:
    """`hours` spread so that no month holds more than another that still has time."""
    room = np.sort(left.clip(0))
    filled = np.concatenate([[0.0], room.cumsum()])[:-1] + room * (len(room) - np.arange(len(room)))
    short = int(np.searchsorted(filled, hours))
    rest = max(len(room) - short, 1)
    level = (hours - room[:short].sum()) / rest
    return np.minimum(left.clip(0), level)
