"""Text files as they should not be: every cell is right, or says why not; nothing is a guess."""

import os
import subprocess
import sys

import pytest
from hostile import FEMALE, HEADER, MALE, PEOPLE, ROWS, SECRETS, cleaned, lines, told

from engagement.errors import RosterError
from engagement.records import delimited

FIELDS = ["name", "sex", "birth_date", "id_number", "phone"]
EVERYONE = [
    ["王芳", "female", "1949-12-31", FEMALE, "+8613912345678"],
    ["李建国", "male", "1949-12-31", MALE, "+8613912345679"],
    ["赵敏", "female", "1970-03", "", ""],
]
TEXT = lines()
ENGLISH = ["No.", "Name", "Sex", "Date of birth", "ID number", "Phone"]


def people(found, fields=FIELDS):
    return found.records["members"][fields].fillna("").to_numpy().tolist()


READ = {
    "UTF-8 with a mark": TEXT.encode("utf-8-sig"),
    "GB18030": TEXT.encode("gb18030"),
    "UTF-16": TEXT.encode("utf-16"),
    "UTF-16 without a mark": TEXT.encode("utf-16-be"),
    "UTF-32": TEXT.encode("utf-32"),
    "tabs in UTF-16": lines("\t").encode("utf-16"),
    "semicolons of full width": lines("；").encode(),
    "bars": lines("|").encode("gb18030"),
    "a line that names the delimiter": f"sep=;\n{lines(';')}".encode(),
    "line ends of an old Mac": TEXT.replace("\n", "\r").encode(),
    "line ends of Windows": TEXT.replace("\n", "\r\n").encode("gb18030"),
    "a comma at the end of every line": TEXT.replace("\n", ",\n").encode(),
    "every cell in quotes": TEXT.replace(",", '","').replace("\n", '"\n"').join(['"', ""]).removesuffix('"').encode(),
    "a NUL inside a name": TEXT.replace("李建国", "李\0建国").encode(),
    "invisible signs": TEXT.replace("李建国", "\ufeff李\u200b建\u3000国\u2060").encode(),
    "a line break inside a name": TEXT.replace("李建国", '"李\n建国"').encode(),
    "an old workbook's name": TEXT.encode(),
    "a small x": TEXT.replace(FEMALE, FEMALE.lower()).encode(),
    "a number of full width with blanks": TEXT.replace(FEMALE, "１１０１０５　１９４９１２３１　００２ｘ").encode(),
    "a number of fifteen digits": TEXT.replace(FEMALE, "110105491231002").encode(),
    "a page of signatures": (TEXT + "合计,3人,,,,\n填表人：,,,审核人：,,\n").encode(),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_an_odd_file_that_says_the_same_is_read_the_same(tmp_path, case):
    name = "名册.xls" if case == "an old workbook's name" else "名册.csv"
    found = cleaned(tmp_path, READ[case], name=name)
    assert people(found) == EVERYONE
    assert list(found.records["members"]["status"]) == ["clean"] * 3


REFUSED = {
    "nothing": (b"", "roster_empty"),
    "blank lines": (b"\n , \n", "roster_blank"),
    "a header alone": (",".join(HEADER).encode(), "no_rows"),
    "no header": (lines(rows=PEOPLE).encode(), "header_not_found"),
    "a header twice": (lines(rows=[[*row, row[1]] for row in ROWS]).encode(), "header_twice"),
    "a quote left open": (TEXT.replace("李建国", '"李建国').encode(), "quote_not_closed"),
    "an endless cell": (TEXT.replace("李建国", "李" * 40_000).encode(), "cell_too_long"),
    "half a letter of UTF-16": (TEXT.encode("utf-16") + b"\0", "roster_encoding"),
    "random bytes": (bytes(range(128, 256)) * 9, "roster_encoding"),
    "a pickle": (b"\x80\x04\x95" + bytes(40), "roster_no_table"),
    "a PDF": (b"%PDF-1.7\n", "roster_no_table"),
    "a web page": ("\ufeff <!DOCTYPE html><p>王芳".encode(), "roster_is_web_page"),
    "UTF-8 read as GBK and saved": (TEXT.encode().decode("gb18030", "replace").encode(), "header_not_found"),
    "GBK read as western text and saved": (TEXT.encode("gb18030").decode("latin-1").encode(), "header_not_found"),
    "a second table": ((TEXT + "\n序号,单位名称,姓名,联系电话\n1,小学,周强,1\n").encode(), "second_table"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_text_that_is_no_roster_is_refused_by_its_fault(tmp_path, case):
    content, key = REFUSED[case]
    with pytest.raises(RosterError) as raised:
        cleaned(tmp_path, content, name="名册.csv")
    [problem] = raised.value.problems
    assert (problem.key, problem.values["file"]) == (key, "名册.csv")
    assert not any(secret in message for message in told(raised.value) for secret in SECRETS)


@pytest.mark.parametrize("main", ["utf-8", "gb18030"])
def test_a_line_of_another_encoding_is_read_flagged_and_alone(tmp_path, main):
    other = {"utf-8": "gb18030", "gb18030": "utf-8"}[main]
    written = [line.encode(other if at == 2 else main) for at, line in enumerate(TEXT.splitlines())]
    found = cleaned(tmp_path, b"\n".join(written), name="a.csv")
    assert people(found) == EVERYONE
    assert list(found.records["members"]["status"]) == ["clean", "flagged", "clean"]
    assert "name:mixed_encoding" in found.records["members"].loc[1, "reasons"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("header", [HEADER, ENGLISH])
def test_a_lost_byte_is_flagged_and_turns_nobody_else_into_another(tmp_path, encoding, header):
    """The names of a damaged GB18030 file were once read as western letters."""
    whole = "李建国".encode(encoding)
    text = lines(rows=[header, *PEOPLE, *PEOPLE]).encode(encoding).replace(whole, whole[:-1], 1)
    found = cleaned(tmp_path, text, name="a.csv").records["members"]
    assert list(found["name"].drop(1)) == ["王芳", "赵敏", "王芳", "李建国", "赵敏"]
    assert list(found["status"]) == ["clean", "flagged", "clean", "clean", "clean", "clean"]
    assert "\ufffd" in found.loc[1, "name"]


@pytest.mark.parametrize(
    "name", ["李四".encode().decode("gb18030"), "李建国".encode("gb18030").decode("latin-1")]
)
def test_a_name_once_saved_in_a_wrong_encoding_is_flagged(tmp_path, name):
    found = cleaned(tmp_path, TEXT.replace("李建国", name), name="a.csv")
    assert list(found.records["members"]["status"]) == ["clean", "flagged", "clean"]


@pytest.mark.parametrize(
    "name", ["王芳", "李建国", "阿依古丽·买买提", "Müller", "Ödön", "欧阳娜娜", ""]
)
def test_a_name_as_it_should_be_is_not_taken_for_a_wrong_encoding(name):
    assert not delimited.misread(name)


def test_ragged_rows_are_quarantined_and_the_rest_kept(tmp_path):
    rows = [HEADER, PEOPLE[0], [*PEOPLE[1], "x"], PEOPLE[2][:4]]
    found = cleaned(tmp_path, lines(rows=rows), name="a.csv")
    assert list(found.records["members"]["status"]) == ["clean", "quarantined", "quarantined"]
    assert people(found, ["name"]) == [["王芳"], [""], [""]]
    assert set(found.quarantine["reason"]) == {"ragged_row"}


def test_the_row_where_a_quote_opens_is_told(tmp_path):
    with pytest.raises(RosterError) as raised:
        cleaned(tmp_path, TEXT.replace("赵敏", '"赵敏'), name="a.csv")
    assert raised.value.problems[0].values["row"] == 4


NAMES = {
    "NA": ("NA", "clean"),
    "None": ("None", "clean"),
    "阿依古丽•买买提": ("阿依古丽·买买提", "clean"),
    "阿依古丽・买买提": ("阿依古丽·买买提", "clean"),
    "阿依古丽．买买提": ("阿依古丽·买买提", "clean"),
    "李𠮷㬎": ("李𠮷㬎", "clean"),
    "陳麗華": ("陳麗華", "clean"),
    "\u202e李建国": ("李建国", "flagged"),
    "李\ue000": ("李\ue000", "flagged"),
    "李\ufffd": ("李\ufffd", "flagged"),
}


@pytest.mark.parametrize("written", NAMES)
def test_a_name_is_kept_as_it_is_or_doubted(tmp_path, written):
    found = cleaned(tmp_path, TEXT.replace("李建国", written), name="a.csv").records["members"]
    assert (found.loc[1, "name"], found.loc[1, "status"]) == NAMES[written]


NUMBERS = {
    "1.10105E+17": "flagged",
    "110105194912310000": "flagged",
    "110105194912310012": "quarantined",
    "110105194913310022": "quarantined",
    "11010519491231001": "quarantined",
}


@pytest.mark.parametrize("written", NUMBERS)
def test_a_damaged_identity_number_is_never_a_key(tmp_path, written):
    found = cleaned(tmp_path, TEXT.replace(MALE, written), name="a.csv").records["members"]
    assert found["id_number"].isna().tolist() == [False, True, True]
    assert found.loc[1, "name"] == "李建国"
    assert found.loc[1, "status"] in (NUMBERS[written], "flagged")


def test_a_number_that_contradicts_the_sheet_is_told(tmp_path):
    text = TEXT.replace("李建国,男,1949年12月", "李建国,女,1950年12月")
    found = cleaned(tmp_path, text, name="a.csv").records["members"]
    assert found.loc[1, "reasons"] == "sex:conflict_with_id;birth_date:conflict_with_id"
    assert list(found["status"]) == ["clean", "flagged", "clean"]


DATES = {
    "1956年3月": "1956-03",
    "1956.3": "1956-03",
    "1956-02-29": "1956-02-29",
    "二〇〇一年七月一日": "2001-07-01",
    "1957-02-29": "",
    "19560230": "",
    "45000": "",
    "0000-00-00": "",
    "3/4/1956": "",
    "2030-01-01": "",
    "1830-01-01": "",
    "-5": "",
    "农历1956年三月初五": "",
    "1956年闰三月": "",
}


@pytest.mark.parametrize("written", DATES)
def test_a_date_is_read_as_precisely_as_it_is_written_or_not_at_all(tmp_path, written):
    found = cleaned(tmp_path, TEXT.replace("1970年3月", written), name="a.csv")
    read = found.records["members"].iloc[2]
    assert ("" if read[["birth_date"]].isna().all() else read["birth_date"]) == DATES[written]
    assert (read["status"] == "clean") == bool(DATES[written])


def test_the_locale_of_the_machine_changes_nothing(tmp_path):
    """With an ASCII locale, and every use of the locale's encoding an error."""
    (tmp_path / "名册.csv").write_bytes(TEXT.encode("gb18030"))
    program = (
        "import pathlib, sys\n"
        "from engagement.records import read\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "[grid] = read.grids(next(folder.iterdir()), folder)\n"
        "print(ascii(grid.cells[2, 1]))\n"
    )
    machine = {**os.environ, "LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    command = [sys.executable, "-X", "warn_default_encoding", "-W", "error::EncodingWarning"]
    done = subprocess.run(
        [*command, "-c", program, str(tmp_path)], env=machine, capture_output=True, check=False
    )
    assert done.stdout.decode().strip() == ascii("李建国"), done.stderr
