"""The ladder of barriers, tested on declared classes of members, never on a person.

Enters: counts inside and outside each class (cells.segment_cells), the catalogue of barriers.
Leaves: one row per class with a verdict: supported, not_supported, not_testable_column (which
column is missing) or not_testable_few.
Refuses: counts of a class below the tier's threshold; motives, which no roster holds.
"""

from __future__ import annotations

import pandas as pd

from engagement import codebook, tables
from engagement.analysis import comparison, verdicts
from engagement.declared import Factor, Segment
from engagement.errors import Problem, StudyError
from engagement.study import Study

MEASURED = ("p0", "p1", "estimate", "conf_low", "conf_high")
COLUMNS = [*tables.TABLES["segments"].columns, *MEASURED, "note", "members_possible"]
INSIDE = Factor(
    name="inside",
    field="inside",
    kind="category",
    bands=(),
    groups={},
    levels=("no", "yes"),
    reference="no",
    step=None,
    role="primary",
    adjust=(),
    label={"zh": "inside", "en": "inside"},
    labels={},
)


def segments(segment_cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per declared class: members (due or not), slots due and attended, the verdict.

    A recorded barrier (not recorded, not due) is supported when the record names enough members.
    Any other is supported when members of the class clearly attended less than the rest (p1
    against p0), corrected for the number of classes (Holm): hours are spent on it. Who cannot be
    reached and yet attends stands before no such barrier.
    Below the threshold the counts are NA.
    Where a column is missing, members_possible counts whoever may be in the class. Raises
    StudyError for a barrier that the ladder does not have.
    """
    ladder = codebook.barriers().set_index("barrier")
    _check(study, ladder)
    lines = _compared(segment_cells, study)
    rows = [
        _row(segment, segment_cells, lines.get(segment.name), ladder.loc[segment.barrier], study)
        for segment in study.segments
    ]
    counts = ["members", "due", "attended", "members_possible"]
    return pd.DataFrame(rows, columns=COLUMNS).astype(dict.fromkeys(counts, "Int64"))


def _check(study: Study, ladder: pd.DataFrame) -> None:
    problems = [
        Problem(
            "unknown_name",
            {
                **{"file": "study.toml", "where": f"segment {place}.barrier"},
                **{"found": segment.barrier, "expected": ", ".join(ladder.index)},
            },
        )
        for place, segment in enumerate(study.segments, start=1)
        if segment.barrier not in ladder.index
    ]
    if problems:
        raise StudyError(problems)


def _row(
    segment: Segment, cells: pd.DataFrame, line: dict | None, rung: pd.Series, study: Study
) -> dict:
    own = cells[cells["segment"] == segment.name]
    threshold = codebook.tiers()[study.tier]["threshold"]
    size = _size(own[own["inside"] == "yes"])
    possible = int(own.loc[own["inside"] != "no", "members"].sum())
    few = size["members"] < threshold
    needed = _column_needed(segment, own, rung)
    return {
        **{"segment": segment.name, "barrier": segment.barrier},
        **(dict.fromkeys(size, pd.NA) if few else size),
        **{"verdict": _verdict(rung["test"], line, needed, few), "column_needed": needed},
        **_shares(line, few),
        "members_possible": possible if needed and possible >= threshold else pd.NA,
    }


def _compared(segment_cells: pd.DataFrame, study: Study) -> dict[str, dict]:
    """Inside against outside, by segment; the verdicts are corrected over all segments."""
    counted = segment_cells[segment_cells["counted"] == "yes"]
    lines = []
    for name, own in counted.groupby("segment", sort=False):
        cells = own.assign(outcome=study.primary.name)
        lines += [
            {**line, "segment": name}
            for line in comparison.lines(cells, INSIDE, study.primary, study)
        ]
    if not lines:
        return {}
    table = pd.DataFrame(lines)
    table = table.assign(p_adjusted=verdicts.adjusted(table))
    table = table.assign(verdict=verdicts.words(table)).set_index("segment")
    return table.to_dict("index")


def _column_needed(segment: Segment, own: pd.DataFrame, rung: pd.Series) -> str:
    if rung["test"] == "survey" or not segment.when:
        return rung["column"]
    return " ".join(sorted(set(own["column_needed"]) - {""}))


def _verdict(test: str, line: dict | None, needed: str, few: bool) -> str:
    if needed:
        return "not_testable_column"
    if few:
        return "not_testable_few"
    if test == "recorded":
        return "supported"
    if line is None or line["verdict"] in ("refused", "cannot_be_told"):
        return "not_testable_few"
    if line["estimate"] >= 0 or line["verdict"] == "no_important":
        return "not_supported"
    return "supported" if line["verdict"] == "clear" else "not_testable_few"


def _size(inside: pd.DataFrame) -> dict[str, int]:
    sums = {
        name: int((inside[name].fillna(0) * inside["members"]).sum())
        for name in ("due", "attended")
    }
    return {"members": int(inside["members"].sum()), **sums}


def _shares(line: dict | None, few: bool) -> dict:
    if line is None or few:
        return dict.fromkeys(MEASURED, float("nan")) | {"note": ""}
    return {name: line[name] for name in (*MEASURED, "note")}
