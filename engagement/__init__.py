"""Which members take part, what stands in the way, and what should be offered to whom.

records/    people are visible here; names, ID numbers, phones and addresses end at wall 1
analysis/   only counts are visible here; small cells end at wall 2
release/    only protected tables are visible here, and only they are written to out/

The ground floor: errors, words, codebook, study and its parts, tables.
More than one room: engines, cli, notebook.
"""
