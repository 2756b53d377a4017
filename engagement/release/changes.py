"""This release against the last one, in words.

Enters: the claims of two releases (ledger.py), the labels of the study.
Leaves: one row per group whose share stands in both; what findings.json and the brief say of it.
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
MOVED = ("rose", "fell")


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


def since(last: Mapping | None, claims: Iterable[Mapping]) -> dict | None:
    """What findings.json keeps of the comparison with `last`, an entry of the ledger.

    None before there is one; else its number and day, how many shares stand in both, how many of
    them moved by more than chance, and the rows of `table`.
    """
    if last is None:
        return None
    compared = table(last, claims)
    return {
        "number": last["number"],
        "reference_date": last["reference_date"],
        "shares": len(compared),
        "moved": int(compared["verdict"].isin(MOVED).sum()),
        "rows": compared.to_dict("records"),
    }


def said(kept: Mapping | None, phrases: Phrases) -> list[str]:
    """What to say of the comparison with the last release: in all, what moved, the totals."""
    if not kept or not kept["rows"]:
        return [phrases.say("changes.none")]
    counts = {name: kept[name] for name in ("number", "shares", "moved")}
    shown = [row for row in kept["rows"] if row["verdict"] in MOVED or not row["factor"]]
    first = phrases.say("changes.compared", day=phrases.day(kept["reference_date"]), **counts)
    return [first, *(_line(row, phrases) for row in shown)]


def _line(row: Mapping, phrases: Phrases) -> str:
    return phrases.say(
        f"changes.{row['verdict']}",
        outcome=phrases.opening(phrases.name("outcomes", row["outcome"])),
        group=phrases.level(row["factor"], row["level"]) if row["factor"] else phrases.factor(""),
        before=phrases.percent(row["before"]),
        now=phrases.percent(row["now"]),
        noise=phrases.points(row["noise"]),
    )
