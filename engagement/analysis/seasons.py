"""Before and after: the same members in two periods, each compared with the one before it.

Enters: season cells (members by slots due and attended in both periods), and the study.
Leaves: seasons, one row per pair of periods, overall and by level of each primary factor.
Refuses: members who were due in one period only; fewer than three members, or all alike.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import stats

from engagement import tables
from engagement.analysis import design, model, prevalence, verdicts
from engagement.study import Study

COLUMNS = list(tables.TABLES["seasons"].columns)


def findings(season_cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Changes within members (table `seasons`).

    share_before, share_after: mean share attended, every member weighing the same; estimate: the
    mean change of a member; limits: t over members, or clustered on groups (five or more) where
    wider. detectable: the smallest change seen with 80 % power. A change says that something
    differs between the periods, not what.
    """
    rows = [
        {"before": before, "after": after, **row}
        for (before, after), own in season_cells.groupby(["before", "after"], sort=False)
        for row in _rows(own, study)
    ]
    return tables.check(pd.DataFrame(rows, columns=COLUMNS), "seasons")


def _rows(own: pd.DataFrame, study: Study) -> Iterator[dict]:
    both = own[(own["due_before"] > 0) & (own["due_after"] > 0)]
    smallest = study.primary.smallest_difference
    yield {"term": "", "level": "", **_change(both, smallest)}
    for factor in study.factors.values():
        if factor.role == "primary" and factor.kind not in design.NUMERIC:
            for level in design.present_levels(both, factor):
                line = _change(both[both[factor.name] == level], smallest)
                side = line["verdict"] in ("higher", "lower")
                verdict = "possible" if side else line["verdict"]
                yield {"term": factor.name, "level": level, **line, "verdict": verdict}


def _change(both: pd.DataFrame, smallest: float) -> dict:
    members = both["members"].to_numpy(float)
    count = members.sum()
    if count < design.FEWEST_EXPOSED:
        return {"members": int(count), "verdict": "refused", "note": "few_exposed"}
    before, after = (
        (both[f"attended_{name}"] / both[f"due_{name}"]).to_numpy(float)
        for name in ("before", "after")
    )
    change = members @ (after - before) / count
    error, degrees = _error(both, after - before - change)
    if error**2 < model.NO_VARIATION:
        return {"members": int(count), "verdict": "refused", "note": "no_variation"}
    reach = stats.t.ppf(0.975, degrees) * error
    low, high = change - reach, change + reach
    return {
        **{"members": int(count), "share_before": members @ before / count},
        "share_after": members @ after / count,
        **{"estimate": change, "conf_low": low, "conf_high": high},
        "detectable": verdicts.detectable_from_error(error, stats.t.ppf(0.975, degrees)),
        "verdict": _verdict(low, high, smallest),
        "note": "",
    }


def _error(both: pd.DataFrame, apart: np.ndarray) -> tuple[float, float]:
    """Error of a mean change and its degrees of freedom: over members or groups, the wider.

    Groups of unequal size count as fewer: as many as equal ones would weigh the same (Kish 1965).
    """
    members = both["members"].to_numpy(float)
    count = members.sum()
    found = [(np.sqrt(members @ apart**2 / (count - 1) / count), count - 1)]
    groups = design.clusters(both)
    sizes, sums = np.bincount(groups, members), np.bincount(groups, members * apart)
    if len(sizes) >= prevalence.FEWEST_GROUPS:
        corrected = sums / (1 - sizes / count)
        effective = count**2 / (sizes**2).sum()
        found.append((np.sqrt((corrected**2).sum()) / count, effective - 1))
    return max(found, key=lambda one: stats.t.ppf(0.975, one[1]) * one[0])


def _verdict(low: float, high: float, smallest: float) -> str:
    if -smallest < low and high < smallest:
        return "no_important"
    return "higher" if low > 0 else "lower" if high < 0 else "cannot_be_told"
