"""Pairs that may be one person, with the probability of each by itself.

Enters: identities of two rosters, the kind of comparison, and the rules it follows.
Leaves: candidates, one row per pair above the review floor, before rivals are weighed.
Refuses: nothing; a pair that a person has decided is taken as decided, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.records import decisions, evidence, pairs, posterior, scale


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


def across(left: pd.DataFrame, right: pd.DataFrame, kind: str, rules: Rules) -> pd.DataFrame:
    """Candidates between two rosters, one row per pair.

    Columns: left, right (positions), alone and probability (the same until rivals are weighed),
    doubted, decided ("" when nobody has), reason.
    """
    if _in_a_database(left, right, rules):
        return of_levels(left, right, *scale.compared(left, right, rules.spill), kind, rules)
    positions = pairs.across(left, right)
    return of_levels(left, right, positions, evidence.levels(left, right, positions), kind, rules)


def within(people: pd.DataFrame, kind: str, rules: Rules) -> pd.DataFrame:
    """Candidates inside one roster: as `across`, the earlier row on the left."""
    if _in_a_database(people, people, rules):
        return of_levels(people, people, *scale.compared(people, people, rules.spill), kind, rules)
    positions = pairs.within(people)
    found = evidence.levels(people, people, positions)
    return of_levels(people, people, positions, found, kind, rules)


def _in_a_database(left: pd.DataFrame, right: pd.DataFrame, rules: Rules) -> bool:
    return rules.engine == "duckdb" and len(left) * len(right) > pairs.ALL_PAIRS


def of_levels(
    left: pd.DataFrame,
    right: pd.DataFrame,
    positions: np.ndarray,
    found: Mapping[str, np.ndarray],
    kind: str,
    rules: Rules,
) -> pd.DataFrame:
    """Candidates among the pairs at `positions`, whose comparisons agree as `found` says."""
    chances = evidence.chances(left, right, positions)
    made = likely(positions, found, chances, len(right), kind, rules)
    return _as_decided(made, left, right, rules.decided)


def likely(
    positions: np.ndarray,
    found: Mapping[str, np.ndarray],
    chances: Mapping[str, np.ndarray],
    among: int,
    kind: str,
    rules: Rules,
) -> pd.DataFrame:
    """The pairs above the review floor, when each looked up is one of `among` rows."""
    prior = posterior.priors(among, kind, times=rules.expected_times, weights=rules.weights)
    classes = posterior.probabilities(found, prior, chances, rules.weights)
    person = classes[:, posterior.PERSON]
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
