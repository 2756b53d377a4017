"""ID numbers, telephone numbers and addresses: labelled corpora and properties."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.records import identifiers, phones
from engagement.records.reading import status

REFERENCE = datetime.date(2022, 12, 31)
STANDARD = "11010519491231002X"  # the example printed in GB 11643-1999
SHORT = "110105491231002"


def read(text, kind="text"):
    return identifiers.id_number(text, kind, REFERENCE)


VALID = [
    STANDARD,
    "11010519491231002x",
    " 11010519491231002X ",
    "'11010519491231002X",
    "110105 19491231 002X",
    "110105-19491231-002X",
    "110105　19491231　002X",
    "11010519491231002Ｘ",
    "１１０１０５１９４９１２３１００２Ｘ",
    "11010519491231\u200b002X",
    "110105\n19491231002X",
]
REFUSED = [
    ("110105194912310021", "text", "check_digit_wrong"),
    ("11010519491231001X", "text", "check_digit_wrong"),
    ("110105194912310022", "text", "check_digit_wrong"),
    ("11010519491331002X", "text", "birth_impossible"),
    ("11010519490230002X", "text", "birth_impossible"),
    ("11010519491200002X", "text", "birth_impossible"),
    ("11010520491231002X", "text", "birth_impossible"),
    ("11010518491231002X", "text", "birth_impossible"),
    ("110105491331002", "text", "birth_impossible"),
    ("1101051949123100", "text", "wrong_length"),
    ("11010519491231002", "text", "wrong_length"),
    ("1101051949123100211", "text", "wrong_length"),
    ("11010549123100", "text", "wrong_length"),
    ("1", "text", "wrong_length"),
    ("王芳", "text", "not_an_id_number"),
    ("A23456789", "text", "not_an_id_number"),
    ("110105194912310000", "number", "digits_lost"),
    ("110105194912310020", "number", "digits_lost"),
    ("110105194912310016", "number", "digits_lost"),
    ("110105194912310000", "text", "digits_lost"),
    ("3.20102E+17", "text", "digits_lost"),
    ("3.20102e+17", "text", "digits_lost"),
    ("1.1010519491231E+17", "text", "digits_lost"),
]


@pytest.mark.parametrize("text", VALID)
def test_the_number_of_the_standard_is_read_however_it_is_written(text):
    reading = read(text)
    assert (reading.value, reading.confidence) == (STANDARD, "exact")
    assert status(reading) == "clean"


@pytest.mark.parametrize("kind", ["text", "number"])
def test_fifteen_digits_become_the_eighteen_of_the_standard(kind):
    reading = read(SHORT, kind)
    assert (reading.value, reading.rule, reading.confidence) == (
        STANDARD,
        "fifteen_digits",
        "inferred",
    )


@pytest.mark.parametrize(("text", "kind", "reason"), REFUSED)
def test_a_number_that_cannot_be_used_names_the_failing_part(text, kind, reason):
    reading = read(text, kind)
    assert (reading.value, reading.rule) == ("", reason)


def test_digits_lost_are_seen_by_the_kind_of_the_cell_before_the_check_digit():
    """Of the eleven check characters one fits by chance; the cell still lost its digits."""
    for last in range(10):
        number = f"11010519491231{last:03d}"
        damaged = number + identifiers.check_character(number)
        assert read(damaged, "number").rule == "digits_lost"


def test_a_valid_number_that_ends_in_three_zeros_is_kept_and_flagged():
    ends = next(
        number + "000"
        for number in (
            f"1101051949{month:02d}{day:02d}0" for month in range(1, 13) for day in range(1, 29)
        )
        if identifiers.check_character(number + "00") == "0"
    )
    assert read(ends).value == ends
    assert status(read(ends)) == "flagged"


@pytest.mark.parametrize("text", ["4423********2356", "110105********002X", "1101051949****002X"])
def test_a_masked_number_keeps_its_mask(text):
    reading = read(text)
    assert (reading.value, reading.rule, reading.confidence) == (text, "masked", "inferred")


def test_a_temporary_number_identifies_but_tells_no_birth_and_no_sex():
    temporary = "999110105194912312"
    assert read(temporary).value == temporary
    assert status(read(temporary)) == "flagged"
    assert (identifiers.birth(temporary), identifiers.sex(temporary)) == ("", "")


def test_birth_and_sex_stand_in_the_number():
    assert identifiers.birth(STANDARD) == "1949-12-31"
    assert identifiers.sex(STANDARD) == "female"
    assert identifiers.sex("110105194912310011") == "male"


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("110105194912310000", "1949-12-31"),
        ("1.1010519491231E+17", "1949-12-31"),
        ("3.20102E+17", ""),
        ("110105194913310000", ""),
    ],
)
def test_the_birth_survives_where_its_digits_survive(text, birth):
    assert identifiers.birth_of_damaged(text, REFERENCE) == birth


births = st.dates(datetime.date(1900, 1, 1), REFERENCE)
regions = st.integers(110000, 659999)


def numbered(region, day, order):
    digits = f"{region}{day:%Y%m%d}{order:03d}"
    return digits + identifiers.check_character(digits)


@given(regions, births, st.integers(1, 999))
def test_no_region_is_a_reason_to_reject(region, day, order):
    number = numbered(region, day, order)
    assert read(number).value == number
    assert identifiers.birth(number) == day.isoformat()


@given(regions, births, st.integers(1, 999), st.integers(0, 17), st.integers(1, 9))
def test_any_single_wrong_digit_is_caught(region, day, order, place, shift):
    number = numbered(region, day, order)
    wrong = "0" if number[place] == "X" else str((int(number[place]) + shift) % 10)
    damaged = number[:place] + wrong + number[place + 1 :]
    assert status(read(damaged)) != "clean"


@given(st.text(), st.sampled_from(["text", "number"]))
def test_no_text_raises(text, kind):
    assert isinstance(read(text, kind).value, str)
    assert isinstance(phones.phone(text, kind, "CN").value, str)
    assert isinstance(identifiers.email(text, kind).value, str)
    assert isinstance(identifiers.birth_of_damaged(text, REFERENCE), str)


PHONES = [
    ("13912345678", "+8613912345678"),
    ("139 1234 5678", "+8613912345678"),
    ("139-1234-5678", "+8613912345678"),
    ("１３９１２３４５６７８", "+8613912345678"),
    ("+8613912345678", "+8613912345678"),
    ("+86 139 1234 5678", "+8613912345678"),
    ("+86-139-1234-5678", "+8613912345678"),
    ("8613912345678", "+8613912345678"),
    ("008613912345678", "+8613912345678"),
    ("013912345678", "+8613912345678"),
    ("13912345678.0", "+8613912345678"),
    ("'13912345678", "+8613912345678"),
    ("13912345678（儿子）", "+8613912345678"),
    ("19912345678", "+8619912345678"),
    ("0512-65123456", "+8651265123456"),
    ("(0512)65123456", "+8651265123456"),
    ("0512 6512 3456", "+8651265123456"),
    ("010-65123456", "+861065123456"),
    ("+44 20 7946 0958", "+442079460958"),
]
TWO = ["13912345678/13812345678", "13912345678、13812345678", "13912345678 13812345678"]
TWO += ["13912345678，13812345678", "13912345678\n13812345678", "13912345678或13812345678"]
NO_PHONE = [
    ("1391234567", "wrong_length"),
    ("139123456789", "wrong_length"),
    ("65123456", "no_area_code"),
    ("1.39E+10", "digits_lost"),
    ("王芳", "not_a_phone"),
]


@pytest.mark.parametrize(("text", "number"), PHONES)
def test_a_telephone_number_is_written_one_way(text, number):
    assert phones.phone(text, "text", "CN")[:3] == (number, "phone", "exact")


@pytest.mark.parametrize("text", TWO)
def test_of_two_numbers_in_a_cell_the_first_is_taken_and_said(text):
    reading = phones.phone(text, "text", "CN")
    assert reading[:3] == ("+8613912345678", "two_numbers", "inferred")


@pytest.mark.parametrize(("text", "reason"), NO_PHONE)
def test_a_number_that_cannot_be_called_is_refused(text, reason):
    assert phones.phone(text, "text", "CN")[:2] == ("", reason)


@pytest.mark.parametrize("text", ["186****2991", "+86186****2991", "186 **** 2991", "186xxxx2991"])
def test_a_masked_telephone_number_keeps_its_mask_at_its_place(text):
    assert phones.phone(text, "text", "CN")[:2] == ("+86186****2991", "masked")


@given(st.integers(13_000_000_000, 19_999_999_999), st.sampled_from(["{}", "+86{}", "86{}", "0{}"]))
def test_writing_a_mobile_number_and_reading_it_gives_it_back(number, form):
    assert phones.phone(form.format(number), "text", "CN").value == f"+86{number}"


def test_an_address_is_read_in_lower_case():
    assert identifiers.email(" Wang.Fang@Example.ORG ", "text").value == "wang.fang@example.org"
    assert identifiers.email("wang.fang", "text").rule == "not_an_email"
