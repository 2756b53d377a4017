"""The walls refuse by the codebook's role of a column, not by its header."""

import pandas as pd
import pytest

from engagement import codebook, tables

PEOPLE = ["member_id", "branch", "group", "reachable", "is_mobile", "is_lost", "excused", "due"]
CELLS = ["outcome", "branch", "group", "due", "attended", "members"]


def frame(columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame({column: [1] for column in columns})


def test_a_table_that_keeps_its_contract_passes():
    people = frame([*PEOPLE, "sex", "education"])
    assert tables.check(people, "people") is people


def test_a_missing_column_is_our_bug():
    with pytest.raises(ValueError, match="member_id"):
        tables.check(frame(PEOPLE[1:]), "people")


IDENTITIES = [field.name for field in codebook.fields().values() if "ID" in field.use]
EXCLUDED = [field.name for field in codebook.fields().values() if "X" in field.use]


@pytest.mark.parametrize("column", [*IDENTITIES, *EXCLUDED])
def test_no_identity_and_nothing_excluded_crosses_the_first_wall(column):
    with pytest.raises(TypeError, match=column):
        tables.check(frame([*PEOPLE, column]), "people")


@pytest.mark.parametrize("column", IDENTITIES)
def test_no_identity_reaches_the_cells(column):
    with pytest.raises(TypeError):
        tables.check(frame([*CELLS, column]), "cells")


def test_a_column_that_nobody_declared_is_refused():
    with pytest.raises(TypeError, match="favourite_colour"):
        tables.check(frame([*PEOPLE, "favourite_colour"]), "people")


def test_every_table_says_its_grain_and_level():
    for table in tables.TABLES.values():
        assert table.grain
        assert table.level in tables.LEVELS
