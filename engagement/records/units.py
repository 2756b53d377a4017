"""Names of branches and groups as rosters write them.

Enters: the text of a cell and the study's tree of units.
Leaves: the code of the unit.
Refuses: a name that no unit bears, or that several bear (groups repeat their names in branches).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence

from engagement import codebook
from engagement.declared import Unit
from engagement.records import numerals
from engagement.records.reading import Reading, normal, refused


def read(text: str, level: str, units: Sequence[Unit], branch: str = "") -> Reading:
    """The unit of `level` that `text` names; a group is looked for inside `branch`."""
    whole = plain(text)
    known = [unit for unit in units if unit.level == level]
    if level == "group":
        named, rest = _branch_within(whole, units)
        if named and branch and named != branch:
            return refused("ambiguous_unit")
        branch, whole = branch or named, rest or whole
    found = _bearing(whole, [unit for unit in known if not branch or unit.parent in (branch, None)])
    if len(found) == 1:
        return Reading(found.pop(), "unit")
    return refused("ambiguous_unit" if found else "unknown_unit")


def _branch_within(name: str, units: Sequence[Unit]) -> tuple[str, str]:
    """The branch that the name of a group begins with, and the rest of the name."""
    branches = [unit for unit in units if unit.level == "branch"]
    for end in codebook.structure()["units"]["branch_ends"]:
        head, mark, rest = name.rpartition(end)
        found = _bearing(head + mark, branches) if mark and rest else set()
        if len(found) == 1:
            return found.pop(), rest
    return "", ""


def _bearing(name: str, units: Sequence[Unit]) -> set[str]:
    exact = {unit.code for unit in units if name in _names(unit)}
    return exact or {unit.code for unit in units if any(_ends(name, own) for own in _names(unit))}


def _ends(name: str, own: str) -> bool:
    """Whether `name` is a longer form of `own`: unit 1 ends "x unit 1", but not "unit 11"."""
    before = name.removesuffix(own)
    return before != name and not before[-1:].isdigit()


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
