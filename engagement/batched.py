"""The records room for one big machine: batch by batch, then slice by slice.

Enters: a study, a folder for what is held on disk meanwhile.
Leaves: the counts of the study, the same as engines.left gives of the whole.
Refuses: what the rooms refuse; sign-ins that name no unit.
"""

from __future__ import annotations

import dataclasses
from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd

from engagement import cell_file, sealed, slices
from engagement.declared import Roster
from engagement.held import Held, of_slice, spread, write
from engagement.records import (
    clean,
    decisions,
    evidence,
    link,
    membership,
    overview,
    review,
    standing,
    stream,
    traces,
)
from engagement.records.candidates import Rules
from engagement.records.clean import Cleaned
from engagement.study import Study

STEPS = ("clean", "link", "spread", "count")
WHOLE = 1 << 22  # bytes; rosters of smaller files are read as ever, sheets, titles and all
_TABLES = (".csv", ".tsv", ".txt", ".parquet")
_LINKS = "links.parquet"
WORKERS = 2


def counts(
    study: Study,
    folder: Path,
    *,
    size: int = stream.BATCH,
    whole: int = WHOLE,
    engine: str = "duckdb",
    progress: Callable[[str], None] = lambda step: None,
) -> Mapping[str, pd.DataFrame]:
    """Every count of the study, by name, in constant memory but for what linking compares.

    `size` rows are cleaned at a time; rosters of fewer than `whole` bytes are read at once.
    `engine` finds the pairs of large rosters (candidates.Rules).
    """
    held, told = cleaned(study, folder, size=size, whole=whole)
    progress("clean")
    read = decisions.read(study.private)
    decided = read.set_index("pair")["decision"].to_dict()
    rules = Rules(decided=decided, engine=engine, spill=folder)
    linked = partial(_linked, held, study, read)
    apart = _any_streams(study, whole)
    [(links, copies, number, counted)] = _in_processes(linked, [rules], apart=apart)
    progress("link")
    for kind in held.values():
        spread(kind, copies, study, number, folder / "slices")
    progress("spread")
    own = sealed.key()
    write(links, folder / _LINKS, own)
    count = partial(_of_number, held, folder, own, number, study, rules)
    parts = [*map(cell_file.packed, [*told, counted])]
    for part in _in_processes(count, range(number), apart=number > 1):
        parts.append(part)
        progress("count")
    return finished(parts, study)


def _in_processes(work: Callable, tasks: Sequence, *, apart: bool) -> Iterator:
    """What `work` makes of each task, in their order; `apart`: in processes of their own, whose
    memory goes with them."""
    if not apart:
        yield from map(work, tasks)
        return
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, tasks, chunksize=1 + len(tasks) // (8 * WORKERS))


def _linked(
    held: Mapping[str, Held], study: Study, read: pd.DataFrame, rules: Rules
) -> tuple[pd.DataFrame, pd.DataFrame, int, dict]:
    """The links, where rows must stand beside their own slice, how many slices there are, and what
    is told of the links."""
    people, rank = identities(held, study)
    links, *others = link.under(people, rank, [rules, *overview.expecting({})])
    if len(read):
        decisions.require_consistent(links, _keys(people, links), read)
    number = slices.number(len(people["members"]))
    copies = slices.routes(_named(people["members"], links, study, number), links)
    return links, copies, number, of_links(people, links, others)


def _keys(people: Mapping[str, pd.DataFrame], links: pd.DataFrame) -> list[str]:
    """The number of every pair, by the names as they are written."""
    named = {kind: rows.assign(name=rows["written"]) for kind, rows in people.items()}
    return review.keys(Cleaned(named, *[pd.DataFrame()] * 4), links)


def _of_number(
    held: Mapping[str, Held],
    folder: Path,
    own: bytes,
    number: int,
    study: Study,
    rules: Rules,
    at: int,
) -> bytes:
    """The counts of one slice, packed."""
    with sealed.reader(folder / _LINKS, own) as file:
        links = file.read().to_pandas()
    rows = of_slice(held, folder / "slices" / str(at))
    return cell_file.packed(slices.counts(rows, links, (at, number), study, rules))


def finished(parts: Sequence[bytes], study: Study) -> Mapping[str, pd.DataFrame]:
    """The sum of all packed parts with the total that the study states."""
    sums = cell_file.Sums(parts)
    stated = membership.stated(sums["reconciliation"], study)
    return ChainMap({"reconciliation": stated}, sums)


def cleaned(study: Study, folder: Path, *, size: int, whole: int) -> tuple[dict, list]:
    """The clean records of each kind on disk, and what is counted row by row on the way."""
    paths: dict[str, list[Path]] = {}
    own = sealed.key()
    targets = [folder / f"{at}_{roster.kind}.parquet" for at, roster in enumerate(study.rosters, 1)]
    clean_one = partial(_cleaned, study, size, whole, own)
    tasks = [*zip(study.rosters, targets, strict=True)]
    told = [*_in_processes(clean_one, tasks, apart=_any_streams(study, whole))]
    for roster, target in tasks:
        paths.setdefault(roster.kind, []).append(target)
    held = {kind: Held(kind, tuple(found), own) for kind, found in paths.items()}
    told += [
        {"hours": traces.hours(_alone(kind, batch))}
        for kind, found in held.items()
        for batch in found.batches("hours")
    ]
    return held, told


def _cleaned(
    study: Study, size: int, whole: int, own: bytes, task: tuple[Roster, Path]
) -> dict[str, pd.DataFrame]:
    """One roster on disk, and what is counted row by row on the way."""
    roster, target = task
    if not streams(roster, whole):
        return _at_once(roster, study, target, own)
    made = stream.records(roster, study, target, size=size, once=False, own=own)
    return {"kinds": _account(roster, made)} | of_cells(made.ways.assign(kind=roster.kind))


def _any_streams(study: Study, whole: int) -> bool:
    return any(streams(roster, whole) for roster in study.rosters)


def streams(roster: Roster, whole: int) -> bool:
    """Whether a roster is of plain tables too large to read at once."""
    plain = all(path.suffix.lower() in _TABLES for path in roster.files)
    return plain and not roster.profile and sum(p.stat().st_size for p in roster.files) >= whole


def _at_once(roster: Roster, study: Study, target: Path, own: bytes) -> dict[str, pd.DataFrame]:
    found = clean.rosters(dataclasses.replace(study, rosters=(roster,)))
    write(found.records[roster.kind], target, own)
    return {"kinds": overview.kinds(found)} | of_cells(overview.ways(found))


def _account(roster: Roster, made: stream.Streamed) -> pd.DataFrame:
    """A line of overview.kinds; a table on its own has one row that is no data: its header."""
    files = len(roster.files)
    line = {"kind": roster.kind, "files": files, "sheets": files, "rows": made.rows + files}
    parts = {name: getattr(made, name) for name in ("clean", "quarantined", "duplicates")}
    return pd.DataFrame([{**line, "structural": files, **parts}])


def of_cells(ways: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """What is told cell by cell."""
    return {"fields_read": overview.fields(ways), "rules": overview.rules(ways)}


def _alone(kind: str, records: pd.DataFrame) -> Cleaned:
    nothing = pd.DataFrame()
    return Cleaned({kind: records}, nothing, nothing, nothing, nothing)


def identities(held: Mapping[str, Held], study: Study) -> tuple[dict, np.ndarray]:
    """What identifies the people of every roster but the sign-ins, and the members' preference."""
    people: dict[str, list[pd.DataFrame]] = {}
    claims = []
    for kind, found in held.items():
        for batch in found.batches() if kind not in ("sign_ins", link.WITHOUT_PEOPLE) else ():
            known = link.identities(_alone(kind, batch), study)[kind]
            known = known.assign(hours=evidence.column(batch, "hours").to_numpy())
            people.setdefault(kind, []).append(known)
            if kind == "members":
                claims.append(standing.claims(batch, standing.verdicts(batch, study)))
    joined = {kind: pd.concat(parts, ignore_index=True) for kind, parts in people.items()}
    return joined, standing.ranked(pd.concat(claims, ignore_index=True))


def of_links(
    people: Mapping[str, pd.DataFrame], links: pd.DataFrame, others: list[pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """What is told of the links between rosters; `others` are those of overview.expecting."""
    listed = {kind: people[kind] for kind in ("volunteers",) if kind in people}
    nothing = pd.DataFrame()
    return {
        "pairs": overview.links(links),
        "evidence": overview.evidence(links),
        "moved": overview.moved(others) if "volunteers" in people else pd.DataFrame(),
        "volunteers": overview.listed(Cleaned(listed, *[nothing] * 4), links),
    }


def _named(members: pd.DataFrame, links: pd.DataFrame, study: Study, number: int) -> pd.DataFrame:
    """The member rows that links name, with their slice."""
    doubles = links[links["kind"] == "members"]
    ends = [links[link.SIDES[3:]], doubles[link.SIDES[:3]]]
    wanted = pd.concat([end.set_axis(evidence.PROVENANCE, axis=1) for end in ends])
    rows = members[evidence.PROVENANCE].assign(
        kind="members", slice=slices.of_units(members, study, number)
    )
    return rows.merge(wanted.drop_duplicates(), on=evidence.PROVENANCE)
