"""Everything that a release says, as claims that somebody can put together.

Enters: a Release.
Leaves: claims: a place, what is printed there, and between what the true number lies.
Refuses: nothing.

A claim is linear in the cells of the people: low ≤ their sum ≤ high. A share is the claim of its
counts; a mean and a limit follow from printed counts and add nothing; an estimate of a model is a
claim of its own, in whole points.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from engagement import secret
from engagement.release import rounding
from engagement.release.derived import POINTS
from engagement.release.families import MEASURES
from engagement.release.rules import Rules
from engagement.study import Study

if TYPE_CHECKING:
    from engagement.release.disclosure import Release

HALF_POINT = 0.5 * 10.0**-POINTS
COMPARED = ("risk_difference", "odds_ratio", "coefficient")


def told(release: Release, study: Study) -> dict:
    """What the ledger keeps of a release."""
    panels = {name: outcome.kind == "panel" for name, outcome in study.outcomes.items()}
    drawn = {"key": secret.name(study)} if study.keyed else {}
    return {
        **drawn,
        "release": release.id,
        "rules": release.rules.as_dict(),
        "inputs": study.fingerprint,
        "claims": of(release.tables, release.rules, panels),
        "hidden": hidden(release.tables),
    }


def of(tables: Mapping[str, pd.DataFrame], rules: Rules, panels: Mapping[str, bool]) -> list[dict]:
    """The claims of the tables of a release: place, printed, low, high, in a fixed order.

    Rows with a share carry its interval too, so that a later release can be compared with it.
    """
    counts = [
        _count(row, measure, rules, panels)
        for row in _counted(tables).to_dict("records")
        for measure in MEASURES
        if not pd.isna(row[measure])
    ]
    sizes = [
        _claim(f"members|segment|{row['segment']}", row["members"], rules.rounding)
        for row in tables["segments"].to_dict("records")
        if not pd.isna(row["members"])
    ]
    found = tables["findings"]
    return [*_once([*counts, *sizes]), *_shares(found), *_estimates(found)]


def hidden(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """The places that bear the mark."""
    rows = _counted(tables).to_dict("records")
    return sorted(
        {
            _place(row, measure)
            for row in rows
            for measure in MEASURES
            if row["suppressed"] and pd.isna(row[measure])
        }
    )


def _counted(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    columns = ["outcome", "factor", "level", *MEASURES, "suppressed"]
    return tables["outcomes"][columns]


def _place(row: Mapping, measure: str) -> str:
    one = pd.DataFrame([{**row, "place": f"{row['factor']}|{row['level']}"}])
    return rounding.places(one, measure)[0]


def _count(row: Mapping, measure: str, rules: Rules, panels: Mapping[str, bool]) -> dict:
    sums = panels[row["outcome"]] and measure != "members"
    return _claim(
        _place(row, measure), row[measure], rules.rounding_slots if sums else rules.rounding
    )


def _claim(place: str, printed: float, base: int) -> dict:
    low, high = rounding.reach(pd.Series([float(printed)]), base)
    return {"place": place, "printed": int(printed), "low": max(low.item(), 0), "high": high.item()}


def _once(claims: list[dict]) -> list[dict]:
    """Every place once: one group has one number of people in all tables."""
    return list({claim["place"]: claim for claim in claims}.values())


def _shares(found: pd.DataFrame) -> list[dict]:
    rows = found.loc[found["released"] & (found["estimand"] == "prevalence")]
    return [
        {
            "place": f"share|{row['outcome']}|{row['term'] or ''}|{row['contrast'] or ''}",
            "printed": row["estimate"],
            "low": row["conf_low"],
            "high": row["conf_high"],
        }
        for row in rows.to_dict("records")
    ]


def _estimates(found: pd.DataFrame) -> list[dict]:
    rows = found.loc[found["released"] & found["estimand"].isin(COMPARED)]
    return [
        {
            "place": estimate(row),
            "printed": row["estimate"],
            "low": row["estimate"] - HALF_POINT,
            "high": row["estimate"] + HALF_POINT,
        }
        for row in rows.to_dict("records")
        if not pd.isna(row["estimate"])
    ]


def estimate(row: Mapping) -> str:
    """The name of the place of an estimate."""
    parts = (row[name] or "" for name in ("outcome", "term", "contrast", "estimand"))
    return "|".join(["estimate", *parts])
