"""The records room on Spark: rows are cleaned and compared where they lie, counts come back.

Enters: a Spark session, a study, a folder that every worker sees.
Leaves: the counts of the study, the same as engines.left gives of the whole.
Refuses: what the rooms refuse; decisions of a review, which name rows of a sheet. The driver holds
numbers of rows and pairs, never what stands in them, but for rosters of a few pages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagement import batched, cell_file, comparing, slices
from engagement.declared import Roster
from engagement.errors import StudyError
from engagement.records import clean, decisions, delimited, large, overview
from engagement.records.candidates import Rules
from engagement.study import Study

FILE = 44  # bits for the rows of one file
_OPEN = "\x1f"  # a run of rows begins with "same as above": the run before it tells
_PARTS = "c"
PART = 100_000  # rows of one file on the way


@dataclass(frozen=True)
class Records:
    """The clean records of one kind: a Spark table, its columns, and its files by number.

    The number of a file stands in the upper bits of the numbers of its rows.
    """

    table: Any
    columns: tuple[str, ...]
    files: Mapping[int, str]


def counts(
    spark: Any,
    study: Study,
    folder: Path,
    *,
    whole: int = batched.WHOLE,
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, pd.DataFrame]:
    """Every count of the study, by name; rosters of fewer than `whole` bytes pass the driver."""
    if len(decisions.read(study.private)):
        raise StudyError.one("decisions_not_on_spark")
    held = cleaned(spark, study, folder, whole)
    progress("clean")
    rules = Rules()
    links = comparing.links(spark, held, study, folder, rules)
    progress("link")
    members = held["members"].table.count()
    number = slices.number(members)
    copies = _copies(spark, held, links, study, number)
    progress("spread")
    parts = _counted(spark, held, copies, links, study, number)
    progress("count")
    told = [*_told(held), *batched.UNCOUNTED, _of_links(held, links)]
    return batched.finished(cell_file.added([*told, *parts]), study)


# ---------------------------------------------------------------- cleaning


def cleaned(spark: Any, study: Study, folder: Path, whole: int) -> dict[str, Records]:
    """The clean records of every kind, written to `folder` and read from there."""
    parts: dict[str, dict[int, tuple[Any, str]]] = {}
    for at, roster in enumerate(study.rosters):
        start = sum(len(before.files) for before in study.rosters[:at])
        made = _streamed if batched.streams(roster, whole) else _at_once
        for number, (table, file) in enumerate(
            made(spark, roster, study, start, folder), start=start
        ):
            path = str(folder / f"{number}_{roster.kind}")
            table.write.mode("overwrite").parquet(path)
            parts.setdefault(roster.kind, {})[number] = (spark.read.parquet(path), file)
    return {kind: _joined(found) for kind, found in parts.items()}


def _joined(parts: Mapping[int, tuple[Any, str]]) -> Records:
    table = None
    for part, _ in parts.values():
        table = _with(table, part)
    files = {number: file for number, (_, file) in parts.items()}
    return Records(table, tuple(table.columns), files)


def _at_once(
    spark: Any, roster: Roster, study: Study, start: int, folder: Path
) -> Iterator[tuple[Any, str]]:
    """A roster of workbooks or small files, read as ever, one table for each of its files.

    A row of a wide sheet has one record per session, all under its own number.
    """
    found = clean.rosters(replace(study, rosters=(roster,))).records[roster.kind]
    for number, (file, rows) in enumerate(found.groupby("source_file", sort=False), start=start):
        own = pd.MultiIndex.from_frame(rows[["sheet", "row"]]).factorize()[0]
        placed = rows.assign(sheet="", row=(number << FILE) + own + 2)
        yield spark.createDataFrame(_arrow(placed, list(placed))), str(file)


def _streamed(
    spark: Any, roster: Roster, study: Study, start: int, folder: Path
) -> Iterator[tuple[Any, str]]:
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
        target = str(folder / f"{number}_raw")
        rows.write.mode("overwrite").option("maxRecordsPerFile", PART).parquet(target)
        rows = spark.read.parquet(target)
        told = rows.mapInArrow(partial(_ends, fields, place), "first bigint, ends string").collect()
        above = _above({row["first"]: json.loads(row["ends"]) for row in told})
        clean_part = partial(_clean, fields, place, above, columns, roster, study)
        yield rows.mapInArrow(clean_part, _schema(columns)), file


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
        yield from _arrow(clean.records(filled, roster, study), columns).to_batches()


# ---------------------------------------------------------------- slices


def _homes(spark: Any, records: Records, study: Study, number: int) -> Any:
    """The records with the slice of their unit, as slices.of_units says it."""
    from pyspark.sql import functions as F

    parents = {unit.code: unit.parent for unit in study.units if unit.parent}
    known = spark.createDataFrame(
        pa.table({"group": list(parents) or [""], "_parent": list(parents.values()) or [""]})
    )
    table = records.table
    for name in ("branch", "group"):
        table = (
            table if name in table.columns else table.withColumn(name, F.lit(None).cast("string"))
        )
    home = F.coalesce("branch", "_parent", F.lit(""))
    placed = table.join(F.broadcast(known), "group", "left")
    return placed.withColumn("slice", (F.crc32(home) % number).cast("int")).drop("_parent")


def _copies(
    spark: Any, held: Mapping[str, Records], links: pd.DataFrame, study: Study, number: int
) -> pd.DataFrame:
    """slices.routes of the member rows that links name."""
    doubles = links[links["kind"] == "members"]
    wanted = pd.Index(links["right_row"]).union(pd.Index(doubles["left_row"])).unique()
    homes = _homes(spark, held["members"], study, number).select("source_file", "row", "slice")
    asked = spark.createDataFrame(pa.table({"row": pa.array(wanted, pa.int64())}))
    found = homes.join(asked, "row").toArrow().to_pandas()
    return slices.routes(found.assign(kind="members", sheet=""), links)


def _counted(
    spark: Any, held: Mapping, copies: pd.DataFrame, links: pd.DataFrame, study: Study, number: int
) -> list[dict[str, pd.DataFrame]]:
    """The counts of each slice, made where its rows were brought together."""
    from pyspark.sql import functions as F

    rows = None
    for kind, records in held.items():
        if kind in slices.OF_UNITS:
            homes = _homes(spark, records, study, number)
            if kind == "sign_ins":
                nowhere = homes.filter("branch IS NULL AND `group` IS NULL")
                slices.require_units(
                    nowhere.select("source_file", "branch", "group").toArrow().to_pandas()
                )
            rows = _with(rows, homes.withColumn("_kind", F.lit(kind)))
        own = copies[copies["kind"] == kind]
        if len(own):
            asked = pa.table({name: pa.array(own[name], pa.int64()) for name in ("row", "slice")})
            more = records.table.join(spark.createDataFrame(asked), "row")
            more = more.withColumn("slice", F.col("slice").cast("int"))
            rows = _with(rows, more.withColumn("_kind", F.lit(kind)))
    columns = {kind: records.columns for kind, records in held.items()}

    def count(slice_rows):  # Spark looks at the signature, and wants this one
        return _of_slice(columns, links, study, number, slice_rows)

    made = rows.groupBy("slice").applyInArrow(count, "counts binary").toArrow()
    return [cell_file.unpacked(packed) for packed in made["counts"].to_pylist()]


def _with(rows: Any, more: Any) -> Any:
    return more if rows is None else rows.unionByName(more, allowMissingColumns=True)


def _of_slice(
    columns: Mapping, links: pd.DataFrame, study: Study, number: int, rows: pa.Table
) -> pa.Table:
    here = (rows["slice"][0].as_py(), number)
    records = {}
    for kind, names in columns.items():
        own = rows.filter(pc.equal(rows["_kind"], kind)).select(list(names)).to_pandas()
        texts = {name: "str" for name in names if name != "row"}
        records[kind] = own.astype(texts).sort_values("row", ignore_index=True)
    made = slices.counts(records, links, here, study, Rules())
    return pa.table({"counts": [cell_file.packed(made)]})


# ---------------------------------------------------------------- what is told of rows and links


def _told(held: Mapping[str, Records]) -> list[dict[str, pd.DataFrame]]:
    """kinds and hours, counted row by row."""
    from pyspark.sql import functions as F

    told = []
    for kind, records in held.items():
        status = records.table.groupBy("status").count().toArrow().to_pandas()
        number = dict(zip(status["status"], status["count"], strict=True))
        lost, rows, files = number.get("quarantined", 0), sum(number.values()), len(records.files)
        line = {"kind": kind, "files": files, "sheets": files, "rows": rows + files}
        line |= {"structural": files, "clean": rows - lost, "quarantined": lost, "duplicates": 0}
        told.append({"kinds": pd.DataFrame([line])})
        if "hours" in records.columns:
            hours = records.table.select(F.expr("try_cast(hours AS double)").alias("service_hours"))
            counted = hours.dropna().groupBy("service_hours").count().orderBy("service_hours")
            found = counted.toArrow().to_pandas().rename(columns={"count": "entries"})
            told.append({"hours": found.assign(kind=kind)[["kind", "service_hours", "entries"]]})
    return told


def _of_links(held: Mapping[str, Records], links: pd.DataFrame) -> dict[str, pd.DataFrame]:
    listed = dict.fromkeys(cell_file.SUMS["volunteers"], 0)
    if "volunteers" in held:
        listed = _listed(held["volunteers"], links)
    return {
        "pairs": overview.links(links),
        "evidence": overview.evidence(links),
        "volunteers": pd.DataFrame([listed]),
    }


def _listed(volunteers: Records, links: pd.DataFrame) -> dict[str, int]:
    """overview.listed from the numbers of the rows and of their hours."""
    from pyspark.sql import functions as F

    table = volunteers.table
    hours = F.expr("try_cast(hours AS double)") if "hours" in table.columns else F.lit(None)
    rows = table.select("source_file", "sheet", "row", hours.cast("double").alias("hours"))
    found = rows.toArrow().to_pandas()
    nothing = pd.DataFrame()
    alone = clean.Cleaned({"volunteers": found}, *[nothing] * 4)
    return overview.listed(alone, links).iloc[0].to_dict()
