"""A scenario → designs: who is in which group, with which factor, and how likely to take part.

Enters: scenarios.toml and a generator.
Leaves: a Design: columns of the fitted model, groups, slots, and the chances it is drawn from.
Refuses: nothing; a design with too few at one level is drawn again.

The plan follows Morris, White & Crowther 2019 (Stat Med 38:2074); truth is known per design.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy import optimize, special

from validity import asked
from validity.asked import Asked

HERE = Path(__file__).parent
ODDS = 3.0
GAP = -0.10
NODES = 31


@dataclass(frozen=True)
class Scenario:
    """One line of scenarios.toml; spreads are standard deviations in log odds.

    `fresh`: a design on which the package's rule was not chosen.
    """

    name: str
    panel: bool
    fresh: bool
    factor: str
    rate: float
    ask: str = "level"
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
    """Members of one design. `columns`: intercept, the factor's, age, sex, education.

    `base` is everybody's log odds without the factor and chance; `effect` times what is asked is
    what the factor adds.
    """

    scenario: Scenario
    columns: np.ndarray
    asked: Asked
    group: np.ndarray
    due: np.ndarray
    base: np.ndarray
    effect: float
    member: float

    @property
    def owned(self) -> list[int]:
        """The factor's columns, the one that is compared first."""
        return list(range(1, 1 + self.asked.own.shape[1]))

    @property
    def tested(self) -> list[int]:
        """The columns that the choice of variance looks at: all but products."""
        return [1] if self.scenario.ask == "product" else self.owned

    @property
    def ends(self) -> tuple[np.ndarray, np.ndarray]:
        """The columns of everybody at the one setting and at the other."""
        return self._with(self.asked.high), self._with(self.asked.low)

    @property
    def apart(self) -> float:
        """The true difference between the two settings, averaged over members."""
        high, low = (shares(self, added) for added in (self.asked.added_high, self.asked.added_low))
        return float((high - low).mean())

    @property
    def deviation(self) -> float:
        """Standard deviation of what chance adds to a member's log odds, group and member."""
        own = self.scenario.group * np.sqrt(1 - self.scenario.tied**2)
        return float(np.hypot(own, self.member))

    def _with(self, own: np.ndarray) -> np.ndarray:
        changed = self.columns.copy()
        changed[:, self.owned] = own
        return changed


def scenarios() -> dict[str, Scenario]:
    """All scenarios by name, in the order of the file."""
    declared = tomllib.loads((HERE / "scenarios.toml").read_text(encoding="utf-8"))
    found = {}
    for kind in ("binary", "new_binary", "panel", "new_panel"):
        panel = kind.endswith("panel")
        for name, values in declared[kind].items():
            due = tuple(values.get("due", (12, 12))) if panel else (1, 1)
            more = {"known": declared["sizes"], "panel": panel, "fresh": kind.startswith("new")}
            found[name] = Scenario(name=name, **{**values, "due": due}, **more)
    return found


def design(scenario: Scenario, chance: np.random.Generator, *, alternative: bool) -> Design:
    """Members of one design, with the intercept solved so that the mean share is the rate."""
    group = np.repeat(np.arange(len(sizes(scenario))), sizes(scenario))
    count = len(group)
    age = 88 - np.minimum(chance.gamma(2.2, 10, count), 62)
    z = (age - 66) / 15
    female = (chance.random(count) < 0.28).astype(float)
    education = np.clip(np.round(1.4 - 0.03 * (age - 66) + chance.normal(0, 0.9, count)), 0, 3)
    found = asked.drawn(scenario, chance, group, {"age": age, "female": female})
    due = chance.integers(scenario.due[0], scenario.due[1] + 1, count)
    rest = 0.2 * female + 0.35 * (education - 1.2) + found.bent
    rest += 0.6 - 0.6 * z**2 if scenario.curve else -0.4 * z
    rest += scenario.tied * scenario.group * _standard(np.bincount(group))[group]
    columns = np.column_stack([np.ones(count), found.own, z, female, education])
    member = scenario.member if scenario.rho is None else _spread(scenario)
    drawn = Design(scenario, columns, found, group, due.astype(float), rest, 0.0, member)
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


def shares(drawn: Design, added: np.ndarray) -> np.ndarray:
    """Chance of taking part where the factor adds `added`, groups and members integrated out."""
    return integrated(drawn.base + drawn.effect * added, drawn.deviation)


def outcomes(drawn: Design, chance: np.random.Generator, sets: int) -> np.ndarray:
    """Slots attended, one row per set, one column per member."""
    return attended(drawn, chance, groups_of(drawn, chance, sets))


def groups_of(drawn: Design, chance: np.random.Generator, sets: int) -> np.ndarray:
    """What its group adds to the log odds of each member, one row per set."""
    own = drawn.scenario.group * np.sqrt(1 - drawn.scenario.tied**2)
    return own * chance.normal(size=(sets, drawn.group.max() + 1))[:, drawn.group]


def attended(drawn: Design, chance: np.random.Generator, groups: np.ndarray) -> np.ndarray:
    """Slots attended by members of given groups (`groups_of`)."""
    odds = drawn.base + drawn.effect * drawn.asked.added + groups
    if drawn.member:
        odds = odds + drawn.member * chance.normal(size=odds.shape)
    return chance.binomial(drawn.due.astype(int), special.expit(odds)).astype(float)


def within(drawn: Design, groups: np.ndarray) -> np.ndarray:
    """The share of slots attended that these very groups would have in the long run, by set."""
    odds = drawn.base + drawn.effect * drawn.asked.added + groups
    return integrated(odds, drawn.member) @ drawn.due / drawn.due.sum()


def _standard(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def integrated(odds: np.ndarray, deviation: float) -> np.ndarray:
    """Mean of expit(odds + N(0, deviation²)) by Gauss–Hermite quadrature."""
    if not deviation:
        return special.expit(odds)
    nodes, weights = _nodes()
    return special.expit(odds[..., None] + deviation * nodes) @ weights


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    return nodes, weights / weights.sum()


def _solved(drawn: Design, alternative: bool) -> Design:
    """Intercept (and for a panel the effect) so that the shares are the declared ones."""
    scenario = drawn.scenario
    effect = np.log(ODDS) if alternative and not scenario.panel else 0.0

    def at(intercept: float, effect: float) -> Design:
        return replace(drawn, base=drawn.base + intercept, effect=effect)

    def level(intercept: float, effect: float) -> float:
        found = at(intercept, effect)
        added = 0 * found.base if scenario.panel else found.asked.added
        return shares(found, added).mean() - scenario.rate

    intercept = optimize.brentq(level, -15, 15, args=(effect,))
    if not (alternative and scenario.panel):
        return at(intercept, effect)
    reach = optimize.brentq(lambda one: at(intercept, one).apart - scenario.gap, -12, 12)
    return at(intercept, reach)


def _spread(scenario: Scenario) -> float:
    """The members' standard deviation that gives the declared correlation of their sessions."""

    def rho(member: float) -> float:
        own = np.hypot(member, scenario.group)
        odds = optimize.brentq(lambda a: integrated(np.array(a), own) - scenario.rate, -20, 20)
        nodes, weights = _nodes()
        share = special.expit(odds + own * nodes)
        mean = weights @ share
        spread = weights @ (share - mean) ** 2
        return spread / (mean * (1 - mean)) - scenario.rho

    return float(optimize.brentq(rho, 0.0, 12.0))
