"""The same counts from the whole records room, in batches and slices, and on Spark."""

import pickle
import shutil
from pathlib import Path

import leaks
import openpyxl
import pandas as pd
import pytest

from engagement import (
    batched,
    cell_file,
    engines,
    federation,
    files,
    sample,
    slices,
    study,
    words,
)
from engagement.errors import RosterError, StudyError
from engagement.records import decisions, link, review
from engagement.release import unpacking

COMMUNITY = Path(__file__).parent.parent / "data" / "community"

# Of rows that say the same batches keep a shorter account; recorders are numbered part by part.
UNTOLD = ("kinds", "meetings")


def assert_same(found: dict, expected: dict) -> None:
    for name in set(expected) - set(UNTOLD):
        columns = list(expected[name].columns)
        one, other = (
            frame[columns].sort_values(columns, ignore_index=True)
            for frame in (found[name], expected[name])
        )
        pd.testing.assert_frame_equal(one, other, check_dtype=False, obj=name)


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """2,100 members in plain files, one in twenty listed twice, some in two branches."""
    folder = tmp_path_factory.mktemp("town")
    sample.community(folder, members=2100, seed=5)
    path = folder / "rosters" / "members.csv"
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    moved = rows.iloc[::20].assign(所在党支部=rows["所在党支部"].iloc[::-1].iloc[::20].to_numpy())
    pd.concat([rows, moved]).to_csv(path, index=False)
    return study.load(folder)


@pytest.fixture(scope="module")
def whole(town):
    return engines.left(engines.records(town), town)


def test_batches_and_slices_count_what_the_whole_counts(town, whole, tmp_path, monkeypatch):
    monkeypatch.setattr(slices, "MEMBERS", 500)
    found = batched.counts(town, tmp_path, size=700, whole=0)
    assert_same(found, whole)
    assert whole["reconciliation"].set_index("item").loc["doubled", "rows"] > 50


def test_a_community_of_workbooks_is_counted_in_slices_as_in_one(
    opened, room, tmp_path, monkeypatch
):
    monkeypatch.setattr(slices, "MEMBERS", 60)
    assert_same(batched.counts(opened, tmp_path), engines.left(room, opened))


def test_decisions_that_contradict_each_other_are_refused_as_of_the_whole(room, tmp_path):
    """One row of the volunteers is said to be two members."""
    folder = tmp_path / "community"
    shutil.copytree(COMMUNITY, folder, ignore=shutil.ignore_patterns("private", "out"))
    own = room.links[room.links["kind"] == "volunteers"].reset_index(drop=True)
    row = own.groupby(link.SIDES[:3])["right_row"].nunique().idxmax()
    rivals = own[(own[link.SIDES[:3]] == list(row)).all(axis=1)]
    assert len(rivals) > 1
    said(folder, [(pair, "same") for pair in review.keys(room.cleaned, rivals)])
    opened = study.load(folder)
    for count in (lambda: engines.records(opened), lambda: batched.counts(opened, tmp_path)):
        with pytest.raises(StudyError) as refused:
            count()
        assert {problem.key for problem in refused.value.problems} == {"decisions_contradict"}


def said(folder, decided):
    """A review workbook that holds nothing but pairs and what somebody decided on them."""
    book = openpyxl.Workbook()
    book.active.append([words.label(f"review.{name}", "zh") for name in ("decision", "pair")])
    for pair, decision in decided:
        book.active.append([words.label(f"review.decision_{decision}", "zh"), pair])
    files.private(folder / "private")
    book.save(folder / "private" / decisions.REVIEW)


def test_every_slice_is_counted_once_and_told(opened, tmp_path, monkeypatch):
    monkeypatch.setattr(slices, "MEMBERS", 60)
    heard = []
    batched.counts(opened, tmp_path, progress=heard.append)
    assert heard == ["clean", "link", "spread", *["count"] * 3]


def test_a_row_that_names_no_unit_is_refused_with_its_file(tmp_path, town):
    folder = tmp_path / "town"
    shutil.copytree(town.folder, folder)
    path = folder / "rosters" / "sign_ins.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = ",".join(['""', '""', *lines[1].split(",")[2:]])
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(RosterError) as refused:
        batched.counts(study.load(folder), tmp_path, whole=0)
    assert refused.value.problems[0].key == "signed_without_unit"
    assert refused.value.problems[0].values["rows"] == 1


def test_who_stands_in_two_branches_is_in_the_slices_of_both(town):
    places = pd.DataFrame(
        {"kind": "members", "source_file": "m", "sheet": "", "row": [2, 3, 4], "slice": [0, 1, 1]}
    )
    ends = {"left_file": "m", "left_sheet": "", "right_file": "m", "right_sheet": ""}
    links = pd.DataFrame(
        [
            {**ends, "left_row": 3, "right_row": 2, "decision": "link", "kind": "members"},
            {
                **ends,
                "left_file": "v",
                "left_row": 9,
                "right_row": 2,
                "decision": "review",
                "kind": "volunteers",
            },
        ]
    )
    found = slices.routes(places, links)
    copies = set(zip(found["kind"], found["row"], found["slice"], strict=True))
    assert copies == {
        ("members", 2, 1),
        ("members", 3, 0),
        ("volunteers", 9, 0),
        ("volunteers", 9, 1),
    }


def test_the_counts_of_three_parts_are_those_of_the_whole(town, whole, tmp_path):
    units = whole["units"]["branch"].unique()
    parts = [
        {
            name: table[table["branch"].isin(units[at::3])] if "branch" in table else table.head(0)
            for name, table in whole.items()
        }
        for at in range(3)
    ]
    paths = [tmp_path / f"part{at}.parquet" for at in range(3)]
    for path, part in zip(paths, parts, strict=True):
        cell_file.write(path, part, town)
    merged, _ = federation.merged(paths, town)
    for name in ("cells", "segment_cells", "missed", "units", "gaps", "defined"):
        pd.testing.assert_frame_equal(merged[name], whole[name], check_dtype=False)


def test_nobody_is_on_the_disk_during_a_run(tmp_path, opened, monkeypatch):
    """Neither in what files are named after, nor in what they hold."""
    monkeypatch.setattr(slices, "MEMBERS", 60)
    batched.counts(opened, tmp_path)
    paths = [path for path in tmp_path.rglob("*") if path.is_file()]
    known = {str(part) for path in paths for part in path.relative_to(tmp_path).parts}
    kinds = {"members", "volunteers", "sign_ins", "mobile", "minutes", "links"}
    assert known <= {f"{at}_{kind}.parquet" for at in range(1, 9) for kind in kinds} | {
        f"{kind}.parquet" for kind in kinds
    } | {"slices", "0", "1", "2"}
    wanted = leaks.identities(COMMUNITY / "truth")
    assert len(paths) > 8 and len(wanted) > 500
    for path in paths:
        for text in unpacking.texts(path.read_bytes()):
            assert not [found for found in wanted if found in text], path.name


def test_a_mistake_in_another_process_comes_back_with_its_place():
    refused = RosterError.one("roster_blank", file="a.csv")
    again = pickle.loads(pickle.dumps(refused))
    assert type(again) is RosterError and again.problems == refused.problems
