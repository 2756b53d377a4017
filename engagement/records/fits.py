"""Which source profile the headers of a file fit.

Enters: the sheets of a file that no study describes yet.
Leaves: the profile that fits clearly, with its confidence; None where none or several do.
Refuses: nothing; a person reads the proposal and strikes the line where it is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from engagement import codebook
from engagement.codebook import profiles
from engagement.codebook.profiles import Profile
from engagement.records.read import Grid

CLEAR = 0.6
AHEAD = 0.1
_DEEPEST = 20


class Fit(NamedTuple):
    """A profile and how well its columns agree with the headers of a file, from 0 to 1."""

    profile: Profile
    confidence: float


def clearly(grids: Iterable[Grid]) -> Fit | None:
    """The profile that fits the headers of `grids` clearly, and better than any other.

    Confidence is the share of headers that file and profile have in common, of all that either
    has (the coefficient of Dice 1945); profiles without a list of columns are never proposed.
    """
    rows = [_keys(row) for grid in grids for row in grid.cells[:_DEEPEST]]
    known = [profiles.named(name) for name in profiles.names()]
    found = [
        Fit(profile, max((_common(row, profile) for row in rows), default=0.0))
        for profile in known
        if profile.columns
    ]
    best, second = sorted(found, key=lambda fit: fit.confidence, reverse=True)[:2]
    if best.confidence < CLEAR or best.confidence < second.confidence + AHEAD:
        return None
    return best


def _keys(row: np.ndarray) -> set[str]:
    return {codebook.key(text) for text in row if text is not None} - {""}


def _common(row: set[str], profile: Profile) -> float:
    columns = {codebook.key(text) for text in profile.columns}
    return 2 * len(row & columns) / (len(row) + len(columns))
