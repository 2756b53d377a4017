"""Times of day, and what coming and going say of attendance and hours."""

import datetime

import pytest
from drawn import cleaned as drawn
from drawn import roster as listed
from drawn import study
from hostile import book, cleaned, lines
from hypothesis import given
from hypothesis import strategies as st

from engagement.records import attendance, clock, dates, stays

WITHIN = dates.scope("event_date", datetime.date(2022, 12, 31))


def read(text, kind="text"):
    return clock.read(text, kind, WITHIN)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("9:05", "text", "09:05"),
        ("09:05:30", "text", "09:05:30"),
        ("9：05", "text", "09:05"),
        ("23:59", "text", "23:59"),
        ("0:00", "text", "00:00"),
        ("24:00", "text", "24:00"),
        ("下午2点", "text", "14:00"),
        ("下午2点半", "text", "14:30"),
        ("下午两点一刻", "text", "14:15"),
        ("上午九点三刻", "text", "09:45"),
        ("上午9点05分", "text", "09:05"),
        ("9时5分", "text", "09:05"),
        ("14点", "text", "14:00"),
        ("下午14:30", "text", "14:30"),
        ("晚上7点", "text", "19:00"),
        ("中午12点", "text", "12:00"),
        ("中午1点", "text", "13:00"),
        ("中午11点半", "text", "11:30"),
        ("凌晨1点", "text", "01:00"),
        ("12:30 am", "text", "00:30"),
        ("12:30 PM", "text", "12:30"),
        ("2 pm", "text", "14:00"),
        ("2022-03-05 09:05", "text", "2022-03-05T09:05"),
        ("2022-03-05T09:05:30", "text", "2022-03-05T09:05:30"),
        ("2022年3月5日下午2点", "text", "2022-03-05T14:00"),
        ("2022年3月5日 14:30", "text", "2022-03-05T14:30"),
        ("2022.3.5 9:05", "text", "2022-03-05T09:05"),
        ("09:05:00", "time", "09:05"),
        ("2022-03-05 09:05:30", "date", "2022-03-05T09:05:30"),
        ("0.378472222222222", "number", "09:05"),
        ("44625.5", "number", "2022-03-05T12:00"),
    ],
)
def test_a_time_is_read_in_every_form_of_the_day(text, kind, value):
    assert read(text, kind).value == value


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("25:00", "text"),
        ("24:01", "text"),
        ("9:60", "text"),
        ("9.05", "text"),
        ("905", "text"),
        ("905", "number"),
        ("9", "text"),
        ("上午12点", "text"),
        ("上午14点", "text"),
        ("晚上12点", "text"),
        ("上午", "text"),
        ("2022-03-05", "date"),
        ("2022-03-05", "text"),
        ("2022-02-30 09:05", "text"),
        ("2022年3月 9:05", "text"),
        ("9:05-11:00", "text"),
        ("2022-03-05T09:05:00Z", "text"),
        ("王芳", "text"),
        ("", "text"),
    ],
)
def test_what_is_no_time_of_day_is_refused(text, kind):
    found = read(text, kind)
    assert (found.value, found.rule) == ("", "not_a_time")


@given(st.times())
def test_every_second_of_the_day_is_read_back(time):
    whole = time.replace(microsecond=0)
    expected = whole.isoformat() if whole.second else whole.isoformat()[:5]
    assert read(whole.isoformat()).value == expected
    assert read(f"2022-03-05 {whole.isoformat()}").value == f"2022-03-05T{expected}"


@given(st.text(max_size=12))
def test_no_text_breaks_the_reader_and_what_is_read_is_read_again(text):
    found = read(text).value
    assert not found or read(found).value == found


@pytest.mark.parametrize(
    ("come", "gone", "hours"),
    [
        ("09:05", "11:35", ("2.5", "from_times")),
        ("09:00", "09:00", ("0", "from_times")),
        ("09:00", "09:10", ("0.1667", "from_times")),
        ("22:30", "01:00", ("2.5", "from_times+over_midnight")),
        ("18:00", "06:00", ("12", "from_times+over_midnight")),
        ("09:00", "08:30", ("", "out_before_in")),
        ("20:00", "24:00", ("4", "from_times")),
        ("2022-03-05T22:00", "2022-03-06T01:30", ("3.5", "from_times")),
        ("2022-03-31T22:00", "2022-04-01T22:00", ("24", "from_times")),
        ("2022-03-05T22:00", "2022-03-06T22:01", ("", "longer_than_a_day")),
        ("2022-03-05T22:00", "2022-03-05T21:00", ("", "out_before_in")),
        ("2022-03-05T22:00", "23:00", ("", "")),
        ("09:00", "", ("", "")),
    ],
)
def test_hours_run_from_coming_to_going(come, gone, hours):
    assert stays._length(come, gone) == hours


LOG = [
    ["姓名", "日期", "签到时间", "签退时间", "地点"],
    ["王芳", "2022-03-05", "9:05", "11:35", "活动室"],
    ["李强", "2022-03-05", "下午2点", "", "活动室"],
    ["赵敏", "2022-03-05", "", "", ""],
    ["周涛", "2022-03-05", "请假", "", ""],
    ["吴军", "2022-03-05", "9:05", "8:00", ""],
    ["郑琴", "2022-03-05", "王芳代", "", ""],
    ["钱伟", "2022-03-05", "22:00", "0:30", ""],
]


def log(folder, rows=LOG, **more):
    return cleaned(folder, lines(rows=rows), kind="sign_ins", name="log.csv", **more)


def test_a_log_of_times_tells_who_came_and_for_how_long(tmp_path):
    found = log(tmp_path).records["sign_ins"]
    shown = found[["name", "attend_status", "check_in", "check_out", "hours"]].fillna("")
    assert shown.to_numpy().tolist() == [
        ["王芳", "attended", "09:05", "11:35", "2.5"],
        ["李强", "attended", "14:00", "", ""],
        ["赵敏", "unknown", "", "", ""],
        ["周涛", "leave", "", "", ""],
        ["吴军", "attended", "09:05", "08:00", ""],
        ["郑琴", "unknown", "", "", ""],
        ["钱伟", "attended", "22:00", "00:30", "2.5"],
    ]
    status = ["clean", "clean", "clean", "clean", "flagged", "quarantined", "clean"]
    assert list(found["status"]) == status
    assert found["reasons"][4] == "check_out:out_before_in;attend_status:from_times"


def test_the_audit_says_where_hours_and_attendance_come_from(tmp_path):
    audit = log(tmp_path).audit.set_index(["row", "header"])
    assert audit.loc[(2, "签退时间"), "rule"] == "time+from_times"
    assert audit.loc[(8, "签退时间"), "rule"] == "time+from_times+over_midnight"
    assert audit.loc[(6, "签退时间"), ["rule", "status"]].tolist() == [
        "time+out_before_in",
        "flagged",
    ]
    assert audit.loc[(5, "签到时间"), ["rule", "status"]].tolist() == ["attendance_mark", "clean"]
    assert audit.loc[(7, "签到时间"), "status"] == "quarantined"


def test_a_column_of_hours_and_a_mark_of_its_own_are_never_replaced(tmp_path):
    rows = [["姓名", "日期", "签到状态", "签到时间", "签退时间", "服务时长"]]
    rows += [["王芳", "2022-03-05", "迟到", "9:30", "11:30", "3"]]
    rows += [["李强", "2022-03-05", "", "9:30", "11:30", ""]]
    found = log(tmp_path, rows).records["sign_ins"]
    assert list(found["attend_status"]) == ["late", "attended"]
    assert list(found["hours"].fillna("")) == ["3", ""]


def test_a_time_that_carries_its_day_gives_the_day(tmp_path):
    rows = [["姓名", "签到时间", "签退时间"], ["王芳", "2022-03-05 22:00", "2022-03-06 01:00"]]
    rows += [["李强", "", "2022-03-05 23:00"], ["赵敏", "9:00", ""]]
    found = log(tmp_path, rows).records["sign_ins"]
    assert list(found["event_date"].fillna("")) == ["2022-03-05", "2022-03-05", ""]
    assert list(found["attend_status"]) == ["attended"] * 3
    assert list(found["hours"].fillna("")) == ["3", "", ""]


def test_times_of_a_spreadsheet_are_times(tmp_path):
    def timed(workbook):
        sheet = workbook.active
        sheet["C2"], sheet["D2"] = datetime.time(9, 5), datetime.datetime(2022, 3, 5, 11, 35)
        sheet["C3"], sheet["D3"] = 0.375, 0.5

    rows = [
        ["姓名", "日期", "签到时间", "签退时间"],
        ["王芳", "2022-03-05"],
        ["李强", "2022-03-05"],
    ]
    found = cleaned(tmp_path, book(rows, timed), kind="sign_ins").records["sign_ins"]
    assert list(found["check_in"]) == ["09:05", "09:00"]
    assert list(found["check_out"]) == ["2022-03-05T11:35", "12:00"]
    assert list(found["hours"].fillna("")) == ["", "3"]


def test_a_session_known_by_its_times_is_recorded():
    records = drawn(
        sign_ins=listed(
            """
            name | branch | event_date | duty_type | attend_status | check_in
            王芳 | b1     | 2022-03-05 | theme_day | attended      | 09:05
            李强 | b1     | 2022-03-05 | theme_day | unknown       | -
            """
        ).assign(raw__attend_status=None)
    )
    [held] = attendance.sessions(records, study()).to_dict("records")
    assert (held["marks"], held["recorded"]) == (1, "part")
