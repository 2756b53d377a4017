"""Run the simulation and write docs/validity.md: `make validity` or `python -m validity`.

Enters: how many sets per scenario, which scenarios, a seed.
Leaves: results/ (one line per block; a second run adds what is missing), docs/validity.md.
Refuses: nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

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
SETS_OF_SHARES = 40
REPORTS_PER_BLOCK = 20
HOSTILE_PER_BLOCK = 500
SETS_OF_MISSING = 10
PILOTS_PER_BLOCK = 500
YEARS_PER_BLOCK = 50
PLANS_PER_BLOCK = 40
SETS_OF_CHANGES = 50


def main() -> None:
    """Read the arguments, run what is missing, write the report."""
    asked = argparse.ArgumentParser(prog="validity", description=__doc__)
    asked.add_argument("--sets", type=int, default=10_000, help="sets per scenario and effect")
    asked.add_argument("--shares", type=int, default=2_000, help="sets per case of a share")
    asked.add_argument(
        "--reports", type=int, default=2_000, help="whole reports without a true difference"
    )
    asked.add_argument("--hostile", type=int, default=100_000, help="hostile data sets")
    asked.add_argument("--missing", type=int, default=1_000, help="sets with missing values")
    asked.add_argument("--pilots", type=int, default=4_000, help="sets per pilot and effect")
    asked.add_argument("--years", type=int, default=1_000, help="second years evaluated")
    asked.add_argument("--plans", type=int, default=1_000, help="plans on permuted outcomes")
    asked.add_argument("--changes", type=int, default=2_000, help="sets per change")
    asked.add_argument("--only", default="", help="scenarios, separated by commas")
    asked.add_argument("--seed", type=int, default=SEED)
    given = asked.parse_args()
    intervals(given.sets, given.only, given.seed)
    blocks("shares", given.shares, SETS_OF_SHARES, _shares(given.seed))
    blocks("hostile", given.hostile, HOSTILE_PER_BLOCK, _hostile(given.seed))
    blocks("reports", given.reports, REPORTS_PER_BLOCK, _reports(given.seed))
    for name in missing.CASES:
        blocks(f"missing-{name}", given.missing, SETS_OF_MISSING, _missing(name, given.seed))
    for name in pilots.CASES:
        blocks(pilots.file(name), given.pilots, PILOTS_PER_BLOCK, _pilots(name, given.seed))
    for name in pilots.JUDGED:
        blocks(pilots.file(name, "year"), given.years, YEARS_PER_BLOCK, _years(name, given.seed))
    for name in changes.CASES:
        size = SETS_OF_CHANGES
        blocks(pilots.file(name, "change"), given.changes, size, _changes(name, given.seed))
    blocks("plans", given.plans, PLANS_PER_BLOCK, _plans(given.seed))
    report.write()


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


def blocks(name: str, total: int, size: int, run: Callable[[int, int], list[dict]]) -> None:
    """Blocks of `size` until there are `total`; those in results/ are kept."""
    ready = results.done(name)
    for place in range(-(-total // size)):
        if (0, place) not in ready:
            for row in run(place, size):
                results.add(name, row)


def _shares(seed: int) -> Callable[[int, int], list[dict]]:
    return lambda place, size: [
        {"covered_alone": "", **row}
        for row in (*prevalence.panel(place, size, seed), *prevalence.grouped(place, size, seed))
    ]


def _hostile(seed: int) -> Callable[[int, int], list[dict]]:
    return lambda place, size: [hostile.block(place, size, seed)]


def _reports(seed: int) -> Callable[[int, int], list[dict]]:
    return lambda place, size: reports.block(place, size, seed)


def _missing(name: str, seed: int) -> Callable[[int, int], list[dict]]:
    scenario = scenarios()[name]
    return lambda place, size: [missing.block(scenario, place, size, seed)]


def _pilots(name: str, seed: int) -> Callable[[int, int], list[dict]]:
    return lambda place, size: pilots.block(name, place, size, seed)


def _years(name: str, seed: int) -> Callable[[int, int], list[dict]]:
    return lambda place, size: [pilots.second_years(name, place, size, seed)]


def _changes(name: str, seed: int) -> Callable[[int, int], list[dict]]:
    return lambda place, size: [changes.block(name, place, size, seed)]


def _plans(seed: int) -> Callable[[int, int], list[dict]]:
    return lambda place, size: [plans.block(place, size, seed)]


if __name__ == "__main__":
    main()
