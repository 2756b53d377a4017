"""What was offered by lot and what was attended then: people end here.

Enters: participation (person level), and what chance allotted to whom, or to which group when.
Leaves: arms and waves: counts by arm or by group and period; no person.
Refuses: who took an offer up; everybody is counted as allotted (intention to treat).
"""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from engagement import tables
from engagement.analysis import cells
from engagement.study import Study

SLOTS = ["due", "attended"]
LAST = ["last_due", "last_attended"]


def strata(people: pd.DataFrame) -> pd.Series:
    """The unit within which chance decides: the group, else the branch, of each member."""
    return people["group"].astype(object).fillna(people["branch"]).fillna(cells.UNKNOWN)


def individuals(
    participation: pd.DataFrame,
    allotted: pd.DataFrame,
    window: tuple[datetime.date, datetime.date],
    study: Study,
) -> pd.DataFrame:
    """Members by stratum, arm and slots in the window and last year (table `arms`).

    `allotted`: member_id (missing when not found again), stratum, offered, last_due,
    last_attended. Those not found, or not due in the window, have due 0.
    """
    slots = _slots(participation, window, study)
    sums = slots.groupby("member_id")[SLOTS].sum()
    rows = allotted.assign(**{name: allotted["member_id"].map(sums[name]) for name in SLOTS})
    rows[SLOTS] = rows[SLOTS].fillna(0).astype(int)
    keys = ["stratum", "offered", *SLOTS, *LAST]
    return tables.check(rows.groupby(keys).size().rename("members").reset_index(), "arms")


def waves(
    people: pd.DataFrame,
    participation: pd.DataFrame,
    starts: dict[str, str],
    window: tuple[datetime.date, datetime.date],
    study: Study,
) -> pd.DataFrame:
    """Slots by group and period (table `waves`): one row per group of `starts` and month.

    `starts`: the month (YYYY-MM) from which each group is offered it. `share` is the mean of the
    members' own shares; missing where nobody was due.
    """
    slots = _slots(participation, window, study)
    unit = strata(people).set_axis(people["member_id"])
    slots = slots.assign(group=slots["member_id"].map(unit), month=slots["event_date"].str[:7])
    months = [str(month) for month in pd.period_range(*window, freq="M")]
    own = slots.groupby(["group", "month", "member_id"])[SLOTS].sum()
    own["share"] = own["attended"] / own["due"]
    known = own.groupby(["group", "month"]).agg(
        members=("due", "size"),
        due=("due", "sum"),
        attended=("attended", "sum"),
        share=("share", "mean"),
    )
    every = pd.MultiIndex.from_product([list(starts), months], names=["group", "month"])
    table = known.reindex(every).reset_index()
    counts = ["members", *SLOTS]
    table[counts] = table[counts].fillna(0).astype(int)
    offered = np.where(table["month"] >= table["group"].map(starts), "yes", "no")
    return tables.check(table.assign(offered=offered), "waves")


def _slots(
    participation: pd.DataFrame, window: tuple[datetime.date, datetime.date], study: Study
) -> pd.DataFrame:
    """Slots of the primary outcome in the window that were due and of which a record tells."""
    rows = participation[participation["outcome"] == study.primary.name]
    dates = rows["event_date"]
    inside = dates.isna() | dates.between(window[0].isoformat(), window[1].isoformat())
    known = rows[inside & (rows["due"] == "yes") & rows["attended"].isin(["yes", "no"])]
    return known[["member_id", "event_date"]].assign(
        due=1, attended=(known["attended"] == "yes").astype(int)
    )
