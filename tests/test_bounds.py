"""The attacker and the hider on counts so few that a reader can redo them by hand."""

import itertools
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from scipy import sparse
from scipy.optimize import OptimizeResult

from engagement.release import attack, protection

FOUR = np.array([2.0, 6.0, 9.0, 12.0])


def total(counts=FOUR, **ends):
    """Counts of which every reader knows the sum."""
    size = len(counts)
    return attack.Family(
        sums=sparse.eye_array(size, format="csr"), counts=counts,
        known=sparse.csr_array(np.ones((1, size))), known_counts=np.array([counts.sum()]), **ends,
    )  # fmt: skip


def mask(*places, size=4):
    return np.isin(np.arange(size), places)


def test_one_hidden_count_is_the_total_less_the_others_and_two_share_what_is_left():
    """By hand: 29 − 6 − 9 − 12 = 2; without the 6 as well, between 0 and 8."""
    assert attack.bounds(total(), ~mask(0), [0]).tolist() == [[2, 2]]
    assert attack.bounds(total(), ~mask(0, 1), [0, 1]).tolist() == [[0, 8], [0, 8]]


def test_a_printed_count_that_is_rounded_leaves_its_ends_open():
    """By hand: with 6, 9 and 12 within one each, the hidden count lies between 0 and 5."""
    rounded = total(low=FOUR - 1, high=FOUR + 1)
    assert attack.bounds(rounded, ~mask(0), [0]).tolist() == [[0, 5]]


def test_what_readers_know_may_be_a_range_and_an_atom_has_a_most():
    """By hand: a total of 29 to 31 leaves 2 to 4; at most 3, so 2 to 3."""
    ranged = total(known_high=np.array([31.0]))
    assert attack.bounds(ranged, ~mask(0), [0]).tolist() == [[2, 4]]
    capped = total(known_high=np.array([31.0]), most=np.array([3.0, 20, 20, 20]))
    assert attack.bounds(capped, ~mask(0), [0]).tolist() == [[2, 3]]


def test_where_nothing_is_known_and_nothing_printed_only_the_most_of_each_is():
    """By hand: at most four and nine people, and not a word about them."""
    nothing = attack.Family(
        sums=sparse.eye_array(2, format="csr"), counts=np.array([2.0, 6.0]),
        known=sparse.csr_array((0, 2)), known_counts=np.array([]), most=np.array([4.0, 9.0]),
    )  # fmt: skip
    ends = attack.bounds(nothing, mask(size=2), [0, 1])
    assert ends.tolist() == [[0, 4], [0, 9]]


def test_counts_that_contradict_each_other_are_refused():
    wrong = total(known_high=np.array([31.0]), most=np.array([1.0, 20, 20, 20]))
    with pytest.raises(ArithmeticError):
        attack.bounds(wrong, ~mask(0), [0])


def test_a_count_that_nothing_bounds_is_as_wide_as_can_be():
    free = attack.Family(
        sums=sparse.eye_array(2, format="csr"), counts=np.array([2.0, 6.0]),
        known=sparse.csr_array(np.array([[0.0, 1.0]])), known_counts=np.array([6.0]),
    )  # fmt: skip
    for integer in (False, True):
        narrow, _ = attack.exposed(
            free, mask(0, 1, size=2), np.array([0]), 5, attack.truth(free), integer=integer
        )
        assert narrow.size == 0


def test_a_width_counts_the_whole_numbers_between_the_bounds():
    assert attack.widths(np.array([[0, 8], [2, 2], [0.5, 3.5], [1 + 1e-9, 4 - 1e-9]])).tolist() == [
        8, 0, 2, 3,
    ]  # fmt: skip


@pytest.mark.parametrize("need", [7, 8, 9])
def test_a_range_of_just_the_threshold_is_wide_enough(need):
    """By hand: 0 to 8 is a range of eight."""
    one = total()
    for integer in (False, True):
        narrow, _ = attack.exposed(
            one, mask(0, 1), np.array([0]), need, attack.truth(one), integer=integer
        )
        assert narrow.tolist() == ([0] if need > 8 else [])


def two_sums():
    """Two pairs of counts, 2 and 6, 9 and 12, of which every reader knows the sums."""
    return attack.Family(
        sums=sparse.eye_array(4, format="csr"), counts=FOUR,
        known=sparse.csr_array(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])),
        known_counts=np.array([8.0, 21.0]),
    )  # fmt: skip


def test_the_narrowest_is_told_first():
    """By hand: 2 and 6 of a known sum of 8 have eight; 9 and 12 of 21 have twenty-one."""
    one = two_sums()
    everything = np.ones(4, dtype=bool)
    narrow, _ = attack.exposed(one, everything, np.array([2, 0]), 30, attack.truth(one))
    assert narrow.tolist() == [0, 2]


def test_worlds_are_whole_only_when_they_are_made_of_whole_people():
    """By hand: half a person and half a person are one, and no world of whole people."""
    worlds = attack.truth(total()).and_one(total(), np.array([0.5, 7.5, 9, 12]))
    assert worlds.whole.tolist() == [True, False]
    assert worlds.spans(0, integer=False) == (0.5, 2)
    assert worlds.spans(0, integer=True) == (2, 2)
    pair = attack.Family(
        sums=sparse.csr_array(np.ones((1, 2))), counts=np.array([1.0]),
        known=sparse.csr_array((0, 2)), known_counts=np.array([]),
    )  # fmt: skip
    assert attack.truth(pair).and_one(pair, np.array([0.5, 0.5])).whole.tolist() == [True, False]


def test_worlds_outside_the_ends_are_left_out_and_those_on_them_kept():
    worlds = attack.truth(total()).and_one(total(), np.array([0.0, 8, 9, 12]))
    free = np.full(4, np.inf)
    kept = worlds.where(np.array([0, -np.inf, -np.inf, -np.inf]), np.array([0, *free[1:]]))
    assert kept.values.tolist() == [[0, 8, 9, 12]] and kept.whole.tolist() == [True]
    assert len(worlds.where(np.array([2.0, 0, 0, 0]), free).values) == 1


def test_scattered_worlds_are_wide_where_they_can_be():
    """By hand: two hidden counts of a sum of 8, each of which can be 0 or 8."""
    one = total()
    for integer in (False, True):
        worlds = attack.scattered(one, mask(0, 1), np.array([0, 1]), 2, integer=integer)
        low, high = worlds.spans(0, integer=False)
        assert high - low >= 2 and len(worlds.values) == 2
        assert (worlds.values.sum(axis=1) == 29).all() and (worlds.values >= 0).all()


def test_scattering_goes_on_until_each_target_has_moved():
    """By hand: two that are 0 and a third that is 8, of a known sum of 8: one world cannot raise
    both to 8, so there is a second one."""
    one = total(np.array([0.0, 0, 8]), most=np.array([8.0, 8, 8]))
    hidden, targets = mask(0, 1, 2, size=3), np.array([0, 1])
    worlds = attack.scattered(one, hidden, targets, 8, integer=True)
    assert [worlds.spans(target, integer=True) for target in targets] == [(0, 8), (0, 8)]
    assert len(worlds.values) == 3


@pytest.mark.parametrize(("count", "moved"), [(3, (3, 8)), (4, (4, 8)), (5, (0, 5))])
def test_scattering_pushes_low_counts_up_and_high_ones_down(count, moved):
    """By hand: of at most eight, three and four have more room above, and five has below."""
    one = total(np.array([float(count), 12 - count]), most=np.array([8.0, 12]))
    worlds = attack.scattered(one, mask(0, 1, size=2), np.array([0]), 4, integer=True)
    assert worlds.spans(0, integer=True) == moved


def test_a_target_has_moved_when_it_is_wide_and_not_when_it_is_large():
    """By hand: two that are 5 of at most 13, with 8 to share: one world raises one of them."""
    one = total(np.array([5.0, 5, 8]), most=np.array([13.0, 13, 18]))
    hidden, targets = mask(0, 1, 2, size=3), np.array([0, 1])
    worlds = attack.scattered(one, hidden, targets, 8, integer=True)
    ends = np.array([worlds.spans(target, integer=True) for target in targets])
    assert (attack.widths(ends) >= 8).all()


def test_scattering_ends_when_no_world_is_wider():
    """By hand: 0 to 8 is all there is, and nine are asked for; the widest worlds are left."""
    one = total()
    worlds = attack.scattered(one, mask(0, 1), np.array([0, 1]), 9, integer=True)
    assert worlds.spans(0, integer=True)[0] == 0 and len(worlds.values) <= 3


def test_only_whole_people_are_asked_for_when_they_are_asked_for():
    """By hand: 2a + 5b = 10 with a at most 4 leaves 0 to 4 of parts, but of whole people only 0."""
    one = attack.Family(
        sums=sparse.eye_array(2, format="csr"), counts=np.array([0.0, 2.0]),
        known=sparse.csr_array(np.array([[2.0, 5.0]])), known_counts=np.array([10.0]),
        most=np.array([4.0, 9.0]),
    )  # fmt: skip
    both, first = mask(0, 1, size=2), np.array([0])
    assert attack.bounds(one, ~both, first).tolist() == [[0, 4]]
    assert attack.bounds(one, ~both, first, integer=True).tolist() == [[0, 0]]
    assert attack.exposed(one, both, first, 4, attack.truth(one))[0].tolist() == []
    whole = attack.exposed(one, both, first, 1, attack.truth(one), integer=True)
    assert whole[0].tolist() == [0]


def test_a_companion_that_moves_nothing_is_not_taken_however_cheap():
    """By hand: 2 can move only with the 6 of its own sum; the 9 of the other sum costs nothing."""
    cost = np.array([2.0, 50, 0.1, 60])
    found = protection._cheapest_moves(two_sums(), mask(0), 0, 5, cost)
    assert found.tolist() == mask(1).tolist()
    hidden = protection.hide(two_sums(), mask(0), mask(), 5, cost)
    assert hidden.tolist() == mask(0, 1).tolist()


def test_two_worlds_must_differ_and_not_only_be_large():
    """By hand: 6 can lose or gain five only with the 2 of its own sum, however large both are."""
    cost = np.array([50, 2, 0.1, 60])
    found = protection._cheapest_moves(two_sums(), mask(1), 1, 5, cost)
    assert found.tolist() == mask(0).tolist()


def cheapest(one, small, need, cost):
    """The least cost of hiding that protects the small counts, by trying every set of others."""
    others = np.flatnonzero(~small)
    costs = []
    for size in range(len(others) + 1):
        for chosen in itertools.combinations(others, size):
            hidden = small | mask(*chosen, size=len(small))
            ends = attack.bounds(one, ~hidden, np.flatnonzero(small), integer=True)
            if (attack.widths(ends) >= need).all():
                costs.append(cost[hidden].sum())
    return min(costs)


@pytest.mark.parametrize("seed", range(16))
def test_what_is_hidden_costs_as_little_as_the_cheapest_of_all_sets(seed):
    """Two-by-two tables at random, with their margins and with costs at random."""
    chance = np.random.default_rng(seed)
    table = chance.multinomial(chance.integers(20, 60), chance.dirichlet(np.full(4, 0.8)))
    cells = np.eye(4)
    margins = [[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1]]
    sums = np.vstack([cells, margins])
    one = attack.Family(
        sums=sparse.csr_array(sums), counts=sums @ table,
        known=sparse.csr_array(np.ones((1, 4))), known_counts=np.array([float(table.sum())]),
    )  # fmt: skip
    small, cost = one.counts < 4, chance.uniform(1, 5, 8)
    hidden = protection.hide(one, small, mask(size=8), 4, cost)
    assert (small <= hidden).all()
    assert cost[hidden].sum() == pytest.approx(cheapest(one, small, 4, cost))


def test_the_cheapest_companion_is_hidden_and_no_other():
    """By hand: 2 needs a companion; 6 is the cheapest, and 0 to 8 is enough for five."""
    hidden = protection.hide(total(), mask(0), mask(), 5, FOUR)
    assert hidden.tolist() == mask(0, 1).tolist()
    dear = protection.hide(total(), mask(0), mask(), 5, np.array([2.0, 30, 9, 12]))
    assert dear.tolist() == mask(0, 2).tolist()


def test_one_dearer_companion_is_taken_where_two_cheap_ones_cost_more():
    """By hand: 1 needs a range of six; with 3 and 3 it has 0 to 7 for two, with 6 alone for 1.5."""
    counts, cost = np.array([1.0, 3, 3, 6]), np.array([1, 1, 1, 1.5])
    greedy = protection._greedily(total(counts), mask(0), mask(), 6, cost)
    assert greedy.tolist() == mask(0, 1, 2).tolist()
    hidden = protection.hide(total(counts), mask(0), mask(), 6, cost)
    assert hidden.tolist() == mask(0, 3).tolist()


def test_a_companion_that_is_hidden_anyway_is_not_avoided():
    """By hand: both 3 are hidden whatever is done, so nothing is left to do better."""
    counts, cost = np.array([1.0, 3, 3, 6]), np.array([1, 1, 1, 1.5])
    hidden = protection.hide(total(counts), mask(0), mask(1, 2), 6, cost)
    assert hidden.tolist() == mask(0, 1, 2).tolist()


def test_when_one_companion_is_not_enough_more_are_hidden():
    """By hand: 1 and 2 leave 0 to 3; with 4 as well 0 to 7, enough for five."""
    counts = np.array([1.0, 2, 4, 40])
    hidden = protection.hide(total(counts), mask(0), mask(), 5, np.array([1.0, 1, 2, 90]))
    assert attack.widths(attack.bounds(total(counts), ~hidden, [0]))[0] >= 5
    assert not hidden[3]


def test_what_is_hidden_anyway_needs_no_other_companion():
    hidden = protection.hide(total(), mask(0), mask(3), 5, FOUR)
    assert hidden.tolist() == mask(0, 3).tolist()


def test_what_is_hidden_anyway_stays_hidden_though_nothing_needs_it():
    assert protection.hide(total(), mask(), mask(3), 5, FOUR).tolist() == mask(3).tolist()


def test_where_no_companion_is_enough_the_cheapest_is_hidden_first():
    """By hand: a known total of 4 leaves a range of four, and five are needed."""
    few, cost = total(np.array([1.0, 1, 1, 1])), np.array([1.0, 3, 2, 4])
    found = protection._cheapest_moves(few, mask(0), 0, 5, cost)
    assert np.flatnonzero(found).tolist() == [2]


def test_where_everything_hidden_is_not_enough_it_is_said():
    """By hand: a known total of 4 leaves a range of four, and five are needed."""
    few = total(np.array([1.0, 1, 1, 1]))
    assert protection.hide(few, mask(0), mask(), 4, np.ones(4)).any()
    with pytest.raises(protection.Unprotectable):
        protection.hide(few, mask(0), mask(), 5, np.ones(4))


def test_what_only_a_reader_who_thinks_of_whole_people_knows_is_hidden_too():
    """By hand: of a + 3b = 5, a is 0 to 5 in parts, but 2 or 5 of whole people: three, not five."""
    one = attack.Family(
        sums=sparse.csr_array(np.array([[1.0, 0], [1, 3]])), counts=np.array([2.0, 5.0]),
        known=sparse.csr_array((0, 2)), known_counts=np.array([]),
    )  # fmt: skip
    first, cost = mask(0, size=2), np.ones(2)
    assert protection.hide(one, first, mask(size=2), 3, cost).tolist() == [True, False]
    assert protection.hide(one, first, mask(size=2), 5, cost).tolist() == [True, True]


def test_a_count_that_nothing_bounds_above_has_no_largest_value():
    free = attack.Family(
        sums=sparse.eye_array(1, format="csr"), counts=np.array([2.0]),
        known=sparse.csr_array((0, 1)), known_counts=np.array([]),
    )  # fmt: skip
    assert attack.bounds(free, mask(size=1), [0]).tolist() == [[0, np.inf]]


def test_the_cheapest_companions_are_those_of_the_cheapest_rectangle():
    """By hand: in a table of three by three with its margins, nobody in the corner can become five
    only if a rectangle moves; of the four, that of three counts of 1 costs least."""
    lines = np.vstack([np.kron(np.eye(3), np.ones(3)), np.kron(np.ones(3), np.eye(3))])
    counts = np.array([0.0, 5, 5, 5, 5, 5, 5, 5, 5])
    one = attack.Family(
        sums=sparse.eye_array(9, format="csr"), counts=counts,
        known=sparse.csr_array(lines), known_counts=lines @ counts,
    )  # fmt: skip
    cost = np.array([1, 1, 3, 1, 1, 3, 3, 3, 0.5])
    found = protection._cheapest_moves(one, mask(0, size=9), 0, 5, cost)
    assert np.flatnonzero(found).tolist() == [1, 3, 4]


def test_nobody_can_become_fewer_than_nobody():
    """By hand: of a sum of 9, the first 0 can gain two only from the 9, however cheap the other."""
    one = total(np.array([0.0, 0, 9]))
    found = protection._cheapest_moves(one, mask(0, size=3), 0, 2, np.array([1.0, 1, 5]))
    assert np.flatnonzero(found).tolist() == [2]


def test_only_companions_are_avoided_and_the_dearest_first():
    asked = []

    def again(prices):
        asked.append(int(np.argmax(prices)))
        return mask(0, 1, 3)

    cost = np.array([9.0, 2, 8, 3])
    found = protection._cheaper(mask(0, 1, 3), mask(0), cost, again)
    assert found.tolist() == mask(0, 1, 3).tolist() and asked == [3, 1]


def test_families_of_up_to_sixty_counts_are_done_again(monkeypatch):
    asked = []

    def noted(found, first, cost, greedily):
        asked.append((len(found), np.flatnonzero(first).tolist()))
        return found

    monkeypatch.setattr(protection, "_cheaper", noted)
    for size in (60, 61):
        one = total(np.full(size, 9.0))
        protection.hide(one, mask(0, size=size), mask(1, size=size), 3, np.ones(size))
    assert asked == [(60, [0, 1])]


@pytest.mark.parametrize("message", ["Time limit reached.", "Solver error."])
def test_an_attack_that_did_not_end_is_no_proof_that_nothing_is_known(monkeypatch, message):
    unsure = OptimizeResult(status=attack.UNSURE, message=message, x=None, fun=None)
    monkeypatch.setattr(attack, "milp", lambda *given, **how: unsure)
    with pytest.raises(ArithmeticError):
        attack.bounds(total(), ~mask(0), [0])


def test_what_an_attacker_goes_by_cannot_be_changed_under_way():
    one = total()
    for held, name in ((one, "counts"), (attack.truth(one), "whole")):
        with pytest.raises(FrozenInstanceError):
            setattr(held, name, FOUR)
