"""The ladder of barriers is climbed by classes of members, and says where it cannot be climbed."""

import numpy as np
import pandas as pd
import pytest
from posed import category, outcome, posed

from engagement import codebook, tables
from engagement.analysis import barriers
from engagement.errors import StudyError


def segment(name, barrier, when):
    label = f'{{ zh = "{name}", en = "{name}" }}'
    return f'[[segment]]\nname = "{name}"\nbarrier = "{barrier}"\nwhen = {when}\nlabel = {label}\n'


NIGHTS = segment("nights", "B-TIME", '{ shift = ["night"] }')
STUDY = (
    category("shift", "day night")
    + outcome("attendance", "panel")
    + '[release]\ntier = "committee"\n'
)


def counted(name, night, day, away=0, needed=""):
    """20 members of a class who attended `night` of 10 sessions, 60 others who attended `day`."""
    rows = pd.DataFrame({
        "inside": ["yes"] * 20 + ["no"] * 60 + ["yes"] * away,
        "counted": ["yes"] * 80 + ["no"] * away,
        "due": [10] * 80 + [0] * away,
        "attended": np.concatenate([np.resize(night, 20), np.resize(day, 60), np.zeros(away)]),
    })  # fmt: skip
    groups = [f"g{place % 14}" for place in range(len(rows))]
    return rows.assign(segment=name, branch="b1", group=groups, members=1, column_needed=needed)


def test_a_class_that_attended_less_has_a_supported_barrier(tmp_path):
    study = posed(tmp_path, STUDY + NIGHTS)
    found = barriers.segments(counted("nights", [2, 3, 4], [6, 7, 8]), study)
    row = found.iloc[0]
    # 20 of 10 sessions each: 7 × 2 + 7 × 3 + 6 × 4 = 59.
    assert row[["members", "due", "attended", "verdict", "column_needed"]].tolist() == [
        20,
        200,
        59,
        "supported",
        "",
    ]
    assert row["p1"] < row["p0"]
    assert tables.check(found, "segments", study) is found


@pytest.mark.parametrize(
    ("night", "day", "verdict"),
    [
        ([6, 7, 8], [2, 3, 4], "not_supported"),
        ([5], [5], "not_testable_few"),
        ([4, 5, 6], [4, 5, 6], "not_supported"),
        ([0, 10], [1, 10], "not_testable_few"),
    ],
)
def test_a_class_that_did_not_attend_less_has_none_or_cannot_be_told(tmp_path, night, day, verdict):
    found = barriers.segments(counted("nights", night, day), posed(tmp_path, STUDY + NIGHTS))
    assert list(found["verdict"]) == [verdict]


def test_a_barrier_is_supported_only_when_it_stands_among_all_classes_that_were_compared(tmp_path):
    # One class of four: a difference that would pass alone is what chance brings among four.
    others = [segment(f"other{one}", "B-TIME", '{ shift = ["night"] }') for one in range(3)]
    alone = posed(tmp_path, STUDY + NIGHTS)
    nights = counted("nights", [2, 5, 8], [3, 7, 9])
    assert list(barriers.segments(nights, alone)["verdict"]) == ["supported"]
    together = posed(tmp_path, STUDY + NIGHTS + "".join(others))
    rest = [counted(f"other{one}", [3, 6, 8], [3, 6, 8]) for one in range(3)]
    found = barriers.segments(pd.concat([nights, *rest]), together).set_index("segment")
    assert found.loc["nights", "verdict"] == "not_testable_few"


def test_a_recorded_barrier_needs_no_comparison(tmp_path):
    study = posed(tmp_path, STUDY + segment("away", "B-DUE", '{ is_mobile = ["yes"] }'))
    cells = counted("away", [5], [5], away=9)
    cells.loc[cells["inside"].eq("yes") & cells["counted"].eq("yes"), "inside"] = "no"
    row = barriers.segments(cells, study).iloc[0]
    assert row[["members", "due", "verdict"]].tolist() == [9, 0, "supported"]


def test_a_class_below_the_threshold_shows_no_count(tmp_path):
    cells = counted("nights", [2], [8])
    cells.loc[cells["inside"] == "yes", "inside"] = ["yes"] * 4 + ["no"] * 16
    row = barriers.segments(cells, posed(tmp_path, STUDY + NIGHTS)).iloc[0]
    assert row["verdict"] == "not_testable_few"
    assert row[["members", "due", "attended", "p0", "p1"]].isna().all()


def test_a_barrier_that_the_ladder_does_not_have_is_an_error_of_the_study(tmp_path):
    study = posed(tmp_path, STUDY + segment("nights", "B-LAZY", '{ shift = ["night"] }'))
    with pytest.raises(StudyError) as error:
        barriers.segments(counted("nights", [2], [8]), study)
    (problem,) = error.value.problems
    assert (problem.key, problem.values["found"]) == ("unknown_name", "B-LAZY")


def test_a_missing_column_is_named(tmp_path):
    cells = counted("nights", [2], [8], needed="shift").assign(inside="unknown")
    row = barriers.segments(cells, posed(tmp_path, STUDY + NIGHTS)).iloc[0]
    assert row[["verdict", "column_needed"]].tolist() == ["not_testable_column", "shift"]
    assert row["members_possible"] == 80


def test_a_motive_is_never_read_from_a_roster(tmp_path):
    study = posed(tmp_path, STUDY + segment("nights", "B-REF", '{ shift = ["night"] }'))
    row = barriers.segments(counted("nights", [2], [8]), study).iloc[0]
    assert row[["verdict", "column_needed"]].tolist() == ["not_testable_column", "anonymous_survey"]


def test_every_measure_serves_a_barrier_of_the_ladder():
    ladder = set(codebook.barriers()["barrier"])
    served = codebook.measures()["barrier"].str.split(";").explode()
    assert set(served) <= ladder
    assert ladder - set(served) == set()


def test_the_catalogue_of_measures_is_whole():
    measures = codebook.measures()
    assert measures["id"].is_unique and len(measures) == 25
    assert (measures["staff_hours_per_unit"] >= 0).all()
    assert set(measures["grade"]) <= set("ABCD")
    assert (measures[["zh", "en", "source_note"]] != "").all(axis=None)
    assert set(measures["unit"]) <= set(codebook.amounts()["unit"])


def test_the_bulletin_sums_to_its_total():
    bulletin = codebook.benchmarks().query("year == 2024")
    total = bulletin.query("factor == 'all'")["figure"].item()
    ages = bulletin.query("factor == 'age'")
    assert ages["figure"].sum() == pytest.approx(total, abs=0.15)  # rounded to a tenth each
    assert (ages["figure"] / total - ages["share"]).abs().max() < 0.0006
