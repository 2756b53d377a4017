"""Minutes against sign-ins, turnout against the legal minimum, repeated records."""

import pandas as pd
import pytest
from drawn import table

from engagement import codebook
from engagement.analysis import minuted

PARTY = "party_branch"


def meetings(text):
    """Sessions drawn with the numbers that a test needs; the others are missing."""
    drawn = table(text)
    numbers = [
        "due_count",
        "present_count",
        "absent_count",
        "signed",
        "voters",
        "voters_signed",
        "in_minutes",
        "on_sheet",
    ]
    given = {
        name: pd.to_numeric(drawn[name]) if name in drawn else float("nan") for name in numbers
    }
    texts = {"branch": "b1", "unit": "b1", "duty_type": "theme_day", "event_date": "2022-01-05"}
    missing = {name: value for name, value in texts.items() if name not in drawn}
    if "resolution" not in drawn:
        missing["resolution"] = None
    made = drawn.assign(**given, **missing)
    return made.assign(
        in_minutes=made["present_count"].notna().astype(int),
        on_sheet=made["signed"].notna().astype(int),
    )


def test_minutes_that_count_more_than_signed_lean_one_way():
    met = meetings("""
        branch | present_count | signed
        b1     | 12            | 10
        b1     | 13            | 10
        b1     | 11            | 10
        b2     | 9             | 10
        b2     | 11            | 10
        b2     | 10            | 10
        b3     | 8             | 8
    """)
    found = {one["branch"]: one for one in minuted.against_sign_ins(met)}
    # b1: gaps 2, 3, 1, mean 2, t(2) = 4.303 × 1/√3: −0.48 to 4.48 is no lean yet.
    assert (found["b1"]["estimate"], found["b1"]["verdict"]) == (2, "differ")
    assert found["b1"]["conf_high"] == pytest.approx(2 + 4.303 / 3**0.5, abs=1e-3)
    assert (found["b2"]["found"], found["b2"]["verdict"]) == (2, "differ")
    assert (found["b3"]["found"], found["b3"]["verdict"]) == (0, "agree")
    assert found[""]["examined"] == 7
    longer = pd.concat([met[met["branch"] == "b1"]] * 3)
    leaning = {one["branch"]: one for one in minuted.against_sign_ins(longer)}
    assert leaning["b1"]["verdict"] == "differ_one_way"


def test_without_minutes_or_sheets_the_column_to_record_is_named():
    only_sheets = meetings("signed\n10")
    assert minuted.against_sign_ins(only_sheets)[0]["column_needed"] == "present_count"
    only_minutes = meetings("present_count\n10")
    assert minuted.against_sign_ins(only_minutes)[0]["column_needed"] == "attend_status"


@pytest.mark.parametrize(
    ("aspect", "present", "entitled", "reached"),
    [
        ("vote", 10, 20, True),  # half is enough to vote
        ("vote", 10, 21, False),
        ("decision", 10, 20, False),  # a decision needs more than half
        ("decision", 11, 20, True),
        ("election", 16, 20, True),  # four fifths, inclusive
        ("election", 15, 20, False),
        ("election", 17, 21, True),  # 16.8
        ("committee", 3, 5, True),
        ("committee", 2, 5, False),
    ],
)
def test_the_minimum_is_held_at_its_edge(aspect, present, entitled, reached):
    rule = next(one for one in codebook.minimums(PARTY) if one.aspect == aspect)
    assert bool(rule.met(pd.Series([present]), pd.Series([entitled]))[0]) is reached


def test_only_sessions_of_that_resolution_are_held_to_a_rule():
    met = meetings("""
        duty_type       | resolution | present_count | voters_signed | voters
        general_meeting | passed     | 10            | 8             | 20
        general_meeting | not_passed | 8             | 9             | 20
        general_meeting | election   | 15            | -             | 20
        general_meeting | none       | 1             | 1             | 20
        theme_day       | passed     | 1             | 1             | 20
        lesson general_meeting | passed | 12         | -             | 20
    """)
    found = {one["aspect"]: one for one in minuted.legal_minimum(met, PARTY)}
    counts = {
        name: (one["examined"], one["found"]) for name, one in found.items() if name != "committee"
    }
    # vote: 10, 9 and 12 of 20, the fuller record each; decision: 10 and 12; election: 15.
    assert counts == {"vote": (3, 1), "decision": (2, 1), "election": (1, 1)}
    assert found["vote"]["verdict"] == "below_minimum"


def test_a_committee_is_held_to_its_own_number_due():
    met = meetings("""
        duty_type         | due_count | present_count
        committee_meeting | 5         | 3
        committee_meeting | 5         | 2
    """)
    found = {one["aspect"]: one for one in minuted.legal_minimum(met, PARTY)}
    assert (found["committee"]["examined"], found["committee"]["found"]) == (2, 1)
    assert found["vote"]["column_needed"] == "resolution"


def test_without_full_members_on_the_roster_the_column_is_named():
    met = meetings(
        "duty_type | resolution | present_count | voters\ngeneral_meeting | passed | 9 | 0"
    )
    found = {one["aspect"]: one for one in minuted.legal_minimum(met, PARTY)}
    assert found["vote"]["column_needed"] == "member_type"


def test_without_a_calendar_no_minimum_can_be_held_and_that_is_said():
    found = minuted.legal_minimum(meetings("signed\n1"), None)
    assert [(one["aspect"], one["verdict"]) for one in found] == [
        ("no_calendar", "not_testable_few")
    ]


def copies(**numbers):
    base = {
        "sessions": 12,
        "full": 0,
        "full_chance": 0.1,
        "pairs": 66,
        "same": 0,
        "same_chance": 0.5,
    }
    return pd.DataFrame([{"unit": "b1", "branch": "b1", "duty_type": "lesson", **base, **numbers}])


def verdict(numbers, aspect):
    found = minuted.copying(copies(**numbers), meetings("signed\n1"))
    return next(one["verdict"] for one in found if one["aspect"] == aspect)


def test_repetition_is_held_against_chance():
    # Poisson with mean ½: two or more 0.09, three or more 0.014.
    assert verdict({}, "same_marks") == "none_found"
    assert verdict({"same": 2}, "same_marks") == "as_by_chance"
    assert verdict({"same": 3}, "same_marks") == "to_check"
    assert verdict({"full": 2}, "full_attendance") == "to_check"


def test_minutes_that_repeat_while_the_signatures_differ_are_to_be_checked():
    met = meetings("""
        unit | event_date | due_count | present_count | absent_count | signed
        g1   | 2022-01-12 | 12        | 9             | 3            | 9
        g1   | 2022-02-12 | 12        | 9             | 3            | 7
        g1   | 2022-03-12 | 12        | 9             | 3            | 7
        g2   | 2022-01-12 | 12        | 9             | 3            | 5
    """)
    found = minuted.copying(copies(), met)[-1]
    # February repeats January with other signatures; March repeats February with the same.
    assert (found["examined"], found["found"], found["verdict"]) == (2, 1, "to_check")
