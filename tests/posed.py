"""Studies posed in tests: a study.toml around the factors and outcomes that a test writes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from engagement import study

HEAD = """
title = { zh = "某会", en = "An association" }
organisation = { zh = "某会", en = "the association" }
people = { zh = "成员", en = "members" }
reference_date = 2022-12-31
"""


def posed(folder: Path, text: str, head: str = ""):
    """The study of `text` (tables of study.toml), with top-level keys in `head`."""
    (folder / "rosters").mkdir(exist_ok=True)
    (folder / "study.toml").write_text(HEAD + head + text, encoding="utf-8")
    return study.load(folder)


def category(name: str, levels: str, more: str = "") -> str:
    """A field of codes and its factor; `levels` in order, the first one is the reference."""
    codes = levels.split()
    labels = "".join(f'{code} = {{ zh = "{code}", en = "{code}" }}\n' for code in codes)
    return (
        f'[fields.{name}]\ntype = "category"\n[fields.{name}.labels]\n{labels}'
        f'[factors.{name}]\nreference = "{codes[0]}"\n{more}\n'
    )


def number(name: str, more: str = "") -> str:
    """A numeric field and its factor."""
    return f'[fields.{name}]\ntype = "number"\n[factors.{name}]\nkind = "number"\n{more}\n'


def outcome(name: str = "took_part", kind: str = "column", primary: bool = True) -> str:
    """An outcome read from a column, a list or a panel."""
    sources = {"column": 'field = "hours"', "list": 'roster = "volunteers"'}
    source = sources.get(kind, 'roster = "sign_ins"')
    return (
        f'[outcomes.{name}]\nkind = "{kind}"\n{source}\n'
        f'primary = {str(primary).lower()}\nlabel = {{ zh = "{name}", en = "{name}" }}\n'
    )


def cells(rows: pd.DataFrame, outcome: str = "took_part") -> pd.DataFrame:
    """Cells of rows that hold factors, `attended` and, where wanted, due, members, branch, group."""
    rows = rows.reset_index(drop=True)
    given = {"due": 1, "members": 1, "branch": "b1", "group": "g1", "outcome": outcome}
    given |= {"attended_with_review": rows["attended"]}
    return rows.assign(**{name: value for name, value in given.items() if name not in rows})


def segment(name: str, barrier: str, when: str, zh: str) -> str:
    """A barrier class as study.toml declares it; its English label is its name."""
    return f"""
[[segment]]
name = "{name}"
barrier = "{barrier}"
when = {{ {when} }}
label = {{ zh = "{zh}", en = "{name.replace("_", " ")}" }}
"""
