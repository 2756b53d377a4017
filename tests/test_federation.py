"""Organisations counted apart and merged upward: the sum of the parts is the whole, at any depth."""

import dataclasses
import re

import branch
import pandas as pd
import pytest

from bench import upward
from engagement import cell_file, codebook, engines, federation, rooms, study, words
from engagement.declared import Unit
from engagement.errors import StudyError
from engagement.release import disclosure

BRANCHES = {"east": ["b1", "b2"], "west": ["b3", "b4"], "north": ["b5"]}
HOME = {branch: place for place, branches in BRANCHES.items() for branch in branches}


def unit(code, level, parent=None):
    return Unit(code, level, parent, f"{code}区", code.title(), ())


@pytest.fixture(scope="module")
def left(room, opened):
    return engines.left(room, opened)


@pytest.fixture(scope="module")
def street(opened):
    """Communities and their branches: each community is declared, and what belongs to it."""
    uppers = [unit(place, "branch") for place in BRANCHES]
    lowers = [unit(branch, "group", place) for branch, place in HOME.items()]
    return dataclasses.replace(
        opened,
        levels={"community": {"zh": "社区", "en": "Community"}, "branch": None},
        units=(*uppers, *lowers),
    )


@pytest.fixture(scope="module")
def named(street):
    """The same street when it names its communities alone."""
    return dataclasses.replace(street, units=street.units[:3])


@pytest.fixture(scope="module")
def district(opened):
    return dataclasses.replace(
        opened,
        levels={"street": {"zh": "街道", "en": "Street"}, "community": None},
        units=(unit("river", "branch"), unit("hill", "branch")),
        tier="public",
    )


@pytest.fixture(scope="module")
def paths(left, opened, tmp_path_factory):
    """One file for each community, as if each had been counted by its own study."""
    folder = tmp_path_factory.mktemp("files")
    found = {}
    for place, branches in BRANCHES.items():
        own = dataclasses.replace(opened, fingerprint=place)
        found[place] = folder / f"{place}.parquet"
        cell_file.write(found[place], part(left, branches, first=place == "east"), own)
    return found


def part(left, branches, *, first):
    """The counts of some branches; what is counted for nobody's branch goes to the first part."""
    units = left["units"]
    own = {*branches, *units.loc[units["branch"].isin(branches), "group"]}
    tables = {}
    for name, table in left.items():
        key = "branch" if "branch" in table else "unit" if "unit" in table else None
        kept = table[table[key].isin(own)] if key else table if first else table.head(0)
        tables[name] = kept.reset_index(drop=True)
    return tables


def assert_same(one, other, prefix=False):
    assert set(one) == set(other)
    for name, expected in other.items():
        found = one[name]
        if prefix:
            found = found.map(lambda v: v.rpartition("/")[2] if isinstance(v, str) else v)
        columns = [c for c in expected if c not in ("reading", "recorder")]
        a, b = (t[columns].sort_values(columns, ignore_index=True) for t in (found, expected))
        pd.testing.assert_frame_equal(a, b, check_dtype=False, obj=name)


def whole_of(left, opened, street, tmp_path):
    path = tmp_path / "whole.parquet"
    cell_file.write(path, left, opened)
    return federation.merged([path], street)[0]


def test_three_files_side_by_side_are_the_whole(left, opened, paths):
    found, parts = federation.merged(paths.values(), opened)
    assert parts == {"east", "west", "north"}
    for name in ("cells", "gaps", "units", "missed", "defined", "segment_cells", "sessions"):
        columns = list(left[name].columns)
        one, other = (
            t[name][columns].sort_values(columns, ignore_index=True) for t in (found, left)
        )
        pd.testing.assert_frame_equal(one, other, check_dtype=False, obj=name)


def test_three_communities_become_a_street_as_their_whole_does(
    left, opened, street, named, paths, tmp_path
):
    whole = whole_of(left, opened, street, tmp_path)
    by_tree, _ = federation.merged(paths.values(), street)
    assert_same(by_tree, whole)
    by_file, _ = federation.merged(paths.values(), named)
    assert_same(by_file, whole, prefix=True)
    assert set(by_file["cells"]["group"]) == {f"{home}/{branch}" for branch, home in HOME.items()}


def test_a_branch_becomes_a_group_and_nobody_is_lost(left, street, paths):
    found, _ = federation.merged(paths.values(), street)
    for name in ("cells", "gaps", "segment_cells", "units", "seasons"):
        assert found[name]["members"].sum() == left[name]["members"].sum(), name
    members = left["units"].groupby("branch")["members"].sum()
    sizes = found["units"].groupby("group")["members"].sum()
    assert sizes.to_dict() == members.to_dict()
    assert (found["units"]["branch"] == found["units"]["group"].map(HOME)).all()
    for name in ("due", "attended"):
        slots = [(t["cells"][name] * t["cells"]["members"]).sum() for t in (found, left)]
        assert slots[0] == slots[1]


def test_sessions_are_expected_of_those_who_hold_them_however_high_they_are_counted(
    left, opened, street, paths
):
    counted = rooms.of_tables(left).counts
    low = engines.analysis(counted, opened)["completeness"].query("test == 'sessions'")
    found, _ = federation.merged(paths.values(), street)
    high = engines.analysis(rooms.of_tables(found).counts, street)["completeness"]
    high = high.query("test == 'sessions'").set_index(["duty_type", "branch"])
    summed = low.assign(branch=low["branch"].map(HOME)).groupby(["duty_type", "branch"])
    for name in ("expected", "recorded"):
        assert high[name].to_dict() == summed[name].sum().to_dict()


def test_slots_without_a_sheet_stay_those_of_the_group(left, opened, street, paths):
    recorded = rooms.of_tables(left)
    before = engines.recording(recorded.recorded, recorded.counts, opened)["gaps"]
    found, _ = federation.merged(paths.values(), street)
    raised = rooms.of_tables(found)
    after = engines.recording(raised.recorded, raised.counts, street)["gaps"]
    unknown = [(t["unknown"] * t["members"]).sum() for t in (before, after)]
    assert unknown[0] == unknown[1] > 0


@pytest.fixture
def streets(street, paths, tmp_path):
    """Two streets of three communities and of two, each counted by its own study."""
    found = {}
    for name, own in {"river": ["east", "west"], "hill": ["north"]}.items():
        tables, parts = federation.merged([paths[place] for place in own], street)
        found[name] = tmp_path / f"{name}.parquet"
        cell_file.write(found[name], tables, street, parts)
    return found


def test_two_streets_become_a_district_with_the_tier_of_the_district(
    left, district, streets, tmp_path
):
    found, parts = federation.merged(streets.values(), district)
    assert parts == {"east", "west", "north"}
    assert set(found["cells"]["branch"]) == {"river", "hill"}
    assert set(found["cells"]["group"]) == {"river/east", "river/west", "hill/north"}
    assert found["cells"]["members"].sum() == left["cells"]["members"].sum()
    target = tmp_path / "district.parquet"
    cell_file.write(target, found, district, parts)
    counted = rooms.of_tables(cell_file.read(target, district)).counts
    release = disclosure.control(engines.publishable(counted, district), district)
    assert release.rules.tier == "public"
    shown = release.tables["outcomes"]["members"].dropna()
    least = codebook.tiers()["public"]["threshold"]
    assert len(shown) and (shown >= least).all() and (shown % least == 0).all()
    findings = engines.analysis(counted, district)["findings"]
    assert {"prevalence", "risk_difference"} <= set(findings["estimand"])


def refused(paths, study):
    with pytest.raises(StudyError) as error:
        federation.merged(paths, study)
    for problem in error.value.problems:
        for language in words.LANGUAGES:
            words.text(f"problem.{problem.key}", language, **problem.values)
    return [problem.key for problem in error.value.problems]


def test_the_same_organisation_twice_is_refused(paths, street, named, district, streets, tmp_path):
    again = tmp_path / "west.parquet"
    again.write_bytes(paths["east"].read_bytes())
    assert refused([paths["east"], again], named) == ["cells_twice"]
    assert refused([paths["east"], paths["east"]], street) == ["cells_twice"]
    both, parts = federation.merged([paths["north"], paths["east"]], street)
    other = tmp_path / "hill.parquet"
    cell_file.write(other, both, street, parts)
    assert refused([streets["river"], other], district) == ["cells_twice"]


def test_the_same_counts_under_another_study_are_refused(paths, left, opened, named, tmp_path):
    again = tmp_path / "west.parquet"
    own = dataclasses.replace(opened, fingerprint="edited")
    cell_file.write(again, part(left, BRANCHES["east"], first=True), own)
    assert refused([paths["east"], again], named) == ["cells_twice"]


def test_two_organisations_with_one_code_for_a_unit_are_not_put_side_by_side(
    paths, left, opened, tmp_path
):
    fewer = part(left, BRANCHES["east"], first=True)
    fewer["cells"] = fewer["cells"].iloc[1:]
    other = tmp_path / "other.parquet"
    cell_file.write(other, fewer, opened)
    assert refused([paths["east"], other], opened) == ["cells_units_meet"]


def test_levels_that_do_not_follow_each_other_are_refused(paths, district, streets, opened):
    assert refused(list(paths.values()), district) == ["cells_level"] * 3
    assert refused([streets["river"]], opened) == ["cells_level"]
    with pytest.raises(StudyError) as error:
        cell_file.read(streets["river"], opened)
    assert error.value.problems[0].key == "cells_level"


def test_a_file_named_after_no_unit_is_refused(paths, named, tmp_path):
    other = tmp_path / "cells.parquet"
    other.write_bytes(paths["east"].read_bytes())
    assert refused([other], named) == ["cells_no_unit"]


def test_a_tier_laxer_than_that_of_a_file_is_refused(left, opened, named, tmp_path):
    strict = tmp_path / "east.parquet"
    cell_file.write(strict, left, dataclasses.replace(opened, tier="public"))
    assert refused([strict], named) == ["cells_tier"]
    assert federation.merged([strict], dataclasses.replace(named, tier="public"))


# ---------------------------------------------------------------- the tree in study.toml

LEVELS = """
[[level]]
code = "community"
label = { zh = "社区", en = "Community" }
[[level]]
code = "branch"
label = { zh = "支部", en = "Branch" }
"""
STREET = """
[[level]]
code = "street"
label = { zh = "街道", en = "Street" }
"""
UNITS = """
[[unit]]
code = "river"
level = "street"
zh = "河"
en = "River"
[[unit]]
code = "east"
level = "community"
parent = "river"
zh = "东"
en = "East"
[[unit]]
code = "b1"
level = "branch"
parent = "east"
zh = "一"
en = "One"
"""
TREE = STREET + LEVELS + UNITS


def opened_with(opened, tree, folder):
    """The community's study with another tree: its own units stand between two rulers."""
    text = (opened.folder / "study.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[[unit]]")
    after = rest.rpartition("[[unit]]")[2].partition("\n# ---")[2]
    (folder / "study.toml").write_text(f"{head}{tree}\n# ---{after}", encoding="utf-8")
    (folder / "rosters").symlink_to(opened.folder / "rosters")
    return study.load(folder)


def test_a_tree_of_three_levels_is_read_and_counted_by_its_last_two(opened, tmp_path):
    found = opened_with(opened, TREE, tmp_path)
    assert list(found.levels) == ["street", "community", "branch"]
    assert found.counted == ("community", "branch")
    assert [(u.code, u.level, u.parent) for u in found.units] == [
        ("river", "street", None),
        ("east", "branch", "river"),
        ("b1", "group", "east"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('level = "community"', 'level = "comunity"', "unknown_name"),
        ('parent = "east"', 'parent = "b1"', "unit_upside_down"),
        ('parent = "river"', 'parent = "b1"', "unit_upside_down"),
        ('parent = "river"', 'parent = "sea"', "unknown_name"),
        ('code = "community"', 'code = "street"', "level_twice"),
    ],
)
def test_a_tree_that_cannot_be_is_refused(opened, tmp_path, old, new, key):
    with pytest.raises(StudyError) as error:
        opened_with(opened, TREE.replace(old, new, 1), tmp_path)
    assert key in {problem.key for problem in error.value.problems}


def test_one_level_alone_is_refused(opened, tmp_path):
    lone = '[[level]]\ncode = "branch"\nlabel = { zh = "支部", en = "Branch" }\n'
    with pytest.raises(StudyError) as error:
        opened_with(opened, lone, tmp_path)
    assert "level_alone" in {problem.key for problem in error.value.problems}


# ---------------------------------------------------------------- from the command line


def test_a_study_without_rosters_merges_files_and_releases_with_its_tier(tmp_path, capsys):
    """A street's study.toml names its questions and its tree; it has no roster of its own."""
    union = branch.study(tmp_path / "union")
    assert told(capsys, "cells", union)[0] == 0
    text = (union / "study.toml").read_text(encoding="utf-8")
    bare = re.sub(upward.SECTION, "", text)
    above = tmp_path / "street"
    above.mkdir()
    units = upward._unit("union", "community")
    (above / "study.toml").write_text(f"{bare}\n{LEVELS}\n{units}\n", encoding="utf-8")
    (tmp_path / "union.parquet").write_bytes((union / "private" / "cells.parquet").read_bytes())
    code, err = told(capsys, "cells", above, "--merge", tmp_path / "union.parquet")
    assert (code, err) == (0, "")
    opened = study.load(above)
    counted = rooms.of_tables(cell_file.read(above / "private" / "cells.parquet", opened)).counts
    assert set(counted.units["branch"]) == {"union"}
    assert counted.units["members"].sum() == 60
    code, err = told(capsys, "cells", above, "--merge", above / "private" / "cells.parquet")
    assert code == 0


def told(capsys, *arguments):
    from engagement import cli

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["engagement", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
    return ended.value.code or 0, capsys.readouterr().err
