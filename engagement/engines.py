"""The rooms in their order: records on the engine that fits the size, then the analysis of counts.

Enters: a study, or the cells file that another run of its records room left.
Leaves: the tables of the records room; the counts that cross wall 1; the tables of the analysis.
Refuses: what the rooms refuse; it adds no rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pandas as pd

from engagement import cell_file, rooms, tables
from engagement.analysis import cells, completeness, missed, panel, programme
from engagement.analysis.alternatives import RECORDED, WITH_REVIEW
from engagement.records import (
    clean,
    decisions,
    identities,
    link,
    minuted,
    overview,
    participation,
    people,
    review,
)
from engagement.records import traces as traces_left
from engagement.records.candidates import Rules
from engagement.records.clean import Cleaned
from engagement.rooms import Counts, Left, Recorded, Room
from engagement.study import Study

STEPS = ("clean", "link", "people", "participation")


def records(study: Study, *, progress: Callable[[str], None] = lambda step: None) -> Room | Left:
    """Read, clean and link the rosters of `study`; `progress` hears each step when it is done.

    A study with a cells file has its counts from there, and reads no roster.
    """
    if study.cells is not None:
        return rooms.of_tables(cell_file.read(study.cells, study))
    cleaned = clean.rosters(study)
    progress("clean")
    links = tables.check(_links(cleaned, study), "links")
    progress("link")
    return _linked(cleaned, links, study, progress)


def _linked(
    cleaned: Cleaned, links: pd.DataFrame, study: Study, progress=lambda step: None
) -> Room:
    members = tables.check(people.table(cleaned, links, study), "people", study)
    reconciled = people.reconciliation(cleaned, links, study)
    progress("people")
    taking_part = participation.table(cleaned, links, members, study)
    on_sheets = participation.sessions(cleaned, study)
    sessions = minuted.on_record(on_sheets, minuted.sessions(cleaned, study))
    progress("participation")
    taking_part, sessions = within(taking_part, study), within(sessions, study)
    return Room(cleaned, links, members, taking_part, sessions, reconciled)


def within(events: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The events of the edition's window; those without a day are of every edition."""
    if study.edition is None:
        return events
    window = (study.edition.start.isoformat(), study.edition.end.isoformat())
    days = events["event_date"]
    return events[days.isna() | days.between(*window)].reset_index(drop=True)


def _links(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """The links with what people decided in the review workbook of the study."""
    decided = decisions.read(study.private)
    rules = Rules(decided=decided.set_index("pair")["decision"].to_dict())
    links = link.rosters(cleaned, study, rules)
    if len(decided):
        decisions.require_consistent(links, review.keys(cleaned, links), decided)
    return links


def counts(room: Room | Left, study: Study) -> Counts:
    """Everything that leaves the records room for the analysis."""
    if isinstance(room, Left):
        return room.counts
    taking_part = tables.check(room.taking_part, "participation", study)
    return Counts(
        cells=tables.check(cells.counts(room.people, taking_part, study), "cells", study),
        segment_cells=cells.segment_cells(room.people, taking_part, study),
        missed=missed.counts(room.people, taking_part, _on_no_sheet(room, study), study),
        programme=programme.counts(taking_part, room.sessions, study),
        overlap=programme.overlap(room.people, taking_part, study),
        units=cells.units(room.people),
        not_due=cells.not_due(room.people),
        sessions=tables.check(room.sessions, "sessions", study),
        reconciliation=tables.check(room.reconciliation, "reconciliation", study),
        listed=overview.volunteers(room.cleaned, room.links)["listed"],
    )


def readings(room: Room | Left, study: Study) -> tuple[dict[str, pd.DataFrame], dict[str, int]]:
    """Cells, and people on the volunteer list, by reading of the pairs under review: none is one
    person (recorded), or each is (with_review).

    Where people have ended, what a pair would change is known of the list alone.
    """
    read = _readings(room, study)
    return (
        {name: counted.cells for name, counted in read.items()},
        {name: counted.listed for name, counted in read.items()},
    )


def _readings(room: Room | Left, study: Study) -> dict[str, Counts]:
    if isinstance(room, Left):
        own = room.counts
        within = own.cells.assign(attended=own.cells["attended_with_review"])
        return {RECORDED: own, WITH_REVIEW: replace(own, cells=within)}
    settled = {
        name: room.links.assign(decision=room.links["decision"].replace("review", decision))
        for name, decision in ((RECORDED, "no"), (WITH_REVIEW, "link"))
    }
    again = {name: _linked(room.cleaned, links, study) for name, links in settled.items()}
    return {name: counts(read, study) for name, read in again.items()}


def _on_no_sheet(room: Room, study: Study) -> pd.DataFrame:
    """Sessions for all members that are due and on no sheet, by duty and unit."""
    return lacking(room.sessions, cells.units(room.people), study)


def lacking(sessions: pd.DataFrame, sizes: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sessions of the primary outcome that are due and on no sheet, by unit.

    None where organisations were merged one level up: there their gaps hold them already.
    """
    if "held_branch" in sizes:
        return pd.DataFrame(columns=["duty_type", "unit", "sessions"])
    sheets = sessions[sessions["recorded"] != "minutes"]
    missing = completeness.missing(sheets, sizes, study)
    return missing if study.primary.kind == "panel" else missing.head(0)


def everybody(room: Room | Left, study: Study) -> pd.DataFrame:
    """Who must not be found in what leaves; nobody where the room holds counts alone."""
    if isinstance(room, Left):
        return pd.DataFrame(columns=list(tables.TABLES["identities"].columns))
    return tables.check(identities.everybody(room.cleaned, study), "identities")


def traces(room: Room | Left, study: Study) -> Recorded:
    """What the recording left behind, in counts."""
    if isinstance(room, Left):
        return room.recorded
    taking_part = room.taking_part
    left = traces_left.counted(room.cleaned, room.links, room.people, taking_part, study)
    readings = traces_left.definitions(taking_part).items()
    defined = [
        cells.counts(room.people, read, study).assign(definition=name) for name, read in readings
    ]
    gaps = tables.check(cells.gaps(room.people, taking_part, study), "gaps", study)
    return Recorded(
        left,
        gaps,
        pd.concat(defined, ignore_index=True),
        listed=overview.participants(room.cleaned, room.links),
        states=tables.check(panel.states(room.people, taking_part), "states"),
        calendar=tables.check(panel.calendar(room.people, taking_part, study), "calendar"),
        seasons=tables.check(panel.seasons(room.people, taking_part, study), "season_cells", study),
    )


def told(room: Room | Left, study: Study) -> Mapping[str, pd.DataFrame]:
    """What notebooks say of the records themselves, in counts: kinds, fields_read, rules, pairs,
    moved (links by the matches expected), evidence, volunteers."""
    if isinstance(room, Left):
        return room.told
    cleaned, links = room.cleaned, room.links
    ways = overview.ways(cleaned)
    return {
        "kinds": overview.kinds(cleaned),
        "fields_read": overview.fields(ways),
        "rules": overview.rules(ways),
        "pairs": overview.links(links),
        "moved": overview.sensitivity(cleaned, study),
        "evidence": overview.evidence(links),
        "volunteers": overview.listed(cleaned, links),
    }


def left(room: Room | Left, study: Study) -> dict[str, pd.DataFrame]:
    """Every table of counts that leaves the room, by name: what a cells file holds."""
    return cell_file.added([{**of_units(room, study), **told(room, study)}])


def of_units(room: Room | Left, study: Study) -> dict[str, pd.DataFrame]:
    """Those of the tables that are counted unit by unit."""
    return rooms.by_name(counts(room, study), traces(room, study))


def recording(recorded: Recorded, counted: Counts, study: Study) -> dict[str, pd.DataFrame]:
    """The tests of the recording by name: recording, defined, readings, lags, by_month, gaps,
    tipping."""
    from engagement.analysis import definitions, habits, tipping
    from engagement.analysis import recording as tests_of_recording

    missing = lacking(counted.sessions, counted.units, study)
    readings = definitions.comparisons(recorded.defined, study)
    tests = [
        tests_of_recording.findings(recorded.traces, counted.cells, study),
        definitions.findings(readings),
    ]
    return {
        "recording": tables.check(_stacked(tests), "recording"),
        "defined": definitions.shares(recorded.defined),
        "readings": readings,
        "lags": habits.lags(recorded.traces.meetings),
        "by_month": completeness.by_month(counted.sessions, counted.units, study),
        "gaps": tipping.with_missing(recorded.gaps, missing),
        "tipping": tipping.findings(recorded.gaps, missing, study),
    }


def base_rates(recorded: Recorded, counted: Counts, study: Study) -> dict[str, pd.DataFrame]:
    """Few, compared with what: base_rates, composition, states, calendar, seasons, mean_hours."""
    from engagement.analysis import against, seasons, service, standardised, tipping

    gaps = tipping.with_missing(recorded.gaps, lacking(counted.sessions, counted.units, study))
    return {
        "base_rates": against.table(recorded.defined, gaps, recorded.listed, study),
        "composition": standardised.composition(counted.cells, study),
        "states": recorded.states,
        "calendar": recorded.calendar,
        "seasons": seasons.findings(recorded.seasons, study),
        "mean_hours": service.findings(counted.cells, study),
    }


def analysis(counted: Counts, study: Study) -> dict[str, pd.DataFrame]:
    """The tables of the analysis room by name, with the cells that release.disclosure needs."""
    from engagement.analysis import (
        barriers,
        claims,
        fit,
        gains,
        ladder,
        plan,
        predictors,
        prevalence,
    )

    compared = predictors.findings(counted.cells, study)
    found = [
        prevalence.findings(counted.cells, study),
        prevalence.base_rate(counted.cells, study, participants=counted.listed),
        compared,
        predictors.models(counted.cells, study),
        claims.findings(counted.cells, compared, study),
    ]
    segments = barriers.segments(counted.segment_cells, study)
    fitting = fit.findings(counted.programme, counted.overlap, study)
    offered = tables.check(plan.offers(segments, counted.segment_cells, study), "plan")
    return {
        "cells": counted.cells,
        "findings": tables.check(_stacked(found), "findings"),
        "completeness": tables.check(_completeness(counted, study), "completeness"),
        "segments": tables.check(segments, "segments"),
        "fit": fitting,
        "ladder": ladder.rungs(counted.missed, segments, study, fit=fit.verdict(fitting)),
        "plan": offered,
        "dropped": plan.dropped(segments, counted.segment_cells, study),
        "shrinking": plan.shrinking(offered),
        "gains": gains.ranges(offered, segments, counted.cells, study),
        "reconciliation": counted.reconciliation,
    }


def publishable(counted: Counts, study: Study) -> dict[str, pd.DataFrame]:
    """The same tables for a release: of the members whose values are recorded.

    See cells.publishable for who leaves and why.
    """
    return analysis(replace(counted, cells=cells.publishable(counted.cells, study)), study)


def _completeness(counted: Counts, study: Study) -> pd.DataFrame:
    found = [completeness.filled(counted.cells, study)]
    if study.calendar is not None:
        found.append(completeness.findings(counted.sessions, counted.units, study))
        found.append(completeness.longest_gaps(counted.sessions, counted.units, study))
    return _stacked(found)


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else frames[0]
