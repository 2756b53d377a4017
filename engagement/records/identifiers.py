"""ID numbers, telephone numbers, e-mail addresses.

Enters: the text and kind of a cell.
Leaves: 18-character ID numbers (GB 11643-1999), E.164 telephone numbers, lower-case addresses.
Refuses: a number that lost digits, has the wrong length, check digit or birth.
"""

from __future__ import annotations

import datetime
import functools
import operator
import re

import phonenumbers

from engagement import codebook
from engagement.records.reading import Reading, normal, refused

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_ZEROS = ord("0") * sum(_WEIGHTS)
_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_SCIENTIFIC = re.compile(r"([0-9])(?:\.([0-9]+))?E\+?([0-9]+)")
_MASK = re.compile(r"[*\uff0a\u00d7\u2022\u25cf]+|(?<=[0-9])[Xx]{2,}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
LONGEST_EXACT = 15


def check_character(digits: str) -> str:
    """The 18th character of an ID number, from its first 17 (ISO 7064 MOD 11-2)."""
    return _CHECK[(sum(map(operator.mul, digits.encode(), _WEIGHTS)) - _ZEROS) % 11]


def id_number(text: str, kind: str, reference: datetime.date) -> Reading:
    """An ID number of 18 characters; 15 digits are converted, the region is never a reason."""
    if kind == "text" and _EIGHTEEN.fullmatch(text):
        return _eighteen(text, reference)
    number = re.sub(r"[\s'\-.\u2019]", "", normal(text).upper()) if kind == "text" else text
    if (kind.startswith("number") and len(number) > LONGEST_EXACT) or _scientific(normal(text)):
        return refused("digits_lost")
    if _EIGHTEEN.fullmatch(number):
        return _eighteen(number, reference)
    if re.fullmatch(r"[0-9]{15}", number):
        return _fifteen(number, reference)
    masked = _MASK.sub(lambda run: "*" * len(run.group()), normal(text).replace(" ", "").upper())
    if re.fullmatch(r"[0-9*]{14,17}[0-9X*]", masked) and "*" in masked:
        return Reading(masked, "masked", "inferred")
    return refused("wrong_length" if re.fullmatch(r"[0-9]+X?", number) else "not_an_id_number")


def _eighteen(number: str, reference: datetime.date) -> Reading:
    if number.startswith("999"):
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
    longer = number[:6] + "19" + number[6:]
    if _birth(longer[6:14], reference) is None:
        return refused("birth_impossible")
    return Reading(longer + check_character(longer), "fifteen_digits", "inferred")


def birth(number: str) -> str:
    """The date of birth in an 18-character ID number, "" when it holds none."""
    whole = _EIGHTEEN.fullmatch(number) and not number.startswith("999")
    return f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if whole else ""


def sex(number: str) -> str:
    """The sex in an 18-character ID number, "" when it holds none."""
    if not _EIGHTEEN.fullmatch(number) or number.startswith("999"):
        return ""
    return "male" if int(number[16]) % 2 else "female"


def birth_of_damaged(text: str, reference: datetime.date) -> str:
    """The date of birth in the first 14 digits of a number whose last digits were lost."""
    shown = normal(text).upper().lstrip("'")
    found = _SCIENTIFIC.fullmatch(shown)
    digits = found.group(1) + (found.group(2) or "") if found else shown.replace(" ", "")
    day = _birth(digits[6:14], reference) if re.fullmatch(r"[0-9]{14,18}", digits) else None
    return "" if day is None else day.isoformat()


def _scientific(text: str) -> bool:
    return _SCIENTIFIC.fullmatch(text.upper()) is not None


def _birth(digits: str, reference: datetime.date) -> datetime.date | None:
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:8])
    if not 1900 <= year <= reference.year:
        return None
    try:
        born = datetime.date(year, month, day)
    except ValueError:
        return None
    return born if born <= reference else None


def phone(text: str, kind: str, region: str) -> Reading:
    """A telephone number in E.164; the first of several; a masked one keeps its mask."""
    if region == "CN" and _MOBILE.fullmatch(text):
        return Reading("+86" + text, "phone")
    plain = re.sub(r"\([^()0-9]*\)", "", normal(text))
    if _scientific(plain):
        return refused("digits_lost")
    whole = _one_phone(plain, region)
    parts = [part for part in _between().split(plain) if part.strip()]
    if whole.value or len(parts) < 2:
        return whole
    readable = [reading for part in parts if (reading := _one_phone(part, region)).value]
    if not readable:
        return whole
    return Reading(readable[0].value, "two_numbers", "inferred")


def _one_phone(text: str, region: str) -> Reading:
    number = re.sub(r"[\s()\-.\u2013\u2014']", "", re.sub(r"\.0$", "", text.strip()))
    mobile = re.sub(r"^(?:\+?86|0086|0)(?=1[3-9][0-9]{9}$)", "", number)
    if region == "CN" and _MOBILE.fullmatch(mobile):
        return Reading("+86" + mobile, "phone")
    if re.fullmatch(r"\+?[0-9]*[*Xx\u00d7]{2,}[0-9]*", number):
        return Reading(_masked(re.sub(r"[Xx\u00d7]", "*", number), region), "masked", "inferred")
    return _any_phone(text, number, region)


def _masked(number: str, region: str) -> str:
    """A masked number in the form of a whole one, so that both can be compared by position."""
    mobile = re.sub(r"^(?:\+?86|0086)(?=1[3-9*].{9}$)", "", number)
    national = region == "CN" and re.fullmatch(r"1[3-9*][0-9*]{9}", mobile)
    return f"+86{mobile}" if national else number


def _any_phone(text: str, number: str, region: str) -> Reading:
    try:
        parsed = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return refused("not_a_phone")
    if phonenumbers.is_valid_number(parsed):
        shown = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        return Reading(shown, "phone")
    if re.fullmatch(r"[2-8][0-9]{6,7}", number):
        return refused("no_area_code")
    return refused("wrong_length" if re.fullmatch(r"\+?[0-9]+", number) else "not_a_phone")


@functools.cache
def _between() -> re.Pattern:
    words = "|".join(codebook.structure()["phones"]["or"])
    return re.compile(rf"[/,;\u3001|\n]+|\s+(?=1[3-9][0-9]{{9}})|{words}")


def email(text: str, kind: str) -> Reading:
    """An e-mail address in lower case."""
    address = normal(text).replace(" ", "").lower()
    return Reading(address, "email") if _ADDRESS.fullmatch(address) else refused("not_an_email")
