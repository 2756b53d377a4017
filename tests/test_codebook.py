"""The catalogue is whole: every field typed, every code list decodable, no spelling twice."""

from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from engagement import codebook

FOLDER = Path(codebook.__file__).parent
USES = {"ID", "LINK", "FAC", "FAC-S", "STR", "DUE", "REACH", "ASK", "OUT", "META", "X"}
TYPES = {
    "text",
    "name",
    "date",
    "id",
    "phone",
    "email",
    "code",
    "category",
    "yesno",
    "number",
    "time",
    "hours",
    "count",
    "unit",
    "mark",
}
LISTS = [
    "sex",
    "education",
    "employment",
    "occupation",
    "member_type",
    "member_status",
    "activity_ability",
    "yesno",
    "duty_type",
    "attend_status",
]


def test_every_field_has_labels_a_known_type_and_a_known_use():
    for field in codebook.fields().values():
        assert field.zh and field.en
        assert field.type in TYPES
        assert field.use and field.use <= USES


def test_no_header_spelling_means_two_fields():
    spellings = Counter()
    for field in codebook.fields().values():
        spellings.update(
            {codebook.key(text) for text in (field.zh, field.en, field.name, *field.synonyms)}
        )
    assert [text for text, times in spellings.items() if times > 1] == []


def test_no_spelling_of_another_place_means_something_else():
    rows = pd.read_csv(FOLDER / "spellings.csv", keep_default_na=False)
    assert not rows.assign(key=rows["spelling"].map(codebook.key)).duplicated(["list", "key"]).any()
    own = {
        codebook.key(text): field.name
        for field in codebook.fields().values()
        for text in (field.zh, field.en, field.name, *field.synonyms)
    }
    for row in rows.itertuples():
        if row.list == "field":
            known, found = own, codebook.headers()
        else:
            codes = codebook.codes(row.list).values()
            known = {
                codebook.key(t): c.code for c in codes for t in (c.zh, c.en, c.code, *c.synonyms)
            }
            found = codebook.decode(row.list)
        key = codebook.key(row.spelling)
        assert found[key] == row.code
        assert known.get(key, row.code) == row.code, (row.list, row.spelling)


@pytest.mark.parametrize(
    ("header", "field"),
    [("身分證字號", "id_number"), ("行動電話", "phone"), ("最高學歷", "education"),
     ("黨齡", "tenure_years"), ("入會日期", "join_date"), ("簽到", "attend_status"),
("宗教信仰", "religion"), ("獎懲", "award")],
)  # fmt: skip
def test_headers_in_traditional_characters_are_known(header, field):
    assert codebook.headers().get(codebook.key(header), "-") == field


@pytest.mark.parametrize("name", LISTS)
def test_a_code_list_decodes_its_own_labels(name):
    for code in codebook.codes(name).values():
        assert codebook.decode(name)[codebook.key(code.zh)] == code.code
        assert codebook.decode(name)[codebook.key(code.en)] == code.code


@pytest.mark.parametrize("name", LISTS)
def test_no_spelling_means_two_codes(name):
    spellings = Counter()
    for code in codebook.codes(name).values():
        spellings.update(
            {codebook.key(text) for text in (code.zh, code.en, code.code, *code.synonyms)}
        )
    assert [text for text, times in spellings.items() if times > 1] == []


@pytest.mark.parametrize("name", LISTS)
def test_a_bare_digit_is_never_decoded(name):
    assert [text for text in codebook.decode(name) if text.isdigit()] == []


def test_fields_that_must_never_be_read_are_excluded():
    excluded = {
        "appraisal",
        "religion",
        "marital",
        "income",
        "health",
        "ethnicity",
        "points",
        "xuexi_points",
        "introducer",
        "photo",
        "award",
    }
    assert all(codebook.fields()[name].use == {"X"} for name in excluded)


def test_identities_carry_the_identity_role():
    for name in ("name", "id_number", "phone", "email", "address", "birth_date", "remark"):
        assert "ID" in codebook.fields()[name].use


def test_headers_are_compared_without_blanks_width_and_marks():
    assert codebook.key("出 生\n年月") == codebook.key("出生年月")
    assert codebook.key("ＩＤ　Type") == "idtype"
    assert codebook.headers()[codebook.key("身份证\n号码")] == "id_number"


def test_the_party_calendar_makes_338_sessions_and_34_slots():
    """records.md section 6: 5 branches, 14 groups; committee meetings are for the committee only."""
    rules = codebook.calendar("party_branch")
    units = {"branch": 5, "group": 14}
    assert sum(units[rule.per] * rule.times_a_year for rule in rules) == 338
    assert sum(rule.times_a_year for rule in rules if rule.who == "all") == 34
