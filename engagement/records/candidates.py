"""Pairs that may be one person, with the probability of each by itself.

Enters: identities of two rosters, the kind of comparison, and the rules it follows.
Leaves: candidates, one row per pair above the review floor, before rivals are weighed.
Refuses: nothing; a pair that a person has decided is taken as decided, and says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.records import decisions, evidence, frequencies, pairs, posterior, scale

Part = tuple[np.ndarray, dict[str, np.ndarray]]


@dataclass(frozen=True)
class Rules:
    """What decides a link: the weights, the prior (`expected_times` the declared pairs), and the
    decisions of people by pair (decisions.read).

    `engine` compares rosters too large for every pair: numpy, or duckdb (extra `scale`); both
    give the same pairs and levels. `spill`: the folder for what does not fit the memory there.
    """

    weights: Mapping = field(default_factory=codebook.weights)
    expected_times: float = 1.0
    decided: Mapping[str, str] = field(default_factory=dict)
    engine: str = "numpy"
    spill: Path | None = None

    def banded(self, probability: pd.Series, doubted: pd.Series) -> np.ndarray:
        """link, review or no for each pair; a doubted one is never linked."""
        bounds = self.weights["decide"]
        sure = (probability >= bounds["link"]) & ~doubted
        waits = probability >= bounds["review"]
        return np.where(sure, "link", np.where(waits, "review", "no"))


@dataclass(frozen=True)
class Found:
    """Candidates that were found before, by kind; stands for the functions of this module."""

    by_kind: Mapping[str, pd.DataFrame]

    def within(self, people: pd.DataFrame, kind: str, rules: Rules) -> pd.DataFrame:
        """The candidates inside one roster."""
        return self.by_kind[kind]

    def across(
        self, left: pd.DataFrame, right: pd.DataFrame, kind: str, rules: Rules
    ) -> pd.DataFrame:
        """The candidates between a roster and the members."""
        return self.by_kind[kind]


def across(left: pd.DataFrame, right: pd.DataFrame, kind: str, rules: Rules) -> pd.DataFrame:
    """Candidates between two rosters, one row per pair.

    Columns: left, right (positions), alone and probability (the same until rivals are weighed),
    doubted, decided ("" when nobody has), reason.
    """
    return under(left, right, kind, [rules])[0]


def within(people: pd.DataFrame, kind: str, rules: Rules) -> pd.DataFrame:
    """Candidates inside one roster: as `across`, the earlier row on the left."""
    return under(people, people, kind, [rules])[0]


def under(
    left: pd.DataFrame, right: pd.DataFrame, kind: str, wanted: Sequence[Rules]
) -> list[pd.DataFrame]:
    """Candidates under each of the `wanted` rules, compared once; with one frame, inside it."""
    shared = frequencies.shared(left, right)
    parts = [
        likely_under(ends, levels, frequencies.chances(shared, ends), len(right), kind, wanted)
        for ends, levels in _compared(left, right, wanted[0])
    ]
    return [
        _as_decided(_in_order(found), left, right, rules.decided)
        for found, rules in zip(zip(*parts, strict=True), wanted, strict=True)
    ]


def _compared(left: pd.DataFrame, right: pd.DataFrame, rules: Rules) -> Iterator[Part]:
    """Positions of the pairs and their levels, part by part."""
    if rules.engine == "duckdb" and len(left) * len(right) > pairs.ALL_PAIRS:
        yield from scale.compared(left, right, rules.spill)
        return
    positions = pairs.within(left) if left is right else pairs.across(left, right)
    yield positions, evidence.levels(left, right, positions)


def _in_order(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat(parts, ignore_index=True).sort_values(["left", "right"], ignore_index=True)


def likely_under(
    positions: np.ndarray,
    found: Mapping[str, np.ndarray],
    chances: Mapping[tuple[str, str], np.ndarray],
    among: int,
    kind: str,
    wanted: Sequence[Rules],
) -> list[pd.DataFrame]:
    """`likely` under each of the `wanted` rules, which differ in the matches to expect.

    The more are expected, the likelier is each: what is not likely then is looked at once.
    """
    most = max(wanted, key=lambda rules: rules.expected_times)
    kept = _person(found, chances, among, kind, most) >= most.weights["decide"]["review"]
    levels, shares = (
        {name: values[kept] for name, values in held.items()} for held in (found, chances)
    )
    return [likely(positions[kept], levels, shares, among, kind, rules) for rules in wanted]


def _person(
    found: Mapping[str, np.ndarray], chances: Mapping, among: int, kind: str, rules: Rules
) -> np.ndarray:
    """The probability of each pair that it is one person."""
    prior = posterior.priors(among, kind, times=rules.expected_times, weights=rules.weights)
    return posterior.probabilities(found, prior, chances, rules.weights)[:, posterior.PERSON]


def likely(
    positions: np.ndarray,
    found: Mapping[str, np.ndarray],
    chances: Mapping[tuple[str, str], np.ndarray],
    among: int,
    kind: str,
    rules: Rules,
) -> pd.DataFrame:
    """The pairs above the review floor, when each looked up is one of `among` rows."""
    person = _person(found, chances, among, kind, rules)
    kept = person >= rules.weights["decide"]["review"]
    shown = {name: level[kept] for name, level in found.items()}
    doubt = evidence.doubts(shown, kind)
    return pd.DataFrame(
        {
            "left": positions[kept, 0],
            "right": positions[kept, 1],
            "alone": person[kept],
            "probability": person[kept],
            "doubted": doubt != "",
            "reason": pd.Series(evidence.reasons(shown), dtype="str") + doubt,
        }
    )


def _as_decided(made: pd.DataFrame, left, right, decided: Mapping[str, str]) -> pd.DataFrame:
    """The candidates with what people decided: certain, or ruled out."""
    if not decided:
        return made.assign(decided="")
    said = decisions.of_pairs(left, right, made["left"], made["right"], decided)
    settled = said.isin(decisions.SETTLED)
    certain = made["probability"].mask(said == "same", 1.0).mask(said == "different", 0.0)
    return made.assign(
        decided=said.where(settled, ""),
        probability=certain,
        doubted=made["doubted"] & ~settled,
        reason=made["reason"].mask(settled, made["reason"] + ";decided:" + said),
    )
