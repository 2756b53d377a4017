"""The sign-in sheets: a workbook per month, a sheet per branch, a column per session.

Enters: members, participation, sessions and a generator of chance.
Leaves: cells, one row per cell of a file (layout.COLUMNS).
Refuses: nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from engagement.sample import dirt, layout, parts, rosters, settings, units

FIRST = 4


def seats(people: pd.DataFrame) -> pd.DataFrame:
    """One row per member × month (and guest): a row of a sheet, in the order of the sheets."""
    year = [people.assign(month=month) for month in range(1, 13)]
    table = pd.concat([*year, _guests(people)], ignore_index=True)
    table = table.sort_values(["month", "branch_no", "group_no"], kind="stable", ignore_index=True)
    number = table.groupby(["month", "branch"]).cumcount() + 1
    return table.assign(order=np.arange(len(table)), text_no=number.astype("str"))


def listed(table: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The cells left of the sessions: number, name and group of each seat."""
    forms = settings.table("dirt")["sign_ins"]
    names = parts.names(table)
    names["plain"] = (table["canary"] != "") & ~names["has_dot"]
    written = {
        "row_no": dirt.written(forms["row_no"], parts.texts(table["text_no"]), rng),
        "name": dirt.written(forms["name"], names, rng),
        "group": dirt.written(forms["group"], rosters.units_parts("group", table, rng), rng),
    }
    headers = settings.table("office")["sign_ins"]["headers"]
    return layout.body(written, headers, table["person_id"])


def _guests(people: pd.DataFrame) -> pd.DataFrame:
    office = settings.table("office")["sign_ins"]
    gaps = settings.table("story")["gaps"]["guests"]
    hosts = people.drop_duplicates("branch", keep="last").set_index("branch", drop=False)
    seats = [
        hosts.loc[branch].to_dict() | {"month": month, "name": name, "person_id": ""}
        for (branch, month), name in zip(gaps, office["guest_names"], strict=True)
        if branch in hosts.index
    ]
    return pd.DataFrame(seats, columns=[*people.columns, "month"]).assign(
        surname=lambda guests: guests["name"].str[:1],
        given=lambda guests: guests["name"].str[1:],
        canary="",
        member_type="",
    )


def marks(
    table: pd.DataFrame, came: pd.DataFrame, held: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """Cells of the sessions: one per seat × recorded session, a blank where nothing was written."""
    seat = table[["order", "person_id", "month", "branch"]]
    own = seat.merge(came[came["recorded"] == "yes"], on=["person_id", "month", "branch"])
    guests = seat[seat["person_id"] == ""].merge(held, on=["month", "branch"])
    cells = pd.concat([own, guests.assign(due="guest", status="attended")], ignore_index=True)
    status = cells["status"].mask(cells["due"] == "no", "absent")
    words = settings.table("office")["sign_ins"]["marks"]
    made = pd.DataFrame({"code": status.mask(status == "absent", ""), "word": status.map(words)})
    made["came"] = status == "attended"
    written = dirt.written(settings.table("dirt")["sign_ins"]["attend_status"], made, rng)
    return pd.concat([cells, written], axis=1).assign(field="attend_status", verdict="data")


def sheets(
    table: pd.DataFrame, left: pd.DataFrame, marked: pd.DataFrame, held: pd.DataFrame
) -> pd.DataFrame:
    """All cells of the year's workbooks."""
    made = []
    for (month, branch), here in table.groupby(["month", "branch"], sort=False):
        columns = _columns(held, month, branch)
        own = marked[marked["order"].isin(here["order"])].merge(
            columns[["duty_type", "event_date", "column", "header"]], on=["duty_type", "event_date"]
        )
        body = pd.concat([left[left["order"].isin(here["order"])], own], ignore_index=True)
        made.append(_sheet(month, branch, columns, body, own))
    return pd.concat(made, ignore_index=True)


def _columns(held: pd.DataFrame, month: int, branch: str) -> pd.DataFrame:
    here = (held["month"] == month) & (held["branch"] == branch) & (held["recorded"] == "yes")
    columns = held[here].sort_values("event_date", ignore_index=True)
    return columns.assign(column=columns.index + FIRST, header=_header(columns))


def _header(columns: pd.DataFrame) -> pd.Series:
    calendar = settings.table("effects")["calendar"]
    date = settings.table("office")["sign_ins"]["date"]
    return pd.Series(
        [
            f"{calendar[duty]['zh']} / {date.format(month=day.month, day=day.day)}"
            for duty, day in zip(columns["duty_type"], columns["event_date"], strict=True)
        ],
        dtype="str",
    )


def _sheet(month: int, branch: str, columns: pd.DataFrame, body: pd.DataFrame, own: pd.DataFrame):
    office = settings.table("office")["sign_ins"]
    name = units.name("branch", int(branch[1:]))
    top, bottom = zip(*(header.split(" / ") for header in columns["header"]), strict=True)
    blank = [""] * (FIRST - 1)
    top = [duty if no == 0 or duty != top[no - 1] else "" for no, duty in enumerate(top)]
    above = [
        ("title", [office["title"].format(branch=name, month=month)]),
        ("header", [*office["headers"].values(), *top]),
        ("header", [*blank, *bottom]),
    ]
    return layout.sheet(
        office["file"].format(mm=f"{month:02}"),
        name,
        above,
        body,
        _below(month, branch, columns, own),
    )


def _below(month: int, branch: str, columns: pd.DataFrame, own: pd.DataFrame) -> list:
    office = settings.table("office")["sign_ins"]
    gaps = settings.table("story")["gaps"]
    more = 2 if [branch, month] in gaps["minutes_differ"] else 0
    own = own[own["due"] == "yes"]
    due = own.groupby("column").size()
    present = own[own["status"].isin(["attended", "late"])].groupby("column").size() + more
    lines = [
        ("totals", _counted(office["due"], due, columns["column"])),
        ("totals", _counted(office["present"], present, columns["column"])),
    ]
    if [branch, month] not in gaps["no_legend"]:
        lines.append(("note", [office["legends"][int(branch[1:]) % 2]]))
    return lines


def _counted(label: str, counts: pd.Series, columns: Sequence[int]) -> list:
    return [label, "", "", *(int(counts.get(column, 0)) for column in columns)]
