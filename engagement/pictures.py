"""What a notebook draws beside the figures of the brief, each under its data.

Enters: protected tables (natural frequencies), or counts for the desk (calendar, specifications).
Leaves: displayed tables and figures with their alternative text and digest.
Refuses: nothing; where nothing can be drawn a sentence says so.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from IPython.display import display

from engagement import labels, notebook, words
from engagement.study import Study

CONTRAST = ["outcome", "term", "contrast"]
CHOICES = (
    *["adjusted", "missing", "counted_as", "declared"],
    *["estimate", "conf_low", "conf_high", "p_adjusted", "verdict"],
)
SEVERAL = 4


def frequencies(study: Study, analysed: Mapping[str, pd.DataFrame]) -> None:
    """Natural frequencies of the released comparisons, under their numbers."""
    from engagement.release import charts, disclosure, store
    from engagement.release.phrases import Phrases

    told = store.findings(disclosure.control(analysed, study), study)
    phrases, released = Phrases(told, study.language), store.table(told, "findings")
    rows = charts.comparisons(released, study.primary.name, phrases)
    if not rows:
        display(notebook.say(study, "notebook.no_figure"))
        return
    columns = ["term", "contrast", "p1", "p0", "conf_low", "conf_high", "verdict"]
    display(notebook.table(study, pd.DataFrame(rows), "findings", columns))
    outcome = study.primary.label[study.language]
    alt = words.text("figure.frequencies.caption", study.language, outcome=outcome)
    notebook.show(charts.frequencies(released, study.primary.name, phrases), alt)


def calendar(study: Study, table: pd.DataFrame) -> None:
    """The attendance calendar of the desk, under its numbers; a sentence where there is none."""
    from engagement.release import desk

    if table.empty:
        display(notebook.say(study, "notebook.no_figure"))
        return
    texts = _squares(desk.hidden(table, study), study)
    head = labels.heading(study, "duty_type", study.language)
    display(notebook.Shown(texts.rename_axis(columns=None, index=head).reset_index().astype("str")))
    rows = [f"{row.iloc[0]} {', '.join(row.iloc[1:])}" for _, row in texts.reset_index().iterrows()]
    told = words.text("desk.calendar.alt", study.language, rows="; ".join(rows))
    notebook.show(desk.calendar(table, study, study.language), told)


def _squares(shown: pd.DataFrame, study: Study) -> pd.DataFrame:
    """Percentages by duty and month: one mark where too few, another where nothing was held."""
    hidden, none = (words.label(f"suppressed.{one}", study.language) for one in ("mark", "missing"))
    names = labels.of(study, "duty_type", study.language)
    told = [hidden if pd.isna(share) else words.count(100 * share) for share in shown["share"]]
    rows = shown.assign(duty_type=shown["duty_type"].map(lambda duty: names.get(duty, duty)))
    rows = rows.assign(told=told)
    order = list(dict.fromkeys(rows["duty_type"]))
    return rows.pivot(index="duty_type", columns="month", values="told").loc[order].fillna(none)


def curves(study: Study, tried: pd.DataFrame) -> None:
    """One figure per contrast with several specifications, lowest to highest, under its data."""
    from engagement.analysis import robustness
    from engagement.release import desk

    for _, rows in tried[tried["estimate"].notna()].groupby(CONTRAST, sort=False):
        if len(rows) < SEVERAL:
            continue
        told = robustness.shown(pd.DataFrame(desk.ordered(rows)), study)
        display(notebook.table(study, told, "specifications", list(CHOICES)))
        name = labels.table(study, rows.head(1), ["term", "contrast"], study.language)
        contrast = " ".join(name.iloc[0])
        values = {"contrast": contrast, "count": len(rows)}
        notebook.show(
            desk.curve(rows, study, study.language),
            words.text("desk.curve.alt", study.language, **values),
        )
