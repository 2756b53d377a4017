"""Clean records on disk, sealed: batch by batch in the order of the rosters, and by slice.

Enters: clean records, or files of them under a key kept in memory.
Leaves: their batches; files of the rows of each slice; the rows of one slice.
Refuses: sign-ins that name no unit (slices.require_units).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engagement import sealed, slices
from engagement.records import evidence, stream
from engagement.study import Study

_AT = "_at"


@dataclass(frozen=True)
class Held:
    """The clean records of one kind on disk, in the order of the rosters, sealed under `own`."""

    kind: str
    paths: tuple[Path, ...]
    own: bytes

    def batches(self, *wanted: str) -> Iterator[pd.DataFrame]:
        """The records, a batch at a time, numbered throughout in _AT; of some columns, if named."""
        start = 0
        for path in self.paths:
            with sealed.reader(path, self.own) as held:
                known = [name for name in held.schema_arrow.names if not wanted or name in wanted]
                for batch in held.iter_batches(batch_size=stream.BATCH, columns=known):
                    yield batch.to_pandas().assign(**{_AT: range(start, start + len(batch))})
                    start += len(batch)


def write(rows: pd.DataFrame, target: Path, own: bytes) -> None:
    """Write rows to the file `target`, sealed under the key `own`."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    with sealed.writer(target, table.schema, own) as held:
        held.write_table(table)


def spread(held: Held, copies: pd.DataFrame, study: Study, number: int, folder: Path) -> None:
    """Write the rows of each slice to a file of its own."""
    wanted = copies[copies["kind"] == held.kind]
    with ExitStack() as stack:
        writers: dict[int, pq.ParquetWriter] = {}
        for batch in held.batches():
            if held.kind == "sign_ins":
                slices.require_units(batch)
            for at, table in _sliced(batch, wanted, held.kind, study, number):
                if at not in writers:
                    path = folder / str(at) / f"{held.kind}.parquet"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    made = sealed.writer(path, table.schema, held.own)
                    writers[at] = stack.enter_context(made)
                writers[at].write_table(table.cast(writers[at].schema))


def _sliced(
    batch: pd.DataFrame, copies: pd.DataFrame, kind: str, study: Study, number: int
) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each slice, and the copies of those that stand in others too."""
    if kind in slices.OF_UNITS:
        yield from _parted(batch, slices.of_units(batch, study, number))
    if len(copies):
        more = batch.merge(copies[[*evidence.PROVENANCE, "slice"]], on=evidence.PROVENANCE)
        yield from _parted(more.drop(columns="slice"), more["slice"].to_numpy())


def _parted(rows: pd.DataFrame, own: np.ndarray) -> Iterator[tuple[int, pa.Table]]:
    """The rows by slice, in their order."""
    order = np.argsort(own, kind="stable")
    table = pa.Table.from_pandas(rows, preserve_index=False).take(order)
    present, starts = np.unique(own[order], return_index=True)
    for at, start, end in zip(present, starts, [*starts[1:], len(own)], strict=True):
        yield int(at), table.slice(start, end - start)


def of_slice(held: Mapping[str, Held], folder: Path) -> dict[str, pd.DataFrame]:
    """The records of one slice, in the order of the rosters."""
    return {kind: _of_kind(found, folder) for kind, found in held.items()}


def _of_kind(held: Held, folder: Path) -> pd.DataFrame:
    path = folder / f"{held.kind}.parquet"
    if path.exists():
        with sealed.reader(path, held.own) as file:
            rows = file.read().to_pandas()
    else:
        rows = next(held.batches()).head(0)
    return rows.sort_values(_AT, kind="stable", ignore_index=True).drop(columns=_AT)
