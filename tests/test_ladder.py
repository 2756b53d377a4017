"""The ladder explains what supported rungs explain, leaves the rest open, and says no motive."""

import pandas as pd
import pytest
from posed import category, outcome, posed, segment

from engagement import codebook, engines
from engagement.analysis import counsel, ladder
from engagement.sample import settings

SEGMENTS = segment("nights", "B-TIME", 'shift = ["night"]', "夜班") + segment(
    "frail", "B-CAPP", 'shift = ["day"]', "行动不便"
)


@pytest.fixture
def study(tmp_path):
    text = category("shift", "day night") + outcome("attendance", "panel") + SEGMENTS
    return posed(tmp_path, text + '[release]\ntier = "committee"\n')


def missed(*rows):
    table = pd.DataFrame(rows, columns=["segment", "stop", "members", "slots"])
    return table.assign(branch="b1", group="g1")


def classes(time="supported", body="supported", needed=""):
    return pd.DataFrame({
        "segment": ["nights", "frail"], "barrier": ["B-TIME", "B-CAPP"], "members": [30, 20],
        "due": [300, 200], "attended": [100, 80], "verdict": [time, body],
        "column_needed": ["", needed], "estimate": [-0.2, -0.1], "conf_low": [-0.3, -0.2],
        "conf_high": [-0.1, 0.05],
    })  # fmt: skip


SLOTS = missed(
    ("", "attended", 60, 500), ("", "B-DUE", 9, 90), ("", "B-REC", 4, 10),
    ("", "B-TIME", 30, 150), ("", "B-CAPP B-TIME", 8, 40), ("", "B-CAPP", 10, 60), ("", "", 12, 50),
)  # fmt: skip


def row(table, barrier, segment=""):
    return table[(table["segment"] == segment) & (table["barrier"] == barrier)].iloc[0]


def test_a_slot_is_explained_by_the_lowest_supported_rung(study):
    found = ladder.rungs(SLOTS, classes(), study)
    explained = found[found["segment"] == ""].set_index("barrier")["explained"].dropna()
    # 40 slots may be the body or the time; the body stands lower.
    assert explained.to_dict() == {"B-DUE": 90, "B-CAPP": 100, "B-TIME": 150, "": 50}
    assert row(found, "B-CAPP")["members"] == 18
    assert row(found, "B-TIME")["share"] == pytest.approx(150 / 400)


def test_a_rung_that_is_not_supported_explains_nothing(study):
    found = ladder.rungs(SLOTS, classes(body="not_testable_few"), study)
    assert row(found, "B-TIME")["explained"] == 190
    assert pd.isna(row(found, "B-CAPP")["explained"])
    assert row(found, "")["explained"] == 110


def test_more_than_the_others_would_have_missed_is_the_difference_over_the_slots_due(study):
    found = row(ladder.rungs(SLOTS, classes(), study), "B-TIME")
    more = (found["excess"], found["excess_low"], found["excess_high"])
    assert more == (pytest.approx(60), pytest.approx(30), pytest.approx(90))


def test_a_rung_where_fewer_stand_than_may_be_shown_has_no_count(study):
    found = row(ladder.rungs(SLOTS, classes(), study), "B-REC")
    assert found["verdict"] == "not_testable_few"
    assert found[["members", "explained", "share"]].isna().all()


def test_a_rung_that_cannot_be_tested_names_the_column(study):
    found = ladder.rungs(SLOTS, classes(body="not_testable_column", needed="activity"), study)
    assert row(found, "B-CAPP")[["verdict", "column_needed"]].tolist() == [
        "not_testable_column", "activity",
    ]  # fmt: skip
    assert row(found, "B-TIE")["verdict"] == "not_declared"
    assert row(found, "B-REF")["column_needed"] == "anonymous_survey"


def test_motives_are_refused_until_every_rung_above_is_tested(study):
    found = ladder.rungs(SLOTS, classes(), study)
    allowed = ladder.motives(found)
    assert allowed.verdict == "refused"
    assert set(allowed.untested) == {
        "B-REC",
        "B-REACH",
        "B-ASK",
        "B-CAPK",
        "B-PLACE",
        "B-TIE",
        "B-FIT",
    }
    tested = found.assign(verdict=found["verdict"].replace(
        ["not_declared", "not_testable_few"], "not_supported"))  # fmt: skip
    assert ladder.motives(tested).verdict == "survey"
    assert counsel.ladder(tested, study)[-1].key == "notebook.ladder.survey"


def test_no_rung_of_motives_is_ever_tested(study):
    survey = codebook.barriers().query("test == 'survey'")["barrier"]
    found = ladder.rungs(SLOTS, classes(), study)
    assert set(found.loc[found["barrier"].isin(survey), "verdict"]) == {"not_testable_column"}


def test_the_planted_barriers_of_the_community_stand_on_their_rungs(counted, opened):
    analysed = engines.analysis(counted, opened)
    planted = settings.table("effects")["barriers"]
    found = analysed["segments"].set_index("segment")
    supported = found[found["verdict"] == "supported"]
    assert supported["barrier"].to_dict() == planted
    own = analysed["ladder"].query("segment == ''").set_index("barrier")
    assert (own.loc[list(planted.values()), "verdict"] == "supported").all()
    assert own.loc[["B-REF", "B-AUT"], "explained"].isna().all()
    assert ladder.motives(analysed["ladder"]).verdict == "refused"
    lost = counted.missed.query("segment == '' and stop != 'attended'")["slots"].sum()
    assert own["explained"].sum() <= lost
