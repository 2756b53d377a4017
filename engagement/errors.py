"""What went wrong, in a form that every language can tell.

Enters: a words key and the values of its placeholders (places and shapes, never identity values).
Leaves: an exception with one exit code per kind and all the problems of one step.
Refuses: nothing; anything that is not an EngagementError is our bug and crashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Problem:
    """One thing the reader can mend: `problem.<key>` of words.toml and its placeholders."""

    key: str
    values: Mapping[str, object] = field(default_factory=dict)


class EngagementError(Exception):
    """Something the reader can mend; shown as messages, without a traceback."""

    exit_code = 1

    def __init__(self, problems: Iterable[Problem]):
        self.problems = tuple(problems)
        super().__init__(", ".join(problem.key for problem in self.problems))

    def __reduce__(self) -> tuple:
        """The same error after it came from another process."""
        return type(self), (self.problems,)

    @classmethod
    def one(cls, key: str, **values: object) -> EngagementError:
        """Make the error of a single problem."""
        return cls([Problem(key, values)])


class UsageError(EngagementError):
    """The command was called in a way that cannot work, or another run is under way."""

    exit_code = 2


class StudyError(EngagementError):
    """study.toml, or what it declares, cannot be used."""

    exit_code = 10


class RosterError(EngagementError):
    """A roster file cannot be read as a roster."""

    exit_code = 11


class ReleaseRefused(EngagementError):
    """Nothing leaves: a rule is missing, nothing is left to publish, or out/ cannot be written."""

    exit_code = 12
