"""What the records room says of itself: counts that add up, and no person in them."""

from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from engagement import engines, study
from engagement.records import overview

COMMUNITY = Path(__file__).parent.parent / "data" / "community"


@pytest.fixture(scope="module")
def opened():
    return study.load(COMMUNITY)


@pytest.fixture(scope="module")
def room(opened):
    return engines.records(opened)


@pytest.fixture(scope="module")
def names():
    people = pd.read_csv(COMMUNITY / "truth" / "people.csv", dtype="str", keep_default_na=False)
    return set(people["name"]) | set(people["id_number"]) - {""}


def test_every_row_of_every_file_is_accounted_for(room):
    files = overview.files(room.cleaned)
    parts = files[["structural", "clean", "quarantined", "duplicates"]].sum(axis=1)
    assert (parts == files["rows"]).all()
    rows = pd.read_csv(COMMUNITY / "truth" / "rows.csv")
    assert files["rows"].sum() == len(rows)
    assert overview.kinds(room.cleaned)["files"].sum() == rows["source_file"].nunique()


def test_cells_are_counted_once_by_field_and_once_by_distinct_value(room):
    fields, values = overview.fields(overview.ways(room.cleaned)), overview.values(room.cleaned)
    read = room.cleaned.audit["status"].ne("structural").sum()
    assert fields["cells"].sum() == values["cells"].sum() == read
    assert (fields[["exact", "inferred", "lossy"]].sum(axis=1) == fields["cells"]).all()


def test_rules_that_only_read_what_stands_there_are_not_listed(room):
    rules = set(overview.rules(overview.ways(room.cleaned))["rule"])
    assert {"digits_lost", "fifteen_digits", "masked", "two_digit_year"} <= rules
    assert "number" not in rules


def test_pairs_add_up_and_doubt_is_counted(room):
    links = overview.links(room.links)
    assert links[["link", "review", "no"]].sum().sum() == len(room.links)
    own = room.links[room.links["kind"] == "volunteers"]
    linked = own.loc[own["decision"] == "link", "probability"]
    shown = links.set_index("kind").loc["volunteers"]
    assert shown["false_expected"] == pytest.approx((1 - linked).sum())


def test_sign_ups_are_more_than_people_and_people_more_than_members(room):
    found = overview.volunteers(room.cleaned, room.links)
    assert found["sign_ups"] == 104
    assert found["linked"] < found["listed"] < found["sign_ups"]


def test_a_study_without_a_volunteer_list_has_nobody_on_it(room):
    members_alone = SimpleNamespace(records={"members": room.cleaned.records["members"]})
    assert overview.volunteers(members_alone, room.links) == {
        "sign_ups": 0,
        "listed": 0,
        "linked": 0,
    }


def test_more_matches_expected_never_link_fewer_and_as_declared_is_what_was_done(room, opened):
    moved = overview.sensitivity(room.cleaned, opened)
    assert list(moved["expected_times"]) == [0.2, 1.0, 5.0]
    assert moved["pairs"].is_monotonic_increasing
    linked = overview.links(room.links).set_index("kind").loc["volunteers", "link"]
    assert moved.set_index("expected_times").loc[1.0, "link"] == linked


def test_evidence_is_told_in_words(room, opened):
    told = overview.in_words(overview.evidence(room.links), opened.language)
    assert told["pairs"].sum() == (room.links["decision"] == "link").sum()
    assert not told["evidence"].str.contains("[a-z]+:", regex=True).any()


def test_no_count_table_holds_a_name_or_a_number_of_a_person(room, opened, names):
    tables = [
        overview.files(room.cleaned),
        overview.fields(overview.ways(room.cleaned)),
        overview.rules(overview.ways(room.cleaned)),
        overview.links(room.links),
        overview.evidence(room.links),
        room.reconciliation,
        room.sessions,
    ]
    for table in tables:
        assert not set(table.astype("str").to_numpy().ravel()) & names
