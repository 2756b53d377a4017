"""The floor: what reading the CSV and writing Parquet cost when nothing is cleaned (DuckDB).

Enters: a CSV file. Leaves: the same texts as Parquet. Refuses: nothing.
"""

import sys

import duckdb

source, target = sys.argv[1:]
rows = duckdb.read_csv(source, all_varchar=True)
rows.write_parquet(target)
