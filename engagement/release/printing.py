"""What one release prints, and by which rules.

Enters: the study, the rules, the outcomes that may be printed.
Leaves: a frozen Printing, which the steps of protection share.
Refuses: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from engagement.release.families import MEASURES
from engagement.release.rules import Rules
from engagement.study import Study

SHOWN = {measure: f"{measure}_shown" for measure in MEASURES}


@dataclass(frozen=True)
class Printing:
    """What is printed, and by which rules.

    `panels`: the outcomes that may be printed, and whether each is a sum over sessions.
    `base`: the outcome with most members; `nameless`: those that leave out so few members that
    their own number would tell on them.
    """

    study: Study
    rules: Rules
    panels: Mapping[str, bool]
    base: str
    nameless: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """The outcome whose counts are kept longest: the primary one, when it is printed."""
        return self.study.primary.name if self.study.primary.name in self.panels else self.base

    def smallest(self, outcomes: pd.Series) -> pd.Series:
        """The smallest count of taking part, or not, that may be printed of each outcome."""
        sums = outcomes.map(self.panels).astype(bool)
        return sums.map({True: self.rules.smallest_sum, False: self.rules.threshold})
