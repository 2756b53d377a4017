"""The pilot that is the plan: who by which chance, what it could show, laid down beforehand.

Enters: the study's pilot, the numbers of members by group, a share and the sessions due.
Leaves: the protocol as plain data with its own hash; schedules by declared seeds.
Refuses: a pilot with too few members or groups to learn from; a protocol that was changed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from engagement.analysis import power, trial
from engagement.declared import Pilot
from engagement.errors import StudyError
from engagement.study import Study

SCHEMA = "engagement.protocol/1"
FEWEST_MEMBERS, FEWEST_GROUPS, MOST_GROUPS = 20, 6, 300
MOST_SIMULATED = 3000  # members; a larger pilot sees more than is printed
REASONS = {"individuals": "within_groups", "stepped_wedge": "group_format", "lottery": "scarce"}


def protocol(
    study: Study, sizes: pd.Series, *, share: float, slots: float, hours: float
) -> dict[str, object]:
    """What is laid down before the pilot begins.

    `sizes`: members who may be offered it, by group; `share`: of due sessions attended last year;
    `slots`: sessions due to a member in a year; `hours`: what the offer takes in the plan.
    Raises StudyError when there are too few members or groups.
    """
    pilot = study.pilot
    _check(pilot, sizes)
    assumed = _assumed(pilot, sizes, share, slots)
    options = {"waves": pilot.waves or 0, "share": arm_share(pilot, int(sizes.sum()))}
    smallest = study.primary.smallest_difference
    measure = study.measures[pilot.measure]
    return {
        **{"schema": SCHEMA, "measure": pilot.measure, "measure_label": dict(measure.label)},
        **{"barriers": list(measure.barriers), "segment": pilot.segment},
        **{"segment_label": _segment_label(study), "design": pilot.design},
        **{"reason": REASONS[pilot.design], "outcome": study.primary.name},
        "outcome_label": dict(study.primary.label),
        **{"from": pilot.start.isoformat(), "to": pilot.end.isoformat(), "seed": pilot.seed},
        **{"smallest_difference": smallest, "level": trial.LEVEL},
        "permutations": trial.PERMUTATIONS if pilot.design == "stepped_wedge" else 0,
        "starts": starts(pilot, list(sizes.index)),
        "offered_share": round(options["share"], 3),
        "power": {
            f"{one:.2f}": round(power.power(pilot.design, assumed, one, **options), 2)
            for one in power.SHOWN
        },
        "detectable": _rounded(power.detectable(pilot.design, assumed, **options)),
        "assumed": _told(assumed),
        "worth": _worth(pilot, measure.effect or (0.0, smallest), assumed, smallest, options),
        **{"hours": hours, "study": study.fingerprint, "title": dict(study.title)},
        "organisation": dict(study.organisation),
        "people": dict(study.people),
        **{"owner": dict(study.plan.owner) if study.plan else {"zh": "–", "en": "–"}},
        "decided_on": study.reference_date.isoformat(),
    }


def registered(content: Mapping, **more: object) -> dict[str, object]:
    """The protocol with `more` and its own hash, `id`."""
    whole = {**content, **more}
    return {**whole, "id": content_id(whole)}


def content_id(content: Mapping) -> str:
    """SHA-256 of a protocol without its own id and the release that it left with."""
    rest = {key: value for key, value in content.items() if key not in ("id", "release")}
    text = json.dumps(rest, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def read(path: Path, study: Study) -> dict[str, object]:
    """Last year's protocol at `path`, when it is whole and fits this study.

    Raises StudyError when it was changed after it was registered, is no protocol, or is about
    another outcome or other groups than the study has.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise StudyError.one("protocol_unreadable", file=path.name) from None
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:
        raise StudyError.one("protocol_unreadable", file=path.name)
    if content_id(told) != told.get("id"):
        raise StudyError.one("protocol_changed", file=path.name)
    if told["outcome"] != study.primary.name:
        raise StudyError.one("protocol_outcome", file=path.name, expected=told["outcome"])
    units = {unit.code for unit in study.units}
    if told["starts"] and not set(told["starts"]) & units:
        raise StudyError.one("protocol_groups", file=path.name)
    return told


def starts(pilot: Pilot, groups: list[str]) -> dict[str, str]:
    """The month from which each group is offered it, by lot; empty for the other designs."""
    if pilot.design != "stepped_wedge":
        return {}
    months = [str(month) for month in pd.period_range(pilot.start, pilot.end, freq="M")]
    wave = trial.waves(len(groups), pilot.waves, np.random.default_rng(pilot.seed))
    firsts = [
        months[len(months) * number // (pilot.waves + 1)] for number in range(pilot.waves + 1)
    ]
    return {group: firsts[number] for group, number in zip(groups, wave, strict=True)}


def allotted(pilot: Pilot, group: np.ndarray) -> np.ndarray:
    """0 or 1 for each member, within groups, by the pilot's seed."""
    share = arm_share(pilot, len(group))
    return trial.allotted(group, np.random.default_rng(pilot.seed), share=share)


def arm_share(pilot: Pilot, members: int) -> float:
    """The share who are offered it: half, or as many as there are places."""
    if not pilot.places or not members:
        return trial.HALF
    return min(pilot.places / members, trial.HALF)


def _check(pilot: Pilot, sizes: pd.Series) -> None:
    members, groups = int(sizes.sum()), len(sizes)
    if members < FEWEST_MEMBERS:
        raise StudyError.one("pilot_too_small", expected=FEWEST_MEMBERS)
    if pilot.design == "stepped_wedge" and groups < max(FEWEST_GROUPS, pilot.waves):
        raise StudyError.one("pilot_few_groups", found=groups, expected=FEWEST_GROUPS)
    if pilot.design == "stepped_wedge" and groups > MOST_GROUPS:
        raise StudyError.one("pilot_many_groups", found=groups, expected=MOST_GROUPS)


def _assumed(pilot: Pilot, sizes: pd.Series, share: float, slots: float) -> power.Assumed:
    part = ((pilot.end - pilot.start).days + 1) / 365.25
    kept = sizes[(sizes.cumsum() <= MOST_SIMULATED) | (np.arange(len(sizes)) == 0)]
    return power.Assumed(
        groups=tuple(min(int(size), MOST_SIMULATED) for size in kept),
        share=float(np.clip(round(share, 2), 0.02, 0.98)),
        slots=max(1, round(slots * part)),
        last_slots=max(1, round(slots)),
    )


def _told(assumed: power.Assumed) -> dict[str, float]:
    """The assumptions that stand in the protocol: no size of a group."""
    names = ("share", "slots", "last_slots", "correlation", "group_sd", "kept", "drift")
    return {name: getattr(assumed, name) for name in names} | {"groups": len(assumed.groups)}


def _worth(pilot: Pilot, effect, assumed, smallest: float, options: Mapping) -> dict[str, object]:
    found = power.worth(pilot.design, assumed, effect, smallest, sets=1000, **options)
    return {"range": list(effect), **{name: round(share, 2) for name, share in found.items()}}


def _segment_label(study: Study) -> dict[str, str]:
    named = {segment.name: dict(segment.label) for segment in study.segments}
    return named.get(study.pilot.segment, dict(study.people))


def _rounded(value: float) -> float | None:
    return None if np.isnan(value) else round(value, 3)
