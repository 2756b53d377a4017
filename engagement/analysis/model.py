"""The model behind a comparison: its cells, its columns, its fit and its variance.

Enters: cells of one outcome and a question (factor, adjustment, outcome, method).
Leaves: one fitted Model, frozen.
Refuses: a factor that its adjustment already says, separation without a penalty, a coefficient
that rests on one group (Refusal with a note code).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from engagement.analysis import contrasts, design, firth, variance
from engagement.analysis.contrasts import Shares
from engagement.analysis.design import Coding
from engagement.analysis.firth import Fit
from engagement.analysis.variance import Setting, Variance
from engagement.declared import Factor, Outcome

NO_VARIATION = 1e-16


class Refusal(Exception):
    """Why nothing can be said: a note code."""


class Question(NamedTuple):
    """A factor, the factors it is adjusted for, the terms, and how the answer is sought."""

    factor: Factor
    adjusters: Mapping[str, Factor]
    outcome: Outcome
    penalised: bool
    between: tuple[float, float] = (0.0, 1.0)
    by: str = ""

    @property
    def terms(self) -> tuple[str, ...]:
        """The adjusting terms first, so that a factor they already say is found out.

        A curve is a number and its square, wherever it stands. With `by` the factor may differ
        between the levels of another one.
        """
        named = (*self.factor.adjust, self.factor.name)
        if self.by:
            own = (self.by, self.factor.name, f"{self.factor.name}:{self.by}")
            named = tuple(dict.fromkeys((*self.factor.adjust, *own)))
        curves = {name for name, one in self.adjusters.items() if one.kind == design.CURVE}
        curves |= {self.factor.name} if self.factor.kind == design.CURVE else set()
        return tuple(
            part for term in named for part in ([term, f"{term}^2"] if term in curves else [term])
        )

    @property
    def tested(self) -> int:
        """How many terms at the end are the factor's own."""
        return 2 if self.factor.kind == design.CURVE else 1


class Model(NamedTuple):
    """A fitted question: its cells, columns, coefficients after FLIC, and the variance."""

    question: Question
    cells: pd.DataFrame
    codings: Mapping[str, Coding]
    columns: list[str]
    fit: Fit
    coefficients: np.ndarray
    variance: Variance
    notes: tuple[str, ...]


def fitted(cells: pd.DataFrame, question: Question) -> Model:
    """The model of `question` on cells in which all its factors are recorded.

    Raises Refusal with the note code of what stands in the way.
    """
    factor = question.factor
    codings = {name: design.coding(cells, one) for name, one in question.adjusters.items()}
    codings[factor.name] = design.coding(cells, factor)
    if factor.kind == design.CURVE:
        low, high = question.between
        codings[factor.name] = Coding(factor.name, "", (), low, high - low, bent=True)
    elif factor.kind in design.NUMERIC:
        codings[factor.name] = codings[factor.name]._replace(scale=step(cells, factor))
    matrix = design.matrix(cells, question.terms, codings)
    columns = design.independent(matrix, cells["members"].to_numpy())
    tested = _tested(codings, question)
    if not set(tested) <= set(columns):
        raise Refusal("collinear")
    fit, notes = regression(matrix[columns].to_numpy(), cells, penalised=question.penalised)
    places = [columns.index(name) for name in tested]
    chosen = _variance(fit, places, _setting(cells, question))
    return Model(question, cells, codings, columns, fit, contrasts.flic(fit), chosen, notes)


def regression(
    matrix: np.ndarray, cells: pd.DataFrame, *, penalised: bool
) -> tuple[Fit, tuple[str, ...]]:
    """The fit of a design, and a note when a combination of columns separates the outcome."""
    successes, trials = _trials(cells)
    separation = firth.separated(matrix, successes, trials)
    if separation and not penalised:
        raise Refusal("separation")
    fit = firth.logistic(matrix, successes, trials, penalised=penalised)
    if not fit.converged:
        raise Refusal("no_convergence")
    return fit, ("separation",) if separation else ()


def _trials(cells: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    members = cells["members"].to_numpy(float)
    return cells["attended"].to_numpy() * members, cells["due"].to_numpy() * members


def _variance(fit: Fit, places: list[int], setting: Setting) -> Variance:
    try:
        found = variance.chosen(fit, places, setting)
    except np.linalg.LinAlgError:
        raise Refusal("one_group") from None
    variances = [np.diag(one.covariance)[places] for one in found.references]
    if np.min(variances) < NO_VARIATION:
        raise Refusal("no_variation")
    return found


def _setting(cells: pd.DataFrame, question: Question) -> Setting:
    numeric = question.factor.kind in design.NUMERIC
    level = cells["outcome"] if numeric else cells[question.factor.name]
    members = cells["members"]
    events = (cells["attended"] * members).groupby(level).sum()
    return Setting(
        members=members.to_numpy(float),
        groups=design.clusters(cells),
        panel=question.outcome.kind == "panel",
        smallest_level=members.groupby(level).sum().min(),
        fewest_events=events.min(),
    )


def _tested(codings: Mapping[str, Coding], question: Question) -> list[str]:
    coding = codings[question.factor.name]
    levels = [f"{coding.name}[{level}]" for level in coding.levels]
    if question.by:
        others = [f"{question.by}[{level}]" for level in codings[question.by].levels]
        return [f"{level}:{other}" for level in levels for other in others]
    return levels or list(question.terms[-question.tested :])


def shares(model: Model, level: str, reference: str) -> Shares:
    """Mean shares with everybody at `level` and at `reference`.

    A number: everybody one step up, and as they are. A score: all at the top, all at the bottom.
    A curve: everybody at the one point, and at the other.
    """
    factor = model.question.factor
    values, step = model.cells[factor.name], model.codings[factor.name].scale
    settings: tuple = (level, reference)
    if factor.kind == design.CURVE:
        settings = model.question.between[::-1]
    elif factor.kind in design.NUMERIC:
        settings = (step, 0.0) if factor.kind == design.SCORE else (values + step, values)
    designs = [_at(model, setting) for setting in settings]
    members = model.cells["members"].to_numpy(float)
    found = contrasts.standardised(model.coefficients, *designs, members)
    return found._replace(stepped=factor.kind == "number")


def _at(model: Model, setting: object) -> np.ndarray:
    """The design with everybody at one setting of the factor."""
    factor, terms = model.question.factor, model.question.terms
    alone = sum(factor.name in design.parts([term]) for term in terms) == 1
    if factor.kind in design.NUMERIC or not alone:
        cells = model.cells.assign(**{factor.name: setting})
        return design.matrix(cells, terms, model.codings)[model.columns].to_numpy()
    changed = model.fit.design.copy()
    for place, name in enumerate(model.columns):
        if name.startswith(f"{factor.name}["):
            changed[:, place] = name == f"{factor.name}[{setting}]"
    return changed


def step(cells: pd.DataFrame, factor: Factor) -> float:
    """The declared step of a number, else its standard deviation to two digits."""
    if factor.step:
        return factor.step
    return float(f"{design.spread(cells, factor.name):.2g}") or 1.0
