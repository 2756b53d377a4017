"""Plain cells of long columns, read all at once instead of one by one.

Enters: the different texts of a column, as Arrow text, and its field.
Leaves: the texts that are certainly plain, each with what the rule of its field says of it.
Refuses: nothing; a text that is not certainly plain is left to that rule.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from engagement import codebook
from engagement.codebook import Field
from engagement.declared import Roster
from engagement.records import date_words, dates, identifiers
from engagement.records.reading import Reading
from engagement.study import Study

_NAME = r"^[\x{4E00}-\x{9FFF}]{2,8}$"
_MOBILE = r"^(?:\+?86)?1[3-9][0-9]{9}$"
_MOBILE_DIGITS = 11
_EIGHTEEN = "^[0-9]{17}[0-9X]$"
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_FEBRUARY = 2


class Plain(NamedTuple):
    """Texts of one form: their places, their values, and the reading that they share but for it."""

    places: np.ndarray
    values: pa.Array
    reading: Reading


def cells(texts: pa.Array, field: Field, roster: Roster, study: Study) -> list[Plain]:
    """The plain ones among `texts` (text cells, none missing), by form; none is in two forms.

    Where the profile of a system may read a text otherwise, none is certain.
    """
    forms = _FORMS.get(field.type) if roster.profile is None else None
    return forms(texts, field, roster, study) if forms else []


def _names(texts: pa.Array, field: Field, roster: Roster, study: Study) -> list[Plain]:
    """Two to eight Chinese characters, however they are spaced."""
    close = pc.replace_substring_regex(texts, "[ \u3000]", "")
    marks = [word for words in codebook.structure()["marks"].values() for word in words]
    other = pc.or_(
        pc.match_substring_regex(close, _not_in_names()), pc.is_in(close, pa.array(marks))
    )
    plain = pc.and_not(pc.match_substring_regex(close, _NAME), other)
    return [_form(close, plain, Reading("", "name"))]


@functools.cache
def _not_in_names() -> str:
    """Signs of doubt, and characters of dates."""
    words = date_words.words()
    return _either([*codebook.structure()["marks"]["doubtful"], words["year"], *words["month"]])


def _phones(texts: pa.Array, field: Field, roster: Roster, study: Study) -> list[Plain]:
    """Mobile numbers of China, however their digits are grouped."""
    if codebook.structure()["phones"]["regions"][roster.locale or study.locale] != "CN":
        return []
    digits = _close(texts, _MOBILE)
    values = _joined("", "+86", pc.utf8_slice_codeunits(digits, -_MOBILE_DIGITS))
    return [_form(values, pc.match_substring_regex(digits, _MOBILE), Reading("", "phone"))]


def _id_numbers(texts: pa.Array, field: Field, roster: Roster, study: Study) -> list[Plain]:
    """Valid numbers of 18 characters (GB 11643-1999), however their digits are grouped."""
    shown = _close(texts, _EIGHTEEN)
    rows = _array(pc.match_substring_regex(shown, _EIGHTEEN)).copy()
    rows[rows] = _valid(_letters(shown.filter(pa.array(rows)), 18), study.reference_date)
    return [_form(shown, pa.array(rows), Reading("", "id_number"))]


def _close(texts: pa.Array, pattern: str) -> pa.Array:
    """`texts` of one width in capitals, without what groups digits; of `pattern` as they are."""
    other = pc.invert(pc.match_substring_regex(texts, pattern))
    narrow = pc.utf8_upper(pc.utf8_normalize(texts.filter(other), "NFKC"))
    return pc.replace_with_mask(texts, other, pc.replace_substring_regex(narrow, "[ '-]", ""))


def _valid(letters: np.ndarray, reference: datetime.date) -> np.ndarray:
    """Which rows of 18 letters hold a right check character and a real birth, and no doubt."""
    checks = np.frombuffer(identifiers.CHECK.encode(), np.uint8)
    right = checks[_weighed(letters[:, :17], identifiers.WEIGHTS) % 11] == letters[:, 17]
    days = _weighed(letters[:, 6:14], [10**power for power in range(7, -1, -1)])
    zeros = (letters[:, 15:] == ord("0")).all(axis=1)
    temporary = (letters[:, :3] == ord("9")).all(axis=1)
    return right & ~zeros & ~temporary & _real(days, reference)


def _weighed(letters: np.ndarray, weights: Sequence[int]) -> np.ndarray:
    """The sum of the digits of each row, each times its weight."""
    return np.einsum("ij,j->i", letters, np.array(weights)) - ord("0") * sum(weights)


def _real(days: np.ndarray, latest: datetime.date) -> np.ndarray:
    """Which numbers such as 19560304 are days of the calendar from 1900 to `latest`."""
    year, month, day = days // 10_000, days // 100 % 100, days % 100
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = _MONTH_DAYS[np.where(month <= 12, month, 0)] + (leap & (month == _FEBRUARY))
    last = latest.year * 10_000 + latest.month * 100 + latest.day
    return (day >= 1) & (day <= length) & (year >= dates.EARLIEST) & (days <= last)


def _dates(texts: pa.Array, field: Field, roster: Roster, study: Study) -> list[Plain]:
    """Years of four digits, and the month and day that follow them."""
    latest = dates.scope(field.name, study.reference_date).latest
    texts = pc.utf8_normalize(texts, "NFKC")
    found = []
    for precision, pattern in _date_forms():
        rows = _array(pc.match_substring_regex(texts, pattern)).copy()
        year, *rest = pc.extract_regex(texts.filter(pa.array(rows)), pattern).flatten()
        rest = [pc.utf8_lpad(part, 2, "0") for part in rest]
        shown = _joined("", year, *rest, *["01"] * (2 - len(rest)))
        real = _real(_array(shown.cast(pa.int64())), latest)
        iso = _joined("-", year, *rest).filter(pa.array(real))
        rows[rows] = real
        found.append(Plain(np.flatnonzero(rows), iso, Reading("", "date", "exact", precision)))
    return found


@functools.cache
def _date_forms() -> tuple[tuple[str, str], ...]:
    """Precision and pattern of each form, with the codebook's words for year, month and day."""
    words = date_words.words()
    y, m, d = words["year"], _either(words["month"]), _either(words["day"])
    year, month, day = "(?P<y>[0-9]{4})", "(?P<m>[0-9]{1,2})", "(?P<d>[0-9]{1,2})"
    forms = [("day", f"{year}{sign}{month}{sign}{day}") for sign in ("-", "/", "[.]")]
    forms += [
        ("day", f"{year}{y}{month}{m}{day}{d}"),
        ("day", "(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
        ("month", f"{year}[-/.]{month}"),
        ("month", f"{year}{y}{month}{m}"),
        ("year", f"{year}{y}"),
    ]
    return tuple((precision, f"^{form}$") for precision, form in forms)


def _form(values: pa.Array, plain: pa.Array, reading: Reading) -> Plain:
    return Plain(np.flatnonzero(_array(plain)), values.filter(plain), reading)


def _joined(between: str, *parts: pa.Array | str) -> pa.Array:
    whole = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in parts]
    return pc.binary_join_element_wise(*whole, pa.scalar(between, pa.large_string()))


def _letters(texts: pa.Array, width: int) -> np.ndarray:
    """Texts of `width` ASCII letters as a matrix, one row per text."""
    fixed = texts.cast(pa.large_binary()).cast(pa.binary(width))
    return np.frombuffer(fixed.buffers()[1], np.uint8)[: len(texts) * width].reshape(-1, width)


def _array(found: pa.Array) -> np.ndarray:
    return found.to_numpy(zero_copy_only=False)


def _either(texts: list[str]) -> str:
    return "(?:" + "|".join(map(re.escape, texts)) + ")"


_FORMS: Mapping[str, Callable[[pa.Array, Field, Roster, Study], list[Plain]]] = {
    "name": _names,
    "phone": _phones,
    "id": _id_numbers,
    "date": _dates,
}
