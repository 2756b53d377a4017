"""The members, one row each, without anything that names them.

Enters: cleaned rosters and links.
Leaves: people: organisation, factors, reach and duty of every member, under a study-local number.
Refuses: names, ID numbers, phones and addresses; a value that nobody recorded stays missing.
"""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd

from engagement import tables
from engagement.records import absences, evidence, membership, remarks
from engagement.records.clean import Cleaned
from engagement.study import Study

reconciliation = membership.reconciliation
_SUSPENDED = ("suspended", "retained", "expelled", "lapsed")
_DERIVED = {"age": "birth_date", "tenure_years": "join_date"}


def table(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """People, one row per member (table `people`).

    Columns: member_id, branch, group, the fields of the study's factors and segments, reachable
    (a valid phone), is_mobile, is_lost (by the roster or the register of lost members), excused
    (a recorded decision), due (counts in denominators: nobody excused, away, lost or suspended).
    Ages are whole years at the reference date; a birth known to the year counts as 1 July, to the
    month as the 15th, so the year may be one off and the month is exact but in the reference month.
    """
    members = roster(cleaned, links, study)
    mobile = _mobile(members, cleaned, links, study)
    lost = _lost(members, cleaned, links, study)
    factors = {field: _factor(members, field, study) for field in _fields(study)}
    people = pd.DataFrame(
        {
            "member_id": members["member_id"],
            "branch": evidence.column(members, "branch"),
            "group": evidence.column(members, "group"),
            **factors,
            "reachable": _reachable(members),
            "is_mobile": mobile,
            "is_lost": lost,
            "excused": _yes(_excused(members)),
            "due": _yes(stands(members) & ~lost.eq("yes") & ~mobile.eq("yes")),
        }
    )
    return tables.check(people.reset_index(drop=True), "people", study)


def stands(members: pd.DataFrame) -> pd.Series:
    """Whether each member may be due at all: neither excused nor suspended."""
    suspended = evidence.column(members, "member_status").isin(_SUSPENDED)
    return ~(_excused(members) | suspended)


def _excused(members: pd.DataFrame) -> pd.Series:
    said = remarks.facts(evidence.column(members, "remark"))
    return said["excused"] | evidence.column(members, "excused").eq("yes")


def roster(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The rows of the member roster that stay, with member_id (identity level).

    A gap in the row that stays is filled from the other rows of the same person.
    """
    records = cleaned.records["members"]
    verdicts = membership.rows(cleaned, links, study)
    kept = verdicts["verdict"] == "member"
    ordered = records.assign(_person=verdicts["person"], _later=~kept).sort_values(
        "_later", kind="stable"
    )
    filled = ordered.groupby("_person")[list(records.columns)].first()
    stay = verdicts[kept]
    return (
        filled.loc[stay["person"]]
        .set_axis(stay.index)
        .assign(member_id=stay["member_id"].astype(int))
    )


def age(born: pd.Series, date: datetime.date) -> pd.Series:
    """Whole years from `born` (ISO: year, month or day) to `date`; missing when not known."""
    year = pd.to_numeric(born.str[:4], errors="coerce")
    month = pd.to_numeric(born.str[5:7], errors="coerce")
    known_month = month.notna()
    day = pd.to_numeric(born.str[8:10], errors="coerce").fillna(15).where(known_month, 1)
    month = month.fillna(7)
    ahead = (month > date.month) | ((month == date.month) & (day > date.day))
    years = date.year - year - ahead
    return years.where(years >= 0)


def _fields(study: Study) -> list[str]:
    declared = [factor.field for factor in study.factors.values()]
    wanted = [name for segment in study.segments for name in segment.when]
    known = [name for name in wanted if name in study.fields and name not in study.factors]
    made_here = {"reachable", "is_mobile", "is_lost", "excused", "due", "branch", "group"}
    return [name for name in dict.fromkeys(declared + known) if name not in made_here]


def _factor(members: pd.DataFrame, field: str, study: Study) -> pd.Series:
    """The values of one factor's field: numbers as numbers, codes as codes, missing when absent."""
    if field in _DERIVED:
        source = evidence.identities(members).set_axis(members.index)
        dates = source["birth_date"] if field == "age" else evidence.column(members, "join_date")
        stated = pd.to_numeric(evidence.column(members, field), errors="coerce")
        return age(dates, study.reference_date).fillna(stated)
    if study.fields[field].type in ("number", "hours", "count"):
        return pd.to_numeric(evidence.column(members, field), errors="coerce")
    if field == "sex":
        return evidence.identities(members).set_axis(members.index)["sex"]
    return evidence.column(members, field)


def _mobile(members, cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.Series:
    """Whether each member is away at the reference date; missing when no roster says anything."""
    spells = absences.spells(cleaned, links, membership.rows(cleaned, links, study))
    listed = "mobile" in cleaned.records
    return _stated_or_listed(members, "is_mobile", spells, study, listed=listed)


def _stated_or_listed(
    members, column: str, spells: pd.DataFrame, study: Study, *, listed: bool
) -> pd.Series:
    stated = evidence.column(members, column)
    away = members["member_id"].isin(absences.away(spells, study.reference_date.isoformat()))
    back = members["member_id"].isin(spells["member_id"]) & ~away
    found = stated.mask(away, "yes").mask(back & stated.isna(), "no")
    return found.fillna("no") if listed or column in members else found


def _lost(members, cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.Series:
    """Whether each member is out of contact at the reference date, as `_mobile` does it."""
    spells = absences.lost(cleaned, links, membership.rows(cleaned, links, study))
    return _stated_or_listed(members, "is_lost", spells, study, listed="lost" in cleaned.records)


def _reachable(members: pd.DataFrame) -> pd.Series:
    phone = evidence.column(members, "phone")
    valid = phone.notna() & ~phone.str.contains("*", regex=False).eq(True)
    return _yes(valid) if "phone" in members else phone


def _yes(facts: pd.Series) -> pd.Series:
    return pd.Series(np.where(facts, "yes", "no"), index=facts.index, dtype="str")
