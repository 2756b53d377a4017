"""A pilot from lot to verdict: the place where its people and its counts meet.

Enters: the records room, what crossed the wall, the study.
Leaves: the protocol and the allocation list of the coming year; the evaluation of the last one.
Refuses: what the rooms refuse; the list that names people goes to private/ alone.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engagement import secret
from engagement.analysis import arms, cells, evaluation, pilot, trial
from engagement.records import allocation
from engagement.rooms import Left, Room
from engagement.study import Study


@dataclass(frozen=True)
class Registered:
    """A pilot laid down: its protocol, and who is offered what (None where groups are)."""

    protocol: Mapping[str, object]
    allocation: pd.DataFrame | None


def registered(
    room: Room | Left, released: Mapping[str, pd.DataFrame], study: Study
) -> Registered | None:
    """The pilot that the study declares, allotted and laid down; None when it declares none.

    The protocol leaves: its hours and last year's share are those of the tables `released` (plan,
    outcomes). Of counts alone nobody can be allotted: a pilot is laid down where the rosters are.
    """
    if study.pilot is None or isinstance(room, Left):
        return None
    members = eligible(room, study)
    sizes = members.groupby("stratum").size()
    offers = released["plan"]
    hours = float(offers.loc[offers["measure"] == study.pilot.measure, "hours"].sum())
    slots = members["last_due"].mean()
    content = pilot.protocol(
        study, sizes, share=_printed(released, study), slots=slots, hours=hours
    )
    if study.pilot.design == "stepped_wedge":
        return Registered(pilot.registered(content, allocation=""), None)
    drawn = pilot.allotted(study.pilot, pd.factorize(members["stratum"], sort=True)[0])
    allotted = members.assign(offered=np.where(drawn == 1, "yes", "no"))
    listed = allocation.listed(room.cleaned, room.links, study, allotted)
    content = pilot.registered(
        content, allocation=allocation.fingerprint(listed, secret.key(study))
    )
    return Registered(content, listed)


def _printed(released: Mapping[str, pd.DataFrame], study: Study) -> float:
    """The share of due sessions attended, as it is printed; one half where it is not."""
    outcomes = released["outcomes"]
    whole = (outcomes["outcome"] == study.primary.name) & (outcomes["factor"] == "")
    share = outcomes.loc[whole, "share"].dropna()
    return float(share.iloc[0]) if len(share) else trial.HALF


def eligible(room: Room, study: Study) -> pd.DataFrame:
    """The members who may be offered the pilot's measure, with their last year (person level).

    Columns: member_id, stratum (their group), last_due, last_attended. Members of the declared
    class who are due; of a class that no column tells, everybody who is due.
    """
    people = room.people[room.people["due"] == "yes"]
    chosen = [one for one in study.segments if one.name == study.pilot.segment]
    if chosen:
        known = cells.facts(people, room.taking_part, study)
        told = cells.membership(known, chosen[0])
        inside = np.asarray(pd.Series(told["inside"], index=people.index)) == "yes"
        people = people if told["column_needed"] else people[inside]
    rows = room.taking_part[room.taking_part["outcome"] == study.primary.name]
    known = rows[(rows["due"] == "yes") & rows["attended"].isin(["yes", "no"])]
    sums = known.assign(came=known["attended"] == "yes").groupby("member_id")["came"]
    last = {"last_due": sums.size(), "last_attended": sums.sum()}
    table = people[["member_id"]].assign(
        stratum=arms.strata(people),
        **{name: people["member_id"].map(one).fillna(0).astype(int) for name, one in last.items()},
    )
    return table.sort_values("member_id", ignore_index=True)


def evaluated(room: Room | Left, study: Study) -> pd.DataFrame:
    """The evaluation of last year's protocol (table `evaluation`); empty when there is none.

    Raises StudyError when protocol, allocation list and rosters do not belong together.
    """
    if study.protocol is None or isinstance(room, Left):
        return pd.DataFrame(columns=evaluation.COLUMNS)
    protocol = pilot.read(study.protocol, study)
    window = tuple(datetime.date.fromisoformat(protocol[name]) for name in ("from", "to"))
    if protocol["design"] == "stepped_wedge":
        counted = arms.waves(room.people, room.taking_part, protocol["starts"], window, study)
        return evaluation.wedge(counted, protocol, study)
    listed = allocation.read(study, protocol["id"], protocol["allocation"])
    found = allocation.found(listed, room.cleaned, room.links, study)
    counted = arms.individuals(room.taking_part, found, window, study)
    return evaluation.individuals(counted, protocol, study)
