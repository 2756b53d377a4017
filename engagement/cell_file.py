"""The cells file: every count that leaves a records room, in one Parquet file with a header.

Enters: tables of counts by name, and the study they were counted for.
Leaves: private/cells.parquet; the tables of such a file; the sum of several.
Refuses: a file of another format, codebook, set of questions or level, and a count that is no
whole number (StudyError).
"""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata, resources
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engagement import files
from engagement.errors import StudyError
from engagement.study import Study

FORMAT = "2"
MAIN = "cells"
_HEADER, _TABLE = b"engagement", b"engagement.table."
_OF_MEMBERS = ("cells", "segment_cells", "units", "not_due", "gaps", "defined", "seasons")
SUMS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_OF_MEMBERS, ("members",)),
    "missed": ("members", "slots"),
    "programme": ("sessions", "due", "attended"),
    "overlap": ("members",),
    "reconciliation": ("rows",),
    "volunteers": ("sign_ups", "listed", "linked", "strict", "declared", "broad"),
    "states": ("places", "said_yes", "said_no", "not_recorded"),
    "calendar": ("sessions", "members", "due", "attended"),
    "hours": ("entries",),
    "contradictions": ("checked", "found"),
    "lists": ("in_first", "in_second", "in_both"),
    "kinds": ("files", "sheets", "rows", "structural", "clean", "quarantined", "duplicates"),
    "fields_read": ("cells", "exact", "inferred", "lossy", "flagged", "quarantined"),
    "rules": ("cells", "flagged", "quarantined"),
    "pairs": ("pairs", "link", "review", "no", "false_expected", "missed_expected"),
    "moved": ("pairs", "link", "review", "no", "false_expected", "missed_expected"),
    "evidence": ("pairs",),
}
_SHARES = ("false_expected", "missed_expected")
_WHOLE = ("due", "attended", "attended_with_review", "unknown")
_RECORDER = "recorder"


def write(
    path: Path, tables: Mapping[str, pd.DataFrame], study: Study, parts: Iterable[str] = ()
) -> None:
    """Write `tables` to `path`: the cells as its rows, the others and a header beside them.

    `parts`: fingerprints of the studies that were counted into them, else this one alone.
    """
    header = {
        "format": FORMAT,
        "codebook": agreement(study),
        "study": study.fingerprint,
        "version": metadata.version("engagement"),
        "levels": list(study.counted),
        "tier": study.tier,
        "parts": sorted({*parts} or {study.fingerprint}),
    }
    beside = {_HEADER: json.dumps(header).encode()}
    for name, table in tables.items():
        if name != MAIN:
            beside[_TABLE + name.encode()] = _packed(table)
    main = pa.Table.from_pandas(tables[MAIN], preserve_index=False)
    held = io.BytesIO()
    with pq.ParquetWriter(held, main.schema, compression="zstd") as writer:
        writer.write_table(main)
        writer.add_key_value_metadata(beside)
    files.write(path, held.getvalue())


@dataclasses.dataclass(frozen=True)
class Header:
    """Who was counted: the two levels told apart, the release tier, and the studies counted in."""

    levels: tuple[str, ...]
    tier: str
    parts: frozenset[str]


def read(path: Path, study: Study) -> dict[str, pd.DataFrame]:
    """The tables of the file at `path`, by name.

    Raises StudyError when it is no cells file of this format, was counted by another codebook,
    other questions or other levels than those of `study`, or holds a count that is none.
    """
    header, tables = opened(path, study)
    if header.levels != study.counted:
        raise StudyError.one("cells_level", file=path.name, **between(header, study))
    return tables


def between(header: Header, study: Study) -> dict[str, str]:
    """The levels of a file and of a study, for a message."""
    return {"found": ", ".join(header.levels), "expected": ", ".join(study.counted)}


def opened(path: Path, study: Study) -> tuple[Header, dict[str, pd.DataFrame]]:
    """The header and the tables of the file at `path`, of whatever levels.

    Raises StudyError as `read` for all the rest.
    """
    try:
        with pq.ParquetFile(path) as held:
            main, beside = held.read(), held.metadata.metadata or {}
    except (pa.ArrowInvalid, OSError):
        raise StudyError.one("cells_unreadable", file=path.name) from None
    header = json.loads(beside.get(_HEADER, b"{}"))
    if header.get("format") != FORMAT:
        raise StudyError.one("cells_unreadable", file=path.name)
    if header["codebook"] != agreement(study):
        found, wanted = header["codebook"][:12], agreement(study)[:12]
        raise StudyError.one(
            "cells_of_other_codebook", file=path.name, found=found, expected=wanted
        )
    packed = {
        name.removeprefix(_TABLE).decode(): content
        for name, content in beside.items()
        if name.startswith(_TABLE)
    }
    tables = {MAIN: main.to_pandas(), **{name: _unpacked(text) for name, text in packed.items()}}
    _require_counts(tables, path)
    return _header(header), tables


def _header(told: Mapping) -> Header:
    return Header(tuple(told["levels"]), told["tier"], frozenset(told["parts"]))


def packed(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """Tables of counts as bytes, to send them or to hold many."""
    return json.dumps({name: _packed(table).decode() for name, table in tables.items()}).encode()


class Sums(Mapping[str, pd.DataFrame]):
    """The counts of packed parts together, as `added` gives them; a table is put together when it
    is asked for, so that one at a time is held."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = [json.loads(part) for part in parts]
        self._names = dict.fromkeys(name for part in self._parts for name in part)

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._names:
            raise KeyError(name)
        return _sum(name, [_unpacked(part[name].encode()) for part in self._parts if name in part])

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _packed(table: pd.DataFrame) -> bytes:
    held = io.BytesIO()
    arrow = pa.Table.from_pandas(table, preserve_index=False)
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(held, arrow.schema, options=options) as stream:
        stream.write_table(arrow)
    return base64.b64encode(held.getvalue())


def _unpacked(text: bytes) -> pd.DataFrame:
    table = pa.ipc.open_stream(base64.b64decode(text)).read_pandas()
    mixed = [name for name in table if table[name].dtype.kind == "O"]
    return table.assign(**{name: table[name].mask(table[name].isna(), np.nan) for name in mixed})


def _require_counts(tables: Mapping[str, pd.DataFrame], path: Path) -> None:
    for name, table in tables.items():
        wanted = {*SUMS.get(name, ()), *_WHOLE} - set(_SHARES)
        for column in wanted & set(table.columns):
            numbers = pd.to_numeric(table[column].dropna(), errors="coerce").to_numpy(dtype=float)
            if not ((numbers >= 0) & (numbers == np.floor(numbers))).all():
                place = {"file": path.name, "table": name, "column": column}
                raise StudyError.one("cells_not_counts", **place)


def agreement(study: Study) -> str:
    """SHA-256 of the codebook and of what decides the cells; files that agree can be added."""
    told = hashlib.sha256()
    catalogue = resources.files("engagement.codebook")
    for file in sorted(catalogue.iterdir(), key=lambda file: file.name):
        if file.name.endswith((".csv", ".toml")):
            told.update(file.read_bytes())
    asked = (study.factors, study.outcomes, study.segments, study.calendar, study.edition)
    own = {name: field for name, field in study.fields.items() if field.use}
    told.update(
        json.dumps([asked, own, study.values, study.reference_date], default=_plain).encode()
    )
    return told.hexdigest()


def _plain(value: object) -> object:
    """Frozen values as JSON; sets in order, mappings as they are declared."""
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, frozenset):
        return sorted(value)
    return dict(value) if isinstance(value, Mapping) else str(value)


def added(parts: Iterable[Mapping[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """The counts of several parts of one organisation together, table by table.

    Counts are added where all else is alike; sessions and what belongs to one unit stand side by
    side. Recorders are numbered within their part and stay apart.
    """
    known = list(parts)
    names = dict.fromkeys(name for part in known for name in part)
    return {name: _sum(name, [part[name] for part in known if name in part]) for name in names}


def _sum(name: str, tables: list[pd.DataFrame]) -> pd.DataFrame:
    if name == "meetings":
        tables = _recorders_apart(tables)
    filled = [table for table in tables if len(table)] or tables[:1]
    table = pd.concat(filled, ignore_index=True)
    del tables, filled  # of a million members, half of what is held
    if name not in SUMS:
        return table.sort_values(list(table.columns[:2]), kind="stable", ignore_index=True)
    sums = [column for column in SUMS[name] if column in table]
    keys = [column for column in table if column not in sums]
    if name == "contradictions":  # a part that cannot be checked does not forbid the others
        table["column_needed"] = table.groupby("aspect")["column_needed"].transform("min")
    if not keys:
        return table[sums].sum().to_frame().T
    grouped = table.groupby(keys, dropna=False, sort="members" in sums)[sums]
    return grouped.sum(min_count=1).reset_index()[list(table.columns)]


def _recorders_apart(tables: list[pd.DataFrame]) -> list[pd.DataFrame]:
    shifted, most = [], 0
    for table in tables:
        shifted.append(table.assign(recorder=table[_RECORDER] + most))
        most += int(table[_RECORDER].max()) if table[_RECORDER].notna().any() else 0
    return shifted
