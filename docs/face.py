"""The pictures that the README shows: the first page of the brief, and one figure. `make face`.

Enters: data/community.
Leaves: docs/brief.zh.png, docs/brief.en.png, docs/figure.png, each with the id of its release.
Refuses: what the rooms refuse.
"""

from __future__ import annotations

import io
import shutil
import tempfile
from pathlib import Path

from PIL import Image, PngImagePlugin

from engagement import commands, engines, files
from engagement import study as studies
from engagement.release import document, figures, pdf

HERE = Path(__file__).parent
COMMUNITY = HERE.parent / "data" / "community"
DOTS_PER_INCH = 96
COLOURS = 24
OWN = shutil.ignore_patterns("private", "out")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        told = _told(shutil.copytree(COMMUNITY, Path(folder) / "community", ignore=OWN))
    briefs = {language: document.brief(told, language) for language in told["study"]["languages"]}
    for language, brief in briefs.items():
        _write(f"brief.{language}.png", pdf.pictures(brief, DOTS_PER_INCH)[0], told)
    drawn = (block for block in briefs["en"].blocks if isinstance(block, document.Figure))
    _write("figure.png", figures.png(next(drawn).drawing, DOTS_PER_INCH), told)


def _told(folder: Path) -> dict:
    """The findings of the study in `folder`, a copy without anything private."""
    study = studies.load(folder)
    files.private(study.private)
    room = engines.records(study)
    return dict(commands.outgoing(room, engines.counts(room, study), study).told)


def _write(name: str, picture: bytes, told: dict) -> None:
    """The picture in few colours, with the id of the release that it shows."""
    held = PngImagePlugin.PngInfo()
    held.add_text("release", told["release"]["id"])
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(COLOURS)
    small.save(HERE / name, optimize=True, pnginfo=held)


if __name__ == "__main__":
    main()
