"""The records room in slices of the organisation, so that no step holds all of it.

Enters: records of whole units (members, their sign-ins, who links to them), and the links.
Leaves: the counts of each slice, which add up to those of the whole (cell_file.added).
Refuses: sign-ins that name no unit (RosterError): a slice could not know where they belong.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from engagement import engines, rooms
from engagement.errors import RosterError
from engagement.records import evidence, link, membership, minuted, overview, participation, people
from engagement.records.candidates import Rules
from engagement.records.clean import Cleaned
from engagement.study import Study

MEMBERS = 20_000  # of one slice, about
OF_UNITS = ("members", "sign_ins", "minutes")
KEYS = ["kind", *evidence.PROVENANCE]


def number(members: int) -> int:
    """How many slices to make of so many members."""
    return max(1, -(-members // MEMBERS))


def of_units(records: pd.DataFrame, study: Study, slices: int) -> np.ndarray:
    """The slice of each row, by its branch or that of its group; rows without stay together."""
    parents = {unit.code: unit.parent for unit in study.units if unit.parent}
    branch = evidence.column(records, "branch")
    home = branch.fillna(evidence.column(records, "group").map(parents)).fillna("")
    known = {code: zlib.crc32(code.encode()) % slices for code in home.unique()}
    return home.map(known).to_numpy(dtype=int)


def require_units(records: pd.DataFrame) -> None:
    """Refuse sign-ins that name neither branch nor group."""
    nowhere = evidence.column(records, "branch").isna() & evidence.column(records, "group").isna()
    if nowhere.any():
        file = records.loc[nowhere, "source_file"].iloc[0]
        raise RosterError.one("signed_without_unit", file=file, rows=int(nowhere.sum()))


def routes(places: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Where rows must stand beside their own slice: columns KEYS and slice, one row per copy.

    `places`: kind, provenance and slice of the member rows that links name. All rows of a person
    stand in the slices of each of them, and so does who links to that person.
    """
    home = places.set_index(evidence.PROVENANCE)["slice"]
    doubles = links[(links["kind"] == "members") & (links["decision"] == "link")]
    rows = places.reset_index(drop=True)
    person = rows.assign(person=link.persons(doubles, rows))
    reach = person[["person", "slice"]].drop_duplicates()
    members = person.drop(columns="slice").merge(reach, on="person")
    known = members.set_index(evidence.PROVENANCE)["slice"]
    moved = members[members["slice"].to_numpy() != _at(home, members)].drop(columns="person")
    looked_up = links[~links["kind"].isin(["members", "volunteers_twice"])]
    looked_up = looked_up[looked_up["decision"] != "no"]
    right = looked_up.rename(columns=dict(zip(link.SIDES[3:], evidence.PROVENANCE, strict=True)))
    met = right.merge(known.reset_index(), on=evidence.PROVENANCE)
    left = met[["kind", *link.SIDES[:3], "slice"]].set_axis([*KEYS, "slice"], axis=1)
    copies = pd.concat([moved[[*KEYS, "slice"]], left], ignore_index=True)
    return copies.drop_duplicates(ignore_index=True)


def _at(home: pd.Series, rows: pd.DataFrame) -> np.ndarray:
    return home.loc[pd.MultiIndex.from_frame(rows[evidence.PROVENANCE])].to_numpy()


def counts(
    records: Mapping[str, pd.DataFrame],
    links: pd.DataFrame,
    here: tuple[int, int],
    study: Study,
    rules: Rules,
) -> dict[str, pd.DataFrame]:
    """The counts of one slice, `here` its number and how many there are (as engines.left).

    `records` by kind hold the rows of the slice; of `links`, all but the sign-ins', those between
    them count. What is counted by row and not by unit is left out, but for the links of sign-ins.
    """
    links = _between(records, links[links["kind"] != "volunteers_twice"])
    nothing = pd.DataFrame()
    cleaned = Cleaned(records, nothing, nothing, nothing, nothing)
    own = of_units(records["members"], study, here[1]) == here[0]
    held = participation.sessions(cleaned, study)
    sessions = minuted.on_record(held, minuted.sessions(cleaned, study))
    sessions = engines.within(sessions, study)
    if not own.any():  # a unit on the sheets without a member on the roster
        return {"sessions": sessions.assign(source_file="", sheet="")}
    signed = _signed(cleaned, links, study, rules)
    known = pd.concat([links, signed], ignore_index=True) if len(signed) else links
    verdicts = membership.rows(cleaned, known, study)["verdict"]
    listed = people.table(cleaned, known, study)
    living = listed[of_units(listed, study, here[1]) == here[0]].reset_index(drop=True)
    taking_part = participation.table(cleaned, known, living, study)
    taking_part = engines.within(taking_part, study)
    reconciled = membership.tally(verdicts[own])
    room = rooms.Room(cleaned, known, living, taking_part, sessions, reconciled)
    found = engines.of_units(room, study)
    del found["hours"]
    return {**found, "pairs": overview.links(signed), "evidence": overview.evidence(signed)}


def _between(records: Mapping[str, pd.DataFrame], links: pd.DataFrame) -> pd.DataFrame:
    """The links of which both rows are here."""
    parts = []
    for kind, own in links.groupby("kind", sort=False):
        known = True
        for side, holder in ((link.SIDES[:3], kind), (link.SIDES[3:], "members")):
            here = pd.MultiIndex.from_frame(records[holder][evidence.PROVENANCE])
            known &= pd.MultiIndex.from_frame(own[side]).isin(here)
        parts.append(own[known])
    return pd.concat(parts, ignore_index=True) if parts else links


def _signed(cleaned: Cleaned, links: pd.DataFrame, study: Study, rules: Rules) -> pd.DataFrame:
    if "sign_ins" not in cleaned.records:
        return links.head(0)
    wanted = {kind: cleaned.records[kind] for kind in ("members", "sign_ins")}
    identities = link.identities(replace(cleaned, records=wanted), study)
    persons = link.persons(links, identities["members"])
    return link.signed(identities, cleaned.records["sign_ins"], persons, rules)
