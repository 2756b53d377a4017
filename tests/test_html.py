"""The page stands alone, reads well to a machine, and says the numbers of findings.json."""

import html as entities
import io
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pypdf
import pytest
from invented import a_study, tables

from engagement import words
from engagement.release import disclosure, document, html, store

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def told():
    return store.findings(disclosure.control(tables(), a_study()), a_study())


@pytest.fixture(scope="module")
def pages(told):
    return {
        language: html.page(document.brief(told, language)).decode() for language in ("zh", "en")
    }


class Cells(HTMLParser):
    """The texts of all table cells, table by table."""

    def __init__(self, page: str):
        super().__init__()
        self.tables, self.inside = [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.tables.append([])
        self.inside = tag in ("td", "th")
        if self.inside:
            self.tables[-1].append("")

    def handle_endtag(self, tag):
        self.inside = self.inside and tag not in ("td", "th")

    def handle_data(self, text):
        if self.inside:
            self.tables[-1][-1] += text


def test_the_page_is_one_file_of_less_than_600_kilobytes(pages):
    for page in pages.values():
        assert len(page.encode("utf-8")) < 600_000


def test_the_page_asks_for_nothing_from_outside(pages):
    for page in pages.values():
        written = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
        assert re.findall(r"https?:|//[a-z]|<script|<link|@import|\son\w+=", written) == []
        assert set(re.findall(r"url\((\w+)", written)) <= {"data"}


def test_the_page_is_marked_up_for_every_reader(pages):
    for language, page in pages.items():
        assert f'<html lang="{html.TAGS[language]}">' in page
        assert len(re.findall(r"<h1[ >]", page)) == 1
        assert page.count("<table>") == page.count("<caption>")
        assert page.count("<svg") == page.count('role="img" aria-label="') == 4
        assert '<th scope="col"' in page and '<th scope="row">' in page
        assert len(re.findall(r'\bid="([^"]+)"', page)) == len(
            set(re.findall(r'\bid="([^"]+)"', page))
        )


def test_the_numbers_read_back_are_those_of_findings_json(told, pages):
    own = [row for row in told["tables"]["outcomes"] if row["outcome"] == "attendance"]
    expected = sorted(
        str(row[measure]) for row in own for measure in ("members", "due", "attended")
        if row[measure] is not None
    )  # fmt: skip
    for page in pages.values():
        by_factor, _, by_branch = Cells(page).tables[2:5]
        assert sorted(cell for cell in by_factor + by_branch if cell.isdigit()) == expected


def test_both_pages_show_the_same_numbers(pages):
    shown = {
        language: [
            [re.sub(r"[^0-9.%−＊]+", " ", cell).split() for cell in table if cell[:1] in "0123456789−＊"
             and re.fullmatch(r"[0-9.%−＊]+", cell)]
            for table in Cells(page).tables
        ]
        for language, page in pages.items()
    }  # fmt: skip
    assert shown["zh"] == shown["en"]


def test_text_from_a_study_is_text_and_never_markup():
    title = {"zh": "<script>甲</script>&", "en": "<b>A</b> & B"}
    study = a_study(title=title)
    told = store.findings(disclosure.control(tables(), study), study)
    for language in ("zh", "en"):
        page = html.page(document.brief(told, language)).decode()
        assert "<script" not in page and "<b>" not in page
        assert entities.escape(title[language]) in page


def test_two_builds_give_the_same_page(told, pages):
    assert html.page(document.brief(told, "en")).decode() == pages["en"]


@pytest.fixture
def browser():
    """A browser for one test: its event loop would be in the way of notebooks run after it."""
    if not CHROMIUM.exists() and not os.environ.get("CI"):
        pytest.skip("no Chromium at /usr/bin/chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        opened = player.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield opened
        opened.close()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_browser_shows_the_page_without_error_or_request(browser, pages, tmp_path, language):
    path = tmp_path / "brief.html"
    path.write_text(pages[language], encoding="utf-8")
    tab = browser.new_page()
    errors, requests = [], []
    tab.on("console", lambda message: errors.append(message.text))
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(path.as_uri())
    tab.evaluate("document.fonts.ready.then(() => true)")
    faces = tab.evaluate("[...document.fonts].map(face => face.status)")
    tab.close()
    assert errors == []
    assert [url for url in requests if not url.startswith(("file:", "data:"))] == []
    assert set(faces) == {"loaded"}


def opened(browser, pages, tmp_path, language, **size):
    path = tmp_path / "brief.html"
    path.write_text(pages[language], encoding="utf-8")
    tab = browser.new_page(viewport={"width": 1000, "height": 800} | size)
    tab.goto(path.as_uri())
    tab.evaluate("document.fonts.ready.then(() => true)")
    return tab


@pytest.mark.parametrize("language", ["zh", "en"])
def test_two_printed_pages_stand_before_the_appendix(browser, pages, tmp_path, language):
    tab = opened(browser, pages, tmp_path, language)
    printed = pypdf.PdfReader(io.BytesIO(tab.pdf(prefer_css_page_size=True))).pages
    tab.close()
    title = re.sub(r"\s", "", words.label("brief.appendix", language))
    found = [title in re.sub(r"\s", "", page.extract_text()) for page in printed]
    assert found.index(True) == 2
    assert len(printed) <= 8


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_keyboard_reaches_every_table_and_drawing_and_scrolls(browser, pages, tmp_path, language):
    tab = opened(browser, pages, tmp_path, language, width=400, height=700)
    wanted = tab.locator("[tabindex='0']").count()
    reached = set()
    for _ in range(wanted):
        tab.keyboard.press("Tab")
        reached.add(
            tab.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        )
    seen = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    tab.keyboard.press("End")
    tab.wait_for_function("window.scrollY > 500")
    tab.close()
    assert wanted >= 9 and len(reached) == wanted
    assert seen == "solid"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [320, 640])
def test_enlarged_four_times_or_twice_nothing_is_cut_off(browser, pages, tmp_path, language, width):
    """WCAG 2.2, 1.4.10: at 320 CSS pixels, 1280 enlarged four times, a page scrolls one way only."""
    tab = opened(browser, pages, tmp_path, language, width=width)
    reach = tab.evaluate("document.documentElement.scrollWidth")
    cut = tab.evaluate(
        """[...document.querySelectorAll('h1, h2, h3, p, li')].filter(
            one => one.scrollWidth > one.clientWidth + 1).map(one => one.textContent)"""
    )
    tab.close()
    assert reach <= width
    assert cut == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_first_page_of_findings_fits_one_printed_page(browser, pages, tmp_path, language):
    """On A4 with the page's margins, what stands before the break is lower than the paper."""
    path = tmp_path / "brief.html"
    path.write_text(pages[language], encoding="utf-8")
    tab = browser.new_page(viewport={"width": round(172 / 25.4 * 96), "height": 1200})
    tab.emulate_media(media="print")
    tab.goto(path.as_uri())
    tab.evaluate("document.fonts.ready.then(() => true)")
    height = tab.evaluate("document.querySelector('hr.break').getBoundingClientRect().top")
    tab.close()
    assert height * 25.4 / 96 < 297 - 29


def contrast(first: str, second: str) -> float:
    """WCAG 2.2 contrast ratio of two #rrggbb colours."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_every_text_colour_can_be_read_on_paper(pages):
    colours = dict(re.findall(r"--(ink|quiet|blue): (#[0-9a-f]{6})", pages["en"]))
    assert set(colours) == {"ink", "quiet", "blue"}
    assert all(contrast(colour, "#ffffff") >= 4.5 for colour in colours.values())
