"""Records that cannot both be true, counted by hand."""

import pandas as pd
import pytest
from drawn import cleaned, outcome, roster, source, study
from test_meetings import marked

from engagement.records import contradictions, link, meetings, participation, people

MEMBERS = """
    name | branch | group | member_type | join_date  | transfer_in | phone
    王一 | b1     | b1g1  | full        | 2001-01-01 | -           | -
    王二 | b1     | b1g1  | full        | 2001-01-01 | 2022-04-01  | -
    王三 | b1     | b1g2  | full        | 2001-01-01 | -           | -
"""
SIGNED = """
    name | branch | group | event_date | duty_type     | attend_status
    王一 | b1     | b1g1  | 2022-03-12 | group_meeting | attended
    王二 | b1     | b1g1  | 2022-03-12 | group_meeting | attended
    王三 | b1     | b1g2  | 2022-03-12 | theme_day     | attended
    王三 | b1     | b1g2  | 2022-05-12 | theme_day     | attended
    王一 | b1     | b1g1  | 2022-05-12 | theme_day     | absent
"""
MOBILE = """
    name | branch | mobile_kind | mobile_from | mobile_to  | phone | remark
    王三 | b1     | out         | 2022-05-01  | 2022-09-01 | -     | -
"""
MINUTES = """
    branch | event_date | duty_type | due_count | present_count | absent_count | entered_at | entered_by | resolution
    b1     | 2022-05-12 | theme_day | 3         | 4             | 0            | 2022-05-10 | 赵甲       | none
    b1     | 2022-06-02 | lesson    | 2         | 1             | 1            | 2022-06-02 | 赵甲       | none
"""


def counted(**more):
    records = {"members": roster(MEMBERS, "members.csv"), "sign_ins": marked(SIGNED)}
    records |= {kind: roster(text, f"{kind}.csv") for kind, text in more.items()}
    made = study(
        rosters=tuple(source(kind) for kind in ("members", "sign_ins", "minutes", "mobile")),
        outcomes={"panel": outcome("panel", "sign_ins")},
    )
    held = cleaned(**records)
    links = link.rosters(held, made)
    listed = people.table(held, links, made)
    taking_part = participation.table(held, links, listed, made)
    met = meetings.table(held, links, listed, taking_part, made)
    table = contradictions.table(held, links, met, made)
    return table.set_index("aspect")


def test_signing_while_registered_as_away_is_counted():
    row = counted(mobile=MOBILE).loc["while_away"]
    assert (row["checked"], row["found"]) == (4, 1)


def test_signing_before_moving_here_is_counted():
    row = counted().loc["before_transfer"]
    assert (row["checked"], row["found"]) == (4, 1)


def test_without_a_register_the_column_to_record_is_named():
    row = counted().loc["while_away"]
    assert row["column_needed"] == "mobile_from"
    assert pd.isna(row["found"])


@pytest.mark.parametrize(
    ("aspect", "checked", "found"),
    [
        ("more_than_due", 2, 1),  # 4 of 3
        ("absent_differs", 2, 1),  # 3 − 4 is not 0
        ("due_differs", 2, 1),  # 3 members are due in May and in June: the lesson says 2
        ("entered_before", 2, 1),
        ("day_differs", 1, 0),
    ],
)
def test_contradictions_in_the_minutes(aspect, checked, found):
    row = counted(minutes=MINUTES).loc[aspect]
    assert (row["checked"], row["found"]) == (checked, found)


def test_without_minutes_their_columns_are_named():
    found = counted()
    assert found.loc["entered_before", "column_needed"] == "entered_at"
    assert found.loc["absent_differs", "column_needed"] == "due_count present_count absent_count"


VOLUNTEERS = """
    name | hours | check_in   | phone | group | branch
    王一 | 2     | 2022-03-01 | -     | b1g1  | b1
    王二 | 3     | -          | -     | b1g1  | b1
    王三 | -     | 2022-03-01 | -     | b1g2  | b1
"""


def test_hours_and_sign_ins_of_service_are_held_against_each_other():
    found = counted(volunteers=VOLUNTEERS)
    counts = found[["checked", "found"]].astype(float)
    assert counts.loc["hours_without_sign_in"].tolist() == [2, 1]
    assert counts.loc["sign_in_without_hours"].tolist() == [2, 1]


def test_a_list_with_hours_alone_needs_the_time_of_coming():
    hours_only = "\n".join(
        " | ".join(line.split("|")[:2] + line.split("|")[3:])
        for line in VOLUNTEERS.strip().splitlines()
    )
    assert (
        counted(volunteers=hours_only).loc["hours_without_sign_in", "column_needed"] == "check_in"
    )
