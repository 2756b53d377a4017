"""Where each slot of the primary outcome stops on the ladder: people end here.

Enters: people and participation (person level), sessions that no sheet holds, the study.
Leaves: missed, counts of slots by the barriers that may have held them up; no person.
Refuses: any reason beyond what a record or a declared class says.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.analysis import cells
from engagement.study import Study

EVERYBODY = ""
ATTENDED = "attended"
NOT_DUE, NOT_RECORDED = "B-DUE", "B-REC"


def counts(
    people: pd.DataFrame, participation: pd.DataFrame, missing: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Slots by barrier class, unit and stop, one row per combination (table `missed`).

    `stop` is `attended`, `B-DUE` (not due), `B-REC` (due, and no record tells), or else the
    barriers whose declared class the member is in, in the order of the ladder (for `not asked`
    also what the session's own record says); empty when there is none. A slot that nobody was due
    for cannot lack a record, so `not due` is asked first. Sessions of `missing` (columns unit,
    sessions; due and on no sheet) count as not recorded for the members who are due. Segment ""
    is everybody; `members` have at least one such slot.
    """
    known = cells.facts(people, participation, study)
    inside = {
        segment.name: np.asarray(cells.membership(known, segment)["inside"]) == "yes"
        for segment in study.segments
    }
    classes = known[["member_id"]].assign(**inside)
    rows = participation[participation["outcome"] == study.primary.name]
    slots = pd.concat(
        [
            rows[["member_id"]].assign(stop=_stops(rows, classes, study), slots=1),
            _unseen(people, missing),
        ]
    )
    return tables.check(_tallied(slots, people, classes, study), "missed")


def _stops(rows: pd.DataFrame, classes: pd.DataFrame, study: Study) -> np.ndarray:
    """Whether each slot was attended, and else what may have held it up."""
    member = classes.set_index("member_id").reindex(rows["member_id"])
    held = pd.Series("", index=range(len(rows)), dtype="str")
    for barrier in codebook.barriers()["barrier"]:
        names = [one.name for one in study.segments if one.barrier == barrier]
        here = member[names].any(axis=1).to_numpy(bool) if names else np.zeros(len(rows), bool)
        if barrier == "B-ASK":
            here = here | rows["asked"].eq("no").to_numpy()
        held = held.where(~here, held + " " + barrier)
    known = [rows["attended"].eq("yes"), rows["due"].ne("yes"), rows["attended"].ne("no")]
    return np.select(known, [ATTENDED, NOT_DUE, NOT_RECORDED], held.str.strip())


def _unseen(people: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """Slots at sessions that no sheet holds, of the members who are due."""
    due = people[people["due"] == "yes"]
    sessions = missing.groupby("unit")["sessions"].sum()
    slots = sum(due[level].map(sessions).fillna(0) for level in cells.UNITS)
    unseen = due[["member_id"]].assign(stop=NOT_RECORDED, slots=slots)
    return unseen[unseen["slots"] > 0]


def _tallied(
    slots: pd.DataFrame, people: pd.DataFrame, classes: pd.DataFrame, study: Study
) -> pd.DataFrame:
    units = people[["member_id"]].join(people[cells.UNITS].astype(object).fillna(cells.UNKNOWN))
    by_member = slots.groupby(["member_id", "stop"], as_index=False)["slots"].sum()
    by_member = by_member.merge(units, on="member_id").merge(classes, on="member_id")
    wholes = [(EVERYBODY, by_member)]
    wholes += [(one.name, by_member[by_member[one.name]]) for one in study.segments]
    keys = [*cells.UNITS, "stop"]
    parts = [
        own.groupby(keys, as_index=False)
        .agg(members=("member_id", "size"), slots=("slots", "sum"))
        .assign(segment=name)
        for name, own in wholes
    ]
    counted = pd.concat(parts, ignore_index=True)
    return counted[["segment", *keys, "members", "slots"]].astype({"slots": int})
