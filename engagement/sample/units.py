"""The organisation's tree: branches, and groups whose names repeat inside branches.

Enters: a number of members.
Leaves: groups, one row per group, with its branch, names and size; and [[unit]] tables.
Refuses: nothing.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from engagement.sample import settings


def tree(members: int) -> pd.DataFrame:
    """One row per group: branch, group, branch_no, group_no, size (members).

    Branches differ by at most one group, groups by at most one member.
    """
    story = settings.table("story")
    branches = max(1, settings.scaled(story["branches"], members))
    groups = max(branches, settings.scaled(story["groups"], members))
    per_branch = _even(groups, branches)
    branch_no = np.repeat(np.arange(1, branches + 1), per_branch)
    group_no = np.arange(groups) - np.repeat(np.cumsum(per_branch) - per_branch, per_branch) + 1
    branch = pd.Series(branch_no).astype("str").radd("b")
    return pd.DataFrame(
        {
            "branch": branch,
            "group": branch + "g" + pd.Series(group_no).astype("str"),
            "branch_no": branch_no,
            "group_no": group_no,
            "size": _even(members, groups),
        }
    )


def _even(total: int, parts: int) -> np.ndarray:
    return total // parts + (np.arange(parts) < total % parts).astype(int)


def name(level: str, number: int, plain_digits: bool = False) -> str:
    """What a unit is called on paper; large communities count in digits."""
    return settings.table("office")["words"][level].format(number=numeral(number, plain_digits))


def names(level: str, numbers: pd.Series, plain_digits: bool = False) -> pd.Series:
    """The names on paper of many units."""
    known = {number: name(level, number, plain_digits) for number in numbers.unique()}
    return numbers.map(known).astype("str")


def aliases(level: str, number: int, plain_digits: bool = False) -> list[str]:
    """The other names that offices use for a unit."""
    written = settings.table("office")["words"][f"{level}_aliases"]
    numbered = numeral(number, plain_digits)
    spelled = [alias.format(number=numbered, digits=number) for alias in written]
    return sorted(set(spelled) - {name(level, number, plain_digits)})


def numeral(number: int, plain_digits: bool = False) -> str:
    """A number in Chinese numerals, in digits above 99."""
    if plain_digits or number > 99:
        return str(number)
    numerals = settings.table("office")["numerals"]
    tens, ones = divmod(number, 10)
    return (
        (numerals[tens] if tens > 1 else "")
        + (numerals[10] if tens else "")
        + (numerals[ones] if ones or not tens else "")
    )


def declared(groups: pd.DataFrame, plain_digits: bool = False) -> str:
    """The tree as [[unit]] tables of study.toml."""
    branches = groups.drop_duplicates("branch")
    top = zip(branches["branch"], branches["branch_no"], strict=True)
    below = zip(groups["group"], groups["branch"], groups["group_no"], strict=True)
    tables = [
        *(
            {"code": code, "level": "branch"} | _called("branch", no, plain_digits)
            for code, no in top
        ),
        *(
            {"code": code, "level": "group", "parent": parent} | _called("group", no, plain_digits)
            for code, parent, no in below
        ),
    ]
    return "\n".join(_unit(keys) for keys in tables)


def _called(level: str, number: int, plain_digits: bool) -> dict:
    english = settings.table("office")["words"][f"{level}_en"]
    return {
        "zh": name(level, number, plain_digits),
        "en": english.format(digits=number),
        "aliases": aliases(level, number, plain_digits),
    }


def _unit(keys: dict) -> str:
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in keys.items()]
    return "\n".join(["[[unit]]", *lines, ""])
