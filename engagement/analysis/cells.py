"""The waist of the hourglass: people and their slots become counts, and people end here.

Enters: people and participation (person level), and the study.
Leaves: cells, members who are not due, units and barrier classes, all of them counts.
Refuses: participation of somebody who is not in people, and counts that do not add up.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.declared import Factor, Outcome, Segment
from engagement.study import Study

UNKNOWN = "unknown"
UNITS = ["branch", "group"]
COUNTED = ["due", "attended", "attended_with_review"]


def counts(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Members by outcome × factor bands × organisation × (due, attended); one row per combination.

    Columns: outcome, branch, group, one per factor (codes; `unknown` when missing or outside the
    declared levels; numbers stay numbers, missing ones NaN), due and attended (slots of each of
    these members), attended_with_review (the same if every match under review were a member),
    members; and, where the study asks for hours, the hours of each of these members (due and
    attended then tell whether they are known, and more than none). Members who are not due are
    left out (`not_due` counts them). Raises ValueError when
    the sums differ from what came in.
    """
    strangers = set(participation["member_id"]) - set(people["member_id"])
    if strangers:
        raise ValueError(f"participation names {len(strangers)} members who are not in people")
    due = people[people["due"] == "yes"]
    keys = keys_of(due, study)
    counted = []
    for outcome in study.outcomes.values():
        slots = slots_of(due, participation, outcome)
        own = [name for name in slots if name != "member_id"]
        table = tally(keys.merge(slots, on="member_id", validate="1:1"), [*keys.columns[1:], *own])
        _check_sums(table, slots)
        counted.append(table.assign(outcome=outcome.name))
    hours = ["hours"] if any(table.get("hours") is not None for table in counted) else []
    columns = ["outcome", *keys.columns[1:], *COUNTED, *hours, "members"]
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
    keys = keys_of(due, study).assign(unknown=unknown)
    slots = slots_of(due, participation, outcome)[["member_id", *COUNTED[:2]]]
    table = keys.merge(slots, on="member_id", validate="1:1")
    counted = tally(table, [*keys.columns[1:], *COUNTED[:2]])
    return counted.assign(outcome=outcome.name)


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
    return tally(left_out[reasons].astype(object).fillna(UNKNOWN), reasons)


def units(people: pd.DataFrame) -> pd.DataFrame:
    """Members by branch and group, due or not; one row per group."""
    return tally(_units(people), UNITS)


def segment_cells(people: pd.DataFrame, participation: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Members in and outside each barrier class; one row per segment × inside × unit × slots.

    Columns: segment, inside (yes, no, unknown), counted (whether the members are due), branch,
    group, due, attended, members, column_needed (the column that is missing or empty, or "").
    Slots are those of the primary outcome.
    """
    slots = slots_of(people, participation, study.primary).set_index("member_id")[COUNTED[:2]]
    known = facts(people, participation, study)
    base = _units(people).assign(
        counted=people["due"].eq("yes").map({True: "yes", False: "no"}),
        **{name: people["member_id"].map(slots[name]) for name in slots},
    )
    keys = ["segment", "inside", "counted", *UNITS, *COUNTED[:2], "column_needed"]
    inside = [base.assign(**membership(known, segment)) for segment in study.segments]
    return tally(pd.concat(inside), keys) if inside else pd.DataFrame(columns=[*keys, "members"])


def keys_of(due: pd.DataFrame, study: Study) -> pd.DataFrame:
    """What cells are told apart by, one row per member: member_id, units and factors."""
    factors = factor_columns(due, study).drop(columns=UNITS, errors="ignore")
    return pd.concat([due[["member_id"]], _units(due), factors], axis=1)


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


def slots_of(people: pd.DataFrame, participation: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Slots due and attended of each member; members without a row keep 0 (a panel) or 0 of 1."""
    rows = participation[participation["outcome"] == outcome.name]
    if outcome.kind == "hours":
        return _served(people, rows)
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


def _served(people: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Hours of each member: none who was not there, unknown who was without any on record.

    Whoever's hours are not known in full has no slot due; the others have one, attended when they
    gave any.
    """
    rows = rows[rows["due"] == "yes"]
    hours = rows["hours"].where(rows["attended"] != "no", 0.0).where(rows["attended"] != "unknown")
    by_member = hours.groupby(rows["member_id"])
    total = by_member.sum().where(by_member.count() == by_member.size())
    total = people["member_id"].map(total).to_numpy(float)
    known = ~np.isnan(total)
    gave = np.where(known, np.nan_to_num(total) > 0, False).astype(int)
    return pd.DataFrame(
        {
            **{"member_id": people["member_id"].to_numpy(), "due": known.astype(int)},
            **{"attended": gave, "attended_with_review": gave, "hours": total},
        }
    )


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


def tally(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Members by combination of `keys`."""
    return rows.groupby(keys, dropna=False, sort=True).size().rename("members").reset_index()


def _check_sums(table: pd.DataFrame, slots: pd.DataFrame) -> None:
    if table["members"].sum() != len(slots):
        raise ValueError("cells do not hold every due member")
    for name in COUNTED:
        if (table[name] * table["members"]).sum() != slots[name].sum():
            raise ValueError(f"cells do not hold every slot: {name}")
