"""Do two cleaned tables say the same?

Enters: two Parquet files. Leaves: how many rows of the one are not in the other, printed.
Refuses: nothing.
"""

import sys

import duckdb

from bench import job


def differing(ours: str, theirs: str) -> int:
    """Rows of either table, by all clean columns and the status, that the other does not have."""
    listed = ", ".join([*job.FIELDS, "status"])
    one, other = (f"SELECT {listed} FROM '{path}'" for path in (ours, theirs))
    sides = (f"({a} EXCEPT ALL {b})" for a, b in ((one, other), (other, one)))
    return sum(duckdb.sql(f"SELECT count(*) FROM {side}").fetchall()[0][0] for side in sides)


if __name__ == "__main__":
    sys.stdout.write(f"{differing(*sys.argv[1:])}\n")
