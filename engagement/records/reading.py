"""What one cell was read as.

Enters: the text of a cell.
Leaves: a Reading: clean value, the rules that fired, how sure, how precise.
Refuses: nothing; a refused cell is a Reading without a value whose rule is the reason.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from engagement import codebook

UNKNOWN_MARKS = frozenset({"missing", "not_applicable"})
FLAGS = frozenset(
    {
        "about",
        "bidirectional",
        "birth_year_unknown",
        "conflict_with_id",
        "digits_in_name",
        "digits_lost",
        "doubtful_character",
        "hidden_row",
        "hidden_sheet",
        "longer_than_a_day",
        "lunar_date",
        "mixed_encoding",
        "month_lost_zero",
        "no_area_code",
        "out_before_in",
        "outside_list",
        "party",
        "sign_in_name",
        "six_digits",
        "temporary",
        "two_dates",
        "zeros_at_end",
    }
)
CHECK = "check."
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_BLANKS = re.compile(r"\s+")


class Reading(NamedTuple):
    """A cell as read. `rule`: codes joined by "+"; without a value, the reason of the refusal."""

    value: str
    rule: str
    confidence: str = "exact"
    precision: str = ""


def refused(reason: str) -> Reading:
    """The reading of a cell that is quarantined for `reason`."""
    return Reading("", reason, "lossy")


def flags(code: str) -> bool:
    """Whether the part `code` of a rule is a reason for doubt: a flag, or a check of the row."""
    return code in FLAGS or code.startswith(CHECK)


def status(reading: Reading) -> str:
    """clean, flagged (not to be trusted, or not enough to use) or quarantined (not readable)."""
    if FLAGS.intersection(reading.rule.split("+")):
        return "flagged"
    lost = not reading.value and reading.rule and reading.rule not in UNKNOWN_MARKS
    return "quarantined" if lost else "clean"


def visible(text: str) -> str:
    """`text` without control and formatting characters."""
    return _INVISIBLE.sub("", text)


def normal(text: str) -> str:
    """NFKC, without invisible characters, with single blanks."""
    if text.isascii() and text.isalnum():
        return text
    folded = unicodedata.normalize("NFKC", visible(text))
    return _BLANKS.sub(" ", folded).strip()


def mark(text: str) -> Reading | None:
    """What a mark says: missing, not applicable, or the same as above; None for other text."""
    word = _word(text)
    marks = codebook.structure()["marks"]
    for name in ("missing", "not_applicable"):
        if word in marks[name]:
            return Reading("", name)
    return refused("nothing_above") if word in marks["same_as_above"] else None


def says_same(text: str) -> bool:
    """Whether the cell says "same as above"."""
    return _word(text) in codebook.structure()["marks"]["same_as_above"]


def _word(text: str) -> str:
    return normal(text).replace(" ", "").lower()
