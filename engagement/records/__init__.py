"""The records room: people are visible here, and they end here.

Enters: roster files and a study.
Leaves: people and participation for the wall of counts; private audit, quarantine and review.
Refuses: files that cannot be read as rosters (RosterError); nothing is dropped or guessed silently.
"""
