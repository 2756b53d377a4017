"""Who took part in what: due, asked, answered and attended, each yes, no or unknown.

Enters: cleaned rosters, links, people.
Leaves: participation, one row per member and event; how every sign-in mark was accounted for.
Refuses: inferring. A missing row is unknown, leave is an answer, making up is no attendance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import tables
from engagement.records import absences, attendance, evidence, link, membership, states
from engagement.records import people as members_of_study
from engagement.records.clean import Cleaned
from engagement.study import Outcome, Study

sessions = attendance.sessions
COLUMNS = list(tables.TABLES["participation"].columns)
_CHANNELS = {"attended": "in_person", "late": "in_person", "online": "online", "makeup": "makeup"}
_FACTS = ("due", "asked", "answered", "attended")


def table(
    cleaned: Cleaned, links: pd.DataFrame, people: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Participation, one row per member and event of each outcome (table `participation`).

    Panel: every session on a sheet × every member of its unit; due unless excused, away on that
    day, or not yet there; a registration is an answer and no attendance. List: due members × the
    list. Column: members × the column. Hours: as a list or a panel, by its roster.
    `asked` is unknown unless a roster column says so.
    """
    makers = {"panel": _panel, "list": _listed, "column": _column}
    of_hours = {"volunteers": _listed, "sign_ins": _panel}
    parts = [
        (makers.get(outcome.kind) or of_hours[outcome.roster])(
            outcome, cleaned, links, people, study
        )
        for outcome in study.outcomes.values()
    ]
    filled = [part for part in parts if len(part)]
    found = pd.concat(filled, ignore_index=True) if filled else _framed(people.head(0))
    order = ["outcome", "event_date", "event_id", "member_id"]
    return tables.check(found.sort_values(order, ignore_index=True)[COLUMNS], "participation")


def due(
    held: pd.DataFrame, cleaned: Cleaned, links: pd.DataFrame, people: pd.DataFrame, study: Study
) -> pd.Series:
    """How many members are due at each of `held` (event_id, unit, event_date), by event_id."""
    slots = _seats(held, people)
    return slots[_due(slots, cleaned, links, study) == "yes"].groupby("event_id").size()


def accounting(cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    """How the marks on sign-in sheets were accounted for, one row per fate: item, rows.

    Items: marks_on_sheets = of_members + in_review + of_former_members + of_nobody + without_date.
    """
    records = cleaned.records.get("sign_ins")
    total = 0 if records is None else len(records)
    dated = 0 if records is None else int(evidence.column(records, "event_date").notna().sum())
    found = pd.DataFrame() if records is None else _fates(records, cleaned, links, study)
    counted = found["fate"].value_counts() if len(found) else pd.Series(dtype=int)
    fates = ("of_members", "in_review", "of_former_members", "of_nobody")
    lines = {"marks_on_sheets": total, "without_date": total - dated}
    lines |= {fate: int(counted.get(fate, 0)) for fate in fates}
    return pd.DataFrame({"item": list(lines), "rows": list(lines.values())})


def _fates(records, cleaned: Cleaned, links: pd.DataFrame, study: Study) -> pd.DataFrame:
    dated = records[evidence.column(records, "event_date").notna()]
    kept = links[(links["kind"] == "sign_ins") & (links["decision"] != "no")]
    rows = kept.rename(columns=dict(zip(link.SIDES[:3], evidence.PROVENANCE, strict=True)))
    linked = rows[[*evidence.PROVENANCE, "decision"]].drop_duplicates(evidence.PROVENANCE)
    staying = link.members_of(
        linked[evidence.PROVENANCE], links, "sign_ins", membership.rows(cleaned, links, study)
    )[evidence.PROVENANCE].drop_duplicates()
    found = dated[evidence.PROVENANCE].merge(linked, how="left", on=evidence.PROVENANCE)
    found = found.merge(staying.assign(stays=True), how="left", on=evidence.PROVENANCE)
    former = found["stays"].ne(True)
    fate = np.select(
        [found["decision"].isna(), former, found["decision"] == "review"],
        ["of_nobody", "of_former_members", "in_review"],
        "of_members",
    )
    return found.assign(fate=fate)


def _panel(
    outcome: Outcome, cleaned: Cleaned, links, people: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Every session on a sheet × every member of its unit."""
    marks = attendance.marks(cleaned, study)
    held = attendance.of_marks(marks)
    if held.empty:
        return _framed(people.head(0))
    slots = _seats(held, people)
    verdicts = membership.rows(cleaned, links, study)
    found = states.table(marks, links, verdicts)
    slots = slots.merge(found, how="left", on=["event_id", "member_id"])
    missing = np.where(attendance.unlisted_is_absent(slots, study), "absent", "unknown")
    status = slots["status"].fillna(pd.Series(missing, index=slots.index))
    status = status.mask(slots["marks"] == 0, "unknown")
    return _framed(
        slots,
        outcome=outcome.name,
        due=_due(slots, cleaned, links, study),
        asked=slots["asked"].fillna("unknown"),
        answered=slots["answered"].fillna("unknown"),
        attended=states.attended(status),
        hours=slots["hours"],
        channel=status.map(_CHANNELS),
    )


def _seats(held: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Sessions × the members of their unit; a session without a unit is for everybody."""
    of_unit = [held.merge(people, left_on="unit", right_on=level) for level in ("branch", "group")]
    of_all = held[held["unit"] == ""].merge(people, how="cross")
    filled = [part for part in (*of_unit, of_all) if len(part)]
    seats = pd.concat(filled, ignore_index=True) if filled else of_all
    return seats.drop_duplicates(["event_id", "member_id"], ignore_index=True)


def _due(slots: pd.DataFrame, cleaned: Cleaned, links, study: Study) -> np.ndarray:
    """Whether each slot counts: in good standing, not away or lost on that day, already there."""
    roster = members_of_study.roster(cleaned, links, study).set_index("member_id")
    since = slots["member_id"].map(_since(roster))
    verdicts = membership.rows(cleaned, links, study)
    away = _gone(slots, absences.spells(cleaned, links, verdicts), "is_mobile")
    lost = _gone(slots, absences.lost(cleaned, links, verdicts), "is_lost")
    standing = slots["member_id"].map(members_of_study.stands(roster)).astype(bool)
    return np.where(standing & ~away & ~lost & ~(since > slots["event_date"]), "yes", "no")


def _gone(slots: pd.DataFrame, spells: pd.DataFrame, stated: str) -> np.ndarray:
    """By the register on the day of the slot; of members who are not on it, by column `stated`."""
    registered = slots["member_id"].isin(spells["member_id"])
    return np.where(registered, _away_then(slots, spells), slots[stated].eq("yes")).astype(bool)


def _away_then(slots: pd.DataFrame, spells: pd.DataFrame) -> np.ndarray:
    days = slots[["event_id", "member_id", "event_date"]].merge(spells, on="member_id")
    then = days[absences.on(days["away_from"], days["back_on"], days["event_date"])]
    away = pd.MultiIndex.from_frame(then[["event_id", "member_id"]])
    return pd.MultiIndex.from_frame(slots[["event_id", "member_id"]]).isin(away)


def _since(roster: pd.DataFrame) -> pd.Series:
    """The day each member's duty began: joining, or moving here, whichever is later."""
    dates = [evidence.column(roster, name) for name in ("join_date", "transfer_in")]
    return pd.concat(dates, axis=1).fillna("").max(axis=1)


def _listed(
    outcome: Outcome, cleaned: Cleaned, links, people: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Members × the list: linked is yes, in review is unknown, else no."""
    if outcome.roster not in cleaned.records:
        return _framed(people.head(0))
    listed = cleaned.records[outcome.roster]
    wanted = listed[evidence.PROVENANCE].assign(
        hours=pd.to_numeric(evidence.column(listed, "hours"), errors="coerce")
    )
    found = link.members_of(wanted, links, outcome.roster, membership.rows(cleaned, links, study))
    sure = found[found["decision"] == "link"]
    hours = sure.groupby("member_id")["hours"].sum(min_count=1)
    number = people["member_id"]
    attended = np.select(
        [number.isin(sure["member_id"]), number.isin(found["member_id"])], ["yes", "unknown"], "no"
    )
    return _framed(people, outcome=outcome.name, attended=attended, hours=number.map(hours))


def _column(
    outcome: Outcome, cleaned: Cleaned, links, people: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Members × the roster's own column; an empty cell is unknown."""
    roster = members_of_study.roster(cleaned, links, study)
    said = evidence.column(roster, outcome.field).reset_index(drop=True)
    attended = np.select([said.isna(), said.isin(outcome.took_part)], ["unknown", "yes"], "no")
    asked = evidence.column(roster, "invited").reset_index(drop=True)
    return _framed(
        people.reset_index(drop=True),
        outcome=outcome.name,
        attended=attended,
        asked=asked.where(asked.isin(["yes", "no"]), "unknown"),
    )


def _framed(rows: pd.DataFrame, **values) -> pd.DataFrame:
    """`rows` as participation: what `values` and `rows` do not say is unknown or missing."""
    name = values.get("outcome", "")
    defaults = {
        "outcome": name,
        "event_id": rows.get("event_id", name),
        "event_date": rows.get("event_date", pd.Series(np.nan, index=rows.index, dtype="str")),
        "duty_type": rows.get("duty_type", pd.Series(np.nan, index=rows.index, dtype="str")),
        "unit": rows.get("unit", rows["branch"]),
        "channel": pd.Series(np.nan, index=rows.index, dtype="str"),
        "hours": np.nan,
        "due": rows["due"],
        "asked": "unknown",
        "answered": "unknown",
        "attended": "unknown",
    }
    framed = rows[["member_id"]].assign(**{**defaults, **values})
    return framed.astype(dict.fromkeys(_FACTS, "str"))[COLUMNS]
