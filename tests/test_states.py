"""Asked, answered and attended are three facts, and no one of them is taken for another."""

import pytest
from drawn import cleaned, roster, source, study, table
from test_exports import EXPORTS
from test_profiles import OUTCOME, written
from test_profiles import roster as declared

from engagement import engines
from engagement import study as studies
from engagement.records import link, participation, people, states

MEMBERS = """
person_id | name      | join_date
11        | Ann Field | 2010-01-01
12        | Bo Lake   | 2010-01-01
13        | Cy Moor   | 2010-01-01
14        | Di Wood   | 2010-01-01
15        | Ed Glen   | 2010-01-01
16        | Flo Hill  | 2010-01-01
"""

# status: (answered, attended), by the meaning of each word and not by the code
STATES = {
    "attended": ("unknown", "yes"),
    "late": ("unknown", "yes"),
    "online": ("unknown", "yes"),
    "makeup": ("unknown", "no"),
    "absent": ("unknown", "no"),
    "leave": ("yes", "no"),
    "registered": ("yes", "unknown"),
    "pending": ("yes", "unknown"),
    "tentative": ("yes", "unknown"),
    "declined": ("yes", "no"),
    "no_show": ("yes", "no"),
    "cancelled": ("no", "no"),
    "not_answered": ("no", "unknown"),
    "unknown": ("unknown", "unknown"),
}


def taking_part(signed: str, members: str = MEMBERS, **changes):
    records = cleaned(members=roster(members, "members.csv"), sign_ins=roster(signed, "s.csv"))
    this = study(units=(), **changes)
    links = link.rosters(records, this)
    counted = people.table(records, links, this)
    return participation.table(records, links, counted, this), links


def facts(found, *names) -> list[tuple]:
    return list(found[list(names)].itertuples(index=False, name=None))


@pytest.mark.parametrize("status", STATES)
def test_each_mark_says_what_it_says_and_no_more(status):
    drawn = f"person_id | event_date | attend_status\n11 | 2022-03-04 | {status}\n"
    drawn += "12 | 2022-03-04 | attended\n"
    found, _ = taking_part(drawn)
    first = found[found["member_id"] == 1]
    assert facts(first, "answered", "attended") == [STATES[status]]


def test_every_status_of_the_codebook_has_its_meaning_here():
    from engagement import codebook

    assert set(codebook.codes("attend_status")) | {"unknown"} == set(STATES)
    assert set(states._STRENGTH) == set(STATES)


def test_an_answer_of_its_own_column_comes_before_the_mark():
    found, _ = taking_part(
        """
        person_id | event_date | answer | attend_status | invited_by
        11        | 2022-03-04 | yes    | attended      | 99
        12        | 2022-03-04 | maybe  | unknown       | -
        13        | 2022-03-04 | no     | unknown       | -
        14        | 2022-03-04 | none   | unknown       | 99
        15        | 2022-03-04 | -      | registered    | -
        """
    )
    assert facts(found, "member_id", "asked", "answered", "attended") == [
        (1, "yes", "yes", "yes"),
        (2, "unknown", "yes", "unknown"),
        (3, "unknown", "yes", "unknown"),
        (4, "yes", "no", "unknown"),
        (5, "unknown", "yes", "unknown"),
        (6, "unknown", "unknown", "unknown"),
    ]


def test_of_several_rows_for_one_event_the_attendance_holds_and_its_hours_are_added():
    found, links = taking_part(
        """
        person_id | event_date | event_id | attend_status | hours
        11        | 2022-03-04 | 5        | registered    | -
        11        | 2022-03-04 | 5        | attended      | 2
        11        | 2022-03-04 | 5        | attended      | 1.5
        12        | 2022-03-04 | 5        | cancelled     | -
        12        | 2022-03-04 | 5        | registered    | 3
        """
    )
    assert set(links["decision"]) == {"link"}
    some = found[found["member_id"] <= 2]
    assert facts(some, "answered", "attended") == [("yes", "yes"), ("yes", "unknown")]
    assert some["hours"].tolist()[0] == 3.5 and some["hours"].isna().tolist() == [False, True]


def test_two_events_of_one_day_are_told_apart_by_number_or_title():
    found, _ = taking_part(
        """
        person_id | event_date | event_id | event_title | attend_status
        11        | 2022-03-04 | 5        | Morning     | attended
        11        | 2022-03-04 | 6        | Evening     | no_show
        12        | 2022-03-04 | -        | Walk        | attended
        12        | 2022-03-05 | 7        | Alone       | attended
        """
    )
    assert found["event_id"].nunique() == 4
    assert sorted(found["event_id"].unique())[-1] == ".2022-03-05.session"
    assert not found["event_id"].str.contains("Walk|Morning").any(), "titles may name people"
    ann = found[found["member_id"] == 1].sort_values("event_id")
    assert ann["attended"].tolist() == ["yes", "no", "unknown", "unknown"]


def test_who_is_not_on_the_list_was_absent_only_where_the_study_says_so():
    drawn = "person_id | event_date | attend_status\n11 | 2022-03-04 | attended\n"
    found, _ = taking_part(drawn)
    assert found["attended"].tolist() == ["yes", *["unknown"] * 5]
    told = (source("members"), source("sign_ins", pattern="s.csv", unlisted="absent"))
    found, _ = taking_part(drawn, rosters=told)
    assert found["attended"].tolist() == ["yes", *["no"] * 5]
    assert set(found["answered"]) == {"unknown"}


def test_a_number_finds_its_member_whatever_the_name_looks_like():
    _, links = taking_part(
        """
        person_id | name       | event_date | attend_status
        11        | Field, Ann | 2022-03-04 | attended
        12        | -          | 2022-03-04 | attended
        13        | Cy Brook   | 2022-03-04 | attended
        """
    )
    assert links["decision"].tolist() == ["link"] * 3
    assert set(links["reason"]) == {"sign_in:person_id"}


def test_one_number_under_two_names_waits_for_review():
    _, links = taking_part(
        """
        person_id | name      | event_date | attend_status
        11        | Ann Field | 2022-03-04 | attended
        12        | Zoe Quill | 2022-03-04 | attended
        13        | Cy Moor   | 2022-03-04 | attended
        """
    )
    by_row = links.set_index("left_row")
    assert by_row["decision"].tolist() == ["link", "review", "link"]
    assert by_row.loc[3, "reason"] == "sign_in:person_id;doubt:two_names"


def test_a_namesake_under_another_number_is_not_linked_by_name():
    found, links = taking_part(
        """
        person_id | name      | event_date | attend_status
        77        | Ann Field | 2022-03-04 | attended
        12        | Bo Lake   | 2022-03-04 | attended
        """
    )
    by_row = links.set_index("left_row")
    assert by_row["decision"].tolist() == ["review", "link"]
    assert by_row.loc[2, "reason"] == "sign_in:written_in_group;doubt:other_number"
    assert found["attended"].tolist()[:2] == ["unknown", "yes"]


def test_numbers_of_another_numbering_are_no_evidence():
    """Two systems both count from 11: their numbers meet by chance, and the names say so."""
    _, links = taking_part(
        """
        person_id | name      | event_date | attend_status
        11        | Flo Hill  | 2022-03-04 | attended
        12        | Ed Glen   | 2022-03-04 | attended
        13        | Di Wood   | 2022-03-04 | attended
        """
    )
    assert set(links["decision"]) == {"link"}
    assert set(links["reason"]) == {"sign_in:written_in_group"}
    assert links["right_row"].tolist() == [7, 6, 5]


CONTACTS = """
    Contact ID | Display Name | Membership Status | Member Since
    11 | Ann Field | Current | 2010-05-06
    12 | Bo Lake | Current | 2010-05-06
    13 | Cy Moor | Current | 2010-05-06
    14 | Di Wood | Grace | 2010-05-06
    15 | Ed Glen | New | 2010-05-06
    16 | Flo Hill | Current | 2010-05-06
    17 | Gus Dale | Expired | 2010-05-06
    18 | Hal Ford | Cancelled | 2010-05-06
"""


def test_civicrm_from_its_two_exports_to_the_cells(tmp_path):
    """Registered is no attendance; test rows, transfers and lapsed members count nowhere."""
    text = declared("c.csv", "members", "civicrm_contact")
    text += declared("p.csv", "sign_ins", "civicrm_participant") + OUTCOME
    exported = EXPORTS["civicrm_participant"][1]
    opened = studies.load(written(tmp_path, text, "en-US", c=CONTACTS, p=exported))
    room = engines.records(opened)
    expected = table(
        """
        member_id | due | answered | attended
        1         | yes | yes      | unknown
        2         | yes | unknown  | yes
        3         | yes | yes      | no
        4         | yes | no       | no
        5         | yes | yes      | unknown
        6         | yes | unknown  | unknown
        7         | no  | unknown  | unknown
        """
    )
    held = room.taking_part[list(expected.columns)].astype("str")
    assert held.to_dict("records") == expected.to_dict("records")
    cells = engines.counts(room, opened).cells
    counted = {(cell.due, cell.attended): cell.members for cell in cells.itertuples()}
    assert counted == {(1, 1): 1, (1, 0): 2, (0, 0): 3}


def test_volunteers_for_salesforce_gives_hours_to_those_who_came(tmp_path):
    members = (
        "Contact ID | Full name\n003A | Ann Field\n003B | Bo Lake\n003C | Cy Moor\n003D | Di Wood"
    )
    text = declared("m.csv", "members") + declared("h.csv", "sign_ins", "v4s_hours") + OUTCOME
    folder = written(tmp_path, text, "en-US", m=members, h=EXPORTS["v4s_hours"][1])
    found = engines.records(studies.load(folder)).taking_part
    assert facts(found, "answered", "attended") == [
        ("unknown", "yes"),
        ("unknown", "yes"),
        ("yes", "no"),
        ("yes", "unknown"),
    ]
    assert found["hours"].fillna(-1).tolist() == [3, 2.5, -1, -1]


def test_a_check_in_of_churchcrm_is_an_attendance_and_its_absence_says_nothing(tmp_path):
    text = declared("m.csv", "members", "churchcrm_person")
    text += declared("e.csv", "sign_ins", "churchcrm_event_attend", 'unlisted = "absent"') + OUTCOME
    members = """
    per_ID | per_FirstName | per_LastName | per_cls_ID
    11 | Ann | Field | 1
    12 | Bo | Lake | 1
    13 | Cy | Moor | 1
    14 | Di | Wood | 2
    """
    exported = EXPORTS["churchcrm_event_attend"][1]
    folder = written(tmp_path, text, "en-US", m=members, e=exported)
    room = engines.records(studies.load(folder))
    assert facts(room.taking_part, "member_id", "attended") == [(1, "yes"), (2, "yes"), (3, "no")]
    rows = room.reconciliation.set_index("item")["rows"]
    assert rows["not_a_member"] == 1


def test_whoever_has_returned_is_not_away_and_whoever_was_lost_on_the_way_is(tmp_path):
    members = "姓名 | 入党时间\n王芳 | 2000-01-01\n李强 | 2000-01-01\n赵敏 | 2000-01-01\n周涛 | 2000-01-01"
    text = declared("m.csv", "members")
    text += declared("r.csv", "mobile", "mobile_member_register") + OUTCOME
    text = text.replace('kind = "panel"\nroster = "sign_ins"', 'kind = "column"\nfield = "is_lost"')
    register = """
    党员 | 流动类型 | 流出日期 | 预计返回 | 状态
    王芳 | 流出 | 2021-03-01 | 2023-03-01 | 在流动中
    李强 | 流出 | 2021-05-01 | 2023-06-30 | 已返回
    赵敏 | 流出 | 2020-05-01 | 2021-01-01 | 失联
    """
    opened = studies.load(written(tmp_path, text, "zh-CN", m=members, r=register))
    room = engines.records(opened)
    assert room.people["is_mobile"].tolist() == ["yes", "no", "yes", "no"]
