"""What the findings cost: on cells against rows, at fifty million members, and for one community.

Enters: --members N. Leaves: tables of CPU seconds, ratios and differences, printed.
Refuses: nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from bench import measure
from engagement import engines
from engagement import study as studies
from engagement.analysis import (
    claims,
    discrimination,
    firth,
    interactions,
    predictors,
    prevalence,
    specifications,
)
from engagement.study import Study

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
LEVELS = {
    "age_band": ("18-35", "36-60", "61-74", "75+"),
    "activity_ability": ("full", "limited"),
    "employment": ("working", "not_working"),
    "sex": ("male", "female"),
    "education": ("junior_or_less", "senior", "college"),
}
ROLES = {"education": "primary"}
GROUPS = 60
PART = 5
MANY = 50_000_000
PERSONS = 20_000
SEED = 2022


def main(members: int) -> None:
    """Print the four measurements of the findings."""
    study = studies.load(COMMUNITY)
    measure.show("findings on cells and on persons", [agreement(study)])
    measure.show(f"{members:,} members, one outcome; CPU seconds", against_rows(study, members))
    measure.show(f"{MANY:,} members as cells; CPU seconds after the count", [many(study)])
    measure.show("the community of 173 members; CPU seconds", community(study))


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    """CPU seconds of this process, and what came out."""
    started = time.process_time()
    done = work()
    return time.process_time() - started, done


def rows(members: int) -> pd.DataFrame:
    """Members drawn one by one, codes as categories; attended of one due."""
    chance = np.random.default_rng(SEED)
    codes = {name: chance.integers(0, len(levels), members) for name, levels in LEVELS.items()}
    odds = 0.4 - 0.9 * codes["activity_ability"] - 0.6 * (codes["employment"] == 0)
    came = chance.random(members) < 1 / (1 + np.exp(-odds))
    drawn = {name: pd.Categorical.from_codes(codes[name], LEVELS[name]) for name in LEVELS}
    group = chance.integers(0, GROUPS, members)
    named = pd.Categorical.from_codes(group, [f"g{number}" for number in range(GROUPS)])
    return pd.DataFrame({**drawn, "group": named, "attended": came.astype(np.int8)})


def counted(drawn: pd.DataFrame) -> pd.DataFrame:
    """The cells of drawn members."""
    keys = [*LEVELS, "group"]
    sizes = [len(drawn[name].cat.categories) for name in keys] + [2]
    place = np.zeros(len(drawn), np.int32)
    codes = [drawn[name].cat.codes.to_numpy() for name in keys] + [drawn["attended"].to_numpy()]
    for code, size in zip(codes, sizes, strict=True):
        place = place * size + code
    members = np.bincount(place, minlength=int(np.prod(sizes)))
    filled = np.flatnonzero(members)
    parts = np.unravel_index(filled, sizes)
    named = {
        name: drawn[name].cat.categories.to_numpy(object)[part]
        for name, part in zip(keys, parts, strict=False)
    }
    return shaped(pd.DataFrame({**named, "attended": parts[-1], "members": members[filled]}))


def shaped(found: pd.DataFrame) -> pd.DataFrame:
    """Counts in the form of cells, of the primary outcome."""
    plain = {name: found[name].astype(object) for name in (*LEVELS, "group")}
    more = {"branch": "b1", "due": 1, "attended_with_review": found["attended"]}
    return found.assign(**plain, **more, outcome="attendance")


def listed(study: Study) -> Study:
    """The study with a binary outcome alone."""
    outcome = dataclasses.replace(study.primary, kind="list")
    return dataclasses.replace(study, outcomes={outcome.name: outcome})


def agreement(study: Study) -> dict[str, object]:
    """The largest difference between findings on cells and on single members."""
    drawn = rows(PERSONS)
    single = shaped(drawn.assign(members=1))
    both = [predictors.findings(one, listed(study)) for one in (single, counted(drawn))]
    columns = ["estimate", "std_error", "conf_low", "conf_high", "p0", "p1"]
    apart = [one[columns].to_numpy(float) for one in both]
    most = np.nanmax(np.abs(apart[0] - apart[1]))
    return {"members": PERSONS, "findings": len(both[0]), "largest difference": f"{most:.0e}"}


def against_rows(study: Study, members: int) -> list[dict[str, object]]:
    """Counting and all findings, against one regression on rows (a part of them, multiplied)."""
    drawn = rows(members)
    count, cells = seconds(lambda: counted(drawn))
    one, _ = seconds(lambda: by_cells(cells))
    ours, found = seconds(lambda: predictors.findings(cells, listed(study)))
    few = drawn.head(members // PART)
    theirs = PART * seconds(lambda: by_rows(few))[0]
    told = f"statsmodels GLM on rows, one regression (one row in {PART}, multiplied)"
    return [
        {
            "what": "count into cells",
            "seconds": count,
            "made": len(cells),
            "rows / (count + this)": "",
        },
        {
            **{"what": "the same regression on cells", "seconds": one, "made": 1},
            "rows / (count + this)": f"{theirs / (count + one):.0f}x",
        },
        {
            **{"what": f"all findings on cells ({len(LEVELS)} factors: as many regressions)"},
            **{"seconds": ours, "made": len(found)},
            "rows / (count + this)": f"{len(LEVELS) * theirs / (count + ours):.0f}x",
        },
        {"what": told, "seconds": theirs, "made": 1, "rows / (count + this)": ""},
    ]


def by_cells(cells: pd.DataFrame) -> firth.Fit:
    """The same regression on cells, unpenalised as on rows."""
    columns = pd.get_dummies(cells[list(LEVELS)], drop_first=True, dtype=float)
    matrix = np.column_stack([np.ones(len(cells)), columns])
    members = cells["members"].to_numpy(float)
    return firth.logistic(matrix, cells["attended"] * members, members, penalised=False)


def by_rows(drawn: pd.DataFrame) -> object:
    """The regression of the most adjusted factor, on single members."""
    import statsmodels.api as sm

    columns = pd.get_dummies(drawn[list(LEVELS)], drop_first=True, dtype=float)
    family = sm.families.Binomial()
    return sm.GLM(drawn["attended"].to_numpy(float), sm.add_constant(columns), family).fit()


def many(study: Study) -> dict[str, object]:
    """Every finding from the cells of fifty million members."""
    cells = counted(rows(1_000_000))
    chance = np.random.default_rng(SEED)
    share = cells["members"] / cells["members"].sum()
    cells = cells.assign(members=chance.multinomial(MANY, share))

    def work() -> list[pd.DataFrame]:
        one = listed(study)
        compared = predictors.findings(cells, one)
        told = [prevalence.findings(cells, one), interactions.findings(cells, one)]
        return [compared, *told, claims.findings(cells, compared, one)]

    spent, found = seconds(work)
    return {"cells": len(cells), "findings": sum(map(len, found)), "seconds": spent}


def community(study: Study) -> list[dict[str, object]]:
    """The parts of one study after its records: findings, specifications, discrimination."""
    room = engines.records(study)
    counts, recorded = engines.counts(room, study), engines.traces(room, study)
    others = {
        name: tuple(other for other in study.factors if other != name) for name in study.factors
    }
    wide = dataclasses.replace(
        study,
        factors={
            name: dataclasses.replace(
                factor, adjust=others[name], role=ROLES.get(name, factor.role)
            )
            for name, factor in study.factors.items()
        },
    )
    parts = {
        "all findings, claims, segments, plan": lambda: engines.analysis(counts, study)["findings"],
        "specifications, 20 imputations": lambda: specifications.table(
            counts.cells, wide, defined=recorded.defined
        ),
        "discrimination, 200 bootstrap samples": lambda: discrimination.table(counts.cells, study),
    }
    lines = []
    for name, work in parts.items():
        spent, made = seconds(work)
        lines.append({"what": name, "seconds": spent, "rows": len(made)})
    total = sum(line["seconds"] for line in lines)
    return [*lines, {"what": "together", "seconds": total, "rows": ""}]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=5_000_000)
    main(parser.parse_args().members)
