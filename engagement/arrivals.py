"""Rosters cleaned on Spark, where the parts of their files lie.

Enters: a Spark session, a study whose rosters every worker sees.
Leaves: the records of clean.records as a Spark table per kind of roster, held by Spark alone.
Refuses: what clean and large refuse. A row has one number among all rosters of its kind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagement import batched, cluster
from engagement.declared import Roster
from engagement.records import audit, clean, delimited, large, overview
from engagement.study import Study

FILE = 44  # bits for the rows of one file
_OPEN = "\x1f"  # a run of rows begins with "same as above": the run before it tells
_PARTS = "c"
_WAYS = "_ways"
PART = 100_000  # rows of one file that are cleaned together


@dataclass(frozen=True)
class Records:
    """The clean records of one kind: a Spark table, its columns, its files by number, and how its
    cells were read (audit.ways).

    The number of a file stands in the upper bits of the numbers of its rows.
    """

    table: Any
    columns: tuple[str, ...]
    files: Mapping[int, str]
    ways: pd.DataFrame


class _File(NamedTuple):
    table: Any
    name: str
    ways: pd.DataFrame


def cleaned(spark: Any, study: Study, whole: int) -> dict[str, Records]:
    """The clean records of every kind, kept where they were cleaned."""
    parts: dict[str, dict[int, _File]] = {}
    for at, roster in enumerate(study.rosters):
        start = sum(len(before.files) for before in study.rosters[:at])
        made = _streamed if batched.streams(roster, whole) else _at_once
        for number, file in enumerate(made(spark, roster, study, start), start=start):
            parts.setdefault(roster.kind, {})[number] = file
    return {kind: _joined(found) for kind, found in parts.items()}


def _joined(parts: Mapping[int, _File]) -> Records:
    table = None
    for part in parts.values():
        table = joined(table, part.table)
    files = {number: part.name for number, part in parts.items()}
    ways = pd.concat([part.ways for part in parts.values()], ignore_index=True)
    return Records(table, tuple(table.columns), files, ways)


def _at_once(spark: Any, roster: Roster, study: Study, start: int) -> Iterator[_File]:
    """A roster of workbooks or small files, read as ever, one table for each of its files.

    A row of a wide sheet has one record per session, all under its own number.
    """
    cleaned = clean.rosters(replace(study, rosters=(roster,)))
    found, ways = cleaned.records[roster.kind], overview.ways(cleaned)
    for number, (file, rows) in enumerate(found.groupby("source_file", sort=False), start=start):
        own = pd.MultiIndex.from_frame(rows[["sheet", "row"]]).factorize()[0]
        placed = rows.assign(sheet="", row=(number << FILE) + own + 2)
        table = cluster.kept(spark.createDataFrame(_arrow(placed, list(placed))))
        yield _File(table, str(file), ways if number == start else ways.head(0))


def _streamed(spark: Any, roster: Roster, study: Study, start: int) -> Iterator[_File]:
    """A roster of plain tables, cleaned where the parts of its files lie."""
    from pyspark.sql import functions as F

    for number, path in enumerate(roster.files, start=start):
        file, names, fields, first = large.opened(path, roster, study)
        place = {"source_file": file, "kind": roster.kind}
        sample = large.raw(first, fields, place, np.arange(len(first)))
        columns = list(clean.records(sample, roster, study))
        read = _reader(spark, path, file).toDF(*(f"{_PARTS}{at}" for at in range(len(names))))
        rows = read.withColumn(
            "_row", F.monotonically_increasing_id() + F.lit((number << FILE) + 2)
        )
        block = F.floor((F.col("_row") - F.lit(number << FILE)) / PART)
        parts = 2 * spark.sparkContext.defaultParallelism
        rows = cluster.kept(rows.repartition(parts, block).sortWithinPartitions("_row"))
        told = rows.mapInArrow(partial(_ends, fields, place), "first bigint, ends string").collect()
        above = _above({row["first"]: json.loads(row["ends"]) for row in told})
        clean_part = partial(_clean, fields, place, above, columns, roster, study)
        held = cluster.kept(rows.mapInArrow(clean_part, _schema([*columns, _WAYS])))
        rows.unpersist()
        told = held.select(_WAYS).dropna().toArrow().to_pandas()[_WAYS]
        yield _File(held.drop(_WAYS), file, _ways(told, roster.kind))


def _reader(spark: Any, path: Path, file: str) -> Any:
    if path.suffix.lower() == ".parquet":
        return spark.read.parquet(str(path))
    with path.open("rb") as source:
        encoding, sign = delimited.form(source.read(1 << 18), file)
    options = {"header": True, "multiLine": True, "sep": sign, "quote": '"', "escape": '"'}
    name = {"utf-8-sig": "utf-8", "gb18030": "GB18030"}.get(encoding, encoding)
    return spark.read.options(**options, encoding=name, mode="FAILFAST").csv(str(path))


def _schema(columns: list[str]) -> str:
    return ", ".join(f"`{name}` {'bigint' if name == 'row' else 'string'}" for name in columns)


def _arrow(frame: pd.DataFrame, columns: list[str]) -> pa.Table:
    types = {name: pa.int64() if name == "row" else pa.string() for name in columns}
    whole = frame.reindex(columns=columns)
    return pa.table(
        {name: pa.array(whole[name], types[name], from_pandas=True) for name in columns}
    )


def _runs(batch: pa.RecordBatch, fields: Mapping, place: Mapping) -> Iterator[pd.DataFrame]:
    """The raw rows of a batch, in runs of rows that follow each other in their file; a cell
    without a text is empty, quoted or not."""
    table = pa.Table.from_batches([batch])
    texts = table.drop_columns("_row")
    held = [pc.if_else(pc.equal(column, ""), None, column) for column in texts.columns]
    told = pa.table(held, names=texts.column_names)
    raw = large.raw(told, fields, place, table["_row"].to_numpy())
    run = raw["row"].diff().ne(1).cumsum()
    yield from (rows.reset_index(drop=True) for _, rows in raw.groupby(run.to_numpy()))


def _ends(fields: Mapping, place: Mapping, batches: Iterator) -> Iterator[pa.RecordBatch]:
    """The texts in force on the last row of each run of rows, for the run after it."""
    for raw in (run for batch in batches for run in _runs(batch, fields, place)):
        _, last = large.as_above(raw, fields, dict.fromkeys(fields, _OPEN))
        told = {"first": [int(raw["row"].iloc[0])], "ends": [json.dumps(last)]}
        schema = pa.schema([("first", pa.int64()), ("ends", pa.string())])
        yield pa.RecordBatch.from_pydict(told, schema)


def _above(ends: Mapping[int, Mapping[str, str | None]]) -> dict[int, dict[str, str | None]]:
    """For each run of rows, by its first, the texts in force above it."""
    last: dict[str, str | None] = {}
    above = {}
    for part in sorted(ends):
        above[part] = last
        last = {
            name: last.get(name) if text == _OPEN else text for name, text in ends[part].items()
        }
    return above


def _clean(
    fields: Mapping,
    place: Mapping,
    above: Mapping,
    columns: list[str],
    roster: Roster,
    study: Study,
    batches: Iterator,
) -> Iterator[pa.RecordBatch]:
    for raw in (run for batch in batches for run in _runs(batch, fields, place)):
        filled, _ = large.as_above(raw, fields, above[int(raw["row"].iloc[0])])
        found, read = clean.part(filled, roster, study)
        told = json.dumps(audit.ways(read).to_dict("list"))
        first = pd.Series(np.arange(len(found)) == 0, index=found.index)
        marked = found.assign(**{_WAYS: pd.Series(told, index=found.index).where(first)})
        yield from _arrow(marked, [*columns, _WAYS]).to_batches()


def _ways(told: Iterable[str], kind: str) -> pd.DataFrame:
    """How the cells of all parts were read, as each tells it on its first row."""
    nothing = pd.DataFrame(columns=list(audit.WAYS))
    parts = [pd.DataFrame(json.loads(text)) for text in told]
    return pd.concat([nothing, *parts], ignore_index=True).assign(kind=kind)


def joined(rows: Any, more: Any) -> Any:
    """`more` below `rows`; columns that one of them lacks are empty there."""
    return more if rows is None else rows.unionByName(more, allowMissingColumns=True)
