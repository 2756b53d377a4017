"""Counts rounded so that nobody can tell from which side.

Enters: true counts, names of the places where they are printed, the base, a seed made of the data.
Leaves: one of the two neighbouring multiples of the base; and what a reader learns from it.
Refuses: nothing.

Unbiased random rounding: Fellegi (1975), Statistique et développement; Statistics Canada and
Stats NZ round so to 5 and to 3. The nearest multiple would tell when one member more crosses the
middle; a neighbour drawn by chance leaves every count within one base possible on both sides.
The chance is a hash of the place and of the data, so that the same data give the same page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from engagement.release.rules import Rules

DRAWN = 2.0**64


@dataclass(frozen=True)
class Rounding:
    """How the counts of one release are rounded.

    `seed` is made of the data. `earlier`: what was printed before, by place; then the neighbour
    nearest to it is taken, so that a printed number never changes more than it must.
    """

    rules: Rules
    seed: str = ""
    earlier: Mapping[str, float] = field(default_factory=dict)

    def people(self, counts: pd.Series, at: Iterable[str]) -> pd.Series:
        """Counts of people as they are printed `at` each place."""
        return self.neighbours(counts, at, self.rules.rounding)

    def neighbours(self, counts: pd.Series, at: Iterable[str], base: int | pd.Series) -> pd.Series:
        """Each count as the multiple of `base` below or above it; a multiple stays what it is."""
        at = list(at)
        low = np.floor(counts / base) * base
        left = counts - low
        up = pd.Series([_chance(self.seed, place) for place in at], index=counts.index)
        up = up < left / base
        before = pd.Series([self.earlier.get(place, np.nan) for place in at], index=counts.index)
        nearer = (low + base - before).abs() < (low - before).abs()
        up = up.where(before.isna(), nearer & (left > 0))
        return low + base * up

    def printed(self, rows: pd.DataFrame, panels: Mapping[str, bool]) -> pd.DataFrame:
        """The columns members, due and attended of `rows` as they are printed.

        One group has one number of members in every table. Those who took part and those who did
        not stay at least one base apart from nobody and from everybody.
        """
        base = bases(rows["outcome"], panels, self.rules)
        members = self.people(rows["members"], places(rows, "members"))
        slots = self.neighbours(rows["due"], places(rows, "due"), base)
        due = slots.where(rows["outcome"].map(panels).astype(bool), members)
        attended = self.neighbours(rows["attended"], places(rows, "attended"), base)
        below = np.floor(rows["attended"] / base) * base
        attended = attended.where(attended < due, below)
        return pd.DataFrame({"members": members, "due": due, "attended": attended})


def places(rows: pd.DataFrame, measure: str) -> list[str]:
    """The name of the place where each row's measure is printed.

    A group has one place for its people in all outcomes; a segment that is a level of a factor
    has the place of the level.
    """
    owner = pd.Series("", index=rows.index) if measure == "members" else rows["outcome"]
    return ["|".join([measure, *part]) for part in zip(owner, rows["place"], strict=True)]


def bases(outcomes: pd.Series, panels: Mapping[str, bool], rules: Rules) -> pd.Series:
    """The base of each row's own counts: of people, or of sums over sessions."""
    slots = outcomes.map(panels).astype(bool)
    return slots.map({True: rules.rounding_slots, False: rules.rounding})


def _chance(seed: str, place: str) -> float:
    digest = hashlib.sha256(f"{seed}\n{place}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / DRAWN


def reach(shown: pd.Series, base: int | pd.Series) -> tuple[pd.Series, pd.Series]:
    """The smallest and largest count that could be printed so."""
    return shown - (base - 1), shown + (base - 1)
