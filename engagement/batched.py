"""The records room for one big machine: batch by batch, then slice by slice.

Enters: a study, a folder for what is held on disk meanwhile.
Leaves: the counts of the study, the same as engines.left gives of the whole.
Refuses: what the rooms refuse; sign-ins that name no unit.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from engagement import cell_file, sealed, slices
from engagement.declared import Roster
from engagement.records import (
    clean,
    decisions,
    evidence,
    link,
    membership,
    overview,
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
_AT = "_at"
_LINKS = "links.parquet"
WORKERS = 2


@dataclasses.dataclass(frozen=True)
class Held:
    """The clean records of one kind on disk, in the order of the rosters, sealed under `own`."""

    kind: str
    paths: tuple[Path, ...]
    own: bytes

    def batches(self, *wanted: str) -> Iterator[pd.DataFrame]:
        """The records, a batch at a time, numbered throughout in _AT; of some columns, if named."""
        start = 0
        for path in self.paths:
            with sealed.reader(path, self.own) as held:
                known = [name for name in held.schema_arrow.names if not wanted or name in wanted]
                for batch in held.iter_batches(batch_size=stream.BATCH, columns=known):
                    yield batch.to_pandas().assign(**{_AT: range(start, start + len(batch))})
                    start += len(batch)


def counts(
    study: Study,
    folder: Path,
    *,
    size: int = stream.BATCH,
    whole: int = WHOLE,
    engine: str = "duckdb",
    progress: Callable[[str], None] = lambda step: None,
) -> dict[str, pd.DataFrame]:
    """Every count of the study, by name, in constant memory but for what linking compares.

    `size` rows are cleaned at a time; rosters of fewer than `whole` bytes are read at once.
    `engine` finds the pairs of large rosters (candidates.Rules).
    """
    held, told = cleaned(study, folder, size=size, whole=whole)
    progress("clean")
    decided = decisions.read(study.private).set_index("pair")["decision"].to_dict()
    rules = Rules(decided=decided, engine=engine, spill=folder)
    people, rank = identities(held, study)
    links, *others = link.under(people, rank, [rules, *overview.expecting({})])
    told += [of_links(people, links, others)]
    number = slices.number(len(people["members"]))
    copies = slices.routes(_named(people["members"], links, study, number), links)
    del people
    progress("link")
    for kind in held.values():
        _spread(kind, copies, study, number, folder / "slices")
    progress("spread")
    own = sealed.key()
    _sealed(links, folder / _LINKS, own)
    count = partial(_of_number, held, folder, own, number, study, rules)
    parts = [*_in_processes(count, range(number), lambda: progress("count"))]
    return finished(cell_file.added([*told, *parts]), study)


def _in_processes(work: Callable, tasks: Sequence, done: Callable[[], None]) -> Iterator:
    """What `work` makes of each task, in their order, in processes of their own; `done` hears of
    each. A single task stays in this one."""
    if len(tasks) == 1:
        yield work(tasks[0])
        done()
        return
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        for made in pool.map(work, tasks, chunksize=1 + len(tasks) // (8 * WORKERS)):
            yield made
            done()


def _of_number(
    held: Mapping[str, Held],
    folder: Path,
    own: bytes,
    number: int,
    study: Study,
    rules: Rules,
    at: int,
) -> dict[str, pd.DataFrame]:
    """The counts of one slice."""
    with sealed.reader(folder / _LINKS, own) as file:
        links = file.read().to_pandas()
    rows = _slice(held, folder / "slices" / str(at))
    return slices.counts(rows, links, (at, number), study, rules)


def finished(tables: dict[str, pd.DataFrame], study: Study) -> dict[str, pd.DataFrame]:
    """The sum of all parts with the total that the study states."""
    return {**tables, "reconciliation": membership.stated(tables["reconciliation"], study)}


def cleaned(study: Study, folder: Path, *, size: int, whole: int) -> tuple[dict, list]:
    """The clean records of each kind on disk, and what is counted row by row on the way."""
    paths: dict[str, list[Path]] = {}
    own = sealed.key()
    targets = [folder / f"{at}_{roster.kind}.parquet" for at, roster in enumerate(study.rosters, 1)]
    clean_one = partial(_cleaned, study, size, whole, own)
    tasks = [*zip(study.rosters, targets, strict=True)]
    large = any(streams(roster, whole) for roster in study.rosters)
    made = _in_processes(clean_one, tasks, lambda: None) if large else map(clean_one, tasks)
    told = [*made]
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


def streams(roster: Roster, whole: int) -> bool:
    """Whether a roster is of plain tables too large to read at once."""
    plain = all(path.suffix.lower() in _TABLES for path in roster.files)
    return plain and not roster.profile and sum(p.stat().st_size for p in roster.files) >= whole


def _at_once(roster: Roster, study: Study, target: Path, own: bytes) -> dict[str, pd.DataFrame]:
    found = clean.rosters(dataclasses.replace(study, rosters=(roster,)))
    _sealed(found.records[roster.kind], target, own)
    return {"kinds": overview.kinds(found)} | of_cells(overview.ways(found))


def _sealed(rows: pd.DataFrame, target: Path, own: bytes) -> None:
    table = pa.Table.from_pandas(rows, preserve_index=False)
    with sealed.writer(target, table.schema, own) as held:
        held.write_table(table)


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


def _spread(held: Held, copies: pd.DataFrame, study: Study, number: int, folder: Path) -> None:
    """Write the rows of each slice to a file of its own."""
    wanted = copies[copies["kind"] == held.kind]
    with ExitStack() as stack:
        writers: dict[int, pq.ParquetWriter] = {}
        for batch in held.batches():
            if held.kind == "sign_ins":
                slices.require_units(batch)
            for at, table in _sliced(batch, wanted, held.kind, study, number):
                if at not in writers:
                    path = folder / str(at) / f"{held.kind}.parquet"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    made = sealed.writer(path, table.schema, held.own)
                    writers[at] = stack.enter_context(made)
                writers[at].write_table(table.cast(writers[at].schema))


def _sliced(
    batch: pd.DataFrame, copies: pd.DataFrame, kind: str, study: Study, number: int
) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each slice, and the copies of those that stand in others too."""
    if kind in slices.OF_UNITS:
        yield from _parted(batch, slices.of_units(batch, study, number))
    if len(copies):
        more = batch.merge(copies[[*evidence.PROVENANCE, "slice"]], on=evidence.PROVENANCE)
        yield from _parted(more.drop(columns="slice"), more["slice"].to_numpy())


def _parted(rows: pd.DataFrame, own: np.ndarray) -> Iterator[tuple[int, pa.Table]]:
    """The rows by slice, in their order."""
    order = np.argsort(own, kind="stable")
    table = pa.Table.from_pandas(rows, preserve_index=False).take(order)
    present, starts = np.unique(own[order], return_index=True)
    for at, start, end in zip(present, starts, [*starts[1:], len(own)], strict=True):
        yield int(at), table.slice(start, end - start)


def _slice(held: Mapping[str, Held], folder: Path) -> dict[str, pd.DataFrame]:
    """The records of one slice, in the order of the rosters."""
    return {kind: _of_slice(found, folder) for kind, found in held.items()}


def _of_slice(held: Held, folder: Path) -> pd.DataFrame:
    path = folder / f"{held.kind}.parquet"
    if path.exists():
        with sealed.reader(path, held.own) as file:
            rows = file.read().to_pandas()
    else:
        rows = next(held.batches()).head(0)
    return rows.sort_values(_AT, kind="stable", ignore_index=True).drop(columns=_AT)
