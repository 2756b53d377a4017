"""Measurements: what the records room costs beside its peers, as whole processes.

Enters: a number of rows. Leaves: tables of CPU seconds, peak memory and ratios, printed.
Refuses: to be a test; machines differ, so the ratios within one run are what counts.
"""
