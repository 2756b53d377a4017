"""Several organisations as one study: their cells files added up, side by side or one level up.

Enters: cells files of one codebook, and the study of the organisation above them.
Leaves: the counts of that study, told apart by its own two levels.
Refuses: files of levels that do not follow each other or of a stricter tier, a file named after no
unit, one organisation twice, and units of two organisations that bear one code (StudyError).

A study sees two levels of the tree, its branches and groups; one level up a branch becomes a group
of the organisation that it belongs to. So the tree may be of any depth, and no file grows with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from engagement import cell_file, codebook, engines
from engagement.analysis import completeness, tipping
from engagement.analysis.cells import UNKNOWN
from engagement.cell_file import Header
from engagement.errors import Problem, StudyError
from engagement.study import Study

_UP = "/"


class Part(NamedTuple):
    """One cells file on its way up: its name, its header and its tables."""

    file: str
    header: Header
    tables: Mapping[str, pd.DataFrame]


def merged(paths: Iterable[Path], study: Study) -> tuple[dict[str, pd.DataFrame], frozenset[str]]:
    """The counts of several cells files as those of `study`, and the studies counted in them.

    Files of the study's own levels stand side by side. Of a file one level below, each branch
    belongs to its parent in the study's tree, else all to the unit that the file is named after.
    Raises StudyError as cell_file.read, and with all that forbids the sum.
    """
    parts = [Part(path.name, *cell_file.opened(path, study)) for path in paths]
    problems = [problem for part in parts for problem in _unfit(part, study)]
    problems = problems or _twice(parts, study)
    if problems:
        raise StudyError(problems)
    deep = any(_rises(part, study) or "held_branch" in part.tables["units"] for part in parts)
    raised = [_as_of(_settled(part, study) if deep else part, study) for part in parts]
    _require_apart(raised)
    whole = cell_file.added([part.tables for part in raised])
    return whole, frozenset().union(*(part.header.parts for part in parts))


def _unfit(part: Part, study: Study) -> Iterable[Problem]:
    """What forbids a file by itself: its levels, its tier, its name."""
    header = part.header
    if _rises(part, study) and header.levels[0] != study.counted[-1]:
        yield Problem("cells_level", {"file": part.file, **cell_file.between(header, study)})
    elif _rises(part, study) and not _is_named(part, study) and _code(part) not in _uppers(study):
        yield Problem("cells_no_unit", {"file": part.file, "expected": ", ".join(_uppers(study))})
    if _threshold(header.tier) > _threshold(study.tier):
        told = {"found": header.tier, "expected": study.tier}
        yield Problem("cells_tier", {"file": part.file, **told})


def _threshold(tier: str) -> int:
    return codebook.tiers()[tier]["threshold"]


def _rises(part: Part, study: Study) -> bool:
    return part.header.levels != study.counted


def _code(part: Part) -> str:
    return part.file.partition(".")[0]


def _uppers(study: Study) -> list[str]:
    return [unit.code for unit in study.units if unit.level == "branch"]


def _is_named(part: Part, study: Study) -> bool:
    """Whether the study's tree knows every branch of the file, and where it belongs."""
    branches = set(part.tables["units"]["branch"]) - {UNKNOWN}
    return branches <= set(_parents(study))


def _parents(study: Study) -> dict[str, str]:
    return {unit.code: unit.parent for unit in study.units if unit.level == "group" and unit.parent}


def _twice(parts: list[Part], study: Study) -> list[Problem]:
    """Files that rise and hold an organisation that a file before them holds as well."""
    known: dict[str, str] = {}
    problems = []
    for part in parts:
        own = part.header.parts | {_digest(part)} if _rises(part, study) else {_digest(part)}
        problems += [
            Problem("cells_twice", {"file": part.file, "other": other})
            for other in dict.fromkeys(known[one] for one in sorted(own & set(known)))
        ]
        known |= dict.fromkeys(own, part.file)
    return problems


def _digest(part: Part) -> str:
    """The same for two files of the same counts, whatever their names and studies are."""
    rows = pd.util.hash_pandas_object(part.tables[cell_file.MAIN], index=False)
    return hashlib.sha256(rows.to_numpy().tobytes()).hexdigest()


def _require_apart(parts: Iterable[Part]) -> None:
    known: dict[str, str] = {}
    for part in parts:
        units = set(completeness.held(part.tables["units"])["held_branch"]) - {UNKNOWN}
        met = sorted(units & set(known))
        if met:
            told = {"file": part.file, "other": known[met[0]], "found": met[0]}
            raise StudyError.one("cells_units_meet", **told)
        known |= dict.fromkeys(units, part.file)


def _settled(part: Part, study: Study) -> Part:
    """The part with all that its own units decide: who holds sessions, and which have no sheet."""
    sessions, units = part.tables["sessions"], part.tables["units"]
    missing = engines.lacking(sessions, units, study)
    gaps = tipping.with_missing(part.tables["gaps"], missing)
    return part._replace(tables={**part.tables, "units": completeness.held(units), "gaps": gaps})


def _as_of(part: Part, study: Study) -> Part:
    """The part as the study tells units apart."""
    if not _rises(part, study):
        return part
    rise = _by_tree(study) if _is_named(part, study) else _by_file(_code(part))
    raised = {name: _raised(table, *rise) for name, table in part.tables.items()}
    return part._replace(tables=raised)


def _by_tree(study: Study) -> tuple:
    """Where each branch belongs by the tree of the study, and its name: the same."""
    parents = _parents(study)
    return (
        lambda branches: branches.map(lambda code: parents.get(code, code)),
        lambda codes: codes,
    )


def _by_file(unit: str) -> tuple:
    """Everything belongs to `unit`, and bears its code before its own."""
    return (
        lambda branches: branches.map(lambda code: code if code == "" else unit),
        lambda codes: codes.map(
            lambda code: code if code in ("", UNKNOWN) else f"{unit}{_UP}{code}",
            na_action="ignore",
        ),
    )


def _raised(table: pd.DataFrame, home, named) -> pd.DataFrame:
    """A table one level up: a branch is a group now, and stands under its organisation."""
    made = {}
    if "branch" in table:
        made["branch"] = home(table["branch"])
        if "group" in table:
            made["group"] = named(table["branch"])
    own = [name for name in (*completeness.HELD, "unit", "event_id") if name in table]
    made |= {name: named(table[name]) for name in own}
    return table.assign(**made)
