"""What a user can get wrong is told: where, what, what was expected, what to do; and nothing more.

Everything happens in a small union branch, which also shows that another organisation is served.
"""

import csv
import re
import zipfile
from pathlib import Path

import branch
import pytest
from asked import engagement, tree

from engagement import files

HAN = re.compile(r"[㐀-鿿]")
OLD = "what the committee read last year"
PROTECTED = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + "EncryptedPackage".encode("utf-16-le")
BOTH_TONGUES = ["en", "zh"]


def posed(folder, *, language="en", text=branch.STUDY, roster=None):
    """The branch's study, told first in `language`, with an out/ of last year."""
    order = '["zh", "en"]' if language == "zh" else '["en", "zh"]'
    branch.study(folder, text=text.replace('["en", "zh"]', order), roster=roster)
    (folder / "out").mkdir()
    (folder / "out" / "brief.en.html").write_text(OLD, encoding="utf-8")
    return folder


def changed(**values):
    """The roster with one column changed: a text for all members, or texts by row of the sheet."""
    rows = branch.members()
    for name, new in values.items():
        column = name.replace("_", " ")
        for row in range(len(rows)):
            rows[row][column] = (
                new.get(row + 2, rows[row][column]) if isinstance(new, dict) else new
            )
    return branch.written(rows)


def assert_refused(answer, folder, code, *told):
    """One kind of exit, every place and cure told, no traceback, no identity, nothing written."""
    assert answer.code == code, answer.said
    for text in told:
        assert text in answer.err
    assert "Traceback" not in answer.said and "engagement/" not in answer.err
    assert [text for text in branch.identities() if text in answer.said] == []
    assert tree(folder / "out") == {"brief.en.html": OLD.encode()}
    assert list(folder.rglob("*.part")) == []


# ---------------------------------------------------------------- the study


def test_a_folder_without_a_study_is_told_in_both_languages(tmp_path):
    answer = engagement("run", tmp_path / "nowhere")
    assert answer.code == 10
    chinese, english = answer.err.strip().splitlines()
    assert "nowhere" in chinese and "study.toml" in chinese and HAN.search(chinese)
    assert "nowhere: no study.toml" in english and "engagement new" in english
    assert not (tmp_path / "nowhere").exists()


STUDIES = {
    "an unknown key": (
        ('reference = "day"', 'referance = "day"'),
        ["study.toml, factors.shift.referance", "“reference”", "Correct or delete"],
    ),
    "an unknown table": (
        ("[release]", "[relaese]"),
        ["study.toml, relaese", "“release”", "Correct or delete"],
    ),
    "a missing key": (
        ("reference_date = 2024-12-31", ""),
        ["study.toml, reference_date", "is required", "Add it"],
    ),
    "a value of another kind": (
        ("reference_date = 2024-12-31", 'reference_date = "last year"'),
        ["study.toml, reference_date", "str", "2022-12-31", "Correct it"],
    ),
    "a reference that is no level": (
        ('reference = "day"', 'reference = "dusk"'),
        ["study.toml, factors.shift.reference", "“dusk”", "day, night", "declare it first"],
    ),
    "a tier that nobody knows": (
        ('tier = "committee"', 'tier = "comittee"'),
        ["study.toml, release.tier", "“comittee”", "committee"],
    ),
    "a line that is not TOML": (
        ('locale = "en-GB"', "locale = = en"),
        ["study.toml, line 7", "not valid TOML", "Correct this line"],
    ),
    "a file that ends too early": (
        ('en = "South"\n', 'en = """South\n'),
        ["study.toml, line 56", "not valid TOML"],
    ),
    "a roster that is not there": (
        ('file = "members.csv"', 'file = "people*.csv"'),
        ["study.toml, roster 1.file", "“people*.csv”", "Put the file there"],
    ),
    "a roster outside": (
        ('file = "members.csv"', 'file = "../members.csv"'),
        ["study.toml, roster 1.file", "inside rosters/"],
    ),
    "an identity as a factor": (
        ('headers = ["Shift"]', 'headers = ["Full name"]'),
        ["study.toml, fields.shift", "Identities cannot be factors", "Correct it"],
    ),
}


@pytest.mark.parametrize("case", STUDIES)
def test_a_wrong_study_names_the_key_and_the_cure(tmp_path, case):
    (before, after), told = STUDIES[case]
    assert branch.STUDY.count(before) == 1
    folder = posed(tmp_path / "union", text=branch.STUDY.replace(before, after))
    answer = engagement("run", folder)
    assert_refused(answer, folder, 10, *told)
    assert HAN.search(answer.err), "before a study is open, both languages speak"


def test_all_wrong_keys_are_told_at_once(tmp_path):
    text = branch.STUDY.replace('tier = "committee"', 'teir = "x"').replace('code = "south"', "")
    folder = posed(tmp_path / "union", text=text)
    assert_refused(engagement("check", folder), folder, 10, "release.teir", "unit 2.code")


# ---------------------------------------------------------------- the rosters


def headed(*header):
    return branch.written(branch.members(), list(header))


SOME = ["Member ID", "Full name", "Sex", "Date of birth", "Branch", "Shift"]
ROSTERS = {
    "empty": (b"", ["0 bytes", "0 字节"], ["Copy it again", "重新复制"]),
    "only blank lines": (b"\n\n,,\n", ["no cell with content", "没有任何内容"], ["Check that the right file", "正确的文件"]),
    "a header without people": (branch.written([]), ["row 1", "第 1 行"], ["one row per person", "每人一行"]),
    "protected by a password": (PROTECTED, ["password", "密码"], ["Remove the password", "去掉密码"]),
    "a PDF named CSV": (b"%PDF-1.7\n", ["no table", "不是表格"], ["save it as xlsx", "另存为 xlsx"]),
    "a web page named CSV": (b"<html><table><tr><td>Full name", ["web page", "网页"], ["save it as xlsx", "另存为 xlsx"]),
    "half a workbook": (b"PK\x03\x04" + bytes(99), ["damaged", "损坏"], ["Copy it again", "重新复制"]),
    "no header": (branch.written(branch.members()).split(b"\r\n", 1)[1], ["no header row", "没有找到表头行"], ["[headers] in study.toml", "study.toml 的 [headers]"]),
    "nobody's name": (headed("Code", "Alias", *SOME[2:], "Came to the meeting"), ["row 1 (header): no column “Name”", "第 1 行（表头）：没有“姓名”"], ["Add the column", "补上该栏"]),
    "a column twice": (headed(*SOME, "Shift"), ["row 1 (header): columns F, G", "第 F, G 栏"], ["Rename or delete", "改名或删去"]),
    "a quotation mark left open": (branch.written(branch.members()).replace(b"U0007", b'"U0007'), ["row 9", "第 9 行"], ["quotation marks in pairs", "双引号"]),
}  # fmt: skip


@pytest.mark.parametrize("language", BOTH_TONGUES)
@pytest.mark.parametrize("case", ROSTERS)
def test_a_roster_that_cannot_be_used_is_named_with_its_place_and_cure(tmp_path, case, language):
    source, found, cure = ROSTERS[case]
    folder = posed(tmp_path / "union", language=language, roster=source)
    at = BOTH_TONGUES.index(language)
    answer = engagement("run", folder)
    assert_refused(answer, folder, 11, "members.csv", found[at], cure[at])
    assert bool(HAN.search(answer.err)) == (language == "zh")


def test_two_bad_files_are_told_together(tmp_path):
    again = '[[roster]]\nfile = "volunteers.csv"\nkind = "volunteers"\n\n[fields.shift]'
    text = branch.STUDY.replace("[fields.shift]", again)
    folder = tmp_path / "union"
    branch.study(folder, text=text, roster=b"")
    (folder / "rosters" / "volunteers.csv").write_bytes(b"%PDF-1.4")
    answer = engagement("check", folder)
    assert answer.code == 11
    assert len(answer.err.strip().splitlines()) == 2
    assert "members.csv" in answer.err and "volunteers.csv" in answer.err


def test_a_spreadsheet_bomb_is_refused_before_it_is_unpacked(tmp_path):
    folder = posed(tmp_path / "union")
    with zipfile.ZipFile(folder / "rosters" / "members.csv", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", bytes(64 * 1024 * 1024))
    assert_refused(engagement("check", folder), folder, 11, "members.csv", "too large", "Delete")


def quarantined(folder):
    with (folder / "private" / "quarantine.csv").open(encoding="utf-8", newline="") as lines:
        return [(int(row["row"]), row["header"], row["reason"]) for row in csv.DictReader(lines)]


CELLS = {
    "a shift that nobody declared": ("Shift", "twilight", "undeclared_value"),
    "a sex that nobody declared": ("Sex", "vigorous", "undeclared_value"),
    "a birth two centuries ago": ("Date_of_birth", "1823-05-06", "before_1900"),
    "a birth in the future": ("Date_of_birth", "2031-05-06", "after_reference_date"),
    "an answer that is neither yes nor no": ("Came_to_the_meeting", "perhaps", "undeclared_value"),
}


@pytest.mark.parametrize("case", CELLS)
def test_a_cell_that_cannot_be_used_is_set_aside_and_the_work_goes_on(tmp_path, case):
    column, value, reason = CELLS[case]
    folder = posed(tmp_path / "union", roster=changed(**{column: {9: value}}))
    answer = engagement("check", folder)
    assert answer.code == 0 and answer.err == ""
    assert quarantined(folder) == [(9, column.replace("_", " "), reason)]
    assert (
        "60 of 60 rows on the member roster are members. Cells that need your eye: 1." in answer.out
    )
    assert re.search(r"\b1 that cannot be used \(see fix.xlsx\)", answer.out)
    assert value not in answer.out
    assert [text for text in branch.identities() if text in answer.said] == []


# ---------------------------------------------------------------- the questions and the release

REFUSED = {
    "a factor with one level": (
        10, {"roster": changed(Shift="day")},
        ["study.toml", "factors.shift", "two values", "take the factor out"],
    ),
    "an outcome that nobody has": (
        10, {"roster": changed(Came_to_the_meeting="no")},
        ["study.toml", "outcomes.meeting", "some who did and some who did not", "another primary"],
    ),
    "an outcome that everybody has": (
        10, {"roster": changed(Came_to_the_meeting="yes")},
        ["study.toml", "outcomes.meeting", "Check how the marks are read"],
    ),
    "too few who came": (
        12, {"roster": changed(Came_to_the_meeting={row: "yes" if row < 6 else "no" for row in range(2, 62)})},
        ["fewer than 5 took part", "longer period"],
    ),
    "too few for the public": (
        12, {"roster": changed(Came_to_the_meeting={row: "yes" if row < 11 else "no" for row in range(2, 62)}),
             "text": branch.STUDY.replace('"committee"', '"public"')},
        ["fewer than 10 took part", "longer period"],
    ),
    "a tier that releases nothing": (
        12, {"text": branch.STUDY.replace('"committee"', '"desk"')},
        ["[release] tier", "“desk”", "committee or public"],
    ),
    "a character that no face can draw": (
        12, {"text": branch.STUDY.replace('zh = "夜班"', 'zh = "𠮷班"')},
        ["U+20BB7", "study.toml", "install a font package"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_answered_or_released_is_refused_and_out_stays_as_it_was(tmp_path, case):
    code, changes, told = REFUSED[case]
    folder = posed(tmp_path / "union", **changes)
    answer = engagement("run", folder)
    assert_refused(answer, folder, code, *told)
    reasons = 1 if case.startswith("too few") else 0  # why, for the one outcome of this study
    assert len(answer.err.strip().splitlines()) == 1 + reasons
    assert not HAN.search(answer.err.replace("𠮷", ""))


def test_a_refused_run_leaves_no_out_where_there_was_none(tmp_path):
    folder = branch.study(tmp_path / "union", roster=changed(Shift="day"))
    assert engagement("run", folder).code == 10
    assert not (folder / "out").exists()


@pytest.mark.parametrize("place", ["out", "private"])
def test_a_file_in_the_way_of_a_folder_is_told_before_the_long_work(tmp_path, place):
    folder = branch.study(tmp_path / "union")
    (folder / place).write_text("in the way", encoding="utf-8")
    answer = engagement("run", folder)
    assert answer.code == 12
    assert (
        f"{place}: cannot be written" in answer.err
        and "check the folder's permissions" in answer.err
    )
    assert (folder / place).read_text(encoding="utf-8") == "in the way"
    assert not (folder / "private" / "notebooks").exists()


def test_when_one_page_cannot_be_written_none_is(tmp_path):
    out = tmp_path / "out"
    (out / "findings.json").mkdir(parents=True)
    (out / "brief.en.html").write_text(OLD, encoding="utf-8")
    with pytest.raises(files.ReleaseRefused) as caught:
        files.write_together(out, {"brief.en.html": b"new", "findings.json": b"new"})
    assert caught.value.problems[0].values["file"] == "findings.json"
    assert tree(out) == {"brief.en.html": OLD.encode()}


def test_a_page_that_another_program_holds_is_one_message_and_last_years_page_stays(
    tmp_path, monkeypatch
):
    folder, opens = posed(tmp_path / "union"), Path.open

    def opened(path, mode="r", *rest, **more):
        if mode == "r+b" and path.name == "brief.en.html":
            raise PermissionError(13, "Permission denied", str(path))
        return opens(path, mode, *rest, **more)

    monkeypatch.setattr(Path, "open", opened)
    answer = engagement("run", folder)
    told = ("brief.en.html: cannot be written", "Close the program that holds the file")
    assert_refused(answer, folder, 12, *told)
    assert len(answer.err.strip().splitlines()) == 1


@pytest.mark.parametrize("command", ["check", "run", "cells"])
def test_a_second_command_on_a_study_that_is_in_use_is_a_usage_error(tmp_path, command):
    folder = posed(tmp_path / "union")
    with files.locked(files.private(folder / "private")):
        answer = engagement(command, folder)
    assert_refused(answer, folder, 2, "union: another run is under way", "Wait until it has ended")


def test_the_branch_itself_is_a_study_that_can_be_checked(tmp_path):
    """The refusals above would prove nothing if the branch were refused anyway."""
    folder = posed(tmp_path / "union")
    answer = engagement("check", folder)
    assert answer.code == 0 and answer.err == ""
    assert "60 of 60 rows on the member roster are members. No cell needs your eye." in answer.out
    assert "0 that cannot be used" in answer.out
    assert quarantined(folder) == []
    assert not HAN.search(answer.out)
