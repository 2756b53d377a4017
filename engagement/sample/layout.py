"""Where cells stand: rows of people between titles, headers, totals, signatures and blank lines.

Enters: the columns of a roster as written, one row per person, and the lines around them.
Leaves: cells, one row per cell of a file, with its place, its raw text and its truth.
Refuses: nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from engagement import codebook

COLUMNS = [
    "source_file", "sheet", "row", "column", "header", "verdict", "person_id", "field", "raw",
    "cell", "value", "precision", "expected", "form",
]  # fmt: skip

Line = tuple[str, Sequence[object]]


def body(
    columns: Mapping[str, pd.DataFrame], headers: Mapping[str, str], people: pd.Series
) -> pd.DataFrame:
    """Cells of people's rows: order (0, 1, … down the roster), column (1, 2, …) and the truth."""
    parts = [
        written.assign(
            order=range(len(people)),
            column=column,
            header=headers[field].replace("\n", ""),
            field=field,
            person_id=people.to_numpy(),
            verdict="data",
        )
        for column, (field, written) in enumerate(columns.items(), start=1)
    ]
    return _excluded(pd.concat(parts, ignore_index=True))


def _excluded(cells: pd.DataFrame) -> pd.DataFrame:
    fields = codebook.fields()
    left_out = cells["field"].map({name: "X" in field.use for name, field in fields.items()})
    return cells.assign(
        value=cells["value"].mask(left_out.astype(bool), ""),
        expected=cells["expected"].mask(left_out.astype(bool), "structural"),
    )


def lines(numbered: Sequence[tuple[int, str, Sequence[object]]]) -> pd.DataFrame:
    """The cells of rows that are no people, given as (row, verdict, texts)."""
    cells = [
        (row, column, verdict, str(text), "number" if isinstance(text, int) else "text")
        for row, verdict, texts in numbered
        for column, text in enumerate(texts, start=1)
    ]
    return pd.DataFrame(cells, columns=["row", "column", "verdict", "raw", "cell"])


def sheet(
    above: Sequence[Line],
    rows: pd.DataFrame,
    below: Sequence[Line],
    breaks: Mapping[int, Line] | None = None,
) -> pd.DataFrame:
    """All cells of one sheet, yet without the names of file and sheet.

    `breaks`: the line that stands before the nth person (0, 1, …).
    """
    breaks = breaks or {}
    rank = rows["order"].rank(method="dense").astype(int) - 1
    row = rank + len(above) + 1
    for place in breaks:
        row = row + (rank >= place)
    start = {place: place + len(above) + 1 + no for no, place in enumerate(sorted(breaks))}
    around = lines(
        [
            *((number, *line) for number, line in enumerate(above, start=1)),
            *((start[place], *line) for place, line in breaks.items()),
            *((number, *line) for number, line in enumerate(below, start=int(row.max()) + 1)),
        ]
    )
    cells = pd.concat([around, rows.assign(row=row)], ignore_index=True)
    return cells.assign(source_file="", sheet="")[COLUMNS].fillna("")
