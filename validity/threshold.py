"""Where should the rule change from one variance to the other? Every threshold on the same sets.

Enters: rows of results that hold the counts of both variances.
Leaves: one line per threshold of the between-group share: what is outside, level, power.
Refuses: scenarios in which the threshold decides nothing (large groups, many members).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement.analysis import variance
from validity import summary
from validity.scenarios import Scenario, scenarios, sizes

THRESHOLDS = (0.0, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.7, 1.0)


def decided(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The scenarios in which the threshold decides, with their rows."""
    known = scenarios()
    return {name: rows for name, rows in tables.items() if _decides(known[name])}


def lines(tables: Mapping[str, pd.DataFrame]) -> list[dict]:
    """One line per threshold over `tables`.

    `outside` names scenarios; `level` is the highest share of false differences with the
    scenario that has it, `power` and `width` are means over scenarios (difference, in percent).
    """
    return [_line(tables, threshold) for threshold in THRESHOLDS] if tables else []


def _line(tables: Mapping[str, pd.DataFrame], threshold: float) -> dict:
    known = scenarios()
    outside, levels, lows, powers = [], {}, {}, []
    for name, rows in tables.items():
        null, effect = (_told(rows[rows["alternative"] == one], threshold) for one in (0, 1))
        if not null["sets"] - null["refused"]:
            continue
        if summary.faults(null, effect, len(sizes(known[name]))):
            outside.append(name)
        levels[name] = max(null["odds_level"], null["level"])
        both = [one[kind] for one in (null, effect) for kind in ("odds_coverage", "coverage")]
        lows[name] = np.nanmin(both)
        powers.append(effect["level"])
    worst, lowest = max(levels, key=levels.__getitem__), min(lows, key=lows.__getitem__)
    return {
        **{"threshold": threshold, "outside": outside, "power": float(np.nanmean(powers))},
        **{"level": levels[worst], "worst": worst, "coverage": lows[lowest], "lowest": lowest},
    }


def _told(rows: pd.DataFrame, threshold: float) -> dict:
    within = rows["eta2"] <= threshold
    picked = {
        name: rows[f"within_{name}"].where(within, rows[f"group_{name}"])
        for name in summary.MEASURES.values()
    }
    return summary.line(rows.assign(**picked))


def _decides(scenario: Scenario) -> bool:
    count = sizes(scenario)
    few = count.sum() / len(count) <= variance.LARGE_GROUP
    return bool(few and count.sum() < variance.MANY_MEMBERS)
