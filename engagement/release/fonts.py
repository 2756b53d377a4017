"""One font for every page and figure, from a wheel: Noto Sans SC and Noto Serif SC (OFL).

Enters: text.
Leaves: subset fonts as WOFF bytes, and matplotlib set up with the same faces.
Refuses: characters that the faces lack (ReleaseRefused). No font of the system is ever used.
"""

from __future__ import annotations

import functools
import io
import unicodedata
from importlib import resources

from fontTools import subset as subsetter
from fontTools.ttLib import TTFont
from matplotlib import font_manager

from engagement.errors import ReleaseRefused

FACES = {"serif": "NotoSerifSC-Regular.otf", "sans": "NotoSansSC-Regular.otf"}
NAMES = {"serif": "Noto Serif SC", "sans": "Noto Sans SC"}
LAYOUT = ["kern", "liga", "locl", "palt", "halt", "mark", "ccmp"]
FLAVOUR = "woff"  # packs in a tenth of the time of WOFF2, a tenth larger
UPRIGHT = ["vhea", "vmtx", "VORG"]  # for lines that run from top to bottom


def path(face: str) -> str:
    """The file of `face` ("serif" or "sans") in the installed wheel."""
    return str(resources.files("pylopdf_fonts_zh_cn").joinpath(FACES[face]))


@functools.cache
def characters(face: str) -> frozenset[int]:
    """The code points that `face` can draw."""
    with TTFont(path(face), lazy=True) as font:
        return frozenset(font.getBestCmap())


@functools.cache
def _advances(face: str) -> dict[int, float]:
    """How far each character moves the pen, in ems."""
    with TTFont(path(face), lazy=True) as font:
        wide, unit = font["hmtx"].metrics, font["head"].unitsPerEm
        return {code: wide[name][0] / unit for code, name in font.getBestCmap().items()}


def ems(text: str, face: str = "sans") -> float:
    """The width of `text` in ems of `face`; a character that the face lacks is one em wide."""
    advances = _advances(face)
    return sum(advances.get(ord(sign), 1.0) for sign in text)


def check(text: str, face: str = "serif") -> str:
    """Return `text` when every character can be drawn.

    Raises ReleaseRefused that names the missing characters (code points) and both cures.
    """
    drawn = {char for char in text if unicodedata.category(char) not in ("Cc", "Cf")}
    missing = sorted(char for char in drawn if ord(char) not in characters(face))
    if missing:
        named = ", ".join(f"{char} (U+{ord(char):04X})" for char in missing)
        raise ReleaseRefused.one("glyph_missing", found=named, face=NAMES[face])
    return text


def drawable(text: str) -> str:
    """Return `text` when every face can draw it.

    Raises ReleaseRefused that names the missing characters.
    """
    for face in FACES:
        check(text, face)
    return text


def subset(text: str, face: str) -> bytes:
    """`face` with the characters of `text` only, as WOFF; the same text gives the same bytes.

    Raises ReleaseRefused for a character that the face lacks.
    """
    return _subset("".join(sorted(set(check(text, face)))), face)


@functools.lru_cache(maxsize=8)
def _subset(text: str, face: str) -> bytes:
    options = subsetter.Options(
        flavor=FLAVOUR,
        layout_features=LAYOUT,
        hinting=False,
        desubroutinize=False,
        name_IDs=[1, 2, 4, 6, 13, 14],
        notdef_outline=True,
    )
    font = TTFont(path(face), recalcTimestamp=False, recalcBBoxes=False, lazy=True)
    options.drop_tables += UPRIGHT
    cut = subsetter.Subsetter(options)
    cut.populate(text=text)
    cut.subset(font)
    font["head"].modified = font["head"].created
    font.flavor = FLAVOUR
    written = io.BytesIO()
    font.save(written)
    return written.getvalue()


@functools.cache
def register() -> str:
    """Make both faces known to matplotlib; returns the family name of the sans face."""
    for face in FACES:
        font_manager.fontManager.addfont(path(face))
    return font_manager.FontProperties(fname=path("sans")).get_name()
