"""The accounting identity: rows in = clean + quarantined + structural + duplicates.

Enters: the tables of all rosters and the records made of them.
Leaves: the manifest, one row per sheet: the hash of its file, the count of every kind of row.
Refuses: an account that does not balance (RuntimeError: our bug).
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata

import numpy as np
import pandas as pd

from engagement.declared import Roster
from engagement.records import read, structure
from engagement.records.structure import Table
from engagement.study import Study

_SHEET = ["source_file", "sheet"]
COLUMNS = [
    "file",
    "sheet",
    "sha256",
    "kind",
    "profile",
    "hidden",
    "hidden_rows",
    "rows",
    "structural",
    "clean",
    "quarantined",
    "duplicates",
]

COUNTS = COLUMNS[COLUMNS.index("hidden_rows") :]


def manifest(
    found: list[tuple[Roster, list[Table]]], records: Mapping[str, pd.DataFrame], study: Study
) -> pd.DataFrame:
    """One row per sheet; a row listed twice is kept in the records and counted as a duplicate.

    Raises RuntimeError when rows are lost or counted twice.
    """
    worst = _worst(records)
    folder = study.folder / "rosters"
    hashes = {
        read.relative(path, folder): read.fingerprint(path)
        for roster, _ in found
        for path in roster.files
    }
    lines = [
        _line(sheet, roster, hashes[sheet[0].grid.file], worst)
        for roster, tables_ in found
        for sheet in structure.by_sheet(tables_).values()
    ]
    account = pd.DataFrame(lines, columns=COLUMNS)
    parts = account[["structural", "clean", "quarantined", "duplicates"]].sum(axis=1)
    if not parts.eq(account["rows"]).all():
        raise RuntimeError("rows in differ from rows accounted for")
    return account


def sources(manifest: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What the private tables were made of, one row per sheet, for manifest.csv.

    The columns of `manifest`, a row for every mended copy of fix.xlsx, and on each row the hash of
    study.toml, its calendar and the version of this package.
    """
    folder = study.folder / "rosters"
    copies = [
        {"file": read.relative(path, folder), "sha256": read.fingerprint(path), "kind": "fix"}
        for path in study.corrections
    ]
    listed = pd.concat([manifest, pd.DataFrame(copies)]) if copies else manifest
    return listed.astype(dict.fromkeys(COUNTS, "Int64")).assign(
        study_sha256=study.fingerprint,
        calendar=study.calendar.profile if study.calendar is not None else "",
        version=metadata.version("engagement"),
    )


def hidden(manifest: pd.DataFrame) -> list[tuple[str, dict[str, object]]]:
    """What nobody sees who opens the rosters, one words key with its values per sheet."""
    said = []
    for line in manifest.itertuples():
        place = {"file": line.file, "sheet": line.sheet}
        if line.hidden:
            people = line.rows - line.structural
            key = "check.hidden_sheet" if people else "check.hidden_notes"
            said.append((key, {**place, "rows": people or line.rows}))
        elif line.hidden_rows:
            said.append(("check.hidden_rows", {**place, "rows": line.hidden_rows}))
    return said


def _worst(records: Mapping[str, pd.DataFrame]) -> dict:
    """The rows of each sheet, and whether each is quarantined."""
    every = pd.concat([frame[[*_SHEET, "row", "status"]] for frame in records.values()])
    lost = every.assign(lost=every["status"].eq("quarantined"))
    rows = lost.groupby([*_SHEET, "row"], sort=True)["lost"].any().reset_index()
    return {place: part.set_index("row")["lost"] for place, part in rows.groupby(_SHEET)}


def _line(sheet: list[Table], roster: Roster, sha256: str, worst: Mapping) -> tuple:
    """The account of a sheet; a row of several tables is lost if one of its parts is."""
    grid, verdicts = sheet[0].grid, structure.combined(sheet)
    nobody = pd.Series(dtype=bool)
    places = dict.fromkeys((grid.file, label) for table in sheet for label in table.labels)
    lost = _by_row([worst.get(place, nobody) for place in places]).any()
    twice = _by_row([_listed_twice(table) for table in sheet]).all()
    twice = twice.reindex(lost.index, fill_value=False)
    quarantined = int(lost.sum())
    duplicates = int((twice & ~lost).sum())
    clean = len(lost) - quarantined - duplicates
    structural = int(np.sum(verdicts != "data"))
    unseen = sum(verdicts[row] == "data" for row in grid.hidden_rows if row < len(verdicts))
    profile = roster.profile.name if roster.profile else ""
    counts = (unseen, len(verdicts), structural, clean, quarantined, duplicates)
    return (grid.file, grid.sheet, sha256, roster.kind, profile, grid.hidden, *counts)


def _by_row(parts: list[pd.Series]):
    """Facts of several tables, grouped by the row of their sheet."""
    joined = pd.concat([pd.Series(dtype=bool), *(part.astype(bool) for part in parts)])
    return joined.groupby(level=0, sort=True)


def _listed_twice(table: Table) -> pd.Series:
    """Rows whose every cell but the number stands in a row above, by row number."""
    at = np.flatnonzero(table.verdicts == "data")
    if table.header is None or not len(at):
        return pd.Series(dtype=bool)
    kept = [place for place, field in enumerate(table.header.fields) if field != "row_no"]
    lines = [tuple(line) for line in table.grid.cells[np.ix_(at, kept)].tolist()]
    first: dict[tuple, int] = {}
    again = [first.setdefault(line, place) != place for place, line in enumerate(lines)]
    return pd.Series(again, index=at + 1, dtype=bool)
