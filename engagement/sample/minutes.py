"""The minutes of a year, as their clerks keep them: with the faults that recording.toml plants.

Enters: members, participation and sessions, and a generator of chance of its own.
Leaves: cells, one row per cell of the file (layout.COLUMNS).
Refuses: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from engagement.sample import dirt, layout, parts, rosters, settings, units

KEYS = ["unit", "duty_type", "month"]
PRESENT = ("attended", "late")


def cells(
    living: pd.DataFrame, came: pd.DataFrame, held: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """All cells of the minutes: a sheet per branch, a row per minuted session."""
    sessions = _entered(_counted(_sessions(living, held), living, came, rng), rng)
    told = settings.table("recording")
    listed = sessions[~_planted(sessions, told["planted"]["not_minuted"])]
    order = ["branch_no", "event_date", "duty_type", "group_no"]
    listed = listed.sort_values(order, ignore_index=True)
    listed["text_no"] = (listed.groupby("branch").cumcount() + 1).astype("str")
    headers = {column["field"]: column["header"] for column in told["column"]}
    blank = pd.Series("", index=listed.index)
    written = layout.body(_written(listed, headers, rng), headers, blank)
    sheets = [
        _sheet(written[written["order"].isin(own.index)], int(branch[1:]), list(headers.values()))
        for branch, own in listed.groupby("branch", sort=False)
    ]
    return pd.concat(sheets, ignore_index=True)


def recorders() -> list[str]:
    """The names of everybody who writes minutes."""
    return list(settings.table("recording")["recorders"].values())


def _sessions(living: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """One row per session of the year: branch, unit, duty_type, month, event_date."""
    told = settings.table("recording")
    groups = living.drop_duplicates("group")[["branch", "group", "group_no"]]
    of_groups = held[held["duty_type"] == "group_meeting"].merge(groups, on="branch")
    of_branches = held[held["duty_type"].isin(told["branch_duties"])].assign(group_no=0)
    days = [
        (branch, "committee_meeting", month, told["committee_day"] + no)
        for no, branch in enumerate(held["branch"].unique())
        for month in range(1, 13)
    ]
    committee = pd.DataFrame(days, columns=["branch", "duty_type", "month", "day"])
    committee["event_date"] = [
        pd.Timestamp(settings.reference_year(), month, day)
        for month, day in zip(committee["month"], committee["day"], strict=True)
    ]
    committee = committee.drop(columns="day").assign(group_no=0)
    found = pd.concat([of_groups, of_branches, committee], ignore_index=True)
    found["unit"] = found["group"].fillna(found["branch"])
    return found.assign(branch_no=found["branch"].str[1:].astype(int))


def _counted(
    sessions: pd.DataFrame, living: pd.DataFrame, came: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """How many were due, came and stayed away, by the minutes."""
    told = settings.table("recording")
    planted = told["planted"]
    own = came[came["due"] == "yes"].assign(present=came["status"].isin(PRESENT))
    keys = ["unit", "duty_type", "event_date"]
    sums = own.groupby(keys).agg(due_count=("present", "size"), present_count=("present", "sum"))
    found = sessions.merge(sums.reset_index(), how="left", on=keys)
    committee = found["duty_type"] == "committee_meeting"
    drawn = rng.integers(3, told["committee"] + 1, len(found))
    drawn = np.where(_planted(found, planted["committee_low"]), 2, drawn)
    found["due_count"] = found["due_count"].mask(committee, told["committee"])
    found["present_count"] = found["present_count"].mask(committee, drawn)
    least, most = planted["new_clerk"]["more"]
    raised = found["present_count"] + rng.integers(least, most + 1, len(found))
    return _miscounted(found.assign(raised=raised), living, planted)


def _miscounted(found: pd.DataFrame, living: pd.DataFrame, planted: dict) -> pd.DataFrame:
    clerk = planted["new_clerk"]
    later = (found["branch"] == clerk["branch"]) & (found["month"] >= clerk["month"])
    more = later & (found["duty_type"] != "committee_meeting")
    differ = _planted(found, planted["minutes_differ"])
    raised = found["raised"].mask(differ, found["present_count"] + planted["differ_by"])
    raised = raised.clip(upper=found["due_count"])
    found = found.assign(present_count=found["present_count"].mask(more | differ, raised))
    everybody = (found["unit"] == planted["due_of_all"]) & (
        found["duty_type"] != "committee_meeting"
    )
    size = int((living["branch"] == planted["due_of_all"]).sum())
    found["due_count"] = found["due_count"].mask(everybody, size)
    over = _planted(found, planted["more_than_due"])
    found["present_count"] = found["present_count"].mask(over, found["due_count"] + 1)
    before = found.sort_values("month").groupby(["unit", "duty_type"])["present_count"].shift()
    copied = _planted(found, planted["copied"])
    found["present_count"] = found["present_count"].mask(copied, before)
    found["absent_count"] = (found["due_count"] - found["present_count"]).clip(lower=0)
    numbers = ["due_count", "present_count", "absent_count"]
    return found.astype(dict.fromkeys(numbers, int))


def _entered(sessions: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """What was decided, who wrote it down, and when."""
    told = settings.table("recording")
    planted, lag = told["planted"], told["lag"]
    clerk, bunch = planted["new_clerk"], planted["inspection"]
    voted = (sessions["duty_type"] == "general_meeting") & sessions["month"].isin(planted["votes"])
    resolution = pd.Series("none", index=sessions.index).mask(voted, "passed")
    resolution = resolution.mask(_planted(sessions, planted["election"]), "election")
    resolution = resolution.mask(_planted(sessions, planted["rejected"]), "not_passed")
    later = (sessions["branch"] == clerk["branch"]) & (sessions["month"] >= clerk["month"])
    names = sessions["branch"].map(told["recorders"]).mask(later, told["recorders"]["successor"])
    held = sessions["event_date"] + _days(sessions, planted["other_day"])
    late = rng.integers(0, lag["late_one_in"], len(sessions)) == 0
    days = np.where(
        late,
        rng.integers(lag["usual"] + 2, lag["late"] + 1, len(sessions)),
        rng.integers(0, lag["usual"] + 1, len(sessions)),
    )
    entered = held + pd.to_timedelta(days, unit="D")
    together = pd.Timestamp(bunch["from_day"]) + pd.to_timedelta(
        rng.integers(0, bunch["days"], len(sessions)), unit="D"
    )
    inside = (sessions["branch"] == bunch["branch"]) & (sessions["month"] <= bunch["until_month"])
    entered = entered.mask(inside, pd.Series(together, index=sessions.index))
    early = _days(sessions, planted["entered_before"])
    return sessions.assign(
        event_date=held,
        resolution=resolution,
        entered_by=names,
        entered_at=entered.mask(early > pd.Timedelta(0), held - early).clip(upper=_last_day()),
    )


def _last_day() -> pd.Timestamp:
    return pd.Timestamp(settings.reference_year(), 12, 31)


def _planted(sessions: pd.DataFrame, named: Sequence[Sequence]) -> pd.Series:
    wanted = pd.MultiIndex.from_tuples([tuple(one[:3]) for one in named], names=KEYS)
    return pd.Series(pd.MultiIndex.from_frame(sessions[KEYS]).isin(wanted), sessions.index)


def _days(sessions: pd.DataFrame, named: Sequence[Sequence]) -> pd.Series:
    """The days planted for each session: the last entry of its line, else none."""
    days = pd.Series(0, index=sessions.index)
    for *place, number in named:
        days = days.mask(_planted(sessions, [place]), number)
    return pd.to_timedelta(days, unit="D")


def _written(
    listed: pd.DataFrame, headers: dict[str, str], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Each column as written, one row per session."""
    told = settings.table("recording")
    places = pd.Series(told["places"])[rng.integers(0, len(told["places"]), len(listed))]
    texts = {
        "row_no": parts.texts(listed["text_no"]),
        "duty_type": parts.words(listed["duty_type"], told["written"], rng),
        "event_date": parts.dates(listed["event_date"]),
        "group": _groups(listed, rng),
        "place": parts.texts(places.reset_index(drop=True)),
        "resolution": parts.words(listed["resolution"], told["resolutions"], rng),
        "entered_by": parts.texts(listed["entered_by"]),
        "entered_at": parts.dates(listed["entered_at"]),
    }
    texts |= {
        name: parts.texts(listed[name]) for name in ("due_count", "present_count", "absent_count")
    }
    forms = told["forms"]
    return {
        field: dirt.written(forms.get(field, forms["count"]), texts[field], rng)
        for field in headers
    }


def _groups(listed: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The parts of the groups' names; a session of the branch names no group."""
    named = listed.assign(group_no=listed["group_no"].astype(int).clip(lower=1))
    made = rosters.units_parts("group", named, rng)
    whole = listed["group"].isna()
    blank = {name: made[name].mask(whole, "") for name in ("code", "word", "alias")}
    return made.assign(**blank)


def _sheet(rows: pd.DataFrame, number: int, headers: list[str]) -> pd.DataFrame:
    told = settings.table("recording")
    branch = units.name("branch", number)
    community = settings.table("office")["community"]
    above = [
        ("title", [told["title"].format(branch=branch)]),
        ("title", [told["unit_line"].format(community=community, branch=branch)]),
        ("header", headers),
    ]
    count = rows["order"].nunique()
    below = [
        ("totals", [told["total"], told["sessions"].format(count=count)]),
        ("note", [told["notes"]]),
        ("signature", [cell for text in told["signature"] for cell in (text, "", "")]),
    ]
    sheet = layout.sheet(above, rows, below)
    return sheet.assign(source_file=told["file"], sheet=branch)
