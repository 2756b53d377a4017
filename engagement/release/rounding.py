"""When a few members lack a value: shares in whole percentage points instead of counts.

Enters: the counts of one dimension, before and after protection.
Leaves: the same rows; where only the unrecorded few stand in the way, no count of taking part
is printed and the row says `rounded`.
Refuses: small levels, sums too small for rounding to hide them, dimensions tied to others.

The total less the recorded levels would give the sum of the few without a value. From shares
rounded to whole points it can be told only within a hundredth of all recorded slots.
"""

from __future__ import annotations

import pandas as pd

from engagement.release.families import MISSING
from engagement.study import Study

DIGITS = 2
STEP = 10.0**-DIGITS


def counts(
    rows: pd.DataFrame, shown: pd.DataFrame, dims: list[str], study: Study, threshold: int
) -> pd.DataFrame:
    """`shown` with a column `rounded`; `rows` are the true counts of the same rows."""
    shown = shown.assign(rounded=False)
    if len(dims) != 1:
        return shown
    touching = {s.name for s in study.segments if dims[0] in s.when} | {dims[0]}
    for outcome, own in rows.loc[rows["kind"] == "level"].groupby("outcome"):
        panel = study.outcomes[outcome].kind == "panel"
        if panel and _only_gaps_hide(own, shown.loc[own.index], threshold):
            same = (shown["outcome"] == outcome) & shown["factor"].isin(touching)
            shown.loc[same, "attended"] = float("nan")
            shown.loc[same, "rounded"] = True
    return shown


def _only_gaps_hide(own: pd.DataFrame, shown: pd.DataFrame, threshold: int) -> bool:
    """Whether every recorded level is large enough and only those without a value are not."""
    gap = own["level"] == MISSING
    recorded = own.loc[~gap]
    missed = recorded["due"] - recorded["attended"]
    large = [recorded["members"], recorded["attended"], missed]
    return bool(
        gap.any()
        and shown["attended"].isna().any()
        and all((side >= threshold).all() for side in large)
        and STEP * recorded["due"].sum() >= threshold
    )


def is_rounded(rows: pd.DataFrame, factor: str) -> bool:
    """Whether the shares of `factor` may leave in whole points."""
    return bool(rows.loc[rows["factor"] == factor, "rounded"].any())
