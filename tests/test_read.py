"""Files of every kind become grids, or a problem that names the place and no value."""

import datetime
import io
import zipfile

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engagement import words
from engagement.errors import RosterError
from engagement.records import delimited, read

ROWS = [["志愿者名单"], ["编号", "姓名", "联系电话"], ["1", "王芳", "13912345678"]]
ROWS += [["2", "李建国", "13912345679"]]
TEXT = "\n".join(",".join(row) for row in ROWS) + "\n"
SECRETS = ("王芳", "李建国", "13912345678", "13912345679")


def grids(folder, name, content):
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read.grids(path, folder)


def texts(grid):
    return [[text for text in row if text is not None] for row in grid.cells]


def book(change=lambda workbook: None):
    workbook = openpyxl.Workbook()
    for row in ROWS:
        workbook.active.append(row)
    change(workbook)
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le"]
)
def test_text_is_read_in_its_encoding(tmp_path, encoding):
    [grid] = grids(tmp_path, "名单.csv", TEXT.encode(encoding))
    assert texts(grid) == ROWS
    assert set(grid.kinds.ravel()) == {"", "text"}


def test_traditional_chinese_in_big5_is_read(tmp_path):
    content = "志願者名單\n編號,姓名,聯繫電話\n1,陳麗華,0912345678\n2,張國強,0912345679\n"
    [grid] = grids(tmp_path, "名單.csv", content.encode("big5"))
    assert grid.cells[2, 1] == "陳麗華"


def test_western_text_is_read(tmp_path):
    [grid] = grids(tmp_path, "list.csv", "Name;Ort\nMüller;Köln\nGroß;Öhringen\n".encode("cp1252"))
    assert texts(grid) == [["Name", "Ort"], ["Müller", "Köln"], ["Groß", "Öhringen"]]


@pytest.mark.parametrize("sign", [",", "\t", ";", "；", "，", "|"])
def test_the_delimiter_is_found(tmp_path, sign):
    [grid] = grids(tmp_path, "x.csv", "\n".join(sign.join(row) for row in ROWS))
    assert texts(grid) == ROWS


def test_a_line_of_another_encoding_is_read_and_named(tmp_path):
    lines = [line.encode("gb18030") for line in TEXT.splitlines()]
    lines[2] = "1,王芳丽,13912345678".encode()
    [grid] = grids(tmp_path, "x.csv", b"\n".join(lines))
    assert grid.cells[2, 1] == "王芳丽"
    assert grid.cells[3, 1] == "李建国"
    assert grid.doubtful == {2}


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path):
    [grid] = grids(tmp_path, "x.csv", '姓名,备注\n王芳,"两\n行"\n\n李四,x\n')
    assert [row[0] for row in grid.cells] == ["姓名", "王芳", None, "李四"]


def test_text_named_as_a_workbook_is_read_for_what_it_is(tmp_path):
    [grid] = grids(tmp_path, "名单.xls", TEXT)
    assert texts(grid) == ROWS


def test_numbers_dates_and_texts_keep_their_kind(tmp_path):
    def change(workbook):
        sheet = workbook.active
        sheet.append([110105194912310000, 20518, datetime.date(1956, 3, 4), "20518", True, 0.5])
        sheet.append([datetime.date(1956, 3, 1), 123])
        sheet["A6"].number_format = 'yyyy"年"m"月"'
        sheet["B6"].number_format = "000000"

    [grid] = grids(tmp_path, "x.xlsx", book(change))
    assert list(grid.cells[4]) == [
        "110105194912310000",
        "20518",
        "1956-03-04",
        "20518",
        "true",
        "0.5",
    ]
    assert list(grid.kinds[4]) == ["number", "number", "date", "text", "bool", "number"]
    assert list(grid.kinds[5][:2]) == ["month", "number"]
    assert grid.cells[5, 1] == "000123"


def test_the_calendar_of_1904_is_seen(tmp_path):
    def change(workbook):
        workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
        workbook.active.append([20518])

    [grid] = grids(tmp_path, "x.xlsx", book(change))
    assert grid.kinds[4, 0] == "number_1904"


def test_merged_cells_and_hidden_parts_are_known(tmp_path):
    def change(workbook):
        workbook.active.merge_cells("A1:C1")
        workbook.active.row_dimensions[3].hidden = True
        workbook.active.column_dimensions["B"].hidden = True
        workbook.create_sheet("旧表").sheet_state = "hidden"

    first, second = grids(tmp_path, "x.xlsx", book(change))
    assert first.merged == (((0, 0), (0, 2)),)
    assert (first.hidden_rows, first.hidden_columns) == ({2}, {1})
    assert (first.hidden, second.hidden) == (False, True)


def zipped(**parts):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return stream.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
BROKEN = {
    "empty.xlsx": (b"", "roster_empty"),
    "empty.csv": (b"", "roster_empty"),
    "blank.csv": (b"\n\n,,\n", "roster_blank"),
    "cut.xlsx": (book()[:2000], "roster_damaged"),
    "garbage.xlsx": (b"PK\x03\x04" + bytes(range(256)) * 4, "roster_damaged"),
    "protected.xlsx": (OLE + "EncryptedPackage".encode("utf-16-le"), "roster_protected"),
    "wps.et": (OLE, "roster_no_table"),
    "old.xls": (OLE + "Workbook".encode("utf-16-le"), "roster_damaged"),
    "page.xls": (
        "<html><table><tr><td>王芳</td></tr></table></html>".encode(),
        "roster_is_web_page",
    ),
    "letter.xlsx": (zipped(word__document="王芳"), "roster_no_table"),
    "scan.csv": (b"%PDF-1.7 " + bytes(64), "roster_no_table"),
    "picture.xlsx": (b"\x89PNG\r\n\x1a\n" + bytes(64), "roster_no_table"),
    "model.csv": (b"\x80\x04\x95" + bytes(64), "roster_no_table"),
    "bomb.xlsx": (zipped(xl__workbook=b"0" * 30_000_000), "roster_bomb"),
    "quote.csv": (TEXT.replace("李建国", '"李建国'), "quote_not_closed"),
    "long.csv": (TEXT + "3," + "王" * 40_000 + ",1\n", "cell_too_long"),
    "half.csv": (b"\xff\xfe" + TEXT.encode("utf-16-le")[:-1], "roster_encoding"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_named_with_its_fault_and_without_its_values(tmp_path, name):
    content, key = BROKEN[name]
    with pytest.raises(RosterError) as raised:
        grids(tmp_path, name, content)
    [problem] = raised.value.problems
    assert problem.key == key
    assert problem.values["file"] == name
    for language in words.LANGUAGES:
        message = words.text(f"problem.{key}", language, **problem.values)
        assert name in message
        assert not any(secret in message for secret in SECRETS)


def test_the_row_where_a_quote_opens_is_named(tmp_path):
    with pytest.raises(RosterError) as raised:
        grids(tmp_path, "x.csv", TEXT.replace("李建国", '"李建国'))
    assert raised.value.problems[0].values["row"] == 4


def test_one_cell_far_away_does_not_fill_the_memory(tmp_path):
    def change(workbook):
        workbook.active["XFD1048576"] = "x"

    with pytest.raises(RosterError) as raised:
        grids(tmp_path, "far.xlsx", book(change))
    assert raised.value.problems[0].key == "roster_bomb"


def test_a_missing_file_and_a_file_outside_the_rosters_are_refused(tmp_path):
    inside = tmp_path / "rosters"
    inside.mkdir()
    (tmp_path / "outside.csv").write_text(TEXT, encoding="utf-8")
    (inside / "link.csv").symlink_to(tmp_path / "outside.csv")
    for path, key in [
        (inside / "none.csv", "roster_missing"),
        (inside / ".." / "outside.csv", "roster_outside"),
        (inside / "link.csv", "roster_outside"),
    ]:
        with pytest.raises(RosterError) as raised:
            read.grids(path, inside)
        assert raised.value.problems[0].key == key


def test_reading_leaves_the_file_as_it_was(tmp_path):
    grids(tmp_path, "x.csv", TEXT)
    assert (tmp_path / "x.csv").read_bytes() == TEXT.encode()


WORKBOOK = book()


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_workbook_with_changed_bytes_is_read_or_refused(tmp_path, data):
    content = bytearray(WORKBOOK)
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=20)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        grids(tmp_path, "x.xlsx", bytes(content))
    except RosterError as error:
        assert error.problems[0].values["file"] == "x.xlsx"


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(min_size=1))
def test_any_bytes_are_read_or_refused(tmp_path, content):
    try:
        grids(tmp_path, "x.csv", content)
    except RosterError as error:
        assert error.problems[0].values["file"] == "x.csv"


def test_the_delimiter_of_a_single_column_does_not_matter():
    assert delimited.delimiter("姓名\n王芳\n") in delimited.DELIMITERS
