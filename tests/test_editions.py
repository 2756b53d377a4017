"""One study, two reports a year: a date window decides which sessions are spoken of."""

import datetime
import shutil
from pathlib import Path

import pytest
from posed import category, outcome, posed

from engagement import engines, planning, study
from engagement.analysis import completeness
from engagement.declared import Calendar, Edition
from engagement.errors import StudyError
from engagement.release import disclosure, document, store

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
JUNE = '[edition]\nname = "june"\nfrom = 2022-01-01\nto = 2022-06-30\n\n'


@pytest.fixture(scope="module")
def half(tmp_path_factory):
    """The community before 1 July: the same rosters, half of the year."""
    folder = tmp_path_factory.mktemp("june") / "community"
    shutil.copytree(COMMUNITY / "rosters", folder / "rosters")
    text = (COMMUNITY / "study.toml").read_text(encoding="utf-8")
    before, after = text.split("\n[plan]")
    (folder / "study.toml").write_text(f"{before}\n{JUNE}[plan]{after}", encoding="utf-8")
    opened = study.load(folder)
    return opened, engines.records(opened)


def test_the_june_edition_speaks_of_half_a_year(half, opened, room):
    _, records = half
    assert records.sessions["event_date"].max() <= "2022-06-30"
    held = room.sessions[room.sessions["event_date"] <= "2022-06-30"]
    assert len(records.sessions) == len(held)
    panel = records.taking_part.query("outcome == 'attendance'")
    assert panel["event_date"].max() <= "2022-06-30"
    lists = [room_.taking_part.query("outcome == 'volunteering'") for room_ in (records, room)]
    assert len(lists[0]) == len(lists[1])


def test_what_was_due_is_that_of_the_window(half, opened, counted):
    june, _ = half
    whole, part = (completeness.expected(counted.units, one) for one in (opened, june))
    due = [table.query("duty_type == 'theme_day'")["sessions"].sum() for table in (whole, part)]
    assert due == [60, 30]


@pytest.mark.parametrize(("language", "said"), [("zh", "七一前半年版"), ("en", "before 1 July")])
def test_the_page_says_which_edition_it_is(half, language, said):
    june, records = half
    analysed = engines.publishable(engines.counts(records, june), june)
    told = store.findings(disclosure.control(analysed, june), june)
    assert said in document.text(document.brief(told, language))


def test_a_window_narrows_the_calendar_and_never_widens_it():
    year = Calendar("party_branch", datetime.date(2022, 1, 1), datetime.date(2022, 12, 31))
    wide = Edition("november", datetime.date(2021, 11, 1), datetime.date(2022, 10, 31))
    narrow = planning.within(year, wide)
    assert (narrow.start, narrow.end) == (year.start, wide.end)
    assert planning.within(year, None) is year and planning.within(None, wide) is None


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (JUNE.replace("june", "may"), "edition.name"),
        (JUNE.replace("to = 2022-06-30", "to = 2021-06-30"), "edition.to"),
        (JUNE.replace("to = 2022-06-30\n", ""), "edition.to"),
    ],
)
def test_an_edition_that_is_none_is_refused(tmp_path, text, where):
    with pytest.raises(StudyError) as error:
        posed(tmp_path, category("shift", "day night") + outcome("attendance", "panel") + text)
    assert [problem.values["where"] for problem in error.value.problems] == [where]
