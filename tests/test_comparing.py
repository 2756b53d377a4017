"""Few, compared with what, in words: every yardstick is named, and none is passed over."""

import numpy as np
import pandas as pd
import pytest
from posed import category, outcome, posed

from engagement import notebook
from engagement.analysis import comparing

STUDY = (
    category("shift", "day night")
    + outcome("attendance", "panel")
    + outcome("volunteering", "list", primary=False)
    + """
[population]
label = { zh = "居民", en = "residents" }
total = 8900
[benchmark]
label = { zh = "全国", en = "the nation" }
factor = "shift"
figures = { day = 1, night = 2 }
[[earlier]]
outcome = "attendance"
label = { zh = "去年", en = "last year" }
members = 100
due = 1000
attended = 700
[[season]]
name = "spring"
label = { zh = "春季", en = "spring" }
from = 2022-01-01
to = 2022-03-31
[[season]]
name = "summer"
label = { zh = "夏季", en = "summer" }
from = 2022-04-01
to = 2022-06-30
"""
)


@pytest.fixture
def study(tmp_path):
    return posed(tmp_path, STUDY)


def rates(*rows):
    numbers = {"share": 0.4, "yardstick": 0.5, "estimate": -0.1, "conf_low": -0.2}
    numbers |= {"conf_high": 0.02, "expected": 500.0, "members": 100, "events": 400}
    columns = ["outcome", "definition", "against", "verdict", "turning", "note"]
    return pd.DataFrame(rows, columns=columns).assign(**numbers)


def text(study, *told):
    return notebook.said(study, *told).data


def test_the_answer_names_every_yardstick_with_its_verdict(study):
    table = rates(
        ("volunteering", "declared", "residents", "higher", 5.0, ""),
        ("attendance", "declared", "benchmark", "no_important", np.nan, ""),
        ("attendance", "declared", "earlier", "cannot_be_told", 40.0, ""),
        ("attendance", "strict", "earlier", "lower", 40.0, ""),
    )
    told = text(study, comparing.few(table, study))
    for part in (
        "高于居民（volunteering）", "与全国（attendance）没有重要差异",
        "比去年（attendance）高还是低，现有数据无法判断", "higher than residents (volunteering)",
        "no important difference from the nation (attendance)",
        "higher or lower than last year (attendance) cannot be told",
    ):  # fmt: skip
        assert part in told
    assert "低于" not in told


def test_nobody_to_compare_with_is_said(study):
    assert comparing.few(rates(), study).key == "notebook.few.nobody"
    assert comparing.rates(rates(), study)[0].key == "notebook.participation.no_population"
    refused = rates(("attendance", "declared", "benchmark", "refused", np.nan, "few_exposed"))
    assert comparing.few(refused, study).key == "notebook.few.nobody"
    assert "fewer than three" in text(study, *comparing.rates(refused, study))


def test_each_comparison_says_what_would_turn_it_and_whether_the_words_matter(study):
    table = rates(
        ("volunteering", "declared", "residents", "higher", 5.0, ""),
        ("volunteering", "strict", "residents", "higher", 4.0, ""),
        ("attendance", "declared", "earlier", "cannot_be_told", 40.0, ""),
        ("attendance", "broad", "earlier", "lower", 30.0, ""),
    )
    people, earlier = comparing.rates(table, study)
    told = text(study, people)
    assert "if 5 of them were no members" in told and "it is the same" in told
    told = text(study, earlier)
    assert "40 more attendances" in told and "it changes: broad, lower" in told
    assert "40.0% now" in told and "−10.0 points" in told


def test_where_nobody_recorded_an_invitation_that_is_said(study):
    rows = [
        ("attendance", "due", 10, 9, 1, 0),
        ("attendance", "asked", 9, 0, 0, 9),
        ("attendance", "answered", 9, 1, 0, 8),
        ("attendance", "attended", 9, 4, 3, 2),
    ]
    columns = ["outcome", "state", "places", "said_yes", "said_no", "not_recorded"]
    table = pd.DataFrame(rows, columns=columns)
    told = text(study, *comparing.states(table, study))
    assert (
        "9 due; 4 took place, 3 did not, 2 without a mark" in told and "nowhere on record" in told
    )
    table.loc[1, ["said_yes", "not_recorded"]] = [5, 4]
    assert "on record for 5, of which 5 were asked" in text(study, *comparing.states(table, study))


def test_a_change_says_that_it_is_no_reason(study):
    row = {"before": "spring", "after": "summer", "term": "", "level": "", "members": 40}
    row |= {"share_before": 0.5, "share_after": 0.55, "estimate": 0.05, "conf_low": -0.02}
    table = pd.DataFrame(
        [row | {"conf_high": 0.12, "detectable": 0.1, "verdict": "cannot_be_told"}]
    )
    told = text(study, *comparing.changes(table, study))
    assert "the same 40 members" in told and "not why" in told
    assert comparing.changes(table.head(0), study)[0].key == "notebook.seasons.none"
    refused = table.assign(verdict="refused")
    assert comparing.changes(refused, study)[0].key == "notebook.seasons.refused"


def test_a_part_of_the_benchmark_is_told_with_what_it_would_make(study):
    row = {"factor": "shift", "level": "day;night", "members": 30, "share": 0.3}
    row |= {"conf_low": 0.2, "conf_high": 0.4, "yardstick": 0.5, "expected": 50.0}
    table = pd.DataFrame([row | {"verdict": "lower"}])
    told = text(study, *comparing.composition(table, study))
    assert "day, night: 30 people, 30%" in told.replace("Day", "day") and "about 50: lower" in told
    assert comparing.composition(table.head(0), study)[0].key == "notebook.composition.none"
