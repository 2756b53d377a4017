"""One value in five of the factor missing at random: complete cases beside imputed ones.

Enters: a scenario, the number of a design, how many sets, a seed.
Leaves: one row of counts for both ways.
Refuses: nothing; a refusal counts as not covered.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
from scipy import optimize, special

from engagement.analysis import imputation, specifications
from engagement.analysis.cells import UNKNOWN
from engagement.analysis.specifications import Answer
from validity import asked, trials
from validity.scenarios import Design, Scenario, design, outcomes

SHARE = 0.2
BY_AGE, BY_OUTCOME = 0.7, 1.0
CASES = ("H", "B", "P1", "P3")


def block(scenario: Scenario, place: int, sets: int, seed: int) -> dict:
    """Counts over `sets` outcomes of one design, under no difference and under a true one."""
    told = {"scenario": scenario.name, "alternative": 0, "design": place, "sets": sets}
    for alternative in (False, True):
        key = [seed, zlib.crc32(scenario.name.encode()), place, int(alternative)]
        chance = np.random.default_rng(key)
        drawn = design(scenario, chance, alternative=alternative)
        truth = drawn.apart
        for ways, answer in _answers(drawn, chance, sets):
            covered = answer is not None and answer.low <= truth <= answer.high
            if alternative:
                _add(told, f"{ways}coverage", covered)
                _add(told, f"{ways}bias", answer.estimate - truth if answer else 0.0)
            else:
                _add(told, f"{ways}level", not covered)
    return told


def _add(told: dict, name: str, value: float) -> None:
    told[name] = told.get(name, 0) + value


def _answers(
    drawn: Design, chance: np.random.Generator, sets: int
) -> Iterator[tuple[str, Answer | None]]:
    question = asked.question(drawn.scenario)
    factors = {question.factor.name: question.factor, **question.adjusters}
    for attended in outcomes(drawn, chance, sets):
        cells = trials.cells(drawn, attended)
        cells["x"] = np.where(_lost(drawn, attended, chance), UNKNOWN, cells["x"])
        yield "", _one(specifications.complete(cells, question))
        filled = imputation.completed(cells, factors)
        yield "imputed_", _one(specifications.imputed(filled, question))


def _one(found: dict) -> Answer | None:
    answer = found.get("l1|l0")
    return answer if isinstance(answer, Answer) else None


def _lost(drawn: Design, attended: np.ndarray, chance: np.random.Generator) -> np.ndarray:
    """Who has no value: more often the older, and those who came."""
    odds = BY_AGE * drawn.columns[:, 2] + BY_OUTCOME * attended / drawn.due
    level = optimize.brentq(lambda a: special.expit(a + odds).mean() - SHARE, -10, 10)
    return chance.random(len(odds)) < special.expit(level + odds)
