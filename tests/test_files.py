"""No file is ever half there, no formula is ever live, and one run at a time."""

import csv
import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from asked import tree

from engagement import files, words
from engagement.errors import ReleaseRefused, UsageError


def test_a_file_is_replaced_whole(tmp_path):
    target = tmp_path / "out" / "page.html"
    files.write(target, b"first")
    files.write(target, b"second")
    assert target.read_bytes() == b"second"
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]


def test_a_failed_write_leaves_the_old_file_and_no_remains(tmp_path, monkeypatch):
    target = tmp_path / "page.html"
    files.write(target, b"old")

    def full_disk(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(ReleaseRefused) as caught:
        files.write(target, b"new")
    assert caught.value.exit_code == 12
    assert caught.value.problems[0].values["file"] == "page.html"
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]


def test_a_locked_file_is_named_and_the_old_files_stay_whole(tmp_path, monkeypatch):
    """A program that holds a file bars opening it for writing; here it holds the second of two."""
    pages = dict.fromkeys(("brief.html", "brief.docx"), b"new")
    for name in pages:
        (tmp_path / name).write_bytes(b"old")
    opens = Path.open

    def opened(path, mode="r", *rest, **more):
        if mode == "r+b" and path.name == "brief.docx":
            raise PermissionError(13, "Permission denied", str(path))
        return opens(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(ReleaseRefused) as caught:
        files.write_together(tmp_path, pages)
    (problem,) = caught.value.problems
    assert dict(problem.values) == {"file": "brief.docx", "found": "Permission denied"}
    said = words.text(f"problem.{problem.key}", "en", **problem.values)
    assert said.startswith("brief.docx: cannot be written") and "Close the program" in said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        "brief.docx": b"old", "brief.html": b"old",
    }  # fmt: skip


def test_what_else_lies_in_a_folder_stays_when_its_files_are_replaced_together(tmp_path):
    out = tmp_path / "out"
    (out / "notes").mkdir(parents=True)
    for name in ("brief.html", "minutes.txt", "notes/of mine.txt", ".brief.html.123.part"):
        (out / name).write_bytes(b"old")
    files.write_together(out, {"brief.html": b"new", "plan.xlsx": b"new"})
    assert tree(tmp_path) == {
        "out/brief.html": b"new", "out/plan.xlsx": b"new",
        "out/minutes.txt": b"old", "out/notes/of mine.txt": b"old",
    }  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a right to make links")
def test_a_folder_that_is_a_link_stays_one(tmp_path):
    (tmp_path / "share").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "share")
    files.write_together(tmp_path / "out", {"brief.html": b"new"})
    assert (tmp_path / "out").is_symlink()
    assert tree(tmp_path / "share") == {"brief.html": b"new"}


@pytest.mark.parametrize("answer", [errno.EBUSY, errno.EXDEV])
def test_a_folder_that_is_a_mount_is_named_and_keeps_its_files(tmp_path, monkeypatch, answer):
    """Linux answers EBUSY when a mount is to be moved, and EXDEV between two of them."""
    place = tmp_path / "out"
    files.write_together(place, {"page.html": b"old"})

    def mount(*given):
        raise OSError(answer, "busy")

    monkeypatch.setattr(files, "_swapped", lambda one, other: False)
    monkeypatch.setattr(Path, "replace", mount)
    with pytest.raises(ReleaseRefused) as caught:
        files.write_together(place, {"page.html": b"new"})
    problem = caught.value.problems[0]
    assert (problem.key, problem.values) == ("mounted", {"file": "out"})
    assert "mount" in words.text("problem.mounted", "en", **problem.values).lower()
    assert tree(tmp_path) == {"out/page.html": b"old"}


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "out").write_text("in the way", encoding="utf-8")
    with pytest.raises(ReleaseRefused):
        files.write(tmp_path / "out" / "page.html", b"x")


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3+cmd", "@SUM(A1)", "\tx", "＝1", "＠x"]
)
def test_a_formula_becomes_plain_text(text):
    assert files.inert(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["+8613912345678", "-", "-3.5", "王芳", "", "1956-03-04", "+86 139 1234 5678"]
)
def test_what_is_no_formula_stays_as_it_is(text):
    assert files.inert(text) == text


def test_a_csv_reads_back_as_written(tmp_path):
    table = pd.DataFrame({"name": ["王芳", 'a "quoted", cell'], "note": ["line\nbreak", "=1+1"]})
    files.write_csv(tmp_path / "t.csv", table)
    with (tmp_path / "t.csv").open(encoding="utf-8", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["name", "note"],
            ["王芳", "line\nbreak"],
            ['a "quoted", cell', "'=1+1"],
        ]


def test_a_csv_for_people_opens_in_excel(tmp_path):
    files.write_csv(tmp_path / "t.csv", pd.DataFrame({"a": ["王芳"]}), for_people=True)
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no owner-only mode")
def test_the_private_folder_is_its_owners_alone_and_swept(tmp_path):
    folder = tmp_path / "private"
    folder.mkdir(mode=0o755)
    (folder / ".audit.csv.123.part").write_text("left by a killed run", encoding="utf-8")
    files.private(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []


def test_a_second_run_is_refused_while_the_first_is_running(tmp_path):
    folder = files.private(tmp_path / "private")
    second = "import sys, pathlib; from engagement import files\nwith files.locked(pathlib.Path(sys.argv[1])): pass"
    with files.locked(folder):
        refused = subprocess.run(
            [sys.executable, "-c", second, str(folder)], capture_output=True, text=True, check=False
        )
    assert refused.returncode != 0 and "UsageError" in refused.stderr
    subprocess.run([sys.executable, "-c", second, str(folder)], check=True)


def test_the_refusal_is_a_usage_error(tmp_path):
    folder = files.private(tmp_path / "private")
    with files.locked(folder), pytest.raises(UsageError) as caught, files.locked(folder):
        pass
    assert caught.value.exit_code == 2
