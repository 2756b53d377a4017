"""Links: the published table of the model, and what may never be decided by machine."""

import numpy as np
import pandas as pd
import pytest
from drawn import cleaned, roster, study

from engagement import codebook, words
from engagement.errors import RosterError
from engagement.records import addresses, evidence, frequencies, link, pairs, posterior


def probabilities(**levels):
    found = {
        field: np.array([posterior.field_levels(field).index(level)])
        for field, level in levels.items()
    }
    found.setdefault("name", np.array([-1]))
    weights = published()
    prior = posterior.priors(173, "volunteers", weights=weights)
    return posterior.probabilities(found, prior, weights=weights)[0]


def published() -> dict:
    """The weights of the published table, where ours have moved since."""
    phone = {
        "same": {"person": 0.78, "household": 0.70, "unrelated": 0.0001},
        "near": {"person": 0.05, "household": 0.02, "unrelated": 0.0002},
        "other": {"person": 0.17, "household": 0.28, "unrelated": 0.9997},
    }
    weights = codebook.weights()
    expected = {"volunteers": {"person": 0.10, "household": 0.25}}
    return {**weights, "fields": {**weights["fields"], "phone": phone}, "expected": expected}


# The published fixture: evidence, then person, household, unrelated.
FIXTURE = [
    ({}, (0.0006, 0.0014, 0.9980)),
    ({"name": "exact"}, (0.453, 0.001, 0.546)),
    ({"name": "exact", "place": "same"}, (0.826, 0.002, 0.171)),
    ({"name": "exact", "place": "same", "phone": "same"}, (0.9972, 0.0026, 0.0002)),
    ({"name": "exact", "place": "same", "birth": "other"}, (0.047, 0.012, 0.940)),
    ({"name": "surname", "phone": "same", "place": "same"}, (0.016, 0.983, 0.001)),
    (
        {"name": "surname", "phone": "same", "place": "same", "birth": "other"},
        (0.0002, 0.9984, 0.0015),
    ),
    ({"name": "one_character", "phone": "same", "place": "same"}, (0.182, 0.815, 0.003)),
    ({"name": "other", "phone": "same"}, (0.009, 0.799, 0.192)),
    ({"id": "same"}, (0.998, 0.0, 0.002)),
    ({"id": "same", "name": "other"}, (0.855, 0.0001, 0.145)),
]


@pytest.mark.parametrize(("levels", "expected"), FIXTURE)
def test_the_published_probabilities_are_reproduced(levels, expected):
    assert probabilities(**levels) == pytest.approx(expected, abs=0.0006)


def shares(left: list[str], right: list[str]) -> np.ndarray:
    """The share of the left surname of every pair."""
    one, other = (
        pd.DataFrame(
            {"surname": pd.Series(names, dtype="str"), "given": "", "han": True}
            | {place: pd.Series(np.nan, range(len(names)), dtype="str") for place in PLACES}
        )
        for names in (left, right)
    )
    at, to = (side.ravel() for side in np.indices((len(left), len(right))))
    seen = frequencies.counted(pd.concat([one, other], ignore_index=True))
    told = {name: row.to_numpy()[at] for name, row in frequencies.of_people(seen, one).items()}
    return frequencies.surname_shares(seen, told, np.array(left)[at] == np.array(right)[to])


PLACES = ("origin_village", "branch")


def test_a_pair_never_counts_itself_into_the_frequency_of_its_name():
    # Ten people; nobody but the pair bears 逄: (0 + 100 x .0001) / (8 + 100), whoever else is there.
    assert shares(["逄"], ["逄"] + ["王"] * 8)[0] == pytest.approx(0.01 / 108)
    # A third bearer is counted once: (1 + .01) / (8 + 100).
    assert shares(["逄"], ["逄", "逄"] + ["王"] * 7)[0] == pytest.approx(1.01 / 108)


def test_inside_one_roster_a_pair_does_not_count_itself_either():
    # Ten rows, two of them one rare name in one village: nobody else bears it there.
    names = "\n".join(["逄春生 | v1"] * 2 + ["王芳 | v1"] * 8)
    people = evidence.identities(roster(f"name | origin_village\n{names}"))
    ends = np.array([[0, 1], [2, 3]])
    found = frequencies.chances(frequencies.shared(people, people), ends)["name", "exact"]
    share = (6 + 100 * (6 + 100 * 0.0725) / 108) / 108  # 王: 6 of the other 8, here and everywhere
    assert found == pytest.approx([0.0001, share * 0.015], rel=0.01)


def test_a_common_surname_is_weaker_evidence_than_a_rare_one():
    # 23 rows, 21 of them 王, without the pair 19 of 21: (19 + 100 x .0725) / (21 + 100)
    common = shares(["王", "逄"], ["王"] * 20 + ["逄"])
    assert common[0] == pytest.approx(26.25 / 121)
    assert common[0] > 100 * common[-1]


def test_no_full_name_is_taken_for_rarer_than_the_floor():
    chance = frequencies.name_chance(
        np.array([0.07, 1e-9]), np.array([True, True]), np.array([True, True])
    )
    assert list(chance) == pytest.approx([0.07 * 0.002, 0.0001])


def test_a_name_that_only_sounds_alike_is_a_coincidence_as_rare_as_its_surname():
    one = evidence.identities(roster("name\n王建国\n逄建国\n王芳", "one.csv"))
    other = evidence.identities(roster("name\n王建果\n逄建果\n王方", "other.csv"))
    pairs_of = np.array([[0, 0], [1, 1], [2, 2]])
    chances = frequencies.chances(frequencies.shared(one, other), pairs_of)
    same, sounding = chances["name", "exact"], chances["name", "reading"]
    assert sounding / same == pytest.approx([0.25, 0.25, 1])  # declared for two characters and one
    assert sounding[0] > sounding[1] == pytest.approx(0.25 * 0.0001)  # 逄 is so rare: the floor


MEMBERS = """
name   | sex    | birth_date | id_number          | phone          | origin_village | branch | group
王芳   | female | 1956-03    | -                  | +8613911110001 | v1             | b1     | b1g1
王芳   | female | 1971-08    | -                  | +8613722220002 | v2             | b1     | b1g2
李建国 | male   | 1949-10-01 | 110101194910010011 | +8613900000003 | v1             | b1     | b1g1
赵敏   | female | 1980-01    | -                  | -              | v3             | b1     | b1g2
"""


JUDGED = ("kind", "left_row", "right_row", "decision")


def linked(volunteers: str, members: str = MEMBERS):
    records = cleaned(
        members=roster(members, "members.xlsx"), volunteers=roster(volunteers, "volunteers.csv")
    )
    links = link.rosters(records, study())
    return links[links["kind"] == "volunteers"].reset_index(drop=True)


def test_a_volunteer_with_name_phone_and_birth_is_the_member():
    links = linked("name | phone | birth_date\n李建国 | +8613900000003 | 1949-10")
    assert list(links["decision"]) == ["link"]
    assert list(links["right_row"]) == [4]
    assert links["reason"][0] == "name:exact;phone:same;birth:year_month"


def test_a_volunteer_with_two_candidates_waits_for_review():
    links = linked("name\n王芳")
    assert set(links["right_row"]) == {2, 3}
    assert set(links["decision"]) == {"review"}
    assert links["reason"].str.endswith("rival:yes").all()


def test_a_birth_year_tells_two_namesakes_apart():
    links = linked("name | birth_date | origin_village\n王芳 | 1971-08 | v2")
    assert list(links[links["decision"] == "link"]["right_row"]) == [3]


def test_a_child_with_the_members_phone_is_not_the_member():
    links = linked("name | phone | origin_village\n李小国 | +8613900000003 | v1")
    assert "link" not in set(links["decision"])


def test_phone_alone_never_links():
    links = linked("name | phone\n周杰 | +8613900000003")
    assert links.empty


def test_one_id_under_two_names_waits_for_review():
    links = linked("name | id_number\n周小川 | 110101194910010011")
    assert list(links["decision"]) == ["review"]


def test_one_name_under_two_ids_is_not_linked():
    links = linked("name | id_number\n李建国 | 110101197001010019")
    assert "link" not in set(links["decision"])


def test_a_masked_id_supports_a_link_but_cannot_make_one():
    assert list(linked("name | id_number\n李建国 | 110101********0011")["decision"]) == ["link"]
    assert "link" not in set(linked("name | id_number\n周小川 | 110101********0011")["decision"])


def test_a_volunteer_row_with_nothing_but_an_unknown_name_is_linked_to_nobody():
    assert linked("name\n周杰伦").empty


def test_a_volunteer_row_with_nothing_but_a_members_name_asks_and_never_decides():
    links = linked("name\n赵敏")
    assert list(zip(links["right_row"], links["decision"], strict=True)) == [(5, "review")]
    assert links["reason"][0] == "name:exact;doubt:name_alone"


def test_all_empty_rows_are_evidence_of_nothing_on_either_side():
    """Nor do two of them resemble each other."""
    empty = " | ".join(["-"] * 8)
    members = roster(f"{MEMBERS}{empty}\n{empty}\n", "m.csv")
    volunteers = roster("name | phone\n- | -\n- | -\n李建国 | +8613900000003", "v.csv")
    links = link.rosters(cleaned(members=members, volunteers=volunteers), study())
    assert list(zip(links["kind"], links["left_row"], links["right_row"], strict=True)) == [
        ("volunteers", 4, 4)
    ]


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("members", "name | id_number\n李建国 | {0}\n刘大海 | {0}"),
        ("members", "name | id_number | phone\n李建国 | {0} | {2}\n李建国 | {1} | {2}"),
        ("volunteers_twice", "name | id_number\n李建国 | {0}\n刘大海 | {0}"),
        ("volunteers_twice", "name | id_number | phone\n李建国 | {0} | {2}\n李建国 | {1} | {2}"),
    ],
)
def test_one_number_under_two_names_and_two_numbers_under_one_wait_inside_a_roster(kind, rows):
    text = rows.format("110101194910010011", "110101195010010018", "+8613900000003")
    alone = {"members": roster("name\n赵敏", "m.csv"), "volunteers": roster(text, "v.csv")}
    rosters = {"members": roster(text, "m.csv")} if kind == "members" else alone
    links = link.rosters(cleaned(**rosters), study())
    assert list(zip(links["kind"], links["decision"], strict=True)) == [(kind, "review")]


def test_the_same_person_in_two_corps_is_one_person_with_two_linked_rows():
    volunteers = """
    name   | phone          | birth_date | corps
    李建国 | +8613900000003 | 1949-10    | one
    李建国 | +8613900000003 | 1949-10    | two
    """
    records = cleaned(members=roster(MEMBERS, "m.csv"), volunteers=roster(volunteers, "v.csv"))
    links = link.rosters(records, study())
    assert list(zip(*(links[name] for name in JUDGED), strict=True)) == [
        ("volunteers_twice", 2, 3, "link"),
        ("volunteers", 2, 4, "link"),
        ("volunteers", 3, 4, "link"),
    ]


def test_a_member_listed_twice_is_linked_to_the_fuller_row_and_still_to_the_volunteer():
    doubled = MEMBERS + "李建国|male|1949-10-01|110101194910010011|-|v1|b1|b1g2\n"
    members = roster(doubled, "members.xlsx")
    volunteers = roster("name | phone | birth_date\n李建国 | +8613900000003 | 1949-10", "v.csv")
    links = link.rosters(cleaned(members=members, volunteers=volunteers), study())
    twice = links[links["kind"] == "members"]
    assert list(zip(twice["left_row"], twice["right_row"], twice["decision"], strict=True)) == [
        (6, 4, "link")
    ]
    found = links[(links["kind"] == "volunteers") & (links["decision"] == "link")]
    assert set(found["right_row"]) >= {4}


@pytest.mark.parametrize(
    ("kind", "other", "needed"),
    [
        ("volunteers", "phone | sex\n+8613900000003 | male", ["姓名", "公民身份号码"]),
        ("mobile", "phone | sex\n+8613900000003 | male", ["姓名", "公民身份号码"]),
        ("lost", "phone | sex\n+8613900000003 | male", ["姓名", "公民身份号码"]),
        ("sign_ins", "phone | branch\n+8613900000003 | b1", ["姓名", "公民身份号码", "编号"]),
    ],
)
def test_rosters_without_a_common_field_say_what_is_needed(kind, other, needed):
    rosters = {"members": roster(MEMBERS, "m.csv"), kind: roster(other, "other.csv")}
    with pytest.raises(RosterError) as refused:
        link.rosters(cleaned(**rosters), study())
    problem = refused.value.problems[0]
    assert (problem.key, problem.values["file"]) == ("no_common_field", "other.csv")
    for language in words.LANGUAGES:
        told = words.text(f"problem.{problem.key}", language, **problem.values)
        assert all(field in told for field in needed)
        assert "8613900000003" not in told


def test_names_on_one_side_and_numbers_on_the_other_are_no_common_field():
    with pytest.raises(RosterError):
        linked("id_number\n110101194910010011", "name | phone\n李建国 | +8613900000003")


def test_a_roster_of_one_person_links_to_itself_only():
    links = linked("name | phone\n赵敏 | +8613911111111", "name | phone\n赵敏 | +8613911111111")
    assert list(links["decision"]) == ["link"]


def test_a_member_roster_of_one_person_is_looked_up_by_every_other_roster():
    one = roster("name | phone | branch | group\n赵敏 | +8613911111111 | b1 | b1g1", "m.csv")
    others = {
        "volunteers": roster("name | phone\n赵敏 | +8613911111111\n周杰 | -", "v.csv"),
        "mobile": roster("name | phone\n赵敏 | +8613911111111", "w.csv"),
        "sign_ins": roster("name | branch | group\n赵敏 | b1 | b1g1\n周杰 | b1 | b1g1", "s.csv"),
    }
    links = link.rosters(cleaned(members=one, **others), study())
    assert list(zip(links["kind"], links["left_row"], links["decision"], strict=True)) == [
        ("volunteers", 2, "link"),
        ("mobile", 2, "link"),
        ("sign_ins", 2, "link"),
    ]


def test_who_is_on_the_mobile_register_is_the_member_and_a_namesake_elsewhere_is_not():
    register = """
    name   | phone          | origin_village
    李建国 | +8613900000003 | v1
    王芳   | -              | v2
    赵敏   | +8613955555555 | v1
    """
    records = cleaned(members=roster(MEMBERS, "m.csv"), mobile=roster(register, "w.csv"))
    links = link.rosters(records, study())
    assert set(links["kind"]) == {"mobile"}
    sure = links[links["decision"] == "link"]
    assert list(zip(sure["left_row"], sure["right_row"], strict=True)) == [(2, 4), (3, 3)]


def test_without_lists_to_look_up_the_links_are_empty():
    survey = roster("sex | education\nmale | bachelor")
    links = link.rosters(cleaned(members=survey), study())
    assert links.empty
    assert list(links.columns) == link.COLUMNS


def test_the_assignment_takes_the_best_sum_and_not_the_best_pair():
    candidates = pd.DataFrame(
        {"left": [0, 0, 1], "right": [0, 1, 0], "probability": [0.9, 0.8, 0.89]}
    )
    # log(1 + 9) = 2.30 against log(1 + 4) + log(1 + 8.09) = 1.61 + 2.21
    assert list(pairs.one_to_one(candidates)["chosen"]) == [False, True, True]


def test_pairs_of_large_rosters_share_a_key_and_small_ones_are_all_compared(monkeypatch):
    one = link.evidence.identities(roster("name | phone\n王芳 | 1\n李四 | 2\n萧红 | 3"))
    other = link.evidence.identities(roster("name | phone\n周杰 | 1\n李四 | 9\n肖红 | 8"))
    assert len(pairs.across(one, other)) == 9
    monkeypatch.setattr(pairs, "ALL_PAIRS", 1)
    assert pairs.across(one, other).tolist() == [[0, 0], [1, 1], [2, 2]]


SIGNED = """
source_file | sheet | row | name | branch | group
jan.xlsx    | b1    | 4   | {}   | b1     | {}
"""


def signed(name: str, group: str, members: str = MEMBERS):
    records = cleaned(
        members=roster(members, "members.xlsx"), sign_ins=roster(SIGNED.format(name, group))
    )
    links = link.rosters(records, study())
    return links[links["kind"] == "sign_ins"]


def test_a_signature_is_found_inside_its_group():
    links = signed("王 芳", "b1g2")
    assert list(links["right_row"]) == [3]
    assert list(links["decision"]) == ["link"]


def test_a_signature_without_a_group_is_found_when_the_name_is_alone_in_the_branch():
    assert list(signed("赵敏", "-")["decision"]) == ["link"]
    assert list(signed("王芳", "-")["decision"]) == ["review", "review"]


def test_a_signature_with_a_homophone_is_found_by_its_reading():
    links = signed("李健国", "b1g1")
    assert list(links["reason"]) == ["sign_in:reading_in_group"]
    assert list(links["decision"]) == ["link"]


def test_two_of_one_name_in_one_group_wait_for_review():
    links = signed("王芳", "b1g1", MEMBERS + "王芳|female|1990|-|-|v1|b1|b1g1\n")
    assert list(links["decision"]) == ["review", "review"]
    assert list(links["probability"]) == pytest.approx([0.4995, 0.4995])


def test_two_rows_of_one_sheet_for_one_member_wait_for_review():
    rows = SIGNED.format("赵敏", "b1g2") + "jan.xlsx|b1|5|赵敏|b1|b1g2\n"
    records = cleaned(members=roster(MEMBERS, "members.xlsx"), sign_ins=roster(rows))
    assert list(link.rosters(records, study())["decision"]) == ["review", "review"]


def test_a_nickname_asks_who_it_is_among_those_whose_own_name_is_not_on_the_sheet():
    links = signed("老赵", "b1g2")
    assert list(zip(links["right_row"], links["decision"], strict=True)) == [(5, "review")]
    rows = SIGNED.format("老赵", "b1g2") + "jan.xlsx|b1|5|赵敏|b1|b1g2\n"
    records = cleaned(members=roster(MEMBERS, "members.xlsx"), sign_ins=roster(rows))
    found = link.rosters(records, study())
    assert list(zip(found["left_row"], found["decision"], strict=True)) == [(5, "link")]


def test_one_member_in_many_sessions_of_one_long_list_is_one_member():
    rows = roster(
        """
        name | branch | group | event_date
        赵敏 | b1     | b1g2  | 2022-01-05
        赵敏 | b1     | b1g2  | 2022-02-05
        """,
        "log.csv",
    )
    records = cleaned(members=roster(MEMBERS, "members.xlsx"), sign_ins=rows)
    assert list(link.rosters(records, study())["decision"]) == ["link", "link"]


def test_nobody_is_taken_off_the_roster_without_a_number_in_common():
    twins = """
    name   | sex  | birth_date | origin_village | phone          | branch
    范永强 | male | 1975-05    | v1             | +8618911110001 | b1
    范永强 | male | 1975-05    | v1             | +8613722220002 | b2
    """
    links = link.rosters(cleaned(members=roster(twins, "members.xlsx")), study())
    assert list(links["decision"]) == ["review"]
    assert links["reason"][0].endswith("doubt:no_number")


WESTERN = """
name             | birth_date | branch | group
William Smith    | 1956-03    | b1     | b1g1
Anna van der Berg| 1971-08    | b1     | b1g1
"""


def test_a_short_form_of_a_latin_name_is_found_in_its_group():
    links = signed("Bill Smith", "b1g1", WESTERN)
    assert list(zip(links["right_row"], links["decision"], strict=True)) == [(2, "link")]
    assert list(links["reason"]) == ["sign_in:called_in_group"]


@pytest.mark.parametrize(
    ("name", "members", "row"),
    [
        ("建国", MEMBERS, 4),
        ("LJG", MEMBERS, 4),
        ("W. Smith", WESTERN, 2),
        ("WS", WESTERN, 2),
    ],
)
def test_less_than_a_full_name_asks_and_never_decides(name, members, row):
    links = signed(name, "b1g1", members)
    assert list(zip(links["right_row"], links["decision"], strict=True)) == [(row, "review")]


def test_two_members_with_the_same_initials_are_both_asked_about():
    links = signed("LJG", "b1g1", MEMBERS + "刘金桂|female|1960|-|-|v1|b1|b1g1\n")
    assert list(links["decision"]) == ["review", "review"]


def test_what_can_be_read_of_a_damaged_number_supports_a_link():
    volunteers = roster(
        "name | id_number | raw__id_number\n李建国 | - | 110101194910010000", "v.csv"
    )
    records = cleaned(members=roster(MEMBERS, "members.xlsx"), volunteers=volunteers)
    links = link.rosters(records, study())
    found = links[links["kind"] == "volunteers"]
    assert list(found["decision"]) == ["link"]
    assert "id:shown" in found["reason"].iloc[0]


def test_a_damaged_number_of_somebody_else_speaks_against_a_link():
    volunteers = roster(
        "name | id_number | raw__id_number\n李建国 | - | 110101198010010000", "v.csv"
    )
    records = cleaned(members=roster(MEMBERS, "members.xlsx"), volunteers=volunteers)
    links = link.rosters(records, study())
    assert "link" not in set(links.loc[links["kind"] == "volunteers", "decision"])


@pytest.mark.parametrize(
    ("left", "right", "level"),
    [
        ("样例家园38幢3单元302室", "38-3-302", 0),
        ("样例家园38幢3单元302室", "样例家园 38 幢 3 单元 302", 0),
        ("样例家园38幢3单元302室", "样例家园38幢3单元301室", 1),
        ("样例家园38幢3单元302室", "样例家园39幢3单元302室", 2),
        ("7 Wallaby Place", "7 wallabyplace", 1),
        ("7 Wallaby Place", "12 High Street", 2),
        ("7 Wallaby Place", None, -1),
    ],
)
def test_addresses_are_compared_by_their_numbers_or_their_words(left, right, level):
    one, other = (addresses.keys(pd.Series([text], dtype="str")) for text in (left, right))
    assert addresses.agreement(one, other, np.array([[0, 0]]))[0] == level
