"""plan.xlsx prints on A4, holds no formula, and says what the release says."""

import io

import openpyxl
import pytest
from invented import a_study, tables

from engagement.release import disclosure, registration, store, workbook

NOTHING = {"plan": [], "evaluation": [], "ladder": []}


@pytest.fixture(scope="module")
def told():
    return store.findings(disclosure.control(tables(), a_study()), a_study())


@pytest.fixture(scope="module")
def book(told):
    return openpyxl.load_workbook(io.BytesIO(workbook.written(told)))


def test_there_is_a_plan_a_calendar_and_an_order_of_dropping_in_each_language(book):
    assert book.sheetnames == ["计划", "月历", "先放下什么", "Plan", "Calendar", "Drop first"]


def test_every_page_is_a4_with_its_heads_repeated_and_fitted_to_its_width(book):
    for page in book.worksheets:
        assert str(page.page_setup.paperSize) == page.PAPERSIZE_A4
        assert (page.page_setup.fitToWidth, page.page_setup.fitToHeight) == (1, 0)
        assert page.sheet_properties.pageSetUpPr.fitToPage
        assert page.print_title_rows == "$1:$2"
        assert "&P" in page.oddFooter.right.text


def test_the_plan_says_for_whom_what_how_much_who_and_when(book, told):
    rows = list(book["Plan"].iter_rows(min_row=3, values_only=True))
    printed = told["tables"]["plan"]
    assert [row[0] for row in rows[: len(printed)]] == [
        "members for whom it is hard to come", "members who are short of time",
    ]  # fmt: skip
    hours = [row["hours"] for row in printed]
    assert [row[5] for row in rows[:2]] == [one if one is not None else "＊" for one in hours]
    assert rows[2][5] == pytest.approx(sum(one for one in hours if one is not None))
    assert {row[6] for row in rows[:2]} == {"branch secretary"}
    assert [row[7] for row in rows[:2]] == ["March\u00a02023", "February\u00a02023"]


def test_the_hours_of_the_calendar_add_up_to_those_of_the_plan(book, told):
    known = [row for row in told["tables"]["plan"] if row["hours"] is not None]
    rows = list(book["Calendar"].iter_rows(min_row=3, values_only=True))
    total = sum(
        one for one in rows[len(told["tables"]["plan"])][2:] if isinstance(one, float | int)
    )
    assert total == pytest.approx(sum(row["hours"] for row in known), abs=1.0)


def test_no_cell_is_a_formula_and_a_text_that_looks_like_one_stays_text():
    study = a_study(organisation={"zh": "=1+1", "en": '=HYPERLINK("x")'})
    told = store.findings(disclosure.control(tables(), study), study)
    loaded = openpyxl.load_workbook(io.BytesIO(workbook.written(told)))
    cells = [cell for page in loaded.worksheets for row in page.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr", "n"}
    texts = [cell.value for cell in cells if isinstance(cell.value, str)]
    assert not [text for text in texts if text.startswith(("=", "+", "@", "\t"))]


def test_the_same_findings_give_the_same_bytes_without_an_author(told):
    first = workbook.written(told)
    assert first == workbook.written(told)
    assert openpyxl.load_workbook(io.BytesIO(first)).properties.creator in (None, "")


def test_a_study_without_a_plan_has_no_workbook_and_without_a_pilot_no_protocol(told):
    assert workbook.pages({"tables": NOTHING}) == {}
    assert registration.pages({**told, "pilot": None}) == {}
