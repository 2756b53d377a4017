"""What the records room costs as an organisation grows, and what everything after the count costs.

Enters: numbers of members. Leaves: docs/scale.md, its table made anew. Refuses: nothing.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from bench import measure
from engagement import cell_file, engines, rooms, sample, study

PAGE = Path(__file__).parent.parent / "docs" / "scale.md"
MARK = "<!-- measured -->"
HEAD = (
    "| members | engine | CPU s | peak MB | cells | s for the findings after the count |",
    "|---|---|---|---|---|---|",
)


def main(sizes: list[int], engine_names: list[str]) -> None:
    """Measure every size on every engine, one whole process each, and write the page."""
    lines = [line for size in sizes for line in _lines(size, engine_names)]
    before = PAGE.read_text(encoding="utf-8").partition(MARK)[0]
    PAGE.write_text(before + "\n".join([MARK, "", *HEAD, *lines, ""]), encoding="utf-8")
    measure.screen.print("\n".join([*HEAD, *lines]), markup=False)


def _lines(members: int, engine_names: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample.community(folder, members=members)
        return [_line(folder, members, engine) for engine in engine_names]


def _line(folder: Path, members: int, engine: str) -> str:
    cost = measure.cost("bench.peers.cells", folder, engine)
    opened = study.load(folder)
    left = rooms.of_tables(cell_file.read(opened.private / "cells.parquet", opened))
    start = time.perf_counter()
    engines.analysis(left.counts, opened)
    after = time.perf_counter() - start
    cells = len(left.counts.cells)
    return (
        f"| {members:,} | {engine} | {cost.cpu:.0f} | {cost.peak:.0f} | {cells:,} | {after:.1f} |"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--members", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--engines", nargs="+", default=["pandas", "batches"])
    asked = parser.parse_args()
    main(asked.members, asked.engines)
