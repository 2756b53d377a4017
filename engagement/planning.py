"""The plan in study.toml: hours, measures, the pilot, last year's protocol, the edition.

Enters: sections of study.toml and the catalogue of measures.
Leaves: the frozen nouns of declared.py.
Refuses: unknown measures, barriers and units, negative hours, an effect range upside down, a pilot
that its measure cannot have.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from engagement import codebook
from engagement import sections as kinds
from engagement.declared import Calendar, Edition, Measure, Pilot, Plan, Segment
from engagement.sections import BOTH, Section

GRADES = ("A", "B", "C", "D")
DESIGNS = ("individuals", "stepped_wedge", "lottery")
TRIALS = (*DESIGNS, "none")
EDITIONS = ("june", "november")
LARGEST_SEED = 2**32


@functools.cache
def catalogue() -> tuple[Measure, ...]:
    """The measures of the codebook."""
    return tuple(_measure(row) for row in codebook.measures().to_dict("records"))


def _measure(row: Mapping) -> Measure:
    known = row["effect_low"] != "" and row["effect_high"] != ""
    return Measure(
        id=row["id"],
        label={"zh": row["zh"], "en": row["en"]},
        barriers=tuple(row["barrier"].split(";")),
        channel=row["channel"],
        unit=row["unit"],
        staff_hours=float(row["staff_hours_per_unit"]),
        grade=row["grade"],
        trial=row["trial"],
        effect=(float(row["effect_low"]), float(row["effect_high"])) if known else None,
        source=row["source_note"],
    )


def plan(top: Section) -> Plan | None:
    """What the staff can give, when the study says so."""
    measures = _catalogue(top)
    section = top.section("plan")
    if not section.values:
        return None
    found = Plan(
        staff_hours_per_month=section.take("staff_hours_per_month", _is_amount, "40", 0.0),
        months=section.take("months", _is_months, "12", 12),
        owner=section.take("owner", kinds.is_bilingual, BOTH),
        measures=tuple(section.take("measures", kinds.is_texts, "[id]", [])),
        catalogue=tuple(measures.values()),
        rooms_per_month=section.take("rooms_per_month", kinds.is_count, "20", None),
        posts=section.take("posts", kinds.is_count, "10", None),
    )
    if "staff_hours_per_month" not in section.values:
        section.report("no_staff_hours", "staff_hours_per_month")
    for name in found.measures:
        if name not in measures:
            section.report("unknown_name", "measures", found=name, expected=", ".join(measures))
    section.close()
    return found


def _catalogue(top: Section) -> dict[str, Measure]:
    """The codebook's measures, changed and added to by the [[measure]] tables."""
    known = {measure.id: measure for measure in catalogue()}
    taken = set()
    for section in top.sections("measure"):
        name = section.take("id", kinds.is_text, "MS26")
        if name in taken:
            section.report("measure_twice", "id", found=name)
        taken.add(name)
        known[name] = _own(section, name, known.get(name))
        section.close()
    return {name: measure for name, measure in known.items() if name}


def _own(section: Section, name: str, base: Measure | None) -> Measure:
    """A measure of the study: what it does not say is the codebook's, when that knows it."""
    missing = {"default": kinds.MISSING} if base is None else {}
    ladder = set(codebook.barriers()["barrier"])

    def taken(key: str, kind, expected: str, default):
        return section.take(key, kind, expected, **(missing or {"default": default}))

    barriers = tuple(taken("barriers", kinds.is_texts, "[B-…]", base and base.barriers) or ())
    for barrier in sorted(set(barriers) - ladder):
        section.report("unknown_name", "barriers", found=barrier, expected=", ".join(ladder))
    units = list(codebook.amounts()["unit"])
    return Measure(
        id=name,
        label=section.offered("label", **(missing or {"default": base and base.label})),
        barriers=barriers,
        channel=section.take("channel", kinds.is_text, "phone", base.channel if base else ""),
        unit=section.one_of("unit", units, base.unit if base else kinds.MISSING),
        staff_hours=taken("staff_hours_per_unit", _is_amount, "0.5", base and base.staff_hours),
        grade=section.one_of("grade", GRADES, base.grade if base else kinds.MISSING),
        trial=section.one_of("trial", TRIALS, base.trial if base else "none"),
        effect=_effect(section, base),
        source=section.take("source", kinds.is_text, "text", base.source if base else ""),
    )


def _effect(section: Section, base: Measure | None) -> tuple[float, float] | None:
    """What the measure is declared to add, from … to …; None stays unknown."""
    found = section.take("effect", _is_range, "[0.0, 0.1]", None)
    if found is None:
        return base.effect if base else None
    if found[0] > found[1]:
        section.report("range_upside_down", "effect", found=f"{found[0]} > {found[1]}")
    return float(found[0]), float(found[1])


def pilot(top: Section, declared: Plan | None, segments: tuple[Segment, ...]) -> Pilot | None:
    """The pilot of the coming year, when the study declares one."""
    section = top.section("pilot")
    if not section.values:
        return None
    known = {one.id: one for one in (declared.catalogue if declared else catalogue())}
    measure = section.one_of("measure", known)
    fitting = known[measure].trial if measure in known else "individuals"
    found = Pilot(
        measure=measure,
        segment=section.one_of("segment", [one.name for one in segments], "") or "",
        design=section.one_of("design", DESIGNS, fitting),
        seed=section.take("seed", _is_seed, "20230101"),
        start=section.take("from", kinds.is_date, "2023-02-01"),
        end=section.take("to", kinds.is_date, "2023-12-31"),
        waves=section.take("waves", _is_months, "5", None),
        places=section.take("places", kinds.is_count, "40", None),
    )
    section.close()
    return _checked(section, found)


def _checked(section: Section, found: Pilot) -> Pilot:
    """A pilot in which design, dates and numbers fit each other."""
    if found.design == "none":
        section.report("no_trial", "measure", found=found.measure, expected=", ".join(DESIGNS))
    if found.start and found.end and found.start >= found.end:
        section.report("wrong_value", "to", found="to < from", expected="from < to")
    if found.design == "lottery" and not found.places:
        section.report("missing_key", "places", expected="places")
    if found.design == "stepped_wedge" and not found.waves:
        return replace(found, waves=5)
    return found


def edition(top: Section) -> Edition | None:
    """The edition that the study is run for, when it says so."""
    section = top.section("edition")
    if not section.values:
        return None
    found = Edition(
        name=section.one_of("name", EDITIONS),
        start=section.take("from", kinds.is_date, "2022-01-01"),
        end=section.take("to", kinds.is_date, "2022-06-30"),
    )
    section.close()
    if found.start and found.end and found.start >= found.end:
        section.report("wrong_value", "to", found="to < from", expected="from < to")
    return found


def within(calendar: Calendar | None, window: Edition | None) -> Calendar | None:
    """The expected calendar in the window of the edition; all of it without one."""
    if calendar is None or window is None or None in (calendar.start, window.start, window.end):
        return calendar
    start, end = max(calendar.start, window.start), min(calendar.end, window.end)
    return replace(calendar, start=start, end=end)


def protocol(top: Section, folder: Path) -> Path | None:
    """Last year's protocol, when the study evaluates one; a file beside study.toml."""
    section = top.section("evaluation")
    if not section.values:
        return None
    name = section.take("protocol", kinds.is_text, "protocol.json")
    section.close()
    path = (folder / (name or "")).resolve()
    if not name or not path.is_relative_to(folder) or not path.is_file():
        section.report("protocol_not_found", "protocol", found=name or "")
        return None
    return path


def _is_amount(value: object) -> bool:
    return kinds.is_number(value) and value >= 0


def _is_months(value: object) -> bool:
    return kinds.is_count(value) and 1 <= value <= 60


def _is_seed(value: object) -> bool:
    return kinds.is_count(value) and value < LARGEST_SEED


def _is_range(value: object) -> bool:
    pair = isinstance(value, list) and len(value) == 2 and all(map(kinds.is_number, value))
    return pair and all(-1 <= end <= 1 for end in value)
