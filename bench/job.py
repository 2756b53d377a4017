"""The job that every peer does, in the words that they share.

Enters: nothing. Leaves: the columns, the codes of spellings, and patterns; what a peer does with
them is its own. Refuses: nothing.

Ten columns are cleaned: names without blanks and remarks; dates as far as they are known; ID
numbers with check digit and real birth; telephone numbers in E.164; codes for what is spelled.
A valid number settles birth and sex, one that lost its last digits only a missing birth. A row is
quarantined when a cell cannot be read, flagged when it contradicts its number or the number is
doubtful. Of rows alike in all columns and not quarantined, that hold an ID number, a telephone
number or a full birth date, one is kept.
"""

from __future__ import annotations

import unicodedata

from bench.roster import TOLD

FIELDS = list(TOLD["header"])
HEADERS = list(TOLD["header"].values())
WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
CHECKS = "10X98765432"
REFERENCE = "2022-12-31"
UNKNOWN = "不详"
DATE = r"^(\d{4}|\d{2})[-/.年]?(\d{1,2})?[-/.月]?(\d{1,2})?日?$"
EIGHTEEN = r"^\d{17}[\dX]$"
MOBILE = r"^(?:\+?86)?(1[3-9]\d{9})$"
LANDLINE = r"^0([3-9]\d\d)-?([2-8]\d{7})$"
REMARK = r"\(.*\)$"
NUMERALS = {"十二月": "12月", "十一月": "11月", "十月": "10月"} | dict(
    zip("〇一二三四五六七八九", "0123456789", strict=True)
)
WIDE = {chr(0xFF01 + at): chr(0x21 + at) for at in range(94)} | {"\u3000": " "}


def codes(field: str) -> dict[str, str]:
    """Code by spelling without blanks, in one width."""
    spelled = TOLD["spelled"][field].items()
    return {unicodedata.normalize("NFKC", text).replace(" ", ""): code for text, code in spelled}


CODED = {field: codes(field) for field in TOLD["spelled"]}
