"""From unknown files to a study that a person can finish."""

import re
import shutil
from pathlib import Path

import pytest
from test_exports import EXPORTS

from engagement import study
from engagement.codebook import profiles
from engagement.errors import RosterError, StudyError, UsageError
from engagement.records import proposals

COMMUNITY = Path(__file__).parent.parent / "data" / "community" / "rosters"
UNION = "Member ID,Full name,Local,Date of birth,Sex,Branch,Shift\n17,Ann Field,North,1970-02-03,F,Docks,day\n18,Bo Lake,North,1981-05-06,M,Docks,night\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_the_community_s_files_make_a_study_that_loads(tmp_path):
    sources = [path for path in COMMUNITY.rglob("*") if path.is_file()]
    report = proposals.study(tmp_path / "new", sources)
    assert report.questions == 0
    made = study.load(tmp_path / "new")
    kinds = {roster.kind: len(roster.files) for roster in made.rosters}
    assert kinds == {"members": 1, "volunteers": 1, "sign_ins": 12, "mobile": 1, "minutes": 1}
    assert sum(unit.level == "branch" for unit in made.units) == 5
    assert sum(unit.level == "group" for unit in made.units) == 14
    assert made.reference_date.isoformat() == "2022-12-31"
    assert made.primary.name == "attendance"
    assert set(made.factors) >= {"age_band", "sex", "education", "employment"}


KNOWN = sorted(set(EXPORTS) - {"party_collection_2017", "union_register", "club_register"})


@pytest.mark.parametrize("name", KNOWN)
def test_the_profile_of_an_export_is_proposed_with_its_confidence(tmp_path, name):
    rows = [[cell.strip() for cell in line.split("|")] for line in EXPORTS[name][1].split("\n")]
    text = "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows if len(row) > 1)
    report = proposals.study(tmp_path / "new", [write(tmp_path / "export.csv", text)])
    proposed = report.path.read_text(encoding="utf-8")
    assert f'profile = "{name}"' in proposed
    assert f'kind = "{profiles.named(name).kind}"' in proposed
    assert re.search(r"fit this source profile to \d+ %", proposed)


def test_no_profile_is_proposed_for_a_roster_of_nobody_s_system(tmp_path):
    sources = [path for path in COMMUNITY.rglob("*") if path.is_file()]
    text = proposals.study(tmp_path / "one", sources).path.read_text(encoding="utf-8")
    text += proposals.study(tmp_path / "two", [write(tmp_path / "u.csv", UNION)]).path.read_text(
        encoding="utf-8"
    )
    assert "profile =" not in text


def test_what_nobody_can_know_is_asked_and_the_study_refuses_until_it_is_answered(tmp_path):
    report = proposals.study(tmp_path / "new", [write(tmp_path / "union.csv", UNION)])
    assert report.questions >= 2
    text = report.path.read_text(encoding="utf-8")
    assert '# "Shift" = "field"' in text
    assert "#? reference_date" in text
    with pytest.raises(StudyError):
        study.load(tmp_path / "new")


def test_an_undeclared_spelling_is_asked_for_with_the_codes_it_may_have(tmp_path):
    rows = "姓名,学历\n王芳,私塾\n李伟,大专\n"
    report = proposals.study(tmp_path / "new", [write(tmp_path / "members.csv", rows)])
    text = report.path.read_text(encoding="utf-8")
    assert "[values.education]" in text
    assert '#? "私塾" = "code"' in text
    assert "大专" not in text.split("[values.education]")[1].split("[factors")[0]


def test_no_name_of_a_person_stands_in_the_proposal(tmp_path):
    report = proposals.study(tmp_path / "new", [write(tmp_path / "union.csv", UNION)])
    text = report.path.read_text(encoding="utf-8")
    assert "Ann" not in text and "Field" not in text.replace('"field"', "") and "1970" not in text


def test_an_existing_folder_is_left_alone(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    with pytest.raises(UsageError) as caught:
        proposals.study(folder, [write(tmp_path / "union.csv", UNION)])
    assert caught.value.problems[0].key == "folder_exists"
    assert list(folder.iterdir()) == []


def test_a_missing_file_and_two_files_of_one_name_are_told_together(tmp_path):
    (tmp_path / "other").mkdir()
    first = write(tmp_path / "a.csv", UNION)
    second = Path(shutil.copy(first, tmp_path / "other" / "a.csv"))
    with pytest.raises(UsageError) as caught:
        proposals.study(tmp_path / "new", [first, second, tmp_path / "gone.csv"])
    assert [problem.key for problem in caught.value.problems] == ["source_missing", "file_twice"]
    assert not (tmp_path / "new").exists()


def test_files_without_a_table_are_told_together_and_nothing_is_written(tmp_path):
    sources = [
        write(tmp_path / "a.csv", "just a line\nand another\n"),
        write(tmp_path / "b.csv", ""),
    ]
    with pytest.raises(RosterError) as caught:
        proposals.study(tmp_path / "new", sources)
    assert len(caught.value.problems) == 2
    assert not (tmp_path / "new").exists()
