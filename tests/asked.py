"""The command line asked as a user asks it: in this process, or as a program of its own."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from engagement import cli


@dataclass(frozen=True)
class Answer:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        return self.out + self.err


def engagement(*arguments: object, encoding: str = "utf-8") -> Answer:
    """The answer of the command line, called in this process; a defect of ours is raised."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding, newline="\n") for _ in "oe")
    code = 0
    with (
        mock.patch.object(sys, "argv", ["engagement", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code or 0
    return Answer(code, *map(_written, (out, err)))


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    return stream.buffer.getvalue().decode(stream.encoding)


def program(*arguments: object, folder: Path | None = None, **environment: str) -> Answer:
    """The answer of the installed program, run in `folder` with changes to its environment."""
    found = shutil.which("engagement", path=str(Path(sys.executable).parent))
    assert found, "the package is not installed beside this Python: pip install -e ."
    ended = subprocess.run(
        [found, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    return Answer(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def tree(folder: Path) -> dict[str, bytes]:
    """The bytes of every file under `folder` by its path; empty when there is no folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
