"""What stands in the way, the plan, its calendar, what to drop first, and how next year will tell.

Enters: phrases (findings and a language).
Leaves: blocks.
Refuses: nothing; a study without a plan has no such blocks.
"""

from __future__ import annotations

from engagement.release import calendar, captions, charts, store, summary
from engagement.release.document import Block, Heading, Items, Paragraph, Table
from engagement.release.phrases import Phrases

SURVEY = "anonymous_survey"
SURE = ("supported", "not_supported")
LOWEST = 0.1


def blocks(phrases: Phrases) -> tuple[Block, ...]:
    """The plan, and how next year will tell: what a committee decides on."""
    return (*_plan(phrases), *_pilot(phrases))


def detail(phrases: Phrases) -> tuple[Block, ...]:
    """What stands behind the plan: the ladder, the calendar, and what to drop first."""
    rows = phrases.told["tables"]["plan"]
    if not rows:
        return tuple(_ladder(phrases))
    months = Heading(phrases.say("brief.heading.calendar"))
    return (*_ladder(phrases), months, *_calendar(phrases), _dropped(rows, phrases))


def _ladder(phrases: Phrases) -> list[Block]:
    """What the records say of each rung, in words alone."""
    rows = phrases.told["tables"]["ladder"]
    if not rows or not phrases.told["labels"]["segments"]:
        return []
    table = Table(
        caption=phrases.say("table.ladder.caption"),
        columns=captions.columns(phrases, "ladder", "barrier verdict needed", 3),
        rows=tuple(
            (
                phrases.opening(phrases.name("barriers", row["barrier"])),
                phrases.verdict(row["verdict"]),
                needed(row["column_needed"], phrases),
            )
            for row in rows
        ),
        note=phrases.say("table.ladder.note"),
    )
    return [Heading(phrases.say("brief.heading.ladder")), table]


def needed(names: str, phrases: Phrases) -> str:
    """The records that would let a rung be tested."""
    told = [
        phrases.say("ladder.survey") if name == SURVEY else phrases.name("fields", name)
        for name in names.split()
    ]
    return phrases.say("brief.comma").join(told) or phrases.say("suppressed.missing")


def _plan(phrases: Phrases) -> list[Block]:
    rows = phrases.told["tables"]["plan"]
    if not rows:
        return []
    table = Table(
        caption=phrases.say("table.plan.caption"),
        columns=captions.columns(phrases, "plan", "segment measure hours month grade", 2, last=2),
        rows=tuple(
            (
                summary.segment(row, phrases),
                phrases.name("measures", row["measure"]),
                phrases.count(row["hours"], row["suppressed"]),
                phrases.month(row["month"]),
                grade(row, phrases),
            )
            for row in rows
        ),
        note=phrases.say("table.plan.note", owner=summary.owner(phrases)),
    )
    return [
        Heading(phrases.say("brief.heading.plan")),
        Paragraph(hours(phrases)),
        table,
    ]


def grade(row: dict, phrases: Phrases) -> str:
    """What is known elsewhere of an offer; a precondition is no offer."""
    return phrases.say(f"brief.grade.{row['grade'] if row['segment'] else 'precondition'}")


def hours(phrases: Phrases) -> str:
    """The hours that the plan takes, of those declared, and the edition that it belongs to."""
    edition = phrases.told["study"].get("edition") or "year"
    return phrases.paragraph(
        [
            phrases.say(f"edition.{edition}"),
            phrases.say(
                "brief.plan.hours",
                used=phrases.count(phrases.told["numbers"]["hours"]["known"]),
                available=phrases.count(phrases.told["study"]["staff_hours"]),
                months=phrases.count(phrases.told["study"]["plan_months"]),
            ),
        ]
    )


def _calendar(phrases: Phrases) -> list[Block]:
    rows = calendar.rows(phrases.told["tables"]["plan"])
    months = calendar.months(rows)
    data = Table(
        caption=phrases.say("table.calendar.caption"),
        columns=captions.columns(phrases, "calendar", "measure month until hours", 3),
        rows=tuple(
            (
                phrases.name("measures", row["measure"]),
                *(phrases.month(row[name]) for name in ("month", "until")),
                phrases.decimal(row["monthly"], row["suppressed"]),
            )
            for row in rows
        ),
    )
    drawing = charts.calendar(store.table(phrases.told, "plan"), phrases)
    first, last = (phrases.month(months[end]) for end in (0, -1))
    told = {"first": first, "last": last, "offers": len(rows)}
    return [captions.figure("calendar", drawing, data, phrases, **told)]


def _dropped(rows: list[dict], phrases: Phrases) -> Table:
    """What to drop first when there are fewer hours than declared."""
    order = sorted(rows, key=lambda row: -row["kept_at"])
    return Table(
        caption=phrases.say("table.dropped.caption"),
        columns=captions.columns(phrases, "dropped", "measure segment hours kept", 2, last=1),
        rows=tuple(
            (
                phrases.name("measures", row["measure"]),
                summary.segment(row, phrases),
                phrases.count(row["hours"], row["suppressed"]),
                kept(row["kept_at"], phrases),
            )
            for row in order
        ),
        note=phrases.say("table.dropped.note"),
    )


def kept(share: float, phrases: Phrases) -> str:
    """Down to which part of the hours an offer stays in the plan."""
    if share >= 1:
        return phrases.say("brief.plan.kept_first")
    if share <= LOWEST:
        return phrases.say("brief.plan.kept_always")
    return phrases.say("brief.plan.kept", share=phrases.percent(share))


def _pilot(phrases: Phrases) -> list[Block]:
    """Last year's verdict, and what is laid down for the coming year."""
    told = [_verdict(row, phrases) for row in phrases.told["tables"]["evaluation"]]
    laid_down = phrases.told.get("pilot")
    if laid_down is not None:
        told += protocol(laid_down, phrases)
    return [Heading(phrases.say("brief.heading.pilot")), Items(tuple(told), "note")] if told else []


def _verdict(row: dict, phrases: Phrases) -> str:
    values = {
        "measure": phrases.name("measures", row["measure"]),
        "verdict": phrases.verdict(row["verdict"]),
        "smallest": phrases.points(row["smallest_difference"]),
    }
    if row["suppressed"] or row["estimate"] is None:
        return phrases.say("pilot.evaluated_hidden", **values)
    numbers = {name: phrases.points(row[name]) for name in ("estimate", "conf_low", "conf_high")}
    sizes = {name: phrases.count(row[name]) for name in ("offered", "others")}
    unit = "groups" if row["design"] == "stepped_wedge" else "members"
    return phrases.say(f"pilot.evaluated_{unit}", **values, **numbers, **sizes)


def protocol(laid_down: dict, phrases: Phrases) -> list[str]:
    """What a protocol lays down, in three sentences."""
    language = phrases.language
    detectable = laid_down["detectable"]
    seen = "pilot.detectable" if detectable is not None else "pilot.undetectable"
    worth = laid_down["worth"]
    return [
        phrases.say(
            f"pilot.design.{laid_down['design']}",
            measure=laid_down["measure_label"][language],
            segment=laid_down["segment_label"][language],
            first=phrases.month(laid_down["from"]),
            last=phrases.month(laid_down["to"]),
        ),
        phrases.say(seen, gap=phrases.points(detectable or 0)),
        phrases.say(
            "pilot.worth",
            hours=phrases.count(laid_down["hours"]),
            smallest=phrases.points(laid_down["smallest_difference"]),
            low=phrases.points(worth["range"][0]),
            high=phrases.points(worth["range"][1]),
            helped=phrases.percent(worth["helped"]),
            freed=phrases.percent(worth["did_not_help"]),
        ),
        phrases.say("pilot.registered", id=laid_down["id"][: store.SHOWN_DIGITS]),
    ]
