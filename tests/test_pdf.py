"""The PDF is tagged, says its language and its title, and carries its own letters."""

import io
import itertools

import pypdf
import pytest
from invented import a_study, tables
from read_back import pdf_structure

from engagement.release import disclosure, document, pdf, store


@pytest.fixture(scope="module")
def told():
    return store.findings(disclosure.control(tables(), a_study()), a_study())


@pytest.fixture(scope="module")
def printed(told):
    return {language: pdf.pages(document.brief(told, language)) for language in ("zh", "en")}


def opened(file):
    return pypdf.PdfReader(io.BytesIO(file))


def roles(file):
    return [str(one["/S"])[1:] for one in pdf_structure(file)]


def test_the_file_says_that_it_is_pdf_ua_its_language_and_its_title(printed):
    for language, tag in {"zh": "zh-CN", "en": "en-GB"}.items():
        root = opened(printed[language]).trailer["/Root"]
        assert root["/MarkInfo"]["/Marked"]
        assert root["/Lang"].lower() == tag.lower()
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert b"<pdfuaid:part>1</pdfuaid:part>" in printed[language]
        assert opened(printed[language]).metadata.title == a_study().title[language]


def test_headings_tables_lists_and_figures_are_tagged_as_such(told, printed):
    for language, file in printed.items():
        found = roles(file)
        blocks = document.brief(told, language).blocks
        headings = sum(
            isinstance(block, document.Heading) or bool(getattr(block, "title", ""))
            for block in blocks
        )
        figures = sum(isinstance(block, document.Figure) for block in blocks)
        alone = sum(isinstance(block, document.Table) for block in blocks)
        assert sum(role in ("H1", "H2", "H3") for role in found) == headings
        assert found.count("Figure") == figures
        assert found.count("Table") == figures + alone
        assert found.count("THead") == found.count("Table")
        assert ("LI" in found) == (language == "en")


def test_headings_never_skip_a_level(printed):
    for file in printed.values():
        levels = [int(role[1]) for role in roles(file) if role in ("H1", "H2", "H3")]
        assert levels[0] == 1
        assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_head_of_a_column_says_what_it_heads(printed):
    for file in printed.values():
        heads = [one for one in pdf_structure(file) if one["/S"] == "/TH"]
        scopes = {
            str(part["/Scope"])
            for one in heads
            for part in [one["/A"]] if isinstance(part, dict)
        } or {str(part["/Scope"]) for one in heads for part in one["/A"] if "/Scope" in part}  # fmt: skip
        assert len(heads) > 20 and scopes == {"/Column"}


def test_every_font_is_in_the_file_and_comes_from_the_wheel(printed):
    for file in printed.values():
        names = set()
        for page in opened(file).pages:
            for font in page["/Resources"]["/Font"].values():
                inner = font["/DescendantFonts"][0].get_object()
                descriptor = inner["/FontDescriptor"].get_object()
                assert {"/FontFile2", "/FontFile3"} & set(descriptor)
                names.add(str(inner["/BaseFont"]).partition("+")[2].partition("-")[0])
        assert names <= {"NotoSerifSC", "NotoSansSC"}


def test_the_pages_are_a4_with_the_margins_of_the_standard(printed):
    page = opened(printed["zh"]).pages[0]
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [210, 297]


def test_the_file_holds_no_date(printed):
    for file in printed.values():
        held = opened(file).metadata or {}
        assert {"/CreationDate", "/ModDate", "/Author"} & set(held) == set()


def test_a_brief_is_printed_on_few_pages(printed):
    assert all(len(opened(file).pages) <= 10 for file in printed.values())
