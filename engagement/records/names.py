"""Comparison keys of personal names: one spelling, surname and given name, sets of readings.

Enters: names as a roster writes them.
Leaves: keys, one row per name.
Refuses: nothing; a name that cannot be split is compared whole. The written name is never changed.
"""

from __future__ import annotations

import functools
import re
import unicodedata

import numpy as np
import opencc
import pandas as pd
import pypinyin

from engagement import codebook

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_DOT = "\u00b7"
KEPT = 1 << 18  # names whose readings are remembered: those of a million people
_MARK = "\x1f"
_UNDECOMPOSED = str.maketrans(
    {"\u00f8": "o", "\u00e6": "ae", "\u0153": "oe", "\u00df": "ss", "\u0142": "l", "\u0111": "d"}
    | {"\u00f0": "d", "\u00fe": "th", "\u0131": "i"}
)


def keys(written: pd.Series) -> pd.DataFrame:
    """Comparison keys, one row per name of `written`, on the same index.

    Columns: name (normalised, missing when empty), surname ("" when the name is compared whole),
    given (the rest, or the whole name), han (bool). A Latin name reads "given surname", without
    accents, titles and points, however the roster orders it.
    """
    at, spellings = pd.factorize(written)
    normal = _normalised(pd.Index(spellings))
    parts = {name: _parts(name) for name in set(normal)}
    told = [(_in_order(name, *parts[name]), *parts[name]) for name in normal]
    nothing = (np.nan, np.nan, np.nan, False)
    told = [one if one[0] else nothing for one in told] + [nothing]
    name, surname, given, han = zip(*told, strict=True)
    texts = {"name": name, "surname": surname, "given": given}
    columns = {key: pd.array(values, dtype="str").take(at) for key, values in texts.items()}
    return pd.DataFrame(columns, index=written.index).assign(han=np.array(han, dtype=bool)[at])


def distinct(people: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """The rows of `people` (keys) at which each name stands first, and for each row which it is."""
    number, _ = pd.factorize(people["name"], use_na_sentinel=False)
    first = pd.Series(number).drop_duplicates().index
    return people.iloc[first].reset_index(drop=True), number


def reading_keys(people: pd.DataFrame) -> pd.Series:
    """One text per name in which homophones with the table's first reading coincide."""
    known = people["surname"].fillna("") + _MARK + people["given"].fillna("")
    at, pairs = pd.factorize(known.where(people["name"].notna()))
    readings = [_first_reading(*pair.split(_MARK)) for pair in pairs]
    return pd.Series(pd.array([*readings, np.nan], dtype="str").take(at), people.index)


def _normalised(spellings: pd.Index) -> list[str]:
    """NFKC, one kind of dot, no blanks and marks; simplified characters; lower case."""
    rules = codebook.weights()["names"]
    dots = str.maketrans(dict.fromkeys(rules["dots"], _DOT))
    folded = [_folded(text, dots, tuple(rules["suffixes"])) for text in spellings]
    return _converter().convert("\n".join(folded)).split("\n") if folded else []


def _folded(text: str, dots: dict, suffixes: tuple[str, ...]) -> str:
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(c for c in plain if unicodedata.category(c) not in ("Cf", "Cc") or c == "\t")
    plain = re.sub(r"\(.*?\)|\[.*?\]|[0-9*]+", " ", plain)
    if not _HAN.search(plain):
        return _latin(plain)
    plain = "".join(plain.split()).translate(dots).strip(_DOT)
    for suffix in suffixes:
        plain = plain.removesuffix(suffix) if len(plain) > len(suffix) + 1 else plain
    return plain


def _parts(name: str) -> tuple[str, str, bool]:
    """(surname, given, written in Han); names with a dot and single characters stay whole."""
    if not _HAN.search(name):
        return *_latin_parts(name), False
    if _DOT in name or len(name) < 2 or len(name) > 5:
        return "", name, True
    size = 2 if len(name) > 2 and name[:2] in _surnames() else 1
    return name[:size], name[size:], True


def _latin(text: str) -> str:
    """Lower case without accents, points and titles; a comma still parts surname and given."""
    rules = codebook.weights()["names"]
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_UNDECOMPOSED))
    plain = "".join(c for c in letters if not unicodedata.combining(c))
    plain = re.sub(r"['\u2019`\-\u2010-\u2015]", "", plain)
    words = re.sub(r"[^\w,]+", " ", plain).replace(",", " , ").split()
    return " ".join(word for word in words if word not in rules["titles"])


def _latin_parts(name: str) -> tuple[str, str]:
    """The last word is the surname, with the particles before it, unless a comma puts it first."""
    if "," in name:
        surname, _, given = name.partition(",")
        return " ".join(surname.split()), " ".join(given.replace(",", " ").split())
    words = name.split()
    if len(words) < 2:
        return "", name
    particles = codebook.weights()["names"]["particles"]
    at = len(words) - 1
    while at > 1 and words[at - 1] in particles:
        at -= 1
    return " ".join(words[at:]), " ".join(words[:at])


def _in_order(name: str, surname: str, given: str, han: bool) -> str:
    return name if han else f"{given} {surname}".strip()


@functools.lru_cache(maxsize=KEPT)
def _first_reading(surname: str, given: str) -> str:
    return " ".join([readings("surname", surname)[0], *(readings("given", c)[0] for c in given)])


@functools.cache
def readings(role: str, text: str) -> tuple[str, ...]:
    """Toneless readings: a surname from the table, else every reading of the character."""
    if role == "surname" and text in _surnames():
        return _surnames()[text]
    found = pypinyin.pinyin(text, style=pypinyin.Style.NORMAL, heteronym=len(text) == 1)
    sets = [tuple(readings) for readings in found] or [("",)]
    return sets[0] if len(sets) == 1 else ("".join(readings[0] for readings in sets),)


@functools.cache
def _surnames() -> dict[str, tuple[str, ...]]:
    table = codebook.surnames()
    return {
        surname: tuple(readings.split())
        for surname, readings in zip(table["surname"], table["readings"], strict=True)
    }


@functools.cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
