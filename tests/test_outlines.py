"""The copy of the audit that a colleague may see holds nobody; the full one holds the people."""

import hashlib
import shutil
from pathlib import Path

import pandas as pd
import pytest
from asked import engagement
from drawn import study, table
from leaks import among, canaries, identities

from engagement.records import outlines

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
TRUTH = COMMUNITY / "truth"


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "community"
    shutil.copytree(COMMUNITY, folder, ignore=shutil.ignore_patterns("private", "out"))
    assert engagement("check", folder).code == 0
    return folder / "private"


def test_no_canary_and_no_identity_is_in_the_masked_copy(private):
    masked = (private / "audit_values_masked.csv").read_bytes()
    assert among(identities(TRUTH), masked) == set()


def test_the_full_audit_holds_the_canaries_so_the_test_above_can_fail(private):
    full = (private / "audit_values.csv").read_bytes()
    assert len(among(canaries(TRUTH), full)) > 20


def test_every_cell_is_counted_but_for_a_rest_smaller_than_the_threshold(private):
    masked = pd.read_csv(private / "audit_values_masked.csv", keep_default_na=False)
    full = pd.read_csv(private / "audit_values.csv", keep_default_na=False)
    assert masked["cells"].min() >= 5
    assert 0 <= full["cells"].sum() - masked["cells"].sum() < 5
    assert len(masked) < len(full)


@pytest.mark.parametrize(
    ("text", "outline"),
    [
        ("王芳", "H2"),
        ("阿依古丽·麦麦提", "H4·H3"),
        ("O'Brien", "L1'L5"),
        ("11010519491231002X", "N17L1"),
        ("139 1234 5678", "N3 N4 N4"),
        ("1956年3月", "N4H1N1H1"),
        ("１９５６", "N4"),
        ("", ""),
    ],
)
def test_an_outline_tells_kinds_and_lengths_alone(text, outline):
    assert outlines.outline(text) == outline


def test_rare_rows_are_pooled_by_field_then_by_status_and_at_last_left_out():
    distinct = table("""
        field     | raw  | value  | rule | confidence | status      | cells
        sex       | 男   | male   | code | exact      | clean       | 9
        education | 初中 | junior | code | exact      | clean       | 7
        education | 大专 | associate | code | exact   | clean       | 3
        education | 本科 | bachelor | code | exact    | clean       | 2
        name      | 王芳 | 王芳   | name | exact      | clean       | 4
        name      | 李强 | 李强   | name | exact      | clean       | 1
        sex       | 雌   | -      | undeclared_value | lossy | quarantined | 1
    """)
    distinct = distinct.assign(cells=distinct["cells"].astype(int))
    found = outlines.values(distinct, study())
    assert found[["field", "raw", "value", "status", "cells"]].to_numpy().tolist() == [
        ["education", "…", "…", "clean", 5],
        ["education", "初中", "junior", "clean", 7],
        ["name", "H2", "H2", "clean", 5],
        ["sex", "H1", "L4", "clean", 9],
    ]


def test_the_manifest_names_every_file_with_its_hash_the_study_and_the_version(private):
    listed = pd.read_csv(private / "manifest.csv", dtype=str, keep_default_na=False)
    rosters = private.parent / "rosters"
    files = {
        path.relative_to(rosters).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in rosters.rglob("*")
        if path.is_file()
    }
    assert dict(zip(listed["file"], listed["sha256"], strict=True)) == files
    own = hashlib.sha256((private.parent / "study.toml").read_bytes()).hexdigest()
    assert set(listed["study_sha256"]) == {own}
    assert set(listed["calendar"]) == {"party_branch"} and set(listed["version"]) == {"0.1.0"}
    counts = listed[["rows", "structural", "clean", "quarantined", "duplicates"]].astype(int)
    assert (counts.iloc[:, 1:].sum(axis=1) == counts["rows"]).all()
