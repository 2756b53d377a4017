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
    columns = _columns(held)
    keys = ["branch", "month", "duty_type", "event_date"]
    own = marked.merge(columns[[*keys, "column", "header"]], on=keys)
    own = own.drop(columns=["branch", "month", "duty_type", "event_date", "recorded"])
    place = table.set_index("order")[["month", "branch"]]
    cells = pd.concat([left, own], ignore_index=True)
    cells = cells.join(place, on="order")
    headed = dict(list(columns.groupby(["month", "branch"])))
    made = [
        _sheet(month, branch, headed[month, branch], here)
        for (month, branch), here in cells.groupby(["month", "branch"], sort=False)
    ]
    return pd.concat(made, ignore_index=True)


def _columns(held: pd.DataFrame) -> pd.DataFrame:
    """The column and the header of every session that the sheets hold."""
    columns = held[held["recorded"] == "yes"]
    columns = columns.sort_values(["branch", "month", "event_date"], ignore_index=True)
    number = columns.groupby(["branch", "month"]).cumcount()
    return columns.assign(column=number + FIRST, header=_header(columns))


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


def _sheet(month: int, branch: str, columns: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
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
    below = _below(month, branch, columns, cells)
    source_file = office["file"].format(mm=f"{month:02}")
    return layout.sheet(above, cells, below).assign(source_file=source_file, sheet=name)


def _below(month: int, branch: str, columns: pd.DataFrame, cells: pd.DataFrame) -> list:
    office = settings.table("office")["sign_ins"]
    gaps = settings.table("story")["gaps"]
    more = 2 if [branch, month] in gaps["minutes_differ"] else 0
    own = cells[cells["due"] == "yes"]
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
