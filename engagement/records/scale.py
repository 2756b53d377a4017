"""Pairs and comparison levels of large rosters, from Splink 5 on DuckDB or Spark.

Enters: identities of rosters that are too large to compare every pair.
Leaves: the pairs that share a key, and the level of every comparison: those of pairs.sharing_a_key
and evidence.levels. Refuses: an engine's string distance on anything but ASCII (DuckDB counts
bytes): names in Han are compared by columns made beforehand.
"""

from __future__ import annotations

import errno
import functools
import itertools
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from engagement import codebook
from engagement.records import addresses, conditions, names, pairs, posterior, resemblance

KEY = "key_"
ROWS = 200_000
PAIRS = 500_000
MEMORY = "1200MB"  # of DuckDB, where it may spill
_FORMS = 256
_UNIT = 2**-20
_SIDES = ("a_left", "b_right")
_OVERLAPS = {"duckdb": "list_has_any", "spark": "arrays_overlap"}
_LISTS = ("readings", "called", "spelled")
_FLAGS = (
    *("han", "latin", "full_id", "latin_surname_plain", "latin_given_plain"),
    *("phone_masked", "id_number_masked", "address_worded", "address_plain"),
)
_COUNTS = ("spelled_kind", "year", "month", "day")
_TYPES = (
    dict.fromkeys(_LISTS, pa.list_(pa.string()))
    | dict.fromkeys(_FLAGS, pa.bool_())
    | dict.fromkeys(_COUNTS, pa.int32())
    | {"confused": pa.list_(pa.int32()), "unique_id": pa.int64()}
)


def compared(
    left: pd.DataFrame, right: pd.DataFrame, spill: Path | None = None
) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    """Positions (left, right) of the pairs that share a key, and their levels per comparison, in
    parts: those of about ROWS left rows each, in no order.

    With one frame for both sides: the pairs inside it, the earlier row on the left.
    What does not fit the memory goes, encrypted, to the folder `spill`; without one, nothing does.
    Raises OSError when neither memory nor disk has room for them, ModuleNotFoundError without the
    extra `scale`.
    """
    import duckdb
    from splink.internals.exceptions import SplinkException

    sides = [left] if right is left else [left, right]
    cities = pairs.crowded(right["origin_village"].value_counts())
    tables = [prepared(side, len(right), cities) for side in sides]
    try:
        yield from _by_duckdb(tables, spill, parts=-(-len(left) // ROWS))
    except (duckdb.Error, SplinkException) as error:
        if isinstance(error.__cause__ or error, duckdb.IOException | duckdb.OutOfMemoryException):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from None
        raise


def _by_duckdb(tables: list[pa.Table], spill: Path | None, parts: int) -> Iterator[tuple]:
    import duckdb
    from splink import DuckDBAPI

    engine = DuckDBAPI(connection=duckdb.connect(config=_spilling(spill)))
    linker = _linker(engine, tables, keys(tables[0]))
    for part in range(1, parts + 1):
        made = linker.inference.predict_chunk((part, parts), (1, 1), warning_mode="never")
        yield from _read(made.as_duckdbpyrelation())
        made.drop_table_from_database_and_remove_from_cache()


def _read(made: Any) -> Iterator[tuple[np.ndarray, dict[str, np.ndarray]]]:
    small = [f"CAST(mw_{field} AS TINYINT) AS mw_{field}" for field in codebook.weights()["fields"]]
    told = made.select(", ".join(["unique_id_l", "unique_id_r", *small]))
    for batch in told.to_arrow_reader(PAIRS):
        found = {name: batch[name].to_numpy() for name in batch.schema.names}
        positions = np.column_stack([found["unique_id_l"], found["unique_id_r"]])
        yield positions.astype(int), levels(found)


def _spilling(folder: Path | None) -> dict[str, object]:
    """DuckDB's own encryption is enough for a file that goes with the run: see docs/scale.md."""
    sealed = {"force_mbedtls_unsafe": True, "temp_file_encryption": True}
    kept = {"temp_directory": str(folder), "memory_limit": MEMORY}
    return {**kept, **sealed} if folder else {"temp_directory": ""}


def on_spark(spark: Any, tables: list[Any], keyed: int) -> Any:
    """The same as a Spark table: unique_id_l, unique_id_r and mw_… of each pair.

    `tables` hold the columns of `prepared`, `keyed` of them keys: one table to look inside, or two.
    """
    from splink.backends.spark import SparkAPI

    for name in _SIDES:  # of an earlier call
        spark.catalog.dropTempView(name)
    engine = SparkAPI(
        spark_session=spark, register_udfs_automatically=False, break_lineage_method="persist"
    )
    linker = _linker(engine, tables, keyed)
    return linker.inference.predict(warning_mode="never").as_spark_dataframe()


def keys(table: pa.Table) -> int:
    """How many keys a table made by `prepared` has."""
    return sum(name.startswith(KEY) for name in table.column_names)


def levels(found: Any) -> dict[str, np.ndarray]:
    """Levels per comparison from the weights that Splink found: see _comparison."""
    fields = codebook.weights()["fields"]
    return {
        field: np.rint(np.asarray(found[f"mw_{field}"])).astype(np.int8) - 1 for field in fields
    }


def _linker(engine: Any, tables: list[Any], keyed: int) -> Any:
    """Splink, set to compare the pairs inside one table, or across two."""
    from splink import Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    sides = zip(_SIDES, tables, strict=False)
    frames = [engine.register(table, dataset_display_name=name) for name, table in sides]
    settings = _settings(engine.sql_dialect.sql_dialect_str, keyed, inside=len(tables) == 1)
    given = frames[0] if len(frames) == 1 else frames
    return Linker(given, settings, log_level=None, validate_settings=False)


def prepared(
    people: pd.DataFrame,
    candidates: int,
    cities: frozenset[str] = frozenset(),
    *,
    every: bool = False,
) -> pa.Table:
    """The columns that conditions compare and the keys of pairs.keys, one row per record.

    `candidates` and `cities` decide which keys (pairs.keys); with `every` all records share one.
    unique_id is the position of the row.
    """
    keyed = [np.full(len(people), "*")] if every else pairs.keys(people, candidates, cities)
    born = people["birth_date"]
    texts = ("phone", "email", "id_number", "sex", "origin_village", "branch", "address")
    columns = {
        "unique_id": np.arange(len(people)),
        **_of_names(people),
        **{name: people[name] for name in texts},
        **_wide(people, ("phone", "id_number")),
        "full_id": people["full_id"],
        "year": pd.to_numeric(born.str[:4], errors="coerce"),
        "month": pd.to_numeric(born.str[5:7], errors="coerce"),
        "day": pd.to_numeric(born.str[8:10], errors="coerce"),
        "digits": born.str.replace("-", "").where(born.str.len() == 10),
        "entrance": addresses.entrances(people["address"]),
        "address_plain": _plain(people["address"]),
        "address_worded": _plain(people["address"]) & people["address"].str.contains(" ").eq(True),
        **{f"{KEY}{at}": key for at, key in enumerate(keyed)},
    }
    return pa.table({name: _array(name, values) for name, values in columns.items()})


def _array(name: str, values: Any) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    return pa.array(values, type=_TYPES.get(name, pa.string()), from_pandas=True)


def _of_names(people: pd.DataFrame) -> dict[str, pa.Array]:
    """What names are compared by, told once for each name."""
    rows, number = names.distinct(people)
    told = {**_names(rows), **_latin(rows)}
    return {name: _array(name, values).take(pa.array(number)) for name, values in told.items()}


def _names(people: pd.DataFrame) -> dict:
    named = people["name"].notna()
    han = people["han"] & named
    parts = zip(han, people["surname"].tolist(), people["given"].tolist(), strict=True)
    given = people["given"].fillna("")
    spelled = resemblance.spellings(people)
    characters = range(conditions.GIVEN)
    return {
        "han": han.to_numpy(),
        "name": people["name"],
        "surname": people["surname"].where(people["surname"] != ""),
        "given": given,
        **{f"given_{at + 1}": given.str[at : at + 1] for at in characters},
        "readings": [_readings(*split) if here else None for here, *split in parts],
        "confused": people["surname"].astype(object).map(_confused_groups()),
        "spelled_kind": spelled["kind"],
        "spelled": spelled["forms"].map(_listed),
    }


def _latin(people: pd.DataFrame) -> dict:
    latin = resemblance.latin_keys(people)
    texts = ("surname", "given", "words", "initials", "letters")
    return {
        "latin": latin["latin"],
        "called": latin["called"].map(_listed),
        **{f"latin_{name}": latin[name] for name in texts},
        **{f"latin_{name}_plain": _plain(latin[name]) for name in ("surname", "given")},
    }


def _wide(people: pd.DataFrame, names: tuple[str, ...]) -> dict:
    """Numbers filled up with blanks to one width, and whether a mask hides some of it."""
    return {
        made: values
        for name in names
        for made, values in (
            (f"{name}_wide", people[name].str.ljust(conditions.SEEN)),
            (f"{name}_masked", people[name].str.contains("*", regex=False).eq(True)),
        )
    }


def _plain(texts: pd.Series) -> np.ndarray:
    ascii_only = pc.string_is_ascii(pa.array(texts, pa.string(), from_pandas=True))
    return ascii_only.fill_null(False).to_numpy(zero_copy_only=False)


def _listed(text: str) -> list[str] | None:
    return text.split("|") if text else None


@functools.lru_cache(maxsize=names.KEPT)
def _readings(surname: str, given: str) -> list[str]:
    sets = [names.readings("surname", surname), *(names.readings("given", c) for c in given)]
    return [" ".join(row) for row in itertools.islice(itertools.product(*sets), _FORMS)]


def _confused_groups() -> dict[str, list[int]]:
    made: dict[str, list[int]] = {}
    for number, group in enumerate(codebook.weights()["names"]["confused_surnames"]):
        for surname in group.split():
            made.setdefault(surname, []).append(number)
    return made


def _settings(dialect: str, keyed: int, *, inside: bool) -> dict:
    blocking = [{"blocking_rule": f"l.{KEY}{at} = r.{KEY}{at}"} for at in range(keyed)]
    return {
        "link_type": "dedupe_only" if inside else "link_only",
        "blocking_rules_to_generate_predictions": blocking,
        "comparisons": [
            _comparison(field, *rules)
            for field, rules in conditions.levels(_OVERLAPS[dialect]).items()
        ],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": True,
        "probability_two_random_records_match": 0.0001,
    }


def _comparison(field: str, missing: str, conditions: list[str]) -> dict:
    """One comparison of Splink: the missing level, then ours from the best to the last.

    Splink hands on only the weight of the level that it found (log2 m/u), so the weight of each
    level is its number: 0 is missing, 1 the best. What it weighs for us, posterior says.
    """
    levels = [
        {"sql_condition": _renamed(missing), "label_for_charts": "missing", "is_null_level": True}
    ]
    names = posterior.field_levels(field)
    for number, (condition, name) in enumerate(zip([*conditions, "ELSE"], names, strict=True), 1):
        levels.append(
            {
                "sql_condition": _renamed(condition),
                "label_for_charts": name,
                "m_probability": _UNIT * 2**number,
                "u_probability": _UNIT,
            }
        )
    return {"output_column_name": field, "comparison_levels": levels}


def _renamed(condition: str) -> str:
    """Splink calls the columns of a pair x_l and x_r."""
    return re.sub(r"\b([lr])\.(\w+)", r"\2_\1", condition)
