"""A table that cannot be told whole comes with the nearest one that can."""

import dataclasses

import numpy as np
import pandas as pd
import pytest
from invented import AGES, FACTORS, a_study, row

from engagement.release import coarser, disclosure

ORDERED = dataclasses.replace(FACTORS["age_band"], kind="ordered")


def study(**changes):
    values = {"factors": {"age_band": ORDERED}, "segments": (), "claims": ()}
    return a_study(**(values | changes))


def by_age(*groups, sex="male"):
    """Cells of volunteering, drawn as (members, participants) of each age."""
    rows = [
        {"age_band": age, "attended": part, "members": count}
        for age, (members, participants) in zip(AGES, groups, strict=False)
        for part, count in ((1, participants), (0, members - participants))
        if count
    ]
    return pd.DataFrame(rows).assign(outcome="volunteering", branch="b1", sex=sex, group="", due=1)


def offered(cells, findings=None, **changes):
    this = study(**changes)
    release = disclosure.control({"cells": cells, "findings": findings}, this)
    return coarser.offers(cells, release, this)


def rows(table):
    return list(table.itertuples(index=False, name=None))


def test_where_everything_is_told_nothing_is_offered():
    cells = by_age((40, 15), (40, 20), (40, 12), (40, 18))
    found = offered(cells)
    assert found.empty
    assert coarser.said(found, study(), "en") == [
        "Every table can be told whole; nothing needs to be merged."
    ]


def test_neighbours_are_merged_as_little_as_is_enough():
    """By hand: 4 and 4 are too few, and eight together; any other three groups leave a four."""
    found = offered(by_age((30, 7), (30, 4), (30, 4), (30, 9)))
    assert rows(found) == [("volunteering", "age_band", "merged", "18-35 | 36-60\t61-74 | 75+")]


def test_the_sentence_names_the_levels_as_the_study_does():
    found = offered(by_age((30, 7), (30, 4), (30, 4), (30, 9)))
    (english,), (chinese,) = (coarser.said(found, study(), name) for name in ("en", "zh"))
    assert "35 or under | 36 to 60 + 61 to 74 | 75 or over" in english
    assert "35岁及以下 | 36至60岁 + 61至74岁 | 75岁及以上" in chinese
    assert "志愿服务" in chinese and "年龄" in chinese


def test_members_without_a_recorded_level_stay_apart_and_have_their_word():
    """By hand: 61-74 and 75+ have four and four; seven whose age is not recorded are enough."""
    cells = by_age((30, 9), (30, 7), (30, 4), (30, 4)).replace({"age_band": {"36-60": ""}})
    found = offered(cells)
    assert rows(found)[0][3] == "18-35 | 61-74\t75+ | unknown"
    told = coarser.said(found, study(), "en")[0]
    assert "61 to 74 + 75 or over | not recorded" in told
    few = by_age((30, 9), (30, 4), (30, 4), (30, 4)).replace({"age_band": {"36-60": ""}})
    assert rows(offered(few))[0][2] == "total"


def test_where_no_merging_passes_the_total_is_what_is_left():
    """By hand: 2 + 2 + 1 + 2 = 7 volunteers do not make two groups of five."""
    found = offered(by_age((30, 2), (30, 2), (30, 1), (30, 2)))
    assert rows(found) == [("volunteering", "age_band", "total", "")]
    for language, word in (("en", "the total alone"), ("zh", "只公布总数")):
        assert word in coarser.said(found, study(), language)[0]


def test_what_no_merging_helps_is_one_sentence_per_outcome():
    table = pd.DataFrame(
        [("volunteering", "age_band", "total", ""), ("volunteering", "branch", "total", "")],
        columns=coarser.COLUMNS,
    )
    (said,) = coarser.said(table, study(), "en")
    assert "Age, Branch" in said


def gap(term, contrast):
    return row("volunteering", term, contrast, "risk_difference", 0.1, 0.05, 120, 30, "clear")


def test_a_comparison_held_back_for_another_factor_names_that_factor():
    """Men and women have enough on both sides; but the comparison is adjusted for age."""
    men, women = by_age((20, 6), (20, 2), (20, 7)), by_age((20, 9), (20, 2), (20, 8), sex="female")
    cells = pd.concat([men, women], ignore_index=True)
    both = {"age_band": ORDERED, "sex": FACTORS["sex"]}
    told = pd.DataFrame([gap("sex", "female|male"), gap("age_band", "18-35|36-60")])
    found = offered(cells, told, factors=both)
    assert rows(found)[1:] == [("volunteering", "sex", "adjusted", "age_band")]
    assert found.loc[0, ["factor", "verdict"]].tolist() == ["age_band", "merged"]
    said = coarser.said(found, study(factors=both), "en")[1]
    assert "by Sex" in said and "the adjustment for Age" in said


@pytest.mark.parametrize("seed", range(8))
def test_what_is_offered_is_printed_whole_when_the_levels_are_merged_so(seed):
    """Ages and branches at random; the merging is done here again, and the control asked anew."""
    chance = np.random.default_rng(seed)
    drawn = [
        by_age(*((int(n), int(chance.integers(0, n // 2))) for n in chance.integers(8, 30, 4)))
        .assign(branch=branch)
        for branch in ("b1", "b2")
    ]  # fmt: skip
    cells = pd.concat(drawn, ignore_index=True)
    found = offered(cells).query("factor == 'age_band' and verdict == 'merged'")
    for alternative in found["alternative"]:
        parts = [part.split("\t") for part in alternative.split(" | ")]
        assert sorted(level for part in parts for level in part) == sorted(set(cells["age_band"]))
        names = {level: "+".join(part) for part in parts for level in part}
        merged = cells.assign(age_band=cells["age_band"].map(names))
        shown = disclosure.control({"cells": merged}, study()).tables["outcomes"]
        own = shown[shown["factor"] == "age_band"]
        assert len(own) == len(parts) and not own["suppressed"].any()
