"""A scenario → designs: who is in which group, with which factor, and how likely to take part.

Enters: scenarios.toml and a generator.
Leaves: a Design: columns of the fitted model, groups, slots, and the chances it is drawn from.
Refuses: nothing; a design with too few at one level is drawn again.

The plan follows Morris, White & Crowther 2019 (Stat Med 38:2074); truth is known per design.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy import optimize, special

HERE = Path(__file__).parent
ODDS = 3.0
GAP = -0.10
NODES = 31
FEWEST = 3


@dataclass(frozen=True)
class Scenario:
    """One line of scenarios.toml; spreads are standard deviations in log odds."""

    name: str
    panel: bool
    factor: str
    rate: float
    sizes: str = "study"
    n: int | None = None
    groups: int | None = None
    exposed: float = 0.4
    chosen: int = 6
    spread: float = 0.0
    group: float = 0.0
    member: float = 0.0
    rho: float | None = None
    due: tuple[int, int] = (12, 12)
    gap: float = GAP
    tied: float = 0.0
    curve: bool = False
    known: dict = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Design:
    """Members of one design. `columns`: intercept, x, age, sex, education of the fitted model.

    `base` is everybody's log odds without x and chance; `effect` is what x adds.
    """

    scenario: Scenario
    columns: np.ndarray
    group: np.ndarray
    due: np.ndarray
    base: np.ndarray
    effect: float
    member: float

    @property
    def exposed(self) -> np.ndarray:
        return self.columns[:, 1]


def scenarios() -> dict[str, Scenario]:
    """All scenarios by name, in the order of the file."""
    declared = tomllib.loads((HERE / "scenarios.toml").read_text(encoding="utf-8"))
    found = {}
    for kind in ("binary", "panel"):
        for name, values in declared[kind].items():
            values = {**values, "due": tuple(values.get("due", (12, 12)))}
            if kind == "binary":
                values["due"] = (1, 1)
            known = {"known": declared["sizes"]}
            found[name] = Scenario(name=name, panel=kind == "panel", **values, **known)
    return found


def design(scenario: Scenario, chance: np.random.Generator, *, alternative: bool) -> Design:
    """Members of one design, with the intercept solved so that the mean share is the rate."""
    group = np.repeat(np.arange(len(sizes(scenario))), sizes(scenario))
    count = len(group)
    age = 88 - np.minimum(chance.gamma(2.2, 10, count), 62)
    z = (age - 66) / 15
    female = (chance.random(count) < 0.28).astype(float)
    education = np.clip(np.round(1.4 - 0.03 * (age - 66) + chance.normal(0, 0.9, count)), 0, 3)
    x = _factor(scenario, chance, group, age)
    due = chance.integers(scenario.due[0], scenario.due[1] + 1, count)
    rest = 0.2 * female + 0.35 * (education - 1.2)
    rest += 0.6 - 0.6 * z**2 if scenario.curve else -0.4 * z
    rest += scenario.tied * scenario.group * _standard(np.bincount(group))[group]
    columns = np.column_stack([np.ones(count), x, z, female, education])
    member = scenario.member if scenario.rho is None else _spread(scenario)
    drawn = Design(scenario, columns, group, due.astype(float), rest, 0.0, member)
    return _solved(drawn, alternative)


def sizes(scenario: Scenario) -> np.ndarray:
    """Members per group."""
    if scenario.groups:
        shape = np.linspace(1.6, 0.4, scenario.groups)
    elif scenario.n:
        shape = np.array(scenario.known["profile"], float)
    else:
        return np.array(scenario.known[scenario.sizes])
    exact = np.cumsum(shape / shape.sum() * scenario.n)
    return np.diff(np.round(exact).astype(int), prepend=0)


def shares(drawn: Design, x: np.ndarray) -> np.ndarray:
    """Chance of taking part at factor values `x`, groups and members integrated out."""
    return _integrated(drawn.base + drawn.effect * x, _deviation(drawn))


def outcomes(drawn: Design, chance: np.random.Generator, sets: int) -> np.ndarray:
    """Slots attended, one row per set, one column per member."""
    scenario, count = drawn.scenario, len(drawn.group)
    own = scenario.group * np.sqrt(1 - scenario.tied**2)
    odds = drawn.base + drawn.effect * drawn.exposed
    odds = odds + own * chance.normal(size=(sets, drawn.group.max() + 1))[:, drawn.group]
    if drawn.member:
        odds = odds + drawn.member * chance.normal(size=(sets, count))
    return chance.binomial(drawn.due.astype(int), special.expit(odds)).astype(float)


def _factor(scenario, chance, group, age) -> np.ndarray:
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
        if FEWEST <= x.sum() <= len(x) - FEWEST and len(set(group[x])) > 1:
            return x.astype(float)


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def _deviation(drawn: Design) -> float:
    own = drawn.scenario.group * np.sqrt(1 - drawn.scenario.tied**2)
    return float(np.hypot(own, drawn.member))


def _integrated(odds: np.ndarray, deviation: float) -> np.ndarray:
    """Mean of expit(odds + N(0, deviation²)) by Gauss–Hermite quadrature."""
    if not deviation:
        return special.expit(odds)
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return special.expit(odds[..., None] + deviation * nodes) @ (weights / weights.sum())


def _solved(drawn: Design, alternative: bool) -> Design:
    """Intercept (and for a panel the effect) so that the shares are the declared ones."""
    scenario = drawn.scenario
    effect = np.log(ODDS) if alternative and not scenario.panel else 0.0

    def at(intercept: float, effect: float) -> Design:
        return Design(
            scenario, drawn.columns, drawn.group, drawn.due,
            drawn.base + intercept, effect, drawn.member,
        )  # fmt: skip

    def level(intercept: float, effect: float) -> float:
        found = at(intercept, effect)
        x = np.zeros(len(found.group)) if scenario.panel else found.exposed
        return shares(found, x).mean() - scenario.rate

    intercept = optimize.brentq(level, -15, 15, args=(effect,))
    if not (alternative and scenario.panel):
        return at(intercept, effect)
    ones = np.ones(len(drawn.group))

    def apart(effect: float) -> float:
        found = at(intercept, effect)
        return (shares(found, ones) - shares(found, 0 * ones)).mean() - scenario.gap

    return at(intercept, optimize.brentq(apart, -12, 12))


def _spread(scenario: Scenario) -> float:
    """The members' standard deviation that gives the declared correlation of their sessions."""

    def rho(member: float) -> float:
        own = np.hypot(member, scenario.group)
        odds = optimize.brentq(lambda a: _integrated(np.array(a), own) - scenario.rate, -20, 20)
        nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
        share = special.expit(odds + own * nodes)
        mean = weights @ share / weights.sum()
        spread = weights @ (share - mean) ** 2 / weights.sum()
        return spread / (mean * (1 - mean)) - scenario.rho

    return float(optimize.brentq(rho, 0.0, 12.0))
