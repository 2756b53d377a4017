"""Repeated sign-in columns, counted by hand."""

import pandas as pd
import pytest

from engagement.records import copying


def slots(columns, due=None):
    """Sessions as strings of marks, one letter per member: y, n, ? (unknown), . (not due)."""
    rows = [
        {
            "member_id": member,
            "event_id": f"e{no}",
            "event_date": f"2022-{no:02d}-05",
            "unit": "b1",
            "duty_type": "theme_day",
            "due": "no" if mark == "." else "yes",
            "attended": {"y": "yes", "n": "no"}.get(mark, "unknown"),
        }
        for no, marks in enumerate(columns, start=1)
        for member, mark in enumerate(marks, start=1)
    ]
    return pd.DataFrame(rows)


def copied(columns):
    people = pd.DataFrame({"member_id": range(1, len(columns[0]) + 1), "branch": "b1"})
    return copying.table(slots(columns), people).iloc[0]


def test_two_sessions_with_the_same_people_are_one_pair():
    found = copied(["yynny", "yynny", "nyyny"])
    assert (found["sessions"], found["pairs"], found["same"], found["full"]) == (3, 3, 1, 0)


def test_sessions_at_which_all_came_are_full_and_no_copies():
    found = copied(["yyyyy", "yyyyy", "yynny"])
    assert (found["full"], found["pairs"], found["same"]) == (2, 2, 0)


def test_a_session_with_an_unknown_mark_is_not_compared():
    """A blank without a legend looked like nobody missing."""
    found = copied(["yyyy?", "yynny", "yynny"])
    assert (found["sessions"], found["full"], found["pairs"], found["same"]) == (2, 0, 1, 1)


def test_a_member_whose_marks_are_never_known_does_not_stop_the_comparison():
    found = copied(["yynny?", "yynny?"])
    assert (found["pairs"], found["same"]) == (1, 1)


def test_fewer_than_five_members_due_at_both_are_no_pair():
    assert copied(["yynn.", "yynny"])["pairs"] == 0


def test_chance_is_the_product_over_members():
    found = copied(["ynnnn", "nynnn"])
    # own rates: two members (1 + ½)/3 = ½, three ½/3 = 1/6: agreement ½² · (1/36 + 25/36)³
    assert found["same_chance"] == pytest.approx(0.25 * (26 / 36) ** 3)
    assert found["full_chance"] == pytest.approx(2 * 0.25 * (1 / 6) ** 3)
