"""From barriers to offers, within the hours that the staff have.

Enters: segments with verdicts, the catalogue of measures, the declared staff hours.
Leaves: offers, preconditions first, and what had to be dropped; the effect here is unknown.
Refuses: offers to a class whose barrier is not supported; ranking of people, classes or units.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import optimize, sparse

from engagement import codebook, tables
from engagement.study import Study

COLUMNS = list(tables.TABLES["plan"].columns)
PRECONDITIONS = ("MS01", "MS02")
OFFERED = ("supported", "not_testable_column", "not_testable_few")
GRADE_POINTS = {"A": 3, "B": 2, "C": 1, "D": 0}
MEMBERS_OF_A_PAIR = 2
QUARTER = 3
OWNER = "plan.owner"


def offers(segments: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The measures to offer, one row per segment and measure; preconditions come first.

    Within the hours, as many members as possible are in a segment that is offered something;
    then better grades of evidence, then fewer hours decide. units and hours are for the whole
    plan; owner names the study's entry; month is when the offer starts; indicator is what to
    count. The effect of every offer in this organisation is unknown. Empty without a plan.
    """
    return _listed(segments, study, chosen=True)


def dropped(segments: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The measures that a segment could be offered if there were more hours."""
    return _listed(segments, study, chosen=False)


def hours_available(study: Study) -> float:
    """The staff hours of the whole plan; none without a plan."""
    return study.plan.staff_hours_per_month * study.plan.months if study.plan else 0.0


def _listed(segments: pd.DataFrame, study: Study, *, chosen: bool) -> pd.DataFrame:
    if study.plan is None:
        return pd.DataFrame(columns=COLUMNS)
    lines = candidates(segments, study)
    picked = selection(lines, hours_available(study))
    return lines[picked == chosen][COLUMNS].reset_index(drop=True)


def candidates(segments: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Every measure that fits a segment's barrier, with units and hours, preconditions first.

    A class that cannot be told for want of a column is sized by whoever may be in it.
    """
    measures = codebook.measures().merge(codebook.amounts(), on="unit", how="left", validate="m:1")
    if study.plan.measures:
        measures = measures[measures["id"].isin([*PRECONDITIONS, *study.plan.measures])]
    first = measures[measures["id"].isin(PRECONDITIONS)]
    first = first.assign(segment="", verdict="", members=0)
    size = segments["members"].fillna(segments["members_possible"])
    wanted = segments.assign(members=size)[segments["verdict"].isin(OFFERED) & size.notna()]
    rest = measures[~measures["id"].isin(PRECONDITIONS)]
    fitting = rest.assign(barrier=rest["barrier"].str.split(";")).explode("barrier")
    fitting = wanted[["segment", "barrier", "verdict", "members"]].merge(fitting, on="barrier")
    lines = pd.concat([first, fitting], ignore_index=True)
    units = _units(lines, study)
    return lines.assign(
        measure=lines["id"],
        units=units,
        hours=(units * lines["staff_hours_per_unit"]).round(1),
        owner=OWNER,
        month=_months(lines, study),
    )


def selection(lines: pd.DataFrame, hours: float) -> np.ndarray:
    """Which lines fit into `hours`: a 0–1 programme solved exactly; True for the chosen ones.

    Preconditions are taken first, in order, as far as the hours go.
    """
    first = (lines["segment"] == "").to_numpy()
    cost = lines["hours"].to_numpy(float)
    affordable = first & (np.cumsum(np.where(first, cost, 0)) <= hours)
    chosen = affordable.copy()
    rest = np.flatnonzero(~first)
    if len(rest):
        chosen[rest] = _best(lines.iloc[rest], hours - cost[affordable].sum())
    return chosen


def _best(lines: pd.DataFrame, hours: float) -> np.ndarray:
    """Covered members first, then grades, then hours, in one weighted objective."""
    cost = lines["hours"].to_numpy(float)
    names, place = np.unique(lines["segment"], return_inverse=True)
    members = lines.groupby("segment")["members"].first().reindex(names).to_numpy(float)
    grade = 1 + lines["grade"].map(GRADE_POINTS).to_numpy(float)
    thrift = 0.5 / (1 + cost.sum())
    value = np.concatenate([grade - thrift * cost, members * (1 + grade.sum())])
    count, classes = len(lines), len(names)
    # A segment counts as covered only when one of its lines is taken.
    covers = sparse.hstack(
        [sparse.csr_array((np.ones(count), (place, np.arange(count)))), -sparse.eye_array(classes)]
    )
    spent = sparse.csr_array(np.concatenate([cost, np.zeros(classes)])[None, :])
    solved = optimize.milp(
        -value,
        integrality=np.ones(count + classes),
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(covers, 0, np.inf),
            optimize.LinearConstraint(spent, -np.inf, hours),
        ],
        options={"mip_rel_gap": 0},
    )
    return np.round(solved.x[:count]).astype(bool)


def _units(lines: pd.DataFrame, study: Study) -> np.ndarray:
    """How many units a line means: per member, pair, branch, month or quarter of the plan."""
    months, members = study.plan.months, lines["members"].astype(float)
    branches = sum(unit.level == "branch" for unit in study.units) or 1
    bases = {
        "member": members * months / 12,
        "pair": np.ceil(members / MEMBERS_OF_A_PAIR) * months / 12,
        "branch": branches * months / 12,
        "month": months,
        "quarter": months / QUARTER,
        "post": branches * months / 12,
        "entrance": branches * months / 12,
    }
    per = lines["per"]
    base = sum((per == name) * np.asarray(value, float) for name, value in bases.items())
    return np.ceil(base * lines["times"] - 1e-9).to_numpy(float)


def _months(lines: pd.DataFrame, study: Study) -> pd.Series:
    """Preconditions start next month, supported barriers a month later, tries after that."""
    start = pd.Period(study.reference_date, freq="M")
    wait = lines["verdict"].map({"": 1, "supported": 2}).fillna(3).astype(int)
    return wait.map(lambda months: str(start + min(months, max(study.plan.months, 1))))
