"""What offices do to cells: each value takes one of the forms that dirt.toml lists for its field.

Enters: the parts from which a field can be written, one row per person, and its forms.
Leaves: the cell as written, with its right reading, precision and expected status.
Refuses: nothing; every rate stands in dirt.toml.
"""

from __future__ import annotations

import string
from collections.abc import Mapping

import numpy as np
import pandas as pd


def written(
    forms: Mapping[str, Mapping], parts: pd.DataFrame, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per row of `parts`: form, raw, value, precision, expected, cell.

    The first form is the usual one. Rows with a true `plain` in `parts` take the form plain.
    """
    form = chosen(forms, parts, rng)
    kinds = [name for name in forms if (form == name).any()]
    pieces = [_cells(name, forms[name], parts[form == name]) for name in kinds]
    return pd.concat(pieces).reindex(parts.index)


def chosen(
    forms: Mapping[str, Mapping], parts: pd.DataFrame, rng: np.random.Generator
) -> pd.Series:
    """The name of the form that each row takes."""
    usual, *others = forms
    form = np.full(len(parts), usual, dtype=object)
    free = ~parts["plain"].to_numpy() if "plain" in parts else np.ones(len(parts), dtype=bool)
    form[~free] = "plain"
    for name in reversed(others):
        needs = forms[name].get("needs")
        eligible = np.flatnonzero(free & parts[needs].to_numpy() if needs else free)
        wanted = min(round(forms[name]["rate"] * len(parts)), len(eligible))
        taken = rng.choice(eligible, wanted, replace=False)
        form[taken] = name
        free[taken] = False
    return pd.Series(form, index=parts.index, dtype="str")


def _cells(name: str, how: Mapping, parts: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "form": name,
            "raw": filled(how["write"], parts),
            "value": filled(how["value"], parts),
            "precision": how.get("precision", ""),
            "expected": how.get("expected", "clean"),
            "cell": how.get("cell", "text"),
        }
    )


def filled(template: str, parts: pd.DataFrame) -> pd.Series:
    """The template with each {placeholder} replaced by that column, one text per row."""
    text = pd.Series("", index=parts.index, dtype="str")
    for literal, name, _, _ in string.Formatter().parse(template):
        text = text + literal if literal else text
        text = text + parts[name] if name else text
    return text
