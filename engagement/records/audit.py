"""The account of every cell: what it said, what it was read as, by which rule, how sure.

Enters: the tables of a roster, its raw rows and its columns as read.
Leaves: table `audit`, one row per cell that holds something; table `quarantine` of refusals.
Refuses: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement.records import columns, exports
from engagement.records.column import Column
from engagement.records.corrections import CORRECTED
from engagement.records.read import Grid
from engagement.records.reading import UNKNOWN_MARKS
from engagement.records.structure import Table
from engagement.study import Study

_PARTS = ("value", "precision", "rule", "confidence", "status")
COLUMNS = ("source_file", "sheet", "row", "header", "field", "raw", *_PARTS)
WAYS = ("field", "rule", "confidence", "status", "cells")
REFUSED = ("source_file", "sheet", "row", "header", "field", "raw", "reason")


def cells(
    tables_: list[Table], raw: pd.DataFrame, read: Mapping[str, Column], study: Study
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Tables `audit` and `quarantine` of one roster."""
    audited, refused, start = [], [], 0
    for table in tables_:
        block = slice(start, start + table.size)
        start = block.stop
        audited.append(_of_table(table, block, read, study))
        refused += _of_rows(table, block, raw, read)
    audit = pd.DataFrame(
        {name: np.concatenate([part[name] for part in audited]) for name in COLUMNS}
    )
    lost = audit.loc[audit["status"] == "quarantined"].rename(columns={"rule": "reason"})
    rows = pd.DataFrame(refused, columns=list(REFUSED))
    quarantine = pd.concat([lost[list(REFUSED)], rows], ignore_index=True)
    order = ["source_file", "sheet", "row"]
    return audit, quarantine.sort_values(order, kind="stable", ignore_index=True)


def ways(read: Mapping[str, Column]) -> pd.DataFrame:
    """How the cells of each field were read, one row per field and way: field, rule, confidence,
    status, cells."""
    rows = [
        (name, how.rule, how.confidence, how.status, int(cells))
        for name, column in read.items()
        for how, cells in zip(column.hows, _each(column), strict=True)
        if cells and how.status not in ("", "structural")
    ]
    return pd.DataFrame(rows, columns=list(WAYS))


def _each(column: Column) -> np.ndarray:
    """How many cells were read in each way."""
    return np.bincount(column.how[column.cell >= 0], minlength=len(column.hows))


def values(raw: pd.DataFrame, read: Mapping[str, Column]) -> dict[str, pd.DataFrame]:
    """By field the cells that were changed or doubted, one row per distinct raw → clean by rule.

    Columns: raw, value, rule, confidence, status, cells (how many), first_file, first_row. What
    stands in the record as it stands in the roster is left out.
    """
    return {name: _changed(raw, name, column) for name, column in read.items() if name in raw}


def _changed(raw: pd.DataFrame, name: str, column: Column) -> pd.DataFrame:
    same = column.where(lambda how: (how.confidence, how.status) == ("exact", "clean"))
    same &= (raw[name].fillna("") == column.value).to_numpy(dtype=bool)
    told = np.flatnonzero(~same & (column.cell >= 0))
    alike, kinds = pd.factorize(column.cell[told] * len(column.hows) + column.how[told])
    first = np.zeros(len(kinds), dtype=int)
    first[alike[::-1]] = told[::-1]
    hows = pd.DataFrame(list(column.hows)).iloc[column.how[first]].reset_index(drop=True)
    place = raw[["source_file", "row", name]].iloc[first].reset_index(drop=True)
    return hows[["rule", "confidence", "status"]].assign(
        raw=place[name],
        value=column.value[first],
        cells=np.bincount(alike, minlength=len(kinds)),
        first_file=place["source_file"],
        first_row=place["row"],
    )


def _of_table(table: Table, block: slice, read: Mapping[str, Column], study: Study) -> pd.DataFrame:
    grid, data = table.grid, np.flatnonzero(table.verdicts == "data")
    shape = grid.cells.shape
    layers = {part: np.full(shape, "", dtype=object) for part in ("field", *_PARTS)}
    layers["status"][:], layers["confidence"][:] = "structural", "exact"
    layers["rule"][:] = table.verdicts[:, None]
    for field, told in table.said.items():
        if told.at is not None:
            layers["rule"][told.at] += f"+{field}"
    if table.header is not None:
        layers["rule"][data] = _why_not_read(table)
        for position, field, rows in _read_columns(table, block, study):
            layers["field"][data, position] = field
            for part in _PARTS:
                layers[part][data, position] = getattr(read[field], part)[rows]
    written = grid.written
    _tell_corrected(grid, layers)
    at, to = np.nonzero((grid.kinds != "") | np.not_equal(written, None))
    texts = np.array(table.header.texts if table.header else [""] * shape[1], dtype=object)
    return {
        "source_file": np.full(len(at), grid.file, dtype=object),
        "sheet": np.full(len(at), grid.sheet, dtype=object),
        "row": at + 1,
        "header": texts[to],
        "field": layers["field"][at, to],
        "raw": np.where(np.equal(written[at, to], None), "", written[at, to]),
    } | {part: layers[part][at, to] for part in _PARTS}


def _tell_corrected(grid: Grid, layers: Mapping[str, np.ndarray]) -> None:
    """Say in the rule of a cell that a person mended it; `raw` keeps what the roster has."""
    for place in grid.corrected:
        layers["status"][place] = layers["status"][place] or "clean"
        layers["confidence"][place] = layers["confidence"][place] or "exact"
        layers["rule"][place] = f"{layers['rule'][place]}+{CORRECTED}".lstrip("+")


def _why_not_read(table: Table) -> list[str]:
    """For each column the reason why it would not be read."""
    header = table.header
    return [
        "excluded" if field or at in header.unread else "unknown_header"
        for at, field in enumerate(header.fields)
    ]


def _read_columns(table: Table, block: slice, study: Study):
    """Position, field and rows of the read columns; a session's rows are every n-th."""
    header = table.header
    sessions = [at for at, session in enumerate(header.sessions) if session]
    step = len(sessions) or 1
    seen = set()
    for position, field in enumerate(header.fields):
        known = field in seen and field not in header.parts
        if field and not known and "X" not in study.fields[field].use:
            seen.add(field)
            yield position, field, slice(block.start, block.stop, step)
    for number, position in enumerate(sessions):
        field = "times_attended" if header.sessions[position].tally else "attend_status"
        yield position, field, slice(block.start + number, block.stop, step)


def _of_rows(table: Table, block: slice, raw: pd.DataFrame, read: Mapping[str, Column]) -> list:
    """What is refused without a cell of its own: rows without a name, sheets, sessions."""
    if table.header is None:
        return []
    refused = _lacking(table, block, raw, read) + _of_other_kind(table, block, raw)
    for field in ("branch", "duty_type", "event_date"):
        here = field in read and field not in table.header.fields
        if here and _unread(read[field], block).any():
            refused += _of_sheet(table, field, block, raw, read[field])
    return refused


def _lacking(
    table: Table, block: slice, raw: pd.DataFrame, read: Mapping[str, Column]
) -> list[tuple]:
    """Rows without the name, or of minutes the day, that makes them a record."""
    field, why, lacking = columns.lacking(read, raw["kind"].iloc[0] if len(raw) else "")
    place = table.header.column(field)
    if place is None or not len(lacking):
        return []
    rows = np.unique(raw["row"].to_numpy()[block][lacking[block]]).tolist()
    where, header = (table.grid.file, table.grid.sheet), table.header.texts[place]
    return [(*where, row, header, field, "", why) for row in rows]


def _of_other_kind(table: Table, block: slice, raw: pd.DataFrame) -> list[tuple]:
    """Rows that the profile of the roster leaves out, once each."""
    other = raw["row_note"].to_numpy()[block] == exports.OTHER_KIND
    rows = np.unique(raw["row"].to_numpy()[block][other]).tolist()
    place = (table.grid.file, table.grid.sheet)
    return [(*place, row, "", "", "", exports.OTHER_KIND) for row in rows]


def _unread(column: Column, block: slice) -> np.ndarray:
    """The rows of which something was written and nothing could be read."""
    written = (column.rule[block] != "") & ~np.isin(column.rule[block], list(UNKNOWN_MARKS))
    return written & (column.value[block] == "")


def _of_sheet(
    table: Table, field: str, block: slice, raw: pd.DataFrame, column: Column
) -> list[tuple]:
    """A name of a sheet or a header of a session that could not be read, once each."""
    lost = pd.DataFrame(
        {
            "header": raw["header"].to_numpy()[block]
            if field != "branch" and "header" in raw
            else "",
            "raw": raw.get(f"read__{field}", raw[field]).fillna(raw[field]).to_numpy()[block],
            "reason": column.rule[block],
        }
    ).loc[_unread(column, block)]
    row = table.header.rows[-1] + 1
    return [
        (table.grid.file, table.grid.sheet, row, header, field, text, reason)
        for header, text, reason in lost.drop_duplicates().itertuples(index=False)
    ]
