"""Sign-in columns that repeat each other, against what chance alone would repeat.

Enters: participation of the panel.
Leaves: copies, one row per unit and duty: pairs of sessions, and how many are the same.
Refuses: calling a repetition a copy; a small group that always comes repeats itself honestly.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

FEWEST = 5
UNKNOWN = -1.0
COLUMNS = ["unit", "branch", "duty_type", "sessions", "full", "full_chance", "pairs", "same"]


def table(taking_part: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Repeated attendance, one row per unit and duty with at least two sessions on sheets.

    Only sessions count of which the mark of everybody due is known (a member whose name always
    waits for review aside). `full`: everybody due was present; `pairs`: pairs of sessions with at
    least five members due at both and somebody missing; `same`: pairs at which the same members
    were present. `full_chance` and `same_chance`: how many of either to expect if each member
    came independently at the own rate (attended + ½ of due + 1).
    """
    due = taking_part[taking_part["due"].eq("yes") & taking_part["event_date"].notna()]
    branches = people.set_index("member_id")["branch"]
    places = due.groupby(["unit", "duty_type"], sort=True)
    codes = due["attended"].map({"yes": 1.0, "no": 0.0}).fillna(UNKNOWN).to_numpy()
    event = pd.factorize(due["event_id"], sort=True)[0]
    member = due["member_id"].to_numpy()
    rows = [
        {"unit": unit, "branch": branches[member[own[0]]], "duty_type": duty}
        | _repeated(*_marks(event[own], member[own], codes[own]))
        for (unit, duty), own in places.indices.items()
        if len(np.unique(event[own])) > 1
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "same_chance"])


def _marks(
    event: np.ndarray, member: np.ndarray, codes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Sessions × members: present 1 or 0, missing where not due; and each member's own rate."""
    events, row = np.unique(event, return_inverse=True)
    members, column = np.unique(member, return_inverse=True)
    marks = np.full((len(events), len(members)), np.nan)
    marks[row, column] = codes
    marks = marks[:, (marks >= 0).any(axis=0)]
    known = marks[~(marks == UNKNOWN).any(axis=1)]
    seen = np.where(marks == UNKNOWN, np.nan, marks)
    return known, (np.nansum(seen, axis=0) + 0.5) / ((~np.isnan(seen)).sum(axis=0) + 1)


def _repeated(marks: np.ndarray, rates: np.ndarray) -> dict[str, float]:
    known, came = ~np.isnan(marks), marks == 1
    full = (came | ~known).all(axis=1)
    first, second = np.triu_indices(len(marks), 1)
    both = known[first] & known[second]
    everybody = ((came[first] & came[second]) | ~both).all(axis=1)
    pairs = (both.sum(axis=1) >= FEWEST) & ~everybody
    same = ((marks[first] == marks[second]) | ~both).all(axis=1)
    agree = np.where(both, rates**2 + (1 - rates) ** 2, 1.0).prod(axis=1)
    return {
        "sessions": len(marks),
        "full": int(full.sum()),
        "full_chance": float(np.where(known, rates, 1.0).prod(axis=1).sum()),
        "pairs": int(pairs.sum()),
        "same": int((same & pairs).sum()),
        "same_chance": float(agree[pairs].sum()),
    }
