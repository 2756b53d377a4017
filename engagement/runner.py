"""Notebooks executed on a study, and compared with what they said the last time.

Enters: notebook files and the folder of a study.
Leaves: executed notebooks in canonical form, without times, paths or versions.
Refuses: a notebook whose cell fails (its number and the kind of error, never a value).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from engagement import files

WORKERS = 2
CELL_SECONDS = 120
TRIES = 3
FOLDER = "notebooks"
_DIFFERS = re.compile(r"Cell (\d+): Cell (?:outputs differ|execution caused an exception)")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


class NotebookFailed(RuntimeError):
    """A cell of a notebook raised, or its kernel gave no answer: ours to mend, or its copy."""


def notebooks() -> list[Path]:
    """The six notebooks, in reading order."""
    here = Path(__file__).parent
    installed = here / "notebooks"
    folder = installed if installed.is_dir() else here.parent / "notebooks"
    return sorted(folder.glob("0*.ipynb"))


def executed(private: Path) -> list[Path]:
    """The notebooks that were executed on a study, in reading order."""
    return sorted((private / FOLDER).glob("*.ipynb"))


def prose(sources: Iterable[Path]) -> list[str]:
    """The words between the code of `sources`."""
    cells = [c for path in sources for c in json.loads(path.read_text("utf-8"))["cells"]]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]


def execute(
    sources: Iterable[Path],
    target: Path,
    places: Mapping[str, Path],
    *,
    progress: Callable[[str], None] = lambda name: None,
) -> list[Path]:
    """Run `sources`, each in a fresh kernel, and write them to the folder `target`.

    `places` are the variables that tell a notebook its study, and a cells file if there is one.
    """
    target.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_execute_all(list(sources), target, places, progress))


async def _execute_all(sources: list[Path], target: Path, places, progress) -> list[Path]:
    gate = asyncio.Semaphore(WORKERS)

    async def one(source: Path) -> Path:
        async with gate:
            written = await _execute(source, target, places)
        progress(source.name)
        return written

    return _done(await asyncio.gather(*map(one, sources), return_exceptions=True))


def _done(results: list[Path | BaseException]) -> list[Path]:
    """The notebooks written; the first failure is raised when all of them have ended."""
    for failure in filter(lambda result: isinstance(result, BaseException), results):
        raise failure
    return list(results)


async def _execute(source: Path, target: Path, places: Mapping[str, Path]) -> Path:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(source, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS,
        kernel_name="python3",
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
        resources={"metadata": {"path": str(target)}},
    )
    try:
        await client.async_execute(env=_environment(places))
    except CellExecutionError as error:
        raise NotebookFailed(f"{source.name}: {error.ename}") from None
    written = target / source.name
    files.write(written, f"{nbformat.writes(_canonical(notebook)).rstrip()}\n".encode())
    return written


def _canonical(notebook):
    """The notebook with the same metadata whatever machine ran it."""
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    for cell in notebook.cells:
        cell.metadata = {"tags": cell.metadata["tags"]} if cell.metadata.get("tags") else {}
    return notebook


def moved(
    executed: Iterable[Path],
    places: Mapping[str, Path],
    *,
    progress: Callable[[str], None] = lambda name: None,
) -> dict[str, list[int]]:
    """The executed notebooks of which some output is not what it was (nbval), by name: the
    numbers of those cells, as Jupyter shows them; none where a cell was never run."""
    notebooks, found = list(executed), {}
    with ThreadPoolExecutor(WORKERS) as pool:
        compared = pool.map(lambda notebook: _differences(notebook, places), notebooks)
        for notebook, cells in zip(notebooks, compared, strict=True):
            if cells is not None:
                found[notebook.name] = cells
            progress(notebook.name)
    return found


def _differences(notebook: Path, places: Mapping[str, Path]) -> list[int] | None:
    """The cells with another output, or None: a kernel that does not answer is asked again."""
    if _unrun(notebook):
        return []
    for _ in range(TRIES):
        answer = _compare(notebook, places)
        if answer.returncode == 0:
            return None
        if cells := sorted({int(number) + 1 for number in _DIFFERS.findall(answer.stdout)}):
            return cells
    raise NotebookFailed(f"{notebook.name}: no answer")


def _unrun(notebook: Path) -> bool:
    """Whether a cell was never run, or was cleared: nbval passes over such a cell."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return any(cell["cell_type"] == "code" and not cell["execution_count"] for cell in cells)


def _compare(notebook: Path, places: Mapping[str, Path]) -> subprocess.CompletedProcess:
    command = [
        sys.executable, "-m", "pytest", "-q", "--nbval", "--nbval-current-env",
        f"--nbval-cell-timeout={CELL_SECONDS}", "-p", "no:cacheprovider", "-c", os.devnull,
        "--rootdir", str(notebook.parent), str(notebook),
    ]  # fmt: skip
    said = {"capture_output": True, "encoding": "utf-8", "errors": "replace"}  # in any locale
    return subprocess.run(command, env=_environment(places), check=False, **said)


def _environment(places: Mapping[str, Path]) -> dict[str, str]:
    """The environment of a kernel: of the variables of ours only those of `places`."""
    ours = [name for name in os.environ if name.startswith("ENGAGEMENT_")]
    kept = {name: value for name, value in os.environ.items() if name not in ours}
    return kept | {name: str(path) for name, path in places.items()}


def main() -> None:
    """Execute the repository's own notebooks in place on the sample: `make notebooks`."""
    for source in notebooks():
        community = source.parent.parent / "data" / "community"
        execute([source], source.parent, {"ENGAGEMENT_STUDY": community})


if __name__ == "__main__":
    main()
