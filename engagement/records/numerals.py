"""Chinese numerals.

Enters: text that may hold numerals written with characters.
Leaves: the same text with Arabic digits.
Refuses: nothing; runs that are no number are read digit by digit.
"""

from __future__ import annotations

import functools
import re

from engagement import codebook


def arabic(text: str) -> str:
    """`text` with every run of Chinese numerals written in Arabic digits."""
    if text.isascii():
        return text
    return _runs().sub(lambda run: _number(run.group()), text)


@functools.cache
def _runs() -> re.Pattern:
    words = codebook.structure()["numerals"]
    return re.compile("[" + "".join(letter for table in words.values() for letter in table) + "]+")


def _number(run: str) -> str:
    words = codebook.structure()["numerals"]
    if all(letter in words["digits"] for letter in run):
        return "".join(str(words["digits"][letter]) for letter in run)
    total, digit = 0, None
    for letter in run:
        if letter in words["digits"]:
            digit = words["digits"][letter]
            continue
        size = words["tens"].get(letter) or words["hundreds"][letter]
        total += (digit or 1) * size
        digit = None
    return str(total + (digit or 0))
