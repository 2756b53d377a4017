"""A disk that fails, a process that is killed: every file is the old one or the new one, whole."""

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


SYSTEMS = (sys.platform, "another")  # with a call that exchanges folders where there is one


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


@pytest.mark.parametrize("system", SYSTEMS)
def test_any_call_to_the_disk_may_fail_and_files_that_belong_together_stay_whole(
    tmp_path, monkeypatch, system
):
    monkeypatch.setattr(sys, "platform", system)
    old = dict.fromkeys(("brief.en.html", "findings.json"), b"old")
    new = dict.fromkeys(old, b"new")
    files.write_together(tmp_path / "out", old)
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        files.write_together(tmp_path / "out", old)
    refused = 0
    for failing in range(1, disk.calls + 1):
        files.write_together(tmp_path / "out", old)
        with monkeypatch.context() as patch:
            Disk(patch, failing)
            try:
                files.write_together(tmp_path / "out", new)
            except ReleaseRefused:
                refused += 1
        assert tree(tmp_path / "out") in (old, new)
        assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert disk.calls >= 8 and refused == disk.calls


WRITES = """
import sys
from pathlib import Path
from engagement import files
sys.platform = sys.argv[2]
place, sets = Path(sys.argv[1]), [dict.fromkeys(map(str, range(12)), b"%d" % n) for n in (0, 1)]
files.write_together(place, sets[0])
print(flush=True)
while True:
    for one in sets:
        files.write_together(place, one)
"""


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("seed", range(4))
def test_a_killed_process_leaves_one_set_of_files_and_never_two_mixed(tmp_path, seed, system):
    place = tmp_path / "out"
    command = [sys.executable, "-c", WRITES, str(place), system]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    process.stdout.readline()
    time.sleep(0.05 + random.Random(seed).random() * 0.05)
    process.kill()
    process.communicate()
    seen = set(tree(place).values())
    assert len(seen) == 1 if place.exists() else system == "another"
    files.settle(place)
    left = tree(tmp_path)
    assert len(left) == 12 and len(set(left.values())) == 1


@pytest.mark.parametrize(
    ("there", "left"),
    [
        (("out", ".out.new"), "out"),
        (("out", ".out.old"), "out"),
        (("out", ".out.old", ".out.new"), "out"),
        ((".out.old", ".out.new"), ".out.new"),
        ((".out.old",), ".out.old"),
        ((".out.new",), None),
    ],
)
def test_whatever_a_kill_left_the_next_start_finds_the_whole_set(tmp_path, there, left):
    """Before the old folder has moved the new one may be half; after that it is whole."""
    for name in there:
        (tmp_path / name).mkdir()
        (tmp_path / name / "page").write_text(name, encoding="utf-8")
    files.settle(tmp_path / "out")
    assert tree(tmp_path) == ({"out/page": left.encode()} if left else {})


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
