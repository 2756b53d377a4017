"""A union branch of sixty invented members: the smallest study that the whole product runs on.

Nobody in it exists; the names are made of words, so that none of them can stand in a sentence.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

FIRST = [
    "Orla",
    "Tamsin",
    "Quentin",
    "Ysolde",
    "Barnaby",
    "Xanthe",
    "Leopold",
    "Zelda",
    "Ignace",
    "Philippa",
]
LAST = ["Quillfeather", "Brackwater", "Thistledown", "Oxenhoof", "Farthingale", "Wychelm"]
HEADER = [
    "Member ID",
    "Full name",
    "Sex",
    "Date of birth",
    "Branch",
    "Shift",
    "Came to the meeting",
]

STUDY = """
title = { zh = "工会分会成员参加情况", en = "Who comes to the branch meeting" }
organisation = { zh = "工会分会", en = "the union branch" }
people = { zh = "会员", en = "members" }
reference_date = 2024-12-31
languages = ["en", "zh"]
locale = "en-GB"

[[roster]]
file = "members.csv"
kind = "members"

[fields.shift]
type = "category"
headers = ["Shift"]
label = { zh = "班次", en = "Shift" }
[fields.shift.labels]
day = { zh = "白班", en = "day shift" }
night = { zh = "夜班", en = "night shift" }

[fields.came]
type = "yesno"
use = "OUT"
headers = ["Came to the meeting"]
label = { zh = "到会", en = "Came" }

[factors.shift]
reference = "day"
role = "primary"
adjust = ["sex"]

[factors.sex]
groups = { male = ["male"], female = ["female"] }
reference = "male"

[outcomes.meeting]
kind = "column"
field = "came"
primary = true
label = { zh = "年度大会", en = "coming to the yearly meeting" }

[release]
tier = "committee"

[[unit]]
code = "north"
level = "branch"
zh = "北区"
en = "North"

[[unit]]
code = "south"
level = "branch"
zh = "南区"
en = "South"
"""


def members() -> list[dict[str, str]]:
    """One row per member: half of the branch is on nights, and a third of it came."""
    return [
        {
            "Member ID": f"U{number:04d}",
            "Full name": f"{FIRST[number % 10]} {LAST[number // 10]}",
            "Sex": "MF"[number % 7 % 2],
            "Date of birth": f"{1950 + number * 7 % 50}-{number % 12 + 1:02d}-{number % 27 + 1:02d}",
            "Branch": ("North", "South")[number % 3 % 2],
            "Shift": ("day", "night")[number % 2],
            "Came to the meeting": ("no", "no", "yes", "no", "yes")[number % 5],
        }
        for number in range(60)
    ]


def written(rows: list[dict[str, str]], header: list[str] | None = None) -> bytes:
    """The rows as CSV under `header`."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(header or HEADER)
    lines.writerows(row.values() for row in rows)
    return text.getvalue().encode("utf-8")


def study(folder: Path, *, text: str = STUDY, roster: bytes | None = None) -> Path:
    """The study of the branch in `folder`, with `text` as study.toml and `roster` as its file."""
    (folder / "rosters").mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    (folder / "rosters" / "members.csv").write_bytes(
        written(members()) if roster is None else roster
    )
    return folder


def identities() -> set[str]:
    """Every text that tells who somebody is."""
    return {row[name] for row in members() for name in ("Full name", "Member ID")} | set(LAST)
