"""Whole processes and what they cost.

Enters: the arguments of a Python process.
Leaves: CPU seconds (user and system) and peak memory, as the operating system counts them.
Refuses: a process that fails (RuntimeError).
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

KILOBYTE = 1 if sys.platform == "darwin" else 1024
screen = Console(width=120, highlight=False)


@dataclass(frozen=True)
class Cost:
    """What one process took: `cpu` in seconds over all its threads, `peak` in megabytes."""

    cpu: float
    peak: float

    def scaled(self, times: float) -> Cost:
        """The same process on `times` as many rows; its memory is left as it was."""
        return Cost(self.cpu * times, self.peak)


def cost(*arguments: object) -> Cost:
    """The cost of `python -m ARGUMENTS…`, run to its end."""
    child = subprocess.Popen([sys.executable, "-m", *map(str, arguments)])
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {child.returncode}")
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss * KILOBYTE / 1e6)


@dataclass(frozen=True)
class Watched:
    """What a process took with all its children, looked at while it ran (Linux).

    `wall` and `cpu` in seconds; `peak` in megabytes, of all at one time; `workers`: CPU seconds of
    the Python processes of Spark alone.
    """

    wall: float
    cpu: float
    peak: float
    workers: float


def watched(*arguments: object) -> Watched:
    """The cost of `python ARGUMENTS…`, run to its end."""
    start, peak = time.perf_counter(), 0.0
    seen: dict[int, tuple[float, bool]] = {}
    child = subprocess.Popen([sys.executable, *map(str, arguments)])
    while child.poll() is None:
        together = 0.0
        for pid in _family(child.pid):
            with contextlib.suppress(OSError, IndexError):
                seen[pid] = _used(pid)
                together += _held(pid)
        peak = max(peak, together)
        time.sleep(0.3)
    if child.returncode:
        raise RuntimeError(f"{arguments[0]} ended with {child.returncode}")
    spark = sum(cpu for cpu, is_worker in seen.values() if is_worker)
    whole = sum(cpu for cpu, _ in seen.values())
    return Watched(time.perf_counter() - start, whole, peak, spark)


def _family(pid: int) -> list[int]:
    """A process and all that it started."""
    found, parents = [pid], {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            told = path.read_text().rpartition(")")[2].split()
            parents.setdefault(int(told[1]), []).append(int(path.parent.name))
    for one in found:
        found += parents.get(one, [])
    return found


def _used(pid: int) -> tuple[float, bool]:
    """CPU seconds of one process, and whether it is a Python process of Spark."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    name = Path(f"/proc/{pid}/cmdline").read_bytes()
    ticks = int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK"), b"pyspark.daemon" in name or b"pyspark.worker" in name


def _held(pid: int) -> float:
    """Memory of one process in megabytes; what several share is counted once."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def median(costs: Iterable[Cost]) -> Cost:
    """The median of several runs, of time and of memory."""
    runs = list(costs)
    return Cost(
        statistics.median(run.cpu for run in runs), statistics.median(run.peak for run in runs)
    )


def show(title: str, rows: Iterable[Mapping[str, object]]) -> None:
    """Print a table with one line per row of `rows`, numbers to the right."""
    lines = list(rows)
    shown = Table(title=title, title_justify="left", show_edge=False)
    for name in lines[0]:
        number = any(isinstance(line[name], int | float) for line in lines)
        shown.add_column(name, justify="right" if number else "left")
    for line in lines:
        shown.add_row(*map(_shown, line.values()))
    screen.print(shown)


def _shown(value: object) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else str(value)
