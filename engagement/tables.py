"""The contract of every table that flows: its grain, its columns, its privacy level.

Enters: a frame that claims to be one of these tables.
Leaves: the same frame, when it keeps the contract.
Refuses: a missing column, and any column whose role in the codebook may not pass the wall.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from engagement import codebook

LEVELS = ("identity", "person", "count", "released")
FACTOR_ROLES = frozenset({"FAC", "FAC-S", "STR", "DUE", "REACH", "ASK", "OUT"})
CLOSED = frozenset({"ID", "X", "META"})


@dataclass(frozen=True)
class Table:
    """One kind of table: one row per `grain`, with at least `columns`.

    `open_to` names the codebook roles whose fields may stand beside the declared columns.
    """

    grain: str
    level: str
    columns: tuple[str, ...]
    open_to: frozenset[str] = frozenset()


def _table(grain: str, level: str, columns: str, open_to: frozenset[str] = frozenset()) -> Table:
    return Table(grain, level, tuple(columns.split()), open_to)


TABLES: Mapping[str, Table] = {
    "structure": _table("row of a source file", "identity", "source_file sheet row verdict"),
    "audit": _table(
        "cell of a source file",
        "identity",
        "source_file sheet row header field raw value precision rule confidence status",
    ),
    "quarantine": _table(
        "cell or row refused", "identity", "source_file sheet row header field raw reason"
    ),
    "links": _table(
        "pair considered",
        "identity",
        "left_file left_sheet left_row right_file right_sheet right_row "
        "probability decision reason kind",
    ),
    "identities": _table("row of a roster × identity value", "identity", "person kind value"),
    "people": _table(
        "member",
        "person",
        "member_id branch group reachable is_mobile is_lost excused due",
        FACTOR_ROLES,
    ),
    "participation": _table(
        "person × event",
        "person",
        "member_id outcome event_id event_date duty_type unit channel "
        "due asked answered attended hours",
    ),
    "sessions": _table(
        "session", "count", "event_id unit duty_type event_date recorded marks source_file sheet"
    ),
    "turnout": _table(
        "session with stated figures",
        "count",
        "source_file sheet row event_date duty_type unit "
        "due_count due_roster present_count present_marks",
    ),
    "meetings": _table(
        "session on a sheet or in the minutes",
        "count",
        "event_id unit branch duty_type event_date on_sheet in_minutes dated listed signed "
        "due_count present_count absent_count members_due voters voters_signed recorder "
        "entered_date resolution",
    ),
    "copies": _table(
        "unit × duty",
        "count",
        "unit branch duty_type sessions full full_chance pairs same same_chance",
    ),
    "contradictions": _table(
        "kind of contradiction", "count", "aspect checked found column_needed"
    ),
    "hours": _table("kind of roster × hours entered", "count", "kind service_hours entries"),
    "lists": _table(
        "pair of records of the same things × duty",
        "count",
        "kind duty_type in_first in_second in_both",
    ),
    "reconciliation": _table("kind of roster row", "count", "item rows"),
    "kinds": _table("kind of roster", "count", "kind files rows structural clean quarantined"),
    "fields_read": _table("field of a kind of roster", "count", "field cells exact flagged"),
    "rules": _table("rule of cleaning", "count", "rule cells flagged quarantined"),
    "pairs": _table("kind of link, or kind of evidence", "count", "kind pairs"),
    "not_due": _table(
        "recorded reason for not being due", "count", "is_mobile is_lost excused members"
    ),
    "declared": _table("factor of the study", "count", "factor"),
    "cells": _table(
        "combination of outcome × factor bands × organisation × (due, attended)",
        "count",
        "outcome branch group due attended members",
        FACTOR_ROLES,
    ),
    "findings": _table(
        "comparison",
        "count",
        "outcome term contrast estimand estimate std_error conf_low conf_high p_value "
        "members events method verdict",
    ),
    "completeness": _table(
        "test × duty × branch", "count", "test duty_type branch expected recorded share verdict"
    ),
    "by_duty": _table("duty", "count", "duty_type expected recorded share"),
    "gaps": _table(
        "combination of factor bands × organisation × (due, attended, unknown)",
        "count",
        "outcome branch group due attended unknown members",
        FACTOR_ROLES,
    ),
    "recording": _table(
        "test of the recording × aspect × duty × branch",
        "count",
        "test aspect duty_type branch examined found share estimate conf_low conf_high "
        "verdict column_needed",
    ),
    "by_month": _table("duty × month", "count", "duty_type month expected recorded"),
    "lags": _table("band of days between session and entry", "count", "lag entries share"),
    "defined": _table(
        "definition of taking part × outcome", "count", "definition outcome due attended share"
    ),
    "readings": _table(
        "definition of taking part × comparison",
        "count",
        "definition term contrast estimate conf_low conf_high verdict",
    ),
    "tipping": _table(
        "comparison of the primary outcome",
        "count",
        "term contrast estimate conf_low conf_high level needed missed unrecorded "
        "band_low band_high verdict",
    ),
    "base_rates": _table(
        "outcome × definition of taking part × yardstick",
        "count",
        "outcome definition against estimand share share_low share_high yardstick "
        "estimate conf_low conf_high expected members events if_none if_all turning "
        "verdict method note",
    ),
    "composition": _table(
        "part of the benchmark",
        "count",
        "factor level members share conf_low conf_high yardstick expected verdict",
    ),
    "states": _table(
        "outcome × state", "count", "outcome state places said_yes said_no not_recorded"
    ),
    "calendar": _table(
        "duty × month", "count", "outcome duty_type month sessions members due attended"
    ),
    "season_cells": _table(
        "combination of factor bands × organisation × slots in two periods",
        "count",
        "before after branch group due_before attended_before due_after attended_after members",
        FACTOR_ROLES,
    ),
    "seasons": _table(
        "pair of periods × level of a factor",
        "count",
        "before after term level members share_before share_after "
        "estimate conf_low conf_high detectable verdict note",
    ),
    "mean_hours": _table(
        "outcome × level or contrast of a factor",
        "count",
        "outcome term contrast estimand estimate conf_low conf_high members givers hours "
        "p_adjusted detectable method verdict note",
    ),
    "interactions": _table(
        "contrast of a factor × contrast of another",
        "count",
        "outcome term contrast by by_contrast difference other estimate conf_low conf_high "
        "p_adjusted detectable members events method verdict note",
    ),
    "segments": _table(
        "barrier class",
        "count",
        "segment barrier members due attended verdict column_needed",
    ),
    "missed": _table(
        "barrier class × unit × what may have held a slot up",
        "count",
        "segment branch group stop members slots",
    ),
    "ladder": _table(
        "barrier class × rung of the ladder",
        "count",
        "segment barrier rung members explained share excess excess_low excess_high "
        "verdict column_needed",
    ),
    "programme": _table(
        "branch × quarter × kind of session",
        "count",
        "branch quarter kind joint sessions due attended",
    ),
    "overlap": _table(
        "active in study × active in service", "count", "study_active service_active members"
    ),
    "fit": _table(
        "aspect of the offer × branch",
        "count",
        "aspect branch examined found estimate conf_low conf_high verdict column_needed",
    ),
    "plan": _table(
        "barrier class × offer",
        "count",
        "segment barrier verdict measure channel units hours owner month until review_month "
        "indicator stop grade kept_at",
    ),
    "gains": _table(
        "offer of the plan, and the whole plan",
        "count",
        "segment measure assumed effect_low effect_high slots gain_low gain_high",
    ),
    "shrinking": _table("offer of the plan", "count", "segment measure hours kept_at"),
    "allocation": _table(
        "member allotted by lot",
        "identity",
        "branch group name id_number birth_date offered stratum last_due last_attended",
    ),
    "arms": _table(
        "stratum × arm × (due, attended, last year's)",
        "count",
        "stratum offered due attended last_due last_attended members",
    ),
    "waves": _table("group × month", "count", "group month offered members due attended share"),
    "evaluation": _table(
        "protocol",
        "count",
        "outcome measure design estimate conf_low conf_high p_value offered others lost "
        "groups_lost smallest_difference verdict planned",
    ),
    "specifications": _table(
        "contrast × specification",
        "count",
        "outcome term contrast counted_as adjusted missing declared "
        "estimate conf_low conf_high members p_adjusted verdict note",
    ),
    "discrimination": _table(
        "outcome", "count", "outcome members events auc calibration repeats note"
    ),
    "claims": _table("claim of the study", "count", "claim kind estimate verdict"),
    "release": _table("released statement, or table of a release", "released", ""),
}

# Columns that the analysis of findings adds beside the contract; none of them holds a person.
EXTRAS = frozenset(
    {"detectable", "evalue", "p_adjusted", "p0", "p1", "note", "attended_with_review", "kind"}
    | {"share", "rows", "evalue_limit", "eta2"}
    | {"expected", "participants", "this_few", "this_many", "members_possible"}
    | {"topic", "needed", "needed_members", "estimate", "conf_low", "conf_high"}
)


def check(frame: pd.DataFrame, name: str, study: object | None = None) -> pd.DataFrame:
    """Return `frame` when it keeps the contract of table `name`.

    `study` (optional) adds the roles of the study's own fields and the names of its factors.

    Raises ValueError for a missing column, TypeError for a column that may not pass the wall.
    """
    table = TABLES[name]
    missing = [column for column in table.columns if column not in frame.columns]
    if missing:
        raise ValueError(f"{name} lacks the columns {missing}")
    if table.level != "identity":
        _refuse_roles(frame.columns, name, table, study)
    return frame


def _refuse_roles(columns: Iterable[str], name: str, table: Table, study: object | None) -> None:
    fields = study.fields if study is not None else codebook.fields()
    factors = frozenset(study.factors) if study is not None else frozenset()
    for column in columns:
        if column in table.columns or column in EXTRAS or column in factors:
            continue
        roles = fields[column].use if column in fields else frozenset()
        if roles & CLOSED or not roles & table.open_to:
            raise TypeError(f"column {column!r} may not stand in {name}: roles {sorted(roles)}")
