"""What nobody declared is told by its header or its number, and stands in a file to paste."""

import tomllib

import pytest
from asked import engagement
from posed import HEAD

from engagement import study as studies

STUDY = f"""{HEAD}
[[roster]]
file = "members.csv"
kind = "members"

[fields.shift]
type = "category"
label = {{ zh = "班次", en = "Shift" }}
[fields.shift.labels]
day = {{ zh = "白班", en = "day" }}

[outcomes.took_part]
kind = "column"
field = "hours"
primary = true
label = {{ zh = "到会", en = "came" }}
"""
ROWS = """姓名,性别,学历,班次,血型,原单位
王芳,女,高小班,夜班,A,甲厂
李建国,雄,小学,白班,B,乙厂
赵敏,女,同上,夜班,B,乙厂
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "study"
    (folder / "rosters").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    (folder / "rosters" / "members.csv").write_text(ROWS, encoding="utf-8")
    return folder, engagement("check", folder)


def test_unknown_headers_are_named_and_unknown_spellings_only_counted(checked):
    _, answer = checked
    assert answer.code == 0
    assert "不认识的表头：血型, 原单位。" in answer.out
    assert "没有说明含义的写法：3 种。" in answer.out
    assert not any(text in answer.out for text in ("雄", "高小班", "夜班", "甲厂"))


def test_both_stand_ready_to_paste_and_answered_they_make_a_study(checked):
    folder, _ = checked
    text = (folder / "private" / "declare.toml").read_text(encoding="utf-8")
    answered = text.replace('# "夜班" = "code"', '"夜班" = "day"')
    answered = answered.replace('# "雄" = "code"', '"雄" = "male"')
    answered = answered.replace('# "血型" = "field"', '"血型" = "remark"')
    pasted = tomllib.loads(answered)
    assert pasted["values"]["shift"] == {"夜班": "day"} and pasted["values"]["sex"]["雄"] == "male"
    (folder / "study.toml").write_text(STUDY + answered, encoding="utf-8")
    assert studies.load(folder).headers["血型"] == "remark"
    said = engagement("check", folder).out
    assert "原单位" in said and "血型" not in said and "写法：1 种" in said


def test_nothing_undeclared_is_nothing_said(checked):
    folder, _ = checked
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    plain = "姓名,性别\n王芳,女\n李建国,男\n"
    (folder / "rosters" / "members.csv").write_text(plain, encoding="utf-8")
    said = engagement("check", folder).out
    assert "declare.toml" not in said and "没有需要核对的单元格" in said
    assert (folder / "private" / "declare.toml").read_bytes() == b""
