"""Keyed pseudonyms: what stands for a name or a number where records travel between machines.

Enters: texts, and a key from a file outside the study.
Leaves: HMAC-SHA-256 (RFC 2104) of each text: alike where the texts are alike, and nothing else.
Refuses: a key file that is missing, short, inside the study, or readable by others (UsageError).
A plain hash would not do: all numbers of one telephone prefix are tried in two minutes.
"""

from __future__ import annotations

import hmac
import os
import stat
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from engagement.errors import Problem, UsageError

SHORTEST = 32  # bytes of a key
_KEPT = 32  # hexadecimal digits: 128 bits


def key(path: Path, study: Path) -> bytes:
    """The key in the file at `path`, which must lie outside the folder `study`.

    Raises UsageError with all that is wrong with the file.
    """
    if not path.is_file():
        raise UsageError.one("key_missing", file=path.name)
    found = path.read_bytes()
    problems = [
        Problem(f"key_{fault}", {"file": path.name, "expected": SHORTEST, "found": len(found)})
        for fault, wrong in (
            ("inside", _is_inside(path, study)),
            ("open", _is_open(path)),
            ("short", len(found) < SHORTEST or len(set(found)) == 1),
        )
        if wrong
    ]
    if problems:
        raise UsageError(problems)
    return found


def _is_inside(path: Path, study: Path) -> bool:
    home = study.resolve()
    return any(place.is_relative_to(home) for place in (path.absolute(), path.resolve()))


def _is_open(path: Path) -> bool:
    return os.name != "nt" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)


def of(texts: Iterable[object], own: bytes) -> np.ndarray:
    """The pseudonym of each text under the key `own`; None where there is no text."""
    places, distinct = pd.factorize(pd.Series(texts), use_na_sentinel=True)
    started = hmac.new(own, digestmod="sha256")
    known = [_pseudonym(str(text).encode(), started) for text in distinct]
    return np.array([*known, None], dtype=object)[places]


def _pseudonym(text: bytes, started: hmac.HMAC) -> str:
    hashed = started.copy()
    hashed.update(text)
    return hashed.hexdigest()[:_KEPT]
