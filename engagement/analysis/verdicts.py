"""From numbers to a word: adjusted p-values, detectable differences, the verdict.

Enters: finding lines with estimate, limits and p-value.
Leaves: the same lines with p_adjusted, detectable, evalue and verdict.
Refuses: nothing; a line that was refused stays refused.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from engagement import tables

COLUMNS = [
    *tables.TABLES["findings"].columns,
    *["detectable", "evalue", "evalue_limit", "p_adjusted", "p0", "p1", "eta2", "note"],
]
POWER = stats.norm.ppf(0.8)
LEVEL = stats.norm.ppf(0.975)


def holm(p_values: np.ndarray) -> np.ndarray:
    """Step-down adjusted p-values that hold the family-wise error. Holm 1979."""
    order = np.argsort(p_values)
    stepped = p_values[order] * np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def benjamini_hochberg(p_values: np.ndarray) -> np.ndarray:
    """Step-up adjusted p-values that hold the false discovery rate. Benjamini & Hochberg 1995."""
    order = np.argsort(p_values)[::-1]
    count = len(p_values)
    stepped = p_values[order] * count / np.arange(count, 0, -1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(np.minimum.accumulate(stepped), 1)
    return adjusted


def detectable_binary(share: float, members1: float, members0: float) -> float:
    """Smallest change from `share` towards a half seen with 80 % power, 5 % level (arcsine)."""
    nearer = min(share, 1 - share)
    gap = (LEVEL + POWER) * np.sqrt(1 / members1 + 1 / members0)
    angle = 2 * np.arcsin(np.sqrt(nearer)) + gap
    return float(np.sin(min(angle, np.pi) / 2) ** 2 - nearer)


def detectable_mean(variance: float, members1: float, members0: float) -> float:
    """Smallest gap between mean member rates of the given variance, 80 % power, 5 % level."""
    return float((LEVEL + POWER) * np.sqrt(variance * (1 / members1 + 1 / members0)))


def detectable_from_error(std_error: float, quantile: float) -> float:
    """Smallest difference seen with 80 % power, from the standard error it is estimated with."""
    return (quantile + POWER) * std_error


def evalue(p1: float, p0: float) -> float:
    """How strong an unmeasured cause of both would have to be, as a risk ratio.

    VanderWeele & Ding 2017.
    """
    ratio = max(p1 / p0, p0 / p1)
    return float(ratio + np.sqrt(ratio * (ratio - 1)))


def evalue_limit(p0: float, conf_low: float, conf_high: float) -> float:
    """The same for the limit of the difference nearer to none, p0 held; 1 when none is inside."""
    if conf_low <= 0 <= conf_high:
        return 1.0
    nearer = conf_low if conf_low > 0 else conf_high
    return evalue(min(max(p0 + nearer, 1e-9), 1.0), p0)


def adjusted(lines: pd.DataFrame) -> pd.Series:
    """p_value after Holm within primary and Benjamini–Hochberg within exploratory lines."""
    result = pd.Series(np.nan, index=lines.index)
    tested = lines[lines["p_value"].notna()]
    for primary, method in ((True, holm), (False, benjamini_hochberg)):
        rows = tested[tested["primary"] == primary]
        result[rows.index] = method(rows["p_value"].to_numpy(float))
    return result


def judged(lines: pd.DataFrame) -> pd.DataFrame:
    """`lines` of one whole report with p_adjusted and the verdict of each."""
    corrected = lines.assign(p_adjusted=adjusted(lines))
    return corrected.assign(verdict=words(corrected))


def words(lines: pd.DataFrame) -> pd.Series:
    """The verdict code of each difference; the first condition that holds decides.

    Columns needed: refused, primary, conf_low, conf_high, p_adjusted, smallest_difference.
    """
    excludes = (lines["conf_low"] > 0) | (lines["conf_high"] < 0)
    small = lines["p_adjusted"] < 0.05
    inside = (lines["conf_low"] > -lines["smallest_difference"]) & (
        lines["conf_high"] < lines["smallest_difference"]
    )
    conditions = {
        "refused": lines["refused"],
        "no_important": inside,
        "clear": lines["primary"] & excludes & small,
        "possible": excludes | small,
    }
    chosen = np.select(list(conditions.values()), list(conditions), "cannot_be_told")
    return pd.Series(chosen, index=lines.index)
