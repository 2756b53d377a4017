"""One brief, three formats: a page for the browser, a Word file, a PDF.

Enters: a Document.
Leaves: the bytes of each file, by the name that it bears in out/.
Refuses: what the writers refuse.
"""

from __future__ import annotations

from engagement.release import docx, html, pdf
from engagement.release.document import Document

WRITERS = {"html": html.page, "docx": docx.pages, "pdf": pdf.pages}


def written(document: Document, name: str = "brief") -> dict[str, bytes]:
    """The document in every format, by file name; the same document gives the same bytes."""
    return {
        f"{name}.{document.language}.{kind}": write(document) for kind, write in WRITERS.items()
    }
