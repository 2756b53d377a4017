"""From barriers to offers, within the hours, rooms and posts that there are.

Enters: segments with verdicts, their units, the study's measures and capacity.
Leaves: offers, preconditions first; what is dropped when hours shrink; what waits for a pilot.
Refuses: offers to a class whose barrier is not supported, beyond the pilot; ranking of people,
classes or units.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.analysis import planner
from engagement.declared import Measure
from engagement.study import Study

COLUMNS = list(tables.TABLES["plan"].columns)
PRECONDITIONS = ("MS01", "MS02")
UNTESTED = ("not_testable_column", "not_testable_few")
GRADE_POINTS = {"A": 3, "B": 2, "C": 1, "D": 0}
CANNOT_COME = "B-CAPP"
MEMBERS_OF_A_PAIR = 2
QUARTER = 3
WAIT = {"": 0, "supported": 1}
TRY = 2
SHARES = (0.9, 0.75, 0.5, 0.25, 0.1)
RESERVE = 0.05  # of the declared hours, kept free for what nobody foresees


def offers(segments: pd.DataFrame, segment_cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The measures to offer, one row per segment and measure; preconditions come first.

    The aims are those of `planner`: preconditions, no branch and no one who cannot come without
    an offer, then members in a class that is offered something, grades of evidence, fewer hours.
    units and hours are for the whole plan; owner names the study's entry; month and until are when
    it is worked on, review_month when it is looked at again; indicator is what to count, stop what
    would make us stop. kept_at is the smallest share of the declared hours, of those tried, down to
    which the best plan still holds the offer. The effect of every offer here is unknown. Empty
    without a plan.
    """
    return _listed(segments, segment_cells, study, chosen=True)


def dropped(segments: pd.DataFrame, segment_cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The measures that a segment could be offered if there were more hours, rooms or posts."""
    return _listed(segments, segment_cells, study, chosen=False)


def hours_available(study: Study) -> float:
    """The staff hours of the whole plan; none without a plan."""
    return study.plan.staff_hours_per_month * study.plan.months if study.plan else 0.0


def _listed(segments, segment_cells, study: Study, *, chosen: bool) -> pd.DataFrame:
    if study.plan is None:
        return pd.DataFrame(columns=COLUMNS)
    lines = candidates(segments, study)
    problem = posed(lines, segments, segment_cells, study)
    picked = planner.choice(problem)
    kept = _kept(lines, segments, segment_cells, study, picked) if chosen else np.nan
    dated = lines.assign(kept_at=kept, **_dates(problem, picked, study))
    return dated[picked == chosen][COLUMNS].reset_index(drop=True)


def shrinking(offered: pd.DataFrame) -> pd.DataFrame:
    """What to drop first, one row per chosen offer: dropped first comes first."""
    order = offered.sort_values(["kept_at", "hours"], ascending=[False, False], kind="stable")
    columns = list(tables.TABLES["shrinking"].columns)
    return tables.check(order[columns].reset_index(drop=True), "shrinking")


def _kept(lines, segments, segment_cells, study: Study, whole: np.ndarray) -> np.ndarray:
    """The smallest share of the hours, of those tried, down to which the best plan holds each."""
    kept = np.ones(len(lines))
    still = whole.copy()
    for share in SHARES:
        problem = posed(lines, segments, segment_cells, study, share=share)
        still &= planner.choice(problem)
        kept = np.where(still, share, kept)
    return kept


def unused(segments: pd.DataFrame, study: Study) -> list[Measure]:
    """Measures that the plan names although no class offered anything has their barrier."""
    if study.plan is None:
        return []
    wanted = set(segments.loc[segments["verdict"].isin(["supported", *UNTESTED]), "barrier"])
    named = [study.measures[name] for name in study.plan.measures if name not in PRECONDITIONS]
    return [measure for measure in named if not wanted & set(measure.barriers)]


def months(study: Study) -> list[str]:
    """The months of the plan (YYYY-MM), from the one after the reference date."""
    first = pd.Period(study.reference_date, freq="M") + 1
    return [str(first + number) for number in range(study.plan.months)]


def candidates(segments: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Every measure that fits a segment's barrier, with units and hours, preconditions first.

    A class whose barrier is not supported is offered the pilot's measure, when the pilot is about
    it, and what mends the records about it; everything else waits (`waiting`), so that a plan
    spends on no difference that chance alone could make. A class that cannot be told for want of a
    column is sized by whoever may be in it. What costs the same however many it serves is planned
    once, for the class with a supported barrier and, among these, with most members.
    """
    measures = _measures(study)
    fitting = _fitting(segments, measures)
    fitting = fitting[~_waits(fitting, study)]
    first = measures[measures["measure"].isin(PRECONDITIONS)]
    first = first.assign(segment="", verdict="", members=0, barrier=first["barriers"].str[0])
    lines = pd.concat([first, _once(fitting)], ignore_index=True)
    units = _units(lines, study)
    return lines.assign(
        units=units,
        hours=(units * lines["staff_hours"].astype(float)).round(1),
        owner="plan.owner",
        stop="plan.stop",
    )


def waiting(segments: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Measures that no class is offered before a pilot has told, one row per segment."""
    columns = ["segment", "measure"]
    if study.plan is None:
        return pd.DataFrame(columns=columns)
    fitting = _fitting(segments, _measures(study))
    waits = _waits(fitting, study)
    elsewhere = fitting["measure"].isin(fitting.loc[~waits, "measure"])
    return fitting.loc[waits & ~elsewhere, columns].reset_index(drop=True)


def _fitting(segments: pd.DataFrame, measures: pd.DataFrame) -> pd.DataFrame:
    """Measures beside the classes whose barrier they serve, supported or untested."""
    size = segments["members"].fillna(segments["members_possible"])
    known = segments["verdict"].isin(["supported", *UNTESTED]) & size.notna()
    wanted = segments.assign(members=size)[known]
    rest = measures[~measures["measure"].isin(PRECONDITIONS)]
    fitting = rest.assign(barrier=rest["barriers"]).explode("barrier")
    return wanted[["segment", "barrier", "verdict", "members"]].merge(fitting, on="barrier")


def _waits(fitting: pd.DataFrame, study: Study) -> pd.Series:
    """Which lines are for an untested barrier, and neither the pilot's nor about the records."""
    tried = fitting["trial"] == "none"
    if study.pilot is not None:
        about = fitting["segment"].eq(study.pilot.segment) | (study.pilot.segment == "")
        tried |= about & fitting["measure"].eq(study.pilot.measure)
    return (fitting["verdict"] != "supported") & ~tried


def _once(fitting: pd.DataFrame) -> pd.DataFrame:
    """The lines without a second one of a measure whose units do not follow from its members."""
    shared = ~fitting["per"].isin(["member", "pair"])
    order = fitting.assign(
        supported=fitting["verdict"] == "supported", size=fitting["members"].astype(float)
    ).sort_values(["supported", "size"], ascending=False, kind="stable")
    again = order.duplicated("measure").reindex(fitting.index)
    return fitting[~(shared & again)]


def _measures(study: Study) -> pd.DataFrame:
    """The measures that the plan may choose from, one row each, with how they are counted."""
    wanted = {*PRECONDITIONS, *(study.plan.measures or study.measures)}
    rows = [
        {
            **{"measure": one.id, "barriers": list(one.barriers), "unit": one.unit},
            **{"staff_hours": one.staff_hours, "grade": one.grade, "channel": one.channel},
            "trial": one.trial,
        }
        for one in study.measures.values()
        if one.id in wanted
    ]
    columns = ["measure", "barriers", "unit", "staff_hours", "grade", "channel", "trial"]
    table = pd.DataFrame(rows, columns=columns)
    return table.merge(codebook.amounts(), on="unit", how="left", validate="m:1")


def posed(
    lines: pd.DataFrame,
    segments: pd.DataFrame,
    segment_cells: pd.DataFrame,
    study: Study,
    *,
    share: float = 1.0,
) -> planner.Problem:
    """The planner's problem: these lines under `share` of the declared hours."""
    names = list(dict.fromkeys(lines.loc[lines["segment"] != "", "segment"]))
    numbers = {name: place for place, name in enumerate(names)}
    size = lines.groupby("segment")["members"].first()
    plan = study.plan
    start = np.minimum(_wait(lines, study), plan.months - 1)
    running = plan.months - start
    room = np.where(lines["rooms"] == 1, np.ceil(lines["units"] / plan.months), 0.0)
    posts = np.where(lines["posts"] == 1, np.ceil(lines["units"] / lines["times"]), 0.0)
    return planner.Problem(
        hours=lines["hours"].to_numpy(float),
        steady=(lines["pace"] == "steady").to_numpy() & (running > 0),
        start=start,
        rooms=room,
        posts=posts,
        points=lines["grade"].map(GRADE_POINTS).to_numpy(float),
        first=(lines["segment"] == "").to_numpy(),
        covers=lines["segment"].map(numbers).fillna(-1).to_numpy(int),
        serves=_serves(lines, segment_cells, study),
        members=size.reindex(names).to_numpy(float),
        capacity=np.full(plan.months, share * (1 - RESERVE) * plan.staff_hours_per_month),
        room_capacity=np.inf if plan.rooms_per_month is None else float(plan.rooms_per_month),
        post_capacity=np.inf if plan.posts is None else float(plan.posts),
    )


def _serves(lines: pd.DataFrame, segment_cells: pd.DataFrame, study: Study) -> np.ndarray:
    """Offers × those who must not go without: each branch, and whoever cannot come in person."""
    inside = segment_cells[segment_cells["inside"] != "no"]
    here = set(zip(inside["segment"], inside["branch"], strict=True))
    branches = [unit.code for unit in study.units if unit.level == "branch"]
    columns = [[(name, branch) in here for name in lines["segment"]] for branch in branches]
    return np.array([*columns, lines["barrier"].eq(CANNOT_COME).tolist()], bool).T


def _wait(lines: pd.DataFrame, study: Study) -> np.ndarray:
    """Preconditions start next month, supported barriers a month later, tries after that.

    The pilot's measure starts when the pilot does.
    """
    wait = lines["verdict"].map(WAIT).fillna(TRY)
    if study.pilot is not None:
        ahead = pd.Period(study.pilot.start, freq="M") - pd.Period(months(study)[0], freq="M")
        wait = wait.mask(lines["measure"] == study.pilot.measure, max(ahead.n, 0))
    return wait.to_numpy(int)


def _units(lines: pd.DataFrame, study: Study) -> np.ndarray:
    """How many units a line means: per member, pair, branch, month or quarter of the plan."""
    months_of_plan, members = study.plan.months, lines["members"].astype(float)
    branches = sum(unit.level == "branch" for unit in study.units) or 1
    bases = {
        "member": members * months_of_plan / 12,
        "pair": np.ceil(members / MEMBERS_OF_A_PAIR) * months_of_plan / 12,
        "branch": branches * months_of_plan / 12,
        "month": months_of_plan,
        "quarter": months_of_plan / QUARTER,
        "post": branches * months_of_plan / 12,
        "entrance": branches * months_of_plan / 12,
    }
    per = lines["per"]
    base = sum((per == name) * np.asarray(value, float) for name, value in bases.items())
    return np.ceil(base * lines["times"] - 1e-9).to_numpy(float)


def _dates(problem: planner.Problem, picked: np.ndarray, study: Study) -> dict[str, list[str]]:
    """The first and last month of work on each line, and the month to look at it again."""
    names = months(study)
    worked = planner.schedule(problem, picked) > planner.NEARLY
    any_work = worked.any(axis=1)
    first = np.where(any_work, worked.argmax(axis=1), problem.start)
    last = np.where(
        any_work, problem.months - 1 - worked[:, ::-1].argmax(axis=1), problem.months - 1
    )
    review = np.minimum(first + QUARTER, problem.months - 1)
    return {
        name: [names[place] for place in places]
        for name, places in (("month", first), ("until", last), ("review_month", review))
    }
