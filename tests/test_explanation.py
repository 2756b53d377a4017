"""Every link can be told in words, and what is told adds up to its probability."""

import numpy as np
import pytest
from drawn import cleaned, study

from engagement import words
from engagement.records import explanation, link
from engagement.sample import hard_cases


@pytest.fixture(scope="module", params=[71, 72])
def told(request):
    case = hard_cases.rosters(request.param)
    records = cleaned(members=case.members, volunteers=case.volunteers)
    links = link.rosters(records, study())
    return links, explanation.points(records, links, study())


def test_the_points_of_every_pair_add_up_to_its_probability(told):
    links, points = told
    pair = [*link.SIDES, "kind"]
    sums = points.groupby(pair)[explanation.POINTS].sum(min_count=1)
    against = np.exp2(-sums.fillna(np.inf)).sum(axis=1)
    said = points.groupby(pair)["probability"].first()
    alone = links.set_index(pair)["alone"].reindex(said.index)
    best = alone >= said * 0.9999999
    assert best.sum() > 10
    assert (1 / (1 + against))[best].to_numpy() == pytest.approx(said[best].to_numpy(), abs=1e-9)


def test_every_piece_of_evidence_has_words_in_both_languages(told):
    _, points = told
    for language in words.LANGUAGES:
        assert explanation.in_words(points, language).notna().all()


def test_a_shared_phone_says_nothing_between_people_of_one_household(told):
    _, points = told
    phone = points[points["evidence"] == "phone:same"]
    # log2(.84/.0001) and log2(.84/.70)
    assert phone["against_strangers"].to_numpy() == pytest.approx(np.log2(8400), abs=1e-9)
    assert phone["against_household"].to_numpy() == pytest.approx(np.log2(0.84 / 0.70), abs=1e-9)
