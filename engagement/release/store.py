"""findings.json: the single source of every number in every document, figure and alt text.

Enters: a Release and the study it belongs to; or a findings.json written earlier.
Leaves: a dict of schema engagement.findings/1, and files written whole or not at all.
Refuses: anything not made from a Release (TypeError), a changed or foreign file, a folder that
cannot be written (ReleaseRefused).
"""

from __future__ import annotations

import io
import json
import math
import unicodedata
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from engagement import codebook, files, secret
from engagement.declared import Unit
from engagement.errors import ReleaseRefused
from engagement.release import calendar, disclosure, totals
from engagement.study import Study

SCHEMA = "engagement.findings/1"
SHOWN_DIGITS = 12
Z95 = 1.959963984540054


def findings(
    release: disclosure.Release,
    study: Study,
    pilot: Mapping[str, object] | None = None,
    *,
    since: Mapping[str, object] | None = None,
) -> dict:
    """Everything that a document needs, with the release's numbers at full precision.

    Keys: schema, release, study, labels, claims, population, pilot (the protocol laid down, or
    None), changes (against the last release, changes.since, or None), tables (rows by table name),
    numbers (what follows from the tables).
    docs/findings.schema.json describes them.
    Raises TypeError when `release` is not a Release.
    """
    if not isinstance(release, disclosure.Release):
        raise TypeError(f"store.findings() takes a Release, not {type(release).__name__}.")
    tables = {name: disclosure.records(table) for name, table in release.tables.items()}
    told = {
        "schema": SCHEMA,
        "release": {
            "tables_id": release.id,
            "rules": release.rules.as_dict(),
            "numbers": release.numbers,
            "hidden": release.hidden,
        },
        "study": _study(study),
        "labels": _labels(study, _measures(tables)),
        "claims": _claims(study, tables["findings"]),
        "population": _population(study),
        "pilot": dict(pilot) if pilot is not None else None,
        "changes": dict(since) if since is not None else None,
        "tables": {
            **tables,
            "outcomes": _with_intervals(tables),
            "plan": calendar.rows(tables["plan"]),
        },
        "numbers": totals.numbers(tables, study),
    }
    told = _printable(told)
    told["release"]["id"] = content_id(told)
    return told


def _printable(node: object) -> object:
    """The same tree, its texts without signs that no page can show: controls, zero-width marks."""
    if isinstance(node, str):
        shown = (sign for sign in node if unicodedata.category(sign) != "Cf")
        return "".join(" " if unicodedata.category(sign) == "Cc" else sign for sign in shown)
    if isinstance(node, list):
        return [_printable(part) for part in node]
    if isinstance(node, dict):
        return {_printable(key): _printable(part) for key, part in node.items()}
    return node


def content_id(told: Mapping) -> str:
    """SHA-256 of the findings without their own id."""
    release = {key: value for key, value in told["release"].items() if key != "id"}
    content = json.dumps({**told, "release": release}, sort_keys=True, ensure_ascii=False)
    return secret.fingerprint(content)


def table(told: Mapping, name: str) -> pd.DataFrame:
    """Table `name` of findings.json as a protected table.

    Raises ReleaseRefused when the findings were changed after they were written.
    """
    verify(told)
    return disclosure.seal(pd.DataFrame(told["tables"][name]), told["release"]["id"])


def verify(told: Mapping) -> Mapping:
    """Return `told` when it is whole and of a schema that we read.

    Raises ReleaseRefused otherwise.
    """
    if told.get("schema") != SCHEMA:
        raise ReleaseRefused.one("findings_foreign", found=told.get("schema"), expected=SCHEMA)
    if content_id(told) != told["release"].get("id"):
        raise ReleaseRefused.one("findings_changed")
    return told


def text(told: Mapping) -> str:
    """findings.json: sorted keys, fixed separators, a line break at the end."""
    return json.dumps(verify(told), sort_keys=True, ensure_ascii=False, indent=1) + "\n"


def read(path: Path) -> dict:
    """The findings written at `path`; raises ReleaseRefused when they were changed."""
    return dict(verify(json.loads(Path(path).read_text(encoding="utf-8"))))


def write(
    release: disclosure.Release, told: Mapping, pages: Mapping[str, bytes], folder: Path
) -> list[Path]:
    """Write findings.json and `pages` (by name, made from the same findings) into `folder`.

    All of them appear, or none does.
    Raises TypeError for anything but a Release and what was made from it, ReleaseRefused when the
    folder cannot be written.
    """
    if not isinstance(release, disclosure.Release):
        raise TypeError(f"store.write() takes a Release, not {type(release).__name__}.")
    strangers = [name for name, page in pages.items() if not bears(page, told["release"]["id"])]
    if told["release"]["tables_id"] != release.id or strangers:
        raise TypeError(f"{strangers or 'the findings'} do not come from this release.")
    contents = {**pages, "findings.json": text(told).encode("utf-8")}
    files.write_together(Path(folder), contents)
    return [Path(folder) / name for name in contents]


def bears(page: bytes, release_id: str) -> bool:
    """Whether a page, or a part of it where it is a zip, names the release it comes from."""
    parts = [page]
    if zipfile.is_zipfile(io.BytesIO(page)):
        with zipfile.ZipFile(io.BytesIO(page)) as opened:
            parts = [opened.read(name) for name in opened.namelist()]
    return any(release_id[:SHOWN_DIGITS].encode() in part for part in parts)


def _study(study: Study) -> dict:
    return {
        "title": dict(study.title),
        "organisation": dict(study.organisation),
        "people": dict(study.people),
        "languages": list(study.languages),
        "reference_date": study.reference_date.isoformat(),
        "primary": study.primary.name,
        "method": study.method,
        "fingerprint": study.fingerprint,
        "smallest_difference": {
            name: outcome.smallest_difference for name, outcome in study.outcomes.items()
        },
        "panels": [name for name, outcome in study.outcomes.items() if outcome.kind == "panel"],
        "calendar": study.calendar is not None,
        "adjusted_for": {name: list(factor.adjust) for name, factor in study.factors.items()},
        "roles": {name: factor.role for name, factor in study.factors.items()},
        "staff_hours": study.plan.staff_hours_per_month * study.plan.months if study.plan else None,
        "edition": study.edition.name if study.edition else None,
        "plan_months": study.plan.months if study.plan else None,
    }


def _measures(tables: Mapping[str, list]) -> set[str]:
    """The measures that the released tables name."""
    return {row["measure"] for name in ("plan", "evaluation") for row in tables[name]}


def _labels(study: Study, used: set[str]) -> dict:
    """Bilingual names of everything that a table may name by its code."""
    rules = codebook.calendar(study.calendar.profile) if study.calendar else ()
    level = study.levels[study.counted[0]]
    units = {unit.code: unit for unit in study.units}
    return {
        "factors": {name: dict(factor.label) for name, factor in study.factors.items()}
        | ({"branch": dict(level)} if level else {}),
        "levels": {
            name: {level: dict(label) for level, label in factor.labels.items()}
            for name, factor in study.factors.items()
        },
        "order": {name: list(factor.levels) for name, factor in study.factors.items()},
        "outcomes": {name: dict(outcome.label) for name, outcome in study.outcomes.items()},
        "branches": {
            unit.code: {"zh": unit.zh, "en": unit.en}
            for unit in study.units
            if unit.level == "branch"
        },
        "groups": {
            unit.code: _of_branch(unit, units[unit.parent])
            for unit in study.units
            if unit.level == "group" and unit.parent
        },
        "segments": {segment.name: dict(segment.label) for segment in study.segments},
        "duties": {rule.duty_type: {"zh": rule.zh, "en": rule.en} for rule in rules},
        "measures": {name: dict(study.measures[name].label) for name in sorted(used)},
        "barriers": {
            row["barrier"]: {"zh": row["zh"], "en": row["en"]}
            for row in codebook.barriers().to_dict("records")
        },
        "fields": {
            name: {"zh": study.fields[name].zh, "en": study.fields[name].en}
            for name in sorted(set(codebook.barriers()["column"]) & set(study.fields))
        },
        "owner": dict(study.plan.owner) if study.plan else {"zh": "", "en": ""},
    }


def _of_branch(unit: Unit, branch: Unit) -> dict[str, str]:
    """The name of a group behind that of its branch: groups may share their names."""
    return {"zh": branch.zh + unit.zh, "en": f"{branch.en}, {unit.en}"}


def _claims(study: Study, found: list[dict]) -> list[dict]:
    """The claims in the study's order, each with the finding that judged it."""
    judged = {row["term"]: row for row in reversed(found)}
    return [
        {
            "name": claim.name,
            "kind": claim.kind,
            "text": dict(claim.text),
            "factor": claim.factor,
            "levels": [list(names or ()) for names in (claim.levels, claim.against)],
            **{
                key: judged.get(claim.name, {}).get(key)
                for key in (
                    "outcome",
                    "verdict",
                    "estimate",
                    "conf_low",
                    "conf_high",
                    "members",
                    "events",
                )
            },
        }
        for claim in study.claims
    ]


def _population(study: Study) -> dict | None:
    if study.population is None:
        return None
    people = study.population
    return {"label": dict(people.label), "total": people.total, "adults": people.adults}


def _with_intervals(tables: Mapping[str, list]) -> list[dict]:
    """Outcome rows with an interval of the share: the finding's where released, else Wilson's.

    Wilson (1927) with one trial per member: for session sums the widest that clustering allows.
    """
    modelled = {
        (row["outcome"], row["term"], row["contrast"]): row
        for row in tables["findings"]
        if row["estimand"] == "prevalence" and row["released"] and row["conf_low"] is not None
    }
    rows = []
    for row in tables["outcomes"]:
        own = modelled.get((row["outcome"], row["factor"], row["level"]))
        low, high = (own["conf_low"], own["conf_high"]) if own else _wilson(row)
        shown = row["share"] is not None and row["members"] is not None
        rows.append(
            {**row, "conf_low": low if shown else None, "conf_high": high if shown else None}
        )
    return rows


def _wilson(row: Mapping) -> tuple[float | None, float | None]:
    share, members = row["share"], row["members"]
    if share is None or members is None:
        return None, None
    spread = Z95**2 / members
    middle = (share + spread / 2) / (1 + spread)
    half = Z95 * math.sqrt(share * (1 - share) / members + spread / (4 * members)) / (1 + spread)
    return middle - half, middle + half
