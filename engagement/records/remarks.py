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
    said = pd.DataFrame({fact: _says(remarks, fact) for fact in FACTS})
    when = remarks.str.extract(_WHEN)
    month = when[1].where(pd.to_numeric(when[1], errors="coerce").between(1, 12))
    dated = (when[0] + "-" + month.str.zfill(2)).fillna(when[0])
    return said.assign(excused=said["excused"] & _says(remarks, "decided"), when=dated)


def _says(remarks: pd.Series, fact: str) -> pd.Series:
    return remarks.str.contains(_pattern(fact), regex=True).eq(True)


@functools.cache
def _pattern(fact: str) -> str:
    words = codebook.structure()["remarks"]
    undone = "".join(f"(?<!{re.escape(word)})" for word in words["not"])
    return "|".join(undone + re.escape(word) for word in words[fact])
