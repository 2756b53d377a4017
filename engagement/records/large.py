"""Tables too large to hold: CSV and Parquet files read in batches of raw rows.

Enters: a file that is a table already (header in its first row), its roster and study.
Leaves: raw rows as clean.records takes them, a batch at a time, in constant memory.
Refuses: what is no such table or lacks the roster's fields; a roster read by a profile.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from csv import reader as csv_rows
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pandas.api.extensions import ExtensionArray
from pyarrow import csv

from engagement.declared import Roster
from engagement.errors import RosterError
from engagement.records import delimited, read, structure
from engagement.records.column import texts
from engagement.records.reading import says_same
from engagement.study import Study

_BLOCK = 1 << 23
_HEAD = 1 << 18
_SAMPLE = 50
_PARQUET = b"PAR1"


def batches(path: Path, roster: Roster, study: Study, size: int) -> Iterator[pd.DataFrame]:
    """Raw rows of the table at `path`, at most `size` at a time, numbered as in the file.

    Columns: source_file, sheet, row, kind and one per field, all cells as text.
    Raises RosterError, naming the file.
    """
    file = read.relative(path, study.folder / "rosters")
    if roster.profile is not None:
        raise RosterError.one("roster_not_streamed", file=file)
    names, blocks = _blocks(path, file)
    start, fields, last = 2, None, {}
    for block in _cut(blocks, size, file):
        fields = fields or _fields(names, block, file, roster, study)
        raw = _raw(block, fields, {"source_file": file, "row": start, "kind": roster.kind})
        raw, last = as_above(raw, fields, last)
        yield raw
        start += len(block)
    if fields is None:
        raise RosterError.one("roster_blank", file=file)


def opened(
    path: Path, roster: Roster, study: Study
) -> tuple[str, list[str], dict[str, int], pa.Table]:
    """The name of the table at `path`, its header, the position of each field, its first rows.

    Raises RosterError as `batches`.
    """
    file = read.relative(path, study.folder / "rosters")
    names, blocks = _blocks(path, file)
    first = next(_cut(blocks, _SAMPLE, file), None)
    if first is None:
        raise RosterError.one("roster_blank", file=file)
    return file, names, _fields(names, first, file, roster, study), first


def raw(
    block: pa.Table, fields: Mapping[str, int], place: Mapping[str, object], rows: np.ndarray
) -> pd.DataFrame:
    """Raw rows of a part of a table, numbered `rows`; `place` is source_file and kind."""
    return _raw(block, dict(fields), {**place, "row": 0}).assign(row=rows)


def _blocks(path: Path, file: str) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    """The texts of the header, and the rows below it as they come."""
    try:
        with path.open("rb") as source:
            head = source.read(_HEAD)
        if head.startswith(_PARQUET):
            table = pq.ParquetFile(path)
            return table.schema_arrow.names, table.iter_batches(batch_size=1 << 16)
        return _csv(path, head, file)
    except (pa.ArrowInvalid, OSError):
        raise RosterError.one("roster_damaged", file=file) from None


def _csv(path: Path, head: bytes, file: str) -> tuple[list[str], Iterator[pa.RecordBatch]]:
    encoding, sign = delimited.form(head, file)
    names = next(csv_rows(head.decode(encoding, "ignore").splitlines(), delimiter=sign), [])
    reader = csv.open_csv(
        path,
        csv.ReadOptions(block_size=_BLOCK, encoding=encoding, use_threads=False),
        csv.ParseOptions(delimiter=sign, newlines_in_values=True),
        csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    return reader.schema.names, reader


def _cut(blocks: Iterator[pa.RecordBatch], size: int, file: str) -> Iterator[pa.Table]:
    """The rows of `blocks`, `size` at a time; the last are fewer."""
    waiting, rows = [], 0
    for block in _whole(blocks, file):
        waiting.append(block)
        rows += len(block)
        while rows >= size:
            table = pa.Table.from_batches(waiting)
            yield table.slice(0, size)
            waiting, rows = table.slice(size).to_batches(), rows - size
    if rows:
        yield pa.Table.from_batches(waiting)


def _whole(blocks: Iterator[pa.RecordBatch], file: str) -> Iterator[pa.RecordBatch]:
    try:
        yield from blocks
    except (pa.ArrowInvalid, UnicodeDecodeError, OSError):
        raise RosterError.one("roster_damaged", file=file) from None


def _fields(
    names: list[str], block: pa.Table, file: str, roster: Roster, study: Study
) -> dict[str, int]:
    """The position of each field, found as in a small file from the header and its first rows."""
    shown = [column.cast(pa.string()).to_pylist() for column in block.slice(0, _SAMPLE).columns]
    rows = [names, *([text or "" for text in row] for row in zip(*shown, strict=True))]
    table = structure.table(read.of_texts(file, "", rows), roster, study)
    if table.header is None or table.header.rows != (0,):
        raise RosterError.one("header_not_found", file=file, sheet=read.NO_SHEET)
    known = {
        field: at
        for at, field in reversed(list(enumerate(table.header.fields)))
        if field and "X" not in study.fields[field].use
    }
    return dict(sorted(known.items(), key=lambda item: item[1]))


def _raw(block: pa.Table, fields: dict[str, int], place: dict[str, object]) -> pd.DataFrame:
    first = place["row"]
    held = {name: texts(block.column(at).cast(pa.large_string())) for name, at in fields.items()}
    same = {name: _repeated(place[name], len(block)) for name in ("source_file", "kind")}
    rows = np.arange(first, first + len(block))
    notes = _notes(held["name"]) if "name" in held else _repeated("", len(block))
    frame = {"source_file": same["source_file"], "sheet": _repeated("", len(block)), "row": rows}
    return pd.DataFrame({**frame, "kind": same["kind"], "row_note": notes, **held})


def as_above(
    raw: pd.DataFrame, fields: Iterable[str], last: Mapping[str, str | None]
) -> tuple[pd.DataFrame, dict[str, str | None]]:
    """`raw` with what "same as above" means (read__ and fill__ of a field, as fills), and the
    texts in force on its last row; `last` are those of the row above the first."""
    read, ends = {}, {}
    for name in fields:
        column = raw[name]
        same = {text for text in column.dropna().unique() if says_same(text)}
        marks = np.flatnonzero(column.isin(same)) if same else []
        ends[name] = column.iloc[-1] if pd.notna(column.iloc[-1]) else None
        if len(marks):
            read[f"read__{name}"], ends[name] = _above(column, marks, last.get(name))
            read[f"fill__{name}"] = read[f"read__{name}"].notna().map({True: "same_as_above"})
    return raw.assign(**read), ends


def _above(column: pd.Series, marks: np.ndarray, last: str | None) -> tuple:
    """The text above each mark, or above the mark above it; and the text in force at the end."""
    block = np.cumsum(np.r_[True, np.diff(marks) > 1])
    first = marks[np.r_[True, np.diff(block) > 0]][block - 1]
    texts = column.to_numpy(dtype=object)
    above = np.where(first > 0, texts[first - 1], last)
    read = pd.Series(np.nan, index=column.index, dtype="str")
    read.iloc[marks] = pd.array(above, dtype="str")
    end = read.iloc[-1] if marks[-1] == len(column) - 1 else column.iloc[-1]
    return read, end if pd.notna(end) else None


def _notes(names: ExtensionArray) -> ExtensionArray:
    """mixed_encoding where a name was once read in a wrong encoding (as in structure)."""
    shown = pa.array(names.unique().dropna(), pa.large_string())
    odd = [text for text in delimited.suspects(shown) if delimited.misread(text)]
    return texts(pa.array(np.where(names.isin(odd), "mixed_encoding", ""), pa.large_string()))


def _repeated(text: str, rows: int) -> ExtensionArray:
    return texts(pa.repeat(pa.scalar(text, pa.large_string()), rows))
