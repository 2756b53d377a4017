"""Simulated studies with a known truth: do the intervals cover, do the tests hold their level?

Enters: scenarios (scenarios.toml), a seed, how many sets.
Leaves: one line of counts per scenario and design (results/), and docs/validity.md.
Refuses: nothing; a fit that fails counts as not covered, and a refusal is counted as one.
"""
