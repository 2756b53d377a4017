"""The attribution ladder: how many missed slots each rung explains, and what no record can tell.

Enters: missed slots by the rung at which they stop, and the tested barrier classes.
Leaves: ladder, one row per barrier class × rung; whether anything may be said of motives.
Refuses: a word on motives while a rung above them is untested; counts below the threshold.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.analysis.missed import ATTENDED, EVERYBODY
from engagement.study import Study

COLUMNS = list(tables.TABLES["ladder"].columns)
TESTED = ("supported", "not_supported")
WORST_FIRST = ("supported", "not_testable_column", "not_testable_few", "not_supported")
NOT_DECLARED, FIT = "not_declared", "B-FIT"


class Motives(NamedTuple):
    """Whether motives may be spoken of: `verdict` is refused, or survey when all else is tested.

    `untested` and `supported`: barriers of the rungs above, in order.
    """

    verdict: str
    untested: tuple[str, ...]
    supported: tuple[str, ...]


def rungs(
    missed: pd.DataFrame, segments: pd.DataFrame, study: Study, *, fit: str = ""
) -> pd.DataFrame:
    """The ladder of everybody (segment "") and of each class (table `ladder`).

    A slot that was not attended is explained by the lowest supported rung that may have held it
    up. `explained`: slots that the rung explains, of `members`; `share`: of all slots not attended
    in that segment. Barrier "" closes each ladder: what no supported rung explains, and nobody may
    read as unwillingness. `excess`: how many more slots the class missed than at the rate of the
    others, with limits, where a comparison was made. Verdicts: supported, not_supported,
    not_testable_column (`column_needed` would make it testable), not_testable_few (no comparison
    possible, or fewer than the tier's threshold stand there), not_declared (the study declares no
    class; `column_needed` could tell one). Counts of fewer members than the threshold are NA.
    """
    threshold = codebook.tiers()[study.tier]["threshold"]
    names = [EVERYBODY, *(segment.name for segment in study.segments)]
    rows = [
        row
        for name in names
        for row in _rungs(name, missed[missed["segment"] == name], segments, fit)
    ]
    table = pd.DataFrame(rows, columns=COLUMNS).astype({"members": "Int64", "explained": "Int64"})
    few = (table["members"] < threshold).fillna(False).astype(bool)
    verdict = table["verdict"].mask(few & (table["verdict"] == "supported"), "not_testable_few")
    counts = {name: table[name].mask(few) for name in ("members", "explained", "share")}
    return tables.check(table.assign(verdict=verdict, **counts), "ladder")


def motives(ladder: pd.DataFrame) -> Motives:
    """What the ladder of everybody allows to be said about motives: nothing, and why."""
    barriers = codebook.barriers()
    above = set(barriers.loc[barriers["test"] != "survey", "barrier"])
    own = ladder[(ladder["segment"] == EVERYBODY) & ladder["barrier"].isin(above)]
    untested = tuple(own.loc[~own["verdict"].isin(TESTED), "barrier"])
    supported = tuple(own.loc[own["verdict"] == "supported", "barrier"])
    return Motives("refused" if untested else "survey", untested, supported)


def _rungs(name: str, missed: pd.DataFrame, segments: pd.DataFrame, fit: str) -> list[dict]:
    """The rungs of one segment from the lowest up, and what they leave open."""
    barriers = codebook.barriers().to_dict("records")
    told = [
        _verdict(rung, segments[segments["barrier"] == rung["barrier"]], fit) for rung in barriers
    ]
    supported = [
        rung["barrier"] for rung, one in zip(barriers, told, strict=True) if one[0] == "supported"
    ]
    lost = missed[missed["stop"] != ATTENDED]
    first = lost["stop"].map(lambda held: _first(held, supported)).astype("str")
    sums = lost.groupby(first)[["members", "slots"]].sum()
    rows = [
        {
            **{"segment": name, "barrier": rung["barrier"], "rung": rung["rung"]},
            **_counted(sums, rung["barrier"], lost["slots"].sum(), of=_counts(rung, verdict, fit)),
            **_excess(segments[segments["barrier"] == rung["barrier"]], verdict, of=name),
            **{"verdict": verdict, "column_needed": needed},
        }
        for rung, (verdict, needed) in zip(barriers, told, strict=True)
    ]
    rest = _counted(sums, "", lost["slots"].sum(), of="supported")
    return [*rows, {"segment": name, "barrier": "", **rest, "verdict": "open", "column_needed": ""}]


def _first(held: str, supported: list[str]) -> str:
    return next((barrier for barrier in held.split() if barrier in supported), "")


def _counts(rung: dict, verdict: str, fit: str) -> str:
    """The verdict on a rung that counts slots of its own; the sessions' own fit has none."""
    return "" if fit and rung["barrier"] == FIT else verdict


def _counted(sums: pd.DataFrame, barrier: str, lost: int, *, of: str) -> dict:
    if of != "supported":
        return {"members": pd.NA, "explained": pd.NA, "share": np.nan}
    members, slots = sums.loc[barrier] if barrier in sums.index else (0, 0)
    share = slots / lost if lost else np.nan
    return {"members": int(members), "explained": int(slots), "share": share}


def _verdict(rung: dict, classes: pd.DataFrame, fit: str) -> tuple[str, str]:
    """The verdict on one rung over everybody, and the column that would let it be tested."""
    if rung["test"] == "survey":
        return "not_testable_column", rung["column"]
    if rung["test"] == "recorded":
        return "supported", ""
    if classes.empty and fit and rung["barrier"] == FIT:
        return fit, rung["column"] if fit == "not_testable_column" else ""
    if classes.empty:
        return NOT_DECLARED, rung["column"]
    verdict = min(classes["verdict"], key=WORST_FIRST.index)
    needed = " ".join(sorted(set(" ".join(classes["column_needed"]).split())))
    return verdict, needed if verdict == "not_testable_column" else ""


def _excess(classes: pd.DataFrame, verdict: str, *, of: str) -> dict[str, float]:
    """Missed slots of everybody beyond the rate of the others; limits are the difference's."""
    names = ("excess", "excess_low", "excess_high")
    known = classes.dropna(subset=["due", "estimate"])
    if of != EVERYBODY or verdict != "supported" or len(classes) != 1 or known.empty:
        return dict.fromkeys(names, np.nan)
    row = known.iloc[0]
    ends = (row["estimate"], row["conf_high"], row["conf_low"])
    return dict(zip(names, (-float(row["due"]) * end for end in ends), strict=True))
