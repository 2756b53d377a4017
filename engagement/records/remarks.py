"""What the remarks beside a name decide about membership and duty.

Enters: the remarks of a roster.
Leaves: facts, one row per remark.
Refuses: inferring: an excuse counts only as a recorded decision, and a negated word says nothing.
"""

from __future__ import annotations

import functools
import re

import pandas as pd

from engagement import codebook

FACTS = ("deceased", "moved_out", "moved_in", "excused", "returned")
_WHEN = re.compile(r"((?:19|20)\d\d)\D{0,2}(\d{1,2})?")


def facts(remarks: pd.Series) -> pd.DataFrame:
    """What each remark says, one row per remark.

    Columns: deceased, moved_out, moved_in, excused, returned (bool), when (first month named in
    the remark as YYYY-MM, or the year alone, or missing).
    """
    at, shown = pd.factorize(remarks)
    said = [_said(text) for text in shown] + [(False,) * len(FACTS) + (None,)]
    table = pd.DataFrame(said, columns=[*FACTS, "when"]).astype({"when": "str"})
    return table.iloc[at].set_axis(remarks.index)


def _said(remark: str) -> tuple:
    """The facts of one remark; each distinct one is read once."""
    found = {fact: bool(_pattern(fact).search(remark)) for fact in (*FACTS, "decided")}
    found["excused"] &= found.pop("decided")
    return (*found.values(), _when(remark))


def _when(remark: str) -> str | None:
    dated = _WHEN.search(remark)
    if dated is None:
        return None
    month = int(dated[2] or 0)
    return f"{dated[1]}-{month:02}" if 1 <= month <= 12 else dated[1]


@functools.cache
def _pattern(fact: str) -> re.Pattern:
    words = codebook.structure()["remarks"]
    undone = "".join(f"(?<!{re.escape(word)})" for word in words["not"])
    return re.compile("|".join(undone + re.escape(word) for word in words[fact]))
