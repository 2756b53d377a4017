"""Telephone numbers.

Enters: the text of a cell, and the region of its locale.
Leaves: E.164 numbers; a masked one keeps its mask, of several the first is taken.
Refuses: numbers of a wrong length, landlines without area code, numbers that lost digits.
"""

from __future__ import annotations

import functools
import re

import phonenumbers

from engagement import codebook
from engagement.records.identifiers import figure
from engagement.records.reading import Reading, normal, refused

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_MASK = re.compile(r"\+?(?=.{7,15}$)(?=(?:[^0-9]*[0-9]){4})[0-9]*[*Xx\u00d7]{2,}[0-9]*")
_EXTENSION = 6


def phone(text: str, kind: str, region: str) -> Reading:
    """A telephone number in E.164; the first of several; a masked one keeps its mask."""
    if region == "CN" and _MOBILE.fullmatch(text):
        return Reading("+86" + text, "phone")
    plain = _label().sub("", re.sub(r"\([^()0-9]*\)", " ", normal(text)).strip(" =\"'/,;|\u3001"))
    if shown := figure(plain):
        digits, length = shown
        whole = _one(digits, region) if len(digits) == length else refused("digits_lost")
        return whole._replace(confidence="inferred") if whole.value else whole
    parts = [part for part in _between().split(plain) if part.strip()]
    if len(parts) < 2:
        return _one(plain, region)
    readable = [reading for part in parts if (reading := _one(part, region)).value]
    whole = _one(plain, region) if len(readable) < 2 else refused("not_a_phone")
    if whole.value or not readable:
        return whole
    return Reading(readable[0].value, "two_numbers", "inferred")


def _one(text: str, region: str) -> Reading:
    number = re.sub(r"[\s()\-.\u2013\u2014']", "", re.sub(r"\.0$", "", text.strip()))
    mobile = re.sub(r"^(?:\+?86|0086|0)(?=1[3-9][0-9]{9}$)", "", number)
    if region == "CN" and _MOBILE.fullmatch(mobile):
        return Reading("+86" + mobile, "phone")
    if _MASK.fullmatch(number):
        return Reading(_masked(re.sub(r"[Xx\u00d7]", "*", number), region), "masked", "inferred")
    return _called(text, number, region)


def _masked(number: str, region: str) -> str:
    """A masked number in the form of a whole one, so that both can be compared by position."""
    mobile = re.sub(r"^(?:\+?86|0086)(?=1[3-9*].{9}$)", "", number)
    national = region == "CN" and re.fullmatch(r"1[3-9*][0-9*]{9}", mobile)
    return f"+86{mobile}" if national else number


def _called(text: str, number: str, region: str) -> Reading:
    """A number of any country; what is dialled behind it is no part of it."""
    found = _inner().fullmatch(text.strip())
    if found and (outer := _valid(found[1], region)):
        return Reading(outer, "phone+extension", "lossy")
    if whole := _valid(text, region):
        return Reading(whole, "phone")
    if re.search(r"[^\W\d_]", number):
        return refused("not_a_phone")
    if re.fullmatch(r"[2-8][0-9]{6,7}", number) or _valid(text, region, trunk=False):
        return refused("no_area_code")
    return refused("wrong_length" if re.fullmatch(r"\+?[0-9]+", number) else "not_a_phone")


def _valid(text: str, region: str, *, trunk: bool = True) -> str:
    """The number in E.164, "" when nobody can be called by it.

    `trunk`: a national number must begin as it is dialled, with the trunk prefix of its country;
    without it a mobile that lost its first digit would pass for a landline elsewhere.
    """
    parsed = _parsed(text, region)
    if parsed is None or (trunk and _lacks_trunk(parsed, region)):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@functools.lru_cache(maxsize=64)
def _parsed(text: str, region: str) -> phonenumbers.PhoneNumber | None:
    """The number in `text`, when it is a valid one without an extension."""
    try:
        parsed = phonenumbers.parse(text, region, keep_raw_input=True)
    except phonenumbers.NumberParseException:
        return None
    return parsed if phonenumbers.is_valid_number(parsed) and not parsed.extension else None


def _lacks_trunk(parsed: phonenumbers.PhoneNumber, region: str) -> bool:
    prefix = phonenumbers.PhoneMetadata.metadata_for_region(region).national_prefix
    source = phonenumbers.CountryCodeSource.FROM_DEFAULT_COUNTRY
    dialled = re.sub("[^0-9]", "", parsed.raw_input)
    if parsed.country_code_source != source or prefix != "0" or dialled.startswith(prefix):
        return False
    kinds = phonenumbers.PhoneNumberType
    return phonenumbers.number_type(parsed) not in (kinds.TOLL_FREE, kinds.SHARED_COST)


@functools.cache
def _between() -> re.Pattern:
    words = "|".join(codebook.structure()["phones"]["or"])
    return re.compile(rf"[/,;\u3001|\n]+|\s+(?=1[3-9][0-9]{{9}}|0[0-9]{{2,3}}-)|\s*(?:{words})\s*")


@functools.cache
def _label() -> re.Pattern:
    """The word for a telephone in front of its number."""
    words = sorted(codebook.structure()["phones"]["label"], key=len, reverse=True)
    return re.compile(rf"^(?:{'|'.join(words)})[.:\s]*(?=[+(0-9])", re.IGNORECASE)


@functools.cache
def _inner() -> re.Pattern:
    """A number and its extension: after a word, in brackets, or after a second dash."""
    words = map(re.escape, sorted(codebook.structure()["phones"]["extension"], key=len)[::-1])
    inner = rf"([0-9]{{1,{_EXTENSION}}})"
    word = rf"[\s,;]*(?:{'|'.join(words)})[.:\s]*{inner}"
    dashed = rf"(?<=[0-9]{{7}})\s*(?:-\s*{inner}|\({inner}\))"
    return re.compile(rf"([+(]?[0-9][0-9\s()\-./]*?)(?:{word}|{dashed})", re.IGNORECASE)
