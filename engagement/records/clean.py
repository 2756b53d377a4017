"""Raw rosters → records that can be relied on, with an account of every row and cell.

Enters: a study with its roster files.
Leaves: Cleaned: records per kind, audit, quarantine, structure and a manifest of the files.
Refuses: files that cannot be used (RosterError, all at once); it drops and guesses nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

from engagement import tables
from engagement.declared import Roster
from engagement.errors import Problem, RosterError
from engagement.records import (
    account,
    audit,
    blocks,
    checks,
    columns,
    corrections,
    exports,
    panels,
    read,
    reconcile,
    stays,
    structure,
)
from engagement.records.column import WORST, Column, How, texts
from engagement.records.reading import flags
from engagement.records.structure import Table
from engagement.study import Study

PROVENANCE = ("source_file", "sheet", "row")


@dataclass(frozen=True)
class Cleaned:
    """What the rosters hold.

    `records`: per kind of roster (members, volunteers, sign_ins, mobile, lost, minutes) one row
    per source row, of a wide sign-in sheet per source row × session: source_file, sheet, row,
    header (of the session), raw__<field>, <field> (NaN where nothing is known), status, reasons.
    Sheets that count by month how often a person came (times_attended) name no session, so no
    session is made of them: they stand under the kind `tallies`, one row per person × month.
    `audit`, `quarantine`, `structure`: the contracts of tables.py.
    `manifest`: file, sheet, sha256, kind, profile, hidden, hidden_rows, rows, structural, clean,
    quarantined, duplicates.
    """

    records: Mapping[str, pd.DataFrame]
    audit: pd.DataFrame
    quarantine: pd.DataFrame
    structure: pd.DataFrame
    manifest: pd.DataFrame


class Part(NamedTuple):
    """Rows of a roster: its records, and by field how their cells were read (audit)."""

    records: pd.DataFrame
    read: Mapping[str, Column]


def rosters(study: Study) -> Cleaned:
    """Read, understand and clean every roster of `study`.

    Raises RosterError with the problems of all files at once.
    """
    found = _tables(study)
    cleaned = [
        (roster, tables_, *_cleaned(tables_, roster, study)) for roster, tables_ in found if tables_
    ]
    records = {
        kind: _joined([part for roster, _, _, _, part in cleaned if roster.kind == kind])
        for kind in dict.fromkeys(roster.kind for roster, *_ in cleaned)
    }
    records = _without_tallies(records)
    cells = [audit.cells(tables_, raw, read_, study) for _, tables_, raw, read_, _ in cleaned]
    audited = pd.concat([part for part, _ in cells], ignore_index=True)
    refused = pd.concat([part for _, part in cells], ignore_index=True)
    every = [table for _, tables_ in found for table in tables_]
    shapes = structure.rows(every)
    return Cleaned(
        records=records,
        audit=tables.check(audited, "audit"),
        quarantine=tables.check(refused, "quarantine"),
        structure=tables.check(shapes, "structure"),
        manifest=account.manifest(found, records, study),
    )


def records(raw: pd.DataFrame, roster: Roster, study: Study) -> pd.DataFrame:
    """The records of `raw`, one row per row, the same however `raw` is cut into parts.

    `raw` has source_file, sheet, row and one column of text per field (structure.raw).
    """
    return part(raw, roster, study).records


def part(raw: pd.DataFrame, roster: Roster, study: Study) -> Part:
    """The records of `raw` with the columns that they were read from."""
    read_ = _columns(raw, roster, study.under(roster))
    return Part(_records(raw, read_, roster.kind), read_)


def _tables(study: Study) -> list[tuple[Roster, list[Table]]]:
    """The tables of every roster; the problems of all files are raised together."""
    problems: list[Problem] = []
    found = []
    changes = _corrections(study, problems)
    for roster in study.rosters:
        tables_: list[Table] = []
        for path in roster.files:
            tables_ += _of_file(path, roster, study, changes, problems)
        found.append((roster, tables_))
    if problems:
        raise RosterError(problems)
    return found


def _corrections(study: Study, problems: list[Problem]) -> Mapping:
    try:
        return corrections.found(study)
    except RosterError as error:
        problems += error.problems
        return {}


def _of_file(
    path: Path, roster: Roster, study: Study, changes: Mapping, problems: list[Problem]
) -> list[Table]:
    try:
        read_ = read.grids(path, study.folder / "rosters")
        grids = [corrections.applied(grid, changes) for grid in read_]
    except RosterError as error:
        problems += error.problems
        return []
    found, before = [], len(problems)
    for grid in grids:
        try:
            found += blocks.tables(grid, roster, study.under(roster))
        except RosterError as error:
            problems += error.problems
    if len(problems) == before and not any(table.header for table in found):
        problems.append(
            Problem("header_not_found", {"file": grids[0].file, "sheet": read.NO_SHEET})
        )
    return found


def _cleaned(tables_: list[Table], roster: Roster, study: Study) -> tuple:
    raw = structure.raw(tables_)
    read_ = _columns(raw, roster, study.under(roster))
    return raw, read_, _records(raw, read_, roster.kind)


def _without_tallies(records: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Counts by month are no sessions: they stand in records of their own kind, `tallies`."""
    signed = records.get("sign_ins")
    if signed is None or panels.TALLY not in signed:
        return records
    tallied = signed[panels.TALLY].eq("yes")
    parts = {"sign_ins": signed[~tallied], "tallies": signed[tallied]}
    kept = {
        kind: part.drop(columns=panels.TALLY).reset_index(drop=True)
        for kind, part in parts.items()
        if len(part)
    }
    return {kind: part for kind, part in records.items() if kind != "sign_ins"} | kept


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(frames, ignore_index=True)


def _columns(raw: pd.DataFrame, roster: Roster, study: Study) -> dict[str, Column]:
    found = exports.with_parties(columns.read(raw, roster, study))
    if roster.kind == "sign_ins":
        return stays.settled(found, raw, roster, study)
    settled = reconcile.with_id(found, raw, study.reference_date)
    return checks.flagged(settled, study.checks, study.reference_date)


def _records(raw: pd.DataFrame, read_: Mapping[str, Column], kind: str) -> pd.DataFrame:
    own = [*PROVENANCE, *(name for name in ("header", panels.TALLY) if name in raw)]
    worst, reasons = _verdicts(raw, read_, kind)
    held, empty = {}, pd.Series(np.nan, index=raw.index, dtype="str")
    for name, column in read_.items():
        held[f"raw__{name}"] = raw.get(name, empty)
        settled = pd.Series(column.settled, index=raw.index)
        held[name] = settled.mask(settled == "")
    return pd.concat([raw[own], pd.DataFrame(held)], axis=1).assign(status=worst, reasons=reasons)


def _verdicts(
    raw: pd.DataFrame, read_: Mapping[str, Column], kind: str
) -> tuple[ExtensionArray, ExtensionArray]:
    """The worst status of each row, and why: field:reason;field:reason."""
    worst = np.zeros(len(raw), dtype=int)
    reasons = np.full(len(raw), "", dtype=object)
    for name, column in read_.items():
        ranks = np.array([WORST[how.status] for how in column.hows])
        worst = np.maximum(worst, ranks[column.how])
        told = np.array([_told(name, how) for how in column.hows], dtype=object)
        rows = (told != "")[column.how]
        reasons[rows] += told[column.how[rows]]
    field, why, lacking = columns.lacking(read_, kind)
    if len(lacking):
        worst = np.where(lacking, WORST["quarantined"], worst)
        reasons[lacking] += f";{field}:{why}"
    other = _of_other_kind(read_, len(raw))
    worst = np.where(other, WORST["quarantined"], worst)
    reasons[other] = f";row:{exports.OTHER_KIND}"
    names = pa.array(["clean", "flagged", "quarantined"])
    told = pc.utf8_slice_codeunits(pa.array(reasons, pa.large_string()), 1)
    return texts(names.take(worst)), texts(told)


def _told(name: str, how: How) -> str:
    told = WORST[how.status] or how.rule in (reconcile.FROM_ID, stays.FROM_TIMES)
    return f";{name}:{reason(how.rule)}" if told else ""


def _of_other_kind(read_: Mapping[str, Column], rows: int) -> np.ndarray:
    found = np.zeros(rows, dtype=bool)
    for column in read_.values():
        found |= column.where(lambda how: how.rule == exports.OTHER_KIND)
    return found


def reason(rule: str) -> str:
    """The part of a rule that tells why a cell is not clean."""
    parts = rule.split("+")
    return next((part for part in parts if flags(part)), parts[0])
