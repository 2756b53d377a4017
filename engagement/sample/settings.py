"""The data files of the sample: who lives there, how its offices write, what was planted.

Enters: the TOML and CSV files beside this module.
Leaves: plain tables, read once, and counts scaled to a size of the community.
Refuses: nothing; a broken data file is our bug and crashes.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import resources

import numpy as np
import pandas as pd

_YEAR = re.compile(r"(?<!\d)20[0-4]\d(?!\d)")
_LATER: ContextVar[int] = ContextVar("years after the story", default=0)


@contextmanager
def years_later(years: int) -> Iterator[None]:
    """Inside, every year that a data file names is `years` later; nobody is born later."""
    token = _LATER.set(years)
    try:
        yield
    finally:
        _LATER.reset(token)


def table(name: str) -> dict:
    """The contents of data file `name`.toml: story, office, names, dirt or effects."""
    return _parsed(name, _LATER.get())


@functools.cache
def _parsed(name: str, years: int) -> dict:
    return tomllib.loads(_later(f"{name}.toml", years))


def text(name: str) -> str:
    """The text of the data file `name`."""
    return _later(name, _LATER.get())


def _later(name: str, years: int) -> str:
    written = resources.files("engagement.sample").joinpath(name).read_text(encoding="utf-8")
    if not years:
        return written
    return _YEAR.sub(lambda found: str(int(found[0]) + years), written)


def canaries() -> pd.DataFrame:
    """The identities whose appearance anywhere is a leak, one row per person."""
    with (
        resources.files("engagement.sample").joinpath("canaries.csv").open(encoding="utf-8") as rows
    ):
        return pd.read_csv(rows, dtype="str")


def reference_year() -> int:
    """The year whose last day is the reference date of the sample."""
    return table("story")["reference_date"].year


def first_year() -> int:
    """The year of the story, whatever year is written now."""
    return reference_year() - _LATER.get()


def scaled(count: int, members: int) -> int:
    """`count` of the community of the story, for a community of `members`."""
    return round(count * members / table("story")["members"])


def apportioned(shares: np.ndarray, size: int) -> np.ndarray:
    """Whole numbers that sum to `size` in proportion to `shares` (largest remainders)."""
    exact = np.asarray(shares, dtype=float) / np.sum(shares) * size
    whole = np.floor(exact).astype(int)
    rest = size - whole.sum()
    whole[np.argsort(whole - exact, kind="stable")[:rest]] += 1
    return whole
