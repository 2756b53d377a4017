"""On rosters made to mislead, linkage keeps to what the committee was promised."""

import copy

import pandas as pd
import pytest
from drawn import cleaned, roster, study

from engagement import codebook, words
from engagement.errors import StudyError
from engagement.records import link
from engagement.records.candidates import Rules
from engagement.sample import hard_cases

SEEDS = range(3000, 3010)


def judged(seed: int, rules: Rules | None = None) -> pd.DataFrame:
    """Every pair above the review floor: probability, whether it is right, relation, same name."""
    case = hard_cases.rosters(seed)
    records = cleaned(members=case.members, volunteers=case.volunteers)
    links = link.rosters(records, study(), rules)
    found = links[links["kind"] == "volunteers"]
    left = found["left_row"].to_numpy() - 2
    return pd.DataFrame(
        {
            "seed": seed,
            "probability": found["probability"].to_numpy(),
            "right": case.truth["member"].to_numpy()[left] == found["right_row"].to_numpy() - 2,
            "relation": case.truth["relation"].to_numpy()[left],
            "same_name": found["reason"].str.startswith("name:exact").to_numpy(),
            "true": int((case.truth["relation"] == "same").sum()),
        }
    )


@pytest.fixture(scope="module")
def pooled():
    return pd.concat([judged(seed) for seed in SEEDS], ignore_index=True)


def total(pooled: pd.DataFrame) -> int:
    return int(pooled.groupby("seed")["true"].first().sum())


def test_most_members_are_found_unattended_and_few_others(pooled):
    sure = pooled["probability"] >= 0.9
    hits = (sure & pooled["right"]).sum()
    assert 2 * hits / (sure.sum() + total(pooled)) >= 0.94


def test_after_review_nearly_everybody_is_right_and_a_roster_asks_few_questions(pooled):
    sure = pooled["probability"] >= 0.95
    waits = ~sure & (pooled["probability"] >= 0.05)
    hits = ((sure | waits) & pooled["right"]).sum()
    claimed = sure.sum() + (waits & pooled["right"]).sum()
    assert 2 * hits / (claimed + total(pooled)) >= 0.98
    assert waits.sum() / len(SEEDS) <= 5


def test_no_child_and_no_spouse_is_taken_for_the_member(pooled):
    kin = pooled["relation"].isin(["child", "spouse"]) & ~pooled["same_name"]
    assert not (kin & (pooled["probability"] >= 0.95)).any()


def test_the_probabilities_add_up_to_the_links_there_are(pooled):
    assert 0.9 <= pooled["probability"].sum() / total(pooled) <= 1.15


def test_rates_are_the_users_and_unknown_ones_are_refused():
    assert len(hard_cases.rosters(1, volunteers=60).volunteers) == 60
    with pytest.raises(KeyError):
        hard_cases.rosters(1, childen=3)


def test_the_same_seed_gives_the_same_rosters():
    one, other = hard_cases.rosters(5), hard_cases.rosters(5)
    for mine, yours in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(mine, yours)


def test_weights_that_do_not_sum_to_one_are_refused_with_their_place():
    wrong = copy.deepcopy(codebook.weights())
    wrong["fields"]["phone"]["same"]["person"] = 0.5
    members = roster("name | phone\n王芳 | +8613911110001")
    with pytest.raises(StudyError) as refused:
        link.rosters(cleaned(members=members), study(), Rules(weights=wrong))
    problem = refused.value.problems[0]
    assert (problem.key, problem.values["field"], problem.values["kind"]) == (
        "weights_sum",
        "phone",
        "person",
    )
    assert "0.6600" in words.text("problem.weights_sum", "en", **problem.values)


def test_a_larger_prior_never_makes_a_pair_less_likely():
    few, many = judged(3001, Rules(expected_times=0.2)), judged(3001, Rules(expected_times=5))
    assert (few["probability"] >= 0.9).sum() <= (many["probability"] >= 0.9).sum()
    assert len(few) <= len(many)
