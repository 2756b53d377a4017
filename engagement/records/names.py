"""Comparison keys of personal names: one spelling, surname and given name, sets of readings.

Enters: names as a roster writes them.
Leaves: keys, one row per name, and for pairs of names the level at which they agree.
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
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from engagement import codebook

LEVELS = ("exact", "reading", "one_character", "surname", "other")
MISSING = -1
_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_DOT = "\u00b7"


def keys(written: pd.Series) -> pd.DataFrame:
    """Comparison keys, one row per name of `written`, on the same index.

    Columns: name (normalised, missing when empty), surname ("" when the name is compared whole),
    given (the rest, or the whole name), han (bool).
    """
    spellings = pd.Index(written.dropna().unique())
    normal = dict(zip(spellings, _normalised(spellings), strict=True))
    parts = {name: _parts(name) for name in set(normal.values())}
    name = written.astype(object).map(normal).replace("", np.nan)
    split = [parts.get(text, ("", "", False)) for text in name]
    surname, given, han = zip(*split, strict=True) if split else ((), (), ())
    columns = {"name": name.to_numpy(), "surname": surname, "given": given}
    frame = pd.DataFrame(columns, index=written.index, dtype="str").assign(han=np.array(han, bool))
    known = frame["name"].notna()
    return frame.assign(surname=frame["surname"].where(known), given=frame["given"].where(known))


def reading_keys(people: pd.DataFrame) -> pd.Series:
    """One text per name in which homophones with the table's first reading coincide."""
    units = {pair: _first_reading(*pair) for pair in _pairs(people)}
    pairs = pd.Series(list(zip(people["surname"], people["given"], strict=True)), people.index)
    return pairs.map(units).where(people["name"].notna()).astype("str")


def agreement(left: pd.DataFrame, right: pd.DataFrame, pairs: np.ndarray) -> np.ndarray:
    """Index into LEVELS, one per row (left position, right position) of `pairs`; -1 is missing.

    One character counts only within given names of two characters or more: two people of one
    surname with different one-character names share nothing but the surname.
    """
    both = pd.concat([left, right], ignore_index=True)
    at, to = pairs[:, 0], pairs[:, 1] + len(left)
    name = pd.factorize(both["name"])[0]
    surname = pd.factorize(both["surname"].replace("", np.nan))[0]
    same_surname = (surname[at] == surname[to]) & (surname[at] >= 0)
    different, homophone = _positions(both, at, to)
    long_enough = both["given"].str.len().fillna(0).to_numpy()[at] >= 2
    found = np.full(len(pairs), LEVELS.index("other"), dtype=np.int8)
    found[same_surname] = LEVELS.index("surname")
    found[same_surname & long_enough & (different == 1)] = LEVELS.index("one_character")
    found[homophone] = LEVELS.index("reading")
    found[name[at] == name[to]] = LEVELS.index("exact")
    found[(name[at] < 0) | (name[to] < 0)] = MISSING
    return found


def _positions(both: pd.DataFrame, at: np.ndarray, to: np.ndarray) -> tuple:
    """Given characters that differ (many when the lengths do), and whether all readings meet."""
    units, meet = _units(both)
    length = both["given"].str.len().fillna(0).to_numpy()
    equal_length = length[at] == length[to]
    han = both["han"].to_numpy()
    different = np.where(equal_length, 0, 99).astype(np.int16)
    homophone = equal_length & han[at] & han[to]
    for position in range(units.shape[1]):
        a, b = units[at, position], units[to, position]
        homophone &= meet[a, b]
        if position:
            different += a != b
    latin = ~han[at] & ~han[to]
    different[latin] = _edits(both["given"], at[latin], to[latin])
    return different, homophone


def _units(both: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the surname and given characters, and which numbers share a reading."""
    surname = both["surname"].fillna("")
    given = both["given"].fillna("").where(both["han"], "")
    width = int(given.str.len().max() or 0)
    texts = [("surname", surname)] + [("given", given.str.slice(i, i + 1)) for i in range(width)]
    spelled = pd.concat([role + " " + text for role, text in texts], ignore_index=True)
    number, vocabulary = pd.factorize(spelled)
    sets = [_readings(*unit.split(" ", 1)) for unit in vocabulary]
    syllables = {syllable: i for i, syllable in enumerate(sorted(set().union(*sets)))}
    member = np.zeros((len(sets), len(syllables)), dtype=np.float32)
    for row, readings in enumerate(sets):
        member[row, [syllables[reading] for reading in readings]] = 1
    return number.reshape(len(texts), -1).T, (member @ member.T) > 0


def _edits(given: pd.Series, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    words = given.fillna("").to_numpy(dtype=object)
    if not len(at):
        return np.empty(0, dtype=np.int16)
    return cpdist(words[at], words[to], scorer=Levenshtein.distance).astype(np.int16)


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
        return " ".join(plain.casefold().split())
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


def _latin_parts(name: str) -> tuple[str, str]:
    """The last word is the surname, unless a comma puts it first."""
    if "," in name:
        surname, _, given = name.partition(",")
        return surname.strip(), given.strip()
    given, _, surname = name.rpartition(" ")
    return (surname, given) if given else ("", surname)


def _pairs(people: pd.DataFrame) -> set[tuple[str, str]]:
    named = people.dropna(subset=["name"])
    return set(zip(named["surname"], named["given"], strict=True))


def _first_reading(surname: str, given: str) -> str:
    return " ".join([_readings("surname", surname)[0], *(_readings("given", c)[0] for c in given)])


@functools.cache
def _readings(role: str, text: str) -> tuple[str, ...]:
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
