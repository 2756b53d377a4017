"""The disclosure budget: what could ever be printed of so many people and events.

Enters: cells (count level), the study, the rules.
Leaves: one row per outcome and factor, before any analysis: what may be printed, and the merging of
levels that would pass where the levels do not.
Refuses: nothing; it prints nothing itself and is for the analyst.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

import pandas as pd

from engagement.declared import Factor
from engagement.release import families
from engagement.release.families import MEASURES
from engagement.release.rules import Rules
from engagement.study import Study

COLUMNS = [
    "outcome", "factor", "members", "attended", "missed", "groups", "possible", "levels",
    "printable", "verdict", "alternative",
]  # fmt: skip
MOST_UNORDERED = 6
JOIN, SPLIT = "+", " | "


def splits(cells: pd.DataFrame, study: Study, rules: Rules) -> pd.DataFrame:
    """One row per outcome × factor (factor "" is the outcome itself, "a:b" a cross of two).

    Columns: members, attended, missed (exact: private); possible: into how many groups the outcome
    could be split at most; levels and printable: how many the factor has, and how many of them
    have enough on both sides; verdict: all, some, none; alternative: the finest merging of levels
    that could be printed whole, as a+b | c, empty when there is none or none is needed.
    """
    summed = families.summed(cells)
    dims = families.dimensions(cells, study)
    pairs = [pair for pair in itertools.combinations(dims, 2) if "branch" not in pair]
    rows = [
        _row(summed.loc[summed["outcome"] == outcome], outcome, names, study, rules)
        for outcome in study.outcomes
        if (summed["outcome"] == outcome).any()
        for names in [(), *((dim,) for dim in dims), *pairs]
    ]
    return pd.DataFrame(rows).drop(columns=["groups"]) if rows else pd.DataFrame(columns=COLUMNS)


def _row(own: pd.DataFrame, outcome: str, names: tuple[str, ...], study: Study, rules) -> dict:
    least = rules.smallest_sum if study.outcomes[outcome].kind == "panel" else rules.threshold
    whole = own[list(MEASURES)].sum()
    missed = whole["due"] - whole["attended"]
    possible = int(
        min(whole["attended"] // least, missed // least, whole["members"] // rules.threshold)
    )
    groups = families.crossed(own, list(names)) if names else whole.to_frame().T
    enough = _enough(groups, rules.threshold, least)
    verdict = "all" if enough.all() else "some" if enough.any() else "none"
    factor = study.factors.get(names[0]) if len(names) == 1 else None
    alternative = (
        ""
        if verdict == "all" or factor is None
        else _merged(groups, factor, rules.threshold, least)
    )
    return {
        "outcome": outcome, "factor": ":".join(names), "members": int(whole["members"]),
        "attended": int(whole["attended"]), "missed": int(missed), "groups": groups,
        "possible": possible, "levels": len(groups), "printable": int(enough.sum()),
        "verdict": verdict, "alternative": alternative,
    }  # fmt: skip


def _enough(groups: pd.DataFrame, threshold: int, least: int) -> pd.Series:
    missed = groups["due"] - groups["attended"]
    sides = (groups["attended"] >= least) & (missed >= least)
    return (groups["members"] >= threshold) & sides


def _merged(groups: pd.DataFrame, factor: Factor, threshold: int, least: int) -> str:
    """The finest merging of which every part could be printed; neighbours only, where ordered."""
    counts = groups.set_index(factor.name)[list(MEASURES)]
    order = [level for level in factor.levels if level in counts.index]
    order += [level for level in counts.index if level not in order]
    for parts in _partitions(order, ordered=factor.kind == "ordered" or bool(factor.bands)):
        sums = pd.DataFrame([counts.loc[list(part)].sum() for part in parts])
        if len(parts) > 1 and _enough(sums, threshold, least).all():
            return SPLIT.join(JOIN.join(part) for part in parts)
    return ""


def _partitions(levels: list[str], *, ordered: bool) -> Iterator[list[tuple[str, ...]]]:
    """The ways to merge levels, the finest first; without an order, only of few levels."""
    if ordered or len(levels) > MOST_UNORDERED:
        gaps = range(1, len(levels))
        for cuts in range(len(levels) - 1, -1, -1):
            for chosen in itertools.combinations(gaps, cuts):
                edges = [0, *chosen, len(levels)]
                yield [tuple(levels[a:b]) for a, b in itertools.pairwise(edges)]
        return
    yield from sorted(_sets(levels), key=len, reverse=True)


def _sets(levels: list[str]) -> Iterator[list[tuple[str, ...]]]:
    if not levels:
        yield []
        return
    first, rest = levels[0], levels[1:]
    for parts in _sets(rest):
        yield [(first,), *parts]
        for place, part in enumerate(parts):
            yield [*parts[:place], (first, *part), *parts[place + 1 :]]


def sentences(table: pd.DataFrame) -> list[tuple[str, Mapping]]:
    """The budget as keys of words.toml and their values: per outcome, then what needs merging."""
    told: list[tuple[str, Mapping]] = []
    for outcome, rows in table.groupby("outcome", sort=False):
        whole = rows.loc[rows["factor"] == ""].iloc[0]
        single = rows.loc[(rows["factor"] != "") & ~rows["factor"].str.contains(":")]
        named = {
            verdict: list(single.loc[single["verdict"] == verdict, "factor"])
            for verdict in ("all", "some", "none")
        }
        key = "budget.outcome" if whole["possible"] >= 2 else "budget.too_few"
        told.append((key, {"outcome": outcome, "possible": whole["possible"], **named}))
        for row in single.loc[single["alternative"] != ""].to_dict("records"):
            told.append(("budget.alternative", row))
    return told
