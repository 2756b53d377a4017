"""What has been said about the members, held against the release: the numbers and the verdict.

Enters: phrases (findings and a language).
Leaves: one short line per statement for the first page; what the verdicts mean.
Refuses: nothing; what no record can test is said to be outside the records.
"""

from __future__ import annotations

from engagement.release.document import Block, Heading, Items
from engagement.release.phrases import Phrases


def lines(phrases: Phrases) -> list[Block]:
    """The statements with their verdicts, one line each; nothing when none was declared."""
    claims = phrases.told["claims"]
    if not claims:
        return []
    told = tuple(_line(claim, phrases) for claim in claims)
    return [Heading(phrases.say("brief.heading.claims")), Items(told)]


def _line(claim: dict, phrases: Phrases) -> str:
    said = claim["text"][phrases.language].rstrip(phrases.say("brief.claim.stop"))
    numbers = _numbers(claim, phrases)
    key = "line" if numbers else "line_alone"
    values = {"claim": said, "verdict": phrases.verdict(claim["verdict"]), "numbers": numbers}
    return phrases.say(f"brief.claim.{key}", **values)


def _numbers(claim: dict, phrases: Phrases) -> str:
    """A share with its people, a difference with its interval; nothing when not released."""
    if claim["estimate"] is None or claim["conf_low"] is None:
        return ""
    if claim["kind"] == "contrast":
        return _gap(claim, phrases)
    if claim["conf_low"] == claim["conf_high"] and claim["members"] is not None:
        return phrases.say(
            "brief.claim.counted",
            events=phrases.count(claim["events"]),
            members=phrases.count(claim["members"]),
            share=phrases.percent(claim["estimate"]),
        )
    return phrases.say(
        "brief.claim.share",
        share=phrases.percent(claim["estimate"]),
        between=phrases.between(claim["conf_low"], claim["conf_high"]),
    )


def _gap(claim: dict, phrases: Phrases) -> str:
    sizes = [phrases.size(claim["outcome"], claim["factor"], *names) for names in claim["levels"]]
    known = phrases.say("suppressed.mark") not in sizes
    return phrases.say(
        f"brief.claim.{'sizes' if known else 'gap'}",
        gap=phrases.gap(claim["estimate"]),
        range=phrases.spread(claim["conf_low"], claim["conf_high"]),
        n1=sizes[0],
        n0=sizes[1],
    )


def meanings(phrases: Phrases) -> list[str]:
    """What each verdict that a statement was given means, in one line; nothing without one."""
    given = dict.fromkeys(claim["verdict"] for claim in phrases.told["claims"])
    told = [
        phrases.say(
            "brief.claim.meaning",
            verdict=phrases.opening(phrases.verdict(verdict)),
            reason=phrases.say(f"brief.claim.{verdict}"),
        )
        for verdict in given
    ]
    return [phrases.say("brief.claim.meanings", told=phrases.paragraph(told))] if told else []
