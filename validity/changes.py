"""What else a study may ask: does a difference depend on another factor, do two seasons differ?

Enters: a case, the number of a design, how many sets, a seed.
Leaves: one row of counts: refused, found, covered; all by the package itself.
Refuses: nothing.
"""

from __future__ import annotations

import tempfile
import zlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special

from engagement import study
from engagement.analysis import interactions, seasons
from engagement.study import Study
from validity import trials
from validity.scenarios import Design, design, integrated, outcomes, scenarios, sizes

FEMALE = 0.2
LEVEL = 0.05
CHANGE = 0.08
HEAD = """
title = { zh = "-", en = "-" }
organisation = { zh = "-", en = "-" }
people = { zh = "-", en = "-" }
reference_date = 2022-12-31
[fields.x]
type = "category"
[fields.x.labels]
l0 = { zh = "-", en = "-" }
l1 = { zh = "-", en = "-" }
[factors.x]
reference = "l0"
role = "primary"
adjust = ["z", "education"]
[fields.female]
type = "category"
[fields.female.labels]
f0 = { zh = "-", en = "-" }
f1 = { zh = "-", en = "-" }
[factors.female]
reference = "f0"
[fields.z]
type = "number"
[factors.z]
kind = "number"
[factors.education]
kind = "number"
[[interaction]]
factor = "x"
by = "female"
[outcomes.took_part]
primary = true
label = { zh = "-", en = "-" }
"""
KINDS = {
    False: 'kind = "column"\nfield = "hours"\n',
    True: 'kind = "panel"\nroster = "sign_ins"\n',
}


@cache
def asked(*, panel: bool) -> Study:
    """A study that asks whether the difference of x depends on sex."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rosters").mkdir()
        text = HEAD + KINDS[panel]
        (Path(folder) / "study.toml").write_text(text, encoding="utf-8")
        return study.load(Path(folder))


class Case(NamedTuple):
    """An interaction (a scenario), or two seasons (its groups, and how far these drift apart)."""

    what: str
    scenario: str
    change: float | None = None
    drift: float = 0.0


CASES = {
    "no product": Case("a true difference, the same in women", "H"),
    "product": Case("a true difference, larger in women", "J1"),
    "no product, panel": Case("a panel, the same in women", "PR3"),
    "product, panel": Case("a panel, larger in women", "PJ"),
    "same season": Case("nothing changed", "PR3", 0.0),
    "season up": Case("all attend more", "PR3", CHANGE),
    "groups change": Case("groups change, all together nothing", "PR3", 0.0, 0.4),
    "groups change up": Case("groups change, all together more", "PR3", CHANGE, 0.4),
    "unequal groups change": Case("unequal groups change", "PU", 0.0, 0.4),
    "six groups change": Case("six groups of sixty members", "PN60", 0.0, 0.4),
    "same season, binary": Case("one session each", "H", 0.0),
}


def block(name: str, place: int, sets: int, seed: int) -> dict:
    """Counts over `sets` data sets of one design."""
    case = CASES[name]
    chance = np.random.default_rng([seed, zlib.crc32(name.encode()), place])
    scenario = scenarios()[case.scenario]
    drawn = design(scenario, chance, alternative=case.change is None)
    judge = _interactions if case.change is None else _seasons
    counted = dict.fromkeys(("refused", "found", "covered", "not_finite"), 0)
    for truth, row, found in judge(case, drawn, chance, sets):
        if row["verdict"] == "refused":
            counted["refused"] += 1
            continue
        ends = np.array([row["estimate"], row["conf_low"], row["conf_high"]], float)
        counted["found"] += bool(found)
        counted["covered"] += bool(ends[1] <= truth <= ends[2])
        counted["not_finite"] += not np.isfinite(ends).all()
    return {"scenario": name, "alternative": 0, "design": place, "sets": sets, **counted}


def null(name: str) -> bool:
    """Whether there is nothing to be found in this case."""
    case = CASES[name]
    if case.change is None:
        return scenarios()[case.scenario].ask != "product"
    return case.change == 0


def _interactions(case: Case, drawn: Design, chance: np.random.Generator, sets: int):
    truth = depends(drawn)
    given = asked(panel=drawn.scenario.panel)
    for attended in outcomes(drawn, chance, sets):
        cells = trials.cells(drawn, attended)
        cells["female"] = np.where(cells["female"] == 1, "f1", "f0")
        row = interactions.findings(cells, given).iloc[0]
        yield truth, row, row["p_adjusted"] < LEVEL


def depends(drawn: Design) -> float:
    """The true difference of x in women less that in men, everybody being the one and the other."""
    female = drawn.columns[:, -2]
    extra = drawn.scenario.ask == "product"
    differences = []
    for sex in (1.0, 0.0):
        base = drawn.base + FEMALE * (sex - female)
        added = drawn.effect * (1 + 0.5 * sex * extra)
        high, low = (integrated(base + one, drawn.deviation) for one in (added, 0.0))
        differences.append(float((high - low).mean()))
    return differences[0] - differences[1]


def _seasons(case: Case, drawn: Design, chance: np.random.Generator, sets: int):
    """Two seasons of the same members; everybody's log odds move by what gives the true change."""
    given = asked(panel=True)
    before = integrated(drawn.base, drawn.deviation).mean()
    far = float(np.hypot(drawn.deviation, case.drift))

    def apart(shift: float) -> float:
        return integrated(drawn.base + shift, far).mean() - before - case.change

    moved = optimize.brentq(apart, -10, 10)
    groups = len(sizes(drawn.scenario))
    for _ in range(sets):
        own = drawn.base + drawn.scenario.group * chance.normal(size=groups)[drawn.group]
        own = own + drawn.member * chance.normal(size=len(own))
        drift = case.drift * chance.normal(size=groups)[drawn.group]
        row = seasons.findings(_pair(drawn, own, own + moved + drift, chance), given).iloc[0]
        yield case.change, row, row["verdict"] in ("higher", "lower") or _beyond(row)


def _beyond(row: pd.Series) -> bool:
    return bool(row["conf_low"] > 0 or row["conf_high"] < 0)


def _pair(drawn: Design, before, after, chance: np.random.Generator) -> pd.DataFrame:
    due = drawn.due.astype(int)
    rows = {"before": "one", "after": "two", "branch": "b1", "members": 1, "x": "l0"}
    rows |= {"group": [f"g{one}" for one in drawn.group], "female": "f0"}
    for name, odds in (("before", before), ("after", after)):
        rows |= {f"due_{name}": due, f"attended_{name}": chance.binomial(due, special.expit(odds))}
    return pd.DataFrame(rows)
