"""The plan in sentences: what stands in the way, what is offered, how a pilot will tell.

Enters: the tables of the ladder, the plan and the pilot, and the study for its labels.
Leaves: Said: a words key and its values.
Refuses: a word about motives; what the records leave open stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from engagement import codebook, words
from engagement.analysis import ladder as ladders
from engagement.analysis.missed import EVERYBODY
from engagement.analysis.telling import Said, columns
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
    return {language: row[language] for language in words.LANGUAGES}


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
