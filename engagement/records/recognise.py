"""What unknown files seem to be: the kind of roster, the fields, the spellings nobody declared.

Enters: paths of raw files that no study describes yet.
Leaves: one Found per file, for proposals.py to write down.
Refuses: files in which no table is found (RosterError, all at once).
"""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engagement import codebook
from engagement.declared import Roster
from engagement.errors import Problem, RosterError
from engagement.records import dates, fields, fits, headers, read, verdicts
from engagement.records.fits import Fit
from engagement.records.headers import Header
from engagement.records.read import Grid
from engagement.study import Study

LOST = {"lost_from", "lost_reason", "lost_unit_type"}
MINUTES = {"due_count", "present_count", "absent_count", "duty_type", "resolution"}
PEOPLE = {"name", "person_id", "id_number"}
MOBILE = {"mobile_kind", "mobile_from", "mobile_to"}
VOLUNTEERS = {"corps", "volunteer_no", "hours"}
FAR_AHEAD = datetime.date(2100, 12, 31)
UNDECODED = "undeclared_value"
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Sheet:
    """One table found: its grid and its header."""

    grid: Grid
    header: Header

    def column(self, field: str) -> list[str | None]:
        """The cells of `field` in the rows of data; empty when no header names it."""
        at = self.header.column(field)
        data = verdicts.of(self.grid, self.header) == "data"
        return [] if at is None else list(self.grid.cells[data, at])


@dataclass(frozen=True)
class Found:
    """One file: its name, the kind of roster it seems to be, its tables, the profile that fits."""

    name: str
    kind: str
    sheets: tuple[Sheet, ...]
    fit: Fit | None = None

    @property
    def system(self) -> str:
        """The name of the profile that fits, "" when none does."""
        return self.fit.profile.name if self.fit else ""

    def fields(self) -> set[str]:
        """The fields that its headers name."""
        return {field for sheet in self.sheets for field in sheet.header.fields if field}

    def unknown(self) -> list[str]:
        """Headers that the codebook does not know, in their order."""
        texts = [
            text
            for header in (sheet.header for sheet in self.sheets)
            for at, text in enumerate(header.texts)
            if text
            and header.fields[at] is None
            and header.sessions[at] is None
            and at not in header.unread
        ]
        return list(dict.fromkeys(texts))

    def texts(self, field: str) -> list[str]:
        """The distinct texts of `field` over all its tables, in their order."""
        cells = itertools.chain.from_iterable(sheet.column(field) for sheet in self.sheets)
        return [text for text in dict.fromkeys(cells) if text is not None]

    def sheet_per_branch(self) -> bool:
        """Whether each of several sheets seems to be one branch."""
        named = [sheet.header.column("branch") is not None for sheet in self.sheets]
        return len(named) > 1 and not any(named)

    def years(self) -> set[str]:
        """The years that its name and the lines above its tables state."""
        above = [text for sheet in self.sheets for text in _above(sheet)]
        return set(_YEAR.findall(" ".join([self.name, *above])))

    def places(self) -> list[tuple[str, str]]:
        """The branch and the group of each of its rows; "" for no group."""
        found: list[tuple[str, str]] = []
        for sheet in self.sheets:
            branches, groups = sheet.column("branch"), sheet.column("group")
            if not branches and self.sheet_per_branch():
                branches = [sheet.grid.sheet] * len(groups or sheet.column("name"))
            found += zip(branches, groups or [""] * len(branches), strict=True)
        return [(branch, group or "") for branch, group in found if branch]

    def undeclared(self, field: str, study: Study) -> list[str]:
        """Spellings of a coded field that the codebook cannot decode."""
        own = roster(self.kind, self.fit)
        rule = fields.rule(study.fields[field], own, study.under(own))
        return [text for text in self.texts(field) if rule(text, "text").rule == UNDECODED]


def look(sources: Sequence[Path]) -> list[Found]:
    """What each of `sources` seems to be.

    Raises RosterError with the problems of all files.
    """
    problems: list[Problem] = []
    found = []
    for source in sources:
        try:
            found.append(_file(source))
        except RosterError as error:
            problems += error.problems
    if problems:
        raise RosterError(problems)
    return found


def roster(kind: str, fit: Fit | None = None) -> Roster:
    """A roster of `kind` about which nothing is declared but the profile that fits it."""
    profile = fit.profile if fit else None
    return Roster("", kind, None, None, None, None, (), profile=profile)


def bare(**declared: object) -> Study:
    """A study that declares nothing: the codebook alone."""
    empty = dict.fromkeys(Study.__dataclass_fields__, ())
    maps = ("values", "value_labels", "factors", "outcomes", "title", "people", "organisation")
    return Study(
        **{
            **empty,
            **{name: {} for name in maps},
            "fields": codebook.fields(),
            "headers": codebook.headers(),
            "languages": ("zh", "en"),
            "locale": "zh-CN",
            "reference_date": FAR_AHEAD,
            **declared,
        }
    )


def _file(source: Path) -> Found:
    grids = read.grids(source, source.parent)
    fit = fits.clearly(grid for grid in grids if not grid.hidden)
    asked = roster(fit.profile.kind if fit else "sign_ins", fit)
    study = bare().under(asked)
    tables = [(grid, headers.find(grid, asked, study)) for grid in grids if not grid.hidden]
    sheets = tuple(Sheet(grid, header) for grid, header in tables if header is not None)
    if not sheets:
        raise RosterError.one("header_not_found", file=source.name, sheet="")
    kind = fit.profile.kind if fit else _kind(sheets, source.stem)
    return Found(source.name, kind, sheets, fit)


def _kind(sheets: Iterable[Sheet], name: str) -> str:
    named = {field for sheet in sheets for field in sheet.header.fields if field}
    if {"attend_status", "check_in"} & named or any(any(sheet.header.sessions) for sheet in sheets):
        return "sign_ins"
    if not PEOPLE & named and "event_date" in named and MINUTES & named:
        return "minutes"
    if LOST & named and "join_date" not in named:
        return "lost"
    told = codebook.structure()["names"]["volunteers"]
    if MOBILE & named and "join_date" not in named:
        return "mobile"
    if VOLUNTEERS & named or any(word in name.lower() for word in told):
        return "volunteers"
    return "members"


def stated_dates(found: Iterable[Found]) -> list[str]:
    """Full dates written above the tables, such as the day on which a form was filled in."""
    scope = dates.scope("other", FAR_AHEAD)
    lines = [text for file in found for sheet in file.sheets for text in _above(sheet)]
    parts = [part for line in lines for part in re.split("[:：]", line) if part.split()]
    readings = [dates.read(part.split()[0], "text", scope) for part in parts]
    return sorted({reading.value for reading in readings if reading.precision == "day"})


def _above(sheet: Sheet) -> list[str]:
    rows = sheet.grid.cells[: sheet.header.rows[0]]
    return [text for row in rows for text in row if text is not None]
