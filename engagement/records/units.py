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
    inside = [unit for unit in known if not branch or unit.parent in (branch, None)]
    found = _bearing(whole, inside) or _bearing(_after_branch(whole), inside)
    if len(found) == 1:
        return Reading(found.pop(), "unit")
    return refused("ambiguous_unit" if found else "unknown_unit")


def _bearing(name: str, units: Sequence[Unit]) -> set[str]:
    exact = {unit.code for unit in units if name in _names(unit)}
    return exact or {unit.code for unit in units if any(_ends(name, own) for own in _names(unit))}


def _ends(name: str, own: str) -> bool:
    """Whether `name` is a longer form of `own`: 卫星社区1支部 of 1支部, but not 11支部."""
    before = name.removesuffix(own)
    return before != name and not before[-1:].isdigit()


def _after_branch(name: str) -> str:
    ends = codebook.structure()["units"]["branch_ends"]
    return max((name.rpartition(end)[2] for end in ends if end in name), key=len, default="")


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
