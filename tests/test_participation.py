"""Taking part: due and attended, yes, no or unknown, and never more than the sheet says."""

import datetime

import pytest
from drawn import cleaned, outcome, roster, source, study

from engagement.records import link, participation, people
from engagement.study import Calendar

MEMBERS = """
name | phone          | birth_date | branch | group | is_mobile | join_date  | remark
王芳 | +8613911110001 | 1956-03    | b1     | b1g1  | no        | 1980-07-01 | -
李强 | +8613722220002 | 1960-05    | b1     | b1g1  | no        | 1990-07-01 | -
赵敏 | +8613533330003 | 1980-01    | b1     | b1g2  | yes       | 2005-07-01 | -
周涛 | -              | 1970-01    | b1     | b1g2  | no        | 2022-02-01 | -
吴军 | -              | 1940-01    | b1     | b1g2  | no        | 1960-07-01 | 经批准可暂不参加组织生活
"""

SIGNED = """
source_file | sheet | row | name | branch | group | duty_type | event_date | attend_status
s/jan.xlsx  | one   | 4   | 王芳 | b1     | b1g1  | theme_day | 2022-01-05 | attended
s/jan.xlsx  | one   | 5   | 李强 | b1     | b1g1  | theme_day | 2022-01-05 | leave
s/jan.xlsx  | one   | 6   | 赵敏 | b1     | b1g2  | theme_day | 2022-01-05 | absent
s/jan.xlsx  | one   | 7   | 周涛 | b1     | b1g2  | theme_day | 2022-01-05 | makeup
s/jan.xlsx  | one   | 8   | 外人 | b1     | b1g2  | theme_day | 2022-01-05 | attended
s/feb.xlsx  | one   | 4   | 王芳 | b1     | b1g1  | theme_day | 2022-02-09 | late
s/feb.xlsx  | one   | 5   | 李强 | b1     | b1g1  | theme_day | 2022-02-09 | -
s/feb.xlsx  | one   | 6   | 赵敏 | b1     | b1g2  | theme_day | 2022-02-09 | online
s/feb.xlsx  | one   | 7   | 周涛 | b1     | b1g2  | theme_day | 2022-02-09 | attended
"""


def made(signed: str = SIGNED, members: str = MEMBERS, extra=None, **changes):
    records = cleaned(
        members=roster(members, "members.xlsx"), sign_ins=roster(signed), **(extra or {})
    )
    this = study(**changes)
    links = link.rosters(records, this)
    return records, links, people.table(records, links, this), this


def states(table, fact="attended"):
    return {
        (event[3:10], number): value
        for event, number, value in zip(
            table["event_id"], table["member_id"], table[fact], strict=True
        )
    }


def test_every_member_of_the_unit_has_a_slot_in_every_session():
    table = participation.table(*made())
    assert len(table) == 2 * 5
    assert states(table) == {
        ("2022-01", 1): "yes",
        ("2022-01", 2): "no",
        ("2022-01", 3): "no",
        ("2022-01", 4): "no",
        ("2022-01", 5): "unknown",
        ("2022-02", 1): "yes",
        ("2022-02", 2): "unknown",
        ("2022-02", 3): "yes",
        ("2022-02", 4): "yes",
        ("2022-02", 5): "unknown",
    }


def test_who_is_away_excused_or_not_yet_a_member_is_not_due():
    due = states(participation.table(*made()), "due")
    assert due == {
        ("2022-01", 1): "yes",
        ("2022-01", 2): "yes",
        ("2022-01", 3): "no",
        ("2022-01", 4): "no",
        ("2022-01", 5): "no",
        ("2022-02", 1): "yes",
        ("2022-02", 2): "yes",
        ("2022-02", 3): "no",
        ("2022-02", 4): "yes",
        ("2022-02", 5): "no",
    }


def test_leave_is_an_answer_and_making_up_is_a_channel():
    table = participation.table(*made())
    assert states(table, "answered")[("2022-01", 2)] == "yes"
    assert set(table["asked"]) == {"unknown"}
    assert states(table, "channel")[("2022-01", 4)] == "makeup"
    assert states(table, "channel")[("2022-02", 3)] == "online"


def test_a_session_with_unknown_blanks_is_recorded_in_part():
    records, _, _, this = made()
    sessions = participation.sessions(records, this)
    assert list(sessions["event_date"]) == ["2022-01-05", "2022-02-09"]
    assert list(sessions["recorded"]) == ["full", "part"]
    assert list(sessions["marks"]) == [5, 3]


def test_the_study_may_say_that_blanks_are_absences():
    rosters = (source("members"), source("sign_ins", pattern="s/*.xlsx", blank="absent"))
    records, links, table, this = made(rosters=rosters)
    found = states(participation.table(records, links, table, this))
    assert found[("2022-02", 2)] == "no"
    assert list(participation.sessions(records, this)["recorded"]) == ["full", "full"]


def test_a_mark_that_could_not_be_read_is_unknown_even_where_blanks_are_absences():
    rosters = (source("members"), source("sign_ins", pattern="s/*.xlsx", blank="absent"))
    records, links, table, this = made(rosters=rosters)
    signed = records.records["sign_ins"]
    raw = signed["attend_status"].mask(signed["attend_status"] == "late", "zzz")
    read = signed["attend_status"].mask(signed["attend_status"] == "late")
    unread = signed.assign(raw__attend_status=raw, attend_status=read)
    records.records["sign_ins"] = unread
    found = states(participation.table(records, links, table, this))
    assert found[("2022-02", 1)] == "unknown"
    assert found[("2022-02", 2)] == "no"


def test_every_mark_on_the_sheets_is_accounted_for():
    records, links, _, this = made()
    counted = participation.accounting(records, links, this).set_index("item")["rows"].to_dict()
    assert counted == {
        "marks_on_sheets": 9,
        "without_date": 0,
        "of_members": 8,
        "in_review": 0,
        "of_former_members": 0,
        "of_nobody": 1,
    }


def test_a_group_duty_is_a_session_of_each_group_that_met():
    signed = SIGNED.replace("theme_day", "group_meeting")
    quiet = "\n".join(line for line in signed.splitlines() if "b1g2" not in line or "feb" in line)
    calendar = Calendar("party_branch", datetime.date(2022, 1, 1), datetime.date(2022, 12, 31))
    records, links, table, this = made(quiet, calendar=calendar)
    sessions = participation.sessions(records, this)
    assert list(sessions["unit"]) == ["b1g1", "b1g1", "b1g2"]
    found = participation.table(records, links, table, this)
    assert len(found) == 2 + 2 + 3


def test_a_mark_in_review_is_unknown_for_both_candidates():
    members = MEMBERS + "王芳|-|1990-01|b1|b1g1|no|2010-07-01|-\n"
    found = states(participation.table(*made(members=members)))
    assert found[("2022-01", 1)] == "unknown"
    assert found[("2022-01", 6)] == "unknown"


def test_a_member_away_by_the_register_is_due_before_leaving_and_after_return():
    register = """
    name | branch | mobile_kind | mobile_from | mobile_to  | phone
    李强 | b1     | out         | 2022-02-01  | 2022-02-28 | +8613722220002
    """
    extra = {"mobile": roster(register, "mobile.xlsx")}
    due = states(participation.table(*made(extra=extra)), "due")
    assert due[("2022-01", 2)] == "yes"
    assert due[("2022-02", 2)] == "no"


VOLUNTEERS = """
name | phone          | birth_date | hours
王芳 | +8613911110001 | 1956-03    | 2
王芳 | +8613911110001 | 1956-03    | 3.5
李强 | -              | -          | 4
"""


def test_a_linked_volunteer_took_part_and_one_in_review_is_unknown():
    extra = {"volunteers": roster(VOLUNTEERS, "volunteers.csv")}
    outcomes = {"volunteering": outcome("list", "volunteers", name="volunteering")}
    table = participation.table(*made(extra=extra, outcomes=outcomes))
    assert list(table["attended"]) == ["yes", "unknown", "no", "no", "no"]
    assert table["hours"][0] == pytest.approx(5.5)
    assert list(table["due"]) == ["yes", "yes", "no", "yes", "no"]


def test_a_column_of_a_survey_is_an_outcome_by_its_declared_codes():
    survey = roster("sex | reported_in\nmale | yes\nfemale | no\nmale | -", "survey.csv")
    outcomes = {"reported": outcome("column", field="reported_in", took_part=("yes",))}
    this = study(outcomes=outcomes)
    records = cleaned(members=survey)
    links = link.rosters(records, this)
    members = people.table(records, links, this)
    table = participation.table(records, links, members, this)
    assert list(table["attended"]) == ["yes", "no", "unknown"]
    assert participation.sessions(records, this).empty


def test_without_sign_ins_a_panel_is_empty_and_keeps_its_columns():
    records = cleaned(members=roster(MEMBERS, "members.xlsx"))
    links = link.rosters(records, study())
    members = people.table(records, links, study())
    table = participation.table(records, links, members, study())
    assert table.empty
    assert list(table.columns) == participation.COLUMNS


def test_an_organisation_without_branches_has_sessions_for_everybody():
    members = roster("name | join_date\nJane Smith | 2010\nTom Brown | 2011", "members.csv")
    signed = roster(
        """
        name       | event_date | attend_status
        Jane Smith | 2022-03-01 | attended
        Tom Brown  | 2022-03-01 | absent
        """,
        "meeting.csv",
    )
    this = study(units=())
    records = cleaned(members=members, sign_ins=signed)
    links = link.rosters(records, this)
    members_table = people.table(records, links, this)
    found = participation.table(records, links, members_table, this)
    assert list(found["attended"]) == ["yes", "no"]
    assert list(found["due"]) == ["yes", "yes"]


def test_a_sheet_that_names_only_groups_belongs_to_their_branch():
    signed = "\n".join(
        line.replace("| b1     | b1g", "| -      | b1g") for line in SIGNED.splitlines()
    )
    assert states(participation.table(*made(signed)))[("2022-01", 1)] == "yes"
