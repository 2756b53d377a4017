"""The protocol of a pilot, as one page that a committee can sign and as the file of its hash.

Enters: findings (a dict of findings.json) with the protocol laid down.
Leaves: a Document of one page in one language; protocol.json.
Refuses: nothing; findings without a pilot have no such page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from engagement.release import formats, planned, store
from engagement.release.document import Column, Document, Table
from engagement.release.phrases import Phrases

FILE = "protocol.json"
ITEMS = (
    "question", "whom", "outcome", "analysis", "rule", "power", "list", "rights", "owner", "stop",
)  # fmt: skip
POWERS = ("0.05", "0.10", "0.15")


def pages(told: Mapping) -> dict[str, bytes]:
    """protocol.json, and its page in every language and format; nothing without a pilot."""
    if told["pilot"] is None:
        return {}
    found = {FILE: written(told)}
    for language in told["study"]["languages"]:
        found |= formats.written(page(told, language), "protocol")
    return found


def written(told: Mapping) -> bytes:
    """protocol.json: what was laid down, with its own hash and the release that it left with."""
    content = {**told["pilot"], "release": told["release"]["id"][: store.SHOWN_DIGITS]}
    return (json.dumps(content, sort_keys=True, ensure_ascii=False, indent=1) + "\n").encode()


def page(told: Mapping, language: str) -> Document:
    """The protocol on one page."""
    phrases = Phrases(store.verify(told), language)
    laid_down = told["pilot"]
    organisation = laid_down["organisation"][language]
    measure = laid_down["measure_label"][language]
    return Document(
        language=language,
        title=phrases.say("protocol.title", measure=measure),
        organisation=phrases.opening(organisation),
        facts=phrases.say(
            "protocol.facts", day=phrases.day(laid_down["decided_on"]), id=_shown(laid_down["id"])
        ),
        footer=phrases.say("brief.footer", release=_shown(told["release"]["id"])),
        blocks=(_table(laid_down, phrases), *_groups(laid_down, phrases)),
        release_id=told["release"]["id"],
    )


def _table(laid_down: Mapping, phrases: Phrases) -> Table:
    texts = _texts(laid_down, phrases)
    return Table(
        caption=phrases.say("protocol.caption"),
        columns=tuple(Column(phrases.say(f"protocol.{name}")) for name in ("item", "content")),
        rows=tuple((phrases.say(f"protocol.name.{item}"), texts[item]) for item in ITEMS),
    )


def _texts(laid_down: Mapping, phrases: Phrases) -> dict[str, str]:
    language, design = phrases.language, laid_down["design"]
    named = {
        name: laid_down[f"{name}_label"][language] for name in ("measure", "segment", "outcome")
    }
    window = {
        name: phrases.month(laid_down[end]) for name, end in (("first", "from"), ("last", "to"))
    }
    drawn = {"seed": laid_down["seed"], "fingerprint": _shown(laid_down["allocation"])}
    smallest = phrases.points(laid_down["smallest_difference"])
    return {
        "question": phrases.say("protocol.text.question", **named),
        "whom": phrases.say(f"pilot.design.{design}", **named, **window),
        "outcome": phrases.say("protocol.text.outcome", **window),
        "analysis": phrases.say(
            f"protocol.analysis.{design}", permutations=phrases.count(laid_down["permutations"])
        ),
        "rule": phrases.say("protocol.text.rule", smallest=smallest),
        "power": _power(laid_down, phrases),
        "list": phrases.say(
            f"protocol.text.list{'_groups' if laid_down['starts'] else ''}", **drawn
        ),
        "rights": phrases.say("protocol.text.rights"),
        "owner": laid_down["owner"][language],
        "stop": phrases.opening(phrases.say("plan.stop")),
    }


def _power(laid_down: Mapping, phrases: Phrases) -> str:
    assumed = laid_down["assumed"]
    sizes = dict(zip(("first", "second", "third"), map(float, POWERS), strict=True))
    found = [laid_down["power"][one] for one in POWERS]
    return phrases.say(
        "protocol.text.power",
        **{name: phrases.points(size) for name, size in sizes.items()},
        **dict(zip(("one", "two", "three"), map(phrases.percent, found), strict=True)),
        detectable=planned.protocol(laid_down, phrases)[1],
        share=phrases.percent(assumed["share"]),
        slots=phrases.count(assumed["slots"]),
        correlation=phrases.decimal(assumed["correlation"]),
    )


def _groups(laid_down: Mapping, phrases: Phrases) -> list[Table]:
    """When each group begins, in a stepped wedge."""
    if not laid_down["starts"]:
        return []
    order = sorted(laid_down["starts"].items(), key=lambda one: (one[1], one[0]))
    return [
        Table(
            caption=phrases.say("protocol.groups_caption"),
            columns=(
                Column(phrases.say("protocol.group")),
                Column(phrases.say("protocol.month"), "short"),
            ),
            rows=tuple(
                (phrases.name("groups", group), phrases.month(month)) for group, month in order
            ),
        )
    ]


def _shown(code: str) -> str:
    return code[: store.SHOWN_DIGITS]
