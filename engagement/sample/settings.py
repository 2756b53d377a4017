"""The data files of the sample: who lives there, how its offices write, what was planted.

Enters: the TOML and CSV files beside this module.
Leaves: plain tables, read once, and counts scaled to a size of the community.
Refuses: nothing; a broken data file is our bug and crashes.
"""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

import numpy as np
import pandas as pd


@functools.cache
def table(name: str) -> dict:
    """The contents of data file `name`.toml: story, office, names, dirt or effects."""
    return tomllib.loads(text(f"{name}.toml"))


def text(name: str) -> str:
    """The text of the data file `name`."""
    return resources.files("engagement.sample").joinpath(name).read_text(encoding="utf-8")


def canaries() -> pd.DataFrame:
    """The identities whose appearance anywhere is a leak, one row per person."""
    with (
        resources.files("engagement.sample").joinpath("canaries.csv").open(encoding="utf-8") as rows
    ):
        return pd.read_csv(rows, dtype="str")


def reference_year() -> int:
    """The year whose last day is the reference date of the sample."""
    return table("story")["reference_date"].year


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
