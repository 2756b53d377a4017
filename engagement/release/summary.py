"""The first page: who is counted, at most three findings, few compared with what, what next.

Enters: phrases (findings and a language).
Leaves: blocks that fit one printed page; what has been said is answered here (statements.py).
Refuses: nothing; what may not be said is said to be unknown.
"""

from __future__ import annotations

from engagement.release import statements
from engagement.release.document import Block, Finding, Heading, Items, Paragraph
from engagement.release.phrases import Phrases

MOST_CONTRASTS = 2
MOST_OFFERS = 3
ORDER = ("clear", "possible", "no_important", "cannot_be_told")


def blocks(phrases: Phrases) -> tuple[Block, ...]:
    """The blocks of the first page."""
    expected = phrases.told["numbers"]["sessions"]["expected"]
    return (
        Heading(phrases.say(f"brief.heading.{'roster' if expected else 'roster_alone'}")),
        Paragraph(roster(phrases)),
        Heading(phrases.say("brief.heading.findings")),
        *overall(phrases),
        *(_contrast(row, phrases) for row in leading(phrases)),
        *_base_rate(phrases),
        *statements.lines(phrases),
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


def owner(phrases: Phrases) -> str:
    """The role that answers for the plan."""
    return phrases.told["labels"]["owner"][phrases.language]


def segment(row: dict, phrases: Phrases) -> str:
    """For whom a line of the plan is; a precondition is for all."""
    return phrases.name("segments", row["segment"]) if row["segment"] else phrases.say("brief.all")


def roster(phrases: Phrases) -> str:
    """Who is counted and how complete the records are."""
    rows = {row["item"]: row["rows"] for row in phrases.told["tables"]["reconciliation"]}
    told = []
    if rows:
        key = "listed" if rows["rows_on_roster"] == rows["member"] else "rows"
        counts = {"rows": rows["rows_on_roster"], "members": rows["member"]}
        shown = {name: phrases.count(number) for name, number in counts.items()}
        told.append(phrases.say(f"brief.roster.{key}", **shown))
    if rows.get("stated", rows.get("member")) != rows.get("member"):
        told.append(phrases.say("brief.roster.stated", stated=phrases.count(rows["stated"])))
    return phrases.paragraph([*told, *_counted(rows.get("member"), phrases), *_recorded(phrases)])


def _counted(listed: int | None, phrases: Phrases) -> list[str]:
    members = (total(phrases, primary(phrases)) or {}).get("members")
    if not members:
        return []
    if members == listed:
        return [phrases.say("brief.roster.everybody")]
    key = "members" if phrases.is_panel(primary(phrases)) else "recorded"
    return [phrases.say(f"brief.roster.{key}", members=phrases.count(members))]


def _recorded(phrases: Phrases) -> list[str]:
    sessions = phrases.told["numbers"]["sessions"]
    if not sessions["expected"]:
        return []
    counts = {name: phrases.count(sessions[name]) for name in ("expected", "recorded")}
    share = phrases.percent(sessions["share"])
    return [phrases.say("brief.roster.sessions", share=share, **counts)]


def overall(phrases: Phrases) -> list[Block]:
    """The share who took part, as a natural frequency."""
    row = total(phrases, primary(phrases))
    if row is None or row["share"] is None:
        return [Paragraph(phrases.say("brief.overall.refused"))]
    panel = "panel" if phrases.is_panel(primary(phrases)) else "list"
    values = {
        "outcome": phrases.opening(phrases.name("outcomes", primary(phrases))),
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
    kept = [row for row in released(phrases) if None not in (row["p0"], row["p1"])]
    kept = [row for row in kept if not row["contrast"].startswith("trend")]
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


def is_difference(row: dict, phrases: Phrases) -> bool:
    """Whether a finding is a difference between levels of a factor, not a claim's."""
    factors = phrases.told["study"]["roles"]
    return row["estimand"] == "risk_difference" and row["term"] in factors


def released(phrases: Phrases) -> list[dict]:
    """The released differences of the primary outcome."""
    return [
        row
        for row in phrases.told["tables"]["findings"]
        if row["outcome"] == primary(phrases)
        and is_difference(row, phrases)
        and row["released"]
        and row["conf_low"] is not None
    ]


def _contrast(row: dict, phrases: Phrases) -> Finding:
    level, _, reference = row["contrast"].partition("|")
    step = "step_" if level.startswith("+") else ""
    panel = "panel" if phrases.is_panel(row["outcome"]) else "list"
    counted = phrases.is_counted(row["outcome"], row["term"])
    numbers = "numbers_step" if step or not counted else "numbers"
    values = {
        "factor": phrases.factor(row["term"]),
        "level": phrases.level(row["term"], level),
        "reference": phrases.level(row["term"], reference),
        "step": level[1:],
        "p1": phrases.count(100 * row["p1"]),
        "p0": phrases.count(100 * row["p0"]),
        "n1": phrases.size(row["outcome"], row["term"], level),
        "n0": phrases.size(row["outcome"], row["term"], reference),
        "n": phrases.size(row["outcome"], "", ""),
        "gap": phrases.gap(row["estimate"]),
        "range": phrases.spread(row["conf_low"], row["conf_high"]),
        "adjusted": _adjusted(row, phrases),
    }
    return Finding(
        phrases.say(f"brief.contrast.{step}{panel}", **values),
        phrases.say(f"brief.contrast.{numbers}", **values).strip(),
        phrases.verdict(row["verdict"]),
    )


def _adjusted(row: dict, phrases: Phrases) -> str:
    """What the difference is adjusted for, so that it is not read as the plain one."""
    terms = phrases.told["study"]["adjusted_for"].get(row["term"], [])
    parts = dict.fromkeys(part for term in terms for part in term.partition("^")[0].split(":"))
    parts.pop(row["term"], None)
    if not parts:
        return ""
    names = phrases.say("brief.comma").join(phrases.within(phrases.factor(name)) for name in parts)
    return phrases.say("brief.contrast.adjusted", factors=names)


def _base_rate(phrases: Phrases) -> list[Block]:
    """Few, compared with what? Members beside the people around them."""
    told = base_rate(phrases) or phrases.say("brief.base_rate.unknown")
    return [Heading(phrases.say("brief.heading.base_rate")), Paragraph(told)]


def base_rate(phrases: Phrases) -> str:
    """The members beside the people around them, in words; nothing when it is not released."""
    population = phrases.told["population"]
    row = next(
        (
            row
            for row in phrases.told["tables"]["findings"]
            if row["term"] == "population" and row["released"] and row.get("expected") is not None
        ),
        None,
    )
    if population is None or row is None:
        return ""
    whole = total(phrases, row["outcome"]) or {}
    members = whole.get("members") or row["members"]
    side = "more" if row["conf_low"] > 1 else "fewer" if row["conf_high"] < 1 else "cannot_be_told"
    return phrases.say(
        f"brief.base_rate.{side}",
        outcome=phrases.opening(phrases.name("outcomes", row["outcome"])),
        organisation=phrases.told["study"]["organisation"][phrases.language],
        residents=population["label"][phrases.language],
        members=phrases.count(members),
        participants=phrases.count(row["p1"] * members),
        expected=phrases.decimal(row["expected"]),
        share=phrases.percent(row["p1"], digits=1),
        residents_share=phrases.percent(row["p0"], digits=1),
        ratio=phrases.decimal(row["estimate"]),
        low=phrases.decimal(row["conf_low"]),
        high=phrases.decimal(row["conf_high"]),
    )


def _unknown(phrases: Phrases) -> list[str]:
    compared = phrases.told["numbers"]["comparisons"]
    told = [_detectable(compared, phrases)] if compared["asked"] else []
    panel = "_panel" if phrases.is_panel(primary(phrases)) else ""
    association = phrases.say(f"brief.unknown.association{panel}")
    return [*told, phrases.say("brief.unknown.attitudes"), association]


def _detectable(compared: dict, phrases: Phrases) -> str:
    """How many differences cannot be told, and how large one must be to be seen."""
    unsure, refused = compared["unsure"], compared["refused"]
    key = "counts" if refused else "counts_all" if unsure else "counts_told"
    counts = phrases.say(f"brief.unknown.{key}", **compared)
    if compared["detectable_low"] is None or not (unsure or refused):
        return phrases.say("brief.unknown.alone", counts=counts)
    low, high = (phrases.points(compared[f"detectable_{end}"]) for end in ("low", "high"))
    gap = low if low == high else phrases.say("brief.number.range", low=low, high=high)
    return phrases.say("brief.unknown.detectable", counts=counts, gap=gap)


def _proposed(phrases: Phrases) -> list[Block]:
    """What comes first for all, then the first offer to each segment."""
    offers = phrases.told["tables"]["plan"]
    if not offers:
        key = "undeclared" if phrases.told["study"]["staff_hours"] is None else "none"
        return [Paragraph(phrases.say(f"brief.proposed.{key}"))]
    first = [row for row in offers if not row["segment"]]
    by_segment: dict[str, dict] = {}
    for row in offers:
        if row["segment"]:
            by_segment.setdefault(row["segment"], row)
    told = [_preconditions(first, phrases)] if first else []
    told += [_offer(row, phrases) for row in by_segment.values()]
    unknown = Paragraph(phrases.say("brief.proposed.unknown"), "note")
    return [Items(tuple(told[:MOST_OFFERS])), unknown]


def _preconditions(rows: list[dict], phrases: Phrases) -> str:
    names = [phrases.within(phrases.name("measures", row["measure"])) for row in rows]
    return phrases.say(
        "brief.proposed.first",
        measure=phrases.say("brief.proposed.between").join(names),
        hours=phrases.count(phrases.told["numbers"]["hours"]["first"]),
        month=phrases.month(rows[0]["month"]),
    )


def _offer(row: dict, phrases: Phrases) -> str:
    values = {
        "segment": segment(row, phrases),
        "measure": phrases.within(phrases.name("measures", row["measure"])),
        "month": phrases.month(row["month"]),
    }
    if row["hours"] is None:
        return phrases.say("brief.proposed.unsized", **values)
    return phrases.say("brief.proposed.offer", hours=phrases.count(row["hours"]), **values)
