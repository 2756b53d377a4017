"""What was released before is known, cannot be changed unseen, and protects those who moved."""

import json

import numpy as np
import pandas as pd
import pytest
from invented import a_study, cells, factor, people, tables

from engagement.errors import ReleaseRefused
from engagement.release import changes, claims, disclosure, ledger, store
from engagement.release.ledger import Ledger
from engagement.release.phrases import Phrases


def released(study, drawn, before=None):
    """A release, and the ledger with it."""
    before = before or Ledger()
    release = disclosure.control(drawn, study, before)
    return release, ledger.append(before, claims.told(release, study), study)


@pytest.fixture
def study(tmp_path):
    return a_study(folder=tmp_path)


@pytest.fixture
def two(study):
    """Two releases: all members, and without one of them."""
    members = people()
    _first, kept = released(study, tables())
    _second, kept = released(study, {"cells": cells(members.drop(index=3))}, kept)
    study.private.mkdir()
    ledger.write(kept, study)
    return study.private / ledger.FILE


# ---------------------------------------------------------------- the file


def test_before_the_first_release_there_is_nothing(study):
    assert ledger.read(study) == Ledger()


def test_the_ledger_reads_back_as_written(study, two):
    kept = ledger.read(study)
    assert [entry["number"] for entry in kept.entries] == [1, 2]
    assert kept.entries[1]["previous"] == kept.entries[0]["hash"]


def test_the_same_release_is_entered_once(study):
    release, kept = released(study, tables())
    again, same = released(study, tables(), kept)
    assert again.id == release.id and same == kept


def test_an_entry_holds_no_count_that_was_not_printed(study):
    release, kept = released(study, tables())
    printed = set(release.tables["outcomes"]["attended"].dropna())
    told = {c["printed"] for c in kept.entries[0]["claims"] if c["place"].startswith("attended")}
    assert told and told <= printed
    assert "member_id" not in json.dumps(kept.entries[0])


def test_a_missing_ledger_beside_a_release_is_refused(study, two):
    two.unlink()
    study.out.mkdir()
    (study.out / "findings.json").write_text('{"release": {"tables_id": "a"}}', encoding="utf-8")
    assert refused(study) == "ledger_missing"


def refused(study):
    with pytest.raises(ReleaseRefused) as refusal:
        ledger.read(study)
    return refusal.value.problems[0].key


@pytest.mark.parametrize(
    "harm",
    [
        lambda lines: lines[1:],
        lambda lines: lines[::-1],
        lambda lines: [lines[0]],
        lambda lines: [lines[0].replace('"number":1', '"number":7'), lines[1]],
        lambda lines: ["{}", *lines],
        lambda lines: [*lines, "not json"],
        lambda lines: [lines[0], lines[0]],
    ],
)
def test_a_changed_shortened_or_turned_ledger_is_refused(study, two, harm):
    release, _ = released(
        study, {"cells": cells(people().drop(index=3))}, released(study, tables())[1]
    )
    study.out.mkdir()
    told = {"release": {"tables_id": release.id}}
    (study.out / "findings.json").write_text(json.dumps(told), encoding="utf-8")
    lines = two.read_text(encoding="utf-8").splitlines()
    ledger.read(study)
    two.write_text("\n".join(harm(lines)) + "\n", encoding="utf-8")
    assert refused(study) == "ledger_broken"


def test_a_number_changed_in_an_entry_breaks_the_chain(study, two):
    lines = two.read_text(encoding="utf-8").splitlines()
    entry = json.loads(lines[0])
    entry["claims"][0]["printed"] += 5
    two.write_text("\n".join([json.dumps(entry), lines[1]]), encoding="utf-8")
    assert refused(study) == "ledger_broken"


def test_the_ledger_of_another_organisation_is_refused(study, two):
    other = a_study(folder=study.folder, organisation={"zh": "另一个", "en": "another"})
    assert refused(other) == "ledger_foreign"


# ---------------------------------------------------------------- those who leave and join


def attended(release, factor="", level=""):
    rows = release.tables["outcomes"]
    own = rows[(rows["outcome"] == "volunteering") & (rows["factor"] == factor)]
    return own.set_index("level")["attended"].get(level)


def listed(branches):
    rows = [
        {"branch": branch, "attended": part, "members": count}
        for branch, members, participants in branches
        for part, count in ((1, participants), (0, members - participants))
    ]
    return pd.DataFrame(rows).assign(outcome="volunteering", group="", due=1)


PLAIN = {"factors": {}, "segments": (), "claims": ()}


@pytest.mark.parametrize("taking_part", [0, 1])
def test_the_page_does_not_tell_whether_the_one_who_left_took_part(taking_part):
    """By hand: both answers about the leaver fit what is printed before and after."""
    study = a_study(**PLAIN)
    for total in range(20, 40):
        first, kept = released(study, {"cells": listed([("b1", 60, total), ("b2", 40, 15)])})
        left = [("b1", 59, total - taking_part), ("b2", 40, 15)]
        second, _ = released(study, {"cells": listed(left)}, kept)
        one, two_ = attended(first, "branch", "b1"), attended(second, "branch", "b1")
        low, high = one - 4 - (two_ + 4), one + 4 - (two_ - 4)
        assert low <= 0 and high >= 1


def test_a_new_page_of_the_same_people_prints_the_same_numbers(study):
    release, kept = released(study, tables())
    again, _ = released(study, tables(), kept)
    assert again.id == release.id


def test_a_count_that_was_hidden_stays_hidden_until_it_is_twice_the_threshold():
    study = a_study(**PLAIN)
    _, kept = released(study, {"cells": listed([("b1", 40, 4), ("b2", 40, 15), ("b3", 40, 15)])})
    second, more = released(
        study, {"cells": listed([("b1", 41, 5), ("b2", 40, 15), ("b3", 40, 15)])}, kept
    )
    assert pd.isna(attended(second, "branch", "b1"))
    third, _ = released(
        study, {"cells": listed([("b1", 60, 12), ("b2", 40, 15), ("b3", 40, 15)])}, more
    )
    assert attended(third, "branch", "b1") in (10, 15)


def test_a_count_that_becomes_too_small_takes_another_with_it():
    study = a_study(**PLAIN)
    _, kept = released(study, {"cells": listed([("b1", 40, 5), ("b2", 40, 15), ("b3", 40, 20)])})
    second, _ = released(
        study, {"cells": listed([("b1", 39, 4), ("b2", 40, 15), ("b3", 40, 20)])}, kept
    )
    shown = [attended(second, "branch", branch) for branch in ("b1", "b2", "b3")]
    assert [pd.isna(count) for count in shown] == [True, True, False]


def test_an_estimate_over_small_groups_does_not_leave_again_after_a_change():
    """One point of a group of 34 × 11 slots is less than the threshold; the first time it leaves."""
    sex = factor("sex", ("male", "female"), "male")
    study = a_study(factors={"sex": sex}, segments=(), claims=())
    members = people(members=24)
    row = {"outcome": "attendance", "term": "sex", "contrast": "female|male",
           "estimand": "risk_difference", "estimate": 0.1, "conf_low": -0.1, "conf_high": 0.3,
           "p_value": 0.4, "members": 24, "events": 400, "method": "firth",
           "verdict": "cannot_be_told", "p0": 0.5, "p1": 0.6}  # fmt: skip
    panel = cells(members).query("outcome == 'attendance'")
    first, kept = released(study, {"cells": panel, "findings": pd.DataFrame([row])})
    smaller = cells(members.drop(index=2)).query("outcome == 'attendance'")
    changed = pd.DataFrame([row | {"estimate": 0.12}])
    second, _ = released(study, {"cells": smaller, "findings": changed}, kept)
    smallest = first.tables["outcomes"].query("factor == 'sex'")["due"].min()
    assert first.tables["findings"]["released"].tolist() == [True]
    assert second.tables["findings"]["released"].tolist() == [smallest * 0.02 >= 5]


def test_another_year_is_another_outcome():
    study = a_study(**PLAIN)
    _, kept = released(study, {"cells": cells(people())})
    years = [a_study(**PLAIN, calendar=None), study]
    sizes = [
        {place.split("|")[0] for place in kept.earlier(one) if "|attendance|" in place}
        for one in years
    ]
    assert sizes == [set(), {"due", "attended"}]


# ---------------------------------------------------------------- in words


def claim(place, printed, low, high):
    return {"place": f"share|attendance|{place}", "printed": printed, "low": low, "high": high}


BEFORE = {"claims": [claim("age_band|75+", 0.40, 0.30, 0.50), claim("|", 0.60, 0.57, 0.63),
                     claim("sex|male", 0.60, 0.55, 0.65), claim("sex|female", 0.5, 0.4, 0.6)]}  # fmt: skip
NOW = [claim("age_band|75+", 0.48, 0.38, 0.58), claim("|", 0.70, 0.67, 0.73),
       claim("sex|male", 0.604, 0.55, 0.65), claim("branch|b1", 0.5, 0.4, 0.6)]  # fmt: skip


def test_a_change_is_held_against_what_chance_alone_would_give():
    """By hand: √(10² + 10²) = 14 points of noise for 8; √(3² + 3²) = 4 for 10."""
    compared = changes.table(BEFORE, NOW).set_index(["factor", "level"])
    assert compared["verdict"].to_dict() == {
        ("age_band", "75+"): "within_noise", ("", ""): "rose", ("sex", "male"): "same",
    }  # fmt: skip
    assert compared.loc[("age_band", "75+"), "noise"] == pytest.approx(np.hypot(0.1, 0.1))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_changes_are_said_in_words(language):
    study = a_study()
    told = store.findings(disclosure.control(tables(), study), study)
    last = BEFORE | {"number": 3, "reference_date": "2022-06-30"}
    phrases = Phrases(told, language)
    lines = changes.said(changes.since(last, NOW), phrases)
    assert len(lines) == 2 and "60%" in lines[1] and "70%" in lines[1]
    assert phrases.day("2022-06-30") in lines[0]
    nothing = [phrases.say("changes.none")]
    assert changes.said(changes.since(None, NOW), phrases) == nothing
    assert changes.said(changes.since(last, []), phrases) == nothing


def test_what_is_kept_of_a_comparison_counts_what_moved():
    """By hand: three shares stand in both, and the total alone rose beyond chance."""
    last = BEFORE | {"number": 3, "reference_date": "2022-06-30"}
    kept = changes.since(last, NOW)
    assert (kept["number"], kept["shares"], kept["moved"]) == (3, 3, 1)
    assert [row["verdict"] for row in kept["rows"]] == ["within_noise", "rose", "same"]


@pytest.mark.parametrize("seed", range(2))
def test_a_rerun_without_a_change_never_says_that_something_rose_or_fell(seed):
    study = a_study()
    _first, kept = released(study, tables(seed=seed))
    compared = changes.table(kept.entries[0], kept.entries[0]["claims"])
    assert len(compared) >= 8 and set(compared["verdict"]) == {"same"}
