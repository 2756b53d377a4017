"""A colleague who knows every member's factors, and lacks only who took part.

Enters: the protected counts, the cells they were made of.
Leaves: the same counts, with more of them NA where that colleague could have worked out a member.
Refuses: counts that stay exposed although everything that may be hidden is hidden.

Whoever shares all factors forms one profile. A profile is exposed when all that is printed leaves
one answer for it: nobody took part, everybody did, or (for sums over sessions) a range narrower
than the threshold. Above some hundred profiles the attacker counts parts of people too: whole
people would only narrow what hundreds of groups leave open, at a cost that grows without bound.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import sparse

from engagement.errors import ReleaseRefused
from engagement.release import attack, families, implied, margins, rounding
from engagement.release.attack import Family
from engagement.release.families import MEASURES
from engagement.release.printing import SHOWN
from engagement.release.rules import Rules
from engagement.study import Study

MOST_WHOLE = 400


def protected(
    printed: pd.DataFrame, cells: pd.DataFrame, study: Study, rules: Rules
) -> pd.DataFrame:
    """The counts with what an insider may not have hidden too, outcome by outcome."""
    for outcome in dict.fromkeys(printed["outcome"]):
        profiles = families.crossed(
            cells.loc[cells["outcome"] == outcome], families.dimensions(cells, study)
        )
        printed = _safe(printed, outcome, profiles, study, rules)
    return printed


def _safe(printed, outcome: str, profiles: pd.DataFrame, study: Study, rules) -> pd.DataFrame:
    """Hide the smallest printed group around an exposed profile, and look again."""
    while True:
        found = exposed(printed, outcome, profiles, study, rules)
        if not found.size:
            return printed
        around = _around(printed, outcome, profiles, study)
        holding = around.loc[[mask[found[0]] for mask in around["chosen"]]]
        holding = holding.loc[holding["factor"] != ""]
        if holding.empty:
            raise ReleaseRefused.one("cannot_be_protected", threshold=rules.threshold)
        row = holding["due"].astype(float).idxmin()
        printed = printed.copy()
        printed.loc[row, ["attended", SHOWN["attended"]]] = pd.NA


def exposed(
    printed: pd.DataFrame,
    outcome: str,
    profiles: pd.DataFrame,
    study: Study,
    rules: Rules,
    *,
    fitted: bool = True,
) -> np.ndarray:
    """Positions of the profiles about which the printed counts of `outcome` tell too much.

    `profiles`: one row per combination of all factors, with members, due and attended. `fitted`:
    models may have been printed beside the counts, and give back the sums of whole factors.
    """
    panel = study.outcomes[outcome].kind == "panel"
    around = _around(printed, outcome, profiles, study)
    base = rules.rounding_slots if panel else rules.rounding
    family = _family(around, profiles, implied.crosses(outcome, study) if fitted else None, base)
    due, attended = (profiles[name].to_numpy(float) for name in ("due", "attended"))
    need = np.minimum(rules.threshold if panel else 1, due)
    everything = np.ones(len(due), dtype=bool)
    telling = (attended == 0) | (attended == due) | panel
    targets = np.flatnonzero((due > 0) & telling)
    few = len(due) <= MOST_WHOLE
    worlds = attack.scattered(family, everything, targets, need, integer=few)
    found = np.array([], dtype=int)
    for integer in (False, True) if few else (False,):
        narrow, worlds = attack.exposed(family, everything, targets, need, worlds, integer=integer)
        found = np.union1d(found, narrow)
    return found.astype(int)


def told_by_exact_counts(cells: pd.DataFrame, study: Study, rules: Rules) -> pd.Series:
    """How many members' answers exact counts by every factor would give an insider, by outcome.

    `cells` hold the slots of all their members (families.summed).
    """
    exactly = replace(rules, rounding=1, rounding_slots=1)
    counted = families.counts(cells, families.dimensions(cells, study))
    return told_by(counted, cells, study, exactly)


def told_by(counts: pd.DataFrame, cells: pd.DataFrame, study: Study, rules: Rules) -> pd.Series:
    """How many members' answers `counts`, rounded by `rules`, give an insider, by outcome.

    `counts`: outcome, factor, level, members, due, attended, as they are printed.
    """
    printed = counts.assign(kind="level", **{SHOWN["attended"]: counts["attended"]})
    told = {}
    for outcome in dict.fromkeys(printed["outcome"]):
        own = cells.loc[cells["outcome"] == outcome]
        profiles = families.crossed(own, families.dimensions(cells, study))
        found = exposed(printed, outcome, profiles, study, rules, fitted=False)
        told[outcome] = int(profiles.loc[found, "members"].sum())
    return pd.Series(told, dtype=int)


def _around(printed, outcome: str, profiles: pd.DataFrame, study: Study) -> pd.DataFrame:
    """The printed counts of `outcome`, each with the profiles that it counts."""
    own = printed.loc[(printed["outcome"] == outcome) & printed["attended"].notna()]
    own = own.loc[(own["kind"] == "level") | _is_crossed(own, profiles, study)]
    return own.assign(chosen=[margins.chosen(row, profiles, study) for row in own.itertuples()])


def _is_crossed(own: pd.DataFrame, profiles: pd.DataFrame, study: Study) -> pd.Series:
    known = [s.name for s in study.segments if set(s.when) <= set(profiles.columns)]
    return own["level"].isin(known)


def _family(
    around: pd.DataFrame, profiles, crosses: list[tuple[str, ...]] | None, base: int
) -> Family:
    """The printed sums over profiles; a model is taken to give back what it was fitted on.

    A factor of which every level is printed may stand in a model, so its sums, and those of the
    declared crosses of such factors, count as exact.
    """
    low, high = rounding.reach(around[SHOWN["attended"]].astype(float), base)
    exact = around["attended"].astype(float)
    low, high = np.maximum(low, 0.0), np.minimum(high, around["due"].astype(float))
    complete = [] if crosses is None else _complete(around, profiles)
    fitted = around["factor"].isin(complete)
    together = [_sums(profiles, names) for names in crosses or [] if set(names) <= set(complete)]
    masks = np.vstack([*around["chosen"], *[masks for masks, _ in together]]).astype(float)
    sums = [sums for _, sums in together]
    return Family(
        sums=sparse.eye_array(len(profiles), format="csr"),
        counts=profiles["attended"].to_numpy(float),
        known=sparse.csr_array(masks),
        known_counts=np.concatenate([exact.where(fitted, low), *sums]),
        known_high=np.concatenate([exact.where(fitted, high), *sums]),
        most=profiles["due"].to_numpy(float),
    )


def _sums(profiles: pd.DataFrame, names: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The profiles of each combination of levels of `names`, and how often they took part."""
    cell = profiles.groupby(list(names)).ngroup().to_numpy()
    masks = cell == np.arange(cell.max() + 1)[:, None]
    return masks, masks @ profiles["attended"].to_numpy(float)


def _complete(around: pd.DataFrame, profiles: pd.DataFrame) -> list[str]:
    dims = [name for name in profiles.columns if name not in MEASURES]
    printed = around.groupby("factor")["level"].nunique()
    return [dim for dim in dims if printed.get(dim, 0) == profiles[dim].nunique()]
