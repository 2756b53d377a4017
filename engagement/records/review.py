"""What people must look at: cells to mend, and pairs that no rule may decide.

Enters: cleaned rosters and links.
Leaves: fix.xlsx and review.xlsx in the private folder; the same input gives the same bytes.
Refuses: showing a probability beside a pair: whoever decides must look at the records.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pandas as pd

from engagement import files, spreadsheet, words
from engagement.records import evidence, link, mending, posterior
from engagement.records.clean import Cleaned
from engagement.study import Study

FIX, REVIEW = "fix.xlsx", "review.xlsx"
DECISIONS = ("same", "different", "unsure")
SHOWN = ("name", "sex", "birth_date", "id_number", "phone", "origin_village", "branch", "group")
_KINDS = {"volunteers_twice": "volunteers"}


def write(cleaned: Cleaned, links: pd.DataFrame, study: Study, folder: Path) -> None:
    """Write fix.xlsx and review.xlsx into `folder` (identity level: they name people)."""
    for name, book in (
        (FIX, mending.workbook(cleaned, study)),
        (REVIEW, _review_book(pairs(cleaned, links), study)),
    ):
        files.write(Path(folder) / name, spreadsheet.saved(book, study.reference_date))


def pairs(cleaned: Cleaned, links: pd.DataFrame) -> pd.DataFrame:
    """The pairs to decide, one row per pair: pair (hash), kind, both addresses, both records.

    Columns of the records are `left_<field>` and `right_<field>` as the rosters write them.
    """
    waiting = links[links["decision"] == "review"].reset_index(drop=True)
    beside = [_records(waiting, cleaned, side) for side in ("left", "right")]
    found = pd.concat([waiting[["kind", *link.SIDES, "reason"]], *beside], axis=1)
    return found.assign(pair=_hashes(found))


def _hashes(found: pd.DataFrame) -> list[str]:
    """SHA-256 over both addresses and both names: the same pair in every run."""
    named = found[[*link.SIDES, "left_name", "right_name"]].fillna("").astype("str")
    joined = named.iloc[:, 0].str.cat(named.iloc[:, 1:], sep="\x1f")
    return [hashlib.sha256(text.encode()).hexdigest() for text in joined]


def _records(waiting: pd.DataFrame, cleaned: Cleaned, side: str) -> pd.DataFrame:
    """The records on one side of the pairs, as the rosters write them."""
    kinds = waiting["kind"].replace(_KINDS) if side == "left" else _right_kinds(waiting)
    rosters = [
        _as_written(records).assign(roster=kind) for kind, records in cleaned.records.items()
    ]
    known = pd.concat(rosters, ignore_index=True).drop_duplicates(["roster", *evidence.PROVENANCE])
    address = [f"{side}_{part}" for part in ("file", "sheet", "row")]
    wanted = waiting[address].set_axis(evidence.PROVENANCE, axis=1).assign(roster=kinds)
    met = wanted.merge(known, how="left", on=["roster", *evidence.PROVENANCE])
    return met[list(SHOWN)].add_prefix(f"{side}_")


def _right_kinds(waiting: pd.DataFrame) -> pd.Series:
    return waiting["kind"].map(_KINDS).fillna("members")


def _as_written(records: pd.DataFrame) -> pd.DataFrame:
    shown = {
        field: evidence.column(records, f"raw__{field}").fillna(evidence.column(records, field))
        for field in SHOWN
    }
    return records[evidence.PROVENANCE].assign(**shown)


def _review_book(waiting: pd.DataFrame, study: Study):
    from openpyxl import Workbook
    from openpyxl.worksheet.datavalidation import DataValidation

    language = study.language
    book = Workbook()
    sheet = book.active
    sheet.title = words.label("review.pairs_title", language)
    table = _table(waiting, study)
    for column, header in enumerate(table.columns, start=1):
        spreadsheet.put(sheet.cell(1, column), header)
    for number, row in enumerate(table.itertuples(index=False), start=2):
        for column, text in enumerate(row, start=1):
            spreadsheet.put(sheet.cell(number, column), text)
    choices = ",".join(words.label(f"review.decision_{name}", language) for name in DECISIONS)
    rule = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True)
    sheet.add_data_validation(rule)
    rule.add(f"A2:A{max(2, len(table) + 1)}")
    sheet.freeze_panes = "B2"
    _legend(book, language)
    return book


def _table(waiting: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The sheet: the decision first, then the pair side by side, then why it waits."""
    language = study.language
    shown = {words.label("review.decision", language): ""}
    shown[words.label("review.kind", language)] = waiting["kind"].map(
        lambda kind: words.label(f"link.kind.{kind}", language)
    )
    for side in ("left", "right"):
        label = words.label(f"review.{side}", language)
        where = waiting[f"{side}_file"] + " " + waiting[f"{side}_sheet"].fillna("")
        row = waiting[f"{side}_row"].astype("str")
        shown[f"{label} {words.label('review.where', language)}"] = where.str.strip() + " " + row
        for field in SHOWN:
            title = getattr(study.fields[field], language)
            shown[f"{label} {title}"] = waiting[f"{side}_{field}"].fillna("")
    shown[words.label("review.evidence", language)] = waiting["reason"].map(
        lambda reason: evidence_in_words(reason, language)
    )
    shown[words.label("review.pair", language)] = waiting["pair"]
    return pd.DataFrame(shown, index=waiting.index).astype("str")


def evidence_in_words(reason: str, language: str) -> str:
    """A link's reason codes as words a committee can read."""
    codes = [code.replace(":", ".") for code in reason.split(";") if code]
    return words.label("review.joined", language).join(
        words.label(f"link.{code}", language) for code in codes
    )


def _legend(book, language: str) -> None:
    sheet = book.create_sheet(words.label("review.legend_title", language))
    lines = [words.label(f"review.legend_{number}", language) for number in range(1, 6)]
    weights = words.text("review.weights", language, version=posterior.fingerprint())
    for number, line in enumerate([*lines, weights], start=1):
        spreadsheet.put(sheet.cell(number, 1), line)
    sheet.column_dimensions["A"].width = 100
