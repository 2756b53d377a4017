"""What is read at once is what the rule of the field says, cell by cell."""

import csv
import datetime
import re
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from drawn import source, study
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement import codebook
from engagement.records import column, columns, fields, identifiers, plain, reconcile
from engagement.records.reading import Reading

CORPUS = Path(__file__).parent / "corpus"
FIELDS = ["id_number", "phone", "name", "birth_date", "join_date", "event_date", "mobile_to"]
LOCALES = ["zh-CN", "zh-TW", "en-GB", "en-US", "de-DE"]
REFERENCE = datetime.date(2022, 12, 31)
WIDE = str.maketrans("0123456789Xx", "０１２３４５６７８９Ｘｘ")


def differing(field: str, texts: list[str], locale: str = "zh-CN") -> list[tuple]:
    """Cells that the whole column reads otherwise than the rule does, one by one."""
    opened, roster = study(locale=locale, reference_date=REFERENCE), source("members")
    raw = pd.DataFrame({field: pd.Series(texts, dtype="str")})
    read = columns.read(raw, roster, opened)[field]
    rule = fields.rule(codebook.fields()[field], roster, opened)
    found = zip(read.value, read.rule, read.confidence, read.precision, strict=True)
    return [
        (text, reading, wanted)
        for text, reading in zip(texts, map(Reading._make, found), strict=True)
        if reading != (wanted := rule(text, "text"))
    ]


def corpus(name: str) -> list[str]:
    with (CORPUS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        signs = {"n": "\n", "t": "\t", "\\": "\\"}
        texts = [row["text"] for row in csv.DictReader(file)]
    escaped = re.compile(r"\\(u[0-9a-f]{4}|[nt\\])")
    return [
        escaped.sub(lambda found: signs.get(found[1]) or chr(int(found[1][1:], 16)), text)
        for text in texts
    ]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", ["ids", "phones", "names", "dates", "hours"])
def test_every_text_of_the_corpus_is_read_at_once_as_one_by_one(field, name):
    for locale in LOCALES:
        assert differing(field, corpus(name), locale) == []


def numbers() -> st.SearchStrategy[str]:
    """ID numbers with a right check digit, some with an impossible or a future birth."""
    days = st.dates(datetime.date(1890, 1, 1), datetime.date(2030, 12, 31)).map("{:%Y%m%d}".format)
    odd = st.sampled_from(["19560230", "19561301", "19560000", "20000229", "19000229", "20230101"])
    regions = st.one_of(st.integers(110000, 659999).map(str), st.just("999110"))
    first = st.tuples(regions, st.one_of(days, odd), st.sampled_from(["001", "240", "000", "990"]))
    return first.map("".join).map(lambda digits: digits + identifiers.check_character(digits))


def written(number: str) -> st.SearchStrategy[str]:
    forms = [number, number.lower(), number.translate(WIDE), f" {number} ", f"'{number}"]
    forms += [f"{number[:6]} {number[6:14]}\u3000{number[14:]}", f"{number[:6]}-{number[6:]}"]
    forms += [number[:17] + sign for sign in "0123456789Xx"] + [number[:15] + "000", number[:17]]
    forms += [f"{number}.0", f"={number}", f"\u200b{number}", f"{number}\n", number + "0"]
    return st.sampled_from(forms)


@settings(deadline=None, max_examples=300)
@given(st.lists(numbers().flatmap(written), min_size=1, max_size=20))
def test_id_numbers_are_read_at_once_as_one_by_one(texts):
    assert differing("id_number", texts) == []


def test_a_valid_number_is_plain_and_a_doubtful_one_is_not():
    """The example printed in GB 11643-1999, and forms of it that need a second look."""
    texts = ["11010519491231002X", "11010519491231002x", "110105 19491231 002X"]
    doubtful = ["110105194912310021", "11010519491331002X", "999105194912310025", "110105491231002"]
    (form,) = plain.cells(
        pa.array(texts + doubtful, pa.large_string()),
        codebook.fields()["id_number"],
        source("members"),
        study(reference_date=REFERENCE),
    )
    assert form.places.tolist() == [0, 1, 2]
    assert form.values.to_pylist() == ["11010519491231002X"] * 3


digits = st.text("0123456789", min_size=1, max_size=13)
phones = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["", "+86", "86", "0086", "+86 ", "0", "'", "(", "电话"]),
    st.one_of(st.integers(12_000_000_000, 20_000_000_000).map(str), digits),
    st.sampled_from(["", " ", "-", ".", "/"]),
    st.one_of(st.just(""), digits, st.sampled_from(["13912345678", ".0", "转8", "x", "\u3000"])),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(phones, min_size=1, max_size=10), st.sampled_from(LOCALES))
def test_telephone_numbers_are_read_at_once_as_one_by_one(texts, locale):
    spaced = [f"{text[:3]} {text[3:7]}-{text[7:]}" for text in texts]
    wide = [text.translate(WIDE) for text in texts]
    assert differing("phone", texts + spaced + wide, locale) == []


signs = st.sampled_from(
    list("王芳欧阳建国月日年无某不详缺同上〇々·.（）() \u3000?*□A1龥鿿𠮷豈\u200b")
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.text(signs, max_size=10), min_size=1, max_size=30))
def test_names_are_read_at_once_as_one_by_one(texts):
    words = [word for kind in codebook.structure()["marks"].values() for word in kind]
    assert differing("name", texts + words + ["元年", "十月", "二〇二二年", "不 详"]) == []


part = st.integers(0, 40).map(str) | st.integers(0, 13).map("{:02d}".format)
between = st.sampled_from(["-", "/", ".", "年", "月", "日", "号", "", " ", "－", "．"])
years = st.integers(1850, 2070).map(str) | st.integers(0, 99).map("{:02d}".format)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.tuples(years, between, part, between, part, between).map("".join), min_size=1),
    st.sampled_from([name for name in FIELDS if codebook.fields()[name].type == "date"]),
    st.sampled_from(LOCALES),
)
def test_dates_are_read_at_once_as_one_by_one(texts, field, locale):
    shorter = [text.rstrip("0123456789日号") for text in texts] + [text[:8] for text in texts]
    assert differing(field, texts + shorter, locale) == []


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(numbers().flatmap(written), st.just(""), st.text(max_size=20))))
def test_birth_and_sex_told_at_once_are_those_of_each_number(texts):
    births, sexes = reconcile.told(column.texts(pa.array(texts, pa.large_string())))
    assert list(births) == [identifiers.birth(text) for text in texts]
    assert list(sexes) == [identifiers.sex(text) for text in texts]
