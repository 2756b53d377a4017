"""Names agree at the level a careful clerk would see."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.records import names


def level(left: str, right: str) -> str:
    one, other = (names.keys(pd.Series([text], dtype="str")) for text in (left, right))
    found = names.agreement(one, other, np.array([[0, 0]]))[0]
    return "missing" if found == names.MISSING else names.LEVELS[found]


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
        ("Smith, Jane", "smith,  jane"),
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
    found = names.agreement(one, other, np.array([[0, 0], [1, 0], [2, 0]]))
    assert list(found) == [names.MISSING, 0, names.MISSING]


def test_latin_names_agree_but_for_one_letter():
    assert level("Jane Smith", "Jone Smith") == "one_character"
    assert level("Jane Smith", "Peter Smith") == "surname"
    assert level("Jane Smith", "Jane Doe") == "other"


@given(st.lists(st.text("王李张建国芳伟阳欧 ·", min_size=0, max_size=5), min_size=1, max_size=6))
def test_every_name_agrees_exactly_with_itself_and_symmetrically(written):
    keys = names.keys(pd.Series(written, dtype="str"))
    size = len(written)
    grid = np.stack(np.indices((size, size)), axis=-1).reshape(-1, 2)
    found = names.agreement(keys, keys, grid).reshape(size, size)
    assert (found == found.T).all()
    assert set(found.diagonal()) <= {0, names.MISSING}
