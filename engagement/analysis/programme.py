"""What was put on, and who was active in what: people end here.

Enters: people and participation (person level), sessions, the study.
Leaves: programme, counts of sessions and slots by branch, quarter and kind; overlap, members by
being active in study and in service.
Refuses: anything per person; topics are numbers, not texts.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import tables
from engagement.study import Study

ACTIVE = 0.5  # of due sessions: who attended at least as many counts as active in study


def counts(participation: pd.DataFrame, sessions: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sessions and slots by branch, quarter and kind (table `programme`).

    A kind is a duty, a channel (online where anybody was online) and a topic where the sheets
    name one; `joint` says whether a session discharged a service and another duty.
    """
    rows = participation[participation["outcome"] == study.primary.name]
    known = rows[(rows["due"] == "yes") & rows["attended"].isin(["yes", "no"])]
    by_event = known.assign(
        came=known["attended"].eq("yes"), online=known["channel"].eq("online")
    ).groupby("event_id")
    events = by_event[["unit", "duty_type", "event_date"]].first()
    events = events.assign(
        due=by_event.size(), attended=by_event["came"].sum(), online=by_event["online"].any()
    ).dropna(subset=["event_date"])
    topics = sessions.set_index("event_id").get("topic", pd.Series(dtype="str"))
    topic = pd.Series(events.index.map(topics[~topics.index.duplicated()]), index=events.index)
    parents = {unit.code: unit.parent or unit.code for unit in study.units}
    channel = events["online"].map({True: "online", False: "in_person"})
    events = events.assign(
        branch=events["unit"].map(parents).fillna(events["unit"]),
        quarter=pd.PeriodIndex(events["event_date"], freq="Q").astype("str"),
        kind=events["duty_type"]
        + "|"
        + channel.astype("str")
        + "|"
        + topic.astype(object).fillna("").astype("str"),
        joint=events["duty_type"].str.split().map(_is_joint).map({True: "yes", False: "no"}),
    )
    keys = ["branch", "quarter", "kind", "joint"]
    summed = events.groupby(keys).agg(
        sessions=("due", "size"), due=("due", "sum"), attended=("attended", "sum")
    )
    return tables.check(summed.reset_index(), "programme")


def _is_joint(duties: list[str]) -> bool:
    return "service" in duties and len(duties) > 1


def overlap(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Due members by being active in study and in service (table `overlap`).

    Active in study: attended at least half of the due sessions of the primary outcome. Active in
    service: on the list that is the study's first list outcome. Empty without such an outcome.
    """
    columns = list(tables.TABLES["overlap"].columns)
    lists = [one.name for one in study.outcomes.values() if one.kind == "list"]
    if study.primary.kind != "panel" or not lists:
        return pd.DataFrame(columns=columns)
    due = people[people["due"] == "yes"]["member_id"]
    own = participation[participation["member_id"].isin(due)]
    rows = own[own["outcome"] == study.primary.name]
    known = rows[(rows["due"] == "yes") & rows["attended"].isin(["yes", "no"])]
    share = known["attended"].eq("yes").groupby(known["member_id"]).mean()
    listed = own[(own["outcome"] == lists[0]) & own["attended"].isin(["yes", "no"])]
    served = listed.set_index("member_id")["attended"]
    table = pd.DataFrame({"share": share, "service_active": served}).dropna()
    active = np.where(table["share"] >= ACTIVE, "yes", "no")
    counted = table.assign(study_active=active).groupby(columns[:2]).size()
    return tables.check(counted.rename("members").reset_index(), "overlap")
