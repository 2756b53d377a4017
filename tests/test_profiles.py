"""Source profiles: every file is sound, and what it says holds for its own roster alone."""

import csv
import re
import tomllib
from pathlib import Path

import pytest

from engagement import codebook, study
from engagement.codebook import profiles
from engagement.errors import StudyError
from engagement.records import clean
from engagement.sources import KINDS

FOLDER = Path(profiles.__file__).parent / "profiles"
NAMES = profiles.names()
LAYOUTS = """
    party_member_export party_development_record party_collection_2017 party_collection_guide
    village_import platform_roster enterprise_roster mobile_member_register branch_minutes
    volunteer_attendance volunteer_certificate volunteer_record in_service_register
    lost_contact_list
"""
SYSTEMS = """
    civicrm_participant civicrm_contact v4s_hours osdi_attendance churchcrm_person
    churchcrm_event_attend wildapricot_contact union_register church_register club_register
"""
HEAD = """
title = { zh = "某协会", en = "An association" }
organisation = { zh = "协会", en = "the association" }
people = { zh = "成员", en = "members" }
reference_date = 2022-12-31
locale = "LOCALE"
"""
OUTCOME = """
[outcomes.meetings]
kind = "panel"
roster = "sign_ins"
primary = true
label = { zh = "到会", en = "meetings" }
"""


def told(name: str) -> dict:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


def roster(file: str, kind: str, profile: str = "", more: str = "") -> str:
    line = f'profile = "{profile}"\n' if profile else ""
    return f'\n[[roster]]\nfile = "{file}"\nkind = "{kind}"\n{line}{more}\n'


def written(folder: Path, text: str, locale: str = "en-GB", **files: str) -> Path:
    """A study in `folder`; each file is drawn with | between its columns."""
    (folder / "rosters").mkdir(parents=True, exist_ok=True)
    (folder / "study.toml").write_text(HEAD.replace("LOCALE", locale) + text, encoding="utf-8")
    for name, drawn in files.items():
        lines = [line for line in drawn.strip().splitlines() if line.strip()]
        rows = [
            ["" if cell.strip() == "." else cell.strip() for cell in line.split("|")]
            for line in lines
        ]
        with (folder / "rosters" / f"{name}.csv").open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(rows)
    return folder


def cleaned(folder: Path) -> clean.Cleaned:
    return clean.rosters(study.load(folder))


def test_every_layout_and_system_has_a_profile():
    assert set(NAMES) == {*LAYOUTS.split(), *SYSTEMS.split()}


@pytest.mark.parametrize("name", NAMES)
def test_the_data_dictionary_lists_every_profile(name):
    page = (Path(__file__).parent.parent / "data" / "README.md").read_text(encoding="utf-8")
    said = told(name)
    assert f"| `{name}` | `{said['kind']}` | {said['zh']} | {said['en']} |" in page


@pytest.mark.parametrize("name", NAMES)
def test_the_keys_of_a_profile_are_known_and_its_labels_stand_in_both_languages(name):
    said = told(name)
    assert set(said) <= profiles.KEYS
    assert said["kind"] in KINDS
    assert re.search("[㐀-鿿]", said["zh"]) and not re.search("[㐀-鿿]", said["en"])
    assert set(said.get("hours", {})) <= {"unit", "day", "note"}
    assert said.get("hours", {}).get("unit", "hour") in codebook.structure()["hours"]
    source = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    assert source.startswith("# "), "where the layout was seen stands first"


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_names_fields_and_codes_that_exist(name):
    profile, fields = profiles.named(name), codebook.fields()
    assert set(profile.headers.values()) - {""} <= set(fields)
    assert set(profile.marks) | set(profile.parts) | set(profile.prefer) <= set(fields)
    lists = {"mark": "attend_status", "yesno": "yesno"}
    for of, spelled in [*profile.values.items(), *profile.unsure.items()]:
        known = codebook.codes(fields[of].codes or lists[fields[of].type])
        assert set(spelled.values()) <= set(known), of


@pytest.mark.parametrize("name", NAMES)
def test_a_profile_never_makes_something_else_of_an_identity(name):
    fields, known = codebook.fields(), codebook.headers()
    for header, field in profiles.named(name).headers.items():
        was = known.get(header)
        if field and was and "ID" in fields[was].use:
            assert fields[field].use & {"ID", "X"}, header


@pytest.mark.parametrize("name", NAMES)
def test_what_the_catalogue_excludes_stays_excluded(name):
    fields, known = codebook.fields(), codebook.headers()
    for header, field in profiles.named(name).headers.items():
        was = known.get(header)
        if field and was and "X" in fields[was].use:
            assert "X" in fields[field].use, header


@pytest.mark.parametrize("name", [name for name in NAMES if told(name).get("columns")])
def test_the_columns_of_a_profile_hold_what_its_kind_of_roster_needs(name):
    profile = profiles.named(name)
    headers = codebook.headers() | profile.headers
    found = {headers.get(codebook.key(column)) for column in profile.columns}
    needed = codebook.structure()["required"][profile.kind]
    assert all(found & set(one.split()) for one in needed)


def test_an_unknown_profile_names_the_nearest(tmp_path):
    text = roster("m.csv", "members", "civicrm_contacts") + OUTCOME
    with pytest.raises(StudyError) as caught:
        study.load(written(tmp_path, text, m="Name\nAnn Field"))
    [problem] = caught.value.problems
    assert problem.key == "unknown_profile"
    assert problem.values["expected"] == "civicrm_contact"
    assert problem.values["where"] == "roster 1.profile"


def test_a_profile_of_another_kind_of_roster_is_refused(tmp_path):
    text = roster("m.csv", "members", "v4s_hours") + OUTCOME
    with pytest.raises(StudyError) as caught:
        study.load(written(tmp_path, text, m="Name\nAnn Field"))
    assert [problem.key for problem in caught.value.problems] == ["profile_kind"]


PEOPLE = """
    Contact ID | Display Name | Gender ID
    1          | Ann Field    | 1
    2          | Bo Lake      | 2
"""


def test_the_headers_and_digits_of_a_profile_do_not_leak_to_another_roster(tmp_path):
    text = roster("one.csv", "members", "civicrm_contact") + roster("two.csv", "members") + OUTCOME
    members = cleaned(written(tmp_path, text, one=PEOPLE, two=PEOPLE)).records["members"]
    assert members["sex"].fillna("-").tolist() == ["female", "male", "-", "-"]
    assert members["source_file"].tolist() == ["one.csv", "one.csv", "two.csv", "two.csv"]


def test_what_the_study_says_itself_comes_before_the_profile(tmp_path):
    text = roster("one.csv", "members", "civicrm_contact") + OUTCOME
    text += '\n[values.sex]\n"1" = "male"\n"2" = "female"\n'
    members = cleaned(written(tmp_path, text, one=PEOPLE)).records["members"]
    assert members["sex"].tolist() == ["male", "female"]


def test_a_factor_cannot_be_made_of_a_column_that_a_profile_knows_as_an_identity(tmp_path):
    text = roster("m.csv", "members", "churchcrm_person") + OUTCOME
    text += '\n[fields.nick]\ntype = "category"\nheaders = ["per_FirstName"]\n'
    with pytest.raises(StudyError) as caught:
        study.load(written(tmp_path, text, m="per_ID | per_FirstName\n1 | Ann"))
    assert "identity_header" in [problem.key for problem in caught.value.problems]


def test_the_fingerprint_and_the_manifest_name_the_profile(tmp_path):
    one = written(tmp_path / "one", roster("m.csv", "members") + OUTCOME, m=PEOPLE)
    two = written(
        tmp_path / "two", roster("m.csv", "members", "civicrm_contact") + OUTCOME, m=PEOPLE
    )
    assert study.load(one).fingerprint != study.load(two).fingerprint
    assert cleaned(one).manifest["profile"].tolist() == [""]
    assert cleaned(two).manifest["profile"].tolist() == ["civicrm_contact"]
