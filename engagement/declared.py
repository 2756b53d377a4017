"""The nouns that a study declares: rosters, units, factors, outcomes, claims, segments, plan.

Enters: nothing; study.load makes these values.
Leaves: frozen values that every room may read.
Refuses: nothing here; study.py checks what it reads.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engagement.codebook.profiles import Profile

Bilingual = Mapping[str, str]


@dataclass(frozen=True)
class Roster:
    """Source files of one kind. `blank`: what an empty attendance mark means without a legend.

    `locale`: how its dates, decimals and telephone numbers are written, where not as in the study.
    `profile`: the system that it was exported from. `unlisted`: what it means that a member is not
    on the list of a session at all.
    """

    pattern: str
    kind: str
    sheets: str | None
    year: int | None
    expected_rows: int | None
    blank: str | None
    files: tuple[Path, ...]
    locale: str | None = None
    profile: Profile | None = None
    unlisted: str | None = None


@dataclass(frozen=True)
class Unit:
    """A branch or a group; groups may repeat their names inside branches."""

    code: str
    level: str
    parent: str | None
    zh: str
    en: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Factor:
    """A demographic variable whose association with taking part is asked for.

    `levels` are the codes of its bands, groups or values in order (none for a number);
    `labels` hold a text per level and language. A curve is a number whose share may rise and
    fall; it is compared at its `points`.
    """

    name: str
    field: str
    kind: str
    bands: tuple[int, ...]
    groups: Mapping[str, tuple[str, ...]]
    levels: tuple[str, ...]
    reference: str | None
    step: float | None
    role: str
    adjust: tuple[str, ...]
    label: Bilingual
    labels: Mapping[str, Bilingual]
    points: tuple[float, ...] = ()

    @property
    def is_numeric(self) -> bool:
        """Whether its values stay numbers in the cells: a number or a curve."""
        return self.kind in ("number", "curve")


@dataclass(frozen=True)
class Outcome:
    """What counts as having taken part.

    `kind`: panel (attended of due sessions), list (found on a linked list), column (a column of
    the roster), hours (hours given, on the list or at sessions). `smallest_difference`: the
    smallest one that matters, in shares; of hours, in hours a member.
    """

    name: str
    kind: str
    roster: str | None
    field: str | None
    took_part: tuple[str, ...]
    primary: bool
    smallest_difference: float
    label: Bilingual


@dataclass(frozen=True)
class Model:
    """A declared regression whose coefficients are wanted as they are."""

    name: str
    outcome: str
    terms: tuple[str, ...]
    method: str


@dataclass(frozen=True)
class Population:
    """The people around the organisation, for the base-rate comparison."""

    label: Bilingual
    total: int
    adults: int | None


@dataclass(frozen=True)
class Benchmark:
    """The composition of a larger body, by levels of a factor: shares that sum to one.

    Levels that the benchmark does not tell apart stand together in one key.
    """

    label: Bilingual
    factor: str
    shares: Mapping[tuple[str, ...], float]


@dataclass(frozen=True)
class Earlier:
    """What the last report counted of an outcome: members, slots due, slots attended.

    `levels`: due and attended by level of `factor`, where the report told them; then the share is
    reckoned for members made up as they are today.
    """

    outcome: str
    label: Bilingual
    members: int
    due: int
    attended: int
    factor: str | None = None
    levels: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Season:
    """A period of the attendance panel that is compared with the one before it."""

    name: str
    label: Bilingual
    start: datetime.date
    end: datetime.date


@dataclass(frozen=True)
class Interaction:
    """Two factors with levels: does the difference by the one depend on the other?"""

    factor: str
    by: str


@dataclass(frozen=True)
class Claim:
    """A sentence that somebody has said about the members, to be checked.

    `adjust`: what a contrast holds level in this claim, in place of the factor's declared set.
    """

    name: str
    kind: str
    text: Bilingual
    outcome: str | None
    factor: str | None
    levels: tuple[str, ...]
    against: tuple[str, ...]
    above: float | None
    direction: str | None
    adjust: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Calendar:
    """The expected sessions: a profile of the codebook over a window of days."""

    profile: str
    start: datetime.date
    end: datetime.date


REFERENCE = "reference_date"


@dataclass(frozen=True)
class Check:
    """What the cells of one row must agree on; see codebook/checks.toml for its kinds.

    `label`: the reason as people read it, for a check that the study itself declares.
    """

    name: str
    kind: str
    earlier: str | None = None
    later: str | None = None
    field: str | None = None
    since: str | None = None
    limit: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    within: float | None = None
    exceptions: tuple[tuple[datetime.date, datetime.date], ...] = ()
    label: Bilingual | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields whose cells it compares."""
        named = (self.earlier, self.later, self.field, self.since, self.limit)
        return tuple(name for name in named if name and name != REFERENCE)


@dataclass(frozen=True)
class Segment:
    """Members who share a barrier; declared before outcomes are looked at."""

    name: str
    barrier: str
    when: Mapping[str, tuple[str, ...]]
    label: Bilingual


@dataclass(frozen=True)
class Edition:
    """The report that is due: `june` (half a year, before 1 July) or `november` (the year), and
    the first and last day of the sessions that it speaks of."""

    name: str
    start: datetime.date
    end: datetime.date


@dataclass(frozen=True)
class Measure:
    """Something that may be offered, and what is known of it.

    `effect`: the declared range of what it adds to the share who take part, None when unknown
    here; `trial`: the design that would test it (individuals, stepped_wedge, lottery, none).
    """

    id: str
    label: Bilingual
    barriers: tuple[str, ...]
    channel: str
    unit: str
    staff_hours: float
    grade: str
    trial: str
    effect: tuple[float, float] | None
    source: str


@dataclass(frozen=True)
class Plan:
    """What the staff can give; no measures named means the whole catalogue.

    `catalogue`: every measure as this study knows it; `rooms_per_month`: sessions that rooms can
    hold; `posts`: posts that can be kept open. None means that they are no constraint.
    """

    staff_hours_per_month: float
    months: int
    owner: Bilingual
    measures: tuple[str, ...]
    catalogue: tuple[Measure, ...] = ()
    rooms_per_month: int | None = None
    posts: int | None = None


@dataclass(frozen=True)
class Pilot:
    """The trial that the plan is: which offer, to whom, when, and by which chance.

    `segment` is empty for everybody who is due; `waves` (stepped wedge) and `places` (lottery)
    are None where they do not apply.
    """

    measure: str
    segment: str
    design: str
    seed: int
    start: datetime.date
    end: datetime.date
    waves: int | None
    places: int | None
