"""What the shares of study.toml are held against: people around, a benchmark, last time, seasons.

Enters: sections of study.toml, the factors and outcomes that the study declares.
Leaves: the frozen nouns of declared.py.
Refuses: a benchmark that shares no edge with the bands, seasons that overlap or have no panel.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import pandas as pd

from engagement import codebook
from engagement import sections as kinds
from engagement.declared import Benchmark, Earlier, Factor, Outcome, Population, Season
from engagement.sections import BOTH, Section


def population(top: Section) -> Population | None:
    """The people around the organisation, when the study names them."""
    section = top.section("population")
    if not section.values:
        return None
    found = Population(
        label=section.take("label", kinds.is_bilingual, BOTH),
        total=section.take("total", kinds.is_count, "8900"),
        adults=section.take("adults", kinds.is_count, "7000", None),
    )
    section.close()
    return found


def benchmark(top: Section, factors: Mapping[str, Factor]) -> Benchmark | None:
    """The composition that the members are standardised to, when the study names one.

    Either figures by level of a factor, or a source and year of the codebook for an age factor.
    """
    section = top.section("benchmark")
    if not section.values:
        return None
    factor = factors.get(section.one_of("factor", factors))
    label = section.take("label", kinds.is_bilingual, BOTH)
    figures = section.take("figures", _is_figures, "{ level = 1.5 }", {})
    source = section.one_of("source", sorted(set(codebook.benchmarks()["source"])), None)
    year = section.take("year", kinds.is_count, "2024", None)
    section.close()
    if factor is None:
        return None
    for level in figures:
        if level not in factor.levels:
            section.report(
                "unknown_name", "figures", found=level, expected=", ".join(factor.levels)
            )
    parts = {(level,): float(figure) for level, figure in figures.items()}
    parts = parts or _published(source, year, factor)
    if len(parts) < 2:
        section.report("benchmark_apart", found=factor.name)
    total = sum(parts.values()) or 1.0
    shares = {levels: figure / total for levels, figure in parts.items()}
    return Benchmark(label or {"zh": "", "en": ""}, factor.name, shares)


def _is_figures(value: object) -> bool:
    return (
        kinds.is_table(value)
        and bool(value)
        and all(kinds.is_number(one) and one > 0 for one in value.values())
    )


def _published(
    source: str | None, year: int | None, factor: Factor
) -> dict[tuple[str, ...], float]:
    """Figures by runs of levels whose edges the published bands share."""
    rows = codebook.benchmarks()
    rows = rows[(rows["source"] == source) & (rows["year"] == year) & (rows["factor"] == "age")]
    if rows.empty or not factor.bands:
        return {}
    low = pd.to_numeric(rows["low"]).to_numpy()
    edges = [edge for edge in factor.bands[1:] if edge in low]
    parts: dict[tuple[str, ...], float] = {}
    for start, end in zip([-1, *edges], [*edges, 1000], strict=True):
        levels = [
            level
            for level, edge in zip(factor.levels, factor.bands, strict=True)
            if max(start, 0) <= edge < end
        ]
        inside = (low >= start) & (low < end)
        parts[tuple(levels)] = float(rows["figure"].to_numpy(float)[inside].sum())
    return parts


def earlier(
    top: Section, factors: Mapping[str, Factor], outcomes: Mapping[str, Outcome]
) -> tuple[Earlier, ...]:
    """What the last report counted, one entry per outcome."""
    return tuple(_earlier(section, factors, outcomes) for section in top.sections("earlier"))


def _earlier(
    section: Section, factors: Mapping[str, Factor], outcomes: Mapping[str, Outcome]
) -> Earlier:
    levels = section.take("levels", _is_counted, "{ level = [due, attended] }", {})
    found = Earlier(
        outcome=section.one_of("outcome", outcomes),
        label=section.take("label", kinds.is_bilingual, BOTH),
        members=section.take("members", kinds.is_count, "170"),
        due=section.take("due", kinds.is_count, "5000"),
        attended=section.take("attended", kinds.is_count, "3000"),
        factor=section.one_of("factor", factors, None),
        levels={level: tuple(counts) for level, counts in levels.items()},
    )
    section.close()
    known = factors[found.factor].levels if found.factor in factors else ()
    if set(found.levels) != set(known if found.levels else ()):
        section.report("wrong_value", "levels", found="levels", expected=", ".join(known) or "–")
    if None not in (found.members, found.due, found.attended) and not (
        0 < found.members <= found.due and found.attended <= found.due
    ):
        section.report("wrong_value", found="attended, due, members", expected="attended ≤ due")
    return found


def _is_counted(value: object) -> bool:
    """Due and attended by level: two counts each, some due and no more attended."""
    return kinds.is_table(value) and all(
        isinstance(one, list)
        and len(one) == 2
        and all(map(kinds.is_count, one))
        and 0 <= one[1] <= one[0] > 0
        for one in value.values()
    )


def seasons(top: Section, outcomes: Mapping[str, Outcome]) -> tuple[Season, ...]:
    """The periods that are compared, each with the one before it."""
    found = tuple(_season(section) for section in top.sections("season"))
    dated = [one for one in found if None not in (one.start, one.end)]
    ordered = all(one.start <= one.end for one in dated) and all(
        one.end < other.start for one, other in itertools.pairwise(dated)
    )
    if not ordered:
        top.report("wrong_value", "season", found="from, to", expected="from ≤ to < from …")
    if found and not any(one.primary and one.kind == "panel" for one in outcomes.values()):
        top.report("wrong_value", "season", found="outcome", expected='kind = "panel"')
    return found


def _season(section: Section) -> Season:
    found = Season(
        name=section.take("name", kinds.is_text, "text"),
        label=section.take("label", kinds.is_bilingual, BOTH),
        start=section.take("from", kinds.is_date, "2022-01-01"),
        end=section.take("to", kinds.is_date, "2022-06-30"),
    )
    section.close()
    return found
