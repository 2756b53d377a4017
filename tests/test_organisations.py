"""A union, a church and a club: other study.toml files, the same code, from files to counts.

Nobody in them exists; which member came is drawn by hand below, and counted by hand.
"""

import pytest
from test_profiles import written

from engagement import engines, study, tables

UNION = """
[[roster]]
file = "register.csv"
kind = "members"
profile = "union_register"

[[roster]]
file = "meetings.csv"
kind = "sign_ins"
unlisted = "absent"

[factors.sex]
groups = { male = ["male"], female = ["female"] }
reference = "male"

[outcomes.meetings]
kind = "panel"
roster = "sign_ins"
primary = true
label = { zh = "会员大会", en = "branch meetings" }

[[unit]]
code = "north"
level = "branch"
zh = "北区"
en = "North"

[[unit]]
code = "mill"
level = "group"
parent = "north"
zh = "纺织"
en = "Mill"
"""
REGISTER = """
    Membership No | First name | Surname | Date of birth | Sex | Local | Unit | Employer | Date joined | Category | Strike ballot
    U1 | Ann | Field | 12/03/1970 | F | North | Mill | Some Firm | 01/07/2001 | Full member | in favour
    U2 | Bo | Lake | 05/06/1981 | M | North | Mill | Some Firm | 01/07/2010 | Full member | against
    U3 | Cy | Moor | 07/08/1990 | M | North | Mill | Some Firm | 01/05/2022 | Apprentice | .
"""
MEETINGS = """
    Member ID | Event date | Event title | Attendance
    U1 | 08/03/2022 | Quarterly meeting | attended
    U2 | 08/03/2022 | Quarterly meeting | leave
    U1 | 07/06/2022 | Quarterly meeting | attended
    U3 | 07/06/2022 | Quarterly meeting | late
"""

CHURCH = """
[[roster]]
file = "people.csv"
kind = "members"
profile = "churchcrm_person"

[[roster]]
file = "checkins.csv"
kind = "sign_ins"
profile = "churchcrm_event_attend"
unlisted = "absent"

[factors.age_band]
field = "age"
kind = "ordered"
bands = [18, 61]
reference = "18-60"

[outcomes.services]
kind = "panel"
roster = "sign_ins"
primary = true
label = { zh = "主日崇拜", en = "services" }
"""
PEOPLE = """
    per_ID | per_FirstName | per_LastName | per_BirthMonth | per_BirthDay | per_BirthYear | per_Gender | per_cls_ID
    1 | Ann | Field | 3 | 12 | 1950 | 2 | 1
    2 | Bo | Lake | 0 | 0 | 1980 | 1 | 1
    3 | Cy | Moor | 4 | 5 | 0 | 1 | 1
    4 | Di | Wood | 6 | 7 | 1990 | 2 | 3
"""
CHECKINS = """
    attend_id | event_id | person_id | checkin_date | checkout_date
    1 | 7 | 1 | 2022-03-06 10:20:00 | .
    2 | 7 | 4 | 2022-03-06 10:25:00 | .
    3 | 8 | 1 | 2022-03-13 10:20:00 | .
    4 | 8 | 2 | 2022-03-13 10:30:00 | .
"""

CLUB = """
[[roster]]
file = "mitglieder.csv"
kind = "members"
profile = "club_register"

[[roster]]
file = "hours.csv"
kind = "sign_ins"
profile = "v4s_hours"
locale = "en-US"

[factors.sex]
groups = { male = ["male"], female = ["female"] }
reference = "male"

[outcomes.work_days]
kind = "panel"
roster = "sign_ins"
primary = true
label = { zh = "义务劳动", en = "work days" }

[[unit]]
code = "football"
level = "branch"
zh = "足球"
en = "Fußball"
"""
MITGLIEDER = """
    Mitgliedsnummer | Vorname | Nachname | Geburtsdatum | Geschlecht | Abteilung | Mitgliedschaft | Eintritt | Erziehungsberechtigte
    003A | Änne | Feld | 12.03.1970 | w | Fußball | aktiv | 1.7.2001 | .
    003B | Bodo | See | 05.06.1981 | m | Fußball | aktiv | 1.7.2010 | .
    003C | Cilli | Moor | 07.08.2012 | w | Fußball | Jugend | 1.7.2020 | Frau Moor
    003D | Dirk | Wald | 09.10.1960 | m | Fußball | passiv | 1.7.1999 | .
"""
HOURS = """
    Contact__c | Volunteer_Shift__c | Status__c | Start_Date__c | Hours_Worked__c | Number_of_Volunteers__c
    003A | a0S1 | Completed | 2022-05-07 | 3 | 1
    003B | a0S1 | No-Show | 2022-05-07 | . | 1
    003C | a0S1 | Confirmed | 2022-05-07 | . | 1
    003A | a0S2 | Completed | 2022-05-07 | 2 | 3
"""

# name: (study, locale, files, slots by (member, due, answered, attended), cells by (due, attended))
ORGANISATIONS = {
    "union": (
        UNION,
        "en-GB",
        {"register": REGISTER, "meetings": MEETINGS},
        [
            (1, "yes", "unknown", "yes"),
            (2, "yes", "yes", "no"),
            (3, "no", "unknown", "no"),
            (1, "yes", "unknown", "yes"),
            (2, "yes", "unknown", "no"),
            (3, "yes", "unknown", "yes"),
        ],
        {(2, 2): 1, (2, 0): 1, (1, 1): 1},
    ),
    "church": (
        CHURCH,
        "en-US",
        {"people": PEOPLE, "checkins": CHECKINS},
        [
            (1, "yes", "unknown", "yes"),
            (2, "yes", "unknown", "no"),
            (3, "yes", "unknown", "no"),
            (1, "yes", "unknown", "yes"),
            (2, "yes", "unknown", "yes"),
            (3, "yes", "unknown", "no"),
        ],
        {(2, 2): 1, (2, 1): 1, (2, 0): 1},
    ),
    "club": (
        CLUB,
        "de-DE",
        {"mitglieder": MITGLIEDER, "hours": HOURS},
        [
            (1, "yes", "unknown", "yes"),
            (2, "yes", "yes", "no"),
            (3, "yes", "yes", "unknown"),
            (4, "yes", "unknown", "unknown"),
            (1, "yes", "unknown", "yes"),
            (2, "yes", "unknown", "unknown"),
            (3, "yes", "unknown", "unknown"),
            (4, "yes", "unknown", "unknown"),
        ],
        {(2, 2): 1, (1, 0): 1, (0, 0): 2},
    ),
}


@pytest.fixture(scope="module", params=ORGANISATIONS)
def organisation(request, tmp_path_factory):
    text, locale, files, slots, cells = ORGANISATIONS[request.param]
    folder = written(tmp_path_factory.mktemp(request.param), text, locale, **files)
    opened = study.load(folder)
    room = engines.records(opened)
    return opened, room, slots, cells


def test_every_slot_has_its_four_states(organisation):
    _, room, slots, _ = organisation
    held = room.taking_part[["member_id", "due", "answered", "attended"]]
    assert list(held.itertuples(index=False, name=None)) == slots


def test_the_counts_of_an_organisation_are_those_of_a_hand(organisation):
    opened, room, _, expected = organisation
    cells = engines.counts(room, opened).cells
    counted = cells.groupby(["due", "attended"])["members"].sum().to_dict()
    assert counted == expected


def test_no_number_name_employer_or_ballot_passes_the_wall(organisation):
    opened, room, _, _ = organisation
    counted = engines.counts(room, opened)
    for name, frame in {"people": room.people, "participation": room.taking_part}.items():
        tables.check(frame, name, opened)
    shown = " ".join(
        frame.to_csv(index=False)
        for frame in (room.people, room.taking_part, counted.cells, counted.sessions)
    )
    secret = ["Field", "Lake", "Moor", "U1", "003A", "Some Firm", "in favour", "Frau", "Quarterly"]
    assert [word for word in secret if word in shown] == []


def test_who_is_no_member_is_told_and_leaves_no_slot(organisation):
    _, room, slots, _ = organisation
    rows = room.reconciliation.set_index("item")["rows"]
    assert rows["member"] == len({slot[0] for slot in slots})
    assert rows["rows_on_roster"] == rows["member"] + rows["not_a_member"]


def test_a_birth_without_a_year_has_no_age(tmp_path):
    text, locale, files, _, _ = ORGANISATIONS["church"]
    opened = study.load(written(tmp_path, text, locale, **files))
    people = engines.records(opened).people
    assert people["age"].fillna(-1).tolist() == [72, 42, -1]
