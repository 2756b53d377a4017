"""Kill a run at any moment, and see what is left: `python -m bench.kills`.

Enters: how many kills of the step that writes a release, and how many of whole runs.
Leaves: one printed line per kind: kills, half-written files, lost files, mixed sets.
Refuses: nothing. Needs a system with SIGKILL and process groups.

Both are done to a union branch of sixty invented members, whose roster changes between runs, so
that a release follows another one.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from engagement import commands, engines, files, study
from engagement.errors import ReleaseRefused
from engagement.release import claims, ledger, store

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

CALL = "import sys\nfrom engagement import cli\nsys.argv[0] = 'engagement'\ncli.main()"
SHOWN = store.SHOWN_DIGITS
WHOLE: dict[str, Callable[[bytes], bool]] = {
    ".html": lambda page: page.rstrip().endswith(b"</html>"),
    ".pdf": lambda page: page.rstrip().endswith(b"%%EOF"),
    ".docx": lambda page: zipfile.ZipFile(io.BytesIO(page)).testzip() is None,
    ".xlsx": lambda page: zipfile.ZipFile(io.BytesIO(page)).testzip() is None,
    ".json": lambda page: bool(json.loads(page)),
    ".ipynb": lambda page: all(
        cell["cell_type"] == "markdown" or cell["execution_count"]
        for cell in json.loads(page)["cells"]
    ),
    ".csv": lambda page: page.endswith(b"\n"),
}
Tree = dict[str, bytes]


def found_in(folder: Path) -> Tree:
    """The bytes of every finished file under `folder` by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != files.PART and path.name != ".lock"
    }


def with_roster(folder: Path, version: int) -> Path:
    """The union branch with its first (0) or second (1) roster."""
    import branch

    rows = branch.members()
    for row in rows[: 12 * version]:
        row["Came to the meeting"] = "yes"
    (folder / "rosters" / "members.csv").write_bytes(branch.written(rows))
    return folder


def faults(folder: Path, before: Tree) -> Counter:
    """What is wrong with the files of a study that held `before` when its run was killed."""
    left, found = found_in(folder), Counter()
    found["half"] = sum(not _is_whole(Path(name), page) for name, page in left.items())
    pages = {name: page for name, page in left.items() if name.startswith("out/")}
    found["away"] = any(name.startswith("out/") for name in before) and not pages
    own = [name for name in before if not (found["away"] and name.startswith("out/"))]
    found["lost"] = len([name for name in own if name not in left])
    found["mixed"] = bool(pages) and not _is_one_release(pages)
    log = "private/ledger.jsonl"
    found["lost"] += not left.get(log, b"").startswith(before.get(log, b""))
    return found


def _is_whole(path: Path, page: bytes) -> bool:
    try:
        return WHOLE.get(path.suffix, lambda _: True)(page)
    except (ValueError, KeyError, zipfile.BadZipFile):
        return False


def _is_one_release(pages: Tree) -> bool:
    """Whether all pages bear the id of the findings beside them, which are whole."""
    told = json.loads(pages["out/findings.json"])
    try:
        own = store.verify(told)["release"]["id"]
    except ReleaseRefused:
        return False
    return all(store.bears(page, own) for page in pages.values())


def settled(folder: Path) -> Path:
    """The study after the next start of any command; its ledger is chained."""
    files.private(folder / "private")
    files.settle(folder / "out")
    ledger.read(study.load(folder))
    return folder


def steps(count: int, seed: int) -> str:
    """Kills of the step that writes the ledger and the release, at moments drawn at random."""
    import branch

    found, chance = Counter(), random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder, ready = branch.study(Path(name) / "union"), []
        for version in (0, 1):
            opened = study.load(with_roster(folder, version))
            files.private(opened.private)
            room = engines.records(opened)
            ready.append((opened, commands.outgoing(room, engines.counts(room, opened), opened)))
            _write(*ready[-1])
        started = time.perf_counter()
        _write(*ready[0])
        took = time.perf_counter() - started
        for number in range(count):
            before = found_in(folder)
            _kill(*ready[1 - number % 2], after=chance.uniform(0, 1.5 * took))
            found.update(faults(folder, before))
            found.update(faults(settled(folder), before))
    return f"kill -9 while a release is written: {count} kills, {_said(found)}"


def _write(opened, made) -> None:
    entry = claims.told(made.release, opened)
    ledger.write(ledger.append(ledger.read(opened), entry, opened), opened)
    store.write(made.release, made.told, {**made.briefs, **made.plans}, opened.out)


def _kill(opened, made, *, after: float) -> None:
    child = os.fork()
    if not child:
        _write(opened, made)
        os._exit(0)
    time.sleep(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def runs(count: int, seed: int) -> str:
    """Kills of the whole command and its kernels, at moments drawn at random."""
    import branch

    found, chance, reached = Counter(), random.Random(seed), 0
    with tempfile.TemporaryDirectory() as name:
        folder = branch.study(Path(name) / "union")
        started = time.perf_counter()
        _ended(folder)
        took = time.perf_counter() - started
        for number in range(count):
            before = found_in(folder)
            process = _started(with_roster(folder, 1 - number % 2))
            time.sleep(chance.uniform(0, took))
            if process.poll() is None:
                reached += 1
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            found.update(faults(folder, before))
            found.update(faults(settled(folder), before))
        _ended(folder)
        found.update(faults(folder, before))
    return f"kill -9 of a whole run: {count} kills, {reached} before its end, {_said(found)}"


def _started(folder: Path) -> subprocess.Popen:
    command = [sys.executable, "-c", CALL, "run", str(folder)]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True)


def _ended(folder: Path) -> None:
    if _started(folder).wait():
        raise SystemExit("a run that nobody killed did not end well")


def _said(found: Counter) -> str:
    return (
        f"half-written {found['half']}, lost {found['lost']}, sets of two releases "
        f"{found['mixed']} (out/ between two moves until the next start: {found['away']})"
    )


def main() -> None:
    """Kill the last step and whole runs, as often as asked."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--steps", type=int, default=100)
    asked.add_argument("--runs", type=int, default=100)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    for kills, count in ((steps, given.steps), (runs, given.runs)):
        if count:
            print(kills(count, given.seed), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
