"""What cannot carry a finding is refused with its reason, and never answered with a number."""

import numpy as np
import pandas as pd
import pytest
from posed import category, cells, number, outcome, posed

from engagement.analysis import predictors
from engagement.errors import StudyError

SHIFT = category("shift", "day night", 'role = "primary"')
PANEL = outcome("took_part", "panel")


def members(count=200, seed=1, groups=14):
    """Members with a shift and ten slots each, dealt to groups one after the other."""
    chance = np.random.default_rng(seed)
    return cells(
        pd.DataFrame(
            {
                "shift": chance.choice(["day", "night"], count),
                "due": 10,
                "attended": chance.binomial(10, chance.beta(3, 2, count)),
                "group": [f"g{place % groups}" for place in range(count)],
            }
        )
    )


def notes(data, folder, text=SHIFT + PANEL):
    found = predictors.findings(data, posed(folder, text))
    refused = found[found["verdict"] == "refused"]
    assert refused["estimate"].isna().all() and refused["conf_low"].isna().all()
    return set(refused["note"])


def test_a_factor_with_one_level_stops_the_study_and_names_it(tmp_path):
    with pytest.raises(StudyError) as error:
        predictors.findings(members().assign(shift="day"), posed(tmp_path, SHIFT + PANEL))
    assert [problem.values["where"] for problem in error.value.problems] == ["factors.shift"]


def test_a_level_of_one_person_is_refused(tmp_path):
    data = members().assign(shift="day")
    data.loc[0, "shift"] = "night"
    assert notes(data, tmp_path) == {"few_exposed"}


def test_a_factor_that_is_missing_for_nine_in_ten_is_refused(tmp_path):
    data = members(400)
    data.loc[data.index % 10 != 0, "shift"] = "unknown"
    assert notes(data, tmp_path) == {"mostly_missing"}


@pytest.mark.parametrize("attended", [0, 10])
def test_an_outcome_that_nobody_or_everybody_has_stops_the_study(tmp_path, attended):
    with pytest.raises(StudyError) as error:
        predictors.findings(members().assign(attended=attended), posed(tmp_path, SHIFT + PANEL))
    assert {problem.key for problem in error.value.problems} == {"outcome_constant"}


def test_perfect_separation_is_carried_and_told(tmp_path):
    data = members().assign(due=1)
    data["attended"] = (data["shift"] == "night").astype(int)
    found = predictors.findings(data, posed(tmp_path, SHIFT + outcome()))
    assert set(found["note"]) == {"separation"}
    assert np.isfinite(found[["estimate", "conf_low", "conf_high"]].to_numpy(float)).all()


def test_two_factors_that_say_the_same_are_refused(tmp_path):
    text = SHIFT + category("rota", "early late", 'adjust = ["shift"]') + PANEL
    data = members().assign(rota=lambda rows: rows["shift"].map({"day": "early", "night": "late"}))
    assert notes(data, tmp_path, text) == {"collinear"}


def test_a_consequence_of_the_outcome_is_no_factor(tmp_path):
    text = '[factors.hours]\nkind = "number"\n' + PANEL
    with pytest.raises(StudyError) as error:
        posed(tmp_path, text)
    assert [(one.key, one.values["where"]) for one in error.value.problems] == [
        ("not_a_factor", "factors.hours.field")
    ]


def test_cells_without_a_slot_or_a_member_change_nothing(tmp_path):
    data = members()
    idle = data.iloc[:3].assign(due=0, attended=0)
    nobody = data.iloc[:3].assign(members=0)
    study = posed(tmp_path, SHIFT + PANEL)
    more = predictors.findings(pd.concat([data, idle, nobody], ignore_index=True), study)
    pd.testing.assert_frame_equal(more, predictors.findings(data, study))


@pytest.mark.parametrize("wrong", [0.5, -1.0, np.nan, np.inf])
def test_weights_that_are_not_counts_are_refused(tmp_path, wrong):
    data = members()
    data["members"] = data["members"].astype(float)
    data.loc[0, "members"] = wrong
    with pytest.raises(ValueError, match="counts in 'members'"):
        predictors.findings(data, posed(tmp_path, SHIFT + PANEL))


def test_more_attended_than_due_is_refused(tmp_path):
    with pytest.raises(ValueError, match="more than was due"):
        predictors.findings(members().assign(due=3), posed(tmp_path, SHIFT + PANEL))


def test_a_curve_needs_two_points(tmp_path):
    with pytest.raises(StudyError) as error:
        posed(tmp_path, '[factors.age]\nkind = "curve"\npoints = [50]\n' + PANEL)
    assert [problem.key for problem in error.value.problems] == ["missing_key"]


def test_a_point_beyond_the_members_is_refused(tmp_path):
    data = members().assign(age=lambda rows: 30.0 + rows.index % 40)
    text = '[factors.age]\nkind = "curve"\npoints = [40, 60, 90]\n' + PANEL
    found = predictors.findings(data, posed(tmp_path, text))
    told = found.drop_duplicates("contrast").set_index("contrast")["note"].to_dict()
    assert told == {"60|40": "", "90|40": "few_exposed"}


def test_a_number_is_never_a_share_without_a_unit(tmp_path):
    data = members().assign(size=lambda rows: (rows.index % 7).astype(float))
    found = predictors.findings(data, posed(tmp_path, number("size") + PANEL))
    assert set(found["contrast"]) == {"+2|"}


@pytest.mark.parametrize("groups", [2, 3, 4])
def test_fewer_than_five_groups_never_make_an_answer_surer(tmp_path, groups):
    """With two to four groups either nothing is told, or the interval is no narrower than without."""
    data = members(150, groups=groups)
    study = posed(tmp_path, SHIFT + PANEL)
    rows = [
        predictors.findings(one, study).query("estimand == 'risk_difference'").iloc[0]
        for one in (data, data.assign(group="g0"))
    ]
    few, without = (row["conf_high"] - row["conf_low"] for row in rows)
    assert rows[0]["verdict"] == "refused" or few >= without
    assert np.isfinite(without)


def test_a_factor_of_whole_groups_among_fewer_than_five_claims_nothing(tmp_path):
    """Three groups of fifty, one of them on nights: the factor is the group."""
    data = members(150, groups=3)
    data["shift"] = np.where(data["group"] == "g0", "night", "day")
    assert notes(data, tmp_path) == {"one_group"}


def test_a_share_in_fewer_than_five_groups_is_that_of_these_groups_alone(tmp_path):
    from engagement.analysis import prevalence

    assert prevalence.group_error(members(groups=4)) is None
    assert prevalence.group_error(members(groups=5)) is not None
