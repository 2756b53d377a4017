"""Does the answer depend on the linkage? Each finding with the pairs under review out and in.

Enters: cells with none of these pairs, cells with all of them, and the study.
Leaves: one row per finding and reading.
Refuses: what predictors.findings refuses.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement.analysis import predictors, prevalence
from engagement.study import Study

COLUMNS = [
    *("outcome", "term", "contrast", "estimand", "counted_as", "members", "events"),
    *("estimate", "conf_low", "conf_high", "verdict"),
]
KEYS = COLUMNS[:4]
SHOWN = ("prevalence", "rate_ratio", "risk_difference")


def table(
    cells: Mapping[str, pd.DataFrame], study: Study, *, participants: Mapping[str, int]
) -> pd.DataFrame:
    """Share of all, rate ratio and differences of every outcome under each reading.

    `cells` and `participants` (as in prevalence.base_rate) by reading, which is `counted_as`:
    recorded (no pair under review is one person) or with_review (each is). Shares and differences
    are in shares (0–1). The rows of one finding stand together.
    """
    found = [
        _findings(counted, study, participants[name]).assign(counted_as=name)
        for name, counted in cells.items()
    ]
    both = pd.concat(found)
    number = both.groupby(KEYS, sort=False, dropna=False).ngroup()
    return both.iloc[np.argsort(number, kind="stable")][COLUMNS].reset_index(drop=True)


def _findings(cells: pd.DataFrame, study: Study, participants: int) -> pd.DataFrame:
    overall = prevalence.findings(cells, study)
    found = [
        overall[(overall["term"] == prevalence.OVERALL) & (overall["contrast"] == "")],
        prevalence.base_rate(cells, study, participants=participants),
        predictors.findings(cells, study),
    ]
    filled = [one for one in found if len(one)]
    stacked = pd.concat(filled, ignore_index=True)
    shown = stacked["estimand"].isin(SHOWN) & (stacked["contrast"] != "trend|")
    return stacked[shown].reset_index(drop=True)
