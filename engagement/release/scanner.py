"""No identity in anything that leaves: the last look, at the bytes themselves.

Enters: files as bytes, the identities of the raw rosters, the words that the pages are made of.
Leaves: what was found, by file and kind; never a value.
Refuses: a file in which somebody is found, and a search that does not find what was planted.

A name of two characters, or one that the report's own words can spell, is a word as well. Such a
name counts only with another fact of the same person beside it.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from engagement import codebook, words
from engagement.errors import Problem, ReleaseRefused
from engagement.release import unpacking
from engagement.study import Study

NAME, NUMBER, TEXT, FACT = KINDS = ("name", "number", "text", "fact")
FEWEST_CHARACTERS, FEWEST_DIGITS, FEWEST_LETTERS = 3, 7, 6
LONG = 10
NEAR = 40
APART = "\n"
WRITTEN = 0.8
HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\u8c48-\ufaff\U00020000-\U0003ffff]+")
DIGITS = re.compile(r"\d{9,}[xX]?")
PLAIN_NUMBER = re.compile("[0-9]+x?")
SHORT = re.compile(r"(?<![\d.])\d{7,9}(?![\d.])")
NUMERALS = str.maketrans(
    "\u96f6\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d", "00123456789"
)
SPELLED = re.compile("[\u96f6\u3007\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d]{7,}")
BETWEEN = re.compile(r"[\W_]+")
FOREIGN_DIGIT = re.compile(r"(?![0-9])\d")
YEAR = re.compile("(19|20)[0-9]{2}")
PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Search:
    """What to look for: strong texts by their length; names that are words, with facts beside.

    `short`: numbers so short that they must stand alone, or a drawing would hold them by chance.
    """

    han: Mapping[int, frozenset[str]]
    numbers: Mapping[int, frozenset[str]]
    short: frozenset[str]
    texts: frozenset[str]
    weak: Mapping[str, frozenset[str]]

    @property
    def strong(self) -> set[str]:
        """Everything that counts wherever it stands."""
        return set(self.texts | self.short).union(*self.han.values(), *self.numbers.values())


def search(identities: pd.DataFrame, ordinary: frozenset[str] = frozenset()) -> Search:
    """What to look for, from `identities`: one row per person and value.

    Columns: person, kind (name, number, text, fact), value. `ordinary`: pairs of characters that
    the pages write anyway.
    """
    values = {
        kind: {squeezed(value) for value in identities.loc[identities["kind"] == kind, "value"]}
        for kind in KINDS
    }
    names = {name for name in values[NAME] if HAN.fullmatch(name) and len(name) >= 2}
    weak = {name for name in names if _pairs(name) <= ordinary}
    codes = values[NUMBER] | values[TEXT]
    numbers = {n for n in codes if PLAIN_NUMBER.fullmatch(n) and len(n) >= FEWEST_DIGITS}
    numbers |= {f"{float(n):.0f}" for n in numbers if n.isdigit()}
    latin = {name for name in values[NAME] - names if not HAN.search(name)}
    texts = {text for text in codes | latin if len(text) >= FEWEST_LETTERS} - numbers
    return Search(
        han=_by_length(names - weak),
        numbers=_by_length(n for n in numbers if len(n) >= LONG),
        short=frozenset(n for n in numbers if len(n) < LONG),
        texts=frozenset(texts),
        weak={name: _facts(identities, name) for name in weak},
    )


def _by_length(values: Iterable[str]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = {}
    for value in values:
        found.setdefault(len(value), set()).add(value)
    return {length: frozenset(group) for length, group in found.items()}


def _facts(identities: pd.DataFrame, name: str) -> frozenset[str]:
    """The other facts of everybody who bears a name, as they may stand beside it."""
    called = identities["value"].map(squeezed) == name
    bearers = set(identities.loc[called & (identities["kind"] == NAME), "person"])
    own = identities[identities["person"].isin(bearers) & (identities["kind"] != NAME)]
    facts = {squeezed(value) for value in own["value"]}
    facts |= {fact[-4:] for fact in facts if fact[:-1].isdigit()}
    return frozenset(f for f in facts if len(f) >= 4 and not YEAR.fullmatch(f))


def squeezed(text: str) -> str:
    """Letters, characters and digits alone, in one form: no blanks, marks or points between."""
    plain = unicodedata.normalize("NFKC", str(text)).casefold()
    return BETWEEN.sub("", FOREIGN_DIGIT.sub(lambda digit: str(unicodedata.digit(digit[0])), plain))


def found(content: bytes, wanted: Search) -> Counter:
    """How many different identities of each kind stand in `content`."""
    hits: dict[str, set[str]] = {NAME: set(), NUMBER: set(), TEXT: set()}
    pieces: dict[bool, list[str]] = {True: [], False: []}
    for text in dict.fromkeys(unpacking.texts(content)):
        hits[NUMBER] |= wanted.short.intersection(SHORT.findall(text))
        plain = squeezed(text)
        pieces[_is_written(HAN.findall(plain))].append(plain)
    for written, plain in pieces.items():
        whole = APART.join(dict.fromkeys(plain))
        for direction in (whole, whole[::-1]):
            _look(direction, wanted, hits, written)
    return Counter({kind: len(values) for kind, values in hits.items() if values})


def _look(plain: str, wanted: Search, hits: dict[str, set[str]], written: bool) -> None:
    characters = HAN.findall(plain)
    digits = DIGITS.findall(plain)
    digits += [run.translate(NUMERALS) for run in SPELLED.findall(plain)]
    hits[NUMBER] |= _among(digits, wanted.numbers)
    hits[TEXT] |= {text for text in wanted.texts if text in plain}
    strong = _among(characters, wanted.han)
    hits[NAME] |= {name for name in strong if written or len(name) >= FEWEST_CHARACTERS}
    for name, facts in wanted.weak.items():
        if any(_beside(plain, at.start(), name, facts) for at in re.finditer(name, plain)):
            hits[NAME].add(name)


def _among(runs: list[str], wanted: Mapping[int, frozenset[str]]) -> set[str]:
    return {
        run[place : place + length]
        for length, values in wanted.items()
        for run in runs
        for place in range(len(run) - length + 1)
        if run[place : place + length] in values
    }


def _is_written(runs: list[str]) -> bool:
    """Whether characters are a text that somebody wrote, not bytes read in a wrong encoding."""
    text = "".join(runs)
    common = len(text.encode("gb2312", errors="ignore")) / 2
    return common >= WRITTEN * len(text)


def _beside(plain: str, at: int, name: str, facts: frozenset[str]) -> bool:
    before = plain[max(at - NEAR, 0) : at].rpartition(APART)[2]
    after = plain[at : at + len(name) + NEAR].partition(APART)[0]
    return any(fact in before + after for fact in facts)


def _pairs(text: str) -> set[str]:
    return {text[place : place + 2] for place in range(len(text) - 1)}


def ordinary(study: Study, more: Iterable[str] = ()) -> frozenset[str]:
    """Pairs of characters that the pages write whoever the members are.

    They stand within the words of the package and the labels of the study, or where one of
    these meets a value that fills its place, or the next cell.
    """
    sentences = [text for texts in words.catalogue().values() for text in texts.values()]
    labels = list(_labels(study))
    pairs, ends = set(), {"before": set(), "after": set()}
    for sentence in [*sentences, *labels, *more]:
        parts = [HAN.findall(part) for part in map(squeezed, PLACE.split(sentence))]
        for part in filter(None, parts):
            pairs |= set().union(*map(_pairs, part))
            ends["before"].add(part[-1][-1])
            ends["after"].add(part[0][0])
    return frozenset(pairs | {a + b for a in ends["before"] for b in ends["after"]})


def _labels(study: Study) -> Iterable[str]:
    both = [study.title, study.organisation, study.people]
    both += [f.label for f in study.factors.values()] + [o.label for o in study.outcomes.values()]
    both += [label for f in study.factors.values() for label in f.labels.values()]
    both += [segment.label for segment in study.segments]
    both += [claim.text for claim in study.claims]
    both += [study.population.label] if study.population else []
    both += [study.plan.owner] if study.plan else []
    for label in both:
        yield from label.values()
    yield from (unit.zh for unit in study.units)
    yield from codebook.measures()["zh"]
    yield from (field.zh for field in study.fields.values())
    rules = codebook.calendar(study.calendar.profile) if study.calendar else ()
    yield from (rule.zh for rule in rules)


def require_nobody(contents: Mapping[str, bytes], wanted: Search) -> None:
    """Pass when nobody is found in any of the files, nor in their names.

    Raises ReleaseRefused with one problem per file in which somebody is found, or when the
    search does not find what is planted for it.
    """
    _require_sight(wanted)
    problems = []
    for name, content in contents.items():
        hits = found(content, wanted) + found(name.encode(), wanted)
        if hits:
            shown = name if not found(name.encode(), wanted) else "?"
            counts = {kind: hits[kind] for kind in (NAME, NUMBER, TEXT)}
            problems.append(Problem("identity_found", {"file": shown, **counts}))
    if problems:
        raise ReleaseRefused(problems)


def _require_sight(wanted: Search) -> None:
    """The positive control: everything looked for is planted in a packed file, and found."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        planted = "<t>" + "</t>.<t>".join(sorted(wanted.strong)) + "</t>"
        archive.writestr("planted.xml", planted)
    if found(packed.getvalue(), wanted).total() < len(wanted.strong):
        raise ReleaseRefused.one("scanner_blind")
