"""Where the table is: a verdict for every row, one header, and no table used that cannot be."""

import numpy as np
import pandas as pd
import pytest
from drawn import source, study

from engagement import codebook
from engagement.errors import RosterError
from engagement.records import read, structure

STUDY = study(headers=codebook.headers())


def grid(text, **more):
    """A grid drawn with | between cells; "-" is an empty cell."""
    rows = [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
    rows = [["" if cell == "-" else cell for cell in row] for row in rows]
    return read.of_texts("名册.xlsx", more.pop("sheet", "第一支部"), rows, **more)


def table(text, kind="members", roster=None, **more):
    return structure.table(grid(text, **more), roster or source(kind), STUDY)


def raw(text, kind="members", roster=None, **more):
    return structure.raw([table(text, kind, roster, **more)])


ROSTER = """
    样例社区第一支部党员花名册 | - | - | -
    填表单位：样例社区 | - | 填表时间：2022年12月 | -
    序号 | 姓名 | 性别 | 出生年月
    1 | 王芳 | 女 | 1956.3
    2 | 李建国 | 男 | 1960.5
    - | - | - | -
    序号 | 姓名 | 性别 | 出生年月
    3 | 赵敏 | 女 | 1970.1
    4 | - | - | -
    合计 | 3人 | - | -
    填表人： | - | 审核人： | -
    （盖章） | - | - | -
    注：本表按档案填写 | - | - | -
"""


def test_every_row_gets_its_verdict():
    expected = "title title header data data blank repeat-header data blank totals signature"
    assert list(table(ROSTER).verdicts) == [*expected.split(), "signature", "note"]


def test_people_are_read_and_nobody_else():
    assert list(raw(ROSTER)["name"]) == ["王芳", "李建国", "赵敏"]
    assert list(raw(ROSTER)["row"]) == [4, 5, 8]


@pytest.mark.parametrize(
    "word", ["合计", "总计", "小计", "全社区合计", "合计：3人", "应到", "Total"]
)
def test_a_row_of_totals_is_nobody(word):
    drawn = f"序号 | 姓名 | 性别\n1 | 王芳 | 女\n{word} | 3 | -"
    assert list(table(drawn).verdicts) == ["header", "data", "totals"]


def test_a_person_without_a_name_is_data_and_a_numbered_empty_row_is_blank():
    drawn = (
        "序号 | 姓名 | 性别 | 出生年月\n1 | 王芳 | 女 | 1956.3\n2 | - | 男 | 1960.5\n3 | - | - | -"
    )
    assert list(table(drawn).verdicts) == ["header", "data", "data", "blank"]


def test_headers_are_compared_without_blanks_breaks_and_width():
    found = raw(
        "序 号 | 姓　名 | 公民身份\n号码 | 手机（号码）\n1 | 王芳 | x | y".replace("\n号", "号")
    )
    assert {"row_no", "name", "id_number", "phone"} <= set(found.columns)


def test_a_header_text_loses_its_line_breaks():
    rows = [["序号", "公民身份\n号码 ", "姓名"], ["1", "x", "王芳"]]
    found = structure.table(read.of_texts("x.csv", "", rows), source("members"), STUDY)
    assert found.header.texts == ("序号", "公民身份号码", "姓名")


def test_excluded_columns_are_never_read():
    found = raw("姓名 | 宗教信仰 | 民族 | 党费基数 | 性别\n王芳 | 无 | 汉 | 100 | 女")
    assert not {"religion", "ethnicity", "income"} & set(found.columns)
    assert "sex" in found


def test_the_header_is_the_row_that_names_most_fields():
    drawn = "姓名 | 说明 | - | -\n序号 | 姓名 | 性别 | 出生年月\n1 | 王芳 | 女 | 1956.3"
    assert table(drawn).header.rows == (1,)


def test_two_header_rows_under_a_merged_group_are_joined():
    drawn = (
        "序号 | 基本情况 | - | - | 备注\n- | 姓名 | 性别 | 出生年月 | -\n1 | 王芳 | 女 | 1956.3 | x"
    )
    merged = (((0, 1), (0, 3)), ((0, 0), (1, 0)), ((0, 4), (1, 4)))
    found = table(drawn, merged=merged)
    assert found.header.rows == (0, 1)
    assert found.header.texts == (
        "序号",
        "基本情况 / 姓名",
        "基本情况 / 性别",
        "基本情况 / 出生年月",
        "备注",
    )
    assert list(found.verdicts) == ["header", "header", "data"]


def test_same_as_above_is_resolved_before_anything_else():
    drawn = "姓名 | 原所在村\n王芳 | 卫星村\n李建国 | 同上\n- | -\n赵敏 | 〃\n合计 | 3"
    found = raw(drawn)
    assert list(found["origin_village"]) == ["卫星村", "同上", "〃"]
    assert list(found["read__origin_village"].dropna()) == ["卫星村", "卫星村"]
    assert list(found["fill__origin_village"].dropna()) == ["same_as_above"] * 2


def test_merged_cells_of_the_body_are_filled_down_and_not_into_totals():
    drawn = "党小组 | 姓名\n一组 | 王芳\n- | 李建国\n合计 | 2"
    found = raw(drawn, merged=(((1, 0), (3, 0)),))
    assert list(found["read__group"].fillna("")) == ["", "一组"]
    assert found["group"].isna().tolist() == [False, True]


def test_the_name_of_a_sheet_is_the_branch():
    roster = source("members", sheets="branch")
    assert list(raw("姓名 | 性别\n王芳 | 女", roster=roster)["read__branch"]) == ["第一支部"]


def test_a_ragged_row_and_a_hidden_row_are_noted():
    drawn = "姓名 | 性别\n王芳 | 女\n李建国 | 男\n赵敏 | 女"
    found = raw(drawn, widths=(2, 2, 3, 2), hidden_rows=frozenset({3}))
    assert list(found["row_note"]) == ["", "ragged_row", "hidden_row"]


WIDE = """
    第一支部2022年1月组织生活签到表 | - | - | - | -
    序号 | 姓名 | 党小组 | 主题党日 | 党员大会
    - | - | - | 1月5日 | 1月20日
    1 | 王芳 | 一组 | √ | 请假
    2 | 李建国 | 一组 | - | √
    应到 | - | - | 2 | 2
"""
MERGED = (((0, 0), (0, 4)), ((1, 0), (2, 0)), ((1, 1), (2, 1)), ((1, 2), (2, 2)))
SIGN_INS = source("sign_ins", sheets="branch", year=2022)


def test_a_wide_sign_in_sheet_becomes_one_row_per_person_and_session():
    found = raw(WIDE, roster=SIGN_INS, merged=MERGED)
    assert list(found["row"]) == [4, 4, 5, 5]
    assert list(found["duty_type"]) == ["主题党日", "党员大会"] * 2
    assert list(found["event_date"]) == ["1月5日", "1月20日"] * 2
    assert list(found["header"]) == ["主题党日 / 1月5日", "党员大会 / 1月20日"] * 2
    assert list(found["attend_status"].fillna("")) == ["√", "请假", "", "√"]


@pytest.mark.parametrize(
    ("legend", "meant"),
    [
        ("注：√ 到会，空白为未到。", "absent"),
        ("说明：√为到会，空白为缺席。", "absent"),
        ("注：空格表示请假", "leave"),
        ("注：√ 到会", ""),
        ("注：空白处请补签", ""),
    ],
)
def test_an_empty_mark_means_what_the_legend_says_and_else_nothing(legend, meant):
    found = raw(f"{WIDE.rstrip()}\n{legend} | - | - | - | -", roster=SIGN_INS, merged=MERGED)
    assert list(found["read__attend_status"].fillna("")) == ["", "", meant, ""]


def test_an_empty_mark_means_absent_where_the_study_declares_it():
    roster = source("sign_ins", sheets="branch", year=2022, blank="absent")
    assert list(raw(WIDE, roster=roster, merged=MERGED)["read__attend_status"].dropna()) == [
        "absent"
    ]


def test_sessions_under_one_merged_duty_each_have_it():
    drawn = "姓名 | 主题党日 | -\n- | 1月5日 | 2月5日\n王芳 | √ | √"
    found = raw(drawn, roster=SIGN_INS, merged=(((0, 1), (0, 2)), ((0, 0), (1, 0))))
    assert list(found["duty_type"]) == ["主题党日", "主题党日"]


def test_sessions_are_found_in_a_file_without_merged_cells():
    drawn = "姓名 | 主题党日 | -\n- | 1月5日 | 2月5日\n王芳 | √ | √"
    found = raw(drawn, roster=SIGN_INS)
    assert list(found["duty_type"]) == ["主题党日", "主题党日"]


def test_a_session_may_stand_in_one_header_cell():
    found = raw("姓名 | 主题党日1月5日 | 2022-02-05\n王芳 | √ | √", roster=SIGN_INS)
    assert list(found["event_date"]) == ["1月5日", "2022-02-05"]
    assert list(found["duty_type"].fillna("")) == ["主题党日", ""]


def test_a_long_sign_in_sheet_stays_as_it_is():
    drawn = "党支部|党小组|姓名|日期|制度类型|签到状态\n第一支部|一组|王芳|2022-01-05|主题党日|√"
    found = raw(drawn, kind="sign_ins")
    assert list(found[["branch", "event_date", "duty_type", "attend_status"]].iloc[0]) == [
        "第一支部",
        "2022-01-05",
        "主题党日",
        "√",
    ]


def problems(drawn, kind="members", **more):
    with pytest.raises(RosterError) as raised:
        table(drawn, kind, **more)
    return raised.value.problems


def test_a_table_without_a_header_is_refused_by_name():
    [problem] = problems("王芳 | 女 | 1956.3\n李建国 | 男 | 1960.5")
    assert (problem.key, problem.values["sheet"]) == ("header_not_found", "第一支部")


def test_a_header_without_people_is_refused():
    [problem] = problems("序号 | 姓名 | 性别\n合计 | 0 | -")
    assert (problem.key, problem.values["row"]) == ("no_rows", 1)


def test_a_roster_without_names_is_refused():
    [problem] = problems("序号 | 性别 | 出生年月\n1 | 女 | 1956.3", kind="volunteers")
    assert (problem.key, problem.values["expected"]) == ("field_not_found", "姓名")


def test_a_sign_in_sheet_without_sessions_is_refused_for_both_its_fields():
    found = problems("序号 | 姓名\n1 | 王芳", kind="sign_ins")
    assert [problem.values["expected"] for problem in found] == ["日期", "签到状态"]


def test_one_field_in_two_columns_is_refused_with_both_columns():
    [problem] = problems("姓名 | 性别 | 姓名\n王芳 | 女 | 王芳")
    assert (problem.key, problem.values["column"]) == ("header_twice", "A, C")


def test_a_sheet_of_notes_holds_no_people():
    assert list(table("填表说明\n1. 按档案填写").verdicts) == ["note", "note"]


def test_a_hidden_sheet_is_read_and_every_row_says_so():
    found = raw("姓名 | 性别\n王芳 | 女", hidden=True)
    assert found[["name", "row_note"]].to_numpy().tolist() == [["王芳", "hidden_sheet"]]


def test_a_hidden_list_of_codes_is_left_out_without_a_complaint():
    hidden = table("性别 | 学历\n男 | 大专\n女 | 本科", kind="volunteers", hidden=True)
    assert list(hidden.verdicts) == ["note"] * 3
    assert hidden.size == 0


def test_a_second_table_under_the_first_is_refused_by_its_row():
    drawn = "姓名 | 性别 | 出生年月\n王芳 | 女 | 1956.3\n- | - | -\n单位名称 | 姓名 | 手机号码\n小学 | 周强 | x"
    [problem] = problems(drawn)
    assert (problem.key, problem.values["row"]) == ("second_table", 4)


@pytest.mark.parametrize(
    ("column", "name"), [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA")]
)
def test_columns_are_named_as_a_spreadsheet_does(column, name):
    assert structure.letters(column) == name


@pytest.mark.parametrize("place", range(3, 13))
def test_a_blank_row_anywhere_changes_no_person(place):
    lines = ROSTER.strip().splitlines()
    lines.insert(place, "- | - | - | -")
    changed = raw("\n".join(lines)).drop(columns="row")
    pd.testing.assert_frame_equal(changed, raw(ROSTER).drop(columns="row"))


def test_the_order_of_columns_changes_no_person():
    lines = [line.split("|") for line in ROSTER.strip().splitlines()[2:]]
    turned = "\n".join("|".join(np.roll(line, 0)[[0, 3, 1, 2]]) for line in lines)
    kept = ["name", "sex", "birth_date"]
    straight = "\n".join("|".join(line) for line in lines)
    pd.testing.assert_frame_equal(raw(turned)[kept], raw(straight)[kept])
