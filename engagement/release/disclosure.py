"""Wall 2: small counts, and everything from which they can be computed, end here.

Enters: tables of the analysis room (count level) and the study, which names the tier.
Leaves: a Release: protected tables, the rules applied, an id made of the content.
Refuses: doubtful rules, tables of another organisation, and a release in which nothing could be
printed (ReleaseRefused).

Order: round, hide small counts, hide what gives them away, attack, and only then derive shares.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from types import MappingProxyType

import pandas as pd

from engagement import secret
from engagement.errors import Problem, ReleaseRefused
from engagement.release import derived, families, history, implied, insider, margins, rules
from engagement.release.ledger import Ledger
from engagement.release.rounding import Rounding
from engagement.study import Study

_TOKEN = object()
NOTHING_BEFORE = Ledger()


@dataclass(frozen=True)
class Seal:
    """The mark of a protected table; it travels with the table in `attrs`, and fits no other."""

    release_id: str
    content: str
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("Only disclosure makes a Seal.")


@dataclass(frozen=True)
class Release:
    """Protected tables by name, the rules applied, and an id (SHA-256 of the content)."""

    tables: Mapping[str, pd.DataFrame]
    rules: rules.Rules
    hidden: int
    numbers: int
    id: str
    token: InitVar[object] = None

    def __post_init__(self, token: object) -> None:
        if token is not _TOKEN:
            raise TypeError("Only disclosure.control makes a Release.")


def control(
    tables: Mapping[str, pd.DataFrame], study: Study, ledger: Ledger = NOTHING_BEFORE
) -> Release:
    """The tables that may leave together under the study's tier.

    `tables` holds `cells`, and where they exist `findings`, `segments`, `plan`, `completeness`,
    `reconciliation`, `claims`, `ladder`, `evaluation` (columns in engagement.tables).
    `ledger` holds what was released before (ledger.read).
    In the result a number that may not be printed is NA and its row says `suppressed`.

    Raises ReleaseRefused when a rule is doubtful, when a table names a unit or an outcome that the
    study does not have, or when no outcome could be printed.
    """
    applied = rules.read(study.tier)
    _refuse_foreign(tables, study)
    cells = families.summed(tables["cells"])
    earlier = ledger.earlier(study)
    rounds = Rounding(applied, _seed(cells, study), earlier)
    printed = margins.protected(cells, tables.get("segments"), study, rounds)
    if printed.loc[printed["factor"] == "", "attended"].isna().all():
        limits = {"threshold": applied.threshold, "fewest": applied.fewest}
        why = margins.unprintable(cells, study, applied)
        raise ReleaseRefused([Problem("nothing_publishable", limits), *why])
    printed = history.protected(printed, earlier, ledger.hidden(study), study, applied)
    printed = insider.protected(printed, cells, study, applied)
    shown = derived.counts(printed)
    found = implied.findings(tables.get("findings"), printed, study, cells, applied.threshold)
    told = implied.segments(tables.get("segments"), printed, applied.threshold)
    tests = implied.completeness(tables.get("completeness"), printed, study)
    segments = derived.segments(told, printed, rounds)
    offers = implied.plan(tables.get("plan"), told)
    out = {
        "members": _members(shown),
        "outcomes": _outcomes(shown),
        "segments": segments,
        "findings": history.findings(
            derived.findings(found, shown, study, rounds), printed, earlier, study, applied
        ),
        "completeness": derived.completeness(tests, rounds),
        "reconciliation": implied.reconciliation(tables.get("reconciliation")),
        "plan": derived.plan(offers, told, segments, study),
        "ladder": implied.ladder(tables.get("ladder")),
        "evaluation": implied.evaluation(tables.get("evaluation"), applied.threshold),
    }
    return _sealed(out, applied)


def _refuse_foreign(tables: Mapping[str, pd.DataFrame | None], study: Study) -> None:
    """Members whom this study does not count would leave unprotected, or be taken for its own."""
    unstated = {families.MISSING, ""}
    units = {unit.code for unit in study.units}
    known = {"outcome": {*study.outcomes, ""}} | ({"branch": units | unstated} if units else {})
    foreign = [
        Problem("table_foreign", {"table": name, "column": column})
        for name in ("cells", "findings", "completeness")
        for column, own in known.items()
        if (table := tables.get(name)) is not None and column in table
        if not table[column].dropna().isin(own).all()
    ]
    if foreign:
        raise ReleaseRefused(foreign)


def _seed(cells: pd.DataFrame, study: Study) -> str:
    """A text that only those have who have every exact count, and the key where there is one."""
    counted = families.counts(cells, families.dimensions(cells, study))
    return secret.fingerprint(counted.to_csv(index=False, lineterminator="\n"), secret.key(study))


def _members(printed: pd.DataFrame) -> pd.DataFrame:
    rows = printed.loc[printed["base"] & (printed["kind"] == "level")]
    rows = rows[["factor", "level", "members"]].reset_index(drop=True)
    return rows.assign(suppressed=rows["members"].isna())


def _outcomes(printed: pd.DataFrame) -> pd.DataFrame:
    rows = printed.loc[printed["kind"] == "level"].drop(columns=["base", "kind"])
    rows = rows.reset_index(drop=True)
    share = (rows["attended"] / rows["due"]).astype("Float64")
    hidden = rows[list(families.MEASURES)].isna().any(axis=1)
    return rows.assign(share=share, suppressed=hidden)


def _sealed(tables: dict[str, pd.DataFrame], applied: rules.Rules) -> Release:
    name = digest({name: records(table) for name, table in tables.items()}, applied.as_dict())
    counted = tables["outcomes"][list(families.MEASURES)]
    return Release(
        tables=MappingProxyType({key: seal(table, name) for key, table in tables.items()}),
        rules=applied,
        hidden=int(counted.isna().sum().sum()),
        numbers=int(counted.size),
        id=name,
        token=_TOKEN,
    )


def records(table: pd.DataFrame) -> list[dict]:
    """The rows of a table as JSON values; NA becomes null."""
    return json.loads(table.to_json(orient="records", double_precision=15, date_format="iso"))


def digest(tables: Mapping[str, list], applied: Mapping) -> str:
    """SHA-256 over the tables and rules, in one spelling."""
    content = json.dumps([applied, dict(tables)], sort_keys=True, ensure_ascii=False)
    return secret.fingerprint(content)


def seal(table: pd.DataFrame, release_id: str) -> pd.DataFrame:
    """Mark a copy of `table` as part of a release. For this room's own use."""
    marked = table.copy()
    marked.attrs = {"release": Seal(release_id, _content(table), token=_TOKEN)}
    return marked


def require(table: object) -> pd.DataFrame:
    """`table` when it comes from a Release as it is.

    Raises TypeError for anything else, and for a released table that was changed since.
    """
    seal = table.attrs.get("release") if isinstance(table, pd.DataFrame) else None
    if not isinstance(seal, Seal):
        raise TypeError(f"A protected table of a Release is needed, not {type(table).__name__}.")
    if seal.content != _content(table):
        raise TypeError("A protected table was changed after disclosure control.")
    return table


def _content(table: pd.DataFrame) -> str:
    """SHA-256 of the columns and rows of a table."""
    return secret.fingerprint(json.dumps([list(map(str, table.columns)), records(table)]))
