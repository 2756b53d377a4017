"""The Word file is set as its paper says, and a program can find its way in it."""

import re

import pytest
from invented import a_study, tables
from read_back import W, docx_texts, parts

from engagement.release import disclosure, document, docx, store

from xml.etree import ElementTree  # isort: skip


@pytest.fixture(scope="module")
def told():
    return store.findings(disclosure.control(tables(), a_study()), a_study())


@pytest.fixture(scope="module")
def books(told):
    return {language: docx.pages(document.brief(told, language)) for language in ("zh", "en")}


def xml(book, part="word/document.xml"):
    return ElementTree.fromstring(parts(book)[part])


def styled(book, style):
    """The texts of the paragraphs in a style."""
    return [
        "".join(run.text for run in line.iter(f"{W}t"))
        for line in xml(book).iter(f"{W}p")
        if line.find(f"{W}pPr/{W}pStyle").get(f"{W}val") == style
    ]


def style(book, name):
    (found,) = [
        one
        for one in xml(book, "word/styles.xml").iter(f"{W}style")
        if one.get(f"{W}styleId") == name
    ]
    return found


def test_the_chinese_page_keeps_the_measures_of_gb_t_9704(books):
    """5.2: type area 156 mm by 225 mm on A4, top margin 37 mm, left 28 mm; size 3 is 16 points."""
    section = xml(books["zh"]).find(f"{W}body/{W}sectPr")
    millimetres = {
        name: int(section.find(f"{W}{part}").get(f"{W}{name}")) / 1440 * 25.4
        for part, name in [
            ("pgSz", "w"), ("pgSz", "h"),
            ("pgMar", "top"), ("pgMar", "left"), ("pgMar", "right"), ("pgMar", "bottom"),
        ]
    }  # fmt: skip
    assert millimetres["top"] == pytest.approx(37, abs=1)
    assert millimetres["left"] == pytest.approx(28, abs=1)
    assert millimetres["w"] - millimetres["left"] - millimetres["right"] == pytest.approx(
        156, abs=1
    )
    assert millimetres["h"] - millimetres["top"] - millimetres["bottom"] == pytest.approx(
        225, abs=1
    )


def test_the_chinese_page_holds_22_lines_of_28_characters(books):
    normal = style(books["zh"], "Normal")
    points = int(normal.find(f"{W}rPr/{W}sz").get(f"{W}val")) / 2
    pitch = int(normal.find(f"{W}pPr/{W}spacing").get(f"{W}line")) / 20
    assert 225 / 25.4 * 72 // pitch == 22
    assert 156 / 25.4 * 72 // points == 27 or round(156 / 25.4 * 72 / points) == 28
    assert normal.find(f"{W}pPr/{W}ind").get(f"{W}firstLineChars") == "200"


@pytest.mark.parametrize(
    ("name", "face", "points"),
    [("Title", "方正小标宋简体", 22), ("Heading1", "黑体", 16), ("Heading2", "楷体", 16),
     ("Normal", "仿宋", 16), ("Footer", "宋体", 14)],
)  # fmt: skip
def test_the_faces_and_sizes_are_those_of_the_standard(books, name, face, points):
    found = style(books["zh"], name).find(f"{W}rPr")
    assert found.find(f"{W}rFonts").get(f"{W}eastAsia") == face
    assert int(found.find(f"{W}sz").get(f"{W}val")) == 2 * points


def test_headings_are_counted_in_chinese_and_pages_stand_outside(books):
    first = styled(books["zh"], "Heading1")[:3]
    assert [heading[:2] for heading in first] == ["一、", "二、", "三、"]
    feet = [xml(books["zh"], f"word/footer{number}.xml") for number in (1, 2)]
    sides = {foot.find(f".//{W}jc").get(f"{W}val") for foot in feet}
    assert sides == {"right", "left"}
    assert all("PAGE" in foot.find(f".//{W}instrText").text for foot in feet)
    assert b"evenAndOddHeaders" in parts(books["zh"])["word/settings.xml"]


def test_every_style_says_its_languages(books):
    for language, latin in {"zh": "en-US", "en": "en-GB"}.items():
        styles = xml(books[language], "word/styles.xml").iter(f"{W}style")
        marked = [
            one.find(f"{W}rPr/{W}lang") for one in styles if one.get(f"{W}type") == "paragraph"
        ]
        assert {(lang.get(f"{W}val"), lang.get(f"{W}eastAsia")) for lang in marked} == {
            (latin, "zh-CN")
        }


def test_every_style_that_is_used_is_defined(books):
    for book in books.values():
        used = set(re.findall(r'w:pStyle w:val="(\w+)"', parts(book)["word/document.xml"].decode()))
        defined = set(re.findall(r'w:styleId="(\w+)"', parts(book)["word/styles.xml"].decode()))
        assert used <= defined


def test_every_table_has_a_head_that_repeats_a_caption_and_its_full_width(books):
    for book in books.values():
        found = list(xml(book).iter(f"{W}tbl"))
        assert len(found) >= 6
        for table in found:
            rows = table.findall(f"{W}tr")
            heads = [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows]
            assert heads == [True] + [False] * (len(rows) - 1)
            assert table.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val")
            grid = [int(column.get(f"{W}w")) for column in table.find(f"{W}tblGrid")]
            assert all(len(row.findall(f"{W}tc")) == len(grid) for row in rows)


def test_the_properties_hold_the_title_the_language_and_the_release(books, told):
    core = parts(books["zh"])["docProps/core.xml"].decode()
    held = re.findall(r"<(?:dc|cp|dcterms):(\w+)[^>]*>([^<]+)", core)
    assert held == [
        ("title", a_study().title["zh"]), ("language", "zh-CN"), ("identifier", told["release"]["id"])
    ]  # fmt: skip


def test_only_the_parts_that_a_brief_needs_are_in_the_file(books):
    for book in books.values():
        kinds = {re.sub(r"\d+", "", name) for name in parts(book)}
        assert kinds <= {
            "[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml",
            "word/_rels/document.xml.rels", "word/document.xml", "word/footer.xml",
            "word/media/image.png", "word/numbering.xml", "word/settings.xml", "word/styles.xml",
        }  # fmt: skip


def test_the_library_opens_what_was_written(books, tmp_path):
    from docx import Document

    path = tmp_path / "brief.docx"
    path.write_bytes(books["en"])
    opened = Document(path)
    assert [p.text for p in opened.paragraphs if p.style.name == "Title"] == [a_study().title["en"]]
    assert len(opened.tables) == 8 or len(opened.tables) >= 6
    assert docx_texts(books["en"])[0][1] == a_study().title["en"]
