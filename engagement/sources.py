"""[[roster]], [[level]] and [[unit]] of study.toml: which files, of which kind; which units.

Enters: the sections of rosters and units, and the folder of the files.
Leaves: frozen Rosters with their files and their source profile; levels; frozen Units.
Refuses: files outside rosters/, patterns that match nothing, profiles that are unknown or of
another kind of roster (problems of the section).
"""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from engagement import sections as kinds
from engagement.codebook import profiles
from engagement.codebook.profiles import Profile
from engagement.declared import Bilingual, Roster, Unit
from engagement.sections import Section

KINDS = ("members", "volunteers", "sign_ins", "mobile", "lost", "minutes")
LEVELS = ("branch", "group")  # what rosters name, and what tables call the two levels counted
LOCALES = ("zh-CN", "zh-TW", "en-GB", "en-US", "de-DE")


def declared(top: Section, folder: Path) -> tuple[Roster, ...]:
    """The rosters that the file declares, with their files under `folder`."""
    return tuple(_roster(section, folder) for section in top.sections("roster"))


def fingerprint(source: bytes, rosters: Iterable[Roster]) -> str:
    """SHA-256 of study.toml and of the profiles that it names, in their order."""
    named = dict.fromkeys(roster.profile.name for roster in rosters if roster.profile)
    return hashlib.sha256(
        source + b"".join(profiles.named(name).source for name in named)
    ).hexdigest()


def is_correction(path: Path) -> bool:
    """Whether a file is named as a mended copy of fix.xlsx: fix.xlsx, fix (1).xlsx, fix-2.xlsx."""
    return re.fullmatch(r"fix(?![a-z]).*\.xlsx", path.name, re.IGNORECASE) is not None


def _roster(section: Section, folder: Path) -> Roster:
    pattern = section.take("file", kinds.is_text, "*.xlsx") or ""
    kind = section.one_of("kind", KINDS)
    roster = Roster(
        pattern=pattern,
        kind=kind,
        sheets=section.one_of("sheets", ["branch"], None),
        year=section.take("year", kinds.is_count, "2022", None),
        expected_rows=section.take("expected_rows", kinds.is_count, "173", None),
        blank=section.one_of("blank", ["absent"], None),
        unlisted=section.one_of("unlisted", ["absent"], None),
        locale=section.one_of("locale", LOCALES, None),
        profile=_profile(section, kind),
        files=_files(section, pattern, folder),
    )
    section.close()
    return roster


def _profile(section: Section, kind: str | None) -> Profile | None:
    name = section.take("profile", kinds.is_text, "profile", None)
    if name is None:
        return None
    if name not in profiles.names():
        near = difflib.get_close_matches(name, profiles.names(), n=1, cutoff=0.0)[0]
        section.report("unknown_profile", "profile", found=name, expected=near)
        return None
    profile = profiles.named(name)
    if kind is not None and profile.kind != kind:
        section.report("profile_kind", "profile", found=name, expected=profile.kind)
    return profile


def _files(section: Section, pattern: str, folder: Path) -> tuple[Path, ...]:
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts or "\\" in pattern:
        section.report("path_outside", "file")
        return ()
    named = (path for path in folder.glob(pattern or "-") if not path.name.startswith("~$"))
    found = sorted(path for path in named if not is_correction(path))
    if any(not path.resolve().is_relative_to(folder.resolve()) for path in found):
        section.report("path_outside", "file")
    if not found:
        section.report("roster_not_found", "file", found=pattern)
    return tuple(found)


def levels(top: Section) -> dict[str, Bilingual | None]:
    """The levels of the organisation's tree from the top, with their labels; the last two are
    counted. Without any declared: branches and groups, which words.toml names.
    """
    found = {}
    for section in top.sections("level"):
        code = section.take("code", kinds.is_text, "street")
        if code in found:
            section.report("level_twice", "code", found=code)
        found[code] = section.take("label", kinds.is_bilingual, kinds.BOTH)
        section.close()
    if len(found) == 1:
        top.report("level_alone", "level", found=next(iter(found)))
    return found or dict.fromkeys(LEVELS)


def units(top: Section, known: Iterable[str] = LEVELS) -> tuple[Unit, ...]:
    """The organisation's tree, of the levels `known` from the top: each unit with its parent.

    Units of the two levels that are counted are called branch and group, whatever their level.
    """
    order = list(known)
    written = [_unit(section, order) for section in top.sections("unit")]
    level = {unit.code: unit.level for unit in written}
    for unit in written:
        if unit.parent is not None and unit.parent not in level:
            top.report("unknown_name", "unit", found=unit.parent, expected=", ".join(level))
        elif _is_above(unit.level, level.get(unit.parent), order):
            top.report("unit_upside_down", "unit", found=unit.code, expected=unit.parent)
    counted = dict(zip(order[-2:], LEVELS, strict=False))
    return tuple(replace(unit, level=counted.get(unit.level, unit.level)) for unit in written)


def _is_above(level: str | None, parent: str | None, order: list[str]) -> bool:
    """Whether a unit is declared as high as its parent or higher; unknown levels are told apart."""
    known = {level, parent} <= set(order)
    return known and order.index(parent) >= order.index(level)


def _unit(section: Section, known: list[str]) -> Unit:
    unit = Unit(
        code=section.take("code", kinds.is_text, "b1"),
        level=section.one_of("level", known),
        parent=section.take("parent", kinds.is_text, "b1", None),
        zh=section.take("zh", kinds.is_text, "text"),
        en=section.take("en", kinds.is_text, "text"),
        aliases=tuple(section.take("aliases", kinds.is_texts, "[text]", [])),
    )
    section.close()
    return unit
