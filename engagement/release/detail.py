"""After the first page: charts with their data, the plan, records to fix, claims, method.

Enters: phrases (findings and a language).
Leaves: blocks.
Refuses: nothing; a table without rows is left out, and its absence said where it matters.
"""

from __future__ import annotations

from engagement.release import captions, charts, figures, planned, statements, store, summary
from engagement.release.document import Block, Column, Figure, Heading, Items, Paragraph, Table
from engagement.release.phrases import Phrases
from engagement.release.summary import primary, total


def blocks(phrases: Phrases) -> tuple[Block, ...]:
    """The blocks after the first page."""
    return (
        *_shares(phrases),
        *_contrasts(phrases),
        *_branches(phrases),
        *_sessions(phrases),
        *_fix(phrases),
        *statements.table(phrases),
        *planned.blocks(phrases),
        Heading(phrases.say("brief.heading.method")),
        Items(tuple(_method(phrases))),
    )


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
    return [heading, captions.figure("shares", drawing, data, phrases, outcome=name)]


def _branches(phrases: Phrases) -> list[Block]:
    """The same numbers by branch: a table alone, since units are not compared by eye."""
    rows = [row for row in _own(phrases) if row["factor"] == "branch"]
    if {row["level"] for row in rows} <= {"unknown"}:
        return []
    name = phrases.opening(phrases.name("outcomes", primary(phrases)))
    columns = (
        Column(phrases.say("table.branches.level")),
        *captions.columns(phrases, "shares", _measures(phrases), 0),
    )
    cells = tuple((_level(row, phrases), *_counts(row, phrases)) for row in phrases.ordered(rows))
    return [Table(phrases.say("table.branches.caption", outcome=name), columns, cells)]


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
    return [heading, captions.figure("contrasts", drawing, data, phrases, outcome=name, band=band)]


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
    rows = summary.sessions(phrases)
    if not rows:
        return []
    sums: dict[str, list] = {}
    for row in rows:
        expected, recorded = sums.get(row["duty_type"], (0, 0))
        sums[row["duty_type"]] = [expected + (row["expected"] or 0),
                                  recorded + (row["recorded"] or 0)]  # fmt: skip
    data = Table(
        caption=phrases.say("table.completeness.caption"),
        columns=captions.columns(phrases, "completeness", "duty expected recorded share", 1),
        rows=tuple(
            (phrases.name("duties", duty), phrases.count(expected), phrases.count(recorded),
             phrases.percent(recorded / expected))
            for duty, (expected, recorded) in sums.items()
            if expected
        ),
    )  # fmt: skip
    drawing = charts.completeness(store.table(phrases.told, "completeness"), phrases)
    heading = Heading(phrases.say("brief.heading.completeness"))
    return [heading, captions.figure("completeness", drawing, data, phrases)]


def _fix(phrases: Phrases) -> list[Block]:
    """Where sessions are missing from the records: by duty and branch."""
    if not summary.sessions(phrases):
        return []
    heading = Heading(phrases.say("brief.heading.fix"))
    rows = _missing(phrases)
    if not rows:
        return [heading, Paragraph(phrases.say("brief.fix.none"))]
    table = Table(
        caption=phrases.say("table.fix.caption"),
        columns=captions.columns(phrases, "fix", "duty branch expected recorded lacking", 2),
        rows=tuple(
            (
                phrases.name("duties", duty),
                place,
                *map(phrases.count, (expected, recorded, expected - recorded)),
            )
            for duty, place, expected, recorded in rows
        ),
        note=phrases.say("table.fix.note"),
    )
    return [heading, table]


def _missing(phrases: Phrases) -> list[tuple]:
    """Duty, branch, due, recorded; one row for all branches where none has a record."""
    found = []
    by_duty: dict[str, list] = {}
    for row in summary.sessions(phrases):
        by_duty.setdefault(row["duty_type"], []).append(
            (row["branch"], row["expected"] or 0, row["recorded"] or 0)
        )
    for duty, rows in by_duty.items():
        expected, recorded = (sum(row[place] for row in rows) for place in (1, 2))
        if len(rows) > 1 and not recorded:
            found.append((duty, phrases.say("brief.fix.everywhere"), expected, recorded))
            continue
        for branch, due, held in rows:
            if held < due:
                place = phrases.level("branch", branch) if branch else phrases.say("brief.all")
                found.append((duty, place, due, held))
    return found


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
        phrases.say("brief.method.identity"),
    ]
    if whole.get("members"):
        members = phrases.count(whole["members"])
        told.insert(0, phrases.say(f"brief.method.{counted}", members=members))
    return told


def defects(blocks_: tuple[Block, ...]) -> dict[str, list[str]]:
    """Lint of every figure among the blocks, by its name."""
    return {b.name: figures.lint(b.drawing) for b in blocks_ if isinstance(b, Figure)}
