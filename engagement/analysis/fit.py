"""Does the offer fit? How varied the sessions were, and whether study and service are one.

Enters: programme and overlap (counts).
Leaves: fit, one row per aspect (and branch): examined, found, an estimate with its interval.
Refuses: variety that the calendar alone has decided; a service that no session records.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from engagement import exact, tables
from engagement.study import Study

COLUMNS = list(tables.TABLES["fit"].columns)
PERMUTATIONS, SEED = 999, 8
FEWEST_CELLS = 12
MANY = 1_000
LEAST_VARIATION = 0.05
TOPIC = "event_title"


def findings(programme: pd.DataFrame, overlap: pd.DataFrame, study: Study) -> pd.DataFrame:
    """All aspects (table `fit`).

    variety: by branch, how many equally frequent kinds (duty × channel × topic) would be as varied
    as its sessions (the exponential of Shannon's entropy). attendance_by_variety: points more
    attended for one kind more, within branches and quarters. overlap: the odds ratio of being
    active in service among those active in study, exact, but Woolf's (1955) where every cell holds
    a thousand. joint: the share of sessions that were both.
    """
    rows = [*_varieties(programme), _association(programme, study), _overlap(overlap, study)]
    rows.append(_joint(programme))
    return tables.check(pd.DataFrame(rows, columns=COLUMNS), "fit")


def kinds(sessions: np.ndarray) -> float:
    """How many equally frequent kinds would be as varied. Shannon 1948; Hill 1973, order 1."""
    share = sessions[sessions > 0] / sessions.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def verdict(table: pd.DataFrame) -> str:
    """What the sessions say of the rung `the offer does not fit`."""
    row = table[table["aspect"] == "attendance_by_variety"].iloc[0]
    if row["verdict"] == "cannot_be_told":
        return "not_testable_few"
    if row["verdict"] != "possible":
        return row["verdict"]
    return "supported" if row["estimate"] > 0 else "not_supported"


def _row(aspect: str, said: str, **told: object) -> dict:
    blank = dict.fromkeys(("estimate", "conf_low", "conf_high"), np.nan)
    base = {"aspect": aspect, "branch": "", "examined": 0, "found": 0, "column_needed": ""}
    return {**base, **blank, "verdict": said, **told}


def _varieties(programme: pd.DataFrame) -> list[dict]:
    rows = []
    for branch, own in programme.groupby("branch"):
        by_kind = own.groupby("kind")["sessions"].sum().to_numpy(float)
        told = {"examined": int(by_kind.sum()), "found": len(by_kind), "estimate": kinds(by_kind)}
        rows.append(_row("variety", "described", branch=branch, **told))
    return rows


def _association(programme: pd.DataFrame, study: Study) -> dict:
    """Attendance against variety, branches and quarters held level; Freedman & Lane 1983."""
    aspect = "attendance_by_variety"
    table = _variety(programme)
    topics = programme["kind"].str.split("|").str[2].ne("").any()
    needed = {} if topics else {"column_needed": TOPIC}
    if len(table) < FEWEST_CELLS:
        return _row(aspect, "not_testable_few", examined=len(table), **needed)
    codes = [pd.factorize(table[name])[0] for name in ("branch", "quarter")]
    dummies = np.hstack([np.eye(code.max() + 1)[code] for code in codes])
    level = np.eye(len(table)) - dummies @ np.linalg.pinv(dummies)
    varied = level @ table["kinds"].to_numpy(float)
    if varied.std() < LEAST_VARIATION:
        said = "not_testable_few" if topics else "not_testable_column"
        return _row(aspect, said, examined=len(table), **needed)
    return _row(aspect, **_slope(varied, level @ table["share"].to_numpy(float), level, codes[0]))


def _variety(programme: pd.DataFrame) -> pd.DataFrame:
    """How many kinds (kinds) and which share attended, one row per branch and quarter."""
    place = ["branch", "quarter"]
    sessions = programme.groupby([*place, "kind"])["sessions"].sum().astype(float)
    part = sessions[sessions > 0]
    part = part / part.groupby(level=place).transform("sum")
    entropy = -(part * np.log(part)).groupby(level=place).sum()
    slots = programme.groupby(place)[["due", "attended"]].sum()
    share = slots["attended"] / slots["due"].clip(lower=1)
    return pd.DataFrame({"kinds": np.exp(entropy), "share": share}).reset_index()


def _slope(varied: np.ndarray, share: np.ndarray, level: np.ndarray, branch: np.ndarray) -> dict:
    estimate = varied @ share / (varied @ varied)
    residual = share - estimate * varied
    degrees = max(round(np.trace(level)) - 1, 1)
    error = np.sqrt(residual @ residual / degrees / (varied @ varied))
    reach = stats.t.ppf(0.975, degrees) * error
    chance = np.random.default_rng(SEED)
    drawn = np.empty(PERMUTATIONS)
    for number in range(PERMUTATIONS):
        order = np.lexsort((chance.random(len(share)), branch))
        moved = np.empty_like(share)
        moved[np.argsort(branch, kind="stable")] = share[order]
        drawn[number] = varied @ moved / (varied @ varied)
    p_value = (1 + (np.abs(drawn) >= abs(estimate) - 1e-12).sum()) / (1 + PERMUTATIONS)
    clear = p_value < 0.05 and not estimate - reach <= 0 <= estimate + reach
    return {
        **{"said": "possible" if clear else "cannot_be_told", "examined": len(share)},
        **{"estimate": estimate, "conf_low": estimate - reach, "conf_high": estimate + reach},
    }


def _overlap(overlap: pd.DataFrame, study: Study) -> dict:
    if overlap.empty:
        return _row("overlap", "not_testable_column", column_needed="in_volunteer_corps")
    counted = overlap.set_index(["study_active", "service_active"])["members"]
    table = np.array(
        [[int(counted.get((one, two), 0)) for two in ("yes", "no")] for one in ("yes", "no")]
    )
    told = {"examined": int(table.sum()), "found": int(table[0, 0])}
    if (table.sum(axis=0) == 0).any() or (table.sum(axis=1) == 0).any():
        return _row("overlap", "not_testable_few", **told)
    exactly = table.min() < MANY  # beyond, the cost of the exact ratio grows and its gain is nil
    ratio = stats.contingency.odds_ratio(table, kind="conditional" if exactly else "sample")
    low, high = ratio.confidence_interval(0.95)
    said = "possible" if low > 1 or high < 1 else "cannot_be_told"
    ends = {"estimate": float(ratio.statistic), "conf_low": float(low), "conf_high": float(high)}
    return _row("overlap", said, **told, **ends)


def _joint(programme: pd.DataFrame) -> dict:
    sessions = int(programme["sessions"].sum())
    joint = int(programme.loc[programme["joint"] == "yes", "sessions"].sum())
    served = (
        programme["kind"].str.split("|").str[0].str.split().map(lambda names: "service" in names)
    )
    if not sessions or not served.any():
        needed = {"examined": sessions, "column_needed": "duty_type"}
        return _row("joint", "not_testable_column", **needed)
    low, high = exact.share(joint, sessions)
    ends = {"estimate": joint / sessions, "conf_low": low, "conf_high": high}
    return _row("joint", "described", examined=sessions, found=joint, **ends)
