"""Weights move with many matches, never with few."""

import numpy as np
import pytest

from engagement import codebook
from engagement.records import learning, posterior


def levels(matches: int, other_phone: int) -> dict[str, np.ndarray]:
    """`matches` pairs of one name, birth and number, `other_phone` of them with another phone."""
    same = np.zeros(matches, dtype=int)
    phone = np.where(np.arange(matches) < other_phone, 2, 0)
    return {"name": same, "id": same, "birth": same, "phone": phone}


def moved(matches: int, other_phone: int) -> dict:
    prior = posterior.priors(matches, "mobile")
    return learning.weights(levels(matches, other_phone), prior, codebook.weights())


def test_few_matches_teach_nothing():
    assert moved(400, 200) == codebook.weights()


def test_many_matches_move_the_share_of_one_person_and_no_other():
    weights = moved(1000, 500)
    declared = codebook.weights()["fields"]["phone"]
    # (500 + 40 x .10) / 1040
    assert weights["fields"]["phone"]["other"]["person"] == pytest.approx(504 / 1040, abs=1e-4)
    for level, shares in weights["fields"]["phone"].items():
        assert shares["unrelated"] == declared[level]["unrelated"]
        assert shares["household"] == declared[level]["household"]
    posterior.require_shares(weights)


def test_the_declared_weights_are_not_changed_in_place():
    before = codebook.weights()["fields"]["phone"]["other"]["person"]
    moved(1000, 500)
    assert codebook.weights()["fields"]["phone"]["other"]["person"] == before


def test_pairs_drawn_at_random_move_the_share_of_strangers_and_no_other():
    # 1,000 matches; of 300,000 strangers one in ten has the same phone, declared as 1 in 10,000.
    same, drawn = levels(1000, 0), np.full(300_000, 2)
    drawn[:30_000] = 0
    strangers = {"phone": drawn, "id": np.full(300_000, 3)}
    weights = learning.weights(
        same, posterior.priors(1000, "mobile"), codebook.weights(), None, strangers
    )
    declared = codebook.weights()["fields"]["phone"]
    shared = (30_000 + 50_000 * declared["same"]["unrelated"]) / 350_000
    assert weights["fields"]["phone"]["same"]["unrelated"] == pytest.approx(shared, rel=0.02)
    assert weights["fields"]["phone"]["same"]["household"] == declared["same"]["household"]
    posterior.require_shares(weights)


def test_the_same_pairs_are_drawn_every_time():
    one, other = (learning.drawn(50, 70, codebook.weights()) for _ in range(2))
    assert (one == other).all()
    assert (one.max(axis=0) < [50, 70]).all()
