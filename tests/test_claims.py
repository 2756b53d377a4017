"""What people say, held against the counts."""

import numpy as np
import pandas as pd
import pytest
from posed import category, cells, outcome, posed

from engagement.analysis import claims, predictors, prevalence

AGE = '[factors.age_band]\nfield = "age"\nkind = "ordered"\nbands = [18, 36, 61, 75]\nreference = "36-60"\n'


def claim(kind, more=""):
    return f'[[claim]]\nname = "said"\nkind = "{kind}"\ntext = {{ zh = "某说法", en = "a statement" }}\n{more}\n'


def judged(folder, data, text, outcomes=None):
    study = posed(folder, AGE + (outcomes or outcome("attendance", "panel")) + text)
    found = predictors.findings(data, study)
    row = claims.findings(data, found, study)
    assert list(row["term"]) == ["said"]
    return row.iloc[0], found


def members(old, young, unknown=0):
    rows = pd.DataFrame(
        {"age_band": ["75+", "36-60", "unknown"], "members": [old, young, unknown], "due": 10}
    )
    rows = pd.concat([rows.assign(attended=3), rows.assign(attended=7)])
    return cells(rows[rows["members"] > 0], "attendance")


MOSTLY = claim("share", 'factor = "age_band"\nlevels = ["61-74", "75+"]\nabove = 0.5')


@pytest.mark.parametrize(
    ("old", "young", "unknown", "verdict"),
    [
        (60, 40, 0, "holds"),
        (40, 60, 0, "does_not_hold"),
        (50, 50, 0, "does_not_hold"),
        (48, 40, 12, "cannot_be_told"),
        (51, 20, 29, "holds"),
    ],
)
def test_most_members_is_an_exact_count_whose_limits_are_the_unrecorded(
    tmp_path, old, young, unknown, verdict
):
    row, _ = judged(tmp_path, members(old, young, unknown), MOSTLY)
    assert row["verdict"] == verdict
    assert row["method"] == "exact_count"
    total = old + young + unknown
    assert (row["conf_low"], row["conf_high"]) == pytest.approx(
        (old / total, (old + unknown) / total)
    )


def test_a_share_of_those_who_took_part_has_a_sampling_interval(tmp_path):
    text = claim("share", 'outcome = "attendance"\nabove = 0.5\ndirection = "lower"')
    data = members(30, 30)
    row, _ = judged(tmp_path, data, text)
    assert row["method"] == "member_logit"
    assert (row["conf_low"], row["conf_high"]) == prevalence.panel_share(data)[2:]
    assert row["verdict"] == "cannot_be_told"


def apart(old, young):
    """40 older and 60 younger members, who attended `old` and `young` of 10 on average."""
    chance = np.random.default_rng(4)
    bands = ["75+"] * 40 + ["36-60"] * 60
    spread = chance.choice([-1, 0, 1], 100)
    base = np.array([old] * 40 + [young] * 60)
    return cells(
        pd.DataFrame({"age_band": bands, "due": 10, "attended": np.clip(base + spread, 0, 10)}),
        "attendance",
    )


LESS = 'outcome = "attendance"\nfactor = "age_band"\nlevels = ["75+"]\nagainst = ["36-60"]\ndirection = "lower"'


@pytest.mark.parametrize(
    ("old", "young", "verdict"), [(3, 7, "holds"), (7, 3, "does_not_hold"), (5, 5, "does_not_hold")]
)
def test_a_contrast_is_read_from_its_finding(tmp_path, old, young, verdict):
    row, found = judged(tmp_path, apart(old, young), claim("contrast", LESS))
    own = found[(found["contrast"] == "75+|36-60") & (found["estimand"] == "risk_difference")].iloc[
        0
    ]
    assert row["estimate"] == own["estimate"]
    assert row["verdict"] == verdict


def test_a_wide_interval_tells_nothing(tmp_path):
    data = apart(5, 6)
    data["attended"] = np.where(np.arange(100) % 2, 10, 1)
    row, _ = judged(tmp_path, data, claim("contrast", LESS))
    assert row["verdict"] == "cannot_be_told"


def test_joined_levels_are_compared_anew(tmp_path):
    chance = np.random.default_rng(4)
    bands = np.repeat(["18-35", "36-60", "61-74", "75+"], 25)
    data = cells(
        pd.DataFrame({"age_band": bands, "due": 10, "attended": chance.integers(0, 11, 100)}),
        "attendance",
    )
    text = claim("contrast", 'factor = "age_band"\nlevels = ["61-74", "75+"]\ndirection = "lower"')
    row, _ = judged(tmp_path, data, text)
    assert (row["contrast"], row["members"]) == ("61-74+75+|rest", 100)
    # One binary factor with as many slots for all: the fitted shares are pulled to a half by the
    # penalty alone, within half a slot of the plain ones.
    plain = data["attended"][50:].mean() / 10 - data["attended"][:50].mean() / 10
    assert row["estimate"] == pytest.approx(plain, abs=0.002)


def test_a_claim_that_was_no_declared_contrast_pays_for_all_that_were(tmp_path):
    # Two primary contrasts and one joined claim: its p-value is multiplied by three.
    chance = np.random.default_rng(4)
    bands = np.repeat(["18-35", "36-60", "61-74"], 40)
    attended = chance.integers(0, 11, 120) - (bands == "61-74") * 1
    data = cells(
        pd.DataFrame({"age_band": bands, "due": 10, "attended": attended.clip(0)}), "attendance"
    )
    text = claim(
        "contrast", 'factor = "age_band"\nlevels = ["18-35", "36-60"]\ndirection = "higher"'
    )
    study = posed(tmp_path, AGE + 'role = "primary"\n' + outcome("attendance", "panel") + text)
    found = predictors.findings(data, study)
    row = claims.findings(data, found, study).iloc[0]
    assert row["p_adjusted"] == pytest.approx(min(1, 3 * row["p_value"]))


def test_what_would_let_the_records_tell_is_named(tmp_path):
    unknown, _ = judged(tmp_path, members(48, 40, 12), MOSTLY)
    assert (unknown["needed"], unknown["needed_members"]) == ("records", 24)  # both halves drawn
    data = apart(5, 6)
    data["attended"] = np.where(np.arange(100) % 2, 10, 1)
    wide, found = judged(tmp_path, data, claim("contrast", LESS))
    times = (found["detectable"].iloc[0] / 0.10) ** 2
    assert wide["needed"] == "members"
    assert wide["needed_members"] == np.ceil(100 * times)
    attitude, _ = judged(tmp_path, members(40, 60), claim("attitude"))
    assert attitude["needed"] == "survey"


def test_an_attitude_is_not_observed(tmp_path):
    row, _ = judged(tmp_path, members(40, 60), claim("attitude"))
    assert row["verdict"] == "not_observable"
    assert np.isnan(row["estimate"])


def test_no_claims_are_no_rows(tmp_path):
    study = posed(tmp_path, AGE + outcome("attendance", "panel"))
    data = members(40, 60)
    assert claims.findings(data, predictors.findings(data, study), study).empty


def test_a_claim_about_a_category_reads_its_levels(tmp_path):
    text = category("shift", "day night") + claim("share", 'factor = "shift"\nlevels = ["night"]')
    study = posed(tmp_path, text + outcome("attendance", "panel"))
    data = cells(
        pd.DataFrame({"shift": ["night", "day"], "attended": [1, 0], "members": [9, 3]}),
        "attendance",
    )
    assert claims.findings(data, pd.DataFrame(columns=["outcome"]), study)["estimate"].tolist() == [
        0.75
    ]
