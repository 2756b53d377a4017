"""What people must look at: cells to mend, and pairs that no rule may decide.

Enters: cleaned rosters and links, and the review workbook as somebody filled it in.
Leaves: fix.xlsx and review.xlsx in the private folder; the same input gives the same bytes.
Refuses: showing a probability beside a pair: whoever decides must look at the records; losing a
decision that somebody made.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pandas as pd

from engagement import files, spreadsheet, words
from engagement.records import decisions, evidence, link, mending, posterior
from engagement.records.clean import Cleaned
from engagement.study import Study

FIX, REVIEW = "fix.xlsx", decisions.REVIEW
SHOWN = ("name", "sex", "birth_date", "id_number", "phone", "origin_village", "branch", "group")
_KINDS = {"volunteers_twice": "volunteers"}


def write(cleaned: Cleaned, links: pd.DataFrame, study: Study, folder: Path) -> None:
    """Write fix.xlsx and review.xlsx into `folder` (identity level: they name people).

    Decisions in the review.xlsx that is already there are kept.
    """
    book = _review_book(cleaned, links, decisions.read(folder), study)
    for name, made in ((FIX, mending.workbook(cleaned, study)), (REVIEW, book)):
        files.write(Path(folder) / name, spreadsheet.saved(made, study.reference_date))


def pairs(
    cleaned: Cleaned, links: pd.DataFrame, decided: Collection[str] = frozenset()
) -> pd.DataFrame:
    """The pairs to decide, one row per pair: pair (hash), kind, both addresses, both records.

    Pairs that somebody has `decided` stay among them. Columns of the records are `left_<field>`
    and `right_<field>` as the rosters write them.
    """
    asked = links if len(decided) else links[links["decision"] == "review"]
    found = _side_by_side(cleaned, asked)
    waiting = (found["decision"] == "review") | found["pair"].isin(list(decided))
    return found[waiting].reset_index(drop=True)


def linked(
    cleaned: Cleaned, links: pd.DataFrame, decided: Collection[str] = frozenset()
) -> pd.DataFrame:
    """The pairs that were linked without a person, as `pairs`: each can be overruled.

    Rows of sign-in sheets are left out where nothing but the name in its group was compared.
    """
    plain = links["reason"].isin(["sign_in:written_in_group", "sign_in:exact_in_group"])
    found = _side_by_side(cleaned, links[(links["decision"] == "link") & ~plain])
    return found[~found["pair"].isin(list(decided))].reset_index(drop=True)


def keys(cleaned: Cleaned, links: pd.DataFrame) -> list[str]:
    """The number of every pair of `links`, the same in every run."""
    return list(_side_by_side(cleaned, links)["pair"])


def told(cleaned: Cleaned, links: pd.DataFrame, folder: Path) -> list[tuple[str, dict]]:
    """What to say about earlier decisions, as words keys with their values."""
    decided = decisions.read(folder)
    if decided.empty:
        return []
    gone = int((~decided["pair"].isin(keys(cleaned, links))).sum())
    said = [("check.decided", {"pairs": len(decided) - gone})]
    return said + ([("check.decided_gone", {"pairs": gone})] if gone else [])


def _side_by_side(cleaned: Cleaned, links: pd.DataFrame) -> pd.DataFrame:
    wanted = links.reset_index(drop=True)
    beside = [_records(wanted, cleaned, side) for side in ("left", "right")]
    found = pd.concat([wanted[["kind", *link.SIDES, "reason", "decision"]], *beside], axis=1)
    pair = decisions.pair_keys(found[link.SIDES], found["left_name"], found["right_name"])
    return found.assign(pair=pair)


def _records(waiting: pd.DataFrame, cleaned: Cleaned, side: str) -> pd.DataFrame:
    """The records on one side of the pairs, as the rosters write them."""
    kinds = waiting["kind"].replace(_KINDS) if side == "left" else _right_kinds(waiting)
    rosters = [
        _as_written(records).assign(roster=kind)
        for kind, records in cleaned.records.items()
        if kind == "members" or kind in set(kinds)
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


def _review_book(cleaned: Cleaned, links: pd.DataFrame, decided: pd.DataFrame, study: Study):
    from openpyxl import Workbook

    language = study.language
    book = Workbook()
    book.remove(book.active)
    chosen = decided.set_index("pair")["decision"]
    for title, found in (
        ("pairs_title", pairs(cleaned, links, chosen.index)),
        ("linked_title", linked(cleaned, links, chosen.index)),
    ):
        _sheet(book, title, _table(found, chosen, study), language)
    gone = decided[~decided["pair"].isin(keys(cleaned, links))]
    if len(gone):
        _sheet(book, "gone_title", _without_records(gone, language), language)
    _legend(book, language)
    return book


def _sheet(book, title: str, table: pd.DataFrame, language: str) -> None:
    """One sheet of pairs, with the decision chosen from a list in its first column."""
    from openpyxl.worksheet.datavalidation import DataValidation

    sheet = book.create_sheet(words.label(f"review.{title}", language))
    for column, header in enumerate(table.columns, start=1):
        spreadsheet.put(sheet.cell(1, column), header)
    for number, row in enumerate(table.itertuples(index=False), start=2):
        for column, text in enumerate(row, start=1):
            spreadsheet.put(sheet.cell(number, column), text)
    choices = ",".join(_choices(language).values())
    rule = DataValidation(type="list", formula1=f'"{choices}"', allow_blank=True)
    sheet.add_data_validation(rule)
    rule.add(f"A2:A{max(2, len(table) + 1)}")
    sheet.freeze_panes = "B2"


def _choices(language: str) -> dict[str, str]:
    return {name: words.label(f"review.decision_{name}", language) for name in decisions.DECISIONS}


def _without_records(gone: pd.DataFrame, language: str) -> pd.DataFrame:
    """Decisions on pairs that this run did not find: kept, in case the records come back."""
    return pd.DataFrame(
        {
            words.label("review.decision", language): gone["decision"].map(_choices(language)),
            words.label("review.pair", language): gone["pair"],
        }
    ).astype("str")


def _table(found: pd.DataFrame, chosen: pd.Series, study: Study) -> pd.DataFrame:
    """The sheet: the decision first, then the pair side by side, then why it is here."""
    language = study.language
    decision = found["pair"].map(chosen).map(_choices(language)).fillna("")
    shown = {words.label("review.decision", language): decision}
    shown[words.label("review.kind", language)] = found["kind"].map(
        lambda kind: words.label(f"link.kind.{kind}", language)
    )
    for side in ("left", "right"):
        label = words.label(f"review.{side}", language)
        where = found[f"{side}_file"] + " " + found[f"{side}_sheet"].fillna("")
        row = found[f"{side}_row"].astype("str")
        shown[f"{label} {words.label('review.where', language)}"] = where.str.strip() + " " + row
        for field in SHOWN:
            title = getattr(study.fields[field], language)
            shown[f"{label} {title}"] = found[f"{side}_{field}"].fillna("")
    shown[words.label("review.evidence", language)] = found["reason"].map(
        lambda reason: evidence_in_words(reason, language)
    )
    shown[words.label("review.pair", language)] = found["pair"]
    return pd.DataFrame(shown, index=found.index).astype("str")


def evidence_in_words(reason: str, language: str) -> str:
    """A link's reason codes as words a committee can read."""
    codes = [code.replace(":", ".") for code in reason.split(";") if code]
    return words.label("review.joined", language).join(
        words.label(f"link.{code}", language) for code in codes
    )


def _legend(book, language: str) -> None:
    sheet = book.create_sheet(words.label("review.legend_title", language))
    lines = [words.label(f"review.legend_{number}", language) for number in range(1, 7)]
    weights = words.text("review.weights", language, version=posterior.fingerprint())
    for number, line in enumerate([*lines, weights], start=1):
        spreadsheet.put(sheet.cell(number, 1), line)
    sheet.column_dimensions["A"].width = 100
