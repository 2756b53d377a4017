"""Rosters too large to hold: batches of any size give the records of one pass."""

import dataclasses
import itertools

import numpy as np
import pandas as pd
import pytest
from drawn import source, study
from drawn import table as drawn
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement import codebook
from engagement.errors import RosterError
from engagement.records import audit, clean, columns, duplicates, large, stream

MALE, FEMALE = "110105194912310011", "11010519491231002X"
HEADER = ["姓名", "性别", "出生日期", "公民身份号码", "手机号码", "所在党支部", "党小组", "备注"]
FIELDS = ["name", "sex", "birth_date", "id_number", "phone", "branch", "group", "remark"]
CELLS = [
    ["王芳", "王　芳", "王芳（预备）", "李建国", "不详", "Anna Lee", ""],
    ["男", "女", "F", "不明", "?", ""],
    ["1949-12-31", "1949.12", "一九四九年十二月", "56.3.2", "1956年13月", "２０００．１．２", ""],
    [MALE, FEMALE, FEMALE.lower(), "110105 19491231 002X", "110105194912310021", "1", ""],
    ["13912345678", "139 1234 5678", "0512-65123456", "1391234567", "139****5678", ""],
    ["第一支部", "一支部", "第九支部", ""],
    ["第一小组", "第2小组", "二组", ""],
    ["因病住院", "Ａ组", ""],
]
messy = st.lists(st.tuples(*map(st.sampled_from, CELLS)), min_size=1, max_size=12)


def opened(folder, rows, name="members.csv", parquet=False):
    """A study with one roster, written to `folder`."""
    rosters = folder / "rosters"
    rosters.mkdir(exist_ok=True)
    frame = pd.DataFrame(rows, columns=HEADER, dtype="str").replace("", np.nan)
    path = rosters / name
    frame.to_parquet(path, index=False) if parquet else frame.to_csv(path, index=False)
    roster = source("members", files=(path,))
    drawn_study = study(folder=folder, rosters=(roster,), headers=codebook.headers())
    return roster, dataclasses.replace(drawn_study)


def one_pass(rows, roster, known):
    raw = pd.DataFrame(rows, columns=FIELDS, dtype="str").replace("", np.nan)
    places = {"source_file": "members.csv", "sheet": "", "kind": "members", "row_note": ""}
    raw = raw.assign(**places, row=range(2, 2 + len(raw)))
    return clean.records(raw, roster, known)


def streamed(folder, roster, known, **options):
    account = stream.records(roster, known, folder / "records.parquet", **options)
    return account, pd.read_parquet(folder / "records.parquet")


@settings(max_examples=20, deadline=None)
@given(messy, st.integers(1, 14), st.booleans())
def test_batches_of_any_size_give_the_records_of_one_pass(tmp_path_factory, rows, size, parquet):
    folder = tmp_path_factory.mktemp("stream")
    roster, known = opened(folder, rows, parquet=parquet)
    whole = one_pass(rows, roster, known)
    account, found = streamed(folder, roster, known, size=size)
    left_out = whole["row"].isin(account.repeats["row"])
    pd.testing.assert_frame_equal(
        found, whole[~left_out].reset_index(drop=True), check_dtype=False, check_like=True
    )
    assert account.rows == len(rows) == account.clean + account.quarantined + account.duplicates
    assert account.duplicates == left_out.sum()
    assert account.quarantined == (whole["status"] == "quarantined").sum()


@pytest.mark.parametrize("size", [1, 3])
def test_changed_values_are_counted_the_same_however_the_rows_are_cut(tmp_path, size):
    folder, rows = tmp_path, [tuple(cells[at % len(cells)] for cells in CELLS) for at in range(8)]
    roster, known = opened(folder, rows)
    keys = ["field", "raw", "value", "rule", "confidence", "status"]
    told = []
    for cut in (size, len(rows)):
        streamed(folder, roster, known, size=cut, values=folder / "values.parquet")
        told.append(pd.read_parquet(folder / "values.parquet").sort_values(keys))
    pd.testing.assert_frame_equal(*(part.reset_index(drop=True) for part in told))


def test_changed_values_are_those_of_each_cell():
    raw = drawn("""
        name    | phone         | birth_date
        王芳    | 139 1234 5678 | 1949-12-31
        王 芳   | 139 1234 5678 | 1949年12月
        王 芳   | 1391234567    | -
    """).assign(source_file="x.csv", sheet="", row=[2, 3, 4])
    told = audit.values(raw, columns.read(raw, source("members"), study()))
    assert told["name"][["raw", "value", "cells", "first_row"]].to_numpy().tolist() == [
        ["王 芳", "王芳", 2, 3]
    ]
    assert told["phone"][["raw", "value", "cells", "status"]].to_numpy().tolist() == [
        ["139 1234 5678", "+8613912345678", 2, "clean"],
        ["1391234567", "", 1, "quarantined"],
    ]
    assert told["birth_date"][["raw", "value", "cells"]].to_numpy().tolist() == [
        ["1949年12月", "1949-12", 1]
    ]


def row(name, number="", phone="", birth=""):
    return (name, "", birth, number, phone, "", "", "")


@pytest.mark.parametrize("size", [1, 2, 100])
def test_two_people_of_one_name_and_nothing_else_are_never_one(tmp_path, size):
    roster, known = opened(tmp_path, [row("王建国"), row("王建国"), row("王建国", birth="1956")])
    account, found = streamed(tmp_path, roster, known, size=size)
    assert (account.duplicates, len(found)) == (0, 3)


@pytest.mark.parametrize("size", [1, 2, 100])
def test_of_a_person_listed_twice_the_first_row_is_kept(tmp_path, size):
    twice = [row("王芳", FEMALE), row("李娜", phone="13912345678"), row("王 芳", FEMALE.lower())]
    roster, known = opened(tmp_path, [*twice, row("李娜", phone="139-1234-5678")])
    account, found = streamed(tmp_path, roster, known, size=size)
    assert list(found["row"]) == [2, 3]
    assert account.repeats.to_numpy().tolist() == [["members.csv", 4], ["members.csv", 5]]


def test_a_masked_number_identifies_nobody(tmp_path):
    masked = row("王芳", phone="139****5678")
    roster, known = opened(tmp_path, [masked, masked])
    assert streamed(tmp_path, roster, known)[0].duplicates == 0


def test_a_row_that_cannot_be_read_is_kept_however_often_it_comes(tmp_path):
    refused = row("王芳", number=FEMALE, birth="1956年13月")
    roster, known = opened(tmp_path, [refused, refused])
    account, found = streamed(tmp_path, roster, known)
    assert (account.quarantined, account.duplicates, len(found)) == (2, 0, 2)


def test_a_legacy_encoding_and_a_tab_are_seen_from_the_first_lines(tmp_path):
    roster, known = opened(tmp_path, [row("王芳", FEMALE)])
    lines = "\t".join(HEADER) + "\n王芳\t女\t\t" + FEMALE + "\t\t\t\t\n"
    roster.files[0].write_bytes(lines.encode("gb18030"))
    _, found = streamed(tmp_path, roster, known)
    assert list(found["name"]) == ["王芳"]
    assert list(found["birth_date"]) == ["1949-12-31"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("姓名,性别\n王芳,女\n王芳,女,3\n", "roster_damaged"),
        ("年龄,性别\n3,女\n", "field_not_found"),
        ("党员名册,\n姓名,性别\n王芳,女\n", "header_not_found"),
    ],
)
def test_what_is_no_table_is_refused_and_nothing_is_written(tmp_path, content, problem):
    roster, known = opened(tmp_path, [row("王芳")])
    roster.files[0].write_text(content, encoding="utf-8")
    with pytest.raises(RosterError) as refused:
        streamed(tmp_path, roster, known)
    assert [told.key for told in refused.value.problems] == [problem]
    assert [path.name for path in tmp_path.iterdir()] == ["rosters"]


@given(st.lists(st.text(max_size=8), min_size=1, max_size=40))
def test_a_fingerprint_tells_texts_apart_and_is_the_same_in_every_batch(texts):
    frame = pd.DataFrame({"a": pd.Series(texts, dtype="str")})
    prints = duplicates.fingerprints(frame, ["a"])
    apart = [duplicates.fingerprints(frame.iloc[[at]], ["a"])[0] for at in range(len(frame))]
    assert prints.tolist() == apart
    assert len(set(prints.tolist())) == len(set(texts))


@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=12))
def test_what_was_seen_is_remembered_over_batches(batches):
    seen, met = [], set()
    for batch in batches:
        prints = np.array(batch, dtype=np.uint64)
        found, seen = duplicates.repeated(prints, np.ones(len(prints), dtype=bool), seen)
        wanted = []
        for number in batch:
            wanted.append(number in met)
            met.add(number)
        assert found.tolist() == wanted
        lengths = [len(part) for part in seen]
        assert all(longer >= 2 * shorter for longer, shorter in itertools.pairwise(lengths))


def test_rows_are_numbered_as_in_the_file_over_all_batches(tmp_path):
    roster, known = opened(tmp_path, [row(f"王{'芳' * at}", FEMALE) for at in range(1, 8)])
    parts = list(large.batches(roster.files[0], roster, known, 3))
    assert [list(part["row"]) for part in parts] == [[2, 3, 4], [5, 6, 7], [8]]
