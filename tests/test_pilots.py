"""A pilot from lot to verdict: laid down, carried out in a second year, and judged as laid down."""

import dataclasses
import datetime
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engagement import engines, files, pilots, sample, study
from engagement.analysis import arms, barriers, cells, evaluation, pilot
from engagement.declared import Pilot
from engagement.errors import StudyError, UsageError
from engagement.records import allocation

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
RELEASED = {
    "plan": pd.DataFrame(columns=["measure", "hours"]),
    "outcomes": pd.DataFrame({"outcome": ["attendance"], "factor": [""], "share": [0.6]}),
}
WEDGE = Pilot(
    "MS14", "", "stepped_wedge", 7, datetime.date(2023, 1, 1), datetime.date(2023, 12, 31), 5, None
)


def laid_down(registered, opened, folder):
    """The pilot as `engagement run` leaves it: the protocol in out/, the list in private/."""
    (folder / "out").mkdir(parents=True)
    after = folder / "out" / "protocol.json"
    after.write_text(json.dumps(registered.protocol, ensure_ascii=False), encoding="utf-8")
    if registered.allocation is not None:
        files.private(folder / "private")
        here = dataclasses.replace(opened, folder=folder)
        target = allocation.path(here, registered.protocol["id"])
        files.write_csv(target, registered.allocation, for_people=True)
    return after


def second_year(folder, after):
    sample.community(folder, year=2, after=after)
    opened = study.load(folder)
    return opened, engines.records(opened)


@pytest.fixture(scope="module")
def registered(room, opened):
    return pilots.registered(room, RELEASED, opened)


@pytest.fixture(scope="module")
def first(registered, opened, tmp_path_factory):
    return laid_down(registered, opened, tmp_path_factory.mktemp("first") / "community")


@pytest.fixture(scope="module")
def second(first, tmp_path_factory):
    """The community a year later, in which half of the members were invited by lot."""
    folder = tmp_path_factory.mktemp("second") / "community"
    return folder, *second_year(folder, first)


def test_the_list_offers_it_to_half_of_every_group(registered, room):
    listed = registered.allocation
    offered = listed["offered"].eq("yes").groupby(listed["stratum"])
    assert (offered.sum() - offered.size() / 2).abs().max() <= 0.5
    due = room.people[room.people["due"] == "yes"]
    assert len(listed) == len(due)


def test_the_same_rosters_and_seed_give_the_same_lot_and_another_seed_another(room, opened):
    again = pilots.registered(room, RELEASED, opened)
    assert again.protocol["id"] == pilots.registered(room, RELEASED, opened).protocol["id"]
    other = dataclasses.replace(opened, pilot=dataclasses.replace(opened.pilot, seed=5))
    moved = pilots.registered(room, RELEASED, other)
    assert moved.allocation["offered"].tolist() != again.allocation["offered"].tolist()


def test_the_protocol_tells_no_share_but_the_one_that_is_printed(room, opened):
    told = [
        pilots.registered(
            room,
            RELEASED | {"outcomes": RELEASED["outcomes"].assign(share=[share])},
            opened,
        ).protocol["assumed"]["share"]
        for share in (0.7, float("nan"))
    ]
    assert told == [0.7, 0.5]  # where nothing is printed, the share that leaves most to chance


def test_the_protocol_names_nobody(registered):
    told = json.dumps(registered.protocol, ensure_ascii=False)
    listed = registered.allocation
    for column in ("name", "id_number"):
        assert not [text for text in listed[column].dropna() if text in told]


def test_the_second_year_has_the_same_people_and_new_sessions(second):
    folder, _, room = second
    people = [
        pd.read_csv(path / "truth" / "people.csv", dtype="str", keep_default_na=False)
        for path in (COMMUNITY, folder)
    ]
    for column in ("name", "birth_date", "id_number", "group"):
        assert people[0][column].tolist() == people[1][column].tolist()
    assert (people[1]["age"].astype(int) - people[0]["age"].astype(int) == 1).all()
    assert set(room.sessions["event_date"].str[:4]) == {"2023"}


def test_the_evaluation_finds_what_was_planted(second):
    _, opened, room = second
    row = pilots.evaluated(room, opened).iloc[0]
    planted = 0.12
    assert row["conf_low"] <= planted <= row["conf_high"]
    assert (row["verdict"], row["planned"]) == ("helped", "yes")
    assert row["offered"] + row["others"] + row["lost"] == 160


def test_without_an_effect_the_second_year_does_not_say_that_it_helped(second, registered):
    """The same second year, judged by 200 lots that had nothing to do with it."""
    _, opened, room = second
    found = allocation.found(registered.allocation, room.cleaned, room.links, opened)
    chance = np.random.default_rng(4)
    window = (datetime.date(2023, 2, 1), datetime.date(2023, 12, 31))
    helped = 0
    for _ in range(200):
        drawn = chance.permutation(found["offered"].to_numpy())
        counted = arms.individuals(room.taking_part, found.assign(offered=drawn), window, opened)
        row = evaluation.individuals(counted, registered.protocol, opened).iloc[0]
        helped += row["verdict"] == "helped"
    # 2.5 % of 200 on this side, and two errors
    assert helped <= 5 + 2 * np.sqrt(200 * 0.025 * 0.975)


def test_a_stepped_wedge_is_carried_out_and_judged(room, opened, tmp_path):
    declared = dataclasses.replace(opened, pilot=WEDGE)
    laid = pilots.registered(room, RELEASED, declared)
    assert laid.allocation is None
    starts = laid.protocol["starts"]
    assert len(starts) == 14 and len(set(starts.values())) == 5
    after = laid_down(laid, declared, tmp_path / "first")
    later, records = second_year(tmp_path / "second", after)
    row = pilots.evaluated(records, later).iloc[0]
    assert row["conf_low"] <= 0.12 <= row["conf_high"]
    assert row["verdict"] == "helped"


def test_a_group_that_disappeared_is_counted_as_lost(second, opened):
    _, later, room = second
    protocol = {
        **{"design": "stepped_wedge", "seed": 7, "measure": "MS14", "smallest_difference": 0.1},
        "starts": {f"b{b}g{g}": f"2023-{2 * b:02d}" for b in range(1, 6) for g in (1, 2)},
    }
    window = (datetime.date(2023, 1, 1), datetime.date(2023, 12, 31))
    gone = room.people.assign(group=room.people["group"].replace("b3g2", "b3g1"))
    counted = arms.waves(gone, room.taking_part, protocol["starts"], window, later)
    row = evaluation.wedge(counted, protocol, later).iloc[0]
    assert row["groups_lost"] == 1
    assert np.isfinite(row["estimate"])


def problem(second, change):
    folder, _, room = second
    told = json.loads((folder / "protocol.json").read_text(encoding="utf-8"))
    opened = study.load(folder)
    path = folder / "changed.json"
    path.write_text(json.dumps(change(told)), encoding="utf-8")
    with pytest.raises(StudyError) as error:
        pilots.evaluated(room, dataclasses.replace(opened, protocol=path))
    return error.value.problems[0].key


def test_a_protocol_that_was_changed_is_refused(second):
    assert problem(second, lambda told: {**told, "smallest_difference": 0.01}) == "protocol_changed"
    assert problem(second, lambda told: [told]) == "protocol_unreadable"


def test_a_protocol_of_another_outcome_or_other_groups_is_refused(second):
    def again(told, **changes):
        return pilot.registered({k: v for k, v in told.items() if k != "id"} | changes)

    assert problem(second, lambda told: again(told, outcome="hours")) == "protocol_outcome"
    other = {"x1": "2023-02", "x2": "2023-04"}
    assert problem(second, lambda told: again(told, starts=other)) == "protocol_groups"


def test_a_list_that_is_missing_or_was_changed_is_refused(second, tmp_path):
    folder, _, room = second
    there = tmp_path / "moved"
    shutil.copytree(folder, there)
    moved = study.load(there)
    (listed,) = (there / "private").glob("allocation-*.csv")
    text = listed.read_text(encoding="utf-8-sig")
    listed.write_text(text.replace(",yes,", ",no,", 1), encoding="utf-8-sig")
    with pytest.raises(StudyError, match="allocation_changed"):
        pilots.evaluated(room, moved)
    listed.unlink()
    with pytest.raises(StudyError, match="allocation_missing"):
        pilots.evaluated(room, moved)


def test_a_list_of_another_organisation_is_refused(registered, second):
    _, opened, room = second
    strangers = registered.allocation.assign(
        name=[f"x{n}" for n in range(len(registered.allocation))], id_number=np.nan
    )
    with pytest.raises(StudyError, match="protocol_foreign"):
        allocation.found(strangers, room.cleaned, room.links, opened)


def test_too_few_members_or_groups_make_no_pilot(opened):
    declared = dataclasses.replace(opened, pilot=WEDGE)
    few = pd.Series([5, 5], index=["g1", "g2"])
    with pytest.raises(StudyError, match="pilot_too_small"):
        pilot.protocol(declared, few, share=0.5, slots=30, hours=0)
    with pytest.raises(StudyError, match="pilot_few_groups"):
        pilot.protocol(declared, few * 10, share=0.5, slots=30, hours=0)


def test_a_pilot_of_very_many_is_laid_down_in_seconds_and_a_wedge_of_them_refused(opened):
    many = pd.Series([12] * 4000, index=[f"g{n}" for n in range(4000)])
    told = pilot.protocol(opened, many, share=0.5, slots=30, hours=0)
    assert told["assumed"]["groups"] == 250
    with pytest.raises(StudyError, match="pilot_many_groups"):
        declared = dataclasses.replace(opened, pilot=WEDGE)
        pilot.protocol(declared, many, share=0.5, slots=30, hours=0)


def test_a_second_year_needs_the_protocol_of_this_community(tmp_path, first):
    with pytest.raises(UsageError, match="sample_no_protocol"):
        sample.community(tmp_path / "a", year=2, after=tmp_path / "gone.json")
    with pytest.raises(UsageError, match="sample_protocol_foreign"):
        sample.community(tmp_path / "b", seed=3, year=2, after=first)


def test_a_study_without_a_pilot_has_neither_protocol_nor_evaluation(room, opened):
    bare = dataclasses.replace(opened, pilot=None)
    assert pilots.registered(room, RELEASED, bare) is None
    assert pilots.evaluated(room, bare).empty


def test_on_permuted_outcomes_the_plan_spends_on_nothing_beyond_the_pilot(room, opened):
    """60 communities in which attendance goes with nothing; of 1,000 at most 5 % may be wrong."""
    chance = np.random.default_rng(12)
    due = room.people.loc[room.people["due"] == "yes", "member_id"].to_numpy()
    spent = 0
    for _ in range(60):
        moved = dict(zip(due, chance.permutation(due), strict=True))
        rows = room.taking_part
        shuffled = rows.assign(member_id=rows["member_id"].map(moved).fillna(rows["member_id"]))
        found = barriers.segments(cells.segment_cells(room.people, shuffled, opened), opened)
        compared = found[found["barrier"].isin(["B-CAPP", "B-TIME", "B-REACH"])]
        spent += compared["verdict"].eq("supported").any()
    # binomial, 60 of 5 %: 9 or more happen once in 500
    assert spent < 9
