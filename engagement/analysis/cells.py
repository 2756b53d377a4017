"""The waist of the hourglass: people and their slots become counts, and people end here.

Enters: people and participation (person level), and the study.
Leaves: cells, members who are not due, units and barrier classes, all of them counts.
Refuses: participation of somebody who is not in people, and counts that do not add up.
"""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.declared import Factor, Outcome, Segment
from engagement.study import Study

UNKNOWN = "unknown"
UNITS = ["branch", "group"]
STATES = ("due", "asked", "answered", "attended")
COUNTED = ["due", "attended", "attended_with_review"]


def counts(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Members by outcome × factor bands × organisation × (due, attended); one row per combination.

    Columns: outcome, branch, group, one per factor (codes; `unknown` when missing or outside the
    declared levels; numbers stay numbers, missing ones NaN), due and attended (slots of each of
    these members), attended_with_review (the same if every match under review were a member),
    members. Members who are not due are left out (`not_due` counts them). Raises ValueError when
    the sums differ from what came in.
    """
    strangers = set(participation["member_id"]) - set(people["member_id"])
    if strangers:
        raise ValueError(f"participation names {len(strangers)} members who are not in people")
    due = people[people["due"] == "yes"]
    factors = factor_columns(due, study).drop(columns=UNITS, errors="ignore")
    keys = pd.concat([due[["member_id"]], _units(due), factors], axis=1)
    counted = []
    for outcome in study.outcomes.values():
        slots = _slots(due, participation, outcome)
        table = _tally(
            keys.merge(slots, on="member_id", validate="1:1"), [*keys.columns[1:], *COUNTED]
        )
        _check_sums(table, slots)
        counted.append(table.assign(outcome=outcome.name))
    columns = ["outcome", *keys.columns[1:], *COUNTED, "members"]
    return pd.concat(counted, ignore_index=True)[columns]


def gaps(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Due members of the primary outcome by (due, attended, unknown); one row per combination.

    As `counts`, with `unknown`: slots due at recorded sessions of which no mark tells whether the
    member came; they are no part of `due`.
    """
    due = people[people["due"] == "yes"]
    outcome = study.primary
    rows = participation[participation["outcome"] == outcome.name]
    open_slots = rows[(rows["due"] == "yes") & (rows["attended"] == UNKNOWN)]
    unknown = due["member_id"].map(open_slots.groupby("member_id").size()).fillna(0).astype(int)
    factors = factor_columns(due, study).drop(columns=UNITS, errors="ignore")
    keys = pd.concat([due[["member_id"]], _units(due), factors], axis=1).assign(unknown=unknown)
    slots = _slots(due, participation, outcome)[["member_id", *COUNTED[:2]]]
    table = keys.merge(slots, on="member_id", validate="1:1")
    counted = _tally(table, [*keys.columns[1:], *COUNTED[:2]])
    return counted.assign(outcome=outcome.name)


def states(people: pd.DataFrame, participation: pd.DataFrame) -> pd.DataFrame:
    """Due, asked, answered and attended, kept apart: one row per outcome × state.

    Due is counted over all slots of members, the other three over the slots that are due.
    """
    rows = participation[participation["member_id"].isin(people["member_id"])]
    found = []
    for outcome, own in rows.groupby("outcome", sort=False):
        for state in STATES:
            told = own if state == "due" else own[own["due"] == "yes"]
            counts = told[state].value_counts()
            yes, no = int(counts.get("yes", 0)), int(counts.get("no", 0))
            found.append([outcome, state, len(told), yes, no, len(told) - yes - no])
    return pd.DataFrame(found, columns=list(tables.TABLES["states"].columns))


def calendar(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Slots of the primary outcome by duty and month, one row each (table `calendar`).

    Only slots of due members whose attendance is on record; members: different people behind
    them. Empty where the primary outcome is no panel.
    """
    rows = participation[participation["member_id"].isin(people["member_id"])]
    rows = rows[(rows["outcome"] == study.primary.name) & rows["event_date"].notna()]
    rows = rows[(rows["due"] == "yes") & rows["attended"].isin(["yes", "no"])]
    month = rows["event_date"].astype(str).str[:7].rename("month")
    slots = rows.assign(came=rows["attended"] == "yes").groupby([rows["duty_type"], month])
    found = slots.agg(
        sessions=("event_id", "nunique"),
        members=("member_id", "nunique"),
        due=("came", "size"),
        attended=("came", "sum"),
    )
    return found.reset_index().assign(outcome=study.primary.name)


def seasons(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Due members by their slots in each declared season and the one before it.

    One row per combination (table `season_cells`); slots are those of the primary outcome.
    """
    due = people[people["due"] == "yes"]
    factors = factor_columns(due, study).drop(columns=UNITS, errors="ignore")
    keys = pd.concat([due[["member_id"]], _units(due), factors], axis=1)
    dates = participation["event_date"].fillna("").astype(str)
    columns = list(tables.TABLES["season_cells"].columns)
    found = [pd.DataFrame(columns=columns)]
    for pair in itertools.pairwise(study.seasons):
        table = keys.assign(**{name: one.name for name, one in zip(columns, pair, strict=False)})
        for name, season in zip(("before", "after"), pair, strict=True):
            inside = dates.between(season.start.isoformat(), season.end.isoformat())
            slots = _slots(due, participation[inside], study.primary)[["member_id", *COUNTED[:2]]]
            renamed = slots.rename(columns={one: f"{one}_{name}" for one in COUNTED[:2]})
            table = table.merge(renamed, on="member_id", validate="1:1")
        found.append(_tally(table, [one for one in table if one != "member_id"]))
    return pd.concat(found[1:], ignore_index=True) if len(found) > 1 else found[0]


def checked(counted: pd.DataFrame) -> pd.DataFrame:
    """Return cells that are counts: whole, not negative, no more attended than due.

    Raises ValueError for anything else; a weight is not a count.
    """
    for name in ("members", "due", "attended"):
        numbers = counted[name].to_numpy(float)
        if not (np.isfinite(numbers) & (numbers >= 0) & (numbers == np.floor(numbers))).all():
            raise ValueError(f"cells need counts in {name!r}: whole numbers, none negative")
    if (counted["attended"] > counted["due"]).any():
        raise ValueError("cells hold members who attended more than was due")
    return counted


def publishable(counted: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The cells that a release is made of: without members whose value is not recorded where
    so few are not recorded that they would be a small cell of every table.

    Those members leave all tables and findings of the release together, so that no table can be
    subtracted from another to find them. Where at least the tier's threshold of members has no
    value, `unknown` stays as a level of its own.
    """
    threshold = codebook.tiers()[study.tier]["threshold"]
    first = counted[counted["outcome"] == counted["outcome"].iloc[0]]
    leave = pd.Series(False, index=counted.index)
    for name, factor in study.factors.items():
        if factor.is_numeric:
            leave |= counted[name].isna()
        elif first.loc[first[name] == UNKNOWN, "members"].sum() < threshold:
            leave |= counted[name] == UNKNOWN
    return counted[~leave].reset_index(drop=True)


def not_due(people: pd.DataFrame) -> pd.DataFrame:
    """Members who do not count in denominators, one row per recorded reason."""
    left_out = people[people["due"] != "yes"]
    reasons = ["is_mobile", "is_lost", "excused"]
    return _tally(left_out[reasons].astype(object).fillna(UNKNOWN), reasons)


def units(people: pd.DataFrame) -> pd.DataFrame:
    """Members by branch and group, due or not; one row per group."""
    return _tally(_units(people), UNITS)


def segment_cells(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Members in and outside each barrier class; one row per segment × inside × unit × slots.

    Columns: segment, inside (yes, no, unknown), counted (whether the members are due), branch,
    group, due, attended, members, column_needed (the column that is missing or empty, or "").
    Slots are those of the primary outcome.
    """
    slots = _slots(people, participation, study.primary).set_index("member_id")[COUNTED[:2]]
    known = facts(people, participation, study)
    base = _units(people).assign(
        counted=people["due"].eq("yes").map({True: "yes", False: "no"}),
        **{name: people["member_id"].map(slots[name]) for name in slots},
    )
    keys = ["segment", "inside", "counted", *UNITS, *COUNTED[:2], "column_needed"]
    inside = [base.assign(**membership(known, segment)) for segment in study.segments]
    return _tally(pd.concat(inside), keys) if inside else pd.DataFrame(columns=[*keys, "members"])


def factor_columns(people: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One column per factor of the study: band codes, groups of codes, or numbers."""
    columns = {name: _coded(people, factor) for name, factor in study.factors.items()}
    return pd.DataFrame(columns, index=people.index)


def _coded(people: pd.DataFrame, factor: Factor) -> pd.Series:
    values = people[factor.field]
    if factor.is_numeric:
        return pd.to_numeric(values).astype(float)
    if factor.bands:
        values = _banded(pd.to_numeric(values), factor)
    if factor.groups:
        values = values.map({code: name for name, codes in factor.groups.items() for code in codes})
    known = values.isin(factor.levels) if factor.levels else values.notna()
    return values.where(known, UNKNOWN).astype(str)


def _banded(values: pd.Series, factor: Factor) -> pd.Series:
    edges = [*factor.bands, np.inf]
    return pd.cut(values, edges, right=False, labels=list(factor.levels)).astype(object)


def _units(people: pd.DataFrame) -> pd.DataFrame:
    return people[UNITS].astype(object).fillna(UNKNOWN)


def _slots(people: pd.DataFrame, participation: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Slots due and attended of each member; members without a row keep 0 (a panel) or 0 of 1."""
    rows = participation[participation["outcome"] == outcome.name]
    if outcome.kind == "column" and rows.empty:
        rows = _column_rows(people, outcome)
    attended = rows["attended"]
    if outcome.kind != "list":
        rows = rows[(rows["due"] == "yes") & attended.isin(["yes", "no"])]
    marks = pd.DataFrame(
        {
            "due": 1,
            "attended": (attended == "yes").astype(int),
            "attended_with_review": attended.isin(["yes", "unknown"]).astype(int),
        }
    ).loc[rows.index]
    by_member = marks.groupby(rows["member_id"])
    summed = by_member.sum() if outcome.kind == "panel" else by_member.max()
    slots = summed.reindex(people["member_id"], fill_value=0).astype(int)
    if outcome.kind == "list":
        slots["due"] = 1
    return slots.rename_axis("member_id").reset_index()


def _column_rows(people: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    values = people[outcome.field]
    took_part = values.isin(outcome.took_part).map({True: "yes", False: "no"})
    return pd.DataFrame(
        {
            "member_id": people["member_id"],
            "due": "yes",
            "attended": took_part.where(values.notna(), UNKNOWN),
        }
    )


def facts(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What a segment may name: the columns of people, the factors, and whether one was invited."""
    factors = factor_columns(people, study).replace(UNKNOWN, np.nan)
    rows = participation[participation["outcome"] == study.primary.name]
    known = rows[rows["asked"].isin(["yes", "no"])]
    asked = (known["asked"] == "yes").groupby(known["member_id"]).max()
    invited = people["member_id"].map(asked.map({True: "yes", False: "no"}).astype(object))
    told = people.drop(columns=[name for name in factors if name in people])
    return told.assign(**{name: factors[name] for name in factors}, invited=invited)


def membership(facts: pd.DataFrame, segment: Segment) -> dict[str, object]:
    """Whether each member is in `segment` (inside), and the column that would tell."""
    empty = [name for name in segment.when if name not in facts or facts[name].isna().all()]
    if empty or not segment.when:
        return {"segment": segment.name, "inside": UNKNOWN, "column_needed": " ".join(empty)}
    inside = pd.Series(True, index=facts.index)
    known = pd.Series(True, index=facts.index)
    for name, codes in segment.when.items():
        inside &= facts[name].isin(codes)
        known &= facts[name].notna()
    answer = inside.map({True: "yes", False: "no"}).where(known, UNKNOWN)
    return {"segment": segment.name, "inside": answer, "column_needed": ""}


def _tally(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    return rows.groupby(keys, dropna=False, sort=True).size().rename("members").reset_index()


def _check_sums(table: pd.DataFrame, slots: pd.DataFrame) -> None:
    if table["members"].sum() != len(slots):
        raise ValueError("cells do not hold every due member")
    for name in COUNTED:
        if (table[name] * table["members"]).sum() != slots[name].sum():
            raise ValueError(f"cells do not hold every slot: {name}")
