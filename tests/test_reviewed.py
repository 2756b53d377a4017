"""Findings with the pairs under review out and in, counted by hand on the community."""

from dataclasses import replace

import pandas as pd
import pytest

from engagement import engines, rooms
from engagement.analysis import reviewed, telling

LIST = "volunteering"


def in_review(cells: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """The cells with all members of one cell without a match under review, and how many they are."""
    none = cells[(cells["outcome"] == LIST) & (cells["attended"] == 0) & (cells["sex"] == "female")]
    at = none["members"].idxmax()
    changed = cells.copy()
    changed.loc[at, "attended"] = 1
    return changed, int(cells.loc[at, "members"])


def of(table: pd.DataFrame, estimand: str, counted_as: str) -> pd.DataFrame:
    rows = table[(table["estimand"] == estimand) & (table["counted_as"] == counted_as)]
    return rows.set_index(["term", "contrast"])


def of_both(counted, opened, within: pd.DataFrame) -> pd.DataFrame:
    cells = {"recorded": counted.cells, "with_review": within}
    return reviewed.table(cells, opened, participants=dict.fromkeys(cells, counted.listed))


def test_all_pairs_accepted_are_counted_in_every_finding(counted, opened):
    cells, more = in_review(counted.cells)
    table = of_both(counted, opened, cells)
    table = table[table["outcome"] == LIST]
    out, within = (of(table, "prevalence", name) for name in ("recorded", "with_review"))
    assert (out["events"].item(), within["events"].item()) == (10, 10 + more)
    assert within["estimate"].item() == pytest.approx((10 + more) / 160)
    ratios = [of(table, "rate_ratio", name)["events"] for name in ("recorded", "with_review")]
    assert (ratios[1] - ratios[0] == more).all() and len(ratios[0])
    sexes = [of(table, "risk_difference", name) for name in ("recorded", "with_review")]
    before, after = (one.loc[("sex", "female|male"), "estimate"] for one in sexes)
    assert after - before == pytest.approx(more / 57, abs=0.01)  # adjusted for age


def test_only_what_is_under_review_moves_and_a_finding_stands_with_its_pair(counted, opened):
    table = of_both(counted, opened, in_review(counted.cells)[0])
    assert set(table["outcome"]) == {LIST, "attendance"}
    assert table["counted_as"].tolist() == ["recorded", "with_review"] * (len(table) // 2)
    pairs = table.groupby(reviewed.KEYS, sort=False)
    assert (pairs.size() == 2).all()
    moved = pairs["events"].nunique().groupby("outcome").max()
    assert moved.to_dict() == {LIST: 2, "attendance": 1}


def test_unclear_signatures_of_the_sample_are_counted_as_nobodys_and_as_everybodys(opened):
    """51 marks wait for review (notebook 02); who is meant, two members of one name, is not told."""
    room = engines.records(opened)
    read, _ = engines.readings(room, opened)
    marks = [attended(cells) for cells in read.values()]
    asked = attended(engines.counts(room, opened).cells)
    assert list(read) == ["recorded", "with_review"]
    assert asked == marks[0] < marks[1] <= marks[0] + 2 * 51


def attended(cells: pd.DataFrame) -> int:
    own = cells[cells["outcome"] == "attendance"]
    return int((own["attended"] * own["members"]).sum())


def test_where_people_have_ended_the_list_alone_tells_what_a_pair_would_change(counted, opened):
    room = engines.records(opened)
    cells = counted.cells.copy()
    cells["attended_with_review"] += (cells["outcome"] == LIST) & (cells["attended"] == 0)
    left = rooms.Left(replace(engines.counts(room, opened), cells=cells), None, {})
    out, within = engines.readings(left, opened)[0].values()
    assert out["attended"].equals(cells["attended"])
    assert within["attended"].equals(cells["attended_with_review"])


def test_without_pairs_under_review_both_readings_are_one(counted, opened):
    table = of_both(counted, opened, counted.cells)
    sides = [table[table["counted_as"] == name] for name in ("recorded", "with_review")]
    plain = [one.drop(columns="counted_as").reset_index(drop=True) for one in sides]
    pd.testing.assert_frame_equal(*plain)
    assert telling.reviewed(table).key == "notebook.linkage.firm"


def test_the_sentence_counts_the_conclusions_that_change():
    def row(contrast, counted_as, estimate, verdict):
        told = {"contrast": contrast, "counted_as": counted_as, "estimate": estimate}
        return {
            "outcome": LIST,
            "term": "sex",
            "estimand": "risk_difference",
            "verdict": verdict,
        } | told

    table = pd.DataFrame(
        [
            row("a|b", "recorded", 0.05, "cannot_be_told"),
            row("a|b", "with_review", 0.125, "supported"),
            row("c|b", "recorded", 0.02, "cannot_be_told"),
            row("c|b", "with_review", 0.01, "cannot_be_told"),
        ]
    )
    said = telling.reviewed(table)
    assert said.key == "notebook.linkage.turns"
    assert dict(said.values) == {"findings": 2, "moved": 1, "shift": "7.5"}
    assert telling.reviewed(table.iloc[2:]).key == "notebook.linkage.firm"
    assert telling.reviewed(table.iloc[:0]).key == "notebook.linkage.no_list"
