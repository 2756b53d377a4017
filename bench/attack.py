"""Attack what disclosure control lets out, at random and at length: `make attack`.

Enters: invented tables, rosters and pairs of releases; how many of each.
Leaves: one printed line per attack: what was tried, what was exposed.
Refuses: nothing; the fast part of the same attacks stands in tests/.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import LinearConstraint, milp

from engagement.errors import ReleaseRefused
from engagement.release import attack, claims, disclosure, families, insider, ledger, protection
from engagement.release.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

THRESHOLDS = (3, 5, 10)
MARGINS = [[(0,), (1,), (2,)], [(0, 2), (0,), (2,)], [(0, 1), (1, 2), (0, 2)]]
SECONDS = 60


def family(table: np.ndarray, margins: list[tuple[int, ...]]) -> attack.Family:
    """Margins of one table (the axes kept), printed together; the total is known."""
    places = np.indices(table.shape).reshape(table.ndim, -1)
    rows = [
        np.all([places[axis] == level for axis, level in zip(kept, levels, strict=True)], axis=0)
        for kept in margins
        for levels in np.ndindex(*(table.shape[axis] for axis in kept))
    ]
    sums = np.array(rows, dtype=float)
    return attack.Family(
        sums=sparse.csr_array(sums),
        counts=sums @ table.ravel(),
        known=sparse.csr_array(np.ones((1, table.size))),
        known_counts=np.array([float(table.sum())]),
    )


def drawn(chance: np.random.Generator, number: int, most: int = 180) -> attack.Family:
    """A random linked family of two or three tables of the same people."""
    shape = (int(chance.integers(2, 6)), int(chance.integers(2, 4)), 2)
    weights = chance.dirichlet(np.full(np.prod(shape), 0.6))
    table = chance.multinomial(chance.integers(40, most), weights).reshape(shape)
    return family(table, MARGINS[number % 3])


def hidden(one: attack.Family, threshold: int) -> tuple[np.ndarray, np.ndarray]:
    """The small counts, and all that is hidden for them."""
    small = one.counts < threshold
    none = np.zeros(len(small), dtype=bool)
    return small, protection.hide(one, small, none, threshold, np.log1p(one.counts))


def linked(count: int) -> list[str]:
    """Small counts that are exposed, exactly or closer than the threshold, LP and integer."""
    told = []
    for threshold in THRESHOLDS:
        chance = np.random.default_rng(1000 + threshold)
        targets = exposed = naive = 0
        for number in range(count):
            one = drawn(chance, number)
            small, gone = hidden(one, threshold)
            places = np.flatnonzero(small)
            targets += len(places)
            naive += _narrow(one, small, places, threshold, integer=False)
            for integer in (False, True):
                exposed += _narrow(one, gone, places, threshold, integer=integer)
        told.append(
            f"linked families, k {threshold}: {count} families, {targets} small counts, "
            f"exposed {exposed} (small counts alone hidden: {naive})"
        )
    return told


def _narrow(one: attack.Family, gone: np.ndarray, places, threshold: int, *, integer: bool) -> int:
    found = attack.bounds(one, ~gone, places, integer=integer)
    return int((attack.widths(found) < threshold).sum())


def brute(count: int) -> list[str]:
    """The attacker's integer bounds against every table that fits, one after another."""
    chance, cells, wrong = np.random.default_rng(5), 0, 0
    while cells < count:
        shape = [(2, 2), (2, 3), (2, 2, 2)][chance.integers(3)]
        people = int(chance.integers(2, 6))
        table = chance.multinomial(people, np.full(np.prod(shape), 1 / np.prod(shape)))
        axes = range(len(shape))
        margins = [*itertools.combinations(axes, 1), *itertools.combinations(axes, 2)]
        one = family(table.reshape(shape), margins)
        slack = chance.integers(0, 2, len(one.counts))
        one = attack.Family(
            one.sums, one.counts, one.known, one.known_counts,
            low=one.counts - slack, high=one.counts + slack,
        )  # fmt: skip
        printed = chance.random(len(one.counts)) < 0.5
        worlds = _tables(people, table.size) @ one.sums.toarray().T
        low, high = one.ends()
        inside = ((worlds >= low) & (worlds <= high))[:, printed].all(axis=1)
        for target in np.flatnonzero(~printed)[:4]:
            ends = attack.bounds(one, printed, np.array([target]), integer=True)[0]
            seen = worlds[inside, target]
            wrong += (round(ends[0]), round(ends[1])) != (seen.min(), seen.max())
            cells += 1
    return [f"bounds against every table: {cells} cells, {wrong} mismatches"]


def _tables(people: int, cells: int) -> np.ndarray:
    bars = itertools.combinations(range(people + cells - 1), cells - 1)
    edges = np.array([(-1, *bar, people + cells - 1) for bar in bars])
    return np.diff(edges, axis=1) - 1


def optimum(count: int) -> list[str]:
    """Hidden counts against the fewest that could be hidden, by an exact programme."""
    chance, ratios, unsolved = np.random.default_rng(9), [], 0
    while len(ratios) < count:
        one = drawn(chance, int(chance.integers(3)), most=90)
        small = one.counts < 5
        if not 1 <= small.sum() <= 6:
            continue
        least = fewest(one, small, 5)
        if least is None:
            unsolved += 1
            continue
        ratios.append(hidden(one, 5)[1].sum() / least)
    return [
        f"hidden counts against the optimum: {count} families, mean {np.mean(ratios):.3f}, "
        f"worst {max(ratios):.2f}, equal in {int(np.isclose(ratios, 1).sum())} "
        f"({unsolved} not solved in {SECONDS} s)"
    ]


def fewest(one: attack.Family, small: np.ndarray, need: int) -> int | None:
    """The smallest number of hidden counts that protects the small ones; None when not found.

    One programme: a binary per count, and for each small count two worlds `need` apart that
    differ from what is printed only where something is hidden.
    """
    counts, atoms = one.sums.shape
    targets, big = np.flatnonzero(small), float(one.known_counts[0])
    width = counts + 2 * atoms * len(targets)
    rows, low, high = [], [], []
    sums = one.sums.toarray()
    for place, target in enumerate(targets):
        starts = [counts + atoms * (2 * place + side) for side in (0, 1)]
        for start in starts:
            for weights, value, gone in [
                (one.known.toarray()[0], big, None),
                *((sums[j], one.counts[j], j) for j in range(counts)),
            ]:
                row = np.zeros(width)
                row[start : start + atoms] = weights
                for sign in (1, -1) if gone is not None else (0,):
                    both = row.copy()
                    if gone is not None:
                        both[gone] = -big * sign
                    rows.append(both)
                    low.append(-np.inf if sign == 1 else value)
                    high.append(value if sign >= 0 else np.inf)
        apart = np.zeros(width)
        apart[starts[0] : starts[0] + atoms] = sums[target]
        apart[starts[1] : starts[1] + atoms] = -sums[target]
        rows.append(apart)
        low.append(need)
        high.append(np.inf)
    kinds = np.zeros(width)
    kinds[:counts] = 1
    ends = (np.zeros(width), np.concatenate([np.ones(counts), np.full(width - counts, np.inf)]))
    ends[0][:counts][small] = 1
    solved = milp(
        np.concatenate([np.ones(counts), np.zeros(width - counts)]),
        constraints=LinearConstraint(sparse.csr_array(np.array(rows)), low, high),
        integrality=kinds,
        bounds=ends,
        options={"time_limit": SECONDS},
    )
    return round(solved.fun) if solved.status == 0 else None


def rosters(count: int) -> list[str]:
    """Members whose answer a public release gives to a colleague who knows all their factors."""
    from invented import a_study, cells, people

    study = a_study(tier="public")
    told = exact = refused = members = 0
    for seed in range(count):
        counted = cells(people(seed=seed))
        summed = families.summed(counted)
        try:
            release = disclosure.control({"cells": counted}, study)
        except ReleaseRefused:
            refused += 1
            continue
        members += int(summed.loc[summed["outcome"] == "volunteering", "members"].sum())
        told += int(insider.told_by(release.tables["outcomes"], summed, study, release.rules).sum())
        exact += int(insider.told_by_exact_counts(summed, study, release.rules)["volunteering"])
    return [
        f"insider, public tier: {count} rosters ({refused} refused), {members} members, "
        f"told of {told} (exact counts of volunteers: {exact})"
    ]


def pairs(count: int) -> list[str]:
    """Leavers and joiners whose answer two releases give, to a reader who knows who moved."""
    from invented import FACTORS, a_study

    study = a_study(factors={"sex": FACTORS["sex"]}, segments=(), claims=())
    moved = told = naive = refused = 0
    for seed in range(count):
        chance = np.random.default_rng(seed)
        everybody = _people(chance, int(chance.integers(60, 200)))
        left, joined = MOVES[seed % len(MOVES)]
        stay = everybody.sample(len(everybody) - left, random_state=seed)
        gone = everybody.drop(index=stay.index).assign(release=1)
        new = _people(chance, joined).assign(release=2)
        second = pd.concat([stay, new], ignore_index=True)
        try:
            first = disclosure.control({"cells": _counted(everybody)}, study)
            kept = ledger.append(Ledger(), claims.told(first, study), study)
            later = disclosure.control({"cells": _counted(second)}, study, kept)
        except ReleaseRefused:
            refused += 1
            continue
        movers = pd.concat([gone, new], ignore_index=True)
        moved += len(movers)
        told += determined(stay, movers, [first.tables["outcomes"], later.tables["outcomes"]], 5)
        exact = [_exact(everybody), _exact(second)]
        naive += determined(stay, movers, exact, 1)
    return [
        f"pairs of releases: {count} pairs ({refused} refused), {moved} movers, told of {told} "
        f"(exact counts: {naive})"
    ]


MOVES = ((1, 0), (0, 1), (1, 1), (3, 3), (8, 6))
GROUPS = ("branch", "sex")


def _people(chance: np.random.Generator, number: int) -> pd.DataFrame:
    rate = chance.uniform(0.08, 0.5)
    return pd.DataFrame(
        {
            "branch": chance.choice([f"b{n}" for n in range(1, 5)], number),
            "sex": chance.choice(["male", "female"], number),
            "attended": (chance.random(number) < rate).astype(int),
        }
    )


def _counted(people: pd.DataFrame) -> pd.DataFrame:
    sized = people.groupby(["branch", "sex", "attended"]).size().rename("members").reset_index()
    return sized.assign(outcome="volunteering", group="", due=1)


def _exact(people: pd.DataFrame) -> pd.DataFrame:
    return families.counts(families.summed(_counted(people)), list(GROUPS))


def determined(stay, movers, printed: list[pd.DataFrame], base: int) -> int:
    """Movers whose answer is the same in every world that fits both pages."""
    profiles = stay.groupby(list(GROUPS)).size().rename("members").reset_index()
    atoms, extra = len(profiles), len(movers)
    rows, low, high = [], [], []
    for number, page in enumerate(printed, start=1):
        for row in page.dropna(subset=["attended"]).itertuples():
            there = _in(movers, row) & (movers["release"] == number)
            rows.append(np.concatenate([_in(profiles, row), there]).astype(float))
            low.append(row.attended - (base - 1))
            high.append(row.attended + (base - 1))
    seen = LinearConstraint(np.array(rows), np.array(low, float), np.array(high, float))
    most = np.concatenate([profiles["members"], np.ones(extra)])
    return sum(_is_known(seen, most, atoms + place) for place in range(extra))


def _in(table: pd.DataFrame, row) -> np.ndarray:
    if row.factor == "":
        return np.ones(len(table), dtype=bool)
    return (table[row.factor] == row.level).to_numpy()


def _is_known(seen: LinearConstraint, most: np.ndarray, place: int) -> bool:
    weights, whole = np.zeros(len(most)), np.ones(len(most))
    weights[place] = 1
    least, greatest = (
        milp(sign * weights, constraints=seen, integrality=whole, bounds=(0, most)).fun
        for sign in (1, -1)
    )
    return round(least) == round(-greatest)


def speed(_: int) -> list[str]:
    """Seconds for a release of 20 tables and 500 counts: nine factors and the branch, twice."""
    from invented import WORDS, a_study, factor, people

    levels = tuple(f"l{number}" for number in range(8))
    names = [f"f{number}" for number in range(9)]
    for name in (*names, *levels):
        WORDS.setdefault(name, (name, name))
    study = a_study(factors={n: factor(n, levels, "l0") for n in names}, segments=(), claims=())
    chance = np.random.default_rng(2)
    members = people(members=1500).assign(**{n: chance.choice(levels, 1500) for n in names})
    counted = _both(members, ["branch", "group", *names])
    started = time.perf_counter()
    release = disclosure.control({"cells": counted}, study)
    seconds = time.perf_counter() - started
    shown = release.tables["outcomes"]
    tables = shown.loc[shown["factor"] != ""].groupby(["outcome", "factor"]).ngroups
    counts = int(shown[["members", "due", "attended"]].size)
    return [f"speed: {tables} tables, {counts} counts, {seconds:.1f} s"]


def _both(members: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    panel = members.assign(outcome="attendance", due=34)
    listed = members.assign(outcome="volunteering", due=1, attended=members["volunteers"] * 1)
    slots = ["outcome", *keys, "due", "attended"]
    return pd.concat([panel, listed]).groupby(slots).size().rename("members").reset_index()


ATTACKS: dict[str, tuple[Callable[[int], list[str]], int]] = {
    "linked": (linked, 500),
    "brute": (brute, 5000),
    "optimum": (optimum, 50),
    "rosters": (rosters, 200),
    "pairs": (pairs, 1000),
    "speed": (speed, 1),
}


def main() -> None:
    """Run the attacks that are named, all by default; `--part` takes a share of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*", choices=[[], *ATTACKS], default=[])
    parser.add_argument("--part", type=float, default=1.0)
    options = parser.parse_args()
    for name in options.names or ATTACKS:
        tried, count = ATTACKS[name]
        for line in tried(max(1, round(count * options.part))):
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
