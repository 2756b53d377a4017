"""A disk that is full is one message; nothing is half written, and what was there stays."""

import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from drawn import roster

from engagement import cell_file, files, study
from engagement.errors import ReleaseRefused
from engagement.records import evidence, scale

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
ROOM = 40_000  # bytes that a file may have; the counts of the community need more


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(COMMUNITY, tmp_path / "community", ignore=shutil.ignore_patterns("private"))
    return tmp_path / "community"


def run(folder, engine, room):
    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    command = [sys.executable, "-c", "from engagement import cli; cli.main()", "cells"]
    return subprocess.run(
        [*command, str(folder), "--engine", engine],
        capture_output=True,
        check=False,
        preexec_fn=limited,
    )


@pytest.mark.parametrize(("engine", "room"), [("pandas", ROOM), ("batches", 4_000)])
def test_a_run_that_finds_the_disk_full_says_so_and_leaves_nothing(folder, engine, room):
    private = files.private(folder / "private")
    (private / "cells.parquet").write_bytes(b"what was there")
    ended = run(folder, engine, room)
    lines = ended.stderr.decode().strip().splitlines()
    assert ended.returncode == ReleaseRefused.exit_code
    assert len(lines) == 1 and "磁盘已满" in lines[0]
    left = {path.name: path.read_bytes() for path in private.rglob("*") if path.is_file()}
    assert left == {".lock": b"", "cells.parquet": b"what was there"}


def test_the_same_run_with_room_is_not_refused(folder):
    assert run(folder, "pandas", 100_000_000).returncode == 0
    opened = study.load(folder)
    assert len(cell_file.read(folder / "private" / "cells.parquet", opened)["cells"])


def test_a_database_without_room_for_its_spill_is_a_full_disk(tmp_path, monkeypatch):
    spilling = scale._spilling
    tight = {"memory_limit": "12MB", "max_temp_directory_size": "1KB"}
    monkeypatch.setattr(scale, "_spilling", lambda folder: spilling(folder) | tight)
    lines = [f"王芳{at} | 139{at:08}" for at in range(3000)]
    people = evidence.identities(roster("name | phone\n" + "\n".join(lines)))
    with pytest.raises(ReleaseRefused) as refused, files.writing(tmp_path):
        list(scale.compared(people, people, tmp_path))
    assert [problem.key for problem in refused.value.problems] == ["disk_full"]
    assert refused.value.__suppress_context__
