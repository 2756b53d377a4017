"""After the first page: charts with their data, the plan, records to fix, claims, method.

Enters: phrases (findings and a language).
Leaves: blocks.
Refuses: nothing; a table without rows is left out, and its absence said where it matters.
"""

from __future__ import annotations

from engagement.release import charts, figures, store, summary
from engagement.release.document import Block, Column, Figure, Heading, Items, Paragraph, Table
from engagement.release.phrases import Phrases
from engagement.release.summary import primary, total


def blocks(phrases: Phrases) -> tuple[Block, ...]:
    """The blocks after the first page."""
    return (
        Heading(phrases.say("brief.heading.shares")),
        _shares(phrases),
        *_contrasts(phrases),
        Heading(phrases.say("brief.heading.members")),
        _members(phrases),
        *_sessions(phrases),
        *_plan(phrases),
        *_fix(phrases),
        *_claims(phrases),
        Heading(phrases.say("brief.heading.method")),
        Items(tuple(_method(phrases))),
    )


def _shares(phrases: Phrases) -> Figure:
    outcome = primary(phrases)
    own = store.table(phrases.told, "outcomes")
    rows = [row for row in phrases.told["tables"]["outcomes"] if row["outcome"] == outcome]
    name = phrases.name("outcomes", outcome)
    data = Table(
        caption=phrases.say("table.shares.caption", outcome=name),
        columns=_columns(phrases, "shares", "factor level members due attended share between", 2),
        rows=tuple(_share_row(row, phrases) for row in _by_factor(rows, phrases)),
        note=phrases.say("table.shares.note"),
    )
    return _figure("shares", charts.shares(own, outcome, phrases), data, phrases, outcome=name)


def _by_factor(rows: list[dict], phrases: Phrases) -> list[dict]:
    names = dict.fromkeys(row["factor"] for row in rows)
    return [
        row for name in names for row in phrases.ordered([r for r in rows if r["factor"] == name])
    ]


def _share_row(row: dict, phrases: Phrases) -> tuple[str, ...]:
    hidden = row["suppressed"]
    return (
        phrases.factor(row["factor"]),
        phrases.level(row["factor"], row["level"]) if row["factor"] else phrases.say("brief.all"),
        phrases.count(row["members"], hidden),
        phrases.count(row["due"], hidden),
        phrases.count(row["attended"], hidden),
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
    name = phrases.name("outcomes", outcome)
    data = Table(
        caption=phrases.say("table.contrasts.caption", outcome=name),
        columns=_columns(
            phrases, "contrasts", "factor contrast difference range verdict", 2, last=1
        ),
        rows=tuple(_contrast_row(row, phrases) for row in listed),
        note=phrases.say("table.contrasts.note"),
    )
    heading = Heading(phrases.say("brief.heading.contrasts"))
    if not drawn:
        return [heading, data]
    band = phrases.points(phrases.told["study"]["smallest_difference"][outcome])
    drawing = charts.contrasts(own, outcome, phrases)
    return [heading, _figure("contrasts", drawing, data, phrases, outcome=name, band=band)]


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


def _members(phrases: Phrases) -> Figure:
    rows = [row for row in phrases.told["tables"]["members"] if row["factor"]]
    whole = next(row for row in phrases.told["tables"]["members"] if not row["factor"])
    data = Table(
        caption=phrases.say("table.members.caption"),
        columns=_columns(phrases, "members", "factor level members", 2),
        rows=tuple(
            (
                phrases.factor(row["factor"]),
                phrases.level(row["factor"], row["level"]),
                phrases.count(row["members"], row["suppressed"]),
            )
            for row in _by_factor(rows, phrases)
        ),
    )
    drawing = charts.members(store.table(phrases.told, "members"), phrases)
    return _figure("members", drawing, data, phrases, members=phrases.count(whole["members"]))


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
        columns=_columns(phrases, "completeness", "duty expected recorded share", 1),
        rows=tuple(
            (phrases.name("duties", duty), phrases.count(expected), phrases.count(recorded),
             phrases.percent(recorded / expected))
            for duty, (expected, recorded) in sums.items()
            if expected
        ),
    )  # fmt: skip
    drawing = charts.completeness(store.table(phrases.told, "completeness"), phrases)
    heading = Heading(phrases.say("brief.heading.completeness"))
    return [heading, _figure("completeness", drawing, data, phrases)]


def _plan(phrases: Phrases) -> list[Block]:
    rows = phrases.told["tables"]["plan"]
    if not rows:
        return []
    table = Table(
        caption=phrases.say("table.plan.caption"),
        columns=_columns(phrases, "plan", "segment measure hours month grade", 2, last=2),
        rows=tuple(
            (
                summary.segment(row, phrases),
                phrases.name("measures", row["measure"]),
                phrases.decimal(row["hours"], row["suppressed"]),
                phrases.month(row["month"]),
                phrases.say(f"brief.grade.{row['grade'] if row['segment'] else 'precondition'}"),
            )
            for row in rows
        ),
        note=phrases.say(
            "table.plan.note", owner=phrases.told["labels"]["owner"][phrases.language]
        ),
    )
    return [Heading(phrases.say("brief.heading.plan")), table]


def _fix(phrases: Phrases) -> list[Block]:
    """Where sessions are missing from the records: by duty and branch."""
    heading = Heading(phrases.say("brief.heading.fix"))
    rows = [
        row for row in summary.sessions(phrases) if (row["recorded"] or 0) < (row["expected"] or 0)
    ]
    if not rows:
        return [heading, Paragraph(phrases.say("brief.fix.none"))]
    table = Table(
        caption=phrases.say("table.fix.caption"),
        columns=_columns(phrases, "fix", "duty branch expected recorded lacking", 2),
        rows=tuple(
            (
                phrases.name("duties", row["duty_type"]),
                phrases.level("branch", row["branch"])
                if row["branch"]
                else phrases.say("brief.all"),
                phrases.count(row["expected"]),
                phrases.count(row["recorded"]),
                phrases.count(row["expected"] - row["recorded"]),
            )
            for row in rows
        ),
        note=phrases.say("table.fix.note"),
    )
    return [heading, table]


def _claims(phrases: Phrases) -> list[Block]:
    claims = phrases.told["claims"]
    if not claims:
        return []
    table = Table(
        caption=phrases.say("table.claims.caption"),
        columns=_columns(phrases, "claims", "claim verdict reason", 3),
        rows=tuple(
            (
                claim["text"][phrases.language],
                phrases.verdict(claim["verdict"]),
                phrases.say(f"brief.claim.{claim['verdict'] or 'cannot_be_told'}"),
            )
            for claim in claims
        ),
    )
    return [Heading(phrases.say("brief.heading.claims")), table]


def _method(phrases: Phrases) -> list[str]:
    release = phrases.told["release"]
    whole = total(phrases, primary(phrases)) or {}
    told = [
        phrases.say("brief.method.interval"),
        phrases.say("brief.method.model", method=phrases.say(
            f"brief.model.{phrases.told['study']['method']}")),
        phrases.say(
            "brief.method.suppressed",
            threshold=release["rules"]["threshold"],
            hidden=phrases.count(release["hidden"]),
            numbers=phrases.count(release["numbers"]),
            mark=phrases.say("suppressed.mark"),
            missing=phrases.say("suppressed.missing"),
        ),
        phrases.say("brief.method.identity"),
    ]  # fmt: skip
    if whole:
        told.insert(0, phrases.say("brief.method.counted", members=phrases.count(whole["members"])))
    return told


def _columns(
    phrases: Phrases, table: str, names: str, texts: int, last: int = 0
) -> tuple[Column, ...]:
    """Column heads; the first `texts` and the `last` columns hold words, the others numbers."""
    keys = names.split()
    numbers = range(texts, len(keys) - last)
    return tuple(
        Column(phrases.say(f"table.{table}.{key}"), "number" if place in numbers else "text")
        for place, key in enumerate(keys)
    )


def _figure(name: str, drawing, data: Table, phrases: Phrases, **values: object) -> Figure:
    """The figure with its words: what it shows, then every row of its data."""
    gap = phrases.say("figure.alt.gap")
    rows = phrases.say("figure.alt.row").join(gap.join(row) for row in data.rows)
    caption = phrases.say(f"figure.{name}.caption", **values)
    alt = phrases.say("figure.alt.whole", caption=caption, rows=rows)
    return Figure(name, drawing, caption, alt, data)


def defects(blocks_: tuple[Block, ...]) -> dict[str, list[str]]:
    """Lint of every figure among the blocks, by its name."""
    return {b.name: figures.lint(b.drawing) for b in blocks_ if isinstance(b, Figure)}
