"""Is it a recording problem? What should have taken place against what is on record.

Enters: sessions on record, units with their members, cells, and the study's calendar.
Leaves: expected and recorded sessions, person-slots, longest gaps, filled shares; counts only.
Refuses: calling a gap a violation: a session that is not on record may have taken place.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.analysis.cells import UNKNOWN
from engagement.study import Study

COLUMNS = list(tables.TABLES["completeness"].columns)
HELD = {"held_branch": "branch", "held_group": "group"}
MONTHS = 12
_LATEST = "-99-99"  # a session known to the month lies in its last days as well


def findings(sessions: pd.DataFrame, units: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Expected against recorded sessions, one row per duty and branch (test `sessions`).

    `units` holds members by branch and group. verdict: complete, incomplete, none. A session
    recorded in part counts as recorded; sessions outside the calendar's days do not, nor those
    beyond the number due: a surplus here makes up for no gap there.
    Empty without a declared calendar.
    """
    if study.calendar is None:
        return pd.DataFrame(columns=COLUMNS)
    place = ["duty_type", "branch", "held_branch"]
    due = expected(units, study).groupby(place, sort=False)["sessions"].sum()
    on_record = _held(sessions, units, study).groupby(place).size()
    recorded = on_record.reindex(due.index, fill_value=0).clip(upper=due)
    rows = pd.DataFrame({"expected": due, "recorded": recorded})
    table = rows.groupby(place[:2], sort=False).sum().reset_index()
    return _judged(table.assign(test="sessions"))


def by_duty(table: pd.DataFrame) -> pd.DataFrame:
    """Sessions expected and recorded by duty over all branches, one row per duty."""
    rows = table[table["test"] == "sessions"] if len(table) else table
    counted = rows.groupby("duty_type", sort=False)[["expected", "recorded"]].sum().reset_index()
    return counted.assign(share=counted["recorded"] / counted["expected"])


def expected(units: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sessions and person-slots due by the calendar, one row per duty and unit.

    Columns: duty_type, branch, held_branch, unit, sessions, slots; slots count every member of
    the unit, and none for sessions of a committee. Empty without a declared calendar.
    """
    if study.calendar is None:
        columns = ["duty_type", "branch", "held_branch", "unit", "sessions", "slots"]
        return pd.DataFrame(columns=columns)
    rules = codebook.calendar(study.calendar.profile)
    parts = [_due(rule, held(units), _months(study)) for rule in rules]
    return pd.concat(parts, ignore_index=True)


def held(units: pd.DataFrame) -> pd.DataFrame:
    """`units` with the branch and the group that hold sessions (held_branch, held_group).

    They are its branch and group, but where several organisations were merged one level up: there
    sessions are still held by those below.
    """
    known = "held_branch" in units
    return units if known else units.assign(**{name: units[own] for name, own in HELD.items()})


def by_month(sessions: pd.DataFrame, units: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sessions on record by duty and month, one row each (table `by_month`).

    expected: the sessions due that month, of duties that are due every month; missing for the
    others, which may be held in any month of their period. Empty without a declared calendar.
    """
    if study.calendar is None:
        return pd.DataFrame(columns=tables.TABLES["by_month"].columns)
    due = expected(units, study).groupby("duty_type", sort=False)["sessions"].sum()
    rules = {rule.duty_type: rule for rule in codebook.calendar(study.calendar.profile)}
    on_record = _held(sessions, units, study)
    counted = on_record.groupby([on_record["duty_type"], on_record["event_date"].str[:7]]).size()
    window = _window(study)
    keys = pd.MultiIndex.from_product([due.index, window], names=["duty_type", "month"])
    table = counted.reindex(keys, fill_value=0).rename("recorded").reset_index()
    monthly = table["duty_type"].map({name: r.times_a_year == MONTHS for name, r in rules.items()})
    each = table["duty_type"].map(due / len(window))
    return tables.check(table.assign(expected=each.where(monthly)), "by_month")


def grid(months: pd.DataFrame) -> pd.DataFrame:
    """`by_month` laid out as a calendar: a row per duty, a column per month, texts.

    Duties due every month say recorded/expected, the others how many are on record, if any.
    """
    due = months["expected"].map("/{:.0f}".format).where(months["expected"].notna(), "")
    told = months["recorded"].astype("str").mask(months["recorded"].eq(0) & due.eq(""), "") + due
    wide = months.assign(told=told).pivot(index="duty_type", columns="month", values="told")
    return wide.loc[months["duty_type"].unique()].rename_axis(columns=None).reset_index()


def missing(sheets: pd.DataFrame, units: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Sessions for all members that are due and on no sheet, one row per duty and unit.

    Columns: duty_type, unit, sessions. Empty without a declared calendar.
    """
    due = expected(units, study)
    if due.empty:
        return pd.DataFrame(columns=["duty_type", "unit", "sessions"])
    due = due[due["slots"] > 0]
    on_record = _held(sheets, units, study).groupby(["duty_type", "unit"]).size()
    keys = pd.MultiIndex.from_frame(due[["duty_type", "unit"]])
    lacking = due["sessions"].to_numpy() - on_record.reindex(keys, fill_value=0).to_numpy()
    return due[["duty_type", "unit"]].assign(sessions=lacking.clip(min=0)).reset_index(drop=True)


def longest_gaps(sessions: pd.DataFrame, units: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Longest run of months without a session on record, one row per duty and branch.

    Test `longest_gap`: expected holds the months of the calendar, recorded the longest run.
    """
    due = expected(units, study)[["duty_type", "branch"]].drop_duplicates()
    if due.empty:
        return pd.DataFrame(columns=COLUMNS)
    on_record = _held(sessions, units, study)
    window = _window(study)
    month = pd.Index(window).get_indexer(on_record["event_date"].str[:7])
    rows = pd.MultiIndex.from_frame(due)
    row = rows.get_indexer(pd.MultiIndex.from_frame(on_record[["duty_type", "branch"]]))
    empty = np.ones((len(due), len(window)), dtype=bool)
    known = (row >= 0) & (month >= 0)
    empty[row[known], month[known]] = False
    table = due.assign(test="longest_gap", expected=len(window), recorded=_longest_runs(empty))
    return table.assign(share=table["recorded"] / len(window), verdict="described")[COLUMNS]


def filled(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Share of due members whose value is recorded, one row per factor (test `filled`).

    The factor's name stands under duty_type; branch is empty: all branches together.
    """
    own = cells[cells["outcome"] == study.primary.name]
    members = own["members"].sum()
    rows = [
        {
            "duty_type": name,
            "expected": members,
            "recorded": own.loc[_known(own, name), "members"].sum(),
        }
        for name in study.factors
    ]
    return _judged(pd.DataFrame(rows).assign(test="filled", branch=""))


def _known(cells: pd.DataFrame, name: str) -> pd.Series:
    return cells[name].notna() & (cells[name] != UNKNOWN)


def _due(rule: codebook.Rule, units: pd.DataFrame, months: int) -> pd.DataFrame:
    unit = f"held_{rule.per}"
    named = units[(units["held_branch"] != UNKNOWN) & (units[unit] != UNKNOWN)]
    place = list(dict.fromkeys(["branch", "held_branch", unit]))
    table = named.groupby(place)["members"].sum().reset_index()
    sessions = round(rule.times_a_year * months / MONTHS)
    attending = table["members"] if rule.who == "all" else 0
    return pd.DataFrame(
        {
            "duty_type": rule.duty_type,
            "branch": table["branch"],
            "held_branch": table["held_branch"],
            "unit": table[unit],
            "sessions": sessions,
            "slots": attending * sessions,
        }
    )


def _held(sessions: pd.DataFrame, units: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The sessions inside the calendar's days with their branch, once for each of their duties."""
    window = study.calendar.start.isoformat(), study.calendar.end.isoformat()
    last = (sessions["event_date"] + _LATEST).str[: len(window[0])]
    inside = sessions[(last >= window[0]) & (sessions["event_date"] <= window[1])]
    places = held(units)
    own = dict(zip(places["held_group"], places["held_branch"], strict=True))
    own |= {branch: branch for branch in places["held_branch"]}
    upper = dict(zip(places["held_branch"], places["branch"], strict=True))
    holder = inside["unit"].map(own)
    each = inside.assign(
        held_branch=holder.fillna(UNKNOWN),
        branch=holder.map(upper).fillna(UNKNOWN),
        duty_type=inside["duty_type"].str.split(),
    )
    return each.explode("duty_type")


def _window(study: Study) -> list[str]:
    months = pd.period_range(study.calendar.start, study.calendar.end, freq="M")
    return [str(month) for month in months]


def _months(study: Study) -> int:
    return len(_window(study))


def _longest_runs(empty: np.ndarray) -> np.ndarray:
    """The longest run of empty months in each row."""
    longest = current = np.zeros(len(empty), dtype=int)
    for month in empty.T:
        current = np.where(month, current + 1, 0)
        longest = np.maximum(longest, current)
    return longest


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    share = table["recorded"] / table["expected"]
    verdict = share.map(lambda one: "complete" if one >= 1 else "incomplete" if one else "none")
    return table.assign(share=share, verdict=verdict)[COLUMNS]
