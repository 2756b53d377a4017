"""Sessions as the sheet and the minutes tell them, side by side."""

import pandas as pd
from drawn import cleaned, outcome, roster, source, study

from engagement.records import link, meetings, minuted, participation, people

MEMBERS = """
    name | branch | group | member_type  | join_date  | phone
    王一 | b1     | b1g1  | full         | 2001-01-01 | -
    王二 | b1     | b1g1  | full         | 2001-01-01 | -
    王三 | b1     | b1g2  | probationary | 2022-01-01 | -
"""
SIGNED = """
    name | branch | group | event_date | duty_type       | attend_status
    王一 | b1     | b1g1  | 2022-03-18 | general_meeting | attended
    王二 | b1     | b1g1  | 2022-03-18 | general_meeting | absent
    王三 | b1     | b1g2  | 2022-03-18 | general_meeting | late
    王一 | b1     | b1g1  | 2022-04-05 | theme_day       | attended
    王二 | b1     | b1g1  | 2022-04-05 | theme_day       | attended
    王三 | b1     | b1g2  | 2022-04-05 | theme_day       | leave
"""
MINUTES = """
    branch | group | event_date | duty_type         | due_count | present_count | entered_at | entered_by | resolution
    b1     | -     | 2022-03-18 | general_meeting   | 3         | 2             | 2022-03-20 | 赵甲       | passed
    b1     | -     | 2022-04-07 | theme_day         | 3         | 3             | 2022-04    | 钱乙       | none
    b1     | -     | 2022-05-02 | committee_meeting | 5         | 3             | -          | 赵甲       | none
    b1     | -     | -          | lesson            | 3         | 3             | -          | 赵甲       | none
"""


def marked(text):
    """Sign-in records with the raw mark that the cleaned one came from."""
    signs = roster(text, "sign_ins.csv")
    return signs.assign(raw__attend_status=signs["attend_status"])


def side_by_side(minutes=MINUTES, signed=SIGNED, members=MEMBERS):
    records = {"members": roster(members, "members.csv"), "sign_ins": marked(signed)}
    if minutes:
        records["minutes"] = roster(minutes, "minutes.csv")
    made = study(
        rosters=(source("members"), source("sign_ins"), source("minutes")),
        outcomes={"panel": outcome("panel", "sign_ins")},
    )
    held = cleaned(**records)
    links = link.rosters(held, made)
    listed = people.table(held, links, made)
    taking_part = participation.table(held, links, listed, made)
    return meetings.table(held, links, listed, taking_part, made).set_index("duty_type")


def test_a_session_on_both_records_has_the_numbers_of_both():
    row = side_by_side().loc["general_meeting"]
    assert (row["listed"], row["signed"], row["present_count"], row["due_count"]) == (3, 2, 2, 3)
    assert (row["on_sheet"], row["in_minutes"], row["dated"]) == (1, 1, "exact")
    assert (row["entered_date"], row["resolution"]) == ("2022-03-20", "passed")


def test_voters_are_full_members_and_the_probationary_one_is_none():
    row = side_by_side().loc["general_meeting"]
    assert (row["members_due"], row["voters"], row["voters_signed"]) == (3, 2, 1)


def test_the_only_session_left_of_a_month_is_the_same_on_another_day():
    row = side_by_side().loc["theme_day"]
    assert (row["event_date"], row["dated"]) == ("2022-04-05", "near")
    assert (row["signed"], row["present_count"]) == (2, 3)
    assert pd.isna(row["entered_date"])  # a month alone is no day


def test_two_sessions_left_of_a_month_are_not_guessed_together():
    minutes = MINUTES + "b1 | - | 2022-04-20 | theme_day | 3 | 1 | - | 钱乙 | none\n"
    rows = side_by_side(minutes).loc[["theme_day"]]
    assert rows[["on_sheet", "in_minutes"]].to_numpy().tolist() == [[1, 0], [0, 1], [0, 1]]
    assert set(rows["dated"]) == {"exact"}


def test_a_session_in_the_minutes_alone_has_no_signatures():
    row = side_by_side().loc["committee_meeting"]
    assert pd.isna(row["signed"]) and pd.isna(row["voters_signed"])
    assert (row["on_sheet"], row["members_due"]) == (0, 3)


def test_minutes_without_a_day_are_no_session():
    assert "lesson" not in side_by_side().index


def test_recorders_are_numbers_and_no_name_is_left():
    found = side_by_side()
    assert found["recorder"].astype(int).tolist() == [1, 2, 1]  # March, April, May
    assert not found.astype("str").isin(["赵甲", "钱乙", "王一"]).any(axis=None)


def test_without_minutes_the_sheets_stand_alone():
    found = side_by_side(minutes=None)
    assert found["in_minutes"].tolist() == [0, 0]
    assert found[["present_count", "recorder", "resolution"]].isna().all(axis=None)


def on_record(minutes):
    made = study(rosters=(source("members"), source("sign_ins"), source("minutes")))
    held = cleaned(sign_ins=marked(SIGNED), minutes=roster(minutes, "minutes.csv"))
    sheets = participation.sessions(held, made)
    return minuted.on_record(sheets, minuted.sessions(held, made)).set_index("duty_type")


def test_minutes_add_sessions_to_those_on_sheets_and_count_none_twice():
    found = on_record(MINUTES)
    assert found["recorded"].to_dict() == {
        "general_meeting": "full", "theme_day": "full", "committee_meeting": "minutes",
    }  # fmt: skip
    assert found.loc["committee_meeting", "marks"] == 0


def test_a_session_minuted_twice_is_one():
    twice = MINUTES + "b1 | - | 2022-03-18 | general_meeting | 3 | 3 | - | 钱乙 | none\n"
    assert len(on_record(twice)) == 3
    assert side_by_side(twice).loc["general_meeting", "present_count"] == 2
