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

from engagement import labels, words
from engagement.declared import Factor
from engagement.release import families
from engagement.release.families import MEASURES
from engagement.release.rules import Rules
from engagement.study import Study

COLUMNS = [
    "outcome", "factor", "members", "attended", "missed", "possible", "levels",
    "printable", "verdict", "alternative",
]  # fmt: skip
MOST_UNORDERED = 6
TOGETHER, JOIN, SPLIT = "\t", " + ", " | "
VERDICTS = ("all", "some", "none")


def splits(
    cells: pd.DataFrame, study: Study, rules: Rules, *, crossed: bool = True
) -> pd.DataFrame:
    """One row per outcome × factor (factor "" is the outcome itself, "a:b" a cross of two).

    Columns: members, attended, missed (exact: private); possible: into how many groups the outcome
    could be split at most; levels and printable: how many the factor has, and how many of them
    have enough on both sides; verdict: all, some, none; alternative: the finest merging of levels
    that could be printed whole, as a⇥b | c with tabs, empty when there is none or none is needed.
    """
    summed = families.summed(cells)
    dims = families.dimensions(cells, study)
    pairs = [p for p in itertools.combinations(dims, 2) if "branch" not in p and crossed]
    rows = [
        _row(summed.loc[summed["outcome"] == outcome], outcome, names, study, rules)
        for outcome in study.outcomes
        if (summed["outcome"] == outcome).any()
        for names in [(), *((dim,) for dim in dims), *pairs]
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(own: pd.DataFrame, outcome: str, names: tuple[str, ...], study: Study, rules) -> dict:
    least = rules.smallest_sum if study.outcomes[outcome].kind == "panel" else rules.threshold
    whole = own[list(MEASURES)].sum()
    missed = whole["due"] - whole["attended"]
    sides = min(whole["attended"], missed) // least
    people = whole["members"] // rules.threshold if whole["members"] >= rules.fewest else 0
    groups = families.crossed(own, list(names)) if names else whole.to_frame().T
    enough = _enough(groups, rules.threshold, least)
    verdict = "all" if enough.all() else "some" if enough.any() else "none"
    factor = study.factors.get(names[0]) if len(names) == 1 else None
    needed = factor is not None and verdict != "all"
    return {
        "outcome": outcome, "factor": ":".join(names), "members": int(whole["members"]),
        "attended": int(whole["attended"]), "missed": int(missed),
        "possible": int(min(sides, people)), "levels": len(groups), "printable": int(enough.sum()),
        "verdict": verdict,
        "alternative": _merged(groups, factor, rules.threshold, least) if needed else "",
    }  # fmt: skip


def _enough(groups: pd.DataFrame, threshold: int, least: int) -> pd.Series:
    missed = groups["due"] - groups["attended"]
    sides = (groups["attended"] >= least) & (missed >= least)
    return (groups["members"] >= threshold) & sides


def _merged(groups: pd.DataFrame, factor: Factor, threshold: int, least: int) -> str:
    """The finest merging of which every part could be printed; empty where there is none."""
    found = next(mergings(groups, factor, threshold, least), [])
    return SPLIT.join(TOGETHER.join(part) for part in found)


def mergings(
    groups: pd.DataFrame, factor: Factor, threshold: int, least: int
) -> Iterator[list[tuple[str, ...]]]:
    """The mergings of levels of which every part has enough, the finest first.

    `groups`: one row per level of `factor`, with members, due and attended. Neighbours only,
    where the levels are ordered; whose level is not recorded stay apart.
    """
    counts = groups.set_index(factor.name)[list(MEASURES)]
    apart = [(families.MISSING,)] if families.MISSING in counts.index else []
    order = [level for level in factor.levels if level in counts.index]
    order += [level for level in counts.index if level not in (*order, families.MISSING)]
    for parts in _partitions(order, ordered=factor.kind == "ordered" or bool(factor.bands)):
        sums = pd.DataFrame([counts.loc[list(part)].sum() for part in [*parts, *apart]])
        if len(parts) > 1 and _enough(sums, threshold, least).all():
            yield [*parts, *apart]


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


def said(table: pd.DataFrame, study: Study, language: str) -> list[str]:
    """The budget in words: how far each outcome can be split, and which mergings would pass."""
    lines = []
    for outcome, rows in table.groupby("outcome", sort=False):
        whole = rows.loc[rows["factor"] == ""].iloc[0]
        single = rows.loc[(rows["factor"] != "") & ~rows["factor"].str.contains(":")]
        key = {0: "nothing", 1: "total"}.get(whole["possible"], "groups")
        values = {f"{verdict}_": _named(single, verdict, study, language) for verdict in VERDICTS}
        label = study.outcomes[outcome].label[language]
        possible = words.count(whole["possible"])
        lines.append(
            words.text(f"budget.{key}", language, outcome=label, possible=possible, **values)
        )
        if key == "groups":
            merged = single.loc[single["alternative"] != ""].to_dict("records")
            lines += [_alternative(row, label, study, language) for row in merged]
    return lines


def _named(single: pd.DataFrame, verdict: str, study: Study, language: str) -> str:
    """The labels of the factors of one verdict, or the word for none."""
    known = labels.of(study, "factor", language)
    names = single.loc[single["verdict"] == verdict, "factor"]
    told = words.label("brief.comma", language).join(known.get(name, name) for name in names)
    return told or words.label("budget.no_factor", language)


def _alternative(row: Mapping, outcome: str, study: Study, language: str) -> str:
    factor = study.factors[row["factor"]]
    merged = labelled(row["alternative"], factor, language)
    told = {"outcome": outcome, "factor": factor.label[language], "merged": merged}
    return words.text("budget.alternative", language, **told)


def labelled(merging: str, factor: Factor, language: str) -> str:
    """A merging (levels with tabs and bars between them) in the words of the study."""
    shown = {families.MISSING: words.label("brief.level.unknown", language)}
    shown |= {level: label[language] for level, label in factor.labels.items()}
    parts = [
        JOIN.join(shown.get(level, level) for level in part.split(TOGETHER))
        for part in merging.split(SPLIT)
    ]
    return SPLIT.join(parts)
