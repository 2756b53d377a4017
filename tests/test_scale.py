"""DuckDB finds the same pairs and the same levels as numpy, whatever names are written in."""

import numpy as np
import pandas as pd
import pypinyin
import pytest

from engagement.records import evidence, pairs, posterior, scale
from engagement.sample import hard_cases

GIVEN = ["Jane", "William", "Bill", "J.", "Bob", "Katharina", "José", "Mary Ann", "M. A.", "Li"]
SURNAMES = ["Smith", "Schmidt", "Müller", "Núñez", "van der Berg", "Wang", "O'Brien", "Иванов"]
STREETS = ["wallaby place", "walaby place", "high street", "main road"]


def mixed(records: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Every kind of name and address: Han, pinyin, Latin in either order, numbers and words."""
    rng = np.random.default_rng(seed)
    written, homes = [], []
    for name, kind, turned in zip(records["name"], *rng.random((2, len(records))), strict=True):
        given, surname = rng.choice(GIVEN), rng.choice(SURNAMES)
        latin = f"{given} {surname}" if turned < 0.7 else f"{surname}, {given}"
        pinyin = " ".join(pypinyin.lazy_pinyin(name))
        written.append(latin if kind < 0.4 else pinyin if kind < 0.5 else name)
        number, door = rng.integers(1, 4), rng.integers(101, 104)
        street = f"{number} {rng.choice(STREETS)}"
        homes.append(street if turned < 0.5 else f"样例家园{number}幢1单元{door}室")
    blank = rng.random(len(records)) < 0.1
    return records.assign(
        name=pd.Series(written, dtype="str"),
        address=pd.Series(homes, dtype="str").mask(blank),
        branch=pd.Series(rng.choice(["b1", "b2"], len(records)), dtype="str"),
        email=pd.Series(rng.choice(["a@b.c", "d@e.f"], len(records)), dtype="str").mask(blank),
        origin_village=records["origin_village"].mask(rng.random(len(records)) < 0.4),
    )


@pytest.fixture(scope="module")
def both():
    case = hard_cases.rosters(
        7, members=700, volunteers=500, overlap_least=200, children=90, siblings=60, spouses=40
    )
    left = evidence.identities(mixed(case.volunteers, 1))
    right = evidence.identities(mixed(case.members, 2))
    return left, right, *scale.compared(left, right)


def test_duckdb_finds_the_pairs_that_share_a_key(both):
    left, right, positions, _ = both
    expected = pairs.sharing_a_key(left, right)
    assert len(expected) > 500
    assert positions.tolist() == expected.tolist()


def test_every_comparison_has_the_level_that_numpy_gives_it(both):
    left, right, positions, levels = both
    expected = evidence.levels(left, right, positions)
    assert list(levels) == list(expected)
    for field, found in expected.items():
        assert levels[field].tolist() == found.tolist(), field
        assert len(set(found)) > 1, f"the fixture shows only one level of {field}"


def test_the_posterior_is_the_same_to_the_ninth_decimal(both):
    left, right, positions, levels = both
    prior = posterior.priors(len(right), "volunteers")
    chances = evidence.chances(left, right, positions)
    one = posterior.probabilities(levels, prior, chances)
    other = posterior.probabilities(evidence.levels(left, right, positions), prior, chances)
    assert np.abs(one - other).max() <= 1e-9
