"""ID numbers and e-mail addresses.

Enters: the text and kind of a cell.
Leaves: 18-character ID numbers (GB 11643-1999), lower-case addresses.
Refuses: a number that lost digits, has the wrong length, check digit or birth.
"""

from __future__ import annotations

import datetime
import operator
import re

from engagement.records.reading import Reading, normal, refused

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK = "10X98765432"
_ZEROS = ord("0") * sum(WEIGHTS)
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?E\+?([0-9]+)")
_MASK = re.compile(r"[*\uff0a\u00d7\u2022\u25cf]+|(?<=[0-9])[Xx]{2,}")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CENTENARIANS = ("996", "997", "998", "999")
LONGEST_EXACT = 15
TEMPORARY = "999"


def check_character(digits: str) -> str:
    """The 18th character of an ID number, from its first 17 (ISO 7064 MOD 11-2)."""
    return CHECK[(sum(map(operator.mul, digits.encode(), WEIGHTS)) - _ZEROS) % 11]


def id_number(text: str, kind: str, reference: datetime.date) -> Reading:
    """An ID number of 18 characters; 15 digits are converted, the region is never a reason."""
    if kind == "text" and _EIGHTEEN.fullmatch(text):
        return _eighteen(text, reference)
    shown = normal(text).upper()
    number = re.sub(r"[\s'\"=\-.\u2019]", "", shown.removesuffix(".0"))
    if _SCIENTIFIC.fullmatch(shown):
        return _of_figure(*figure(shown), reference)
    if kind.startswith("number") or re.fullmatch(r"[0-9]+\.0", shown):
        return _of_figure(number, len(number), reference)
    if _EIGHTEEN.fullmatch(number):
        return _eighteen(number, reference)
    if re.fullmatch(r"[0-9]{15}", number):
        return _fifteen(number, reference)
    return _masked(shown) or _unreadable(number)


def _of_figure(digits: str, length: int, reference: datetime.date) -> Reading:
    """A number out of a number cell: 15 digits survive there, of 18 the last are lost."""
    if len(digits) == length == LONGEST_EXACT:
        return _fifteen(digits, reference) if digits.isdigit() else refused("not_an_id_number")
    return refused("digits_lost") if length in (15, 18) else _unreadable(digits)


def _masked(shown: str) -> Reading | None:
    masked = _MASK.sub(lambda run: "*" * len(run.group()), shown.replace(" ", ""))
    found = "*" in masked and re.fullmatch(r"[0-9*]{14,17}[0-9X*]", masked)
    return Reading(masked, "masked", "inferred") if found else None


def _unreadable(number: str) -> Reading:
    return refused("wrong_length" if re.fullmatch(r"[0-9]+X?", number) else "not_an_id_number")


def _eighteen(number: str, reference: datetime.date) -> Reading:
    if number.startswith(TEMPORARY):
        return Reading(number, "temporary")
    right = check_character(number[:17]) == number[17]
    zeros = number.endswith("000")
    if not right and zeros:
        return refused("digits_lost")
    if _birth(number[6:14], reference) is None:
        return refused("birth_impossible")
    if not right:
        return refused("check_digit_wrong")
    return Reading(number, "id_number+zeros_at_end" if zeros else "id_number")


def _fifteen(number: str, reference: datetime.date) -> Reading:
    """GB 11643 gave the orders 996 to 999 to people over a hundred: their century is open."""
    longer = number[:6] + "19" + number[6:]
    if number[12:] in _CENTENARIANS:
        return refused("century_unclear")
    if _birth(longer[6:14], reference) is None:
        return refused("birth_impossible")
    return Reading(longer + check_character(longer), "fifteen_digits", "inferred")


def visible(text: str) -> str:
    """What can still be compared of a number that was refused, "*" where a digit is lost.

    The first 15 digits of a number that a spreadsheet rounded, or all 18 of one with a wrong check
    digit; "" when nothing can be told.
    """
    shown = normal(text).upper().lstrip("'")
    found = figure(shown)
    digits = found[0] if found else shown.replace(" ", "").removesuffix(".0")
    if found and found[1] == 18 and 6 <= len(digits) <= LONGEST_EXACT:
        return digits.ljust(18, "*")
    if not _EIGHTEEN.fullmatch(digits):
        return ""
    return digits[:15] + "***" if digits.endswith("000") else digits


def birth(number: str) -> str:
    """The date of birth in an 18-character ID number, "" when it holds none."""
    whole = _EIGHTEEN.fullmatch(number) and not number.startswith(TEMPORARY)
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if whole else ""


def sex(number: str) -> str:
    """The sex in an 18-character ID number, "" when it holds none."""
    if not _EIGHTEEN.fullmatch(number) or number.startswith(TEMPORARY):
        return ""
    return "male" if int(number[16]) % 2 else "female"


def birth_of_damaged(text: str, reference: datetime.date) -> str:
    """The date of birth in the first 14 digits of a number whose last digits were lost."""
    shown = normal(text).upper().lstrip("'")
    found = figure(shown)
    digits = found[0] if found else shown.replace(" ", "").removesuffix(".0")
    day = _birth(digits[6:14], reference) if re.fullmatch(r"[0-9]{14,18}", digits) else None
    return "" if day is None else day.isoformat()


def figure(text: str) -> tuple[str, int] | None:
    """The digits that "1.5E+17" shows, and how many the number has; None for other text."""
    found = _SCIENTIFIC.fullmatch(text.upper())
    if not found:
        return None
    return found[1] + (found[2] or ""), int(found[3][-4:]) + 1


def _birth(digits: str, reference: datetime.date) -> datetime.date | None:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if not 1900 <= year <= reference.year:
        return None
    try:
        born = datetime.date(year, month, day)
    except ValueError:
        return None
    return born if born <= reference else None


def email(text: str, kind: str) -> Reading:
    """An e-mail address in lower case."""
    address = normal(text).replace(" ", "").lower()
    return Reading(address, "email") if _ADDRESS.fullmatch(address) else refused("not_an_email")
