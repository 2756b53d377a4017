"""DuckDB and Spark find the pairs and the levels of numpy, whatever names are written in."""

import warnings

import numpy as np
import pandas as pd
import pypinyin
import pytest
from drawn import roster

from engagement.records import evidence, frequencies, pairs, posterior, scale
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
def sides():
    case = hard_cases.rosters(
        7, members=300, volunteers=220, overlap_least=90, children=40, siblings=30, spouses=20
    )
    return (
        evidence.identities(mixed(case.volunteers, 1)),
        evidence.identities(mixed(case.members, 2)),
    )


def on_duckdb(spark, left, right):
    parts = list(scale.compared(left, right))
    assert len(parts) > 1
    positions = np.concatenate([ends for ends, _ in parts])
    order = np.lexsort(positions.T[::-1])
    fields = parts[0][1]
    return positions[order], {
        name: np.concatenate([levels[name] for _, levels in parts])[order] for name in fields
    }


def on_spark(spark, left, right):
    cities = pairs.crowded(right["origin_village"].value_counts())
    both = [scale.prepared(side, len(right), cities) for side in (left, right)]
    tables = both[: 1 + (left is not right)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pyspark speaks of pandas 3 at each call
        frames = [spark.createDataFrame(table) for table in tables]
        found = scale.on_spark(spark, frames, scale.keys(tables[0])).toPandas()
    found = found.sort_values(["unique_id_l", "unique_id_r"], ignore_index=True)
    return found[["unique_id_l", "unique_id_r"]].to_numpy(), scale.levels(found)


@pytest.fixture(autouse=True)
def in_parts(monkeypatch):
    monkeypatch.setattr(scale, "ROWS", 50)


ENGINES = pytest.mark.parametrize("engine", [on_duckdb, on_spark])


@ENGINES
def test_an_engine_finds_pairs_and_levels_and_posterior_of_numpy(engine, sides, spark):
    left, right = sides
    positions, levels = engine(spark, left, right)
    assert positions.tolist() == pairs.sharing_a_key(left, right).tolist()
    assert len(positions) > 500
    expected = evidence.levels(left, right, positions)
    assert list(levels) == list(expected)
    for field, found in expected.items():
        assert levels[field].tolist() == found.tolist(), field
        assert len(set(found)) > 1, f"the fixture shows only one level of {field}"
    prior = posterior.priors(len(right), "volunteers")
    chances = frequencies.chances(frequencies.shared(left, right), positions)
    one, other = (posterior.probabilities(found, prior, chances) for found in (levels, expected))
    assert np.abs(one - other).max() <= 1e-9


@ENGINES
def test_an_engine_finds_the_pairs_inside_one_roster(engine, sides, spark, monkeypatch):
    monkeypatch.setattr(pairs, "NAMED", 10)  # keys of a large roster
    people = sides[1].head(120)
    positions, levels = engine(spark, people, people)
    every = pairs.sharing_a_key(people, people)
    assert positions.tolist() == every[every[:, 0] < every[:, 1]].tolist()
    for field, found in evidence.levels(people, people, positions).items():
        assert levels[field].tolist() == found.tolist(), field


def test_among_many_candidates_a_name_alone_is_no_key(sides):
    left, _ = sides
    few, many = pairs.keys(left, 100), pairs.keys(left, pairs.NAMED + 1)
    assert few[-1].notna().sum() == left["name"].notna().sum()
    assert not any(key.equals(few[-1]) for key in many)


def test_a_village_of_many_is_no_place_beside_a_name(monkeypatch):
    """By hand: three are of one village and two of another, and three are many."""
    monkeypatch.setattr(pairs, "NAMED", 2)
    people = evidence.identities(
        roster("name | origin_village\n" + "\n".join(f"王芳 | {village}" for village in "aaabb"))
    )
    assert pairs.crowded(people["origin_village"].value_counts()) == {"a"}
    found = pairs.sharing_a_key(people, people)
    assert found[found[:, 0] < found[:, 1]].tolist() == [[3, 4]]


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("+8613911110001", "+8613911110009"),
        ("+8613911110001", "+8613911210001"),
    ],
)
def test_a_mistyped_phone_still_finds_the_namesake_among_many(theirs, ours, monkeypatch):
    monkeypatch.setattr(pairs, "NAMED", 0)
    one, other = (
        evidence.identities(roster(f"name | phone\n王芳 | {phone}")) for phone in (theirs, ours)
    )
    assert pairs.sharing_a_key(one, other).tolist() == [[0, 0]]
