"""Addresses as a household shares them: the same door, the same entrance, or elsewhere.

Enters: addresses as rosters write them.
Leaves: keys, one per address, and for pairs of keys how near they are.
Refuses: nothing; an address without a number in Han text is compared as written.
"""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import pandas as pd
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from engagement.records import resemblance

_SHARE = 0.3


def keys(written: pd.Series) -> pd.Series:
    """One key per address: the numbers of a Han address in their order (building-entrance-door),
    else its words in lower case."""
    told = {text: _key(text) for text in written.dropna().unique()}
    return written.astype(object).map(told).replace("", np.nan).astype("str")


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    parts = re.findall(r"[a-z]+|\d+", plain)
    worded = plain.isascii() and re.search("[a-z]", plain)
    if not worded and len(parts) > 1:
        return "-".join(parts)
    return " ".join(re.findall(r"\w+", plain))


def agreement(left: pd.Series, right: pd.Series, pairs: np.ndarray) -> np.ndarray:
    """0 same, 1 near, 2 other, -1 missing, one per row of `pairs`.

    Near: the same numbers but the last, or ASCII words within 3 edits in 10 letters.
    """
    found = np.full(len(pairs), resemblance.MISSING, dtype=np.int8)
    codes, texts = pd.factorize(pd.concat([left, right], ignore_index=True))
    a, b = codes[pairs[:, 0]], codes[pairs[:, 1] + len(left)]
    present = (a >= 0) & (b >= 0)
    if present.any():
        one, other = (texts.to_numpy(dtype=object)[side[present]] for side in (a, b))
        near = _near(one, other)
        found[present] = np.select([a[present] == b[present], near], [0, 1], 2)
    return found


def entrances(key: pd.Series) -> pd.Series:
    """What is left of a key of numbers without its last; missing for keys of words."""
    numbers = key.str.fullmatch(r"\w+(?:-\w+){2,}").eq(True)
    return key.str.rpartition("-")[0].where(numbers)


def _near(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    numbered = [
        entrances(pd.Series(side, dtype="str")).to_numpy(dtype=object) for side in (one, other)
    ]
    same_entrance = (numbered[0] == numbered[1]) & pd.notna(numbered[0])
    plain = np.array(
        [a.isascii() and b.isascii() and " " in a for a, b in zip(one, other, strict=True)]
    )
    longest = np.array([max(len(a), len(b)) for a, b in zip(one, other, strict=True)])
    edits = np.full(len(one), 999)
    if plain.any():
        edits[plain] = cpdist(one[plain], other[plain], scorer=Levenshtein.distance)
    return same_entrance | (edits <= _SHARE * longest)
