"""Rosters become records, with an account of every row and cell; measured against the truth."""

import dataclasses
import datetime
import tempfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from drawn import source
from drawn import study as drawn_study
from drawn import table as drawn_table
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement import codebook, sample, study, words
from engagement.errors import RosterError
from engagement.records import account, clean, read

CELL = ["source_file", "sheet", "row", "header"]
MALE, FEMALE = "110105194912310011", "11010519491231002X"
STUDY = drawn_study(headers=codebook.headers())


@pytest.fixture(scope="module", params=[20221231, 7])
def community(request, tmp_path_factory):
    """A folder with a synthetic community, its study and its cleaned rosters."""
    folder = tmp_path_factory.mktemp("community")
    sample.community(folder, seed=request.param)
    return folder, clean.rosters(study.load(folder))


def truth(folder, name):
    found = pd.read_csv(folder / "truth" / name, dtype=str, keep_default_na=False)
    return found.astype({"row": int})


def joined(folder, audit):
    return truth(folder, "cells.csv").merge(audit, on=CELL, suffixes=("_true", ""), how="left")


def test_every_row_of_every_file_has_its_true_verdict(community):
    folder, cleaned = community
    rows = truth(folder, "rows.csv").drop(columns="person_id")
    place = ["source_file", "sheet", "row"]
    found = rows.merge(cleaned.structure, on=place, how="outer", suffixes=("_true", ""))
    assert len(found) == len(rows) == len(cleaned.structure)
    assert (found["verdict"] == found["verdict_true"]).all()


def test_every_cell_has_its_true_value_and_precision(community):
    folder, cleaned = community
    cells = joined(folder, cleaned.audit)
    right = (cells["value"] == cells["value_true"]) & (
        cells["precision"] == cells["precision_true"]
    )
    excluded = cells["status"] == "structural"
    read_cells = cells[~excluded]
    assert len(read_cells) > 13_000
    assert right[~excluded].mean() >= 0.995
    assert set(cells.loc[excluded, "field_true"]) == {"ethnicity", "mobile_to_place"}


def test_no_wrong_value_is_presented_as_clean(community):
    folder, cleaned = community
    cells = joined(folder, cleaned.audit)
    wrong = (cells["status"] == "clean") & (cells["value"] != cells["value_true"])
    assert int(wrong.sum()) == 0


def test_doubt_is_told_where_the_truth_has_it(community):
    folder, cleaned = community
    cells = joined(folder, cleaned.audit)
    told = cells["status"].mask(
        (cells["status"] == "clean") & (cells["confidence"] != "exact"), "recovered"
    )
    same = (told == cells["expected"])[cells["status"] != "structural"]
    assert same.mean() >= 0.999


def test_every_filled_cell_is_in_the_audit_exactly_once_as_it_was_read(community):
    """The audit applied backwards restores every sheet."""
    folder, cleaned = community
    audit = cleaned.audit
    assert not audit[["source_file", "sheet", "row", "header", "raw"]].isna().any(axis=None)
    opened = study.load(folder)
    left = dict(list(audit.groupby(["source_file", "sheet"], sort=False)))
    for roster in opened.rosters:
        for path in roster.files:
            for grid in read.grids(path, folder / "rosters"):
                at, _ = np.nonzero(grid.kinds != "")
                told = left.pop((grid.file, grid.sheet))
                assert list(told["row"] - 1) == list(at)
                assert list(told["raw"]) == list(grid.cells[grid.kinds != ""])
    assert left == {}


def test_rows_in_are_rows_accounted_for(community):
    _, cleaned = community
    manifest = cleaned.manifest
    parts = manifest[["structural", "clean", "quarantined", "duplicates"]].sum().sum()
    assert parts == manifest["rows"].sum() == len(cleaned.structure)


def test_an_account_that_does_not_balance_is_our_fault_and_raised(community):
    folder, cleaned = community
    opened = study.load(folder)
    found = clean._tables(opened)
    short = {kind: frame.iloc[1:] for kind, frame in cleaned.records.items()}
    with pytest.raises(RuntimeError):
        account.manifest(found, short, opened)


def test_the_sizes_are_those_of_the_community(community):
    _, cleaned = community
    assert len(cleaned.records["volunteers"]) == 104
    assert set(cleaned.records) == {"members", "volunteers", "sign_ins", "mobile", "minutes"}
    assert cleaned.audit["status"].isin(["clean", "flagged", "quarantined", "structural"]).all()
    assert cleaned.audit["confidence"].isin(["exact", "inferred", "lossy"]).all()


def records(text, kind="members", **more):
    raw = drawn_table(text).assign(source_file="x.csv", sheet="", kind=kind, row_note="")
    raw["row"] = range(2, 2 + len(raw))
    return clean.records(raw, source(kind, **more), STUDY)


def test_a_birth_that_contradicts_the_number_is_flagged_and_the_number_holds():
    found = records(f"name | sex | birth_date | id_number\n王芳 | 女 | 1950年12月 | {FEMALE}")
    assert found.loc[0, "birth_date"] == "1949-12-31"
    assert found.loc[0, "raw__birth_date"] == "1950年12月"
    assert found.loc[0, "status"] == "flagged"
    assert found.loc[0, "reasons"] == "birth_date:conflict_with_id"


def test_a_sex_that_contradicts_the_number_is_flagged():
    found = records(f"name | birth_date | sex | id_number\n王芳 | 1949.12 | 女 | {MALE}")
    assert (found.loc[0, "sex"], found.loc[0, "status"]) == ("male", "flagged")


def test_a_missing_birth_and_sex_come_from_the_number_and_say_so():
    found = records(f"name | id_number\n王芳 | {FEMALE}")
    assert list(found.loc[0, ["birth_date", "sex", "status"]]) == ["1949-12-31", "female", "clean"]
    assert found.loc[0, "reasons"] == "birth_date:from_id;sex:from_id"


def test_a_month_that_agrees_with_the_number_is_completed_to_the_day():
    found = records(f"name | sex | birth_date | id_number\n王芳 | 女 | 1949.12 | {FEMALE}")
    assert list(found.loc[0, ["birth_date", "status", "reasons"]]) == ["1949-12-31", "clean", ""]


def test_a_number_that_lost_its_digits_still_tells_the_birth_but_not_the_sex():
    found = records("name | id_number\n王芳 | 110105194912310000")
    assert found.loc[0, "birth_date"] == "1949-12-31"
    assert pd.isna(found.loc[0, "id_number"])
    assert pd.isna(found.loc[0, "sex"])
    assert "id_number:digits_lost" in found.loc[0, "reasons"]


def test_a_number_with_a_wrong_check_digit_settles_nothing():
    found = records("name | birth_date | sex | id_number\n王芳 | 1950.1 | 女 | 110105194912310012")
    assert list(found.loc[0, ["birth_date", "sex", "status"]]) == [
        "1950-01",
        "female",
        "quarantined",
    ]


def test_a_row_without_a_name_is_quarantined_and_kept():
    found = records("name | sex\n- | 女\n王芳 | 女")
    assert list(found["status"]) == ["quarantined", "clean"]
    assert found.loc[0, "reasons"] == "name:missing_name"


def test_an_empty_mark_of_attendance_is_unknown():
    found = records("name | attend_status\n王芳 | -\n李建国 | √", kind="sign_ins")
    assert list(found["attend_status"]) == ["unknown", "attended"]


def test_an_unknown_spelling_never_becomes_a_value():
    found = records("name | sex\n王芳 | 雌")
    assert pd.isna(found.loc[0, "sex"])
    assert found.loc[0, "reasons"] == "sex:undeclared_value"


names = st.sampled_from(["王芳", "李　建国", "赵敏（预备）", None, "NA"])
births = st.sampled_from(["1949.12", "1950年12月", "31.12.49", "不详", None, "20518"])
numbers = st.sampled_from([MALE, FEMALE, "110105491231002", "110105194912310000", "无", None])
people = st.lists(st.tuples(names, births, numbers), min_size=2, max_size=12)


def raw_of(rows):
    frame = pd.DataFrame(rows, columns=["name", "birth_date", "id_number"], dtype="str")
    place = {"source_file": "x.csv", "sheet": "", "row": range(2, 2 + len(frame))}
    return frame.assign(**place, kind="members", row_note="")


@settings(deadline=None)
@given(people, st.integers(1, 11))
def test_records_are_the_same_however_the_rows_are_cut_into_parts(rows, cut):
    raw = raw_of(rows)
    whole = clean.records(raw, source("members"), STUDY)
    parts = [raw.iloc[:cut], raw.iloc[cut:]]
    cut_up = pd.concat(
        [
            clean.records(part.reset_index(drop=True), source("members"), STUDY)
            for part in parts
            if len(part)
        ],
        ignore_index=True,
    )
    pd.testing.assert_frame_equal(whole, cut_up)


@settings(deadline=None)
@given(people, st.randoms())
def test_the_order_of_rows_changes_no_record(rows, chance):
    raw = raw_of(rows)
    order = chance.sample(range(len(raw)), len(raw))
    turned = clean.records(raw.iloc[order].reset_index(drop=True), source("members"), STUDY)
    straight = clean.records(raw, source("members"), STUDY)
    pd.testing.assert_frame_equal(turned.sort_values("row", ignore_index=True), straight)


def test_cleaning_what_is_clean_changes_nothing():
    once = records(
        f"name | sex | birth_date | id_number | phone\n王芳 | 女 | 1949.12 | {FEMALE} | 139 1234 5678"
    )
    fields = ["name", "sex", "birth_date", "id_number", "phone"]
    again = clean.records(
        once[[*fields, "source_file", "sheet", "row"]].assign(kind="members", row_note=""),
        source("members"),
        STUDY,
    )
    pd.testing.assert_frame_equal(once[fields], again[fields])


HEADER = ["序号", "姓名", "性别", "出生年月", "公民身份号码", "手机号码"]
PEOPLE = [
    ["1", "王芳", "女", "1949年12月", FEMALE, "13912345678"],
    ["2", "李建国", "男", "1949年12月", MALE, "13912345679"],
    ["3", "赵敏", "女", "1970年3月", "无", "—"],
]


def lines(sign=",", rows=(HEADER, *PEOPLE)):
    return "\n".join(sign.join(row) for row in rows) + "\n"


def workbook(path, rows, change=lambda sheet: None):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book.active)
    book.save(path)


def titled(sheet):
    sheet.insert_rows(1, 2)
    sheet["A1"], sheet["A2"] = "第一支部党员花名册", "填表单位：样例社区"
    sheet.merge_cells("A1:F1")
    sheet.append(["合计", "3人"])


def dated(sheet):
    for row in (2, 3):
        sheet.cell(row, 4).value = datetime.date(1949, 12, 1)
        sheet.cell(row, 4).number_format = 'yyyy"年"m"月"'


def numeric(sheet):
    for row in (2, 3):
        sheet.cell(row, 6).value = int(sheet.cell(row, 6).value)
        sheet.cell(row, 4).value = 194912


SYNONYMS = [["编号", "名字", "性别", "出生日期", "身份证号", "联系电话"], *PEOPLE]
REORDERED = [[row[place] for place in (5, 1, 3, 2, 4, 0)] for row in (HEADER, *PEOPLE)]
SHAPES = {
    "utf8.csv": lambda path: path.write_bytes(lines().encode()),
    "bom.csv": lambda path: path.write_bytes(lines().encode("utf-8-sig")),
    "gbk.csv": lambda path: path.write_bytes(lines().encode("gb18030")),
    "utf16.csv": lambda path: path.write_bytes(lines().encode("utf-16")),
    "tab.tsv": lambda path: path.write_bytes(lines("\t").encode()),
    "named.xls": lambda path: path.write_bytes(lines(";").encode()),
    "plain.xlsx": lambda path: workbook(path, (HEADER, *PEOPLE)),
    "titled.xlsx": lambda path: workbook(path, (HEADER, *PEOPLE), titled),
    "dated.xlsx": lambda path: workbook(path, (HEADER, *PEOPLE), dated),
    "numeric.xlsx": lambda path: workbook(path, (HEADER, *PEOPLE), numeric),
    "synonyms.xlsx": lambda path: workbook(path, SYNONYMS),
    "reordered.xlsx": lambda path: workbook(path, REORDERED),
}


def study_of(folder, *files, kind="members"):
    rosters = tuple(
        source(kind, files=tuple(folder / "rosters" / name for name in names)) for names in files
    )
    return dataclasses.replace(STUDY, folder=folder, rosters=rosters)


@pytest.mark.parametrize("name", SHAPES)
def test_one_roster_in_twelve_shapes_gives_one_clean_table(tmp_path, name):
    (tmp_path / "rosters").mkdir()
    SHAPES[name](tmp_path / "rosters" / name)
    found = clean.rosters(study_of(tmp_path, [name])).records["members"]
    assert found[["name", "sex", "birth_date", "id_number", "phone"]].fillna(
        ""
    ).to_numpy().tolist() == [
        ["王芳", "female", "1949-12-31", FEMALE, "+8613912345678"],
        ["李建国", "male", "1949-12-31", MALE, "+8613912345679"],
        ["赵敏", "female", "1970-03", "", ""],
    ]
    assert list(found["status"]) == ["clean"] * 3


def test_a_roster_split_into_two_files_is_one_roster(tmp_path):
    (tmp_path / "rosters").mkdir()
    for name, rows in {"a.csv": PEOPLE[:1], "b.csv": PEOPLE[1:]}.items():
        (tmp_path / "rosters" / name).write_text(lines(rows=(HEADER, *rows)), encoding="utf-8")
    found = clean.rosters(study_of(tmp_path, ["a.csv", "b.csv"])).records["members"]
    assert list(found["name"]) == ["王芳", "李建国", "赵敏"]


def test_a_ragged_row_is_quarantined_and_the_rest_kept(tmp_path):
    (tmp_path / "rosters").mkdir()
    rows = (HEADER, PEOPLE[0], [*PEOPLE[1], "x"], PEOPLE[2])
    (tmp_path / "rosters" / "a.csv").write_text(lines(rows=rows), encoding="utf-8")
    cleaned = clean.rosters(study_of(tmp_path, ["a.csv"]))
    assert list(cleaned.records["members"]["status"]) == ["clean", "quarantined", "clean"]
    assert set(cleaned.quarantine["reason"]) == {"ragged_row"}
    assert cleaned.manifest[["clean", "quarantined"]].iloc[0].tolist() == [2, 1]


def test_a_row_listed_twice_is_kept_and_counted(tmp_path):
    (tmp_path / "rosters").mkdir()
    rows = (HEADER, *PEOPLE, ["4", *PEOPLE[0][1:]])
    (tmp_path / "rosters" / "a.csv").write_text(lines(rows=rows), encoding="utf-8")
    cleaned = clean.rosters(study_of(tmp_path, ["a.csv"]))
    assert len(cleaned.records["members"]) == 4
    assert cleaned.manifest[["clean", "duplicates"]].iloc[0].tolist() == [3, 1]


SIGNS = [
    "王芳",
    "√",
    "2022-03-05",
    "党课",
    "=1+1",
    "同上",
    "007",
    "合计",
    "备注：x",
    "",
    "第一支部",
]
KINDS = {
    "members": "姓名,所在党支部,出生日期,宗教信仰,血型",
    "volunteers": "姓名,手机号码,服务时长,备注,x",
    "sign_ins": "姓名,党小组,3月5日,3月6日,x",
    "mobile": "姓名,流动类型,流出日期,预计返回,x",
    "minutes": "日期,活动类型,应到人数,实到人数,x",
    "lost": "姓名,失去联系时间,手机号码,备注,x",
}
lines_of_signs = st.lists(
    st.lists(st.sampled_from(SIGNS), min_size=5, max_size=5), min_size=1, max_size=8
)


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(list(KINDS)), lines_of_signs)
def test_the_audit_applied_backwards_restores_every_kind_of_roster(kind, rows):
    text = "\n".join(["某表", KINDS[kind], *(",".join(row) for row in rows)]) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        opened = study_of(Path(folder), ["a.csv"], kind=kind)
        (Path(folder) / "rosters").mkdir()
        (Path(folder) / "rosters" / "a.csv").write_text(text, encoding="utf-8")
        (grid,) = read.grids(Path(folder) / "rosters" / "a.csv", Path(folder) / "rosters")
        try:
            cleaned = clean.rosters(opened)
        except RosterError:
            return
    at, _ = np.nonzero(grid.kinds != "")
    assert list(cleaned.audit["row"] - 1) == list(at)
    assert list(cleaned.audit["raw"]) == list(grid.cells[grid.kinds != ""])
    parts = cleaned.manifest[["structural", "clean", "quarantined", "duplicates"]].sum().sum()
    assert parts == cleaned.manifest["rows"].sum() == len(cleaned.structure)


def test_an_excluded_column_is_accounted_for_and_read_nowhere(tmp_path):
    (tmp_path / "rosters").mkdir()
    (tmp_path / "rosters" / "a.csv").write_text(
        "姓名,性别,宗教信仰\n王芳,女,无\n", encoding="utf-8"
    )
    cleaned = clean.rosters(study_of(tmp_path, ["a.csv"]))
    assert "religion" not in cleaned.records["members"]
    cell = cleaned.audit[
        (cleaned.audit["header"] == "宗教信仰") & (cleaned.audit["row"] == 2)
    ].iloc[0]
    assert (cell["status"], cell["value"], cell["field"]) == ("structural", "", "")


def test_the_faults_of_all_files_come_together_and_show_no_value(tmp_path):
    (tmp_path / "rosters").mkdir()
    contents = {
        "a.csv": b"",
        "b.csv": "王芳,女,x\n李建国,男,y\n".encode(),
        "c.csv": "姓名,性别,姓名\n王芳,女,王芳\n".encode(),
        "d.csv": "姓名,性别\n".encode(),
        "e.csv": '姓名,性别\n"王芳,女\n'.encode(),
    }
    for name, content in contents.items():
        (tmp_path / "rosters" / name).write_bytes(content)
    with pytest.raises(RosterError) as raised:
        clean.rosters(study_of(tmp_path, list(contents)))
    problems = raised.value.problems
    assert [problem.key for problem in problems] == [
        "roster_empty",
        "header_not_found",
        "header_twice",
        "no_rows",
        "quote_not_closed",
    ]
    told = [
        words.text(f"problem.{problem.key}", language, **problem.values)
        for problem in problems
        for language in words.LANGUAGES
    ]
    assert not any("王芳" in message or "李建国" in message for message in told)


def test_every_reason_in_a_quarantine_has_words(community):
    _, cleaned = community
    reasons = {reason for rule in cleaned.quarantine["reason"] for reason in rule.split("+")}
    assert all(words.has(f"reason.{reason}") for reason in reasons)
