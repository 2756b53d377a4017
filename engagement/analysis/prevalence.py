"""Who takes part: shares with intervals, overall and by level of each factor, never without n.

Enters: cells, the study, and for the base rate the number of different participants.
Leaves: findings of estimand prevalence, and rate ratios against the people around.
Refuses: nothing; a share without members is not printed.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from scipy import special, stats

from engagement import exact
from engagement.analysis import baserate, design
from engagement.analysis.baserate import Around
from engagement.analysis.verdicts import COLUMNS
from engagement.declared import Outcome
from engagement.study import Study

OVERALL = ""
FEW = 12
FEWEST_GROUPS = 5


def findings(cells: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The share who took part, overall and by level, one row per outcome × term × level.

    The overall row has an empty term and contrast.

    A panel's share is sessions attended over sessions due, its interval allows for the
    similarity of one member's sessions (logit, t); otherwise Wilson's interval, or the exact one
    with fewer than twelve on either side. Where members of one group are alike, the interval
    grows accordingly (five groups or more). `events` are attended slots, `members` those with
    at least one slot due. A list with matches under review has a second overall row, contrast
    `with_review`, that counts all of them as members who took part.
    """
    rows = [row for outcome in study.outcomes.values() for row in _rows(cells, outcome, study)]
    return pd.DataFrame(rows, columns=COLUMNS)


def base_rate(cells: pd.DataFrame, study: Study, *, participants: int) -> pd.DataFrame:
    """Members on the volunteer list against the people around, one row per population.

    `participants`: different people on the list, members included, after deduplication. Rows
    are findings of estimand rate_ratio with the columns p1, p0, expected, participants,
    this_few and this_many; contrast `members|residents` and, when declared, `members|adults`.
    The term is `population`. Empty without a declared population or list outcome.
    """
    lists = [outcome for outcome in study.outcomes.values() if outcome.kind == "list"]
    if study.population is None or not lists:
        return pd.DataFrame(columns=COLUMNS)
    slots = design.known(cells[cells["outcome"] == lists[0].name], [])
    members, events = _totals(slots, "attended")
    people = {"residents": study.population.total, "adults": study.population.adults}
    rows = [
        {
            **{"outcome": lists[0].name, "term": "population", "contrast": f"members|{name}"},
            **{"estimand": "rate_ratio", "members": members, "events": events},
            **baserate.line(Around(events, members, participants, number)),
            **{"participants": participants, "method": "exact_conditional", "note": ""},
        }
        for name, number in people.items()
        if number is not None
    ]
    return _decided(pd.DataFrame(rows)).reindex(
        columns=[*COLUMNS, "expected", "participants", "this_few", "this_many"]
    )


def wilson(events: float, members: float) -> tuple[float, float]:
    """Limits of a share from the score test. Wilson 1927."""
    z = stats.norm.ppf(0.975)
    share = events / members
    middle = (share + z**2 / (2 * members)) / (1 + z**2 / members)
    reach = z * np.sqrt(share * (1 - share) / members + z**2 / (4 * members**2))
    reach = reach / (1 + z**2 / members)
    return float(max(middle - reach, 0.0)), float(min(middle + reach, 1.0))


def panel_share(cells: pd.DataFrame) -> tuple[float, float, float, float]:
    """Attended over due slots: share, standard error and limits that let members differ.

    The error of the ratio is linearised over members, the limits are logit limits with
    t (members − 1). Without any variation between members the exact limits for as many
    independent observations as members are used. With groups in `cells` the wider of these
    limits and those clustered on groups, t (groups − 1).
    """
    members = cells["members"].to_numpy(float)
    due, attended = cells["due"].to_numpy(float), cells["attended"].to_numpy(float)
    count, slots = members.sum(), members @ due
    share = members @ attended / slots
    spread = members @ (attended - share * due) ** 2
    if count < 2 or spread < 1e-12:
        low, high = exact.share(round(share * count), int(count))
        return share, np.nan, min(low, share), max(high, share)
    error = np.sqrt(count / (count - 1) * spread) / slots
    found = [(error, count - 1)]
    between = group_error(cells)
    if between is not None:
        found.append(between)
    limits = [_logit(share, one, degrees) for one, degrees in found]
    widest = int(np.argmax([high - low for low, high in limits]))
    return share, found[widest][0], *limits[widest]


def group_error(cells: pd.DataFrame) -> tuple[float, int] | None:
    """Standard error of a share clustered on groups, and its degrees of freedom.

    None with fewer than five groups: then the share is that of these groups alone. The residual
    of each group is corrected for its pull on the share, as in Mancl & DeRouen 2001.
    """
    if "group" not in cells:
        return None
    members, group = cells["members"].to_numpy(float), design.clusters(cells)
    due, attended = (
        np.bincount(group, members * cells[name].to_numpy(float)) for name in ("due", "attended")
    )
    due, attended = due[due > 0], attended[due > 0]
    if len(due) < FEWEST_GROUPS:
        return None
    residual = attended - attended.sum() / due.sum() * due
    error = np.sqrt(((residual / (1 - due / due.sum())) ** 2).sum()) / due.sum()
    return float(error), len(due) - 1


def _logit(share: float, error: float, degrees: float) -> tuple[float, float]:
    reach = stats.t.ppf(0.975, degrees) * error / (share * (1 - share))
    centre = special.logit(share)
    return float(special.expit(centre - reach)), float(special.expit(centre + reach))


def _rows(cells: pd.DataFrame, outcome: Outcome, study: Study) -> Iterator[dict]:
    slots = design.known(cells[cells["outcome"] == outcome.name], [])
    if slots.empty:
        return
    yield _row(slots, outcome, OVERALL, "")
    if slots["attended_with_review"].gt(slots["attended"]).any():
        widest = slots.assign(attended=slots["attended_with_review"])
        yield _row(widest, outcome, OVERALL, "with_review") | {"note": "review"}
    for factor in study.factors.values():
        if factor.is_numeric:
            continue
        for level in [*design.present_levels(slots, factor), design.UNKNOWN]:
            chosen = slots[slots[factor.name] == level]
            if not chosen.empty:
                yield _row(chosen, outcome, factor.name, level)


def share(slots: pd.DataFrame, outcome: Outcome) -> dict:
    """The share of slots attended with its interval, as numbers of one finding."""
    members, events = _totals(slots, "attended")
    if not members:
        return {"method": "none", "members": 0, "events": 0, "note": "few_exposed"}
    if outcome.kind == "panel":
        estimate, error, low, high = panel_share(slots)
        method = "member_logit"
    else:
        estimate, error, (low, high), method = _binary(events, members, group_error(slots))
    return {
        **{"estimate": estimate, "std_error": error, "conf_low": low, "conf_high": high},
        **{"members": members, "events": events, "method": method, "note": ""},
    }


def _row(slots: pd.DataFrame, outcome: Outcome, term: str, level: str) -> dict:
    return {
        **{"outcome": outcome.name, "term": term, "contrast": level, "estimand": "prevalence"},
        **share(slots, outcome),
        "verdict": "described",
    }


def _binary(
    events: int, members: int, between: tuple[float, int] | None
) -> tuple[float, float, tuple[float, float], str]:
    """Share, error, limits and method; groups that are alike count as fewer members.

    Korn & Graubard 1998 (Survey Methodology 24:193): the effective number of members is the
    one that would give the error between groups, less what t costs.
    """
    share = events / members
    error = float(np.sqrt(share * (1 - share) / members))
    effective = float(members)
    if between is not None and between[0] > 0:
        cost = (stats.norm.ppf(0.975) / stats.t.ppf(0.975, between[1])) ** 2
        effective = min(effective, share * (1 - share) / between[0] ** 2 * cost)
        error = max(error, between[0])
    grouped = "" if effective == members else "_grouped"
    if min(events, members - events) < FEW:
        limits = exact.share(share * effective, effective)
        return share, error, limits, f"clopper_pearson{grouped}"
    return share, error, wilson(share * effective, effective), f"wilson{grouped}"


def _totals(slots: pd.DataFrame, column: str) -> tuple[int, int]:
    return int(slots["members"].sum()), int((slots[column] * slots["members"]).sum())


def _decided(rows: pd.DataFrame) -> pd.DataFrame:
    differs = (rows["conf_low"] > 1) | (rows["conf_high"] < 1)
    return rows.assign(verdict=np.where(differs, "possible", "cannot_be_told"))
