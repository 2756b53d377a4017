"""The panel in counts beside the cells: states, the calendar by month, two periods.

Enters: people and participation (person level), and the study.
Leaves: states, calendar and season cells, all of them counts; people end here as in cells.py.
Refuses: nothing; slots of somebody who is not in people do not count.
"""

from __future__ import annotations

import itertools

import pandas as pd

from engagement import tables
from engagement.analysis import cells
from engagement.study import Study

STATES = ("due", "asked", "answered", "attended")


def states(people: pd.DataFrame, participation: pd.DataFrame) -> pd.DataFrame:
    """Due, asked, answered and attended, kept apart: one row per outcome × state.

    Due is counted over all slots of members, the other three over the slots that are due.
    """
    rows = participation[participation["member_id"].isin(people["member_id"])]
    found = []
    for outcome, own in rows.groupby("outcome", sort=False):
        for state in STATES:
            told = own if state == "due" else own[own["due"] == "yes"]
            counts = told[state].value_counts()
            yes, no = int(counts.get("yes", 0)), int(counts.get("no", 0))
            found.append([outcome, state, len(told), yes, no, len(told) - yes - no])
    return pd.DataFrame(found, columns=list(tables.TABLES["states"].columns))


def calendar(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Slots of the primary outcome by duty and month, one row each (table `calendar`).

    Only slots of due members whose attendance is on record; members: different people behind
    them. Empty where the primary outcome is no panel.
    """
    rows = participation[participation["member_id"].isin(people["member_id"])]
    rows = rows[(rows["outcome"] == study.primary.name) & rows["event_date"].notna()]
    rows = rows[(rows["due"] == "yes") & rows["attended"].isin(["yes", "no"])]
    month = rows["event_date"].astype(str).str[:7].rename("month")
    slots = rows.assign(came=rows["attended"] == "yes").groupby([rows["duty_type"], month])
    found = slots.agg(
        sessions=("event_id", "nunique"),
        members=("member_id", "nunique"),
        due=("came", "size"),
        attended=("came", "sum"),
    )
    return found.reset_index().assign(outcome=study.primary.name)


def seasons(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Due members by their slots in each declared season and the one before it.

    One row per combination (table `season_cells`); slots are those of the primary outcome.
    """
    due = people[people["due"] == "yes"]
    keys = cells.keys_of(due, study)
    dates = participation["event_date"].fillna("").astype(str)
    columns = list(tables.TABLES["season_cells"].columns)
    found = [pd.DataFrame(columns=columns)]
    for pair in itertools.pairwise(study.seasons):
        table = keys.assign(**{name: one.name for name, one in zip(columns, pair, strict=False)})
        for name, season in zip(("before", "after"), pair, strict=True):
            inside = dates.between(season.start.isoformat(), season.end.isoformat())
            slots = cells.slots_of(due, participation[inside], study.primary)[
                ["member_id", *cells.COUNTED[:2]]
            ]
            renamed = slots.rename(columns={one: f"{one}_{name}" for one in cells.COUNTED[:2]})
            table = table.merge(renamed, on="member_id", validate="1:1")
        found.append(cells.tally(table, [one for one in table if one != "member_id"]))
    return pd.concat(found[1:], ignore_index=True) if len(found) > 1 else found[0]
