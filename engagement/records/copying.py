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
    rows = [
        {"unit": unit, "branch": branches[own["member_id"].iloc[0]], "duty_type": duty}
        | _repeated(*_marks(own))
        for (unit, duty), own in due.groupby(["unit", "duty_type"])
        if len(own["event_id"].unique()) > 1
    ]
    return pd.DataFrame(rows, columns=[*COLUMNS, "same_chance"])


def _marks(own: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Sessions × members: present 1 or 0, missing where not due; and each member's own rate."""
    event, events = pd.factorize(own["event_id"], sort=True)
    member, members = pd.factorize(own["member_id"], sort=True)
    marks = np.full((len(events), len(members)), np.nan)
    codes = own["attended"].map({"yes": 1.0, "no": 0.0}).fillna(UNKNOWN)
    marks[event, member] = codes.to_numpy()
    marks = marks[:, (marks >= 0).any(axis=0)]
    known = marks[~(marks == UNKNOWN).any(axis=1)]
    seen = np.where(marks == UNKNOWN, np.nan, marks)
    return known, (np.nansum(seen, axis=0) + 0.5) / ((~np.isnan(seen)).sum(axis=0) + 1)


def _repeated(marks: np.ndarray, rates: np.ndarray) -> dict[str, float]:
    everybody = [_everybody(row, rates) for row in marks]
    first, second = np.triu_indices(len(marks), 1)
    found = [_pair(marks[one], marks[two], rates) for one, two in zip(first, second, strict=True)]
    pairs = [pair for pair in found if pair is not None]
    return {
        "sessions": len(marks),
        "full": sum(full for full, _ in everybody),
        "full_chance": sum(chance for _, chance in everybody),
        "pairs": len(pairs),
        "same": sum(same for same, _ in pairs),
        "same_chance": sum(chance for _, chance in pairs),
    }


def _everybody(row: np.ndarray, rates: np.ndarray) -> tuple[bool, float]:
    known = ~np.isnan(row)
    return bool((row[known] == 1).all()), float(np.prod(rates[known]))


def _pair(one: np.ndarray, other: np.ndarray, rates: np.ndarray) -> tuple[bool, float] | None:
    known = ~np.isnan(one) & ~np.isnan(other)
    if known.sum() < FEWEST or ((one[known] == 1).all() and (other[known] == 1).all()):
        return None
    agree = rates[known] ** 2 + (1 - rates[known]) ** 2
    return bool((one[known] == other[known]).all()), float(np.prod(agree))
