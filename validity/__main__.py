"""Run the simulation and write docs/validity.md: `make validity` or `python -m validity`.

Enters: how many sets per scenario, which scenarios or parts, a seed.
Leaves: results/ (one line per block; a second run adds what is missing), docs/validity.md.
Refuses: nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

from validity import (
    changes,
    hostile,
    missing,
    pilots,
    plans,
    prevalence,
    report,
    reports,
    results,
    trials,
)
from validity.scenarios import scenarios, sizes

SEED = 20230701
SETS_PER_DESIGN = 100
LARGE, PART_OF_LARGE = 200, 0.4


class Part(NamedTuple):
    """What is simulated besides the scenarios: its file, how many times the sets of a scenario,
    how many in a block, and the block itself (place, size, seed) with one row or several."""

    name: str
    times: float
    size: int
    block: Callable[[int, int, int], dict | list[dict]]


def main() -> None:
    """Read the arguments, run what is missing, write the report."""
    asked = argparse.ArgumentParser(prog="validity", description=__doc__)
    asked.add_argument("--sets", type=int, default=10_000, help="sets per scenario and effect")
    asked.add_argument("--only", default="", help="scenarios and parts, separated by commas")
    asked.add_argument("--seed", type=int, default=SEED)
    given = asked.parse_args()
    intervals(given.sets, given.only, given.seed)
    for part in parts():
        if not given.only or part.name in given.only.split(","):
            blocks(part, round(part.times * given.sets), given.seed)
    report.write()


def parts() -> Iterator[Part]:
    """Everything besides the scenarios."""
    known = scenarios()
    yield Part("shares", 0.2, 40, prevalence.block)
    yield Part("hostile", 10, 500, hostile.block)
    yield Part("reports", 0.1, 20, reports.block)
    for name in missing.CASES:
        yield Part(f"missing-{name}", 0.05, 10, partial(missing.block, known[name]))
    for name in pilots.CASES:
        yield Part(pilots.file(name), 0.4, 50, partial(pilots.block, name))
    for name in pilots.JUDGED:
        yield Part(pilots.file(name, "year"), 0.1, 50, partial(pilots.second_years, name))
    for name in changes.CASES:
        yield Part(pilots.file(name, "change"), 0.2, 50, partial(changes.block, name))
    yield Part("plans", 0.1, 40, plans.block)


def intervals(sets: int, only: str, seed: int) -> None:
    """Every scenario under the null and the alternative, design by design.

    Organisations of more than 200 members take longer and get two fifths of the sets.
    """
    chosen = {name: one for name, one in scenarios().items() if not only or name in only.split(",")}
    ready = {name: results.done(name) for name in chosen}
    wanted = {
        name: sets * (PART_OF_LARGE if sizes(one).sum() > LARGE else 1)
        for name, one in chosen.items()
    }
    for place in range(-(-sets // SETS_PER_DESIGN)):
        for name, scenario in chosen.items():
            for alternative in (False, True):
                wanting = place * SETS_PER_DESIGN < wanted[name]
                if wanting and (int(alternative), place) not in ready[name]:
                    row = trials.block(
                        scenario, place, SETS_PER_DESIGN, seed, alternative=alternative
                    )
                    results.add(name, row)


def blocks(part: Part, total: int, seed: int) -> None:
    """Blocks of a part until there are `total`; those in results/ are kept."""
    ready = results.done(part.name)
    for place in range(-(-total // part.size)):
        if (0, place) not in ready:
            found = part.block(place, part.size, seed)
            for row in found if isinstance(found, list) else [found]:
                results.add(part.name, row)


if __name__ == "__main__":
    main()
