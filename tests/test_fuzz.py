"""Bytes changed at random: a roster is read or refused within a second, and nothing else."""

import tempfile
import time
from pathlib import Path

import pytest
from hostile import book, cleaned, lines, ods, parts, zipped
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.errors import RosterError

SECONDS = 1.0
FILES = {
    "a.xlsx": book(),
    "a.ods": ods(("名册", [["姓名", "性别"], ["王芳", "女"]])),
    "utf8.csv": lines().encode(),
    "gb18030.csv": lines().encode("gb18030"),
    "utf16.csv": lines("\t").encode("utf-16"),
}
SIGNS = st.sampled_from([b'"', b"\n", b",", b"\0", b"\xff", b"<", b">", b"&", b"0", b"9" * 9, b""])


def read_or_refused(content, name):
    """Whether the file was read; fails on any other error, and when it took too long."""
    began = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = cleaned(Path(folder), content, name=name)
        except RosterError as error:
            assert error.problems[0].values["file"] == name
        else:
            parts = ["structural", "clean", "quarantined", "duplicates"]
            assert found.manifest[parts].sum(axis=1).eq(found.manifest["rows"]).all()
    assert time.process_time() - began < SECONDS


def changed(data, content):
    """The content with up to eight bytes changed, and perhaps cut or written over."""
    found = bytearray(content)
    for place in data.draw(st.lists(st.integers(0, len(found) - 1), max_size=8)):
        found[place] = data.draw(st.integers(0, 255))
    start = data.draw(st.integers(0, len(found)))
    stop = start + data.draw(st.sampled_from([0, 0, 1, 2, 16, len(found)]))
    return bytes(found[:start] + data.draw(SIGNS) + found[stop:])


@pytest.mark.parametrize("name", FILES)
@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.data())
def test_a_file_with_changed_bytes_is_read_or_refused(name, data):
    read_or_refused(changed(data, FILES[name]), name)


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.data())
def test_a_workbook_with_a_changed_part_is_read_or_refused(name, data):
    found = parts(FILES[name])
    part = data.draw(st.sampled_from(sorted(found)))
    found[part] = changed(data, found[part])
    read_or_refused(zipped(found), name)


@pytest.mark.parametrize("name", ["a.xlsx", "a.ods"])
@settings(deadline=None, max_examples=40, derandomize=True)
@given(st.data())
def test_a_workbook_with_parts_dropped_or_exchanged_is_read_or_refused(name, data):
    found = parts(FILES[name])
    order = data.draw(st.permutations(sorted(found)))
    kept = data.draw(st.lists(st.sampled_from(sorted(found)), unique=True))
    read_or_refused(
        zipped({part: found[other] for part, other in zip(kept, order, strict=False)}), name
    )
    read_or_refused(zipped({part: found[part] for part in kept}), name)
