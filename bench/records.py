"""What cleaning a large roster costs: floor, ours and peers, each as a whole process.

Enters: --rows N. Leaves: a table of CPU seconds, peak memory and ratios, printed, with the number
of rows in which each peer's table differs from ours. Refuses: nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench import measure
from bench.agreement import differing
from bench.measure import Cost

FLOOR, OURS, VALUES = "floor: DuckDB, CSV to Parquet", "ours", "ours, with the audit of values"
APPLY = "pandas apply(axis=1)"
PEERS = {
    "polars expressions": "polars_expressions",
    "DuckDB SQL": "duckdb_sql",
    "pandas .str chains": "pandas_str",
}
OFTEN = (FLOOR, OURS, VALUES, "polars expressions")
RUNS = 3
TENTH = 10
LARGER = 5


def main(rows: int) -> None:
    """Draw the roster, run every variant on it, print what each took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure.cost("bench.roster", folder, rows)
        source, size = folder / "rosters" / "members.csv", folder / "floor.parquet"
        commands = {FLOOR: ("floor", source, size)}
        commands[OURS] = ("ours", folder, folder / "ours.parquet")
        commands[VALUES] = ("ours", folder, folder / "values.parquet", "values")
        commands |= {
            label: (peer, source, folder / f"{peer}.parquet") for label, peer in PEERS.items()
        }
        costs = _costs(commands)
        differ = {
            label: str(differing(folder / "ours.parquet", folder / f"{peer}.parquet"))
            for label, peer in PEERS.items()
        }
        costs[APPLY], differ[APPLY] = _by_row(folder / "tenth", rows // TENTH)
        megabytes = source.stat().st_size / 1e6
    title = f"{rows:,} rows, {megabytes:.0f} MB of CSV; CPU seconds of whole processes"
    measure.show(title, [_line(label, costs, differ) for label in costs])
    measure.screen.print(f"apply: run on one row in {TENTH} and multiplied; its memory is not.")
    _streams(rows * LARGER)


def _costs(commands: Mapping[str, tuple]) -> dict[str, Cost]:
    """The median cost of each command; the runs of one take turns with those of the others."""
    runs: dict[str, list[Cost]] = {label: [] for label in commands}
    for run in range(RUNS):
        for label, (peer, *arguments) in commands.items():
            if run == 0 or label in OFTEN:
                runs[label].append(measure.cost(f"bench.peers.{peer}", *arguments))
    return {label: measure.median(costs) for label, costs in runs.items()}


def _by_row(folder: Path, rows: int) -> tuple[Cost, str]:
    """Row by row, on fewer rows."""
    measure.cost("bench.roster", folder, rows)
    ours, theirs = folder / "ours.parquet", folder / "apply.parquet"
    measure.cost("bench.peers.ours", folder, ours)
    source = folder / "rosters" / "members.csv"
    cost = measure.cost("bench.peers.pandas_apply", source, theirs)
    return cost.scaled(TENTH), str(differing(ours, theirs))


def _line(label: str, costs: Mapping[str, Cost], differ: Mapping[str, str]) -> dict[str, object]:
    cost = costs[label]
    return {
        "variant": label,
        "CPU s": cost.cpu,
        "× floor": cost.cpu / costs[FLOOR].cpu,
        "× ours": cost.cpu / costs[OURS].cpu,
        "peak MB": round(cost.peak),
        "rows that differ": differ.get(label, ""),
    }


def _streams(rows: int) -> None:
    """Does memory stay where it is when there are more rows?"""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure.cost("bench.roster", folder, rows)
        cost = measure.cost("bench.peers.ours", folder, folder / "ours.parquet")
    line = {"variant": OURS, "CPU s": cost.cpu, "peak MB": round(cost.peak)}
    measure.show(f"{rows:,} rows", [line])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    main(parser.parse_args().rows)
