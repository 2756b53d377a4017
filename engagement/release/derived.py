"""Numbers that follow from the printed counts, and from nothing else that could be worked out.

Enters: findings, segments, the plan as implied.py leaves them, and the counts as they are printed.
Leaves: the same tables; shares, ratios and limits anew from the rounded counts, estimates of
models in whole percentage points.
Refuses: nothing; what was NA stays NA.

A share, a limit or a p-value at full precision gives back the count and the size that it was
made of, so none of them may be older than the rounding.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from engagement import codebook, exact
from engagement.release.families import MEASURES
from engagement.release.printing import SHOWN
from engagement.release.rounding import Rounding
from engagement.study import Study

POINTS = 2
DIGITS = {
    **dict.fromkeys(
        ("estimate", "conf_low", "conf_high", "p0", "p1", "detectable", "eta2"), POINTS
    ),
    **dict.fromkeys(("evalue", "evalue_limit"), 1),
}
CHANCES = ("p_value", "p_adjusted")
SILENT = ("std_error", "this_few", "this_many")
LIMITS = ("conf_low", "conf_high")
BY_PEOPLE = frozenset({"member", "pair"})


def counts(printed: pd.DataFrame) -> pd.DataFrame:
    """The protected counts as they are printed, instead of as they are."""
    return printed.assign(**{name: printed[SHOWN[name]] for name in MEASURES})[
        ["outcome", "kind", "factor", "level", *MEASURES, "base"]
    ]


def findings(
    found: pd.DataFrame, shown: pd.DataFrame, study: Study, rounds: Rounding
) -> pd.DataFrame:
    """The findings with every number as the printed counts and whole points give it."""
    levels = shown.loc[shown["kind"] == "level"].set_index(["outcome", "factor", "level"])
    rows = [
        _finding(row, levels, study, rounds) if row["released"] else row
        for row in found.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=found.columns).astype(found.dtypes.to_dict())


def _finding(row: Mapping, levels: pd.DataFrame, study: Study, rounds: Rounding) -> dict:
    whole = _counted(levels, row["outcome"] or study.primary.name, "", "")
    told = _coarse(row)
    if not pd.isna(row["estimate"]):
        told |= {"members": whole["members"], "events": whole["attended"]}
    told |= {name: np.nan for name in SILENT if name in row}
    if row["estimand"] == "prevalence":
        level = row["contrast"] if row["term"] else ""
        own = _counted(levels, row["outcome"], row["term"] or "", level)
        return told | _share(row, own, study.outcomes[row["outcome"]].kind == "panel")
    if row["estimand"] == "rate_ratio":
        return told | _ratio(row, whole, study, rounds)
    if row["estimand"] == "share" and row["method"] == "exact_count":
        return told | _part(row, levels, study)
    return told


def _counted(levels: pd.DataFrame, outcome: str, factor: str, level: str) -> dict:
    place = (outcome, factor, level)
    own = levels.loc[place] if place in levels.index else pd.Series(pd.NA, index=list(MEASURES))
    return {name: np.nan if pd.isna(own[name]) else float(own[name]) for name in MEASURES}


def _coarse(row: Mapping) -> dict:
    """Estimates in whole points, chances rounded up to whole hundredths."""
    told = dict(row)
    for name, digits in DIGITS.items():
        if name in row and not pd.isna(row[name]):
            told[name] = round(float(row[name]), digits)
    for name in CHANCES:
        if name in row and not pd.isna(row[name]):
            told[name] = float(np.ceil(row[name] * 100 - 1e-9) / 100)
    return told


def _share(row: Mapping, own: Mapping, panel: bool) -> dict:
    """A share of the printed counts. Of people, its limits follow from them; of sums over
    sessions, they keep their distance from the share, in whole points."""
    share = own["attended"] / own["due"]
    numbers = {"estimate": share, "members": own["members"], "events": own["attended"]}
    if panel:
        moved = {name: round(share + row[name] - row["estimate"], POINTS) for name in LIMITS}
        return numbers | moved
    size = own["members"] / _grouping(row)
    low, high = exact.share(share * size, size)
    return numbers | {"conf_low": min(low, share), "conf_high": max(high, share)}


def _grouping(row: Mapping) -> float:
    """How many times fewer people the interval counts, since some stand together; in halves."""
    members, share = row["members"], row["estimate"]
    low, high = exact.share(share * members, members)
    wider = (row["conf_high"] - row["conf_low"]) / (high - low)
    return max(1.0, float(np.ceil(2 * wider**2 - 0.5) / 2))


def _ratio(row: Mapping, whole: Mapping, study: Study, rounds: Rounding) -> dict:
    """Members beside the people around, from the printed counts."""
    events, members = whole["attended"], whole["members"]
    people = _people(row, study)
    listed = rounds.people(pd.Series([row["participants"]]), [f"participants|{row['outcome']}"])
    listed = max(float(listed.iloc[0]), events)
    others, other_events = people - members, listed - events
    p1, p0 = events / members, other_events / others
    low, high = exact.ratio(events, members, other_events, others)
    return {
        **{"p1": p1, "p0": p0, "participants": listed, "expected": listed * members / people},
        **{"estimate": p1 / p0 if p0 else np.nan, "conf_low": low, "conf_high": high},
    }


def _people(row: Mapping, study: Study) -> int:
    around = study.population
    return around.adults if row["contrast"].endswith("|adults") else around.total


def _part(row: Mapping, levels: pd.DataFrame, study: Study) -> dict:
    """A share of the members themselves: the printed sizes of its levels, of the printed total."""
    claim = next(claim for claim in study.claims if claim.name == row["term"])
    outcome = row["outcome"] or study.primary.name
    sizes = levels.xs((outcome, claim.factor), level=("outcome", "factor"))["members"]
    chosen = sizes.reindex(list(claim.levels))
    members = _counted(levels, outcome, "", "")["members"]
    if chosen.isna().any() or np.isnan(members):
        return dict.fromkeys(("estimate", *LIMITS, "members", "events"), np.nan)
    events = min(float(chosen.sum()), members)
    share = events / members
    moved = {name: round(share + row[name] - row["estimate"], POINTS) for name in LIMITS}
    same = row["conf_low"] == row["conf_high"]
    limits = dict.fromkeys(LIMITS, share) if same else moved
    return {"estimate": share, "members": members, "events": events, **limits}


def segments(told: pd.DataFrame, printed: pd.DataFrame, rounds: Rounding) -> pd.DataFrame:
    """The segments with their printed counts; members who are not due are rounded with them."""
    own = printed.loc[printed["kind"] == "segment"].set_index("level")
    own = own.reindex(told["segment"]).reset_index(drop=True)
    counts = {name: own[SHOWN[name]].where(told[name].notna()) for name in ("due", "attended")}
    places = "members|segment|" + told["segment"]
    members = rounds.people(told["members"].astype("Float64").astype(float), places)
    same = (own["members"] == told["members"]).fillna(False).astype(bool)
    counts["members"] = own[SHOWN["members"]].where(same, members).where(told["members"].notna())
    return told.assign(**{name: numbers.astype("Int64") for name, numbers in counts.items()})


def plan(
    offers: pd.DataFrame, exactly: pd.DataFrame, shown: pd.DataFrame, study: Study
) -> pd.DataFrame:
    """The plan; what is counted by the head follows the printed size of the segment."""
    per = codebook.amounts().set_index("unit")["per"]
    heads = [name for name, one in study.measures.items() if per.get(one.unit) in BY_PEOPLE]
    by_people = offers["measure"].isin(heads)
    sizes = [table.set_index("segment")["members"] for table in (shown, exactly)]
    printed, true = (offers["segment"].map(size).astype("Float64") for size in sizes)
    scale = (printed / true).where(by_people & (true > 0), 1.0).fillna(1.0).astype(float)
    return offers.assign(
        units=np.ceil(offers["units"] * scale - 1e-9), hours=(offers["hours"] * scale).round(1)
    )


def completeness(tests: pd.DataFrame, rounds: Rounding) -> pd.DataFrame:
    """Numbers of members with a value recorded are rounded as people; sessions stay exact."""
    people = tests["test"] == "filled"
    rounded = {
        name: tests[name].where(~people, rounds.people(tests[name].astype(float), _column(tests)))
        for name in ("expected", "recorded")
    }
    share = (rounded["recorded"] / rounded["expected"]).where(people, tests["share"])
    return tests.assign(**rounded, share=share)


def _column(tests: pd.DataFrame) -> pd.Series:
    """One place for a column, so that the same number of members is printed the same way."""
    return "filled|" + tests["duty_type"].astype("str")
