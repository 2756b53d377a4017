"""Heads of columns, and figures with their words: what every table and chart of a page needs.

Enters: phrases, keys of words.toml, drawings and their data.
Leaves: Columns and Figures of the document model.
Refuses: nothing.
"""

from __future__ import annotations

from matplotlib.figure import Figure as Drawing

from engagement.release.document import Column, Figure, Table
from engagement.release.phrases import Phrases

KINDS = {"month": "short", "until": "short", "review": "short", "verdict": "short"}


def columns(
    phrases: Phrases, table: str, names: str, texts: int, last: int = 0
) -> tuple[Column, ...]:
    """Column heads; the first `texts` and the `last` columns hold words, the others numbers."""
    keys = names.split()
    numbers = range(texts, len(keys) - last)
    return tuple(
        Column(
            phrases.say(f"table.{table}.{key}"),
            "number" if place in numbers else KINDS.get(key, "text"),
        )
        for place, key in enumerate(keys)
    )


def figure(name: str, drawing: Drawing, data: Table, phrases: Phrases, **values: object) -> Figure:
    """The figure with its words: what it shows, what stands out, and where its numbers are."""
    caption = phrases.say(f"figure.{name}.caption", **values)
    seen = phrases.say(f"figure.{name}.seen", **values)
    alt = phrases.say("figure.alt.whole", caption=caption, seen=seen)
    return Figure(name, drawing, caption, alt, data)
