"""The document as one HTML file: own style, subset fonts inside, no script, nothing from outside.

Enters: a Document.
Leaves: the text of one page.
Refuses: characters that the fonts lack (ReleaseRefused).
"""

from __future__ import annotations

import base64
import html
import itertools
import re
from importlib import resources

import jinja2
from markupsafe import Markup

from engagement import words
from engagement.release import document as model
from engagement.release import figures, fonts

TAGS = {"zh": "zh-CN", "en": "en-GB"}
ALWAYS = " %0123456789.,-–−×"


def page(document: model.Document) -> str:
    """The whole page; the same document gives the same text.

    Raises ReleaseRefused when the fonts lack a character of the document.
    """
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    numerals = words.label("brief.numerals", document.language)
    body = environment.from_string(_beside("page.html.jinja")).render(
        document=document,
        blocks=model.numbered(document.blocks, document.language, numerals),
        tag=TAGS[document.language],
        kind=lambda block: type(block).__name__,
        spans=_spans,
        drawing=lambda figure: Markup(_drawing(figure)),
        data_label=words.label("figure.alt.data", document.language),
        style=Markup("{{style}}"),
    )
    return body.replace("{{style}}", _beside("page.css") + _faces(body))


def _beside(name: str) -> str:
    return resources.files("engagement.release").joinpath(name).read_text(encoding="utf-8")


def _spans(rows: tuple[tuple[str, ...], ...]) -> list[tuple[tuple[str, ...], int]]:
    """Each row with the number of rows that its first cell heads; 0 where one above does."""
    heads = [next(iter(row), "") for row in rows]
    runs = [len(list(run)) for _, run in itertools.groupby(heads)]
    spans = [span for run in runs for span in (run, *[0] * (run - 1))]
    return list(zip(rows, spans, strict=True))


def _drawing(figure: model.Figure) -> str:
    """The drawing as inline SVG that reads itself out as its alt text."""
    alt = html.escape(figure.alt, quote=True)
    markup = figures.svg(figure.drawing)
    return re.sub(r"<svg ", f'<svg role="img" aria-label="{alt}" ', markup, count=1)


def _faces(body: str) -> str:
    """The two faces with the characters of the page only, as data URIs."""
    shown = html.unescape(re.sub(r"<[^>]+>", "", body)) + ALWAYS
    shown = "".join(sorted({char for char in shown if char >= " "}))
    return "\n".join(
        f"@font-face{{font-family:'{fonts.NAMES[face]}';font-weight:400;"
        f"src:url(data:font/woff2;base64,{base64.b64encode(fonts.subset(text, face)).decode()})"
        " format('woff2')}"
        for face, text in {"serif": shown, "sans": shown}.items()
    )
