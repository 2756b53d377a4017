"""What was released before: an append-only, chained record of claims.

Enters: private/ledger.jsonl of a study, and what lies in its out/ folder.
Leaves: a Ledger: the releases so far, the numbers that readers may still hold, the next entry.
Refuses: a missing ledger beside a release, a broken chain, another study's ledger, another key than
that of the last release (ReleaseRefused).

An entry holds what everybody could read in the release: printed numbers by place, with the range
that each leaves open. It holds no data, no person and no pseudonym.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engagement import files, secret
from engagement.errors import ReleaseRefused
from engagement.study import Study

SCHEMA = "engagement.ledger/1"
FILE = "ledger.jsonl"
FINDINGS = "findings.json"
FIRST = ""


@dataclass(frozen=True)
class Ledger:
    """The entries of one study, oldest first, each chained to the one before."""

    entries: tuple[Mapping, ...] = ()

    @property
    def head(self) -> str:
        """The hash of the last entry."""
        return self.entries[-1]["hash"] if self.entries else FIRST

    def earlier(self, study: Study) -> dict[str, float]:
        """What was last printed at each place about the same people over the same period."""
        now = periods(study)
        printed: dict[str, float] = {}
        for entry in self.entries:
            for claim in entry["claims"]:
                if _is_same(claim["place"], entry["periods"], now):
                    printed[claim["place"]] = claim["printed"]
        return printed

    def hidden(self, study: Study) -> set[str]:
        """The places that bore the mark in the last release about the same people and period."""
        now = periods(study)
        for entry in reversed(self.entries):
            then = entry["periods"]
            places = {place for place in entry["hidden"] if _is_same(place, then, now)}
            if any(then.get(outcome) == days for outcome, days in now.items()):
                return places
        return set()

    def before(self, release_id: str) -> Mapping | None:
        """The last entry that is not the release of this id, to be compared with it."""
        others = [entry for entry in self.entries if entry["release"] != release_id]
        return others[-1] if others else None


def _is_same(place: str, then: Mapping, now: Mapping) -> bool:
    outcome = _outcome(place)
    return not outcome or (outcome in now and then.get(outcome) == now[outcome])


def _outcome(place: str) -> str:
    """The outcome that a place is about; sizes of groups are about none."""
    return place.split("|")[1] if place.count("|") > 2 else ""


def periods(study: Study) -> dict[str, str]:
    """The days over which each outcome is counted; a list or an answer holds until it changes."""
    window = study.calendar
    days = f"{window.start}/{window.end}" if window else study.reference_date.isoformat()
    return {
        name: days if outcome.kind == "panel" else "" for name, outcome in study.outcomes.items()
    }


def owner(study: Study) -> str:
    """Whose ledger it is: the organisation, by the hash of its names."""
    names = json.dumps(dict(study.organisation), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(names.encode()).hexdigest()


def read(study: Study) -> Ledger:
    """The ledger of a study; empty before its first release.

    Raises ReleaseRefused when it is missing although something was released, when an entry was
    changed, taken out or added by another hand, when it belongs to another organisation, or when
    the last release was drawn with another key than the study has now.
    """
    path = study.private / FILE
    released = _released(study.out)
    if not path.exists():
        if released:
            raise ReleaseRefused.one("ledger_missing", file=FILE)
        return Ledger()
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    ledger = Ledger(tuple(_chained(lines)))
    if any(entry["owner"] != owner(study) for entry in ledger.entries):
        raise ReleaseRefused.one("ledger_foreign", file=FILE)
    if released and released not in {entry["release"] for entry in ledger.entries}:
        raise ReleaseRefused.one("ledger_broken", file=FILE, line=len(lines) + 1)
    drawn = ledger.entries[-1].get("key", "") if ledger.entries else ""
    if drawn and drawn != secret.name(study):
        raise ReleaseRefused.one("release_key_other", file=secret.FILE)
    return ledger


def _released(out: Path) -> str | None:
    """The id of the release that lies in out/, or nothing."""
    path = out / FINDINGS
    if not path.exists():
        return None
    try:
        return json.loads(path.read_text(encoding="utf-8"))["release"]["tables_id"]
    except (ValueError, KeyError, TypeError):
        raise ReleaseRefused.one("findings_changed") from None


def _chained(lines: Iterable[str]) -> Iterable[Mapping]:
    """The entries, each of them as it was written and following the one before."""
    before = FIRST
    for number, line in enumerate(lines, start=1):
        entry = _entry(line)
        if entry is None or entry["previous"] != before or entry["number"] != number:
            raise ReleaseRefused.one("ledger_broken", file=FILE, line=number)
        before = entry["hash"]
        yield entry


def _entry(line: str) -> Mapping | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    whole = isinstance(entry, dict) and entry.get("schema") == SCHEMA and "hash" in entry
    return entry if whole and entry["hash"] == _hash(entry) else None


def _hash(entry: Mapping) -> str:
    content = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(_text(content).encode()).hexdigest()


def _text(entry: Mapping) -> str:
    return json.dumps(entry, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def append(ledger: Ledger, told: Mapping, study: Study) -> Ledger:
    """The ledger with the release in `told`: its id, rules, claims and hidden places.

    The same release is entered once.
    """
    if ledger.entries and ledger.entries[-1]["release"] == told["release"]:
        return ledger
    entry = {
        "schema": SCHEMA,
        "number": len(ledger.entries) + 1,
        "previous": ledger.head,
        "owner": owner(study),
        "reference_date": study.reference_date.isoformat(),
        "periods": periods(study),
        **told,
    }
    return Ledger((*ledger.entries, {**entry, "hash": _hash(entry)}))


def write(ledger: Ledger, study: Study) -> None:
    """Put the ledger in its place, whole or not at all."""
    lines = "".join(f"{_text(entry)}\n" for entry in ledger.entries)
    files.write(study.private / FILE, lines.encode("utf-8"))
