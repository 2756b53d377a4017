"""The protocol is one page, the same in both languages, and a file that proves itself."""

import datetime
import io
import json
import re

import openpyxl
import pandas as pd
import pytest
from invented import a_study, tables

from engagement.analysis import pilot
from engagement.declared import Pilot
from engagement.release import disclosure, document, registration, store, workbook

DATES = (datetime.date(2023, 2, 1), datetime.date(2023, 12, 31))
PILOTS = {
    "individuals": Pilot("MS06", "hard_to_come", "individuals", 7, *DATES, None, None),
    "stepped_wedge": Pilot("MS14", "", "stepped_wedge", 7, *DATES, 3, None),
    "lottery": Pilot("MS06", "hard_to_come", "lottery", 7, *DATES, None, 10),
}


def told(design):
    study = a_study(pilot=PILOTS[design])
    sizes = pd.Series([12] * 7, index=[f"g{n}" for n in range(1, 8)])
    content = pilot.protocol(study, sizes, share=0.6, slots=34, hours=30)
    laid_down = pilot.registered(content, allocation="ab" * 32)
    return store.findings(disclosure.control(tables(), study), study, laid_down)


@pytest.fixture(scope="module", params=list(PILOTS))
def found(request):
    return told(request.param)


def test_every_text_of_the_page_is_filled(found):
    for language in ("zh", "en"):
        page = registration.page(found, language)
        texts = document.text(page)
        assert "{" not in texts and "None" not in texts
        assert len(page.blocks[0].rows) == len(registration.ITEMS)


def test_both_languages_lay_down_the_same_numbers(found):
    numbers = [
        sorted(re.findall(r"\d+(?:\.\d+)?", " ".join(row[1] for row in page.blocks[0].rows)))
        for page in (registration.page(found, language) for language in ("zh", "en"))
    ]
    plain = [[one for one in found_in if one not in {"2", "12", "2023"}] for found_in in numbers]
    assert plain[0] == plain[1]


def test_the_file_reads_back_and_a_changed_one_does_not(found, tmp_path):
    content = registration.written(found)
    assert pilot.content_id(json.loads(content)) == found["pilot"]["id"]
    changed = json.loads(content) | {"smallest_difference": 0.01}
    assert pilot.content_id(changed) != found["pilot"]["id"]


def test_groups_that_begin_in_turn_are_listed_with_their_months():
    page = registration.page(told("stepped_wedge"), "en")
    assert len(page.blocks) == 2
    months = [row[1] for row in page.blocks[1].rows]
    assert len(months) == 7 and len(set(months)) == 3


def test_the_workbook_says_which_offer_is_tried_out_and_by_which_list():
    book = openpyxl.load_workbook(io.BytesIO(workbook.written(told("individuals"))))
    measures = [row[0].value for row in book["Plan"].iter_rows(min_row=3, min_col=3, max_col=3)]
    assert measures[0] == "Study brought home (pilot: first by the allocation list)"
    assert "pilot" not in measures[1]


def test_members_keep_their_freedom_in_every_protocol(found):
    text = document.text(registration.page(found, "en"))
    assert "declining has no consequence" in text
    for never in ("must", "required", "assigned"):
        assert never not in text.lower()
