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
    # (500 + 40 x .12) / 1040
    assert weights["fields"]["phone"]["other"]["person"] == pytest.approx(504.8 / 1040, abs=1e-4)
    for level, shares in weights["fields"]["phone"].items():
        assert shares["unrelated"] == declared[level]["unrelated"]
        assert shares["household"] == declared[level]["household"]
    posterior.require_shares(weights)


def test_the_declared_weights_are_not_changed_in_place():
    before = codebook.weights()["fields"]["phone"]["other"]["person"]
    moved(1000, 500)
    assert codebook.weights()["fields"]["phone"]["other"]["person"] == before
