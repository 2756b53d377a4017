"""study.toml is read whole, or refused with every wrong key at once."""

import datetime
from pathlib import Path

import pytest

from engagement import study
from engagement.errors import StudyError

TEXT = """
title = { zh = "某协会", en = "An association" }
organisation = { zh = "协会", en = "the association" }
people = { zh = "成员", en = "members" }
reference_date = 2022-12-31

[[roster]]
file = "members.csv"
kind = "members"

[fields.shift]
headers = ["Shift", "Rota"]
type = "category"
[fields.shift.labels]
day = { zh = "白班", en = "day" }
night = { zh = "夜班", en = "night" }

[values.shift]
"Days" = "day"

[factors.age_band]
field = "age"
kind = "ordered"
bands = [18, 36, 61]
reference = "36-60"

[factors.shift]
reference = "day"
adjust = ["age_band"]

[outcomes.volunteering]
kind = "column"
field = "in_volunteer_corps"
primary = true
label = { zh = "志愿服务", en = "volunteering" }

[[unit]]
code = "b1"
level = "branch"
zh = "第一支部"
en = "Branch 1"
"""


def write(folder: Path, text: str = TEXT) -> Path:
    (folder / "rosters").mkdir(exist_ok=True)
    (folder / "rosters" / "members.csv").write_text("Name\n", encoding="utf-8")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder


def problems(folder: Path, text: str) -> list[tuple[str, dict]]:
    with pytest.raises(StudyError) as caught:
        study.load(write(folder, text))
    assert caught.value.exit_code == 10
    return [(problem.key, dict(problem.values)) for problem in caught.value.problems]


def test_a_study_is_read(tmp_path):
    read = study.load(write(tmp_path))
    assert read.reference_date == datetime.date(2022, 12, 31)
    assert read.languages == ("zh", "en")
    assert read.factors["age_band"].levels == ("18-35", "36-60", "61+")
    assert read.factors["shift"].levels == ("day", "night")
    assert read.factors["shift"].labels["night"]["en"] == "night"
    assert read.headers["rota"] == "shift"
    assert read.values["shift"]["days"] == "day"
    assert read.primary.name == "volunteering"
    assert [file.name for file in read.rosters[0].files] == ["members.csv"]
    assert read.tier == "committee"


def test_the_study_is_frozen(tmp_path):
    read = study.load(write(tmp_path))
    with pytest.raises(AttributeError):
        read.tier = "public"


def test_a_missing_study_is_named(tmp_path):
    with pytest.raises(StudyError) as caught:
        study.load(tmp_path)
    assert caught.value.problems[0].key == "study_missing"
    assert str(tmp_path) not in str(caught.value.problems[0].values)


def test_an_unknown_key_names_the_nearest(tmp_path):
    found = problems(tmp_path, TEXT.replace('reference = "36-60"', 'referance = "36-60"'))
    assert (
        "unknown_key",
        {
            "file": "study.toml",
            "where": "factors.age_band.referance",
            "found": "referance",
            "expected": "reference",
        },
    ) in found


def test_an_unknown_key_at_the_top_names_the_nearest(tmp_path):
    found = problems(
        tmp_path, "refrence_date = 2022-12-31\n" + TEXT.replace("reference_date = 2022-12-31\n", "")
    )
    assert [key for key, _ in found] == ["missing_key", "unknown_key"]
    assert found[1][1]["expected"] == "reference_date"


def test_all_problems_come_at_once(tmp_path):
    broken = TEXT.replace('kind = "ordered"', 'kind = "orderd"').replace(
        "primary = true", "primary = 1"
    )
    assert len(problems(tmp_path, broken)) >= 2


def test_a_misspelt_tier_is_refused(tmp_path):
    found = problems(tmp_path, TEXT + '\n[release]\ntier = "comittee"\n')
    assert [(key, values["where"], values["found"]) for key, values in found] == [
        ("unknown_name", "release.tier", "comittee")
    ]


def test_broken_toml_names_the_line(tmp_path):
    assert problems(tmp_path, "title = { zh = \n")[0][0] == "study_not_toml"


def test_a_study_that_is_not_utf8_is_said(tmp_path):
    folder = write(tmp_path)
    (folder / "study.toml").write_bytes(TEXT.encode("gb18030"))
    with pytest.raises(StudyError) as caught:
        study.load(folder)
    assert caught.value.problems[0].key == "study_not_utf8"


@pytest.mark.parametrize("pattern", ["../members.csv", "/etc/passwd", "a\\\\b.csv"])
def test_a_roster_outside_the_rosters_folder_is_refused(tmp_path, pattern):
    assert problems(tmp_path, TEXT.replace("members.csv", pattern))[0][0] == "path_outside"


def test_a_roster_may_have_a_locale_of_its_own_and_no_unknown_one(tmp_path):
    told = TEXT.replace('kind = "members"', 'kind = "members"\nlocale = "de-DE"')
    read = study.load(write(tmp_path, told))
    assert (read.locale, read.rosters[0].locale) == ("zh-CN", "de-DE")
    assert problems(tmp_path, told.replace("de-DE", "de"))[0][0] == "unknown_name"


def test_a_link_that_leads_out_of_the_rosters_folder_is_refused(tmp_path):
    outside = tmp_path / "outside.csv"
    outside.write_text("x", encoding="utf-8")
    folder = tmp_path / "study"
    folder.mkdir()
    write(folder)
    (folder / "rosters" / "members.csv").unlink()
    (folder / "rosters" / "members.csv").symlink_to(outside)
    with pytest.raises(StudyError) as caught:
        study.load(folder)
    assert caught.value.problems[0].key == "path_outside"


def test_a_missing_roster_file_is_named(tmp_path):
    assert problems(tmp_path, TEXT.replace("members.csv", "member.csv"))[0][0] == "roster_not_found"


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('reference = "36-60"', 'reference = "36-61"', "unknown_name"),
        ('adjust = ["age_band"]', 'adjust = ["agee_band"]', "unknown_name"),
        ("bands = [18, 36, 61]", "bands = [36, 18, 61]", "wrong_value"),
        ("reference_date = 2022-12-31", 'reference_date = "2022"', "wrong_value"),
        ("primary = true", "primary = false", "wrong_value"),
        ('field = "in_volunteer_corps"', "", "missing_key"),
        ('level = "branch"', 'level = "group"\nparent = "b9"', "unknown_name"),
    ],
)
def test_what_contradicts_itself_is_refused(tmp_path, old, new, key):
    assert key in [found for found, _ in problems(tmp_path, TEXT.replace(old, new))]


def test_the_fingerprint_changes_with_the_file(tmp_path):
    first = study.load(write(tmp_path)).fingerprint
    assert study.load(write(tmp_path, TEXT + "\n# a remark\n")).fingerprint != first


def test_an_identity_cannot_be_declared_as_a_factor(tmp_path):
    disguised = TEXT.replace('headers = ["Shift", "Rota"]', 'headers = ["Phone"]')
    assert problems(tmp_path, disguised)[0][0] == "identity_header"
    assert (
        problems(tmp_path, TEXT + '\n[headers]\n"姓名" = "education"\n')[0][0] == "identity_header"
    )


def test_a_field_of_the_codebook_cannot_be_redeclared(tmp_path):
    assert "field_taken" in [
        key for key, _ in problems(tmp_path, TEXT + '\n[fields.phone]\ntype = "category"\n')
    ]
