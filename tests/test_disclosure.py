"""What is hidden cannot be worked out from what is printed."""

import dataclasses
import hashlib
import itertools
import warnings

import invented
import numpy as np
import pandas as pd
import pytest
from drawn import _made
from invented import a_study, cells, people, tables
from scipy import sparse

from engagement import words
from engagement.declared import Claim
from engagement.errors import ReleaseRefused
from engagement.release import attack, disclosure, families, protection, rules

COMMITTEE = {
    "publish": True,
    "threshold": 5,
    "rounding": 5,
    "rounding_slots": 10,
    "suppress": ["small", "zero", "full", "sums"],
    "complement": "joint",
    "findings": "margins",
}


def family(shape: tuple[int, ...], margins: list[tuple[int, ...]], table: np.ndarray):
    """All the margins of a table (axes kept) as one family; the total is known."""
    atoms = list(np.ndindex(*shape))
    rows, counts = [], []
    for kept in margins:
        for levels in np.ndindex(*(shape[axis] for axis in kept)):
            row = [all(atom[a] == v for a, v in zip(kept, levels, strict=True)) for atom in atoms]
            rows.append(row)
            counts.append(
                sum(table[atom] for atom, inside in zip(atoms, row, strict=True) if inside)
            )
    return attack.Family(
        sums=sparse.csr_array(np.array(rows, dtype=float)),
        counts=np.array(counts, dtype=float),
        known=sparse.csr_array(np.ones((1, len(atoms)))),
        known_counts=np.array([float(table.sum())]),
    )


def enumerated(family: attack.Family, printed: np.ndarray, target: int) -> tuple[int, int]:
    """The range of a count over every table that fits, one table after another."""
    total, atoms = int(family.known_counts[0]), family.sums.shape[1]
    sums = family.sums.toarray()
    found = []
    for bars in itertools.combinations(range(total + atoms - 1), atoms - 1):
        edges = np.array([-1, *bars, total + atoms - 1])
        table = np.diff(edges) - 1
        if np.array_equal(sums[printed] @ table, family.counts[printed]):
            found.append(int(sums[target] @ table))
    return min(found), max(found)


def test_the_attackers_bounds_are_those_of_counting_every_table():
    chance = np.random.default_rng(11)
    mismatches, cells_attacked = [], 0
    for _ in range(300):
        shape = [(2, 2), (2, 3), (2, 2, 2)[: chance.integers(2, 4)]][chance.integers(3)]
        table = chance.multinomial(
            chance.integers(2, 6), np.full(np.prod(shape), 1 / np.prod(shape))
        )
        axes = range(len(shape))
        margins = [*itertools.combinations(axes, 1), *itertools.combinations(axes, 2)]
        one = family(shape, margins, table.reshape(shape))
        printed = chance.random(len(one.counts)) < 0.5
        for target in np.flatnonzero(~printed)[:3]:
            low, high = attack.bounds(one, printed, np.array([target]), integer=True)[0]
            cells_attacked += 1
            if (round(low), round(high)) != enumerated(one, printed, target):
                mismatches.append((shape, target))
    assert mismatches == []
    assert cells_attacked >= 300


def test_subtraction_finds_every_small_cell_when_only_small_cells_are_hidden():
    """Branch × took part: 2 of 30 is hidden, but 12 = 2 + 6 + 4 stands in the totals."""
    table = np.array([[28, 2], [24, 6], [16, 9]])
    one = family((3, 2), [(0, 1), (0,), (1,)], table)
    small = one.counts < 5
    naive = attack.bounds(one, ~small, np.flatnonzero(small))
    assert naive.tolist() == [[2.0, 2.0]]
    hidden = protection.hide(one, small, np.zeros(11, dtype=bool), 5, np.log1p(one.counts))
    low, high = attack.bounds(one, ~hidden, np.flatnonzero(small))[0]
    assert high - low >= 5


@pytest.mark.parametrize("threshold", [3, 5, 10])
def test_no_small_count_is_exposed_in_random_linked_tables(threshold):
    """200 families in all: one-way and two-way tables of the same people, printed together."""
    chance = np.random.default_rng(threshold)
    exposed = []
    for number in range(67):
        shape = (int(chance.integers(2, 5)), int(chance.integers(2, 4)), 2)
        weights = chance.dirichlet(np.full(np.prod(shape), 0.6))
        table = chance.multinomial(chance.integers(40, 180), weights).reshape(shape)
        margins = [[(0,), (1,), (2,)], [(0, 2), (0,), (2,)], [(0, 1), (1, 2), (0, 2)]][number % 3]
        one = family(shape, margins, table)
        small = one.counts < threshold
        none = np.zeros(len(small), dtype=bool)
        hidden = protection.hide(one, small, none, threshold, np.log1p(one.counts))
        targets = np.flatnonzero(small)
        for integer in (False, True):
            found = attack.bounds(one, ~hidden, targets, integer=integer)
            exposed += [number for width in attack.widths(found) if width < threshold]
    assert exposed == []


def test_a_total_that_is_too_small_cannot_be_protected():
    one = family((2, 2), [(0,), (1,)], np.array([[1, 0], [1, 1]]))
    everything = np.ones(4, dtype=bool)
    with pytest.raises(protection.Unprotectable):
        protection.hide(one, everything, ~everything, 5, np.ones(4))


def listed(branches: list[tuple[str, int, int]]) -> pd.DataFrame:
    """Cells of volunteering by branch, drawn as (branch, members, participants)."""
    rows = [
        (branch, took_part, count)
        for branch, members, participants in branches
        for took_part, count in ((1, participants), (0, members - participants))
        if count
    ]
    drawn = pd.DataFrame(rows, columns=["branch", "attended", "members"])
    return drawn.assign(outcome="volunteering", group="", due=1)


@pytest.fixture(scope="module")
def release():
    return disclosure.control(tables(), a_study())


def test_no_printed_count_of_people_or_of_either_side_is_below_the_threshold(release):
    outcomes = release.tables["outcomes"]
    missed = outcomes["due"] - outcomes["attended"]
    for counts in (outcomes["members"], outcomes["attended"], missed):
        assert counts.dropna().ge(5).all()
    assert release.tables["members"]["members"].dropna().ge(5).all()


def left_over(total, printed, base, members):
    """By hand, without the attacker: between what the one hidden count lies, by subtraction."""
    slack = base - 1
    low = total - slack - sum(count + slack for count in printed)
    high = total + slack - sum(count - slack for count in printed)
    return max(low, 0), min(high, members)


def test_a_branch_with_few_participants_is_hidden_and_subtraction_does_not_find_it():
    drawn = listed([("b1", 30, 2), ("b2", 30, 6), ("b3", 25, 9), ("b4", 40, 12)])
    study = a_study(factors={}, segments=(), claims=())
    shown = disclosure.control({"cells": drawn}, study).tables["outcomes"]
    attended = shown.loc[shown["factor"] == "branch"].set_index("level")["attended"]
    assert pd.isna(attended["b1"])
    total = shown.loc[shown["factor"] == "", "attended"].item()
    assert total in (25, 30)
    low, high = left_over(total, attended.dropna(), 5, 30)
    assert low <= 2 <= high and high - low >= 5


def test_a_group_in_which_nobody_or_everybody_took_part_is_hidden():
    drawn = listed([("b1", 30, 0), ("b2", 30, 30), ("b3", 25, 9), ("b4", 40, 12)])
    study = a_study(factors={}, segments=(), claims=())
    shown = disclosure.control({"cells": drawn}, study).tables["outcomes"]
    hidden = shown.loc[shown["suppressed"], "level"].tolist()
    assert {"b1", "b2"} <= set(hidden)


def test_small_counts_small_sides_zeros_and_their_companions_carry_one_mark(release):
    outcomes = release.tables["outcomes"]
    numbers = outcomes[["members", "due", "attended", "share"]]
    assert outcomes["suppressed"].any()
    assert (numbers.isna().any(axis=1) == outcomes["suppressed"]).all()
    assert {
        type(value) for name in numbers for value in numbers.loc[numbers[name].isna(), name]
    } <= {type(pd.NA)}


def test_a_finding_leaves_only_with_every_margin_that_its_model_gives_back(release):
    findings, outcomes = release.tables["findings"], release.tables["outcomes"]
    hidden = {
        (row.outcome, row.factor) for row in outcomes.itertuples() if row.suppressed and row.factor
    }
    adjusted = {name: {name, *f.adjust} for name, f in a_study().factors.items()}
    for row in findings.loc[findings["estimand"] == "risk_difference"].itertuples():
        implied = {(row.outcome, name) for name in adjusted[row.term]}
        assert row.released == (not implied & hidden)


def test_a_finding_on_a_margin_that_is_too_small_is_refused_and_stays_in_the_list():
    members = people()
    members.loc[members["mobility"] == "limited", "mobility"] = "full"
    members.loc[members.index[:3], "mobility"] = "limited"
    drawn = tables() | {"cells": cells(members)}
    found = disclosure.control(drawn, a_study()).tables["findings"]
    refused = found.loc[found["contrast"] == "limited|full"].iloc[0]
    assert (refused["released"], refused["reason"]) == (False, "too_few")
    assert refused[["estimate", "conf_low", "conf_high", "p0", "p1", "members"]].isna().all()
    assert refused["verdict"] == "not_released"


@pytest.mark.parametrize("adjust", [(), ("mobility",)])
def test_what_a_claim_holds_level_counts_among_its_margins(adjust):
    """Three members for whom it is hard to come: a claim adjusted for that would tell on them."""
    members = people()
    members.loc[members["mobility"] == "limited", "mobility"] = "full"
    members.loc[members.index[:3], "mobility"] = "limited"
    claim = _made(
        Claim, name="women", kind="contrast", outcome="attendance", factor="sex",
        levels=("female",), against=("male",), adjust=adjust,
        text={"zh": "女党员参加得多", "en": "Women take part more"},
    )  # fmt: skip
    told = invented.row(
        "attendance", "women", "female|male", "risk_difference", 0.1, 0.05, 160, 3000, "holds"
    )
    drawn = tables() | {"cells": cells(members), "findings": pd.DataFrame([told])}
    found = disclosure.control(drawn, a_study(claims=(claim,))).tables["findings"].iloc[0]
    assert found["released"] == (not adjust)


def test_a_finding_of_an_undeclared_factor_is_refused():
    drawn = tables()
    drawn["findings"] = drawn["findings"].replace({"term": {"sex": "shoe_size"}})
    found = disclosure.control(drawn, a_study()).tables["findings"]
    refused = found.loc[found["term"] == "shoe_size"]
    assert set(refused["reason"]) == {"not_audited", "too_few"}
    assert not refused["released"].any()


def test_a_total_leaves_although_no_group_may():
    """By hand: three of 30 in each branch are too few, and six of 60 are not."""
    drawn = listed([("b1", 30, 3), ("b2", 30, 3)])
    study = a_study(factors={}, segments=(), claims=())
    shown = disclosure.control({"cells": drawn}, study).tables["outcomes"]
    told = shown.set_index("factor")["attended"]
    assert told.notna().tolist() == [True, False, False] and told[""] in (5, 10)


def test_when_no_outcome_has_enough_on_both_sides_nothing_leaves():
    drawn = listed([("b1", 60, 2)])
    with pytest.raises(ReleaseRefused) as refusal:
        disclosure.control({"cells": drawn}, a_study(factors={}, segments=()))
    assert refusal.value.problems[0].key == "nothing_publishable"


@pytest.mark.parametrize(
    ("branch", "reason"),
    [
        (("b1", 19, 9), ("outcome_of_few", {"fewest": 20})),
        (("b1", 60, 4), ("outcome_rare", {"least": 5})),
        (("b1", 60, 56), ("outcome_common", {"least": 5})),
    ],
)
def test_a_refused_release_says_of_each_outcome_what_lacks_and_what_helps(branch, reason):
    with pytest.raises(ReleaseRefused) as refusal:
        disclosure.control({"cells": listed([branch])}, a_study(factors={}, segments=()))
    own = {problem.values["outcome"]: problem for problem in refusal.value.problems[1:]}
    told, expected = own["volunteering"], {"outcome": "volunteering", **reason[1]}
    assert (told.key, dict(told.values)) == (reason[0], expected)
    assert own["attendance"].key == "outcome_of_few"
    for language, word in (("zh", "统计"), ("en", "Count")):
        text = words.text(f"problem.{told.key}", language, **told.values)
        assert text.startswith("[outcomes.volunteering]") and word in text


def test_sums_over_sessions_need_ten_on_either_side():
    drawn = listed([("b1", 60, 1)]).assign(outcome="attendance", due=9)
    drawn["attended"] = drawn["attended"] * 9
    with pytest.raises(ReleaseRefused) as refusal:
        disclosure.control({"cells": drawn}, a_study(factors={}, segments=()))
    rare = refusal.value.problems[1]
    assert (rare.key, rare.values["least"]) == ("outcome_rare", 10)


@pytest.mark.parametrize(
    "change",
    [
        {"treshold": 5},
        {"threshold": "5"},
        {"threshold": 0},
        {"threshold": 1},
        {"threshold": 2},
        {"threshold": "five"},
        {"threshold": True},
        {"threshold": 5.0},
        {"suppress": ["small", "zero", "full"]},
        {"suppress": ["small", "zero", "full", "sum"]},
        {"complement": "jiont"},
        {"findings": ""},
        {"publish": "yes"},
    ],
)
def test_a_missing_unknown_or_misspelt_rule_stops_the_release(change):
    with pytest.raises(ReleaseRefused) as refusal:
        rules.read("committee", {"committee": COMMITTEE | change})
    problem = refusal.value.problems[0]
    assert (problem.key, problem.values["found"]) == ("tier_rule_wrong", *change)


@pytest.mark.parametrize("rule", sorted(COMMITTEE))
def test_a_rule_that_is_left_out_stops_the_release(rule):
    declared = {key: value for key, value in COMMITTEE.items() if key != rule}
    with pytest.raises(ReleaseRefused) as refusal:
        rules.read("committee", {"committee": declared})
    assert refusal.value.problems[0].values["found"] == rule


@pytest.mark.parametrize(
    ("change", "smallest_sum", "fewest"),
    [
        ({}, 10, 20),
        ({"rounding_slots": 3}, 5, 20),
        ({"threshold": 10, "rounding_slots": 20}, 20, 40),
        ({"threshold": 3, "rounding": 3, "rounding_slots": 1}, 3, 12),
    ],
)
def test_a_rule_demands_at_least_its_threshold_and_four_times_as_many_members(
    change, smallest_sum, fewest
):
    """By hand: a sum is printed from its base or the threshold on, whichever is larger."""
    found = rules.read("committee", {"committee": COMMITTEE | change})
    assert (found.smallest_sum, found.fewest) == (smallest_sum, fewest)


def test_a_tier_that_nobody_knows_lets_nothing_leave_and_so_does_the_desk():
    known = {tier: rules.publishes(tier) for tier in ("desk", "committee", "public", "nobody")}
    assert known == {"desk": False, "committee": True, "public": True, "nobody": False}


@pytest.mark.parametrize(
    "change",
    [{"rounding": 6}, {"rounding": 0}, {"rounding_slots": 0}, {"suppress": ["small"] * 4},
     {"suppress": ["small", "zero", "full", "sums", "sums"]}, {"suppress": "sums"}],
)  # fmt: skip
def test_a_rule_at_its_edge_is_refused_just_beyond_it(change):
    """Rounding may equal the threshold; beyond it a count could be printed as zero."""
    rules.read("committee", {"committee": COMMITTEE | {"rounding": 1, "rounding_slots": 1}})
    with pytest.raises(ReleaseRefused):
        rules.read("committee", {"committee": COMMITTEE | change})


def test_an_unknown_tier_and_the_desk_tier_release_nothing():
    for tier in ("comittee", "desk"):
        with pytest.raises(ReleaseRefused):
            disclosure.control(tables(), a_study(tier=tier))


def test_the_public_tier_hides_more_than_the_committees(release):
    public = disclosure.control(tables(), a_study(tier="public"))
    assert public.rules.threshold == 10
    assert public.hidden >= release.hidden


def test_only_control_makes_a_release_or_a_seal(release):
    with pytest.raises(TypeError):
        disclosure.Release(release.tables, release.rules, 0, 0, release.id)
    with pytest.raises(TypeError):
        disclosure.Seal(release.id)


def test_a_release_and_its_seals_cannot_be_changed(release):
    for value in (release, release.tables["outcomes"].attrs["release"]):
        for field in dataclasses.fields(value):
            with pytest.raises(dataclasses.FrozenInstanceError):
                setattr(value, field.name, None)


def test_the_tables_of_counts_hold_what_they_declare_and_every_group_once(release):
    members, outcomes = release.tables["members"], release.tables["outcomes"]
    assert list(members) == ["factor", "level", "members", "suppressed"]
    counted = ["members", "due", "attended"]
    shown = [f"{name}_shown" for name in counted]
    groups = ["outcome", "factor", "level"]
    assert set(outcomes) - set(shown) == {*groups, *counted, "share", "suppressed"}
    assert not members.duplicated(["factor", "level"]).any()
    assert not outcomes.duplicated(groups).any()
    levels = {name: set(factor.levels) for name, factor in a_study().factors.items()}
    levels |= {"": {""}, "branch": {f"b{number}" for number in range(1, 6)}}
    told = {(name, level) for name, own in levels.items() for level in own}
    assert set(members[["factor", "level"]].itertuples(index=False, name=None)) == told


def test_numbers_keep_fifteen_digits_and_what_is_hidden_is_null():
    drawn = pd.DataFrame({"share": [1 / 3], "members": pd.array([None], "Int64")})
    assert disclosure.records(drawn) == [{"share": 0.333333333333333, "members": None}]


def test_the_draw_follows_from_every_exact_count_and_from_nothing_else():
    """The text of the counts typed by hand; the hash by the standard library."""
    drawn = listed([("b1", 30, 2), ("b2", 20, 6)])
    text = (
        "outcome,members,due,attended,factor,level\n"
        "volunteering,50,50,8,,\n"
        "volunteering,30,30,2,branch,b1\n"
        "volunteering,20,20,6,branch,b2\n"
    )
    seed = disclosure._seed(families.summed(drawn), a_study(factors={}))
    assert seed == hashlib.sha256(text.encode()).hexdigest()


def test_the_id_of_a_release_is_the_hash_of_its_rules_and_tables_in_one_spelling():
    text = '[{"threshold": 5, "tier": "committee"}, {"a": [{"x": "中", "y": 1}]}]'
    found = disclosure.digest({"a": [{"y": 1, "x": "中"}]}, {"tier": "committee", "threshold": 5})
    assert found == hashlib.sha256(text.encode()).hexdigest()


def test_a_release_has_one_id_for_one_content(release):
    assert disclosure.control(tables(), a_study()).id == release.id
    assert disclosure.control(tables(seed=8), a_study()).id != release.id


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_subtraction_finds_no_hidden_count_and_two_populations_give_nobody_away(seed):
    """By hand, without the attacker: what is left of a total, and who is left out of it."""
    drawn = cells(people(seed=seed), two_populations=True)
    shown = disclosure.control({"cells": drawn}, a_study()).tables["outcomes"]
    total = shown.loc[shown["factor"] == ""].set_index("outcome")
    bases = {"attendance": 10, "volunteering": 5}
    for (outcome, _), own in shown.loc[shown["factor"] != ""].groupby(["outcome", "factor"]):
        assert own["members"].isna().sum() != 1
        hidden = own["attended"].isna()
        if hidden.sum() == 1 and own["members"].notna().all():
            printed, whole = own["attended"].dropna(), total.loc[outcome, "attended"]
            due = own.loc[hidden, "due"]
            most = 200 if due.isna().all() else due.item()
            low, high = left_over(whole, printed, bases[outcome], most)
            assert high - low >= 5
    members = {
        name: own.set_index(["factor", "level"])["members"]
        for name, own in shown.groupby("outcome")
    }
    left_out = (members["volunteering"] - members["attendance"]).dropna()
    assert ((left_out == 0) | (left_out >= 5)).all()


def test_the_same_segment_is_protected_with_the_levels_it_is_made_of():
    """A segment that equals one hidden level must not print what the level hides."""
    members = people()
    members.loc[members["mobility"] == "limited", "mobility"] = "full"
    members.loc[members.index[:3], "mobility"] = "limited"
    counted = cells(members)
    own = families.summed(counted)
    own = own.loc[(own["outcome"] == "attendance") & (own["mobility"] == "limited")]
    sums = own[["members", "due", "attended"]].sum()
    told = {"segment": "hard_to_come", "barrier": "B-CAPP", "verdict": "supported"}
    segments = pd.DataFrame([{**told, **sums, "column_needed": ""}])
    release = disclosure.control({"cells": counted, "segments": segments}, a_study())
    row = release.tables["segments"].iloc[0]
    assert row[["members", "due", "attended"]].isna().all()
    assert (row["suppressed"], row["verdict"]) == (True, "not_released")


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("cells", "branch", "other_branch"),
        ("cells", "outcome", "choir"),
        ("findings", "outcome", "choir"),
        ("completeness", "branch", "other_branch"),
    ],
)
def test_a_table_of_another_organisations_members_stops_the_release(name, column, value):
    drawn = tables()
    foreign = drawn[name].tail(1).assign(**{column: value})
    drawn[name] = pd.concat([drawn[name], foreign], ignore_index=True)
    with pytest.raises(ReleaseRefused) as refusal:
        disclosure.control(drawn, a_study())
    (problem,) = refusal.value.problems
    assert problem.key == "table_foreign"
    assert dict(problem.values) == {"table": name, "column": column}
    for language in ("zh", "en"):
        told = words.text(f"problem.{problem.key}", language, **problem.values)
        assert name in told and value not in told


def test_members_whose_branch_is_not_recorded_are_the_studys_own():
    drawn = tables()
    drawn["cells"].loc[drawn["cells"].index[:20], "branch"] = "unknown"
    assert len(disclosure.control(drawn, a_study()).tables["outcomes"])


def test_a_plan_without_segments_is_released_without_a_warning():
    drawn = tables() | {"segments": None}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plan = disclosure.control(drawn, a_study()).tables["plan"]
    assert set(plan["verdict"]) == {""}
