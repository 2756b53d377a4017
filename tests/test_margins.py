"""The counts that are printed together: which are too few, and what a reader knows of each."""

import numpy as np
import pandas as pd
import pytest
from invented import FACTORS, a_study

from engagement.declared import Segment
from engagement.release import families, margins, rules
from engagement.release.printing import SHOWN, Printing
from engagement.release.rounding import Rounding

RULES = rules.read("committee")
NOTHING = {"zh": "-", "en": "-"}


def table(text):
    """A table drawn as text; `-` is an empty cell, and whole numbers are read as such."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    rows = [["" if c.strip() == "-" else c.strip() for c in line.split("|")] for line in lines]
    found = pd.DataFrame(rows[1:], columns=rows[0])
    numbers = [name for name in found if found[name].str.fullmatch(r"\d+").all()]
    return found.astype(dict.fromkeys(numbers, float))


def segment(name, **when):
    return Segment(name, "B-TIME", when, NOTHING)


def study(**changes):
    values = {"factors": {"sex": FACTORS["sex"]}, "segments": (), "claims": ()}
    return a_study(**(values | changes))


def printing(panels=None, base="volunteering", nameless=(), **changes):
    panels = panels or {"attendance": True, "volunteering": False}
    return Printing(study(**changes), RULES, panels, base, nameless)


def test_each_count_is_told_once_with_what_its_rounding_leaves_open():
    """By hand. Attendances are printed in tens, volunteers in fives, within one base either way,
    with at least ten, or five, on both sides; a list's due is its members; the outcome with most
    members leaves nobody out, and whom a segment leaves out is not counted."""
    rows = table("""
        outcome      | kind    | factor | level | members | due | attended | attended_shown
        attendance   | level   | -      | -     | 18      | 180 | 90       | 90
        attendance   | level   | branch | b1    | 8       | 80  | 30       | 30
        attendance   | segment | old    | old   | 6       | 60  | 20       | 20
        volunteering | level   | -      | -     | 20      | 20  | 8        | 10
        volunteering | level   | branch | b1    | 9       | 9   | 3        | 5
    """)
    expected = table("""
        outcome      | kind    | level | measure  | value | low | high
        attendance   | level   | -     | members  | 18    | 18  | 18
        attendance   | level   | b1    | members  | 8     | 8   | 8
        attendance   | segment | old   | members  | 6     | 6   | 6
        volunteering | level   | -     | members  | 20    | 20  | 20
        volunteering | level   | b1    | members  | 9     | 9   | 9
        attendance   | level   | -     | due      | 180   | 180 | 180
        attendance   | level   | b1    | due      | 80    | 80  | 80
        attendance   | segment | old   | due      | 60    | 60  | 60
        attendance   | level   | -     | attended | 90    | 81  | 99
        attendance   | level   | b1    | attended | 30    | 21  | 39
        attendance   | segment | old   | attended | 20    | 11  | 29
        volunteering | level   | -     | attended | 8     | 6   | 14
        volunteering | level   | b1    | attended | 3     | 3   | 4
        attendance   | level   | -     | missed   | 90    | 90  | 90
        attendance   | level   | b1    | missed   | 50    | 50  | 50
        attendance   | segment | old   | missed   | 40    | 40  | 40
        volunteering | level   | -     | missed   | 12    | 12  | 12
        volunteering | level   | b1    | missed   | 6     | 6   | 6
        attendance   | level   | -     | out      | 2     | 2   | 2
        attendance   | level   | b1    | out      | 1     | 1   | 1
    """)
    long = margins._long(rows, rows, printing())
    pd.testing.assert_frame_equal(long[expected.columns.tolist()], expected, check_dtype=False)
    assert long.index.tolist() == list(range(20))
    assert set(long) == {*expected, "factor", "slots", SHOWN["attended"]}


LONG = """
    outcome      | kind  | factor | level | measure  | value
    volunteering | level | sex    | a     | members  | 4
    volunteering | level | sex    | a     | attended | 4
    volunteering | level | sex    | a     | missed   | 20
    volunteering | level | sex    | b     | members  | 5
    volunteering | level | sex    | b     | attended | 20
    volunteering | level | sex    | b     | missed   | 4
    volunteering | level | sex    | c     | members  | 0
    volunteering | level | sex    | c     | attended | 5
    volunteering | level | sex    | c     | missed   | 5
    attendance   | level | sex    | a     | out      | 0
    attendance   | level | sex    | a     | attended | 10
    attendance   | level | sex    | a     | missed   | 10
    attendance   | level | sex    | b     | out      | 1
    attendance   | level | sex    | b     | attended | 9
    attendance   | level | sex    | b     | missed   | 10
    attendance   | level | sex    | c     | out      | 4
    attendance   | level | sex    | d     | out      | 5
"""


def chosen(mask):
    long = table(LONG)
    return [f"{o[0]} {v} {m}" for o, v, m in long.loc[mask, ["outcome", "level", "measure"]].to_numpy()]  # fmt: skip


def test_groups_below_the_threshold_are_few_and_so_are_those_left_out_unless_nobody_is():
    found = chosen(margins._few_people(table(LONG), 5))
    assert found == ["v a members", "v c members", "a b out", "a c out"]


def test_few_on_one_side_hides_those_who_took_part_and_the_side_itself():
    """Fewer than five volunteers, or ten attendances; those who took part give away the rest."""
    long = table(LONG)
    row = long.groupby(["outcome", "level"]).ngroup()
    found = chosen(margins._few_on_a_side(long, row, printing()))
    assert found == ["v a attended", "v b attended", "v b missed", "a b attended"]


def test_people_are_dearer_than_those_who_took_part_and_the_primary_outcome_dearest():
    long = table("""
        outcome      | measure  | value
        volunteering | attended | 9
        volunteering | members  | 9
        volunteering | attended | 40
        attendance   | attended | 9
        attendance   | members  | 9
    """)
    low, people, larger, first, firsts_people = margins._cost(long, printing())
    assert 0 < low < larger < people < first < firsts_people
    assert first / low == pytest.approx(20) and firsts_people / people == pytest.approx(20)


def test_a_segment_of_one_level_has_the_place_of_that_level_and_any_other_its_own():
    segments = (
        segment("women", sex=("female",)),
        segment("all", sex=("female", "male")),
        segment("old women", sex=("female",), age_band=("75+",)),
        segment("both", sex=("female", "male"), age_band=("61-74", "75+")),
    )
    frame = table("""
        kind    | factor    | level
        level   | sex       | female
        segment | women     | women
        level   | club      | women
        segment | all       | all
        segment | old women | old women
        segment | both      | both
    """)
    assert margins._places(frame, study(segments=segments)) == [
        "sex|female", "sex|female", "club|women", "all|all", "old women|old women", "both|both",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("outcome", "members", "due", "attended", "told"),
    [
        ("volunteering", 20, 20, 5, True), ("volunteering", 20, 20, 4, False),
        ("volunteering", 20, 20, 15, True), ("volunteering", 20, 20, 16, False),
        ("volunteering", 19, 19, 9, False), ("volunteering", 21, 21, 9, True),
        ("attendance", 20, 200, 10, True), ("attendance", 20, 200, 9, False),
        ("attendance", 20, 200, 190, True), ("attendance", 20, 200, 191, False),
    ],
)  # fmt: skip
def test_a_total_is_told_of_twenty_members_with_enough_on_both_sides(
    outcome, members, due, attended, told
):
    counts = {"members": [members], "due": [due], "attended": [attended]}
    cells = pd.DataFrame({"outcome": [outcome], **counts})
    found = margins._printable(cells, study(), RULES)
    assert found == ({outcome: outcome == "attendance"} if told else {})
    why = margins.unprintable(cells, study(), RULES)
    assert (outcome not in {problem.values["outcome"] for problem in why}) == told


def totals(**members):
    rows = [{"outcome": name, "factor": "", "members": float(n)} for name, n in members.items()]
    rows += [row | {"factor": "sex", "members": 99.0} for row in rows]
    return pd.DataFrame(rows)


def test_the_outcome_with_most_members_is_what_others_are_held_against():
    assert margins._base(totals(a=30, b=31, c=29), dict.fromkeys("abc", False)) == "b"


def test_outcomes_that_leave_out_one_to_four_members_do_not_tell_their_number():
    frame = totals(a=30, b=29, c=26, d=25, e=30)
    assert margins._nameless(frame, "a", 5) == ("b", "c")


# ---------------------------------------------------------------- all of it on drawn cells


def listed(outcome, *branches, due=1):
    """Cells of (branch, sex, members, participants); who takes part does so each time."""
    rows = [
        {"branch": branch, "sex": sex, "attended": part * due, "members": count}
        for branch, sex, members, participants in branches
        for part, count in ((1, participants), (0, members - participants))
        if count
    ]
    return pd.DataFrame(rows).assign(outcome=outcome, group="", due=due)


def protected(*cells, counted=None, seed="a", **changes):
    summed = families.summed(pd.concat(cells, ignore_index=True))
    return margins.protected(summed, counted, study(**changes), Rounding(RULES, seed=seed))


def by_level(printed, outcome, factor, measure="members"):
    own = printed[(printed["outcome"] == outcome) & (printed["factor"] == factor)]
    return own.set_index("level")[measure]


@pytest.mark.parametrize(("size", "hidden"), [(4, True), (5, False)])
def test_a_group_of_the_threshold_keeps_its_size_and_a_smaller_one_takes_another_with_it(
    size, hidden
):
    """By hand: with the total and three of four branches known, the fourth is what is left."""
    drawn = listed("volunteering", ("b1", "male", size, 2), ("b2", "male", 30, 12),
                   ("b3", "female", 31, 14), ("b4", "female", 32, 16))  # fmt: skip
    members = by_level(protected(drawn), "volunteering", "branch")
    assert pd.isna(members["b1"]) == hidden
    assert members.isna().sum() == (2 if hidden else 0)


def two_populations(*due):
    """Everybody is asked to volunteer, and of each branch so many are due at sessions."""
    sizes = [("b1", "male", 30, 12), ("b2", "female", 31, 14), ("b3", "male", 32, 16)]
    less = [(b, s, n, 10) for (b, s, _, _), n in zip(sizes, due, strict=True)]
    return listed("volunteering", *sizes), listed("attendance", *less, due=4)


def test_those_whom_one_outcome_leaves_out_are_not_the_difference_of_two_numbers():
    """By hand: 30 − 27 = 3 of branch 1 are left out; branch 2 leaves out 6, and branch 3 nobody."""
    printed = protected(*two_populations(27, 25, 32))
    members = {name: by_level(printed, name, "branch") for name in ("attendance", "volunteering")}
    gap = (members["volunteering"] - members["attendance"]).dropna()
    assert "b1" not in gap and ((gap == 0) | (gap >= 5)).all()
    assert all(own.isna().sum() != 1 for own in members.values())


def test_an_outcome_that_leaves_out_three_in_all_tells_no_number_of_members():
    printed = protected(*two_populations(28, 30, 32))
    for factor in ("", "branch", "sex"):
        assert by_level(printed, "attendance", factor).isna().all()
        assert by_level(printed, "volunteering", factor).notna().all()
        assert by_level(printed, "attendance", factor, "attended").notna().any()


def test_an_outcome_counted_of_other_people_is_protected_too():
    """In branch 1 more are asked to volunteer than are due, so neither is part of the other."""
    due = [("b1", "male", 25, 10), ("b2", "female", 40, 15), ("b3", "male", 30, 10)]
    asked = [("b1", "male", 30, 12), ("b2", "female", 30, 2), ("b3", "male", 30, 14)]
    printed = protected(listed("attendance", *due, due=4), listed("volunteering", *asked))
    came = by_level(printed, "volunteering", "branch", "attended")
    assert pd.isna(came["b2"]) and came.notna().any()
    assert by_level(printed, "attendance", "branch", "attended").notna().all()


def test_the_members_table_is_of_the_primary_outcome_or_of_the_one_that_is_told():
    both = protected(*two_populations(30, 31, 32))
    assert set(both.loc[both["base"], "outcome"]) == {"attendance"}
    assert both.index.tolist() == list(range(len(both)))
    alone = protected(two_populations(30, 31, 32)[0])
    assert set(alone.loc[alone["base"], "outcome"]) == {"volunteering"}


@pytest.mark.parametrize("seed", "abcdef")
def test_a_segment_of_one_level_is_printed_as_that_level_is(seed):
    """Twelve in three draws: another draw for the segment would tell more about the level."""
    drawn = listed("attendance", ("b1", "male", 33, 13), ("b2", "female", 34, 12), due=3)
    told = pd.DataFrame(
        [{"segment": "women", "members": 34, "due": 102, "attended": 36, "barrier": "B-TIME"}]
    )
    women = (segment("women", sex=("female",)),)
    printed = protected(drawn, counted=told, seed=seed, segments=women)
    shown = [SHOWN[name] for name in families.MEASURES]
    level = printed[(printed["factor"] == "sex") & (printed["level"] == "female")]
    own = printed[printed["kind"] == "segment"]
    assert np.array_equal(level[shown].to_numpy(), own[shown].to_numpy()) and len(own) == 1


def test_a_segment_of_every_dimension_is_tied_to_the_levels_it_is_made_of():
    """By hand: 14 women of branch 1, six of whom come to all three sessions."""
    drawn = listed("attendance", ("b1", "male", 33, 13), ("b1", "female", 14, 6),
                   ("b2", "female", 34, 12), due=3)  # fmt: skip
    told = pd.DataFrame([{"segment": "both", "members": 9, "due": 9, "attended": 9}])
    both = (segment("both", sex=("female",), branch=("b1",)),)
    own = protected(drawn, counted=told, segments=both).query("kind == 'segment'")
    assert own[["members", "due", "attended"]].to_numpy().tolist() == [[14, 42, 18]]
