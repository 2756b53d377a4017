"""plan.xlsx: the plan on paper and on screen, for whoever carries it out.

Enters: findings (a dict of findings.json).
Leaves: the bytes of one workbook: plan, calendar and what to drop first, in each language.
Refuses: formulas; every text is text and every number a number that the release prints.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engagement import spreadsheet
from engagement.release import calendar, planned, store, summary
from engagement.release.phrases import Phrases

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

FILE = "plan.xlsx"
FACE = {"zh": "SimSun", "en": "Calibri"}
HEAD, RULE, DONE = "E9ECF1", "C9CED6", "1F4E79"
WIDTHS = {
    "segment": 16, "evidence": 17, "measure": 21, "channel": 12, "indicator": 20, "hours": 8,
    "owner": 14, "month": 12, "until": 12, "review": 12, "grade": 14, "kept": 22, "by_hand": 13,
}  # fmt: skip
PLAN = (
    "segment", "evidence", "measure", "channel", "indicator", "hours", "owner", "month", "until",
    "review", "grade", "by_hand",
)  # fmt: skip
MONTH_WIDTH = 7
SIZE, TITLE_SIZE = 10, 14
POINTS_A_LINE = 14.5


def pages(told: Mapping) -> dict[str, bytes]:
    """The workbook under its name; nothing for a study without a plan."""
    return {FILE: written(told)} if told["tables"]["plan"] else {}


def written(told: Mapping) -> bytes:
    """The workbook; the same findings give the same bytes."""
    from openpyxl import Workbook

    store.verify(told)
    book = Workbook()
    book.remove(book.active)
    for language in told["study"]["languages"]:
        phrases = Phrases(told, language)
        _plan(book, phrases)
        _calendar(book, phrases)
        _dropped(book, phrases)
    book.properties.creator = ""
    date = datetime.date.fromisoformat(told["study"]["reference_date"])
    return spreadsheet.saved(book, date)


def _plan(book: Workbook, phrases: Phrases) -> None:
    rows = phrases.told["tables"]["plan"]
    heads = {name: _head(name, phrases) for name in PLAN}
    page = _page(book, "plan", heads, phrases)
    for row in rows:
        _line(page, [_cell(name, row, phrases) for name in PLAN], phrases)
    known = [row["hours"] for row in rows if row["hours"] is not None]
    total: list[object] = [""] * len(PLAN)
    total[0], total[PLAN.index("hours")] = phrases.say("sheet.total"), round(sum(known), 1)
    _line(page, total, phrases, bold=True)
    _notes(
        page,
        [
            planned.hours(phrases),
            phrases.say("table.plan.note", owner=phrases.told["labels"]["owner"][phrases.language]),
            phrases.say("plan.stop_line", stop=phrases.say("plan.stop")),
        ],
        len(PLAN),
        phrases,
    )


def _head(name: str, phrases: Phrases) -> str:
    return phrases.say("sheet.by_hand" if name == "by_hand" else f"table.sheet.{name}")


def _cell(name: str, row: dict, phrases: Phrases) -> object:
    """What stands in column `name` of the plan."""
    if name == "segment":
        return summary.segment(row, phrases)
    if name == "evidence":
        return _evidence(row, phrases)
    if name == "measure":
        return _measure(row, phrases)
    if name == "channel":
        return phrases.say("brief.comma").join(
            phrases.say(f"channel.{one}") for one in row["channel"].split(";") if one
        )
    if name == "indicator":
        counted = phrases.count(row["units"], row["suppressed"])
        return phrases.say(
            "plan.count", indicator=phrases.say(f"indicator.{row['indicator']}"), count=counted
        )
    if name == "hours":
        return phrases.count(None, True) if row["hours"] is None else round(row["hours"], 1)
    if name == "owner":
        return phrases.told["labels"]["owner"][phrases.language]
    if name == "grade":
        return planned.grade(row, phrases)
    if name == "by_hand":
        return ""
    return phrases.month(row["review_month" if name == "review" else name])


def _measure(row: dict, phrases: Phrases) -> str:
    """The offer; the one that is tried out says who is offered it first."""
    named = phrases.name("measures", row["measure"])
    laid_down = phrases.told.get("pilot")
    if laid_down is None or laid_down["measure"] != row["measure"] or not row["segment"]:
        return named
    return phrases.say(f"plan.pilot.{laid_down['design']}", measure=named)


def _evidence(row: dict, phrases: Phrases) -> str:
    """The barrier, and what the records say of it."""
    barrier = phrases.name("barriers", row["barrier"])
    if not row["segment"]:
        return barrier
    verdict = phrases.verdict(row["verdict"])
    return phrases.say("plan.evidence", barrier=barrier, verdict=verdict)


def _calendar(book: Workbook, phrases: Phrases) -> None:
    rows = calendar.rows(phrases.told["tables"]["plan"])
    if not rows:
        return
    months = calendar.months(rows)
    heads = {"measure": _head("measure", phrases), "segment": _head("segment", phrases)}
    heads |= {month: phrases.say(f"sheet.m{month[5:]}") for month in months}
    page = _page(book, "calendar", heads, phrases)
    for row in rows:
        texts: list[object] = [phrases.name("measures", row["measure"])]
        texts.append(summary.segment(row, phrases))
        texts += [_hours(row, month, phrases) for month in months]
        _line(page, texts, phrases)
    sums = [
        round(sum(r["monthly"] or 0 for r in rows if r["month"] <= month <= r["until"]), 1)
        for month in months
    ]
    _line(page, [phrases.say("sheet.total"), "", *sums], phrases, bold=True)


def _hours(row: dict, month: str, phrases: Phrases) -> object:
    if not row["month"] <= month <= row["until"]:
        return ""
    return phrases.count(None, True) if row["monthly"] is None else row["monthly"]


def _dropped(book: Workbook, phrases: Phrases) -> None:
    names = ("measure", "segment", "hours", "kept")
    heads = {name: phrases.say(f"table.dropped.{name}") for name in names}
    page = _page(book, "dropped", heads, phrases, wide=False)
    for row in sorted(phrases.told["tables"]["plan"], key=lambda row: -row["kept_at"]):
        texts = [_cell(name, row, phrases) for name in names[:-1]]
        _line(page, [*texts, planned.kept(row["kept_at"], phrases)], phrases)
    _notes(page, [phrases.say("table.dropped.note")], len(names), phrases)


def _page(
    book: Workbook, kind: str, heads: Mapping[str, str], phrases: Phrases, *, wide: bool = True
) -> Worksheet:
    """A sheet with its title and heads, ready for A4."""
    from openpyxl.utils import get_column_letter

    name = spreadsheet.sheet_name(phrases.say(f"sheet.{kind}"), book.sheetnames)
    page = book.create_sheet(name)
    organisation = phrases.told["study"]["organisation"][phrases.language]
    plan = phrases.told["tables"]["plan"]
    span = calendar.months(plan) if plan else []
    title = phrases.say(
        "sheet.title",
        organisation=phrases.opening(organisation),
        first=phrases.month(span[0]) if span else "",
        last=phrases.month(span[-1]) if span else "",
    )
    spreadsheet.put(page.cell(1, 1), title).font = _font(phrases, TITLE_SIZE, bold=True)
    page.row_dimensions[1].height = 24
    for column, (key, head) in enumerate(heads.items(), start=1):
        cell = spreadsheet.put(page.cell(2, column), head)
        _dress(cell, phrases, bold=True, head=True)
        width = WIDTHS.get(key, MONTH_WIDTH) * (1 if wide else 1.4)
        page.column_dimensions[get_column_letter(column)].width = width
    page.freeze_panes = "A3"
    page.row_dimensions[2].height = _height(page, list(heads.values()))
    page.print_title_rows = "1:2"
    page.page_setup.orientation = "landscape" if wide else "portrait"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    page.print_options.horizontalCentered = True
    page.page_margins.left = page.page_margins.right = 0.4
    page.page_margins.top, page.page_margins.bottom = 0.5, 0.75
    page.page_margins.header = page.page_margins.footer = 0.3
    page.oddFooter.left.text = phrases.say(
        "brief.footer", release=phrases.told["release"]["id"][: store.SHOWN_DIGITS]
    )
    page.oddFooter.right.text = phrases.say("sheet.page")
    return page


def _line(page: Worksheet, texts: Sequence[object], phrases: Phrases, *, bold=False) -> None:
    """One row; numbers stay numbers."""
    place = page.max_row + 1
    for column, text in enumerate(texts, start=1):
        cell = page.cell(place, column)
        if isinstance(text, str):
            spreadsheet.put(cell, text)
        else:
            cell.value = float(text)
            cell.number_format = "0" if float(text).is_integer() else "0.0"
        _dress(cell, phrases, bold=bold)
    page.row_dimensions[place].height = _height(page, texts)


def _height(page: Worksheet, texts: Sequence[object]) -> float:
    """How high a row must be for its longest text."""
    from openpyxl.utils import get_column_letter

    lines = [
        math.ceil(_length(text) / max(page.column_dimensions[get_column_letter(at)].width - 2, 1))
        for at, text in enumerate(texts, start=1)
        if isinstance(text, str)
    ]
    return max([1, *lines]) * POINTS_A_LINE + 4


def _length(text: str) -> int:
    """How many narrow signs wide a text is; a Chinese one takes two."""
    return sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)


def _notes(page: Worksheet, texts: Sequence[str], columns: int, phrases: Phrases) -> None:
    from openpyxl.styles import Alignment
    from openpyxl.utils import get_column_letter

    letters = [get_column_letter(number) for number in range(1, columns + 1)]
    wide = sum(page.column_dimensions[letter].width for letter in letters)
    for text in texts:
        place = page.max_row + 1
        page.merge_cells(start_row=place, end_row=place, start_column=1, end_column=columns)
        cell = spreadsheet.put(page.cell(place, 1), text)
        cell.font = _font(phrases, SIZE)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.row_dimensions[place].height = math.ceil(_length(text) / wide) * POINTS_A_LINE + 4


def _dress(cell, phrases: Phrases, *, bold: bool = False, head: bool = False) -> None:
    from openpyxl.styles import Alignment, Border, PatternFill, Side

    line = Side(style="thin", color=RULE)
    cell.border = Border(top=line, bottom=line, left=line, right=line)
    cell.font = _font(phrases, SIZE, bold=bold)
    number = not isinstance(cell.value, str) and cell.value is not None
    side = "right" if number else "left"
    indent = 0 if number else 1
    cell.alignment = Alignment(wrap_text=True, vertical="center", horizontal=side, indent=indent)
    if head:
        cell.fill = PatternFill("solid", fgColor=HEAD)


def _font(phrases: Phrases, size: int, *, bold: bool = False):
    from openpyxl.styles import Font

    return Font(name=FACE[phrases.language], size=size, bold=bold)
