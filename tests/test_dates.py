"""The grammar of dates: a labelled corpus, and properties that hold for every date."""

import datetime
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.records import dates
from engagement.records.reading import status

REFERENCE = datetime.date(2022, 12, 31)
BIRTH = dates.scope("birth_date", REFERENCE)
JOIN = dates.scope("join_date", REFERENCE)
BACK = dates.scope("mobile_to", REFERENCE)
SESSION = dates.scope("event_date", REFERENCE, year=2022)
BRITISH = dates.scope("join_date", REFERENCE, locale="en-GB")
AMERICAN = dates.scope("join_date", REFERENCE, locale="en-US")

READ = [  # as written, the date, its precision
    ("1956-03-12", "1956-03-12", "day"),
    ("1956-3-2", "1956-03-02", "day"),
    ("1956/3/12", "1956-03-12", "day"),
    ("1956.03.12", "1956-03-12", "day"),
    ("1956.3.2", "1956-03-02", "day"),
    ("1956. 3. 12", "1956-03-12", "day"),
    ("1956 3 12", "1956-03-12", "day"),
    ("1956_3_12", "1956-03-12", "day"),
    ("1956、3、12", "1956-03-12", "day"),
    ("1956—3—12", "1956-03-12", "day"),
    ("19560312", "1956-03-12", "day"),
    ("１９５６０３１２", "1956-03-12", "day"),
    ("１９５６．０３．０４", "1956-03-04", "day"),
    ("１９５６年３月１２日", "1956-03-12", "day"),
    ("1956年3月12日", "1956-03-12", "day"),
    ("1956年03月12日", "1956-03-12", "day"),
    ("1956 年 3 月 12 日", "1956-03-12", "day"),
    ("1956年3月12号", "1956-03-12", "day"),
    ("1956年3月12", "1956-03-12", "day"),
    ("1956年3月12日生", "1956-03-12", "day"),
    ("1956年3月12日出生", "1956-03-12", "day"),
    ("公元1956年3月12日", "1956-03-12", "day"),
    ("'1956-03-12", "1956-03-12", "day"),
    (" 1956-03-12 ", "1956-03-12", "day"),
    ("1956-03-12 00:00:00", "1956-03-12", "day"),
    ("1956-03-12T08:30:00", "1956-03-12", "day"),
    ("1956/3/12 19:30", "1956-03-12", "day"),
    ("1956年3月12日（星期一）", "1956-03-12", "day"),
    ("1956年3月12日星期一", "1956-03-12", "day"),
    ("1985.7.1（预备）", "1985-07-01", "day"),
    ("1985.7.1(1986.7.1转正)", "1985-07-01", "day"),
    ("2000-02-29", "2000-02-29", "day"),
    ("一九五六年三月十二日", "1956-03-12", "day"),
    ("一九五六年十二月三十日", "1956-12-30", "day"),
    ("一九五六年三月二十三日", "1956-03-23", "day"),
    ("一九五六年三月廿三日", "1956-03-23", "day"),
    ("一九五六年三月十日", "1956-03-10", "day"),
    ("一九五六年三月卅一日", "1956-03-31", "day"),
    ("二〇二一年七月一日", "2021-07-01", "day"),
    ("二○○三年五月四日", "2003-05-04", "day"),
    ("二零零三年五月四日", "2003-05-04", "day"),
    ("12 Mar 1956", "1956-03-12", "day"),
    ("12 March 1956", "1956-03-12", "day"),
    ("March 12, 1956", "1956-03-12", "day"),
    ("12th March 1956", "1956-03-12", "day"),
    ("25/12/1956", "1956-12-25", "day"),
    ("12/25/1956", "1956-12-25", "day"),
    ("4/4/1956", "1956-04-04", "day"),
    ("1956年3月", "1956-03", "month"),
    ("1956年03月", "1956-03", "month"),
    ("1956年3月份", "1956-03", "month"),
    ("1956年3", "1956-03", "month"),
    ("1956.3", "1956-03", "month"),
    ("1956.03", "1956-03", "month"),
    ("1956.10", "1956-10", "month"),
    ("1956/3", "1956-03", "month"),
    ("1956-03", "1956-03", "month"),
    ("1956.3月", "1956-03", "month"),
    ("195603", "1956-03", "month"),
    ("1985.07", "1985-07", "month"),
    ("1956.3(补)", "1956-03", "month"),
    ("1956年元月", "1956-01", "month"),
    ("一九五六年三月", "1956-03", "month"),
    ("二〇〇三年(五月)", "2003-05", "month"),
    ("二〇〇三年（五月）", "2003-05", "month"),
    ("Mar 1956", "1956-03", "month"),
    ("1956", "1956", "year"),
    ("1956年", "1956", "year"),
    ("一九五六年", "1956", "year"),
]

INFERRED = [  # readable, but something was inferred or lost
    ("56.3.2", "1956-03-02", "day"),
    ("56.3.12", "1956-03-12", "day"),
    ("56年3月", "1956-03", "month"),
    ("56年", "1956", "year"),
    ("85.7", "1985-07", "month"),
    ("八五年七月", "1985-07", "month"),
    ("560312", "1956-03-12", "day"),
    ("民国四十五年", "1956", "year"),
    ("民国45年3月", "1956-03", "month"),
    ("民国三十八年十月一日", "1949-10-01", "day"),
    ("民国元年", "1912", "year"),
    ("1956-03-00", "1956-03", "month"),
    ("1956.3.0", "1956-03", "month"),
    ("1956-00-00", "1956", "year"),
    ("1956年3月上旬", "1956-03", "month"),
    ("1956年春", "1956", "year"),
    ("1956年底", "1956", "year"),
]

REFUSED = [
    ("1956年13月", "impossible_date"),
    ("1956-02-30", "impossible_date"),
    ("1957-02-29", "impossible_date"),
    ("19560230", "impossible_date"),
    ("1956年3月32日", "impossible_date"),
    ("1956-00-12", "impossible_date"),
    ("0000-00-00", "not_a_date"),
    ("20518", "serial_in_text"),
    ("31229", "serial_in_text"),
    ("2月3日", "no_year"),
    ("二月三日", "no_year"),
    ("3/4", "no_year"),
    ("03/04/1956", "ambiguous_date"),
    ("1985.7.1/1986.7.1", "two_dates"),
    ("1985年7月-1986年7月", "two_dates"),
    ("19850701 19860701", "two_dates"),
    ("农历1956年正月初三", "lunar_date"),
    ("1956年腊月", "lunar_date"),
    ("1956年闰四月", "lunar_date"),
    ("2056.03", "after_reference_date"),
    ("2023-01-01", "after_reference_date"),
    ("1856-03-12", "before_1900"),
    ("66", "not_a_date"),
    ("66岁", "not_a_date"),
    ("今年", "not_a_date"),
    ("去年三月", "not_a_date"),
    ("王芳", "not_a_date"),
    ("110105491231002", "not_a_date"),
]


@pytest.mark.parametrize(("text", "value", "precision"), READ)
def test_a_written_date_is_read_exactly_and_no_day_is_invented(text, value, precision):
    assert dates.read(text, "text", BIRTH)[::3] == (value, precision)
    assert dates.read(text, "text", BIRTH).confidence == "exact"


@pytest.mark.parametrize(("text", "value", "precision"), INFERRED)
def test_a_date_that_needs_inference_says_so(text, value, precision):
    reading = dates.read(text, "text", BIRTH)
    assert (reading.value, reading.precision) == (value, precision)
    assert reading.confidence in {"inferred", "lossy"}


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_a_date_that_cannot_be_known_is_refused_with_its_reason(text, reason):
    reading = dates.read(text, "text", BIRTH)
    assert (reading.value, reading.rule) == ("", reason)
    assert status(reading) in {"quarantined", "flagged"}


def test_a_serial_counts_only_in_a_number_cell():
    assert dates.read("20518", "number", BIRTH).value == "1956-03-04"
    assert dates.read("31229", "number", BIRTH).value == "1985-07-01"
    assert dates.read("20518", "text", BIRTH).value == ""


def test_the_calendar_of_1904_is_honoured():
    assert dates.read("19056", "number_1904", BIRTH).value == "1956-03-04"


def test_a_number_that_lost_the_zero_of_october_is_not_january():
    assert dates.read("1956.1", "number", BIRTH).rule == "month_lost_zero"
    assert dates.read("1956.11", "number", BIRTH).value == "1956-11"
    assert dates.read("1956.3", "number", BIRTH).value == "1956-03"


def test_a_number_cell_may_hold_a_year_a_month_or_a_day():
    assert dates.read("1956", "number", BIRTH).value == "1956"
    assert dates.read("195603", "number", BIRTH).value == "1956-03"
    assert dates.read("19560312", "number", BIRTH).value == "1956-03-12"


def test_a_spreadsheet_date_shown_as_a_month_is_a_month():
    assert dates.read("1956-03-01", "month", BIRTH).value == "1956-03"
    assert dates.read("1956-03-04", "month", BIRTH).value == "1956-03-04"
    assert dates.read("1956-03-01", "date", BIRTH).value == "1956-03-01"


def test_two_digits_of_a_year_follow_the_direction_of_the_field_not_the_clock():
    assert dates.read("18年3月", "text", BIRTH).value == "1918-03"
    assert dates.read("18年3月", "text", JOIN).value == "2018-03"
    assert dates.read("30年3月", "text", BACK).value == "2030-03"
    assert dates.read("10年3月", "text", BIRTH).rule == "impossible_date"


def test_the_locale_settles_the_order_of_day_and_month():
    assert dates.read("03/04/1956", "text", BRITISH).value == "1956-04-03"
    assert dates.read("03/04/1956", "text", AMERICAN).value == "1956-03-04"


def test_a_year_that_the_roster_declares_completes_a_date_without_one():
    assert dates.read("1月5日", "text", SESSION).value == "2022-01-05"
    assert dates.read("1.5", "text", SESSION).value == "2022-01-05"
    assert dates.read("22-01-05", "text", SESSION).value == "2022-01-05"


def test_a_return_may_lie_ahead_of_the_reference_date():
    assert dates.read("2025年6月", "text", BACK).value == "2025-06"


days = st.dates(datetime.date(1900, 1, 1), REFERENCE)
FORMS = [
    "{0:%Y-%m-%d}",
    "{0.year}年{0.month}月{0.day}日",
    "{0.year}.{0.month}.{0.day}",
    "{0:%Y%m%d}",
]
MONTHS = ["{0.year}年{0.month}月", "{0.year}.{0.month:02d}", "{0:%Y-%m}", "{0.year}/{0.month}"]


@given(days, st.sampled_from(FORMS))
def test_reading_what_was_written_gives_the_day_back(day, form):
    assert dates.read(form.format(day), "text", JOIN).value == day.isoformat()


@given(days, st.sampled_from(MONTHS))
def test_a_month_stays_a_month(day, form):
    reading = dates.read(form.format(day), "text", JOIN)
    assert (reading.value, reading.precision) == (day.isoformat()[:7], "month")


@given(days)
def test_a_date_read_twice_is_read_the_same(day):
    once = dates.read(f"{day.year}年{day.month}月", "text", JOIN)
    again = dates.read(once.value, "text", JOIN)
    assert (again.value, again.precision) == (once.value, once.precision)


letters = st.text(
    "0123456789年月日号./-—〇一二三十廿 ()（）农历民国约初 tTmarMAR:" + string.ascii_lowercase
)


@given(st.one_of(st.text(), letters), st.sampled_from(["text", "number", "number_1904"]))
def test_no_text_raises_and_precision_is_never_more_than_its_digits(text, kind):
    reading = dates.read(text, kind, SESSION)
    length = {"": 0, "year": 4, "month": 7, "day": 10}[reading.precision]
    assert len(reading.value) == length
