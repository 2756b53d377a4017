"""Who signed up to help: members, their families and namesakes, residents; some of them twice.

Enters: members with their stories, and a generator of chance.
Leaves: volunteers, one row per person, and sign-ups, one row per person and corps.
Refuses: nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.sample import identity, population, settings, stories

KIN = {
    "children": ("child", (-32, -23), ["phone", "origin_village", "surname"]),
    "spouses": ("spouse", (-4, 4), ["phone", "origin_village", "address"]),
    "siblings": ("sibling", (-7, 7), ["surname", "origin_village"]),
    "namesakes": ("namesake", (-25, -9), ["surname", "given", "sex"]),
}


def asked(members: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """Whether each member was asked in person to volunteer; no roster records it."""
    share = settings.table("story")["volunteers"]["asked_share"]
    able = (members["due"] == "yes") & (members["activity_ability"] == "full")
    return pd.Series(np.where(able & (rng.random(len(members)) < share), "yes", "no"), dtype="str")


def members_among(members: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The members who signed up: being asked multiplies the odds."""
    told = settings.table("story")["volunteers"]
    count = settings.scaled(told["members"], int((members["member"] == "yes").sum()))
    able = (members["due"] == "yes") & (members["activity_ability"] == "full")
    weight = np.where(able, np.where(members["asked"] == "yes", told["asked_odds"], 1.0), 0.0)
    rows = rng.choice(len(members), count, replace=False, p=weight / weight.sum())
    return members.iloc[np.sort(rows)].assign(relation="same", related_to="")


def residents(
    members: pd.DataFrame, count: int, young: int, rng: np.random.Generator
) -> pd.DataFrame:
    """`count` volunteers who are no members, at least `young` of them young: the kin and
    namesakes of members first."""
    told = settings.table("story")["volunteers"]
    size = int((members["member"] == "yes").sum())
    kin = [_kin(members, kind, settings.scaled(told[kind], size), rng) for kind in KIN]
    kin = pd.concat(kin, ignore_index=True)
    young = max(0, young - int((kin["age"] <= told["youth_age"]).sum()))
    rest = count - len(kin)
    ages = np.where(
        np.arange(rest) < young,
        rng.integers(18, told["youth_age"] + 1, rest),
        rng.integers(told["youth_age"] + 1, 74, rest),
    )
    others = population.people(ages, 0.55, 30, rng).assign(relation="none", related_to="")
    everyone = pd.concat([kin, others], ignore_index=True).assign(
        member="no", canary="", person_id=lambda table: stories.person_ids("R", len(table))
    )
    named = settings.canaries().query("role == 'resident'").reset_index(drop=True)
    rows = np.flatnonzero(everyone["relation"] == "none")[:: max(1, rest // len(named))]
    return stories.renamed(everyone, rows[: len(named)], named[: len(rows)])


def _kin(members: pd.DataFrame, kind: str, count: int, rng: np.random.Generator) -> pd.DataFrame:
    relation, (least, most), shared = KIN[kind]
    anchors = (members["canary"] == "") & (members["member"] == "yes")
    anchors &= members["age"].between(44 if most < -8 else 30, 78 if most < -8 else 64)
    rows = np.sort(rng.choice(np.flatnonzero(anchors), count, replace=False))
    anchor = members.iloc[rows].reset_index(drop=True)
    ages = np.maximum(18, anchor["age"].to_numpy() + rng.integers(least, most + 1, count))
    batch = 40 + 2 * list(KIN).index(kind)
    people = population.people(ages, 0.5, batch, rng)
    people[shared] = anchor[shared].to_numpy()
    if relation == "sibling":
        people["given"] = anchor["given"].str[:1] + people["given"].str[-1:]
    if relation == "spouse":
        people["sex"] = anchor["sex"].map({"male": "female", "female": "male"})
    people["id_number"] = _of_sex(people)
    people["name"] = people["surname"] + people["given"]
    return people.assign(relation=relation, related_to=anchor["person_id"])


def _of_sex(people: pd.DataFrame) -> pd.Series:
    order = people["id_number"].str[14:17].astype(int) // 2 * 2 + (people["sex"] == "male")
    return identity.completed(people["id_number"].str[:14] + order.astype("str").str.zfill(3))


def sign_ups(people: pd.DataFrame, size: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per sign-up: the volunteers with their corps and hours; some joined both corps."""
    told = settings.table("story")["volunteers"]
    rows = settings.scaled(told["sign_ups"], size)
    youth = settings.scaled(told["youth_sign_ups"], size)
    both = rows - len(people)
    may_join = np.flatnonzero(people["age"] <= told["youth_age"])
    joined = rng.choice(may_join, min(youth, len(may_join)), replace=False)
    service = np.setdiff1d(np.arange(len(people)), joined[both:])
    order = np.concatenate([rng.permutation(service), joined])
    corps = np.repeat(["service", "youth"], [len(service), len(joined)])
    hours = rng.choice([1, 2, 2, 3, 4, 4, 6, 8, 10, 12, 16], len(order))
    return (
        people.iloc[order]
        .reset_index(drop=True)
        .assign(corps=corps, hours=hours)
        .drop(columns=["remark"], errors="ignore")
    )


def volunteers(members: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """The people who signed up, one row per person."""
    told = settings.table("story")["volunteers"]
    size = int((members["member"] == "yes").sum())
    own = members_among(members, rng)
    young = settings.scaled(told["youth_sign_ups"], size)
    young -= int((own["age"] <= told["youth_age"]).sum())
    others = residents(members, settings.scaled(told["people"], size) - len(own), young, rng)
    return pd.concat([own, others], ignore_index=True)
