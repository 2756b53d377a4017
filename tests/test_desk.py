"""Figures of the desk: whole, legible, from counts alone, and hidden where people are few."""

import numpy as np
import pandas as pd
import pytest
from posed import category, outcome, posed

from engagement.release import desk, figures

STUDY = (
    category("shift", "day night", 'role = "primary"\nadjust = ["rota"]')
    + category("rota", "early late")
    + outcome("attendance", "panel")
)


@pytest.fixture
def study(tmp_path):
    return posed(tmp_path, STUDY)


def calendar(*rows):
    columns = ["duty_type", "month", "members", "due", "attended"]
    return pd.DataFrame(rows, columns=columns).assign(outcome="attendance", sessions=1)


MONTHS = calendar(
    ("theme_day", "2022-01", 40, 40, 20),
    ("theme_day", "2022-02", 40, 40, 32),
    ("lesson", "2022-01", 40, 40, 4),
    ("lesson", "2022-02", 4, 8, 4),
    ("theme_day", "2022-03", 40, 40, 40),
)


def tried(*rows):
    columns = ["adjusted", "missing", "counted_as", "declared", "estimate", "conf_low", "conf_high"]
    table = pd.DataFrame(rows, columns=columns)
    return table.assign(
        outcome="attendance", term="shift", contrast="night|day", members=100, p_adjusted=0.1,
        verdict="possible", note="",
    )  # fmt: skip


CHOICES = tried(
    ("rota", "complete", "recorded", True, -0.10, -0.20, -0.01),
    ("", "complete", "recorded", False, -0.05, -0.15, 0.05),
    ("rota", "imputed", "broad", False, -0.12, -0.22, -0.02),
    ("rota", "complete", "strict", False, np.nan, np.nan, np.nan),
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_figure_of_the_desk_has_a_defect(study, language):
    assert figures.lint(desk.calendar(MONTHS, study, language)) == []
    assert figures.lint(desk.curve(CHOICES, study, language)) == []


def test_a_square_with_few_on_either_side_is_hidden(study):
    """The committee's threshold is five: four came, four are behind it, nobody stayed away."""
    shares = desk.hidden(MONTHS, study)["share"]
    assert shares.tolist()[:2] == [0.5, 0.8]
    assert shares[2:].isna().all()


def test_squares_hold_their_numbers_and_darken_with_them(study):
    axes = desk.calendar(MONTHS, study, "en").axes[0]
    assert [text.get_text() for text in axes.texts] == ["50", "80"]
    light = [sum(square.get_facecolor()[:3]) for square in axes.patches]
    assert light[1] < light[0] and light[2:] == [3.0, 3.0, 3.0]
    assert [square.get_hatch() for square in axes.patches[2:]] == ["///"] * 3


def test_choices_stand_from_the_lowest_to_the_highest_and_the_declared_one_is_filled(study):
    axes = desk.curve(CHOICES, study, "en").axes[0]
    assert [tick.get_text() for tick in axes.get_yticklabels()] == [
        "holding rota; imputed; broad",
        "holding rota",
        "not adjusted",
    ]
    dots = [line for line in axes.lines if line.get_marker() == "o"]
    assert [dot.get_xdata()[0] for dot in dots] == pytest.approx([-12, -10, -5])
    assert [dot.get_markerfacecolor() != "white" for dot in dots] == [False, True, False]


def test_the_desk_says_that_its_figures_stay(study):
    for language, words in (("zh", "内部"), ("en", "not for release")):
        for figure in (
            desk.calendar(MONTHS, study, language),
            desk.curve(CHOICES, study, language),
        ):
            assert words in figure.axes[0].get_xlabel()


def test_a_table_of_people_is_no_calendar(study):
    with pytest.raises(ValueError, match="lacks the columns"):
        desk.calendar(pd.DataFrame({"member_id": [1]}), study, "en")


def test_the_digest_moves_when_a_square_does(study):
    moved = MONTHS.assign(attended=MONTHS["attended"].replace(20, 21))
    first, second = (figures.digest(desk.calendar(one, study, "en")) for one in (MONTHS, moved))
    assert first != second


def luminance(colour):
    """Relative luminance of an sRGB colour (WCAG 2)."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in colour[:3]]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


def test_every_number_can_be_read_on_its_square(study):
    from matplotlib.colors import to_rgb

    axes = desk.calendar(MONTHS, study, "en").axes[0]
    for square, text in zip(axes.patches, axes.texts, strict=False):
        ends = sorted(map(luminance, (square.get_facecolor(), to_rgb(text.get_color()))))
        assert (ends[1] + 0.05) / (ends[0] + 0.05) >= 4.5
    darkest = sorted(map(luminance, (tuple(desk.DARK), to_rgb(figures.INK))))
    assert (darkest[1] + 0.05) / (darkest[0] + 0.05) >= 4.5
