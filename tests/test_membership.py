"""One person in several rows of the member roster: one member, or a pair that waits for review."""

import pytest
from drawn import cleaned, roster, study
from hypothesis import given, settings
from hypothesis import strategies as st

from engagement.records import link, membership

ONE, OTHER = "11010519491231002X", "110105194912310011"


def made(text):
    room = cleaned(members=roster(text))
    return room, link.rosters(room, study()), study()


def verdicts(text):
    return list(membership.rows(*made(text))["verdict"])


def waiting(text):
    _, links, _ = made(text)
    return int((links["decision"] == "review").sum())


MOVED = f"""
name | id_number | birth_date | branch | transfer_out | transfer_in | remark
王芳 | {ONE}     | 1949-12-31 | b1     | 2020-05-01   | -           | -
王芳 | {ONE}     | 1949-12-31 | b2     | -            | 2020-05-10  | -
"""
REMARKED = f"""
name | id_number | birth_date | branch | remark
王芳 | {ONE}     | 1949-12-31 | b2     | 2020年5月由第一支部转入
王芳 | {ONE}     | 1949-12-31 | b1     | 已转出至第二支部
"""
GONE = f"""
name | id_number | birth_date | branch | transfer_out
王芳 | {ONE}     | 1949-12-31 | b1     | 2020-05-01
"""
BOTH_GONE = f"""
name | id_number | birth_date | branch | transfer_out
王芳 | {ONE}     | 1949-12-31 | b1     | 2019-05-01
王芳 | {ONE}     | 1949-12-31 | b2     | 2020-05-01
"""
NAMESAKES = f"""
name | id_number | birth_date | branch
王芳 | {ONE}     | 1949-12-31 | b1
王芳 | {OTHER}   | 1949-12-31 | b2
"""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MOVED, ["doubled", "member"]),
        (REMARKED, ["member", "doubled"]),
        (GONE, ["transferred"]),
        (BOTH_GONE, ["transferred", "doubled"]),
        (NAMESAKES, ["member", "member"]),
    ],
)
def test_who_moved_between_branches_is_one_member_where_they_came_to(text, expected):
    assert sorted(verdicts(text)) == sorted(expected)
    if "member" in expected:
        assert verdicts(text) == expected


def test_two_rows_with_nothing_but_a_name_and_a_birth_in_common_wait_for_review_and_both_stay():
    text = """
    name | birth_date | sex    | origin_village | branch
    赵敏 | 1970-03-05 | female | weixing        | b1
    赵敏 | 1970-03-05 | female | weixing        | b1
    """
    assert verdicts(text) == ["member", "member"]
    assert waiting(text) == 1


names = st.sampled_from(["王芳", "李建国", "赵敏", "-"])
numbers = st.sampled_from([ONE, OTHER, "-"])
moves = st.sampled_from(["2020-05-01", "2030-01-01", "-"])
remarks = st.sampled_from(["已去世", "转往外地", "转入", "-"])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(names, numbers, moves, remarks), min_size=1, max_size=7))
def test_rows_on_the_roster_are_rows_accounted_for(rows):
    lines = [" | ".join(row) for row in rows]
    made_of = made("\n".join(["name | id_number | transfer_out | remark", *lines]))
    counted = membership.reconciliation(*made_of).set_index("item")["rows"]
    assert counted["rows_on_roster"] == len(rows)
    assert counted[list(membership.VERDICTS)].sum() == len(rows)
    numbered = membership.rows(*made_of)
    members = numbered[numbered["verdict"] == "member"]
    assert members["member_id"].is_unique and members["person"].is_unique
