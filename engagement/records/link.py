"""Who is whom: the same person in two rosters, or twice in one.

Enters: cleaned rosters.
Leaves: links, one row per pair considered, with its probability, reason and decision.
Refuses: rosters without a field in common (RosterError); it never decides between two candidates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from engagement import codebook, tables
from engagement.errors import RosterError
from engagement.records import candidates, evidence, pairs, posterior, sign_ins, standing
from engagement.records.candidates import Found, Rules
from engagement.records.clean import Cleaned
from engagement.study import Study

SIDES = [f"{side}_{part}" for side in ("left", "right") for part in ("file", "sheet", "row")]
COLUMNS = [*SIDES, "probability", "decision", "reason", "kind", "alone"]
REGISTERS = ("mobile", "lost")
NAMED_BY = ("name", "id_number")
WITHOUT_PEOPLE = "minutes"
INSIDE = {"members": "members", "volunteers": "volunteers_twice"}


class Finder(Protocol):
    """Who may be whom: the functions of records.candidates, or what stands for them."""

    def within(self, people: pd.DataFrame, kind: str, rules: Rules) -> pd.DataFrame: ...

    def across(
        self, left: pd.DataFrame, right: pd.DataFrame, kind: str, rules: Rules
    ) -> pd.DataFrame: ...


def rosters(cleaned: Cleaned, study: Study, rules: Rules | None = None) -> pd.DataFrame:
    """Links, one row per pair above the review floor (table `links`), with `kind` and `alone`.

    `kind`: volunteers, mobile, lost, sign_ins (looked up among the members); members and
    volunteers_twice (two rows of one kind of roster; of two member rows the one to keep is right).
    `alone` is the probability before rivals are weighed.
    Raises RosterError when a roster shares neither names nor ID numbers with the member roster,
    StudyError for weights that are no shares and for decisions that contradict each other.
    """
    rules = rules or Rules()
    people = identities(cleaned, study)
    members = people.get("members")
    if members is None or members.empty:
        posterior.require_shares(rules.weights)
        return tables.check(_empty(), "links")
    roster = cleaned.records["members"]
    rank = standing.preference(roster, standing.verdicts(roster, study)).to_numpy()
    found = [between(people, rank, rules)]
    if "sign_ins" in people:
        numbers = persons(found[0], members)
        found.append(signed(people, cleaned.records["sign_ins"], numbers, rules))
    return tables.check(_stacked(found), "links")


def between(
    people: Mapping[str, pd.DataFrame], rank: np.ndarray, rules: Rules, find: Finder = candidates
) -> pd.DataFrame:
    """Links inside and across all rosters but the sign-in sheets, as `rosters` gives them.

    `people` are identities by kind, `rank` the preference among the rows of the members; `find`
    says who may be whom.
    """
    posterior.require_shares(rules.weights)
    members = people["members"]
    doubles = _inside(members, "members", rules, find)
    member_groups = _joined(doubles, len(members))
    found = [_table(_kept_right(doubles, rank), members, members, "members")]
    if "volunteers" in people:
        found += _volunteers(people["volunteers"], members, member_groups, rules, find)
    for kind in REGISTERS:
        if kind in people:
            rows = people[kind]
            found.append(_looked_up(rows, members, None, member_groups, kind, rules, find))
    return _stacked(found)


def under(
    people: Mapping[str, pd.DataFrame], rank: np.ndarray, wanted: Sequence[Rules]
) -> list[pd.DataFrame]:
    """`between` under each of the `wanted` rules; every two rosters are compared once."""
    posterior.require_shares(wanted[0].weights)
    members, found = people["members"], {}
    for kind, name in INSIDE.items():
        if kind in people:
            alone = anywhere(people[kind])
            found[name] = candidates.under(alone, alone, name, wanted)
    for kind in ("volunteers", *REGISTERS):
        if kind in people:
            _require_common(people[kind], members)
            found[kind] = candidates.under(people[kind], members, kind, wanted)
    return [
        between(people, rank, rules, Found({name: made[at] for name, made in found.items()}))
        for at, rules in enumerate(wanted)
    ]


def signed(
    people: Mapping[str, pd.DataFrame], records: pd.DataFrame, numbers: np.ndarray, rules: Rules
) -> pd.DataFrame:
    """Links of the sign-in rows `records` to members; `numbers` are their `persons`."""
    _require_common(people["sign_ins"], people["members"], (*NAMED_BY, "person_id"))
    sessions = _sessions(records)
    return sign_ins.links(people["sign_ins"], sessions, people["members"], numbers, rules.decided)


def _stacked(found: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [table for table in found if len(table)]
    return pd.concat(filled, ignore_index=True) if filled else _empty()


def persons(links: pd.DataFrame, members: pd.DataFrame) -> np.ndarray:
    """The number of the person of each row of `members`, rows joined by `links` together."""
    return people_of(members, links, "members").to_numpy()


def identities(cleaned: Cleaned, study: Study) -> dict[str, pd.DataFrame]:
    """evidence.identities of every kind of roster that names people, with their branch."""
    return {
        kind: _in_branches(evidence.identities(records), study)
        for kind, records in cleaned.records.items()
        if kind != WITHOUT_PEOPLE
    }


def _sessions(signed: pd.DataFrame) -> pd.Series:
    """The day and duty, and the number or title, of the event of each row of sign-in sheets."""
    names = ("event_date", "duty_type", "event_id", "event_title")
    parts = [evidence.column(signed, name).fillna("") for name in names]
    return parts[0] + " " + parts[1] + " " + parts[2].where(parts[2] != "", parts[3])


def _in_branches(people: pd.DataFrame, study: Study) -> pd.DataFrame:
    """`people` with the branch of their group, where only the group is named."""
    parents = {unit.code: unit.parent for unit in study.units if unit.parent}
    return people.assign(branch=people["branch"].fillna(people["group"].map(parents).astype("str")))


def people_of(records: pd.DataFrame, links: pd.DataFrame, kind: str) -> pd.Series:
    """For each row of `records` the number of its person, when `links` of `kind` join rows."""
    place = pd.Series(np.arange(len(records)), index=_addresses(records, evidence.PROVENANCE))
    joined = links[(links["kind"] == kind) & (links["decision"] == "link")]
    at = place.reindex(_addresses(joined, SIDES[:3])).to_numpy()
    to = place.reindex(_addresses(joined, SIDES[3:])).to_numpy()
    ends = np.column_stack([at, to]).astype(int)
    return pd.Series(pairs.groups(ends, len(records)), index=records.index)


def members_of(
    records: pd.DataFrame, links: pd.DataFrame, kind: str, verdicts: pd.DataFrame
) -> pd.DataFrame:
    """`records` with member_id and decision, one row per record, link or review, and member.

    `verdicts` are membership.rows; records without a link, and links to people who are not
    members, are left out.
    """
    wanted = links[(links["kind"] == kind) & (links["decision"] != "no")]
    named = wanted.rename(columns=dict(zip(SIDES[:3], evidence.PROVENANCE, strict=True)))
    right = verdicts.rename(columns=dict(zip(evidence.PROVENANCE, SIDES[3:], strict=True)))
    known = named.merge(right[[*SIDES[3:], "member_id"]], on=SIDES[3:])
    known = known[known["member_id"].notna()].sort_values("decision", kind="stable")
    once = known.drop_duplicates([*evidence.PROVENANCE, "member_id"])
    return records.merge(
        once[[*evidence.PROVENANCE, "member_id", "decision"]], on=evidence.PROVENANCE
    )


def _addresses(frame: pd.DataFrame, columns: list[str]) -> pd.MultiIndex:
    return pd.MultiIndex.from_frame(frame[columns])


def _volunteers(
    volunteers: pd.DataFrame, members: pd.DataFrame, member_groups, rules, find
) -> list:
    doubles = _inside(volunteers, "volunteers_twice", rules, find)
    own = _joined(doubles, len(volunteers))
    return [
        _table(doubles, volunteers, volunteers, "volunteers_twice"),
        _looked_up(volunteers, members, own, member_groups, "volunteers", rules, find),
    ]


def _inside(people: pd.DataFrame, kind: str, rules: Rules, find: Finder) -> pd.DataFrame:
    """Pairs of rows inside one roster that may be one person."""
    found = find.within(anywhere(people), kind, rules)
    return found.assign(decision=rules.banded(found["probability"], found["doubted"]))


def anywhere(people: pd.DataFrame) -> pd.DataFrame:
    """`people` without their branch: inside one roster, who moved stands in two."""
    return people.assign(branch=pd.Series(np.nan, index=people.index, dtype="str"))


def _kept_right(doubles: pd.DataFrame, rank: np.ndarray) -> pd.DataFrame:
    """Each pair with the row that stays on the right."""
    ends = doubles[["left", "right"]].to_numpy(copy=True)
    turned = rank[ends[:, 0]] < rank[ends[:, 1]]
    ends[turned] = ends[turned, ::-1]
    return doubles.assign(left=ends[:, 0], right=ends[:, 1])


def _joined(doubles: pd.DataFrame, size: int) -> np.ndarray:
    joined = doubles[doubles["decision"] == "link"]
    return pairs.groups(joined[["left", "right"]].to_numpy(), size)


def _looked_up(
    left, members, left_groups, member_groups, kind: str, rules: Rules, find: Finder
) -> pd.DataFrame:
    """Links of each row of `left` to the members; a person's rows stand together on both sides."""
    _require_common(left, members)
    own = np.arange(len(left)) if left_groups is None else left_groups
    rows = find.across(left, members, kind, rules)
    rows = rows.assign(left_person=own[rows["left"]], right_person=member_groups[rows["right"]])
    people = _people_pairs(rows, rules)
    rows = rows.merge(people, on=["left_person", "right_person"])
    rows = _with_other_rows(rows, own)
    return _table(rows, left, members, kind)


def _people_pairs(rows: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Decisions between persons: the best of their rows, beside all rivals.

    What somebody ruled out for one row of a person is ruled out for all of them.
    """
    ruled_out = (rows["decided"] == "different").groupby(
        [rows["left_person"], rows["right_person"]]
    )
    best = rows.groupby(["left_person", "right_person"], as_index=False).agg(
        probability=("probability", "max"), doubted=("doubted", "all")
    )
    out = ruled_out.any().to_numpy() & (best["probability"] < 1)
    best["probability"] = best["probability"].mask(out, 0.0)
    found = pairs.one_to_one(best.rename(columns={"left_person": "left", "right_person": "right"}))
    doubted = found["doubted"] | ~found["chosen"]
    return best.assign(
        beside_rivals=found["beside_rivals"],
        contested=found["beside_rivals"] < 0.95 * found["probability"],
        decision=rules.banded(found["beside_rivals"], doubted),
    ).drop(columns=["probability", "doubted"])


def _with_other_rows(rows: pd.DataFrame, own: np.ndarray) -> pd.DataFrame:
    """Add the rows of a linked person that resemble the member too little by themselves."""
    own_rows = rows.assign(
        probability=rows["beside_rivals"],
        reason=rows["reason"].mask(rows["contested"], rows["reason"] + ";rival:yes"),
    )
    linked = own_rows[own_rows["decision"] == "link"]
    best = linked.sort_values("probability").drop_duplicates("left_person", keep="last")
    others = np.flatnonzero(
        np.isin(own, best["left_person"]) & ~np.isin(np.arange(len(own)), linked["left"])
    )
    added = best.set_index("left_person").loc[own[others]].reset_index()
    return pd.concat([own_rows, added.assign(left=others, reason="double:yes")], ignore_index=True)


def _table(found: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame, kind: str):
    one = left.loc[found["left"], evidence.PROVENANCE].set_axis(SIDES[:3], axis=1)
    other = right.loc[found["right"], evidence.PROVENANCE].set_axis(SIDES[3:], axis=1)
    said = found[["probability", "decision", "reason", "alone"]].reset_index(drop=True)
    parts = [one.reset_index(drop=True), other.reset_index(drop=True), said]
    joined = pd.concat(parts, axis=1).assign(kind=kind)
    order = [*SIDES[:3], "probability", *SIDES[3:]]
    falling = [column != "probability" for column in order]
    return joined.sort_values(order, ascending=falling, ignore_index=True)[COLUMNS]


def _require_common(
    left: pd.DataFrame, members: pd.DataFrame, fields: tuple[str, ...] = NAMED_BY
) -> None:
    """Refuse a roster that shares none of `fields` with the members: nobody could be found."""
    if len(left) and not any(
        left[one].notna().any() & members[one].notna().any() for one in fields
    ):
        known = codebook.fields()
        expected = ", ".join(known[one].zh for one in fields)
        raise RosterError.one(
            "no_common_field", file=left["source_file"].iloc[0], expected=expected
        )


def _empty() -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype="str") for column in COLUMNS}).astype(
        {"left_row": int, "right_row": int, "probability": float, "alone": float}
    )
