"""What a plan might bring is a range, under assumptions that stand beside it."""

import pandas as pd
import pytest
from posed import category, cells, outcome, posed

from engagement.analysis import gains

PLAN = '[plan]\nstaff_hours_per_month = 40\nowner = { zh = "甲", en = "x" }\n'
STUDY = category("shift", "day night") + outcome("attendance", "panel") + PLAN


def tables(*offers):
    lines = pd.DataFrame(offers, columns=["segment", "measure"])
    segments = pd.DataFrame({"segment": ["nights", "away"], "due": [100, 0], "attended": [60, 0]})
    slots = pd.DataFrame({"attended": [3] * 50, "shift": "day"})
    return lines, segments, cells(slots.assign(due=10), "attendance")


def test_an_unknown_effect_lies_between_nothing_and_what_would_matter(tmp_path):
    found = gains.ranges(*tables(("", "MS01"), ("nights", "MS09")), posed(tmp_path, STUDY))
    row = found.iloc[0]
    assert (row["assumed"], row["effect_low"], row["effect_high"]) == ("unknown", 0.0, 0.10)
    # 5 % and 95 % of an even range of 0 to 10 attendances.
    assert (row["gain_low"], row["gain_high"]) == (
        pytest.approx(0.5, abs=0.1),
        pytest.approx(9.5, abs=0.1),
    )
    assert len(found) == 2


def test_a_declared_range_is_used_and_said(tmp_path):
    text = STUDY + '[[measure]]\nid = "MS09"\neffect = [0.2, 0.2]\n'
    row = gains.ranges(*tables(("nights", "MS09")), posed(tmp_path, text)).iloc[0]
    assert (row["assumed"], row["gain_low"], row["gain_high"]) == ("declared", 20.0, 20.0)


def test_offers_add_up_to_no_more_than_was_missed(tmp_path):
    text = STUDY + "".join(
        f'[[measure]]\nid = "{name}"\neffect = [0.3, 0.3]\n' for name in ("MS09", "MS10")
    )
    whole = gains.ranges(*tables(("nights", "MS09"), ("nights", "MS10")), posed(tmp_path, text))
    # 30 + 30 of 100 slots, of which 40 were missed.
    assert whole.iloc[-1]["gain_high"] == pytest.approx(40)


def test_members_who_are_not_due_have_no_range(tmp_path):
    found = gains.ranges(*tables(("away", "MS12")), posed(tmp_path, STUDY))
    assert found.iloc[0][["slots", "gain_low", "gain_high"]].isna().all()
    assert found.iloc[-1]["gain_high"] == 0


def test_no_offer_brings_nothing(tmp_path):
    found = gains.ranges(*tables(("", "MS01")), posed(tmp_path, STUDY))
    assert found["gain_high"].tolist() == [0]
