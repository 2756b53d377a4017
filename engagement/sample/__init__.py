"""The synthetic community: rosters with known dirt, and the truth about them.

Enters: a folder, a number of members, a seed.
Leaves: study.toml, rosters/ (messy on purpose) and truth/; the same bytes for the same seed.
Refuses: communities too small for its stories (UsageError).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

import engagement.files
from engagement.errors import UsageError
from engagement.sample import later, settings, stream, town, units

MINUTES = 1  # the stream of chance of the minutes, beside that of all other rosters


def community(
    folder: Path,
    *,
    members: int = 173,
    seed: int = 20221231,
    year: int = 1,
    after: Path | None = None,
    progress: Callable[[int], None] = lambda written: None,
) -> None:
    """Write a synthetic community of `members` into `folder`.

    Up to 2,000 members come as workbooks, larger communities as plain CSV files in batches;
    `progress` hears how many members are written. `year` 2 is the same community a year on, in
    which the pilot of the protocol `after` has taken place and helped as effects.toml says.

    Raises UsageError when there are too few members for the stories of the sample, when `folder`
    holds a study that is no sample, and when the protocol is of another community.
    """
    with settings.years_later(year - 1):
        _written(folder, members, seed, year, after, progress)


def _written(
    folder: Path, members: int, seed: int, year: int, after: Path | None, progress: Callable
) -> None:
    story = settings.table("story")
    folder = Path(folder)
    if members < story["smallest"]:
        raise UsageError.one("sample_too_small", found=members, expected=story["smallest"])
    if (folder / "study.toml").exists() and not (folder / "truth").is_dir():
        raise UsageError.one("folder_exists", folder=folder.name)
    engagement.files.folder(folder)  # this package has a module `files` of its own
    if year > 1 and members > story["streamed_above"]:
        raise UsageError.one("sample_year_large", expected=story["streamed_above"])
    large, rng = members > story["streamed_above"], np.random.default_rng(seed)
    if large:
        stream.write(folder, members, rng, progress)
    else:
        told = later.read(year, after, seed)
        town.write(folder, members, rng, np.random.default_rng([seed, MINUTES * year]), told)
    progress(members)
    (folder / "study.toml").write_bytes(_declared(members, large).encode())
    if after is not None and not large:
        later.bequeath(after, folder)


def _declared(members: int, large: bool) -> str:
    """study.toml: the template with the totals, files and units of this community."""
    story = settings.table("story")
    text = settings.text("study.toml")
    if large:
        before, _, rest = text.partition("[[roster]]")
        text = before + settings.text("large.toml") + "\n[headers]" + rest.partition("[headers]")[2]
    for name in ("expected_rows", "total", "adults"):
        text = _replaced(text, name, members / story["members"])
    tree = units.declared(units.tree(members), plain_digits=large)
    return f"{text.rstrip()}\n\n{tree}"


def _replaced(text: str, name: str, times: float) -> str:
    return re.sub(
        rf"(?m)^({name} = )(\d+)", lambda found: f"{found[1]}{round(int(found[2]) * times)}", text
    )
