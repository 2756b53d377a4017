"""Does the answer hang on the words "took part directly"? (C10)

Enters: cells under a strict, the declared and a broad definition.
Leaves: the shares side by side, and the primary comparisons under each definition.
Refuses: choosing among them; the committee says what it means by taking part.
"""

from __future__ import annotations

import pandas as pd

from engagement import tables
from engagement.analysis import checks, comparison, verdicts
from engagement.study import Study

SHOWN = ["definition", "term", "contrast", "estimate", "conf_low", "conf_high", "verdict"]


def shares(defined: pd.DataFrame) -> pd.DataFrame:
    """Slots attended of slots due under each definition (table `defined`).

    One row per outcome and definition; for a list or a column the slots are members.
    """
    rows = defined[defined["due"] > 0]
    slots = rows.assign(
        due=rows["due"] * rows["members"], attended=rows["attended"] * rows["members"]
    )
    sums = slots.groupby(["outcome", "definition"], sort=False)[["due", "attended"]].sum()
    table = sums.reset_index().sort_values("outcome", kind="stable", ignore_index=True)
    return tables.check(table.assign(share=table["attended"] / table["due"]), "defined")


def findings(readings: pd.DataFrame) -> pd.DataFrame:
    """C10 as a row of the table `recording`.

    comparisons: `found` of the primary comparisons that come to another side of zero under
    another definition.
    """
    return checks.table([_moved(readings)])


def _moved(readings: pd.DataFrame) -> dict:
    compared = readings[readings["estimate"].notna()]
    if compared.empty:
        return checks.too_few("definition", "comparisons")
    side = (compared["conf_low"] > 0).astype(int) - (compared["conf_high"] < 0).astype(int)
    sides = side.groupby([compared["term"], compared["contrast"]]).nunique()
    moved = int((sides > 1).sum())
    verdict = "depends" if moved else "same_under_all"
    return checks.row("definition", "comparisons", verdict, examined=len(sides), found=moved)


def comparisons(defined: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The primary comparisons under each definition (table `readings`): differences in shares."""
    primary = [factor for factor in study.factors.values() if factor.role == "primary"]
    own = defined[defined["outcome"] == study.primary.name]
    parts = [pd.DataFrame(columns=SHOWN)]
    for definition, cells in own.groupby("definition", sort=False):
        lines = [
            line
            for factor in primary
            for line in comparison.lines(cells, factor, study.primary, study)
            if line["contrast"] != "trend|"
        ]
        if lines:
            parts.append(verdicts.judged(pd.DataFrame(lines)).assign(definition=definition))
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True)[SHOWN] if filled else parts[0]
