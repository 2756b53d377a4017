"""The charts of the brief, each from one protected table.

Enters: a protected table of a Release (or of findings.json), and the phrases of a language.
Leaves: matplotlib figures: shares from zero, n in every label, readable in grey.
Refuses: any table that does not come from a Release (TypeError).
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
from matplotlib.figure import Figure

from engagement.release import calendar as months
from engagement.release import disclosure, figures
from engagement.release.figures import BAND, BLUE, QUIET, RULE
from engagement.release.phrases import Phrases

MARKERS = {"clear": ("o", BLUE), "possible": ("D", BLUE), "no_important": ("s", BLUE)}
UNSURE = ("o", "white")
SQUARE_INCHES = 1.35


@figures.styled
def shares(outcomes: pd.DataFrame, outcome: str, phrases: Phrases) -> Figure:
    """Share by level of each factor: a dot with its interval, n in the label. Not by branch."""
    rows = _rows(disclosure.require(outcomes), outcome, phrases)
    figure, axes = figures.blank([row["label"] for row in rows])
    total = outcomes.loc[(outcomes["outcome"] == outcome) & (outcomes["factor"] == ""), "share"]
    if total.notna().any():
        axes.axvline(100 * total.iloc[0], color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
    for place, row in enumerate(rows):
        if row["heading"]:
            continue
        if _absent(row["share"]):
            axes.text(1, place, phrases.say("figure.not_shown"), va="center", color=QUIET, size=11)
            continue
        ends = [100 * row["conf_low"], 100 * row["conf_high"]]
        axes.plot(ends, [place, place], color=BLUE, linewidth=2, solid_capstyle="butt")
        axes.plot(100 * row["share"], place, "o", color=BLUE, markersize=8)
        figures.aside(axes, place, phrases.percent(row["share"]))
    _colour_headings(axes, rows)
    kind = "panel" if phrases.is_panel(outcome) else "list"
    _share_axis(axes, phrases.say(f"figure.shares.{kind}"))
    return figure


def _rows(table: pd.DataFrame, outcome: str, phrases: Phrases) -> list[dict]:
    """A heading per factor, then its levels in the study's order."""
    chosen = (table["outcome"] == outcome) & (table["factor"] != "branch")
    own = table.loc[chosen].to_dict("records")
    shown = []
    for factor in dict.fromkeys(row["factor"] for row in own):
        levels = phrases.ordered([row for row in own if row["factor"] == factor])
        if factor:
            shown.append({"heading": True, "label": phrases.factor(factor)})
        shown += [{**row, "heading": False, "label": _with_n(row, phrases)} for row in levels]
    return shown


def _with_n(row: dict, phrases: Phrases) -> str:
    level = phrases.level(row["factor"], row["level"]) if row["factor"] else phrases.factor("")
    members = None if _absent(row["members"]) else row["members"]
    return phrases.say("figure.with_n", label=level, n=phrases.count(members, suppressed=True))


@figures.styled
def contrasts(findings: pd.DataFrame, outcome: str, phrases: Phrases) -> Figure:
    """Differences between levels with their intervals, and the band of no importance."""
    disclosure.require(findings)
    shown = differences(findings, outcome, phrases.told["study"]["roles"])
    rows = _headed(shown, phrases)
    figure, axes = figures.blank([row["label"] for row in rows])
    band = 100 * phrases.told["study"]["smallest_difference"][outcome]
    axes.axvspan(-band, band, color=BAND, zorder=0)
    axes.axvline(0, color=QUIET, linewidth=1)
    for place, row in enumerate(rows):
        if row["heading"]:
            continue
        marker, fill = MARKERS.get(row["verdict"], UNSURE)
        ends = [100 * row["conf_low"], 100 * row["conf_high"]]
        axes.plot(ends, [place, place], color=BLUE, linewidth=2, solid_capstyle="butt")
        axes.plot(
            100 * row["estimate"],
            place,
            marker,
            markersize=8,
            markerfacecolor=fill,
            markeredgecolor=BLUE,
            markeredgewidth=1.6,
        )
        figures.aside(axes, place, phrases.points(row["estimate"]))
    reach = max(
        [band, *(abs(100 * row[end]) for row in shown for end in ("conf_low", "conf_high"))]
    )
    limit = min(100, 10 * (reach // 10 + 1))
    axes.set_xlim(-limit, limit)
    _colour_headings(axes, rows)
    axes.set_xlabel(phrases.say("figure.contrasts.axis"))
    axes.spines["bottom"].set_color(RULE)
    return figure


def _headed(shown: list[dict], phrases: Phrases) -> list[dict]:
    """The differences under the name of their factor."""
    rows = []
    for factor in dict.fromkeys(row["term"] for row in shown):
        rows.append({"heading": True, "label": phrases.factor(factor)})
        own = [row for row in shown if row["term"] == factor]
        rows += [
            {**row, "heading": False, "label": phrases.contrast(factor, row["contrast"])}
            for row in own
        ]
    return rows


def differences(findings: pd.DataFrame, outcome: str, factors: Iterable[str]) -> list[dict]:
    """The released differences of `outcome`, in the order of the table."""
    kept = findings.loc[
        (findings["outcome"] == outcome)
        & (findings["estimand"] == "risk_difference")
        & findings["term"].isin(list(factors))
        & findings["released"]
        & findings["conf_low"].notna()
    ]
    return kept.to_dict("records")


@figures.styled
def frequencies(findings: pd.DataFrame, outcome: str, phrases: Phrases) -> Figure:
    """Two squares of a hundred dots per comparison: of 100 like A so many, of 100 like B so many.

    Comparisons of two levels of primary factors whose difference can be told; all of them where
    none can.
    """
    shown = comparisons(disclosure.require(findings), outcome, phrases)
    figure = Figure(figsize=(figures.WIDTH_INCHES, SQUARE_INCHES * max(len(shown), 1) + 0.35))
    for place, row in enumerate(shown):
        sides = zip(row["contrast"].split("|"), (row["p1"], row["p0"]), strict=True)
        for side, (level, share) in enumerate(sides):
            axes = figure.add_subplot(max(len(shown), 1), 2, 2 * place + side + 1)
            _hundred(axes, round(100 * share))
            label = phrases.level(row["term"], level)
            size = phrases.size(outcome, row["term"], level)
            named = phrases.say("figure.with_n", label=label, n=size)
            dots = phrases.say("figure.frequencies.of_hundred", label=named, n=round(100 * share))
            axes.set_xlabel(dots, color=figures.INK)
    figure.subplots_adjust(left=0.02, right=0.98, top=0.98, bottom=0.12, hspace=0.45, wspace=0.15)
    return figure


def comparisons(findings: pd.DataFrame, outcome: str, phrases: Phrases) -> list[dict]:
    """The comparisons that `frequencies` draws."""
    roles = phrases.told["study"]["roles"]
    primary = [name for name, role in roles.items() if role == "primary"]
    rows = [
        row
        for row in differences(findings, outcome, primary)
        if row["contrast"].partition("|")[2] and phrases.is_counted(outcome, row["term"])
    ]
    told = [row for row in rows if row["verdict"] in ("clear", "possible")]
    return told or rows


def _hundred(axes, filled: int) -> None:
    """A hundred dots in five rows of twenty, the first `filled` of them dark."""
    places = [(number % 20, -(number // 20)) for number in range(100)]
    for chosen, colour in ((places[:filled], BLUE), (places[filled:], "white")):
        if chosen:
            axes.scatter(*zip(*chosen, strict=True), s=48, color=colour, edgecolor=BLUE)
    axes.set_xlim(-0.8, 19.8)
    axes.set_ylim(-4.8, 0.8)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines["bottom"].set_visible(False)


@figures.styled
def completeness(table: pd.DataFrame, phrases: Phrases) -> Figure:
    """Sessions recorded of those expected, by duty."""
    own = disclosure.require(table)
    sums = (
        own.loc[own["test"] == "sessions"]
        .groupby("duty_type", sort=False)[["expected", "recorded"]]
        .sum()
    )
    sums = sums.loc[sums["expected"] > 0]
    labels = [
        phrases.say(
            "figure.duty",
            duty=phrases.name("duties", duty),
            recorded=phrases.count(row["recorded"]),
            expected=phrases.count(row["expected"]),
        )
        for duty, row in sums.iterrows()
    ]
    figure, axes = figures.blank(labels)
    for place, share in enumerate(100 * sums["recorded"] / sums["expected"]):
        axes.barh(place, 100, height=0.56, color="white", edgecolor=RULE, linewidth=1)
        axes.barh(place, min(share, 100.0), height=0.56, color=BLUE)
    _share_axis(axes, phrases.say("figure.completeness.axis"))
    return figure


@figures.styled
def calendar(plan: pd.DataFrame, phrases: Phrases) -> Figure:
    """When each offer of the plan is worked on: a bar from its first month to its last."""
    rows = disclosure.require(plan).to_dict("records")
    names = months.months(rows)
    labels = [phrases.name("measures", row["measure"]) for row in rows]
    figure, axes = figures.blank(labels)
    for place, row in enumerate(rows):
        start, end = names.index(row["month"]), names.index(row["until"])
        whole = not row["segment"]
        axes.barh(
            place, end - start + 1, left=start, height=0.56, color="white" if whole else BLUE,
            edgecolor=BLUE, linewidth=1,
        )  # fmt: skip
    axes.set_xlim(0, len(names))
    ticks = [str(int(name[5:])) for name in names]
    axes.set_xticks([place + 0.5 for place in range(len(names))], ticks)
    axes.tick_params(axis="x", length=0)
    axes.set_xlabel(phrases.say("figure.calendar.axis"))
    return figure


def _colour_headings(axes, rows: list[dict]) -> None:
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        if row["heading"]:
            label.set_color(BLUE)
            label.set_fontsize(figures.SIZE + 0.5)


def _share_axis(axes, label: str) -> None:
    axes.set_xlim(0, 100)
    axes.set_xticks(range(0, 101, 20), [f"{tick}%" for tick in range(0, 101, 20)])
    axes.set_xlabel(label)


def _absent(value: object) -> bool:
    return value is None or bool(pd.isna(value))
