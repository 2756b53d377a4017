"""How far two names agree: three kinds of comparison, each on pairs of one kind of writing.

Enters: keys of names (names.keys) of two rosters, and pairs of their positions.
Leaves: for each pair an index into the levels that weights.toml declares for the kind; -1 where
the kind does not apply or a name is missing. Refuses: nothing; no level is guessed across scripts.
"""

from __future__ import annotations

import functools
import itertools
import re

import numpy as np
import pandas as pd
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cpdist

from engagement import codebook
from engagement.records import names

MISSING = -1
HAN = ("exact", "reading", "confused", "one_character", "surname", "other")
LATIN = ("exact", "order", "nickname", "initials", "near", "surname", "given", "other")
SPELLED = ("same", "other")
_SYLLABLE = re.compile(
    "(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|uai|iao|ian|uan|van|ai|ei"
    "|ui|ao|ou|iu|ie|ve|ue|er|an|en|in|un|vn|ia|ua|uo|a|o|e|i|u|v)"
)
_FORMS = 16


def han(left: pd.DataFrame, right: pd.DataFrame, pairs: np.ndarray) -> np.ndarray:
    """Index into HAN, one per row (left position, right position) of `pairs`.

    One character counts only within given names of two characters or more: two people of one
    surname with different one-character names share nothing but the surname.
    """
    both, at, to = _stacked(left, right, pairs)
    name = pd.factorize(both["name"])[0]
    surname = pd.factorize(both["surname"].replace("", np.nan))[0]
    same_surname = (surname[at] == surname[to]) & (surname[at] >= 0)
    units, meet, alike = _units(both)
    length = both["given"].str.len().fillna(0).to_numpy()
    different, homophone = _characters(units, meet, length, at, to)
    found = np.full(len(pairs), HAN.index("other"), dtype=np.int8)
    found[same_surname] = HAN.index("surname")
    found[same_surname & (length[at] >= 2) & (different == 1)] = HAN.index("one_character")
    found[alike[units[at, 0], units[to, 0]] & (different == 0)] = HAN.index("confused")
    found[homophone] = HAN.index("reading")
    found[name[at] == name[to]] = HAN.index("exact")
    written = both["han"].to_numpy() & (name >= 0)
    found[~(written[at] & written[to])] = MISSING
    return found


def _stacked(left: pd.DataFrame, right: pd.DataFrame, pairs: np.ndarray) -> tuple:
    columns = ["name", "surname", "given", "han"]
    both = pd.concat([left[columns], right[columns]], ignore_index=True)
    return both, pairs[:, 0], pairs[:, 1] + len(left)


def _characters(units, meet, length: np.ndarray, at: np.ndarray, to: np.ndarray) -> tuple:
    """Given characters that differ (many when the lengths do), and whether all readings meet."""
    equal_length = length[at] == length[to]
    different = np.where(equal_length, 0, 99).astype(np.int16)
    homophone = equal_length & meet[units[at, 0], units[to, 0]]
    for position in range(1, units.shape[1]):
        a, b = units[at, position], units[to, position]
        homophone &= meet[a, b]
        different += a != b
    return different, homophone


def _units(both: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Numbers of the surname and given characters; which share a reading; which are confused."""
    surname = both["surname"].fillna("").where(both["han"], "")
    given = both["given"].fillna("").where(both["han"], "")
    width = int(given.str.len().max() or 0)
    texts = [("surname", surname)] + [("given", given.str.slice(i, i + 1)) for i in range(width)]
    spelled = pd.concat([role + " " + text for role, text in texts], ignore_index=True)
    number, vocabulary = pd.factorize(spelled)
    sets = [names.readings(*unit.split(" ", 1)) for unit in vocabulary]
    place = {unit: i for i, unit in enumerate(vocabulary)}
    confused = [
        (place.get(f"surname {one}"), place.get(f"surname {other}"))
        for one, other in confused_surnames()
    ]
    rows = [pair for pair in confused if None not in pair]
    alike = np.zeros((len(sets), len(sets)), dtype=bool)
    alike[tuple(np.array(rows).T) if rows else ([], [])] = True
    return number.reshape(len(texts), -1).T, _meeting(sets), alike


def _meeting(sets: list[tuple[str, ...]]) -> np.ndarray:
    syllables = {syllable: i for i, syllable in enumerate(sorted(set().union(*sets)))}
    member = np.zeros((len(sets), max(1, len(syllables))), dtype=np.float32)
    for row, readings in enumerate(sets):
        member[row, [syllables[reading] for reading in readings]] = 1
    return (member @ member.T) > 0


@functools.cache
def confused_surnames() -> frozenset[tuple[str, str]]:
    """Ordered pairs of surnames that clerks and listeners take for one another."""
    groups = codebook.weights()["names"]["confused_surnames"]
    pairs = (itertools.permutations(group.split(), 2) for group in groups)
    return frozenset(itertools.chain.from_iterable(pairs))


def latin(left: pd.DataFrame, right: pd.DataFrame, pairs: np.ndarray) -> np.ndarray:
    """Index into LATIN, one per row of `pairs`; edits are counted in ASCII letters only.

    Edits allowed: 1 in words of 3 letters or more, 2 from 7 letters on.
    """
    found = np.full(len(pairs), MISSING, dtype=np.int8)
    if not (_any_latin(left) and _any_latin(right)):
        return found
    one, other = (latin_keys(people) for people in (left, right))
    here = one["latin"].to_numpy()[pairs[:, 0]] & other["latin"].to_numpy()[pairs[:, 1]]
    if here.any():
        found[here] = _latin_levels(one, other, *pairs[here].T)
    return found


def _any_latin(people: pd.DataFrame) -> bool:
    return bool((people["name"].notna() & ~people["han"]).any())


def latin_keys(people: pd.DataFrame) -> pd.DataFrame:
    """What Latin names are compared by: latin (bool), surname, given, words, initials, called.

    `words` are the words in alphabetical order; `initials` those of a given name that consists of
    initials; `letters` the first letters of any given name; `called` the formal names, between
    bars, that the first given name may stand for.
    """
    is_latin = people["name"].notna() & ~people["han"]
    surname = people["surname"].where(is_latin, "").fillna("")
    given = people["given"].where(is_latin, "").fillna("")
    told = {text: _of_given(text) for text in given.unique()}
    ordered = {text: " ".join(sorted(text.split())) for text in (given + " " + surname).unique()}
    parts = pd.DataFrame(given.map(told).tolist(), columns=["initials", "letters", "called"])
    return pd.DataFrame(
        {
            "latin": is_latin.to_numpy(),
            "surname": surname.to_numpy(),
            "given": given.to_numpy(),
            "words": (given + " " + surname).map(ordered).to_numpy(),
        }
    ).join(parts)


def _of_given(given: str) -> tuple[str, str, str]:
    parts = given.split()
    letters = "".join(part[0] for part in parts)
    short = letters if parts and all(len(part) == 1 for part in parts) else ""
    formal = _nicknames().get(parts[0], parts[0]) if parts else ""
    return short, letters, formal


@functools.cache
def _nicknames() -> dict[str, str]:
    """The formal names of each nickname, joined by bars; a formal name stands for itself too."""
    table = codebook.nicknames()
    formal = table.groupby("nickname")["formal"].agg("|".join).to_dict()
    own = set(table["formal"])
    return {name: f"{text}|{name}" if name in own else text for name, text in formal.items()}


def _latin_levels(one: pd.DataFrame, other: pd.DataFrame, at: np.ndarray, to: np.ndarray):
    def both(column: str) -> tuple[np.ndarray, np.ndarray]:
        return one[column].to_numpy(dtype=object)[at], other[column].to_numpy(dtype=object)[to]

    surname, given, words = both("surname"), both("given"), both("words")
    same_surname = (surname[0] == surname[1]) & (surname[0] != "")
    near_surname, near_given = _near(*surname), _near(*given)
    near = near_surname & near_given
    crossed = _near(surname[0], given[1]) & _near(given[0], surname[1])
    called = _share_a_name(*both("called")) & same_surname
    initials = _initials_fit(one, other, at, to) & same_surname
    exact = (words[0] == words[1]) & (surname[0] == surname[1])
    rules = [
        exact,
        words[0] == words[1],
        called,
        initials,
        near | crossed,
        near_surname,
        near_given,
    ]
    return np.select(rules, range(len(rules)), LATIN.index("other")).astype(np.int8)


def _near(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Equal and not empty, or few edits apart in ASCII letters."""
    length = np.minimum(_lengths(one), _lengths(other))
    allowed = np.select([length >= 7, length >= 3], [2, 1], 0)
    plain = _ascii(one) & _ascii(other) & (allowed > 0)
    edits = np.full(len(one), 99)
    edits[plain] = cpdist(one[plain], other[plain], scorer=Levenshtein.distance)
    return (one == other) & (length > 0) | (edits <= allowed)


def _lengths(texts: np.ndarray) -> np.ndarray:
    return np.fromiter(map(len, texts), dtype=np.int16, count=len(texts))


def _ascii(texts: np.ndarray) -> np.ndarray:
    return np.fromiter(map(str.isascii, texts), dtype=bool, count=len(texts))


def _share_a_name(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    shared = [
        bool(a) and not set(a.split("|")).isdisjoint(b.split("|"))
        for a, b in zip(one, other, strict=True)
    ]
    return np.array(shared, dtype=bool)


def _initials_fit(one, other, at: np.ndarray, to: np.ndarray) -> np.ndarray:
    """One given name is initials, and they begin the first letters of the other or end there."""
    found = np.zeros(len(at), dtype=bool)
    for a, b, here, there in ((one, other, at, to), (other, one, to, at)):
        short = a["initials"].to_numpy(dtype=object)[here]
        letters = b["letters"].to_numpy(dtype=object)[there]
        fits = [
            bool(s) and bool(t) and (t.startswith(s) or s.startswith(t))
            for s, t in zip(short, letters, strict=True)
        ]
        found |= np.array(fits, dtype=bool)
    return found


def spelled(left: pd.DataFrame, right: pd.DataFrame, pairs: np.ndarray) -> np.ndarray:
    """Index into SPELLED where one name is in Han and the other in the syllables of pinyin."""
    found = np.full(len(pairs), MISSING, dtype=np.int8)
    if not (_any_latin(left) or _any_latin(right)):
        return found
    one, other = spellings(left), spellings(right)
    kinds = one["kind"].to_numpy()[pairs[:, 0]] + other["kind"].to_numpy()[pairs[:, 1]]
    mixed = kinds == _HAN_WRITTEN + _PINYIN
    if mixed.any():
        a = one["forms"].to_numpy(dtype=object)[pairs[mixed, 0]]
        b = other["forms"].to_numpy(dtype=object)[pairs[mixed, 1]]
        found[mixed] = np.where(_share_a_name(a, b), 0, 1)
    return found


_HAN_WRITTEN, _PINYIN = 1, 10


def spellings(people: pd.DataFrame) -> pd.DataFrame:
    """kind (1 Han, 10 pinyin, 0 neither) and forms: the name in letters, forms between bars."""
    parts = (people[part].tolist() for part in ("name", "surname", "given", "han"))
    told = [_spelling(*row) for row in zip(*parts, strict=True)]
    return pd.DataFrame(told, columns=["kind", "forms"])


@functools.lru_cache(maxsize=names.KEPT)
def _spelling(name: object, surname: str, given: str, han: bool) -> tuple[int, str]:
    if not isinstance(name, str):
        return 0, ""
    if han:
        sets = [names.readings("surname", surname)] if surname else []
        sets += [names.readings("given", character) for character in given]
        return _HAN_WRITTEN, "|".join(
            "".join(row) for row in itertools.islice(itertools.product(*sets), _FORMS)
        )
    parts = name.split()
    letters = {"".join(parts), "".join(parts[-1:] + parts[:-1]), "".join(parts[1:] + parts[:1])}
    pinyin = len(parts) > 1 and re.fullmatch(f"(?:{_SYLLABLE.pattern})+", "".join(parts))
    return (_PINYIN, "|".join(sorted(letters))) if pinyin else (0, "")
