"""Shares with their intervals, and few compared with what."""

import numpy as np
import pandas as pd
import pytest
from posed import category, cells, outcome, posed
from scipy import stats

from engagement import exact
from engagement.analysis import baserate, prevalence

STUDY = category("shift", "day night") + outcome("attendance", "panel")
LISTED = category("shift", "day night") + outcome("volunteering", "list")


@pytest.mark.parametrize(
    ("events", "share", "low", "high"),
    [
        (0, 0.0, 0.0, 2.1),
        (2, 1.2, 0.1, 4.1),
        (3, 1.7, 0.4, 5.0),
        (5, 2.9, 0.9, 6.6),
        (10, 5.8, 2.8, 10.4),
    ],
)
def test_members_among_volunteers_have_the_exact_limits_of_the_mission_table(
    events, share, low, high
):
    found = exact.share(events, 173)
    assert [round(100 * events / 173, 1), *(round(100 * end, 1) for end in found)] == [
        share,
        low,
        high,
    ]


@pytest.mark.parametrize(
    ("events", "others", "ratio", "few", "many"),
    [
        (0, 1.19, 0, 0.13, 1),
        (2, 1.17, 1.0, 0.67, 0.60),
        (3, 1.16, 1.5, 0.86, 0.33),
        (5, 1.13, 2.5, 0.98, 0.05),
    ],
)
def test_few_is_compared_with_residents_as_in_the_mission_table(events, others, ratio, few, many):
    line = baserate.line(baserate.Around(events, 173, 104, 8900))
    assert round(100 * line["p0"], 2) == others
    assert round(line["estimate"], 1) == ratio
    assert (round(line["this_few"], 2), round(line["this_many"], 2)) == (few, many)
    assert round(line["expected"], 1) == 2.0


def test_ten_members_among_volunteers_are_far_more_than_residents():
    line = baserate.line(baserate.Around(10, 173, 104, 8900))
    assert (round(line["estimate"], 1), round(line["this_few"], 2)) == (5.4, 1.0)
    assert line["this_many"] < 0.001


def test_with_seven_thousand_adults_the_table_gives_two_other_chances():
    assert round(baserate.line(baserate.Around(0, 173, 104, 7000))["this_few"], 2) == 0.07
    assert round(baserate.line(baserate.Around(5, 173, 104, 7000))["this_many"], 2) == 0.11
    assert round(baserate.line(baserate.Around(0, 173, 104, 7000))["expected"], 1) == 2.6


def test_the_exact_ratio_is_the_one_at_which_the_binomial_tails_are_a_fortieth():
    low, high = exact.ratio(5, 173, 99, 8727)
    for ratio, tail in (
        (low, lambda p: stats.binom.sf(4, 104, p)),
        (high, lambda p: stats.binom.cdf(5, 104, p)),
    ):
        share = ratio * 173 / (ratio * 173 + 8727)
        assert tail(share) == pytest.approx(0.025, abs=1e-9)


def test_more_participants_than_people_are_refused():
    with pytest.raises(ValueError, match="do not fit together"):
        baserate.line(baserate.Around(5, 173, 4, 8900))


def test_wilson_limits_are_those_of_newcombe():
    # Newcombe 1998, Stat Med 17:857, table I, method 3: 81/263 and 15/148.
    assert [round(end, 4) for end in prevalence.wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(end, 4) for end in prevalence.wilson(15, 148)] == [0.0624, 0.1605]


def test_a_panel_share_is_the_ratio_whose_error_was_worked_out_by_hand():
    # Two members 2 of 4, one member 4 of 4, one 0 of 4: ratio 8/16; residuals 0, 0, 2, -2;
    # error = sqrt(4/3 * 8) / 16.
    drawn = pd.DataFrame({"due": 4, "attended": [2, 4, 0], "members": [2, 1, 1]})
    share, error, low, high = prevalence.panel_share(drawn)
    assert (share, error) == (0.5, pytest.approx(np.sqrt(32 / 3) / 16))
    reach = 3.182446305284263 * np.sqrt(32 / 3) / 16 / 0.25  # t with 3 degrees of freedom
    assert (low, high) == (
        pytest.approx(1 / (1 + np.exp(reach))),
        pytest.approx(1 / (1 + np.exp(-reach))),
    )


def test_a_panel_that_everybody_attended_keeps_an_honest_lower_limit():
    drawn = pd.DataFrame({"due": 4, "attended": 4, "members": [10]})
    share, _, low, high = prevalence.panel_share(drawn)
    # The rule for 10 of 10: (1/40)^(1/10).
    assert (share, low, high) == (1.0, pytest.approx(0.025**0.1), 1.0)


def test_every_level_is_told_with_its_members(tmp_path):
    rows = pd.DataFrame(
        {
            "shift": ["day", "night", "unknown"],
            "due": 10,
            "attended": [8, 2, 5],
            "members": [5, 4, 1],
        }
    )
    found = prevalence.findings(cells(rows, "attendance"), posed(tmp_path, STUDY))
    told = found[["term", "contrast", "estimate", "members", "events"]].values.tolist()
    assert told == [
        ["", "", pytest.approx(53 / 100), 10, 53],
        ["shift", "day", 0.8, 5, 40],
        ["shift", "night", 0.2, 4, 8],
        ["shift", "unknown", 0.5, 1, 5],
    ]
    assert set(found["verdict"]) == {"described"}


def test_matches_under_review_are_a_second_row_not_a_decision(tmp_path):
    rows = pd.DataFrame(
        {
            "shift": "day",
            "attended": [1, 0, 0],
            "attended_with_review": [1, 1, 0],
            "members": [3, 2, 168],
        }
    )
    found = prevalence.findings(cells(rows, "volunteering"), posed(tmp_path, LISTED))
    overall = found[found["term"] == ""].set_index("contrast")
    assert overall["events"].to_dict() == {"": 3, "with_review": 5}
    assert round(100 * overall.loc["", "conf_high"], 1) == 5.0


def test_the_base_rate_has_one_row_per_declared_population(tmp_path):
    text = (
        LISTED
        + '[population]\nlabel = { zh = "居民", en = "residents" }\ntotal = 8900\nadults = 7000\n'
    )
    rows = pd.DataFrame(
        {"shift": "day", "attended": [1, 0], "attended_with_review": [1, 0], "members": [5, 168]}
    )
    found = prevalence.base_rate(
        cells(rows, "volunteering"), posed(tmp_path, text), participants=104
    )
    assert list(found["contrast"]) == ["members|residents", "members|adults"]
    assert [round(chance, 2) for chance in found["this_many"]] == [0.05, 0.11]
    assert list(found["verdict"]) == ["cannot_be_told", "cannot_be_told"]


def test_without_a_population_nothing_is_compared(tmp_path):
    rows = pd.DataFrame(
        {"shift": "day", "attended": [1], "attended_with_review": [1], "members": [5]}
    )
    assert prevalence.base_rate(
        cells(rows, "volunteering"), posed(tmp_path, LISTED), participants=9
    ).empty
