"""The document as a tagged PDF (PDF/UA-1), set by typst with the fonts of the wheel alone.

Enters: a Document.
Leaves: the bytes of one file, without date, path or program of the writer's machine.
Refuses: characters that the fonts lack (ReleaseRefused).
"""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

from engagement import words
from engagement.release import document as model
from engagement.release import figures, fonts, numbering, paper

REGIONS = {"zh": "cn", "en": "gb"}
EPOCH = 0
LONGEST_WHOLE = 24


def pages(document: model.Document) -> bytes:
    """The whole file; the same document gives the same bytes.

    Raises ReleaseRefused when the fonts lack a character of the document.
    """
    return _set(document, format="pdf", pdf_standards=["ua-1"], timestamp=EPOCH)


def pictures(document: model.Document, dots_per_inch: int) -> list[bytes]:
    """Each page as PNG.

    Raises ReleaseRefused when the fonts lack a character of the document.
    """
    return _set(document, format="png", ppi=dots_per_inch)


def _set(document: model.Document, **options: object):
    import typst

    fonts.drawable(model.text(document))
    content = json.dumps(_content(numbering.numbered(document)), ensure_ascii=False)
    return typst.compile(
        resources.files("engagement.release").joinpath("page.typ").read_bytes(),
        font_paths=[str(Path(fonts.path("serif")).parent)],
        ignore_system_fonts=True,
        sys_inputs={"content": content},
        **options,
    )


def _content(document: model.Document) -> dict:
    """All that the template prints, as JSON values."""
    sheet = paper.of(document.language)
    return {
        "language": document.language,
        "region": REGIONS[document.language],
        "title": document.title,
        "organisation": document.organisation,
        "facts": document.facts,
        "footer": document.footer,
        "release": document.release_id,
        "page_number": words.label("brief.page_number", document.language),
        "paper": vars(sheet),
        "blocks": [
            {"kind": type(block).__name__, **_fields(block, document.language)}
            for block in document.blocks
        ],
    }


def _fields(block: model.Block, language: str) -> dict:
    if isinstance(block, model.Table):
        return _table(block, language)
    if isinstance(block, model.Figure):
        drawn = figures.svg(block.drawing).replace(
            "<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1
        )
        return {"caption": block.caption, "alt": block.alt, "svg": drawn} | {
            "data": _table(block.data, language)
        }
    if isinstance(block, model.Finding):
        return {"statement": block.statement, "numbers": model.judged(block, language)}
    if isinstance(block, model.Items) and paper.of(language).official:
        return {"items": numbering.listed(block.items, language), "tone": block.tone}
    return dict(vars(block))


def _table(block: model.Table, language: str) -> dict:
    return {
        "caption": block.caption,
        "note": block.note,
        "columns": [vars(column) for column in block.columns],
        "widths": numbering.widths(block, paper.of(language).ems),
        "rows": [{"cells": cells, "span": span} for cells, span in numbering.spans(block.rows)],
        "whole": len(block.rows) <= LONGEST_WHOLE,
    }
