"""A link that is wrong is found in review.xlsx, overruled there, and every finding follows."""

import csv
import shutil
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pandas as pd
import pytest
from asked import engagement

from engagement import engines, study, words

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
LINKED = words.label("review.linked_title", "zh")
ROSTER, LIST = "党员花名册.xlsx", "志愿者名单.csv"
NAMESAKE = ["105", "范宗波", "男", "", "", "", "东塘村", "暖心先锋", "", ""]


class Read(NamedTuple):
    """What one run says: links, who took part, findings."""

    links: pd.DataFrame
    taking_part: pd.DataFrame
    findings: pd.DataFrame


def copied(folder):
    folder.mkdir()
    shutil.copyfile(COMMUNITY / "study.toml", folder / "study.toml")
    shutil.copytree(COMMUNITY / "rosters", folder / "rosters")
    return folder


def read(folder) -> Read:
    """Check the study as a person does, and analyse it."""
    answer = engagement("check", folder)
    assert answer.code == 0, answer.said
    opened = study.load(folder)
    room = engines.records(opened)
    listed = room.taking_part[room.taking_part["outcome"] == "volunteering"]
    found = engines.analysis(engines.counts(room, opened), opened)["findings"]
    own = found[(found["outcome"] == "volunteering") & (found["estimand"] == "prevalence")]
    volunteers = room.links[room.links["kind"] == "volunteers"]
    return Read(volunteers, listed.set_index("member_id")["attended"], own)


def overrule(folder, row: int) -> None:
    """On the sheet of links made by the program, say of the pair of row `row`: not one person."""
    path = folder / "private" / "review.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book[LINKED]
    head = {cell.value: cell.column for cell in sheet[1]}
    decision, kind = (head[words.label(f"review.{name}", "zh")] for name in ("decision", "kind"))
    left = head[f"{words.label('review.left', 'zh')} {words.label('review.where', 'zh')}"]
    right = head[f"{words.label('review.right', 'zh')} {words.label('review.where', 'zh')}"]
    rows = [
        line[0].row
        for line in sheet.iter_rows(min_row=2)
        if sheet.cell(line[0].row, left).value == f"{LIST} {row}"
        and sheet.cell(line[0].row, right).value.startswith(ROSTER)
        and sheet.cell(line[0].row, kind).value == words.label("link.kind.volunteers", "zh")
    ]
    assert len(rows) == 1
    sheet.cell(rows[0], decision).value = words.label("review.decision_different", "zh")
    book.save(path)


def decision(links: pd.DataFrame, row: int) -> list[str]:
    return list(links.loc[links["left_row"] == row, "decision"])


def by_level(found: pd.DataFrame, term: str) -> dict[str, int]:
    rows = found[found["term"] == term]
    return dict(zip(rows["contrast"], rows["events"].astype(int), strict=True))


@pytest.fixture(scope="module")
def community(tmp_path_factory):
    """The sample with the link of row 39 of the list overruled: before and after."""
    folder = copied(tmp_path_factory.mktemp("overruled") / "community")
    before = read(folder)
    overrule(folder, 39)
    return before, read(folder)


def test_the_link_is_gone_and_no_other_moved(community):
    before, after = community
    assert (decision(before.links, 39), decision(after.links, 39)) == (["link"], ["no"])
    kept = [one.links.query("left_row != 39").reset_index(drop=True) for one in community]
    pd.testing.assert_frame_equal(*kept)


def test_one_member_is_no_longer_counted_as_a_volunteer(community):
    before, after = (one.taking_part for one in community)
    changed = before.index[before.ne(after.reindex(before.index))]
    assert len(before) == len(after) and len(changed) == 1
    assert (before[changed[0]], after[changed[0]]) == ("yes", "no")


def test_the_findings_lose_that_member_and_nobody_else(community):
    """Whom, tells the truth of the sample: the person of row 39, and their sex and schooling."""
    truth = COMMUNITY / "truth"
    listed = pd.read_csv(truth / "links.csv").query("kind == 'volunteers' and left_row == 39")
    person = pd.read_csv(truth / "people.csv").set_index("person_id")
    sex = person.loc[listed["person_id"].iloc[0], "sex"]
    before, after = (one.findings for one in community)
    assert (by_level(before, ""), by_level(after, "")) == ({"": 10}, {"": 9})
    expected = by_level(before, "sex")
    expected[sex] -= 1
    assert by_level(after, "sex") == expected
    assert list(after["members"]) == list(before["members"])
    whole = after[after["term"] == ""].iloc[0]
    assert whole["estimate"] == pytest.approx(9 / 160)
    assert whole["conf_low"] < before[before["term"] == ""].iloc[0]["conf_low"]


def test_a_namesake_of_the_village_is_linked_wrongly_and_overruled_leaves_no_trace(
    community, tmp_path
):
    """Somebody who is no member, with the name, sex and village of one: only a person can tell."""
    folder = copied(tmp_path / "community")
    path = folder / "rosters" / LIST
    with path.open(encoding="gb18030", newline="") as lines:
        rows = list(csv.reader(lines))
    row = rows.index([""] * len(NAMESAKE)) + 1
    with path.open("w", encoding="gb18030", newline="") as lines:
        csv.writer(lines).writerows([*rows[: row - 1], NAMESAKE, *rows[row - 1 :]])
    wrong = read(folder)
    assert decision(wrong.links, row) == ["link"]
    assert by_level(wrong.findings, "") == {"": 11}
    overrule(folder, row)
    before, after = community[0], read(folder)
    assert decision(after.links, row) == ["no"]
    pd.testing.assert_series_equal(after.taking_part, before.taking_part)
    pd.testing.assert_frame_equal(after.findings, before.findings)
