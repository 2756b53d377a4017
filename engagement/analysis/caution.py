"""What the gaps in the records forbid concluding, in sentences.

Enters: the tests of the recording, tipping points, completeness, and the study for its labels.
Leaves: Said: one sentence per conclusion that the records cannot carry.
Refuses: comfort: what could not be tested is said, with the columns to start recording.
"""

from __future__ import annotations

import pandas as pd

from engagement import words
from engagement.analysis import recording, tipping
from engagement.analysis.telling import Said, columns
from engagement.study import Study

Bilingual = dict[str, str]
LANGUAGES = ("zh", "en")
TOPICS = {
    "gaps": ("whole", "gaps", "no_calendar", "sessions", "band"),
    "tests": ("tests", "columns", "none"),
    "minutes": (
        *("differ_one_way", "differ_one_way_fewer", "two_lists", "recorder", "confounded"),
        "below_minimum",
    ),
    "habits": ("copying", "bunched", "heaped", "contradictions"),
    "comparisons": (
        *("could_vanish", "stands", "never", "no_difference", "depends", "same_under_all"),
    ),
}


def general(tests: dict[str, pd.DataFrame], by_duty: pd.DataFrame, study: Study) -> list[Said]:
    """What must not be concluded about taking part, most general first.

    `tests` are the tables of engines.recording; `by_duty` sessions due and recorded by duty.
    """
    return [
        *_tested(tests["recording"], study),
        *_sessions(by_duty),
        *_band(tests["gaps"]),
        *_tipping(tests["tipping"], study),
        *_readings(tests["recording"]),
    ]


def particular(table: pd.DataFrame, study: Study) -> list[Said]:
    """What must not be concluded from particular records; `table` is `recording`.

    One sentence says so where none of the tests raised a doubt.
    """
    told = [*_minutes(table, study), *_habits(table, study)]
    return told or [Said("caution.none", {})]


def by_topic(sentences: list[Said], study: Study) -> dict[str, list[Said]]:
    """The sentences under the topic that they are about, in the study's languages."""
    told = {}
    for topic, keys in TOPICS.items():
        names = [words.label(f"caution.topic.{topic}", one) for one in study.languages]
        told[" / ".join(names)] = [one for one in sentences if one.key.split(".")[-1] in keys]
    return told


def _tested(table: pd.DataFrame, study: Study) -> list[Said]:
    by_test = recording.gathered(table)
    sums = by_test[["aspects", "doubted", "untestable"]].sum()
    told = [Said("caution.tests", {name: int(count) for name, count in sums.items()})]
    needed = " ".join(dict.fromkeys(" ".join(by_test["column_needed"]).split()))
    return told + ([Said("caution.columns", {"columns": columns(needed, study)})] if needed else [])


def _sessions(by_duty: pd.DataFrame) -> list[Said]:
    missing = int((by_duty["expected"] - by_duty["recorded"]).sum()) if len(by_duty) else 0
    return [Said("caution.sessions", {"missing": missing})] if missing > 0 else []


def _band(gaps: pd.DataFrame) -> list[Said]:
    slots = tipping.known_gaps(gaps)
    if not slots["unknown"] or not slots["due"]:
        return []
    low, high = tipping.band(gaps)
    shares = {"share": slots["attended"] / slots["due"], "low": low, "high": high}
    told = {name: words.percent(share, 1) for name, share in shares.items()}
    return [Said("caution.band", {**told, "unknown": slots["unknown"]})]


def _tipping(points: pd.DataFrame, study: Study) -> list[Said]:
    told = [_point(row, study) for row in points.to_dict("records") if row["verdict"] in _MOVED]
    alike = int((points["verdict"] == "nothing_to_erase").sum())
    return told + ([Said("caution.no_difference", {"count": alike})] if alike else [])


_MOVED = ("could_vanish", "stands")


def _point(row: dict, study: Study) -> Said:
    factor = study.factors[row["term"]]
    level, _, reference = row["contrast"].partition("|")
    labels = {"level": level, "reference": reference, "lower": row["level"]}
    counts = {name: words.count(row[name]) for name in ("missed", "unrecorded")}
    values = {
        "factor": factor.label,
        **{name: factor.labels[code] for name, code in labels.items()},
        **counts,
    }
    if pd.isna(row["needed"]) and row["verdict"] == "stands":
        return Said("caution.never", values)
    return Said(f"caution.{row['verdict']}", {**values, "needed": words.count(row["needed"])})


def _minutes(table: pd.DataFrame, study: Study) -> list[Said]:
    """C2 to C5: minutes and sheets, legal minimum, two records, recorders."""
    apart = _rows(table, "differ_one_way").query("branch != ''")
    told = [_apart(row, study) for row in apart.to_dict("records")]
    told += _below(_rows(table, "below_minimum"))
    if len(_rows(table, "estimated")):
        told.append(Said("caution.two_lists", {}))
    clerks = table[table["aspect"] == "sessions_by_recorder"]
    if clerks["verdict"].eq("between").any():
        told.append(Said("caution.recorder", {}))
    return told + ([Said("caution.confounded", {})] if len(_rows(table, "confounded")) else [])


def _apart(row: dict, study: Study) -> Said:
    fewer = row["estimate"] < 0
    limits = sorted(abs(row[name]) for name in ("conf_low", "conf_high"))
    numbers = dict(zip(("low", "high"), (words.number(limit, 1) for limit in limits), strict=True))
    values = {**numbers, "estimate": words.number(abs(row["estimate"]), 1), **_counts(row)}
    key = "differ_one_way_fewer" if fewer else "differ_one_way"
    return Said(f"caution.{key}", {**values, "branch": _branch(row["branch"], study)})


def _habits(table: pd.DataFrame, study: Study) -> list[Said]:
    """C6 to C9: copying, time of entry, round hours, contradictions."""
    told = []
    for row in _rows(table, "to_check").query("test == 'copying'").to_dict("records"):
        aspect = _label(f"aspect.{row['aspect']}")
        told.append(Said("caution.copying", {"aspect": aspect, **_counts(row)}))
    for row in _bunches(table).to_dict("records"):
        times = words.number(row["estimate"], 1)
        values = {**_counts(row), "times": times, "branch": _branch(row["branch"], study)}
        told.append(Said("caution.bunched", values))
    told += [
        Said("caution.heaped", _counts(row)) for row in _rows(table, "heaped").to_dict("records")
    ]
    return told + _contradictions(table)


def _bunches(table: pd.DataFrame) -> pd.DataFrame:
    """The branches that entered in bunches; all together where no branch stands out."""
    rows = _rows(table, "bunched")
    branches = rows[rows["branch"] != ""]
    return branches if len(branches) else rows


def _below(rows: pd.DataFrame) -> list[Said]:
    kinds = {
        language: _listed(rows, language, "{duty} {aspect} {found}/{examined}")
        for language in LANGUAGES
    }
    return [Said("caution.below_minimum", {"kinds": kinds})] if len(rows) else []


def _contradictions(table: pd.DataFrame) -> list[Said]:
    rows = _rows(table, "to_check").query("test == 'contradiction'")
    if rows.empty:
        return []
    kinds = {language: _listed(rows, language, "{aspect} {found}") for language in LANGUAGES}
    return [
        Said("caution.contradictions", {"found": words.count(rows["found"].sum()), "kinds": kinds})
    ]


def _listed(rows: pd.DataFrame, language: str, form: str) -> str:
    """The rows in one line, with what `form` asks for, parted by the language's semicolon."""
    named = [
        form.format(
            duty=words.label(f"duty.{row['duty_type']}", language) if row["duty_type"] else "",
            aspect=words.label(f"aspect.{row['aspect']}", language),
            **_counts(row),
        )
        for row in rows.to_dict("records")
    ]
    return words.label("caution.semicolon", language).join(named)


def _readings(table: pd.DataFrame) -> list[Said]:
    rows = table[(table["aspect"] == "comparisons") & (table["examined"] > 0)]
    return [Said(f"caution.{row['verdict']}", _counts(row)) for row in rows.to_dict("records")]


def _rows(table: pd.DataFrame, verdict: str) -> pd.DataFrame:
    return table[table["verdict"] == verdict]


def _counts(row: dict) -> dict[str, str]:
    return {name: words.count(row[name]) for name in ("examined", "found")}


def _label(key: str) -> Bilingual:
    return dict(words.catalogue()[key])


def _branch(code: str, study: Study) -> Bilingual:
    if not code:
        return _label("caution.everywhere")
    named = {unit.code: {"zh": unit.zh, "en": unit.en} for unit in study.units}
    return named.get(code, {"zh": code, "en": code})
