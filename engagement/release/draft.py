"""A draft in the four parts of a work report, with the right numbers, for the secretary to edit.

Enters: phrases (findings and a language).
Leaves: blocks; brackets stand where only people know what to write.
Refuses: nothing; reasons are never stated, and what is hidden carries its mark.
"""

from __future__ import annotations

from engagement.release import summary
from engagement.release.document import Block, Heading, Items, PageBreak, Paragraph
from engagement.release.phrases import Phrases

TOLD = ("clear", "possible")


def blocks(phrases: Phrases) -> tuple[Block, ...]:
    """Situation, work done, problems, measures: a report to be completed and signed."""
    return (
        PageBreak(),
        Heading(phrases.say("brief.heading.draft")),
        Paragraph(phrases.say("brief.draft.note"), "note"),
        *_part("situation", [Paragraph(text) for text in _situation(phrases)], phrases),
        *_part("work", [Paragraph(text) for text in _work(phrases)], phrases),
        *_part("problems", [Items(tuple(_problems(phrases)))], phrases),
        *_part("measures", [Items(tuple(_measures(phrases)))], phrases),
        Paragraph(phrases.say("brief.draft.signed", organisation=_organisation(phrases)), "signed"),
    )


def _part(name: str, inner: list[Block], phrases: Phrases) -> list[Block]:
    return [Heading(phrases.say(f"brief.draft.{name}"), 3), *inner]


def _organisation(phrases: Phrases) -> str:
    return phrases.opening(phrases.told["study"]["organisation"][phrases.language])


def _situation(phrases: Phrases) -> list[str]:
    """Who is listed, who they are, how many took part, and beside whom: a paragraph each."""
    told = [summary.roster(phrases), phrases.paragraph(_composition(phrases))]
    told += [_overall(phrases), summary.base_rate(phrases)]
    return [text for text in told if text]


def _overall(phrases: Phrases) -> str:
    row = summary.total(phrases, summary.primary(phrases))
    if row is None or row["share"] is None:
        return ""
    kind = "panel" if phrases.is_panel(row["outcome"]) else "list"
    return phrases.say(
        f"brief.draft.{kind}",
        outcome=phrases.opening(phrases.name("outcomes", row["outcome"])),
        share=phrases.percent(row["share"]),
        between=phrases.between(row["conf_low"], row["conf_high"]),
        **{name: phrases.count(row[name]) for name in ("members", "due", "attended")},
    )


def _composition(phrases: Phrases) -> list[str]:
    """How many members stand at each level of the factors asked about first, with their share."""
    rows, roles = phrases.told["numbers"]["members"], phrases.told["study"]["roles"]
    counted = [name for name in dict.fromkeys(row["factor"] for row in rows) if name in roles]
    first = [name for name in counted if roles[name] == "primary"] or counted
    return [
        phrases.say(
            "brief.draft.by",
            factor=phrases.within(phrases.factor(name)),
            levels=phrases.say("brief.draft.comma").join(
                _size(row, phrases)
                for row in phrases.ordered([row for row in rows if row["factor"] == name])
            ),
        )
        for name in first
    ]


def _size(row: dict, phrases: Phrases) -> str:
    rounded = phrases.told["release"]["rules"]["rounding"] > 1
    hidden = row["share"] is None
    key = "size_alone" if hidden else "size_about" if rounded else "size"
    return phrases.say(
        f"brief.draft.{key}",
        level=phrases.level(row["factor"], row["level"]),
        members=phrases.count(row["members"], row["suppressed"]),
        share=phrases.percent(row["share"]),
    )


def _work(phrases: Phrases) -> list[str]:
    """What is on record as done; the rest is for people to write."""
    sessions = phrases.told["numbers"]["sessions"]
    done = [row for row in sessions["by_duty"] if row["recorded"]]
    told = [phrases.say("brief.draft.add_work")]
    if done:
        kinds = phrases.say("brief.comma").join(
            phrases.say(
                "brief.draft.duty",
                duty=phrases.name("duties", row["duty_type"]),
                number=phrases.count(row["recorded"]),
            )
            for row in done
        )
        recorded = phrases.count(sessions["recorded"])
        told.insert(0, phrases.say("brief.draft.done", recorded=recorded, kinds=kinds))
    return told


def _problems(phrases: Phrases) -> list[str]:
    """Differences that can be told, records that lack, and how much cannot be told."""
    told = [_gap(row, phrases) for row in summary.leading(phrases) if row["verdict"] in TOLD]
    numbers = phrases.told["numbers"]
    if not told:
        told = [phrases.say("brief.draft.no_gap")]
    if numbers["sessions"]["lacking"]:
        kinds = phrases.say("brief.comma").join(
            phrases.say(
                "brief.draft.duty",
                duty=phrases.name("duties", row["duty_type"]),
                number=phrases.count(row["lacking"]),
            )
            for row in numbers["sessions"]["by_duty"]
            if row["lacking"]
        )
        lacking = phrases.count(numbers["sessions"]["lacking"])
        told.append(phrases.say("brief.draft.lacking", lacking=lacking, kinds=kinds))
    if numbers["comparisons"]["unsure"]:
        told.append(phrases.say("brief.draft.unsure", **numbers["comparisons"]))
    return told


def _gap(row: dict, phrases: Phrases) -> str:
    level, _, reference = row["contrast"].partition("|")
    kind = "panel" if phrases.is_panel(row["outcome"]) else "list"
    step = "step_" if level.startswith("+") else ""
    return phrases.say(
        f"brief.draft.gap_{step}{kind}",
        factor=phrases.within(phrases.factor(row["term"])),
        level=phrases.level(row["term"], level),
        reference=phrases.level(row["term"], reference),
        step=level[1:],
        share=phrases.percent(row["p1"]),
        gap=phrases.gap(row["estimate"]),
        range=phrases.spread(row["conf_low"], row["conf_high"]),
        verdict=phrases.verdict(row["verdict"]),
    )


def _measures(phrases: Phrases) -> list[str]:
    """What comes first, what is offered to each segment, and that it is to be evaluated."""
    offers: dict[str, list[dict]] = {}
    for row in phrases.told["tables"]["plan"]:
        offers.setdefault(row["segment"], []).append(row)
    told = [_offered(segment, rows, phrases) for segment, rows in offers.items()]
    if not told:
        return [phrases.say("brief.draft.add_measures")]
    return [*told, phrases.say("brief.draft.owner", owner=summary.owner(phrases))]


def _offered(segment: str, rows: list[dict], phrases: Phrases) -> str:
    hours = phrases.told["numbers"]["hours"]["by_segment"][segment]
    names = [phrases.within(phrases.name("measures", row["measure"])) for row in rows]
    kind = "first" if not segment else "unsized" if hours is None else "offer"
    return phrases.say(
        f"brief.draft.{kind}",
        segment=summary.segment(rows[0], phrases),
        measures=phrases.say("brief.proposed.between").join(names),
        hours=phrases.count(hours),
        month=phrases.month(min(row["month"] for row in rows)),
    )
