"""Two rosters that are hard to link, and the truth: the measure that linkage is held against.

Enters: a seed, and rates that replace those of hard_cases.toml.
Leaves: members, volunteers as cleaned records, and the pairs of rows that are one person.
Refuses: a rate that it does not know (KeyError).
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
import opencc
import pandas as pd
import pypinyin

from engagement.sample import identity, population, settings

_LEVEL_ONE = range(0xB0A1, 0xD7FA)


class HardCase(NamedTuple):
    """`truth`: one row per volunteer, columns relation, member (position, -1 for nobody)."""

    members: pd.DataFrame
    volunteers: pd.DataFrame
    truth: pd.DataFrame


def rosters(seed: int, **changes: float) -> HardCase:
    """Both rosters and their truth, the same for the same seed and rates.

    Relations: same (the member), child, spouse, sibling, namesake, none. Records are as clean
    leaves them: name, phone, id_number, birth_date, sex, origin_village, and their place.
    """
    rates = settings.table("hard_cases")
    unknown = set(changes) - set(rates)
    if unknown:
        raise KeyError(f"no such rates: {sorted(unknown)}")
    rates = {**rates, **changes}
    rng = np.random.default_rng(seed)
    members = _members(rates, rng)
    others, truth = _volunteers(members, rates, rng)
    order = rng.permutation(len(others))
    written = _as_typed(others.iloc[order].reset_index(drop=True), rates, rng)
    return HardCase(
        _records(_with_gaps(members, rates, rng), "members.xlsx"),
        _records(written, "volunteers.csv"),
        truth.iloc[order].reset_index(drop=True),
    )


def _members(rates: dict, rng: np.random.Generator) -> pd.DataFrame:
    ages = np.clip(rng.normal(66, 13, rates["members"]), 19, 95).astype(int)
    members = population.people(ages, 0.35, 1, rng)
    pairs = rng.permutation(len(members))[: 2 * rates["shared_phones"]].reshape(-1, 2)
    members.loc[pairs[:, 0], "phone"] = members.loc[pairs[:, 1], "phone"].to_numpy()
    return members


def _volunteers(members: pd.DataFrame, rates: dict, rng: np.random.Generator) -> tuple:
    more = rng.binomial(rates["overlap_more"], rates["overlap_share"])
    own = rng.choice(len(members), rates["overlap_least"] + more, replace=False)
    parts = [(members.iloc[own], "same", own)]
    for batch, (name, (relation, made)) in enumerate(KINDS.items(), start=2):
        anchors = rng.choice(len(members), rates[name], replace=False)
        anchor = members.iloc[anchors].reset_index(drop=True)
        parts.append((made(anchor, batch, rng), relation, np.full(len(anchors), -1)))
    rest = rates["volunteers"] - sum(len(people) for people, _, _ in parts)
    strangers = population.people(rng.integers(18, 75, max(0, rest)), 0.55, 9, rng)
    parts.append((strangers, "none", np.full(len(strangers), -1)))
    people = pd.concat([people for people, _, _ in parts], ignore_index=True)
    relation = np.repeat([name for _, name, _ in parts], [len(people) for people, _, _ in parts])
    member = np.concatenate([at for _, _, at in parts])
    return people, pd.DataFrame({"relation": relation, "member": member})


def _aged(anchor: pd.DataFrame, low: int, high: int, batch: int, rng) -> pd.DataFrame:
    ages = np.maximum(18, anchor["age"].to_numpy() + rng.integers(low, high + 1, len(anchor)))
    return population.people(ages, 0.5, batch, rng)


def _child(anchor: pd.DataFrame, batch: int, rng) -> pd.DataFrame:
    shared = ["surname", "phone", "origin_village"]
    return _named(_sharing(_aged(anchor, -32, -22, batch, rng), anchor, shared))


def _spouse(anchor: pd.DataFrame, batch: int, rng) -> pd.DataFrame:
    people = _sharing(_aged(anchor, -4, 4, batch, rng), anchor, ["phone", "origin_village"])
    other = anchor["sex"].map({"male": "female", "female": "male"})
    return _of_sex(people.assign(sex=other))


def _sibling(anchor: pd.DataFrame, batch: int, rng) -> pd.DataFrame:
    people = _sharing(_aged(anchor, -7, 7, batch, rng), anchor, ["surname", "origin_village"])
    return _named(people.assign(given=anchor["given"].str[:1] + people["given"].str[-1:]))


def _namesake(anchor: pd.DataFrame, batch: int, rng) -> pd.DataFrame:
    shared = ["surname", "given", "sex"]
    return _of_sex(_named(_sharing(_aged(anchor, -25, 9, batch, rng), anchor, shared)))


def _namesake_next_door(anchor: pd.DataFrame, batch: int, rng) -> pd.DataFrame:
    return _sharing(_namesake(anchor, batch, rng), anchor, ["origin_village"])


KINDS = {
    "children": ("child", _child),
    "spouses": ("spouse", _spouse),
    "siblings": ("sibling", _sibling),
    "namesakes": ("namesake", _namesake),
    "namesakes_next_door": ("namesake", _namesake_next_door),
}


def _sharing(people: pd.DataFrame, anchor: pd.DataFrame, shared: list[str]) -> pd.DataFrame:
    return people.assign(**{name: anchor[name].to_numpy() for name in shared})


def _named(people: pd.DataFrame) -> pd.DataFrame:
    return people.assign(name=people["surname"] + people["given"])


def _of_sex(people: pd.DataFrame) -> pd.DataFrame:
    order = people["id_number"].str[14:17].astype(int) // 2 * 2 + (people["sex"] == "male")
    first = people["id_number"].str[:14] + order.astype("str").str.zfill(3)
    return people.assign(id_number=identity.completed(first))


def _with_gaps(members: pd.DataFrame, rates: dict, rng: np.random.Generator) -> pd.DataFrame:
    born = members["birth_date"].dt.strftime("%Y-%m-%d")
    columns = {"phone": members["phone"], "id_number": members["id_number"], "birth_date": born}
    missing = ("member_phone_missing", "member_id_missing", "member_birth_missing")
    kept = {
        name: column.where(rng.random(len(members)) >= rates[rate])
        for (name, column), rate in zip(columns.items(), missing, strict=True)
    }
    return members.assign(**kept)


def _as_typed(people: pd.DataFrame, rates: dict, rng: np.random.Generator) -> pd.DataFrame:
    """What volunteers write: gaps, changed phones, masked numbers, and names as a clerk types."""

    def some(rate: str) -> np.ndarray:
        return rng.random(len(people)) < rates[rate]

    changed = pd.Series(identity.mobiles(len(people), rng))
    phone = people["phone"].mask(some("phone_changed"), changed)
    phone = phone.mask(some("phone_one_digit"), _one_digit(phone, 3, rng))
    number = people["id_number"]
    number = number.mask(some("id_one_digit"), _one_digit(number, 14, rng))
    number = number.mask(some("id_masked"), number.str[:6] + "********" + number.str[14:])
    born = people["birth_date"].dt.strftime("%Y-%m-%d")
    born = born.mask(some("birth_month"), born.str[:7]).mask(some("birth_year"), born.str[:4])
    return people.assign(
        name=_names_typed(people["name"], rates, rng),
        phone=phone.where(some("phone")),
        id_number=number.where(some("id_number")),
        birth_date=born.where(some("birth")),
        sex=people["sex"].where(some("sex")),
        origin_village=people["origin_village"].where(some("village")),
    )


def _one_digit(text: pd.Series, since: int, rng: np.random.Generator) -> pd.Series:
    """Another digit at one place from `since` on."""
    width = int(text.str.len().max())
    letters = text.to_numpy(dtype=f"U{width}").view("U1").reshape(-1, width).copy()
    place = rng.integers(since, min(width, 17), len(text))
    rows = np.arange(len(text))
    digit = (letters[rows, place].astype(int) + rng.integers(1, 10, len(text))) % 10
    letters[rows, place] = digit.astype("U1")
    return pd.Series(["".join(row) for row in letters], index=text.index, dtype="str")


def _names_typed(names: pd.Series, rates: dict, rng: np.random.Generator) -> pd.Series:
    kinds = ("name_homophone", "name_traditional", "name_spaced", "name_wrong")
    shares = np.cumsum([rates[kind] for kind in kinds])
    kind = np.searchsorted(shares, rng.random(len(names)), side="right")
    chance = rng.random((len(names), 2))
    typed = [_typed(*row) for row in zip(names, kind, *chance.T, strict=True)]
    return pd.Series(typed, index=names.index, dtype="str")


def _typed(name: str, kind: int, where: float, which: float) -> str:
    if kind == 1:
        return _traditional().convert(name)
    if kind == 2:
        return name[0] + " " + name[1:]
    if kind > 3:
        return name
    at = int(where * len(name)) if kind == 0 else 1 + int(where * (len(name) - 1))
    like = _alike(name[at]) if kind == 0 else _characters()
    others = [character for character in like if character != name[at]]
    return name[:at] + others[int(which * len(others))] + name[at + 1 :] if others else name


def _alike(character: str) -> list[str]:
    """Common characters with the same first reading."""
    return _by_reading()[_reading(character)]


@functools.cache
def _by_reading() -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for character in _characters():
        table.setdefault(_reading(character), []).append(character)
    return table


@functools.cache
def _characters() -> list[str]:
    """The 3,755 common characters (GB 2312-80, level 1)."""
    codes = [code.to_bytes(2, "big") for code in _LEVEL_ONE if code & 0xFF in range(0xA1, 0xFF)]
    return [text for code in codes if (text := code.decode("gb2312", "ignore"))]


@functools.cache
def _reading(character: str) -> str:
    return pypinyin.lazy_pinyin(character)[0]


@functools.cache
def _traditional() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")


def _records(people: pd.DataFrame, file: str) -> pd.DataFrame:
    columns = ["name", "phone", "id_number", "birth_date", "sex", "origin_village"]
    phone = "+86" + people["phone"]
    place = {"source_file": file, "sheet": "", "row": np.arange(2, len(people) + 2)}
    return people.assign(phone=phone)[columns].astype("str").assign(**place)
