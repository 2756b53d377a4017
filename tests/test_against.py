"""Few, compared with what: each yardstick by hand, under each definition, with what would turn it."""

import numpy as np
import pandas as pd
import pytest
from posed import category, cells, outcome, posed

from engagement.analysis import against, prevalence
from engagement.analysis.baserate import Around
from engagement.errors import StudyError

LISTED = category("shift", "day night") + outcome("volunteering", "list")
AROUND = """
[population]
label = { zh = "居民", en = "residents" }
total = 8900
adults = 7000
"""
PANEL = category("shift", "day night") + outcome("attendance", "panel")
EARLIER = """
[[earlier]]
outcome = "attendance"
label = { zh = "去年", en = "last year" }
members = 100
due = 1000
attended = 700
"""
NO_GAPS = pd.DataFrame({"outcome": [], "due": [], "attended": [], "unknown": [], "members": []})


def listed(events, members=173):
    rows = pd.DataFrame({"attended": [1] * events + [0] * (members - events), "shift": "day"})
    return cells(rows, "volunteering")


def defined(**by_definition):
    return pd.concat(
        [data.assign(definition=name) for name, data in by_definition.items()], ignore_index=True
    )


def panel(attended, members=100):
    rows = pd.DataFrame({"attended": np.resize(attended, members), "shift": "day", "due": 10})
    return cells(rows, "attendance")


def test_the_mission_table_under_two_definitions(tmp_path):
    """104 people listed of 8,900: five members are 2.5 times the others, none is no answer."""
    study = posed(tmp_path, LISTED + AROUND)
    both = defined(strict=listed(0), declared=listed(5))
    found = against.table(both, NO_GAPS, {"strict": 104, "declared": 104}, study)
    told = found.set_index(["definition", "against"])
    assert list(told.index) == [
        ("strict", "residents"), ("strict", "adults"), ("declared", "residents"), ("declared", "adults")
    ]  # fmt: skip
    assert told.loc[("declared", "residents"), "estimate"] == pytest.approx(2.5, abs=0.05)
    assert told.loc[("declared", "residents"), "expected"] == pytest.approx(2.02, abs=0.01)
    assert told.loc[("strict", "residents"), "verdict"] == "cannot_be_told"


def test_how_many_would_have_to_be_wrong_is_found_by_trying_each(tmp_path):
    """Ten of 173 on a list of 104: the limits leave one down to five members, not to four."""
    around = Around(10, 173, 104, 8900)
    count = int(against.changed(around))
    low = [
        against.baserate.line(around._replace(events=10 - no))["conf_low"] > 1
        for no in (count - 1, count)
    ]
    assert low == [True, False]
    none = Around(0, 173, 104, 8900)
    more = int(against.changed(none))
    high = [
        against.baserate.line(none._replace(events=no, participants=104 + no))["conf_low"] > 1
        for no in (more - 1, more)
    ]
    assert high == [False, True]


def test_a_count_that_no_error_could_turn_has_no_number():
    """One member of fifty people: whether listed or not, nothing can be told."""
    assert np.isnan(against.changed(Around(0, 1, 3, 50)))


def test_last_time_is_compared_by_both_intervals(tmp_path):
    study = posed(tmp_path, PANEL + EARLIER)
    data = panel([4, 6, 5, 7, 3])
    found = against.table(defined(declared=data), NO_GAPS, {}, study).iloc[0]
    now = prevalence.panel_share(data)
    assert (found["share"], found["yardstick"]) == pytest.approx((0.5, 0.7))
    effective = 0.25 / now[1] ** 2
    low0, high0 = prevalence.wilson(0.7 * min(effective, 100), min(effective, 100))
    assert found["conf_low"] == pytest.approx(-0.2 - np.hypot(0.5 - now[2], high0 - 0.7))
    assert found["conf_high"] == pytest.approx(-0.2 + np.hypot(now[3] - 0.5, 0.7 - low0))
    assert found["verdict"] == "lower"
    assert found["expected"] == pytest.approx(700)


def test_the_unrecorded_slots_that_would_turn_a_comparison_with_last_time(tmp_path):
    study = posed(tmp_path, PANEL + EARLIER)
    data = panel([4, 6, 5, 7, 3])
    found = against.table(defined(declared=data), NO_GAPS, {}, study).iloc[0]
    verdicts = []
    for more in (int(found["turning"]) - 1, int(found["turning"])):
        changed = against.tipping.attended_more(data, pd.Series(True, index=data.index), more)
        again = against.table(defined(declared=changed), NO_GAPS, {}, study).iloc[0]
        verdicts.append(again["verdict"])
    assert verdicts[0] == "lower" != verdicts[1]


def test_the_band_is_that_of_the_gaps_and_stands_with_the_declared_definition_alone(tmp_path):
    """100 of 200 slots attended, 50 without a record: from 40 to 60 percent."""
    study = posed(tmp_path, PANEL + EARLIER)
    data = panel([5], members=20)
    gaps = pd.DataFrame(
        {"outcome": "attendance", "due": [10], "attended": [5], "unknown": [2.5], "members": [20]}
    )
    both = defined(declared=data, broad=data)
    found = against.table(both, gaps, {}, study).set_index("definition")
    assert tuple(found.loc["declared", ["if_none", "if_all"]]) == pytest.approx((0.4, 0.6))
    assert found.loc["broad", ["if_none", "if_all"]].isna().all()


def test_a_study_without_a_yardstick_has_no_row(tmp_path):
    found = against.table(defined(declared=panel([5, 6])), NO_GAPS, {}, posed(tmp_path, PANEL))
    assert found.empty and "verdict" in found


BY_SHIFT = EARLIER + 'factor = "shift"\nlevels = { day = [600, 480], night = [400, 220] }\n'


def test_last_time_is_made_up_as_today_where_its_levels_are_known(tmp_path):
    """80 % of days and 55 % of nights, today three days to one night: 73.75 % expected."""
    study = posed(tmp_path, PANEL + BY_SHIFT)
    data = panel([4, 6, 5, 7, 3])
    data["shift"] = np.where(np.arange(100) % 4 == 0, "night", "day")
    found = against.table(defined(declared=data), NO_GAPS, {}, study).iloc[0]
    assert found["yardstick"] == pytest.approx(0.75 * 0.80 + 0.25 * 0.55)
    assert found["expected"] == pytest.approx(737.5)
    assert found["method"] == "indirect" and found["verdict"] == "lower"
    now = prevalence.panel_share(data)
    effective = min(100, 0.25 / now[1] ** 2)
    parts = [(0.75, 0.80, 0.6), (0.25, 0.55, 0.4)]
    highs = [w * (prevalence.wilson(p * f * effective, f * effective)[1] - p) for w, p, f in parts]
    assert found["conf_low"] == pytest.approx(
        found["estimate"] - np.hypot(now[0] - now[2], np.hypot(*highs))
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("attended = 700", "attended = 1700"),
        ("members = 100", "members = 0"),
        ("night = [400, 220]", "night = [400, 420]"),
        ("night = [400, 220]", "night = [0, 0]"),
        (", night = [400, 220]", ""),
        ('factor = "shift"', 'factor = "sex"'),
        ('outcome = "attendance"', 'outcome = "presence"'),
    ],
)
def test_a_last_report_that_cannot_be_is_refused_with_its_place(tmp_path, before, after):
    assert before in BY_SHIFT
    with pytest.raises(StudyError) as error:
        posed(tmp_path, PANEL + BY_SHIFT.replace(before, after))
    assert all("earlier 1" in problem.values["where"] for problem in error.value.problems)
