"""What is asked of a factor: a level, one of many, a trend, a step, a curve, or a product.

Enters: a scenario, groups and ages of its members, a generator.
Leaves: Asked: the factor's values, its columns, the two settings compared, and what each adds.
Refuses: nothing; a factor with too few members at one level is drawn again.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import special

from engagement.analysis import design as coding
from engagement.analysis.model import Question
from engagement.declared import Factor, Outcome

if TYPE_CHECKING:
    from validity.scenarios import Scenario

FEWEST = 3
POINTS = (-1.0, 1.0)
BEND = 0.8
MORE_IN_WOMEN = 0.5
NAMES = ("z", "female", "education")
PARTS = {"levels": (0.40, 0.25, 0.15, 0.12, 0.08), "trend": (0.30, 0.30, 0.25, 0.15)}


class Asked(NamedTuple):
    """`own`: the factor's columns; `high` and `low`: the same at the two settings compared.

    `added`, `added_high`, `added_low` are what the factor adds to everybody's log odds, per unit
    of its effect; `bent` is what it adds whatever the effect.
    """

    values: np.ndarray
    own: np.ndarray
    high: np.ndarray
    low: np.ndarray
    added: np.ndarray
    added_high: np.ndarray
    added_low: np.ndarray
    bent: np.ndarray


def drawn(scenario: Scenario, chance: np.random.Generator, group: np.ndarray, known: dict) -> Asked:
    """The factor of one design; `known` holds age and sex of its members."""
    if scenario.ask in PARTS:
        return _ranked(scenario, _ranks(scenario, chance, group))
    if scenario.ask in ("step", "curve"):
        values = _latent(scenario, chance, group)
        return _step(values) if scenario.ask == "step" else _curve(values)
    x = _binary(scenario, chance, group, known["age"])
    return _product(x, known["female"]) if scenario.ask == "product" else _level(x)


def _level(x: np.ndarray) -> Asked:
    values, ones = np.where(x == 1, "l1", "l0"), np.ones(len(x))
    own = x[:, None]
    return Asked(values, own, ones[:, None], 0 * own, x, ones, 0 * x, 0 * x)


def _product(x: np.ndarray, female: np.ndarray) -> Asked:
    """A difference that is larger in women, and a model that allows for it."""
    values, ones = np.where(x == 1, "l1", "l0"), np.ones(len(x))
    both = np.column_stack([ones, female - female.mean()])
    more = 1 + MORE_IN_WOMEN * female
    return Asked(values, x[:, None] * both, both, 0 * both, x * more, more, 0 * x, 0 * x)


def _ranked(scenario: Scenario, rank: np.ndarray) -> Asked:
    """Many levels, the first against the second; or a straight line over all of them."""
    count, top = len(rank), len(PARTS[scenario.ask]) - 1
    values = np.array([f"l{one}" for one in range(top + 1)])[rank]
    zero, ones = np.zeros(count), np.ones(count)
    if scenario.ask == "trend":
        own = rank[:, None] / top
        return Asked(values, own, ones[:, None], 0 * own, own[:, 0], ones, zero, zero)
    own = (rank[:, None] == np.arange(1, top + 1)).astype(float)
    high = np.zeros_like(own)
    high[:, 0] = 1
    added = own @ np.linspace(1, -0.5, top)
    return Asked(values, own, high, 0 * own, added, ones, zero, zero)


def _step(values: np.ndarray) -> Asked:
    own = values[:, None]
    return Asked(values, own, own + 1, own, values, values + 1, values, 0 * values)


def _curve(values: np.ndarray) -> Asked:
    """Nothing at the first point, one unit of effect at the second, and a bend between them."""
    along = (values - POINTS[0]) / (POINTS[1] - POINTS[0])
    zero, ones = np.zeros(len(values)), np.ones(len(values))
    own = np.column_stack([along, along**2 - along])
    high = np.column_stack([ones, zero])
    return Asked(values, own, high, 0 * high, along, ones, zero, -BEND * own[:, 1])


def _latent(scenario: Scenario, chance: np.random.Generator, group: np.ndarray) -> np.ndarray:
    shared = chance.normal(size=group.max() + 1)[group]
    if scenario.factor == "group":
        return shared
    return scenario.spread * shared + chance.normal(size=len(group))


def _ranks(scenario: Scenario, chance: np.random.Generator, group: np.ndarray) -> np.ndarray:
    edges = np.cumsum(PARTS[scenario.ask])[:-1]
    while True:
        latent = _latent(scenario, chance, group)
        rank = np.searchsorted(np.quantile(latent, edges), latent)
        if all(_enough(group, rank == one) for one in range(len(edges) + 1)):
            return rank


def _binary(scenario, chance, group, age) -> np.ndarray:
    groups = group.max() + 1
    while True:
        if scenario.factor == "group":
            x = np.isin(group, chance.choice(groups, scenario.chosen, replace=False))
        else:
            odds = special.logit(scenario.exposed)
            if scenario.factor == "own":
                odds = odds - 0.03 * (age - 66)
            else:
                odds = odds + scenario.spread * chance.normal(size=groups)[group]
            x = chance.random(len(group)) < special.expit(odds)
        if _enough(group, x) and _enough(group, ~x):
            return x.astype(float)


def _enough(group: np.ndarray, chosen: np.ndarray) -> bool:
    return chosen.sum() >= FEWEST and len(set(group[chosen])) > 1


def question(scenario: Scenario) -> Question:
    """What the package is asked: the factor x, adjusted for age, sex and education."""
    adjusters = {name: _factor(name, "number") for name in NAMES}
    kind = "panel" if scenario.panel else "column"
    label = {"zh": kind, "en": kind}
    outcome = Outcome("took_part", kind, None, None, (), True, 0.1, label)
    more = ("x:female",) if scenario.ask == "product" else ()
    count = len(PARTS.get(scenario.ask, (0, 0)))
    factor = _factor("x", "category", (*NAMES, *more), tuple(f"l{one}" for one in range(count)))
    if scenario.ask == "trend":
        factor = dataclasses.replace(factor, kind=coding.SCORE, step=float(count - 1))
    if scenario.ask == "step":
        factor = dataclasses.replace(factor, kind="number", step=1.0)
    if scenario.ask == "curve":
        factor = dataclasses.replace(factor, kind=coding.CURVE)
    return Question(factor, adjusters, outcome, True, POINTS)


def values(scenario: Scenario, asked: Asked) -> np.ndarray:
    """The factor as it stands in the cells that the package is given."""
    if scenario.ask == "trend":
        return np.char.lstrip(asked.values, "l").astype(float)
    return asked.values


def column(scenario: Scenario) -> str:
    """The package's name of the coefficient that is compared."""
    return "x" if scenario.ask in ("trend", "step", "curve") else "x[l1]"


def _factor(
    name: str, kind: str, adjust: tuple[str, ...] = (), levels: tuple[str, ...] = ()
) -> Factor:
    label = {"zh": name, "en": name}
    return Factor(
        name, name, kind, (), {}, levels, levels[0] if levels else None, None, "primary",
        adjust, label, {},
    )  # fmt: skip
