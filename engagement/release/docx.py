"""The document as a Word file that a secretary can go on writing in.

Enters: a Document.
Leaves: the bytes of one file: real headings, captions and table heads, words for every picture;
no author, program, hour, thumbnail or path.
Refuses: characters that the fonts of the other formats lack (ReleaseRefused).
"""

from __future__ import annotations

import functools
import io
import re
from importlib import resources
from typing import TYPE_CHECKING

import jinja2

from engagement import files, words
from engagement.release import document as model
from engagement.release import figures, fonts, numbering, paper
from engagement.release.paper import Paper

if TYPE_CHECKING:
    from docx.document import Document as Book

TAGS = {"zh": "zh-CN", "en": "en-GB"}
LATIN_TAGS = {"zh": "en-US", "en": "en-GB"}
SHARP_DOTS = 220
LONGEST_WHOLE = 30
TWIPS_PER_POINT = 20
TWIPS_PER_MM = 1440 / 25.4
EMU_PER_MM = 36000
REWRITTEN = {
    "word/styles.xml": "styles.xml",
    "word/numbering.xml": "numbering.xml",
    "word/settings.xml": "settings.xml",
    "docProps/core.xml": "core.xml",
    "docProps/app.xml": "app.xml",
}
NEEDED = re.compile(
    "/(styles|numbering|settings|footer|image|officeDocument|(core|extended)-properties)$"
)


def pages(document: model.Document) -> bytes:
    """The whole file; the same document gives the same bytes.

    Raises ReleaseRefused when the fonts lack a character of the document.
    """
    from docx import Document as opened
    from docx.oxml.parser import parse_xml

    fonts.drawable(model.text(document))
    printed = numbering.numbered(document)
    rendered = functools.partial(_rendered, printed, paper.of(document.language))
    book = opened()
    for related in (book.part.rels, book.part.package.rels):
        for name in [name for name, found in related.items() if not NEEDED.search(found.reltype)]:
            related.pop(name)
    _set_page(book, rendered)
    body = parse_xml(rendered("body.xml", drawings=_drawings(book, printed)))
    body.append(book.sections[0]._sectPr)
    book.element.replace(book.element.body, body)
    written = io.BytesIO()
    book.save(written)
    return files.repacked(
        written.getvalue(), {name: rendered(part).encode() for name, part in REWRITTEN.items()}
    )


def _rendered(document: model.Document, sheet: Paper, part: str, **values: object) -> str:
    """A part of the file from its template beside this module."""
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    source = resources.files("engagement.release").joinpath("word", part).read_text("utf-8")
    return (
        environment.from_string(source)
        .render(
            document=document,
            sheet=sheet,
            faces=_faces(sheet),
            language=TAGS[document.language],
            tag=LATIN_TAGS[document.language],
            kind=lambda block: type(block).__name__,
            judged=lambda block: model.judged(block, document.language),
            listed=lambda items: numbering.listed(items, document.language),
            item_style=lambda items: _item_style(items, sheet),
            spans=numbering.spans,
            widths=lambda table: _twips(table, sheet),
            twips=lambda points: round(points * TWIPS_PER_POINT),
            half=lambda points: round(points * 2),
            longest=LONGEST_WHOLE,
            **values,
        )
        .strip()
    )


def _item_style(items: model.Items, sheet: Paper) -> str:
    if not sheet.official:
        return "ListBullet"
    return "SmallItem" if items.tone == "note" else "Normal"


def _faces(sheet: Paper) -> dict[str, dict[str, str]]:
    """For each part of a page the face of Latin letters and that of Chinese ones."""
    return {
        name: {"han": face, "latin": sheet.latin_faces.get(name, sheet.latin)}
        for name, face in sheet.faces.items()
    }


def _twips(table: model.Table, sheet: Paper) -> list[int]:
    shares = numbering.widths(table, sheet.ems)
    return [round(share * sheet.width_mm * TWIPS_PER_MM) for share in shares]


def _drawings(book: Book, document: model.Document) -> dict[str, dict]:
    """The pictures of the figures, put into the file, by the name of their figure."""
    drawn = {}
    sheet = paper.of(document.language)
    width = round(sheet.picture * sheet.width_mm * EMU_PER_MM)
    for block in document.blocks:
        if isinstance(block, model.Figure):
            source = io.BytesIO(figures.png(block.drawing, SHARP_DOTS))
            relation, image = book.part.get_or_add_image(source)
            height = round(width * image.px_height / image.px_width)
            drawn[block.name] = {"relation": relation, "width": width, "height": height}
            drawn[block.name]["number"] = len(drawn)
    return drawn


def _set_page(book: Book, rendered) -> None:
    """A4 with the margins of the paper, and the number of the page at its foot."""
    from docx.shared import Mm

    sheet, section = rendered.args[1], book.sections[0]
    section.page_width, section.page_height = map(Mm, paper.A4_MM)
    sides = ("top_margin", "right_margin", "bottom_margin", "left_margin")
    for side, length in zip(sides, sheet.margins_mm, strict=True):
        setattr(section, side, Mm(length))
    section.footer_distance = Mm(sheet.footer_mm)
    _number(section.footer, "right" if sheet.official else "center", rendered)
    if sheet.official:
        _number(section.even_page_footer, "left", rendered)


def _number(footer, side: str, rendered) -> None:
    from docx.oxml.parser import parse_xml

    footer.is_linked_to_previous = False
    label = words.label("brief.page_number", rendered.args[0].language)
    before, after = label.split("{number}")
    line = parse_xml(rendered("footer.xml", side=side, before=before, after=after))
    empty = footer.paragraphs[0]._p
    empty.getparent().replace(empty, line)
