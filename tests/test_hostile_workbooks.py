"""Workbooks as they should not be: read for what they say, or refused by file and fault."""

import datetime
import io
import re
import struct
import warnings
import zipfile

import openpyxl
import pytest
from hostile import (
    HEADER,
    PEOPLE,
    ROWS,
    SECRETS,
    book,
    cleaned,
    ods,
    parts,
    surgery,
    told,
    xls,
    zipped,
)

from engagement import words
from engagement.errors import RosterError
from engagement.records import account, read

FIELDS = ["name", "sex", "birth_date"]
EVERYONE = [
    ["王芳", "female", "1949-12-31"],
    ["李建国", "male", "1949-12-31"],
    ["赵敏", "female", "1970-03"],
]


def people(found, fields=FIELDS):
    return found.records["members"][fields].fillna("").to_numpy().tolist()


def written(text):
    """As openpyxl writes it through lxml: ASCII, with references for all other characters."""
    return text.encode("ascii", "xmlcharrefreplace")


def replaced(before, after, **where):
    """A workbook with `before` replaced in one part, the first sheet if none is named."""
    [part] = where or ["sheet1"]
    change = {part: lambda content: content.replace(written(before), written(after))}
    found = surgery(book(where.get(part) or ROWS), **change)
    assert found != book(ROWS)
    return found


DECLARED = '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
STRANGE = "http://purl.oclc.org/ooxml"


def encrypted_zip():
    """A zip whose parts say that they need a password."""
    content = bytearray(book())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 4)
    return bytes(content)


def lying_zip():
    """A zip whose folder says that a part of a megabyte has ten bytes."""
    content = bytearray(zipped({**parts(book()), "xl/media/a.bin": b"0" * 1_000_000}))
    for mark, size, name in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        at = content.find(mark)
        while at >= 0:
            if content[at + name :].startswith(b"xl/media/a.bin"):
                content[at + size : at + size + 4] = struct.pack("<I", 10)
            at = content.find(mark, at + 4)
    return bytes(content)


def twice():
    """A zip that holds its first sheet twice, with different people."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in parts(book()).items():
            archive.writestr(name, content)
        for content in (parts(book([HEADER, PEOPLE[0]]))["xl/worksheets/sheet1.xml"],):
            archive.writestr("xl/worksheets/sheet1.xml", content)
    return stream.getvalue()


def flipped():
    """A workbook with one bit changed inside a compressed part: its checksum no longer holds."""
    with zipfile.ZipFile(io.BytesIO(book())) as archive:
        place = archive.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(book())
    content[place.header_offset + 30 + len(place.filename) + place.compress_size // 2] ^= 16
    return bytes(content)


def two_sheets(workbook):
    sheet = workbook.create_sheet("Sheet2")
    for row in ROWS:
        sheet.append(row)


FAR_ODS = '<table:table-row table:number-rows-repeated="1048576"><table:table-cell office:value-type="string" table:number-columns-repeated="1024"><text:p>x</text:p></table:table-cell></table:table-row></table:table>'
REFUSED = {
    "a bomb": (lambda: zipped({**parts(book()), "xl/a.xml": b"0" * 30_000_000}), "roster_bomb"),
    "a bomb that lies about its size": (lying_zip, "roster_damaged"),
    "a far cell written by hand": (lambda: replaced('r="F4"', "r='XFD1048576'"), "roster_bomb"),
    "a thousand million repeated cells": (lambda: surgery(ods(("一", ROWS)), content=lambda part: part.replace(b"</table:table>", FAR_ODS.encode())), "roster_bomb"),
    "entities in a sheet": (lambda: replaced("<worksheet", f"{DECLARED}<worksheet"), "roster_damaged"),
    "entities in the book": (lambda: replaced("<workbook", f"{DECLARED}<workbook", workbook=ROWS), "roster_damaged"),
    "an encrypted zip": (encrypted_zip, "roster_protected"),
    "a cut workbook": (lambda: book()[:-200], "roster_damaged"),
    "a flipped bit": (flipped, "roster_damaged"),
    "a sheet stored twice": (twice, "roster_damaged"),
    "two sheets of one name": (lambda: surgery(book(change=two_sheets), workbook=lambda part: part.replace(b"Sheet2", b"Sheet")), "roster_damaged"),
    "no book": (lambda: surgery(book(), workbook=None), "roster_damaged"),
    "no sheet": (lambda: surgery(book(), sheet1=None), "roster_damaged"),
    "half a sheet": (lambda: surgery(book(), sheet1=lambda part: part[: len(part) // 2]), "roster_damaged"),
    "half the styles": (lambda: surgery(book(), styles=lambda part: part[:60]), "roster_damaged"),
    "a cell without a place": (lambda: replaced('r="B2"', 'r="?"'), "roster_damaged"),
    "a zip of letters": (lambda: zipped({"word/document.xml": "王芳"}), "roster_no_table"),
    "an empty zip": (lambda: zipped({}), "roster_no_table"),
    "a workbook without cells": (lambda: book([]), "roster_blank"),
    "a header alone": (lambda: book([HEADER]), "no_rows"),
    "no header": (lambda: book(PEOPLE), "header_not_found"),
    "a header twice": (lambda: book([[*HEADER, "姓名"], [*PEOPLE[0], "王芳"]]), "header_twice"),
    "an endless cell": (lambda: replaced("李建国", "李" * 40_000), "cell_too_long"),
    "an old workbook cut short": (lambda: xls()[:1200], "roster_damaged"),
    "an old workbook without a header": (lambda: xls(PEOPLE), "header_not_found"),
    "an open document without a table": (lambda: ods(), "roster_damaged"),
    "an old workbook with a far cell": (lambda: xls().replace(struct.pack("<HHH", 3, 1, 0), struct.pack("<HHH", 45_000, 60_000, 0)), "roster_bomb"),
    "half an open document": (lambda: surgery(ods(("一", ROWS)), content=lambda part: part[: len(part) // 2]), "roster_damaged"),
    "an open document with half a folder": (lambda: surgery(ods(("一", ROWS)), manifest=lambda part: part[: len(part) // 2]), "roster_damaged"),
    "a second table": (lambda: book([*ROWS, [], ["序号", "单位名称", "姓名", "联系电话"], ["1", "小学", "周强", "1"]]), "second_table"),
    "an XML workbook of 2003": (lambda: b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>', "roster_no_table"),
    "a web page": (lambda: "<html><body><table><tr><td>王芳</td></tr></table></body></html>".encode(), "roster_is_web_page"),
    "a saved letter": (lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n", "roster_no_table"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_workbook_that_cannot_be_trusted_is_refused_by_its_fault(tmp_path, case):
    content, key = REFUSED[case]
    with pytest.raises(RosterError) as raised:
        cleaned(tmp_path, content())
    assert {problem.key for problem in raised.value.problems} == {key}
    for message in told(raised.value):
        assert "名册.xlsx" in message
        assert [secret for secret in SECRETS if secret in message] == []


def macros(content):
    return zipped({**parts(content), "xl/vbaProject.bin": b"\0", "xl/externalLinks/a.xml": "<a/>"})


def strict(content):
    """The workbook in the strict form of the standard, with other namespaces."""
    old = "http://schemas.openxmlformats.org"
    return zipped(
        {
            name: part.decode()
            .replace(f"{old}/spreadsheetml/2006/main", f"{STRANGE}/spreadsheetml/main")
            .replace(
                f"{old}/officeDocument/2006/relationships",
                f"{STRANGE}/officeDocument/relationships",
            )
            for name, part in parts(content).items()
        }
    )


def blank_rows():
    rows = "".join(f'<row r="{at}"><c r="A{at}" s="0"/></row>' for at in range(5, 100_005))
    return replaced("</sheetData>", f"{rows}</sheetData>")


def unplaced():
    """Cells that do not say where they stand come one after the other."""

    def change(part):
        return re.sub(rb'<c r="[A-Z]+[0-9]+"', b"<c", part)

    return surgery(book(), sheet1=change)


READ = {
    "an old workbook": xls,
    "an open document": lambda: ods(("一", ROWS)),
    "macros and outside links": lambda: macros(book()),
    "the strict form": lambda: strict(book()),
    "a hundred thousand blank rows with a format": blank_rows,
    "cells without addresses": unplaced,
    "no styles": lambda: surgery(book(), styles=None),
    "no theme": lambda: surgery(book(), theme1=None),
    "a chart beside the table": lambda: book(change=lambda workbook: workbook.create_chartsheet()),
    "a sheet of notes": lambda: book(change=lambda workbook: workbook.create_sheet("说明").append(["按档案填写"])),
    "a filter": lambda: book(change=lambda workbook: setattr(workbook.active.auto_filter, "ref", "A1:F4")),
    "codes of control signs": lambda: book([HEADER, ["1", "_x000D_王芳_x0007_", *PEOPLE[0][2:]], *PEOPLE[1:]]),
    "line breaks in cells": lambda: book([[f"{text}\n" for text in row] for row in ROWS]),
}  # fmt: skip


@pytest.mark.parametrize("case", READ)
def test_an_odd_workbook_that_says_the_same_is_read_the_same(tmp_path, case):
    found = cleaned(tmp_path, READ[case]())
    assert people(found) == EVERYONE
    assert list(found.records["members"]["status"]) == ["clean"] * 3
    assert len(found.structure[found.structure["verdict"] != "note"]) == 4


def cell(place, value):
    """A workbook with one cell changed by hand."""

    def change(workbook):
        workbook.active[place].value = value

    return book(change=change)


def an_error(workbook):
    workbook.active["B3"].value = "#N/A"
    workbook.active["B3"].data_type = "e"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (cell("B3", '=CONCATENATE("李","建国")'), "formula_in_cell"),
        (book(change=an_error), "error_in_cell"),
    ],
)
def test_a_cell_without_a_value_is_refused_with_its_place(tmp_path, content, reason):
    found = cleaned(tmp_path, content)
    assert people(found, ["name"]) == [["王芳"], [""], ["赵敏"]]
    [refused] = found.quarantine.to_dict("records")
    assert (refused["row"], refused["header"], refused["reason"]) == (3, "姓名", reason)
    assert all(words.text(f"reason.{reason}", language) for language in words.LANGUAGES)


def test_an_error_is_not_carried_into_the_cells_merged_with_it(tmp_path):
    def change(workbook):
        an_error(workbook)
        workbook.active["B4"].value = None
        workbook.active.merge_cells("B3:B4")

    assert people(cleaned(tmp_path, book(change=change)), ["name"]) == [["王芳"], [""], [""]]


def test_the_result_of_a_formula_is_its_value(tmp_path):
    content = replaced(
        '<c r="B3" t="inlineStr"><is><t>李建国</t></is></c>',
        '<c r="B3" t="str"><f>UPPER("李建国")</f><v>李建国</v></c>',
    )
    assert people(cleaned(tmp_path, content)) == EVERYONE


def test_an_identity_number_typed_as_a_number_is_marked_and_never_a_key(tmp_path):
    found = cleaned(tmp_path, cell("E3", 110105194912310011))
    row = found.records["members"].iloc[1]
    assert (row["status"], row["reasons"]) == ("flagged", "id_number:digits_lost")
    assert row[["id_number"]].isna().all()


def since_1904(workbook):
    workbook.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    workbook.active["D4"].value = 24166


@pytest.mark.parametrize("form", [lambda content: content, strict])
def test_the_calendar_of_1904_is_honoured(tmp_path, form):
    """24166 days after 1 January 1904 is 1 March 1970; in the calendar of 1900 it is 1966."""
    found = cleaned(tmp_path, form(book(change=since_1904)))
    assert people(found) == [*EVERYONE[:2], ["赵敏", "female", "1970-03-01"]]


def hidden_row(workbook):
    workbook.active.row_dimensions[3].hidden = True


@pytest.mark.parametrize("form", [lambda content: content, strict])
def test_a_hidden_row_is_read_flagged_and_told(tmp_path, form):
    found = cleaned(tmp_path, form(book(change=hidden_row)))
    assert people(found) == EVERYONE
    assert list(found.records["members"]["status"]) == ["clean", "flagged", "clean"]
    assert "hidden_row" in found.records["members"].loc[1, "reasons"]
    said = [("check.hidden_rows", {"file": "名册.xlsx", "sheet": "Sheet", "rows": 1})]
    assert account.hidden(found.manifest) == said


def hidden_sheet(state, rows):
    def change(workbook):
        sheet = workbook.create_sheet("旧表")
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = state

    return book(ROWS[:3], change)


HIDDEN = {
    "hidden": lambda: hidden_sheet("hidden", [HEADER, PEOPLE[2]]),
    "very hidden": lambda: hidden_sheet("veryHidden", [HEADER, PEOPLE[2]]),
    "in an open document": lambda: ods(("Sheet", ROWS[:3]), ("旧表", [HEADER, PEOPLE[2]]), hidden=["旧表"]),
}  # fmt: skip


@pytest.mark.parametrize("case", HIDDEN)
def test_a_hidden_sheet_is_read_flagged_and_told(tmp_path, case):
    found = cleaned(tmp_path, HIDDEN[case]())
    assert people(found) == EVERYONE
    assert list(found.records["members"]["status"]) == ["clean", "clean", "flagged"]
    assert list(found.manifest["hidden"]) == [False, True]
    [(key, values)] = account.hidden(found.manifest)
    assert (key, values) == (
        "check.hidden_sheet",
        {"file": "名册.xlsx", "sheet": "旧表", "rows": 1},
    )
    for language in words.LANGUAGES:
        assert "旧表" in words.text(key, language, **values)


@pytest.mark.parametrize("rows", [[["性别", "学历"], ["男", "大专"]], [["按档案填写"]]])
def test_a_hidden_sheet_without_people_is_left_out_and_told(tmp_path, rows):
    found = cleaned(tmp_path, hidden_sheet("hidden", rows))
    assert people(found) == EVERYONE[:2]
    [(key, values)] = account.hidden(found.manifest)
    assert (key, values["rows"]) == ("check.hidden_notes", len(rows))


def test_a_workbook_is_read_in_deep_folders_of_any_name(tmp_path):
    folder = tmp_path.joinpath(*["很长的文件夹名称 " + "长" * 40] * 6)
    folder.mkdir(parents=True)
    assert len(str(folder)) > 260
    assert people(cleaned(folder, book(), name="党员 花名册（2022）.xlsx")) == EVERYONE


def test_a_month_shown_without_its_day_stays_a_month_in_the_strict_form(tmp_path):

    def change(workbook):
        workbook.active["D4"].value = datetime.date(1970, 3, 1)
        workbook.active["D4"].number_format = 'yyyy"年"m"月"'

    assert people(cleaned(tmp_path, strict(book(change=change)))) == EVERYONE


def test_reading_a_hostile_file_leaves_it_as_it_was(tmp_path):
    content = twice()
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(RosterError):
        read.grids(tmp_path / "a.xlsx", tmp_path)
    assert (tmp_path / "a.xlsx").read_bytes() == content
