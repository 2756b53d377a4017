"""The months of the plan: when each offer is worked on, and how many hours that is a month.

Enters: rows of the released plan.
Leaves: rows with hours a month, and the months in their order.
Refuses: any hour that the released plan does not print.
"""

from __future__ import annotations

import pandas as pd


def rows(plan: list[dict]) -> list[dict]:
    """Rows of the plan with `monthly`: printed hours spread evenly over their months."""
    told = []
    for row in plan:
        count = len(pd.period_range(row["month"], row["until"], freq="M"))
        monthly = None if row["hours"] is None else round(row["hours"] / count, 1)
        told.append({**row, "monthly": monthly})
    return told


def months(plan: list[dict]) -> list[str]:
    """Every month (YYYY-MM) from the first offer's start to the last one's end."""
    first, last = min(row["month"] for row in plan), max(row["until"] for row in plan)
    return [str(month) for month in pd.period_range(first, last, freq="M")]
