"""Few compared with what: members among those who took part, against the people around.

Enters: the outcome's counts of members, the number of participants, a population.
Leaves: one line: both shares, their ratio, and how probable so few or so many are.
Refuses: more participants or members than people (ValueError).
"""

from __future__ import annotations

from typing import NamedTuple

from scipy import stats


class Around(NamedTuple):
    """Counts of one comparison; participants and people include the members."""

    events: int
    members: int
    participants: int
    people: int


def line(around: Around) -> dict[str, float]:
    """Members against the other people, as numbers of one finding.

    p1, p0: shares of members and of others who took part; estimate: their ratio with its exact
    interval; expected: members among the participants if both took part alike; this_few,
    this_many: chance of so few or fewer, so many or more, if alike (hypergeometric).
    """
    others, other_events = _others(around)
    alike = stats.hypergeom(around.people, around.members, around.participants)
    few, many = float(alike.cdf(around.events)), float(alike.sf(around.events - 1))
    p1, p0 = around.events / around.members, other_events / others
    low, high = exact_ratio(around.events, around.members, other_events, others)
    return {
        **{"p1": p1, "p0": p0, "expected": around.participants * around.members / around.people},
        **{"estimate": p1 / p0 if p0 else float("inf"), "conf_low": low, "conf_high": high},
        **{"this_few": few, "this_many": many, "p_value": min(1.0, 2 * min(few, many))},
    }


def exact_share(events: float, members: float, level: float = 0.95) -> tuple[float, float]:
    """Exact limits of a share. Clopper & Pearson 1934."""
    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, events, members - events + 1) if events else 0.0
    high = stats.beta.ppf(1 - tail, events + 1, members - events) if events < members else 1.0
    return float(low), float(high)


def exact_ratio(events: int, members: int, other_events: int, others: int) -> tuple[float, float]:
    """Exact limits of the ratio of two rates, given the sum of their events.

    The members' part of all events is binomial; its exact limits are turned into a ratio.
    """
    low, high = exact_share(events, events + other_events)
    scale = others / members
    return low / (1 - low) * scale, high / (1 - high) * scale if high < 1 else float("inf")


def _others(around: Around) -> tuple[int, int]:
    others = around.people - around.members
    other_events = around.participants - around.events
    if others <= 0 or not 0 <= other_events <= others:
        raise ValueError("members, participants and people do not fit together")
    return others, other_events
