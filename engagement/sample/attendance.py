"""Who came: the sessions of a year, the members due, and the marks on the sheet.

Enters: members, the planted effects and the calendar (effects.toml), a generator of chance.
Leaves: sessions, one row per branch × session; participation, one row per member × session.
Refuses: nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.sample import settings

STEPS = (
    "none",
    "primary",
    "junior",
    "senior",
    "vocational",
    "associate",
    "bachelor",
    "postgraduate",
)
STEP = dict(zip(STEPS, (-2, -1, 0, 1, 1, 2, 2, 2), strict=True))


def sessions(branches: list[str]) -> pd.DataFrame:
    """One row per branch × session: branch, duty_type, month, event_date, recorded."""
    held = [
        _held(branch, no, duty_type, month)
        for no, branch in enumerate(branches)
        for duty_type, rule in settings.table("effects")["calendar"].items()
        for month in rule["months"]
    ]
    table = pd.DataFrame(held, columns=["branch", "duty_type", "month", "event_date"])
    gaps = settings.table("story")["gaps"]["no_group_meetings"]
    lost = pd.Series(list(zip(table["branch"], table["month"], strict=True))).isin(map(tuple, gaps))
    lost &= table["duty_type"] == "group_meeting"
    return table.assign(recorded=np.where(lost, "no", "yes"))


def _held(branch: str, no: int, duty_type: str, month: int) -> tuple:
    day = settings.table("effects")["calendar"][duty_type]["day"] + no % 5
    for late, planned, held in settings.table("story")["gaps"]["late_lesson"]:
        if duty_type == "lesson" and (branch, month) == (late, planned):
            month, day = held, day + 3
    return branch, duty_type, month, pd.Timestamp(settings.reference_year(), month, day)


def inclination(members: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    """The logit with which each member attends a due session, as effects.toml plants it."""
    planted = settings.table("effects")
    groups = members["group"].unique()
    factors = _factors(members)
    of_group = pd.Series(rng.standard_normal(len(groups)) * planted["group_sd"], index=groups)
    effects = np.array([planted[name] for name in factors.columns])
    due = (members["due"] == "yes").to_numpy()
    own = balanced(rng.standard_normal(len(members)), factors, due) * planted["member_sd"]
    return (
        planted["intercept"] + factors.to_numpy() @ effects + members["group"].map(of_group) + own
    )


def _factors(members: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "limited": members["activity_ability"] == "limited",
            "housebound": members["activity_ability"] == "housebound",
            "working": members["employment"].isin(["working", "self_employed"]),
            "education_step": members["education"].map(STEP),
            "age": members["age"],
            "sex": members["sex"] == "female",
        }
    ).astype(float)


def balanced(drawn: np.ndarray, factors: pd.DataFrame, due: np.ndarray) -> np.ndarray:
    """Chance that goes with none of the factors among those due: residuals of `drawn`, scaled to
    standard deviation 1."""
    design = np.column_stack([np.ones(len(factors)), factors.to_numpy()])
    fitted, *_ = np.linalg.lstsq(design[due], drawn[due], rcond=None)
    rest = drawn - design @ fitted
    return rest / rest[due].std()


def participation(
    members: pd.DataFrame,
    held: pd.DataFrame,
    rng: np.random.Generator,
    again: np.random.Generator | None = None,
) -> pd.DataFrame:
    """One row per member × session of the branch: person_id, branch, group, duty_type, month,
    event_date, recorded, due, attended, status (the mark that a complete sheet would show).

    Members with a day `offered_from` come more often from then on, by the effect of the pilot.
    `again`: the chance of the sessions of a later year; the members stay as inclined as they were.
    """
    here = members[["person_id", "branch", "group", "due"]].assign(
        chance=1 / (1 + np.exp(-inclination(members, rng))),
        offered_from=members.get("offered_from", pd.Series(pd.NaT, index=members.index)),
    )
    rng = again or rng
    table = here.merge(held, on="branch", how="left")
    table["chance"] = _raised(table, here.loc[here["due"] == "yes", "chance"])
    came = (rng.random(len(table)) < table["chance"]) & (table["due"] == "yes")
    unit = np.where(table["duty_type"] == "group_meeting", table["group"], table["branch"])
    return table.drop(columns=["chance", "offered_from"]).assign(
        unit=unit,
        attended=np.where(came, "yes", "no"),
        status=marks(came.to_numpy(), (table["due"] == "yes").to_numpy(), rng),
    )


def _raised(table: pd.DataFrame, chances: pd.Series) -> pd.Series:
    """The chance of each slot: where an offer has begun, higher by its effect on average."""
    points = settings.table("effects")["pilot"]["points"]
    missing = 1 - table["chance"]
    more = points * missing / (1 - chances).mean()
    return table["chance"].mask(
        table["offered_from"] <= table["event_date"], table["chance"] + more
    )


def marks(came: np.ndarray, due: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What the sheet shows: attended, late, leave, makeup, or absent (a blank)."""
    share = settings.table("effects")["marks"]
    drawn = rng.random(len(came))
    stayed = ~came & due
    return np.select(
        [
            came & (drawn < share["late"]),
            came,
            stayed & (drawn < share["leave"]),
            stayed & (drawn < share["leave"] + share["makeup"]),
        ],
        ["late", "attended", "leave", "makeup"],
        "absent",
    )
