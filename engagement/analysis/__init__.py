"""The analysis room: counts come in, findings go out; no person is seen here.

Enters: people and participation at one door (`cells.counts`), count tables everywhere else.
Leaves: cells, findings, completeness, the ladder, segments and plan, all of them counts (private).
Refuses: person-level results; nothing here returns a number, a label or a rank for one person.
"""
