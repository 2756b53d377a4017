"""Every sentence exists in both languages with the same placeholders."""

import datetime
import re
import string
import tomllib
from pathlib import Path

import pytest

from engagement import words

PACKAGE = Path(words.__file__).parent
HAN = re.compile(r"[㐀-鿿]")


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", sorted(words.catalogue()))
def test_both_languages_have_the_same_placeholders(key):
    texts = words.catalogue()[key]
    assert placeholders(texts["zh"]) == placeholders(texts["en"])


def test_every_text_is_filled_in_both_languages():
    empty = [
        key for key, texts in words.catalogue().items() if not all(map(str.strip, texts.values()))
    ]
    assert empty == []


def test_no_leaf_has_only_one_language():
    def leaves(node, path):
        for name, value in node.items():
            if isinstance(value, str):
                yield f"{path}.{name}"
            elif set(value) != {"zh", "en"}:
                yield from leaves(value, f"{path}.{name}")

    catalogue = tomllib.loads((PACKAGE / "words.toml").read_text(encoding="utf-8"))
    assert list(leaves(catalogue, "")) == []


def test_no_chinese_sentence_stands_in_code():
    offenders = {
        f"{path.relative_to(PACKAGE)}:{number}"
        for path in PACKAGE.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if HAN.search(line.partition("#")[0])
        and '"""' not in line
        and not inside_docstring(path, number)
    }
    assert offenders == set()


def inside_docstring(path: Path, number: int) -> bool:
    import ast

    tree = ast.parse(path.read_text(encoding="utf-8"))
    spans = [
        (node.body[0].lineno, node.body[0].end_lineno)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef)
        and ast.get_docstring(node) is not None
    ]
    return any(first <= number <= last for first, last in spans)


def test_english_texts_hold_no_chinese_and_chinese_texts_no_ascii_commas():
    catalogue = words.catalogue()
    mixed = [
        key
        for key, texts in catalogue.items()
        if HAN.search(texts["en"]) and not key.startswith("glossary.")
    ]
    halfwidth = [
        key for key, texts in catalogue.items() if re.search(r"[㐀-鿿][,;?!]", texts["zh"])
    ]
    assert mixed == []
    assert halfwidth == []


def test_a_day_is_written_as_an_official_document_writes_it():
    day = datetime.date(2022, 12, 31)
    assert words.day(day, "zh") == "2022年12月31日"
    assert words.day(day, "en") == "31 December 2022"


def test_numbers_have_one_form():
    assert words.number(-0.04, 1) == "0.0"
    assert words.number(-2.25, 1) == "−2.2"
    assert words.number(float("nan")) == "–"
    assert words.percent(0.0725, 1) == "7.2 %"
    assert words.count(5882) == "5882"
    assert words.count(1_000_000) == "1,000,000"


def test_an_unknown_key_is_our_bug():
    with pytest.raises(KeyError):
        words.text("no.such.key", "en")


CAUSAL = re.compile(
    r"\b(causes?|caused by|leads? to|because (they|members) are|no effect|drives?|driven)\b"
)


def test_no_english_sentence_claims_a_cause_or_no_effect():
    hits = [key for key, texts in words.catalogue().items() if CAUSAL.search(texts["en"].lower())]
    assert hits == []
