"""Is it a recording problem? The tests of the records, one row each (C2 to C9).

Enters: the counts that the records room took of the recording itself, cells, the study.
Leaves: recording, and the same tests gathered by test for a first look.
Refuses: silence: a test whose column is missing is a row that names the column.
"""

from __future__ import annotations

import pandas as pd

from engagement.analysis import capture, checks, habits, minuted, recorders
from engagement.study import Study

UNTESTABLE = ("not_testable_column", "not_testable_few")
QUIET = ("agree", "met", "estimated", "one_in_the_other", "none_found", "as_by_chance", "even")
SILENT = (*QUIET, "not_heaped", "described", "same_under_all", "cannot_be_told", *UNTESTABLE)


def findings(traces: object, cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The tests C2 to C9, one row per test × aspect × duty × branch (table `recording`).

    `traces` holds meetings, copies, contradictions, hours and lists (tables.py).
    """
    own = cells[cells["outcome"] == study.primary.name]
    profile = study.calendar.profile if study.calendar else None
    rows = [
        *minuted.against_sign_ins(traces.meetings),
        *minuted.legal_minimum(traces.meetings, profile),
        *capture.findings(traces.lists),
        *recorders.findings(own, traces.meetings),
        *minuted.copying(traces.copies, traces.meetings),
        *habits.entry_lag(traces.meetings),
        *habits.heaping(traces.hours),
        *_contradictions(traces.contradictions),
    ]
    return checks.table(rows)


def _contradictions(counted: pd.DataFrame) -> list[dict]:
    """C9: one row per kind of contradiction."""
    return [_contradiction(one) for one in counted.to_dict("records")]


def _contradiction(one: dict) -> dict:
    test = "contradiction"
    if one["column_needed"]:
        return checks.not_testable(test, one["aspect"], one["column_needed"])
    if not one["checked"]:
        return checks.too_few(test, one["aspect"])
    verdict = "to_check" if one["found"] else "none_found"
    counts = {"examined": one["checked"], "found": one["found"]}
    return checks.row(test, one["aspect"], verdict, **counts)


def gathered(table: pd.DataFrame) -> pd.DataFrame:
    """One row per test: aspects examined, aspects with a doubt, aspects that lack a column.

    Columns: test, aspects, doubted, untestable, column_needed (all that are missing, once each).
    """
    overall = table[table["branch"] == ""]
    marked = overall.assign(
        doubted=~overall["verdict"].isin(SILENT),
        untestable=overall["verdict"].isin(UNTESTABLE),
        needed=overall["column_needed"].str.split(),
    )
    by_test = marked.groupby("test", sort=False)
    found = by_test[["doubted", "untestable"]].sum().astype(int)
    found.insert(0, "aspects", by_test.size())
    found["column_needed"] = by_test["needed"].agg(_once)
    return found.reset_index()


def _once(names: pd.Series) -> str:
    return " ".join(dict.fromkeys(name for listed in names for name in listed))
