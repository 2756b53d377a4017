"""A printed count is one of its two neighbouring multiples, and tells no more."""

from dataclasses import FrozenInstanceError

import numpy as np
import pandas as pd
import pytest
from invented import a_study, tables

from engagement.release import disclosure, rules
from engagement.release.rounding import Rounding, reach

COMMITTEE = rules.read("committee")


def rounded(counts, places=None, base=5, **how):
    counts = pd.Series(counts, dtype=float)
    places = places or [str(place) for place in range(len(counts))]
    return Rounding(COMMITTEE, **how).neighbours(counts, places, base)


def test_a_count_becomes_the_multiple_below_or_above_it_and_a_multiple_stays():
    counts = np.arange(0, 200)
    printed = rounded(counts)
    assert (printed % 5 == 0).all()
    assert ((printed - counts).abs() < 5).all()
    assert (printed[counts % 5 == 0] == counts[counts % 5 == 0]).all()


def test_on_average_rounding_moves_nothing():
    """10,000 places that hold 12: three in five go down to 10, two in five up to 15."""
    printed = rounded([12] * 10_000, [f"place {n}" for n in range(10_000)])
    assert printed.mean() == pytest.approx(12, abs=0.1)
    assert set(printed) == {10, 15}


def test_the_same_data_give_the_same_page_and_other_data_another_draw():
    counts = list(range(101, 200, 2))
    assert rounded(counts, seed="a").equals(rounded(counts, seed="a"))
    assert not rounded(counts, seed="a").equals(rounded(counts, seed="b"))


def test_what_was_printed_before_is_printed_again_as_long_as_it_is_a_neighbour():
    """By hand: 14 was printed as 10; 12, 14 and 9 stay 10; 16 becomes 15, the nearer of 15 and 20;
    10 is itself; 22 becomes 20."""
    earlier = {str(place): 10.0 for place in range(6)}
    assert rounded([12, 14, 9, 16, 10, 22], earlier=earlier).tolist() == [10, 10, 10, 15, 10, 20]


def test_a_multiple_stays_what_it_is_whatever_was_printed_before():
    assert rounded([15, 15], earlier={"0": 20.0, "1": 10.0}).tolist() == [15, 15]


def test_the_nearer_neighbour_of_what_was_printed_is_printed_and_of_two_the_lower():
    """By hand: 15 was printed; 11 lies between 10 and 15, 10 stays 10. Of an older page in fives,
    10 is as near to 8 as to 12."""
    assert rounded([11, 10], earlier={"0": 15.0, "1": 15.0}).tolist() == [15, 10]
    assert rounded([11], base=4, earlier={"0": 10.0}).tolist() == [8]


def test_rules_and_rounding_cannot_be_changed_under_way():
    for held, name in ((COMMITTEE, "threshold"), (Rounding(COMMITTEE), "seed")):
        with pytest.raises(FrozenInstanceError):
            setattr(held, name, 1)


@pytest.mark.parametrize(("members", "attended", "printed"), [(34, 33, 30), (39, 33, 35)])
def test_those_who_took_part_are_never_printed_as_everybody(members, attended, printed):
    """By hand: 34 and 33 would both become 35; then those who took part are 30."""
    row = {"outcome": "volunteering", "place": "sex|male", "members": members, "due": members}
    earlier = {"members||sex|male": members // 5 * 5 + 5, "attended|volunteering|sex|male": 35}
    rounds = Rounding(COMMITTEE, earlier=earlier)
    told = rounds.printed(pd.DataFrame([{**row, "attended": attended}]), {"volunteering": False})
    assert told["attended"].item() == printed < told["members"].item()


def test_a_reader_of_a_printed_count_knows_it_within_one_base():
    low, high = reach(pd.Series([10.0, 150.0]), 5)
    assert list(zip(low, high, strict=True)) == [(6, 14), (146, 154)]


@pytest.fixture(scope="module", params=["committee", "public"])
def release(request):
    return disclosure.control(tables(), a_study(tier=request.param))


def test_every_printed_count_of_people_is_a_multiple(release):
    base, slots = release.rules.rounding, release.rules.rounding_slots
    outcomes, findings = release.tables["outcomes"], release.tables["findings"]
    panel = outcomes["outcome"] == "attendance"
    for counts in (outcomes["members"], release.tables["members"]["members"],
                   release.tables["segments"]["members"], findings["members"]):  # fmt: skip
        assert counts.dropna().mod(base).eq(0).all() and counts.notna().any()
    assert outcomes.loc[panel, ["due", "attended"]].melt()["value"].dropna().mod(slots).eq(0).all()
    assert outcomes.loc[~panel, "attended"].dropna().mod(base).eq(0).all()


def test_shares_and_limits_follow_from_the_printed_counts_alone(release):
    outcomes = release.tables["outcomes"].dropna(subset=["share"])
    assert (outcomes["share"] == outcomes["attended"] / outcomes["due"]).all()
    assert outcomes["share"].between(0, 1, inclusive="neither").all()
    found = release.tables["findings"].query("estimand == 'risk_difference' and released")
    points = found[["estimate", "conf_low", "conf_high", "p0", "p1"]].to_numpy() * 100
    assert np.allclose(points, points.round(), equal_nan=True)


def test_the_base_rate_is_told_from_the_printed_counts():
    """By hand: of 150 members 10 take part, of the other 8,750 residents 90: 6.67 % by 1.03 %."""
    drawn = tables()
    row = {"outcome": "volunteering", "term": "population", "contrast": "members|residents",
           "estimand": "rate_ratio", "estimate": 9.9, "conf_low": 3.3, "conf_high": 15.5,
           "p_value": 0.00004, "members": 152, "events": 10, "method": "exact_conditional",
           "verdict": "clear", "p0": 0.009, "p1": 10 / 152, "expected": 1.7, "participants": 100}  # fmt: skip
    counts = [("b1", 1, 10), ("b1", 0, 90), ("b2", 0, 50)]
    cells = pd.DataFrame(counts, columns=["branch", "attended", "members"])
    drawn["cells"] = cells.assign(outcome="volunteering", group="", due=1)
    drawn["findings"] = pd.DataFrame([row])
    drawn["segments"] = None
    study = a_study(factors={}, segments=(), claims=())
    found = disclosure.control(drawn, study).tables["findings"].iloc[0]
    assert found["estimate"] == pytest.approx((10 / 150) / (90 / 8750))
    assert found["expected"] == pytest.approx(100 * 150 / 8900)
    assert found["conf_low"] < found["estimate"] < found["conf_high"]
    assert found["p_value"] == 0.01


@pytest.mark.parametrize(
    "change", [lambda t: t.assign(members=100), lambda t: t.head(3), lambda t: t.sort_values("level")]
)  # fmt: skip
def test_a_seal_does_not_fit_a_table_that_was_changed(release, change):
    table = release.tables["outcomes"]
    assert disclosure.require(table) is table
    changed = change(table)
    assert "release" in changed.attrs
    with pytest.raises(TypeError):
        disclosure.require(changed)
