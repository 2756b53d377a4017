"""Sessions that only a title or the name of a sheet names, and legends that redefine marks."""

import pytest
from drawn import source, study
from hostile import STUDY, book, cleaned, lines
from hypothesis import given
from hypothesis import strategies as st

from engagement import codebook
from engagement.errors import RosterError
from engagement.records import headings, legends, read, structure

PEOPLE = [["序号", "姓名", "签到"], ["1", "王芳", "√"], ["2", "李强", "请假"], ["3", "赵敏", ""]]
UNITS = {"units": study().units}


def sheet(folder, above, rows=PEOPLE, name="Sheet1", **declared):
    def named(workbook):
        workbook.active.title = name

    roster = source("sign_ins", **declared)
    return cleaned(folder, book([*above, *rows], named), roster=roster, name="签到表.xlsx", **UNITS)


def first(found):
    columns = ["event_date", "duty_type", "place", "branch", "group"]
    records = found.records["sign_ins"]
    return [records[name].fillna("").iloc[0] if name in records else "" for name in columns]


@pytest.mark.parametrize(
    ("above", "name", "expected"),
    [
        ([["第一支部2022年3月主题党日签到表"]], "Sheet1", ["2022-03", "theme_day", "", "b1", ""]),
        (
            [["第一支部2022年3月主题党日签到表"], ["时间：2022年3月5日  地点：活动室  主持人：张三"]],
            "Sheet1",
            ["2022-03-05", "theme_day", "活动室", "b1", ""],
        ),
        (
            [["签到表"], ["时间", "2022年3月5日", "地点", "二楼会议室"], ["活动类型：", "党课"]],
            "Sheet1",
            ["2022-03-05", "lesson", "二楼会议室", "", ""],
        ),
        ([["2022.3.5党员大会签到表"]], "Sheet1", ["2022-03-05", "general_meeting", "", "", ""]),
        ([["20220305党课"]], "Sheet1", ["2022-03-05", "lesson", "", "", ""]),
        ([["主题党日暨党课签到表"]], "2022年3月5日", ["2022-03-05", "theme_day lesson", "", "", ""]),
        ([["2022年签到表"]], "3月党课", ["2022-03", "lesson", "", "", ""]),
        ([["2022年3月签到表"]], "3月5日", ["2022-03-05", "", "", "", ""]),
        ([["第一支部第二党小组2022年3月5日党小组会"]], "S", ["2022-03-05", "group_meeting", "", "b1", "b1g2"]),
        ([["时间：2022年3月5日下午2:30-4:00 地点：活动室"]], "S", ["2022-03-05", "", "活动室", "", ""]),
        ([["支部：第一支部", "日期：2022-03-05"]], "S", ["2022-03-05", "", "", "b1", ""]),
        ([["填表单位：样例社区", "2022年3月5日"]], "S", ["2022-03-05", "", "", "", ""]),
        ([["二〇二二年三月五日主题党日"]], "S", ["2022-03-05", "theme_day", "", "", ""]),
    ],
)  # fmt: skip
def test_the_session_is_read_from_the_title_or_the_name_of_the_sheet(
    tmp_path, above, name, expected
):
    assert first(sheet(tmp_path, above, name=name)) == expected


def test_the_audit_tells_where_the_session_was_read(tmp_path):
    above = [["第一支部2022年3月主题党日签到表"], ["时间：2022年3月5日  地点：活动室"]]
    found = sheet(tmp_path, above)
    rules = found.audit[found.audit["row"] <= 2].set_index("row")["rule"]
    assert set(rules[1].split("+")) == {"title", "duty_type", "branch"}
    assert set(rules[2].split("+")) == {"title", "event_date", "place"}
    records = found.records["sign_ins"]
    assert list(records["attend_status"]) == ["attended", "leave", "unknown"]
    assert list(records["status"]) == ["clean"] * 3


@pytest.mark.parametrize(
    "above",
    [
        [["2022年3月5日至4月5日签到表"]],
        [["2022年3月5日签到表"], ["2022年4月5日补签"]],
    ],
)
def test_two_days_above_a_table_are_no_day(tmp_path, above):
    found = sheet(tmp_path, above)
    assert found.records["sign_ins"]["event_date"].isna().all()
    assert found.quarantine["field"].tolist() == ["event_date"]


@pytest.mark.parametrize(
    "above", [[], [["签到表"]], [["3月5日签到表"]], [["填表日期：2022年3月5日"]]]
)
def test_without_a_day_anywhere_the_sheet_is_refused(tmp_path, above):
    with pytest.raises(RosterError) as raised:
        sheet(tmp_path, above)
    assert [problem.values["expected"] for problem in raised.value.problems] == ["日期"]


def test_a_day_without_its_year_takes_the_year_of_the_roster(tmp_path):
    assert first(sheet(tmp_path, [["3月5日签到表"]], year=2022))[0] == "2022-03-05"


def test_a_column_of_its_own_goes_before_the_title(tmp_path):
    rows = [["姓名", "日期", "签到"], ["王芳", "2022-04-05", "√"], ["李强", "", "√"]]
    found = sheet(tmp_path, [["2022年3月5日签到表"]], rows)
    assert found.records["sign_ins"]["event_date"].fillna("").tolist() == ["2022-04-05", ""]


def test_a_column_of_a_duty_without_a_day_takes_the_day_of_the_title(tmp_path):
    rows = [["姓名", "主题党日", "党课"], ["王芳", "√", "请假"]]
    found = sheet(tmp_path, [["2022年3月5日签到表"]], rows).records["sign_ins"]
    wanted = found[["event_date", "duty_type", "attend_status"]].to_numpy().tolist()
    assert wanted == [
        ["2022-03-05", "theme_day", "attended"],
        ["2022-03-05", "lesson", "leave"],
    ]


def test_members_take_their_branch_from_the_title(tmp_path):
    rows = [["第一支部党员花名册"], ["姓名", "性别"], ["王芳", "女"]]
    found = cleaned(tmp_path, book(rows), **UNITS).records["members"]
    assert found["branch"].tolist() == ["b1"]


@pytest.mark.parametrize(
    "title", ["第十一支部党员花名册", "第一、第二支部党员花名册", "党员花名册"]
)
def test_another_branch_and_two_branches_are_not_taken(title):
    grid = read.of_texts("a.xlsx", "", [[title], ["姓名"], ["王芳"]])
    units = (*study().units, *(unit for unit in study().units if False))
    second = type(units[0])("b2", "branch", None, "第二支部", "Branch 2", ())
    wider = study(units=(*units, second), headers=codebook.headers())
    said = headings.of(grid, 1, ["name"], source("members"), wider)
    assert said.get("branch", ("",))[0] in ("", "第二支部")
    assert (said.get("branch") is None) or title.startswith("第一、")


MEANT = {
    "√到会 ○请假 △迟到 ×缺席": {"√": "attended", "○": "leave", "△": "late", "×": "absent"},
    "注：√ 到会，空白为未到。": {"√": "attended"},
    "空白为未到，√为到会": {"√": "attended"},
    "出席打√、缺席打×、请假打○": {"√": "attended", "×": "absent", "○": "leave"},
    "到会：√；请假：△": {"√": "attended", "△": "leave"},
    "A=出席 B=病假": {"a": "attended", "b": "leave"},
    "1表示到会，0表示未到": {"1": "attended", "0": "absent"},
    "“●”为迟到": {"●": "late"},
    "√、✓到会": {"√": "attended", "✓": "attended"},
    "×未参加": {"×": "absent"},
    "△未到": {"△": "absent"},
    "注：1. 缺席人员请补签。2. 请假须经批准。": {},
    "请各支部出席人员签到后交会务组": {},
    "※请假须经批准": {},
    "": {},
}


@pytest.mark.parametrize("line", MEANT)
def test_a_legend_gives_marks_their_meaning(line):
    assert legends.of([line]).marks == MEANT[line]


@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_legends(text):
    found = legends.of([text])
    assert set(found.marks.values()) <= set(codebook.codes("attend_status"))


MARKED = [["序号", "姓名", "签到"], ["1", "王芳", "○"], ["2", "李强", "√"], ["3", "赵敏", "△"]]


def test_a_legend_holds_for_its_own_sheet_alone(tmp_path):
    def two(workbook):
        workbook.active.title = "2022年3月5日"
        other = workbook.create_sheet("2022年4月5日")
        for row in MARKED[:3]:
            other.append(row)

    content = book([*MARKED, ["注：○到会 △请假"]], two)
    found = cleaned(tmp_path, content, kind="sign_ins", name="a.xlsx")
    records = found.records["sign_ins"]
    assert records["attend_status"].fillna("").tolist() == [
        "attended",
        "attended",
        "leave",
        "",
        "attended",
    ]
    rules = found.audit[(found.audit["header"] == "签到") & (found.audit["status"] != "structural")]
    assert rules["rule"].tolist() == [
        "code+legend",
        "code",
        "code+legend",
        "undeclared_value",
        "code",
    ]


def test_a_mark_with_two_meanings_is_refused(tmp_path):
    rows = [*MARKED, ["注：○到会 △请假"], ["说明：○表示缺席"]]
    found = sheet(tmp_path, [["2022年3月5日"]], rows)
    assert found.records["sign_ins"]["attend_status"].fillna("").tolist() == [
        "",
        "attended",
        "leave",
    ]
    assert found.quarantine[["row", "reason"]].to_numpy().tolist() == [[3, "legend_twofold"]]


def test_what_the_study_declares_goes_before_the_legend(tmp_path):
    content = lines(
        rows=[["姓名", "日期", "签到"], ["王芳", "2022-03-05", "○"], ["注：○到会", "", ""]]
    )
    values = {"attend_status": {"○": "absent"}}
    found = cleaned(tmp_path, content, kind="sign_ins", name="a.csv", values=values)
    assert found.records["sign_ins"]["attend_status"].tolist() == ["absent"]


def test_a_signature_is_attendance_and_another_name_is_not(tmp_path):
    rows = [
        ["序号", "姓名", "本人签名"],
        ["1", "王芳", "王 芳"],
        ["2", "李强", "王芳代"],
        ["3", "赵敏", ""],
    ]
    found = sheet(tmp_path, [["2022年3月5日主题党日"]], rows).records["sign_ins"]
    assert found["attend_status"].fillna("").tolist() == ["attended", "", "unknown"]
    assert found["status"].tolist() == ["clean", "quarantined", "clean"]


def test_an_empty_mark_is_what_the_legend_says_in_a_sheet_of_one_session(tmp_path):
    found = sheet(tmp_path, [["2022年3月5日"]], [*PEOPLE, ["注：空白为未到"]])
    assert found.records["sign_ins"]["attend_status"].tolist() == ["attended", "leave", "absent"]


def test_the_table_keeps_what_was_said_above_it():
    grid = read.of_texts(
        "a.xlsx", "2022年3月5日", [["地点：活动室"], ["姓名", "签到"], ["王芳", "√"]]
    )
    table = structure.table(grid, source("sign_ins"), STUDY)
    assert table.said["place"] == ("活动室", "from_title", (0, 0))
    assert table.said["event_date"] == ("2022年3月5日", "sheet_name", None)
