"""A community too large to read: plain CSV files, written in batches in constant memory.

Enters: a folder, a number of members, a generator of chance.
Leaves: rosters/members.csv, volunteers.csv, sign_ins.csv (one row per member and monthly theme
day), and truth/ beside them. Refuses: nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from engagement import codebook
from engagement.sample import (
    attendance,
    dirt,
    layout,
    parts,
    population,
    rosters,
    settings,
    stories,
    truth,
    units,
)

DUTY = "theme_day"


def write(
    folder: Path, members: int, rng: np.random.Generator, progress: Callable[[int], None]
) -> None:
    """Write the rosters of a community of `members`, and the truth beside them.

    `progress` hears how many members are written, batch by batch.
    """
    groups = units.tree(members)
    size = settings.table("story")["batch"]
    batch_no = (groups["size"].cumsum() - 1) // size
    batch_no = batch_no.groupby(groups["branch_no"]).transform("first")
    folder.joinpath("rosters").mkdir(parents=True, exist_ok=True)
    folder.joinpath("truth").mkdir(parents=True, exist_ok=True)
    written = {"members": 0, "volunteers": 0}
    for batch, here in groups.groupby(batch_no):
        people = _people(here.reset_index(drop=True), int(batch), written["members"], rng)
        for name, table in _tables(people, int(batch), written, rng).items():
            _append(folder / f"{name}.csv", table, first=written["members"] == 0)
        written["members"] += len(people)
        written["volunteers"] += len(people) // 10
        progress(written["members"])
    truth.planted(folder / "truth")


def _people(groups: pd.DataFrame, batch: int, first: int, rng: np.random.Generator):
    size = int(groups["size"].sum())
    people = stories.in_units(population.members(size, batch, rng), groups)
    told = settings.table("story")
    share = {kind: told["stories"][kind] / told["members"] for kind in ("mobile", "excused")}
    away = (rng.random(size) < share["mobile"]) & (people["age"] < 56)
    frail = (people["activity_ability"] == "housebound") & (rng.random(size) < 0.8)
    number = pd.Series(np.arange(first + 1, first + size + 1)).astype("str")
    remarks = settings.table("office")["remarks"]
    return people.assign(
        person_id="M" + number,
        text_no=number,
        member="yes",
        on_sheet="",
        is_mobile=np.where(away, "yes", "no"),
        excused=np.where(frail, "yes", "no"),
        due=np.where(away | frail, "no", "yes"),
        remark=np.select([frail, away], [remarks["excused"][0], remarks["mobile"]], ""),
    )


def _tables(
    people: pd.DataFrame, batch: int, written: dict[str, int], rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Every table of one batch by its path in the folder."""
    sign_ups = _sign_ups(people, batch, written["volunteers"], rng)
    made, truths = {}, []
    for kind, rows in (("members", people), ("volunteers", sign_ups)):
        cells = _cells(kind, rows, rng)
        made[f"rosters/{kind}"] = pd.DataFrame(
            {cell["header"].iloc[0]: cell["raw"].to_numpy() for cell in cells}
        )
        place = {"source_file": f"{kind}.csv", "sheet": ""}
        truths += [cell.assign(**place, row=cell["order"] + written[kind] + 2) for cell in cells]
    made["truth/rows"] = pd.concat(
        [cell[truth.ROW] for cell in truths if cell["column"].iloc[0] == 1]
    )
    made["truth/cells"] = pd.concat([_unclean(cell) for cell in truths])
    made["truth/people"] = pd.concat(
        [_known(people), _known(sign_ups[sign_ups["person_id"].str.startswith("R")])]
    )
    made["truth/links"] = _links(sign_ups, written["volunteers"])
    made["rosters/sign_ins"], made["truth/participation"] = _sign_ins(people, rng)
    return made


def _unclean(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.loc[cells["expected"].isin(["recovered", "flagged", "quarantined"]), truth.CELL]


def _known(people: pd.DataFrame) -> pd.DataFrame:
    dates = {name: people[name].dt.strftime("%Y-%m-%d") for name in ("birth_date", "join_date")}
    return people.assign(phone="+86" + people["phone"], **dates)[_PERSON].fillna("")


_PERSON = [
    name
    for name in truth.PERSON
    if name not in {"volunteer", "asked", "canary", "relation", "related_to"}
]


def _cells(kind: str, people: pd.DataFrame, rng: np.random.Generator) -> list[pd.DataFrame]:
    """The cells of one roster, one table per column."""
    office = settings.table("office")[kind]["column"]
    headers = {column["field"]: column["header"] for column in office}
    if kind == "members":
        headers = {"row_no": headers["row_no"], "branch": _header("branch"), **headers}
    columns = rosters.columns(kind, headers, people, rng, plain_digits=True)
    cells = layout.body(columns, headers, people["person_id"])
    return [cell for _, cell in cells.groupby("column")]


def _header(field: str) -> str:
    return codebook.fields()[field].zh


def _sign_ups(people: pd.DataFrame, batch: int, first: int, rng: np.random.Generator):
    size = len(people) // 10
    told = settings.table("story")["volunteers"]
    own = max(1, round(size * told["members"] / told["sign_ups"]))
    chosen = people.iloc[np.sort(rng.choice(len(people), own, replace=False))]
    others = population.people(rng.integers(18, 75, size - own), 0.55, 1000 + batch, rng)
    others["member"] = "no"
    others["person_id"] = "R" + pd.Series(np.arange(first, first + len(others))).astype("str")
    everyone = pd.concat([chosen, others], ignore_index=True)
    everyone = everyone.iloc[rng.permutation(size)].reset_index(drop=True)
    number = pd.Series(np.arange(first + 1, first + size + 1)).astype("str")
    return everyone.assign(
        text_no=number,
        corps=rng.choice(["service", "youth"], size, p=[0.7, 0.3]),
        hours=rng.choice([1, 2, 2, 3, 4, 4, 6, 8, 10, 12, 16], size),
        remark="",
        member_type=everyone["member_type"].fillna(""),
    )


def _links(sign_ups: pd.DataFrame, first: int) -> pd.DataFrame:
    own = sign_ups["person_id"].str.startswith("M")
    home = sign_ups["person_id"].str[1:].where(own)
    return pd.DataFrame(
        {
            "left_file": "volunteers.csv",
            "left_sheet": "",
            "left_row": sign_ups.index + first + 2,
            "kind": "volunteers",
            "person_id": sign_ups["person_id"],
            "member_file": own.map({True: "members.csv", False: ""}),
            "member_sheet": "",
            "member_row": (home.astype("Int64") + 1).astype("str").replace("<NA>", ""),
            "expected": own.map({True: "link", False: "no"}),
        }
    )


def _sign_ins(people: pd.DataFrame, rng: np.random.Generator):
    """One row per member and monthly theme day as signed, and one row per member of the truth."""
    size = len(people)
    chance = 1 / (1 + np.exp(-attendance.inclination(people, rng).to_numpy()))
    due = (people["due"] == "yes").to_numpy()
    came = (rng.random((size, 12)) < chance[:, None]) & due[:, None]
    due12 = np.repeat(due, 12)
    status = attendance.marks(came.ravel(), due12, rng)
    signed = pd.DataFrame(
        {
            _header("branch"): _repeated(units.names("branch", people["branch_no"], True)),
            _header("group"): _repeated(units.names("group", people["group_no"], True)),
            _header("name"): _repeated(_names(people, rng)["raw"]),
            _header("event_date"): np.tile(_dates(), size),
            _header("duty_type"): settings.table("effects")["calendar"][DUTY]["zh"],
            _header("attend_status"): _words(status),
        }
    )
    told = {"person_id": people["person_id"], "duty_type": DUTY, "due": due * 12}
    return signed, pd.DataFrame({**told, "attended": came.sum(axis=1)})


def _repeated(texts: pd.Series) -> np.ndarray:
    return np.repeat(texts.to_numpy(), 12)


def _names(people: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    return dirt.written(settings.table("dirt")["sign_ins"]["name"], parts.names(people), rng)


def _dates() -> list[str]:
    rule = settings.table("effects")["calendar"][DUTY]
    year = settings.reference_year()
    return [f"{year}-{month:02}-{rule['day']:02}" for month in rule["months"]]


def _words(status: np.ndarray) -> np.ndarray:
    words = settings.table("office")["sign_ins"]["marks"]
    codes, known = pd.factorize(status)
    return np.array([words[code] for code in known], dtype=object)[codes]


def _append(path: Path, table: pd.DataFrame, *, first: bool) -> None:
    """Add rows to a CSV file; the first batch makes the file and writes the header."""
    options = csv.WriteOptions(include_header=first)
    with path.open("wb" if first else "ab") as lines:
        csv.write_csv(pa.Table.from_pandas(table, preserve_index=False), lines, options)
