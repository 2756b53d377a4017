"""Before any analysis: what so many people and events would ever let out."""

import pandas as pd
import pytest
from invented import FACTORS, a_study, factor

from engagement.errors import ReleaseRefused
from engagement.release import budget, disclosure, rules

RULES = rules.read("committee")
AGES = ("18-35", "36-60", "61-74", "75+")


def by_age(*groups):
    """Cells of volunteering by age, drawn as (members, participants) of each age."""
    rows = [
        {"age_band": age, "attended": part, "members": count}
        for age, (members, participants) in zip(AGES, groups, strict=False)
        for part, count in ((1, participants), (0, members - participants))
        if count
    ]
    return pd.DataFrame(rows).assign(outcome="volunteering", branch="b1", group="", due=1)


def study(**changes):
    values = {"factors": {"age_band": FACTORS["age_band"]}, "segments": (), "claims": ()}
    return a_study(**(values | changes))


def rows(cells, **changes):
    return budget.splits(cells, study(**changes), RULES).set_index(["outcome", "factor"])


def test_the_number_of_groups_is_the_events_by_the_threshold():
    """12 events make two groups of five, 32 six; the other side counts as well."""
    assert rows(by_age((30, 6), (30, 6))).loc[("volunteering", ""), "possible"] == 2
    assert rows(by_age((30, 16), (40, 16))).loc[("volunteering", ""), "possible"] == 6
    assert rows(by_age((30, 26), (40, 34))).loc[("volunteering", ""), "possible"] == 2


def test_levels_with_enough_on_both_sides_may_be_printed():
    row = rows(by_age((30, 6), (30, 4), (20, 16), (20, 9))).loc[("volunteering", "age_band")]
    assert (row["levels"], row["printable"], row["verdict"]) == (4, 2, "some")


def test_the_alternative_is_the_finest_merging_that_passes():
    """By hand: 6 | 4+5 | 9 passes with three parts; 6+4 | … would have fewer or too small ones."""
    ordered = {"age_band": factor_ordered()}
    row = rows(by_age((30, 6), (30, 4), (20, 5), (20, 9)), factors=ordered).loc[
        ("volunteering", "age_band")
    ]
    assert row["alternative"] == "18-35 | 36-60\t61-74 | 75+"


def factor_ordered():
    import dataclasses

    return dataclasses.replace(FACTORS["age_band"], kind="ordered")


def test_levels_without_an_order_may_be_merged_in_any_way():
    """By hand: 1 and 4 are not neighbours; together they have 3 + 3 = 6."""
    row = rows(by_age((30, 3), (30, 7), (30, 8), (30, 3))).loc[("volunteering", "age_band")]
    assert set(row["alternative"].split(" | ")) == {"18-35\t75+", "36-60", "61-74"}


def test_where_no_merging_passes_there_is_none():
    row = rows(by_age((30, 2), (30, 4))).loc[("volunteering", "age_band")]
    assert (row["verdict"], row["alternative"]) == ("none", "")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_budget_is_said_without_a_count_of_people(language):
    cells = by_age((31, 3), (37, 7), (41, 8), (29, 3))
    lines = budget.said(budget.splits(cells, study(), RULES), study(), language)
    assert len(lines) == 2
    assert FACTORS["age_band"].label[language] in lines[1]
    assert not any(number in " ".join(lines) for number in ("138", "21", "117"))


def test_an_outcome_that_is_too_rare_is_said_to_be_told_as_a_total_or_not_at_all():
    for participants, word in ((6, "total"), (3, "nothing")):
        lines = budget.said(
            budget.splits(by_age((60, participants)), study(), RULES), study(), "en"
        )
        assert word in lines[0] and len(lines) == 1


# ---------------------------------------------------------------- what the budget promises


@pytest.mark.parametrize(("members", "leaves"), [(12, False), (19, False), (20, True)])
def test_a_study_of_twelve_people_is_refused_and_told_what_can_be_said(members, leaves):
    cells = by_age((members, members // 2))
    if leaves:
        assert len(disclosure.control({"cells": cells}, study()).tables["outcomes"])
        return
    with pytest.raises(ReleaseRefused) as refusal:
        disclosure.control({"cells": cells}, study())
    problem = refusal.value.problems[0]
    assert (problem.key, problem.values["fewest"]) == ("nothing_publishable", 20)


@pytest.mark.parametrize("seed", range(15))
def test_whenever_two_groups_have_enough_on_both_sides_something_is_published(seed):
    """Two ages of random size with at least five on either side, beside any other two."""
    import numpy as np

    chance = np.random.default_rng(seed)
    enough = [(int(n), int(chance.integers(5, n - 4))) for n in chance.integers(10, 40, 2)]
    others = [(int(n), int(chance.integers(0, n + 1))) for n in chance.integers(1, 40, 2)]
    cells = by_age(*enough, *others)
    shown = disclosure.control({"cells": cells}, study()).tables["outcomes"]
    assert shown.loc[shown["factor"] == "", "attended"].notna().all()
    assert shown.loc[shown["factor"] == "age_band", "attended"].notna().any()


def test_what_the_budget_calls_printable_in_full_is_printed_in_full():
    sized = factor("sex", ("male", "female"), "male")
    cells = by_age((40, 15), (40, 20)).assign(sex=["male", "male", "female", "female"])
    one = study(factors={"sex": sized})
    assert budget.splits(cells, one, RULES).set_index("factor").loc["sex", "verdict"] == "all"
    shown = disclosure.control({"cells": cells}, one).tables["outcomes"]
    assert shown.loc[shown["factor"] == "sex", "attended"].notna().all()
