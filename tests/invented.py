"""An invented association of 173 members, for tests of the release room. No number here is real."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
from drawn import _made, study

from engagement.release import families
from engagement.study import Calendar, Claim, Factor, Outcome, Plan, Population, Segment, Unit

AGES = ("18-35", "36-60", "61-74", "75+")
WORDS = {
    "age_band": ("年龄", "Age"),
    "sex": ("性别", "Sex"),
    "mobility": ("行动能力", "Ability to come in person"),
    "18-35": ("35岁及以下", "35 or under"),
    "36-60": ("36至60岁", "36 to 60"),
    "61-74": ("61至74岁", "61 to 74"),
    "75+": ("75岁及以上", "75 or over"),
    "male": ("男", "men"),
    "female": ("女", "women"),
    "full": ("能正常参加活动", "full"),
    "limited": ("行动不便", "limited"),
}


def both(name: str) -> dict[str, str]:
    zh, en = WORDS[name]
    return {"zh": zh, "en": en}


def factor(name: str, levels: tuple[str, ...], reference: str, adjust: tuple[str, ...] = ()):
    labels = {level: both(level) for level in levels}
    return _made(
        Factor, name=name, field=name, kind="category", bands=(), groups={}, levels=levels,
        reference=reference, role="primary", adjust=adjust, label=both(name), labels=labels,
    )  # fmt: skip


FACTORS = {
    "age_band": factor("age_band", AGES, "36-60"),
    "sex": factor("sex", ("male", "female"), "male", ("age_band",)),
    "mobility": factor("mobility", ("full", "limited"), "full", ("age_band",)),
}
OUTCOMES = {
    "attendance": _made(
        Outcome, name="attendance", kind="panel", primary=True, smallest_difference=0.1,
        took_part=("attended",), label={"zh": "组织生活到会", "en": "attendance at branch sessions"},
    ),
    "volunteering": _made(
        Outcome, name="volunteering", kind="list", primary=False, smallest_difference=0.05,
        took_part=("yes",), label={"zh": "志愿服务", "en": "volunteering"},
    ),
}  # fmt: skip
UNITS = tuple(
    Unit(f"b{number}", "branch", None, f"第{zh}支部", f"Branch {number}", ())
    for number, zh in enumerate("一二三四五", start=1)
)
SEGMENTS = (
    Segment("hard_to_come", "B-CAPP", {"mobility": ("limited",)},
            {"zh": "到场有困难的党员", "en": "members for whom it is hard to come"}),
    Segment("young", "B-TIME", {"age_band": ("18-35",), "sex": ("male",)},
            {"zh": "时间难以安排的党员", "en": "members who are short of time"}),
)  # fmt: skip
CLAIMS = (
    _made(Claim, name="mostly_old", kind="share", outcome="attendance", factor="age_band",
          levels=("61-74", "75+"), above=0.5,
          text={"zh": "到会少，是因为大多数党员年龄大", "en": "Most members are old"}),
    _made(Claim, name="weak_will", kind="attitude", levels=(), against=(),
          text={"zh": "年轻党员意识不强", "en": "Young members lack the will"}),
)  # fmt: skip


def a_study(**changes):
    """The study of the invented association."""
    values = {
        "title": {"zh": "成员参加情况研究", "en": "Who takes part"},
        "organisation": {"zh": "和苑社区党委", "en": "the community committee"},
        "people": {"zh": "党员", "en": "members"},
        "reference_date": datetime.date(2022, 12, 31),
        "factors": FACTORS,
        "outcomes": OUTCOMES,
        "units": UNITS,
        "segments": SEGMENTS,
        "calendar": Calendar(
            "party_branch", datetime.date(2022, 1, 1), datetime.date(2022, 12, 31)
        ),
        "claims": CLAIMS,
        "plan": Plan(65.0, 12, {"zh": "支部书记", "en": "branch secretary"}, ("MS06", "MS14")),
        "population": Population({"zh": "居民", "en": "residents"}, 8900, 7000),
        "tier": "committee",
        **changes,
    }
    return study(**values)


def a_survey() -> tuple:
    """A survey of 400 invented respondents by sex, without units, calendar, claims or plan."""
    answered = {("female", 1): 90, ("female", 0): 130, ("male", 1): 60, ("male", 0): 120}
    counted = pd.DataFrame(
        [
            {"outcome": "volunteer", "branch": "", "group": "", "sex": sex, "due": 1,
             "attended": attended, "members": members}
            for (sex, attended), members in answered.items()
        ]
    )  # fmt: skip
    outcome = _made(
        Outcome, name="volunteer", kind="column", primary=True, smallest_difference=0.1,
        took_part=("yes",), label={"zh": "愿意参加研究", "en": "volunteering for research"},
    )  # fmt: skip
    surveyed = a_study(
        title={"zh": "心理学研究志愿调查", "en": "Volunteering for research"},
        organisation={"zh": "调查组", "en": "the survey team"},
        people={"zh": "受访者", "en": "respondents"},
        factors={"sex": FACTORS["sex"]}, outcomes={"volunteer": outcome}, units=(), segments=(),
        calendar=None, claims=(), plan=None, population=None,
    )  # fmt: skip
    gap = row("volunteer", "sex", "female|male", "risk_difference", 90 / 220 - 60 / 180, 0.09, 400,
              150, "cannot_be_told") | {"p0": 60 / 180, "p1": 90 / 220, "detectable": 0.14}  # fmt: skip
    listed = pd.DataFrame({"item": ["rows_on_roster", "member"], "rows": [400, 400]})
    return surveyed, {"cells": counted, "findings": pd.DataFrame([gap]), "reconciliation": listed}


def people(members: int = 173, seed: int = 7) -> pd.DataFrame:
    """Invented members with 34 sessions each; one row per member."""
    chance = np.random.default_rng(seed)
    age = chance.choice(AGES, members, p=[0.13, 0.42, 0.28, 0.17])
    limited = chance.random(members) < np.where(age == "75+", 0.5, 0.06)
    rate = np.where(limited, 0.35, np.where(age == "18-35", 0.5, 0.66))
    rate = np.clip(rate + chance.normal(0, 0.12, members), 0.05, 0.97)
    return pd.DataFrame(
        {
            "branch": chance.choice([unit.code for unit in UNITS], members),
            "group": "",
            "age_band": age,
            "sex": chance.choice(["male", "female"], members, p=[0.6, 0.4]),
            "mobility": np.where(limited, "limited", "full"),
            "present": chance.random(members) >= 0.05,
            "attended": chance.binomial(34, rate),
            "volunteers": chance.random(members) < 0.12,
        }
    )


def cells(members: pd.DataFrame, *, two_populations: bool = False) -> pd.DataFrame:
    """The two outcomes of the invented members, counted as the analysis room counts them."""
    keys = ["branch", "group", *FACTORS]
    due = members.loc[members["present"]]
    panel = due.assign(outcome="attendance", due=34)
    listed = members if two_populations else due
    listed = listed.assign(outcome="volunteering", due=1, attended=lambda t: t["volunteers"] * 1)
    slots = ["outcome", *keys, "due", "attended"]
    return pd.concat([panel, listed]).groupby(slots).size().rename("members").reset_index()


def tables(seed: int = 7) -> dict[str, pd.DataFrame]:
    """All that the analysis room could hand over, invented."""
    counted = cells(people(seed=seed))
    return {
        "cells": counted,
        "findings": findings(counted),
        "segments": segments(counted),
        "plan": plan(),
        "completeness": completeness(),
        "reconciliation": pd.DataFrame(
            {
                "item": ["rows_on_roster", "doubled", "deceased", "member", "stated"],
                "rows": [176, 2, 1, 173, 173],
            }
        ),
    }


def findings(counted: pd.DataFrame) -> pd.DataFrame:
    rows = []
    own = families.summed(counted).loc[counted["outcome"] == "attendance"]
    for name, declared in FACTORS.items():
        sums = own.groupby(name)[["due", "attended", "members"]].sum()
        share = sums["attended"] / sums["due"]
        for level in declared.levels:
            spread = 0.9 / np.sqrt(sums["members"][level])
            rows.append(
                row("attendance", name, level, "prevalence", share[level], spread / 2,
                    sums["members"][level], sums["attended"][level], "described")
            )  # fmt: skip
            if level == declared.reference:
                continue
            gap = share[level] - share[declared.reference]
            code = "clear" if abs(gap) > spread else "cannot_be_told"
            rows.append(
                row("attendance", name, f"{level}|{declared.reference}", "risk_difference", gap,
                    spread, own["members"].sum(), own["attended"].sum(), code)
                | {"p0": share[declared.reference], "p1": share[level], "detectable": 0.14}
            )  # fmt: skip
    base = row("volunteering", "population", "members|residents", "rate_ratio", 4.0, 1.0, 173, 19,
               "clear") | {"p0": 0.0118, "p1": 19 / 173, "expected": 2.02, "participants": 104}  # fmt: skip
    old = row("attendance", "mostly_old", "", "share", 0.44, 0.08, 159, 70, "does_not_hold")
    mind = row("", "weak_will", "", "share", np.nan, np.nan, 0, 0, "not_observable")
    return pd.DataFrame([*rows, base, old, mind])


def row(outcome, term, contrast, estimand, estimate, spread, members, events, verdict) -> dict:
    return {
        "outcome": outcome, "term": term, "contrast": contrast, "estimand": estimand,
        "estimate": estimate, "std_error": spread / 2, "conf_low": estimate - spread,
        "conf_high": estimate + spread, "p_value": 0.2, "members": int(members),
        "events": int(events), "method": "firth", "verdict": verdict,
    }  # fmt: skip


def segments(counted: pd.DataFrame) -> pd.DataFrame:
    own = families.summed(counted).loc[counted["outcome"] == "attendance"]
    slow = own.loc[own["mobility"] == "limited", ["members", "due", "attended"]].sum()
    young = own.loc[(own["age_band"] == "18-35") & (own["sex"] == "male")]
    young = young[["members", "due", "attended"]].sum()
    return pd.DataFrame(
        [
            {"segment": "hard_to_come", "barrier": "B-CAPP", **slow, "verdict": "supported",
             "column_needed": ""},
            {"segment": "young", "barrier": "B-TIME", **young, "verdict": "not_testable_column",
             "column_needed": "available_times"},
        ]
    )  # fmt: skip


def plan() -> pd.DataFrame:
    rows = [
        {"segment": "hard_to_come", "barrier": "B-CAPP", "verdict": "supported", "measure": "MS06",
         "channel": "home visit", "units": 20, "hours": 30.0, "month": "2023-03",
         "indicator": "visits_offered", "grade": "B"},
        {"segment": "young", "barrier": "B-TIME", "verdict": "not_testable_column",
         "measure": "MS14", "channel": "in person", "units": 4, "hours": 16.0, "month": "2023-02",
         "indicator": "posts_claimed", "grade": "C"},
    ]  # fmt: skip
    same = {
        "owner": "支部书记",
        "until": "2023-12",
        "review_month": "2023-06",
        "stop": "plan.stop",
        "kept_at": 0.5,
    }
    return pd.DataFrame(rows).assign(**same)


def completeness() -> pd.DataFrame:
    rows = [
        ("sessions", "general_meeting", "b1", 12, 12), ("sessions", "general_meeting", "b2", 12, 9),
        ("sessions", "theme_day", "b1", 12, 11), ("sessions", "theme_day", "b2", 12, 12),
        ("sessions", "lesson", "b1", 4, 4), ("sessions", "lesson", "b2", 4, 2),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["test", "duty_type", "branch", "expected", "recorded"])
    share = frame["recorded"] / frame["expected"]
    return frame.assign(share=share, verdict=np.where(share == 1, "complete", "incomplete"))
