"""Few compared with what: members among those who took part, against the people around.

Enters: the outcome's counts of members, the number of participants, a population.
Leaves: one line: both shares, their ratio, and how probable so few or so many are.
Refuses: more participants or members than people (ValueError).
"""

from __future__ import annotations

from typing import NamedTuple

from scipy import stats

from engagement import exact


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
    low, high = exact.ratio(around.events, around.members, other_events, others)
    return {
        **{"p1": p1, "p0": p0, "expected": around.participants * around.members / around.people},
        **{"estimate": p1 / p0 if p0 else float("inf"), "conf_low": low, "conf_high": high},
        **{"this_few": few, "this_many": many, "p_value": min(1.0, 2 * min(few, many))},
    }


def _others(around: Around) -> tuple[int, int]:
    others = around.people - around.members
    other_events = around.participants - around.events
    if others <= 0 or not 0 <= other_events <= others:
        raise ValueError("members, participants and people do not fit together")
    return others, other_events
