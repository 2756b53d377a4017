"""The records room as one call, on the engine that fits the size.

Enters: a study.
Leaves: the tables of the records room, and the cells that cross wall 1.
Refuses: what the rooms refuse; it adds no rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from engagement import tables
from engagement.analysis import cells
from engagement.records import clean, link, participation, people
from engagement.records.clean import Cleaned
from engagement.study import Study

STEPS = ("clean", "link", "people", "participation")


@dataclass(frozen=True)
class Room:
    """The records room of one study; identity level except `people` and `taking_part`."""

    cleaned: Cleaned
    links: pd.DataFrame
    people: pd.DataFrame
    reconciliation: pd.DataFrame
    taking_part: pd.DataFrame
    sessions: pd.DataFrame


def records(study: Study, *, progress: Callable[[str], None] = lambda step: None) -> Room:
    """Read, clean and link the rosters of `study`; `progress` hears the name of each step."""
    progress("clean")
    cleaned = clean.rosters(study)
    progress("link")
    links = tables.check(link.rosters(cleaned, study), "links")
    progress("people")
    members = tables.check(people.table(cleaned, links, study), "people", study)
    progress("participation")
    return Room(
        cleaned=cleaned,
        links=links,
        people=members,
        reconciliation=people.reconciliation(cleaned, links, study),
        taking_part=tables.check(
            participation.table(cleaned, links, members, study), "participation", study
        ),
        sessions=participation.sessions(cleaned, study),
    )


def counts(room: Room, study: Study) -> pd.DataFrame:
    """The cells of the study: what leaves the records room, one row per combination."""
    return tables.check(cells.counts(room.people, room.taking_part, study), "cells", study)
