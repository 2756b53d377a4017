"""One field of all rows: what the cells say, how each was read, and what the records hold.

Enters: texts of the cells and the ways in which they were read.
Leaves: a Column; every change gives a new one.
Refuses: nothing; what is refused stands in the column with its reason.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pandas.api.extensions import ExtensionArray

WORST = {"": 0, "structural": 0, "clean": 0, "flagged": 1, "quarantined": 2}
TextArray = ExtensionArray | np.ndarray
_TEXT = pa.large_string()


class How(NamedTuple):
    """How a cell was read; all empty where there is none."""

    rule: str = ""
    confidence: str = ""
    precision: str = ""
    status: str = ""


@dataclass(frozen=True)
class Column:
    """One field of all rows; "" where there is nothing.

    `value` is what the cell says; `settled` what the record holds after rows were reconciled.
    `hows` are the ways in which cells were read, and `how` the place of each row's among them.
    `cell` tells which rows have the same text, read in the same place: -1 where there is none.
    """

    value: ExtensionArray
    settled: ExtensionArray
    how: np.ndarray
    hows: tuple[How, ...]
    cell: np.ndarray

    @functools.cached_property
    def rule(self) -> np.ndarray:
        """The rules that fired, joined by "+", or the reason of a refusal."""
        return self._each("rule")

    @functools.cached_property
    def confidence(self) -> np.ndarray:
        """exact, inferred or lossy."""
        return self._each("confidence")

    @functools.cached_property
    def precision(self) -> np.ndarray:
        """Of a date: year, month or day."""
        return self._each("precision")

    @functools.cached_property
    def status(self) -> np.ndarray:
        """clean, flagged or quarantined."""
        return self._each("status")

    def _each(self, part: str) -> np.ndarray:
        return np.array([getattr(how, part) for how in self.hows], dtype=object)[self.how]

    def where(self, asked: Callable[[How], bool]) -> np.ndarray:
        """Whether each row was read in a way for which `asked` holds."""
        return np.array([bool(asked(how)) for how in self.hows], dtype=bool)[self.how]

    def read_as(self, rows: np.ndarray, change: Callable[[How], How]) -> Column:
        """The column with the way in which `rows` were read changed by `change`."""
        used = np.flatnonzero(np.bincount(self.how[rows], minlength=len(self.hows)))
        moved = np.arange(len(self.hows))
        moved[used] = len(self.hows) + np.arange(len(used))
        hows = (*self.hows, *(change(self.hows[place]) for place in used))
        return replace(self, how=np.where(rows, moved[self.how], self.how), hows=hows)

    def flagged(self, rows: np.ndarray, reason: str) -> Column:
        """The column with `reason` added to the rules of `rows`, which become flagged."""

        def doubted(how: How) -> How:
            raised = "flagged" if how.status == "clean" else how.status
            return how._replace(rule=f"{how.rule}+{reason}", status=raised)

        return self.read_as(rows, doubted)

    def holding(self, rows: np.ndarray, values: TextArray | str) -> Column:
        """The column whose records hold `values` in `rows`."""
        return replace(self, settled=_either(rows, values, self.settled))

    def saying(self, rows: np.ndarray, values: TextArray | str, how: How) -> Column:
        """The column whose cells in `rows` say `values`, read in the way `how`."""
        held = replace(self, value=_either(rows, values, self.value)).holding(rows, values)
        return held.read_as(rows, lambda before: how)

    def refused(self, rows: np.ndarray, reason: str) -> Column:
        """The column with nothing in `rows`, which are quarantined for `reason`."""
        return self.saying(rows, "", How(reason, "lossy", "", "quarantined"))

    def left_out(self, rows: np.ndarray, reason: str) -> Column:
        """The column with nothing in `rows`, which are no data of this kind because of `reason`."""
        return self.saying(rows, "", How(reason, "exact", "", "structural"))


def nothing(rows: int) -> Column:
    """A column without a cell."""
    empty = texts(pa.repeat(pa.scalar("", _TEXT), rows))
    return Column(empty, empty, np.zeros(rows, dtype=int), (How(),), np.full(rows, -1))


def texts(values: pa.Array) -> ExtensionArray:
    """Arrow text as the text of a frame."""
    return pd.array(values, dtype="str")


def _either(rows: np.ndarray, these: TextArray | str, those: ExtensionArray) -> ExtensionArray:
    if not rows.any():
        return those
    one = isinstance(these, str)
    chosen = pa.scalar(these, _TEXT) if one else pa.array(these, _TEXT)
    return texts(pc.if_else(pa.array(rows), chosen, pa.array(those)))
