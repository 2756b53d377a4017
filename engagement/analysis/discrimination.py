"""How far the declared factors tell those who take part from those who do not, honestly.

Enters: cells and the study's declared factors and outcomes.
Leaves: one row per outcome: discrimination and calibration corrected for optimism.
Refuses: the apparent figures, and any number on a person.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from engagement.analysis import comparison, design, firth
from engagement.declared import Outcome
from engagement.study import Study

COLUMNS = ("outcome", "members", "events", "auc", "calibration", "repeats", "note")
REPEATS = 200
FEWEST_EVENTS = 10
SEED = 2022
STRENGTH = 1.0


class Sample(NamedTuple):
    """Members of the cells: columns, members, slots attended and due of each of them."""

    columns: np.ndarray
    members: np.ndarray
    attended: np.ndarray
    due: np.ndarray


def table(cells: pd.DataFrame, study: Study, *, repeats: int = REPEATS) -> pd.DataFrame:
    """Optimism-corrected area under the curve and calibration slope, one row per outcome.

    auc: chance that of two slots, one attended and one not, the model of all declared factors
    ranks the attended one higher (.5: it cannot tell); calibration: slope of the outcome on the
    model's log odds (1: neither too bold nor too shy). Both are the apparent figure less its mean
    optimism over `repeats` bootstrap samples of members, every step refitted inside. Harrell,
    Lee & Mark 1996. Too few events give a note and no figure.
    """
    rows = [_row(cells, outcome, study, repeats) for outcome in study.outcomes.values()]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _row(cells: pd.DataFrame, outcome: Outcome, study: Study, repeats: int) -> dict:
    own = cells[cells["outcome"] == outcome.name]
    used = design.known(own, study.factors)
    told = {"outcome": outcome.name, **comparison.size(used), "repeats": repeats, "note": ""}
    others = int((used["due"] * used["members"]).sum()) - told["events"]
    if min(told["events"], others) < FEWEST_EVENTS:
        return told | {"auc": np.nan, "calibration": np.nan, "note": "few_events"}
    auc, calibration = corrected(sample(used, study), repeats)
    return told | {"auc": auc, "calibration": calibration}


def sample(used: pd.DataFrame, study: Study) -> Sample:
    """The cells as columns: one per level or number of every declared factor."""
    codings = {name: design.coding(used, factor) for name, factor in study.factors.items()}
    curves = [f"{name}^2" for name, one in study.factors.items() if one.kind == design.CURVE]
    matrix = design.matrix(used, [*study.factors, *curves], codings)
    kept = design.independent(matrix, used["members"].to_numpy())
    slots = [used[name].to_numpy(float) for name in ("members", "attended", "due")]
    return Sample(matrix[kept].to_numpy()[:, 1:], *slots)


def corrected(drawn: Sample, repeats: int, *, seed: int = SEED) -> tuple[float, float]:
    """The two figures less their mean optimism over bootstrap samples of members."""
    import sklearn

    with sklearn.config_context(assume_finite=True, skip_parameter_validation=True):
        return _corrected(drawn, repeats, np.random.default_rng(seed))


def _corrected(drawn: Sample, repeats: int, chance: np.random.Generator) -> tuple[float, float]:
    apparent = np.array(_figures(_odds(drawn, drawn), drawn))
    weights = drawn.members / drawn.members.sum()
    optimism: list[np.ndarray] = []
    while len(optimism) < repeats:
        count = chance.multinomial(int(drawn.members.sum()), weights).astype(float)
        again = drawn._replace(members=count)
        if not 0 < count @ drawn.attended < count @ drawn.due:
            continue
        odds = _odds(again, drawn)
        optimism.append(np.subtract(_figures(odds, again), _figures(odds, drawn)))
    auc, slope = apparent - np.mean(optimism, axis=0)
    return float(auc), float(slope)


def _odds(fitted: Sample, told: Sample) -> np.ndarray:
    """Log odds of the cells in `told` by the model fitted to `fitted`."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=STRENGTH, solver="newton-cholesky", tol=1e-8)
    columns, outcome, weight = _slots(fitted)
    model.fit(columns, outcome, sample_weight=weight)
    return told.columns @ model.coef_[0] + model.intercept_[0]


def _slots(drawn: Sample) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Every cell twice: its attended slots and the others; a member weighs one in all."""
    weight = drawn.members / drawn.due
    won, lost = drawn.attended * weight, (drawn.due - drawn.attended) * weight
    columns = np.concatenate([drawn.columns, drawn.columns])
    outcome = np.repeat([1, 0], len(drawn.members))
    weights = np.concatenate([won, lost])
    kept = weights > 0
    return columns[kept], outcome[kept], weights[kept]


def _figures(odds: np.ndarray, drawn: Sample) -> tuple[float, float]:
    """The area under the curve and the calibration slope of log odds told beforehand."""
    weight = drawn.members / drawn.due
    won, lost = drawn.attended * weight, (drawn.due - drawn.attended) * weight
    sides = np.column_stack([np.ones(len(odds)), odds])
    line = firth.logistic(sides, won, won + lost)
    return area(odds, won, lost), float(line.coefficients[1])


def area(odds: np.ndarray, won: np.ndarray, lost: np.ndarray) -> float:
    """Chance that a slot attended ranks above one that was not; ties count a half."""
    place = np.unique(odds, return_inverse=True)[1]
    above, below = np.bincount(place, won), np.bincount(place, lost)
    beaten = np.cumsum(below) - below / 2
    return float(above @ beaten / (above.sum() * below.sum()))
