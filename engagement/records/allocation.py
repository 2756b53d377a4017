"""Who is offered something by lot: a list that names people and never leaves the private folder.

Enters: cleaned rosters, links, and what chance allotted to each member_id.
Leaves: the allocation list (identity level); next year, the members whom it names.
Refuses: a list that is not the one registered, or that names nobody of this year's roster.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from engagement import secret, tables
from engagement.errors import StudyError
from engagement.records import evidence
from engagement.records import people as members_of_study
from engagement.records.clean import Cleaned
from engagement.study import Study

COLUMNS = list(tables.TABLES["allocation"].columns)
NAMED = ("name", "id_number", "birth_date")
LAST_YEAR = ("last_due", "last_attended")
ALLOTTED = ("stratum", "offered", *LAST_YEAR)
FEWEST_FOUND = 0.5
SHOWN_DIGITS = 12


def path(study: Study, protocol_id: str) -> Path:
    """Where the allocation list of a protocol lies."""
    return study.private / f"allocation-{protocol_id[:SHOWN_DIGITS]}.csv"


def listed(
    cleaned: Cleaned, links: pd.DataFrame, study: Study, allotted: pd.DataFrame
) -> pd.DataFrame:
    """The allocation list, one row per member allotted (table `allocation`, identity level).

    `allotted`: member_id, stratum, offered (yes or no), last_due and last_attended.
    """
    roster = members_of_study.roster(cleaned, links, study)
    people = _people(roster).merge(allotted, on="member_id", how="inner", validate="1:1")
    place = {name: evidence.column(roster, name) for name in ("branch", "group")}
    units = roster[["member_id"]].assign(**place)
    table = people.merge(units, on="member_id").sort_values("member_id", ignore_index=True)
    return tables.check(table[COLUMNS], "allocation")


def fingerprint(table: pd.DataFrame, key: bytes = secret.NONE) -> str:
    """The hash of an allocation list, whatever order its rows are in (secret.fingerprint).

    It leaves with the protocol. Without a key it says nothing of who came last year: one who knows
    all the other rows could otherwise try the few numbers that are possible.
    """
    columns = COLUMNS if key else [name for name in COLUMNS if name not in LAST_YEAR]
    rows = sorted("\t".join(map(str, row)) for row in table[columns].fillna("").to_numpy())
    return secret.fingerprint("\n".join(rows), key)


def read(study: Study, protocol_id: str, registered: str) -> pd.DataFrame:
    """Last year's allocation list.

    Raises StudyError when it is not in the private folder, or is not the one registered.
    """
    file = path(study, protocol_id)
    if not file.is_file():
        raise StudyError.one("allocation_missing", file=file.name)
    table = pd.read_csv(file, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    if list(table.columns) != COLUMNS or fingerprint(table, secret.key(study)) != registered:
        raise StudyError.one("allocation_changed", file=file.name)
    numbers = dict.fromkeys(LAST_YEAR, int)
    return table.astype(numbers).replace({name: {"": np.nan} for name in NAMED})


def found(table: pd.DataFrame, cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What chance allotted to each member of this year's roster, one row per row of the list.

    Columns: member_id (missing where nobody of the roster is meant, or more than one may be),
    stratum, offered, last_due, last_attended. A person is known by the ID number, else by name and
    birth, else by a name that is the only one in both.
    Raises StudyError when fewer than half are found: the list is of another roster.
    """
    people = _people(members_of_study.roster(cleaned, links, study))
    number = pd.Series(pd.NA, index=table.index, dtype="Int64")
    for keys in (["id_number"], ["name", "birth_date"], ["name"]):
        number = number.fillna(_matched(table, people, keys))
    number = number.mask(number.duplicated(keep=False) & number.notna())
    if number.notna().mean() < FEWEST_FOUND:
        share = f"{int(number.notna().sum())}/{len(table)}"
        raise StudyError.one("protocol_foreign", found=share)
    return table[list(ALLOTTED)].assign(member_id=number)


def _people(roster: pd.DataFrame) -> pd.DataFrame:
    known = {name: evidence.column(roster, name) for name in NAMED}
    return roster[["member_id"]].assign(**known).reset_index(drop=True)


def _matched(table: pd.DataFrame, people: pd.DataFrame, keys: list[str]) -> pd.Series:
    """member_id where `keys` are known, and single on both sides."""
    sides = []
    for side in (table, people):
        known = side.dropna(subset=keys)
        sides.append(known[~known.duplicated(keys, keep=False)])
    numbers = sides[1].set_index(keys)["member_id"].astype("Int64")
    rows = sides[0].set_index(keys).index
    return pd.Series(numbers.reindex(rows).array, index=sides[0].index).reindex(table.index)
