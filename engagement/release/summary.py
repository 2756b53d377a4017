"""The first page: who is counted, at most three findings, few compared with what, what next.

Enters: phrases (findings and a language).
Leaves: blocks that fit one printed page.
Refuses: nothing; what may not be said is said to be unknown.
"""

from __future__ import annotations

from engagement.release.document import Block, Finding, Heading, Items, Paragraph
from engagement.release.phrases import Phrases

MOST_CONTRASTS = 2
MOST_OFFERS = 3
ORDER = ("clear", "possible", "no_important", "cannot_be_told")


def blocks(phrases: Phrases) -> tuple[Block, ...]:
    """The blocks of the first page."""
    return (
        Heading(phrases.say("brief.heading.roster")),
        Paragraph(roster(phrases)),
        Heading(phrases.say("brief.heading.findings")),
        *overall(phrases),
        *(_contrast(row, phrases) for row in leading(phrases)),
        *_base_rate(phrases),
        Heading(phrases.say("brief.heading.unknown")),
        Items(tuple(_unknown(phrases))),
        Heading(phrases.say("brief.heading.proposed")),
        *_proposed(phrases),
    )


def primary(phrases: Phrases) -> str:
    """The name of the primary outcome."""
    return phrases.told["study"]["primary"]


def total(phrases: Phrases, outcome: str) -> dict | None:
    """The total row of an outcome, when it is printed."""
    rows = phrases.told["tables"]["outcomes"]
    return next((r for r in rows if r["outcome"] == outcome and r["factor"] == ""), None)


def roster(phrases: Phrases) -> str:
    """Who is counted and how complete the records are."""
    told = [_counted(phrases)]
    rows = {r["item"]: r["rows"] for r in phrases.told["tables"].get("reconciliation", [])}
    if rows:
        told.append(
            phrases.say(
                "brief.roster.rows",
                read=phrases.count(rows.get("read")),
                quarantined=phrases.count(rows.get("quarantined", 0)),
            )
        )
    sessions = phrases.told["tables"].get("completeness", [])
    expected = sum(row["expected"] or 0 for row in sessions)
    if expected:
        recorded = sum(row["recorded"] or 0 for row in sessions)
        told.append(
            phrases.say(
                "brief.roster.sessions",
                expected=phrases.count(expected),
                recorded=phrases.count(recorded),
                share=phrases.percent(recorded / expected),
            )
        )
    return phrases.say("brief.join").join(told)


def _counted(phrases: Phrases) -> str:
    """The members on the roster, and how many of them were due for the primary outcome."""
    totals = [row for row in phrases.told["tables"]["outcomes"] if row["factor"] == ""]
    roster_members = max(row["members"] or 0 for row in totals)
    due = (total(phrases, primary(phrases)) or {}).get("members")
    if due is None or due == roster_members:
        return phrases.say("brief.roster.members", members=phrases.count(roster_members))
    return phrases.say(
        "brief.roster.due",
        roster=phrases.count(roster_members),
        members=phrases.count(due),
        outcome=phrases.name("outcomes", primary(phrases)),
    )


def overall(phrases: Phrases) -> list[Block]:
    """The share who took part, as a natural frequency."""
    row = total(phrases, primary(phrases))
    if row is None or row["share"] is None:
        return [Paragraph(phrases.say("brief.overall.refused"))]
    panel = "panel" if primary(phrases) in phrases.told["study"]["panels"] else "list"
    values = {
        "outcome": phrases.name("outcomes", primary(phrases)),
        "of_hundred": phrases.count(100 * row["share"]),
        "attended": phrases.count(row["attended"]),
        "due": phrases.count(row["due"]),
        "members": phrases.count(row["members"]),
        "between": phrases.between(row["conf_low"], row["conf_high"]),
    }
    return [
        Finding(
            phrases.say(f"brief.overall.{panel}", **values),
            phrases.say(f"brief.overall.{panel}_numbers", **values),
            phrases.verdict("described"),
        )
    ]


def leading(phrases: Phrases) -> list[dict]:
    """The differences to tell first: one per factor, declared questions first, then by verdict."""
    roles = phrases.told["study"]["roles"]
    kept = [row for row in released(phrases) if row["p0"] is not None and row["p1"] is not None]
    kept.sort(
        key=lambda row: (
            roles.get(row["term"]) != "primary",
            ORDER.index(row["verdict"]) if row["verdict"] in ORDER else len(ORDER),
            -abs(row["estimate"]),
        )
    )
    first = {}
    for row in kept:
        first.setdefault(row["term"], row)
    return list(first.values())[:MOST_CONTRASTS]


def released(phrases: Phrases) -> list[dict]:
    """The released differences of the primary outcome."""
    return [
        row
        for row in phrases.told["tables"]["findings"]
        if row["outcome"] == primary(phrases)
        and row["estimand"] == "risk_difference"
        and row["released"]
        and row["conf_low"] is not None
    ]


def _contrast(row: dict, phrases: Phrases) -> Finding:
    level, _, reference = row["contrast"].partition("|")
    counts = {
        (r["factor"], r["level"]): r["members"]
        for r in phrases.told["tables"]["outcomes"]
        if r["outcome"] == row["outcome"]
    }
    panel = "panel" if row["outcome"] in phrases.told["study"]["panels"] else "list"
    values = {
        "factor": phrases.factor(row["term"]),
        "level": phrases.level(row["term"], level),
        "reference": phrases.level(row["term"], reference),
        "p1": phrases.count(100 * row["p1"]),
        "p0": phrases.count(100 * row["p0"]),
        "n1": phrases.count(counts.get((row["term"], level)), suppressed=True),
        "n0": phrases.count(counts.get((row["term"], reference)), suppressed=True),
        "gap": phrases.say(
            f"brief.contrast.{'lower' if row['estimate'] < 0 else 'higher'}",
            points=phrases.points(abs(row["estimate"])),
        ),
        "range": phrases.range(row["conf_low"], row["conf_high"]),
    }
    return Finding(
        phrases.say(f"brief.contrast.{panel}", **values),
        phrases.say("brief.contrast.numbers", **values),
        phrases.verdict(row["verdict"]),
    )


def _base_rate(phrases: Phrases) -> list[Block]:
    """Few, compared with what? Members beside the people around them."""
    heading = Heading(phrases.say("brief.heading.base_rate"))
    population = phrases.told["population"]
    row = next(
        (
            row
            for row in phrases.told["tables"]["findings"]
            if row["term"] == "population" and row["released"] and row["p0"] is not None
        ),
        None,
    )
    if population is None or row is None:
        return [heading, Paragraph(phrases.say("brief.base_rate.unknown"))]
    whole = total(phrases, row["outcome"]) or {}
    members = whole.get("members") or row["members"]
    told = phrases.say(
        "brief.base_rate.answer",
        outcome=phrases.name("outcomes", row["outcome"]),
        residents=population["label"][phrases.language],
        members=phrases.count(members),
        participants=phrases.count(row["p1"] * members),
        expected=phrases.decimal(row["p0"] * members),
        share=phrases.percent(row["p1"], digits=1),
        residents_share=phrases.percent(row["p0"], digits=1),
    )
    return [heading, Paragraph(told)]


def _unknown(phrases: Phrases) -> list[str]:
    rows = phrases.told["tables"]["findings"]
    own = [r for r in rows if r["outcome"] == primary(phrases)]
    differences = [row for row in own if row["estimand"] == "risk_difference"]
    unsure = sum(row["verdict"] == "cannot_be_told" for row in differences)
    refused = sum(not row["released"] for row in differences)
    gaps = [row["detectable"] for row in released(phrases) if row.get("detectable")]
    told = []
    if differences:
        told.append(
            phrases.say("brief.unknown.counts", asked=len(differences), unsure=unsure,
                        refused=refused)
        )  # fmt: skip
    if gaps:
        ends = [phrases.points(min(gaps)), phrases.points(max(gaps))]
        gap = (
            ends[0]
            if ends[0] == ends[1]
            else phrases.say("brief.number.range", low=ends[0], high=ends[1])
        )
        told.append(phrases.say("brief.unknown.detectable", gap=gap))
    return [*told, phrases.say("brief.unknown.attitudes"), phrases.say("brief.unknown.association")]


def _proposed(phrases: Phrases) -> list[Block]:
    offers = phrases.told["tables"]["plan"][:MOST_OFFERS]
    if not offers:
        return [Paragraph(phrases.say("brief.proposed.none"))]
    told = tuple(
        phrases.say(
            "brief.proposed.offer",
            segment=phrases.name("segments", row["segment"]),
            measure=phrases.name("measures", row["measure"]),
            hours=phrases.decimal(row["hours"], row["suppressed"]),
            month=phrases.month(row["month"]),
        )
        for row in offers
    )
    return [Items(told), Paragraph(phrases.say("brief.proposed.unknown"), "note")]
