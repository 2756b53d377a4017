"""Figures that somebody wrote down stand beside those that the records give, and none is changed."""

import tomllib
from pathlib import Path

import pandas as pd
import pytest
from asked import engagement
from posed import HEAD

from engagement import engines, words
from engagement import study as studies
from engagement.records import turnout

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
STUDY = f"""{HEAD}
[[roster]]
file = "members.csv"
kind = "members"

[[roster]]
file = "minutes.csv"
kind = "minutes"

[[roster]]
file = "signed.csv"
kind = "sign_ins"
year = 2022

[calendar]
profile = "party_branch"
from = 2022-01-01
to = 2022-12-31

[outcomes.attendance]
kind = "panel"
roster = "sign_ins"
primary = true
label = {{ zh = "到会", en = "came" }}

[[unit]]
code = "b1"
level = "branch"
zh = "第一支部"
en = "Branch 1"
"""
MEMBERS = """姓名,所在党支部,入党时间
王芳,第一支部,1990-05
李建国,第一支部,1990-05
赵敏,第一支部,1990-05
孙丽,第一支部,2022-06
"""
MINUTES = """日期,活动类型,所在党支部,应到人数,实到人数
2022-03-05,主题党日,第一支部,3,3
2022-07-05,主题党日,第一支部,3,4
2022-03-20,支部委员会,第一支部,2,2
2022-04,主题党日,第一支部,3,2
2022-05-05,党课,第一支部,,
"""
SIGNED = """姓名,所在党支部,主题党日3月5日
王芳,第一支部,√
李建国,第一支部,√
赵敏,第一支部,请假
应到3人，实到3人,,
"""


@pytest.fixture(scope="module")
def checked(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made") / "study"
    (folder / "rosters").mkdir(parents=True)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    for name, text in (("members", MEMBERS), ("minutes", MINUTES), ("signed", SIGNED)):
        (folder / "rosters" / f"{name}.csv").write_text(text, encoding="utf-8")
    answer = engagement("check", folder)
    assert answer.code == 0, answer.err
    return folder, answer


def test_stated_figures_stand_beside_the_roster_of_that_day_and_the_marks(checked):
    folder, _ = checked
    found = pd.read_csv(folder / "private" / turnout.FILE, dtype=str, keep_default_na=False)
    shown = ["source_file", "event_date", "duty_type", "due_count", "due_roster"]
    assert found[[*shown, "present_count", "present_marks"]].to_numpy().tolist() == [
        ["signed.csv", "2022-03-05", "theme_day", "3", "3", "3", "2"],
        ["minutes.csv", "2022-03-05", "theme_day", "3", "3", "3", "2"],
        ["minutes.csv", "2022-07-05", "theme_day", "3", "4", "4", ""],
        ["minutes.csv", "2022-03-20", "committee_meeting", "2", "", "2", ""],
        ["minutes.csv", "2022-04", "theme_day", "3", "", "2", ""],
    ]


def test_the_differences_are_counted_in_one_sentence(checked):
    _, answer = checked
    said = words.text("check.turnout", "zh", sessions=5, due=1, present=2, over=1)
    assert said in answer.out


def test_a_study_without_figures_says_nothing_of_them():
    none = pd.DataFrame(columns=turnout.COLUMNS)
    assert turnout.sentences(none) == []


def test_in_the_community_the_figures_differ_where_that_was_planted_and_nowhere_else():
    study = studies.load(COMMUNITY)
    room = engines.records(study)
    found = turnout.stated(room.cleaned, room.links, room.people, study)
    sheets = found[found["source_file"].str.startswith("签到表/")]
    assert len(sheets) == 168
    assert (sheets["due_count"] == sheets["due_roster"]).all()
    gap = sheets["present_count"] - sheets["present_marks"]
    where = sheets["unit"].str[:2] + " " + sheets["event_date"].str[5:7].astype(int).astype(str)
    story = tomllib.loads((COMMUNITY / "truth" / "story.toml").read_text(encoding="utf-8"))
    planted = {"minutes_differ": 2, "guests": -1}
    for name, more in planted.items():
        told = {f"{branch} {month}" for branch, month in story["gaps"][name]}
        assert set(where[gap == more]) == told
    assert set(gap) == {0, *planted.values()}
