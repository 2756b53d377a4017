"""Everybody on the rosters, as they must not be found in anything that leaves.

Enters: what clean.rosters() leaves, and the study.
Leaves: identities, one row per person's row and value: names, numbers, texts, other facts.
Refuses: nothing.
"""

from __future__ import annotations

import re

import pandas as pd

from engagement.records.clean import Cleaned
from engagement.study import Study

KINDS = {
    "name": "name",
    "id": "number",
    "phone": "number",
    "email": "text",
    "date": "fact",
}
SHARED = frozenset({"household_no", "building_unit"})
LONG_NUMBER = re.compile(r"(?<!\d)\d{9,18}[xX]?(?!\d)")
NUMBERED = re.compile(
    "[0-9\uff10-\uff19\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d\u5341]"
)


def everybody(cleaned: Cleaned, study: Study) -> pd.DataFrame:
    """The values of every cell with an identity, as it stands in the file and as it was read.

    Columns: person (a number per row of a roster), kind (name, number, text, fact), value.
    Long numbers are taken from every cell, whatever its header.
    """
    audit = cleaned.audit.loc[cleaned.audit["status"] != "structural"]
    person = audit.groupby(["source_file", "sheet", "row"], sort=False).ngroup()
    cells = pd.concat(
        [
            pd.DataFrame({"person": person, "field": audit["field"], "value": audit[column]})
            for column in ("raw", "value")
        ]
    ).dropna(subset=["value"])
    cells = cells.assign(value=cells["value"].astype("str"))
    found = [_named(cells, study), _numbers(cells)]
    return pd.concat(found).drop_duplicates(ignore_index=True)


def _named(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    kinds = {
        name: KINDS.get(field.type, "text")
        for name, field in study.fields.items()
        if "ID" in field.use and name not in SHARED | {"remark"}
    }
    named = cells.assign(kind=cells["field"].map(kinds)).dropna(subset=["kind"])
    places = (named["field"] == "address") & ~named["value"].str.contains(NUMBERED)
    return named.loc[~places, ["person", "kind", "value"]]


def _numbers(cells: pd.DataFrame) -> pd.DataFrame:
    found = cells.assign(value=cells["value"].map(LONG_NUMBER.findall)).explode("value")
    return found.dropna(subset=["value"])[["person", "value"]].assign(kind="number")
