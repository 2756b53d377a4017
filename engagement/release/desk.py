"""Figures for the analyst's own eyes: from counts that are not protected, and never released.

Enters: tables of the count level (calendar, specifications), the study, a language.
Leaves: matplotlib figures that say that they stay inside; no document takes them.
Refuses: tables of persons; a month and duty with fewer people than the tier's threshold is hidden.
"""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from engagement import codebook, labels, tables, words
from engagement.release import figures
from engagement.release.figures import BAND, BLUE, QUIET, RULE
from engagement.study import Study

# Ink on the darkest square still has a contrast of 4.5 to 1.
LIGHT, DARK = np.array([0.95, 0.96, 0.98]), np.array([0.46, 0.57, 0.67])
CELL = 0.42
MARGIN = 0.02
USUAL = ("complete", "recorded")


@figures.styled
def calendar(table: pd.DataFrame, study: Study, language: str) -> Figure:
    """Share attended by month and duty as a heat map; the darker, the more of what was due came.

    Every square holds its percentage; a square with too few people on either side is hatched.
    """
    rows = hidden(tables.check(table, "calendar"), study)
    months = sorted(set(rows["month"]))
    duties = list(dict.fromkeys(rows["duty_type"]))
    figure, axes = figures.blank([_duty(duty, rows, study, language) for duty in duties], 0.75)
    _taller(figure, len(duties))
    low, high = rows["share"].min() // 0.1 / 10, rows["share"].max() // 0.1 / 10 + 0.1
    for row in rows.to_dict("records"):
        place = months.index(row["month"]), duties.index(row["duty_type"])
        _square(axes, place, row["share"], (row["share"] - low) / (high - low))
    axes.set_xlim(-0.5, len(months) - 0.5)
    axes.set_xticks(range(len(months)), [_month(month, language) for month in months])
    axes.grid(visible=False)
    axes.set_xlabel(words.text("desk.calendar.axis", language, inside=_inside(language)))
    return figure


def _taller(figure: Figure, rows: int) -> None:
    """Squares need more height than lines of text."""
    width, height = figure.get_size_inches()
    axes = figure.axes[0]
    left, bottom = axes.get_position().bounds[:2]
    needed = rows * CELL + bottom * height + figures.HEADROOM
    figure.set_size_inches(width, needed)
    axes.set_position(
        (left + MARGIN, bottom * height / needed, 0.99 - left - MARGIN, rows * CELL / needed)
    )


def hidden(table: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The calendar with its share, missing where fewer than the threshold came, or stayed away."""
    threshold = codebook.tiers()[study.tier]["threshold"]
    sides = pd.concat(
        [table["members"], table["attended"], table["due"] - table["attended"]], axis=1
    )
    shown = (sides >= threshold).all(axis=1)
    return table.assign(share=(table["attended"] / table["due"]).where(shown))


def _square(axes, place: tuple[int, int], share: float, depth: float) -> None:
    column, row = place
    known = not np.isnan(share)
    axes.add_patch(
        Rectangle(
            (column - 0.47, row - 0.46),
            0.94,
            0.92,
            facecolor=tuple(LIGHT + (DARK - LIGHT) * depth) if known else "white",
            edgecolor=RULE,
            hatch=None if known else "///",
            linewidth=0.6,
        )
    )
    if known:
        number = f"{100 * share:.0f}"
        axes.text(column, row, number, ha="center", va="center", color=figures.INK)


def _duty(duty: str, rows: pd.DataFrame, study: Study, language: str) -> str:
    own = rows[rows["duty_type"] == duty]
    name = labels.of(study, "duty_type", language).get(duty, duty)
    return words.text("figure.with_n", language, label=name, n=words.count(own["members"].max()))


def _month(iso: str, language: str) -> str:
    date = datetime.date.fromisoformat(f"{iso}-01")
    return words.text("desk.month", language, month=date.month)


def _inside(language: str) -> str:
    return words.label("desk.inside", language)


@figures.styled
def curve(table: pd.DataFrame, study: Study, language: str) -> Figure:
    """One contrast under every specification, from the lowest difference to the highest.

    Each row names its choices; the declared one is filled, the others are open; the grey band
    holds differences of no importance.
    """
    rows = ordered(tables.check(table, "specifications"))
    figure, axes = figures.blank([choices(row, study, language) for row in rows])
    band = 100 * study.outcomes[rows[0]["outcome"]].smallest_difference
    axes.axvspan(-band, band, color=BAND, zorder=0)
    axes.axvline(0, color=QUIET, linewidth=1)
    for place, row in enumerate(rows):
        ends = [100 * row["conf_low"], 100 * row["conf_high"]]
        axes.plot(ends, [place, place], color=BLUE, linewidth=2, solid_capstyle="butt")
        fill = BLUE if row["declared"] else "white"
        axes.plot(
            100 * row["estimate"],
            place,
            "o",
            markersize=8,
            markerfacecolor=fill,
            markeredgecolor=BLUE,
            markeredgewidth=1.6,
        )
        figures.aside(axes, place, words.number(100 * row["estimate"], 0))
    reach = max([band, *(abs(100 * row[end]) for row in rows for end in ("conf_low", "conf_high"))])
    limit = min(100, 10 * (reach // 10 + 1))
    axes.set_xlim(-limit, limit)
    axes.set_xlabel(words.text("desk.curve.axis", language, inside=_inside(language)))
    axes.spines["bottom"].set_color(RULE)
    return figure


def ordered(table: pd.DataFrame) -> list[dict]:
    """The specifications that could be carried, by their difference."""
    carried = table[table["estimate"].notna()]
    return carried.sort_values("estimate", kind="stable").to_dict("records")


def choices(row: dict, study: Study, language: str) -> str:
    """What was chosen in one specification, in words; what is as usual goes without saying."""
    comma, gap = words.label("brief.comma", language), words.label("figure.alt.row", language)
    held = comma.join(_factor(term, study, language) for term in row["adjusted"].split())
    told = [words.text(f"desk.curve.{'held' if held else 'plain'}", language, factors=held)]
    codes = [code for code in (row["missing"], row["counted_as"]) if code not in USUAL]
    told += [_choice(code, study, language) for code in codes]
    return gap.join(told)


def _choice(code: str, study: Study, language: str) -> str:
    if code in study.outcomes:
        return study.outcomes[code].label[language]
    return words.label(f"desk.choice.{code}", language)


def _factor(term: str, study: Study, language: str) -> str:
    """The name of an adjusting term inside a sentence."""
    name = study.factors[term].label[language] if term in study.factors else term
    return name[:1].lower() + name[1:] if language == "en" else name
