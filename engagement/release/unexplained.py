"""Segments that no factor explains: by a telephone number, by being away.

Enters: their counts, the totals, what is printed.
Leaves: the same rows, NA where they, those outside, or those between two of them are too few.
Refuses: nothing.
"""

from __future__ import annotations

import pandas as pd

from engagement.release.printing import Printing
from engagement.study import Study


def hidden(segments: pd.DataFrame, total: pd.DataFrame, printing: Printing) -> pd.DataFrame:
    """Segments that no factor explains: hidden when they, or those outside, are too few."""
    if segments.empty:
        return segments
    study = printing.study
    whole = total.set_index("outcome").loc[study.primary.name].copy()
    whole["members"] = total["members"].max()
    people, slots = _safe(segments, whole, printing)
    for left in segments.index:
        for right in segments.index:
            if left != right and _inside(segments["level"], left, right, study):
                outer = segments.loc[right]
                inner = _safe(segments.loc[[left]], outer, printing)
                people[left] &= inner[0][left]
                slots[left] &= inner[1][left]
    shown = {"members": people, "due": slots & people, "attended": slots & people}
    kept = {measure: segments[measure].where(mask) for measure, mask in shown.items()}
    return segments.assign(kind="segment", **kept)


def _safe(segments: pd.DataFrame, whole: pd.Series, printing: Printing) -> tuple:
    """Two masks: people, and slots; safe when neither inside nor outside is too few."""
    threshold, sums = printing.rules.threshold, printing.smallest(segments["outcome"])
    outside = whole["members"] - segments["members"]
    people = (segments["members"] >= threshold) & ((outside == 0) | (outside >= threshold))
    missed = segments["due"] - segments["attended"]
    others = whole["attended"] - segments["attended"]
    others_missed = whole["due"] - whole["attended"] - missed
    sides = [segments["attended"], missed, others, others_missed]
    enough = pd.concat([side >= sums for side in sides], axis=1).all(axis=1)
    return people, enough | (segments["due"] == 0)


def _inside(names: pd.Series, left, right, study: Study) -> bool:
    """Whether segment `left` is by its definition a part of segment `right`."""
    when = {s.name: s.when for s in study.segments}
    inner, outer = when.get(names[left], {}), when.get(names[right], {})
    return bool(outer) and all(
        key in inner and set(inner[key]) <= set(codes) for key, codes in outer.items()
    )
