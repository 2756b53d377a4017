"""Splink 5 on DuckDB, trained on the two rosters themselves as its tutorial does.

Enters: two rosters. Leaves: pairs with Splink's probability, one to one. Refuses: nothing; where
the training stops, no pair is claimed.
"""

from __future__ import annotations

import logging

import pandas as pd

from engagement.records import pairs

COLUMNS = ["name", "phone", "id_number", "birth_date", "sex", "origin_village"]


def linked(case) -> pd.DataFrame:
    """Pairs with a probability of .05 or more: left, right, probability, same_name."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on
    from splink.internals.exceptions import EMTrainingException

    api = DuckDBAPI()
    sides = [_unique(side) for side in (case.volunteers, case.members)]
    frames = [
        api.register(side, dataset_display_name=name)
        for side, name in zip(sides, ("a_volunteers", "b_members"), strict=True)
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name").configure(term_frequency_adjustments=True),
            cl.LevenshteinAtThresholds("phone", [1]),
            cl.LevenshteinAtThresholds("id_number", [1]),
            cl.LevenshteinAtThresholds("birth_date", [1, 2]),
            cl.ExactMatch("sex"),
            cl.ExactMatch("origin_village"),
        ],
        blocking_rules_to_generate_predictions=["1=1"],
    )
    try:
        linker = Linker(frames, settings, log_level=logging.ERROR)
        training = linker.training
        training.estimate_probability_two_random_records_match(
            [block_on("name", "phone"), block_on("id_number")], recall=0.7
        )
        training.estimate_u_using_random_sampling(max_pairs=1e5, seed=1)
        for column in ("name", "phone"):
            training.estimate_parameters_using_expectation_maximisation(block_on(column))
        found = linker.inference.predict(0.05).as_pandas_dataframe()
    except (ValueError, EMTrainingException):
        found = pd.DataFrame(columns=["unique_id_l", "unique_id_r", "match_probability"])
    return _one_to_one(found, *sides)


def _unique(side: pd.DataFrame) -> pd.DataFrame:
    told = side[COLUMNS].astype(object).where(side[COLUMNS].notna(), None)
    return told.assign(unique_id=range(len(side)))


def _one_to_one(found: pd.DataFrame, left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "left": found["unique_id_l"].astype(int),
            "right": found["unique_id_r"].astype(int),
            "probability": found["match_probability"].astype(float).clip(upper=0.999999),
        }
    )
    chosen = pairs.one_to_one(table).query("chosen") if len(table) else table
    names = left["name"].to_numpy()[chosen["left"]] == right["name"].to_numpy()[chosen["right"]]
    return chosen.assign(same_name=names)
