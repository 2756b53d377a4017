"""What linking large rosters costs: as many towns of hard cases as it takes, engine by engine.

Enters: how many people each roster has. Leaves: seconds, CPU seconds, peak memory and F1 of a
whole process for each engine, printed. Refuses: nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from bench import measure
from bench.linkage import measured, ours
from engagement.records.candidates import Rules
from engagement.sample import hard_cases, settings

TOWN = 10_000
ENGINES = ("numpy", "duckdb")
PARTS = ("members", "volunteers", "truth")


def drawn(people: int) -> hard_cases.HardCase:
    """Two rosters of `people` rows: towns of hard cases one below the other, each with villages of
    its own and as many hard cases for its size as the smallest roster has."""
    towns = [_town(seed, min(TOWN, people)) for seed in range(max(1, people // TOWN))]
    truth = pd.concat([town.truth for town in towns], ignore_index=True)
    own = np.repeat(np.arange(len(towns)), [len(town.truth) for town in towns])
    sizes = np.cumsum([0, *(len(town.members) for town in towns)])
    truth["member"] = truth["member"].where(truth["member"] < 0, truth["member"] + sizes[own])
    members, volunteers = (
        _numbered([getattr(town, side) for town in towns]) for side in ("members", "volunteers")
    )
    return hard_cases.HardCase(members, volunteers, truth)


def _town(seed: int, people: int) -> hard_cases.HardCase:
    rates = settings.table("hard_cases")
    kinds = ("overlap_least", "overlap_more", "shared_phones", *hard_cases.KINDS)
    grown = {name: round(rates[name] * people / rates["members"]) for name in kinds}
    town = hard_cases.rosters(seed, members=people, volunteers=people, **grown)
    sides = (
        side.assign(origin_village=f"{seed}-" + side["origin_village"])
        for side in (town.members, town.volunteers)
    )
    return hard_cases.HardCase(*sides, town.truth)


def _numbered(rosters: list[pd.DataFrame]) -> pd.DataFrame:
    whole = pd.concat(rosters, ignore_index=True)
    return whole.assign(row=np.arange(2, len(whole) + 2))


def run(folder: Path, engine: str) -> None:
    """Link the rosters in `folder` with one engine, and write how right it was beside them."""
    case = hard_cases.HardCase(*(pd.read_parquet(folder / f"{part}.parquet") for part in PARTS))
    start = time.perf_counter()
    found = ours(case, Rules(engine=engine))
    seconds = time.perf_counter() - start
    line = pd.DataFrame([measured(case, found) | {"seconds": seconds}])
    line.to_csv(folder / f"{engine}.csv", index=False)


def main(people: int) -> None:
    """Draw the rosters, link them with every engine, print what each took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        case = drawn(people)
        for part in PARTS:
            getattr(case, part).to_parquet(folder / f"{part}.parquet")
        del case
        lines = [_line(folder, engine) for engine in ENGINES]
    measure.show(f"{people:,} x {people:,}: whole processes, reading included", lines)


def _line(folder: Path, engine: str) -> dict[str, object]:
    cost = measure.cost("bench.towns", "--folder", folder, "--engine", engine)
    found = pd.read_csv(folder / f"{engine}.csv").iloc[0]
    return {
        "engine": engine,
        "s": float(found["seconds"]),
        "CPU s": cost.cpu,
        "MB": cost.peak,
        "F1 at .9": f"{found['F1 at .9']:.3f}",
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--engine", choices=ENGINES)
    asked = parser.parse_args()
    if asked.folder:
        run(asked.folder, asked.engine)
    else:
        main(asked.people)
