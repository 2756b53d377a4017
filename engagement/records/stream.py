"""Rosters of any size cleaned batch by batch in constant memory.

Enters: a roster whose files are tables already, its study, and where the records go.
Leaves: the same records as clean.records, as Parquet, and an account of every row.
Refuses: what records.large refuses; a target is written whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engagement import sealed
from engagement.declared import Roster
from engagement.records import audit, clean, duplicates, large
from engagement.study import Study

BATCH = 100_000
_TOGETHER = 500_000
_SAID = ["raw", "value", "rule", "confidence", "status"]
_PRINT = "fingerprint"
_LOOK, _FEW = 10_000, 20


@dataclass(frozen=True)
class Streamed:
    """What came of a stream: rows = clean + quarantined + duplicates.

    `repeats`: source_file and row of each row left out because it repeats an earlier one.
    `ways`: how its cells were read, as audit.ways.
    """

    rows: int
    clean: int
    quarantined: int
    duplicates: int
    repeats: pd.DataFrame
    ways: pd.DataFrame


def records(
    roster: Roster,
    study: Study,
    target: Path,
    *,
    size: int = BATCH,
    values: Path | None = None,
    once: bool = True,
    own: bytes | None = None,
) -> Streamed:
    """Clean the files of `roster` in their order, `size` rows at a time, into `target` (Parquet).

    Of rows that say the same in every field and are identified by more than a name the first is
    kept (all are with `once` false); refused rows are all kept. With `values`, the distinct values
    that were changed or doubted (audit.values, and their field) are written there as Parquet.
    The records are sealed under the key `own`, if there is one.
    Raises RosterError when a file is no table of this roster.
    """
    seen: Sequence[np.ndarray] = ()
    counts, repeats, ways = [], [], []
    with TemporaryDirectory(dir=target.parent) as name:
        made, parts = Path(name) / target.name, Path(name) / "values"
        with ExitStack() as stack:
            writers: dict[Path, pq.ParquetWriter] = {}
            for raw in _batches(roster, study, size):
                found, read = clean.part(raw, roster, study)
                changed = audit.values(raw, read) if values is not None else {}
                lost = found["status"].eq("quarantined").to_numpy(dtype=bool)
                again, seen = _again(found, ~lost & once, study, seen)
                _append(found[~again], made, writers, stack, own)
                for field, told in changed.items():
                    printed = told.assign(**{_PRINT: duplicates.fingerprints(told, _SAID)})
                    _append(printed, parts / f"{field}.parquet", writers, stack)
                counts.append((len(found), lost.sum(), again.sum()))
                ways.append(audit.ways(read))
                repeats.append(found.loc[again, ["source_file", "row"]])
        if values is not None:
            _merge(parts, Path(name) / "merged").replace(values)
        made.replace(target)
    rows, lost, twice = np.sum(counts, axis=0).tolist()
    told = (pd.concat(parts, ignore_index=True) for parts in (repeats, ways))
    return Streamed(rows, rows - lost - twice, lost, twice, *told)


def _batches(roster: Roster, study: Study, size: int) -> Iterator[pd.DataFrame]:
    for path in roster.files:
        yield from large.batches(path, roster, study, size)


def _again(
    found: pd.DataFrame, kept: np.ndarray, study: Study, seen: Sequence[np.ndarray]
) -> tuple[np.ndarray, Sequence[np.ndarray]]:
    """Which of the rows `kept` repeat an earlier one, and the fingerprints seen with them."""
    known = {name: study.fields[name].use for name in found if name in study.fields}
    fields = [name for name, use in known.items() if "META" not in use]
    prints = duplicates.fingerprints(found, fields)
    return duplicates.repeated(prints, kept & duplicates.identified(found), seen)


def _append(
    rows: pd.DataFrame,
    path: Path,
    writers: dict[Path, pq.ParquetWriter],
    stack: ExitStack,
    own: bytes | None = None,
) -> None:
    table = pa.Table.from_pandas(rows, preserve_index=False)
    if path not in writers:
        path.parent.mkdir(exist_ok=True)
        few = [name for name in rows if rows[name].head(_LOOK).nunique() < _LOOK // _FEW]
        told = {"use_dictionary": few, "write_statistics": False}
        writer = sealed.writer(path, table.schema, own, **told)
        writers[path] = stack.enter_context(writer)
    writers[path].write_table(table)


def _merge(parts: Path, target: Path) -> Path:
    """The changed values of all batches, field by field; of long fields so many at a time."""
    with ExitStack() as stack:
        writers: dict[Path, pq.ParquetWriter] = {}
        for path in sorted(parts.glob("*.parquet")):
            source = pq.ParquetFile(path)
            pieces = 1 + source.metadata.num_rows // _TOGETHER
            for piece in range(pieces):
                merged = _piece(source, piece, pieces)
                merged.insert(0, "field", path.stem)
                _append(merged.astype({"field": "str"}), target, writers, stack)
    return target


def _piece(source: pq.ParquetFile, piece: int, pieces: int) -> pd.DataFrame:
    """The values whose fingerprint has one of so many remainders, each once."""
    parts = []
    for batch in source.iter_batches():
        mine = batch.column(_PRINT).to_numpy() % np.uint64(pieces) == piece
        parts.append(batch.filter(pa.array(mine)))
    every = pa.Table.from_batches(parts)
    alike, prints = pd.factorize(every[_PRINT].to_numpy())
    first = np.zeros(len(prints), dtype=int)
    first[alike[::-1]] = np.arange(len(alike))[::-1]
    cells = np.bincount(alike, weights=every["cells"].to_numpy(), minlength=len(prints))
    return every.drop_columns(_PRINT).take(first).to_pandas().assign(cells=cells.astype(int))
