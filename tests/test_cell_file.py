"""A cells file keeps its counts, and a file of other questions, or of no counts, is refused."""

import dataclasses
import datetime

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engagement import cell_file, engines, rooms, words
from engagement.errors import StudyError


@pytest.fixture(scope="module")
def left(room, opened):
    return engines.left(room, opened)


@pytest.fixture
def path(left, opened, tmp_path):
    target = tmp_path / "cells.parquet"
    cell_file.write(target, left, opened)
    return target


def refused(path, study) -> str:
    with pytest.raises(StudyError) as error:
        cell_file.read(path, study)
    problem = error.value.problems[0]
    for language in words.LANGUAGES:
        assert path.name in words.text(f"problem.{problem.key}", language, **problem.values)
    return problem.key


def test_every_count_that_left_the_room_comes_back(path, left, room, opened):
    found = cell_file.read(path, opened)
    assert set(found) == set(left)
    for name, table in left.items():
        pd.testing.assert_frame_equal(found[name], table)
    again = engines.left(rooms.of_tables(found), opened)
    for name, table in left.items():
        pd.testing.assert_frame_equal(again[name], table)


def test_the_analysis_of_a_file_is_the_analysis_of_its_rosters(path, room, opened):
    with_cells = dataclasses.replace(opened, cells=path)
    one = engines.analysis(engines.counts(engines.records(with_cells), with_cells), with_cells)
    other = engines.analysis(engines.counts(room, opened), opened)
    pd.testing.assert_frame_equal(one["findings"], other["findings"])


def test_no_identity_is_in_the_file(path, room, opened):
    held = path.read_bytes() + b"".join(
        table.to_csv().encode() for table in cell_file.read(path, opened).values()
    )
    people = room.cleaned.records["members"]
    known = [*people["name"].dropna(), *people["phone"].dropna(), *people["id_number"].dropna()]
    assert len(known) > 300
    assert [text for text in known if text.encode() in held] == []
    for name, table in cell_file.read(path, opened).items():
        closed = [c for c in table if c in opened.fields and opened.fields[c].use & {"ID", "X"}]
        assert closed == [], name


def test_a_file_counted_with_other_bands_or_another_day_is_refused(path, opened):
    factors = dict(opened.factors)
    factors["age_band"] = dataclasses.replace(factors["age_band"], bands=(18, 40, 61, 75))
    assert refused(path, dataclasses.replace(opened, factors=factors)) == "cells_of_other_codebook"
    later = dataclasses.replace(opened, reference_date=datetime.date(2023, 12, 31))
    assert refused(path, later) == "cells_of_other_codebook"


def test_the_tree_of_units_may_differ(path, opened):
    assert cell_file.read(path, dataclasses.replace(opened, units=()))


@pytest.mark.parametrize("number", [0.5, -1.0])
def test_a_count_that_is_none_is_refused_with_its_column(left, opened, tmp_path, number):
    wrong = left["cells"].astype({"members": float})
    wrong.loc[0, "members"] = number
    path = tmp_path / "cells.parquet"
    cell_file.write(path, {**left, "cells": wrong}, opened)
    assert refused(path, opened) == "cells_not_counts"


def test_what_is_no_cells_file_is_refused(tmp_path, opened):
    path = tmp_path / "cells.parquet"
    path.write_bytes(b"no table")
    assert refused(path, opened) == "cells_unreadable"
    pq.write_table(pa.table({"members": [1]}), path)
    assert refused(path, opened) == "cells_unreadable"
    assert refused(tmp_path / "missing.parquet", opened) == "cells_unreadable"


def test_recorders_of_two_parts_stay_apart():
    meetings = pd.DataFrame(
        {"event_id": ["a", "b"], "unit": ["x", "y"], "recorder": pd.array([1, 2], "Int64")}
    )
    both = cell_file.added([{"meetings": meetings}, {"meetings": meetings}])["meetings"]
    assert sorted(both["recorder"]) == [1, 2, 3, 4]


def test_what_one_part_can_check_is_checked():
    def part(checked, found, needed):
        row = {"aspect": "while_away", "checked": checked, "found": found, "column_needed": needed}
        return {"contradictions": pd.DataFrame([row])}

    both = cell_file.added([part(5.0, 1.0, ""), part(float("nan"), float("nan"), "mobile_from")])
    assert both["contradictions"].to_dict("records") == [
        {"aspect": "while_away", "checked": 5.0, "found": 1.0, "column_needed": ""}
    ]


def test_packed_parts_add_up_to_the_same_as_tables():
    def part(members, branch):
        cells = pd.DataFrame({"branch": branch, "factor": "age", "members": members})
        return {"cells": cells, "hours": pd.DataFrame({"entries": [members[0]]})}

    parts = [part([2, 3], ["b", "a"]), part([4], ["a"]), {"hours": pd.DataFrame({"entries": [5]})}]
    sums = cell_file.Sums(cell_file.packed(tables) for tables in parts)
    assert [*sums] == ["cells", "hours"] and len(sums) == 2 and "states" not in sums
    assert sums["cells"].to_dict("list") == {
        "branch": ["a", "b"],
        "factor": ["age", "age"],
        "members": [7, 2],
    }
    assert sums["hours"]["entries"].tolist() == [2 + 4 + 5]
    for name, table in cell_file.added(parts).items():
        pd.testing.assert_frame_equal(sums[name], table)
