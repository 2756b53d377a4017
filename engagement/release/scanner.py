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
NEAR = 40
WRITTEN = 0.8
HAN = re.compile("[㐀-䶿一-鿿豈-﫿\U00020000-\U0003ffff]+")
DIGITS = re.compile(r"\d{7,}[xX]?")
NUMERALS = str.maketrans("零〇一二三四五六七八九", "00123456789")
SPELLED = re.compile("[零〇一二三四五六七八九]{7,}")
YEAR = re.compile("(19|20)[0-9]{2}")
PLACE = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class Search:
    """What to look for: strong texts by their length; names that are words, with facts beside."""

    han: Mapping[int, frozenset[str]]
    numbers: Mapping[int, frozenset[str]]
    texts: frozenset[str]
    weak: Mapping[str, frozenset[str]]

    @property
    def strong(self) -> set[str]:
        """Everything that counts wherever it stands."""
        return set(self.texts).union(*self.han.values(), *self.numbers.values())


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
    numbers = {n for n in values[NUMBER] if len(n) >= FEWEST_DIGITS}
    numbers |= {f"{float(n):.0f}" for n in numbers if n.isdigit()}
    latin = {name for name in values[NAME] - names if not HAN.search(name)}
    texts = {text for text in values[TEXT] | latin if len(text) >= FEWEST_LETTERS}
    return Search(
        han=_by_length(names - weak),
        numbers=_by_length(numbers),
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
    """Letters, characters and digits alone, in one form: no blanks, marks, points or tags between."""
    plain = unicodedata.normalize("NFKC", str(text)).casefold()
    plain = "".join(
        str(unicodedata.digit(c)) if c.isdigit() and not c.isascii() else c for c in plain
    )
    return "".join(filter(str.isalnum, plain))


def found(content: bytes, wanted: Search) -> Counter:
    """How many different identities of each kind stand in `content`."""
    seen: set[str] = set()
    hits: dict[str, set[str]] = {NAME: set(), NUMBER: set(), TEXT: set()}
    for text in unpacking.texts(content):
        plain = squeezed(text)
        if plain in seen:
            continue
        seen.add(plain)
        _look(plain, wanted, hits)
        _look(plain[::-1], wanted, hits)
    return Counter({kind: len(values) for kind, values in hits.items() if values})


def _look(plain: str, wanted: Search, hits: dict[str, set[str]]) -> None:
    characters = HAN.findall(plain)
    digits = DIGITS.findall(plain)
    digits += [run.translate(NUMERALS) for run in SPELLED.findall(plain)]
    hits[NUMBER] |= _among(digits, wanted.numbers)
    hits[TEXT] |= {text for text in wanted.texts if text in plain}
    strong = _among(characters, wanted.han)
    if any(len(name) < FEWEST_CHARACTERS for name in strong) and not _is_written(characters):
        strong = {name for name in strong if len(name) >= FEWEST_CHARACTERS}
    hits[NAME] |= strong
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
    around = plain[max(at - NEAR, 0) : at + len(name) + NEAR]
    return any(fact in around for fact in facts)


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
            shown = name if not found(name.encode(), wanted) else "…"
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
