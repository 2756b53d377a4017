"""What a perfect reader would find: the verdict of every row, the right reading of every cell.

Enters: cells with their truth, people, participation.
Leaves: the tables of truth/, as CSV and TOML.
Refuses: nothing.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engagement.sample import settings, units

PLACE = ["source_file", "sheet", "row"]
ROW = [*PLACE, "verdict", "person_id"]
CELL = [*PLACE, "header", "field", "value", "precision", "expected", "form"]
PERSON = [
    "person_id", "member", "volunteer", "branch", "group", "name", "sex", "ethnicity",
    "birth_date", "age", "id_number", "education", "member_type", "join_date", "origin_village",
    "employment", "activity_ability", "is_mobile", "excused", "due", "phone", "address", "asked",
    "canary", "relation", "related_to", "remark",
]  # fmt: skip
ATTENDED = [
    "person_id", "event_date", "duty_type", "unit", "due", "attended", "status", "recorded",
    "reading",
]  # fmt: skip
LINK = [
    "left_file", "left_sheet", "left_row", "kind", "person_id", "relation", "related_to",
    "member_file", "member_sheet", "member_row", "expected",
]  # fmt: skip


def rows(cells: pd.DataFrame) -> pd.DataFrame:
    """One row per row of a source file: place, verdict, person_id."""
    return cells[ROW].drop_duplicates(PLACE).sort_values(PLACE, ignore_index=True)


def readings(cells: pd.DataFrame) -> pd.DataFrame:
    """One row per non-empty cell of a row of people: place, header, right reading, form."""
    filled = cells[(cells["verdict"] == "data") & (cells["raw"] != "")]
    return filled.sort_values([*PLACE, "column"])[CELL]


def everyone(members: pd.DataFrame, volunteers: pd.DataFrame) -> pd.DataFrame:
    """One row per person, every value canonical; phones and IDs are the person's own."""
    helps = members["person_id"].isin(volunteers["person_id"])
    known = members.assign(volunteer=np.where(helps, "yes", "no"))
    others = volunteers[volunteers["member"] == "no"].assign(volunteer="yes")
    people = pd.concat([known, others], ignore_index=True).reindex(columns=PERSON)
    dates = {name: people[name].dt.strftime("%Y-%m-%d") for name in ("birth_date", "join_date")}
    older = people["age"] + settings.reference_year() - settings.first_year()
    return people.assign(phone="+86" + people["phone"], age=older, **dates).fillna("")


def links(cells: pd.DataFrame, members: pd.DataFrame, sign_ups: pd.DataFrame) -> pd.DataFrame:
    """One row per row that is looked up on the member roster: whose it is, and what to decide.

    expected: link, no, or review where the row alone cannot tell who it is.
    """
    office = settings.table("office")
    where = rows(cells)
    where = where[(where["verdict"] == "data")]
    home = _home(where, members)
    left = [
        _looked_up(where, office["volunteers"]["file"], "volunteers"),
        _looked_up(where, office["mobile"]["file"], "mobile"),
        where[where["source_file"].str.contains("/")].assign(kind="sign_ins"),
        where[
            (where["source_file"] == office["members"]["file"]) & ~where.index.isin(home["index"])
        ].assign(kind="members"),
    ]
    names = {name: f"left_{name.removeprefix('source_')}" for name in PLACE}
    table = pd.concat(left, ignore_index=True).rename(columns=names)
    table = table.merge(home.drop(columns="index"), on="person_id", how="left")
    table["member_row"] = table["member_row"].astype("Int64").astype("str").replace("<NA>", "")
    ties = sign_ups.drop_duplicates("person_id")[["person_id", "relation", "related_to"]]
    table = table.merge(ties, on="person_id", how="left")
    own = table["person_id"].str.startswith("M")
    table["relation"] = table["relation"].mask(own, "same").fillna("none")
    unclear = _unclear(cells, members)
    review = pd.MultiIndex.from_frame(table[["left_file", "left_sheet", "left_row"]]).isin(unclear)
    table["expected"] = np.select([review, own], ["review", "link"], "no")
    return table.fillna("")[LINK]


def _looked_up(where: pd.DataFrame, source_file: str, kind: str) -> pd.DataFrame:
    return where[where["source_file"] == source_file].assign(kind=kind)


def _home(where: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    """The roster row of each member: for one who stands there twice, that of the new branch."""
    table = where[where["source_file"] == settings.table("office")["members"]["file"]]
    table = table.reset_index().merge(members[["person_id", "branch_no"]], on="person_id")
    table = table[table["sheet"] == units.names("branch", table["branch_no"])]
    names = {name: f"member_{name.removeprefix('source_')}" for name in PLACE}
    return table.rename(columns=names)[["index", "person_id", *names.values()]]


def _unclear(cells: pd.DataFrame, members: pd.DataFrame) -> pd.MultiIndex:
    """The sign-in rows whose name is not the member's, or stands for two members of one group."""
    named = cells[cells["source_file"].str.contains("/") & (cells["field"] == "name")]
    twice = members[members.duplicated(["group", "name"], keep=False)]["person_id"]
    rows_unclear = named["form"].eq("nickname") | named["person_id"].isin(twice)
    return pd.MultiIndex.from_frame(named[rows_unclear][PLACE])


def attendance(came: pd.DataFrame, seats: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """One row per member × session: what happened, and `reading`: what the sheets can tell of it
    (yes, no, unknown). `seats` are the sign-in cells, `table` the links."""
    gaps = pd.MultiIndex.from_tuples(map(tuple, settings.table("story")["gaps"]["no_legend"]))
    here = pd.MultiIndex.from_frame(came[["branch", "month"]])
    blank = came["status"] == "absent"
    unknown = (came["recorded"] == "no") | (came["due"] == "no") | (blank & here.isin(gaps))
    unclear = table[(table["kind"] == "sign_ins") & (table["expected"] == "review")]
    names = seats.merge(
        unclear,
        left_on=["source_file", "sheet", "row"],
        right_on=["left_file", "left_sheet", "left_row"],
    )
    lost = pd.MultiIndex.from_frame(names[["person_id_x", "month"]].drop_duplicates())
    unknown |= pd.MultiIndex.from_frame(came[["person_id", "month"]]).isin(lost)
    seen = came["status"].isin(["attended", "late"])
    return came.assign(
        event_date=came["event_date"].dt.strftime("%Y-%m-%d"),
        reading=np.select([unknown, seen], ["unknown", "yes"], "no"),
    )[ATTENDED]


def canaries(people: pd.DataFrame, comment: str, recorders: list[str]) -> pd.DataFrame:
    """One row per text whose appearance outside the private folder is a leak: text, kind."""
    named = people[people["canary"] != ""]
    parts = [
        pd.DataFrame({"text": named[kind].str.removeprefix("+86"), "kind": kind})
        for kind in ("name", "id_number", "phone")
    ]
    homes = named[named["member"] == "yes"]
    parts.append(pd.DataFrame({"text": homes["address"], "kind": "address"}))
    parts.append(pd.DataFrame({"text": [comment], "kind": ["comment"]}))
    parts.append(pd.DataFrame({"text": recorders, "kind": "recorder"}))
    return pd.concat(parts, ignore_index=True)


def write(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Write one table of the truth as UTF-8 CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    table.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n", encoding="utf-8")


def planted(folder: Path) -> None:
    """Write down what was planted: effects, dirt and stories, as their data files state them."""
    for name in ("effects.toml", "dirt.toml", "story.toml", "recording.toml"):
        (folder / name).write_bytes(settings.text(name).encode("utf-8"))
