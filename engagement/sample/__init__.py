"""The synthetic community: rosters with known dirt, and the truth about them.

Enters: a folder, a number of members, a seed.
Leaves: study.toml, rosters/ (messy on purpose) and truth/; the same bytes for the same seed.
Refuses: communities too small for its stories (UsageError).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from engagement.errors import UsageError
from engagement.sample import settings, town, units


def community(folder: Path, *, members: int = 173, seed: int = 20221231) -> None:
    """Write a synthetic community of `members` into `folder`.

    Up to 2,000 members come as workbooks, larger communities as plain CSV files in batches.

    Raises UsageError when there are too few members for the stories of the sample.
    """
    story = settings.table("story")
    if members < story["smallest"]:
        raise UsageError.one("sample_too_small", found=members, expected=story["smallest"])
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    town.write(folder, members, rng)
    declare(folder, members, units.declared(units.tree(members)))


def declare(folder: Path, members: int, unit_tables: str) -> None:
    """Write study.toml for the community: the template, its totals and its tree."""
    story = settings.table("story")
    text = settings.text("study.toml")
    for name in ("expected_rows", "total", "adults"):
        text = _replaced(text, name, members / story["members"])
    (folder / "study.toml").write_bytes(f"{text.rstrip()}\n\n{unit_tables}".encode())


def _replaced(text: str, name: str, times: float) -> str:
    return re.sub(
        rf"(?m)^({name} = )(\d+)", lambda found: f"{found[1]}{round(int(found[2]) * times)}", text
    )
