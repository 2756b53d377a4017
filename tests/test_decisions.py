"""What a person decided in review.xlsx is read back, kept, followed, or refused with its rows."""

import openpyxl
import pytest
from drawn import cleaned, roster, source, study

from engagement import words
from engagement.errors import StudyError
from engagement.records import decisions, link, membership, review
from engagement.records.candidates import Rules

MEMBERS = """
name | phone          | birth_date | branch
王芳 | +8613911110001 | 1956-03    | b1
王芳 | +8613722220002 | 1971-08    | b1
李强 | +8613733330003 | 1960-05    | b1
"""
VOLUNTEERS = "name | phone\n王芳 | -\n李强 | +8613733330003\n"


@pytest.fixture
def room(tmp_path):
    this = study(folder=tmp_path, rosters=(source("members"), source("volunteers")))
    records = cleaned(members=roster(MEMBERS, "m.csv"), volunteers=roster(VOLUNTEERS, "v.csv"))
    return records, this, tmp_path


def written(room):
    records, this, folder = room
    review.write(records, linked(room), this, folder)
    return folder / decisions.REVIEW


def linked(room) -> object:
    records, this, folder = room
    read = decisions.read(folder)
    rules = Rules(decided=read.set_index("pair")["decision"].to_dict())
    links = link.rosters(records, this, rules)
    decisions.require_consistent(links, review.keys(records, links), read)
    return links


def decide(path, said: dict, sheet: int = 0) -> None:
    """Fill in the decision column: rows of the sheet to choices."""
    book = openpyxl.load_workbook(path)
    for row, name in said.items():
        text = name if name.startswith("?") else words.label(f"review.decision_{name}", "zh")
        book.worksheets[sheet].cell(row, 1).value = text
    book.save(path)


def of(links, left_row: int) -> dict:
    found = links[(links["kind"] == "volunteers") & (links["left_row"] == left_row)]
    return dict(zip(found["right_row"], found["decision"], strict=True))


def test_a_pair_confirmed_by_a_person_is_linked_and_its_rival_is_not(room):
    decide(written(room), {2: "same"})
    assert of(linked(room), 2) == {2: "link", 3: "no"}


def test_a_pair_ruled_out_by_a_person_stays_out_and_the_other_still_waits(room):
    decide(written(room), {2: "different"})
    assert of(linked(room), 2) == {2: "no", 3: "review"}


def test_a_link_made_by_the_program_can_be_overruled_and_the_findings_follow(room):
    records, this, _ = room
    assert of(linked(room), 3) == {4: "link"}
    decide(written(room), {2: "different"}, sheet=1)
    links = linked(room)
    assert of(links, 3) == {4: "no"}
    assert "decided:different" in links.loc[links["left_row"] == 3, "reason"].iloc[0]
    verdicts = membership.rows(records, links, this)
    volunteers = link.members_of(records.records["volunteers"], links, "volunteers", verdicts)
    assert 3 not in set(volunteers.loc[volunteers["decision"] == "link", "row"])


def test_decisions_survive_the_next_check(room):
    decide(written(room), {2: "same", 3: "unsure"})
    again = decisions.read(written(room).parent)
    assert sorted(again["decision"]) == ["same", "unsure"]
    assert of(linked(room), 2) == {2: "link", 3: "no"}


def test_a_pair_that_cannot_be_told_keeps_waiting(room):
    decide(written(room), {2: "unsure"})
    assert of(linked(room), 2) == {2: "review", 3: "review"}


def test_a_decision_on_a_pair_that_is_gone_is_said_and_kept(room):
    _, this, folder = room
    decide(written(room), {2: "same"})
    fewer = cleaned(members=roster(MEMBERS, "m.csv"), volunteers=roster("name\n赵敏", "v.csv"))
    links = link.rosters(fewer, this)
    assert review.told(fewer, links, folder) == [
        ("check.decided", {"pairs": 0}),
        ("check.decided_gone", {"pairs": 1}),
    ]
    review.write(fewer, links, this, folder)
    assert list(decisions.read(folder)["decision"]) == ["same"]
    assert of(linked(room), 2) == {2: "link", 3: "no"}


def test_one_row_as_two_members_is_refused_with_its_rows(room):
    decide(written(room), {2: "same", 3: "same"})
    with pytest.raises(StudyError) as refused:
        linked(room)
    assert [problem.key for problem in refused.value.problems] == ["decisions_contradict"]
    assert refused.value.problems[0].values["rows"] == "2, 3"


def test_two_decisions_on_one_pair_are_refused(room):
    path = written(room)
    decide(path, {2: "same"})
    book = openpyxl.load_workbook(path)
    copied = [cell.value for cell in book.worksheets[0][2]]
    copied[0] = words.label("review.decision_different", "zh")
    book.worksheets[0].append(copied)
    book.save(path)
    with pytest.raises(StudyError) as refused:
        decisions.read(room[2])
    assert refused.value.problems[0].key == "decisions_contradict"


def test_a_word_that_is_no_choice_is_refused_with_its_place(room):
    decide(written(room), {3: "?"})
    with pytest.raises(StudyError) as refused:
        decisions.read(room[2])
    problem = refused.value.problems[0]
    assert (problem.key, problem.values["row"]) == ("decision_unknown", 3)
    assert "王" not in words.text(f"problem.{problem.key}", "zh", **problem.values)


def test_a_decision_may_be_written_in_either_language(room):
    path = written(room)
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(2, 1).value = words.label("review.decision_same", "en")
    book.save(path)
    assert list(decisions.read(room[2])["decision"]) == ["same"]


def test_three_rows_joined_by_two_decisions_cannot_be_two_people(room):
    this = room[1]
    twice = cleaned(
        members=roster("name | phone | branch\n李强 | +8613733330003 | b1", "m.csv"),
        volunteers=roster("name | phone\n李强 | +8613733330003\n李强 | +8613733330003", "v.csv"),
    )
    links = link.rosters(twice, this)
    keys = review.keys(twice, links)
    said = {"volunteers_twice": "different", "volunteers": "same"}
    read = links.assign(pair=keys, decision=links["kind"].map(said), row=range(2, len(links) + 2))
    with pytest.raises(StudyError):
        decisions.require_consistent(links, keys, read[["pair", "decision", "row"]])
