"""Who is whom on Spark: Splink finds and compares pairs there, and the same posterior weighs them.

Enters: the clean records of each kind as Spark tables.
Leaves: the links of link.between; a row is known by its number alone.
Refuses: what link refuses.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from engagement import arrivals, cluster, pseudonyms
from engagement.records import candidates, evidence, frequencies, link, pairs, scale, standing
from engagement.records.candidates import Found, Rules
from engagement.records.clean import Cleaned
from engagement.study import Study

_SIDES = ("l", "r")
_ASKED = ("surname", "given", "han", "origin_village", "branch")
_FOUND = (
    "left bigint, right bigint, alone double, probability double, "
    "doubted boolean, reason string, rules bigint"
)
_CANDIDATES = pa.schema(
    [
        *(("left", pa.int64()), ("right", pa.int64())),
        *(("alone", pa.float64()), ("probability", pa.float64())),
        *(("doubted", pa.bool_()), ("reason", pa.string()), ("rules", pa.int64())),
    ]
)


def links(
    spark: Any, held: Mapping[str, Any], study: Study, secret: bytes, wanted: Sequence[Rules]
) -> list[pd.DataFrame]:
    """Links inside and across all rosters but the sign-in sheets, as link.under gives them.

    Rows meet by pseudonyms of their keys under `secret`.
    """
    kinds = [kind for kind in ("members", "volunteers", *link.REGISTERS) if kind in held]
    sizes = {kind: held[kind].table.count() for kind in kinds}
    asked = [(link.INSIDE[kind], (kind,)) for kind in kinds if kind in link.INSIDE]
    asked += [(kind, (kind, "members")) for kind in kinds if kind != "members"]
    ask = partial(_compared, spark, held, study, secret, sizes, wanted)
    found = {name: ask(name, pair) for name, pair in asked}
    rows = {kind: _rows(found, kind) for kind in kinds}
    people = {kind: _people(held[kind], rows[kind]) for kind in kinds}
    rank = _rank(spark, held["members"], rows["members"], study)
    return [
        link.between(people, rank, rules, _under(found, at, rows))
        for at, rules in enumerate(wanted)
    ]


def _under(found: Mapping[str, pd.DataFrame], at: int, rows: Mapping[str, np.ndarray]) -> Found:
    """The candidates under one of the rules, by its place among them."""
    own = {name: table[table["rules"] == at] for name, table in found.items()}
    return Found({name: _placed(table, name, rows) for name, table in own.items()})


def _rows(found: Mapping[str, pd.DataFrame], kind: str) -> np.ndarray:
    """The numbers of the rows of `kind` that some candidate names, in order."""
    inside = found.get(link.INSIDE.get(kind, ""), pd.DataFrame({"left": [], "right": []}))
    own = [inside["left"], inside["right"]]
    own += [table["left"] for name, table in found.items() if name == kind != "members"]
    if kind == "members":
        own += [table["right"] for name, table in found.items() if name not in link.INSIDE.values()]
    return np.unique(np.concatenate(own)).astype(np.int64)


def _placed(table: pd.DataFrame, name: str, rows: Mapping[str, np.ndarray]) -> pd.DataFrame:
    """Candidates by their position among those rows, in the order that candidates has them."""
    inside = {made: kind for kind, made in link.INSIDE.items()}
    left, right = inside.get(name, name), inside.get(name, "members")
    ordered = table.sort_values(["left", "right"], ignore_index=True).drop(columns="rules")
    return ordered.assign(
        left=np.searchsorted(rows[left], ordered["left"]),
        right=np.searchsorted(rows[right], ordered["right"]),
        decided="",
    )


def _people(records: Any, rows: np.ndarray) -> pd.DataFrame:
    """What link asks of a roster: where each row stands, and whether it has names or numbers."""
    known = records.table.selectExpr(
        *(
            f"count({name}) > 0 AS {name}" if name in records.columns else f"false AS {name}"
            for name in ("name", "id_number")
        )
    ).first()
    return pd.DataFrame(
        {
            "source_file": [records.files[int(row >> arrivals.FILE)] for row in rows],
            "sheet": "",
            "row": rows,
            **{name: "known" if known[name] else np.nan for name in ("name", "id_number")},
        }
    )


def _rank(spark: Any, members: Any, rows: np.ndarray, study: Study) -> np.ndarray:
    asked = spark.createDataFrame(pa.table({"row": pa.array(rows, pa.int64())}))
    own = members.table.join(asked, "row")
    claimed = partial(_claims, members.columns, study)
    told = own.mapInArrow(claimed, "row bigint, left boolean, empty bigint").toArrow().to_pandas()
    return standing.ranked(told.sort_values("row", ignore_index=True))


def _claims(columns: tuple, study: Study, parts: Iterator) -> Iterator[pa.RecordBatch]:
    for rows in _frames(parts, columns):
        claims = standing.claims(rows, standing.verdicts(rows, study)).assign(row=rows["row"])
        yield from pa.Table.from_pandas(
            claims[["row", "left", "empty"]], preserve_index=False
        ).to_batches()


def _frames(parts: Iterator[pa.RecordBatch], columns: tuple | None = None) -> Iterator:
    """The batches that a worker gets, as frames; empty ones are left out."""
    for part in parts:
        if len(part):
            whole = pa.Table.from_batches([part])
            frame = (whole.select(list(columns)) if columns else whole).to_pandas()
            yield frame.astype({name: "str" for name in frame if frame[name].dtype == "O"})


def _compared(
    spark: Any,
    held: Mapping[str, Any],
    study: Study,
    secret: bytes,
    sizes: Mapping[str, int],
    wanted: Sequence[Rules],
    name: str,
    kinds: tuple[str, ...],
) -> pd.DataFrame:
    """The candidates of one comparison, by the numbers of their rows, under each of the rules."""
    among = sizes[kinds[-1]]
    every = sizes[kinds[0]] * among <= pairs.ALL_PAIRS
    inside = len(kinds) == 1
    asks = (among, _cities(held[kinds[-1]]))
    tables = []
    for kind in kinds:
        prepare = partial(_prepared, held[kind].columns, kind, asks, every, inside, study, secret)
        schema = _spark_schema(_empty(held[kind].columns, kind, among, every, inside, study))
        tables.append(cluster.kept(held[kind].table.mapInArrow(prepare, schema)))
    keyed = sum(column.startswith(scale.KEY) for column in tables[0].columns)
    compared = scale.on_spark(spark, tables, keyed)
    seen = _seen(tables)
    asked = compared.drop("match_weight", "match_probability", "match_key")
    for side, table in zip(_SIDES, (tables * 2)[:2], strict=True):
        shown = [f"{column} AS {column}_{side}" for column in _ASKED]
        more = table.selectExpr(f"unique_id AS unique_id_{side}", *shown)
        asked = asked.join(more, f"unique_id_{side}")
    weigh = partial(_likely, seen, among, name, wanted)
    found = asked.mapInArrow(weigh, _FOUND).toArrow().to_pandas()
    for table in tables:
        table.unpersist()
    return found


def _cities(records: Any) -> frozenset[str]:
    """pairs.crowded of a table."""
    if "origin_village" not in records.columns:
        return frozenset()
    shared = (
        records.table.groupBy("origin_village").count().dropna().filter(f"count > {pairs.NAMED}")
    )
    found = shared.toArrow().to_pandas()
    return pairs.crowded(found.set_index("origin_village")["count"])


def _prepared(
    columns: tuple,
    kind: str,
    asks: tuple[int, frozenset[str]],
    every: bool,
    inside: bool,
    study: Study,
    secret: bytes,
    parts: Iterator,
) -> Iterator[pa.RecordBatch]:
    nothing = pd.DataFrame()
    for rows in _frames(parts, columns):
        people = link.identities(Cleaned({kind: rows}, *[nothing] * 4), study)[kind]
        made = scale.prepared(link.anywhere(people) if inside else people, *asks, every=every)
        made = _with_pseudonyms(made, secret)
        place = made.column_names.index("unique_id")
        number = pa.array(rows["row"], pa.int64())
        yield from made.set_column(place, "unique_id", number).to_batches()


def _with_pseudonyms(made: pa.Table, secret: bytes) -> pa.Table:
    """The keys that bring rows together between machines, as pseudonyms."""
    for at, name in enumerate(made.column_names):
        if name.startswith(scale.KEY):
            hidden = pseudonyms.of(made[name].to_pandas(), secret)
            made = made.set_column(at, name, pa.array(hidden, pa.string()))
    return made


def _empty(columns, kind: str, among: int, every: bool, inside: bool, study: Study) -> pa.Schema:
    blank = {name: pd.Series([np.nan], dtype="str") for name in columns}
    nobody = pd.DataFrame(blank | {"row": [0]})
    people = link.identities(Cleaned({kind: nobody}, *[pd.DataFrame()] * 4), study)[kind]
    return scale.prepared(people, among, every=every).schema


def _spark_schema(schema: pa.Schema) -> Any:
    from pyspark.sql.pandas.types import from_arrow_schema

    return from_arrow_schema(schema)


def _seen(tables: list[Any]) -> frequencies.Seen:
    """frequencies.counted, by Spark, of one table or of two."""
    both = tables[0] if len(tables) == 1 else tables[0].unionByName(tables[1])

    def counted(*columns: str) -> pd.Series:
        found = both.dropna(subset=list(columns)).groupBy(*columns).count().toArrow().to_pandas()
        keys = (
            found[columns[0]]
            if len(columns) == 1
            else found[list(columns)].agg("\x1f".join, axis=1)
        )
        return pd.Series(found["count"].to_numpy(), index=keys.to_numpy(), dtype="int64")

    places = {place: counted(place) for place in frequencies.PLACES}
    here = {place: counted(place, "surname") for place in frequencies.PLACES}
    meet = {place: frequencies.coincidence(number) for place, number in places.items()}
    surnames = counted("surname")
    return frequencies.Seen(surnames, int(surnames.sum()), places, here, meet)


def _likely(
    seen: frequencies.Seen, among: int, name: str, wanted: Sequence[Rules], parts: Iterator
) -> Iterator[pa.RecordBatch]:
    """The pairs of a part above the review floor, weighed as everywhere."""
    for part in _frames(parts):
        one, other = (_side(part, side) for side in _SIDES)
        same = {place: _same(one[place], other[place]) for place in frequencies.PLACES}
        alike = (one["surname"] == other["surname"]).to_numpy()
        told = {key: row.to_numpy() for key, row in frequencies.of_people(seen, one).items()}
        chances = frequencies.of_pairs(seen, told, alike, same)
        ends = part[["unique_id_l", "unique_id_r"]].to_numpy()
        said = candidates.likely_under(ends, scale.levels(part), chances, among, name, wanted)
        found = pd.concat([one.assign(rules=at) for at, one in enumerate(said)])
        made = pa.Table.from_pandas(found, schema=_CANDIDATES, preserve_index=False)
        yield from made.combine_chunks().to_batches()


def _side(part: pd.DataFrame, side: str) -> pd.DataFrame:
    texts = {name: part[f"{name}_{side}"].astype("str") for name in _ASKED if name != "han"}
    return pd.DataFrame({**texts, "han": part[f"han_{side}"].astype(bool)})


def _same(one: pd.Series, other: pd.Series) -> np.ndarray:
    unknown = one.isna() | other.isna()
    return np.where(unknown, evidence.MISSING, (one != other).astype(np.int8))
