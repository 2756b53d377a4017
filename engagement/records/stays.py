"""Coming and going: what the times of a sign-in log say of attendance and hours.

Enters: the raw rows of sign-in sheets and their columns as read.
Leaves: the same columns; attendance, day and hours taken from the times where no cell says them.
Refuses: a stay that ends before it begins or lasts longer than a day: flagged, never stored.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd

from engagement.declared import Roster
from engagement.records import fields
from engagement.records.column import Column, How, TextArray, nothing
from engagement.study import Study

FROM_TIMES = "from_times"
TIMES = ("check_in", "check_out")
LONGEST_NIGHT = 12
_DAY = 24
_BETWEEN = "|"


def settled(
    found: dict[str, Column], raw: pd.DataFrame, roster: Roster, study: Study
) -> dict[str, Column]:
    """Columns with attend_status, event_date and hours from check_in and check_out.

    A time in either column means attended; a mark written instead of a time is that mark; a row
    with neither is unknown. A time that carries its day gives the day. Hours run from check-in to
    check-out where no column holds hours; of two clock times the second may lie after midnight
    when the stay is then at most LONGEST_NIGHT hours. What a cell of its own says is never
    replaced.
    """
    if not set(TIMES) & set(found):
        return found
    come, gone = (found.get(name, nothing(len(raw))) for name in TIMES)
    marks = {name: _marks(raw, name, roster, study) for name in TIMES if name in found}
    status = np.full(len(raw), "", dtype=object)
    for read in marks.values():
        status = np.where(status == "", read, status)
    present = (come.value != "") | (gone.value != "")
    status = np.where(present, "attended", status).astype(object)
    changed = {name: _marked(found[name], read != "") for name, read in marks.items()}
    said = _given(found.get("attend_status"), status)
    nobody_knows = (said.settled == "") & (said.status != "quarantined")
    changed["attend_status"] = said.holding(nobody_knows, "unknown")
    day = _days(come.value, gone.value)
    changed["event_date"] = _given(found.get("event_date"), day, precision="day")
    measured = "hours" not in found and set(TIMES) <= set(found)
    return found | changed | (_hours(come, changed["check_out"]) if measured else {})


def _hours(come: Column, gone: Column) -> dict[str, Column]:
    """Hours from one time to the other, and a flag on the time of leaving where they cannot be."""
    at, pairs = pd.factorize(come.value + _BETWEEN + gone.value)
    told = [_length(*pair.split(_BETWEEN)) for pair in pairs]
    shown, rules = (np.array(part, dtype=object)[at] for part in zip(*told, strict=True))
    for reason in ("out_before_in", "longer_than_a_day"):
        gone = gone.flagged(rules == reason, reason)
    for rule in set(rules[shown != ""]):
        measured = functools.partial(_measured, rule=rule)
        gone = gone.read_as((shown != "") & (rules == rule), measured)
    return {"check_out": gone, "hours": _given(None, shown)}


def _measured(how: How, rule: str) -> How:
    return how._replace(rule=f"{how.rule}+{rule}")


def _length(come: str, gone: str) -> tuple[str, str]:
    """The hours between two times and the rule, or "" and what speaks against them."""
    start, end = _minutes(come), _minutes(gone)
    if start is None or end is None or ("T" in come) != ("T" in gone):
        return "", ""
    length, rule = (end - start) / 60, FROM_TIMES
    if length < 0 and "T" not in come and length + _DAY <= LONGEST_NIGHT:
        length, rule = length + _DAY, f"{FROM_TIMES}+over_midnight"
    if length < 0:
        return "", "out_before_in"
    return ("", "longer_than_a_day") if length > _DAY else (f"{round(length, 4):g}", rule)


def _minutes(time: str) -> float | None:
    """Minutes since the start of the day, or of the calendar where the day is known."""
    if not time:
        return None
    day, _, clock = time.rpartition("T")
    hour, minute, second = (int(part) for part in f"{clock}:0".split(":")[:3])
    days = pd.Timestamp(day).toordinal() if day else 0
    return days * 1440 + hour * 60 + minute + second / 60


def _days(come: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """The day of coming, else of going, else nothing."""
    first, second = (pd.Series(part, dtype="str") for part in (come, gone))
    dated = first.where(first.str.contains("T"), second)
    return dated.where(dated.str.contains("T"), "").str[:10].to_numpy(dtype=object)


def _marks(raw: pd.DataFrame, name: str, roster: Roster, study: Study) -> np.ndarray:
    """The attendance mark that stands in a column of times."""
    rule = fields.rule(study.fields["attend_status"], roster, study)
    at, shown = pd.factorize(raw[name])
    values = [rule(text, "text").value for text in shown]
    return np.array([*values, ""], dtype=object)[at]


def _marked(column: Column, rows: np.ndarray) -> Column:
    """A mark among times is read, so it is no refusal of the time."""
    rows = rows & column.where(lambda how: how.rule == "not_a_time")
    mark = How("attendance_mark", "exact", "", "clean")
    return column.read_as(rows, lambda how: mark._replace(precision=how.precision))


def _given(column: Column | None, values: TextArray, precision: str = "") -> Column:
    """The column with `values` where it has no cell of its own."""
    column = nothing(len(values)) if column is None else column
    empty = column.where(lambda how: how.rule == "") & (values != "")
    return column.saying(empty, values, How(FROM_TIMES, "inferred", precision, "clean"))
