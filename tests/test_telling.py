"""Numbers become the sentence that they support, and no other."""

import pandas as pd
import pytest
from posed import category, number, outcome, posed

from engagement import words
from engagement.analysis import telling

STUDY = (
    category("shift", "day night", 'role = "primary"')
    + number("tenure_years")[number("tenure_years").index("[factors") :]
    + outcome()
    + outcome("listed", "list", primary=False)
    + '[population]\nlabel = { zh = "居民", en = "residents" }\ntotal = 8900\n'
    + '[[claim]]\nname = "willing"\nkind = "attitude"\ntext = { zh = "说法", en = "A claim." }\n'
)


@pytest.fixture
def study(tmp_path):
    return posed(tmp_path, STUDY)


def comparison(verdict: str, contrast: str = "night|day", note: str = "") -> pd.Series:
    values = {"term": "shift", "contrast": contrast, "p0": 0.60, "p1": 0.44, "estimate": -0.16}
    return pd.Series(
        {
            **values,
            "conf_low": -0.33,
            "conf_high": 0.02,
            "members": 158,
            "verdict": verdict,
            "note": note,
        }
    )


def test_a_comparison_names_both_shares_the_difference_and_its_interval(study):
    key, values = telling.contrast(comparison("cannot_be_told"), study)
    told = words.text(
        key,
        "en",
        **{
            name: value["en"] if isinstance(value, dict) else value
            for name, value in values.items()
        },
    )
    assert "about 44" in told and "about 60" in told
    assert "−16" in told and "−33 to 2" in told and "158 members" in told
    assert told.endswith("cannot be told.")


def test_a_refused_comparison_gives_its_reason_and_no_number(study):
    key, values = telling.contrast(comparison("refused", note="few_exposed"), study)
    assert key == "notebook.predictors.refused"
    assert values["reason"]["en"] == "fewer than three members in this group"


@pytest.mark.parametrize("contrast", ["trend|", "+2|"])
def test_trends_and_steps_have_sentences_of_their_own(study, contrast):
    assert telling.contrast(comparison("possible", contrast), study).key in {
        "notebook.predictors.trend",
        "notebook.predictors.step",
    }


def test_records_without_gaps_are_told_apart_from_records_with(study):
    table = pd.DataFrame({"duty_type": ["a", "b"], "expected": [12, 4], "recorded": [12, 4]})
    assert telling.records(table).key == "notebook.records.whole"
    gaps = telling.records(table.assign(recorded=[10, 4]))
    assert (gaps.key, gaps.values["missing"]) == ("notebook.records.gaps", 2)
    assert telling.records(table.iloc[:0]).key == "notebook.records.no_calendar"


def test_pairs_under_review_span_the_answer(study):
    found = pd.DataFrame([
        {"estimand": "prevalence", "outcome": "listed", "term": "", "contrast": "", "events": 8, "members": 160},
        {"estimand": "prevalence", "outcome": "listed", "term": "", "contrast": "with_review", "events": 11, "members": 160},
    ])  # fmt: skip
    span = telling.review(found, study)
    assert (span.key, span.values["low"], span.values["high"]) == ("notebook.linkage.span", 8, 11)
    assert telling.review(found.iloc[:1], study).key == "notebook.linkage.settled"
    assert telling.review(found.iloc[:0], study).key == "notebook.linkage.no_list"


def test_the_ladder_counts_what_is_supported_and_what_cannot_be_tested():
    segments = pd.DataFrame(
        {"verdict": ["supported", "not_supported", "not_testable_column", "not_testable_few"]}
    )
    assert dict(telling.ladder(segments).values) == {"classes": 4, "supported": 1, "untestable": 2}


def test_a_share_of_a_hundred_is_never_a_digit_soup():
    assert telling.of_hundred(0.4372) == "44"
    assert telling.of_hundred(float("nan")) == "–"
