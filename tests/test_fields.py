"""Names, codes, numbers, hours, units and marks: one rule per type of field."""

import pytest
from drawn import source, study
from hypothesis import given
from hypothesis import strategies as st

from engagement import codebook
from engagement.declared import Unit
from engagement.records import fields, units
from engagement.records.reading import status

STUDY = study(
    values={
        "origin_village": {"卫星村": "weixing", "卫星": "weixing"},
        "sex": {"1": "male"},
    }
)
ROSTER = source("members")


def read(field, text, kind="text"):
    return fields.rule(codebook.fields()[field], ROSTER, STUDY)(text, kind)


NAMES = [
    ("王芳", "王芳"),
    ("王　芳", "王芳"),
    ("王 芳 ", "王芳"),
    ("王\n芳", "王芳"),
    ("'王芳", "王芳"),
    ("王芳（预备）", "王芳"),
    ("王芳(大)", "王芳"),
    ("王\u200b芳", "王芳"),
    ("阿依古丽·麦麦提", "阿依古丽·麦麦提"),
    ("阿依古丽•麦麦提", "阿依古丽·麦麦提"),
    ("阿依古丽・麦麦提", "阿依古丽·麦麦提"),
    ("阿依古丽．麦麦提", "阿依古丽·麦麦提"),
    ("阿依古丽‧麦麦提", "阿依古丽·麦麦提"),
    ("𠮷田", "𠮷田"),
    ("㬎明", "㬎明"),
    ("鍾麗", "鍾麗"),
    ("NA", "NA"),
    ("Null", "Null"),
    ("None", "None"),
    ("Anna  Maria Smith", "Anna Maria Smith"),
    ("J. R. Smith", "J. R. Smith"),
    ("O'Brien", "O'Brien"),
]


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_name_is_tidied_and_never_rewritten(text, name):
    assert read("name", text).value == name
    assert status(read("name", text)) == "clean"


@pytest.mark.parametrize(
    ("text", "kind"), [("1949-12-31", "date"), ("TRUE", "bool"), ("13912345678", "number")]
)
def test_a_date_a_truth_or_a_number_in_a_cell_is_no_name(text, kind):
    assert read("name", text, kind).rule == "not_a_name"


@pytest.mark.parametrize("text", ["王?", "王\ufffd", "王\ue863", "王\u202e芳"])
def test_a_name_with_a_lost_or_turning_character_is_flagged(text):
    assert status(read("name", text)) == "flagged"


@pytest.mark.parametrize("text", ["13912345678", "123", "——!!", "王" * 61])
def test_what_is_no_name_is_refused(text):
    assert read("name", text).rule in {"not_a_name", "not_applicable"}
    assert read("name", text).value == ""


@pytest.mark.parametrize("text", ["不详", "未知", "待补"])
def test_a_mark_for_missing_is_no_value_and_no_fault(text):
    assert read("birth_date", text)[:2] == ("", "missing")
    assert status(read("birth_date", text)) == "clean"


@pytest.mark.parametrize("text", ["无", "—", "－", "-", "/", "——"])
def test_a_mark_for_not_applicable_is_told_from_missing(text):
    assert read("full_date", text)[:2] == ("", "not_applicable")
    assert read("phone", text)[:2] == ("", "not_applicable")


def test_same_as_above_with_nothing_above_is_refused():
    assert read("origin_village", "同上").rule == "nothing_above"


CODES = [
    ("sex", "男", "male"),
    ("sex", "女 ", "female"),
    ("sex", "Ｆ", "female"),
    ("education", "大学", "bachelor"),
    ("education", "大学本科", "bachelor"),
    ("education", "高中（中专）", "senior"),
    ("education", "高中/中专", "senior"),
    ("education", "党校大专", "associate"),
    ("education", "在职研究生", "postgraduate"),
    ("education", "初中肄业", "primary"),
    ("education", "函授本科", "bachelor"),
    ("education", "大专（在读）", "associate"),
    ("member_type", "预备党员", "probationary"),
    ("employment", "退休", "retired"),
    ("is_mobile", "是", "yes"),
    ("is_mobile", "√", "yes"),
    ("is_mobile", "×", "no"),
    ("is_mobile", "无", "no"),
    ("attend_status", "√", "attended"),
    ("attend_status", "✓", "attended"),
    ("attend_status", "请假", "leave"),
    ("attend_status", "请假（病）", "leave"),
    ("attend_status", "迟到", "late"),
    ("attend_status", "补课", "makeup"),
    ("attend_status", "×", "absent"),
    ("origin_village", "卫星", "weixing"),
    ("sex", "1", "male"),
]


@pytest.mark.parametrize(("field", "text", "code"), CODES)
def test_a_spelling_means_its_code(field, text, code):
    assert read(field, text).value == code


@pytest.mark.parametrize(
    ("field", "text", "reason"),
    [
        ("sex", "2", "undeclared_digit"),
        ("education", "20", "undeclared_digit"),
        ("is_mobile", "1", "undeclared_digit"),
        ("attend_status", "1", "undeclared_digit"),
        ("sex", "男女", "undeclared_value"),
        ("education", "高等", "undeclared_value"),
        ("origin_village", "月亮村", "undeclared_value"),
        ("attend_status", "？！", "undeclared_value"),
    ],
)
def test_what_nobody_declared_is_quarantined_and_no_bare_digit_is_decoded(field, text, reason):
    assert read(field, text)[:2] == ("", reason)
    assert status(read(field, text)) == "quarantined"


def test_unfinished_schooling_is_the_level_below():
    assert read("education", "大学肄业")[:2] == ("associate", "code+unfinished")


HOURS = [
    ("2小时", "2", "exact"),
    ("2个小时", "2", "exact"),
    ("两小时", "2", "exact"),
    ("2.5小时", "2.5", "exact"),
    ("2h", "2", "exact"),
    ("2 H", "2", "exact"),
    ("120分钟", "2", "exact"),
    ("90min", "1.5", "exact"),
    ("1小时30分", "1.5", "exact"),
    ("1小时30分钟", "1.5", "exact"),
    ("2个半小时", "2.5", "exact"),
    ("半小时", "0.5", "exact"),
    ("一个小时", "1", "exact"),
    ("0.5", "0.5", "exact"),
    ("2", "2", "exact"),
    ("２", "2", "exact"),
    ("1:30", "1.5", "exact"),
    ("半天", "4", "inferred"),
    ("1天", "8", "inferred"),
    ("一天", "8", "inferred"),
    ("1天半", "12", "inferred"),
    ("2学时", "2", "exact"),
]


@pytest.mark.parametrize(("text", "hours", "confidence"), HOURS)
def test_a_length_of_time_is_read_in_hours(text, hours, confidence):
    assert (read("hours", text).value, read("hours", text).confidence) == (hours, confidence)


@pytest.mark.parametrize("text", ["2-3小时", "若干", "小时", "2小时左右", "下午", "半", "2,5小时"])
def test_a_vague_length_of_time_is_refused(text):
    assert read("hours", text)[:2] == ("", "not_hours")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("66岁", "66"),
        ("1,234", "1234"),
        ("12.50", "12.5"),
        ("二十三", "23"),
        ("-2", "-2"),
    ],
)
def test_a_number_is_read_with_its_commas_and_units(text, number):
    assert read("age", text).value == number


def test_a_count_is_whole():
    assert read("due_count", "35人").value == "35"
    assert read("due_count", "3.5").rule == "not_a_count"


TREE = tuple(
    [
        Unit(f"b{n}", "branch", None, f"第{c}支部", f"Branch {n}", ())
        for n, c in enumerate("一二三", 1)
    ]
    + [Unit("b11", "branch", None, "第十一支部", "Branch 11", ("老年支部",))]
    + [
        Unit(f"b{b}g{n}", "group", f"b{b}", f"第{c}党小组", f"Group {n}", ())
        for b in (1, 2)
        for n, c in enumerate("一二", 1)
    ]
)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("第一支部", "b1"),
        ("一支部", "b1"),
        ("第1支部", "b1"),
        ("1支部", "b1"),
        ("第一党支部", "b1"),
        ("样例社区第一党支部", "b1"),
        ("中共样例社区第一支部委员会", "b1"),
        ("中国共产党样例社区第二支部委员会", "b2"),
        ("第十一支部", "b11"),
        ("11支部", "b11"),
        ("样例社区第十一党支部", "b11"),
        ("老年支部", "b11"),
        ("Branch 2", "b2"),
    ],
)
def test_a_branch_is_known_by_its_long_and_short_names(text, unit):
    assert units.read(text, "branch", TREE).value == unit


@pytest.mark.parametrize("text", ["第一党小组", "1组", "一组", "第1小组", "第二支部第一党小组"])
def test_a_group_is_looked_for_inside_its_branch(text):
    assert units.read(text, "group", TREE, "b2").value == "b2g1"


def test_a_group_that_names_another_branch_than_its_row_is_not_decided():
    assert units.read("第一支部第一党小组", "group", TREE, "b2").rule == "ambiguous_unit"
    assert units.read("第一支部第一党小组", "group", TREE).value == "b1g1"


def test_a_group_without_a_branch_is_ambiguous_and_an_unknown_unit_is_refused():
    assert units.read("第一党小组", "group", TREE).rule == "ambiguous_unit"
    assert units.read("第九支部", "branch", TREE).rule == "unknown_unit"
    assert units.read("第三党小组", "group", TREE, "b1").rule == "unknown_unit"


def test_free_text_keeps_its_signs_and_loses_its_width():
    assert read("remark", " 长期卧床，１２栋\n３室 ").value == "长期卧床，12栋 3室"


@given(st.sampled_from(sorted(codebook.fields())), st.text(), st.sampled_from(["text", "number"]))
def test_no_text_raises_in_any_field(field, text, kind):
    reading = read(field, text, kind)
    assert status(reading) in {"clean", "flagged", "quarantined"}


@given(st.floats(0, 500).map(lambda hours: round(hours, 2)))
def test_hours_written_and_read_are_the_same(hours):
    assert float(read("hours", f"{hours}小时").value) == hours


def test_a_declared_category_is_read_by_code_and_label_and_anything_else_is_refused():
    labels = {
        "night": {"zh": "夜班", "en": "Night shift"},
        "day": {"zh": "白班", "en": "Day shift"},
    }
    own = codebook.Field("shift", "班次", "Shift", (), "category", None, frozenset({"FAC"}))
    posed = study(
        fields={"shift": own}, value_labels={"shift": labels}, values={"shift": {"n": "night"}}
    )
    rule = fields.rule(own, ROSTER, posed)
    for text in ("night", "Night shift", "夜班", " NIGHT ", "n"):
        assert rule(text, "text").value == "night"
    assert rule("twilight", "text").rule == "undeclared_value"
    assert status(rule("twilight", "text")) == "quarantined"


def test_a_category_without_declared_values_is_free_text():
    own = codebook.Field("corps", "队伍", "Corps", (), "category", None, frozenset({"FAC"}))
    rule = fields.rule(own, ROSTER, study(fields={"corps": own}))
    assert rule("Harbour brass", "text").value == "Harbour brass"
