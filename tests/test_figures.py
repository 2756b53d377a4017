"""Figures show protected numbers only, say what they show, and change their digest when it moves."""

import re

import matplotlib as mpl
import pytest
from invented import a_study, tables
from matplotlib.figure import Figure
from test_html import contrast

from engagement.release import charts, disclosure, figures, paper, store
from engagement.release.phrases import Phrases


@pytest.fixture(scope="module")
def release():
    return disclosure.control(tables(), a_study())


@pytest.fixture(scope="module")
def told(release):
    return store.findings(release, a_study())


def drawn(told, language="en") -> dict[str, Figure]:
    phrases = Phrases(told, language)
    return {
        "shares": charts.shares(store.table(told, "outcomes"), "attendance", phrases),
        "contrasts": charts.contrasts(store.table(told, "findings"), "attendance", phrases),
        "completeness": charts.completeness(store.table(told, "completeness"), phrases),
        "frequencies": charts.frequencies(store.table(told, "findings"), "attendance", phrases),
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_chart_has_a_defect(told, language):
    assert {name: figures.lint(figure) for name, figure in drawn(told, language).items()} == {
        "shares": [], "contrasts": [], "completeness": [], "frequencies": []
    }  # fmt: skip


def test_a_chart_takes_only_a_protected_table(told):
    phrases = Phrases(told, "en")
    bare = tables()["cells"]
    with pytest.raises(TypeError):
        charts.completeness(bare, phrases)
    for draw in (charts.shares, charts.contrasts, charts.frequencies):
        with pytest.raises(TypeError):
            draw(bare, "attendance", phrases)


def test_the_dots_stand_at_the_published_shares(release, told):
    outcomes = release.tables["outcomes"]
    own = outcomes.loc[(outcomes["outcome"] == "attendance") & outcomes["share"].notna()]
    own = own.loc[own["factor"] != "branch"]
    axes = drawn(told)["shares"].axes[0]
    dots = sorted(line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o")
    assert dots == pytest.approx(sorted(100 * own["share"].astype(float)))


def test_of_a_hundred_dots_as_many_are_dark_as_took_part(told):
    phrases = Phrases(told, "en")
    rows = charts.comparisons(store.table(told, "findings"), "attendance", phrases)
    assert rows and {row["verdict"] for row in rows} <= {"clear", "possible"}
    drawn_axes = drawn(told)["frequencies"].axes
    counts = [[len(dots.get_offsets()) for dots in axes.collections] for axes in drawn_axes]
    wanted = [round(100 * row[name]) for row in rows for name in ("p1", "p0")]
    assert counts == [[number, 100 - number] for number in wanted]
    for axes, number in zip(drawn_axes, wanted, strict=True):
        assert axes.get_xlabel().endswith(f"{number} of 100")


def test_a_bar_begins_at_zero_and_is_as_long_as_its_share(told):
    """Recorded of due in the invented tables: 21 of 24, 23 of 24 and 6 of 8 sessions."""
    bars = drawn(told)["completeness"].axes[0].patches
    lengths = [bar.get_width() for bar in bars]
    assert lengths == pytest.approx([100, 100 * 21 / 24, 100, 100 * 23 / 24, 100, 75])
    assert {bar.get_x() for bar in bars} == {0}


def test_the_same_chart_gives_the_same_bytes_and_the_same_digest(told):
    first, second = drawn(told), drawn(told)
    for name in first:
        assert figures.digest(first[name]) == figures.digest(second[name])
        assert figures.svg(first[name]) == figures.svg(second[name])
        assert figures.png(first[name], 60) == figures.png(second[name], 60)


def test_the_digest_does_not_hang_on_the_settings_of_the_session(told):
    plain = figures.digest(drawn(told)["completeness"])
    with mpl.rc_context({"font.size": 20, "lines.linewidth": 9}):
        assert figures.digest(drawn(told)["completeness"]) == plain


def bar(height: float = 3.0, **changes) -> Figure:
    figure = Figure()
    axes = figure.add_subplot()
    axes.barh([0, 1], [1.0, height], color=changes.get("color", "black"))
    axes.set_xlim(0, changes.get("limit", 10))
    axes.set_xlabel(changes.get("label", "people"))
    return figure


@pytest.mark.parametrize(
    "changed",
    [bar(3.001), bar(limit=11), bar(label="members"), bar(color="red")],
    ids=["height", "limit", "label", "colour"],
)
def test_the_digest_moves_with(changed):
    line = figures.digest(bar())
    assert re.fullmatch(r".+ \| [0-9a-f]{12}", line)
    assert figures.digest(changed).rpartition(" ")[2] != line.rpartition(" ")[2]


def test_lint_finds_a_bar_beyond_the_axis_a_missing_label_and_an_empty_figure():
    assert "beyond_axis" in figures.lint(bar(70, limit=60))
    assert "no_label" in figures.lint(bar(label=""))
    assert figures.lint(Figure()) == ["empty"]


def test_a_drawing_names_no_address_and_no_date(told):
    for figure in drawn(told).values():
        markup = figures.svg(figure)
        assert markup.startswith("<svg") and "http" not in markup and "<metadata" not in markup


# ---------------------------------------------------------------- eyes


def grey(colour: str) -> float:
    """What a grey printer makes of a colour: its relative luminance, 0 black to 1 white."""
    return (1 + 0.05) / contrast("#ffffff", colour) - 0.05


def test_every_ink_of_a_figure_can_be_read_on_what_lies_under_it():
    for ink in (figures.INK, figures.QUIET, figures.BLUE):
        assert contrast(ink, "#ffffff") >= 4.5 and contrast(ink, figures.BAND) >= 4.5


def test_a_mark_differs_from_paper_and_band_in_grey_and_verdicts_differ_in_shape():
    assert grey(figures.BLUE) < 0.2 < 0.7 < grey(figures.BAND) < 1
    shapes = {
        (marker, fill == "white") for marker, fill in [*charts.MARKERS.values(), charts.UNSURE]
    }
    assert len(shapes) == len(charts.MARKERS) + 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_ink_of_a_printed_page_can_be_read(language):
    sheet = paper.of(language)
    assert all(contrast(ink, "#ffffff") >= 4.5 for ink in (sheet.ink, sheet.quiet, sheet.accent))
