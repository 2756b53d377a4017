"""The appendix: charts with their data, method and privacy.

Enters: phrases (findings and a language).
Leaves: blocks.
Refuses: nothing; a table without rows is left out, and its absence said where it matters.
"""

from __future__ import annotations

from engagement.release import captions, changes, charts, figures, statements, store, summary
from engagement.release.document import Block, Column, Figure, Heading, Items, Paragraph, Table
from engagement.release.phrases import Phrases
from engagement.release.summary import primary, total


def charts_with_data(phrases: Phrases) -> tuple[Block, ...]:
    """Shares, differences, branches and sessions."""
    return (
        *_shares(phrases),
        *_contrasts(phrases),
        *_branches(phrases),
        *_sessions(phrases),
    )


def since_last(phrases: Phrases) -> tuple[Block, ...]:
    """This release against the last one; nothing where no share stands in both."""
    kept = phrases.told["changes"]
    if not kept or not kept["rows"]:
        return ()
    heading = Heading(phrases.say("brief.heading.changes"))
    whole, *moved = changes.said(kept, phrases)
    return (heading, Paragraph(whole), *([Items(tuple(moved))] if moved else []))


def method(phrases: Phrases) -> tuple[Block, ...]:
    """How the numbers were made, what the words mean, and what is kept private."""
    heading = Heading(phrases.say("brief.heading.method"))
    return (heading, Items(tuple(_method(phrases)), "note"))


def _shares(phrases: Phrases) -> list[Block]:
    """The shares by factor; nothing where no factor has levels."""
    outcome = primary(phrases)
    own = store.table(phrases.told, "outcomes")
    rows = [row for row in _own(phrases) if row["factor"] != "branch"]
    if not any(row["factor"] for row in rows):
        return []
    name = phrases.opening(phrases.name("outcomes", outcome))
    data = Table(
        caption=phrases.say("table.shares.caption"),
        columns=captions.columns(phrases, "shares", f"factor level {_measures(phrases)}", 2),
        rows=tuple(
            (phrases.factor(row["factor"]), _level(row, phrases), *_counts(row, phrases))
            for row in _by_factor(rows, phrases)
        ),
    )
    drawing = charts.shares(own, outcome, phrases)
    heading = Heading(phrases.say("brief.heading.shares"))
    return [
        heading,
        captions.figure("shares", drawing, data, phrases, outcome=name, **_ends(rows, phrases)),
    ]


def _ends(rows: list[dict], phrases: Phrases) -> dict[str, str]:
    """The total and the ends of what is printed, with their groups: what a chart shows first."""
    whole = next((row["share"] for row in rows if not row["factor"]), None)
    shown = [row for row in rows if row["factor"] and row["share"] is not None]
    low, high = (choose(shown, key=lambda row: row["share"], default=None) for choose in (min, max))
    hidden = {"share": None, "suppressed": True}
    told = {"whole": phrases.percent(whole, suppressed=True)}
    for name, row in (("low", low), ("high", high)):
        told[name] = phrases.percent((row or hidden)["share"], suppressed=True)
        told[f"{name}_at"] = _level(row, phrases) if row else phrases.count(None, suppressed=True)
    return told


def _branches(phrases: Phrases) -> list[Block]:
    """The same numbers by branch: a table alone, since units are not compared by eye."""
    rows = [row for row in _own(phrases) if row["factor"] == "branch"]
    if {row["level"] for row in rows} <= {"unknown"}:
        return []
    name = phrases.opening(phrases.name("outcomes", primary(phrases)))
    heads = captions.columns(phrases, "shares", _measures(phrases), 0)
    cells = tuple((_level(row, phrases), *_counts(row, phrases)) for row in phrases.ordered(rows))
    unit = phrases.factor("branch")
    caption = phrases.say("table.branches.caption", outcome=name, unit=unit.lower())
    return [Table(caption, (Column(unit), *heads), cells)]


def _own(phrases: Phrases) -> list[dict]:
    rows = phrases.told["tables"]["outcomes"]
    return [row for row in rows if row["outcome"] == primary(phrases)]


def _by_factor(rows: list[dict], phrases: Phrases) -> list[dict]:
    names = dict.fromkeys(row["factor"] for row in rows)
    return [
        row for name in names for row in phrases.ordered([r for r in rows if r["factor"] == name])
    ]


def _level(row: dict, phrases: Phrases) -> str:
    return phrases.level(row["factor"], row["level"]) if row["factor"] else phrases.say("brief.all")


def _measures(phrases: Phrases) -> str:
    """The columns of counts: attendances due where the outcome has them, else people."""
    counts = "due attended" if phrases.is_panel(primary(phrases)) else "took_part"
    return f"members {counts} share between"


def _counts(row: dict, phrases: Phrases) -> tuple[str, ...]:
    hidden = row["suppressed"]
    counts = ("members", "due", "attended") if phrases.is_panel(row["outcome"]) else (
        "members", "attended")  # fmt: skip
    return (
        *(phrases.count(row[name], hidden) for name in counts),
        phrases.percent(row["share"], hidden),
        phrases.between(row["conf_low"], row["conf_high"], hidden),
    )


def _contrasts(phrases: Phrases) -> list[Block]:
    outcome = primary(phrases)
    own = store.table(phrases.told, "findings")
    drawn = charts.differences(own, outcome, phrases.told["study"]["roles"])
    listed = [
        row
        for row in phrases.told["tables"]["findings"]
        if row["outcome"] == outcome and summary.is_difference(row, phrases)
    ]
    if not listed:
        return []
    name = phrases.opening(phrases.name("outcomes", outcome))
    data = Table(
        caption=phrases.say("table.contrasts.caption"),
        columns=captions.columns(
            phrases, "contrasts", "factor contrast difference range verdict", 2, last=1
        ),
        rows=tuple(_contrast_row(row, phrases) for row in listed),
    )
    heading = Heading(phrases.say("brief.heading.contrasts"))
    if not drawn:
        return [heading, data]
    band = phrases.points(phrases.told["study"]["smallest_difference"][outcome])
    drawing = charts.contrasts(own, outcome, phrases)
    told = captions.figure("contrasts", drawing, data, phrases, outcome=name, band=band,
                   **_reach(drawn, phrases), **phrases.told["numbers"]["comparisons"])  # fmt: skip
    return [heading, told]


def _reach(drawn: list[dict], phrases: Phrases) -> dict[str, str]:
    """The ends of the differences drawn."""
    low, high = (choose(row["estimate"] for row in drawn) for choose in (min, max))
    return {"low": phrases.points(low), "high": phrases.points(high)}


def _contrast_row(row: dict, phrases: Phrases) -> tuple[str, ...]:
    hidden = not row["released"]
    shown = row["estimate"] is not None
    return (
        phrases.factor(row["term"]),
        phrases.contrast(row["term"], row["contrast"]),
        phrases.points(row["estimate"]) if shown else phrases.count(None, hidden),
        phrases.range(row["conf_low"], row["conf_high"]) if shown else phrases.count(None, hidden),
        phrases.verdict(row["verdict"]),
    )


def _sessions(phrases: Phrases) -> list[Block]:
    rows = phrases.told["numbers"]["sessions"]["by_duty"]
    if not rows:
        return []
    data = Table(
        caption=phrases.say("table.completeness.caption"),
        columns=captions.columns(phrases, "completeness", "duty expected recorded share", 1),
        rows=tuple(
            (
                phrases.name("duties", row["duty_type"]),
                phrases.count(row["expected"]),
                phrases.count(row["recorded"]),
                phrases.percent(row["share"]),
            )
            for row in rows
        ),
    )
    least = min(rows, key=lambda row: row["share"])
    told = {
        "kinds": len(rows),
        "least": phrases.name("duties", least["duty_type"]),
        "share": phrases.percent(least["share"]),
    }
    drawing = charts.completeness(store.table(phrases.told, "completeness"), phrases)
    heading = Heading(phrases.say("brief.heading.completeness"))
    return [heading, captions.figure("completeness", drawing, data, phrases, **told)]


def _method(phrases: Phrases) -> list[str]:
    release = phrases.told["release"]
    whole = total(phrases, primary(phrases)) or {}
    counted = "counted" if phrases.is_panel(primary(phrases)) else "recorded"
    hidden = "suppressed" if release["hidden"] else "unsuppressed"
    model = phrases.say(f"brief.model.{phrases.told['study']['method']}")
    told = [
        phrases.say("brief.method.interval"),
        phrases.say("brief.method.model", method=model),
        phrases.say(
            f"brief.method.{hidden}",
            threshold=release["rules"]["threshold"],
            hidden=phrases.count(release["hidden"]),
            numbers=phrases.count(release["numbers"]),
            mark=phrases.say("suppressed.mark"),
            missing=phrases.say("suppressed.missing"),
        ),
        phrases.say(
            f"brief.method.{'rounded_panel' if phrases.is_panel(primary(phrases)) else 'rounded'}",
            rounding=release["rules"]["rounding"],
            slots=release["rules"]["rounding_slots"],
        ),
        *statements.meanings(phrases),
        phrases.say("brief.method.identity"),
    ]
    if whole.get("members"):
        members = phrases.count(whole["members"])
        told.insert(0, phrases.say(f"brief.method.{counted}", members=members))
    return told


def defects(blocks_: tuple[Block, ...]) -> dict[str, list[str]]:
    """Lint of every figure among the blocks, by its name."""
    return {b.name: figures.lint(b.drawing) for b in blocks_ if isinstance(b, Figure)}
