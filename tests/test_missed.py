"""Every slot of the primary outcome is counted once, under what may have held it up."""

import pandas as pd
from posed import category, outcome, posed, segment

from engagement.analysis import missed

SEGMENTS = segment("nights", "B-TIME", 'shift = ["night"]', "夜班") + segment(
    "no_phone", "B-REACH", 'reachable = ["no"]', "无电话"
)
STUDY = category("shift", "day night") + outcome("attendance", "panel") + SEGMENTS
NOTHING = pd.DataFrame(columns=["duty_type", "unit", "sessions"])


def people():
    """Five members: by day, by night, by night without a phone, away by day, by day in b2."""
    return pd.DataFrame({
        "member_id": [1, 2, 3, 4, 5], "branch": ["b1"] * 4 + ["b2"], "group": ["g1"] * 4 + ["g2"],
        "shift": ["day", "night", "night", "day", "day"],
        "reachable": ["yes", "yes", "no", "yes", "yes"], "due": ["yes"] * 3 + ["no", "yes"],
    })  # fmt: skip


def slots(*rows):
    columns = ["member_id", "due", "asked", "attended"]
    return pd.DataFrame(rows, columns=columns).assign(outcome="attendance")


ROWS = slots(
    (1, "yes", "unknown", "yes"), (1, "yes", "unknown", "no"), (1, "yes", "no", "no"),
    (2, "yes", "unknown", "no"), (2, "yes", "unknown", "unknown"),
    (3, "yes", "unknown", "no"), (3, "yes", "no", "no"),
    (4, "no", "unknown", "unknown"), (4, "no", "unknown", "no"),
)  # fmt: skip


def stops(found, segment):
    own = found[found["segment"] == segment]
    return {row.stop: (row.members, row.slots) for row in own.itertuples()}


def test_each_slot_stops_where_the_records_say_it_does(tmp_path):
    found = missed.counts(people(), ROWS, NOTHING, posed(tmp_path, STUDY))
    assert stops(found, "") == {
        "attended": (1, 1), "": (1, 1), "B-ASK": (1, 1), "B-TIME": (1, 1), "B-REC": (1, 1),
        "B-REACH B-TIME": (1, 1), "B-REACH B-ASK B-TIME": (1, 1), "B-DUE": (1, 2),
    }  # fmt: skip
    assert found.loc[found["segment"] == "", "slots"].sum() == len(ROWS)
    assert stops(found, "no_phone") == {"B-REACH B-TIME": (1, 1), "B-REACH B-ASK B-TIME": (1, 1)}


def test_a_session_that_no_sheet_holds_is_not_recorded_for_those_who_were_due(tmp_path):
    lacking = pd.DataFrame([("lesson", "b1", 2), ("group_meeting", "g2", 1)], columns=list(NOTHING))
    found = missed.counts(people(), ROWS, lacking, posed(tmp_path, STUDY))
    # b1: members 1, 2, 3 × 2 sessions, 2 beside its own slot; g2: member 5 × 1.
    here = found[(found["segment"] == "") & (found["stop"] == "B-REC")]
    assert here.set_index("branch")["slots"].to_dict() == {"b1": 7, "b2": 1}
