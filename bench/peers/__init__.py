"""The same job done otherwise: each module reads the roster and writes the cleaned table.

Enters: a CSV file. Leaves: a Parquet file: ten clean columns and the status of each row, every
row once. Refuses: nothing; a peer names no rule and no reason, and keeps no raw text.
"""
