"""Two periods of the same members: counted from slots, compared within members."""

import numpy as np
import pandas as pd
import pytest
from posed import category, outcome, posed
from scipy import stats

from engagement.analysis import panel, seasons
from engagement.errors import StudyError

SEASONS = """
[[season]]
name = "spring"
label = { zh = "春", en = "spring" }
from = 2022-01-01
to = 2022-03-31
[[season]]
name = "summer"
label = { zh = "夏", en = "summer" }
from = 2022-04-01
to = 2022-06-30
"""
STUDY = category("shift", "day night", 'role = "primary"') + outcome("attendance", "panel")


def people(*shifts):
    return pd.DataFrame(
        {"member_id": range(len(shifts)), "branch": "b1", "group": "g1", "due": "yes",
         "shift": list(shifts)}
    )  # fmt: skip


def slots(rows):
    columns = ["member_id", "event_date", "due", "attended"]
    return pd.DataFrame(rows, columns=columns).assign(
        outcome="attendance", asked="unknown", answered="unknown"
    )


def test_slots_are_counted_in_the_season_of_their_day(tmp_path):
    taking_part = slots([
        (0, "2022-01-01", "yes", "yes"),
        (0, "2022-03-31", "yes", "no"),
        (0, "2022-04-01", "yes", "yes"),
        (0, "2022-07-01", "yes", "yes"),
        (1, "2022-05-05", "yes", "no"),
        (1, "2022-05-06", "no", "no"),
        (1, "2022-05-07", "yes", "unknown"),
    ])  # fmt: skip
    found = panel.seasons(people("day", "night"), taking_part, posed(tmp_path, STUDY + SEASONS))
    columns = ["shift", "due_before", "attended_before", "due_after", "attended_after", "members"]
    assert found[columns].to_numpy().tolist() == [["day", 2, 1, 1, 1, 1], ["night", 0, 0, 1, 0, 1]]
    assert set(found["before"]) == {"spring"} and set(found["after"]) == {"summer"}


def pairs(before, after, due=10):
    rows = {
        "before": "spring", "after": "summer", "branch": "b1", "group": "g1", "shift": "day",
        "due_before": due, "attended_before": before, "due_after": due, "attended_after": after,
        "members": 1,
    }  # fmt: skip
    return pd.DataFrame(rows)


def test_the_change_is_that_of_a_paired_t_test(tmp_path):
    before, after = [5, 7, 3, 8, 6, 9, 2, 4], [6, 7, 5, 9, 6, 8, 5, 6]
    study = posed(tmp_path, STUDY + SEASONS)
    found = seasons.findings(pairs(before, after), study).iloc[0]
    test = stats.ttest_rel(np.array(after) / 10, np.array(before) / 10)
    low, high = test.confidence_interval(0.95)
    assert found["estimate"] == pytest.approx(0.1)
    assert (found["conf_low"], found["conf_high"]) == pytest.approx((low, high))
    assert (found["share_before"], found["share_after"]) == pytest.approx((0.55, 0.65))
    assert found["members"] == 8


def test_groups_that_move_together_widen_the_interval(tmp_path):
    study = posed(tmp_path, STUDY + SEASONS)
    group = np.repeat(np.arange(7), 10)
    move = np.where(group % 2 == 0, 2, -2)
    data = pairs(np.full(70, 5), 5 + move).assign(group=[f"g{no}" for no in group])
    data.loc[::10, "attended_after"] += 1
    together = seasons.findings(data, study).iloc[0]
    alone = seasons.findings(data.assign(group="g1"), study).iloc[0]
    assert together["estimate"] == alone["estimate"]
    width = [row["conf_high"] - row["conf_low"] for row in (alone, together)]
    assert width[1] > 2 * width[0]


def test_a_large_group_among_small_ones_leaves_fewer_groups_to_judge_by(tmp_path):
    # 8 + 4 × 2 members weigh like 16² / (8² + 4 × 2²) = 3.2 equal groups: t with 2.2 degrees.
    group = np.repeat(np.arange(5), [8, 2, 2, 2, 2])
    after = np.array([7, 3, 9, 4, 8])[group]
    data = pairs(np.full(16, 5), after).assign(group=[f"g{one}" for one in group])
    found = seasons.findings(data, posed(tmp_path, STUDY + SEASONS)).iloc[0]
    sizes, moves = np.array([8, 2, 2, 2, 2]), np.array([0.2, -0.2, 0.4, -0.1, 0.3])
    change = sizes @ moves / 16
    apart = sizes * (moves - change) / (1 - sizes / 16)
    reach = stats.t.ppf(0.975, 2.2) * np.sqrt((apart**2).sum()) / 16
    assert (found["conf_low"], found["conf_high"]) == pytest.approx(
        (change - reach, change + reach)
    )


def test_who_was_due_in_one_period_only_is_left_out_and_few_are_refused(tmp_path):
    study = posed(tmp_path, STUDY + SEASONS)
    data = pairs([5, 6, 7, 0], [6, 6, 6, 6]).assign(due_before=[10, 10, 10, 0])
    data["shift"] = ["day", "day", "night", "night"]
    found = seasons.findings(data, study).set_index(["term", "level"])
    assert found.loc[("", ""), "members"] == 3
    assert found.loc[("shift", "night"), "note"] == "few_exposed"
    assert np.isnan(found.loc[("shift", "night"), "estimate"])


def test_members_who_all_changed_alike_leave_chance_unknown(tmp_path):
    study = posed(tmp_path, STUDY + SEASONS)
    found = seasons.findings(pairs([5, 5, 5, 5], [7, 7, 7, 7]), study)
    assert set(found["note"]) == {"no_variation"} and found["conf_low"].isna().all()


def test_a_study_without_seasons_has_none(tmp_path):
    study = posed(tmp_path, STUDY)
    counted = panel.seasons(people("day"), slots([(0, "2022-01-01", "yes", "yes")]), study)
    assert counted.empty and seasons.findings(counted, study).empty


@pytest.mark.parametrize(
    ("before", "after"),
    [("2022-04-01", "2022-02-01"), ("2022-01-01", "2023-01-01")],
    ids=["overlapping", "upside down"],
)
def test_seasons_out_of_order_are_refused(tmp_path, before, after):
    with pytest.raises(StudyError) as error:
        posed(tmp_path, STUDY + SEASONS.replace(before, after))
    assert "season" in {problem.values["where"] for problem in error.value.problems}


def test_seasons_need_a_panel(tmp_path):
    with pytest.raises(StudyError):
        posed(tmp_path, STUDY.replace("panel", "list").replace("sign_ins", "volunteers") + SEASONS)


def test_four_states_are_counted_apart():
    taking_part = slots([
        (0, "2022-01-01", "yes", "yes"),
        (0, "2022-01-02", "yes", "unknown"),
        (1, "2022-01-01", "yes", "no"),
        (1, "2022-01-02", "no", "yes"),
    ]).assign(asked=["yes", "unknown", "no", "yes"], answered=["yes", "yes", "unknown", "yes"])  # fmt: skip
    found = panel.states(people("day", "day"), taking_part).set_index("state")
    told = found[["places", "said_yes", "said_no", "not_recorded"]].T.to_dict("list")
    assert told == {
        "due": [4, 3, 1, 0],
        "asked": [3, 1, 1, 1],
        "answered": [3, 2, 0, 1],
        "attended": [3, 1, 1, 1],
    }
