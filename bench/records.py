"""What cleaning a large roster costs: floor, ours and peers, each as a whole process.

Enters: --rows N. Leaves: a table of CPU seconds, peak memory and ratios, printed.
Refuses: nothing.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench import measure


def main(rows: int) -> None:
    """Draw the roster, run every variant on it, print what each took."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        measure.cost("bench.roster", folder, rows)
        source = folder / "rosters" / "members.csv"
        floor = measure.cost("bench.peers.floor", source, folder / "floor.parquet")
        measure.show(
            f"{rows:,} rows",
            [{"variant": "floor", "CPU s": floor.cpu, "peak MB": round(floor.peak)}],
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    main(parser.parse_args().rows)
