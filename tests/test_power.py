"""The printed power is the power: other chances, the same design, within three points."""

import numpy as np
import pytest

from engagement.analysis import power, trial

COMMUNITY = power.Assumed(
    groups=(20, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 6, 4), share=0.6, slots=31, last_slots=34
)
DESIGNS = ("individuals", "stepped_wedge", "lottery")


@pytest.mark.parametrize("design", DESIGNS)
def test_a_pilot_claims_an_effect_where_there_is_none_no_more_than_one_time_in_twenty(design):
    found = power.simulated(design, COMMUNITY, 0.0, sets=2000, seed=71, share=0.3)
    error = np.sqrt(0.05 * 0.95 / 2000)
    assert (found.p_value < trial.LEVEL).mean() <= 0.055 + 2 * error


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("difference", [0.05, 0.10])
def test_the_printed_power_holds_with_other_chances(design, difference):
    printed = power.power(design, COMMUNITY, difference)
    again = power.power(design, COMMUNITY, difference, sets=4000, seed=99)
    assert printed == pytest.approx(again, abs=0.03)


@pytest.mark.parametrize("design", DESIGNS)
def test_the_detectable_difference_is_seen_four_times_in_five(design):
    least = power.detectable(design, COMMUNITY, sets=1000)
    assert power.power(design, COMMUNITY, least, sets=2000, seed=5) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_of_simulated_years_hold_the_truth(design):
    found = power.simulated(design, COMMUNITY, 0.08, sets=400, seed=21, limits=True)
    covered = (found.conf_low <= 0.08) & (found.conf_high >= 0.08)
    # 93 to 98 %, and two errors of 400 sets
    assert 0.93 - 0.022 <= covered.mean() <= 0.98 + 0.014


def test_no_power_for_a_handful_of_members_is_said_with_no_detectable_difference():
    few = power.Assumed(groups=(2, 2, 2), share=0.5, slots=3, last_slots=3)
    assert np.isnan(power.detectable("individuals", few, sets=200))


def test_what_a_pilot_is_worth_adds_up_over_its_verdicts():
    told = power.worth("individuals", COMMUNITY, (0.0, 0.1), 0.1, sets=400)
    assert sum(told.values()) == pytest.approx(1)
    sure = power.worth("individuals", COMMUNITY, (0.25, 0.25), 0.1, sets=200)
    assert sure["helped"] > 0.98
    none = power.worth("individuals", COMMUNITY, (0.0, 0.0), 0.1, sets=400)
    assert none["helped"] <= 0.05 and none["did_not_help"] > 0.8
