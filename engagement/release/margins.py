"""The counts of a release, protected together against subtraction.

Enters: cells, segments (count level), the study, the rules.
Leaves: one row per outcome × level or segment, with NA where a number may not be printed.
Refuses: an outcome with too few on either side (it leaves no row); never a single table alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from engagement.errors import Problem, ReleaseRefused
from engagement.release import attack, families, protection, rounding, unexplained
from engagement.release.families import MEASURES
from engagement.release.printing import SHOWN, Printing
from engagement.release.rounding import Rounding
from engagement.release.rules import Rules
from engagement.study import Study

UNPRINTED = ("missed", "out")
ANCHOR_COST = 20.0


def protected(
    cells: pd.DataFrame, segments: pd.DataFrame | None, study: Study, rounds: Rounding
) -> pd.DataFrame:
    """Counts by outcome, factor and level (factor "" is the total), and by segment.

    `cells` hold the slots of all their members (families.summed).
    Columns: outcome, kind (level, segment), factor, level, members, due, attended, each also as
    it is printed (members_shown …), base.
    """
    rules = rounds.rules
    panels = _printable(cells, study, rules)
    if not panels:
        return pd.DataFrame(columns=["factor", "attended"])
    cells = cells.loc[cells["outcome"].isin(panels)]
    dims = families.dimensions(cells, study)
    crossed = {s.name: tuple(s.when) for s in study.segments if set(s.when) <= set(dims)}
    frame = _frame(cells, segments, dims, study, crossed)
    frame = frame.assign(place=_places(frame, study))
    frame = frame.assign(**rounds.printed(frame, panels).rename(columns=SHOWN))
    base = _base(frame, panels)
    nameless = _nameless(frame, base, rules.threshold)
    printing = Printing(study, rules, panels, base, nameless)
    groups = families.tied(cells, dims, list(crossed.values()))
    parts = [_group(frame, cells, group, printing) for group in groups]
    total = frame.loc[frame["factor"] == ""]
    total = total.assign(members=total["members"].mask(total["outcome"].isin(nameless)))
    alone = unexplained.hidden(frame.loc[frame["kind"] == "alone"], total, printing)
    return _integers(pd.concat([total, *parts, alone], ignore_index=True), printing.anchor)


def _places(frame: pd.DataFrame, study: Study) -> list[str]:
    """The group that each row counts; a segment of one level is that level."""
    alike = {
        segment.name: "|".join([*segment.when, *codes])
        for segment in study.segments
        for codes in segment.when.values()
        if len(segment.when) == len(codes) == 1
    }
    return [
        alike.get(level, f"{factor}|{level}") if kind == "segment" else f"{factor}|{level}"
        for kind, factor, level in frame[["kind", "factor", "level"]].to_numpy()
    ]


def _printable(cells: pd.DataFrame, study: Study, rules: Rules) -> dict[str, bool]:
    """The outcomes whose totals may be printed, and whether each is a sum over sessions."""
    total = cells.groupby("outcome")[list(MEASURES)].sum()
    total["missed"] = total["due"] - total["attended"]
    panels = {name: outcome.kind == "panel" for name, outcome in study.outcomes.items()}

    def enough(name: str, panel: bool) -> bool:
        sides = rules.smallest_sum if panel else rules.threshold
        own = total.loc[name]
        return own["members"] >= rules.fewest and own[["attended", "missed"]].min() >= sides

    return {
        name: panel for name, panel in panels.items() if name in total.index and enough(name, panel)
    }


def unprintable(cells: pd.DataFrame, study: Study, rules: Rules) -> list[Problem]:
    """Why each outcome may not be printed at all, and what could be told or counted instead.

    `cells` hold the slots of all their members (families.summed).
    """
    problems = []
    for name, outcome in study.outcomes.items():
        own = cells.loc[cells["outcome"] == name, list(MEASURES)].sum()
        least = rules.smallest_sum if outcome.kind == "panel" else rules.threshold
        missed = own["due"] - own["attended"]
        if own["members"] < rules.fewest:
            problems.append(Problem("outcome_of_few", {"outcome": name, "fewest": rules.fewest}))
        elif own["attended"] < least:
            problems.append(Problem("outcome_rare", {"outcome": name, "least": least}))
        elif missed < least:
            problems.append(Problem("outcome_common", {"outcome": name, "least": least}))
    return problems


def _frame(cells, segments, dims, study, crossed) -> pd.DataFrame:
    levels = families.counts(cells, dims).assign(kind="level")
    levels = levels.astype(dict.fromkeys(MEASURES, float))
    if segments is None or segments.empty:
        return levels
    known = segments.dropna(subset=list(MEASURES)).astype(dict.fromkeys(MEASURES, float))
    known = known.assign(
        outcome=study.primary.name, factor=known["segment"], level=known["segment"]
    )
    matching = [name in crossed for name in known["segment"]]
    known = known.assign(kind=np.where(matching, "segment", "alone"))
    known = known.drop_duplicates("segment")
    return pd.concat([levels, _recounted(known, cells, study)[levels.columns]], ignore_index=True)


def _recounted(known: pd.DataFrame, cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Segments made of factors, with the sums of the cells that they name."""
    own = cells.loc[cells["outcome"] == study.primary.name]
    sums = {
        place: own.loc[_chosen(own, name, study), list(MEASURES)].sum()
        for place, name in known.loc[known["kind"] == "segment", "segment"].items()
    }
    for measure in MEASURES:
        recounted = {place: row[measure] for place, row in sums.items()}
        known = known.assign(**{measure: pd.Series(recounted).combine_first(known[measure])})
    return known


def _chosen(frame: pd.DataFrame, segment: str, study: Study) -> np.ndarray:
    when = next(s.when for s in study.segments if s.name == segment)
    return np.all([frame[dim].isin(list(codes)) for dim, codes in when.items()], axis=0)


def _base(frame: pd.DataFrame, panels: dict[str, bool]) -> str:
    total = frame.loc[frame["factor"] == ""].set_index("outcome")["members"]
    return max(panels, key=lambda name: total[name])


def _nameless(frame: pd.DataFrame, base: str, threshold: int) -> tuple[str, ...]:
    """Outcomes that leave out so few members that their own number would tell on them."""
    members = frame.loc[frame["factor"] == ""].set_index("outcome")["members"]
    left_out = members[base] - members
    return tuple(members.index[(left_out > 0) & (left_out < threshold)])


def _group(frame, cells, dims: list[str], printing: Printing) -> pd.DataFrame:
    study, panels, base = printing.study, printing.panels, printing.base
    unknowns = families.atoms(cells, dims, panels)
    whole = dict.fromkeys(families.linked(cells, dims, list(panels), base), base)
    rows = frame.loc[frame["factor"].isin(dims) | _segments_of(frame, dims, study)]
    long = _long(rows, frame, printing)
    long = long.loc[(long["measure"] != "out") | long["outcome"].isin(whole)]
    unsaid = (long["measure"] == "members") & long["outcome"].isin(printing.nameless)
    long["never"] = long["measure"].isin(UNPRINTED) | unsaid
    long["chosen"] = [chosen(row, unknowns.combinations, study) for row in long.itertuples()]
    totals = _long(frame.loc[frame["factor"] == ""], frame, printing)
    unsaid = (totals["measure"] == "members") & totals["outcome"].isin(printing.nameless)
    totals = totals.loc[~totals["measure"].isin(UNPRINTED) & ~unsaid]
    family = families.family(long, totals, unknowns, panels, whole)
    return _wide(rows, long.assign(hidden=_hidden(long, family, printing)))


def _segments_of(frame: pd.DataFrame, dims: list[str], study: Study) -> pd.Series:
    names = [s.name for s in study.segments if set(s.when) <= set(dims)]
    return (frame["kind"] == "segment") & frame["factor"].isin(names)


def chosen(row: Any, combinations: pd.DataFrame, study: Study) -> np.ndarray:
    """Which combinations of levels a printed row (a named tuple) counts, as a mask."""
    if row.factor == "":
        return np.ones(len(combinations), dtype=bool)
    if row.kind == "segment":
        return _chosen(combinations, row.level, study)
    return (combinations[row.factor] == row.level).to_numpy()


def _long(rows: pd.DataFrame, frame: pd.DataFrame, printing: Printing) -> pd.DataFrame:
    """One row per count: the printed measures, those who missed, and those not counted.

    `low` and `high` are what the printed number leaves open: rounding hides on which side those
    who took part are; the sizes of groups are taken as known.
    """
    keys, base = ["outcome", "kind", "factor", "level"], printing.base
    whole = frame.loc[frame["outcome"] == base].set_index(["factor", "level"])["members"]
    outside = rows.set_index(["factor", "level"]).index.map(whole)
    wide = rows.assign(missed=rows["due"] - rows["attended"], out=outside - rows["members"])
    wide = wide.assign(slots=rows["due"])
    kept = [*keys, "slots", SHOWN["attended"]]
    long = wide.melt(id_vars=kept, value_vars=[*MEASURES, *UNPRINTED], var_name="measure")
    panel = long["outcome"].map(printing.panels).astype(bool)
    repeated = (long["measure"] == "due") & ~panel
    baseless = (long["measure"] == "out") & ((long["outcome"] == base) | long["value"].isna())
    long = long.loc[~repeated & ~baseless].reset_index(drop=True)
    return long.assign(**_ends(long, printing))


def _ends(long: pd.DataFrame, printing: Printing) -> dict[str, pd.Series]:
    """Between what a reader knows each count to lie once it is printed."""
    base = rounding.bases(long["outcome"], printing.panels, printing.rules)
    low, high = rounding.reach(long[SHOWN["attended"]], base)
    smallest = printing.smallest(long["outcome"])
    low, high = np.maximum(low, smallest), np.minimum(high, long["slots"] - smallest)
    low, high = np.minimum(low, long["value"]), np.maximum(high, long["value"])
    rounded = long["measure"] == "attended"
    return {"low": low.where(rounded, long["value"]), "high": high.where(rounded, long["value"])}


def _hidden(long: pd.DataFrame, family: attack.Family, printing: Printing) -> np.ndarray:
    """First the people, then every count of a row whose people may not be printed."""
    threshold = printing.rules.threshold
    cost = _cost(long, printing).to_numpy()
    never = long["never"].to_numpy()
    row = long.groupby(["outcome", "kind", "factor", "level"]).ngroup()
    people = _few_people(long, threshold)
    try:
        hidden = protection.hide(family, people.to_numpy(), never, threshold, cost)
        gone = pd.Series(hidden & ~never, long.index) & (long["measure"] == "members")
        without = gone.groupby(row).transform("any") & (long["measure"] != "out")
        sensitive = people | _few_on_a_side(long, row, printing) | without
        return protection.hide(family, sensitive.to_numpy(), hidden, threshold, cost)
    except protection.Unprotectable:
        raise ReleaseRefused.one("cannot_be_protected", threshold=threshold) from None


def _cost(long: pd.DataFrame, printing: Printing) -> pd.Series:
    """What it costs to hide each count: a group's people more, the primary outcome most."""
    cost = np.log1p(long["value"]) + np.where(long["measure"] == "members", 2.0, 0.01)
    return cost * np.where(long["outcome"] == printing.anchor, ANCHOR_COST, 1.0)


def _few_people(long: pd.DataFrame, threshold: int) -> pd.Series:
    """Whether a count is of few people: of a group, or of those whom an outcome leaves out."""
    left_out = (long["measure"] == "out") & (long["value"] > 0)
    return ((long["measure"] == "members") | left_out) & (long["value"] < threshold)


def _few_on_a_side(long: pd.DataFrame, row: pd.Series, printing: Printing) -> pd.Series:
    """Whether few took part or few did not; those who took part of a row give away the others."""
    few = long["value"] < printing.smallest(long["outcome"])
    side = long["measure"].isin(["attended", "missed"]) & few
    return (long["measure"] == "attended") & side.groupby(row).transform("any") | side


def _wide(rows: pd.DataFrame, long: pd.DataFrame) -> pd.DataFrame:
    """The rows again, NA where hidden; a list's `due` is its `members`."""
    keys = ["outcome", "factor", "level"]
    hidden = long.set_index([*keys, "measure"])["hidden"].unstack()
    where = pd.MultiIndex.from_frame(rows[keys])
    marks = hidden.reindex(where)
    marks["due"] = marks["due"].fillna(marks["members"]) if "due" in marks else marks["members"]
    shown = rows[list(MEASURES)].where(~marks[list(MEASURES)].to_numpy(dtype=bool))
    return rows.assign(**{measure: shown[measure] for measure in MEASURES})


def _integers(rows: pd.DataFrame, anchor: str) -> pd.DataFrame:
    shown = {SHOWN[m]: rows[SHOWN[m]].where(rows[m].notna()) for m in MEASURES}
    counts = rows[list(MEASURES)].assign(**shown).astype("Int64")
    columns = ["outcome", "kind", "factor", "level", *counts]
    return rows.assign(**counts)[columns].assign(base=rows["outcome"] == anchor)
