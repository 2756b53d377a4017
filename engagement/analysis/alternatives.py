"""The cells that a comparison might have been made on: other readings, other members.

Enters: cells, those of a release, and cells under the strict and the broad definition.
Leaves: named sets of cells, each once.
Refuses: nothing; a reading that changes nothing is no alternative.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from engagement.declared import Outcome
from engagement.study import Study

RECORDED, WITH_REVIEW, PUBLISHED = "recorded", "with_review", "published"
READINGS = ("strict", "broad")
APART = ("members", "attended_with_review", "outcome", "definition")


def reports(cells: pd.DataFrame, released: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The members of whom whole reports are made: all who count, and those of a release."""
    return [(RECORDED, cells), (PUBLISHED, released)][: 1 if len(cells) == len(released) else 2]


def definitions(
    cells: pd.DataFrame,
    released: pd.DataFrame,
    outcome: Outcome,
    study: Study,
    defined: pd.DataFrame | None,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The cells under each definition of having taken part; each set of cells once."""
    own = cells[cells["outcome"] == outcome.name]
    seen: list[pd.DataFrame] = []
    for name, other in _candidates(cells, own, outcome, study, defined):
        if not any(_alike(other, one) for one in seen):
            seen.append(other)
            yield name, other
    if len(cells) > len(released):
        yield PUBLISHED, released[released["outcome"] == outcome.name]


def _candidates(
    cells: pd.DataFrame,
    own: pd.DataFrame,
    outcome: Outcome,
    study: Study,
    defined: pd.DataFrame | None,
) -> Iterator[tuple[str, pd.DataFrame]]:
    yield RECORDED, own
    if outcome.kind == "list":
        yield WITH_REVIEW, own.assign(attended=own["attended_with_review"])
    for name in READINGS if defined is not None else ():
        yield name, defined[(defined["definition"] == name) & (defined["outcome"] == outcome.name)]
    for other in study.outcomes.values() if outcome.primary else ():
        if other.name != outcome.name and (other.kind, other.roster) == (
            outcome.kind,
            outcome.roster,
        ):
            yield other.name, cells[cells["outcome"] == other.name]


def _alike(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether two sets of cells hold the same members with the same slots."""
    keys = [name for name in one if name in other and name not in APART]
    sums = [frame.groupby(keys, dropna=False)["members"].sum() for frame in (one, other)]
    return sums[0].equals(sums[1])
