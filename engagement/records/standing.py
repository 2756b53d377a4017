"""What a row of the member roster says about its own standing.

Enters: the cleaned member roster.
Leaves: for each row whether it speaks of a member, and which rows to prefer for one person.
Refuses: nothing; a row that says nothing speaks of a member.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.records import evidence, exports, remarks
from engagement.study import Study

_STAGES = ("applicant", "activist", "candidate", "regular", "guest", "outside")
_GONE = ("expelled", "left", "pending")


def verdicts(roster: pd.DataFrame, study: Study) -> pd.Series:
    """deceased, transferred, not_a_member or member: what each row says by itself."""
    said = remarks.facts(evidence.column(roster, "remark"))
    date = study.reference_date.isoformat()
    moved = evidence.column(roster, "transfer_out")
    out = (said["moved_out"] & ~said["moved_in"] & ~(said["when"] > date)) | (moved <= date)
    status = evidence.column(roster, "member_status")
    died = said["deceased"] | evidence.column(roster, "deceased").eq("yes") | (status == "deceased")
    other = (
        evidence.column(roster, "reasons").str.contains(exports.OTHER_KIND, regex=False).eq(True)
    )
    stage = evidence.column(roster, "member_type").isin(_STAGES)
    gone = status.isin(_GONE) | other
    verdict = np.select(
        [died, out, stage | gone], ["deceased", "transferred", "not_a_member"], "member"
    )
    return pd.Series(verdict, index=roster.index)


def preference(roster: pd.DataFrame, said: pd.Series) -> pd.Series:
    """The rank of each row among those that may stand for one person, the best first.

    `said` are the `verdicts` of its rows. Rows that speak of a member come before others, fuller
    rows before emptier, then the earlier.
    """
    return pd.Series(ranked(claims(roster, said)), index=roster.index)


def claims(roster: pd.DataFrame, said: pd.Series) -> pd.DataFrame:
    """What the rank of each row rests on, row by row: left (no member), empty (unknown fields)."""
    fields = [field for field in codebook.fields() if field in roster]
    return pd.DataFrame({"left": said != "member", "empty": roster[fields].isna().sum(axis=1)})


def ranked(claimed: pd.DataFrame) -> np.ndarray:
    """The rank of each row of `claims`, in the order of the roster where they are alike."""
    order = np.lexsort([claimed["empty"], claimed["left"]])
    rank = np.empty(len(order), dtype=int)
    rank[order] = np.arange(len(order))
    return rank
