"""Minutes against sign-ins, turnout against the legal minimum, and repeated records (C2, C3, C6).

Enters: meetings and copies, counts per session and unit.
Leaves: rows of the table `recording`.
Refuses: a verdict of invalidity: turnout below a minimum is under-recorded or below it, both.
"""

from __future__ import annotations

import pandas as pd

from engagement import codebook
from engagement.analysis import checks

BY_CHANCE = 0.05
_NUMBERS = ["due_count", "present_count", "absent_count"]


def against_sign_ins(met: pd.DataFrame) -> list[dict]:
    """C2: present by the minutes less signatures on the sheet, overall and by branch.

    `found`: sessions that differ; `estimate`: mean difference in persons, with a t interval.
    differ_one_way: the interval leaves zero out.
    """
    test, aspect = "minutes_against_sign_ins", "present_less_signed"
    if not met["in_minutes"].any():
        return [checks.not_testable(test, aspect, "present_count")]
    if not met["on_sheet"].any():
        return [checks.not_testable(test, aspect, "attend_status")]
    both = met[met["present_count"].notna() & met["signed"].notna()]
    if both.empty:
        return [checks.too_few(test, aspect)]
    parts = {"": both, **dict(list(both.groupby("branch")))}
    return [_difference(test, aspect, branch, own) for branch, own in parts.items()]


def _difference(test: str, aspect: str, branch: str, own: pd.DataFrame) -> dict:
    gap = (own["present_count"] - own["signed"]).to_numpy(float)
    mean, low, high = checks.mean_interval(gap)
    found = int((gap != 0).sum())
    one_way = low > 0 or high < 0
    verdict = "agree" if not found else "differ_one_way" if one_way else "differ"
    told = {"estimate": mean, "conf_low": low, "conf_high": high, "branch": branch}
    return checks.row(test, aspect, verdict, examined=len(own), found=found, **told)


def legal_minimum(met: pd.DataFrame, profile: str | None) -> list[dict]:
    """C3: recorded turnout against the least that the rules of `profile` ask for.

    One row per rule, `found` below it; without a declared calendar there is no rule to hold to.
    The turnout is the fuller of the two records; the denominator the full members
    due that day (for a committee: due by the minutes).
    """
    test = "legal_minimum"
    if profile is None:
        return [checks.too_few(test, "no_calendar")]
    rules = codebook.minimums(profile)
    duties = met["duty_type"].str.split()
    return [
        _held_to(test, rule, met[duties.map(lambda own, duty=rule.duty_type: duty in own)])
        for rule in rules
    ]


def _held_to(test: str, rule: codebook.Minimum, met: pd.DataFrame) -> dict:
    where = {"duty_type": rule.duty_type}
    if rule.when and not met["resolution"].notna().any():
        return checks.not_testable(test, rule.aspect, "resolution", **where)
    if rule.of == "due" and not met["in_minutes"].any():
        return checks.not_testable(test, rule.aspect, "due_count present_count", **where)
    subject = met[met["resolution"].isin(rule.when)] if rule.when else met
    if subject.empty:
        return checks.too_few(test, rule.aspect, **where)
    present = subject[["present_count", "voters_signed"]].max(axis=1)
    entitled = subject["voters"] if rule.of == "voters" else subject["due_count"]
    known = present.notna() & (entitled > 0)
    if not known.any():
        column = "member_type" if rule.of == "voters" else "due_count present_count"
        return checks.not_testable(test, rule.aspect, column, **where)
    short = ~rule.met(present[known], entitled[known])
    verdict = "below_minimum" if short.any() else "met"
    return checks.row(
        test, rule.aspect, verdict, examined=int(known.sum()), found=int(short.sum()), **where
    )


def copying(copies: pd.DataFrame, met: pd.DataFrame) -> list[dict]:
    """C6: identical sheets, full attendance, and minutes repeated while the signatures differ.

    `estimate`: how many chance alone would bring. to_check: more than chance would in 19 of 20.
    """
    test = "copying"
    if copies.empty:
        sheets = [
            checks.not_testable(test, aspect, "attend_status")
            for aspect in ("same_marks", "full_attendance")
        ]
    else:
        sums = copies.select_dtypes("number").sum()
        same = ("same_marks", sums["pairs"], sums["same"], sums["same_chance"])
        full = ("full_attendance", sums["sessions"], sums["full"], sums["full_chance"])
        sheets = [_against_chance(test, *told) for told in (same, full)]
    return [*sheets, _same_minutes(test, met)]


def _against_chance(test: str, aspect: str, examined: int, found: int, chance: float) -> dict:
    many = found > 0 and checks.so_many_by_chance(int(found), chance) < BY_CHANCE
    verdict = "to_check" if many else "as_by_chance" if found else "none_found"
    told = {"examined": examined, "found": found, "estimate": chance}
    return checks.row(test, aspect, verdict, **told)


def _same_minutes(test: str, met: pd.DataFrame) -> dict:
    """Minutes with the numbers of the session before, while the signatures are others."""
    aspect = "same_minutes"
    written = met[met["present_count"].notna() & met["signed"].notna()]
    if written.empty:
        return checks.not_testable(test, aspect, "present_count")
    ordered = written.sort_values(["unit", "duty_type", "event_date"])
    numbers = ordered[_NUMBERS].fillna(-1)
    before = numbers.groupby([ordered["unit"], ordered["duty_type"]]).shift()
    signed = ordered.groupby(["unit", "duty_type"])["signed"].shift()
    pairs = before.notna().all(axis=1)
    repeated = pairs & (numbers == before).all(axis=1) & (ordered["signed"] != signed)
    found = int(repeated.sum())
    verdict = "to_check" if found else "none_found"
    return checks.row(test, aspect, verdict, examined=int(pairs.sum()), found=found)
