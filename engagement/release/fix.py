"""Records to fix: where sessions that were due are missing from the records.

Enters: phrases (findings and a language).
Leaves: blocks.
Refuses: nothing; a study without a calendar has no such blocks.
"""

from __future__ import annotations

from engagement.release import captions
from engagement.release.document import Block, Heading, Paragraph, Table
from engagement.release.phrases import Phrases

COUNTS = ("expected", "recorded", "lacking")


def blocks(phrases: Phrases) -> tuple[Block, ...]:
    """By duty and branch, or that nothing is missing."""
    sessions = phrases.told["numbers"]["sessions"]
    if not sessions["expected"]:
        return ()
    heading = Heading(phrases.say("brief.heading.fix"))
    if not sessions["missing"]:
        return (heading, Paragraph(phrases.say("brief.fix.none")))
    table = Table(
        caption=phrases.say("table.fix.caption"),
        columns=captions.columns(phrases, "fix", f"duty branch {' '.join(COUNTS)}", 2),
        rows=tuple(_row(row, phrases) for row in sessions["missing"]),
        note=phrases.say("table.fix.note"),
    )
    return (heading, table)


def _row(row: dict, phrases: Phrases) -> tuple[str, ...]:
    counts = (phrases.count(row[name]) for name in COUNTS)
    return (phrases.name("duties", row["duty_type"]), _place(row["branch"], phrases), *counts)


def _place(branch: str | None, phrases: Phrases) -> str:
    if branch is None:
        return phrases.say("brief.fix.everywhere")
    return phrases.level("branch", branch) if branch else phrases.say("brief.all")
