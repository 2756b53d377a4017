"""Minutes: one row per session, nobody in it, and several duties may share one session."""

import datetime

import pytest
from drawn import cleaned as drawn
from drawn import roster, source, study
from hostile import book, cleaned, lines, told
from hypothesis import given
from hypothesis import strategies as st

from engagement import codebook
from engagement.analysis import completeness
from engagement.errors import RosterError
from engagement.records import fields, link, membership, minutes, participation, people, recognise
from engagement.study import Calendar

HEADER = ["活动类型", "主题", "活动时间", "地点", "主持人", "记录人", "应到人数", "实到人数"]
HEADER += ["缺席人数", "缺席人员", "缺席原因", "议程", "决议", "录入时间", "照片", "所在党支部"]
ROWS = [
    ["第一支部组织生活记录"],
    HEADER,
    ["主题党日、党课", "x", "2022年3月5日", "活动室", "甲乙", "王芳", "35人", "30", "5", "丙丁"]
    + ["出差", "x", "一致通过", "2022-03-09", "x", "第一支部"],
    ["支部委员会", "x", "2022-04", "会议室", "甲乙", "王芳", "5", "5", "0", "", "", "x"]
    + ["无", "", "", "第一支部"],
    ["合计", "", "", "", "", "", "40", "35"],
    ["记录人：", "", "审核人："],
]
UNITS = {"units": study().units}


def read(folder, rows=ROWS, **more):
    return cleaned(folder, book(rows), kind="minutes", name="会议记录.xlsx", **more, **UNITS)


def test_minutes_are_read_row_by_row(tmp_path):
    found = read(tmp_path).records["minutes"]
    wanted = ["duty_type", "event_date", "place", "entered_by", "due_count", "present_count"]
    wanted += ["absent_count", "resolution", "entered_at", "branch", "row", "status"]
    assert found[wanted].fillna("").to_numpy().tolist() == [
        ["theme_day lesson", "2022-03-05", "活动室", "王芳", "35", "30"]
        + ["5", "passed", "2022-03-09", "b1", 3, "clean"],
        ["committee_meeting", "2022-04", "会议室", "王芳", "5", "5"]
        + ["0", "none", "", "b1", 4, "clean"],
    ]


def test_the_names_of_those_absent_and_of_the_chair_are_not_read(tmp_path):
    found = read(tmp_path)
    assert not {"absent_names", "chair", "agenda"} & set(found.records["minutes"].columns)
    excluded = found.audit.loc[found.audit["rule"] == "excluded", "header"]
    assert {"缺席人员", "主持人", "议程", "缺席原因"} <= set(excluded)


def test_every_row_of_the_minutes_is_accounted_for(tmp_path):
    found = read(tmp_path)
    expected = ["title", "header", "data", "data", "totals", "signature"]
    assert list(found.structure["verdict"]) == expected
    assert found.manifest[["rows", "structural", "clean"]].to_numpy().tolist() == [[6, 4, 2]]


def test_minutes_without_a_day_are_refused_by_their_row(tmp_path):
    rows = [["活动时间", "活动类型", "实到人数"], ["2022-03-05", "党课", "30"], ["", "党课", "31"]]
    found = read(tmp_path, rows)
    assert list(found.records["minutes"]["status"]) == ["clean", "quarantined"]
    refused = found.quarantine[["row", "header", "field", "reason"]].to_numpy().tolist()
    assert refused == [[3, "活动时间", "event_date", "missing_date"]]
    assert found.manifest[["clean", "quarantined"]].to_numpy().tolist() == [[1, 1]]


@pytest.mark.parametrize("missing", ["日期", "制度类型"])
def test_minutes_need_a_day_and_one_of_duty_due_and_present(tmp_path, missing):
    header = {"日期": ["实到人数", "活动类型"], "制度类型": ["日期", "地点"]}[missing]
    with pytest.raises(RosterError) as raised:
        cleaned(tmp_path, lines(rows=[header, ["x", "y"]]), kind="minutes", name="a.csv")
    assert any(missing in text for text in told(raised.value))


def duty(text, **values):
    rule = fields.rule(codebook.fields()["duty_type"], source("minutes"), study(values=values))
    return rule(text, "text")


@pytest.mark.parametrize(
    ("text", "value", "rule"),
    [
        ("主题党日", "theme_day", "code"),
        ("主题党日、党课", "theme_day lesson", "code+set"),
        ("党课、主题党日", "theme_day lesson", "code+set"),
        ("主题党日暨党课", "theme_day lesson", "code+set"),
        ("主题党日（党课）", "theme_day lesson", "code+set"),
        ("主题党日（含党课）", "theme_day lesson", "code+set"),
        ("主题党日\n党课", "theme_day lesson", "code+set"),
        ("支部党员大会＋组织生活会，民主评议", "general_meeting life_meeting review_meeting", "code+set"),
        ("theme day, lesson", "theme_day lesson", "code+set"),
        ("党课、上党课", "lesson", "code+set"),
        ("主题党日（第3期）", "theme_day", "code+remark"),
        ("主题党日、扫雪", "", "undeclared_value"),
        ("1、3", "", "undeclared_value"),
    ],
)  # fmt: skip
def test_a_duty_type_is_a_set(text, value, rule):
    found = duty(text)
    assert (found.value, found.rule) == (value, rule)


def test_a_duty_that_only_the_study_knows_joins_the_set():
    found = duty("扫雪、党课", duty_type={"扫雪": "snow"})
    assert minutes.split(found.value) == ["lesson", "snow"]


@given(st.lists(st.sampled_from(list(codebook.codes("duty_type").values())), min_size=1))
def test_any_duties_in_any_order_are_the_set_of_them(listed):
    found = duty("、".join(one.zh for one in listed)).value
    assert sorted(minutes.split(found)) == sorted({one.code for one in listed})


@pytest.mark.parametrize(
    ("text", "value", "confidence"),
    [
        ("通过", "passed", "exact"),
        ("是", "passed", "exact"),
        ("否", "not_passed", "exact"),
        ("未通过", "not_passed", "exact"),
        ("无", "none", "exact"),
        ("-", "", "exact"),
        ("会议一致同意按计划开展", "passed", "inferred"),
        ("第一项未通过，第二项通过", "passed", "inferred"),
        ("该事项未获通过", "not_passed", "inferred"),
        ("会议不同意该方案", "not_passed", "inferred"),
        ("选举产生新一届支委会", "election", "inferred"),
        ("换届选举，通过工作报告", "election", "inferred"),
        ("研究下月志愿服务安排", "unknown", "lossy"),
    ],
)
def test_a_resolution_tells_whether_something_was_decided(text, value, confidence):
    rule = fields.rule(codebook.fields()["resolution"], source("minutes"), study())
    found = rule(text, "text")
    assert (found.value, found.confidence) == (value, confidence)


MEMBERS = """
name | phone          | branch | group
王芳 | +8613911110001 | b1     | b1g1
李强 | +8613722220002 | b1     | b1g2
"""
HELD = """
event_date | duty_type        | due_count | present_count | entered_by | branch
2022-01-05 | theme_day lesson | 2         | 2             | 王芳       | b1
2022-02-05 | theme_day        | 2         | 1             | 王芳       | b1
"""


def test_minutes_add_nobody():
    bare = drawn(members=roster(MEMBERS, "members.xlsx"))
    with_minutes = drawn(members=roster(MEMBERS, "members.xlsx"), minutes=roster(HELD, "m.xlsx"))
    for records in (bare, with_minutes):
        links = link.rosters(records, study())
        table = people.table(records, links, study())
        assert len(table) == 2
        assert links.empty
        rows = membership.reconciliation(records, links, study()).set_index("item")["rows"]
        assert rows["rows_on_roster"] == 2
        assert participation.table(records, links, table, study()).empty


SIGNED = """
name | branch | group | event_date | duty_type        | attend_status
王芳 | b1     | b1g1  | 2022-01-05 | theme_day lesson | attended
李强 | b1     | b1g2  | 2022-01-05 | theme_day lesson | absent
"""


def test_a_session_of_two_duties_is_one_session_and_counts_for_both():
    year = Calendar("party_branch", datetime.date(2022, 1, 1), datetime.date(2022, 12, 31))
    this = study(calendar=year)
    records = drawn(members=roster(MEMBERS, "members.xlsx"), sign_ins=roster(SIGNED, "s.xlsx"))
    held = participation.sessions(records, this)
    assert len(held) == 1
    links = link.rosters(records, this)
    slots = participation.table(records, links, people.table(records, links, this), this)
    assert list(slots["attended"]) == ["yes", "no"]
    units = people.table(records, links, this).groupby(["branch", "group"]).size()
    found = completeness.findings(held, units.rename("members").reset_index(), this)
    recorded = found.set_index("duty_type")["recorded"]
    assert (recorded["theme_day"], recorded["lesson"], recorded["general_meeting"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (["活动类型", "活动时间", "应到人数", "实到人数", "记录人"], "minutes"),
        (["日期", "会议类型", "决议"], "minutes"),
        (["姓名", "日期", "签到"], "sign_ins"),
        (["姓名", "失去联系时间", "失去联系情形", "党组织类别"], "lost"),
        (["姓名", "性别", "入党时间", "失去联系时间"], "members"),
        (["姓名", "流动类型", "流出日期"], "mobile"),
    ],
)
def test_an_unknown_file_is_recognised_by_its_columns(tmp_path, header, kind):
    path = tmp_path / "a.csv"
    path.write_text(lines(rows=[header, ["x"] * len(header)]), encoding="utf-8")
    assert [found.kind for found in recognise.look([path])] == [kind]
