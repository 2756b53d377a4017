"""The fast part of `make attack`: nothing hidden comes out, at random."""

import pytest

from bench import attack


def number(line: str, after: str) -> int:
    return int(line.split(after)[1].split()[0].strip(","))


def test_no_small_count_of_a_linked_family_is_exposed():
    for line in attack.linked(12):
        assert number(line, " exposed ") == 0
        assert number(line.replace(")", " "), "alone hidden: ") > 0


def test_bounds_with_rounding_are_those_of_every_table():
    (line,) = attack.brute(250)
    assert line.endswith(" 0 mismatches") and number(line, "table: ") >= 250


def test_hidden_counts_are_close_to_the_fewest_possible():
    (line,) = attack.optimum(20)
    assert float(line.split("worst ")[1].split(",")[0]) <= 1.15


def test_an_insider_learns_nobodys_answer_from_a_public_release():
    (line,) = attack.rosters(4)
    assert number(line, "told of ") == 0
    assert number(line.replace(")", " "), "volunteers: ") > 0


def test_nobody_who_moved_is_known_from_two_releases():
    (line,) = attack.pairs(10)
    assert number(line, "told of ") == 0
    assert number(line.replace(")", " "), "exact counts: ") > 5


@pytest.mark.parametrize("name", attack.ATTACKS)
def test_every_attack_can_be_named_on_the_command_line(name):
    assert callable(attack.ATTACKS[name][0])
