"""Spark, where the machine's memory ends: a session in local mode, or on the cluster of an address.

Enters: the address of the cluster, and a folder for what Spark spills.
Leaves: a Spark session that logs nothing, since its messages quote the rows that they speak of,
and writes nothing to a disk but under a key of its own.
Refuses: to start without Java (UsageError that says what to install), and to show what Spark
says of a failure: it quotes rows.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from engagement import files
from engagement.errors import StudyError, UsageError

LOCAL = "local[2]"
_FULL = tuple(os.strerror(code) for code in sorted(files.FULL))
_QUIET = "-Dlog4j2.level=OFF"
_NONE: Mapping[str, str] = MappingProxyType({})
_SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.eventLog.enabled": "false",
    "spark.io.encryption.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "100000",
    "spark.sql.legacy.createHiveTableByDefault": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": _QUIET,
}


def session(spill: Path, master: str = LOCAL, settings: Mapping[str, str] = _NONE) -> Any:
    """A Spark session on `master` whose temporary files lie in the folder `spill`.

    `settings` add to ours or replace them. Raises UsageError without Java.
    """
    _require_java()
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    places = {"spark.local.dir": str(spill), "spark.sql.warehouse.dir": str(spill / "tables")}
    started = SparkSession.builder.master(master).appName("engagement")
    for name, value in {**_SETTINGS, **places, **settings}.items():
        started = started.config(name, value)
    made = started.getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def is_local(master: str) -> bool:
    """Whether everything stays on this machine."""
    return master.partition("[")[0] == "local"


def kept(table: Any) -> Any:
    """`table`, made once and held on the workers' disks, encrypted as all that Spark spills."""
    from pyspark import StorageLevel

    held = table.persist(StorageLevel.DISK_ONLY)
    held.count()
    return held


@contextmanager
def told(spill: Path) -> Iterator[None]:
    """A step that fails on Spark, as one message without the row that it failed on.

    Raises ReleaseRefused when the disk of the folder `spill`, or of a worker, is full; else
    StudyError.
    """
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from splink.internals.exceptions import SplinkException

    try:
        yield
    except (PySparkException, Py4JError, SplinkException) as error:
        if any(sign in str(error) for sign in _FULL):
            raise files.full(spill) from None
        raise StudyError.one("spark_failed", found=type(error).__name__) from None


def _require_java() -> None:
    home = os.environ.get("JAVA_HOME")
    known = [Path(home, "bin", "java")] if home else []
    if not (shutil.which("java") or any(path.exists() for path in known)):
        raise UsageError.one("java_missing")
