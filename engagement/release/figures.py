"""Drawing: one calm style, deterministic SVG and PNG, a digest that moves when a bar moves.

Enters: matplotlib figures that charts.py draws from protected tables.
Leaves: SVG text, PNG bytes, one digest line, a list of defects.
Refuses: nothing here; charts.py takes only protected tables.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator

import matplotlib as mpl
import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.textpath import TextPath

from engagement.release import fonts

INK, QUIET, RULE, BLUE, BAND = "#1f2933", "#4b5563", "#c9ced6", "#1f4e79", "#e9ecf1"
WIDTH_INCHES = 6.7
SIZE = 11.5
ROW_INCHES = 0.23
WIDEST_LABELS = 0.6
HEADROOM = 0.06
DIGITS = 6


def style() -> dict:
    """The settings of every figure."""
    return {
        "font.family": [fonts.register()],
        "font.size": SIZE,
        "axes.unicode_minus": True,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": RULE,
        "xtick.color": QUIET,
        "ytick.color": INK,
        "xtick.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "figure.facecolor": "white",
        "svg.fonttype": "none",
        "svg.hashsalt": "engagement",
        "path.simplify": False,
    }


def styled(draw: Callable[..., Figure]) -> Callable[..., Figure]:
    """Draw with our style, whatever the settings of the session."""

    @functools.wraps(draw)
    def drawn(*given: object) -> Figure:
        with mpl.rc_context(style()):
            return draw(*given)

    return drawn


def blank(labels: list[str], bottom: float = 0.56) -> tuple[Figure, Axes]:
    """An empty figure with one row per label, and room for the labels at the left."""
    rows = len(labels)
    left = min(WIDEST_LABELS, max(map(_inches, labels), default=1.0) / WIDTH_INCHES + 0.03)
    height = rows * ROW_INCHES + bottom + HEADROOM
    figure = Figure(figsize=(WIDTH_INCHES, height))
    axes = figure.add_axes((left, bottom / height, 0.90 - left, 1 - (bottom + HEADROOM) / height))
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_yticks(range(rows), labels)
    axes.tick_params(axis="y", length=0, pad=8)
    axes.grid(axis="x", color=BAND, linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def _inches(label: str) -> float:
    """The width of a label as drawn."""
    font = font_manager.FontProperties(family=fonts.register(), size=SIZE + 0.5)
    return TextPath((0, 0), label or " ", prop=font).get_extents().width / 72


def aside(axes: Axes, place: float, text: str) -> None:
    """A value in the column at the right of its row."""
    axes.text(1.02, place, text, transform=axes.get_yaxis_transform(), ha="left", va="center")


def svg(figure: Figure) -> str:
    """The figure as an SVG element to stand in a page: same figure, same bytes."""
    drawn = io.StringIO()
    with mpl.rc_context(style()):
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    markup = drawn.getvalue()
    markup = markup[markup.index("<svg") :]
    markup = re.sub(r"<metadata>.*?</metadata>\s*", "", markup, flags=re.DOTALL)
    markup = re.sub(r'\sxmlns(:xlink)?="[^"]*"', "", markup).replace("xlink:href", "href")
    markup = re.sub(r"<!--.*?-->\s*", "", markup, flags=re.DOTALL)
    return _named(markup, hashlib.sha256(digest(figure).encode()).hexdigest()[:8])


def _named(markup: str, name: str) -> str:
    """Give the ids of this drawing a prefix, so that two drawings can share a page."""
    markup = re.sub(r'id="([^"]+)"', rf'id="f{name}-\1"', markup)
    markup = re.sub(r'href="#([^"]+)"', rf'href="#f{name}-\1"', markup)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#f{name}-\1)", markup)


def png(figure: Figure, dots_per_inch: int = 200) -> bytes:
    """The figure as PNG bytes without date or program name."""
    drawn = io.BytesIO()
    with mpl.rc_context(style()):
        figure.savefig(drawn, format="png", dpi=dots_per_inch, metadata={"Software": None})
    return drawn.getvalue()


def digest(figure: Figure) -> str:
    """One line: what is drawn, and 12 hex digits of a SHA-256 over all of it.

    Covers sizes, titles, axis labels, limits, tick labels, texts, lines, boxes and collections,
    numbers to 6 significant digits.
    """
    with mpl.rc_context(style()):
        figure.draw_without_rendering()
        content = [_rounded(figure.get_size_inches()), [_axes(axes) for axes in figure.axes]]
    code = hashlib.sha256(json.dumps(content, sort_keys=True).encode("utf-8")).hexdigest()[:12]
    first = figure.axes[0] if figure.axes else None
    told = (first.get_title() or first.get_xlabel()) if first else ""
    marks = sum(len(axes.lines) + len(axes.patches) + len(axes.collections) for axes in figure.axes)
    return f"{told} | axes {len(figure.axes)}, marks {marks} | {code}"


def _axes(axes: Axes) -> dict:
    return {
        "labels": [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()],
        "limits": _rounded([*axes.get_xlim(), *axes.get_ylim()]),
        "ticks": [t.get_text() for t in (*axes.get_xticklabels(), *axes.get_yticklabels())],
        "texts": [[t.get_text(), _rounded(t.get_position()), t.get_fontsize()] for t in axes.texts],
        "lines": [
            [_rounded(line.get_xdata()), _rounded(line.get_ydata()), *_look(line)]
            for line in axes.lines
        ],
        "boxes": [
            [_rounded(patch.get_extents().bounds), _colour(patch.get_facecolor())]
            if not hasattr(patch, "get_width")
            else [
                _rounded([*patch.get_xy(), patch.get_width(), patch.get_height()]),
                _colour(patch.get_facecolor()),
            ]
            for patch in axes.patches
        ],
        "collections": [
            [
                _rounded(np.ma.filled(drawn.get_offsets(), np.nan)),
                [_rounded(path.vertices) for path in drawn.get_paths()],
                [_colour(colour) for colour in drawn.get_facecolor()],
            ]
            for drawn in axes.collections
        ],
    }


def _look(line) -> list:
    return [
        _colour(line.get_color()),
        _colour(line.get_markerfacecolor()),
        line.get_linewidth(),
        line.get_markersize(),
        str(line.get_marker()),
        str(line.get_linestyle()),
    ]


def _colour(value: object) -> str:
    return mpl.colors.to_hex(value, keep_alpha=True)


def _rounded(values: object) -> list:
    flat = np.asarray(values, dtype=float).ravel()
    return [float(f"{value:.{DIGITS}g}") if np.isfinite(value) else None for value in flat]


def lint(figure: Figure) -> list[str]:
    """Defects of a figure, as codes; an empty list is good.

    beyond_axis: a bar or mark outside the limits; no_label: an axis without words; clipped: text
    outside the figure; small_text: below 11 pt; no_glyph: a character that the font lacks.
    """
    with mpl.rc_context(style()):
        figure.draw_without_rendering()
    return sorted(set(_defects(figure)))


def _defects(figure: Figure) -> Iterator[str]:
    if not figure.axes or not any(axes.has_data() for axes in figure.axes):
        yield "empty"
    frame = figure.bbox.padded(1)
    for axes in figure.axes:
        if not axes.get_xlabel():
            yield "no_label"
        low, high = sorted(axes.get_xlim())
        for start, end in _extents(axes):
            if start < low - 1e-9 or end > high + 1e-9:
                yield "beyond_axis"
        for text in _texts(axes, low, high):
            box = text.get_window_extent()
            if not (
                frame.containsx(box.x0)
                and frame.containsx(box.x1)
                and frame.containsy(box.y0)
                and frame.containsy(box.y1)
            ):
                yield "clipped"
            if text.get_fontsize() < 11:
                yield "small_text"
            if any(ord(char) not in fonts.characters("sans") for char in text.get_text()):
                yield "no_glyph"


def _texts(axes: Axes, low: float, high: float) -> Iterator[Text]:
    """The texts that are drawn; ticks outside the limits are not."""
    ticks = zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    shown = [label for place, label in ticks if low <= place <= high]
    for text in (*axes.texts, *shown, *axes.get_yticklabels(), axes.xaxis.label):
        if text.get_text() and text.get_visible():
            yield text


def _extents(axes: Axes) -> Iterator[tuple[float, float]]:
    for patch in axes.patches:
        if hasattr(patch, "get_width"):
            yield patch.get_x(), patch.get_x() + patch.get_width()
    for line in axes.lines:
        values = np.asarray(line.get_xdata(), dtype=float)
        if (
            values.size
            and np.isfinite(values).any()
            and not line.get_transform().contains_branch(axes.transAxes)
        ):
            yield np.nanmin(values), np.nanmax(values)
