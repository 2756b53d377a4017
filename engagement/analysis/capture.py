"""Two records of the same things: how many there were, seen or not (C4).

Enters: how many stand on the first record, on the second, and on both.
Leaves: rows of the table `recording`: Chapman's estimate with its interval, or nothing.
Refuses: an estimate without an interval: records that share nothing, or of which one holds all
that the other holds, give none.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import pandas as pd

from engagement.analysis import checks

Z = 1.959963984540054


class Total(NamedTuple):
    """An estimated total and its 95 % limits, as Chapman's normal approximation gives them."""

    estimate: float
    half_width: float


def chapman(first: int, second: int, both: int) -> Total:
    """How many there are, when records catch independently of each other.

    N = (n1+1)(n2+1)/(m+1) − 1, variance (n1+1)(n2+1)(n1−m)(n2−m)/((m+1)²(m+2)).
    Chapman 1951; Seber 1970.
    """
    total = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both)
    return Total(total, Z * math.sqrt(spread / ((both + 1) ** 2 * (both + 2))))


def findings(lists: pd.DataFrame) -> list[dict]:
    """C4: one row per duty that sheets and minutes both know, and one for lists of people.

    `examined`: things on either record; `found`: those on one record alone; the lower limit is
    never below what was seen.
    """
    test = "two_lists"
    rows = [_estimated(test, one) for one in lists.to_dict("records")]
    kinds = set(lists["kind"])
    needed = {"sessions": "present_count attend_status", "members": "check_in"}
    missing = [kind for kind in needed if kind not in kinds]
    return rows + [checks.not_testable(test, kind, needed[kind]) for kind in missing]


def _estimated(test: str, one: dict) -> dict:
    first, second, both = (int(one[name]) for name in ("in_first", "in_second", "in_both"))
    seen = first + second - both
    told = {"examined": seen, "found": seen - both, "duty_type": one["duty_type"]}
    if not both:
        return checks.too_few(test, one["kind"], **told)
    if both in (first, second):
        return checks.row(test, one["kind"], "one_in_the_other", **told)
    total = chapman(first, second, both)
    limits = {
        "conf_low": max(total.estimate - total.half_width, seen),
        "conf_high": total.estimate + total.half_width,
    }
    return checks.row(test, one["kind"], "estimated", estimate=total.estimate, **limits, **told)
