"""What the cells of one row must agree on: contradictions are flagged, and nothing is changed."""

import dataclasses
import datetime

import pandas as pd
import pytest
from drawn import source
from drawn import study as drawn_study
from drawn import table as drawn_table
from hypothesis import given, settings
from hypothesis import strategies as st
from posed import posed

from engagement import codebook, words
from engagement.declared import Check
from engagement.errors import StudyError
from engagement.records import clean, mending

PARTY = """
[[roster]]
file = "members.csv"
kind = "members"

[outcomes.took_part]
kind = "column"
field = "hours"
primary = true
label = { zh = "到会", en = "came" }

[calendar]
profile = "party_branch"
from = 2022-01-01
to = 2022-12-31
"""
CLUB = PARTY.partition("[calendar]")[0]


def declared(folder, text=PARTY):
    (folder / "rosters").mkdir(exist_ok=True)
    (folder / "rosters" / "members.csv").write_text("Name\n", encoding="utf-8")
    return posed(folder, text)


@pytest.fixture(scope="module")
def party(tmp_path_factory):
    return declared(tmp_path_factory.mktemp("party"))


def records(text, study, kind="members"):
    raw = drawn_table(text).assign(source_file="x.csv", sheet="", kind=kind, row_note="")
    raw["row"] = range(2, 2 + len(raw))
    return clean.records(raw, source(kind), study)


def reasons(text, study):
    return list(records(text, study)["reasons"])


ROWS = [
    ("1960-03-01 | 1955-03-01 | -", "joined_before_birth"),
    ("1960-03-01 | 1978-02-28 | -", "joined_too_young"),
    ("1960-03-01 | 1978-03-01 | -", ""),
    ("1960-02-29 | 1978-02-28 | -", "joined_too_young"),
    ("1960-02-29 | 1978-03-01 | -", ""),
    ("1990 | 1990-05 | -", "joined_too_young"),
    ("1960-03 | 1978 | -", ""),
    ("1960-12 | 1978-01 | -", "joined_too_young"),
    ("1960-03-01 | 1985-06-10 | 1985-06-09", "full_before_joining"),
    ("1960-03-01 | 1985-06-10 | 1986-06-09", "full_within_probation"),
    ("1960-03-01 | 1985-06-10 | 1986-06-10", ""),
    ("1960-03-01 | 1985-06 | 1986-06", ""),
    ("1960-03-01 | 1985-06 | 1986-05", "full_within_probation"),
    ("1960-03-01 | 1985 | 1986-01", ""),
    ("1960-03-01 | 1985 | 1985-11", "full_within_probation"),
    ("1945-03-01 | 1970-07-01 | 1970-07-01", ""),
    ("1945-03-01 | 1969 | 1969-12", ""),
    ("1935-03-01 | 1955-07-01 | 1956-01-01", ""),
    ("1945-03-01 | 1965-07-01 | 1965-12-01", "full_within_probation"),
]


@pytest.mark.parametrize(("row", "check"), ROWS)
def test_dates_of_one_row_are_compared_as_far_as_they_are_known(party, row, check):
    found = records(f"name | birth_date | join_date | full_date\n王芳 | {row}", party)
    told = {part.partition(":")[2] for part in found.loc[0, "reasons"].split(";") if part}
    assert told == ({f"check.{check}"} if check else set())
    assert found.loc[0, "status"] == ("flagged" if check else "clean")


def test_both_cells_are_flagged_and_both_values_kept(party):
    found = records("name | birth_date | join_date\n王芳 | 1960-03-01 | 1955-03-01", party)
    assert list(found.loc[0, ["birth_date", "join_date"]]) == ["1960-03-01", "1955-03-01"]
    assert found.loc[0, "reasons"] == (
        "birth_date:check.joined_before_birth;join_date:check.joined_before_birth"
    )


def test_a_birth_known_by_the_number_alone_is_told_at_the_number(party):
    found = records("name | id_number | join_date\n王芳 | 11010519491231002X | 1940-03", party)
    said = found.loc[0, "reasons"]
    assert "id_number:check.joined_before_birth" in said
    assert "join_date:check.joined_before_birth" in said
    assert found.loc[0, "id_number"] == "11010519491231002X"


def test_a_club_without_the_partys_calendar_has_young_members(tmp_path):
    club = declared(tmp_path, CLUB)
    assert reasons("name | birth_date | join_date\n王芳 | 2010-03-01 | 2020-03-01", club) == [""]
    said = reasons("name | birth_date | join_date\n王芳 | 2010-03-01 | 2009-03-01", club)
    assert "joined_before_birth" in said[0]


OTHERS = [
    ("age | birth_date", "52 | 1970-03", ""),
    ("age | birth_date", "54 | 1970-03", ""),
    ("age | birth_date", "55 | 1970-03", "age_against_birth"),
    ("age | birth_date", "49 | 1970-03", "age_against_birth"),
    ("age | birth_date", "50 | 1970", ""),
    ("age | birth_date", "49 | 1970", "age_against_birth"),
    ("age", "121", "age_out_of_range"),
    ("age", "120", ""),
    ("birth_date", "1901-01-01", "too_old"),
    ("birth_date", "1901-12-31", "too_old"),
    ("birth_date", "1902-06", ""),
    ("tenure_years | join_date", "37 | 1985-06", ""),
    ("tenure_years | join_date", "34 | 1985-06", "tenure_against_joining"),
    ("transfer_in | transfer_out", "2015-03 | 2014-12", "left_before_coming"),
    ("transfer_in | transfer_out", "2015-03 | 2015", ""),
    ("mobile_from | mobile_to", "2022-03 | 2021-03", "back_before_leaving"),
    ("mobile_from | mobile_to", "2022-03 | 2023-03", ""),
]


@pytest.mark.parametrize(("columns", "row", "check"), OTHERS)
def test_ages_tenure_and_moves_are_held_against_dates(party, columns, row, check):
    said = reasons(f"name | {columns}\n王芳 | {row}", party)[0]
    assert {part.partition(":")[2] for part in said.split(";") if part} == (
        {f"check.{check}"} if check else set()
    )


def test_more_people_present_than_due_are_flagged_in_the_minutes(party):
    rows = "event_date | due_count | present_count\n2022-03-05 | 30 | 31\n2022-04-05 | 30 | 30"
    found = records(rows, party, kind="minutes")
    assert list(found["status"]) == ["flagged", "clean"]
    assert "present_count:check.present_over_due" in found.loc[0, "reasons"]
    assert list(found.loc[0, ["due_count", "present_count"]]) == ["30", "31"]


@pytest.mark.parametrize(
    ("field", "text"),
    [("birth_date", "2056.03"), ("join_date", "2031年5月"), ("full_date", "2024-01-01")],
)
def test_a_date_after_the_reference_date_is_never_a_value(party, field, text):
    found = records(f"name | {field}\n王芳 | {text}", party)
    assert pd.isna(found.loc[0, field])
    assert found.loc[0, "reasons"] == f"{field}:after_reference_date"


def test_a_study_sets_another_age_leaves_a_check_out_and_adds_its_own(tmp_path):
    text = f"""{PARTY}
[checks]
leave_out = ["full_within_probation"]

[[check]]
name = "joined_too_young"
kind = "order"
earlier = "birth_date"
later = "join_date"
at_least = 16

[[check]]
name = "left_soon"
kind = "order"
earlier = "join_date"
later = "transfer_out"
at_least = 1
label = {{ zh = "入会不满一年就转出", en = "left within a year" }}
"""
    own = declared(tmp_path, text)
    header = "name | birth_date | join_date | full_date | transfer_out\n"
    assert reasons(f"{header}王芳 | 1960-03-01 | 1976-05-01 | 1976-06-01 | -", own) == [""]
    said = reasons(f"{header}王芳 | 1960-03-01 | 1980-05-01 | - | 1980-06-01", own)[0]
    assert "transfer_out:check.left_soon" in said
    assert mending.reason("date+check.left_soon", own) == "入会不满一年就转出"


BROKEN = [
    ('[checks]\nleave_out = ["joined_to_young"]', "unknown_name"),
    ('[checks]\nleave = ["too_old"]', "unknown_key"),
    ('[[check]]\nname = "a"\nkind = "order"\nearlier = "birth_date"', "missing_key"),
    ('[[check]]\nname = "too_old"\nkind = "other"', "unknown_name"),
    (
        '[[check]]\nname = "too_old"\nkind = "order"\nearlier = "name"\nlater = "join_date"',
        "unknown_name",
    ),
    ('[[check]]\nname = "too_old"\nkind = "range"\nfield = "age"', "missing_key"),
    (
        '[[check]]\nname = "a"\nkind = "range"\nfield = "age"\nat_least = 3',
        "missing_key",
    ),
    (
        '[[check]]\nname = "too_old"\nkind = "range"\nfield = "age"\nat_least = 3\nlatest = 4',
        "unknown_key",
    ),
]


@pytest.mark.parametrize(("text", "key"), BROKEN)
def test_a_check_that_is_not_understood_stops_the_study(tmp_path, text, key):
    with pytest.raises(StudyError) as caught:
        declared(tmp_path, PARTY + text)
    assert key in {problem.key for problem in caught.value.problems}


def test_every_check_of_the_codebook_has_words_and_known_fields(party):
    assert {check.name for check in party.checks} == set(codebook.checks())
    for check in party.checks:
        assert words.has(f"reason.check.{check.name}")
        assert set(check.fields) <= set(codebook.fields())


dates = st.sampled_from(["1950", "1960-03", "1977-05-09", "1985-06-10", "1986-06", "2001", None])
people = st.lists(st.tuples(dates, dates, dates), min_size=1, max_size=9)


def by_hand(row, study):
    """The checks that a row breaks, day by day: no pair of days that fits what is written."""
    days = [_days(text) for text in row]
    broken = set()
    for first, then, name in ((0, 1, "too_young"), (1, 2, "before_joining")):
        if not days[first] or not days[then]:
            continue
        years = 18 if name == "too_young" else 0
        latest, earliest = days[then][-1], days[first][0]
        if latest < earliest.replace(year=earliest.year + years):
            broken.add(name)
    return broken


def _days(text):
    if text is None:
        return []
    year, *rest = map(int, text.split("-"))
    start = datetime.date(year, *(rest + [1, 1])[:2])
    if len(rest) == 2:
        return [start, start]
    following = (start.replace(day=28) + datetime.timedelta(days=4)).replace(day=1)
    end = datetime.date(year, 12, 31) if not rest else following - datetime.timedelta(days=1)
    return [start, end]


@settings(deadline=None)
@given(people)
def test_each_row_is_judged_by_itself_and_as_by_hand(rows):
    checks = (
        Check("too_young", "order", earlier="birth_date", later="join_date", at_least=18),
        Check("before_joining", "order", earlier="join_date", later="full_date"),
    )
    study = dataclasses.replace(drawn_study(headers=codebook.headers()), checks=checks)
    frame = pd.DataFrame(rows, columns=["birth_date", "join_date", "full_date"], dtype="str")
    place = {"source_file": "x.csv", "sheet": "", "row": range(2, 2 + len(frame))}
    raw = frame.assign(**place, kind="members", row_note="", name="王芳")
    whole = clean.records(raw, source("members"), study)
    for number, row in enumerate(rows):
        alone = clean.records(
            raw.iloc[number : number + 1].reset_index(drop=True), source("members"), study
        )
        told = set(alone.loc[0, "reasons"].replace(":", "+").replace(";", "+").split("+"))
        assert alone.loc[0, "reasons"] == whole.loc[number, "reasons"]
        assert {part.removeprefix("check.") for part in told if "check." in part} == by_hand(
            row, study
        )
