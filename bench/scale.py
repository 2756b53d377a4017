"""What the records room costs as an organisation grows, and what everything after the count costs.

Enters: a folder to work in, and sizes. Leaves: the table of docs/scale.md, each line as soon as it
is measured, so that an interruption loses nothing. Refuses: nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from bench import measure, upward
from engagement import cell_file, engines, federation, rooms, sample, study

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
MARK = "<!-- measured -->"
HEAD = ("| what | reach | measured |", "|---|---|---|")
RUN = "from engagement import cli; cli.main()"
# What a slice of a town cannot say: rows that repeat others, and how recorders are numbered.
UNTOLD = ("kinds", "meetings")


class Sizes(NamedTuple):
    """Members of each measurement."""

    identical: int
    small: int
    large: int
    spark: int


def main(work: Path, sizes: Sizes, names: list[str]) -> None:
    """Measure what is named, and write each line to the page when it is known."""
    for name in names:
        STEPS[name](work, sizes)


def _town(work: Path, members: int) -> Path:
    """A synthetic town of so many members, made once."""
    folder = work / f"town{members}"
    if not (folder / "study.toml").exists():
        sample.community(folder, members=members)
    return folder


def _tell(what: str, reach: str, found: str) -> None:
    """Put a line into the table of the page, in place of the one that said so before."""
    before, _, told = PAGE.read_text(encoding="utf-8").partition(MARK)
    lines = [line for line in told.splitlines() if line.startswith("| ") and line not in HEAD]
    kept = [line for line in lines if not line.startswith(f"| {what} |")]
    kept.append(f"| {what} | {reach} | {found} |")
    PAGE.write_text(before + "\n".join([MARK, "", *HEAD, *kept, ""]), encoding="utf-8")
    measure.screen.print(kept[-1], markup=False)


def _counted(folder: Path, engine: str) -> tuple[measure.Watched, Path]:
    """The cost of counting on one engine, and the file that it left."""
    cost = measure.watched("-m", "bench.peers.cells", folder, engine)
    kept = folder / f"{engine}.parquet"
    kept.write_bytes((folder / "private" / "cells.parquet").read_bytes())
    return cost, kept


def _cost(cost: measure.Watched) -> str:
    return f"{cost.wall:,.0f} s wall, {cost.cpu:,.0f} s CPU, {cost.peak / 1000:.1f} GB"


def _identical(work: Path, sizes: Sizes) -> None:
    folder = _town(work, sizes.identical)
    _doubled(folder / "rosters" / "members.csv")
    opened, found, costs = study.load(folder), {}, []
    for engine in ("pandas", "batches", "spark"):
        cost, kept = _counted(folder, engine)
        found[engine] = cell_file.read(kept, opened)
        costs.append(f"{engine} {cost.cpu:,.0f} s CPU")
    other = {name: _differing(found[name], found["pandas"]) for name in ("batches", "spark")}
    said = "; ".join(
        f"{name}: {', '.join(tables) or 'identical'}" for name, tables in other.items()
    )
    cells = len(found["pandas"]["cells"])
    what = f"cells of {sizes.identical:,} members with dirt, doubled rows and volunteers"
    _tell(what, "identical", f"{said} ({cells:,} cells; {', '.join(costs)})")


def _doubled(path: Path) -> None:
    """List one member in twenty again, some of them in another branch."""
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    again = rows.iloc[::20]
    moved = again.assign(所在党支部=rows["所在党支部"].iloc[::-1].iloc[::20].to_numpy())
    if not rows.duplicated().any():
        half = len(again) // 2
        pd.concat([rows, again.head(half), moved.tail(half)]).to_csv(path, index=False)


def _differing(found: dict, expected: dict) -> list[str]:
    """The tables of counts that are not the same, but for the order of their rows."""
    return [
        name
        for name in sorted(set(expected) - set(UNTOLD))
        if not _ordered(found[name], expected[name]).equals(
            _ordered(expected[name], expected[name])
        )
    ]


def _ordered(table: pd.DataFrame, like: pd.DataFrame) -> pd.DataFrame:
    columns = list(like.columns)
    whole = {name: "float64" for name in columns if pd.api.types.is_numeric_dtype(like[name])}
    rounded = table[columns].astype(whole | {name: "str" for name in columns if name not in whole})
    return rounded.round(9).sort_values(columns, ignore_index=True)


def _merged(work: Path, sizes: Sizes) -> None:
    folder = _town(work, sizes.identical)
    opened, kept = study.load(folder), folder / "batches.parquet"
    if not kept.exists():
        _counted(folder, "batches")
    whole = cell_file.read(kept, opened)
    units, paths = whole["units"]["branch"].unique(), []
    for at in range(3):
        own = {
            *units[at::3],
            *whole["units"].loc[whole["units"]["branch"].isin(units[at::3]), "group"],
        }
        part = {name: _of(table, own, first=at == 0) for name, table in whole.items()}
        paths.append(work / f"part{at}.parquet")
        cell_file.write(paths[-1], part, opened)
    found, _ = federation.merged(paths, opened)
    other = ", ".join(_differing(found, whole)) or "identical"
    _tell("cells of three files merged against cells of the whole", "identical", other)


def _of(table: pd.DataFrame, units: set[str], *, first: bool) -> pd.DataFrame:
    """The rows of some units; what is of no unit goes to the first part."""
    key = "branch" if "branch" in table else "unit" if "unit" in table else None
    if key is None:
        return table if first else table.head(0)
    return table[table[key].isin(units)].reset_index(drop=True)


def _growth(work: Path, sizes: Sizes) -> None:
    costs = {}
    for members in (sizes.large, sizes.small):
        costs[members], _ = _counted(_town(work, members), "batches")
        reach = "≤ 10 min wall, ≤ 4 GB" if members == 1_000_000 else ""
        _tell(f"{members:,} members, twelve sessions each, batches", reach, _cost(costs[members]))
    one, other = costs[sizes.small], costs[sizes.large]
    times = f"{other.wall / one.wall:.1f}× wall, {other.cpu / one.cpu:.1f}× CPU"
    what = f"growth from {sizes.small:,} to {sizes.large:,} members"
    _tell(what, "≤ 11× time, ≤ 2× memory", f"{times}, {other.peak / one.peak:.1f}× memory")


def _after(work: Path, sizes: Sizes) -> None:
    reach, told = "≤ 2 s each", []
    with tempfile.TemporaryDirectory() as name:
        community = Path(name) / "community"
        sample.community(community)
        opened = study.load(community)
        told.append(_analysed(engines.counts(engines.records(opened), opened), opened))
    top = _top(work, sizes.small)
    opened = study.load(top)
    tables = cell_file.read(top / "private" / "cells.parquet", opened)
    for members in (1_000_000, 100_000_000):
        found, around = upward.drawn(tables, opened, members)
        told.append(_analysed(rooms.of_tables(found).counts, around))
    _tell("analysis after the count, 173 / 1M / 100M members", reach, "; ".join(told))


def _analysed(counted: rooms.Counts, opened: study.Study) -> str:
    """The time of the analysis once it has been imported; the shortest of three."""
    engines.analysis(counted, opened)
    runs = []
    for _ in range(3):
        start = time.perf_counter(), time.process_time()
        engines.analysis(counted, opened)
        runs.append((time.perf_counter() - start[0], time.process_time() - start[1]))
    wall, cpu = map(min, zip(*runs, strict=True))
    members = counted.cells.loc[counted.cells["outcome"] == opened.primary.name, "members"].sum()
    return f"{members:,} due: {wall:.1f} s wall, {cpu:.1f} s CPU ({len(counted.cells):,} cells)"


def _top(work: Path, members: int) -> Path:
    """The district above a town's streets, with its cells file."""
    town = _town(work, members)
    if not (town / "private" / "cells.parquet").exists():
        _counted(town, "batches")
    branches = 29 * members // 1000
    return upward.climbed(town, work / f"above{members}", (10, -(-branches // 120), 3))


def _documents(work: Path, sizes: Sizes) -> None:
    top = _top(work, sizes.large)
    cells = top / "private" / "cells.parquet"
    cost = measure.watched("-c", RUN, "run", top, "--cells", cells)
    what = f"run --cells for {sizes.large:,} members, all notebooks and documents"
    _tell(what, "≤ 2 min", f"{_cost(cost)} (a district of streets)")


def _spark(work: Path, sizes: Sizes) -> None:
    folder = _town(work, sizes.spark)
    whole, _ = _counted(folder, "pandas")
    cost, _ = _counted(folder, "spark")
    times = f"{cost.workers / whole.cpu:.1f}×: {cost.workers:,.0f} s against {whole.cpu:,.0f} s"
    what = f"Spark local, {sizes.spark:,} members: CPU of Python workers against pandas"
    _tell(what, "≤ 2×", f"{times} (Spark in all {_cost(cost)}; pandas {_cost(whole)})")


STEPS: dict[str, Callable[[Path, Sizes], None]] = {
    "growth": _growth,
    "documents": _documents,
    "after": _after,
    "spark": _spark,
    "identical": _identical,
    "merged": _merged,
}


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, help="keep towns here, and use those that are there")
    parser.add_argument("--only", nargs="+", choices=list(STEPS), default=list(STEPS))
    for name, members in (
        *(("identical", 20_000), ("small", 100_000)),
        *(("large", 1_000_000), ("spark", 200_000)),
    ):
        parser.add_argument(f"--{name}", type=int, default=members, help="members of that step")
    return parser.parse_args()


if __name__ == "__main__":
    asked = _asked()
    chosen = Sizes(asked.identical, asked.small, asked.large, asked.spark)
    if asked.work:
        asked.work.mkdir(parents=True, exist_ok=True)
        sys.exit(main(asked.work, chosen, asked.only))
    with tempfile.TemporaryDirectory() as name:
        main(Path(name), chosen, asked.only)
