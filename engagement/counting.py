"""The records room alone, on one of its engines, and the sum of what several have counted.

Enters: a study, its engine, and where that runs; or cells files.
Leaves: private/cells.parquet.
Refuses: a cluster without a key; what the engines and cells files refuse. Nothing is written then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pandas as pd
from rich.console import Console

from engagement import cell_file, commands, engines, federation, files
from engagement.errors import UsageError
from engagement.study import Study

FILE = "cells.parquet"


class Cluster(NamedTuple):
    """Where Spark runs, and the file of the key for pseudonyms between its machines."""

    master: str = "local[2]"
    key: Path | None = None


HERE = Cluster()


def counted(study: Study, engine: str, screen: Console, on: Cluster = HERE) -> None:
    """The records room alone, on one of its engines, as counts."""
    if engine == "spark":
        found = _on_spark(study, on, screen)
    else:
        found = {"pandas": _whole, "batches": _in_batches}[engine](study, screen)
    _write(found, study, screen)


def merged(study: Study, paths: list[Path], screen: Console) -> None:
    """The counts of several organisations as those of `study`."""
    found, parts = federation.merged(paths, study)
    _write(found, study, screen, parts)


def _write(
    found: Mapping[str, pd.DataFrame], study: Study, screen: Console, parts: Iterable[str] = ()
) -> None:
    target = study.private / FILE
    cell_file.write(target, found, study, parts)
    commands.say(study, screen, "cli.cells", path=commands.shown(target))


def _whole(study: Study, screen: Console) -> dict[str, pd.DataFrame]:
    return engines.left(commands.records_room(study, screen), study)


def _in_batches(study: Study, screen: Console) -> Mapping[str, pd.DataFrame]:
    from engagement import batched

    with _spill(study) as folder, commands.bar(study, screen, "cli.records", None) as advance:
        return batched.counts(study, folder, progress=advance)


def _on_spark(study: Study, on: Cluster, screen: Console) -> Mapping[str, pd.DataFrame]:
    from engagement import cluster, distributed, pseudonyms

    if on.key is None and not cluster.is_local(on.master):
        raise UsageError.one("key_needed")
    secret = pseudonyms.key(on.key, study.folder) if on.key else None
    progress = commands.bar(study, screen, "cli.records", None)
    with _spill(study) as folder, progress as advance, cluster.told(study.private):
        session = cluster.session(folder, on.master)
        return distributed.counts(session, study, secret=secret, progress=advance)


@contextmanager
def _spill(study: Study) -> Iterator[Path]:
    """A folder for what does not fit the memory, inside private/ and gone afterwards."""
    with (
        files.writing(study.private),
        TemporaryDirectory(dir=study.private, prefix=files.SPILL) as name,
    ):
        yield Path(name)
