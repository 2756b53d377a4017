"""The two workbooks for people: what to mend, and which pairs to decide."""

import hashlib

import openpyxl
import pandas as pd
import pytest
from drawn import cleaned, roster, source, study, table

from engagement import codebook, words
from engagement.records import link, mending, review

CSV = """志愿者名单,,
姓名,出生年月,电话
王芳,195613,13911110001
李强,1960.5,=1+1
"""
AUDIT = """
source_file | sheet | row | header   | field      | raw         | value          | status      | rule
v.csv       |       | 1   | -        | -          | 志愿者名单  | -              | structural  | -
v.csv       |       | 2   | -        | -          | 姓名        | -              | structural  | -
v.csv       |       | 2   | -        | -          | 出生年月    | -              | structural  | -
v.csv       |       | 2   | -        | -          | 电话        | -              | structural  | -
v.csv       |       | 3   | 姓名     | name       | 王芳        | 王芳           | clean       | -
v.csv       |       | 3   | 出生年月 | birth_date | 195613      | -              | quarantined | no_such_rule
v.csv       |       | 3   | 电话     | phone      | 13911110001 | +8613911110001 | clean       | -
v.csv       |       | 4   | 姓名     | name       | 李强        | 李强           | clean       | -
v.csv       |       | 4   | 出生年月 | birth_date | 1960.5      | 1960-05        | clean       | -
v.csv       |       | 4   | 电话     | phone      | =1+1        | -              | flagged     | no_such_rule
"""
MEMBERS = """
name | phone          | birth_date | branch
王芳 | +8613911110001 | 1956-03    | b1
王芳 | +8613722220002 | 1971-08    | b1
"""
VOLUNTEERS = "name | phone\n王芳 | -\n"


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "study"
    (folder / "rosters").mkdir(parents=True)
    path = folder / "rosters" / "v.csv"
    path.write_text(CSV, encoding="utf-8")
    this = study(folder=folder, rosters=(source("members"), source("volunteers", files=(path,))))
    records = cleaned(
        members=roster(MEMBERS, "m.csv"), volunteers=roster(VOLUNTEERS, "v.csv", first=3)
    )
    audit = table(AUDIT)
    records.audit = audit.assign(row=audit["row"].astype(int), sheet="")
    return records, link.rosters(records, this), this, tmp_path / "private"


def opened(folder, name):
    return openpyxl.load_workbook(folder / name)


def test_the_cells_to_mend_are_coloured_where_they_stand_and_the_reason_is_beside(room):
    review.write(*room)
    sheet = opened(room[-1], review.FIX).worksheets[0]
    assert sheet["A3"].value == "王芳"
    assert sheet["B3"].value == "195613"
    coloured = [cell.coordinate for row in sheet for cell in row if cell.fill.fill_type == "solid"]
    assert coloured == ["B3", "C4"]
    assert sheet["B3"].fill.start_color.rgb != sheet["C4"].fill.start_color.rgb
    assert "出生年月" in sheet["E3"].value
    assert words.label("reason.other", "zh") in sheet["E3"].value


def test_no_cell_can_run_as_a_formula(room):
    review.write(*room)
    sheet = opened(room[-1], review.FIX).worksheets[0]
    assert sheet["C4"].value == "'=1+1"
    kinds = {cell.data_type for row in sheet for cell in row if cell.value is not None}
    assert kinds == {"s"}


def test_a_pair_in_review_stands_side_by_side_without_a_probability(room):
    review.write(*room)
    sheet = opened(room[-1], review.REVIEW).worksheets[0]
    headers = [cell.value for cell in sheet[1]]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    assert len(rows) == 2
    assert [row[headers.index("甲 姓名")] for row in rows] == ["王芳", "王芳"]
    assert {row[headers.index("乙 手机号码")] for row in rows} == {
        "+8613911110001",
        "+8613722220002",
    }
    assert not any("概率" in header for header in headers)
    numbers = [cell.value for row in sheet for cell in row if cell.data_type == "n" and cell.value]
    assert numbers == []


def test_the_decision_is_chosen_from_a_list(room):
    review.write(*room)
    sheet = opened(room[-1], review.REVIEW).worksheets[0]
    rule = sheet.data_validations.dataValidation[0]
    assert rule.formula1 == '"是同一人,不是同一人,不能确定"'
    assert str(rule.sqref) == "A2:A3"


def test_a_pair_keeps_its_number_in_every_run(room):
    records, links, _, _ = room
    text = "\x1f".join(["v.csv", "", "3", "m.csv", "", "2", "王芳", "王芳"])
    expected = hashlib.sha256(text.encode()).hexdigest()
    assert expected in set(review.pairs(records, links)["pair"])


def test_the_workbooks_come_out_byte_for_byte_the_same(room, tmp_path):
    review.write(*room)
    review.write(*room[:-1], tmp_path / "again")
    for name in (review.FIX, review.REVIEW):
        assert (room[-1] / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_nothing_to_mend_and_nothing_to_decide_is_said(tmp_path):
    records = cleaned(members=roster("name\n王芳"))
    links = link.rosters(records, study())
    review.write(records, links, study(), tmp_path)
    sheet = opened(tmp_path, review.FIX).worksheets[0]
    assert sheet["A1"].value == words.label("review.nothing_to_mend", "zh")
    assert opened(tmp_path, review.REVIEW).worksheets[0].max_row == 1


def test_every_kind_of_evidence_has_words():
    from engagement.records import posterior, sign_ins

    for field in codebook.weights()["fields"]:
        for level in posterior.field_levels(field):
            assert words.has(f"link.{field}.{level}")
    for more in (
        "rival.yes",
        "double.yes",
        "doubt.two_names",
        "doubt.name_alone",
        "doubt.no_number",
        "decided.same",
        "decided.different",
    ):
        assert words.has(f"link.{more}")
    for rule, _, _ in sign_ins._RULES:
        assert words.has(f"link.sign_in.{rule}")


def test_cells_to_mend_know_their_place_in_the_row(room):
    found = mending.cells(room[0])
    assert found[["row", "nth"]].to_numpy().tolist() == [[3, 1], [4, 2]]
    assert isinstance(found, pd.DataFrame)
