"""study.toml → Study: what to read, what words mean here, which questions, what may leave.

Enters: a study folder.
Leaves: one frozen Study; nothing else in the package reads study.toml.
Refuses: unknown, missing and contradictory keys, files outside rosters/ (StudyError, all at once).
"""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engagement import codebook, consistency, planning, questions, sources, yardsticks
from engagement import sections as kinds
from engagement.codebook import Field
from engagement.declared import (
    Benchmark,
    Bilingual,
    Calendar,
    Check,
    Claim,
    Earlier,
    Edition,
    Factor,
    Interaction,
    Measure,
    Model,
    Outcome,
    Pilot,
    Plan,
    Population,
    Roster,
    Season,
    Segment,
    Unit,
)
from engagement.errors import Problem, StudyError
from engagement.sections import Section

FILE = "study.toml"
TYPES = ("text", "name", "date", "phone", "category", "yesno", "number", "hours", "count")


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
    own_headers: frozenset[str]
    values: Mapping[str, Mapping[str, str]]
    value_labels: Mapping[str, Mapping[str, Bilingual]]
    checks: tuple[Check, ...]
    levels: Mapping[str, Bilingual | None]
    units: tuple[Unit, ...]
    factors: Mapping[str, Factor]
    outcomes: Mapping[str, Outcome]
    models: tuple[Model, ...]
    interactions: tuple[Interaction, ...]
    population: Population | None
    benchmark: Benchmark | None
    earlier: tuple[Earlier, ...]
    seasons: tuple[Season, ...]
    claims: tuple[Claim, ...]
    calendar: Calendar | None
    segments: tuple[Segment, ...]
    plan: Plan | None
    pilot: Pilot | None
    protocol: Path | None
    edition: Edition | None
    tier: str
    keyed: bool
    purpose: Bilingual | None
    method: str
    fingerprint: str
    cells: Path | None = None  # counts of its records room, made before (cell_file.py)

    @property
    def language(self) -> str:
        """The first reading language."""
        return self.languages[0]

    @property
    def primary(self) -> Outcome:
        """The outcome that the study is about."""
        return next(outcome for outcome in self.outcomes.values() if outcome.primary)

    @property
    def counted(self) -> tuple[str, ...]:
        """The two levels of the organisation that its cells tell apart, the upper one first."""
        return tuple(self.levels)[-2:]

    @property
    def measures(self) -> Mapping[str, Measure]:
        """What may be offered, by id: the catalogue with the study's own lines."""
        own = self.plan.catalogue if self.plan is not None else ()
        return {measure.id: measure for measure in own or planning.catalogue()}

    def under(self, roster: Roster) -> Study:
        """This study as `roster` is read: what the study says, then its profile, then the codebook.

        The headers and values of a profile hold for its roster alone.
        """
        profile = roster.profile
        if profile is None:
            return self
        told = {text: to for text, to in profile.headers.items() if text not in self.own_headers}
        headers = {text: to for text, to in {**self.headers, **told}.items() if to}
        values = {
            name: {**profile.values.get(name, {}), **self.values.get(name, {})}
            for name in {**profile.values, **self.values}
        }
        return replace(self, headers=headers, values=values)

    @property
    def corrections(self) -> tuple[Path, ...]:
        """The mended copies of fix.xlsx that lie beside the rosters."""
        return tuple(
            sorted(filter(sources.is_correction, (self.folder / "rosters").glob("*.xlsx")))
        )

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
    edition = planning.edition(top)
    calendar = planning.within(questions.calendar(top), edition)
    rosters = sources.declared(top, folder / "rosters")
    headers, own_headers = _headers(top, own, fields, rosters)
    release = top.section("release")
    segments = questions.segments(top, fields, factors)
    plan = planning.plan(top)
    levels = sources.levels(top)
    study = Study(
        folder=folder,
        title=top.take("title", kinds.is_bilingual, kinds.BOTH),
        people=top.take("people", kinds.is_bilingual, kinds.BOTH),
        organisation=top.take("organisation", kinds.is_bilingual, kinds.BOTH),
        reference_date=top.take("reference_date", kinds.is_date, "2022-12-31"),
        languages=_languages(top),
        locale=top.one_of("locale", sources.LOCALES, "zh-CN"),
        rosters=rosters,
        fields=fields,
        headers=headers,
        own_headers=own_headers,
        values=_values(top, fields),
        value_labels=value_labels,
        checks=consistency.checks(top, fields, calendar),
        levels=levels,
        units=sources.units(top, levels),
        factors=factors,
        outcomes=outcomes,
        models=questions.models(top, factors, outcomes),
        interactions=questions.interactions(top, factors),
        population=yardsticks.population(top),
        benchmark=yardsticks.benchmark(top, factors),
        earlier=yardsticks.earlier(top, factors, outcomes),
        seasons=yardsticks.seasons(top, outcomes),
        claims=questions.claims(top, factors, outcomes),
        calendar=calendar,
        segments=segments,
        plan=plan,
        pilot=planning.pilot(top, plan, segments),
        protocol=planning.protocol(top, folder),
        edition=edition,
        tier=release.one_of("tier", codebook.tiers(), "committee"),
        keyed=release.take("key", kinds.is_flag, "true, false", False),
        purpose=release.take("purpose", kinds.is_bilingual, kinds.BOTH, None),
        method=top.one_of("method", questions.METHODS, "firth"),
        fingerprint=sources.fingerprint(source, rosters),
    )
    release.close()
    top.close()
    return study


def _languages(top: Section) -> tuple[str, ...]:
    names = top.take("languages", kinds.is_texts, '["zh", "en"]', ["zh", "en"])
    if not set(names) <= {"zh", "en"} or len(set(names)) != len(names):
        top.report("wrong_value", "languages", found=", ".join(names), expected="zh, en")
    return tuple(names)


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


def _headers(
    top: Section, own: Mapping[str, Field], fields: Mapping, rosters: tuple[Roster, ...]
) -> tuple[dict[str, str], frozenset[str]]:
    """Field by header, and the headers that the study itself declares."""
    spelled = dict(codebook.headers())
    exported = [roster.profile.headers for roster in rosters if roster.profile]
    section = top.section("headers")
    wanted = [
        (f"fields.{field.name}", text, field.name)
        for field in own.values()
        for text in _spellings(field)
    ]
    wanted += [("headers", text, section.one_of(text, fields)) for text in list(section.values)]
    for where, text, name in wanted:
        key = codebook.key(text)
        known = [spelled.get(key), *(headers.get(key) for headers in exported)]
        hidden = [field for field in known if _is_identity(field, fields)]
        if hidden and not _is_identity(name, fields):
            top.report("identity_header", where, found=hidden[0], expected=name)
        spelled[key] = name
    return spelled, frozenset(codebook.key(text) for _, text, _ in wanted)


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
