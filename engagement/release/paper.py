"""How a printed brief is set: an official document in Chinese, a board paper in English.

Enters: a language.
Leaves: a Paper: margins, sizes and distances, which the Word file and the PDF share.
Refuses: a language without a paper (KeyError: our bug).
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

A4_MM = (210.0, 297.0)
MM_PER_POINT = 25.4 / 72


@dataclass(frozen=True)
class Paper:
    """One way of setting a page: millimetres, points, characters; faces as Word names them.

    `pitch` is the distance of lines; `small` is for tables and captions, `note` for notes and the
    numbers of a finding; `picture` is the share of the width that a drawing takes; `official`
    stands for the centred title, black ink, exact lines and outer page numbers of an official
    document.
    """

    margins_mm: tuple[float, float, float, float]
    body: float
    pitch: float
    small: float
    small_pitch: float
    note: float
    note_pitch: float
    picture: float
    title: float
    title_pitch: float
    heading: float
    subheading: float
    page_number: float
    footer_mm: float
    indent: int
    gap: float
    official: bool
    ink: str
    quiet: str
    accent: str
    latin: str
    faces: Mapping[str, str]
    latin_faces: Mapping[str, str]

    @property
    def width_mm(self) -> float:
        """The width of the text."""
        return A4_MM[0] - self.margins_mm[1] - self.margins_mm[3]

    @property
    def ems(self) -> float:
        """The width of the text in ems of the small size, in which tables are set."""
        return self.width_mm / MM_PER_POINT / self.small


@functools.cache
def _papers() -> dict[str, dict]:
    beside = resources.files("engagement.release").joinpath("papers.toml")
    return tomllib.loads(beside.read_text(encoding="utf-8"))


def of(language: str) -> Paper:
    """The paper on which a brief in `language` is set."""
    values = _papers()[language]
    return Paper(**{**values, "margins_mm": tuple(values["margins_mm"])})
