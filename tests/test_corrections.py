"""The round trip of a fault: reported in fix.xlsx, mended by a clerk, put back, and gone."""

import datetime
import shutil

import numpy as np
import openpyxl
import pandas as pd
import pytest
from asked import engagement, tree
from posed import HEAD

from engagement import words
from engagement.files import inert
from engagement.records import read
from engagement.records.corrections import KEY

STUDY = f"""{HEAD}
[[roster]]
file = "*.xlsx"
kind = "members"

[outcomes.took_part]
kind = "column"
field = "hours"
primary = true
label = {{ zh = "到会", en = "came" }}
"""
ROWS = [
    ["样例社区党员花名册"],
    ["序号", "姓名", "性别", "出生年月", "公民身份号码", "手机号码", "成员编号", "学历"],
    [1, "王芳", "女", datetime.date(1956, 3, 4), None, 13912345678, "007", "初中"],
    [2, "李建国", "男", "1956年13月", None, "139 1234 5679", "0010", "小学"],
    [3, "赵敏", "女", "1949年12月", "110105194912310012", "13912345670", "=1+1", "高中"],
    [4, "钱大", "男", "1961年2月", None, "1391234567", None, "高小班"],
    [5, "孙丽", "女", "1980年10月", None, "13912345671", "0042", "大专"],
    ["合计", "5人"],
]
BIRTH, NUMBER, SCHOOL = "D4", "E5", "H6"
MENDED = {BIRTH: "1956年12月", NUMBER: "11010519491231002X", SCHOOL: "小学"}


def roster(path, rows=ROWS):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.active.title = "第一支部"
    for line in book.active.iter_rows():
        for cell in line:
            if cell.value == "=1+1":
                cell.data_type = "s"
    book.save(path)


@pytest.fixture
def study(checked, tmp_path):
    """A study that has been checked once: fix.xlsx lies in private/."""
    shutil.copytree(checked, tmp_path / "study")
    return tmp_path / "study"


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("checked") / "study"
    (folder / "rosters").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    roster(folder / "rosters" / "members.xlsx")
    assert engagement("check", folder).code == 0
    return folder


def mend(folder, changes, name="fix.xlsx", change=lambda sheet: None, source="private"):
    """Save a copy of fix.xlsx with `changes` beside the rosters, as a spreadsheet program does."""
    book = openpyxl.load_workbook(folder / source / "fix.xlsx")
    sheet = book.worksheets[0]
    for place, text in changes.items():
        sheet[place].value = text
    change(sheet)
    book.save(folder / "rosters" / name)
    book.close()


def private(folder, name):
    return pd.read_csv(folder / "private" / name, dtype=str, keep_default_na=False)


def faults(folder):
    audit = private(folder, "audit_cells.csv")
    wrong = audit[audit["status"].isin(["flagged", "quarantined"])]
    return set(zip(wrong["row"], wrong["field"], strict=True))


def shown(folder):
    book = openpyxl.load_workbook(folder / "private" / "fix.xlsx")
    return book.worksheets[0]


BEFORE = {("4", "birth_date"), ("5", "id_number"), ("6", "education"), ("6", "phone")}


def test_three_faults_mended_in_the_copy_are_gone_and_nothing_else_has_changed(study):
    assert faults(study) == BEFORE
    before, rosters = private(study, "records/members.csv"), tree(study / "rosters")
    mend(study, MENDED)
    answer = engagement("check", study)
    assert answer.code == 0, answer.err
    assert faults(study) == {("6", "phone")}
    after = private(study, "records/members.csv")
    expected = before.copy()
    expected.loc[1, ["raw__birth_date", "birth_date"]] = ["1956年12月", "1956-12"]
    expected.loc[2, ["raw__id_number", "id_number"]] = ["11010519491231002X"] * 2
    expected.loc[2, ["birth_date"]] = ["1949-12-31"]
    expected.loc[3, ["raw__education", "education"]] = ["小学", "primary"]
    changed = ["status", "reasons"]
    pd.testing.assert_frame_equal(after.drop(columns=changed), expected.drop(columns=changed))
    assert list(after["status"]) == ["clean", "clean", "clean", "quarantined", "clean"]
    assert list(before["status"]) == ["clean", *["quarantined"] * 3, "clean"]
    assert tree(study / "rosters")["members.xlsx"] == rosters["members.xlsx"]


def test_the_audit_keeps_what_the_roster_says_and_tells_who_is_corrected(study):
    before = private(study, "audit_cells.csv")
    mend(study, MENDED)
    said = engagement("check", study).out
    audit = private(study, "audit_cells.csv")
    assert list(audit["raw"]) == list(before["raw"])
    told = audit[audit["rule"].str.endswith("corrected")]
    assert list(told["raw"]) == ["1956年13月", "110105194912310012", "高小班"]
    assert list(told["value"]) == ["1956-12", "11010519491231002X", "primary"]
    assert words.text("check.corrected", "zh", cells=3) in said


def test_the_audit_restores_the_roster_and_not_the_mended_copy(study):
    mend(study, {**MENDED, "G6": "0031", "D3": None})
    assert engagement("check", study).code == 0
    (grid,) = read.grids(study / "rosters" / "members.xlsx", study / "rosters")
    audit = private(study, "audit_cells.csv")
    restored = audit[audit["raw"] != ""]
    at, _ = np.nonzero(grid.kinds != "")
    assert list(restored["row"].astype(int) - 1) == list(at)
    assert list(restored["raw"]) == [inert(text) for text in grid.cells[grid.kinds != ""]]


def test_zeros_dates_numbers_and_signs_come_back_as_they_were(study):
    before = private(study, "records/members.csv")
    mend(study, {})
    assert engagement("check", study).code == 0
    pd.testing.assert_frame_equal(private(study, "records/members.csv"), before)
    assert list(before["person_id"]) == ["007", "0010", "'=1+1", "", "0042"]


def test_a_wrong_correction_is_reported_again_with_its_new_text(study):
    mend(study, {BIRTH: "1956年14月"})
    assert engagement("check", study).code == 0
    assert ("4", "birth_date") in faults(study)
    assert shown(study)[BIRTH].value == "1956年14月"
    assert words.label("reason.corrected", "zh") in shown(study)["J4"].value


def test_an_empty_cell_may_be_filled_and_a_wrong_one_emptied(study):
    mend(study, {"G6": "0031", BIRTH: None})
    assert engagement("check", study).code == 0
    records = private(study, "records/members.csv")
    assert records.loc[3, "person_id"] == "0031"
    assert (records.loc[1, "birth_date"], records.loc[1, "status"]) == ("", "clean")
    audit = private(study, "audit_cells.csv")
    told = audit[audit["rule"].str.endswith("corrected")]
    assert told[["row", "raw", "value", "status"]].to_numpy().tolist() == [
        ["4", "1956年13月", "", "clean"],
        ["6", "", "0031", "clean"],
    ]


def test_the_next_fix_xlsx_holds_what_was_mended_so_that_it_can_take_the_place_of_the_copy(study):
    mend(study, MENDED)
    engagement("check", study)
    sheet = shown(study)
    assert {place: sheet[place].value for place in MENDED} == MENDED
    assert words.label("reason.mended", "zh") in sheet["J4"].value
    assert sheet[BIRTH].fill.start_color.rgb == "00C6E0B4"
    mend(study, {"F6": "13912345675"})
    assert engagement("check", study).code == 0
    assert faults(study) == set()


MOVES = {
    "a row deleted": (lambda sheet: sheet.delete_rows(4), "correction_rows_moved", "4"),
    "the last person deleted": (lambda sheet: sheet.delete_rows(7), "correction_rows_moved", "7"),
    "a row added": (lambda sheet: sheet.insert_rows(5), "correction_rows_moved", "5"),
    "a person added below": (
        lambda sheet: sheet.append(["6", "周八", "男"]),
        "correction_rows_moved",
        "9",
    ),
    "a row emptied": (
        lambda sheet: [setattr(cell, "value", None) for cell in sheet[6]],
        "correction_rows_moved",
        "6",
    ),
    "two rows exchanged": (
        lambda sheet: exchanged(sheet, 3, 7),
        "correction_rows_moved",
        "3",
    ),
    "a column deleted": (lambda sheet: sheet.delete_cols(3), "correction_columns_moved", "C"),
    "a column added": (lambda sheet: sheet.insert_cols(3), "correction_columns_moved", "C"),
}


def exchanged(sheet, one, other):
    for left, right in zip(sheet[one], sheet[other], strict=True):
        left.value, right.value = right.value, left.value


@pytest.mark.parametrize("move", MOVES)
def test_a_copy_whose_rows_or_columns_moved_is_refused_by_the_place(study, move):
    change, key, place = MOVES[move]
    mend(study, MENDED, change=change)
    before = tree(study / "private")
    answer = engagement("check", study)
    assert answer.code == 11
    words_of = {"sheet": "members 第一支部", "file": "fix.xlsx", "source": "members.xlsx"}
    values = {"row": place, "column": place, **words_of}
    assert words.text(f"problem.{key}", "zh", **values) in answer.err
    assert tree(study / "private") == before


def test_a_copy_of_a_roster_that_has_changed_since_is_refused(study):
    mend(study, MENDED)
    roster(study / "rosters" / "members.xlsx", [*ROWS[:-1], [6, "周八", "男"], ROWS[-1]])
    answer = engagement("check", study)
    assert answer.code == 11 and "members.xlsx" in answer.err and "fix.xlsx" in answer.err
    (study / "rosters" / "fix.xlsx").unlink()
    assert engagement("check", study).code == 0


def test_two_copies_that_differ_are_refused_and_two_that_agree_are_not(study):
    mend(study, MENDED)
    mend(study, {BIRTH: "1956年11月"}, "fix (1).xlsx")
    answer = engagement("check", study)
    assert answer.code == 11
    assert "第 4 行" in answer.err and "1956年1" not in answer.err
    mend(study, {BIRTH: MENDED[BIRTH]}, "fix (1).xlsx")
    assert engagement("check", study).code == 0
    assert faults(study) == {("6", "phone")}


def test_a_workbook_that_is_no_copy_of_fix_xlsx_is_told_and_not_read_as_a_roster(study):
    shutil.copy(study / "rosters" / "members.xlsx", study / "rosters" / "fix.xlsx")
    answer = engagement("check", study)
    assert answer.code == 11
    assert words.text("problem.correction_foreign", "zh", file="fix.xlsx") in answer.err


def test_a_copy_without_one_of_its_sheets_is_refused(study):
    book = openpyxl.load_workbook(study / "private" / "fix.xlsx")
    book.worksheets[0].title = "Sheet1"
    book.save(study / "rosters" / "fix.xlsx")
    answer = engagement("check", study)
    assert answer.code == 11 and "members 第一支部" in answer.err


def test_a_club_may_keep_a_roster_of_fixtures(study):
    roster(study / "rosters" / "fixtures.xlsx")
    assert engagement("check", study).code == 0
    assert set(private(study, "records/members.csv")["source_file"]) == {
        "members.xlsx",
        "fixtures.xlsx",
    }


def test_the_hidden_sheet_tells_of_files_and_rows_and_of_nobody(study):
    book = openpyxl.load_workbook(study / "private" / "fix.xlsx")
    assert book[KEY].sheet_state == "hidden"
    lines = [[cell.value for cell in row] for row in book[KEY].iter_rows()]
    assert len(lines) == 2
    assert lines[1][:3] == ["members 第一支部", "members.xlsx", "第一支部"]
    assert lines[1][4:] == ["8", "1", "8"]


def test_only_the_rows_to_mend_of_a_large_sheet_are_shown_and_read_back(study, monkeypatch):
    from engagement.records import mending

    many = [[number, "王芳", "女", "1956年3月"] for number in range(1, 40)]
    many[20][3], many[30][3] = "1956年13月", "1956年14月"
    roster(study / "rosters" / "members.xlsx", [ROWS[0], ROWS[1][:4], *many])
    monkeypatch.setattr(mending, "WHOLE", 20)
    engagement("check", study)
    sheet = shown(study)
    assert sheet.max_row == 12
    mend(study, {"D11": "1956年12月", "D12": "1956年11月"})
    assert engagement("check", study).code == 0
    assert faults(study) == set()
    births = private(study, "records/members.csv")["birth_date"]
    assert [births[20], births[30], births[0]] == ["1956-12", "1956-11", "1956-03"]
