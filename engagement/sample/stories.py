"""The members with a story: away, excused, listed twice, of one name, sharing a telephone.

Enters: members as drawn, and a generator of chance.
Leaves: members with units, stories and canaries, one row per person; the deceased comes last.
Refuses: nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.sample import identity, population, settings, units


def members(size: int, rng: np.random.Generator) -> pd.DataFrame:
    """The members and the deceased who is still listed, one row per person.

    Adds to population.members: person_id, member, branch, group, is_mobile, excused, due, remark,
    listed_also (a second branch, for the one who moved), asked, canary.
    """
    story = settings.table("story")["stories"]
    listed = population.members(size, 0, rng)
    listed = in_units(listed, units.tree(size))
    listed = listed.assign(
        member="yes", is_mobile="no", excused="no", asked="no", remark="", listed_also="", canary=""
    )
    listed = _with_canaries(listed, rng)
    free = (listed["canary"] == "").to_numpy(copy=True)
    for kind, tell in _TALES.items():
        listed = tell(listed.copy(), free, settings.scaled(story[kind], size), rng)
    listed = pd.concat([listed, *_deceased(size, rng)], ignore_index=True)
    due = (listed["member"] == "yes") & (listed["is_mobile"] == "no") & (listed["excused"] == "no")
    return listed.assign(
        due=np.where(due, "yes", "no"),
        person_id=person_ids("M", len(listed)),
        volunteer="no",
    )


def person_ids(letter: str, size: int) -> pd.Series:
    """Numbers of people in the truth, such as M0001."""
    return pd.Series(np.arange(1, size + 1)).astype("str").str.zfill(4).radd(letter)


def in_units(listed: pd.DataFrame, groups: pd.DataFrame) -> pd.DataFrame:
    """The members with the branch and group of their place in the tree."""
    place = np.repeat(np.arange(len(groups)), groups["size"])
    columns = ["branch", "group", "branch_no", "group_no"]
    return pd.concat([listed, groups[columns].iloc[place].reset_index(drop=True)], axis=1)


def renamed(people: pd.DataFrame, rows: np.ndarray, named: pd.DataFrame) -> pd.DataFrame:
    """People with another name, telephone, address and number at `rows` (canaries)."""
    changed = people.copy()
    changed.loc[rows, "name"] = named["name"].to_numpy()
    changed.loc[rows, "surname"] = named["name"].str[:2].to_numpy()
    changed.loc[rows, "given"] = named["name"].str[2:].to_numpy()
    changed.loc[rows, "phone"] = named["phone"].to_numpy()
    changed.loc[rows, "address"] = _far_addresses(named).to_numpy()
    changed.loc[rows, "canary"] = named["name"].to_numpy()
    born = changed.loc[rows, "birth_date"].dt.strftime("%Y%m%d").reset_index(drop=True)
    male = (changed.loc[rows, "sex"] == "male").to_numpy()
    order = pd.Series(980 + 2 * (np.arange(len(rows)) % 9) + male).astype("str")
    changed.loc[rows, "id_number"] = identity.completed("329899" + born + order).to_numpy()
    return changed


def _far_addresses(named: pd.DataFrame) -> pd.Series:
    parts = named[["building"]].assign(entrance="9", floor="98", door="9")
    return population.filled(settings.table("office")["places"]["address"], parts)


def _with_canaries(listed: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    named = settings.canaries().query("role == 'member'")
    grown = listed["age"].between(30, 72) & (listed["activity_ability"] == "full")
    rows = np.sort(rng.choice(np.flatnonzero(grown), len(named), replace=False))
    listed = renamed(listed, rows, named.reset_index(drop=True))
    minority = listed["name"].str.contains("·", regex=False)
    return listed.assign(ethnicity=listed["ethnicity"].mask(minority, "other"))


def _taken(eligible: np.ndarray, free: np.ndarray, count: int, rng: np.random.Generator):
    rows = rng.choice(np.flatnonzero(eligible & free), count, replace=False)
    free[rows] = False
    return np.sort(rows)


def _probationary(listed, free, count, rng):
    rows = _taken((listed["age"] < 32).to_numpy(), free, count, rng)
    day = pd.Timestamp(settings.first_year() - 1, 12, 20)
    listed.loc[rows, ["member_type", "join_date"]] = ["probationary", day]
    return listed


def _mobile(listed, free, count, rng):
    works = listed["employment"].isin(["working", "self_employed"]) & (listed["age"] < 56)
    rows = _taken(works.to_numpy(), free, count, rng)
    listed.loc[rows, "is_mobile"] = "yes"
    listed.loc[rows[::2], "remark"] = settings.table("office")["remarks"]["mobile"]
    return listed


def _excused(listed, free, count, rng):
    frail = listed["activity_ability"].map({"full": 0, "limited": 1, "housebound": 2})
    order = np.lexsort((-listed["age"], -frail))
    rows = [row for row in order if free[row]][:count]
    free[rows] = False
    remarks = settings.table("office")["remarks"]["excused"]
    listed.loc[rows, "excused"] = "yes"
    listed.loc[rows, "remark"] = [remarks[i % len(remarks)] for i in range(count)]
    return listed


def _moved(listed, free, count, rng):
    if listed["branch"].nunique() < 2:
        return listed
    rows = _taken(listed["age"].between(40, 70).to_numpy(), free, count, rng)
    branches = listed["branch"].unique()
    remark = settings.table("office")["remarks"]["moved_in"]
    for row in rows:
        old = rng.choice(branches[branches != listed.loc[row, "branch"]])
        listed.loc[row, "listed_also"] = old
        listed.loc[row, "remark"] = remark.format(branch=units.name("branch", int(old[1:])))
    return listed


def _couples(listed, free, count, rng):
    old = (listed["age"] >= 58).to_numpy()
    men = _taken(old & (listed["sex"] == "male").to_numpy(), free, count, rng)
    women = _taken(old & (listed["sex"] == "female").to_numpy(), free, count, rng)
    men, women = (rows[np.argsort(listed["age"].to_numpy()[rows])] for rows in (men, women))
    for column in ("phone", "address", "origin_village"):
        listed.loc[women, column] = listed.loc[men, column].to_numpy()
    return listed


def _namesakes(listed, free, count, rng):
    grown = listed["age"].between(45, 70).to_numpy()
    for _ in range(count):
        first = _taken(grown, free, 1, rng)[0]
        if not (_near(listed, first) & free).any():
            free[first] = True
            alone = listed[free].groupby(["group", "sex"])["age"].transform("size") < 2
            first = _taken(grown & ~alone.reindex(listed.index, fill_value=True), free, 1, rng)[0]
        second = _taken(_near(listed, first), free, 1, rng)[0]
        columns = ["name", "surname", "given"]
        listed.loc[second, columns] = listed.loc[first, columns].to_numpy()
    return listed


def _near(listed: pd.DataFrame, row: int) -> np.ndarray:
    """Who is of the same group and sex."""
    return (listed[["group", "sex"]] == listed.loc[row, ["group", "sex"]]).all(axis=1).to_numpy()


def _remarks(listed, free, count, rng):
    rows = _taken(listed["age"].between(30, 75).to_numpy(), free, count, rng)
    listed.loc[rows, "remark"] = rng.choice(settings.table("office")["remarks"]["ordinary"], count)
    return listed


_TALES = {
    "probationary": _probationary,
    "mobile": _mobile,
    "excused": _excused,
    "moved": _moved,
    "couples": _couples,
    "namesakes": _namesakes,
    "remarks": _remarks,
}


def _deceased(size: int, rng: np.random.Generator) -> list[pd.DataFrame]:
    count = settings.scaled(settings.table("story")["stories"]["deceased"], size)
    if not count:
        return []
    groups = units.tree(size).tail(count).assign(size=1)
    drawn = population.members(20 * count, len(identity.PROVINCES), rng)
    drawn = drawn.nlargest(count, "age").reset_index(drop=True)
    return [
        in_units(drawn, groups).assign(
            member="no",
            is_mobile="no",
            excused="no",
            asked="no",
            listed_also="",
            canary="",
            remark=settings.table("office")["remarks"]["deceased"],
        )
    ]
