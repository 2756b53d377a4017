"""From a roster to its members: who stays, who leaves and why, and what is known of them."""

import datetime

import numpy as np
import pandas as pd
import pytest
from drawn import cleaned, factor, roster, source, study

from engagement import tables
from engagement.records import link, membership, people, remarks

ROSTER = """
name   | sex    | birth_date | id_number          | phone          | origin_village | branch | group | member_type  | is_mobile | remark
王芳   | female | 1956-03    | -                  | +8613911110001 | v1             | b1     | b1g1  | full         | no        | -
李建国 | male   | 1949-10-01 | 110101194910010011 | -              | v1             | b1     | b1g1  | full         | no        | 2021年12月转出至第二支部
李建国 | male   | 1949-10-01 | 110101194910010011 | +8613900000003 | v1             | b2     | b2g1  | full         | no        | 2021年12月由第一支部转入
赵敏   | female | 1980       | -                  | -              | v3             | b1     | b1g2  | probationary | yes       | -
钱伟   | male   | 1940-05    | -                  | +8613700000009 | v3             | b1     | b1g2  | full         | -         | 已去世
孙丽   | female | 1990-01    | -                  | +8613600000008 | v2             | b1     | b1g2  | activist     | no        | -
周强   | male   | 1970-01    | -                  | +8613500000007 | v2             | b1     | b1g2  | full         | no        | 年老体弱，经支部大会批准可暂不参加组织生活
吴军   | male   | 1970-07    | -                  | +8613400000006 | v2             | b1     | b1g2  | full         | no        | 2022年3月转出
"""


def made(text: str = ROSTER, **changes):
    records = cleaned(members=roster(text, "members.xlsx"))
    declared = {
        "factors": {"age_band": factor("age_band", "age", "ordered"), "sex": factor("sex", "sex")}
    }
    declared |= changes
    this = study(**declared)
    links = link.rosters(records, this)
    return records, links, this


def test_every_row_gets_one_verdict_and_the_counts_add_up():
    records, links, this = made(rosters=(source("members", expected_rows=5),))
    table = membership.reconciliation(records, links, this).set_index("item")["rows"]
    assert table.to_dict() == {
        "rows_on_roster": 8,
        "doubled": 1,
        "deceased": 1,
        "transferred": 1,
        "not_a_member": 1,
        "member": 4,
        "stated": 5,
        "unexplained": -1,
    }


def test_a_doubled_member_stays_with_the_branch_moved_to():
    table = people.table(*made())
    assert list(table["member_id"]) == [1, 2, 3, 4]
    assert list(table["branch"]) == ["b1", "b2", "b1", "b1"]
    assert list(table["due"]) == ["yes", "yes", "no", "no"]
    assert list(table["excused"]) == ["no", "no", "no", "yes"]
    assert list(table["is_mobile"]) == ["no", "no", "yes", "no"]
    assert list(table["reachable"]) == ["yes", "yes", "no", "yes"]


def test_people_hold_nothing_that_names_anybody():
    records, links, this = made()
    table = people.table(records, links, this)
    tables.check(table, "people", this)
    texts = set(table.astype("str").to_numpy().ravel())
    assert not texts & set(records.records["members"]["name"])
    assert {"name", "phone", "id_number", "birth_date", "remark"}.isdisjoint(table.columns)


@pytest.mark.parametrize(
    ("born", "date", "expected"),
    [
        ("1956-03-12", "2022-03-11", 65),
        ("1956-03-12", "2022-03-12", 66),
        ("1956-02-29", "2022-02-28", 65),
        ("1956-02-29", "2022-03-01", 66),
        ("1956-03", "2022-02-28", 65),
        ("1956-03", "2022-04-01", 66),
        ("1956-03", "2022-03-14", 65),
        ("1956-03", "2022-03-15", 66),
        ("1956", "2022-06-30", 65),
        ("1956", "2022-07-01", 66),
        ("1956-12-31", "2022-12-31", 66),
    ],
)
def test_age_is_whole_years_and_a_coarse_birth_counts_from_the_middle(born, date, expected):
    found = people.age(pd.Series([born], dtype="str"), datetime.date.fromisoformat(date))
    assert list(found) == [expected]


def test_an_unknown_birth_has_no_age():
    found = people.age(pd.Series([np.nan, "2023-01-01"], dtype="str"), datetime.date(2022, 12, 31))
    assert found.isna().all()


def test_a_birth_missing_on_the_roster_is_read_from_the_full_id():
    text = "name | id_number | birth_date\n李建国 | 110101194910010011 | -"
    assert list(people.table(*made(text))["age"]) == [73]


def test_a_full_id_goes_before_a_birth_and_sex_that_contradict_it():
    text = "name | id_number | birth_date | sex\n李建国 | 110101194910010011 | 1950-01 | female"
    table = people.table(*made(text))
    assert list(table["age"]) == [73]
    assert list(table["sex"]) == ["male"]


def test_temporary_and_masked_numbers_tell_no_birth():
    text = "name | id_number\n李建国 | 999101194910010011\n王芳 | 110101********0011"
    assert people.table(*made(text))["age"].isna().all()


def test_a_survey_without_names_keeps_every_row():
    text = "sex | age\nmale | 40\nfemale | -\nmale | 40"
    table = people.table(*made(text))
    assert list(table["member_id"]) == [1, 2, 3]
    assert table["age"].tolist()[::2] == [40, 40]
    assert table["reachable"].isna().all()
    assert list(table["due"]) == ["yes"] * 3


def test_an_excuse_is_a_recorded_decision_and_never_inferred():
    said = remarks.facts(
        pd.Series(
            [
                "年老体弱",
                "申请暂不参加组织生活",
                "经批准可暂不参加组织生活",
                "未转出",
                "已转出",
                np.nan,
            ],
            dtype="str",
        )
    )
    assert list(said["excused"]) == [False, False, True, False, False, False]
    assert list(said["moved_out"]) == [False, False, False, False, True, False]


def test_the_month_of_a_remark_is_read():
    said = remarks.facts(
        pd.Series(["2021年12月转出", "2021.3转入", "2020年去世", "无"], dtype="str")
    )
    assert said["when"].tolist()[:3] == ["2021-12", "2021-03", "2020"]
    assert pd.isna(said["when"][3])


REGISTER = """
name | branch | mobile_kind | mobile_from | mobile_to | phone          | remark
王芳 | b1     | out         | 2022-03     | -         | +8613911110001 | -
周强 | b1     | out         | 2020-03     | 2023-01   | -              | 2022年1月已返回
"""


def test_the_mobile_register_says_who_is_away_and_who_is_back():
    records = cleaned(
        members=roster(ROSTER, "members.xlsx"), mobile=roster(REGISTER, "mobile.xlsx")
    )
    this = study()
    links = link.rosters(records, this)
    table = people.table(records, links, this)
    assert list(table["is_mobile"]) == ["yes", "no", "yes", "no"]
    assert list(table["due"]) == ["no", "yes", "no", "no"]
