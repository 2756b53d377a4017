"""What a notebook shows is words: no code, no NaN, one form for every number."""

import pandas as pd
import pytest
from posed import category, number, outcome, posed

from engagement import labels, notebook

STUDY = (
    category("shift", "day night", 'role = "primary"')
    + number("tenure_years")[number("tenure_years").index("[factors") :]
    + outcome()
)


@pytest.fixture
def study(tmp_path):
    return posed(tmp_path, STUDY)


def shown(study, column: str, values: list, language: str = "en", **others) -> list[str]:
    frame = pd.DataFrame({column: values, **others})
    return list(labels.table(study, frame, [column], language).iloc[:, 0])


def test_codes_become_words_in_the_language_asked_for(study):
    assert shown(study, "barrier", ["B-CAPP"]) == ["hard to come in person"]
    assert shown(study, "is_mobile", ["yes", "no"], "zh") == ["是", "否"]
    assert shown(study, "is_lost", ["unknown"], "zh") == ["未登记"]
    assert shown(study, "rule", ["masked", "digits_lost"], "zh") == [
        "号码部分隐去，按可见部分读出",
        "号码按数字保存，末几位已丢失，请按文本重新录入",
    ]
    assert shown(study, "column_needed", ["invited activity_ability", ""]) == [
        "Asked, Ability to come in person",
        "–",
    ]
    assert shown(study, "term", ["", "branch"]) == ["All", "Branch"]
    assert shown(study, "month", ["2023-02"]) == ["February 2023"]


def test_numbers_have_one_form_and_a_small_chance_is_never_zero(study):
    assert shown(study, "members", [4915, 12000]) == ["4915", "12,000"]
    assert shown(study, "estimate", [-0.0321, 0.5]) == ["−0.032", "0.500"]
    assert shown(study, "hours", [7.2, 30.0]) == ["7.2", "30.0"]
    assert shown(study, "p_value", [0.0000061, 0.0412]) == ["<0.001", "0.041"]


def test_a_hidden_number_and_a_missing_one_bear_different_marks(study):
    numbers = pd.array([5, None], dtype="Int64")
    assert shown(study, "attended", numbers, suppressed=[False, True]) == ["5", "＊"]
    assert shown(study, "attended", numbers) == ["5", "–"]


def test_levels_contrasts_and_steps_are_told_in_words(study):
    rows = {"term": ["shift", "tenure_years", "shift", ""]}
    codes = ["night|day", "+2.5|", "trend|", ""]
    assert shown(study, "contrast", codes, **rows) == [
        f"{study.factors['shift'].labels['night']['en']} against "
        f"{study.factors['shift'].labels['day']['en']}",
        "per 2.5 more",
        "lowest to highest",
        "all",
    ]


def test_every_rule_that_reads_a_cell_has_its_words(study):
    """No code of lower-case letters and underscores stands in the column of rules."""
    rules = ["code", "hours", "same_as_above", "fifteen_digits", "two_digit_year", "roc", "serial"]
    for language in ("zh", "en"):
        assert not set(shown(study, "rule", rules, language)) & set(rules)


def test_words_stand_left_and_numbers_right(study):
    table = notebook.table(
        study, pd.DataFrame({"item": ["member"], "rows": [173]}), "reconciliation"
    )
    page = table._repr_mimebundle_()["text/html"]
    assert '<td style="text-align: right">173</td>' in page
    assert '<td style="text-align: left">' in page


def test_text_of_a_table_is_text_and_never_markup(study):
    rows = pd.DataFrame({"evidence": ["<b>A & B</b>"], "kind": ["members"], "pairs": [1]})
    page = notebook.table(study, rows, "pairs")._repr_mimebundle_()["text/html"]
    assert "<b>" not in page and "&lt;b&gt;A &amp; B&lt;/b&gt;" in page


def test_a_table_without_rows_is_a_sentence(study):
    empty = pd.DataFrame({"segment": [], "barrier": []})
    assert "none of these" in notebook.table(study, empty, "segments").data


def test_a_table_of_people_is_never_shown(study):
    with pytest.raises(TypeError):
        notebook.table(study, pd.DataFrame({"member_id": [1]}), "people")
