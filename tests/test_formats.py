"""Three formats and two languages say the same, leave nothing of the machine, and come out the same twice."""

import dataclasses
import html as entities
import os
import re
import subprocess
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest
from invented import a_study, a_survey, tables
from read_back import READERS, docx_texts, numbers, parts, pdf_texts

from engagement.errors import ReleaseRefused
from engagement.release import disclosure, document, docx, formats, html, pdf, store

LANGUAGES = ("zh", "en")
KINDS = tuple(formats.WRITERS)


@pytest.fixture(scope="module")
def told():
    return store.findings(disclosure.control(tables(), a_study()), a_study())


@pytest.fixture(scope="module")
def files(told):
    return {
        name: page
        for language in LANGUAGES
        for name, page in formats.written(document.brief(told, language)).items()
    }


def read(files, language, kind):
    return READERS[kind](files[f"brief.{language}.{kind}"])


def test_a_brief_is_written_three_times_under_its_language(files):
    assert set(files) == {f"brief.{language}.{kind}" for language in LANGUAGES for kind in KINDS}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_every_number_of_the_page_stands_as_often_in(files, language, kind):
    page, _ = read(files, language, "html")
    other, _ = read(files, language, kind)
    drawn = drawn_texts(files, language) if kind == "pdf" else []
    assert numbers(page).total() > 150
    assert numbers(other) == numbers(page + drawn)


def drawn_texts(files, language):
    """What stands in the drawings of the page: a PDF keeps it as text."""
    page = files[f"brief.{language}.html"].decode()
    return [
        text
        for drawing in re.findall(r"<svg.*?</svg>", page, re.DOTALL)
        for text in re.findall(r">([^<]+)</text>", drawing)
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_drawing_is_told_in_the_same_words_everywhere(files, language):
    told = {kind: read(files, language, kind)[1] for kind in KINDS}
    assert len(told["html"]) == 4 and all(told["html"])
    assert told["docx"] == told["html"] == told["pdf"]


@pytest.mark.parametrize("kind", ["docx", "pdf"])
def test_a_file_names_no_author_program_hour_or_folder(files, kind):
    for language in LANGUAGES:
        file = files[f"brief.{language}.{kind}"]
        content = b"\n".join(parts(file).values()) if kind == "docx" else file
        words = rb"python|matplotlib|Microsoft Mac|thumbnail|customXml|/tmp|/home|\d{4}-\d\d-\d\dT"
        assert re.findall(words, content) == []


def test_the_zip_of_a_word_file_has_one_date(files, tmp_path):
    path = tmp_path / "brief.docx"
    path.write_bytes(files["brief.zh.docx"])
    with zipfile.ZipFile(path) as book:
        assert {entry.date_time for entry in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


AGAIN = """
import hashlib, pathlib, sys
from engagement.release import document, formats, store
told = store.read(pathlib.Path(sys.argv[1]))
for language in ("zh", "en"):
    for name, page in formats.written(document.brief(told, language)).items():
        print(name, hashlib.sha256(page).hexdigest())
"""


def test_another_folder_zone_language_and_hash_seed_give_the_same_bytes(told, files, tmp_path):
    from hashlib import sha256

    (tmp_path / "findings.json").write_text(store.text(told), encoding="utf-8")
    (tmp_path / "另一处").mkdir()
    answer = subprocess.run(
        [sys.executable, "-c", AGAIN, str(tmp_path / "findings.json")],
        cwd=tmp_path / "另一处", capture_output=True, text=True, check=True,
        env={**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "11",
             "PYTHONUTF8": "1", "SOURCE_DATE_EPOCH": "1700000000"},
    )  # fmt: skip
    expected = {name: sha256(page).hexdigest() for name, page in files.items()}
    assert dict(line.split() for line in answer.stdout.splitlines()) == expected


@pytest.mark.parametrize("write", [html.page, docx.pages, pdf.pages])
def test_a_character_without_a_glyph_is_named_by_every_writer(write):
    study = a_study(title={"zh": "在𠮷野社区", "en": "𠮷"})
    told = store.findings(disclosure.control(tables(), study), study)
    with pytest.raises(ReleaseRefused) as refusal:
        write(document.brief(told, "zh"))
    assert refusal.value.problems[0].values["found"] == "𠮷 (U+20BB7)"


@pytest.mark.parametrize("language", LANGUAGES)
def test_quotes_marks_and_control_signs_of_a_label_are_text_in_every_format(language):
    awkward = "“甲”'\"<b>&amp;#import $x$ *y* @z \\n\u0001{{ 7 }}"
    study = a_study(title={"zh": awkward, "en": awkward})
    told = store.findings(disclosure.control(tables(), study), study)
    brief = document.brief(told, language)
    shown = re.sub(r"[\s\u0001]+", "", awkward)
    for reading, page in ((docx_texts, docx.pages(brief)), (pdf_texts, pdf.pages(brief))):
        text = re.sub(r"[\s\u0001]+", "", "".join(reading(page)[0]))
        assert shown in text


def test_a_survey_without_branches_sessions_and_plan_is_written_in_every_format():
    study, found = a_survey()
    told = store.findings(disclosure.control(found, study), study)
    for language in LANGUAGES:
        brief = document.brief(told, language)
        assert all(len(page) > 10_000 for page in formats.written(brief).values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_and_levels_with_both_quotes_and_missing_values_are_released_and_shown(language):
    """Codes and labels with every quote there is, and 60 of 460 without the factor recorded."""
    code, label = "fe\"m'ale", {"zh": "“女”‘性’\"'", "en": "“women” ‘all’ \"'"}
    study, found = a_survey()
    sex = dataclasses.replace(
        study.factors["sex"], levels=("male", code), label={"zh": "“性”'别\"", "en": "“S”'ex\""},
        labels={**study.factors["sex"].labels, code: label},
    )  # fmt: skip
    study = dataclasses.replace(study, factors={"sex": sex})
    cells = found["cells"].replace({"sex": {"female": code}})
    unknown = cells.head(2).assign(sex=[None, np.nan], members=[25, 35])
    found["cells"] = pd.concat([cells, unknown], ignore_index=True)
    found["findings"] = found["findings"].replace({"contrast": {"female|male": f"{code}|male"}})
    release = disclosure.control(found, study)
    levels = release.tables["outcomes"].query("factor == 'sex'").set_index("level")["attended"]
    assert set(levels.index) == {"male", code, "unknown"}
    assert levels.notna().all() and levels["unknown"] in (25, 30)
    brief = document.brief(store.findings(release, study), language)
    shown = re.sub(r"\s+", "", label[language])
    page = html.page(brief).decode()
    assert shown in re.sub(r"\s+", "", entities.unescape(page))
    for reading, pages in ((docx_texts, docx.pages(brief)), (pdf_texts, pdf.pages(brief))):
        assert shown in re.sub(r"\s+", "", "".join(reading(pages)[0]))
