"""The command line: new · check · run · verify · sample · cells.

Enters: a study folder, or raw files.
Leaves: private/ (whatever names people) and out/ (what may leave).
Refuses: every mendable fault as one message in the study's language, with an exit code per kind.
"""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from engagement import words
from engagement.errors import EngagementError, Problem, UsageError

app = typer.Typer(
    help="Which members take part, what stands in the way, and what should be offered to whom.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Folder = Annotated[Path, typer.Argument(metavar="STUDY", help="Folder with study.toml.")]
screen = Console(highlight=False, soft_wrap=True)
ENGINES = ("pandas", "batches", "spark")
Cells = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Counts that engagement cells wrote.")
]


@app.command()
def new(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="New folder for the study.")],
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Raw roster files.")],
) -> None:
    """Propose a study from raw files: DIR/study.toml and copies in DIR/rosters/.

    Example: engagement new my-study members.xlsx volunteers.csv

    Read the proposal, answer its questions (lines that begin with #?), then run engagement check.
    """
    from engagement.records import proposals

    report = proposals.study(folder, files)
    say("cli.new_done", folder=folder.name, rosters=len(files), questions=report.questions)


@app.command()
def check(
    study: Folder,
    all_cells: Annotated[
        bool, typer.Option("--all-cells", help="Write audit_cells.csv above 100,000 cells too.")
    ] = False,
) -> None:
    """Read, clean and link the rosters; say file by file what was found.

    Example: engagement check data/community

    Writes to STUDY/private/: manifest.csv, audit_cells.csv, audit_values.csv (and _masked.csv, the
    one to show a colleague), structure.csv, quarantine.csv, records/*.csv, links.csv, turnout.csv
    (due and present as stated and as found), declare.toml (unknown headers and spellings, to paste
    into study.toml), fix.xlsx (cells to mend; put the mended copy into STUDY/rosters/), review.xlsx
    (pairs to decide).
    """
    from engagement import commands

    opened = _study(study)
    with _locked(opened):
        commands.checked(opened, screen, all_cells=all_cells)


@app.command()
def run(study: Folder, cells: Cells = None) -> None:
    """Everything: the six notebooks on the study, then what may leave, in out/.

    Example: engagement run data/community

    The committee reads STUDY/out/brief.zh.html and brief.en.html. With --cells the counts are
    those of a cells file (engagement cells), and no roster is read.
    """
    from engagement import commands

    opened = _study(study)
    with _locked(opened):
        commands.ran(replace(opened, cells=cells.resolve() if cells else None), screen)


@app.command()
def verify(study: Folder, cells: Cells = None) -> None:
    """Have the findings moved since the last run? Compares every output of its notebooks (nbval).

    Example: engagement verify data/community. Exit code 0: nothing moved; 1: something did.
    """
    from engagement import commands

    opened = replace(_study(study), cells=cells.resolve() if cells else None)
    if not commands.verified(opened, screen):
        raise typer.Exit(1)


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    members: Annotated[int, typer.Option(help="How many members.")] = 173,
    seed: Annotated[int, typer.Option(help="Another seed, another community.")] = 20221231,
    year: Annotated[int, typer.Option(min=1, max=9, help="1, or the same people later.")] = 1,
    after: Annotated[
        Path | None, typer.Option(metavar="PROTOCOL", help="The pilot that has taken place.")
    ] = None,
) -> None:
    """Write a synthetic community: untidy rosters, a study, and the truth about them.

    Example: engagement sample demo --members 500 --seed 7

    The year after a pilot: engagement sample next --year 2 --after demo/out/protocol.json
    """
    from rich.progress import Progress

    from engagement import sample as samples

    with Progress(console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task(words.label("cli.sample", spoken()[0]), total=members)

        def advance(written: int) -> None:
            progress.update(task, completed=written)

        samples.community(
            folder, members=members, seed=seed, year=year, after=after, progress=advance
        )
    say("cli.sample_done", folder=folder.name, members=words.count(members))


@app.command()
def cells(
    study: Folder,
    engine: Annotated[
        str, typer.Option(help="Where the records room runs: pandas, batches or spark.")
    ] = "pandas",
    merge: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Add up these cells files instead; give it once for each."
        ),
    ] = None,
    master: Annotated[str, typer.Option(help="Address of the Spark cluster.")] = "local[2]",
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", envvar="ENGAGEMENT_KEY", help="Key for pseudonyms between machines."
        ),
    ] = None,
) -> None:
    """The records room alone: STUDY/private/cells.parquet, counts without people.

    Example: engagement cells data/community --engine batches

    engagement run STUDY --cells STUDY/private/cells.parquet does everything after it. --merge adds
    up the files of several organisations that were counted with the codebook of STUDY. --key names
    a file of 32 random bytes outside STUDY that its owner alone may read; a cluster needs one.
    """
    from engagement import counting

    if engine not in ENGINES:
        raise UsageError.one("unknown_engine", found=engine, expected=", ".join(ENGINES))
    opened = _study(study)
    with _locked(opened):
        if merge:
            counting.merged(opened, merge, screen)
        else:
            counting.counted(opened, engine, screen, counting.Cluster(master, key))


def say(key: str, **values: object) -> None:
    """Print one sentence in the language of the study, or in both before there is one."""
    for language in spoken():
        screen.print(words.text(key, language, **values), markup=False)


LANGUAGE: list[str] = []


def spoken() -> list[str]:
    """The languages of messages: the study's first one, or both before a study is open."""
    return LANGUAGE[:1] or list(words.LANGUAGES)


def _study(folder: Path):
    from engagement import study as studies

    opened = studies.load(folder)
    LANGUAGE[:] = [opened.language]
    return opened


@contextmanager
def _locked(study):
    from engagement import files

    with files.locked(files.private(study.private)):
        files.settle(study.out)
        yield


def message(problem: Problem, language: str) -> str:
    """A problem as one message: where, what was found, what was expected, what to do."""
    return words.text(f"problem.{problem.key}", language, **problem.values)


def main() -> None:
    """Run the command line; every mendable fault becomes messages and an exit code."""
    LANGUAGE.clear()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app()
    except EngagementError as error:
        for language in spoken():
            for problem in error.problems:
                print(message(problem, language), file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
