"""Whole processes and what they cost.

Enters: the arguments of a Python process.
Leaves: CPU seconds (user and system) and peak memory, as the operating system counts them.
Refuses: a process that fails (RuntimeError).
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

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
