"""The counts that are printed together, and the sums that tie them.

Enters: cells (count level), the dimensions to print (factors and branch), declared segments.
Leaves: counts, one row per printed number; and families of counts over common atoms.
Refuses: nothing; disclosure.py decides what is hidden.

Two one-way tables of the same total tell nothing about each other's cells, so each dimension is
a family of its own; dimensions that a segment or a nesting ties are crossed into one family.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from engagement.release.attack import Family
from engagement.study import Study

MISSING = "unknown"
MEASURES = ("members", "due", "attended")


def dimensions(cells: pd.DataFrame, study: Study) -> list[str]:
    """The factors that have levels, in the study's order, then the branch."""
    leveled = [
        name
        for name, factor in study.factors.items()
        if name in cells.columns and (not factor.is_numeric or factor.bands)
    ]
    return [*dict.fromkeys([*leveled, "branch"])]


def summed(cells: pd.DataFrame) -> pd.DataFrame:
    """Cells with the slots of all their members, instead of those of each member."""
    slots = {name: cells[name] * cells["members"] for name in ("due", "attended")}
    return cells.assign(**slots)


def counts(cells: pd.DataFrame, dims: list[str]) -> pd.DataFrame:
    """The three sums of every outcome × level of every dimension; factor "" is the total."""
    named = cells.assign(**{dim: levels_of(cells[dim]) for dim in dims})
    tables = [
        named.groupby(["outcome", dim], observed=True, sort=True)[list(MEASURES)]
        .sum()
        .rename_axis(["outcome", "level"])
        .reset_index()
        .assign(factor=dim)
        for dim in dims
    ]
    total = named.groupby("outcome", sort=True)[list(MEASURES)].sum().reset_index()
    return pd.concat([total.assign(factor="", level=""), *tables], ignore_index=True)


def levels_of(column: pd.Series) -> pd.Series:
    """The level of each cell of a dimension; one where nothing is stated."""
    return column.astype("str").where(column.notna() & (column.astype("str") != ""), MISSING)


def tied(cells: pd.DataFrame, dims: list[str], crossed: list[tuple[str, ...]]) -> list[list[str]]:
    """Groups of dimensions that share atoms: named together, or one decides the other."""
    pairs = [pair for group in crossed for pair in itertools.pairwise(group)]
    pairs += [pair for pair in itertools.permutations(dims, 2) if nested(cells, *pair)]
    group = {dim: {dim} for dim in dims}
    for left, right in pairs:
        joined = group[left] | group[right]
        for dim in joined:
            group[dim] = joined
    return [
        list(names)
        for names in dict.fromkeys(tuple(d for d in dims if d in group[e]) for e in dims)
    ]


def nested(cells: pd.DataFrame, fine: str, coarse: str) -> bool:
    """Whether the level of `fine` decides the level of `coarse`, for all the members."""
    levels = pd.DataFrame({dim: levels_of(cells[dim]) for dim in (fine, coarse)})
    pairs = levels.drop_duplicates()
    many = len(pairs[coarse].unique()) > 1 and len(levels) > len(pairs)
    return bool(many and not pairs[fine].duplicated().any())


@dataclass(frozen=True)
class Atoms:
    """The unknowns of one family: a combination of levels × an outcome × a part of it."""

    combinations: pd.DataFrame
    parts: tuple[tuple[str, str], ...]

    def where(self, chosen: np.ndarray, *parts: tuple[str, str]) -> np.ndarray:
        """A 0/1 row that adds up `parts` over the chosen combinations."""
        rows = [chosen if part in parts else np.zeros(len(chosen)) for part in self.parts]
        return np.concatenate(rows).astype(float)


def atoms(cells: pd.DataFrame, dims: list[str], panels: dict[str, bool]) -> Atoms:
    """The unknowns over `dims`: the full cross, without what a nesting makes impossible."""
    levels = pd.DataFrame({dim: levels_of(cells[dim]) for dim in dims})
    choices = [sorted(levels[dim].unique()) for dim in dims]
    full = pd.DataFrame(list(itertools.product(*choices)), columns=dims)
    for fine, coarse in itertools.permutations(dims, 2):
        if nested(cells, fine, coarse):
            full = full.merge(levels[[fine, coarse]].drop_duplicates())
    parts = [
        (outcome, part)
        for outcome, panel in panels.items()
        for part in (("in", "missed", "attended", "out") if panel else ("no", "yes", "out"))
    ]
    return Atoms(full, tuple(parts))


def parts_of(outcome: str, measure: str, panel: bool) -> list[tuple[str, str]]:
    """The parts whose sum is `measure`; "out" are members who are not counted for it."""
    if measure == "out":
        names = ["out"]
    elif measure == "members":
        names = ["in"] if panel else ["no", "yes"]
    elif measure == "due":
        names = ["missed", "attended"] if panel else ["no", "yes"]
    elif measure == "attended":
        names = ["attended"] if panel else ["yes"]
    else:
        names = ["missed"] if panel else ["no"]
    return [(outcome, name) for name in names]


def linked(cells: pd.DataFrame, dims: list[str], outcomes: list[str], base: str) -> list[str]:
    """The outcomes whose members are everywhere among the members counted for `base`."""
    levels = cells.assign(**{dim: levels_of(cells[dim]) for dim in dims})
    members = levels.pivot_table(
        index=dims, columns="outcome", values="members", aggfunc="sum", fill_value=0
    )
    return [name for name in outcomes if (members[name] <= members[base]).all()]


def family(
    rows: pd.DataFrame, totals: pd.DataFrame, unknowns: Atoms, panels: dict[str, bool], whole: dict
) -> Family:
    """The counts `rows` (with a column `chosen` of masks) over `unknowns`.

    Readers know the printed `totals`, and for each outcome in `whole` that its members are part
    of those counted for the outcome that `whole` names. `low` and `high` are what a printed
    number leaves open.
    """
    sums = [
        unknowns.where(row.chosen, *parts_of(row.outcome, row.measure, panels[row.outcome]))
        for row in rows.itertuples()
    ]
    known, ends = _identities(totals, unknowns, panels, whole)
    width = len(unknowns.parts) * len(unknowns.combinations)
    low, high = np.array(ends, dtype=float).reshape(-1, 2).T
    return Family(
        sums=sparse.csr_array(np.array(sums).reshape(-1, width)),
        counts=rows["value"].to_numpy(dtype=float),
        known=sparse.csr_array(np.array(known).reshape(-1, width)),
        known_counts=low,
        known_high=high,
        low=rows["low"].to_numpy(dtype=float),
        high=rows["high"].to_numpy(dtype=float),
    )


def _identities(totals, unknowns, panels, whole: dict) -> tuple[list, list]:
    everybody = np.ones(len(unknowns.combinations))
    known, ends = [], []
    for row in totals.itertuples():
        parts = parts_of(row.outcome, row.measure, panels[row.outcome])
        known.append(unknowns.where(everybody, *parts))
        ends.append((row.low, row.high))
    for outcome in panels:
        base = whole.get(outcome, outcome)
        if outcome == base:
            known.append(unknowns.where(everybody, (outcome, "out")))
            ends.append((0, 0))
            continue
        inside = [*parts_of(outcome, "members", panels[outcome]), (outcome, "out")]
        for place in np.eye(len(everybody)):
            outer = unknowns.where(place, *parts_of(base, "members", panels[base]))
            known.append(unknowns.where(place, *inside) - outer)
            ends.append((0, 0))
    return known, ends


def crossed(cells: pd.DataFrame, dims: list[str]) -> pd.DataFrame:
    """The three sums of every combination of levels that occurs, of one outcome's cells."""
    named = cells.assign(**{dim: levels_of(cells[dim]) for dim in dims})
    return named.groupby(dims, sort=True)[list(MEASURES)].sum().reset_index()
