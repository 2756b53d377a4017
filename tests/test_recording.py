"""On the synthetic community the tests of the records find the faults that were planted, and no
others; expected numbers come from truth/, never from the rosters as read.
"""

import tomllib
from pathlib import Path

import branch as union
import pandas as pd
import pytest

from engagement import codebook, engines, study, words
from engagement.analysis import caution, checks, completeness, recording

COMMUNITY = Path(__file__).parent.parent / "data" / "community"
MINUTES = "会议记录.xlsx"
PLANTED = tomllib.loads((COMMUNITY / "truth/recording.toml").read_text("utf-8"))["planted"]


def truth(name):
    return pd.read_csv(COMMUNITY / "truth" / f"{name}.csv", dtype="str", keep_default_na=False)


@pytest.fixture(scope="module")
def recorded(room, opened):
    return engines.traces(room, opened)


@pytest.fixture(scope="module")
def tests(recorded, counted, opened):
    return engines.recording(recorded, counted, opened)


@pytest.fixture(scope="module")
def written():
    """The minutes as they truly stand in the file, one row per session."""
    cells = truth("cells").query("source_file == @MINUTES")
    wide = cells.pivot(index=["sheet", "row"], columns="field", values="value").reset_index()
    names = {
        "第一支部": "b1",
        "第二支部": "b2",
        "第三支部": "b3",
        "第四支部": "b4",
        "第五支部": "b5",
    }
    branch = wide["sheet"].map(names)
    unit = wide["group"].fillna("").replace("", pd.NA).fillna(branch)
    numbers = ["due_count", "present_count", "absent_count"]
    return wide.assign(branch=branch, unit=unit).astype(dict.fromkeys(numbers, int))


@pytest.fixture(scope="module")
def signed():
    """Names with a mark of presence on the sheets, by session: the members' and the guests'."""
    slots = truth("participation").query("recorded == 'yes'")
    came = slots["status"].isin(["attended", "late"]) & slots["due"].eq("yes")
    counts = came.groupby([slots["unit"], slots["event_date"], slots["duty_type"]]).sum()
    guests = {("b1", "2022-03"): "b1g3", ("b3", "2022-06"): "b3g3"}  # who sits in the last group
    for (branch, month), group in guests.items():
        for unit, date, duty in counts.index:
            if unit in (branch, group) and date.startswith(month):
                counts[unit, date, duty] += 1
    return counts


def row(tests, test, aspect, **where):
    table = tests["recording"]
    found = table[(table["test"] == test) & (table["aspect"] == aspect)]
    for column, value in {"branch": "", **where}.items():
        found = found[found[column] == value]
    return found.iloc[0]


def test_of_338_sessions_five_are_on_no_record(counted, opened):
    """Three group meetings of branch 4 in July and two committees of branch 5, planted."""
    by_duty = completeness.by_duty(
        completeness.findings(counted.sessions, counted.units, opened)
    ).set_index("duty_type")
    assert (by_duty["expected"].sum(), by_duty["recorded"].sum()) == (338, 333)
    assert by_duty.loc["group_meeting", "recorded"] == 168 - 3
    assert by_duty.loc["committee_meeting", "recorded"] == 60 - 2


def test_every_session_has_34_slots_a_member_still(counted, opened):
    due = completeness.expected(counted.units, opened)
    assert (due["sessions"].sum(), due["slots"].sum()) == (338, 5882)


def test_minutes_differ_from_sign_ins_where_it_was_planted(tests, written, signed):
    gap = written.set_index(["unit", "event_date", "duty_type"])["present_count"] - signed
    gap = gap.dropna()
    branches = gap.index.get_level_values("unit").str[:2]
    for branch in ("b2", "b3", "b4", "b5"):
        found = row(tests, "minutes_against_sign_ins", "present_less_signed", branch=branch)
        own = gap[branches == branch]
        assert (found["examined"], found["found"]) == (len(own), (own != 0).sum())
        assert found["estimate"] == pytest.approx(own.mean())
    clerk = row(tests, "minutes_against_sign_ins", "present_less_signed", branch="b2")
    assert clerk["verdict"] == "differ_one_way"
    assert (
        row(tests, "minutes_against_sign_ins", "present_less_signed", branch="b4")["verdict"]
        == "agree"
    )


def test_outside_the_planted_faults_minutes_and_sheets_agree(recorded):
    met = recorded.traces.meetings
    both = met[met["signed"].notna() & met["present_count"].notna()]
    month = both["event_date"].str[5:7].astype(int)
    apart = both[both["present_count"] != both["signed"]]
    planted = {
        tuple(one[:3])
        for name in ("minutes_differ", "copied", "more_than_due")
        for one in PLANTED[name]
    }
    clerk = PLANTED["new_clerk"]
    for one, number in zip(apart.itertuples(), month[apart.index], strict=True):
        by_clerk = one.branch == clerk["branch"] and number >= clerk["month"]
        guest = (one.unit[:2], number) in {("b1", 3), ("b3", 6)}
        assert by_clerk or guest or (one.unit, one.duty_type, number) in planted
    found = set(zip(apart["unit"], apart["duty_type"], month[apart.index], strict=True))
    assert {tuple(one[:3]) for one in PLANTED["minutes_differ"]} <= found


def voting(written):
    """Turnout and voters of the general meetings, from the truth about people and slots."""
    people = truth("people").set_index("person_id")
    slots = truth("participation").query("duty_type == 'general_meeting' and due == 'yes'")
    full = slots[slots["person_id"].map(people["member_type"]).eq("full")]
    joined = full["person_id"].map(people["join_date"])
    full = full[~(joined > full["event_date"])]
    by_session = full["attended"].eq("yes").groupby([full["unit"], full["event_date"]])
    meetings = written[written["duty_type"] == "general_meeting"]
    told = meetings.set_index(["unit", "event_date"])[["present_count", "resolution"]]
    told = told.assign(voters=by_session.size(), signed=by_session.sum())
    return told.assign(present=told[["present_count", "signed"]].max(axis=1))


def test_recorded_turnout_is_held_to_the_legal_minimum(tests, written):
    told = voting(written)
    voted = told[told["resolution"].isin(["passed", "not_passed"])]
    passed = told[told["resolution"] == "passed"]
    elected = told[told["resolution"] == "election"]
    short = {
        "vote": (len(voted), (2 * voted["present"] < voted["voters"]).sum()),
        "decision": (len(passed), (2 * passed["present"] <= passed["voters"]).sum()),
        "election": (len(elected), (5 * elected["present"] < 4 * elected["voters"]).sum()),
        "committee": (60 - 2, len(PLANTED["committee_low"])),
    }
    for aspect, expected in short.items():
        found = row(tests, "legal_minimum", aspect)
        assert (found["examined"], found["found"]) == expected, aspect
    assert short["vote"][0] == 5 * len(PLANTED["votes"]) + 1


def test_the_sessions_on_one_record_alone_are_the_planted_ones(tests):
    """Group meetings: one not minuted, and of branch 4 in August three minuted, not signed."""
    found = row(tests, "two_lists", "sessions", duty_type="group_meeting")
    assert (found["examined"], found["found"]) == (165, 4)
    # sheets 168 − 6, minutes 168 − 4, both 161: (163 · 165)/162 − 1
    assert found["estimate"] == pytest.approx(163 * 165 / 162 - 1)


def test_the_new_clerk_is_found(tests):
    found = row(tests, "recorder", "sessions_by_recorder")
    assert (found["found"], found["verdict"]) == (2, "between")


def test_the_copied_minutes_are_found(tests, recorded):
    met = recorded.traces.meetings
    own = met[(met["unit"] == "b1g2") & (met["duty_type"] == "group_meeting")]
    august, july = (own[own["event_date"].str[5:7] == month].iloc[0] for month in ("08", "07"))
    assert august["present_count"] == july["present_count"]
    assert august["signed"] != july["signed"]
    assert row(tests, "copying", "same_minutes")["found"] >= 1


def test_repeated_sheets_are_counted_as_a_plain_loop_counts_them(recorded):
    """Five members or more due at both, every mark known, somebody missing."""
    slots = truth("participation").query("due == 'yes'")
    for unit, duty in (("b2g3", "group_meeting"), ("b3g1", "group_meeting"), ("b1", "theme_day")):
        own = slots[(slots["unit"] == unit) & (slots["duty_type"] == duty)]
        known = own.groupby("person_id")["reading"].agg(lambda r: (r != "unknown").any())
        own = own[own["person_id"].map(known)]
        sheets = {
            date: dict(zip(rows["person_id"], rows["reading"], strict=True))
            for date, rows in own.groupby("event_date")
            if "unknown" not in set(rows["reading"])
        }
        dates = sorted(sheets)
        pairs = [
            (sheets[a], sheets[b])
            for i, a in enumerate(dates)
            for b in dates[i + 1 :]
            if set(sheets[a].values()) | set(sheets[b].values()) != {"yes"}
        ]
        found = recorded.traces.copies.set_index(["unit", "duty_type"]).loc[(unit, duty)]
        assert (found["sessions"], found["pairs"]) == (len(sheets), len(pairs))
        assert found["same"] == sum(a == b for a, b in pairs)


def test_half_a_year_of_branch_four_was_entered_at_once(tests):
    """Eighteen group meetings, six theme days, six committees, two general meetings, two lessons."""
    found = row(tests, "entry_lag", "bunching", branch="b4")
    assert (found["found"], found["verdict"]) == (18 + 6 + 6 + 2 + 2, "bunched")
    others = [
        row(tests, "entry_lag", "bunching", branch=b)["verdict"] for b in ("b1", "b2", "b3", "b5")
    ]
    assert set(others) == {"even"}


@pytest.mark.parametrize(
    ("aspect", "found"),
    [
        ("more_than_due", len(PLANTED["more_than_due"])),
        ("absent_differs", len(PLANTED["more_than_due"])),
        ("entered_before", len(PLANTED["entered_before"])),
        ("day_differs", len(PLANTED["other_day"])),
        ("due_differs", 12 + 4 + 4 + 1 + 1),  # the branch sessions of b4, which counts everybody
        ("while_away", 0),
        ("two_places", 0),
    ],
)
def test_contradictions_are_the_planted_ones(tests, aspect, found):
    assert row(tests, "contradiction", aspect)["found"] == found


def test_hours_are_heaped_as_they_were_drawn(tests):
    hours = truth("cells").query("field == 'hours' and value != ''")["value"].astype(float)
    short = hours[hours <= 8]
    found = row(tests, "heaping", "round_hours")
    assert (found["examined"], found["found"]) == (len(short), short.isin([1, 2, 4, 8]).sum())


def test_what_cannot_be_tested_names_a_field_of_the_codebook(tests):
    table = tests["recording"]
    silent = table[table["verdict"] == "not_testable_column"]
    needed = set(" ".join(silent["column_needed"]).split())
    assert needed == {"check_in"}
    assert needed <= set(codebook.fields())
    assert (table["column_needed"] != "").sum() == len(silent)


def test_no_person_and_no_recorder_is_in_any_table(recorded, tests):
    frames = [*vars(recorded.traces).values(), recorded.gaps, recorded.defined, *tests.values()]
    canaries = set(truth("canaries")["text"])
    assert "鄢霁舟" in canaries
    for frame in frames:
        assert "member_id" not in frame
        assert not frame.astype("str").isin(canaries).any(axis=None)


def test_every_verdict_aspect_and_test_has_a_label(tests):
    table = tests["recording"]
    for column in ("verdict", "aspect", "test"):
        missing = [code for code in set(table[column]) if not words.has(f"{column}.{code}")]
        assert missing == []


def test_a_first_look_gathers_each_test_once():
    rows = [
        checks.row("copying", "same_marks", "to_check", examined=3, found=1),
        checks.row("copying", "full_attendance", "none_found", examined=3, found=0),
        checks.row("copying", "same_marks", "to_check", examined=3, found=1, branch="b1"),
        checks.not_testable("heaping", "round_hours", "hours"),
    ]
    found = recording.gathered(checks.table(rows)).set_index("test")
    assert found.loc["copying", ["aspects", "doubted", "untestable"]].tolist() == [2, 1, 0]
    assert found.loc["heaping", ["aspects", "doubted", "untestable"]].tolist() == [1, 0, 1]
    assert found["column_needed"].tolist() == ["", "hours"]


def told(tests, counted, opened):
    by_duty = completeness.by_duty(completeness.findings(counted.sessions, counted.units, opened))
    return [
        *caution.general(tests, by_duty, opened),
        *caution.particular(tests["recording"], opened),
    ]


def test_what_the_gaps_forbid_is_said_in_both_languages(tests, counted, opened):
    for said in told(tests, counted, opened):
        for language in ("zh", "en"):
            values = {
                name: value[language]
                if isinstance(value, dict) or hasattr(value, "keys")
                else value
                for name, value in said.values.items()
            }
            sentence = words.text(said.key, language, people="-", **values)
            assert "{" not in sentence and "nan" not in sentence.lower()


def test_the_sentences_are_those_of_the_verdicts(tests, counted, opened):
    keys = [said.key for said in told(tests, counted, opened)]
    points = tests["tipping"]["verdict"].value_counts()
    assert keys.count("caution.could_vanish") == points.get("could_vanish", 0)
    assert keys.count("caution.stands") == points.get("stands", 0)
    assert keys.count("caution.differ_one_way") == 1
    assert keys[:3] == ["caution.tests", "caution.columns", "caution.sessions"]


def test_every_sentence_stands_under_one_topic(tests, counted, opened):
    sentences = told(tests, counted, opened)
    topics = caution.by_topic(sentences, opened)
    grouped = [said for own in topics.values() for said in own]
    assert len(grouped) == len(sentences)
    assert all(said in grouped for said in sentences)
    known = {key for keys in caution.TOPICS.values() for key in keys}
    spoken = {
        key.split(".")[1]
        for key in words.catalogue()
        if key.count(".") == 1 and key.startswith("caution.")
    }
    assert spoken - {"semicolon", "everywhere"} <= known


def test_records_without_doubt_leave_only_the_count_of_tests(tests, opened):
    clean = tests | {
        "recording": checks.table(
            [checks.row("copying", "same_marks", "none_found", examined=9, found=0)]
        ),
        "gaps": tests["gaps"].assign(unknown=0),
        "tipping": tests["tipping"].head(0),
    }
    whole = pd.DataFrame(
        {"duty_type": ["lesson"], "expected": [4], "recorded": [4], "share": [1.0]}
    )
    assert [said.key for said in caution.general(clean, whole, opened)] == ["caution.tests"]
    particular = caution.particular(clean["recording"], opened)
    assert [said.key for said in particular] == ["caution.none"]


def test_a_roster_alone_names_what_to_record_and_finds_nothing_in_order(tmp_path):
    """A union branch with one column of presence: no sheet, no minutes, no calendar."""
    declared = study.load(union.study(tmp_path / "union"))
    opened = engines.records(declared)
    table = engines.recording(
        engines.traces(opened, declared), engines.counts(opened, declared), declared
    )["recording"].set_index("aspect")
    testable = ~table["verdict"].isin(recording.UNTESTABLE)
    assert list(table.index[testable]) == ["members_by_branch", "comparisons"]
    needed = table.loc[table["verdict"] == "not_testable_column", "column_needed"]
    assert (needed != "").all()
    assert {"attend_status", "present_count", "entered_at", "hours"} <= set(
        " ".join(needed).split()
    )
