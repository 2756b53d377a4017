"""Everybody on the rosters is known to the scanner, and nobody passes at the end of a run."""

from pathlib import Path

import pandas as pd
import pytest
from drawn import cleaned
from leaks import rows

from engagement import leaving, runner, study
from engagement.errors import ReleaseRefused
from engagement.records import identities
from engagement.release import scanner

COMMUNITY = Path(__file__).parent.parent / "data" / "community"


def audit(*lines):
    columns = ["row", "field", "raw", "value", "status"]
    drawn = pd.DataFrame(lines, columns=columns)
    return drawn.assign(source_file="r.csv", sheet="", header="")


def test_names_numbers_and_dates_of_one_row_are_one_persons(opened):
    """By hand; the note's long number is taken, a word in it and a village without a number not."""
    drawn = cleaned()
    drawn.audit = audit(
        (2, "name", "王 芳", "王芳", "clean"),
        (2, "birth_date", "1956年3月12日", "1956-03-12", "clean"),
        (2, "remark", "儿子电话13900139000", "儿子电话13900139000", "clean"),
        (3, "address", "样例家园", "样例家园", "clean"),
        (3, "phone", "021-62345678", "+862162345678", "clean"),
        (4, "name", "合计", "合计", "structural"),
    )
    found = identities.everybody(drawn, opened)
    told = {person: set(zip(own["kind"], own["value"], strict=True))
            for person, own in found.groupby("person")}  # fmt: skip
    assert list(told.values()) == [
        {("name", "王 芳"), ("name", "王芳"), ("fact", "1956年3月12日"), ("fact", "1956-03-12"),
         ("number", "13900139000")},
        {("number", "021-62345678"), ("number", "+862162345678"), ("number", "862162345678")},
    ]  # fmt: skip


@pytest.fixture(scope="module")
def wanted(room, opened):
    prose = runner.prose(runner.notebooks())
    everybody = identities.everybody(room.cleaned, opened)
    return scanner.search(everybody, scanner.ordinary(opened, prose))


def test_every_name_and_number_of_the_truth_is_looked_for(wanted):
    """The positive control, from the truth of the sample instead of from what was read."""
    truth = rows(COMMUNITY / "truth" / "people.csv")
    text = "\n".join(f"{row['name']}|{row['id_number']}|{row['phone']}" for row in truth)
    names = {row["name"] for row in truth if len(row["name"]) >= 2}
    numbers = {row[key] for row in truth for key in ("id_number", "phone")} - {""}
    hits = scanner.found(text.encode(), wanted)
    assert hits["name"] >= len(names) * 0.95  # the rosters misspell some
    assert hits["number"] >= len(numbers) * 0.95


def test_the_scanner_finds_people_in_every_raw_roster(wanted, opened):
    for roster in opened.rosters:
        for path in roster.files:
            assert scanner.found(path.read_bytes(), wanted).total() >= 6, roster.kind


def test_the_repositorys_notebooks_name_nobody(wanted):
    notebooks = {path.name: path.read_bytes() for path in runner.notebooks()}
    assert len(notebooks) == 6
    scanner.require_nobody(notebooks, wanted)


def test_a_name_in_a_page_stops_the_release_at_the_end_of_a_run(tmp_path, room):
    named = rows(COMMUNITY / "truth" / "people.csv")[0]["name"]
    opened = study.load(COMMUNITY)
    object.__setattr__(opened, "folder", tmp_path)
    page = f"<p>联系人：{named}</p>".encode()
    with pytest.raises(ReleaseRefused) as refusal:
        leaving.require_nobody(room, opened, {"brief.zh.html": page})
    problem = refusal.value.problems[0]
    assert (problem.key, problem.values["file"]) == ("identity_found", "brief.zh.html")
    leaving.require_nobody(room, opened, {"brief.zh.html": "联系人：支部书记".encode()})
