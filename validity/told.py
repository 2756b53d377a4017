"""What was found, in sentences that follow the results.

Enters: lines of the report and rows of results.
Leaves: lines and sentences for validity.md.jinja.
Refuses: a sentence about scenarios that were not run; it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from engagement.analysis import comparison, variance
from validity import threshold
from validity.scenarios import scenarios


def thresholds(tables: Mapping[str, pd.DataFrame]) -> dict:
    """Lines per threshold on the study's own designs and on new ones, and a sentence on both."""
    decided = threshold.decided(tables)
    known = scenarios()
    own = {name: rows for name, rows in decided.items() if not known[name].fresh}
    fresh = {name: rows for name, rows in decided.items() if known[name].fresh}
    pairs = list(zip(threshold.lines(own), threshold.lines(fresh), strict=bool(own and fresh)))
    shown = [
        {"threshold": f"{one['threshold']:g}", "own": _shown(one), "fresh": _shown(new)}
        for one, new in pairs
    ]
    return {"lines": shown, "said": _threshold(pairs) if pairs else ""}


def _shown(line: dict) -> dict:
    return {
        "outside": ", ".join(line["outside"]),
        "level": f"{line['level']:.1f} ({line['worst']})",
        "coverage": f"{line['coverage']:.1f} ({line['lowest']})",
        "power": f"{line['power']:.1f}",
    }


def _threshold(pairs: Sequence[tuple[dict, dict]]) -> str:
    """Which thresholds keep the most scenarios in bounds, and what the one in use costs."""
    outside = {own["threshold"]: len(own["outside"]) + len(new["outside"]) for own, new in pairs}
    power = {own["threshold"]: (own["power"] + new["power"]) / 2 for own, new in pairs}
    fewest = min(outside.values())
    best = [one for one in outside if outside[one] == fewest]
    used = variance.STRONGLY_GROUPED
    strongest = max(best, key=power.__getitem__)
    verdict = "confirmed" if used in best else "not confirmed"
    return (
        f"The threshold in use, {used:g}, is {verdict}: it leaves {outside[used]} scenarios "
        f"outside their bounds, and the fewest that any leaves are {fewest} (at "
        f"{', '.join(f'{one:g}' for one in best)}). Its mean power is {power[used]:.1f} %; the "
        f"highest among those is {power[strongest]:.1f} %, at {strongest:g}. Always the variance "
        f"within (1) leaves {outside[1.0]} outside, always the one between groups (0) "
        f"{outside[0.0]}."
    )


def found(lines: Sequence[dict]) -> list[str]:
    """Sentences on groups of scenarios, from their lines."""
    kept = {
        "New designs, on which the rule was not chosen": [
            line for line in lines if line["scenario"].fresh
        ],
        "Fewer than five groups": _named(lines, "K4i", "K4g", "K3i", "K2i", "PK4", "PK4g", "PK2"),
        "Five groups": _named(lines, "K5i", "K5g", "PK5", "PK5g"),
        "An age that works as an inverted U and is adjusted for as a line": [
            line for line in lines if line["scenario"].curve
        ],
        "Groups whose size goes with the outcome": [
            line for line in lines if line["scenario"].tied
        ],
        "Groups of very different size": _named(lines, "U1", "U2", "U3", "PU"),
        "Many levels, trends, steps, curves and products": [
            line for line in lines if line["scenario"].ask != "level"
        ],
        "Panels of more than 173 members": _named(lines, "PN500", "PN2000"),
    }
    return [_said(name, own) for name, own in kept.items() if own] + _refusals(lines)


def _named(lines: Sequence[dict], *names: str) -> list[dict]:
    return [line for line in lines if line["name"] in names]


def _said(name: str, lines: Sequence[dict]) -> str:
    outside = [f"{line['name']} ({line['outside']})" for line in lines if line["outside"]]
    powers = [line["spans"][2] for line in lines]
    held = f"outside: {', '.join(outside)}" if outside else "all within their bounds"
    return (
        f"{name} ({len(lines)}): {held}; power from {min(powers):.0f} to {max(powers):.0f} %, "
        f"intervals {min(line['spans'][1] for line in lines):.0f} to "
        f"{max(line['spans'][1] for line in lines):.0f} points wide."
    )


def _refusals(lines: Sequence[dict]) -> list[str]:
    refused = {line["name"]: line["lost"] / line["asked"] for line in lines if line["lost"]}
    most = sorted(refused, key=refused.__getitem__, reverse=True)[:4]
    shown = ", ".join(f"{name} {refused[name]:.0%}" for name in most)
    if not most:
        return []
    return [
        "Refused with a reason: sets in which fewer than "
        f"{comparison.FEWEST_EVENTS} members took part or did not, and panels in which a level of "
        f"fewer than {comparison.RARE_LEVEL} members meets an attendance under "
        f"{comparison.RARE_ATTENDANCE:.0%}. Most often: {shown}."
    ]
