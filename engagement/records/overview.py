"""What the records room found, in counts that may be shown on a screen or in a notebook.

Enters: cleaned rosters, links and the reconciliation of the member roster.
Leaves: counts by file, field, rule and kind of link; the distinct values that people sign.
Refuses: nothing; only `values` holds what stands in cells, and it stays in private/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from engagement import words
from engagement.records import account, link
from engagement.records.audit import WAYS
from engagement.records.candidates import Rules
from engagement.records.clean import Cleaned
from engagement.records.corrections import CORRECTED
from engagement.records.evidence import column
from engagement.study import Study

SURE = ["exact", "inferred", "lossy"]
FATES = ["clean", "flagged", "quarantined"]
DECISIONS = ["link", "review", "no"]
READINGS = ("strict", "declared", "broad")
TIMES = (0.2, 1.0, 5.0)
AGREES = r"(?:name|latin|spelled|phone|email|id|birth|sex|place|address|sign_in):(?!other)\w+"
PLAIN = r"^(?:code|date|declared_value|id_number|number|phone|text|unit)\+"
PARTS = ["rows", "structural", "clean", "quarantined", "duplicates"]


def files(cleaned: Cleaned) -> pd.DataFrame:
    """One row per source file: its kind, sheets, and how every one of its rows was accounted for.

    Columns: source_file, kind, sheets, rows, structural, clean, quarantined, duplicates.
    """
    named = cleaned.manifest.rename(columns={"file": "source_file"})
    counted = named.groupby(["source_file", "kind"], sort=False)[PARTS].sum()
    sheets = named.groupby(["source_file", "kind"], sort=False).size().rename("sheets")
    return pd.concat([sheets, counted], axis=1).reset_index()


def kinds(cleaned: Cleaned) -> pd.DataFrame:
    """The same per kind of roster, with the number of files: one row per kind."""
    by_file = files(cleaned)
    counted = by_file.groupby("kind", sort=False)[["sheets", *PARTS]].sum()
    number = by_file.groupby("kind", sort=False).size().rename("files")
    return pd.concat([number, counted], axis=1).reset_index()


def ways(cleaned: Cleaned) -> pd.DataFrame:
    """How the cells of each field were read, one row per kind of roster, field and way: kind,
    and the columns of audit.ways."""
    keys = ["kind", *WAYS[:-1]]
    return _read(cleaned).groupby(keys, sort=False).size().rename("cells").reset_index()


def fields(found: pd.DataFrame) -> pd.DataFrame:
    """How the cells of each field were read, one row per kind of roster and field.

    `found` are `ways`. Columns: kind, field, cells, exact, inferred, lossy, flagged, quarantined.
    """
    keys = ["kind", "field"]
    cells = found.groupby(keys, sort=False)["cells"].sum()
    sure = _summed(found, keys, "confidence", SURE)
    fate = _summed(found, keys, "status", FATES[1:])
    return pd.concat([cells, sure, fate], axis=1).reset_index()


def rules(found: pd.DataFrame) -> pd.DataFrame:
    """Which rules had something to do, one row per rule; plain readings are left out.

    `found` are `ways`. Columns: rule, cells, flagged, quarantined. A cell counts where it was
    inferred, lost, doubted or refused, under every rule that fired beyond the plain reading of its
    type.
    """
    read = found[found["confidence"].ne("exact") | found["status"].ne("clean")]
    fired = read["rule"].str.replace(PLAIN, "", regex=True).str.split("+")
    fate = _summed(read.assign(rule=fired).explode("rule"), ["rule"], "status", FATES)
    table = fate.assign(cells=fate.sum(axis=1)).reset_index()
    return table.sort_values(["cells", "rule"], ascending=[False, True], ignore_index=True)[
        ["rule", "cells", "flagged", "quarantined"]
    ]


def values(cleaned: Cleaned) -> pd.DataFrame:
    """Distinct raw → clean by rule, one row each, with its count and first place (identity level).

    Columns: field, raw, value, rule, confidence, status, cells, first_file, first_sheet, first_row.
    """
    keys = ["field", "raw", "value", "rule", "confidence", "status"]
    named = {"source_file": "first_file", "sheet": "first_sheet", "row": "first_row"}
    groups = _read(cleaned).groupby(keys, sort=True, dropna=False)
    first = groups[list(named)].first().rename(columns=named)
    return pd.concat([groups.size().rename("cells"), first], axis=1).reset_index()


def links(found: pd.DataFrame) -> pd.DataFrame:
    """Pairs by kind and decision, with the errors to expect: one row per kind.

    Columns: kind, pairs, link, review, no, false_expected (Σ(1−p) over links), missed_expected
    (Σp over the pairs that are neither linked nor waiting for review).
    """
    counted = _counted(found, ["kind"], "decision", DECISIONS)
    wrong = (1 - found["probability"]).where(found["decision"] == "link", 0.0)
    missed = found["probability"].where(found["decision"] == "no", 0.0)
    counted["false_expected"] = wrong.groupby(found["kind"]).sum()
    counted["missed_expected"] = missed.groupby(found["kind"]).sum()
    counted.insert(0, "pairs", counted[DECISIONS].sum(axis=1))
    return counted.reset_index()


def sensitivity(
    cleaned: Cleaned, study: Study, decided: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """How the volunteers' links move with the matches that were expected: one row per expectation.

    Columns: kind, expected_times (of the declared number of matches), pairs, link, review, and the
    errors to expect, as in `links`. `decided` are decisions of people by pair.
    """
    if "volunteers" not in cleaned.records:
        return pd.DataFrame()
    known = {kind: cleaned.records[kind] for kind in ("members", "volunteers")}
    alone = replace(cleaned, records=known)
    made = [link.rosters(alone, study, rules) for rules in expecting(decided or {})]
    return moved(made)


def expecting(decided: Mapping[str, str], **options: object) -> list[Rules]:
    """The rules of `sensitivity`: the declared number of matches, fewer and more."""
    return [Rules(expected_times=times, decided=decided, **options) for times in TIMES]


def moved(made: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """`sensitivity` from the links under each of its rules."""
    told = [
        links(found[found["kind"] == "volunteers"]).assign(expected_times=times)
        for times, found in zip(TIMES, made, strict=True)
    ]
    return pd.concat(told, ignore_index=True)


def evidence(found: pd.DataFrame) -> pd.DataFrame:
    """What links rest on, one row per kind and combination of agreements.

    Columns: kind, evidence (`field:level;…`), pairs. What disagrees or is missing is left out.
    """
    linked = found[found["decision"] == "link"]
    agreed = linked["reason"].str.findall(AGREES).str.join(";")
    counted = agreed.groupby([linked["kind"], agreed.rename("evidence")]).size()
    return counted.rename("pairs").reset_index()


def in_words(table: pd.DataFrame, language: str) -> pd.DataFrame:
    """The table `evidence` with words for its codes, the most frequent first."""
    told = {codes: _in_words(codes, language) for codes in set(table["evidence"])}
    named = table.assign(evidence=table["evidence"].map(told))
    order = ["kind", "pairs", "evidence"]
    return named.sort_values(order, ascending=[True, False, True], ignore_index=True)


def _in_words(codes: str, language: str) -> str:
    keys = [f"link.{code.replace(':', '.')}" for code in codes.split(";") if code]
    return " + ".join(words.label(key, language) for key in keys)


def volunteers(cleaned: Cleaned, found: pd.DataFrame) -> dict[str, int]:
    """Rows of the volunteer list, the different people behind them, and the members found."""
    rows = cleaned.records.get("volunteers")
    if rows is None or rows.empty:
        return {"sign_ups": 0, "listed": 0, "linked": 0}
    own = found[(found["kind"] == "volunteers") & (found["decision"] == "link")]
    members = own[["right_file", "right_sheet", "right_row"]].drop_duplicates()
    people = link.people_of(rows, found, "volunteers_twice")
    return {"sign_ups": len(rows), "listed": int(people.nunique()), "linked": len(members)}


def listed(cleaned: Cleaned, found: pd.DataFrame) -> pd.DataFrame:
    """Both counts of the volunteer list, in one row."""
    return pd.DataFrame([{**volunteers(cleaned, found), **participants(cleaned, found)}])


def participants(cleaned: Cleaned, found: pd.DataFrame) -> dict[str, int]:
    """Different people on the volunteer list under each definition of taking part.

    strict: with hours of service on the list, where it holds any hours at all.
    """
    rows = cleaned.records.get("volunteers")
    if rows is None or rows.empty:
        return dict.fromkeys(READINGS, 0)
    people = link.people_of(rows, found, "volunteers_twice")
    hours = pd.to_numeric(column(rows, "hours"), errors="coerce").to_numpy()
    served = np.ones(len(rows), bool) if np.isnan(hours).all() else hours > 0
    whole = int(people.nunique())
    return dict(zip(READINGS, (int(people[served].nunique()), whole, whole), strict=True))


def _read(cleaned: Cleaned) -> pd.DataFrame:
    """The audit of the cells that are data, with the kind of roster they stand in."""
    audit = cleaned.audit[cleaned.audit["status"].ne("structural")]
    kind = cleaned.manifest.drop_duplicates("file").set_index("file")["kind"]
    return audit.assign(kind=audit["source_file"].map(kind))


def _counted(rows: pd.DataFrame, keys: list[str], column: str, wanted: list[str]) -> pd.DataFrame:
    counted = rows.groupby([*keys, column], sort=False).size().unstack(fill_value=0)
    return counted.reindex(columns=wanted, fill_value=0).rename_axis(columns=None)


def _summed(found: pd.DataFrame, keys: list[str], column: str, wanted: list[str]) -> pd.DataFrame:
    summed = found.groupby([*keys, column], sort=False)["cells"].sum().unstack(fill_value=0)
    return summed.reindex(columns=wanted, fill_value=0).rename_axis(columns=None)


def _tallied(cleaned: Cleaned) -> list[tuple[str, dict[str, object]]]:
    """That counts by month were read, and what they cannot be used for."""
    tallies = cleaned.records.get("tallies")
    if tallies is None:
        return []
    files = tallies["source_file"].nunique()
    return [("check.tallies", {"files": files, "cells": int(tallies["times_attended"].count())})]


def sentences(
    cleaned: Cleaned, found: pd.DataFrame, reconciliation: pd.DataFrame, study: Study
) -> list[tuple[str, dict[str, object]]]:
    """What `engagement check` says, as words keys with their values."""
    rows = reconciliation.set_index("item")["rows"]
    fates = _read(cleaned)["status"].value_counts()
    asks = int(fates.reindex(FATES[1:]).sum())
    whole = {"rows": rows["rows_on_roster"], "members": rows["member"], "cells": asks}
    said = [("check.members" if asks else "check.members_clean", whole)]
    said += [
        (f"check.{item}", {"rows": rows[item]})
        for item in ("doubled", "deceased", "transferred", "not_a_member")
        if rows[item]
    ]
    if "stated" in rows:
        said.append(("check.stated", {"rows": rows["stated"], "unexplained": rows["unexplained"]}))
    said.append(("check.cells", {name: int(fates.get(name, 0)) for name in FATES}))
    mended = int(cleaned.audit["rule"].str.endswith(CORRECTED).sum())
    said += [("check.corrected", {"cells": mended})] if mended else []
    said += [("check.to_mend", {})] if asks else []
    said += _tallied(cleaned) + account.hidden(cleaned.manifest)
    for row in links(found).itertuples():
        said.append((f"check.links.{row.kind}", {"link": row.link, "review": row.review}))
    return said
