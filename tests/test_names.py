"""Names agree at the level a careful clerk would see."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.records import names, posterior, resemblance


def level(left: str, right: str, kind: str = "han") -> str:
    one, other = (names.keys(pd.Series([text], dtype="str")) for text in (left, right))
    found = getattr(resemblance, kind)(one, other, np.array([[0, 0]]))[0]
    return "missing" if found == resemblance.MISSING else getattr(resemblance, kind.upper())[found]


def latin(left: str, right: str) -> str:
    return level(left, right, "latin")


def test_the_levels_are_those_that_the_weights_declare():
    declared = [posterior.field_levels(field) for field in ("name", "latin", "spelled")]
    assert declared == [resemblance.HAN, resemblance.LATIN, resemblance.SPELLED]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        ("王芳\u200b", "王芳"),
        ("葉国峯", "叶国峰"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("李强(预备)", "李强"),
        ("李强（大）", "李强"),
        ("李强同志", "李强"),
        ("⼀⼆", "一二"),
    ],
)
def test_two_spellings_of_one_name_are_exact(left, right):
    assert level(left, right) == "exact"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("张伟", "张玮"),
        ("王建国", "王健国"),
        ("萧红", "肖红"),
        ("傅小平", "付小平"),
        ("阎明", "闫明"),
        ("邱少云", "丘少云"),
        ("戴玉强", "代玉强"),
    ],
)
def test_homophones_with_any_common_reading_agree_in_reading(left, right):
    assert level(left, right) == "reading"


def test_a_character_with_several_readings_agrees_by_any_of_them():
    assert level("王乐", "王月") == "reading"
    assert level("王乐", "王勒") == "reading"
    assert level("王月", "王勒") == "surname"


def test_a_surname_is_read_as_a_surname_and_not_by_its_common_reading():
    assert level("单雄", "善雄") == "reading"
    assert level("单雄", "丹雄") == "other"
    assert level("解放", "谢放") == "reading"


def test_one_character_counts_only_in_given_names_of_two_characters():
    assert level("王建国", "王建军") == "one_character"
    assert level("张伟", "张丽") == "surname"
    assert level("王建国", "李建国") == "other"
    assert level("王建国", "王国建") == "surname"


def test_a_compound_surname_is_one_surname():
    assert level("欧阳明", "欧阳华") == "surname"
    assert level("欧阳明", "欧明") == "other"
    assert level("欧阳", "欧明") == "surname"


def test_a_missing_name_is_no_evidence():
    one = names.keys(pd.Series([np.nan, "王芳", "  "], dtype="str"))
    other = names.keys(pd.Series(["王芳"], dtype="str"))
    found = resemblance.han(one, other, np.array([[0, 0], [1, 0], [2, 0]]))
    assert list(found) == [resemblance.MISSING, 0, resemblance.MISSING]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("章伟民", "张伟民"),
        ("吴秀英", "武秀英"),
        ("萧建华", "肖建华"),
        ("邱玉珍", "丘玉珍"),
    ],
)
def test_surnames_that_sound_alike_are_homophones(left, right):
    assert level(left, right) == "reading"


@pytest.mark.parametrize(
    ("left", "right"), [("王建国", "黄建国"), ("陈秀英", "程秀英"), ("胡明", "吴明")]
)
def test_surnames_taken_for_one_another_count_with_the_same_given_name_only(left, right):
    assert level(left, right) == "confused"
    assert level(left, right[0] + "丽丽") == "other"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Smith, Jane", "Jane Smith"),
        ("José Núñez", "jose nunez"),
        ("Dr. Søren Ødegård", "Soren Odegard"),
        ("O'Brien, Mary-Ann", "Maryann OBrien"),
        ("van der Berg, Anna", "Anna van der Berg"),
        ("MÜLLER, Jürgen", "Jürgen Müller"),
    ],
)
def test_two_spellings_of_one_latin_name_are_exact(left, right):
    assert latin(left, right) == "exact"


def test_latin_names_agree_at_the_level_a_clerk_would_see():
    assert latin("Jane Smith", "Smith Jane") == "order"
    assert latin("Bill Smith", "William Smith") == "nickname"
    assert latin("Bill Smith", "Bob Smith") == "surname"
    assert latin("J. M. Smith", "Jane Mary Smith") == "initials"
    assert latin("K. Smith", "Jane Smith") == "surname"
    assert latin("Jane Smith", "Jone Smith") == "near"
    assert latin("Katharina Schneider", "Katarina Schnieder") == "near"
    assert latin("Jane Smith", "Peter Smith") == "surname"
    assert latin("Jane Smith", "Jane Doe") == "given"
    assert latin("Jane Smith", "Peter Doe") == "other"


def test_short_words_are_not_near_one_another():
    assert latin("Jo Li", "Al Li") == "surname"


def test_a_name_in_letters_is_held_against_a_chinese_name_by_its_readings():
    assert level("王芳", "Wang Fang", "spelled") == "same"
    assert level("王芳", "Fang Wang", "spelled") == "same"
    assert level("欧阳明", "Ouyang Ming", "spelled") == "same"
    assert level("单雄", "Shan Xiong", "spelled") == "same"
    assert level("王芳", "Li Ming", "spelled") == "other"
    assert level("王芳", "Jane Smith", "spelled") == "missing"
    assert level("王芳", "Wang Fang") == "missing"
    assert level("王芳", "王芳", "spelled") == "missing"


@given(st.lists(st.text("王李张建国芳伟阳欧 ·", min_size=0, max_size=5), min_size=1, max_size=6))
def test_every_name_agrees_exactly_with_itself_and_symmetrically(written):
    keys = names.keys(pd.Series(written, dtype="str"))
    size = len(written)
    grid = np.stack(np.indices((size, size)), axis=-1).reshape(-1, 2)
    found = resemblance.han(keys, keys, grid).reshape(size, size)
    assert (found == found.T).all()
    assert set(found.diagonal()) <= {0, resemblance.MISSING}


LETTERS = st.text("abcdehjmnoz ,.é-", min_size=0, max_size=14)


@given(st.lists(LETTERS, min_size=1, max_size=6))
def test_every_latin_name_agrees_best_with_itself_and_symmetrically(written):
    keys = names.keys(pd.Series(written, dtype="str"))
    size = len(written)
    grid = np.stack(np.indices((size, size)), axis=-1).reshape(-1, 2)
    found = resemblance.latin(keys, keys, grid).reshape(size, size)
    assert (found == found.T).all()
    assert set(found.diagonal()) <= {0, resemblance.MISSING}
