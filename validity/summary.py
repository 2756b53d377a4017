"""Rows of blocks → one line per scenario: level, coverage, power, each with its Monte-Carlo error.

Enters: the rows of results/.
Leaves: one row per scenario and effect; shares in percent.
Refuses: nothing; sets that were refused are no part of a share, and are counted beside it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

LOWEST, HIGHEST, LEVEL = 93.0, 98.0, 5.5
MEASURES = {
    "odds_level": "odds_rejected",
    "odds_coverage": "odds_covered",
    "level": "rejected",
    "coverage": "covered",
}


def line(rows: pd.DataFrame) -> dict:
    """One scenario under one effect: shares in percent and their errors.

    The error is the larger of the binomial one and the one between designs.
    """
    sets = (rows["sets"] - rows["refused"]).to_numpy(float)
    told = {
        "designs": len(rows),
        "sets": int(rows["sets"].sum()),
        "refused": int(rows["refused"].sum()),
        "not_finite": int(rows["not_finite"].sum()),
        "truth": float(rows["truth"].mean()),
        "bias": float(100 * rows["error"].sum() / sets.sum()) if sets.sum() else np.nan,
        "width": float(100 * rows["width"].sum() / sets.sum()) if sets.sum() else np.nan,
        "eta2": (float(rows["eta2"].min()), float(rows["eta2"].max())),
        "gap": float(rows["gap"].max()),
        "methods": methods(rows),
    }
    for name, column in MEASURES.items():
        told[name], told[f"{name}_error"] = share(rows[column].to_numpy(float), sets)
    return told


def share(hits: np.ndarray, sets: np.ndarray) -> tuple[float, float]:
    """Hits in percent of all sets, and the Monte-Carlo error."""
    total = sets.sum()
    if not total:
        return np.nan, np.nan
    found = hits.sum() / total
    binomial = np.sqrt(found * (1 - found) / total)
    used = sets > 0
    count = used.sum()
    between = 0.0
    if count > 1:
        spread = ((hits[used] - found * sets[used]) ** 2).sum() * count / (count - 1)
        between = np.sqrt(spread) / total
    return float(100 * found), float(100 * max(binomial, between))


def methods(rows: pd.DataFrame) -> dict[str, int]:
    """How many sets each variance was chosen for."""
    counted: dict[str, int] = {}
    for text in rows["methods"]:
        for part in filter(None, str(text).split(";")):
            name, _, number = part.partition(":")
            counted[name] = counted.get(name, 0) + int(number)
    return counted


def faults(null: dict, effect: dict, groups: int) -> list[str]:
    """What leaves its bounds by more than two errors: names of measures."""
    found = []
    for name in ("odds_level", "level"):
        if null[name] > LEVEL + 2 * null[f"{name}_error"]:
            found.append(name)
    for told in (null, effect):
        for name in ("odds_coverage", "coverage"):
            error = 2 * told[f"{name}_error"]
            if told[name] < LOWEST - error:
                found.append(f"{name} low")
            if told[name] > HIGHEST + error and groups >= 8:
                found.append(f"{name} high")
    return list(dict.fromkeys(found))
