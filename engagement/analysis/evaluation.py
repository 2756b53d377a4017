"""Did last year's offer help? The analysis that its protocol laid down, and no other.

Enters: arms or waves (counts), the protocol as registered.
Leaves: evaluation, one row: the difference, its interval, the verdict, planned or exploratory.
Refuses: another analysis than the registered one under the name of planned.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement import tables
from engagement.analysis import trial
from engagement.study import Study

COLUMNS = list(tables.TABLES["evaluation"].columns)


def individuals(arms: pd.DataFrame, protocol: Mapping, study: Study) -> pd.DataFrame:
    """The evaluation of an offer allotted among members (table `evaluation`, one row).

    `members`: analysed (due in the window); `lost`: allotted, but not found or not due.
    """
    people = arms.loc[arms.index.repeat(arms["members"])]
    here = people[people["due"] > 0]
    last = (here["last_attended"] / here["last_due"].where(here["last_due"] > 0)).astype(float)
    group = pd.factorize(here["stratum"], sort=True)[0]
    offered = here["offered"].eq("yes").to_numpy(int)
    found = trial.individuals(
        (here["attended"] / here["due"]).to_numpy(float),
        last.fillna(last.mean()).fillna(0.0).to_numpy(float),
        offered,
        group,
    )
    sizes = {"offered": int(offered.sum()), "others": int(len(here) - offered.sum())}
    return _row(found, sizes, len(people) - len(here), 0, protocol, study)


def wedge(waves: pd.DataFrame, protocol: Mapping, study: Study) -> pd.DataFrame:
    """The evaluation of an offer that groups were given one wave after another (one row).

    A period is the time between two waves; `groups_lost` are groups without anybody due.
    """
    starts = waves[waves["offered"] == "yes"].groupby("group")["month"].min()
    firsts = sorted(set(starts))
    period = np.searchsorted(firsts, waves["month"], side="right")
    cells = waves.assign(period=period, weighted=waves["share"] * waves["members"])
    sums = cells.groupby(["group", "period"])[["weighted", "members"]].sum().unstack("period")
    members = sums["members"].to_numpy(float)
    alive = members.sum(axis=1) > 0
    known = members[alive] > 0
    wave = np.searchsorted(firsts, starts.reindex(sums.index).to_numpy(), side="right")
    start = np.searchsorted(sums["members"].columns.to_numpy(), wave)[alive]
    design = trial.wedge(start, members.shape[1], known, seed=protocol["seed"])
    with np.errstate(invalid="ignore", divide="ignore"):
        rate = (sums["weighted"].to_numpy(float) / members)[alive][known]
    found = trial.stepped(rate, design)
    exposed = design.exposed.astype(bool)
    sizes = {"offered": int(exposed.sum()), "others": int((~exposed).sum())}
    return _row(found, sizes, 0, int((~alive).sum()), protocol, study)


def _row(
    found: trial.Effects, sizes: Mapping, lost: int, groups_lost: int, protocol: Mapping, study
):
    estimate, low, high, p_value = (float(one[0]) for one in found)
    verdict = trial.verdict(low, high, protocol["smallest_difference"])
    row = {
        **{"outcome": study.primary.name, "measure": protocol["measure"]},
        **{"design": protocol["design"], "estimate": estimate, "conf_low": low, "conf_high": high},
        **{"p_value": p_value, **sizes, "lost": lost, "groups_lost": groups_lost},
        **{"smallest_difference": protocol["smallest_difference"], "verdict": verdict},
        "planned": "yes",
    }
    return tables.check(pd.DataFrame([row], columns=COLUMNS), "evaluation")
