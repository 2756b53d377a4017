"""Rows that say the same as an earlier one, found by fingerprints of what they say.

Enters: clean records, batch by batch in the order of their files and rows.
Leaves: which rows repeat an earlier one, and the fingerprints to remember: 8 bytes a row.
Refuses: to call rows alike that no number, address or full birth date identifies.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

IDENTIFYING = ("id_number", "phone", "email")
_MASK = "*"
_FULL_DATE = len("1956-03-04")
_SEED = 20221231
_FACTORS = np.random.default_rng(_SEED).integers(1, 2**63, 257, dtype=np.uint64) * 2 + 1
_LETTERS, _STEP = _FACTORS[:256], _FACTORS[256]


def fingerprints(records: pd.DataFrame, fields: Sequence[str]) -> np.ndarray:
    """A number of 64 bits per row, the same for rows with the same texts in `fields`.

    Random numbers for the letters, multiplied by powers of another by their place (Carter and
    Wegman 1979): two different rows of n meet with a chance of about n²/2⁶⁵.
    """
    found = np.zeros(len(records), dtype=np.uint64)
    for name in fields:
        texts = pa.chunked_array(pa.array(records[name])).combine_chunks()
        found = found * _STEP + of_texts(texts)
    return found


def of_texts(texts: pa.Array) -> np.ndarray:
    """A number of 64 bits per text, the same for the same text; 0 where there is none."""
    held = pa.concat_arrays([pc.fill_null(texts.cast(pa.large_string()), "")])
    if not (lengths := _array(pc.binary_length(held))).any():
        return np.zeros(len(held), dtype=np.uint64)
    starts = np.cumsum(lengths) - lengths
    offset = np.frombuffer(held.buffers()[1], np.int64)[held.offset]
    letters = np.frombuffer(held.buffers()[2], np.uint8)[offset:][: lengths.sum()]
    powers = np.cumprod(np.full(lengths.max(), _STEP))
    places = np.arange(len(letters)) - np.repeat(starts, lengths)
    found = np.zeros(len(held), dtype=np.uint64)
    filled = lengths > 0
    found[filled] = np.add.reduceat(_LETTERS[letters] * powers[places], starts[filled])
    return found


def _array(numbers: pa.Array) -> np.ndarray:
    return numbers.to_numpy(zero_copy_only=False)


def identified(records: pd.DataFrame) -> np.ndarray:
    """Rows that hold more than a name: a whole number or address, or a birth to the day."""
    found = np.zeros(len(records), dtype=bool)
    for name in set(IDENTIFYING) & set(records.columns):
        known = records[name].notna() & ~records[name].str.contains(_MASK, regex=False).eq(True)
        found |= known.to_numpy(dtype=bool)
    if "birth_date" in records:
        found |= records["birth_date"].str.len().eq(_FULL_DATE).to_numpy(dtype=bool)
    return found


def repeated(
    prints: np.ndarray, rows: np.ndarray, seen: Sequence[np.ndarray]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Which of `rows` repeat an earlier one, and what has been seen with them.

    `seen` holds sorted arrays, each at least twice as long as the next: a batch is looked up in a
    few of them, and every print is moved a few times only.
    """
    found = np.zeros(len(prints), dtype=bool)
    own = prints[rows]
    first = np.zeros(len(own), dtype=bool)
    fresh, places = np.unique(own, return_index=True)
    first[places] = True
    known = np.zeros(len(own), dtype=bool)
    for older in seen:
        at = np.minimum(np.searchsorted(older, own), len(older) - 1)
        known |= older[at] == own
    found[rows] = known | ~first
    return found, _with(seen, np.setdiff1d(fresh, own[known], assume_unique=False))


def _with(seen: Sequence[np.ndarray], fresh: np.ndarray) -> list[np.ndarray]:
    kept = list(seen)
    while kept and len(kept[-1]) < 2 * len(fresh):
        fresh = np.sort(np.concatenate([kept.pop(), fresh]))
    return [*kept, fresh] if len(fresh) else kept
