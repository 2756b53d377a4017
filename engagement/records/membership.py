"""Which rows of the member roster are members, and which row stands for whom.

Enters: the cleaned member roster, and the links between its rows.
Leaves: one verdict for every row; nobody leaves without one.
Refuses: nothing; a roster total that does not agree is shown, never corrected.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.records import evidence, link, remarks
from engagement.study import Study

VERDICTS = ("doubled", "deceased", "transferred", "not_a_member", "member")
_STAGES = ("applicant", "activist", "candidate")
_GONE = ("expelled",)


def rows(cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per row of the member roster, with the verdict on it.

    Columns: provenance, person (rows of one person share it), verdict (one of VERDICTS),
    member_id (of the person, from 1 in the order of the roster; missing when nobody stays).
    A doubled person stays with the row that is not marked as moved away, then the fuller one.
    """
    roster = cleaned.records["members"]
    person = link.people_of(roster, links, "members")
    leaving = _leaving(roster, study)
    best = _preference(roster, leaving, person)
    kept = best.groupby(person).transform("min") == best
    deceased = (leaving == "deceased").groupby(person).transform("any")
    own = leaving.mask(deceased, "deceased")
    verdict = own.where(kept, "doubled")
    stays = kept & (verdict == "member")
    number = stays.cumsum().where(stays)
    member_id = number.groupby(person).transform("max").astype("Int64")
    return roster[evidence.PROVENANCE].assign(person=person, verdict=verdict, member_id=member_id)


def reconciliation(cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """How the roster comes to its members (table `reconciliation`): item, rows.

    Items: rows_on_roster, then one line per verdict, then stated (the study's expected_rows) and
    unexplained (members less stated), when the study states a total.
    """
    verdicts = rows(cleaned, links, study)["verdict"]
    counted = verdicts.value_counts()
    lines = {"rows_on_roster": len(verdicts)}
    lines |= {verdict: int(counted.get(verdict, 0)) for verdict in VERDICTS}
    stated = [roster.expected_rows for roster in study.rosters if roster.kind == "members"]
    if stated and None not in stated:
        lines |= {"stated": sum(stated), "unexplained": lines["member"] - sum(stated)}
    return pd.DataFrame({"item": list(lines), "rows": list(lines.values())})


def _leaving(roster: pd.DataFrame, study: Study) -> pd.Series:
    """The verdict on each row by itself; `member` when nothing in it speaks against."""
    said = remarks.facts(evidence.column(roster, "remark"))
    date = study.reference_date.isoformat()
    moved = evidence.column(roster, "transfer_out")
    out = (said["moved_out"] & ~said["moved_in"] & ~(said["when"] > date)) | (moved <= date)
    stage = evidence.column(roster, "member_type").isin(_STAGES)
    gone = evidence.column(roster, "member_status").isin(_GONE)
    verdict = np.select(
        [said["deceased"], out, stage | gone], ["deceased", "transferred", "not_a_member"], "member"
    )
    return pd.Series(verdict, index=roster.index)


def _preference(roster: pd.DataFrame, leaving: pd.Series, person: pd.Series) -> pd.Series:
    """A rank within each person, the row to keep first."""
    fields = [field for field in codebook.fields() if field in roster]
    order = pd.DataFrame(
        {
            "person": person,
            "left": leaving != "member",
            "empty": roster[fields].isna().sum(axis=1),
            "place": np.arange(len(roster)),
        }
    ).sort_values(["person", "left", "empty", "place"])
    return pd.Series(np.arange(len(order)), index=order.index).reindex(roster.index)
