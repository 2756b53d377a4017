"""How well linkage finds members among volunteers, beside what people do without it.

Enters: a number of seeds (unseen: those from 2000 on were never tuned on).
Leaves: a table of F1, pairs to review and errors for each way of linking, printed.
Refuses: nothing.
"""

from __future__ import annotations

import argparse
import copy
import datetime
import time
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
from rapidfuzz import fuzz, process

from bench import measure
from engagement import codebook
from engagement.records import evidence, link, pairs, posterior
from engagement.records.candidates import Rules
from engagement.sample import hard_cases

UNSEEN = 2000
SURE, LEAST = 0.95, 0.05
STUDY = SimpleNamespace(units=(), reference_date=datetime.date(2022, 12, 31))


def ours(case: hard_cases.HardCase, rules: Rules | None = None) -> pd.DataFrame:
    """Pairs with a probability: left, right, probability, and whether the name is the same."""
    cleaned = SimpleNamespace(records={"members": case.members, "volunteers": case.volunteers})
    links = link.rosters(cleaned, STUDY, rules)
    found = links[(links["kind"] == "volunteers") & (links["decision"] != "no")]
    return pd.DataFrame(
        {
            "left": found["left_row"].to_numpy() - 2,
            "right": found["right_row"].to_numpy() - 2,
            "probability": found["probability"].to_numpy(),
            "same_name": found["reason"].str.startswith("name:exact").to_numpy(),
        }
    )


def jittered(case: hard_cases.HardCase, rng: np.random.Generator) -> pd.DataFrame:
    """Ours, each weight multiplied by e^N(0, 0.7) and the shares made to sum to one again."""
    weights = copy.deepcopy(codebook.weights())
    for levels in weights["fields"].values():
        for name in posterior.CLASSES:
            shares = np.array([level[name] for level in levels.values()])
            moved = shares * np.exp(rng.normal(0, 0.7, len(shares)))
            for level, share in zip(levels.values(), moved / moved.sum(), strict=True):
                level[name] = float(share)
    return ours(case, Rules(weights=weights))


def same_name(case: hard_cases.HardCase) -> pd.DataFrame:
    """VLOOKUP: the first member with the name as it is written."""
    members = case.members.reset_index(names="right").drop_duplicates("name")
    found = case.volunteers.reset_index(names="left").merge(members[["name", "right"]], on="name")
    return found[["left", "right"]].assign(probability=1.0, same_name=True)


def similar(case: hard_cases.HardCase) -> pd.DataFrame:
    """rapidfuzz: mean similarity of name, phone, birth and village of 90 or more, one to one."""
    columns = ["name", "phone", "birth_date", "origin_village"]
    total = np.zeros((len(case.volunteers), len(case.members)))
    known = np.zeros_like(total)
    for column in columns:
        one, other = (side[column].fillna("") for side in (case.volunteers, case.members))
        both = np.outer(one != "", other != "")
        alike = process.cdist(one.to_numpy(object), other.to_numpy(object), scorer=fuzz.ratio)
        total += np.where(both, alike, 0)
        known += both
    mean = total / np.maximum(known, 1)
    at, to = np.nonzero((mean >= 90) & (known >= 2))
    found = pd.DataFrame({"left": at, "right": to, "probability": mean[at, to] / 100.01})
    return pairs.one_to_one(found).query("chosen").assign(probability=1.0, same_name=False)


def cascade(case: hard_cases.HardCase) -> pd.DataFrame:
    """Rules in order: ID; phone and a near name; name and birth; name and village; with vetoes."""
    left, right = (evidence.identities(side) for side in (case.volunteers, case.members))
    every = pairs.across(left, right)
    found = evidence.levels(left, right, every)
    name, phone, number = found["name"], found["phone"], found["id"]
    near_name = np.isin(name, [0, 1, 2, 3])
    veto = (number == 3) | (found["birth"] == 4) | (found["sex"] == 1)
    rules = [
        (number == 0, 0.999),
        (np.isin(number, [1, 2]) & near_name, 0.995),
        (np.isin(phone, [0, 1]) & near_name & ~veto, 0.97),
        ((name == 0) & np.isin(found["birth"], [0, 1, 2]) & ~veto, 0.95),
        ((name == 0) & (found["place"] == 0) & (found["birth"] < 0) & (phone != 2) & ~veto, 0.9),
    ]
    said = np.select([rule for rule, _ in rules], [share for _, share in rules], 0.0)
    at = said > 0
    table = pd.DataFrame({"left": every[at, 0], "right": every[at, 1], "probability": said[at]})
    chosen = pairs.one_to_one(table)
    return chosen[chosen["chosen"]].assign(same_name=(name == 0)[at][chosen["chosen"]])


def splink_em(case: hard_cases.HardCase) -> pd.DataFrame:
    """Splink 5 trained by expectation–maximisation as its documentation recommends."""
    from bench.peers import splink_em

    return splink_em.linked(case)


def measured(case: hard_cases.HardCase, found: pd.DataFrame) -> dict[str, float]:
    """What one way of linking did on one pair of rosters."""
    relation = case.truth["relation"].to_numpy()[found["left"]]
    right = case.truth["member"].to_numpy()[found["left"]] == found["right"].to_numpy()
    true = int((case.truth["relation"] == "same").sum())
    probability = found["probability"].to_numpy()
    linked, sure = probability >= 0.9, probability >= SURE
    waits = (probability >= LEAST) & ~sure
    kin = np.isin(relation, ["child", "spouse"]) & ~found["same_name"].to_numpy()
    return {
        "F1 at .9": _f1((right & linked).sum(), linked.sum(), true),
        "to review": int(waits.sum()),
        "F1 reviewed": _f1(
            (right & (sure | waits)).sum(), (right & waits).sum() + sure.sum(), true
        ),
        "sum p": float(probability.sum()),
        "true": true,
        "kin at .95": int((kin & sure).sum()),
        "wrong at .95": int((~right & sure).sum()),
    }


def _f1(hits: int, claimed: int, true: int) -> float:
    return 2 * hits / (claimed + true) if claimed + true else 0.0


def table(ways: dict[str, Callable], seeds: range, **rates: float) -> list[dict]:
    """One row per way of linking: means over the seeds."""
    rows = {name: [] for name in ways}
    for seed in seeds:
        case = hard_cases.rosters(seed, **rates)
        for name, way in ways.items():
            start = time.perf_counter()
            found = way(case)
            rows[name].append(measured(case, found) | {"s": time.perf_counter() - start})
    return [_mean(name, pd.DataFrame(found)) for name, found in rows.items()]


def _mean(name: str, found: pd.DataFrame) -> dict:
    shown = {column: f"{mean:.3f}" for column, mean in found.mean().items()}
    share = found["sum p"].sum() / found["true"].sum()
    kin = int(found["kin at .95"].sum())
    del shown["sum p"], shown["true"], shown["kin at .95"]
    return {"way": name, **shown, "sum p / true": f"{share:.3f}", "kin in all": kin}


def main(seeds: int, first: int = UNSEEN) -> None:
    """Print every way of linking on the same unseen seeds, and ours when its weights are wrong."""
    unseen = range(first, first + seeds)
    ways = {"engagement": ours, "same name": same_name, "cascade": cascade, "rapidfuzz": similar}
    measure.show(
        f"173 x 104, {seeds} unseen seeds", table({**ways, "Splink EM": splink_em}, unseen)
    )
    rng = np.random.default_rng(1)
    wrong = {
        "weights jittered": lambda case: jittered(case, rng),
        "prior x 5": lambda case: ours(case, Rules(expected_times=5)),
        "prior / 5": lambda case: ours(case, Rules(expected_times=0.2)),
    }
    measure.show("the weights or the prior wrong", table(wrong, unseen))
    next_door = {"namesakes": 0, "namesakes_next_door": 6}
    harder = table({"engagement": ours, **wrong}, unseen, **next_door)
    measure.show("all namesakes in one village", harder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--first", type=int, default=UNSEEN, help="the first of the seeds")
    asked = parser.parse_args()
    main(asked.seeds, asked.first)
