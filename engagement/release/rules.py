"""The rules of a release tier, read so that anything doubtful stops the release.

Enters: the name of a tier in codebook/tiers.toml.
Leaves: frozen Rules.
Refuses: an unknown tier, a missing, unknown or misspelt rule, a threshold below 3, rounding
coarser than the threshold, which would print a zero (ReleaseRefused).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from engagement import codebook
from engagement.errors import ReleaseRefused

SUPPRESS = frozenset({"small", "zero", "full", "sums"})
COMPLEMENT = ("joint",)
FINDINGS = ("margins",)
SMALLEST_THRESHOLD = 3


@dataclass(frozen=True)
class Rules:
    """What a tier demands."""

    tier: str
    threshold: int
    rounding: int
    rounding_slots: int
    suppress: tuple[str, ...]
    complement: str
    findings: str

    @property
    def smallest_sum(self) -> int:
        """The smallest sum over sessions that may be printed."""
        return max(self.threshold, self.rounding_slots)

    @property
    def fewest(self) -> int:
        """The fewest members of whom anything is printed.

        Two groups with both answers need four times the threshold; of fewer nothing could be
        compared, and what is left is a total that tells on a handful.
        """
        return 4 * self.threshold

    def as_dict(self) -> dict:
        """The rules as findings.json carries them."""
        return {**asdict(self), "suppress": list(self.suppress)}


def read(tier: str, tiers: Mapping[str, Mapping] | None = None) -> Rules:
    """The rules of `tier`; `tiers` replaces the catalogue.

    Raises ReleaseRefused for every doubt: this is where disclosure control fails closed.
    """
    known = codebook.tiers() if tiers is None else tiers
    if tier not in known:
        raise ReleaseRefused.one("tier_unknown", found=tier, expected=", ".join(known))
    declared = dict(known[tier])
    _refuse_wrong(tier, declared)
    if not declared["publish"]:
        raise ReleaseRefused.one("tier_releases_nothing", tier=tier)
    return Rules(
        tier=tier,
        threshold=declared["threshold"],
        rounding=declared["rounding"],
        rounding_slots=declared["rounding_slots"],
        suppress=tuple(sorted(declared["suppress"])),
        complement=declared["complement"],
        findings=declared["findings"],
    )


def publishes(tier: str) -> bool:
    """Whether a tier lets anything leave; the analyst's own desk does not."""
    return bool(codebook.tiers().get(tier, {}).get("publish", False))


def _refuse_wrong(tier: str, declared: dict) -> None:
    accepted = {
        "publish": lambda value: isinstance(value, bool),
        "threshold": lambda value: _is_whole(value, SMALLEST_THRESHOLD),
        "rounding": lambda value: _is_whole(value, 1) and not _is_coarser(value, declared),
        "rounding_slots": lambda value: _is_whole(value, 1),
        "suppress": _is_complete,
        "complement": lambda value: value in COMPLEMENT,
        "findings": lambda value: value in FINDINGS,
    }
    wrong = sorted(set(declared) ^ set(accepted))
    wrong += [
        rule for rule, good in accepted.items() if rule in declared and not good(declared[rule])
    ]
    if wrong:
        raise ReleaseRefused.one("tier_rule_wrong", tier=tier, found=", ".join(wrong))


def _is_whole(value: object, smallest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= smallest


def _is_coarser(rounding: int, declared: dict) -> bool:
    threshold = declared.get("threshold")
    return _is_whole(threshold, SMALLEST_THRESHOLD) and rounding > threshold


def _is_complete(value: object) -> bool:
    """All kinds of suppression are needed: leaving one out undoes the others."""
    return (
        isinstance(value, list)
        and all(isinstance(v, str) for v in value)
        and (set(value) == SUPPRESS and len(value) == len(SUPPRESS))
    )
