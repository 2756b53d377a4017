"""Nobody passes the scanner, in whatever form, and the pages' own words do."""

import itertools

import pandas as pd
import pytest
from invented import a_study
from wrapped import NUMBERS, TEXTS

from engagement.errors import ReleaseRefused
from engagement.release import scanner

NAME, PHONE, ID, MAIL = "亓官骢羽", "13900139000", "310228195603121238", "guancongyu@example.org"


def people(*rows):
    return pd.DataFrame(rows, columns=["person", "kind", "value"])


ONE = people((1, "name", NAME), (1, "number", PHONE), (1, "number", ID), (1, "text", MAIL))
WANTED = scanner.search(ONE)


def test_there_are_more_than_forty_forms():
    assert len(TEXTS) + len(NUMBERS) >= 60


@pytest.mark.parametrize("form", TEXTS)
@pytest.mark.parametrize("value", [NAME, PHONE, ID], ids=["name", "phone", "id"])
def test_an_identity_is_found_in_every_form(form, value):
    kind = "name" if value == NAME else "number"
    content = TEXTS[form](value)
    assert scanner.found(content, WANTED)[kind] == 1
    other = scanner.search(people((2, kind, "欧阳慕笙" if value == NAME else "13811112222")))
    assert not scanner.found(content, other)


@pytest.mark.parametrize("form", NUMBERS)
def test_a_telephone_number_is_found_as_a_number(form):
    assert scanner.found(NUMBERS[form](PHONE), WANTED)["number"] == 1


def test_an_identity_number_that_lost_its_last_digits_is_found():
    """A spreadsheet keeps fifteen digits of eighteen."""
    assert scanner.found(f"<v>{float(ID):.0f}</v>".encode(), WANTED)["number"] == 1


def test_a_mail_address_and_a_latin_name_are_found():
    wanted = scanner.search(people((1, "text", MAIL), (2, "name", "Maria da Silva")))
    assert scanner.found(b"write to guancongyu@example.org", wanted)["text"] == 1
    assert scanner.found(b"MARIA  DA SILVA", wanted)["text"] == 1


# ---------------------------------------------------------------- names that are words as well


def test_a_short_name_that_the_report_spells_needs_another_fact_beside_it():
    """高明 stands in 高明确; with the end of the telephone number beside it, it is a person."""
    known = people((1, "name", "高明"), (1, "number", PHONE))
    wanted = scanner.search(known, frozenset({"高明"}))
    assert not scanner.found("提高明确程度，2950人次".encode(), wanted)
    assert scanner.found("高明（尾号9000）".encode(), wanted)["name"] == 1


def test_a_year_beside_a_word_is_no_fact():
    known = people((1, "name", "高明"), (1, "number", "13900132022"))
    wanted = scanner.search(known, frozenset({"高明"}))
    assert not scanner.found("2022年高明确".encode(), wanted)


def test_a_short_name_that_the_report_never_spells_counts_alone():
    wanted = scanner.search(people((1, "name", "亓骢")), frozenset({"高明"}))
    assert scanner.found("本次由亓骢记录".encode(), wanted)["name"] == 1


def test_bytes_of_a_picture_are_no_short_name():
    """Read as Chinese, bytes by chance hold almost every pair of characters somewhere."""
    chance = bytes((n * 7919 + n * n * 31) % 256 for n in range(200_000))
    pairs = chance.decode("gb18030", errors="ignore")
    name = next(
        a + b for a, b in itertools.pairwise(pairs) if "一" <= a <= "鿿" and "一" <= b <= "鿿"
    )
    wanted = scanner.search(people((1, "name", name)))
    assert scanner.found(name.encode(), wanted)["name"] == 1
    assert not scanner.found(chance, wanted)


def test_the_words_of_the_package_and_the_study_are_ordinary_where_they_meet_too():
    pairs = scanner.ordinary(a_study())
    assert {"党员", "支部", "参加"} <= pairs
    assert "亓官" not in pairs


# ---------------------------------------------------------------- the release


def test_a_hit_stops_the_release_and_names_the_file_without_the_person():
    files = {"brief.zh.html": b"<p>" + NAME.encode() + b"</p>", "findings.json": b"{}"}
    with pytest.raises(ReleaseRefused) as refusal:
        scanner.require_nobody(files, WANTED)
    problem = refusal.value.problems[0]
    assert (problem.key, problem.values["file"]) == ("identity_found", "brief.zh.html")
    assert NAME not in str(problem.values) and len(refusal.value.problems) == 1


def test_a_name_in_the_name_of_a_file_is_found_and_not_told():
    with pytest.raises(ReleaseRefused) as refusal:
        scanner.require_nobody({f"{NAME}.html": b""}, WANTED)
    assert NAME not in str(refusal.value.problems[0].values)


def test_files_without_anybody_pass():
    scanner.require_nobody({"brief.zh.html": "党员参加情况 2950".encode()}, WANTED)


def test_a_search_that_finds_nothing_of_what_is_planted_stops_the_release(monkeypatch):
    monkeypatch.setattr(scanner.unpacking, "texts", lambda content: iter(()))
    with pytest.raises(ReleaseRefused) as refusal:
        scanner.require_nobody({"brief.zh.html": b""}, WANTED)
    assert refusal.value.problems[0].key == "scanner_blind"
