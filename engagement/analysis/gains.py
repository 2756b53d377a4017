"""How much the plan might bring, under ranges that are declared and printed; never a promise.

Enters: the plan, segments with slots, the slots of everybody, the study's measures.
Leaves: gains, one row per offer and one for the whole plan: a range of further attendances.
Refuses: a single number; where a range is unknown here, it says which one was assumed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import tables
from engagement.study import Study

COLUMNS = list(tables.TABLES["gains"].columns)
DRAWS, SEED = 4000, 173
LOW, HIGH = 0.05, 0.95


def ranges(
    offers: pd.DataFrame, segments: pd.DataFrame, cells: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """Further attendances a year by offer, 5 % and 95 % points of the draws (table `gains`).

    Each draw takes every effect evenly from its range: the declared one, else from nothing to the
    smallest difference that matters (`assumed` is declared or unknown). Effects that nobody knows
    are drawn together: all of them may be nothing. The last row, segment and measure empty, is the
    whole plan: offers add up, but to no more than was missed, by the class and by everybody.
    An offer whose class has no slots on record (members who are not due) has no range.
    """
    lines = offers[offers["segment"] != ""].reset_index(drop=True)
    slots = _slots(lines, segments, cells, study)
    known = [study.measures[name].effect for name in lines["measure"]]
    unknown = (0.0, study.primary.smallest_difference)
    low, high = (np.array([(one or unknown)[end] for one in known], float) for end in (0, 1))
    chance = np.random.default_rng(SEED)
    even = chance.random((DRAWS, len(lines) + 1))
    alone = np.array([one is not None for one in known], bool)
    drawn = low + (high - low) * np.where(alone, even[:, :-1], even[:, -1:])
    gained = drawn * slots["due"].to_numpy(float)
    table = lines[["segment", "measure"]].assign(
        assumed=["unknown" if one is None else "declared" for one in known],
        **{"effect_low": low, "effect_high": high, "slots": slots["due"].to_numpy(float)},
        **_ends(gained),
    )
    whole = {"segment": "", "measure": "", "assumed": "", **_whole(lines, gained, slots)}
    return tables.check(pd.DataFrame([*table.to_dict("records"), whole], columns=COLUMNS), "gains")


def _slots(lines: pd.DataFrame, segments: pd.DataFrame, cells: pd.DataFrame, study: Study):
    """Slots due and missed in a year by line; a class that no column tells is like everybody."""
    own = cells[cells["outcome"] == study.primary.name]
    members = own["members"].to_numpy(float)
    everybody = {name: members @ own[name].to_numpy(float) for name in ("due", "attended")}
    told = segments.set_index("segment")
    due = lines["segment"].map(told["due"]).astype(float)
    attended = lines["segment"].map(told["attended"]).astype(float)
    due = due.fillna(everybody["due"])
    missed = due - attended.fillna(everybody["attended"])
    most = everybody["due"] - everybody["attended"]
    return pd.DataFrame({"due": due.where(due > 0), "missed": missed, "most": most})


def _ends(gained: np.ndarray) -> dict[str, np.ndarray]:
    return {
        "gain_low": np.quantile(gained, LOW, axis=0) if gained.size else np.empty(0),
        "gain_high": np.quantile(gained, HIGH, axis=0) if gained.size else np.empty(0),
    }


def _whole(lines: pd.DataFrame, gained: np.ndarray, slots: pd.DataFrame) -> dict[str, float]:
    total = np.zeros(len(gained))
    for name in dict.fromkeys(lines["segment"]):
        own = (lines["segment"] == name).to_numpy()
        most = float(slots.loc[own, "missed"].max())
        total += np.minimum(np.nan_to_num(gained[:, own]).sum(axis=1), max(most, 0.0))
    total = np.minimum(total, slots["most"].max() if len(slots) else 0.0)
    return {
        **{"effect_low": np.nan, "effect_high": np.nan, "slots": np.nan},
        **{"gain_low": np.quantile(total, LOW), "gain_high": np.quantile(total, HIGH)},
    }
