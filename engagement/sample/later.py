"""The year after: the same people, new sessions, and a pilot that has taken place.

Enters: the protocol of a pilot, and the allocation list in the private folder of its study.
Leaves: from which day each member was offered something; the study's part about the evaluation.
Refuses: a protocol that is missing, or whose people do not live here (UsageError).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

import engagement.files
from engagement.errors import UsageError

SHOWN_DIGITS = 12
SESSIONS = 2  # the stream of chance of a later year's sessions, beside that of the people
HALF = 0.5


@dataclass(frozen=True)
class Later:
    """A later year: its chance, and what was allotted (None where there was no pilot)."""

    chance: np.random.Generator
    protocol: dict | None
    allocation: pd.DataFrame | None

    def offered_from(self, living: pd.DataFrame) -> pd.Series:
        """The day from which each member was offered the measure; missing for the others.

        Raises UsageError when the people or groups of the protocol are not those of this community.
        """
        if self.protocol is None:
            return pd.Series(pd.NaT, index=living.index)
        if self.protocol["starts"]:
            month = living["group"].map(self.protocol["starts"])
            found, day = month.notna(), pd.to_datetime(month + "-01")
        else:
            named, offered = _named(living, self.allocation)
            first = pd.Timestamp(self.protocol["from"])
            found, day = named, pd.Series(pd.NaT, index=living.index).mask(offered, first)
        if found.mean() < HALF:
            raise UsageError.one("sample_protocol_foreign")
        return day


def _named(living: pd.DataFrame, allocation: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Who stands on the list, by ID number or by name and birth; and who was offered it."""
    offered = set(allocation["id_number"]) - {""}
    born = living["birth_date"].dt.strftime("%Y-%m-%d")
    sides = []
    for rows in (allocation, allocation[allocation["offered"] == "yes"]):
        numbers = set(rows["id_number"]) & offered
        called = set(zip(rows["name"], rows["birth_date"].str[:7], strict=True))
        own = [pair in called for pair in zip(living["name"], born.str[:7], strict=True)]
        sides.append(living["id_number"].isin(numbers) | pd.Series(own, index=living.index))
    return sides[0], sides[1]


def read(year: int, after: Path | None, seed: int) -> Later | None:
    """The later `year` after the protocol at `after`; None for the first year.

    Raises UsageError when there is no protocol, or its allocation list is not beside it.
    """
    if year == 1:
        return None
    chance = np.random.default_rng([seed, SESSIONS, year])
    if after is None:
        return Later(chance, None, None)
    if not after.is_file():
        raise UsageError.one("sample_no_protocol", file=after.name)
    protocol = json.loads(after.read_text(encoding="utf-8"))
    listed = _list(after, protocol)
    if protocol["starts"]:
        return Later(chance, protocol, None)
    if not listed.is_file():
        raise UsageError.one("sample_no_protocol", file=listed.name)
    rows = pd.read_csv(listed, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    return Later(chance, protocol, rows)


def bequeath(after: Path, folder: Path) -> None:
    """Put the protocol beside study.toml, its list into private/, and declare the evaluation."""
    protocol = json.loads(after.read_text(encoding="utf-8"))
    (folder / "protocol.json").write_bytes(after.read_bytes())
    listed = _list(after, protocol)
    if listed.is_file():
        private = engagement.files.private(folder / "private")
        (private / listed.name).write_bytes(listed.read_bytes())
    study = folder / "study.toml"
    declared = (
        '[evaluation]                      # the pilot of last year\nprotocol = "protocol.json"\n'
    )
    text = study.read_text(encoding="utf-8").replace("[release]\n", f"{declared}\n[release]\n", 1)
    study.write_bytes(text.encode())


def _list(after: Path, protocol: dict) -> Path:
    name = f"allocation-{protocol['id'][:SHOWN_DIGITS]}.csv"
    return after.parent.parent / "private" / name
