"""Several tables on one sheet are the same tables on sheets of their own, cell for cell."""

import pytest
from drawn import source, study
from hostile import book, cleaned, lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement.errors import RosterError
from engagement.records import link
from engagement.study import Unit

UNITS = {"units": (*study().units, Unit("b2", "branch", None, "第二支部", "Branch 2", ()))}
MARCH = [
    ["第一支部2022年3月5日主题党日签到表"],
    ["序号", "姓名", "签到"],
    ["1", "王芳", "√"],
    ["2", "李强", "请假"],
]
APRIL = [
    ["第一支部2022年4月6日党课签到表"],
    ["姓名", "序号", "签到"],
    ["赵敏", "1", "√"],
    ["王芳", "2", "×"],
]
SIGNED = ["name", "event_date", "duty_type", "attend_status"]
FIRST = [
    ["王芳", "2022-03-05", "theme_day", "attended"],
    ["李强", "2022-03-05", "theme_day", "leave"],
]
SECOND = [
    ["赵敏", "2022-04-06", "lesson", "attended"],
    ["王芳", "2022-04-06", "lesson", "absent"],
]


def read(folder, rows, kind="sign_ins", **more):
    folder.mkdir(exist_ok=True)
    return cleaned(folder, book(rows), kind=kind, name="a.xlsx", **{**UNITS, **more})


def shown(found, columns=SIGNED, kind="sign_ins"):
    records = found.records[kind]
    held = [
        records[name].fillna("") if name in records else [""] * len(records) for name in columns
    ]
    return [list(row) for row in zip(*held, strict=True)]


def sound(found):
    """Every row has one verdict, every filled cell one line, and the account balances."""
    rows = found.structure.groupby(["source_file", "sheet"])["row"].agg(list)
    assert all(numbers == list(range(1, len(numbers) + 1)) for numbers in rows)
    parts = found.manifest[["structural", "clean", "quarantined", "duplicates"]].sum(axis=1)
    assert (parts == found.manifest["rows"]).all()
    assert len(found.manifest) == len(rows)


@pytest.mark.parametrize(
    "between", [[], [[]], [["合计", "2"]], [["注：√到会"], []], [["填表人："], [], []]]
)
def test_tables_under_each_other_are_read_as_two(tmp_path, between):
    found = read(tmp_path, [*MARCH, *between, *APRIL])
    assert shown(found) == FIRST + SECOND
    sound(found)
    verdicts = list(found.structure["verdict"])
    assert verdicts[:4] == verdicts[-4:] == ["title", "header", "data", "data"]
    assert list(found.records["sign_ins"]["row"]) == [3, 4, 7 + len(between), 8 + len(between)]


def test_every_cell_of_two_tables_stands_in_the_audit_once(tmp_path):
    rows = [*MARCH, [], *APRIL, ["记录人：", "", "x"]]
    found = read(tmp_path, rows)
    cells = [(at, text) for at, row in enumerate(rows, start=1) for text in row if text]
    assert list(zip(found.audit["row"], found.audit["raw"], strict=True)) == cells


def beside(*blocks, gap=1):
    """Tables drawn side by side with empty columns between."""
    height = max(map(len, blocks))
    widths = [max(map(len, block)) for block in blocks]
    rows = []
    for at in range(height):
        row = []
        for block, width in zip(blocks, widths, strict=True):
            cells = block[at] if at < len(block) else []
            row += [*cells, *[""] * (width - len(cells) + gap)]
        rows.append(row)
    return rows


LEFT = [["序号", "姓名", "签到"], ["1", "王芳", "√"], ["2", "李强", "请假"]]
RIGHT = [["序号", "姓名", "签到"], ["3", "赵敏", "×"]]


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_tables_side_by_side_are_read_as_two(tmp_path, gap):
    rows = [["2022年3月5日党课签到表"], *beside(LEFT, RIGHT, gap=gap)]
    found = read(tmp_path, rows)
    expected = [["王芳", "attended"], ["李强", "leave"], ["赵敏", "absent"]]
    assert shown(found, ["name", "attend_status"]) == expected
    assert set(found.records["sign_ins"]["event_date"]) == {"2022-03-05"}
    assert list(found.structure["verdict"]) == ["title", "header", "data", "data"]
    sound(found)
    letters = {0: "(D:F)", 1: "(E:G)", 2: "(F:H)"}[gap]
    assert list(found.records["sign_ins"]["sheet"]) == ["Sheet", "Sheet", f"Sheet {letters}"]
    assert set(found.audit["sheet"]) == {"Sheet"}


def test_a_block_without_numbers_of_its_own_is_a_table(tmp_path):
    rows = [
        ["2022年3月5日"],
        ["序号", "姓名", "签到", "姓名", "签到"],
        ["1", "王芳", "√", "李强", "×"],
    ]
    assert shown(read(tmp_path, rows), ["name", "attend_status"]) == [
        ["王芳", "attended"],
        ["李强", "absent"],
    ]


def test_members_side_by_side_are_two_people_with_two_addresses(tmp_path):
    block = [["姓名", "性别", "出生年月"], ["王芳", "女", "1956.3"]]
    other = [["姓名", "性别", "出生年月"], ["李强", "男", "1960.5"]]
    found = read(tmp_path, beside(block, other), kind="members")
    assert shown(found, ["name", "sex"], "members") == [["王芳", "female"], ["李强", "male"]]
    assert link.rosters(found, study()).empty
    sound(found)


def test_titles_of_their_own_above_tables_side_by_side(tmp_path):
    left = [["2022年3月5日党课"], *LEFT]
    right = [["2022年4月6日主题党日"], *RIGHT]
    assert shown(read(tmp_path, beside(left, right)))[1:] == [
        ["李强", "2022-03-05", "lesson", "leave"],
        ["赵敏", "2022-04-06", "theme_day", "absent"],
    ]


def test_a_header_printed_again_is_no_second_table(tmp_path):
    found = read(tmp_path, [*MARCH, MARCH[1], ["3", "周涛", "√"]])
    assert shown(found) == [*FIRST, ["周涛", "2022-03-05", "theme_day", "attended"]]
    assert list(found.structure["verdict"])[4] == "repeat-header"


def test_wide_tables_of_other_sessions_are_tables_of_their_own(tmp_path):
    rows = [["姓名", "主题党日", "党课"], ["", "1月5日", "1月6日"], ["王芳", "√", "×"], []]
    rows += [["姓名", "主题党日", "党课"], ["", "2月5日", "2月6日"], ["王芳", "×", "√"]]
    roster = source("sign_ins", year=2022)
    found = cleaned(tmp_path, book(rows), roster=roster, name="a.xlsx", **UNITS)
    assert shown(found) == [
        ["王芳", "2022-01-05", "theme_day", "attended"],
        ["王芳", "2022-01-06", "lesson", "absent"],
        ["王芳", "2022-02-05", "theme_day", "absent"],
        ["王芳", "2022-02-06", "lesson", "attended"],
    ]
    sound(found)


def test_branches_under_each_other_each_have_their_title(tmp_path):
    rows = [["第一支部党员名单"], ["姓名", "性别"], ["王芳", "女"], []]
    rows += [["第二支部党员名单"], ["姓名", "性别"], ["李强", "男"], ["合计", "1"]]
    found = read(tmp_path, rows, kind="members")
    assert shown(found, ["name", "branch"], "members") == [["王芳", "b1"], ["李强", "b2"]]
    sound(found)


def test_a_legend_holds_for_all_tables_of_its_sheet(tmp_path):
    marked = [[cell.replace("√", "○") for cell in row] for row in [*MARCH, [], *APRIL]]
    found = read(tmp_path, [*marked, ["注：○到会"]])
    assert shown(found) == FIRST + SECOND


def test_a_table_below_of_another_kind_is_refused_by_its_row(tmp_path):
    rows = [["姓名", "性别", "出生年月"], ["王芳", "女", "1956.3"], []]
    with pytest.raises(RosterError) as raised:
        read(tmp_path, [*rows, ["单位名称", "姓名", "手机号码"], ["小学", "周强", "1"]], "members")
    [problem] = raised.value.problems
    assert (problem.key, problem.values["row"]) == ("second_table", 4)


def test_a_table_above_of_another_kind_is_refused_and_its_people_are_no_title(tmp_path):
    rows = [["单位名称", "姓名", "手机号码"], ["小学", "周强", "1"], []]
    with pytest.raises(RosterError) as raised:
        read(
            tmp_path,
            [*rows, ["姓名", "性别", "出生年月", "学历"], ["王芳", "女", "1956.3", "x"]],
            "members",
        )
    assert [problem.key for problem in raised.value.problems] == ["second_table"]


def test_a_column_written_twice_is_still_refused(tmp_path):
    with pytest.raises(RosterError) as raised:
        read(tmp_path, [["姓名", "性别", "姓名"], ["王芳", "女", "王芳"]], "members")
    assert [problem.key for problem in raised.value.problems] == ["header_twice"]


NAMES = st.text("王李赵周吴郑芳强敏涛军琴", min_size=2, max_size=3)
MARKS = st.sampled_from(["√", "×", "请假", "", "迟到", "zz"])
TABLES = st.lists(
    st.tuples(st.permutations(["序号", "姓名", "签到"]), st.lists(st.tuples(NAMES, MARKS), min_size=1, max_size=4)),
    min_size=1,
    max_size=3,
)  # fmt: skip


def drawn(number, order, people):
    values = [
        {"序号": str(at), "姓名": name, "签到": mark} for at, (name, mark) in enumerate(people, 1)
    ]
    title = [f"2022年3月{number + 1}日主题党日签到表"]
    return [title, list(order), *([row[column] for column in order] for row in values)]


def facts(found):
    """What the records and the audit hold, without sheets and rows."""
    records = shown(found, [*SIGNED, "status", "reasons"])
    audit = found.audit[["header", "field", "raw", "value", "rule", "status"]]
    return records, audit.to_numpy().tolist(), sorted(found.structure["verdict"])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(listed=TABLES, blank=st.booleans())
def test_tables_on_one_sheet_equal_the_same_tables_on_sheets_of_their_own(tmp_path, listed, blank):
    parts = [drawn(at, order, people) for at, (order, people) in enumerate(listed)]
    together = [row for part in parts for row in [*part, *([[]] if blank else [])]]
    apart = {f"{at}.csv": lines(rows=part) for at, part in enumerate(parts)}
    roster = source("sign_ins")
    one = cleaned(tmp_path, book(together), roster=roster, name="a.xlsx", **UNITS)
    many = cleaned(tmp_path, apart, roster=roster, **UNITS)
    sound(one)
    sound(many)
    same, other = facts(one), facts(many)
    assert same[:2] == other[:2]
    assert [verdict for verdict in same[2] if verdict != "blank"] == other[2]


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(listed=TABLES, gap=st.integers(0, 2))
def test_every_filled_cell_of_any_sheet_stands_in_the_audit_once(tmp_path, listed, gap):
    parts = [drawn(0, ("序号", "姓名", "签到"), people)[1:] for _, people in listed]
    rows = [["2022年3月5日签到表"], *beside(*parts, gap=gap)]
    found = cleaned(tmp_path, book(rows), roster=source("sign_ins"), name="a.xlsx", **UNITS)
    sound(found)
    expected = sorted((at, text) for at, row in enumerate(rows, start=1) for text in row if text)
    assert sorted(zip(found.audit["row"], found.audit["raw"], strict=True)) == expected
    assert len(found.records["sign_ins"]) == sum(len(people) for _, people in listed)
