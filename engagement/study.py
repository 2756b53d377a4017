"""study.toml → Study: what to read, what words mean here, which questions, what may leave.

Enters: a study folder.
Leaves: one frozen Study; nothing else in the package reads study.toml.
Refuses: unknown, missing and contradictory keys, files outside rosters/ (StudyError, all at once).
"""

from __future__ import annotations

import datetime
import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engagement import codebook, consistency, questions
from engagement import sections as kinds
from engagement.codebook import Field
from engagement.declared import (
    Bilingual,
    Calendar,
    Check,
    Claim,
    Factor,
    Model,
    Outcome,
    Plan,
    Population,
    Roster,
    Segment,
    Unit,
)
from engagement.errors import Problem, StudyError
from engagement.sections import Section

LEVELS = ("branch", "group")
FILE = "study.toml"
KINDS = ("members", "volunteers", "sign_ins", "mobile", "lost", "minutes")
TYPES = ("text", "name", "date", "phone", "category", "yesno", "number", "hours", "count")
LOCALES = ("zh-CN", "zh-TW", "en-GB", "en-US", "de-DE")


@dataclass(frozen=True)
class Study:
    """One organisation's rosters and questions, declared."""

    folder: Path
    title: Bilingual
    people: Bilingual
    organisation: Bilingual
    reference_date: datetime.date
    languages: tuple[str, ...]
    locale: str
    rosters: tuple[Roster, ...]
    fields: Mapping[str, Field]
    headers: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]
    value_labels: Mapping[str, Mapping[str, Bilingual]]
    checks: tuple[Check, ...]
    units: tuple[Unit, ...]
    factors: Mapping[str, Factor]
    outcomes: Mapping[str, Outcome]
    models: tuple[Model, ...]
    population: Population | None
    claims: tuple[Claim, ...]
    calendar: Calendar | None
    segments: tuple[Segment, ...]
    plan: Plan | None
    tier: str
    purpose: Bilingual | None
    method: str
    fingerprint: str

    @property
    def language(self) -> str:
        """The first reading language."""
        return self.languages[0]

    @property
    def primary(self) -> Outcome:
        """The outcome that the study is about."""
        return next(outcome for outcome in self.outcomes.values() if outcome.primary)

    @property
    def corrections(self) -> tuple[Path, ...]:
        """The mended copies of fix.xlsx that lie beside the rosters."""
        return tuple(sorted(filter(_is_correction, (self.folder / "rosters").glob("*.xlsx"))))

    @property
    def private(self) -> Path:
        return self.folder / "private"

    @property
    def out(self) -> Path:
        return self.folder / "out"


def load(folder: Path) -> Study:
    """Read `folder`/study.toml.

    Raises StudyError with every problem of the file at once.
    """
    path = Path(folder).resolve() / FILE
    if not path.is_file():
        raise StudyError.one("study_missing", folder=Path(folder).name)
    source = path.read_bytes()
    problems: list[Problem] = []
    study = _study(Section(_parsed(source), FILE, "", problems), path.parent, source)
    if problems:
        raise StudyError(problems)
    return study


def _parsed(source: bytes) -> dict:
    try:
        return tomllib.loads(source.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise StudyError.one("study_not_utf8", file=FILE) from None
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        row = at[1] if at else source.count(b"\n") + 1
        raise StudyError.one("study_not_toml", file=FILE, row=row) from None


def _study(top: Section, folder: Path, source: bytes) -> Study:
    own, value_labels = _fields(top)
    fields = {**codebook.fields(), **own}
    factors = questions.factors(top, fields, value_labels)
    outcomes = questions.outcomes(top, fields)
    calendar = questions.calendar(top)
    release = top.section("release")
    study = Study(
        folder=folder,
        title=top.take("title", kinds.is_bilingual, kinds.BOTH),
        people=top.take("people", kinds.is_bilingual, kinds.BOTH),
        organisation=top.take("organisation", kinds.is_bilingual, kinds.BOTH),
        reference_date=top.take("reference_date", kinds.is_date, "2022-12-31"),
        languages=_languages(top),
        locale=top.one_of("locale", LOCALES, "zh-CN"),
        rosters=_rosters(top, folder / "rosters"),
        fields=fields,
        headers=_headers(top, own, fields),
        values=_values(top, fields),
        value_labels=value_labels,
        checks=consistency.checks(top, fields, calendar),
        units=_units(top),
        factors=factors,
        outcomes=outcomes,
        models=questions.models(top, factors, outcomes),
        population=questions.population(top),
        claims=questions.claims(top, factors, outcomes),
        calendar=calendar,
        segments=questions.segments(top, fields, factors),
        plan=questions.plan(top),
        tier=release.one_of("tier", codebook.tiers(), "committee"),
        purpose=release.take("purpose", kinds.is_bilingual, kinds.BOTH, None),
        method=top.one_of("method", questions.METHODS, "firth"),
        fingerprint=hashlib.sha256(source).hexdigest(),
    )
    release.close()
    top.close()
    return study


def _languages(top: Section) -> tuple[str, ...]:
    names = top.take("languages", kinds.is_texts, '["zh", "en"]', ["zh", "en"])
    if not set(names) <= {"zh", "en"} or len(set(names)) != len(names):
        top.report("wrong_value", "languages", found=", ".join(names), expected="zh, en")
    return tuple(names)


def _rosters(top: Section, folder: Path) -> tuple[Roster, ...]:
    return tuple(_roster(section, folder) for section in top.sections("roster"))


def _roster(section: Section, folder: Path) -> Roster:
    pattern = section.take("file", kinds.is_text, "*.xlsx") or ""
    roster = Roster(
        pattern=pattern,
        kind=section.one_of("kind", KINDS),
        sheets=section.one_of("sheets", ["branch"], None),
        year=section.take("year", kinds.is_count, "2022", None),
        expected_rows=section.take("expected_rows", kinds.is_count, "173", None),
        blank=section.one_of("blank", ["absent"], None),
        locale=section.one_of("locale", LOCALES, None),
        files=_files(section, pattern, folder),
    )
    section.close()
    return roster


def _files(section: Section, pattern: str, folder: Path) -> tuple[Path, ...]:
    if Path(pattern).is_absolute() or ".." in Path(pattern).parts or "\\" in pattern:
        section.report("path_outside", "file")
        return ()
    named = (path for path in folder.glob(pattern or "-") if not path.name.startswith("~$"))
    found = sorted(path for path in named if not _is_correction(path))
    if any(not path.resolve().is_relative_to(folder.resolve()) for path in found):
        section.report("path_outside", "file")
    if not found:
        section.report("roster_not_found", "file", found=pattern)
    return tuple(found)


def _is_correction(path: Path) -> bool:
    """Whether a file is named as a mended copy of fix.xlsx: fix.xlsx, fix (1).xlsx, fix-2.xlsx."""
    return re.fullmatch(r"fix(?![a-z]).*\.xlsx", path.name, re.IGNORECASE) is not None


def _fields(top: Section) -> tuple[dict[str, Field], dict[str, dict[str, Bilingual]]]:
    own, labels = {}, {}
    for name, section in top.named("fields").items():
        if name in codebook.fields():
            section.report("field_taken", found=name)
        label = section.take("label", kinds.is_bilingual, kinds.BOTH, {"zh": name, "en": name})
        own[name] = Field(
            name=name,
            zh=label["zh"],
            en=label["en"],
            synonyms=tuple(section.take("headers", kinds.is_texts, "[text]", [])),
            type=section.one_of("type", TYPES, "category"),
            codes=None,
            use=frozenset({section.one_of("use", ["FAC", "FAC-S", "OUT", "X"], "FAC")}),
        )
        labels[name] = _labels(section)
        section.close()
    return own, labels


def _labels(section: Section) -> dict[str, Bilingual]:
    table = section.section("labels")
    return {code: table.take(code, kinds.is_bilingual, kinds.BOTH) for code in list(table.values)}


def _headers(top: Section, own: Mapping[str, Field], fields: Mapping) -> dict[str, str]:
    spelled = dict(codebook.headers())
    section = top.section("headers")
    wanted = [
        (f"fields.{field.name}", text, field.name)
        for field in own.values()
        for text in _spellings(field)
    ]
    wanted += [("headers", text, section.one_of(text, fields)) for text in list(section.values)]
    for where, text, name in wanted:
        known = spelled.get(codebook.key(text))
        if _is_identity(known, fields) and not _is_identity(name, fields):
            top.report("identity_header", where, found=known, expected=name)
        spelled[codebook.key(text)] = name
    return spelled


def _spellings(field: Field) -> tuple[str, ...]:
    return (field.name, field.zh, field.en, *field.synonyms)


def _is_identity(name: str | None, fields: Mapping[str, Field]) -> bool:
    return name in fields and "ID" in fields[name].use


def _values(top: Section, fields: Mapping[str, Field]) -> dict[str, dict[str, str]]:
    maps = {}
    for name, section in top.named("values").items():
        if name not in fields:
            section.report("unknown_name", found=name, expected="–")
        spelled = section.values if kinds.is_spellings(section.values) else {}
        maps[name] = {codebook.key(text): code for text, code in spelled.items()}
    return maps


def _units(top: Section) -> tuple[Unit, ...]:
    units = tuple(_unit(section) for section in top.sections("unit"))
    codes = {unit.code for unit in units}
    for unit in units:
        if unit.parent is not None and unit.parent not in codes:
            top.report("unknown_name", "unit", found=unit.parent, expected=", ".join(codes))
    return units


def _unit(section: Section) -> Unit:
    unit = Unit(
        code=section.take("code", kinds.is_text, "b1"),
        level=section.one_of("level", LEVELS),
        parent=section.take("parent", kinds.is_text, "b1", None),
        zh=section.take("zh", kinds.is_text, "text"),
        en=section.take("en", kinds.is_text, "text"),
        aliases=tuple(section.take("aliases", kinds.is_texts, "[text]", [])),
    )
    section.close()
    return unit
