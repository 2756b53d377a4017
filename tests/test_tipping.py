"""How much would have to be unrecorded: brute force on small cells."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from posed import category, outcome, posed

from engagement.analysis import comparison, tipping

STUDY = category("shift", "day night", 'role = "primary"') + outcome("attendance", "panel")
NONE = pd.DataFrame(columns=["unit", "sessions"])


def gaps(rows):
    """Members as (shift, due, attended, unknown, members), spread over four groups."""
    columns = ["shift", "due", "attended", "unknown", "members"]
    table = pd.DataFrame(rows, columns=columns)
    groups = [f"g{no % 4}" for no in range(len(table))]
    return table.assign(branch="b1", group=groups, outcome="attendance")


def spread(shift, size, attended, due=10, unknown=0):
    """Members one by one around `attended`, one more and one fewer in turn."""
    return [(shift, due, attended + no % 3 - 1, unknown, 1) for no in range(size)]


@pytest.fixture
def study(tmp_path):
    return posed(tmp_path, STUDY)


def test_the_fewest_is_the_first_that_a_plain_count_finds(study):
    cells = gaps(spread("day", 24, 7) + spread("night", 24, 5))
    row = tipping.findings(cells, NONE, study).iloc[0]
    factor = study.factors["shift"]
    inside = cells["shift"] == "night"

    def interval(number):
        changed = tipping.attended_more(cells, inside, number)
        return comparison.lines(changed, factor, study.primary, study)[0]["conf_high"]

    first = next(k for k in range(int(row["missed"]) + 1) if interval(k) >= 0)
    assert (row["term"], row["contrast"], row["level"]) == ("shift", "night|day", "night")
    assert row["conf_high"] < 0
    assert row["needed"] == first > 1


def test_the_count_agrees_with_cells_changed_by_hand(study):
    """One due slot each: an absence that was an attendance moves a member from one cell to the
    other, which needs no rule of spreading."""

    def binary(turned):
        rows = []
        for group in range(4):  # five absences in each of four groups, turned one group at a time
            more = turned // 4 + (group < turned % 4)
            members = [("day", 1, 6), ("day", 0, 1), ("night", 1, 2 + more), ("night", 0, 5 - more)]
            rows += [(shift, 1, came, 0, size, f"g{group}") for shift, came, size in members]
        columns = ["shift", "due", "attended", "unknown", "members", "group"]
        table = pd.DataFrame(rows, columns=columns)
        return table[table["members"] > 0].assign(branch="b1", outcome="attendance")

    row = tipping.findings(binary(0), NONE, study).iloc[0]
    factor = study.factors["shift"]
    first = next(
        k
        for k in range(21)
        if comparison.lines(binary(k), factor, study.primary, study)[0]["conf_high"] >= 0
    )
    assert row["missed"] == 20
    assert row["needed"] == first > 0


def test_the_group_with_the_lower_share_is_the_one_that_is_filled(study):
    row = tipping.findings(gaps(spread("day", 24, 4) + spread("night", 24, 7)), NONE, study).iloc[0]
    assert row["estimate"] > 0
    assert row["level"] == "day"
    assert row["missed"] == 24 * 6


def test_without_a_difference_there_is_nothing_to_erase(study):
    row = tipping.findings(gaps(spread("day", 12, 5) + spread("night", 12, 5)), NONE, study).iloc[0]
    assert row["verdict"] == "nothing_to_erase"
    assert math.isnan(row["needed"])


def test_the_band_counts_what_has_no_record_for_one_group_and_against_the_other(study):
    """Plain rates, since nothing is adjusted for: 6 and 4 of 10, 5 slots each without a record."""
    rows = [
        ("day", 10, 5, 5, 6),
        ("day", 10, 7, 5, 6),
        ("night", 10, 3, 5, 6),
        ("night", 10, 5, 5, 6),
    ]
    row = tipping.findings(gaps(rows), NONE, study).iloc[0]
    assert row["unrecorded"] == 12 * 5
    # night all, day none: 9/15 − 6/15; night none, day all: 4/15 − 11/15. The estimator keeps
    # mean shares but for the pull of the penalty on slopes.
    assert row["band_high"] == pytest.approx(3 / 15, abs=0.01)
    assert row["band_low"] == pytest.approx(-7 / 15, abs=0.02)


def test_a_difference_that_gaps_can_turn_could_vanish_and_one_that_they_cannot_stands(study):
    open_ = tipping.findings(
        gaps(spread("day", 24, 7, unknown=8) + spread("night", 24, 5, unknown=8)), NONE, study
    )
    shut = tipping.findings(gaps(spread("day", 24, 7) + spread("night", 24, 5)), NONE, study)
    assert open_["verdict"].tolist() == ["could_vanish"]
    assert shut["verdict"].tolist() == ["stands"]
    assert shut.loc[0, ["band_low", "band_high"]].tolist() == pytest.approx(
        [shut.loc[0, "estimate"]] * 2
    )


def test_sessions_on_no_sheet_are_slots_without_a_record(study):
    cells = gaps([("day", 10, 5, 1, 2), ("night", 10, 5, 0, 2)])  # groups g0 and g1 of b1
    lacking = pd.DataFrame({"unit": ["g0", "b1", "b1"], "sessions": [2, 3, 1]})
    assert tipping.with_missing(cells, lacking)["unknown"].tolist() == [1 + 2 + 4, 4]


def test_the_overall_band_is_a_fraction_of_every_slot_due():
    cells = gaps([("day", 10, 5, 2, 3), ("night", 10, 4, 1, 1)])
    # due 40, attended 19, without a record 7
    assert tipping.known_gaps(cells) == {"due": 40, "attended": 19, "unknown": 7, "missed": 21}
    assert tipping.band(cells) == pytest.approx((19 / 47, 26 / 47))


CELL = st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(1, 5))


@given(st.lists(CELL, min_size=1, max_size=6), st.data())
def test_absences_become_attendances_and_nothing_else_changes(drawn, data):
    rows = [("day", max(a, b), min(a, b), 0, members) for a, b, members in drawn]
    cells = gaps([*rows, ("night", 5, 2, 0, 3)])
    inside = cells["shift"] == "day"
    missed = sum((due - attended) * members for _, due, attended, _, members in rows)
    if not missed:
        return
    number = data.draw(st.integers(0, missed))
    changed = tipping.attended_more(cells, inside, number)
    before, after = ((c["attended"] * c["members"]).sum() for c in (cells, changed))
    assert after - before == number
    assert changed["members"].sum() == cells["members"].sum()
    assert (changed["attended"] <= changed["due"]).all()
    night = changed[changed["shift"] == "night"]
    assert night[["due", "attended", "members"]].to_numpy().tolist() == [[5, 2, 3]]


def test_where_all_absences_together_do_not_erase_it_nothing_is_named():
    cells = gaps([("day", 10, 5, 0, 2), ("night", 10, 5, 0, 2)])
    assert math.isnan(tipping.fewest(cells, cells["shift"] == "day", lambda changed: False))


@given(st.integers(1, 40))
def test_halving_finds_the_threshold_of_any_rule(threshold):
    cells = gaps([("day", 10, 0, 0, 4)])
    base = int((cells["attended"] * cells["members"]).sum())
    inside = np.array([True])
    found = tipping.fewest(
        cells,
        pd.Series(inside),
        lambda c: (c["attended"] * c["members"]).sum() - base >= threshold,
    )
    assert found == threshold
