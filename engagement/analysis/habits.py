"""When records are entered, and which hours are written: lag, bunching, heaping (C7, C8).

Enters: meetings with the day of entry; hours as they were entered.
Leaves: rows of the table `recording`, and the lags in bands.
Refuses: a reason for a bunch of entries: an inspection, a holiday and a new clerk look alike.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.analysis import checks

BANDS = {"before": (-np.inf, -1), "week": (0, 7), "month": (8, 30), "quarter": (31, 90)}
LONGER = "longer"
WEEK = 7
TWICE = 2.0
HEAPS = (1, 2, 4, 8)
LONGEST = 8
STEP = 0.5


def lags(met: pd.DataFrame) -> pd.DataFrame:
    """Entries by the days between session and entry, one row per band: lag, entries, share."""
    days = _days(met)
    bands = {**BANDS, LONGER: (91, np.inf)}
    counts = [int(days.between(low, high).sum()) for low, high in bands.values()]
    table = pd.DataFrame({"lag": list(bands), "entries": counts})
    return table.assign(share=table["entries"] / max(len(days), 1)) if len(days) else table.head(0)


def entry_lag(met: pd.DataFrame) -> list[dict]:
    """C7: days between session and entry, and the busiest week of entering.

    late: `found` entered after more than thirty days, `estimate` the median lag in days.
    bunching, overall and by branch: `found` entered in the busiest seven days, `estimate` how
    many times as many as the busiest seven days of sessions hold; bunched from twice on.
    """
    test = "entry_lag"
    if not met["entered_date"].notna().any():
        return [checks.not_testable(test, aspect, "entered_at") for aspect in ("late", "bunching")]
    known = met[met["entered_date"].notna()]
    days = _days(known)
    late = int((days > BANDS["month"][1]).sum())
    verdict = "late_entries" if late else "none_found"
    first = checks.row(
        test, "late", verdict, examined=len(days), found=late, estimate=float(days.median())
    )
    parts = {"": known, **dict(list(known.groupby("branch")))}
    return [first, *(_bunched(test, branch, own) for branch, own in parts.items())]


def _days(met: pd.DataFrame) -> pd.Series:
    known = met[met["entered_date"].notna()]
    entered, held = (pd.to_datetime(known[name]) for name in ("entered_date", "event_date"))
    return (entered - held).dt.days


def _bunched(test: str, branch: str, own: pd.DataFrame) -> dict:
    entered, held = busiest_week(own["entered_date"]), busiest_week(own["event_date"])
    verdict = "bunched" if entered >= TWICE * held else "even"
    told = {"examined": len(own), "found": entered, "estimate": entered / held, "branch": branch}
    return checks.row(test, "bunching", verdict, **told)


def busiest_week(dates: pd.Series) -> int:
    """How many of `dates` (ISO days) fall into the seven days that hold the most."""
    days = np.sort(pd.to_datetime(dates).to_numpy("datetime64[D]").astype(int))
    after = np.searchsorted(days, days + WEEK)
    return int((after - np.arange(len(days))).max())


def heaping(hours: pd.DataFrame) -> list[dict]:
    """C8: entries of one, two, four or eight hours among those up to eight.

    `estimate`: an index like Whipple's, 100 when the sixteen half hours up to eight are equally
    common, 400 when every entry is one of the four; with Wilson's limits. heaped: the lower limit
    is above 100.
    """
    test, aspect = "heaping", "round_hours"
    if hours.empty:
        return [checks.not_testable(test, aspect, "hours")]
    inside = hours[hours["service_hours"].between(STEP, LONGEST)]
    examined = int(inside["entries"].sum())
    if not examined:
        return [checks.too_few(test, aspect)]
    found = int(inside.loc[inside["service_hours"].isin(HEAPS), "entries"].sum())
    equal = len(HEAPS) / (LONGEST / STEP)
    low, high = (100 * limit / equal for limit in checks.wilson(found, examined))
    index = {"estimate": 100 * found / examined / equal, "conf_low": low, "conf_high": high}
    verdict = "heaped" if low > 100 else "not_heaped"
    return [checks.row(test, aspect, verdict, examined=examined, found=found, **index)]
