"""Names as they were given: surnames by nation and village clan, given names by cohort and sex.

Enters: villages, sexes, birth years and a generator of chance.
Leaves: surname and given name, one row per person.
Refuses: nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.sample import settings


def drawn(
    village: pd.Series, sex: pd.Series, birth_year: pd.Series, rng: np.random.Generator
) -> pd.DataFrame:
    """One row per person: surname, given."""
    parts = settings.table("names")
    size = len(village)
    surname = pd.Series(_national(size, rng), index=village.index, dtype="str")
    in_clan = rng.random(size) < parts["clan_share"]
    house = rng.integers(0, 2, size)
    clans = {code: np.array(pair) for code, pair in parts["clans"].items()}
    for code, pair in clans.items():
        of_clan = in_clan & (village == code).to_numpy()
        surname = surname.mask(of_clan, pd.Series(pair[house], index=surname.index))
    given = _given(sex, birth_year, rng)
    generation = _generation(village, birth_year, house)
    bears = in_clan & (rng.random(size) < parts["generation_share"])
    given = given.mask(bears, generation + given.str[-1:])
    return pd.DataFrame({"surname": surname, "given": given})


def _national(size: int, rng: np.random.Generator) -> np.ndarray:
    surnames = codebook.surnames()
    surnames = surnames[surnames["surname"].str.len() == 1]
    share = surnames["share"].to_numpy(dtype=float)
    return rng.choice(surnames["surname"].to_numpy(dtype="U1"), size, p=share / share.sum())


def _given(sex: pd.Series, birth_year: pd.Series, rng: np.random.Generator) -> pd.Series:
    given = pd.Series("", index=sex.index, dtype="str")
    since = 0
    for cohort in settings.table("names")["cohort"]:
        born = birth_year.between(since, cohort["until"])
        for code in ("male", "female"):
            rows = (born & (sex == code)).to_numpy()
            given = given.mask(rows, _two_or_one(list(cohort[code]), cohort["single"], sex, rng))
        since = cohort["until"] + 1
    return given


def _two_or_one(
    characters: list[str], single: float, like: pd.Series, rng: np.random.Generator
) -> pd.Series:
    size = len(like)
    first = pd.Series(rng.choice(characters, size), index=like.index, dtype="str")
    second = pd.Series(rng.choice(characters, size), index=like.index, dtype="str")
    return first.where(rng.random(size) < single, first + second)


def _generation(village: pd.Series, birth_year: pd.Series, house: np.ndarray) -> pd.Series:
    parts = settings.table("names")
    characters = np.array(list(parts["generation"]))
    village_no = village.map({code: no for no, code in enumerate(parts["clans"])}).to_numpy(int)
    which = (birth_year.to_numpy() // 22 + 2 * village_no + house) % len(characters)
    return pd.Series(characters[which], index=village.index, dtype="str")
