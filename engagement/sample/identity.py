"""Identity numbers and telephone numbers of people who do not exist.

Enters: births, sexes, villages and a generator of chance.
Leaves: 18-digit identity numbers that pass the check of GB 11643-1999, and mobile numbers.
Refuses: real counties: prefectures 95 to 98 are assigned to no place, so no number is a person's.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS = np.array(list("10X98765432"))
PROVINCES = (
    "32", "33", "34", "31", "36", "37", "41", "42", "43", "35", "51", "61", "11", "12", "13", "14",
    "15", "21", "22", "23", "44", "45", "46", "50", "52", "53", "54", "62", "63", "64", "65",
)  # fmt: skip
PREFECTURES = ("98", "97", "96", "95")
MOBILE = ("135", "136", "137", "138", "139", "150", "151", "158", "159", "177", "180", "186", "189")


def check_character(seventeen: pd.Series) -> pd.Series:
    """The 18th character of each 17-digit number (GB 11643-1999, ISO 7064 MOD 11-2)."""
    digits = seventeen.to_numpy(dtype="U17").view("U1").reshape(-1, 17).astype(int)
    return pd.Series(CHECKS[digits @ WEIGHTS % 11], index=seventeen.index, dtype="str")


def completed(seventeen: pd.Series) -> pd.Series:
    """18-character numbers from their first 17 digits."""
    return seventeen + check_character(seventeen)


def regions(village_no: np.ndarray, batch: int) -> pd.Series:
    """A county code of its own per village and batch, in a prefecture that does not exist."""
    step, province = divmod(batch, len(PROVINCES))
    step, block = divmod(step, 14)
    prefecture = PROVINCES[province] + PREFECTURES[step % len(PREFECTURES)]
    return pd.Series(7 * block + village_no + 1).astype("str").str.zfill(2).radd(prefecture)


def numbers(
    region: pd.Series, birth_date: pd.Series, male: np.ndarray, rng: np.random.Generator
) -> pd.Series:
    """One valid identity number per person, all different."""
    first = region + birth_date.dt.strftime("%Y%m%d")
    order = _orders(male, rng)
    again = (first + order).duplicated().to_numpy()
    while again.any():
        order = order.mask(again, _orders(male, rng))
        again = (first + order).duplicated().to_numpy()
    return completed(first + order)


def _orders(male: np.ndarray, rng: np.random.Generator) -> pd.Series:
    drawn = rng.integers(0, 480, len(male)) * 2 + np.asarray(male, dtype=int)
    return pd.Series(drawn).astype("str").str.zfill(3)


def mobiles(size: int, rng: np.random.Generator) -> pd.Series:
    """One mobile number per person."""
    rest = pd.Series(rng.integers(0, 10**8, size)).astype("str").str.zfill(8)
    return pd.Series(rng.choice(MOBILE, size), dtype="str") + rest
