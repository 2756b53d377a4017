"""What was found, in sentences that follow the results.

Enters: lines of the report and rows of results.
Leaves: lines and sentences for validity.md.jinja.
Refuses: a sentence about scenarios that were not run; it is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from engagement.analysis import comparison, variance
from validity import changes, pilots, results, summary, threshold
from validity.scenarios import scenarios, sizes

POINTS = 3.0
FEW_GROUPS = 8


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


def trials_of_offers(folder: Path) -> list[dict]:
    """One line per pilot: level, coverage, power found and printed, and what is outside."""
    return [
        _pilot(name, rows)
        for name in pilots.CASES
        if len(rows := results.table(pilots.file(name), folder))
    ]


def _pilot(name: str, rows: pd.DataFrame) -> dict:
    level, found, covered, outside = None, {}, [], []
    for difference in pilots.DIFFERENCES:
        own = rows[rows["alternative"] == round(100 * difference)]
        sets = own["sets"].to_numpy(float)
        hit = summary.share(own["found"].to_numpy(float), sets)
        share, error = summary.share(own["covered"].to_numpy(float), sets)
        covered.append(f"{share:.1f}")
        low, high = summary.LOWEST - 2 * error, summary.HIGHEST + 2 * error
        outside += [] if low <= share <= high else [f"coverage at {100 * difference:g}"]
        if not difference:
            level = hit
            outside += ["level"] if hit[0] > summary.LEVEL + 2 * hit[1] else []
            continue
        said = 100 * pilots.printed(name, difference)
        apart = abs(hit[0] - said) - 2 * hit[1]
        outside += [f"power at {100 * difference:g}"] if apart > POINTS else []
        found[f"{100 * difference:g}"] = f"{hit[0]:.1f} ± {hit[1]:.1f} ({said:.1f})"
    return {
        **{"name": name, "sets": f"{rows['sets'].sum():,.0f}", "covered": "; ".join(covered)},
        **{"level": f"{level[0]:.1f} ± {level[1]:.1f}", "powers": list(found.values())},
        **{"not_finite": f"{rows['not_finite'].sum():,.0f}", "outside": ", ".join(outside)},
    }


def changed(folder: Path) -> list[dict]:
    """One line per interaction and per change between seasons."""
    lines = []
    for name, case in changes.CASES.items():
        rows = results.table(pilots.file(name, "change"), folder)
        if not len(rows):
            continue
        sets = (rows["sets"] - rows["refused"]).to_numpy(float)
        found, covered = (summary.share(rows[one].to_numpy(float), sets)
                          for one in ("found", "covered"))  # fmt: skip
        low, high = (bound + 2 * side * covered[1]
                     for bound, side in ((summary.LOWEST, -1), (summary.HIGHEST, 1)))  # fmt: skip
        groups = len(sizes(scenarios()[case.scenario]))
        outside = [] if low <= covered[0] else ["coverage low"]
        outside += ["coverage high"] if covered[0] > high and groups >= FEW_GROUPS else []
        if changes.null(name) and found[0] > summary.LEVEL + 2 * found[1]:
            outside.append("level")
        told = {"name": name, "what": case.what, "null": changes.null(name)}
        told |= {"sets": f"{rows['sets'].sum():,.0f}", "refused": f"{rows['refused'].sum():,.0f}"}
        told |= {"found": f"{found[0]:.1f} ± {found[1]:.1f}"}
        told |= {"covered": f"{covered[0]:.1f} ± {covered[1]:.1f}", "outside": ", ".join(outside)}
        lines.append(told)
    return lines


def years(folder: Path) -> list[dict]:
    """One line per design: coverage over evaluated second years, and their verdicts."""
    lines = []
    for name in pilots.JUDGED:
        rows = results.table(pilots.file(name, "year"), folder)
        if not len(rows):
            continue
        sets = rows["sets"].to_numpy(float)
        names = ("covered", "helped", "did_not_help", "cannot_be_told")
        shares = {one: summary.share(rows[one].to_numpy(float), sets) for one in names}
        told = {one: f"{share:.1f} ± {error:.1f}" for one, (share, error) in shares.items()}
        lines.append({"name": name, "sets": f"{sets.sum():,.0f}", **told})
    return lines


def plans(rows: pd.DataFrame) -> str:
    """How many plans on permuted outcomes spend hours on a barrier that is not there."""
    if not len(rows):
        return ""
    total = rows["plans"].to_numpy(float)
    shares = {name: summary.share(rows[name].to_numpy(float), total)
              for name in ("supported", "offered")}  # fmt: skip
    told = {name: f"{share:.1f} ± {error:.1f} %" for name, (share, error) in shares.items()}
    return (
        f"Of {total.sum():,.0f} plans in {len(rows)} communities, {told['supported']} found a "
        f"barrier supported that is none, and {told['offered']} offered something for it."
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
