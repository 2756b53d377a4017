"""Few, compared with what? The members against the people around, a larger body, and last time.

Enters: cells under each definition of taking part, the gaps, the people listed, the study.
Leaves: base_rates, one row per outcome × definition × yardstick; earlier figures with limits.
Refuses: nothing; a comparison without its yardstick is no row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from engagement import exact, tables
from engagement.analysis import baserate, design, prevalence, standardised, tipping
from engagement.analysis.baserate import Around
from engagement.declared import Earlier, Outcome
from engagement.study import Study

DECLARED = "declared"
NAMED = {"p1": "share", "p0": "yardstick"}
COLUMNS = list(tables.TABLES["base_rates"].columns)


def table(
    defined: pd.DataFrame, gaps: pd.DataFrame, listed: Mapping[str, int], study: Study
) -> pd.DataFrame:
    """Every yardstick under every definition of taking part (table `base_rates`).

    against: residents or adults (members on the list against the other people, exact rate ratio),
    benchmark (the share if the members were made up like the benchmark, less the share as it
    is), earlier (the share now less that of the last report). share: the members', yardstick:
    what it is held against; expected: slots or members if both were alike. if_none, if_all: the
    share under the declared definition if none, and if all, of what has no record was taking
    part. turning: the fewest participations that would have to be unrecorded (a higher rate:
    wrongly counted) for the verdict to change.

    `listed`: different people on the list by definition.
    """
    rows = [
        {"definition": definition, **row}
        for definition, cells in defined.groupby("definition", sort=False)
        for row in _rows(cells, gaps, listed.get(str(definition), 0), study)
    ]
    return tables.check(pd.DataFrame(rows, columns=COLUMNS), "base_rates")


def _rows(cells: pd.DataFrame, gaps: pd.DataFrame, listed: int, study: Study) -> Iterator[dict]:
    for outcome in study.outcomes.values():
        own = design.known(cells[cells["outcome"] == outcome.name], [])
        if own.empty:
            continue
        told = {"outcome": outcome.name}
        if (cells["definition"] == DECLARED).all():
            told |= _band(own, gaps, outcome)
        if outcome.kind == "list" and listed:
            yield from (told | row for row in _around(own, listed, study))
        if study.benchmark is not None:
            line = standardised.line(own, study.benchmark, outcome)
            yield told | {"against": "benchmark", **_judged(line, outcome)}
        for one in study.earlier:
            if one.outcome == outcome.name:
                yield told | {"against": "earlier", **_since(own, one, outcome)}


def _around(own: pd.DataFrame, listed: int, study: Study) -> Iterator[dict]:
    members, events = int(own["members"].sum()), int(own["attended"] @ own["members"])
    people = study.population
    sizes = {"residents": people.total, "adults": people.adults} if people else {}
    for name, number in sizes.items():
        if number is not None:
            around = Around(events, members, listed, number)
            line = _kept(baserate.line(around))
            low, high = exact.share(events, members)
            yield {
                **{"against": name, "estimand": "rate_ratio", "members": members},
                **{"events": events, **line, "share_low": low, "share_high": high},
                "verdict": _side(line, 1.0),
                **{"turning": changed(around), "method": "exact_conditional", "note": ""},
            }


def _kept(line: Mapping[str, float]) -> dict[str, float]:
    """The numbers of a line under the names of this table."""
    named = {NAMED.get(name, name): value for name, value in line.items()}
    return {name: value for name, value in named.items() if name in COLUMNS}


def _side(line: Mapping[str, float], alike: float) -> str:
    if line["conf_low"] > alike:
        return "higher"
    return "lower" if line["conf_high"] < alike else "cannot_be_told"


def changed(around: Around) -> float:
    """The fewest members by which the count would have to be wrong for another verdict.

    A higher rate: members on the list who are none; otherwise members who took part unrecorded.
    Missing when no count changes it.
    """
    verdict = _side(baserate.line(around), 1.0)
    fewer = verdict == "higher"
    most = around.events if fewer else around.members - around.events
    for count in range(1, most + 1):
        moved = around._replace(
            events=around.events - count if fewer else around.events + count,
            participants=around.participants if fewer else around.participants + count,
        )
        if _side(baserate.line(moved), 1.0) != verdict:
            return float(count)
    return np.nan


def _judged(line: dict, outcome: Outcome) -> dict:
    """A difference of shares with its verdict; the band of no importance comes first."""
    found = {"estimand": "risk_difference", **_kept(line)}
    if "estimate" not in found:
        return found
    smallest = outcome.smallest_difference
    if -smallest < found["conf_low"] and found["conf_high"] < smallest:
        return found | {"verdict": "no_important"}
    return found | {"verdict": _side(found, 0.0)}


def _since(own: pd.DataFrame, earlier: Earlier, outcome: Outcome) -> dict:
    line = _judged(since(own, earlier, outcome), outcome)

    def moved(cells: pd.DataFrame) -> bool:
        again = _judged(since(cells, earlier, outcome), outcome)
        return bool(again["verdict"] != line["verdict"])

    everybody = pd.Series(True, index=own.index)
    return line | {"turning": tipping.fewest(own, everybody, moved)}


def since(own: pd.DataFrame, earlier: Earlier, outcome: Outcome) -> dict:
    """The share now against that of the last report, as numbers of one comparison.

    Of last time only totals are known: its members are taken to have been as alike as those of
    today, so its share has the limits of Wilson for as many independent members in proportion.
    Where its report told a factor's levels, its share is that of members made up as today
    (indirect standardisation). The limits of the difference combine both (Zou & Donner 2008, as
    if the two were independent; the same people stand behind both, so they are rather too wide).
    """
    if earlier.levels:
        own = own[own[earlier.factor].isin(earlier.levels)]
    now = prevalence.share(own, outcome)
    effective = earlier.members * min(1.0, _effective(now) / now["members"])
    p0, low0, high0 = _then(own, earlier, effective)
    p1 = now["estimate"]
    below = np.hypot(p1 - now["conf_low"], high0 - p0)
    above = np.hypot(now["conf_high"] - p1, p0 - low0)
    due = float(own["due"] @ own["members"])
    return {
        **{"share_low": now["conf_low"], "share_high": now["conf_high"]},
        **{"share": p1, "yardstick": p0, "expected": p0 * due, "estimate": p1 - p0},
        **{"conf_low": p1 - p0 - below, "conf_high": p1 - p0 + above},
        **{"members": now["members"], "events": now["events"], "note": ""},
        "method": "indirect" if earlier.levels else "two_shares",
    }


def _then(own: pd.DataFrame, earlier: Earlier, effective: float) -> tuple[float, float, float]:
    """The share of last time with its limits; by levels, weighted as those of today are due."""
    parts = earlier.levels or {"": (earlier.due, earlier.attended)}
    slots = own["due"] * own["members"]
    weights = (
        [1.0]
        if not earlier.levels
        else [float(slots[own[earlier.factor] == level].sum() / slots.sum()) for level in parts]
    )
    total = sum(due for due, _ in parts.values())
    shares, below, above = 0.0, 0.0, 0.0
    for weight, (due, attended) in zip(weights, parts.values(), strict=True):
        share, alike = attended / due, effective * due / total
        low, high = prevalence.wilson(share * alike, alike)
        shares += weight * share
        below, above = (
            np.hypot(below, weight * (share - low)),
            np.hypot(above, weight * (high - share)),
        )
    return shares, shares - below, shares + above


def _effective(now: Mapping[str, float]) -> float:
    """How many independent members would give the error of this share."""
    share, error = now["estimate"], now["std_error"]
    return share * (1 - share) / error**2 if error > 0 else float(now["members"])


def _band(own: pd.DataFrame, gaps: pd.DataFrame, outcome: Outcome) -> dict[str, float]:
    """The members' share if none, and if all, of what has no record was taking part."""
    if outcome.kind == "panel" and outcome.name in set(gaps["outcome"]):
        low, high = tipping.band(gaps)
        return {"if_none": low, "if_all": high}
    due = own["due"] @ own["members"]
    ends = [own[name] @ own["members"] / due for name in ("attended", "attended_with_review")]
    return {"if_none": float(min(ends)), "if_all": float(max(ends))}
