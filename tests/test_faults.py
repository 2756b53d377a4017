"""A disk that fails, a process that is killed: every file is the old one or the new one, whole."""

import contextlib
import errno
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import branch
import pytest
from asked import engagement, tree

from engagement import files
from engagement.errors import ReleaseRefused

CODES = (errno.ENOSPC, errno.EACCES, errno.EIO)
CHECK = (
    "import sys\n"
    "from engagement import cli\n"
    "sys.argv = ['engagement', 'check', sys.argv[1]]\n"
    "cli.main()\n"
)
SMALL = f"import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n{CHECK}"


class Disk:
    """Counts every call that changes the disk, and fails the one whose turn has come."""

    def __init__(self, patch, failing=None):
        self.calls, self.failing = 0, failing
        names = ("open", "write_bytes", "mkdir", "replace", "unlink", "chmod")
        for owner, name in [*((Path, name) for name in names), (os, "fsync")]:
            patch.setattr(owner, name, self._counted(getattr(owner, name), name))

    def _counted(self, call, name):
        def counted(*arguments, **named):
            reads = name == "open" and (arguments[1:2] or ("r",))[0] in ("r", "rb")
            self.calls += not reads
            if not reads and self.calls == self.failing:
                code = CODES[self.calls % len(CODES)]
                raise OSError(code, os.strerror(code))
            return call(*arguments, **named)

        return counted


def checked_once(folder):
    """The private files of a study after its first check; its roster changes afterwards."""
    branch.study(folder)
    assert engagement("check", folder).code == 0
    before = tree(folder / "private")
    rows = branch.members()
    for row in rows:
        row["Sex"] = "?"
    (folder / "rosters" / "members.csv").write_bytes(branch.written(rows))
    return before


def assert_whole(folder, *versions):
    """Every private file is one of its versions to the last byte."""
    for name, content in tree(folder / "private").items():
        assert any(version.get(name) == content for version in versions), name


def test_any_call_to_the_disk_may_fail_and_files_that_belong_together_stay_whole(
    tmp_path, monkeypatch
):
    old = {tmp_path / "out" / name: b"old" for name in ("brief.en.html", "findings.json")}
    new = dict.fromkeys(old, b"new")
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        files.write_all(old)
    for failing in range(1, disk.calls + 1):
        files.write_all(old)
        with monkeypatch.context() as patch, contextlib.suppress(ReleaseRefused):
            Disk(patch, failing)
            files.write_all(new)
        assert set(tree(tmp_path / "out")) == {path.name for path in old}
        assert set(tree(tmp_path / "out").values()) <= {b"old", b"new"}


def test_a_check_whose_disk_fails_is_told_and_leaves_no_half_file(tmp_path, monkeypatch):
    """Every eleventh call fails in turn: the files are written one like the other."""
    folder = tmp_path / "union"
    before = checked_once(folder)
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        assert engagement("check", folder).code == 0
    after = tree(folder / "private")
    assert disk.calls > 20 and before != after
    ended = set()
    for failing in range(1, disk.calls + 1, 11):
        with monkeypatch.context() as patch:
            Disk(patch, failing)
            answer = engagement("check", folder)
        ended.add(answer.code)
        assert answer.code in (0, 2, 12), answer.said
        assert not [text for text in branch.identities() if text in answer.said]
        assert_whole(folder, before, after)
        assert list(folder.rglob("*.part")) == []
    assert 12 in ended


def test_a_full_disk_is_told_and_leaves_the_old_files(tmp_path):
    """No file may grow beyond four kilobytes, as when a disk is full."""
    folder = tmp_path / "union"
    before = checked_once(folder)
    answer = subprocess.run(
        [sys.executable, "-c", SMALL, str(folder)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 12, answer.stderr
    assert "Traceback" not in answer.stderr
    assert engagement("check", folder).code == 0
    assert_whole(folder, before, tree(folder / "private"))


@pytest.mark.parametrize("seed", range(2))
def test_a_killed_check_leaves_whole_files_and_the_next_one_sweeps_up(tmp_path, seed):
    folder = tmp_path / "union"
    before = checked_once(folder)
    process = subprocess.Popen(
        [sys.executable, "-c", CHECK, str(folder)], stdout=subprocess.DEVNULL
    )
    audit = folder / "private" / "audit_cells.csv"
    while process.poll() is None and audit.read_bytes() == before[audit.name]:
        time.sleep(0.001)
    time.sleep(random.Random(seed).random() * 0.05)
    process.kill()
    process.wait()
    left = tree(folder / "private")
    assert engagement("check", folder).code == 0
    after = tree(folder / "private")
    assert list(folder.rglob("*.part")) == []
    for name, content in left.items():
        assert name.endswith(".part") or content in (before.get(name), after[name])
