"""What people decided about pairs: read back from the review workbook and kept.

Enters: private/review.xlsx as somebody filled it in.
Leaves: one decision per pair, under a number that stays the same in every run.
Refuses: decisions that contradict each other, and words that are no decision, with their rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from engagement import words
from engagement.errors import Problem, StudyError
from engagement.records import pairs
from engagement.records.read import grids

REVIEW = "review.xlsx"
DECISIONS = ("same", "different", "unsure")
SETTLED = ("same", "different")
_NAMED = ("file", "sheet", "row")
_COLUMNS = ["pair", "decision", "sheet", "row"]


def pair_keys(places: pd.DataFrame, left_name: pd.Series, right_name: pd.Series) -> list[str]:
    """SHA-256 over both addresses (six columns) and both names: the same pair in every run."""
    named = places.assign(left_name=left_name.to_numpy(), right_name=right_name.to_numpy())
    text = named.fillna("").astype("str")
    joined = text.iloc[:, 0].str.cat(text.iloc[:, 1:], sep="\x1f")
    return [hashlib.sha256(line.encode()).hexdigest() for line in joined]


def of_pairs(
    left: pd.DataFrame, right: pd.DataFrame, at: pd.Series, to: pd.Series, decided: Mapping
) -> pd.Series:
    """The decision on each pair of positions, "" where there is none; either order counts."""
    place = ["source_file", "sheet", "row"]
    one, other = (
        side.iloc[rows.to_numpy()].reset_index(drop=True)
        for side, rows in ((left, at), (right, to))
    )
    said = pd.Series("", index=at.index, dtype="str")
    for first, second in ((one, other), (other, one)):
        places = pd.concat([first[place].add_prefix("a_"), second[place].add_prefix("b_")], axis=1)
        keys = pair_keys(places, first["written"], second["written"])
        known = pd.Series([decided.get(key, "") for key in keys], index=at.index, dtype="str")
        said = said.mask(said == "", known)
    return said


def read(folder: Path) -> pd.DataFrame:
    """The decisions in the review workbook of `folder`, one row per decided pair.

    Columns: pair, decision, row (of the workbook), sheet. No workbook, no rows.
    Raises StudyError for a word that is no decision and for two decisions on one pair.
    """
    path = Path(folder) / REVIEW
    if not path.exists():
        return pd.DataFrame({name: pd.Series(dtype="str") for name in _COLUMNS})
    found = pd.DataFrame(_rows(path), columns=["sheet", "row", "pair", "said"])
    said = found["said"].map(_codes())
    unknown = found[said.isna()]
    problems = [
        Problem("decision_unknown", {"file": REVIEW, "sheet": row.sheet, "row": row.row})
        for row in unknown.itertuples()
    ]
    known = found.assign(decision=said)[said.notna()]
    twice = known.groupby("pair")["decision"].transform("nunique") > 1
    problems += _contradictions(known[twice])
    if problems:
        raise StudyError(problems)
    return known.drop_duplicates("pair", ignore_index=True)[_COLUMNS]


def _rows(path: Path):
    """Sheet, row, pair and decision wherever a sheet has both columns and a cell is filled."""
    headers = {name: set(_labels(f"review.{name}")) for name in ("decision", "pair")}
    for grid in grids(path, path.parent):
        rows = grid.cells.tolist()
        top = rows[0] if rows else []
        places = {
            name: next((at for at, text in enumerate(top) if (text or "").strip() in labels), None)
            for name, labels in headers.items()
        }
        if None in places.values():
            continue
        for number, cells in enumerate(rows[1:], start=2):
            said, pair = ((cells[places[name]] or "").strip() for name in ("decision", "pair"))
            if said and pair:
                yield grid.sheet, number, pair, said


def _labels(key: str) -> list[str]:
    return [words.label(key, language) for language in words.LANGUAGES]


def _codes() -> dict[str, str]:
    return {label: name for name in DECISIONS for label in _labels(f"review.decision_{name}")}


def _contradictions(rows: pd.DataFrame) -> list[Problem]:
    groups = rows.groupby("pair", sort=False)["row"].apply(lambda found: sorted(set(found)))
    return [
        Problem("decisions_contradict", {"file": REVIEW, "rows": ", ".join(map(str, numbers))})
        for numbers in groups
    ]


def require_consistent(links: pd.DataFrame, keys: list[str], read_back: pd.DataFrame) -> None:
    """Refuse decisions that cannot all be true: rows joined by `same` are one person, so none of
    them may be `different`, and one row cannot be two different members.

    `keys` are the pairs of `links`. Raises StudyError with the rows of the workbook.
    """
    joined = links[(links["kind"] == "members") & (links["decision"] == "link")]
    known = links.assign(pair=keys).merge(
        read_back[["pair", "decision", "row"]], on="pair", suffixes=("_made", "")
    )
    both = pd.concat([known, joined], ignore_index=True)
    ends = [_places(both, side) for side in ("left", "right")]
    places = ends[0].append(ends[1]).unique()
    at, to = (places.get_indexer(end) for end in ends)
    edges, decided = np.column_stack([at, to]), np.arange(len(both)) < len(known)
    doubles = pairs.groups(edges[~decided], len(places))
    same = decided & (both["decision"] == "same").to_numpy()
    group = pairs.groups(edges[same], len(places))
    wrong = decided & (both["decision"] == "different").to_numpy() & (group[at] == group[to])
    looked_up = same & ~both["kind"].isin(["members", "volunteers_twice"]).to_numpy()
    people = pd.Series(doubles[to][looked_up]).groupby(at[looked_up]).nunique()
    tangled = {*group[at[wrong]], *group[people.index[people > 1].to_numpy(dtype=int)]}
    problems = [
        Problem(
            "decisions_contradict",
            {"file": REVIEW, "rows": _listed(both, (group[at] == number) & (same | wrong))},
        )
        for number in sorted(tangled)
    ]
    if problems:
        raise StudyError(problems)


def _places(rows: pd.DataFrame, side: str) -> pd.MultiIndex:
    named = rows[[f"{side}_{part}" for part in _NAMED]]
    return pd.MultiIndex.from_frame(named.set_axis(list(_NAMED), axis=1))


def _listed(known: pd.DataFrame, here: np.ndarray) -> str:
    return ", ".join(map(str, sorted(set(known.loc[here, "row"].astype(int)))))
