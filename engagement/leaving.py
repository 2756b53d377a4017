"""What stands at the door of wall 2: what could leave, what has changed, and that nobody is in it.

Enters: the records room, the study, what is about to leave.
Leaves: sentences; or nothing, when nobody was found.
Refuses: files in which somebody on the rosters is found (ReleaseRefused).
"""

from __future__ import annotations

from collections.abc import Mapping

from engagement import engines, runner
from engagement.rooms import Left, Room
from engagement.study import Study


def budget(room: Room | Left, study: Study) -> list[str]:
    """Before any analysis: what could ever be published with so many people and events."""
    from engagement.analysis import cells
    from engagement.release import budget as budgets
    from engagement.release import rules

    if not rules.publishes(study.tier):
        return []
    counted = cells.publishable(engines.counts(room, study).cells, study)
    splits = budgets.splits(counted, study, rules.read(study.tier), crossed=False)
    return budgets.said(splits, study, study.language)


def changes(told: Mapping, study: Study) -> list[str]:
    """What has changed since the last release; nothing before there is one."""
    from engagement.release import changes as moved
    from engagement.release.phrases import Phrases

    kept = told["changes"]
    return moved.said(kept, Phrases(told, study.language)) if kept else []


def require_nobody(room: Room | Left, study: Study, pages: Mapping[str, bytes]) -> None:
    """Pass when nobody on the rosters stands in what is leaving, nor in the executed notebooks.

    Raises ReleaseRefused with one problem per file.
    """
    from engagement.release import scanner

    executed = {path.name: path.read_bytes() for path in runner.executed(study.private)}
    prose = runner.prose(runner.notebooks())
    wanted = scanner.search(engines.everybody(room, study), scanner.ordinary(study, prose))
    scanner.require_nobody({**pages, **executed}, wanted)
