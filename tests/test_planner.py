"""The chosen plan is the best of all plans, and fits into every month."""

import itertools
import time

import numpy as np
import pytest

from engagement.analysis import planner


def problem(seed: int, offers: int = 6, months: int = 4) -> planner.Problem:
    """A small plan drawn by chance: two preconditions, three classes, three groups to be served."""
    chance = np.random.default_rng(seed)
    first = np.arange(offers) < chance.integers(0, 3)
    return planner.Problem(
        hours=chance.integers(1, 30, offers).astype(float),
        steady=(chance.random(offers) < 0.5) & ~first,
        start=np.where(first, 0, chance.integers(0, months, offers)),
        rooms=chance.integers(0, 3, offers).astype(float),
        posts=chance.integers(0, 2, offers).astype(float),
        points=chance.integers(0, 4, offers).astype(float),
        first=first,
        covers=np.where(first, -1, chance.integers(0, 3, offers)),
        serves=chance.random((offers, 3)) < 0.3,
        members=chance.integers(5, 40, 3).astype(float),
        capacity=chance.integers(0, 20, months).astype(float),
        room_capacity=float(chance.integers(1, 6)),
        post_capacity=float(chance.integers(0, 4)),
    )


def fits(one: planner.Problem, chosen: tuple[bool, ...]) -> bool:
    """Month by month: steady hours, then whatever flexible work is waiting; none may be left."""
    waiting = 0.0
    taken = np.flatnonzero(chosen)
    for month in range(one.months):
        running = [place for place in taken if one.start[place] <= month]
        steady = sum(one.hours[p] / (one.months - one.start[p]) for p in running if one.steady[p])
        waiting += sum(one.hours[p] for p in running if not one.steady[p] and one.start[p] == month)
        if steady > one.capacity[month] + 1e-9:
            return False
        waiting = max(0.0, waiting - (one.capacity[month] - steady))
        if sum(one.rooms[p] for p in running) > one.room_capacity:
            return False
        if sum(one.posts[p] for p in running) > one.post_capacity:
            return False
    return waiting < 1e-6


def preconditions(one: planner.Problem) -> tuple[bool, ...]:
    kept = [False] * len(one.hours)
    for place in np.flatnonzero(one.first):
        kept[place] = True
        kept[place] = fits(one, kept)
    return tuple(kept)


def reached(one: planner.Problem, chosen: tuple[bool, ...]) -> tuple:
    """The aims in their order, counted by hand."""
    taken = [place for place, is_in in enumerate(chosen) if is_in]
    served = sum(any(one.serves[p, group] for p in taken) for group in range(3))
    covered = sum(one.members[c] for c in {one.covers[p] for p in taken} - {-1})
    grades = sum(1 + one.points[p] for p in taken if not one.first[p])
    return served, covered, grades, -round(sum(one.hours[p] for p in taken), 6)


@pytest.mark.parametrize("seed", range(200))
def test_no_other_plan_is_better(seed):
    one = problem(seed)
    fixed = preconditions(one)
    free = np.flatnonzero(~one.first)
    possible = []
    for picks in itertools.product([False, True], repeat=len(free)):
        chosen = list(fixed)
        for place, is_in in zip(free, picks, strict=True):
            chosen[place] = is_in
        if fits(one, chosen):
            possible.append(tuple(chosen))
    found = tuple(planner.choice(one).tolist())
    best = max((reached(one, chosen) for chosen in possible), default=None)
    if best is None:  # the preconditions alone fill every month
        assert found == fixed
        return
    assert fits(one, found)
    assert reached(one, found) == best
    assert planner.aims(one, np.array(found)) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(60))
def test_the_schedule_works_every_hour_in_a_month_that_has_time(seed):
    one = problem(seed)
    chosen = planner.choice(one)
    worked = planner.schedule(one, chosen)
    assert worked.sum(axis=1) == pytest.approx(np.where(chosen, one.hours, 0))
    assert (worked.sum(axis=0) <= one.capacity + 1e-6).all()
    early = np.arange(one.months)[None, :] < one.start[:, None]
    assert (worked[early] == 0).all()


def test_what_takes_longer_than_a_day_is_spread_evenly():
    assert planner._evenly(9.0, np.array([10.0, 10.0, 10.0])) == pytest.approx([3, 3, 3])
    # One month has time for 1 hour only; the other two share the rest.
    assert planner._evenly(9.0, np.array([1.0, 10.0, 10.0])) == pytest.approx([1, 4, 4])


def test_a_plan_of_fourteen_groups_and_a_year_is_made_in_seconds():
    chance = np.random.default_rng(5)
    groups, measures, months = 14, 25, 12
    count = groups * measures
    hours = chance.uniform(1, 120, count).round(1)
    whole = planner.Problem(
        hours=hours,
        steady=chance.random(count) < 0.5,
        start=chance.integers(0, 3, count),
        rooms=(chance.random(count) < 0.3).astype(float),
        posts=(chance.random(count) < 0.1).astype(float),
        points=chance.integers(0, 4, count).astype(float),
        first=np.arange(count) < 2,
        covers=np.repeat(np.arange(groups), measures),
        serves=np.eye(5)[np.repeat(np.arange(groups) % 5, measures)] > 0,
        members=chance.integers(5, 20, groups).astype(float),
        capacity=np.full(months, hours.sum() * 0.3 / months),
        room_capacity=20.0,
        post_capacity=10.0,
    )
    began = time.process_time()
    chosen = planner.choice(whole)
    assert time.process_time() - began < 5
    assert planner.feasible(whole, chosen)
    assert whole.serves[chosen].any(axis=0).all()


def test_nothing_to_choose_from_is_no_plan():
    nothing = planner.Problem(
        *(np.empty(0) for _ in range(7)), np.empty(0, int), np.empty((0, 2), bool), np.empty(0),
        np.full(12, 40.0),
    )  # fmt: skip
    assert planner.choice(nothing).tolist() == []
