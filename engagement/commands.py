"""What the commands of the command line do, once a study is open and locked.

Enters: a study, and the screen to speak to.
Leaves: the private tables and notebooks, and out/ when the release was not refused.
Refuses: what the rooms refuse; out/ is written last, so a refusal leaves the old one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from engagement import engines, files, leaving, pilots, runner, secret, tables, words
from engagement.errors import UsageError
from engagement.records import (
    account,
    allocation,
    explanation,
    outlines,
    overview,
    posterior,
    review,
    turnout,
    undeclared,
)
from engagement.rooms import Counts, Left, Room
from engagement.study import Study

if TYPE_CHECKING:
    from engagement.release.disclosure import Release
    from engagement.release.ledger import Ledger

AUDIT_ROWS = 100_000
COUNTS = ("members", "events")


def checked(study: Study, screen: Console, *, all_cells: bool = False) -> None:
    """Read, clean and link; write the private tables; print what was found.

    The audit of every cell is written up to 100,000 cells, above that with `all_cells`.
    """
    room = records_room(study, screen)
    _write_private(room, study, all_cells=all_cells)
    said = _write_turnout(room, study)
    _print_files(room, study, screen)
    _print_sentences(room, study, screen, said)
    for line in leaving.budget(room, study):
        screen.print(line, markup=False)


def ran(study: Study, screen: Console) -> None:
    """The notebooks on the study, the findings, and what may leave."""
    from engagement.release import claims, ledger, registration, store, workbook

    before = ledger.read(study)
    secret.make(study)
    room = records_room(study, screen)
    if isinstance(room, Room):
        _write_private(room, study)
        _write_turnout(room, study)
    counted = engines.counts(room, study)
    found = engines.analysis(counted, study)["findings"]
    files.write_csv(study.private / "findings.csv", _declared(found, "findings"))
    ready = outgoing(room, counted, study, before)
    files.folder(study.out)
    _execute(study, screen)
    pages = {**ready.briefs, **ready.plans}
    told = store.text(ready.told).encode("utf-8")
    leaving.require_nobody(room, study, {**pages, "findings.json": told})
    entry = claims.told(ready.release, study)
    ledger.write(ledger.append(before, entry, study), study)
    store.write(ready.release, ready.told, pages, study.out)
    for line in leaving.changes(ready.told, study):
        screen.print(line, markup=False)
    for name in ready.briefs:
        say(study, screen, "cli.brief", path=shown(study.out / name))
    for key, name in (("plan", workbook.FILE), ("protocol", registration.FILE)):
        if name in ready.plans:
            say(study, screen, f"cli.{key}", path=shown(study.out / name))


class Outgoing(NamedTuple):
    """What may leave: the release, what it says, the briefs, the plan and protocol, by name."""

    release: Release
    told: Mapping[str, object]
    briefs: Mapping[str, bytes]
    plans: Mapping[str, bytes]


def outgoing(
    room: Room | Left, counted: Counts, study: Study, before: Ledger | None = None
) -> Outgoing:
    """Everything that goes into out/ after what was released `before`; the allocation list goes
    to the private folder."""
    from engagement.release import disclosure, document, formats, registration, store, workbook

    evaluated = {"evaluation": pilots.evaluated(room, study)}
    found = engines.publishable(counted, study) | evaluated
    release = disclosure.control(found, study, before or disclosure.NOTHING_BEFORE)
    laid_down = pilots.registered(room, release.tables, study)
    if laid_down is not None and laid_down.allocation is not None:
        target = allocation.path(study, laid_down.protocol["id"])
        files.write_csv(target, laid_down.allocation, for_people=True)
    protocol = laid_down.protocol if laid_down else None
    told = store.findings(release, study, protocol, since=_since(before, release, study))
    briefs = [document.brief(told, language) for language in study.languages]
    pages = {name: page for brief in briefs for name, page in formats.written(brief).items()}
    return Outgoing(release, told, pages, workbook.pages(told) | registration.pages(told))


def _since(before: Ledger | None, release: Release, study: Study) -> dict | None:
    """This release against the one before it in the ledger, if there is one."""
    from engagement.release import changes, claims

    last = before.before(release.id) if before else None
    return changes.since(last, claims.told(release, study)["claims"])


def verified(study: Study, screen: Console) -> bool:
    """Whether every output of the study's notebooks is what it was at the last run."""
    executed = runner.executed(study.private)
    if not executed:
        raise UsageError.one("not_run_yet", folder=study.folder.name)
    with bar(study, screen, "cli.comparing", len(executed)) as advance:
        moved = runner.moved(executed, _places(study), progress=advance)
    key = "cli.moved" if moved else "cli.verified"
    named = ", ".join(f"{name} {cells or ''}".strip() for name, cells in moved.items())
    say(study, screen, key, notebooks=named or str(len(executed)))
    return not moved


def records_room(study: Study, screen: Console) -> Room | Left:
    """The records room of `study`, with a bar that moves as its steps are done."""
    with bar(study, screen, "cli.records", len(engines.STEPS)) as advance:
        return engines.records(study, progress=advance)


def _places(study: Study) -> dict[str, Path]:
    """Where notebooks find the study, and its counts if they were made before."""
    places = {"ENGAGEMENT_STUDY": study.folder}
    return places if study.cells is None else {**places, "ENGAGEMENT_CELLS": study.cells}


def _execute(study: Study, screen: Console) -> None:
    sources = runner.notebooks()
    with bar(study, screen, "cli.notebooks", len(sources)) as advance:
        runner.execute(sources, study.private / runner.FOLDER, _places(study), progress=advance)


@contextmanager
def bar(study: Study, screen: Console, key: str, steps: int | None) -> Iterator:
    """A bar of so many steps (None: nobody knows); what it yields moves it by one."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    quiet = not screen.is_terminal
    with Progress(*columns, console=screen, transient=True, disable=quiet) as progress:
        task = progress.add_task(words.text(key, study.language), total=steps)
        yield lambda name: progress.advance(task)


def _write_private(room: Room, study: Study, *, all_cells: bool = False) -> None:
    folder, cleaned = study.private, room.cleaned
    if all_cells or len(cleaned.audit) <= AUDIT_ROWS:
        files.write_csv(folder / "audit_cells.csv", cleaned.audit)
    distinct = overview.values(cleaned)
    files.write_csv(folder / "audit_values.csv", distinct, for_people=True)
    masked = outlines.values(distinct, study)
    files.write_csv(folder / "audit_values_masked.csv", masked, for_people=True)
    files.write_csv(folder / "manifest.csv", account.sources(cleaned.manifest, study))
    files.write_csv(folder / "structure.csv", cleaned.structure)
    files.write_csv(folder / "quarantine.csv", cleaned.quarantine)
    files.write_csv(folder / "links.csv", _declared(room.links, "links"))
    for kind, records in cleaned.records.items():
        files.write_csv(folder / "records" / f"{kind}.csv", records)
    text = undeclared.toml(cleaned, study)
    files.write(folder / undeclared.FILE, text.encode("utf-8"))
    files.write_csv(folder / "evidence.csv", _explained(room, study))
    review.write(cleaned, room.links, study, folder)


def _explained(room: Room, study: Study) -> pd.DataFrame:
    """What each link rests on, in both languages, with the points of each piece of evidence."""
    found = explanation.points(room.cleaned, room.links, study)
    told = {f"evidence_{name}": explanation.in_words(found, name) for name in words.LANGUAGES}
    return found.assign(**told, weights=posterior.fingerprint())


def _declared(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns that every reader of the file may count on; counts are whole numbers."""
    columns = [column for column in tables.TABLES[name].columns if column != "kind"]
    counts = [column for column in columns if column in COUNTS]
    return table[columns].astype(dict.fromkeys(counts, "Int64"))


def _print_files(room: Room, study: Study, screen: Console) -> None:
    """One line per file under the kind of its roster; a line fits on 80 columns."""
    found = overview.files(room.cleaned)
    shown = Table(box=None, pad_edge=False)
    columns = [column for column in found.columns if column != "kind"]
    for column in columns:
        heading = words.label(f"column.{column}", study.language)
        justify = "left" if column == "source_file" else "right"
        shown.add_column(heading, justify=justify, overflow="fold", no_wrap=justify == "right")
    for kind, files_of_kind in found.groupby("kind", sort=False):
        shown.add_row(words.label(f"kind.{kind}", study.language))
        for row in files_of_kind[columns].itertuples(index=False):
            shown.add_row(f"  {row.source_file}", *map(str, row[1:]))
    screen.print(shown)


def _write_turnout(room: Room, study: Study) -> list:
    """Write what sheets and minutes state beside what the records give; what is to be said."""
    found = turnout.stated(room.cleaned, room.links, room.people, study)
    files.write_csv(study.private / turnout.FILE, found)
    return turnout.sentences(found)


def _print_sentences(room: Room, study: Study, screen: Console, more: list) -> None:
    told = overview.sentences(room.cleaned, room.links, room.reconciliation, study)
    decided = review.told(room.cleaned, room.links, study.private)
    for key, values in [*told, *decided, *more]:
        say(study, screen, key, **values)
    _print_undeclared(room, study, screen)
    say(study, screen, "cli.private", path=shown(study.private))


def _print_undeclared(room: Room, study: Study, screen: Console) -> None:
    unknown = undeclared.headers(room.cleaned)
    spelled = len(undeclared.spellings(room.cleaned, study))
    if unknown:
        say(study, screen, "check.unknown_headers", headers=", ".join(unknown))
    if spelled:
        say(study, screen, "check.unknown_values", spellings=spelled)
    if unknown or spelled:
        say(study, screen, "check.declare", file=shown(study.private / undeclared.FILE))


def say(study: Study, screen: Console, key: str, **values: object) -> None:
    """Print one sentence in the first language of the study."""
    screen.print(words.text(key, study.language, **values), markup=False)


def shown(path: Path) -> str:
    """A path as short as the reader needs it: relative where that is possible."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
