"""A community small enough to read: workbooks, lists, and the whole truth about them.

Enters: a folder, a number of members, a generator of chance.
Leaves: rosters/ and truth/ in the folder.
Refuses: nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engagement.sample import (
    attendance,
    files,
    helpers,
    minutes,
    rosters,
    settings,
    sign_ins,
    stories,
    truth,
)
from engagement.sample.later import Later

ADDRESS_COLUMN = "P"


def write(
    folder: Path,
    members: int,
    rng: np.random.Generator,
    clerks: np.random.Generator,
    later: Later | None = None,
) -> None:
    """Write the rosters of a community of `members`, and the truth beside them.

    The minutes have a chance of their own, `clerks`; a `later` year has new sessions and a pilot.
    """
    listed = stories.members(members, rng)
    listed = listed.assign(asked=helpers.asked(listed, rng))
    volunteers = helpers.volunteers(listed, rng)
    sign_ups = helpers.sign_ups(volunteers, members, rng)
    living = listed[listed["member"] == "yes"]
    held = attendance.sessions(list(living["branch"].unique()))
    if later is not None:
        living = living.assign(offered_from=later.offered_from(living))
    came = attendance.participation(living, held, rng, later and later.chance)
    seats = sign_ins.seats(living)
    left = sign_ins.listed(seats, rng)
    marked = sign_ins.marks(seats, came, held, rng)
    cells = pd.concat(
        [
            rosters.members(listed, rng),
            rosters.volunteers(sign_ups, rng),
            rosters.mobile(listed, rng),
            sign_ins.sheets(seats, left, marked, held),
            minutes.cells(living, came, held, clerks),
        ],
        ignore_index=True,
    )
    people = truth.everyone(listed, volunteers)
    _rosters(folder / "rosters", cells, _comment(people))
    for name, table in _told(cells, people, sign_ups, came).items():
        truth.write(folder / "truth", name, table)
    truth.planted(folder / "truth")


def _comment(people: pd.DataFrame) -> str:
    phone = people.loc[people["canary"] != "", "phone"].iloc[0].removeprefix("+86")
    return settings.table("office")["members"]["comment"].format(phone=phone)


def _rosters(folder: Path, cells: pd.DataFrame, comment: str) -> None:
    office = settings.table("office")
    for source_file, here in cells.groupby("source_file", sort=False):
        if source_file == office["volunteers"]["file"]:
            files.text_list(folder / source_file, here, "gb18030")
            continue
        headed = here[here.groupby("sheet")["verdict"].transform(lambda v: (v == "header").any())]
        decor = {name: {"merge": files.merged(sheet)} for name, sheet in headed.groupby("sheet")}
        if source_file == office["members"]["file"]:
            branches = list(here["sheet"].unique())[:-1]
            decor[branches[0]]["comment"] = {"B3": comment}
            decor[branches[-1]]["hide"] = [ADDRESS_COLUMN]
        files.workbook(folder / source_file, here, decor)


def _told(
    cells: pd.DataFrame, people: pd.DataFrame, sign_ups: pd.DataFrame, came: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The tables of the truth by name."""
    listed = people[people["person_id"].str.startswith("M")]
    listed = listed.assign(branch_no=listed["branch"].str[1:].astype(int))
    links = truth.links(cells, listed, sign_ups)
    seats = cells[(cells["field"] == "name") & cells["source_file"].str.contains("/")]
    seats = seats.assign(month=seats["source_file"].str.extract(r"(\d\d)\D*$")[0].astype(int))
    return {
        "rows": truth.rows(cells),
        "cells": truth.readings(cells),
        "people": people,
        "links": links,
        "participation": truth.attendance(came, seats, links),
        "canaries": truth.canaries(people, _comment(people), minutes.recorders()),
    }
