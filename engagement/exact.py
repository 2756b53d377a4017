"""Exact limits of a share and of a ratio of two rates.

Enters: counts.
Leaves: 95 % limits.
Refuses: nothing.
"""

from __future__ import annotations


def share(events: float, members: float, level: float = 0.95) -> tuple[float, float]:
    """Exact limits of a share. Clopper & Pearson 1934."""
    from scipy import stats

    tail = (1 - level) / 2
    low = stats.beta.ppf(tail, events, members - events + 1) if events else 0.0
    high = stats.beta.ppf(1 - tail, events + 1, members - events) if events < members else 1.0
    return float(low), float(high)


def ratio(events: int, members: int, other_events: int, others: int) -> tuple[float, float]:
    """Exact limits of the ratio of two rates, given the sum of their events.

    The members' part of all events is binomial; its exact limits are turned into a ratio.
    """
    low, high = share(events, events + other_events)
    scale = others / members
    return low / (1 - low) * scale, high / (1 - high) * scale if high < 1 else float("inf")
