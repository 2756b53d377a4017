"""The checks of a study: what the cells of one row must agree on.

Enters: codebook/checks.toml, and [checks] and [[check]] of study.toml.
Leaves: the checks that hold for this study, in the order in which they speak.
Refuses: unknown keys and names, fields of another type, a check that compares nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from engagement import codebook
from engagement import sections as kinds
from engagement.codebook import Field
from engagement.declared import REFERENCE, Calendar, Check
from engagement.sections import BOTH, MISSING, Section

KINDS = ("order", "range", "since", "limit")
NUMBERS = ("number", "count", "hours")


def checks(
    top: Section, fields: Mapping[str, Field], calendar: Calendar | None
) -> tuple[Check, ...]:
    """The codebook's checks for this calendar, less those left out, and the study's own.

    A check of the study that bears the name of one of the codebook takes its place.
    """
    known = codebook.checks()
    section = top.section("checks")
    left_out = section.take("leave_out", kinds.is_texts, "[name]", [])
    for name in set(left_out) - set(known):
        section.report("unknown_name", "leave_out", found=name, expected=", ".join(known))
    section.close()
    profile = calendar.profile if calendar is not None else None
    given = {
        name: _check(Section(dict(values), "codebook/checks.toml", name, top.problems), fields)
        for name, values in known.items()
        if values.get("calendar", profile) == profile and name not in left_out
    }
    own = (_check(section, fields, own=True) for section in top.sections("check"))
    return tuple((given | {check.name: check for check in own}).values())


def _check(section: Section, fields: Mapping[str, Field], *, own: bool = False) -> Check:
    dates = [name for name, field in fields.items() if field.type == "date"]
    numbers = [name for name, field in fields.items() if field.type in NUMBERS]
    kind = section.one_of("kind", KINDS)
    name = section.take("name", kinds.is_text, "text") if own else section.where
    label = MISSING if own and name not in codebook.checks() else None
    order, since = kind == "order", kind == "since"
    edges = kind in ("order", "range")
    check = Check(
        name=name,
        kind=kind,
        earlier=section.one_of("earlier", dates) if order else None,
        later=section.one_of("later", [*dates, REFERENCE]) if order else None,
        field=None if order else section.one_of("field", numbers),
        since=section.one_of("since", dates) if since else None,
        limit=section.one_of("limit", numbers) if kind == "limit" else None,
        at_least=section.take("at_least", kinds.is_number, "18", None) if edges else None,
        at_most=section.take("at_most", kinds.is_number, "120", None) if edges else None,
        within=section.take("within", kinds.is_number, "2") if since else None,
        exceptions=_spans(section) if order else (),
        label=section.take("label", kinds.is_bilingual, BOTH, label),
    )
    if not own:
        section.take("calendar", kinds.is_text, "text", None)
    if kind == "range" and check.at_least is None and check.at_most is None:
        section.report("missing_key", expected="at_least")
    section.close()
    return check


def _spans(section: Section) -> tuple:
    found = section.take("except", _are_spans, "[[1969-04-14, 1977-08-17]]", [])
    return tuple(tuple(span) for span in found)


def _are_spans(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(span, list) and len(span) == 2 and all(map(kinds.is_date, span))
        for span in value
    )
