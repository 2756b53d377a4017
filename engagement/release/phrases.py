"""Numbers, dates and names as each language writes them.

Enters: findings (a dict of findings.json) and a language.
Leaves: short texts; the one mark for every suppressed number, another for a missing one.
Refuses: nothing; an unknown label is shown as its code.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass

from engagement import words

NO_BREAK = "\u00a0"


@dataclass(frozen=True)
class Phrases:
    """The words of one document: its findings and its language."""

    told: Mapping
    language: str

    def say(self, key: str, **values: object) -> str:
        """A sentence of words.toml; `people` is filled from the study."""
        known = {"people": self.told["study"]["people"][self.language]}
        return words.text(key, self.language, **(known | values))

    def opening(self, text: str) -> str:
        """`text` as a sentence begins with it: English writes its first letter large."""
        return text[:1].upper() + text[1:] if self.language == "en" else text

    def within(self, text: str) -> str:
        """A name of the codebook as it stands inside a sentence: English writes it small."""
        return text[:1].lower() + text[1:] if self.language == "en" else text

    def paragraph(self, sentences: list[str]) -> str:
        """Sentences one after another: English parts them by a blank, Chinese does not."""
        return {"zh": "", "en": " "}[self.language].join(sentences)

    def contrast(self, term: str, contrast: str) -> str:
        """What is compared with what, in words."""
        level, _, reference = contrast.partition("|")
        if reference:
            names = {"level": self.level(term, level), "reference": self.level(term, reference)}
            return self.say("figure.contrast", **names)
        if level.startswith("+"):
            return self.say("figure.step", step=level[1:])
        return self.say("figure.trend") if level == "trend" else self.level(term, level)

    def name(self, kind: str, code: str) -> str:
        """The label of `code` among labels of `kind`, or the code."""
        return self.told["labels"][kind].get(code, {}).get(self.language, code)

    def factor(self, name: str) -> str:
        """The label of a factor; the total and unnamed branches have words of ours."""
        if name in ("", "branch") and name not in self.told["labels"]["factors"]:
            return self.say(f"brief.factor.{name or 'all'}")
        return self.name("factors", name)

    def level(self, factor: str, level: str) -> str:
        """The label of one level of a factor."""
        if level == "unknown":
            return self.say("brief.level.unknown")
        if factor == "branch":
            return self.name("branches", level)
        labels = self.told["labels"]["levels"].get(factor, {})
        return labels.get(level, {}).get(self.language, level)

    def verdict(self, code: str | None) -> str:
        """The word of a verdict."""
        return self.say(f"verdict.{code}")

    def count(self, number: float | None, suppressed: bool = False) -> str:
        """A count, the mark of suppression, or the mark of a missing value."""
        if number is None:
            return self.say("suppressed.mark" if suppressed else "suppressed.missing")
        return words.count(number)

    def percent(self, share: float | None, suppressed: bool = False, digits: int = 0) -> str:
        """A share as a percentage, or a mark."""
        if share is None:
            return self.count(None, suppressed)
        return self.say("brief.number.percent", number=words.number(100 * share, digits))

    def points(self, share: float) -> str:
        """A difference of shares in percentage points, with its sign."""
        return words.number(100 * share, 0)

    def between(self, low: float | None, high: float | None, suppressed: bool = False) -> str:
        """An interval of shares."""
        if low is None or high is None:
            return self.count(None, suppressed)
        shown = [words.number(100 * min(max(end, 0), 1), 0) for end in (low, high)]
        return self.say("brief.number.between", low=shown[0], high=shown[1])

    def range(self, low: float, high: float) -> str:
        """An interval of differences, in percentage points."""
        return self.say("brief.number.range", low=self.points(low), high=self.points(high))

    def gap(self, estimate: float) -> str:
        """A difference in words: how many points lower or higher."""
        side = "lower" if estimate < 0 else "higher"
        return self.say(f"brief.contrast.{side}", points=self.points(abs(estimate)))

    def spread(self, low: float, high: float) -> str:
        """An interval of differences in words: what is lower, what higher."""
        near, far = sorted((abs(low), abs(high)))
        if low < 0 < high:
            ends = {"low": self.points(-low), "high": self.points(high)}
            return self.say("brief.contrast.either", **ends)
        side = "both_lower" if high <= 0 else "both_higher"
        ends = {"near": self.points(near), "far": self.points(far)}
        return self.say(f"brief.contrast.{side}", **ends)

    def is_panel(self, outcome: str) -> bool:
        """Whether an outcome counts attendances due, not people."""
        return outcome in self.told["study"]["panels"]

    def size(self, outcome: str, factor: str, *levels: str) -> str:
        """The people at these levels of a factor, or a mark."""
        counts = {
            row["level"]: row["members"]
            for row in self.told["tables"]["outcomes"]
            if row["outcome"] == outcome and row["factor"] == factor
        }
        found = [counts.get(level) for level in levels]
        known = found and None not in found
        return self.count(sum(found) if known else None, suppressed=True)

    def is_counted(self, outcome: str, factor: str) -> bool:
        """Whether a factor has levels with people of their own; a curve has points."""
        rows = self.told["tables"]["outcomes"]
        return any(row["outcome"] == outcome and row["factor"] == factor for row in rows)

    def day(self, iso: str) -> str:
        """A day, from ISO."""
        return words.day(datetime.date.fromisoformat(iso), self.language)

    def month(self, iso: object) -> str:
        """A month, from ISO (YYYY-MM); anything else as it stands."""
        shown = str(iso)
        if len(shown) < 7:
            return shown
        month = words.month(datetime.date.fromisoformat(shown[:7] + "-01"), self.language)
        return month.replace(" ", NO_BREAK)

    def ordered(self, rows: list[dict]) -> list[dict]:
        """Rows in the order of the study's levels; the branches by their code."""
        order = self.told["labels"]["order"]

        def place(row: dict) -> tuple[int, str]:
            levels = order.get(row["factor"], [])
            known = row["level"] in levels
            return (levels.index(row["level"]) if known else len(levels), str(row["level"]))

        return sorted(rows, key=place)

    def decimal(self, number: float | None, suppressed: bool = False) -> str:
        """A number with one decimal where it needs one, or a mark."""
        if number is None:
            return self.count(None, suppressed)
        return words.count(number) if float(number).is_integer() else words.number(number, 1)
