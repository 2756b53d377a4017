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


def body(columns: Mapping[str, pd.DataFrame], headers: Mapping[str, str], people: pd.Series):
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


def line(row: int, verdict: str, texts: Sequence[object]) -> pd.DataFrame:
    """The cells of a row that is no person; numbers are written as numbers."""
    return pd.DataFrame(
        {
            "row": row,
            "column": range(1, len(texts) + 1),
            "verdict": verdict,
            "raw": [str(text) for text in texts],
            "cell": ["number" if isinstance(text, int) else "text" for text in texts],
        }
    )


def sheet(
    source_file: str,
    name: str,
    above: Sequence[tuple[str, Sequence[object]]],
    rows: pd.DataFrame,
    below: Sequence[tuple[str, Sequence[object]]],
    breaks: Mapping[int, tuple[str, Sequence[object]]] | None = None,
) -> pd.DataFrame:
    """All cells of one sheet. `breaks`: the line that stands before the nth person (0, 1, …)."""
    breaks = breaks or {}
    rank = rows["order"].rank(method="dense").astype(int) - 1
    row = rank + len(above) + 1
    for place in breaks:
        row = row + (rank >= place)
    last = int(row.max())
    between = [
        line(place + len(above) + 1 + sum(other < place for other in breaks), *breaks[place])
        for place in sorted(breaks)
    ]
    lines = [
        *(line(number, *texts) for number, texts in enumerate(above, start=1)),
        rows.assign(row=row),
        *between,
        *(line(number, *texts) for number, texts in enumerate(below, start=last + 1)),
    ]
    cells = pd.concat(lines, ignore_index=True).assign(source_file=source_file, sheet=name)
    return cells[COLUMNS].fillna("")
