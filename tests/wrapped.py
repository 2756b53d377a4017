"""The same text in every encoding and container in which it could leave the room."""

from __future__ import annotations

import base64
import bz2
import gzip
import html
import io
import json
import lzma
import quopri
import tarfile
import urllib.parse
import zipfile
import zlib
from collections.abc import Callable

import docx
import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import typst
from PIL import Image, PngImagePlugin


def _zipped(name: str = "part.xml", content: bytes = b"", comment: bytes = b"") -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
        archive.comment = comment
    return packed.getvalue()


def _tarred(text: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        held = text.encode()
        entry = tarfile.TarInfo("part.txt")
        entry.size = len(held)
        archive.addfile(entry, io.BytesIO(held))
    return packed.getvalue()


def _docx(text: str) -> bytes:
    """One run per character."""
    document, packed = docx.Document(), io.BytesIO()
    paragraph = document.add_paragraph()
    for character in text:
        paragraph.add_run(character)
    document.save(packed)
    return packed.getvalue()


def _docx_comment(text: str) -> bytes:
    document, packed = docx.Document(), io.BytesIO()
    document.core_properties.comments = text
    document.save(packed)
    return packed.getvalue()


def _xlsx(text: str) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    book.active["B2"] = text
    book.save(packed)
    return packed.getvalue()


def _xlsx_hidden(text: str) -> bytes:
    book, packed = openpyxl.Workbook(), io.BytesIO()
    sheet = book.create_sheet("x")
    sheet.sheet_state = "hidden"
    sheet["A1"] = text
    book.save(packed)
    return packed.getvalue()


def _pdf(text: str) -> bytes:
    """As the brief is made: subset fonts whose codes are not characters."""
    import importlib.resources

    fonts = importlib.resources.files("pylopdf_fonts_zh_cn")
    source = f'#set text(font: ("Noto Serif SC", "Noto Sans SC"))\n#{json.dumps(text, ensure_ascii=False)}'
    return typst.compile(source.encode(), font_paths=[str(fonts)], format="pdf")


def _pdf_string(text: str, *, packed: bool = False) -> bytes:
    drawn = b"BT (" + text.encode("utf-16-be").join([b"\xfe\xff", b""]) + b") Tj ET"
    held = zlib.compress(drawn) if packed else drawn
    return b"%PDF-1.7\n1 0 obj\n<< >>\nstream\n" + held + b"\nendstream\nendobj\n%%EOF"


def _pdf_title(text: str) -> bytes:
    code = ("\ufeff" + text).encode("utf-16-be").hex().upper().encode()
    return b"%PDF-1.7\n1 0 obj\n<< /Title <" + code + b"> >>\nendobj\n%%EOF"


def _png(text: str, kind: str) -> bytes:
    held, info = io.BytesIO(), PngImagePlugin.PngInfo()
    if kind == "iTXt":
        info.add_itxt("Comment", text, zip=True)
    else:
        info.add(kind.encode(), b"Comment\0" + (
            b"\0" + zlib.compress(text.encode()) if kind == "zTXt" else text.encode()))  # fmt: skip
    Image.new("RGB", (2, 2)).save(held, "png", pnginfo=info)
    return held.getvalue()


def _notebook(text: str) -> bytes:
    output = {"output_type": "stream", "name": "stdout", "text": [f"row 17: {text}\n"]}
    return json.dumps({"cells": [{"cell_type": "code", "outputs": [output]}]}).encode()


def _parquet(columns: dict, beside: dict[str, str] | None = None) -> bytes:
    packed = io.BytesIO()
    pq.write_table(pa.table(columns).replace_schema_metadata(beside), packed)
    return packed.getvalue()


TEXTS: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda t: t.encode(),
    "utf-8 with a mark": lambda t: t.encode("utf-8-sig"),
    "gb18030": lambda t: f"姓名,{t}\n".encode("gb18030"),
    "gbk": lambda t: f"姓名,{t}\n".encode("gbk"),
    "utf-16 with a mark": lambda t: f"x{t}".encode("utf-16"),
    "utf-16 little": lambda t: t.encode("utf-16-le"),
    "utf-16 big, one byte late": lambda t: b"\x01" + t.encode("utf-16-be"),
    "utf-32 little": lambda t: t.encode("utf-32-le"),
    "utf-32 big": lambda t: t.encode("utf-32-be"),
    "utf-7": lambda t: t.encode("utf-7"),
    "json escapes": lambda t: json.dumps({"a": t}).encode(),
    "json in json": lambda t: json.dumps(json.dumps(t)).encode(),
    "python bytes": lambda t: repr(t.encode()).encode(),
    "decimal entities": lambda t: "".join(f"&#{ord(c)};" for c in t).encode(),
    "hexadecimal entities": lambda t: "".join(f"&#x{ord(c):x};" for c in t).encode(),
    "entities of entities": lambda t: html.escape("".join(f"&#{ord(c)};" for c in t)).encode(),
    "address of a page": lambda t: urllib.parse.quote(t).encode(),
    "address in gb18030": lambda t: urllib.parse.quote(t, encoding="gb18030").encode(),
    "quoted-printable": lambda t: quopri.encodestring(t.encode()),
    "header of a mail": lambda t: b"=?utf-8?B?" + base64.b64encode(t.encode()) + b"?=",
    "base64": lambda t: base64.b64encode(f"name: {t}".encode()),
    "base64 for addresses": lambda t: base64.urlsafe_b64encode(f"?>name: {t}".encode()),
    "base64 in lines": lambda t: base64.encodebytes(("x" * 90 + t).encode()),
    "base64 of base64": lambda t: base64.b64encode(base64.b64encode(f"name: {t}".encode())),
    "base64 of gb18030": lambda t: base64.b64encode(f"姓名: {t}".encode("gb18030")),
    "hexadecimal": lambda t: t.encode().hex().encode(),
    "escapes of a style sheet": lambda t: "".join(f"\\{ord(c):06x}" for c in t).encode(),
    "full-width digits": lambda t: t.translate({48 + n: 0xFF10 + n for n in range(10)}).encode(),
    "arabic digits": lambda t: t.translate({48 + n: 0x660 + n for n in range(10)}).encode(),
    "zero-width signs between": lambda t: "\u200b".join(t).encode(),
    "direction marks between": lambda t: "\u202e".join(t).encode(),
    "blanks between": lambda t: " ".join(t).encode(),
    "wide blanks between": lambda t: "\u3000".join(t).encode(),
    "line breaks between": lambda t: "\n".join(t).encode(),
    "points between": lambda t: "·".join(t).encode(),
    "hyphens between": lambda t: "-".join(t).encode(),
    "tags between": lambda t: "".join(f"<tspan>{c}</tspan>" for c in t).encode(),
    "a comment of a drawing": lambda t: f"<svg><!-- {t} --></svg>".encode(),
    "backwards": lambda t: t[::-1].encode(),
    "zip": lambda t: _zipped(content=t.encode()),
    "zip in zip": lambda t: _zipped("in.zip", _zipped(content=t.encode())),
    "name in a zip": lambda t: _zipped(name=f"{t}.xml"),
    "comment of a zip": lambda t: _zipped(comment=t.encode()),
    "gzip": lambda t: gzip.compress(t.encode()),
    "bzip2": lambda t: bz2.compress(t.encode()),
    "xz": lambda t: lzma.compress(t.encode()),
    "zlib": lambda t: zlib.compress(t.encode()),
    "tar": _tarred,
    "tar in gzip": lambda t: gzip.compress(_tarred(t)),
    "docx, one run per character": _docx,
    "docx, core properties": _docx_comment,
    "xlsx": _xlsx,
    "xlsx, hidden sheet": _xlsx_hidden,
    "pdf, subset fonts": _pdf,
    "pdf, a string": _pdf_string,
    "pdf, a packed stream": lambda t: _pdf_string(t, packed=True),
    "pdf, its title": _pdf_title,
    "png, tEXt": lambda t: _png(t, "tEXt"),
    "png, zTXt": lambda t: _png(t, "zTXt"),
    "png, packed iTXt": lambda t: _png(t, "iTXt"),
    "notebook": _notebook,
    "parquet": lambda t: _parquet({"a": [None, t]}),
    "parquet, a column": lambda t: _parquet({t: [1]}),
    "parquet, beside the table": lambda t: _parquet({"a": [1]}, {"said": t}),
}  # fmt: skip

NUMBERS: dict[str, Callable[[str], bytes]] = {
    "array of whole numbers": lambda n: base64.b64encode(np.array([3, int(n), 9], "<i8").tobytes()),
    "array of floating numbers": lambda n: base64.b64encode(np.array([int(n)], "<f8").tobytes() * 2),
    "array the other way round": lambda n: base64.b64encode(np.array([1, int(n)], ">i8").tobytes()),
    "number of a workbook": lambda n: _zipped("sheet.xml", f"<v>{float(n)!r}</v>".encode()),
    "scientific": lambda n: f"<v>{float(n):.10E}</v>".encode(),
    "with thousands": lambda n: f"{int(n):,}".encode(),
    "Chinese numerals": lambda n: n.translate(str.maketrans("0123456789", "〇一二三四五六七八九")).encode(),
}  # fmt: skip
