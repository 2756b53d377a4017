"""Rows of results on disk: a file per scenario, a line per block; a run goes on where it stopped.

Enters: a folder and rows of counts.
Leaves: CSV files with a head; tables of all rows.
Refuses: nothing; half a line, left by a run that was ended, is not counted.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent / "results"


def done(name: str, folder: Path = FOLDER) -> set[tuple[int, int]]:
    """The blocks (alternative, design) that stand in the file of scenario `name`."""
    rows = table(name, folder)
    return set(zip(rows["alternative"].astype(int), rows["design"].astype(int), strict=True))


def table(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    """All whole lines of scenario `name`."""
    path = folder / f"{name}.csv"
    if not path.exists():
        return pd.DataFrame({"alternative": [], "design": []})
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    rows = list(csv.DictReader(line for line in lines if line.endswith("\n")))
    return _numbers(rows)


def add(name: str, row: Mapping[str, object], folder: Path = FOLDER) -> None:
    """Append one block to the file of scenario `name`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.csv"
    fresh = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(row), lineterminator="\n")
        if fresh:
            writer.writeheader()
        writer.writerow(row)


def _numbers(rows: list[dict]) -> pd.DataFrame:
    frame = pd.DataFrame(rows)
    texts = {"scenario", "methods"}
    numeric = {
        name: frame[name].replace("", "nan").astype(float) for name in frame if name not in texts
    }
    return frame.assign(**numeric)
