"""What the minutes of a session say: the duties that it discharged, and whether it decided.

Enters: the rule that reads one spelling of a code list.
Leaves: rules for a set of duties and for the text of a resolution.
Refuses: a set of which one part is unknown; naming a decision that the words do not state.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable

from engagement import codebook
from engagement.records.reading import Reading, normal

Rule = Callable[[str, str], Reading]
_BLANK = " "


def duties(read: Rule) -> Rule:
    """One session may discharge several duties, so its duty_type is a set.

    The value holds the codes in the order of the code list with a blank between them, each once:
    "theme_day lesson". One duty is its code alone, so a reader of sets splits at blanks and a
    reader of single duties meets nothing new. A text that names one duty is never cut; of several
    parts each must be a duty, else the text is read as a whole.
    """

    def rule(text: str, kind: str) -> Reading:
        whole = read(text, kind)
        if whole.rule in ("code", "declared_value"):
            return whole
        for between in (_joined(), _blanks()):
            parts = [read(part, "text") for part in between.split(normal(text)) if part.strip()]
            if len(parts) > 1 and all(part.value for part in parts):
                return Reading(_in_order({part.value for part in parts}), "code+set")
        return whole

    return rule


def split(values: str) -> list[str]:
    """The duties in a value of duty_type."""
    return values.split(_BLANK)


def joined(words: list[str]) -> str:
    """Several spellings of duties as one text that `duties` reads."""
    return codebook.structure()["duties"]["joined"][0].join(words)


def decided(read: Rule) -> Rule:
    """Whether a session decided: election, passed, not_passed, none, or unknown.

    A spelling of the code list is exact; the words of a longer text are inferred, the strictest
    first (an election needs more people present than a decision, and a decision more than a vote);
    a text without such words says that something was written down, and no more: unknown.
    """

    def rule(text: str, kind: str) -> Reading:
        plain = read(text, kind)
        if plain.rule != "undeclared_value":
            return plain
        said = normal(text).lower()
        for code in ("election", "passed"):
            if _says(code).search(said):
                return Reading(code, "code+within", "inferred")
        if _says("passed", undone=False).search(said):
            return Reading("not_passed", "code+within", "inferred")
        return Reading("unknown", "code+unclear", "lossy")

    return rule


def _in_order(codes: set[str]) -> str:
    """Codes in the order of the list; codes that only the study knows come last."""
    listed = list(codebook.codes("duty_type"))
    own = sorted(codes.difference(listed))
    return _BLANK.join([code for code in listed if code in codes] + own)


@functools.cache
def _joined() -> re.Pattern:
    return re.compile("|".join(map(re.escape, codebook.structure()["duties"]["joined"])))


@functools.cache
def _blanks() -> re.Pattern:
    return re.compile(rf"{_joined().pattern}|\s+")


@functools.cache
def _says(code: str, *, undone: bool = True) -> re.Pattern:
    """Words that state `code`; with `undone`, not where a word just before them undoes them."""
    words = codebook.structure()["decisions"]
    before = "".join(f"(?<!{re.escape(word)})" for word in words["not"]) if undone else ""
    return re.compile("|".join(before + re.escape(word) for word in words[code]))
