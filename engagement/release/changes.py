"""This release against the last one, in words.

Enters: the claims of two releases (ledger.py), the labels of the study.
Leaves: one line per group whose share stands in both; what a reader can say of it.
Refuses: nothing; what stands in one of them only is counted, not compared.

Both shares are taken as estimates of their own: for the same members asked twice the change is
known better than that, so “within noise” is said rather too often than too seldom.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from engagement.release.phrases import Phrases

COLUMNS = ["outcome", "factor", "level", "before", "now", "change", "noise", "verdict"]
SHARE = "share|"


def table(before: Mapping | None, claims: Iterable[Mapping]) -> pd.DataFrame:
    """One row per outcome × factor × level with a share in both releases.

    Columns: outcome, factor, level, before, now, change (shares), noise (how far two such shares
    differ by chance in 19 of 20 cases), verdict (rose, fell, within_noise, same).
    """
    then = _shares(before["claims"]) if before else {}
    now = _shares(claims)
    rows = [_row(place, then[place], now[place]) for place in now if place in then]
    return pd.DataFrame(rows, columns=COLUMNS)


def _shares(claims: Iterable[Mapping]) -> dict[str, Mapping]:
    return {claim["place"]: claim for claim in claims if claim["place"].startswith(SHARE)}


def _row(place: str, then: Mapping, now: Mapping) -> dict:
    outcome, factor, level = place.removeprefix(SHARE).split("|", 2)
    change = now["printed"] - then["printed"]
    noise = float(np.hypot(_reach(then, change), _reach(now, -change)))
    names = {"outcome": outcome, "factor": factor, "level": level}
    shares = {"before": then["printed"], "now": now["printed"], "change": change, "noise": noise}
    return names | shares | {"verdict": _verdict(change, noise)}


def _reach(share: Mapping, towards: float) -> float:
    """How far the interval of a share goes on the side where the other share lies."""
    return share["high"] - share["printed"] if towards > 0 else share["printed"] - share["low"]


def _verdict(change: float, noise: float) -> str:
    if round(100 * change) == 0:
        return "same"
    if abs(change) <= noise:
        return "within_noise"
    return "rose" if change > 0 else "fell"


def said(compared: pd.DataFrame, number: int, phrases: Phrases) -> list[str]:
    """What to say of a comparison with release `number`: in all, what moved, the totals."""
    if compared.empty:
        return [phrases.say("changes.none")]
    moved = compared["verdict"].isin(["rose", "fell"])
    counts = {"number": number, "shares": len(compared), "moved": int(moved.sum())}
    shown = compared[moved | (compared["factor"] == "")]
    lines = [_line(row, phrases) for row in shown.to_dict("records")]
    return [phrases.say("changes.compared", **counts), *lines]


def _line(row: Mapping, phrases: Phrases) -> str:
    return phrases.say(
        f"changes.{row['verdict']}",
        outcome=phrases.name("outcomes", row["outcome"]),
        group=phrases.level(row["factor"], row["level"]) if row["factor"] else phrases.factor(""),
        before=phrases.percent(row["before"]),
        now=phrases.percent(row["now"]),
        noise=phrases.points(row["noise"]),
    )
