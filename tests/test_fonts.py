"""The page carries its own letters, and says which ones it lacks."""

import io

import pytest
from fontTools.ttLib import TTFont

from engagement.errors import ReleaseRefused
from engagement.release import fonts

TEXT = "支部党员 members 173，95%"


@pytest.mark.parametrize("face", sorted(fonts.FACES))
def test_a_subset_holds_the_characters_asked_for_and_few_others(face):
    with TTFont(io.BytesIO(fonts.subset(TEXT, face))) as font:
        drawn = set(font.getBestCmap())
    assert set(map(ord, TEXT)) <= drawn
    assert len(drawn) < 40


def test_the_same_text_gives_the_same_bytes_whatever_its_order():
    first = fonts.subset(TEXT, "serif")
    fonts._subset.cache_clear()
    assert fonts.subset(TEXT[::-1], "serif") == first


def test_a_missing_glyph_is_refused_by_name():
    with pytest.raises(ReleaseRefused) as refusal:
        fonts.check("在𠮷野家")
    problem = refusal.value.problems[0]
    assert problem.key == "glyph_missing"
    assert problem.values["found"] == "𠮷 (U+20BB7)"


def test_invisible_marks_are_not_missed():
    assert fonts.check("a\u200bb\n") == "a\u200bb\n"


def test_matplotlib_draws_with_the_font_of_the_wheel():
    from matplotlib import font_manager

    name = fonts.register()
    assert font_manager.findfont(name, fallback_to_default=False) == fonts.path("sans")
