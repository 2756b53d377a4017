"""One roster in every shape an office saves it in gives one clean table, cell for cell."""

import datetime

import pytest
from drawn import source
from hostile import (
    FEMALE,
    HEADER,
    MALE,
    PEOPLE,
    ROWS,
    book,
    cleaned,
    lines,
    ods,
    parts,
    xls,
    zipped,
)

FIELDS = ["name", "sex", "birth_date", "id_number", "phone"]
CLEAN = [
    ["王芳", "female", "1949-12-31", FEMALE, "+8613912345678"],
    ["李建国", "male", "1949-12-31", MALE, "+8613912345679"],
    ["赵敏", "female", "1970-03", "", ""],
]
SYNONYMS = [["编号", "名字", "性别", "出生日期", "身份证号", "联系电话"], *PEOPLE]
ENGLISH = [["No.", "Name", "Sex", "Date of birth", "ID number", "Phone"], *PEOPLE]
REORDERED = [[row[place] for place in (5, 1, 3, 2, 4, 0)] for row in ROWS]
TITLED = [["第一支部党员花名册"], ["填表单位：样例社区", "", "", "填表时间：2022年12月"], *ROWS]
TITLED += [["合计", "3人"], [], ["填表人：", "", "审核人："], ["注：按档案填写"]]
FULL = [row + [""] * (6 - len(row)) for row in TITLED]
WRITTEN = {
    "with a point": ["1949.12", "1949.12", "1970.3"],
    "with a stroke": ["1949/12", "1949-12", "1970/03"],
    "in one number": ["194912", "194912", "197003"],
    "in words": ["一九四九年十二月", "一九四九年十二月", "一九七〇年三月"],
    "to the day": ["1949年12月31日", "19491231", "1970年3月"],
}


def born(texts):
    return [HEADER] + [[*row[:3], text, *row[4:]] for row, text in zip(PEOPLE, texts, strict=True)]


def merged(workbook):
    workbook.active.merge_cells("A1:F1")


def dated(workbook):
    """Births as real dates, of which the sheet shows the month."""
    days = [datetime.date(1949, 12, 1), datetime.date(1949, 12, 1), datetime.date(1970, 3, 1)]
    for row, day in enumerate(days, start=2):
        workbook.active.cell(row, 4).value = day
        workbook.active.cell(row, 4).number_format = 'yyyy"年"m"月"'


def numbered(workbook):
    """Births as whole dates without a format: 18263 is 31 December 1949 in a spreadsheet."""
    for row in (2, 3):
        workbook.active.cell(row, 4).value = 18263
        workbook.active.cell(row, 6).value = int(PEOPLE[row - 2][5])
        workbook.active.cell(row, 1).value = row - 1


def by_sheet(workbook):
    """The second and third person on sheets of their own."""
    workbook.active.delete_rows(3, 2)
    for at, row in enumerate(PEOPLE[1:]):
        sheet = workbook.create_sheet(f"第{at}页")
        sheet.append(HEADER)
        sheet.append(row)


def macros(content):
    """The workbook with macros, as xlsm."""
    found = parts(content)
    kinds = found["[Content_Types].xml"].replace(
        b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
        b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
    )
    return zipped({**found, "[Content_Types].xml": kinds, "xl/vbaProject.bin": b"\0" * 64})


SHAPES = {
    "a.xlsx": book(),
    "macros.xlsm": macros(book()),
    "old.xls": xls(),
    "open.ods": ods(("名册", ROWS)),
    "utf8.csv": lines().encode(),
    "mark.csv": lines().encode("utf-8-sig"),
    "gb18030.csv": lines().encode("gb18030"),
    "utf16.csv": lines().encode("utf-16"),
    "big_endian.csv": lines().encode("utf-16-be"),
    "tab.tsv": lines("\t").encode(),
    "excel.txt": lines("\t").encode("utf-16"),
    "semicolon.csv": lines(";").encode(),
    "wide_semicolon.csv": lines("；").encode("gb18030"),
    "named.xls": lines("\t").encode("gb18030"),
    "titled.xlsx": book(FULL, merged),
    "titled.ods": ods(("名册", FULL)),
    "titled.xls": xls(FULL),
    "titled.csv": lines(rows=FULL).encode("gb18030"),
    "synonyms.xlsx": book(SYNONYMS),
    "english.xlsx": book(ENGLISH),
    "reordered.xlsx": book(REORDERED),
    "reordered.csv": lines(rows=REORDERED).encode("gb18030"),
    "sheets.xlsx": book(change=by_sheet),
    "sheets.ods": ods(("一", ROWS[:2]), ("二", [HEADER, *PEOPLE[1:]])),
    "dated.xlsx": book(change=dated),
    "numbered.xlsx": book(change=numbered),
    **{f"{how}.xlsx": book(born(texts)) for how, texts in WRITTEN.items()},
    **{f"{how}.csv": lines(rows=born(texts)).encode() for how, texts in WRITTEN.items()},
}


def values(found):
    return found.records["members"][FIELDS].fillna("").to_numpy().tolist()


@pytest.mark.parametrize("name", SHAPES)
def test_one_roster_in_any_shape_gives_one_clean_table(tmp_path, name):
    found = cleaned(tmp_path, SHAPES[name], name=name)
    assert values(found) == CLEAN
    assert list(found.records["members"]["status"]) == ["clean"] * 3


@pytest.mark.parametrize(
    "form", [book, lambda rows: lines(rows=rows), xls, lambda rows: ods(("", rows))]
)
def test_a_roster_split_into_files_is_one_roster(tmp_path, form):
    split = {f"{at}.part": form([HEADER, row]) for at, row in enumerate(PEOPLE)}
    assert values(cleaned(tmp_path, split)) == CLEAN


def test_the_shapes_may_be_mixed_in_one_roster(tmp_path):
    split = {"a.xlsx": book(ROWS[:2]), "b.ods": ods(("名", [HEADER, PEOPLE[1]]))}
    split["c.csv"] = lines(rows=[HEADER, PEOPLE[2]]).encode("gb18030")
    assert values(cleaned(tmp_path, split)) == CLEAN


BRANCH = {"第一支部": "b1"}


@pytest.mark.parametrize(
    "content",
    [
        lambda: ods(("第一支部", ROWS)),
        lambda: book(change=lambda workbook: setattr(workbook.active, "title", "第一支部")),
    ],
)
def test_the_branch_is_the_same_as_a_sheet_or_as_a_column(tmp_path, content):
    by_name = cleaned(tmp_path, content(), roster=source("members", sheets="branch"))
    column = [[*HEADER, "所在党支部"], *([*row, "第一支部"] for row in PEOPLE)]
    by_column = cleaned(tmp_path, book(column))
    for found in (by_name, by_column):
        assert list(found.records["members"]["branch"]) == ["b1"] * 3
        assert values(found) == CLEAN


TRADITIONAL = [["序號", "姓名", "性別", "出生年月"], ["1", "陳麗華", "女", "1949年12月"], ["2", "張國強", "男", "1950年3月"]]  # fmt: skip


@pytest.mark.parametrize("encoding", ["big5", "utf-8", "gb18030", "utf-16"])
def test_a_traditional_roster_is_the_same_in_every_encoding(tmp_path, encoding):
    found = cleaned(tmp_path, lines(rows=TRADITIONAL).encode(encoding), name="名冊.csv")
    assert found.records["members"][["name", "birth_date"]].to_numpy().tolist() == [
        ["陳麗華", "1949-12"],
        ["張國強", "1950-03"],
    ]


HARMLESS = {
    "a blank row": [*ROWS[:2], [], *ROWS[2:]],
    "a repeated header": [*ROWS[:2], HEADER, *ROWS[2:]],
    "a note": [*ROWS, ["注：本表按档案填写"]],
    "a signature": [*ROWS, ["填表人："]],
    "totals": [*ROWS, ["合计", "3人"]],
    "a title": [["党员花名册"], *ROWS],
    "an unknown column": [[*row, "x"] for row in ROWS],
}


@pytest.mark.parametrize("form", ["xlsx", "csv", "ods", "xls"])
@pytest.mark.parametrize("edit", HARMLESS)
def test_a_harmless_edit_changes_no_person(tmp_path, edit, form):
    rows = [row + [""] * (6 - len(row)) for row in HARMLESS[edit]]
    forms = {"xlsx": book, "csv": lambda rows: lines(rows=rows), "xls": xls}
    content = forms.get(form, lambda rows: ods(("", rows)))(rows)
    assert values(cleaned(tmp_path, content, name=f"a.{form}")) == CLEAN
