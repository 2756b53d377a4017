"""Every labelled cell of tests/corpus is read as its label says.

The labels were written from the standards (ISO 8601, GB 11643-1999 with ISO 7064, E.164) and from
what rosters look like, not from what the package answers. In `text`, \\n, \\t, \\\\ and \\uXXXX stand
for one character each. A label that is empty is not asked for.
"""

import csv
import datetime
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from drawn import source, study
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement import codebook
from engagement.records import fields, identifiers, names
from engagement.records.reading import Reading, status

CORPUS = Path(__file__).parent / "corpus"
SIZES = {"dates": 400, "ids": 280, "names": 170, "phones": 180, "hours": 170}
LOCALES = ("zh-CN", "zh-TW", "en-GB", "en-US", "de-DE")
REFERENCE = "2022-12-31"
_ESCAPED = re.compile(r"\\(u[0-9a-f]{4}|[nt\\])")


def lines(name: str) -> list[tuple[int, dict[str, str]]]:
    """The labelled cells of a corpus with the numbers of their lines."""
    with (CORPUS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(number, row) for number, row in enumerate(csv.DictReader(file), start=2)]


def unescaped(text: str) -> str:
    signs = {"n": "\n", "t": "\t", "\\": "\\"}
    return _ESCAPED.sub(lambda found: signs.get(found[1]) or chr(int(found[1][1:], 16)), text)


def rule(field: str, locale: str = "zh-CN", reference: str = REFERENCE, year: str = "") -> Callable:
    declared = study(locale=locale, reference_date=datetime.date.fromisoformat(reference))
    roster = source("members", year=int(year) if year else None)
    return fields.rule(codebook.fields()[field], roster, declared)


def answers(name: str, row: dict[str, str]) -> dict[str, str]:
    """What the package says about a line, by the names of its labels."""
    field = {"ids": "id_number", "phones": "phone", "hours": "hours", "names": "name"}.get(name)
    asked = {key: row[key] for key in ("locale", "reference", "year") if key in row}
    read = rule(field or row["field"], **asked)
    reading: Reading = read(unescaped(row["text"]), row.get("kind", "text"))
    found = {**reading._asdict(), "status": status(reading)}
    if name == "names" and row["key"]:
        keys = names.keys(pd.Series([reading.value], dtype="str")).iloc[0]
        found |= {"key": keys["name"], "surname": keys["surname"]}
    return found


def wrong(name: str) -> Iterator[str]:
    """The lines of a corpus that are read otherwise than labelled."""
    for number, row in lines(name):
        found = answers(name, row)
        asked = {label for label in row if label in found}
        if not row["value"]:
            asked -= {"confidence"}
        differ = {label: (unescaped(row[label]), found[label]) for label in sorted(asked)}
        differ = {label: pair for label, pair in differ.items() if pair[0] != pair[1]}
        if differ:
            shown = ", ".join(f"{label} {a!r} not {b!r}" for label, (a, b) in differ.items())
            yield f"{name}.csv:{number} {row['text']!r}: {shown} ({found['rule']})"


@pytest.mark.parametrize("name", SIZES)
def test_every_labelled_cell_is_read_as_its_label_says(name):
    found = list(wrong(name))
    assert not found, f"{len(found)} of {len(lines(name))}\n" + "\n".join(found)


@pytest.mark.parametrize(("name", "least"), SIZES.items())
def test_the_corpus_is_as_large_as_it_says_and_asks_nothing_twice(name, least):
    rows = [row for _, row in lines(name)]
    labels = {"value", "rule", "precision", "confidence", "status", "key", "surname"}
    asked = [tuple(row[key] for key in row if key not in labels) for row in rows]
    assert len(rows) >= least
    assert len(set(asked)) == len(asked)


def check_character(digits: str) -> str:
    """ISO 7064 MOD 11-2 by its recursive method, which the package does not use."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2 % 11
    rest = (12 - total) % 11
    return "X" if rest == 10 else str(rest)


births = st.dates(datetime.date(1920, 1, 1), datetime.date(2010, 12, 31))
counties = st.integers(110000, 659999)


@settings(max_examples=2000)
@given(counties, births, st.integers(0, 999))
def test_no_number_with_a_right_check_digit_is_rejected(county, day, order):
    digits = f"{county}{day:%Y%m%d}{order:03d}"
    number = digits + check_character(digits)
    reading = rule("id_number")(number, "text")
    assert reading.value == number
    assert status(reading) == ("flagged" if number.endswith("000") else "clean")
    assert identifiers.birth(number) == day.isoformat()


@given(counties, births, st.integers(1, 995), st.sampled_from([" {}", "{} ", "'{}", "\u200b{}"]))
def test_fifteen_digits_become_the_eighteen_they_stand_for(county, day, order, form):
    short, long = (f"{county}{day:{form}}{order:03d}" for form in ("%y%m%d", "%Y%m%d"))
    if day.year < 2000:
        reading = rule("id_number")(form.format(short), "text")
        assert (reading.value, reading.confidence) == (long + check_character(long), "inferred")


SIGNS = st.text(
    "0123456789XxＸ年月日.-/:,*+() \u3000半一二三十两约个小时分钟天hm民国同上無无?？#", max_size=24
)
KINDS = st.sampled_from(["text", "number", "number_1904", "date", "month"])
PARSED = st.sampled_from(["birth_date", "event_date", "id_number", "phone", "hours", "age", "name"])


@settings(max_examples=1000)
@given(PARSED, st.sampled_from(LOCALES), st.one_of(st.text(max_size=24), SIGNS), KINDS)
def test_no_text_raises_in_any_locale_and_what_is_read_is_plain(field, locale, text, kind):
    reading = rule(field, locale, year="2022")(text, kind)
    assert status(reading) in {"clean", "flagged", "quarantined"}
    if field.endswith("_date") and reading.value:
        assert re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", reading.value)
    if field == "hours" and reading.value:
        assert float(reading.value) >= 0


WRITTEN = {
    "en-GB": ["{0.day}/{0.month}/{0.year}", "{0.day:02d}.{0.month:02d}.{0.year}", "{0:%d %B %Y}"],
    "en-US": ["{0.month}/{0.day}/{0.year}", "{0.month:02d}-{0.day:02d}-{0.year}", "{0:%B %d, %Y}"],
    "de-DE": ["{0.day}.{0.month}.{0.year}", "{0.day:02d}.{0.month:02d}.{0.year}"],
    "zh-TW": ["{0.year}/{0.month}/{0.day}", "民國{1}年{0.month}月{0.day}日", "{1:03d}/{0:%m/%d}"],
    "zh-CN": ["{0.year}年{0.month}月{0.day}日", "{0:%Y%m%d}", "民国{1}年{0.month}月{0.day}日"],
}
FORMS = [(locale, form) for locale, forms in WRITTEN.items() for form in forms]


@given(st.dates(datetime.date(1938, 1, 1), datetime.date(2022, 12, 31)), st.sampled_from(FORMS))
def test_a_day_written_as_its_locale_writes_is_read_back(day, written):
    locale, form = written
    reading = rule("join_date", locale)(form.format(day, day.year - 1911), "text")
    assert (reading.value, reading.precision) == (day.isoformat(), "day")


def test_the_locale_of_a_roster_holds_against_that_of_the_study():
    declared, roster = study(locale="zh-CN"), source("members", locale="de-DE")
    read = {
        name: fields.rule(codebook.fields()[name], roster, declared)
        for name in ("birth_date", "phone", "hours")
    }
    assert read["birth_date"]("3.4.1956", "text").value == "1956-04-03"
    assert read["phone"]("030 123456", "text").value == "+4930123456"
    assert read["hours"]("1,5", "text").value == "1.5"


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1938, 2022))
def test_day_and_month_that_could_be_turned_are_not_decided_without_a_locale(one, other, year):
    read = rule("join_date")(f"{one}/{other}/{year}", "text")
    assert read.value == (f"{year}-{one:02d}-{one:02d}" if one == other else "")


@given(st.integers(0, 10_000), st.integers(0, 59))
def test_hours_and_minutes_written_are_the_hours_read(hours, minutes):
    total = hours + minutes / 60
    assert float(rule("hours")(f"{hours}小时{minutes}分钟", "text").value) == pytest.approx(
        total, abs=1e-4
    )
    written = f"{hours},{minutes:02d} Std."
    assert float(rule("hours", "de-DE")(written, "text").value) == hours + minutes / 100
