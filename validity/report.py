"""docs/validity.md from the results: tables with Monte-Carlo errors, and what leaves its bounds.

Enters: results/ and validity.md.jinja.
Leaves: docs/validity.md.
Refuses: nothing; a scenario without results is left out.
"""

from __future__ import annotations

from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from validity import missing, prevalence, results, summary, told
from validity.scenarios import Scenario, scenarios, sizes

HERE = Path(__file__).parent
TARGET = HERE.parent / "docs" / "validity.md"
ASKED = {
    "levels": "five levels",
    "trend": "straight line over four levels",
    "step": "one step of a number",
    "curve": "two points of a curve",
    "product": "product with sex",
}


def write(folder: Path = results.FOLDER, target: Path = TARGET) -> Path:
    """Write the report of everything in `folder`."""
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, trim_blocks=False)
    template = environment.from_string((HERE / "validity.md.jinja").read_text(encoding="utf-8"))
    rows = {name: results.table(name, folder) for name in scenarios()}
    rows = {name: table for name, table in rows.items() if set(table["alternative"]) == {0, 1}}
    lines = [_scenario(scenarios()[name], table) for name, table in rows.items()]
    text = template.render(
        scenarios=lines,
        gap=f"{max(line['gap'] for line in lines):.0e}",
        total=f"{sum(int(table['sets'].sum()) for table in rows.values()):,}",
        blocks=f"{sum(map(len, rows.values())):,}",
        level=summary.LEVEL,
        lowest=f"{summary.LOWEST:g}",
        highest=f"{summary.HIGHEST:g}",
        verdict=_verdict(lines),
        binary=[
            {name: _number(value) for name, value in row.items()} for row in prevalence.binary()
        ],
        shares=_shares(results.table("shares", folder)),
        missing=_missing(folder),
        reports=_reports(results.table("reports", folder)),
        hostile=_hostile(results.table("hostile", folder)),
        thresholds=told.thresholds(rows),
        pilots=told.trials_of_offers(folder),
        years=told.years(folder),
        changes=told.changed(folder),
        plans=told.plans(results.table("plans", folder)),
        found=told.found(lines),
    )
    target.parent.mkdir(exist_ok=True)
    target.write_text(text.rstrip() + "\n", encoding="utf-8")
    return target


def _scenario(scenario: Scenario, rows: pd.DataFrame) -> dict:
    null, effect = (summary.line(rows[rows["alternative"] == one]) for one in (0, 1))
    groups = len(sizes(scenario))
    chosen = null["methods"]
    used = {name: count for name, count in chosen.items() if name != "refused"}
    total = sum(used.values())
    shown = [f"{name} {100 * n / total:.0f}" for name, n in used.items()] if len(used) > 1 else used
    return {
        "name": scenario.name,
        "what": _what(scenario),
        "groups": f"{groups} ({sizes(scenario).min()}–{sizes(scenario).max()})",
        "eta2": "{:.2f}–{:.2f}".format(*null["eta2"]),
        "methods": ", ".join(shown),
        "sets": f"{null['sets'] + effect['sets']:,}",
        "refused": f"{null['refused'] + effect['refused']:,}",
        "odds_level": _with_error(null, "odds_level"),
        "odds_coverage": "; ".join(_with_error(one, "odds_coverage") for one in (null, effect)),
        "level": _with_error(null, "level"),
        "coverage": "; ".join(_with_error(one, "coverage") for one in (null, effect)),
        "power": _with_error(effect, "level"),
        "bias": f"{null['bias']:+.1f}; {effect['bias']:+.1f}".replace("nan", "–"),
        "width": _number(effect["width"]),
        "outside": ", ".join(summary.faults(null, effect, groups)),
        "scenario": scenario,
        "spans": (null["width"], effect["width"], effect["level"]),
        "gap": max(null["gap"], effect["gap"]),
        "not_finite": null["not_finite"] + effect["not_finite"],
        "lost": null["refused"] + effect["refused"],
        "asked": null["sets"] + effect["sets"],
    }


def _what(scenario: Scenario) -> str:
    """A scenario in words."""
    factor = {
        "own": "factor by member",
        "group": "factor of whole groups",
        "mixed": "factor by member and group",
    }[scenario.factor]
    if scenario.ask in ("level", "product") and scenario.factor != "group":
        factor += f", {scenario.exposed:.0%}"
    parts = [f"n {sizes(scenario).sum()}", factor, f"share {scenario.rate:.0%}"]
    parts[1:1] = [ASKED[scenario.ask]] if scenario.ask != "level" else []
    if scenario.group:
        parts.append(f"groups sd {scenario.group:g}")
    if scenario.panel:
        slots = "–".join(map(str, dict.fromkeys(scenario.due)))
        inner = f"rho {scenario.rho:g}" if scenario.rho else f"members sd {scenario.member:g}"
        parts += [f"{slots} sessions", inner]
    parts += ["size of group tied to outcome"] if scenario.tied else []
    parts += ["inverted U of age taken for a line"] if scenario.curve else []
    return ", ".join(parts)


def _verdict(lines: list[dict]) -> str:
    outside = [line["name"] for line in lines if line["outside"]]
    endless = sum(line["not_finite"] for line in lines)
    lost = sum(line["lost"] for line in lines)
    where = f"Outside: {', '.join(outside)}." if outside else "None leaves them."
    return f"{where} Numbers that are not finite: {endless}. Sets refused with a reason: {lost:,}."


def _shares(rows: pd.DataFrame) -> list[dict]:
    told = []
    for case, own in rows.groupby("scenario", sort=False) if len(rows) else []:
        sets = own["sets"].to_numpy(float)
        found = summary.share(own["covered"].to_numpy(float), sets)
        alone = own["covered_alone"].to_numpy(float)
        without = _plus_minus(*summary.share(alone, sets)) if np.isfinite(alone).all() else ""
        told.append({"case": case, "sets": f"{sets.sum():,.0f}"}
                    | {"coverage": _plus_minus(*found), "alone": without})  # fmt: skip
    return told


def _missing(folder: Path) -> list[dict]:
    tables = {name: results.table(f"missing-{name}", folder) for name in missing.CASES}
    told = []
    for name, own in tables.items():
        if own.empty:
            continue
        case = f"{name}: {_what(scenarios()[name])}"
        sets = own["sets"].to_numpy(float)
        line = {"case": case, "sets": f"{2 * sets.sum():,.0f}"}
        for kind in ("coverage", "imputed_coverage", "level", "imputed_level"):
            line[kind] = _plus_minus(*summary.share(own[kind].to_numpy(float), sets))
        for kind in ("bias", "imputed_bias"):
            line[kind] = f"{100 * own[kind].sum() / sets.sum():+.1f}"
        told.append(line)
    return told


def _reports(rows: pd.DataFrame) -> list[dict]:
    """One line per way of dealing the outcomes."""
    lines = []
    for name, own in rows.groupby("scenario", sort=False) if len(rows) else []:
        total = own["reports"].to_numpy(float)
        shares = {
            kind: _plus_minus(*summary.share(own[kind].to_numpy(float), total))
            for kind in ("any", "clear", "claims", "possible")
        }
        count = {"reports": f"{total.sum():,.0f}", "communities": len(own)}
        lines.append({"name": str(name), **count, **shares})
    return lines


def _hostile(rows: pd.DataFrame) -> str:
    if not len(rows):
        return "Not run yet."
    told = {name: f"{rows[name].sum():,.0f}" for name in ("sets", "separated", "refused")}
    return (
        f"{told['sets']} sets, {told['separated']} of them separated, {told['refused']} refused "
        f"with a reason: {rows['not_finite'].sum():,.0f} with a number that is not finite."
    )


def _with_error(line: dict, name: str) -> str:
    return _plus_minus(line[name], line[f"{name}_error"])


def _plus_minus(value: float, error: float) -> str:
    return "–" if np.isnan(value) else f"{value:.1f} ± {error:.1f}"


def _number(value: float) -> str:
    if np.isnan(value):
        return "–"
    return f"{value:.1f}" if isinstance(value, float) else str(value)
