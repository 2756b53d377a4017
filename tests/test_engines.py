"""The rooms in their order: what crosses wall 1 is counts, and a release stands on one base."""

import dataclasses
from pathlib import Path

import branch
import numpy as np
import pandas as pd
import pytest

from engagement import batched, codebook, engines, study, tables
from engagement.analysis import cells as waist

COMMUNITY = Path(__file__).parent.parent / "data" / "community"


def test_each_step_is_told_once_and_in_order(opened):
    heard = []
    engines.records(opened, progress=heard.append)
    assert tuple(heard) == engines.STEPS


def test_only_counts_cross_the_first_wall(counted, opened):
    for name in ("cells", "segment_cells", "units", "not_due", "sessions", "reconciliation"):
        columns = set(getattr(counted, name).columns)
        identities = {field.name for field in opened.fields.values() if "ID" in field.use}
        assert not columns & (identities | {"member_id"}), name
    assert len(set(counted.cells.groupby("outcome")["members"].sum())) == 1


def test_the_cells_hold_every_due_member(counted, room, opened):
    own = counted.cells[counted.cells["outcome"] == opened.primary.name]
    assert own["members"].sum() == (room.people["due"] == "yes").sum()
    assert own["members"].sum() + counted.not_due["members"].sum() == len(room.people)


def test_a_name_in_people_is_refused_at_the_wall(room, opened):
    disguised = dataclasses.replace(room, people=room.people.assign(name="x"))
    with pytest.raises(TypeError, match="name"):
        tables.check(disguised.people, "people", opened)


def test_nobody_with_a_rare_gap_is_in_any_table_of_a_release(counted, opened):
    """A level `unknown` smaller than the threshold would fall to subtraction: it leaves everywhere."""
    base = engines.publishable(counted, opened)["cells"]
    threshold = codebook.tiers()[opened.tier]["threshold"]
    for name in opened.factors:
        unknown = base.loc[base[name] == "unknown"].groupby("outcome")["members"].sum()
        assert (unknown >= threshold).all()
    sizes = base.groupby("outcome")["members"].sum()
    assert len(set(sizes)) == 1


def test_findings_of_a_release_stand_on_the_same_members_as_its_tables(counted, opened):
    released = engines.publishable(counted, opened)
    own = released["cells"]["outcome"] == opened.primary.name
    members = released["cells"].loc[own & (released["cells"]["due"] > 0), "members"].sum()
    found = released["findings"]
    compared = found[
        (found["estimand"] == "risk_difference") & (found["outcome"] == opened.primary.name)
    ]
    assert set(compared["members"].dropna()) == {members}


def test_a_level_that_many_have_not_recorded_stays(counted, opened):
    many = counted.cells.assign(sex=counted.cells["sex"].replace("female", "unknown"))
    assert (waist.publishable(many, opened)["sex"] == "unknown").any()
    few = waist.publishable(counted.cells, opened)
    assert not (few["activity_ability"] == "unknown").any()


def test_the_analysis_gives_every_table_that_a_release_needs(counted, opened):
    analysed = engines.analysis(counted, opened)
    assert {"cells", "findings", "completeness", "segments", "plan", "reconciliation"} <= set(
        analysed
    )
    finite = analysed["findings"][["estimate", "conf_low"]].dropna()
    assert np.isfinite(finite.to_numpy()).all()


@pytest.mark.parametrize("size", [7, 1000])
def test_a_study_cleaned_in_batches_has_the_records_of_one_pass(tmp_path, size):
    union = study.load(branch.study(tmp_path / "union"))
    held, told = batched.cleaned(union, tmp_path, size=size, whole=0)
    assert list(held) == ["members"] and told[0]["kinds"]["rows"].sum() == 60 + 1
    found = pd.concat(held["members"].batches(), ignore_index=True).drop(columns="_at")
    whole = engines.records(union).cleaned.records["members"]
    pd.testing.assert_frame_equal(found, whole, check_dtype=False, check_like=True)
