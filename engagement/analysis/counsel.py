"""The plan in sentences: what stands in the way, what is offered, how a pilot will tell.

Enters: the tables of the ladder, the plan and the pilot, and the study for its labels.
Leaves: Said: a words key and its values.
Refuses: a word about motives; what the records leave open stays open.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping

import pandas as pd

from engagement import codebook, words
from engagement.analysis import ladder as ladders
from engagement.analysis.missed import EVERYBODY
from engagement.analysis.telling import Said, columns
from engagement.declared import Measure
from engagement.study import Study

Bilingual = Mapping[str, str]


def ladder(table: pd.DataFrame, study: Study) -> list[Said]:
    """What each supported rung explains, which rungs cannot be tested, and what stays unsaid."""
    own = table[table["segment"] == EVERYBODY]
    rest = own[own["barrier"] == ""].iloc[0]
    told = [_rung(row, own, study) for _, row in own[own["verdict"] == "supported"].iterrows()]
    allowed = ladders.motives(table)
    if allowed.untested:
        rows = own.set_index("barrier").loc[list(allowed.untested)].reset_index()
        told.append(Said("notebook.ladder.untested", {"rungs": _untested(rows, study)}))
    values = {"count": len(allowed.untested), "rest": _whole(rest["explained"])}
    return [*told, Said(f"notebook.ladder.{allowed.verdict}", values)]


def _rung(row: pd.Series, own: pd.DataFrame, study: Study) -> Said:
    lost = row["explained"] / row["share"]
    values = {
        "barrier": barrier(row["barrier"]),
        "people": study.people,
        "lost": _whole(lost),
        **{"missed": _whole(row["explained"]), "members": _whole(row["members"])},
        **{name: _whole(row[name]) for name in ("excess",)},
        **{"low": _whole(row["excess_low"]), "high": _whole(row["excess_high"])},
    }
    return Said(f"notebook.ladder.{'recorded' if pd.isna(row['excess']) else 'compared'}", values)


def _untested(rows: pd.DataFrame, study: Study) -> Bilingual:
    keys = {"not_testable_column": "needs", "not_testable_few": "few"}
    return joined(
        _in_words(
            f"ladder.{keys.get(row['verdict'], 'undeclared')}",
            barrier=barrier(row["barrier"]),
            column=columns(row["column_needed"], study),
        )
        for _, row in rows.iterrows()
    )


def barrier(code: str) -> Bilingual:
    """The name of a barrier in both languages."""
    row = codebook.barriers().set_index("barrier").loc[code]
    return dict(row[list(words.LANGUAGES)])


def joined(texts: Iterable[Bilingual]) -> Bilingual:
    """Several texts as one list, per language."""
    listed = list(texts)
    return {
        language: words.label("brief.comma", language).join(text[language] for text in listed)
        for language in words.LANGUAGES
    }


def _in_words(key: str, **values: Bilingual) -> Bilingual:
    return {
        language: words.text(key, language, **{name: v[language] for name, v in values.items()})
        for language in words.LANGUAGES
    }


def _whole(count: float) -> str:
    return words.count(count).replace("-", "−") if pd.notna(count) else "–"


def fit(table: pd.DataFrame, study: Study) -> list[Said]:
    """How varied the sessions were, whether attendance went with it, and the two skins."""
    rows = dict(list(table.groupby("aspect", sort=False)))
    told = []
    if "variety" in rows:
        kinds = rows["variety"]["estimate"]
        values = {"low": words.number(kinds.min()), "high": words.number(kinds.max())}
        values |= {"sessions": _whole(rows["variety"]["examined"].sum())}
        told.append(Said("notebook.fit.variety", values))
    told += [
        _aspect(rows[name].iloc[0], study) for name in ("attendance_by_variety", "overlap", "joint")
    ]
    return told


def _aspect(row: pd.Series, study: Study) -> Said:
    key = f"notebook.fit.{row['aspect']}"
    if row["verdict"] == "not_testable_column":
        return Said(f"{key}_needs", {"column": columns(row["column_needed"], study)})
    if row["verdict"] == "not_testable_few":
        return Said(f"{key}_few", {})
    ends = ("estimate", "conf_low", "conf_high")
    times, digits = (1, 1) if row["aspect"] == "overlap" else (100, 0)
    shown = {name: words.number(times * row[name], digits) for name in ends}
    values = {
        "verdict": words.catalogue()[f"verdict.{row['verdict']}"],
        **{name: _whole(row[name]) for name in ("examined", "found")},
    }
    return Said(key, {**values, **shown})


def gains(table: pd.DataFrame, study: Study) -> Said:
    """What the whole plan might bring, and under which assumption."""
    whole = table.iloc[-1]
    smallest = words.number(100 * study.primary.smallest_difference, 0)
    values = {"smallest": smallest, "low": _whole(whole["gain_low"])}
    return Said("notebook.gains.whole", {**values, "high": _whole(whole["gain_high"])})


def unused(measures: list[Measure]) -> list[Said]:
    """Measures that the study names although no class has their barrier."""
    return [
        Said(
            "notebook.gains.unused",
            {"measure": one.label, "barrier": joined(map(barrier, one.barriers))},
        )
        for one in measures
    ]


def waiting(table: pd.DataFrame, study: Study) -> list[Said]:
    """What is not offered before a pilot has told."""
    if table.empty:
        return []
    names = dict.fromkeys(table["measure"])
    measures = joined(study.measures[name].label for name in names)
    return [Said("notebook.plan.waiting", {"measures": measures})]


def short(offered: pd.DataFrame, left: pd.DataFrame, available: float) -> list[Said]:
    """What to say where the hours are too few for any offer."""
    if available and offered[offered["segment"] != ""].empty and not left.empty:
        least = words.number(left["hours"].min())
        return [Said("notebook.plan.too_few", {"hours": least, "available": _whole(available)})]
    return []


def pilot(protocol: Mapping | None) -> list[Said]:
    """What is laid down for the coming year: design, what it could show, what it is worth."""
    if protocol is None:
        return [Said("notebook.pilot.none", {})]
    worth, gap = protocol["worth"], protocol["detectable"]
    months = {name: protocol[name][:7] for name in ("from", "to")}
    values = {
        "measure": protocol["measure_label"],
        "segment": protocol["segment_label"],
        **{end: _month(months[name]) for end, name in (("first", "from"), ("last", "to"))},
    }
    points = {"gap": _points(gap or 0), "smallest": _points(protocol["smallest_difference"])}
    ends = {"low": _points(worth["range"][0]), "high": _points(worth["range"][1])}
    shares = {"helped": words.number(100 * worth["helped"], 0) + "%"}
    shares |= {"freed": words.number(100 * worth["did_not_help"], 0) + "%"}
    seen = "pilot.detectable" if gap is not None else "pilot.undetectable"
    return [
        Said(f"pilot.design.{protocol['design']}", values),
        Said(seen, points),
        Said("pilot.worth", {**points, **ends, **shares, "hours": _whole(protocol["hours"])}),
    ]


def evaluated(table: pd.DataFrame, study: Study) -> list[Said]:
    """Last year's verdict, or that no protocol was laid down."""
    if table.empty:
        return [Said("notebook.pilot.no_evaluation", {})]
    return [_evaluated(row, study) for _, row in table.iterrows()]


def _evaluated(row: pd.Series, study: Study) -> Said:
    known = study.measures.get(row["measure"])
    values = {
        "measure": known.label if known else dict.fromkeys(words.LANGUAGES, row["measure"]),
        "verdict": words.catalogue()[f"verdict.{row['verdict']}"],
        **{name: _points(row[name]) for name in ("estimate", "conf_low", "conf_high")},
        **{name: _whole(row[name]) for name in ("offered", "others")},
        "smallest": _points(row["smallest_difference"]),
    }
    unit = "groups" if row["design"] == "stepped_wedge" else "members"
    return Said(f"pilot.evaluated_{unit}", values)


def _month(iso: str) -> Bilingual:
    day = datetime.date.fromisoformat(f"{iso}-01")
    return {language: words.month(day, language) for language in words.LANGUAGES}


def _points(share: float) -> str:
    return words.number(100 * share, 0)
