"""Cells files of a town one level up, and up again: what a district sees of its streets.

Enters: the cells file of a town and its study; how many units the levels above shall have.
Leaves: a folder with the study of each level and its cells file; counts drawn for more members.
Refuses: nothing.
"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd

from engagement import cell_file, federation, study
from engagement.study import Study

LADDER = (("community", "branch"), ("street", "community"), ("district", "street"))
SECTION = r"(?m)^\[\[(?:roster|unit|level)\]\]\n(?:(?!\[).*\n)*"
SEED = 8


def climbed(folder: Path, target: Path, sizes: tuple[int, ...] = (10, 240, 3)) -> Path:
    """The folder of the topmost study, with its cells file in private/.

    `sizes`: how many units of the level below make one of the next, from the lowest.
    """
    here = folder
    for (upper, lower), size in zip(LADDER, sizes, strict=True):
        source = here / "private" / "cells.parquet"
        units = _units(source, study.load(here))
        above = target / upper
        _write(folder, above, (upper, lower), units, size)
        opened = study.load(above)
        found, parts = federation.merged([source], opened)
        (above / "private").mkdir(exist_ok=True)
        cell_file.write(above / "private" / "cells.parquet", found, opened, parts)
        here = above
    return here


def _units(source: Path, opened: Study) -> list[str]:
    """The upper units of a cells file, in the order of their numbers."""
    known = set(cell_file.read(source, opened)["units"]["branch"]) - {"unknown"}
    return sorted(known, key=lambda code: (len(code), code))


def _write(folder: Path, above: Path, levels: tuple[str, str], units: list[str], size: int) -> None:
    """The study of one level: the town's questions, two levels, and the tree between them."""
    upper, lower = levels
    text = re.sub(SECTION, "", (folder / "study.toml").read_text(encoding="utf-8"))
    homes = {code: f"{upper[0]}{at // size + 1}" for at, code in enumerate(units)}
    blocks = [
        f'[[level]]\ncode = "{one}"\nlabel = {{ zh = "{one}", en = "{one}" }}' for one in levels
    ]
    blocks += [_unit(code, upper) for code in dict.fromkeys(homes.values())]
    blocks += [_unit(code, lower, home) for code, home in homes.items()]
    above.mkdir(parents=True, exist_ok=True)
    above.joinpath("study.toml").write_text("\n\n".join([text, *blocks, ""]), encoding="utf-8")


def _unit(code: str, level: str, parent: str = "") -> str:
    above = f'\nparent = "{parent}"' if parent else ""
    return f'[[unit]]\ncode = "{code}"\nlevel = "{level}"{above}\nzh = "{code}"\nen = "{code}"'


def drawn(tables: dict[str, pd.DataFrame], opened: Study, members: int) -> tuple:
    """Counts of so many members, each drawn (Poisson) with the share that it has in `tables`; and
    the study with as many people around them."""
    times = members / tables["units"]["members"].sum()
    chance = np.random.default_rng(SEED)
    made = {}
    for name, table in tables.items():
        sums = [column for column in cell_file.SUMS.get(name, ()) if column in table]
        many = {one: chance.poisson(table[one].fillna(0).astype(float) * times) for one in sums}
        made[name] = table.assign(**many)
        if sums:
            made[name] = made[name][made[name][sums[0]] > 0].reset_index(drop=True)
    people = opened.population
    more = {name: getattr(people, name) for name in ("total", "adults")}
    more = {name: round(number * times) if number else number for name, number in more.items()}
    around = dataclasses.replace(people, **more)
    return made, dataclasses.replace(opened, population=around)
