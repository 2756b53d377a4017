"""The questions of study.toml: factors, outcomes, models, claims, calendar, segments.

Enters: sections of study.toml and the fields that the study knows.
Leaves: the frozen nouns of declared.py.
Refuses: names that are not declared, bands out of order, references that are no level.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping

from engagement import codebook
from engagement import sections as kinds
from engagement.codebook import Field
from engagement.declared import (
    Bilingual,
    Calendar,
    Claim,
    Factor,
    Interaction,
    Model,
    Outcome,
    Segment,
)
from engagement.sections import BOTH, Section

METHODS = ("firth", "maximum_likelihood")
FACTOR_KINDS = ("category", "ordered", "number", "curve")
OUTCOME_KINDS = ("panel", "list", "column", "hours")
ONE_HOUR = 1.0
CLAIM_KINDS = ("share", "contrast", "attitude")
ROLES = ("primary", "exploratory")
FACTOR_USES = frozenset({"FAC", "FAC-S", "STR", "DUE", "REACH", "ASK"})


def factors(
    top: Section, fields: Mapping[str, Field], value_labels: Mapping[str, Mapping[str, Bilingual]]
) -> dict[str, Factor]:
    """The declared factors by name."""
    named = top.named("factors")
    declared = {
        name: _factor(name, section, fields, value_labels) for name, section in named.items()
    }
    for name, section in named.items():
        _check_terms(section, "adjust", declared[name].adjust, declared)
    return declared


def _factor(name: str, section: Section, fields: Mapping, value_labels: Mapping) -> Factor:
    source = section.one_of("field", fields, name)
    field = fields.get(source)
    bands = tuple(section.take("bands", kinds.is_numbers, "[18, 36, 61]", []))
    groups = section.take("groups", kinds.is_groups, "{ name = [codes] }", {})
    known = value_labels.get(source) or _code_labels(field)
    points = tuple(section.take("points", kinds.is_numbers, "[30, 50, 70]", []))
    levels = band_codes(bands) or tuple(groups) or tuple(known) or tuple(f"{p:g}" for p in points)
    factor = Factor(
        name=name,
        field=source,
        kind=section.one_of("kind", FACTOR_KINDS, "category"),
        bands=bands,
        groups={code: tuple(codes) for code, codes in groups.items()},
        levels=levels,
        reference=section.one_of("reference", levels, None) if levels else None,
        step=section.take("step", kinds.is_number, "1.0", None),
        points=points,
        role=section.one_of("role", ROLES, "exploratory"),
        adjust=tuple(section.take("adjust", kinds.is_texts, "[factor]", [])),
        label=section.take("label", kinds.is_bilingual, BOTH, _field_label(field, name)),
        labels={
            **{level: {"zh": level, "en": level} for level in levels},
            **known,
            **_own(section),
        },
    )
    _check_factor(section, factor, field)
    section.close()
    return factor


def _check_factor(section: Section, factor: Factor, field: Field | None) -> None:
    """A consequence of taking part is no factor, and a curve needs two points to compare."""
    if field is not None and not field.use & FACTOR_USES:
        section.report("not_a_factor", "field", found=factor.field)
    if factor.kind == "curve" and len(set(factor.points)) < 2:
        section.report("missing_key", expected="points = [30, 50, 70]")


def band_codes(edges: Iterable[int]) -> tuple[str, ...]:
    """The codes of the bands that begin at `edges`: 18, 36, 61 → 18-35, 36-60, 61+."""
    lower = list(edges)
    closed = [f"{low}-{high - 1}" for low, high in itertools.pairwise(lower)]
    return (*closed, f"{lower[-1]}+") if lower else ()


def _own(section: Section) -> dict[str, Bilingual]:
    table = section.section("labels")
    return {code: table.take(code, kinds.is_bilingual, BOTH) for code in list(table.values)}


def _code_labels(field: Field | None) -> dict[str, Bilingual]:
    names = "yesno" if field is not None and field.type == "yesno" else None
    codes = (field.codes if field is not None else None) or names
    if codes is None:
        return {}
    return {code.code: {"zh": code.zh, "en": code.en} for code in codebook.codes(codes).values()}


def _field_label(field: Field | None, name: str) -> Bilingual:
    return {"zh": field.zh, "en": field.en} if field is not None else {"zh": name, "en": name}


def _check_terms(
    section: Section, name: str, terms: Iterable[str], declared: Mapping[str, Factor]
) -> None:
    for term in terms:
        for part in term.removesuffix("^2").split(":"):
            if part not in declared:
                section.report("unknown_name", name, found=part, expected=", ".join(declared))


def outcomes(top: Section, fields: Mapping[str, Field]) -> dict[str, Outcome]:
    """The declared outcomes by name; exactly one is primary."""
    analysis = top.section("analysis")
    default = analysis.take("smallest_difference", kinds.is_share, "0.10", 0.10)
    analysis.close()
    declared = {
        name: _outcome(name, section, fields, default)
        for name, section in top.named("outcomes").items()
    }
    if sum(outcome.primary for outcome in declared.values()) != 1:
        top.report("wrong_value", "outcomes", found=str(len(declared)), expected="primary = true")
    return declared


def _outcome(name: str, section: Section, fields: Mapping, default: float) -> Outcome:
    kind = section.one_of("kind", OUTCOME_KINDS)
    if kind == "hours":
        smallest = section.take("smallest_difference", _is_amount, "1.0", ONE_HOUR)
    else:
        smallest = section.take("smallest_difference", kinds.is_share, "0.10", default)
    outcome = Outcome(
        name=name,
        kind=kind,
        roster=section.one_of("roster", ["sign_ins", "volunteers"], None),
        field=section.one_of("field", fields, None),
        took_part=tuple(section.take("took_part", kinds.is_texts, "[code]", ["yes"])),
        primary=section.take("primary", kinds.is_flag, "true, false", False),
        smallest_difference=smallest,
        label=section.take("label", kinds.is_bilingual, BOTH),
    )
    wanted = "field" if kind == "column" else "roster"
    if getattr(outcome, wanted) is None:
        section.report("missing_key", expected=wanted)
    section.close()
    return outcome


def _is_amount(value: object) -> bool:
    return kinds.is_number(value) and value > 0


def models(top: Section, factors: Mapping, outcomes: Mapping) -> tuple[Model, ...]:
    """The declared regressions."""
    return tuple(_model(section, factors, outcomes) for section in top.sections("model"))


def _model(section: Section, factors: Mapping, outcomes: Mapping) -> Model:
    model = Model(
        name=section.take("name", kinds.is_text, "text"),
        outcome=section.one_of("outcome", outcomes),
        terms=tuple(section.take("terms", kinds.is_texts, "[factor]") or ()),
        method=section.one_of("method", METHODS, "firth"),
    )
    _check_terms(section, "terms", model.terms, factors)
    section.close()
    return model


def claims(top: Section, factors: Mapping[str, Factor], outcomes: Mapping) -> tuple[Claim, ...]:
    """The sentences to be checked."""
    return tuple(_claim(section, factors, outcomes) for section in top.sections("claim"))


def interactions(top: Section, factors: Mapping[str, Factor]) -> tuple[Interaction, ...]:
    """The pairs of factors whose interaction is asked for; both have levels."""
    leveled = [name for name, factor in factors.items() if not factor.is_numeric]
    return tuple(_interaction(section, leveled) for section in top.sections("interaction"))


def _interaction(section: Section, leveled: list[str]) -> Interaction:
    found = Interaction(section.one_of("factor", leveled), section.one_of("by", leveled))
    if found.factor is not None and found.factor == found.by:
        section.report("wrong_value", "by", found=found.by, expected="another factor")
    section.close()
    return found


def _claim(section: Section, factors: Mapping[str, Factor], outcomes: Mapping) -> Claim:
    claim = Claim(
        name=section.take("name", kinds.is_text, "text"),
        kind=section.one_of("kind", CLAIM_KINDS),
        text=section.take("text", kinds.is_bilingual, BOTH),
        outcome=section.one_of("outcome", outcomes, None),
        factor=section.one_of("factor", factors, None),
        levels=tuple(section.take("levels", kinds.is_texts, "[level]", [])),
        against=tuple(section.take("against", kinds.is_texts, "[level]", [])),
        above=section.take("above", kinds.is_share, "0.5", None),
        direction=section.one_of("direction", ["lower", "higher"], None),
        adjust=_terms(section.take("adjust", kinds.is_texts, "[factor]", None)),
    )
    _check_terms(section, "adjust", claim.adjust or (), factors)
    levels = factors[claim.factor].levels if claim.factor in factors else ()
    for name in ("levels", "against"):
        for level in getattr(claim, name):
            if level not in levels:
                section.report("unknown_name", name, found=level, expected=", ".join(levels))
    section.close()
    return claim


def _terms(named: list[str] | None) -> tuple[str, ...] | None:
    return None if named is None else tuple(named)


def calendar(top: Section) -> Calendar | None:
    """The expected calendar, when the study has one."""
    section = top.section("calendar")
    if not section.values:
        return None
    found = Calendar(
        profile=section.one_of("profile", codebook.calendars()),
        start=section.take("from", kinds.is_date, "2022-01-01"),
        end=section.take("to", kinds.is_date, "2022-12-31"),
    )
    section.close()
    return found


def segments(top: Section, fields: Mapping, factors: Mapping) -> tuple[Segment, ...]:
    """The barrier classes; `when` names factors (by level) or fields of members (by code)."""
    known = (*factors, "reachable", "is_mobile", "is_lost", "excused", "due", *fields)
    return tuple(_segment(section, known) for section in top.sections("segment"))


def _segment(section: Section, known: Iterable[str]) -> Segment:
    when = section.take("when", kinds.is_groups, "{ factor = [levels] }", {})
    for name in when:
        if name not in known:
            section.report("unknown_name", "when", found=name, expected=", ".join(known))
    segment = Segment(
        name=section.take("name", kinds.is_text, "text"),
        barrier=section.take("barrier", kinds.is_text, "B-CAPP"),
        when={name: tuple(codes) for name, codes in when.items()},
        label=section.offered("label"),
    )
    section.close()
    return segment
