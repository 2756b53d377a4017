"""The records room on Spark: rows are cleaned and compared where they lie, counts come back.

Enters: a Spark session, a study whose rosters every worker sees.
Leaves: the counts of the study, the same as engines.left gives of the whole.
Refuses: what the rooms refuse; decisions of a review, which name rows of a sheet. The driver holds
numbers of rows and pairs, never what stands in them, but for rosters of a few pages.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagement import arrivals, batched, cell_file, comparing, sealed, slices
from engagement.arrivals import Records
from engagement.errors import StudyError
from engagement.records import clean, decisions, overview
from engagement.records.candidates import Rules
from engagement.study import Study


def counts(
    spark: Any,
    study: Study,
    *,
    secret: bytes | None = None,
    whole: int = batched.WHOLE,
    progress: Callable[[str], None] = lambda step: None,
) -> Mapping[str, pd.DataFrame]:
    """Every count of the study, by name; rosters of fewer than `whole` bytes pass the driver.

    Keys travel as pseudonyms under `secret` (pseudonyms.key), or under a key of this run.
    """
    if len(decisions.read(study.private)):
        raise StudyError.one("decisions_not_on_spark")
    held = arrivals.cleaned(spark, study, whole)
    progress("clean")
    rules = Rules()
    wanted = [rules, *overview.expecting({})]
    links, *others = comparing.links(spark, held, study, secret or sealed.key(), wanted)
    progress("link")
    members = held["members"].table.count()
    number = slices.number(members)
    copies = _copies(spark, held, links, study, number)
    progress("spread")
    parts = _counted(spark, held, copies, links, study, number)
    progress("count")
    told = [*_told(held), _of_links(held, links, others)]
    spark.catalog.clearCache()
    return batched.finished([*map(cell_file.packed, told), *parts], study)


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
) -> list[bytes]:
    """The packed counts of each slice, made where its rows were brought together."""
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
            rows = arrivals.joined(rows, homes.withColumn("_kind", F.lit(kind)))
        own = copies[copies["kind"] == kind]
        if len(own):
            asked = pa.table({name: pa.array(own[name], pa.int64()) for name in ("row", "slice")})
            more = records.table.join(spark.createDataFrame(asked), "row")
            more = more.withColumn("slice", F.col("slice").cast("int"))
            rows = arrivals.joined(rows, more.withColumn("_kind", F.lit(kind)))
    columns = {kind: records.columns for kind, records in held.items()}

    def count(slice_rows):  # Spark looks at the signature, and wants this one
        return _of_slice(columns, links, study, number, slice_rows)

    made = rows.groupBy("slice").applyInArrow(count, "counts binary").toArrow()
    return made["counts"].to_pylist()


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
        told.append({"kinds": pd.DataFrame([line])} | batched.of_cells(records.ways))
        if "hours" in records.columns:
            hours = records.table.select(F.expr("try_cast(hours AS double)").alias("service_hours"))
            counted = hours.dropna().groupBy("service_hours").count().orderBy("service_hours")
            found = counted.toArrow().to_pandas().rename(columns={"count": "entries"})
            told.append({"hours": found.assign(kind=kind)[["kind", "service_hours", "entries"]]})
    return told


def _of_links(
    held: Mapping[str, Records], links: pd.DataFrame, others: list[pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    listed = dict.fromkeys(cell_file.SUMS["volunteers"], 0)
    if "volunteers" in held:
        listed = _listed(held["volunteers"], links)
    return {
        "pairs": overview.links(links),
        "evidence": overview.evidence(links),
        "moved": overview.moved(others) if "volunteers" in held else pd.DataFrame(),
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
