"""No sentence blames, nothing ranks or punishes, and mobility and age are told as access."""

import ast
import json
import re
from pathlib import Path

import pytest
from invented import a_study, tables
from posed import category, outcome, posed

from engagement import codebook, study, words
from engagement import tables as contracts
from engagement.errors import StudyError
from engagement.release import disclosure, document, store

ROOT = Path(__file__).parent.parent
COMMUNITY = ROOT / "data" / "community"
LANGUAGES = ["zh", "en"]
MORE = {
    "zh": "觉悟低|懒|不合格",
    "en": r"passive members?|backward|ranking of members|inactive person|engagement score",
}
NEVER = re.compile(r"sanction|penalt|punish|score|ranking|appraisal|award|dues|fine\b|grade_of")


def blames(language: str, text: str) -> list[str]:
    found = [hit[0] for hit in codebook.blame()[language].finditer(text)]
    return found + re.findall(MORE[language], text.lower())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lexicon_finds_what_it_is_for(language):
    said = {"zh": "个别后进党员觉悟低，应予通报", "en": "Lazy members must attend or be punished"}
    assert len(blames(language, said[language])) >= 3
    fine = {"zh": "行动不便的党员可选择", "en": "members for whom it is hard to come may choose"}
    assert blames(language, fine[language]) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_blames(language):
    texts = {key: blames(language, both[language]) for key, both in words.catalogue().items()}
    assert {key: found for key, found in texts.items() if found} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_measure_no_barrier_and_no_class_of_the_sample_blames(language):
    named = [*codebook.measures()[language], *codebook.barriers()[language]]
    named += [one.label[language] for one in study.load(COMMUNITY).segments]
    assert [text for text in named if blames(language, text)] == []


@pytest.mark.parametrize("path", sorted((ROOT / "notebooks").glob("*.ipynb")), ids=lambda p: p.stem)
def test_no_notebook_blames(path):
    """What others have said about the members is quoted, and nothing else may sound like it."""
    text = json.dumps(json.loads(path.read_text(encoding="utf-8")), ensure_ascii=False)
    for claim in study.load(COMMUNITY).claims:
        for said in claim.text.values():
            text = text.replace(said, "")
    assert {language: blames(language, text) for language in LANGUAGES} == {"zh": [], "en": []}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_export_blames(language):
    told = store.findings(disclosure.control(tables(), a_study()), a_study())
    text = document.text(document.brief(told, language))
    for claim in a_study().claims:
        text = text.replace(claim.text[language], "")
    assert blames(language, text) == []


def test_a_study_whose_labels_blame_is_refused_with_the_place(tmp_path):
    label = '{ zh = "后进党员", en = "members for whom it is hard to come" }'
    text = category("shift", "day night") + outcome("attendance", "panel")
    text += '[[segment]]\nname = "a"\nbarrier = "B-TIME"\nwhen = { shift = ["night"] }\nlabel = '
    with pytest.raises(StudyError) as error:
        posed(tmp_path, text + label)
    (problem,) = error.value.problems
    assert (problem.key, problem.values["where"]) == ("blaming_label", "segment 1.label")
    assert "后进" not in words.text(f"problem.{problem.key}", "zh", **problem.values)


def test_no_table_of_the_plan_has_a_field_for_sanctions_or_ranks():
    for name in ("segments", "ladder", "plan", "shrinking", "gains", "evaluation"):
        assert [one for one in contracts.TABLES[name].columns if NEVER.search(one)] == []


def test_no_key_of_a_measure_or_a_pilot_sanctions_or_ranks():
    tree = ast.parse((ROOT / "engagement" / "declared.py").read_text(encoding="utf-8"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    fields = [
        part.target.id
        for name in ("Measure", "Plan", "Pilot", "Segment")
        for part in classes[name].body
        if isinstance(part, ast.AnnAssign)
    ]
    assert len(fields) > 20
    assert [name for name in fields if NEVER.search(name)] == []


def test_mobility_is_a_rung_of_access_before_any_of_the_will():
    rungs = codebook.barriers().set_index("barrier")["rung"]
    will = rungs[["B-REF", "B-AUT"]].min()
    assert (
        rungs[["B-REC", "B-DUE", "B-REACH", "B-ASK", "B-CAPP", "B-TIME", "B-PLACE"]] < will
    ).all()


def test_age_is_no_barrier_of_the_ladder_and_no_class_of_the_sample():
    named = " ".join([*codebook.barriers()["en"], *codebook.barriers()["column"]])
    assert not re.search(r"\bage|\bold|birth", named)
    assert not [
        one for one in study.load(COMMUNITY).segments if {"age", "age_band"} & set(one.when)
    ]


def test_every_offer_is_free_in_words():
    for language, free in (("zh", "由本人决定"), ("en", "choose for themselves")):
        designs = [key for key in words.catalogue() if key.startswith("pilot.design.")]
        assert designs and all(free in words.label(key, language) for key in designs)
