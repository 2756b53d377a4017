"""Numbers that sentences need and that follow from released ones alone: sums, shares, extremes.

Enters: the tables of a release as rows, and the study.
Leaves: a dict of findings.json, so that no document works out a number of its own.
Refuses: nothing; what is not printed is in no sum.
"""

from __future__ import annotations

from collections.abc import Mapping

from engagement.study import Study

Rows = list[dict]
UNSURE = "cannot_be_told"


def numbers(tables: Mapping[str, Rows], study: Study) -> dict:
    """Sessions in all and by duty, comparisons by verdict, hours, shares of the members."""
    return {
        "sessions": _sessions(tables["completeness"]),
        "comparisons": _comparisons(tables["findings"], study),
        "hours": _hours(tables["plan"]),
        "members": _members(tables["members"]),
    }


def _sessions(rows: Rows) -> dict:
    """What was due and what is on record: in all, by duty, and where something is missing."""
    own = [row for row in rows if row["test"] == "sessions" and row["expected"]]
    duties = dict.fromkeys(row["duty_type"] for row in own)
    by_duty = [
        {"duty_type": duty, **_sum([row for row in own if row["duty_type"] == duty])}
        for duty in duties
    ]
    return {**_sum(own), "by_duty": by_duty, "missing": _missing(own, by_duty)}


def _sum(rows: Rows) -> dict:
    expected = sum(row["expected"] for row in rows)
    recorded = sum(row["recorded"] or 0 for row in rows)
    lacking = sum(max(row["expected"] - (row["recorded"] or 0), 0) for row in rows)
    share = recorded / expected if expected else None
    return {"expected": expected, "recorded": recorded, "lacking": lacking, "share": share}


def _missing(rows: Rows, by_duty: Rows) -> Rows:
    """One row per duty and branch that lacks a record; one for all where none has any."""
    found = []
    for duty in by_duty:
        own = [row for row in rows if row["duty_type"] == duty["duty_type"]]
        if len(own) > 1 and not duty["recorded"]:
            found.append({**duty, "branch": None})
            continue
        found += [
            {"duty_type": row["duty_type"], **_sum([row]), "branch": row["branch"]}
            for row in own
            if (row["recorded"] or 0) < row["expected"]
        ]
    return found


def differences(rows: Rows, study_factors: Mapping, outcome: str) -> Rows:
    """The differences between levels of a factor, for one outcome; a claim's are not among them."""
    return [
        row
        for row in rows
        if row["outcome"] == outcome
        and row["estimand"] == "risk_difference"
        and row["term"] in study_factors
    ]


def _comparisons(rows: Rows, study: Study) -> dict:
    """How many differences were looked for and told, and how large one must be to be seen."""
    own = differences(rows, study.factors, study.primary.name)
    seen = [
        row["detectable"]
        for row in own
        if row["released"] and row["conf_low"] is not None and row.get("detectable")
    ]
    return {
        "asked": len(own),
        "unsure": sum(row["verdict"] == UNSURE for row in own),
        "refused": sum(not row["released"] for row in own),
        "told": sum(row["released"] and row["verdict"] != UNSURE for row in own),
        "detectable_low": min(seen, default=None),
        "detectable_high": max(seen, default=None),
    }


def _hours(rows: Rows) -> dict:
    """Hours of the plan that are known, of what comes first, and of each segment."""
    sums: dict[str, float | None] = {}
    for row in rows:
        known = sums.get(row["segment"], 0.0)
        sums[row["segment"]] = None if None in (known, row["hours"]) else known + row["hours"]
    known = sum(row["hours"] for row in rows if row["hours"] is not None)
    return {"known": known, "first": sums.get(""), "by_segment": sums}


def _members(rows: Rows) -> Rows:
    """The members by factor and level, with their share of all who are counted."""
    whole = next((row["members"] for row in rows if not row["factor"]), None)
    return [
        {**row, "share": row["members"] / whole if whole and row["members"] else None}
        for row in rows
    ]
