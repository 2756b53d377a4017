"""Base rates, composition, states and seasons → sentences: few, compared with what?

Enters: the tables of engines.base_rates, and the study for its labels.
Leaves: Said, as telling.py; tables with their codes in words.
Refuses: nothing; what cannot be compared is told as such.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from engagement import words
from engagement.analysis import against, standardised
from engagement.analysis.telling import Said, of_hundred
from engagement.study import Study

LANGUAGES = words.LANGUAGES
SHARES = ("share_before", "share_after")
SIDES = ("lower", "higher", "no_important", "cannot_be_told")


def few(rates: pd.DataFrame, study: Study) -> Said:
    """The answer to “few”: lower, higher, the same or not to be told, against whom."""
    own = rates[(rates["definition"] == against.DECLARED) & rates["verdict"].isin(SIDES)]
    if own.empty:
        return Said("notebook.few.nobody", {})
    parts = {
        side: [_yardstick(row, study) for _, row in own[own["verdict"] == side].iterrows()]
        for side in SIDES
    }
    return Said("notebook.few.answer", {"parts": _listed(parts)})


def _listed(parts: Mapping[str, list[Mapping[str, str]]]) -> dict[str, str]:
    """One clause per verdict that somebody bears, in every language."""
    told = {}
    for language in LANGUAGES:
        comma = words.label("brief.comma", language)
        clauses = [
            words.text(
                f"notebook.few.{side}", language, names=comma.join(n[language] for n in names)
            )
            for side, names in parts.items()
            if names
        ]
        told[language] = words.label("figure.alt.row", language).join(clauses)
    return told


def _in(texts: list[Mapping[str, str]], language: str) -> list[str]:
    return [text[language] for text in texts]


def _yardstick(row: pd.Series, study: Study) -> dict[str, str]:
    """Against whom, and in what."""
    whom, outcome = _whom(row, study), study.outcomes[row["outcome"]].label
    return {
        language: words.text(
            "notebook.few.yardstick", language, whom=whom[language], outcome=outcome[language]
        )
        for language in LANGUAGES
    }


def _whom(row: pd.Series, study: Study) -> Mapping[str, str]:
    if row["against"] == "benchmark":
        return study.benchmark.label
    if row["against"] == "earlier":
        return next(one.label for one in study.earlier if one.outcome == row["outcome"])
    if row["against"] == "residents":
        return study.population.label
    return words.catalogue()[f"contrast.{row['against']}"]


def rates(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per yardstick under the declared definition, and how the others move it."""
    own = table[table["definition"] == against.DECLARED]
    told = [_rate(row, table, study) for _, row in own.iterrows()]
    return told or [Said("notebook.participation.no_population", {})]


def _rate(row: pd.Series, table: pd.DataFrame, study: Study) -> Said:
    if row["verdict"] == "refused":
        reason = words.catalogue()[f"note.{row['note']}"]
        return Said("notebook.rates.refused", {"whom": _whom(row, study), "reason": reason})
    kind = "people" if row["against"] in ("residents", "adults") else row["against"]
    ends = {name: row[name] for name in ("estimate", "conf_low", "conf_high")}
    shown = {
        name: words.number(value if kind == "people" else 100 * value)
        for name, value in ends.items()
    }
    values = {
        **shown,
        "whom": _whom(row, study),
        "outcome": study.outcomes[row["outcome"]].label,
        "factor": _within(study.factors[study.benchmark.factor].label) if study.benchmark else {},
        "members": words.count(row["members"]),
        "events": words.count(row["events"]),
        "expected": words.number(row["expected"], 1),
        **{name: words.number(100 * row[name]) for name in ("share", "yardstick")},
        "verdict": words.catalogue()[f"verdict.{row['verdict']}"],
        "turn": _turn(row, kind),
        "readings": _readings(row, table),
    }
    return Said(f"notebook.rates.{kind}", {k: v for k, v in values.items() if v != {}})


def _within(label: Mapping[str, str]) -> dict[str, str]:
    """A label as it stands inside a sentence: English writes it small."""
    return {**label, "en": label["en"][:1].lower() + label["en"][1:]}


def _turn(row: pd.Series, kind: str) -> Mapping[str, str]:
    """How many would have to be unrecorded, or wrongly counted, for another verdict."""
    if pd.isna(row["turning"]):
        return dict.fromkeys(LANGUAGES, "")
    key = "wrong" if kind == "people" and row["verdict"] == "higher" else f"unrecorded_{kind}"
    count = words.count(row["turning"])
    return {one: words.text(f"notebook.rates.{key}", one, count=count) for one in LANGUAGES}


def _readings(row: pd.Series, table: pd.DataFrame) -> Mapping[str, str]:
    """Whether the verdict is another one under the strict or the broad definition."""
    same = (table["outcome"] == row["outcome"]) & (table["against"] == row["against"])
    others = table[same & (table["definition"] != against.DECLARED)]
    moved = others[others["verdict"] != row["verdict"]]
    if others.empty:
        return dict.fromkeys(LANGUAGES, "")
    if moved.empty:
        return words.catalogue()["notebook.rates.same_readings"]
    told = {}
    for language in LANGUAGES:
        each = [
            words.text(
                "notebook.rates.reading",
                language,
                definition=words.label(f"definition.{one['definition']}", language),
                verdict=words.label(f"verdict.{one['verdict']}", language),
            )
            for one in moved.to_dict("records")
        ]
        joined = words.label("brief.comma", language).join(each)
        told[language] = words.text("notebook.rates.other_readings", language, each=joined)
    return told


def composition(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per part of the benchmark."""
    told = [_part(row, study) for _, row in table.iterrows()]
    return told or [Said("notebook.composition.none", {})]


def _part(row: pd.Series, study: Study) -> Said:
    labels = study.factors[row["factor"]].labels
    levels = row["level"].split(standardised.JOINED)
    values = {
        "level": {
            one: words.label("brief.comma", one).join(labels[level][one] for level in levels)
            for one in LANGUAGES
        },
        "benchmark": study.benchmark.label,
        "members": words.count(row["members"]),
        "expected": words.count(row["expected"]),
        "verdict": words.catalogue()[f"verdict.{row['verdict']}"],
        **{name: of_hundred(row[name]) for name in ("share", "conf_low", "conf_high", "yardstick")},
    }
    return Said("notebook.composition.part", values)


def states(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per outcome: due, attended, not, without a mark; who is known to be asked."""
    told = []
    for name, own in table.groupby("outcome", sort=False):
        rows = own.set_index("state")
        attended, asked = rows.loc["attended"], rows.loc["asked"]
        values = {
            "outcome": study.outcomes[str(name)].label,
            "due": words.count(attended["places"]),
            "yes": words.count(attended["said_yes"]),
            "no": words.count(attended["said_no"]),
            "open": words.count(attended["not_recorded"]),
            "known": words.count(asked["places"] - asked["not_recorded"]),
            "asked": words.count(asked["said_yes"]),
        }
        known = asked["not_recorded"] < asked["places"]
        told.append(Said(f"notebook.states.{'asked' if known else 'nobody_asked'}", values))
    return told


def changes(table: pd.DataFrame, study: Study) -> list[Said]:
    """One sentence per pair of seasons, over all members due in both."""
    labels = {season.name: season.label for season in study.seasons}
    told = []
    for row in table[table["term"] == ""].to_dict("records"):
        values = {"before": labels[row["before"]], "after": labels[row["after"]]}
        if row["verdict"] == "refused":
            told.append(Said("notebook.seasons.refused", values))
            continue
        shares = {name: of_hundred(row[name]) for name in (*SHARES, "conf_low", "conf_high")}
        values |= shares | {name: of_hundred(row[name]) for name in ("estimate", "detectable")}
        values |= {"members": words.count(row["members"])}
        values |= {"verdict": words.catalogue()[f"verdict.{row['verdict']}"]}
        told.append(Said("notebook.seasons.change", values))
    return told or [Said("notebook.seasons.none", {})]
