"""Which rows of the member roster are members, and which row stands for whom.

Enters: the cleaned member roster, and the links between its rows.
Leaves: one verdict for every row; nobody leaves without one.
Refuses: nothing; a roster total that does not agree is shown, never corrected.
"""

from __future__ import annotations

import pandas as pd

from engagement.records import evidence, link, standing
from engagement.records.clean import Cleaned
from engagement.study import Study

VERDICTS = ("doubled", "deceased", "transferred", "not_a_member", "member")


def rows(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per row of the member roster, with the verdict on it.

    Columns: provenance, person (rows of one person share it), verdict (one of VERDICTS),
    member_id (of the person, from 1 in the order of the roster; missing when nobody stays).
    A doubled person stays with the row that is not marked as moved away, then the fuller one.
    """
    roster = cleaned.records["members"]
    person = link.people_of(roster, links, "members")
    said = standing.verdicts(roster, study)
    best = standing.preference(roster, said)
    kept = best.groupby(person).transform("min") == best
    deceased = (said == "deceased").groupby(person).transform("any")
    own = said.mask(deceased, "deceased")
    verdict = own.where(kept, "doubled")
    stays = kept & (verdict == "member")
    number = stays.cumsum().where(stays)
    member_id = number.groupby(person).transform("max").astype("Int64")
    return roster[evidence.PROVENANCE].assign(person=person, verdict=verdict, member_id=member_id)


def reconciliation(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """How the roster comes to its members (table `reconciliation`): item, rows.

    Items: rows_on_roster, then one line per verdict, then stated (the study's expected_rows) and
    unexplained (members less stated), when the study states a total.
    """
    return stated(tally(rows(cleaned, links, study)["verdict"]), study)


def tally(verdicts: pd.Series) -> pd.DataFrame:
    """The lines of `reconciliation` that rows alone give."""
    counted = verdicts.value_counts()
    lines = {"rows_on_roster": len(verdicts)}
    lines |= {verdict: int(counted.get(verdict, 0)) for verdict in VERDICTS}
    return pd.DataFrame({"item": list(lines), "rows": list(lines.values())})


def stated(tallied: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The same with the total that the study states, and what is left unexplained."""
    totals = [roster.expected_rows for roster in study.rosters if roster.kind == "members"]
    if not totals or None in totals:
        return tallied
    members = tallied.set_index("item").loc["member", "rows"]
    lines = {"stated": sum(totals), "unexplained": members - sum(totals)}
    added = pd.DataFrame({"item": list(lines), "rows": list(lines.values())})
    return pd.concat([tallied, added], ignore_index=True)
