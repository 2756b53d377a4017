"""Why a pair was taken for one person or not: what each comparison says, and what it weighs.

Enters: cleaned rosters and their links.
Leaves: reasons, one row per link or review pair and comparison, with points that add up.
Refuses: nothing; links from sign-in sheets rest on one rule, and have one row.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement import words
from engagement.records import evidence, frequencies, link, posterior
from engagement.records.candidates import Rules
from engagement.records.clean import Cleaned
from engagement.study import Study

COLUMNS = [*link.SIDES, "kind", "decision", "probability", "evidence"]
POINTS = ["against_strangers", "against_household", "against_rivals"]
_INSIDE = ("members", "volunteers_twice")
_KINDS = {"volunteers_twice": "volunteers"}


def points(
    cleaned: Cleaned, links: pd.DataFrame, study: Study, rules: Rules | None = None
) -> pd.DataFrame:
    """One row per link or review pair and comparison, in the order of the comparisons.

    Columns: both addresses, kind, decision, probability, evidence (`field:level`), and points:
    log2 of how much likelier the agreement is for one person than for two strangers, and than for
    two people of one household. The first row of a pair is `prior`; `rivals` says how far it
    stands above everybody else who fits. With S the sums of the three columns,
    probability = 1 / (1 + 2^-S1 + 2^-S2 + 2^-S3), where a column without an entry counts as 0.
    Pairs decided by people or carried over from another row of the person are left out.
    """
    rules = rules or Rules()
    people = link.identities(cleaned, study)
    wanted = links[links["decision"].ne("no") & links["kind"].ne("sign_ins")]
    wanted = wanted[~wanted["reason"].str.contains("decided:|double:yes")]
    parts = [
        _of_kind(found.reset_index(drop=True), str(kind), people, rules)
        for kind, found in wanted.groupby("kind", sort=False)
    ]
    if not parts:
        return pd.DataFrame(columns=[*COLUMNS, *POINTS])
    return pd.concat(parts, ignore_index=True)


def in_words(found: pd.DataFrame, language: str) -> pd.Series:
    """The evidence of each row of `points` as a reader sees it."""
    told = {
        code: words.label(f"link.{code.replace(':', '.')}", language)
        for code in set(found["evidence"])
    }
    return found["evidence"].map(told)


def _of_kind(found: pd.DataFrame, kind: str, people: dict, rules: Rules) -> pd.DataFrame:
    right = people["members"] if kind not in _INSIDE else people[_KINDS.get(kind, kind)]
    left = people[_KINDS.get(kind, kind)]
    if kind in _INSIDE:
        left = right = right.assign(branch=pd.Series(np.nan, index=right.index, dtype="str"))
    at, to = _position(found, left, "left"), _position(found, right, "right")
    pairs = np.column_stack([at, to])
    levels = evidence.levels(left, right, pairs)
    chances = frequencies.chances(frequencies.shared(left, right), pairs)
    prior = np.log(
        posterior.priors(len(right), kind, times=rules.expected_times, weights=rules.weights)
    )
    rows = [_rows(found, "prior:expected", np.tile(prior, (len(found), 1)), None)]
    for field, level in levels.items():
        added = posterior.logs(field, level, chances, rules.weights)
        names = np.array([f"{field}:{name}" for name in posterior.field_levels(field)] + [""])
        rows.append(_rows(found, names[level], added, level >= 0))
    rows.append(_rivals(found))
    table = pd.concat(rows).reset_index(names="pair")
    return table.sort_values("pair", kind="stable", ignore_index=True).drop(columns="pair")


def _position(found: pd.DataFrame, people: pd.DataFrame, side: str) -> np.ndarray:
    place = pd.MultiIndex.from_frame(people[evidence.PROVENANCE])
    wanted = pd.MultiIndex.from_frame(
        found[[f"{side}_{part}" for part in ("file", "sheet", "row")]]
    )
    return pd.Series(np.arange(len(place)), index=place).reindex(wanted).to_numpy().astype(int)


def _rows(found: pd.DataFrame, codes, added: np.ndarray, known) -> pd.DataFrame:
    bits = (
        added[:, [posterior.PERSON]] - added[:, [posterior.UNRELATED, posterior.HOUSEHOLD]]
    ) / np.log(2)
    rows = found[COLUMNS[:-1]].assign(
        evidence=codes,
        against_strangers=bits[:, 0],
        against_household=bits[:, 1],
        against_rivals=np.nan,
    )
    return rows if known is None else rows[known]


def _rivals(found: pd.DataFrame) -> pd.DataFrame:
    """One row for each pair that others fit as well: 1/probability − 1/alone is their share."""
    others = 1 / found["probability"] - 1 / found["alone"]
    rivalled = found[others > 1e-12]
    return rivalled[COLUMNS[:-1]].assign(
        evidence="rival:yes",
        against_strangers=np.nan,
        against_household=np.nan,
        against_rivals=-np.log2(others[rivalled.index]),
    )
