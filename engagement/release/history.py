"""What readers of earlier releases could work out about those who left or joined since.

Enters: the protected counts, the findings, what was printed and hidden before (ledger.py).
Leaves: the same tables, NA where the change itself would tell on the few who moved.
Refuses: nothing.

Counts are safe by their rounding: the neighbour nearest to what was printed before leaves every
change open by one base on either side. What is left are the marks, and the estimates of models.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from engagement.release import claims, implied, rounding
from engagement.release.derived import POINTS
from engagement.release.families import MEASURES
from engagement.release.printing import SHOWN
from engagement.release.rules import Rules
from engagement.study import Study

REASON = "earlier_release"
STEP = 10.0**-POINTS


def protected(
    printed: pd.DataFrame,
    earlier: Mapping[str, float],
    hidden: set[str],
    study: Study,
    rules: Rules,
) -> pd.DataFrame:
    """The counts with the marks that two releases need.

    A count that bore the mark stays hidden until it is twice the smallest that may be printed:
    else the one who joined is known. A printed count that must now be hidden takes another of its
    factor with it: else the one who left is known.
    """
    levels = printed.loc[(printed["kind"] == "level") & (printed["factor"] != "")]
    places = pd.Series(
        rounding.places(levels.assign(place=levels["factor"] + "|" + levels["level"]), "attended"),
        index=levels.index,
    )
    sides = pd.concat([levels["attended"], levels["due"] - levels["attended"]], axis=1).min(axis=1)
    smallest = levels["outcome"].map(
        lambda name: rules.smallest_sum if study.outcomes[name].kind == "panel" else rules.threshold
    )
    barely = (sides < 2 * smallest).fillna(False).astype(bool)
    printed = _masked(printed, levels.index[places.isin(hidden) & barely])
    gone = printed.loc[levels.index, "attended"].isna()
    lost = gone & places.isin(earlier) & ~places.isin(hidden)
    keys = [levels["outcome"], levels["factor"]]
    alone = lost.groupby(keys).transform("sum") == 1
    left = levels["attended"].where(~gone & alone).dropna().astype(float)
    companions = left.groupby([key.loc[left.index] for key in keys]).idxmin()
    return _masked(printed, pd.Index(companions))


def _masked(printed: pd.DataFrame, rows: pd.Index) -> pd.DataFrame:
    columns = {
        name: printed[name].mask(printed.index.isin(rows))
        for name in ("attended", SHOWN["attended"])
    }
    return printed.assign(**columns)


def findings(
    found: pd.DataFrame,
    printed: pd.DataFrame,
    earlier: Mapping[str, float],
    study: Study,
    rules: Rules,
) -> pd.DataFrame:
    """The findings without those estimates that, beside what was printed before, tell too much.

    An estimate leaves again when it is what it was, or when one step of its rounding, on the
    smallest group behind it, is worth at least the threshold in either direction.
    """
    known = {place.split("|")[1] for place in earlier if place.startswith(MEASURES[1:])}
    telling = [
        row["released"]
        and row["estimand"] in claims.COMPARED
        and row["outcome"] in known
        and earlier.get(claims.estimate(row)) != row["estimate"]
        and _finest(row, printed, study) * 2 * STEP < rules.threshold
        for row in found.to_dict("records")
    ]
    return implied.withheld(found, pd.Series(telling, index=found.index, dtype=bool), REASON)


def _finest(row: Mapping, printed: pd.DataFrame, study: Study) -> float:
    """The smallest number due among the groups whose sums the finding gives back."""
    names = {name for group in implied.behind(row, study) or [] for name in group}
    own = printed.loc[(printed["outcome"] == row["outcome"]) & printed["factor"].isin(names)]
    return float(own["due"].astype("Float64").fillna(0).min()) if len(own) else 0.0
