"""Names of branches and groups as rosters write them.

Enters: the text of a cell and the study's tree of units.
Leaves: the code of the unit.
Refuses: a name that no unit bears, or that several bear (groups repeat their names in branches).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence

from engagement import codebook
from engagement.declared import Unit
from engagement.records import numerals
from engagement.records.reading import Reading, normal, refused


def read(text: str, level: str, units: Sequence[Unit], branch: str = "") -> Reading:
    """The unit of `level` that `text` names; a group is looked for inside `branch`."""
    whole, tree = plain(text), _tree(_Same(units))
    if level == "group":
        named, rest = _branch_within(whole, tree)
        if named and branch and named != branch:
            return refused("ambiguous_unit")
        branch, whole = branch or named, rest or whole
    found = _bearing(whole, tree, level, branch)
    if len(found) == 1:
        return Reading(next(iter(found)), "unit")
    return refused("ambiguous_unit" if found else "unknown_unit")


class _Same:
    """Compared by identity: to hash all units for each cell would take longer than to read it."""

    def __init__(self, units: Sequence[Unit]):
        self.units = units

    def __hash__(self) -> int:
        return id(self.units)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.units is other.units


_Tree = Mapping[tuple[str, str, str | None], frozenset[str]]
_ANY = ""


@functools.lru_cache(maxsize=8)
def _tree(same: _Same) -> _Tree:
    """Codes of units by level, name and parent; under the parent _ANY those of all parents."""
    made: dict[tuple[str, str, str | None], set[str]] = {}
    for unit in same.units:
        for name in _names(unit):
            for parent in (unit.parent, _ANY):
                made.setdefault((unit.level, name, parent), set()).add(unit.code)
    return {key: frozenset(codes) for key, codes in made.items()}


def _branch_within(name: str, tree: _Tree) -> tuple[str, str]:
    """The branch that the name of a group begins with, and the rest of the name."""
    for end in codebook.structure()["units"]["branch_ends"]:
        head, mark, rest = name.rpartition(end)
        found = _bearing(head + mark, tree, "branch", "") if mark and rest else frozenset()
        if len(found) == 1:
            return next(iter(found)), rest
    return "", ""


def _bearing(name: str, tree: _Tree, level: str, branch: str) -> frozenset[str]:
    """Units of that name, else those whose names it ends with: unit 1 ends "x unit 1", but not
    "unit 11"; inside `branch`, or anywhere when it is empty."""
    parents = (branch, None) if branch else (_ANY,)

    def named(own: str) -> frozenset[str]:
        return frozenset().union(*(tree.get((level, own, parent), ()) for parent in parents))

    ends = [name[at:] for at in range(1, len(name)) if not name[at - 1].isdigit()]
    return named(name) or frozenset().union(*map(named, ends))


def within(text: str, unit: Unit) -> bool:
    """Whether a longer text names `unit`; unit 1 is not named by "unit 11" or "unit 21"."""
    whole = plain(text)
    return any(
        re.search(rf"(?<!\d){re.escape(name)}" + r"(?!\d)" * name[-1:].isdigit(), whole)
        for name in _names(unit)
        if name != plain(unit.code)
    )


@functools.lru_cache(maxsize=4096)
def _names(unit: Unit) -> frozenset[str]:
    return frozenset(plain(text) for text in (unit.code, unit.zh, unit.en, *unit.aliases))


@functools.lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """How names of units are compared: numerals as digits, without words that every unit bears."""
    key = codebook.key(numerals.arabic(normal(text)))
    for word in codebook.structure()["units"]["removed"]:
        key = key.replace(word, "")
    return re.sub(r"(?<!\d)0+(?=\d)", "", key)
