"""Plans on permuted outcomes: how often does one spend hours on a barrier that is not there?

Enters: synthetic communities, another one in every block; their attendance is dealt anew.
Leaves: one row per block: plans, those that find a barrier supported, those that offer something
for it.
Refuses: nothing. What a pilot tries, and what mends records, does not follow from outcomes and is
not counted.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from engagement import codebook, engines, study
from engagement import sample as samples
from engagement.analysis import barriers, plan
from engagement.analysis import cells as counts
from engagement.study import Study


def block(place: int, plans: int, seed: int) -> dict:
    """Counts over `plans` plans made on the permuted outcomes of one community."""
    with tempfile.TemporaryDirectory() as folder:
        samples.community(Path(folder) / "community", seed=seed + place)
        asked = study.load(Path(folder) / "community")
        room = engines.records(asked)
    chance = np.random.default_rng([seed, place])
    counted = {"supported": 0, "offered": 0}
    for _ in range(plans):
        dealt = permuted(room.people, room.taking_part, chance)
        found, offered = _planned(room.people, dealt, asked)
        counted["supported"] += bool(found)
        counted["offered"] += bool(offered)
    return {"alternative": 0, "design": place, "plans": plans, **counted}


def permuted(
    people: pd.DataFrame, participation: pd.DataFrame, chance: np.random.Generator
) -> pd.DataFrame:
    """The same participation, dealt anew to the members who count."""
    due = people.loc[people["due"] == "yes", "member_id"].to_numpy()
    dealt = pd.Series(chance.permutation(due), index=due)
    member = participation["member_id"]
    return participation.assign(member_id=member.map(dealt).fillna(member).astype(member.dtype))


def _planned(
    people: pd.DataFrame, participation: pd.DataFrame, asked: Study
) -> tuple[set[str], set[str]]:
    """Classes whose barrier outcomes support, and those of them that are offered something."""
    cells = counts.segment_cells(people, participation, asked)
    segments = barriers.segments(cells, asked)
    ladder = codebook.barriers().set_index("barrier")["test"]
    contrasts = segments["barrier"].map(ladder) == "contrast"
    supported = set(segments.loc[contrasts & (segments["verdict"] == "supported"), "segment"])
    if not supported:
        return supported, set()
    offers = plan.offers(segments, cells, asked)
    return supported, supported & set(offers["segment"])
