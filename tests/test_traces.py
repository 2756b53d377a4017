"""What the act of recording left behind, in counts."""

import pandas as pd
from drawn import cleaned, roster, source, study

from engagement.records import link, traces

MEMBERS = """
    name | branch | group | phone
    王一 | b1     | b1g1  | +8613912345671
    李二 | b1     | b1g1  | +8613912345672
    张三 | b1     | b1g2  | +8613912345673
"""


def test_hours_are_counted_by_value():
    listed = roster("name | hours\n王一 | 2\n李二 | 2\n张三 | 0.5\n赵四 | -")
    found = traces.hours(cleaned(volunteers=listed))
    assert found.to_numpy().tolist() == [["volunteers", 0.5, 1], ["volunteers", 2.0, 2]]


def test_rosters_without_hours_leave_an_empty_table():
    assert traces.hours(cleaned(members=roster(MEMBERS))).empty


def met(rows):
    return pd.DataFrame(rows, columns=["duty_type", "on_sheet", "in_minutes"])


def test_two_records_of_sessions_are_compared_where_both_know_the_duty():
    rows = [("lesson", 1, 1), ("lesson", 1, 0), ("lesson", 0, 1), ("committee_meeting", 0, 1)]
    held = cleaned(members=roster(MEMBERS))
    found = traces.lists(held, pd.DataFrame(), met(rows), study(rosters=(source("members"),)))
    assert found.to_dict("records") == [
        {"kind": "sessions", "duty_type": "lesson", "in_first": 2, "in_second": 2, "in_both": 1}
    ]


def test_two_lists_of_volunteers_are_compared_by_the_members_on_both():
    first = roster("name | phone\n王一 | +8613912345671\n李二 | +8613912345672", "ledger.csv")
    second = roster("name | phone\n李二 | +8613912345672\n张三 | +8613912345673", "platform.csv")
    held = cleaned(
        members=roster(MEMBERS, "members.csv"),
        volunteers=pd.concat([first, second], ignore_index=True),
    )
    made = study(rosters=(source("members"), source("volunteers")))
    found = traces.lists(held, link.rosters(held, made), met([]), made)
    assert found[["kind", "in_first", "in_second", "in_both"]].to_numpy().tolist() == [
        ["members", 2, 2, 1]
    ]
