"""Out of contact: what the register of lost members does to who is due, by date."""

import pytest
from drawn import cleaned, roster, study
from hostile import book
from hostile import cleaned as of_file

from engagement.analysis import cells
from engagement.records import absences, link, membership, participation, people

MEMBERS = """
name | phone          | birth_date | branch | group | is_mobile
王芳 | +8613911110001 | 1956-03    | b1     | b1g1  | no
李强 | +8613722220002 | 1960-05    | b1     | b1g1  | no
赵敏 | +8613533330003 | 1980-01    | b1     | b1g1  | yes
"""
SIGNED = """
name | branch | group | duty_type | event_date | attend_status
王芳 | b1     | b1g1  | theme_day | 2022-01-05 | attended
王芳 | b1     | b1g1  | theme_day | 2022-03-05 | attended
"""
REGISTER = """
name | phone          | branch | lost_from  | lost_reason | remark
李强 | +8613722220002 | b1     | {since}    | work_away   | {remark}
"""


def made(since="2022-02-01", remark="-", register=REGISTER):
    records = cleaned(
        members=roster(MEMBERS, "members.xlsx"),
        sign_ins=roster(SIGNED, "s.xlsx"),
        lost=roster(register.format(since=since, remark=remark), "lost.xlsx"),
    )
    links = link.rosters(records, study())
    return records, links, people.table(records, links, study())


def due(records, links, table):
    slots = participation.table(records, links, table, study())
    return {
        (date[5:7], number): said
        for date, number, said in zip(
            slots["event_date"], slots["member_id"], slots["due"], strict=True
        )
    }


def test_the_register_is_read_with_its_circumstances(tmp_path):
    header = ["序号", "姓名", "失去联系时间", "失去联系情形", "党组织类别", "联系电话"]
    rows = [["失联党员排查登记表"], header]
    rows += [["1", "李强", "2021年6月", "①外出务工经商", "⑦街道社区", "13722220002"]]
    rows += [["2", "周涛", "2022.3", "出国（境）", "⑦街道社区", ""], ["3", "吴军", "", "③", "", ""]]
    found = of_file(tmp_path, book(rows), kind="lost").records["lost"]
    assert found[["name", "lost_from", "lost_reason"]].fillna("").to_numpy().tolist() == [
        ["李强", "2021-06", "work_away"],
        ["周涛", "2022-03", "abroad"],
        ["吴军", "", ""],
    ]
    assert found["reasons"][2] == "lost_reason:undeclared_digit"


def test_a_lost_member_leaves_the_denominator_from_that_day_on():
    records, links, table = made()
    assert list(table["is_lost"]) == ["no", "yes", "no"]
    assert list(table["due"]) == ["yes", "no", "no"]
    found = due(records, links, table)
    assert (found["01", 2], found["03", 2]) == ("yes", "no")
    assert (found["01", 1], found["03", 1]) == ("yes", "yes")


def test_without_a_day_the_register_speaks_of_all_days():
    records, links, table = made(since="-")
    assert list(table["is_lost"]) == ["no", "yes", "no"]
    found = due(records, links, table)
    assert (found["01", 2], found["03", 2]) == ("no", "no")


@pytest.mark.parametrize(("remark", "state"), [("2022年3月已返回", "no"), ("已回来", "no")])
def test_contact_found_again_ends_the_spell(remark, state):
    records, links, table = made(remark=remark)
    assert list(table["is_lost"]) == ["no", state, "no"]
    assert due(records, links, table)["03", 2] == "yes"


def test_a_pair_in_review_makes_nobody_lost():
    register = "name | lost_from\n李强 | 2022-02-01"
    _, links, table = made(register=register)
    assert list(links.loc[links["kind"] == "lost", "decision"]) == ["review"]
    assert list(table["is_lost"]) == ["no", "no", "no"]


def test_a_member_both_lost_and_away_is_not_due_when_back_from_being_away():
    records, links, _ = made()
    away = "name | phone | branch | mobile_from | mobile_to\n李强 | +8613722220002 | b1 | 2021-01-01 | 2022-03-01"
    records.records["mobile"] = roster(away, "mobile.xlsx")
    links = link.rosters(records, study())
    table = people.table(records, links, study())
    found = due(records, links, table)
    assert (found["01", 2], found["03", 2]) == ("no", "no")


def test_a_roster_that_says_lost_is_enough():
    members = MEMBERS.replace("is_mobile", "is_lost").replace("| yes\n", "| yes\n")
    records = cleaned(members=roster(members, "m.xlsx"), sign_ins=roster(SIGNED, "s.xlsx"))
    links = link.rosters(records, study())
    table = people.table(records, links, study())
    assert list(table["is_lost"]) == ["no", "no", "yes"]
    assert due(records, links, table)["01", 3] == "no"
    left_out = cells.not_due(table).to_dict("records")
    assert left_out == [{"is_mobile": "unknown", "is_lost": "yes", "excused": "no", "members": 1}]


def test_without_register_and_column_nobody_knows_who_is_lost():
    records = cleaned(members=roster(MEMBERS, "m.xlsx"))
    links = link.rosters(records, study())
    assert people.table(records, links, study())["is_lost"].isna().all()
    assert absences.lost(records, links, membership.rows(records, links, study())).empty
