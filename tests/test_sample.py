"""The synthetic community: counted by hand from its files, the same on every run, and covered by
its truth.
"""

import csv
import datetime
import filecmp
import re
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from leaks import among, raw

from engagement import codebook, sample, study
from engagement.errors import UsageError

COMMUNITY = Path(__file__).parents[1] / "data" / "community"
ROSTER = "党员花名册.xlsx"
LIST = "志愿者名单.csv"
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("community")
    sample.community(folder)
    return folder


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    sample.community(folder, members=3000)
    return folder


def truth(name, folder=COMMUNITY):
    return pd.read_csv(folder / "truth" / f"{name}.csv", dtype="str", keep_default_na=False)


def sheets(path):
    book = openpyxl.load_workbook(path)
    return {page.title: list(page.iter_rows(values_only=True)) for page in book.worksheets}


def volunteer_rows():
    with (COMMUNITY / "rosters" / LIST).open(encoding="gb18030", newline="") as lines:
        return list(csv.reader(lines))


def member_rows():
    """Rows of the roster that begin with a number: people, by sheet and row."""
    pages = sheets(COMMUNITY / "rosters" / ROSTER)
    return {
        (name, number): row
        for name, rows in pages.items()
        for number, row in enumerate(rows, start=1)
        if isinstance(row[0], int)
    }


def check_character(number):
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def files(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_the_check_character_of_the_standards_own_example_is_x():
    assert check_character("11010519491231002X") == "X"


def test_the_roster_lists_173_members_one_of_them_twice_and_one_who_died():
    rows = member_rows().values()
    remarks = [row[16] or "" for row in rows]
    assert len(rows) == 175
    assert sum("转出" in remark for remark in remarks) == 1
    assert sum("已去世" in remark for remark in remarks) == 1
    assert (truth("people")["member"] == "yes").sum() == 173


def test_one_member_is_probationary():
    assert Counter(row[7] for row in member_rows().values())["预备党员"] == 1


def test_there_are_five_branches_and_fourteen_groups():
    people = truth("people").query("member == 'yes'")
    groups = people.groupby("branch")["group"].nunique()
    assert list(groups) == [3, 3, 3, 3, 2]
    assert list(sheets(COMMUNITY / "rosters" / ROSTER))[:5] == [
        "第一支部", "第二支部", "第三支部", "第四支部", "第五支部",
    ]  # fmt: skip


def test_the_totals_rows_add_up_to_173():
    pages = sheets(COMMUNITY / "rosters" / ROSTER)
    stated = [row[1] for rows in pages.values() for row in rows if row[0] == "合计"]
    everyone = [row[1] for rows in pages.values() for row in rows if row[0] == "全社区合计"]
    assert sum(int(text.removesuffix("人")) for text in stated) == 173
    assert everyone == ["173人"]


def test_the_members_come_from_seven_villages():
    assert truth("people").query("member == 'yes'")["origin_village"].nunique() == 7


def test_104_sign_ups_are_97_people_and_ten_of_them_members():
    numbered = [row for row in volunteer_rows() if row[0].isdigit()]
    assert len(numbered) == 104
    assert [int(row[0]) for row in numbered] == list(range(1, 105))
    people = truth("people").query("volunteer == 'yes'")
    assert len(people) == 97
    assert (people["member"] == "yes").sum() == 10
    links = truth("links").query("kind == 'volunteers'")
    assert len(links) == 104 and links["person_id"].nunique() == 97


def test_nobody_over_35_joined_the_youth_commando():
    corps = truth("cells").query("field == 'corps' and value == 'youth'")
    links = truth("links").query("kind == 'volunteers'").set_index("left_row")
    ages = truth("people").set_index("person_id")["age"].astype(int)
    assert len(corps) == 38
    assert ages[links.loc[corps["row"], "person_id"]].max() <= 35


def test_members_volunteer_five_times_as_often_as_residents_or_more():
    members, residents = 10 / 173, 87 / (8900 - 173)
    assert 5 < members / residents < 7


def test_members_who_were_asked_volunteer_more_often():
    members = truth("people").query("member == 'yes'")
    share = members.groupby("asked")["volunteer"].apply(lambda row: (row == "yes").mean())
    assert share["yes"] > 5 * share["no"]


def test_nine_members_are_away_and_four_are_excused_by_a_decision():
    members = truth("people").query("member == 'yes'")
    assert (members["is_mobile"] == "yes").sum() == 9
    assert (members["excused"] == "yes").sum() == 4
    remarks = [row[16] or "" for row in member_rows().values()]
    assert sum("可暂不参加组织生活" in remark for remark in remarks) == 4


def test_the_age_mix_is_the_published_one_within_rounding():
    ages = truth("people").query("member == 'yes'")["age"].astype(int)
    assert (ages >= 60).sum() == pytest.approx(0.326 * 173, abs=1)
    assert ages.between(35, 59).sum() == pytest.approx(0.539 * 173, abs=1)
    assert (ages < 35).sum() == pytest.approx(0.135 * 173, abs=1)


def test_the_schooling_mix_is_the_published_one_within_rounding():
    level = truth("people").query("member == 'yes'")["education"]
    assert level.isin(["none", "primary"]).sum() == pytest.approx(0.183 * 173, abs=1.5)
    assert (level == "junior").sum() == pytest.approx(0.502 * 173, abs=1.5)
    assert level.isin(["senior", "vocational"]).sum() == pytest.approx(0.218 * 173, abs=1.5)
    assert level.isin(["associate", "bachelor", "postgraduate"]).sum() == pytest.approx(
        0.097 * 173, abs=1.5
    )


def test_every_identity_number_is_valid_and_says_birth_and_sex():
    people = truth("people")
    for number, birth, sex in zip(
        people["id_number"], people["birth_date"], people["sex"], strict=True
    ):
        assert number[17] == check_character(number)
        assert number[6:14] == birth.replace("-", "")
        assert datetime.date.fromisoformat(birth) < datetime.date(2022, 12, 31)
        assert (int(number[16]) % 2 == 1) == (sex == "male")
    assert people["id_number"].is_unique


def test_no_identity_number_has_the_prefecture_of_a_real_place():
    assert truth("people")["id_number"].str[2:4].isin(["95", "96", "97", "98"]).all()


def test_each_member_has_34_slots_of_the_regulated_year():
    slots = truth("participation")
    assert len(slots) == 173 * 34
    assert set(slots.groupby("person_id").size()) == {34}
    one = slots[slots["person_id"] == "M0001"]
    assert Counter(one["duty_type"]) == {
        "theme_day": 12, "group_meeting": 12, "general_meeting": 4,
        "lesson": 4, "life_meeting": 1, "review_meeting": 1,
    }  # fmt: skip


def test_six_in_ten_due_slots_are_attended():
    slots = truth("participation").query("due == 'yes'")
    assert 0.55 < (slots["attended"] == "yes").mean() < 0.60


def attendance_by(column):
    slots = truth("participation").query("due == 'yes'").drop(columns="due")
    people = truth("people").set_index("person_id")
    took_part = slots["attended"].eq("yes")
    return took_part.groupby(slots["person_id"].map(people[column])).mean()


def test_the_planted_effects_show_in_their_sign():
    able = attendance_by("activity_ability")
    employed = attendance_by("employment")
    sex = attendance_by("sex")
    assert able["limited"] < able["full"] - 0.1
    assert employed["working"] < employed["retired"]
    assert abs(sex["male"] - sex["female"]) < 0.05


def test_oldest_members_attend_less_though_age_was_given_no_effect():
    by_age = attendance_by("age")
    by_age.index = by_age.index.astype(int)
    assert tomllib.loads((COMMUNITY / "truth/effects.toml").read_text("utf-8"))["age"] == 0
    assert by_age[by_age.index >= 75].mean() < by_age[by_age.index.isin(range(60, 75))].mean()


def test_the_sheets_hold_the_marks_that_the_truth_tells():
    counted = Counter()
    for path in sorted((COMMUNITY / "rosters" / "签到表").glob("*.xlsx")):
        for rows in sheets(path).values():
            for row in rows:
                if isinstance(row[0], int):
                    counted.update(row[3:])
    slots = truth("participation").query("due == 'yes' and recorded == 'yes'")
    status = Counter(slots["status"])
    guests = 3 + 3  # three sessions in March, three in June
    assert counted["√"] + counted["✓"] + counted["到"] == status["attended"] + guests
    assert counted["请假"] == status["leave"]
    assert counted["补课"] == status["makeup"]
    assert counted["迟到"] == status["late"]


def test_group_meetings_of_one_branch_went_unrecorded_in_july_and_august():
    lost = truth("participation").query("recorded == 'no'")
    assert set(lost["duty_type"]) == {"group_meeting"}
    assert set(lost["event_date"].str[:7]) == {"2022-07", "2022-08"}
    assert set(lost["unit"].str[:2]) == {"b4"}
    header = sheets(COMMUNITY / "rosters/签到表/2022年07月.xlsx")["第四支部"][1]
    assert "党小组会" not in header
    assert set(lost["reading"]) == {"unknown"}


def test_a_blank_on_a_sheet_without_a_legend_is_unknown():
    rows = sheets(COMMUNITY / "rosters/签到表/2022年05月.xlsx")["第一支部"]
    assert not any("空白" in str(cell) for row in rows for cell in row)
    slots = truth("participation")
    here = slots["unit"].str.startswith("b1") & slots["event_date"].str.startswith("2022-05")
    absent = slots[here & (slots["status"] == "absent")]
    assert len(absent) and set(absent["reading"]) == {"unknown"}


def test_two_members_of_one_name_in_one_group_wait_for_review():
    people = truth("people").query("member == 'yes'")
    twice = people[people.duplicated(["group", "name"], keep=False)]
    links = truth("links").query("kind == 'sign_ins'")
    assert len(twice) == 2
    assert set(links[links["person_id"].isin(twice["person_id"])]["expected"]) == {"review"}


def test_the_truth_covers_every_row_of_every_file():
    rows = truth("rows").assign(row=lambda table: table["row"].astype(int))
    found = {}
    folder = COMMUNITY / "rosters"
    for path in folder.rglob("*.xlsx"):
        for name, lines in sheets(path).items():
            found[str(path.relative_to(folder).as_posix()), name] = len(lines)
    found[LIST, ""] = len(volunteer_rows())
    told = rows.groupby(["source_file", "sheet"])["row"].agg(["min", "max", "size"])
    assert set(told.index) == set(found)
    for place, (first, last, size) in told.iterrows():
        assert (first, last, size) == (1, found[place], found[place])


def test_the_truth_covers_every_filled_cell_of_every_person():
    cells = truth("cells")
    told = Counter(zip(cells["source_file"], cells["sheet"], cells["row"], strict=True))
    for (name, number), row in member_rows().items():
        assert told[ROSTER, name, str(number)] == sum(cell is not None for cell in row)
    for number, row in enumerate(volunteer_rows(), start=1):
        if row[0].isdigit():
            assert told[LIST, "", str(number)] == sum(cell != "" for cell in row)


def test_the_truth_speaks_the_codebooks_words():
    cells = truth("cells")
    fields = codebook.fields()
    assert set(cells["field"]) <= set(fields)
    assert set(cells["expected"]) == {
        "clean", "recovered", "flagged", "quarantined", "structural",
    }  # fmt: skip
    for name in ("sex", "education", "employment", "activity_ability", "member_type"):
        assert set(cells[cells["field"] == name]["value"]) - {""} <= set(codebook.codes(name))
    excluded = [name for name, field in fields.items() if "X" in field.use]
    assert (cells[cells["field"].isin(excluded)]["expected"] == "structural").all()


def test_a_number_damaged_by_a_spreadsheet_is_written_as_a_number():
    cells = truth("cells").query("source_file == @ROSTER and form == 'as_number'")
    lost = cells[cells["field"] == "id_number"]
    pages = sheets(COMMUNITY / "rosters" / ROSTER)
    written = [
        pages[name][int(row) - 1][5] for name, row in zip(lost["sheet"], lost["row"], strict=True)
    ]
    assert len(written) >= 5
    assert all(isinstance(number, int | float) for number in written)
    assert all(number == float(f"{number:.14e}") for number in written)  # fifteen digits are left
    assert set(lost["value"]) == {""} and set(lost["expected"]) == {"flagged"}


def test_impossible_dates_are_quarantined_and_never_given_a_value():
    cells = truth("cells").query("form in ['month_13', 'future']")
    assert len(cells) >= 2
    assert set(cells["value"]) == {""} and set(cells["expected"]) == {"quarantined"}


def test_every_canary_stands_in_the_raw_files():
    rosters = [path for path in (COMMUNITY / "rosters").rglob("*") if path.is_file()]
    canaries = truth("canaries")
    assert (canaries["kind"] == "name").sum() == 12
    found = [among(canaries["text"], raw(path)) for path in rosters]
    assert set().union(*found) == set(canaries["text"])


def test_one_canary_stands_in_a_comment_and_one_column_is_hidden():
    book = openpyxl.load_workbook(COMMUNITY / "rosters" / ROSTER)
    comments = [c.comment.text for row in book["第一支部"].iter_rows() for c in row if c.comment]
    assert comments == list(truth("canaries").query("kind == 'comment'")["text"])
    hidden = book["第五支部"].column_dimensions["P"]
    assert hidden.hidden


def test_two_runs_and_the_committed_community_are_the_same_bytes(fresh):
    assert files(fresh) == [path for path in files(COMMUNITY) if path.parts[0] in KEPT]
    for path in files(fresh):
        assert filecmp.cmp(fresh / path, COMMUNITY / path, shallow=False), path


KEPT = ("rosters", "truth", "study.toml")


def test_a_community_is_written_where_the_first_choice_of_a_namesake_has_nobody_near(tmp_path):
    sample.community(tmp_path, seed=20230724)
    told = pd.read_csv(tmp_path / "truth" / "people.csv")
    assert told.duplicated(["name", "group", "sex"]).any()


def test_another_seed_gives_other_people(tmp_path):
    sample.community(tmp_path, members=60, seed=1)
    names = set(truth("people", tmp_path)["name"])
    assert len(names & set(truth("people")["name"])) < len(names) / 2
    assert len(truth("people", tmp_path).query("member == 'yes'")) == 60


def test_workbooks_carry_no_author_and_no_time_of_making():
    with zipfile.ZipFile(COMMUNITY / "rosters" / ROSTER) as book:
        core = book.read("docProps/core.xml").decode()
        times = set(re.findall(r"\d{4}-\d\d-\d\dT[\d:]+Z", core))
        assert times == {"2022-12-31T00:00:00Z"}
        assert {info.date_time for info in book.infolist()} == {(2022, 12, 31, 0, 0, 0)}
    assert "openpyxl" not in core


def test_the_study_of_the_sample_is_a_study():
    declared = study.load(COMMUNITY)
    assert [unit.level for unit in declared.units].count("branch") == 5
    assert [unit.level for unit in declared.units].count("group") == 14


def test_a_community_too_small_for_its_stories_is_refused(tmp_path):
    with pytest.raises(UsageError):
        sample.community(tmp_path, members=20)


def test_a_large_community_has_as_many_rows_as_it_should(large):
    lines = {
        name: len(pd.read_csv(large / "rosters" / f"{name}.csv", dtype="str"))
        for name in ("members", "volunteers", "sign_ins")
    }
    assert lines == {"members": 3000, "volunteers": 300, "sign_ins": 36000}


def test_a_large_community_is_a_study_with_its_own_tree(large):
    declared = study.load(large)
    assert sum(unit.level == "branch" for unit in declared.units) == 87
    assert any(unit.zh == "第37支部" for unit in declared.units)
    assert {roster.kind for roster in declared.rosters} == {"members", "volunteers", "sign_ins"}


def test_a_large_community_in_two_batches_is_complete(tmp_path, monkeypatch):
    story = {**sample.settings.table("story"), "batch": 1000}
    table = sample.settings.table
    monkeypatch.setattr(
        sample.settings, "table", lambda name: story if name == "story" else table(name)
    )
    sample.community(tmp_path, members=3000)
    people = truth("people", tmp_path)
    assert (people["member"] == "yes").sum() == 3000
    assert people["id_number"].is_unique and people["person_id"].is_unique
    rows = truth("rows", tmp_path).query("source_file == 'members.csv'")["row"].astype(int)
    assert list(rows) == list(range(2, 3002))


def test_a_large_community_comes_out_the_same_twice(large, tmp_path):
    sample.community(tmp_path, members=3000)
    assert all(filecmp.cmp(large / path, tmp_path / path, shallow=False) for path in files(large))


def test_a_study_that_is_no_sample_is_never_overwritten(tmp_path):
    (tmp_path / "study.toml").write_text("# somebody's study", encoding="utf-8")
    with pytest.raises(UsageError) as refused:
        sample.community(tmp_path)
    assert refused.value.problems[0].key == "folder_exists"
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]


def test_a_large_community_tells_how_far_it_is(tmp_path):
    heard = []
    sample.community(tmp_path, members=2_500, progress=heard.append)
    assert heard == sorted(heard) and heard[-1] == 2_500
