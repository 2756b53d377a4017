"""What people say about the members, held against the counts.

Enters: cells, findings, and the claims that the study declares.
Leaves: one finding per claim: holds, does_not_hold, cannot_be_told, not_observable.
Refuses: attitudes: rosters and sign-in sheets hold presence, not thoughts.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd

from engagement.analysis import comparison, design, prevalence, verdicts
from engagement.declared import Claim, Factor
from engagement.study import Study

HALF = 0.5
NEEDED = ("needed", "needed_members")
SAME = ["outcome", "term", "contrast"]
BLANK = dict.fromkeys(verdicts.COLUMNS, np.nan) | {"note": "", "needed": ""}


def findings(cells: pd.DataFrame, found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """One row per claim; `term` is the claim's name.

    A share of the members themselves is an exact count: its limits span only the members whose
    value is not recorded. A share of those who took part has a sampling interval. A contrast is
    read from `found`, or computed when it joins levels or names what it holds level itself; it
    holds only where its p-value survives the correction for all that was declared (`p_adjusted`:
    Holm's within the primary contrasts, else Bonferroni's over these and the other claims).
    `needed` says what would let the records
    tell (records, members, survey), `needed_members` how many.
    """
    judges = {"share": _share, "contrast": _contrast, "attitude": _attitude}
    rows = [BLANK | judges[claim.kind](claim, cells, found, study) for claim in study.claims]
    told = pd.DataFrame(rows, columns=[*verdicts.COLUMNS, *NEEDED])
    told = told.assign(term=[claim.name for claim in study.claims])
    return _corrected(told, found, study)


def _corrected(told: pd.DataFrame, found: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Contrasts judged by p-values corrected for everything that was declared."""
    contrasts = np.array([claim.kind == "contrast" for claim in study.claims], bool)
    own = contrasts & ~_declared(told, found, study)
    family = _primary(found, study).sum() + own.sum()
    bonferroni = (told["p_value"].astype(float) * family).clip(upper=1)
    told = told.assign(p_adjusted=told["p_adjusted"].mask(own, bonferroni))
    judged = [
        _judged(claim, row, study) if claim.kind == "contrast" else row
        for claim, row in zip(study.claims, told.to_dict("records"), strict=True)
    ]
    return pd.DataFrame(judged, columns=told.columns)


def _judged(claim: Claim, row: dict, study: Study) -> dict:
    smallest = study.outcomes[row["outcome"]].smallest_difference
    verdict = _direction(claim, row, smallest)
    more = _more(verdict, row["detectable"] / smallest, row["members"])
    return row | {"verdict": verdict} | dict(zip(NEEDED, more, strict=True))


def _primary(found: pd.DataFrame, study: Study) -> pd.Series:
    """Which findings are contrasts of primary factors with the primary outcome."""
    if found.empty:
        return pd.Series(False, index=found.index)
    names = [name for name, factor in study.factors.items() if factor.role == "primary"]
    own = (found["outcome"] == study.primary.name) & found["term"].isin(names)
    own &= found["contrast"] != "trend|"
    return own & (found["estimand"] == "risk_difference") & found["p_value"].notna()


def _declared(told: pd.DataFrame, found: pd.DataFrame, study: Study) -> pd.Series:
    """Which claims stand among the primary contrasts already."""
    if found.empty:
        return pd.Series(False, index=told.index)
    names = set(zip(*found.loc[_primary(found, study), SAME].T.to_numpy(), strict=True))
    factors = [claim.factor for claim in study.claims]
    as_declared = [claim.adjust is None for claim in study.claims]
    own = zip(told["outcome"], factors, told["contrast"], strict=True)
    same = [plain and one in names for plain, one in zip(as_declared, own, strict=True)]
    return pd.Series(same, index=told.index, dtype=bool)


def _more(verdict: str, times: float, members: float) -> tuple[str, float]:
    """What would let the records tell a difference or a share: that many members, or nothing.

    An interval shrinks with the root of the number of members.
    """
    if verdict != "cannot_be_told" or not np.isfinite(times * members):
        return "", np.nan
    return "members", float(np.ceil(members * max(times, 1.0) ** 2))


def _attitude(claim: Claim, cells: pd.DataFrame, found: pd.DataFrame, study: Study) -> dict:
    outcome = claim.outcome or study.primary.name
    return {"outcome": outcome, "contrast": "", "estimand": "share", "method": "none"} | {
        **{"verdict": "not_observable", "needed": "survey"}
    }


def _share(claim: Claim, cells: pd.DataFrame, found: pd.DataFrame, study: Study) -> dict:
    outcome = claim.outcome or study.primary.name
    own = cells[cells["outcome"] == outcome]
    row = _composition(claim, own) if claim.outcome is None else _attended(claim, own, study)
    above = HALF if claim.above is None else claim.above
    low, high = row.get("conf_low", 0.0), row.get("conf_high", 1.0)
    verdict = "holds" if low > above else "does_not_hold" if high <= above else "cannot_be_told"
    if claim.direction == "lower":
        verdict = "holds" if high < above else "does_not_hold" if low >= above else "cannot_be_told"
    base = {"outcome": outcome, "contrast": "+".join(claim.levels), "estimand": "share"}
    needed = _share_needed(row, verdict, above)
    return base | row | {"verdict": verdict} | dict(zip(NEEDED, needed, strict=True))


def _share_needed(row: dict, verdict: str, above: float) -> tuple[str, float]:
    """Values to be recorded, or members whose share could be told from `above`."""
    if verdict != "cannot_be_told" or "estimate" not in row:
        return "", np.nan
    if row["method"] == "exact_count":
        unknown = (row["conf_high"] - row["conf_low"]) * row["members"]
        return "records", float(round(unknown))
    reach = (row["conf_high"] - row["conf_low"]) / 2
    times = reach / max(abs(row["estimate"] - above), 0.01)
    return _more(verdict, times, row["members"])


def _composition(claim: Claim, own: pd.DataFrame) -> dict:
    """The share of members in the levels, and its span when the unrecorded are all in or out."""
    members = own["members"].sum()
    inside = own.loc[own[claim.factor].isin(claim.levels), "members"].sum()
    unknown = own.loc[own[claim.factor] == design.UNKNOWN, "members"].sum()
    return {
        **{"estimate": inside / (members - unknown), "method": "exact_count"},
        **{"conf_low": inside / members, "conf_high": (inside + unknown) / members},
        **{"members": int(members), "events": int(inside)},
        "note": "incomplete" if unknown else "",
    }


def _attended(claim: Claim, own: pd.DataFrame, study: Study) -> dict:
    chosen = own[own[claim.factor].isin(claim.levels)] if claim.factor else own
    outcome = study.outcomes[claim.outcome]
    return prevalence.share(chosen[chosen["due"] > 0], outcome)


def _contrast(claim: Claim, cells: pd.DataFrame, found: pd.DataFrame, study: Study) -> dict:
    outcome = study.outcomes[claim.outcome] if claim.outcome else study.primary
    line = _found(claim, found, outcome.name) if claim.adjust is None else None
    if line is None:
        line = _joined(claim, cells[cells["outcome"] == outcome.name], outcome, study)
    return line | {"outcome": outcome.name, "estimand": "risk_difference", "needed": ""}


def _found(claim: Claim, found: pd.DataFrame, outcome: str) -> dict | None:
    """The finding of exactly these two levels, when there is one."""
    contrast = f"{'+'.join(claim.levels)}|{'+'.join(claim.against)}"
    rows = found[
        (found["outcome"] == outcome)
        & (found["term"] == claim.factor)
        & (found["contrast"] == contrast)
        & (found["estimand"] == "risk_difference")
    ]
    return None if rows.empty else rows.iloc[0].to_dict()


def _joined(claim: Claim, own: pd.DataFrame, outcome, study: Study) -> dict:
    """The contrast of joined levels: the factor is fitted anew, its other levels as they are."""
    factor = study.factors[claim.factor]
    inside, against = "+".join(claim.levels), "+".join(claim.against) or "rest"
    names = dict.fromkeys(claim.against or _rest(own, factor, claim), against)
    names |= dict.fromkeys(claim.levels, inside)
    others = [level for level in design.present_levels(own, factor) if level not in names]
    joined = own.assign(**{factor.name: own[factor.name].replace(names)})
    adjust = factor.adjust if claim.adjust is None else claim.adjust
    anew = dataclasses.replace(
        factor,
        **{"kind": "category", "levels": (against, inside, *others), "reference": against},
        **{"bands": (), "groups": {}, "adjust": adjust},
    )
    lines = comparison.lines(joined, anew, outcome, study)
    line = next((one for one in lines if one["contrast"] == f"{inside}|{against}"), lines[0])
    kept = {name: line[name] for name in verdicts.COLUMNS if name in line}
    return kept | {"contrast": f"{inside}|{against}"}


def _rest(own: pd.DataFrame, factor: Factor, claim: Claim) -> list[str]:
    return [level for level in design.present_levels(own, factor) if level not in claim.levels]


def _direction(claim: Claim, line: dict, smallest: float) -> str:
    """holds: the whole interval on the claimed side; does_not_hold: none of what matters on it."""
    low, high = line["conf_low"], line["conf_high"]
    if np.isnan(low):
        return "cannot_be_told"
    if claim.direction == "higher":
        low, high = -high, -low
    sure = line["p_adjusted"] < 0.05
    if high < 0 and sure:
        return "holds"
    without = low > -smallest and high < smallest
    return "does_not_hold" if without or (low > 0 and sure) else "cannot_be_told"
