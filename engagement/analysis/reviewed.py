"""Does the answer depend on the linkage? Each finding with the pairs under review in and out.

Enters: cells, the study, and the number of different people on the volunteer list.
Leaves: one row per finding about a list and reading: none of these pairs counted, or all.
Refuses: what predictors.findings refuses.
"""

from __future__ import annotations

import pandas as pd

from engagement.analysis import predictors, prevalence
from engagement.analysis.alternatives import RECORDED, WITH_REVIEW
from engagement.study import Study

COLUMNS = [
    *("outcome", "term", "contrast", "estimand", "counted_as", "members", "events"),
    *("estimate", "conf_low", "conf_high", "verdict"),
]
KEYS = COLUMNS[:4]
SHOWN = ("prevalence", "rate_ratio", "risk_difference")


def table(cells: pd.DataFrame, study: Study, *, participants: int) -> pd.DataFrame:
    """Share of all, rate ratio and differences of every list outcome under both readings.

    `counted_as`: recorded (no pair under review is a member) or with_review (all are).
    `participants` as in prevalence.base_rate; shares and differences are in shares (0–1). The two
    rows of one finding stand together. Empty without a list outcome.
    """
    lists = [outcome.name for outcome in study.outcomes.values() if outcome.kind == "list"]
    if not lists:
        return pd.DataFrame(columns=COLUMNS)
    own = cells["outcome"].isin(lists)
    accepted = cells["attended"].mask(own, cells["attended_with_review"])
    out = _findings(cells, study, participants)
    moved = accepted.ne(cells["attended"]).any()
    within = _findings(cells.assign(attended=accepted), study, participants) if moved else out
    both = pd.concat([out.assign(counted_as=RECORDED), within.assign(counted_as=WITH_REVIEW)])
    mine = both[both["outcome"].isin(lists)]
    return mine.sort_index(kind="stable")[COLUMNS].reset_index(drop=True)


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
