"""How much would have to be unrecorded for a finding to vanish?

Enters: gaps (cells with the slots of which no record tells), and the slots that no sheet holds.
Leaves: tipping, one row per comparison of a primary factor with the primary outcome.
Refuses: trends and numbers, which have no group whose records could be missing.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd

from engagement import tables
from engagement.analysis import comparison, design
from engagement.declared import Factor
from engagement.study import Study

COLUMNS = list(tables.TABLES["tipping"].columns)
SLOTS = ["due", "attended", "unknown"]


def findings(gaps: pd.DataFrame, missing: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Tipping points, one row per level of each primary factor (table `tipping`).

    `needed`: the fewest absences of the group with the lower share, `level`, that would have to
    be unrecorded participations for the interval to reach zero; they are laid on the group's
    cells in proportion to its absences. `missed`: its absences; `unrecorded`: its slots without
    any record. band_low, band_high: the difference if, of all slots without a record, none of
    the one group and all of the other were participations, and the reverse. verdict: stands (the
    interval leaves zero out at both ends of the band), could_vanish, nothing_to_erase, refused.

    `missing`: sessions due and on no sheet, by unit (columns unit, sessions).
    """
    cells = with_missing(gaps, missing)
    primary = [factor for factor in study.factors.values() if factor.role == "primary"]
    rows = [
        _row(cells, factor, line, study)
        for factor in primary
        if factor.kind not in design.NUMERIC
        for line in comparison.lines(cells, factor, study.primary, study)
        if line["contrast"] != "trend|"
    ]
    return tables.check(pd.DataFrame(rows, columns=COLUMNS), "tipping")


def with_missing(gaps: pd.DataFrame, missing: pd.DataFrame) -> pd.DataFrame:
    """`gaps` with the sessions that no sheet of the member's branch or group holds."""
    sessions = missing.groupby("unit")["sessions"].sum()
    more = [gaps[level].map(sessions).fillna(0) for level in ("branch", "group")]
    return gaps.assign(unknown=(gaps["unknown"] + sum(more)).astype(int))


def _row(cells: pd.DataFrame, factor: Factor, line: dict, study: Study) -> dict:
    names = ("contrast", "estimate", "conf_low", "conf_high")
    told = {"term": factor.name, **{name: line[name] for name in names}}
    if line["refused"]:
        return {**told, "level": "", "verdict": "refused"}
    level, _, reference = line["contrast"].partition("|")
    lower = level if line["estimate"] < 0 else reference
    inside = cells[factor.name] == lower
    ask = _asked(factor, line["contrast"], study)
    ends = [ask(_filled(cells, factor, {one})) for one in (level, reference)]
    counts = {
        "level": lower,
        "missed": int(_absences(cells[inside]).sum()),
        "unrecorded": int((cells["unknown"] * cells["members"])[inside].sum()),
        "band_low": min(end["estimate"] for end in ends),
        "band_high": max(end["estimate"] for end in ends),
    }
    side = np.sign(line["estimate"])
    if _lost(line, side):
        return {**told, **counts, "needed": math.nan, "verdict": "nothing_to_erase"}
    needed = fewest(cells, inside, lambda changed: _lost(ask(changed), side))
    kept = not any(_lost(end, side) for end in ends)
    return {**told, **counts, "needed": needed, "verdict": "stands" if kept else "could_vanish"}


def _asked(factor: Factor, contrast: str, study: Study) -> Callable[[pd.DataFrame], dict]:
    """The study's own estimate of one comparison, from other cells."""

    def line(cells: pd.DataFrame) -> dict:
        found = comparison.lines(cells, factor, study.primary, study)
        return next(one for one in found if one["contrast"] == contrast)

    return line


def _lost(line: dict, side: float) -> bool:
    """Whether the interval no longer lies on that side of zero alone (it may have crossed over);
    a comparison that can no longer be carried is lost too."""
    if line["refused"]:
        return True
    return bool(line["conf_high"] >= 0 if side < 0 else line["conf_low"] <= 0)


def fewest(cells: pd.DataFrame, inside: pd.Series, erased: Callable[[pd.DataFrame], bool]) -> float:
    """The fewest absences of the cells `inside` that, taken for attendances, let `erased` hold.

    Found by doubling and halving in whole numbers: `erased` fails with one fewer. Missing when
    not even all of them do.
    """
    most = int(_absences(cells[inside]).sum())
    below, above = 0, min(1, most)
    while above < most and not erased(attended_more(cells, inside, above)):
        below, above = above, min(2 * above, most)
    if not most or not erased(attended_more(cells, inside, above)):
        return math.nan
    while above - below > 1:
        middle = (below + above) // 2
        if erased(attended_more(cells, inside, middle)):
            above = middle
        else:
            below = middle
    return float(above)


def attended_more(cells: pd.DataFrame, inside: pd.Series, number: int) -> pd.DataFrame:
    """`cells` with `number` absences of the cells `inside` turned into attendances.

    Each cell has its part in proportion to its absences (largest remainders), and its members
    share that part evenly: whoever has one more stands in a row of their own.
    """
    part = np.zeros(len(cells), dtype=int)
    part[inside.to_numpy()] = _apportioned(_absences(cells[inside]).to_numpy(), number)
    members = cells["members"].to_numpy()
    each, rest = part // members, part % members
    fewer = cells.assign(attended=cells["attended"] + each, members=members - rest)
    more = cells.assign(attended=cells["attended"] + each + 1, members=rest)
    both = pd.concat([fewer, more], ignore_index=True)
    return both[both["members"] > 0].reset_index(drop=True)


def _absences(cells: pd.DataFrame) -> pd.Series:
    return (cells["due"] - cells["attended"]) * cells["members"]


def _apportioned(weights: np.ndarray, number: int) -> np.ndarray:
    exact = weights / weights.sum() * number
    whole = np.floor(exact + 1e-9).astype(int)
    rest = number - whole.sum()
    whole[np.argsort(whole - exact, kind="stable")[:rest]] += 1
    return whole


def _filled(cells: pd.DataFrame, factor: Factor, came: set[str]) -> pd.DataFrame:
    """Every slot without a record is due; those of the levels `came` were participations."""
    attended = cells["attended"] + cells["unknown"] * cells[factor.name].isin(came)
    return cells.assign(due=cells["due"] + cells["unknown"], attended=attended)


def known_gaps(gaps: pd.DataFrame) -> dict[str, int]:
    """Slots due of the primary outcome: attended, missed, and without a record."""
    slots = {name: int((gaps[name] * gaps["members"]).sum()) for name in SLOTS}
    return {**slots, "missed": slots["due"] - slots["attended"]}


def band(gaps: pd.DataFrame) -> tuple[float, float]:
    """The overall share if none, and if all, of the slots without a record were participations."""
    slots = known_gaps(gaps)
    every = slots["due"] + slots["unknown"]
    if not every:
        return math.nan, math.nan
    return slots["attended"] / every, (slots["attended"] + slots["unknown"]) / every
