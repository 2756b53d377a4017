"""Who lives here: people with ages, names, numbers and addresses, and what members also have.

Enters: ages or a number of members, and a generator of chance.
Leaves: people, one row per person, every value in its canonical form.
Refuses: nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.sample import identity, naming, settings
from engagement.sample.dirt import filled


def people(ages: np.ndarray, women: float, batch: int, rng: np.random.Generator) -> pd.DataFrame:
    """One row per person: sex, birth_date, age, origin_village, surname, given, name,
    id_number, phone, address, ethnicity. `women` is their share; `batch` keeps numbers apart."""
    size = len(ages)
    year = settings.first_year() - np.asarray(ages)
    birth_date = pd.Series(_days(year, rng.integers(0, 365, size)))
    male = rng.random(size) >= women
    villages = settings.table("office")["villages"]
    share = np.array([village[2] for village in villages.values()])
    village_no = rng.choice(len(villages), size, p=share / share.sum())
    village = pd.Series(np.array(list(villages))[village_no], dtype="str")
    sex = pd.Series(np.where(male, "male", "female"), dtype="str")
    called = naming.drawn(village, sex, pd.Series(year), rng)
    return called.assign(
        name=called["surname"] + called["given"],
        sex=sex,
        birth_date=birth_date,
        age=np.asarray(ages),
        ethnicity="han",
        origin_village=village,
        id_number=identity.numbers(identity.regions(village_no, batch), birth_date, male, rng),
        phone=identity.mobiles(size, rng),
        address=_addresses(size, rng),
    )


def members(size: int, batch: int, rng: np.random.Generator) -> pd.DataFrame:
    """`size` members in the age mix of the story: people with education, employment,
    activity_ability, join_date and member_type."""
    ages = _ages(size, rng)
    everyone = people(ages, settings.table("story")["stories"]["women_share"], batch, rng)
    return everyone.assign(
        education=_education(ages, rng),
        employment=_by_age("employment", ages, rng),
        activity_ability=_abilities(ages, rng),
        member_type="full",
        join_date=_join_dates(ages, rng),
    )


def _ages(size: int, rng: np.random.Generator) -> np.ndarray:
    bands = np.array(settings.table("story")["ages"]["bands"])
    band = np.repeat(np.arange(len(bands)), settings.apportioned(bands[:, 2], size))
    low, high = bands[band, 0].astype(int), bands[band, 1].astype(int)
    return rng.permutation(rng.integers(low, high + 1))


def _days(year: np.ndarray, day: np.ndarray) -> np.ndarray:
    return year.astype("U4").astype("datetime64[Y]").astype("datetime64[D]") + day


def _addresses(size: int, rng: np.random.Generator) -> pd.Series:
    floors = rng.integers(1, 7, size)
    numbers = {
        "building": rng.integers(1, 138, size),
        "entrance": rng.integers(1, 5, size),
        "floor": floors,
        "door": rng.integers(1, 3, size),
    }
    parts = pd.DataFrame(numbers).astype("str")
    return filled(settings.table("office")["places"]["address"], parts)


def _education(ages: np.ndarray, rng: np.random.Generator) -> pd.Series:
    levels = settings.table("story")["education"]
    rank = rng.standard_normal(len(ages)) - levels["age_pull"] * ages
    counts = settings.apportioned(levels["shares"], len(ages))
    in_order = np.repeat(np.array(levels["order"]), counts)
    level = np.empty_like(in_order)
    level[np.argsort(rank, kind="stable")] = in_order
    return pd.Series(level, dtype="str")


def _by_age(name: str, ages: np.ndarray, rng: np.random.Generator) -> pd.Series:
    settled = settings.table("story")[name]
    bands = np.array(settled["bands"])
    share = bands[np.searchsorted(bands[:, 0], ages, side="right") - 1, 1:]
    chosen = (rng.random(len(ages))[:, None] > np.cumsum(share, axis=1)).sum(axis=1)
    codes = np.array(settled["codes"])
    return pd.Series(codes[np.minimum(chosen, len(codes) - 1)], dtype="str")


def _abilities(ages: np.ndarray, rng: np.random.Generator) -> pd.Series:
    bands = np.array(settings.table("story")["activity_ability"]["bands"])
    share = bands[np.searchsorted(bands[:, 0], ages, side="right") - 1, 1:]
    drawn = rng.random(len(ages))
    housebound = drawn < share[:, 1]
    limited = ~housebound & (drawn < share.sum(axis=1))
    return pd.Series(
        np.select([housebound, limited], ["housebound", "limited"], "full"), dtype="str"
    )


def _join_dates(ages: np.ndarray, rng: np.random.Generator) -> pd.Series:
    latest = np.maximum(ages - 1, 19)
    age_at = np.minimum(19 + rng.gamma(2.0, 5.0, len(ages)).astype(int), latest)
    year = settings.first_year() - ages + age_at
    year = np.minimum(year, settings.first_year() - 1)
    return pd.Series(_days(year, rng.integers(0, 365, len(ages))))
