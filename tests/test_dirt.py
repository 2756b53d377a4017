"""One sheet for each kind of dirt that offices are known to leave in rosters, read whole."""

import pytest
from drawn import cleaned as drawn
from drawn import roster as listed
from drawn import study
from hostile import FEMALE, book, cleaned, lines

from engagement.records import link, membership

UNITS = {"units": study().units}


def column(folder, header, texts, kind="members", change=lambda workbook: None):
    """The records of a sheet of one column beside the names, one row per text."""
    rows = [["姓名", header], *(["王芳", text] for text in texts)]
    found = cleaned(folder, book(rows, change), kind=kind, **UNITS)
    assert found.manifest["rows"].sum() == len(rows) == len(found.structure)
    assert len(found.audit) == sum(bool(text) for row in rows for text in row)
    return found.records[kind]


def read(folder, header, field, texts, kind="members"):
    found = column(folder, header, texts, kind)
    return list(zip(found[field].fillna(""), found["status"], strict=True))


def test_digits_lost_in_a_number_leave_the_birth_and_take_the_sex(tmp_path):
    def typed(workbook):
        workbook.active["B2"] = 110105194912310020

    found = column(tmp_path, "公民身份号码", ["x"], change=typed).iloc[0]
    assert found[["id_number", "sex"]].isna().all()
    assert (found["birth_date"], found["status"]) == ("1949-12-31", "flagged")


def test_old_and_temporary_numbers(tmp_path):
    texts = ["110105491231002", "999110105123456789"]
    found = column(tmp_path, "身份证号", texts)
    assert found["id_number"].fillna("").tolist() == [FEMALE, texts[1]]
    assert found["birth_date"].fillna("").tolist() == ["1949-12-31", ""]


def test_a_masked_telephone_number_is_kept_with_its_mask(tmp_path):
    assert read(tmp_path, "手机号码", "phone", ["186****2991"])[0][0] == "+86186****2991"


def test_a_header_that_stands_twice_is_kept_twice_where_nobody_reads_it(tmp_path):
    rows = [["姓名", "申请入党日期", "申请入党日期"], ["王芳", "1980-01-02", "1981-01-02"]]
    found = cleaned(tmp_path, book(rows))
    kept = found.audit[found.audit["rule"] == "unknown_header"]
    assert kept[["header", "raw"]].to_numpy().tolist() == [
        ["申请入党日期", "1980-01-02"],
        ["申请入党日期", "1981-01-02"],
    ]


def test_titles_examples_totals_and_signatures_are_nobody(tmp_path):
    rows = [["第一支部党员花名册"], ["填表单位：样例社区", "", "填表时间：2022年12月"]]
    rows += [["序号", "姓名", "性别"], ["示例", "张三", "男"], ["1", "王芳", "女"], ["合计", "1人"]]
    rows += [["填表人：", "", "审核人："], ["备注：按档案填写"]]
    found = cleaned(tmp_path, book(rows))
    assert found.records["members"]["name"].tolist() == ["王芳"]
    expected = ["title", "title", "header", "note", "data", "totals", "signature", "note"]
    assert found.structure["verdict"].tolist() == expected


def test_dates_keep_the_precision_in_which_they_are_written(tmp_path):
    forms = ["1956年3月", "1956.03", "195603", "1956/3/1", "1956-03-00", "1956.3(补)", "1956年"]
    found = [value for value, _ in read(tmp_path, "出生年月", "birth_date", forms)]
    assert found == ["1956-03", "1956-03", "1956-03", "1956-03-01", "1956-03", "1956-03", "1956"]


def test_marks_for_nothing_are_three(tmp_path):
    texts = ["卫星村", "同上", "〃", "无", "—", "-", "不详", ""]
    found = column(tmp_path, "原所在村", texts)
    assert found["origin_village"].fillna("").tolist() == ["卫星村"] * 3 + [""] * 5
    assert set(found["status"]) == {"clean"}


def test_names_are_compared_without_blanks_and_keep_their_doubts(tmp_path):
    rows = [["姓名", "性别"], *([name, "男"] for name in ("张 三", "张　三", "张三(大)", "张?"))]
    found = cleaned(tmp_path, book(rows)).records["members"]
    assert found["name"].tolist() == ["张三", "张三", "张三", "张?"]
    assert found["status"].tolist() == ["clean", "clean", "clean", "flagged"]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("大学", "bachelor"),
        ("大本", "bachelor"),
        ("高中(中专)", "senior"),
        ("初中肄业", "primary"),
        ("党校大专", "associate"),
        ("在职研究生", "postgraduate"),
    ],
)
def test_schooling_is_one_of_the_levels(tmp_path, text, level):
    assert read(tmp_path, "学历", "education", [text])[0][0] == level


def test_one_telephone_of_a_family_links_nobody():
    members = "name | phone\n王芳 | +8613912345678\n李建国 | +8613912345678"
    records = drawn(
        members=listed(members, "m.xlsx"),
        volunteers=listed("name | phone\n赵敏 | +8613912345678", "v.csv"),
    )
    assert "link" not in set(link.rosters(records, study())["decision"])


def test_who_left_or_died_is_told_apart_from_the_members():
    rows = "name | remark\n王芳 | -\n李建国 | 2022年3月转出\n赵敏 | 已去世"
    records = drawn(members=listed(rows, "m.xlsx"))
    found = membership.rows(records, link.rosters(records, study()), study())
    assert found["verdict"].tolist() == ["member", "transferred", "deceased"]


def test_signing_for_another_is_no_attendance(tmp_path):
    rows = [
        ["姓名", "日期", "本人签名"],
        ["王芳", "2022-03-05", "王芳"],
        ["李强", "2022-03-05", "王芳"],
    ]
    found = cleaned(tmp_path, lines(rows=rows), kind="sign_ins", name="a.csv").records["sign_ins"]
    assert found["attend_status"].fillna("").tolist() == ["attended", ""]


@pytest.mark.parametrize(
    ("text", "hours"),
    [("2小时", "2"), ("2h", "2"), ("120分钟", "2"), ("半天", "4"), ("1天", "8"), ("0.5", "0.5")],
)
def test_lengths_of_time_are_hours(tmp_path, text, hours):
    assert read(tmp_path, "服务时长", "hours", [text], "volunteers")[0][0] == hours


def test_a_branch_has_many_names_and_an_unknown_one_is_refused(tmp_path):
    texts = ["第一支部", "一支部", "样例社区第一党支部", "中共样例社区第一支部委员会", "第九支部"]
    found = read(tmp_path, "所在党支部", "branch", texts)
    assert found == [("b1", "clean")] * 4 + [("", "quarantined")]


def test_a_hidden_row_of_a_sheet_is_read_and_flagged(tmp_path):
    def hide(workbook):
        workbook.active.row_dimensions[3].hidden = True

    found = column(tmp_path, "性别", ["女", "女"], change=hide)
    assert found["status"].tolist() == ["clean", "flagged"]


def test_more_present_than_due_are_both_kept(tmp_path):
    rows = [["活动时间", "活动类型", "应到人数", "实到人数"], ["2022-03-05", "党课", "30", "32"]]
    found = cleaned(tmp_path, book(rows), kind="minutes").records["minutes"]
    assert found[["due_count", "present_count"]].to_numpy().tolist() == [["30", "32"]]


def test_hours_counted_by_the_day_say_so(tmp_path):
    rows = [["姓名", "学时"], ["王芳", "1天"]]
    found = cleaned(tmp_path, book(rows), kind="volunteers")
    [cell] = found.audit[found.audit["field"] == "hours"].to_dict("records")
    assert (cell["value"], cell["confidence"]) == ("8", "inferred")
