"""Tables drawn in tests, and the smallest study that can hold them."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from engagement import codebook
from engagement.study import Factor, Outcome, Roster, Study, Unit

EMPTY = "-"


def table(text: str) -> pd.DataFrame:
    """A table drawn with | between columns; "-" is a missing value."""
    header, *lines = [line for line in text.strip().splitlines() if line.strip()]
    columns = [name.strip() for name in header.split("|")]
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    frame = pd.DataFrame(rows, columns=columns, dtype="str")
    return frame.mask(frame == EMPTY)


def roster(text: str, file: str = "roster.csv", sheet: str = "", first: int = 2) -> pd.DataFrame:
    """Records drawn by their clean values, rows numbered from `first`."""
    records = table(text)
    places = {"source_file": file, "sheet": sheet, "row": range(first, first + len(records))}
    missing = {name: value for name, value in places.items() if name not in records}
    records = records.assign(**missing)
    return records.assign(row=records["row"].astype(int), status="clean", reasons="")


def cleaned(**records: pd.DataFrame) -> SimpleNamespace:
    """What clean.rosters() leaves, with the records drawn here."""
    empty = pd.DataFrame(columns=["source_file", "sheet", "row", "verdict"])
    return SimpleNamespace(
        records=records,
        structure=empty,
        quarantine=pd.DataFrame(
            columns=["source_file", "sheet", "row", "header", "field", "raw", "reason"]
        ),
        audit=pd.DataFrame(
            columns=[
                "source_file",
                "sheet",
                "row",
                "header",
                "field",
                "raw",
                "value",
                "precision",
                "rule",
                "confidence",
                "status",
            ]
        ),
    )


def factor(name: str, field: str, kind: str = "category") -> Factor:
    """A factor without bands."""
    label = {"zh": name, "en": name}
    values = {"bands": (), "groups": {}, "role": "primary", "adjust": (), "labels": {}}
    return _made(Factor, name=name, field=field, kind=kind, label=label, **values)


def outcome(kind: str, roster: str | None = None, **changes) -> Outcome:
    """An outcome of `kind`, primary."""
    values = {"field": None, "took_part": (), **changes}
    return _made(
        Outcome,
        name=values.pop("name", kind),
        kind=kind,
        roster=roster,
        primary=True,
        smallest_difference=0.05,
        label={"zh": kind, "en": kind},
        **values,
    )


def source(kind: str, **values) -> Roster:
    """A declared roster of `kind`."""
    return _made(Roster, **{"pattern": f"{kind}.csv", "kind": kind, "files": (), **values})


def study(**changes) -> Study:
    """A study with one branch of two groups; `changes` replace its parts."""
    words = {"zh": "-", "en": "-"}
    units = (
        Unit("b1", "branch", None, "第一支部", "Branch 1", ()),
        Unit("b1g1", "group", "b1", "第一小组", "Group 1", ()),
        Unit("b1g2", "group", "b1", "第二小组", "Group 2", ()),
    )
    values = {
        "folder": Path("study"),
        "title": words,
        "people": words,
        "organisation": words,
        "reference_date": datetime.date(2022, 12, 31),
        "languages": ("zh", "en"),
        "locale": "zh-CN",
        "rosters": (source("members"),),
        "fields": codebook.fields(),
        "headers": {},
        "own_headers": frozenset(),
        "values": {},
        "value_labels": {},
        "checks": (),
        "levels": dict.fromkeys(("branch", "group")),
        "units": units,
        "factors": {},
        "outcomes": {"panel": outcome("panel", "sign_ins")},
        "models": (),
        "population": None,
        "claims": (),
        "calendar": None,
        "segments": (),
        "plan": None,
        "tier": "community",
        "method": "firth",
        "fingerprint": "0" * 64,
    }
    return _made(Study, **{**values, **changes})


def _made(shape: type, /, **values):
    """A value of dataclass `shape`; what is not given is None."""
    return shape(**{**dict.fromkeys(field.name for field in dataclasses.fields(shape)), **values})
