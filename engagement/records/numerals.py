"""Chinese numerals.

Enters: text that may hold numerals written with characters.
Leaves: the same text with Arabic digits.
Refuses: nothing; what is no one number ("two or three", a mixture with digits) stays as it is.
"""

from __future__ import annotations

import functools
import re

from engagement import codebook

_SPELLED = 4


def arabic(text: str, *, years: str = "") -> str:
    """`text` with every run of Chinese numerals that is one number written in Arabic digits.

    Digits one after the other are a number only when they hold a zero, are as many as those of a
    year, or stand before the word `years`: two or three of them mean "two or three".
    """
    if text.isascii():
        return text
    return _runs().sub(lambda run: _digits(run, years) or run.group(), text)


@functools.cache
def _runs() -> re.Pattern:
    words = codebook.structure()["numerals"]
    return re.compile("[" + "".join(letter for table in words.values() for letter in table) + "]+")


def _digits(run: re.Match, years: str) -> str | None:
    words = codebook.structure()["numerals"]["digits"]
    spelled = [words.get(letter) for letter in run.group()]
    beside = run.string[max(run.start() - 1, 0) : run.start()] + run.string[run.end() :][:1]
    if re.search("[0-9]", beside) and set(spelled) != {0}:
        return None
    if None in spelled:
        return _counted(run.group())
    before_year = bool(years) and run.string.startswith(years, run.end())
    one_number = len(spelled) == 1 or 0 in spelled or len(spelled) >= _SPELLED or before_year
    return "".join(map(str, spelled)) if one_number else None


def _counted(run: str) -> str | None:
    """Tens and hundreds; None when two digits stand side by side ("twelve or thirteen")."""
    words = codebook.structure()["numerals"]
    total, digit = 0, None
    for letter in run:
        if letter in words["digits"]:
            if digit:
                return None
            digit = words["digits"][letter]
            continue
        size = words["tens"].get(letter) or words["hundreds"][letter]
        total += (digit or 1) * size
        digit = None
    return str(total + (digit or 0))
