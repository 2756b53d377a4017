"""The document as one HTML file: own style, subset fonts inside, no script, nothing from outside.

Enters: a Document.
Leaves: the bytes of one page.
Refuses: characters that the fonts lack (ReleaseRefused).
"""

from __future__ import annotations

import base64
import html
import re
from importlib import resources

import jinja2
from markupsafe import Markup

from engagement.release import document as model
from engagement.release import figures, fonts, numbering

TAGS = {"zh": "zh-CN", "en": "en-GB"}
ALWAYS = " %0123456789.,-–−×"


def page(document: model.Document) -> bytes:
    """The whole page; the same document gives the same bytes.

    Raises ReleaseRefused when the fonts lack a character of the document.
    """
    fonts.drawable(model.text(document))
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    body = environment.from_string(_beside("page.html.jinja")).render(
        document=numbering.numbered(document),
        tag=TAGS[document.language],
        kind=lambda block: type(block).__name__,
        spans=numbering.spans,
        drawing=lambda figure: Markup(_drawing(figure)),
        style=Markup("{{style}}"),
    )
    return body.replace("{{style}}", _beside("page.css") + _faces(body)).encode("utf-8")


def _beside(name: str) -> str:
    return resources.files("engagement.release").joinpath(name).read_text(encoding="utf-8")


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
        f"src:url(data:font/woff;base64,{base64.b64encode(fonts.subset(text, face)).decode()})"
        " format('woff')}"
        for face, text in {"serif": shown, "sans": shown}.items()
    )
