"""How varied the sessions were, whether variety and attendance go together, and the two skins."""

import numpy as np
import pandas as pd
import pytest
from posed import category, outcome, posed

from engagement.analysis import fit, programme

STUDY = category("shift", "day night") + outcome("attendance", "panel") + outcome(
    "helping", "list", primary=False
)  # fmt: skip
UNITS = (
    '[[unit]]\ncode = "b1"\nlevel = "branch"\nzh = "1"\nen = "1"\n'
    '[[unit]]\ncode = "b1g1"\nlevel = "group"\nparent = "b1"\nzh = "1"\nen = "1"\n'
)


def rows(*given):
    columns = ["member_id", "event_id", "unit", "duty_type", "event_date", "channel", "attended"]
    table = pd.DataFrame(given, columns=columns)
    return table.assign(outcome="attendance", due="yes")


ROWS = rows(
    (1, "e1", "b1", "lesson", "2022-01-05", "in_person", "yes"),
    (2, "e1", "b1", "lesson", "2022-01-05", np.nan, "no"),
    (1, "e2", "b1g1", "lesson service", "2022-02-05", "online", "yes"),
    (2, "e2", "b1g1", "lesson service", "2022-02-05", "in_person", "yes"),
    (1, "e3", "b1", "lesson", "2022-05-05", "in_person", "unknown"),
)
TOPICS = pd.DataFrame({"event_id": ["e1", "e2", "e3"], "topic": ["t1", np.nan, "t2"]})


def test_sessions_are_counted_by_branch_quarter_and_kind(tmp_path):
    found = programme.counts(ROWS, TOPICS, posed(tmp_path, STUDY + UNITS))
    assert found.to_dict("records") == [
        {"branch": "b1", "quarter": "2022Q1", "kind": "lesson service|online|", "joint": "yes",
         "sessions": 1, "due": 2, "attended": 2},
        {"branch": "b1", "quarter": "2022Q1", "kind": "lesson|in_person|t1", "joint": "no",
         "sessions": 1, "due": 2, "attended": 1},
    ]  # fmt: skip


def test_variety_is_the_number_of_equally_frequent_kinds():
    assert fit.kinds(np.array([5.0, 5.0, 5.0, 5.0])) == pytest.approx(4)
    assert fit.kinds(np.array([7.0, 0.0])) == pytest.approx(1)
    # Entropy of 1/2, 1/4, 1/4 is 1.5 bits.
    assert fit.kinds(np.array([2.0, 1.0, 1.0])) == pytest.approx(2**1.5)


def drawn(effect, seed=3, topics=True):
    """Six branches over eight quarters; variety differs by chance, attendance follows it or not."""
    chance = np.random.default_rng(seed)
    table = []
    for branch in range(6):
        for quarter in range(8):
            count = int(chance.integers(1, 7))
            share = 0.5 + 0.02 * branch + effect * (count - 3.5) + chance.normal(0, 0.02)
            topic = [f"t{n}" if topics else "" for n in range(count)]
            table += [
                {"branch": f"b{branch}", "quarter": f"{2020 + quarter // 4}Q{quarter % 4 + 1}",
                 "kind": f"lesson|in_person|{topic[n]}", "joint": "no", "sessions": 1, "due": 1000,
                 "attended": round(1000 * share)}
                for n in range(count)
            ]  # fmt: skip
    return pd.DataFrame(table)


NO_OVERLAP = pd.DataFrame(columns=["study_active", "service_active", "members"])


@pytest.mark.parametrize(
    ("effect", "word"), [(0.03, "supported"), (-0.03, "not_supported"), (0.0, "not_testable_few")]
)
def test_attendance_that_goes_with_variety_supports_the_rung(tmp_path, effect, word):
    found = fit.findings(drawn(effect), NO_OVERLAP, posed(tmp_path, STUDY))
    row = found[found["aspect"] == "attendance_by_variety"].iloc[0]
    assert row["conf_low"] <= effect <= row["conf_high"]
    assert fit.verdict(found) == word


def test_variety_that_the_calendar_decides_alone_cannot_be_tested(tmp_path):
    same = drawn(0.0, topics=False).drop_duplicates(["branch", "quarter"])
    found = fit.findings(same, NO_OVERLAP, posed(tmp_path, STUDY))
    row = found[found["aspect"] == "attendance_by_variety"].iloc[0]
    assert (row["verdict"], row["column_needed"]) == ("not_testable_column", "event_title")


def table(both, study_only, service_only, neither):
    return pd.DataFrame({
        "study_active": ["yes", "yes", "no", "no"], "service_active": ["yes", "no", "yes", "no"],
        "members": [both, study_only, service_only, neither],
    })  # fmt: skip


def test_the_two_skins_are_told_by_an_odds_ratio_with_its_exact_interval(tmp_path):
    """Fisher's tea: 3 of 4 against 1 of 4; fisher.test of R gives 6.408 [0.2117, 621.9].

    R looks for the upper limit to four digits of its inverse, hence the wide tolerance there.
    """
    found = fit.findings(drawn(0.0), table(3, 1, 1, 3), posed(tmp_path, STUDY))
    row = found[found["aspect"] == "overlap"].iloc[0]
    assert row["estimate"] == pytest.approx(6.408309, abs=1e-4)
    assert (row["conf_low"], row["conf_high"]) == (
        pytest.approx(0.2117329, abs=1e-4), pytest.approx(621.9337505, rel=0.02),
    )  # fmt: skip
    assert row["verdict"] == "cannot_be_told"


def test_nobody_in_service_cannot_be_compared(tmp_path):
    found = fit.findings(drawn(0.0), table(0, 5, 0, 9), posed(tmp_path, STUDY))
    assert found[found["aspect"] == "overlap"].iloc[0]["verdict"] == "not_testable_few"


def test_members_are_counted_once_by_being_active(tmp_path):
    people = pd.DataFrame({"member_id": [1, 2, 3], "due": ["yes", "yes", "no"]})
    lists = pd.DataFrame({
        "member_id": [1, 2, 3], "outcome": "helping", "due": "yes", "attended": ["no", "yes", "yes"],
    })  # fmt: skip
    found = programme.overlap(people, pd.concat([ROWS, lists]), posed(tmp_path, STUDY + UNITS))
    # Member 1 attended 2 of 2, member 2 attended 1 of 2; member 3 is not due.
    assert found.to_dict("records") == [
        {"study_active": "yes", "service_active": "no", "members": 1},
        {"study_active": "yes", "service_active": "yes", "members": 1},
    ]


def test_joint_sessions_are_a_share_where_any_session_records_service(tmp_path):
    study = posed(tmp_path, STUDY + UNITS)
    found = fit.findings(programme.counts(ROWS, TOPICS, study), NO_OVERLAP, study)
    row = found[found["aspect"] == "joint"].iloc[0]
    assert (row["examined"], row["found"], row["estimate"]) == (2, 1, 0.5)
    none = fit.findings(drawn(0.0), NO_OVERLAP, study)
    assert none[none["aspect"] == "joint"].iloc[0]["column_needed"] == "duty_type"
