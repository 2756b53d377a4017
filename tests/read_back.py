"""What a brief says, read back from the bytes of its three formats by other programs than ours."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree

import pypdf

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
NUMBER = re.compile(r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?")
PAGE = re.compile("(?:— )?[0-9]+(?: —)?")
HIDDEN = ("style", "svg", "title")


class _Page(HTMLParser):
    """The texts of a page, one to an element, and what its drawings are said to show."""

    def __init__(self, page: str):
        super().__init__()
        self.texts, self.alts, self.closed = [], [], 0
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.closed += tag in HIDDEN
        label = dict(attrs).get("aria-label")
        if tag == "svg":
            self.alts.append(label)
        if tag in ("p", "li", "td", "th", "h1", "h2", "h3", "caption", "figcaption"):
            self.texts.append("")

    def handle_endtag(self, tag):
        self.closed -= tag in HIDDEN

    def handle_data(self, text):
        if not self.closed and self.texts:
            self.texts[-1] += text


def html_texts(page: bytes) -> tuple[list[str], list[str]]:
    """The texts and the words for the drawings."""
    read = _Page(page.decode("utf-8"))
    return read.texts, read.alts


def parts(book: bytes) -> dict[str, bytes]:
    """The parts of a Word file by name."""
    with zipfile.ZipFile(io.BytesIO(book)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def docx_texts(book: bytes) -> tuple[list[str], list[str]]:
    body = ElementTree.fromstring(parts(book)["word/document.xml"])
    lines = ["".join(run.text or "" for run in line.iter(f"{W}t")) for line in body.iter(f"{W}p")]
    return lines, [shape.get("descr") for shape in body.iter(f"{WP}docPr")]


def elements(node) -> Iterator[pypdf.generic.DictionaryObject]:
    """Every element of the structure of a PDF, in reading order."""
    found = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(found, list):
        for part in found:
            yield from elements(part)
    elif isinstance(found, dict):
        if "/S" in found:
            yield found
        yield from elements(found.get("/K", []))


def pdf_structure(file: bytes) -> list[pypdf.generic.DictionaryObject]:
    reader = pypdf.PdfReader(io.BytesIO(file))
    return list(elements(reader.trailer["/Root"]["/StructTreeRoot"]["/K"]))


def pdf_texts(file: bytes) -> tuple[list[str], list[str]]:
    """The text of each page without the number at its foot, and the words for the drawings."""
    reader = pypdf.PdfReader(io.BytesIO(file))
    texts = [page.extract_text().rpartition("\n") for page in reader.pages]
    assert all(PAGE.fullmatch(number) for _, _, number in texts)
    texts = [text for text, _, _ in texts]
    return texts, [str(one["/Alt"]) for one in pdf_structure(file) if "/Alt" in one]


READERS = {"html": html_texts, "docx": docx_texts, "pdf": pdf_texts}


def numbers(texts: list[str]) -> Counter:
    """How often each number stands in the texts, whatever stands around it."""
    return Counter(NUMBER.findall("\n".join(texts)))
