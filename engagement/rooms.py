"""What a records room holds, and what is left of it when people have ended: counts.

Enters: the tables of the rooms (engines).
Leaves: the same under one name each; the counts of a room as tables by name, and back.
Refuses: nothing; cell_file refuses what is no count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import pandas as pd

from engagement.records import overview
from engagement.records.clean import Cleaned
from engagement.records.traces import Traces


@dataclass(frozen=True)
class Room:
    """The tables of the records room, down to the person level."""

    cleaned: Cleaned
    links: pd.DataFrame
    people: pd.DataFrame
    taking_part: pd.DataFrame
    sessions: pd.DataFrame
    reconciliation: pd.DataFrame


@dataclass(frozen=True)
class Counts:
    """What crosses wall 1: counts alone. `listed`: different people on the volunteer list."""

    cells: pd.DataFrame
    segment_cells: pd.DataFrame
    missed: pd.DataFrame
    programme: pd.DataFrame
    overlap: pd.DataFrame
    units: pd.DataFrame
    not_due: pd.DataFrame
    sessions: pd.DataFrame
    reconciliation: pd.DataFrame
    listed: int


@dataclass(frozen=True)
class Recorded:
    """What crosses wall 1 to examine the recording itself: counts alone.

    `gaps`: cells with the slots of which no mark tells; `defined`: cells under each definition
    of taking part, named in the column definition; `listed`: different people on the volunteer
    list by definition; `seasons`: cells of members in two periods.
    """

    traces: Traces
    gaps: pd.DataFrame
    defined: pd.DataFrame
    listed: Mapping[str, int]
    states: pd.DataFrame
    calendar: pd.DataFrame
    seasons: pd.DataFrame


OF_COUNTS = tuple(field.name for field in fields(Counts) if field.name != "listed")
OF_TRACES = tuple(field.name for field in fields(Traces))
OF_RECORDED = tuple(
    field.name for field in fields(Recorded) if field.name not in ("traces", "listed")
)


@dataclass(frozen=True)
class Left:
    """What is left of a records room: its counts alone, without anybody."""

    counts: Counts
    recorded: Recorded
    told: Mapping[str, pd.DataFrame]


def by_name(counts: Counts, recorded: Recorded) -> dict[str, pd.DataFrame]:
    """The tables of both by name; sessions without the names of files."""
    found = {name: getattr(counts, name) for name in OF_COUNTS}
    found |= {name: getattr(recorded.traces, name) for name in OF_TRACES}
    found |= {name: getattr(recorded, name) for name in OF_RECORDED}
    return {**found, "sessions": counts.sessions.assign(source_file="", sheet="")}


def of_tables(found: Mapping[str, pd.DataFrame]) -> Left:
    """The counts in the tables of a cells file."""
    people = found["volunteers"].iloc[0].astype(int)
    recorded = {name: found[name] for name in OF_RECORDED}
    traced = Traces(**{name: found[name] for name in OF_TRACES})
    known = {*OF_COUNTS, *OF_TRACES, *OF_RECORDED}
    return Left(
        Counts(**{name: found[name] for name in OF_COUNTS}, listed=int(people["listed"])),
        Recorded(traces=traced, listed=people[list(overview.READINGS)].to_dict(), **recorded),
        {name: table for name, table in found.items() if name not in known},
    )
