"""Pairs and comparison levels of large rosters, from Splink 5 on DuckDB.

Enters: identities of two rosters that are too large to compare every pair.
Leaves: positions of the pairs that share a key, and the level of every comparison: those of
pairs.across and evidence.levels. Refuses: an engine's string distance on anything but ASCII
(DuckDB counts bytes): names in Han are compared by columns made beforehand.
"""

from __future__ import annotations

import itertools
import logging
import re

import numpy as np
import pandas as pd

from engagement import codebook
from engagement.records import addresses, conditions, names, pairs, posterior, resemblance

_FORMS = 256
_SIDES = ("a_left", "b_right")


def compared(left: pd.DataFrame, right: pd.DataFrame) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Positions (left, right) of the pairs that share a key, and their levels per comparison.

    Raises ModuleNotFoundError without the extra `scale`.
    """
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    width = int(max(side["given"].str.len().max() or 0 for side in (left, right)))
    engine = DuckDBAPI()
    frames = [
        engine.register(_prepared(side), dataset_display_name=name)
        for name, side in zip(_SIDES, (left, right), strict=True)
    ]
    linker = Linker(frames, _settings(width))
    fields = list(codebook.weights()["fields"])
    wanted = ["unique_id_l", "unique_id_r", *(f"gamma_{field}" for field in fields)]
    predicted = linker.inference.predict().as_duckdbpyrelation()
    found = predicted.select(*wanted).fetchnumpy()
    order = np.lexsort((found["unique_id_r"], found["unique_id_l"]))
    positions = np.column_stack([found["unique_id_l"], found["unique_id_r"]])[order].astype(int)
    levels = {}
    for field in fields:
        gamma = np.asarray(found[f"gamma_{field}"])[order].astype(np.int8)
        last = len(posterior.field_levels(field)) - 1
        levels[field] = np.where(gamma < 0, resemblance.MISSING, last - gamma).astype(np.int8)
    return positions, levels


def _prepared(people: pd.DataFrame) -> pd.DataFrame:
    """The columns that the conditions of _levels compare, one row per record."""
    latin = resemblance.latin_keys(people)
    spelled = resemblance.spellings(people)
    named = people["name"].notna()
    split = list(zip(people["surname"], people["given"], strict=True))
    forms = {
        pair: _readings(*pair)
        for pair in {p for p, han in zip(split, people["han"] & named, strict=True) if han}
    }
    groups = _confused_groups()
    born = people["birth_date"]
    columns = {
        "unique_id": np.arange(len(people)),
        "han": (people["han"] & named).to_numpy(),
        "name": people["name"],
        "surname": people["surname"].replace("", None),
        "given": people["given"].fillna(""),
        "readings": [forms.get(pair) for pair in split],
        "confused": people["surname"].map(groups),
        **{
            f"latin_{name}": latin[name]
            for name in ("surname", "given", "words", "initials", "letters")
        },
        "latin": latin["latin"],
        "called": latin["called"].map(_listed),
        "spelled_kind": spelled["kind"],
        "spelled": spelled["forms"].map(_listed),
        **{
            name: people[name]
            for name in (
                "phone",
                "email",
                "id_number",
                "sex",
                "origin_village",
                "branch",
                "address",
            )
        },
        "full_id": people["full_id"],
        "year": pd.to_numeric(born.str[:4], errors="coerce"),
        "month": pd.to_numeric(born.str[5:7], errors="coerce"),
        "day": pd.to_numeric(born.str[8:10], errors="coerce"),
        "digits": born.str.replace("-", "").where(born.str.len() == 10),
        "entrance": addresses.entrances(people["address"]),
        **{f"key_{at}": key for at, key in enumerate(pairs.keys(people))},
    }
    made = pd.DataFrame(
        {
            name: np.asarray(values, dtype=object) if name not in _NUMBERS else values
            for name, values in columns.items()
        }
    )
    return made.astype(object).where(made.notna(), None).astype(_NUMBERS)


_NUMBERS = {
    "unique_id": "int64",
    "han": bool,
    "latin": bool,
    "full_id": bool,
    "spelled_kind": "int64",
} | dict.fromkeys(("year", "month", "day"), "float64")


def _listed(text: str) -> list[str] | None:
    return text.split("|") if text else None


def _readings(surname: str, given: str) -> list[str]:
    sets = [names.readings("surname", surname), *(names.readings("given", c) for c in given)]
    return [" ".join(row) for row in itertools.islice(itertools.product(*sets), _FORMS)]


def _confused_groups() -> dict[str, list[int]]:
    made: dict[str, list[int]] = {}
    for number, group in enumerate(codebook.weights()["names"]["confused_surnames"]):
        for surname in group.split():
            made.setdefault(surname, []).append(number)
    return made


def _settings(width: int) -> dict:
    fields = codebook.weights()["fields"]
    keys = [f'l."key_{at}" = r."key_{at}"' for at in range(pairs.KEYS)]
    return {
        "link_type": "link_only",
        "blocking_rules_to_generate_predictions": [{"blocking_rule": key} for key in keys],
        "comparisons": [
            _comparison(field, fields[field], *rules)
            for field, rules in conditions.levels(width).items()
        ],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
        "probability_two_random_records_match": 0.0001,
    }


def _comparison(field: str, weights: dict, missing: str, conditions: list[str]) -> dict:
    """One comparison of Splink: the missing level, then ours from the best to the last."""
    levels = [
        {"sql_condition": _renamed(missing), "label_for_charts": "missing", "is_null_level": True}
    ]
    for condition, (name, shares) in zip([*conditions, "ELSE"], weights.items(), strict=True):
        levels.append(
            {
                "sql_condition": _renamed(condition),
                "label_for_charts": name,
                "m_probability": shares["person"],
                "u_probability": shares["unrelated"],
            }
        )
    return {"output_column_name": field, "comparison_levels": levels}


def _renamed(condition: str) -> str:
    """Splink calls the columns of a pair x_l and x_r."""
    return re.sub(r'\b([lr])\."?(\w+)"?', r'"\2_\1"', condition)
