"""Declared terms become columns of numbers: levels against a reference, products, squares.

Enters: cells of one outcome, and the terms that a factor or a model names.
Leaves: a design matrix with named columns, the intercept first.
Refuses: nothing; a column that others already say is left out and named.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from engagement.analysis.cells import UNKNOWN
from engagement.declared import Factor

INTERCEPT = "intercept"
KEPT = ("outcome", "branch", "group", "due", "attended")
MANY_CELLS = 2_000
FEWEST_EXPOSED = 3
SCORE = "score"
CURVE = "curve"
NUMERIC = ("number", CURVE, SCORE)


class Coding(NamedTuple):
    """How one factor becomes columns: its levels without the reference, or centre and scale.

    A `bent` number has a square that is nothing at the centre and one scale further, so that the
    coefficient of the number itself is what the curve does between these two.
    """

    name: str
    reference: str
    levels: tuple[str, ...]
    centre: float
    scale: float
    bent: bool = False


def parts(terms: Iterable[str]) -> list[str]:
    """The factors that the terms name, each once: `a:b` and `a^2` name a and b."""
    named = [part for term in terms for part in term.removesuffix("^2").split(":")]
    return list(dict.fromkeys(named))


def known(cells: pd.DataFrame, factors: Iterable[str]) -> pd.DataFrame:
    """The cells with members and at least one slot in which all `factors` are recorded."""
    kept = (cells["due"] > 0) & (cells["members"] > 0)
    for name in factors:
        kept &= cells[name].notna() & (cells[name] != UNKNOWN)
    return cells[kept]


def plain(cells: pd.DataFrame) -> pd.DataFrame:
    """The cells with texts as plain objects, which are compared much faster."""
    texts = cells.select_dtypes(["str", "category"]).columns
    return cells.astype(dict.fromkeys(texts, object))


def gathered(cells: pd.DataFrame, factors: Iterable[str]) -> pd.DataFrame:
    """Many cells counted together over everything but `factors`, the units and the slots.

    The fit is the same, and its cost no longer hangs on the factors of other questions. A few
    cells are left as they are.
    """
    if len(cells) < MANY_CELLS:
        return cells
    keys = list(dict.fromkeys([*factors, *KEPT]))
    codes = [pd.factorize(cells[name], use_na_sentinel=False)[0] for name in keys]
    sizes = [int(code.max(initial=0)) + 1 for code in codes]
    if np.prod(sizes, dtype=float) > 2.0**62:
        return cells
    place = np.ravel_multi_index(codes, sizes)
    first, inverse = np.unique(place, return_index=True, return_inverse=True)[1:]
    members = np.bincount(inverse, cells["members"].to_numpy(float)).astype(np.int64)
    return cells.iloc[first][keys].assign(members=members).reset_index(drop=True)


def present_levels(cells: pd.DataFrame, factor: Factor) -> list[str]:
    """The recorded levels in declared order, undeclared ones last by name."""
    found = set(cells[factor.name]) - {UNKNOWN}
    declared = [level for level in factor.levels if level in found]
    return declared + sorted(found - set(declared))


def reference_level(cells: pd.DataFrame, factor: Factor) -> str:
    """The declared reference when it is present, else the level with most members."""
    levels = present_levels(cells, factor)
    if factor.reference in levels:
        return factor.reference
    sizes = cells.groupby(factor.name)["members"].sum()
    return max(levels, key=lambda level: sizes[level])


def coding(cells: pd.DataFrame, factor: Factor, *, centred: bool = True) -> Coding:
    """How `factor` enters a design. Numbers are centred and scaled over members if asked."""
    if factor.kind not in NUMERIC:
        reference = reference_level(cells, factor)
        levels = [level for level in present_levels(cells, factor) if level != reference]
        return Coding(factor.name, reference, tuple(levels), 0.0, 1.0)
    centre = float(np.average(cells[factor.name], weights=cells["members"])) if centred else 0.0
    scale = spread(cells, factor.name) if centred else 1.0
    return Coding(factor.name, "", (), centre, scale or 1.0)


def spread(cells: pd.DataFrame, name: str) -> float:
    """Standard deviation of a numeric factor over members."""
    mean = np.average(cells[name], weights=cells["members"])
    return float(np.sqrt(np.average((cells[name] - mean) ** 2, weights=cells["members"])))


def matrix(
    cells: pd.DataFrame, terms: Iterable[str], codings: Mapping[str, Coding]
) -> pd.DataFrame:
    """One column per level, number, square and product, after the intercept.

    A column is named `factor`, `factor[level]`, `factor^2`, or joined by ":".
    """
    ones = np.ones(len(cells))
    columns = {INTERCEPT: ones}
    for term in terms:
        block = {"": ones}
        for part in term.split(":"):
            block = _product(block, _columns(cells, part, codings))
        columns |= {name: column for name, column in block.items() if name not in columns}
    return pd.DataFrame(columns, index=cells.index)


def independent(design: pd.DataFrame, weights: np.ndarray) -> list[str]:
    """The columns that no earlier ones already say (over cells with members), in order."""
    rows = design.to_numpy(float)[weights > 0]
    scale = np.linalg.norm(rows, axis=0)
    kept: list[int] = []
    basis = np.empty((len(rows), 0))
    for column in np.flatnonzero(scale > 0):
        unit = rows[:, column] / scale[column]
        for _ in range(2):
            unit = unit - basis @ (basis.T @ unit)
        length = np.linalg.norm(unit)
        if length > 1e-7:
            kept.append(column)
            basis = np.column_stack([basis, unit / length])
    return [design.columns[column] for column in kept]


def pooled(cells: pd.DataFrame, factor: Factor) -> pd.DataFrame:
    """The cells with rare levels of an adjusting factor joined to their neighbour in order.

    Rare: fewer than three members, or members of one group only; such a level would rest on
    next to nobody. A rare level joins the next one, the last joins the one before.
    """
    levels = [] if factor.kind in NUMERIC else present_levels(cells, factor)
    values = cells[factor.name].to_numpy(object)
    members, groups = cells["members"].to_numpy(), clusters(cells)
    position = 0
    while len(levels) > 1 and position < len(levels):
        level = levels[position]
        if not _rare(members, groups, values == level):
            position += 1
            continue
        neighbour = levels[position + 1] if position + 1 < len(levels) else levels[position - 1]
        values = np.where(values == level, neighbour, values)
        levels.remove(level)
        position = 0
    return cells.assign(**{factor.name: pd.Series(values, cells.index, dtype=object)})


def rare(cells: pd.DataFrame, chosen: pd.Series) -> str:
    """Why these cells cannot carry a comparison: a note code, or an empty text."""
    return _rare(cells["members"].to_numpy(), clusters(cells), chosen.to_numpy())


def _rare(members: np.ndarray, groups: np.ndarray, chosen: np.ndarray) -> str:
    if members[chosen].sum() < FEWEST_EXPOSED:
        return "few_exposed"
    return "one_group" if np.ptp(groups) and not np.ptp(groups[chosen]) else ""


def clusters(cells: pd.DataFrame) -> np.ndarray:
    """A number for the smallest unit of each cell: groups may share names across branches."""
    branch, group = (
        pd.factorize(cells[name].to_numpy(object), use_na_sentinel=False)[0]
        for name in ("branch", "group")
    )
    return np.unique(branch * (group.max(initial=0) + 1) + group, return_inverse=True)[1]


def _columns(
    cells: pd.DataFrame, part: str, codings: Mapping[str, Coding]
) -> dict[str, np.ndarray]:
    coding = codings[part.removesuffix("^2")]
    if coding.reference:
        values = cells[coding.name].to_numpy(object)
        return {f"{coding.name}[{level}]": (values == level) * 1.0 for level in coding.levels}
    scaled = (cells[coding.name].to_numpy(float) - coding.centre) / coding.scale
    squared = scaled**2 - scaled if coding.bent else scaled**2
    return {part: squared if part.endswith("^2") else scaled}


def _product(
    left: Mapping[str, np.ndarray], right: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    return {f"{a}:{b}".strip(":"): left[a] * right[b] for a in left for b in right}
