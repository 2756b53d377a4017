"""What study.toml says of hours, measures and pilots is whole, or refused with its place."""

import datetime

import pytest
from posed import category, outcome, posed

from engagement import codebook, planning
from engagement.errors import StudyError

BASE = category("shift", "day night") + outcome("attendance", "panel")
OWNER = 'owner = { zh = "组织委员", en = "the organiser" }\n'
HOURS = f"[plan]\nstaff_hours_per_month = 40\n{OWNER}"
NEW = """
[[measure]]
id = "OWN1"
label = { zh = "早场", en = "Early session" }
barriers = ["B-TIME"]
channel = "in person"
unit = "session"
staff_hours_per_unit = 1.5
grade = "C"
"""


def problems(folder, text):
    with pytest.raises(StudyError) as error:
        posed(folder, BASE + text)
    return [(problem.key, problem.values["where"]) for problem in error.value.problems]


def test_the_catalogue_is_the_codebook_s_and_every_effect_in_it_is_unknown(tmp_path):
    measures = posed(tmp_path, BASE + HOURS).measures
    assert list(measures) == codebook.measures()["id"].tolist()
    assert len(measures) == 25
    assert {measure.effect for measure in measures.values()} == {None}
    assert {measure.grade for measure in measures.values()} == set(planning.GRADES)
    assert all(measure.trial in planning.TRIALS for measure in measures.values())


def test_a_study_changes_a_measure_and_adds_its_own(tmp_path):
    text = '[[measure]]\nid = "MS05"\nstaff_hours_per_unit = 0.4\neffect = [0.0, 0.07]\n' + NEW
    measures = posed(tmp_path, BASE + HOURS + text).measures
    assert (measures["MS05"].staff_hours, measures["MS05"].effect) == (0.4, (0.0, 0.07))
    assert measures["MS05"].label["en"] == "Plain reminder text with time and place"
    assert (measures["OWN1"].barriers, measures["OWN1"].effect) == (("B-TIME",), None)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"[plan]\n{OWNER}", ("no_staff_hours", "plan.staff_hours_per_month")),
        (
            f"[plan]\nstaff_hours_per_month = -1\n{OWNER}",
            ("wrong_value", "plan.staff_hours_per_month"),
        ),
        (HOURS + 'measures = ["MS99"]\n', ("unknown_name", "plan.measures")),
        (
            HOURS + '[[measure]]\nid = "MS05"\neffect = [0.1, 0.0]\n',
            ("range_upside_down", "measure 1.effect"),
        ),
        (HOURS + '[[measure]]\nid = "MS05"\neffect = [0.1]\n', ("wrong_value", "measure 1.effect")),
        (HOURS + NEW.replace("B-TIME", "B-LAZY"), ("unknown_name", "measure 1.barriers")),
        (HOURS + NEW.replace("1.5", "-1.5"), ("wrong_value", "measure 1.staff_hours_per_unit")),
        (HOURS + NEW.replace('"C"', '"E"'), ("unknown_name", "measure 1.grade")),
        (HOURS + NEW.replace(', en = "Early session"', ""), ("wrong_value", "measure 1.label")),
        (HOURS + NEW.replace('unit = "session"\n', ""), ("missing_key", "measure 1.unit")),
        (HOURS + NEW + NEW, ("measure_twice", "measure 2.id")),
        (HOURS + '[pilot]\nmeasure = "MS01"\n', ("no_trial", "pilot.measure")),
        (HOURS + '[pilot]\nmeasure = "MS22"\n', ("missing_key", "pilot.places")),
        (HOURS + '[pilot]\nmeasure = "MS99"\n', ("unknown_name", "pilot.measure")),
        ('[evaluation]\nprotocol = "gone.json"\n', ("protocol_not_found", "evaluation.protocol")),
        (
            '[evaluation]\nprotocol = "../study.toml"\n',
            ("protocol_not_found", "evaluation.protocol"),
        ),
    ],
)
def test_what_cannot_be_planned_is_refused_with_its_place(tmp_path, text, found):
    assert found in problems(tmp_path, text)


def test_a_pilot_takes_the_design_that_fits_its_measure(tmp_path):
    dates = "from = 2023-02-01\nto = 2023-12-31\nseed = 7\n"
    one = posed(tmp_path, BASE + HOURS + f'[pilot]\nmeasure = "MS04"\n{dates}').pilot
    assert (one.design, one.seed, one.start) == ("individuals", 7, datetime.date(2023, 2, 1))
    two = posed(tmp_path, BASE + HOURS + f'[pilot]\nmeasure = "MS14"\n{dates}').pilot
    assert (two.design, two.waves) == ("stepped_wedge", 5)
