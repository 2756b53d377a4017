"""One test of the recording is one row: what was examined, what was found, and the verdict.

Enters: counts of a test.
Leaves: rows of the table `recording`, and the intervals that several tests share.
Refuses: silence: what cannot be tested is a row that names the column to start recording.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy import stats

from engagement import tables

COLUMNS = list(tables.TABLES["recording"].columns)
LEVEL = 0.95
_TEXTS = ("duty_type", "branch", "column_needed")


def row(test: str, aspect: str, verdict: str, **told: object) -> dict[str, object]:
    """One row: `examined` things, of which `found` raise a doubt, with what else is told."""
    examined, found = told.get("examined", math.nan), told.get("found", math.nan)
    known = pd.notna(examined) and pd.notna(found) and examined > 0
    blank = dict.fromkeys(COLUMNS, math.nan) | dict.fromkeys(_TEXTS, "")
    share = found / examined if known else math.nan
    own = {"test": test, "aspect": aspect, "verdict": verdict, "share": share}
    return {**blank, **own, **told}


def not_testable(test: str, aspect: str, column: str, **told: object) -> dict[str, object]:
    """A test that lacks a column: `column` names the field, or fields, to start recording."""
    return row(test, aspect, "not_testable_column", column_needed=column, **told)


def too_few(test: str, aspect: str, **told: object) -> dict[str, object]:
    """A test whose columns are there, with too few records to say anything."""
    return row(test, aspect, "not_testable_few", **told)


def table(rows: list[dict[str, object]]) -> pd.DataFrame:
    """The rows as table `recording`."""
    found = pd.DataFrame(rows, columns=COLUMNS)
    numbers = ["examined", "found", "share", "estimate", "conf_low", "conf_high"]
    return tables.check(found.astype(dict.fromkeys(numbers, float)), "recording")


def wilson(found: int, examined: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share. Wilson 1927; Brown, Cai & DasGupta 2001."""
    interval = stats.binomtest(int(found), int(examined)).proportion_ci(LEVEL, method="wilson")
    return float(interval.low), float(interval.high)


def mean_interval(values: np.ndarray) -> tuple[float, float, float]:
    """Mean and its t interval; the limits are missing for fewer than two values."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, math.nan, math.nan
    half = stats.t.ppf((1 + LEVEL) / 2, len(values) - 1) * stats.sem(values)
    return mean, mean - float(half), mean + float(half)


def so_many_by_chance(found: int, chance: float) -> float:
    """The chance of `found` or more when `chance` are to be expected (Poisson)."""
    return float(stats.poisson.sf(found - 1, chance))
