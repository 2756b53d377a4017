"""The parts from which a cell can be written: years and months, halves of numbers, halves of names.

Enters: canonical values, one per person.
Leaves: parts, one row per person: texts for the templates of dirt.toml, and the conditions
that a form may need. Refuses: nothing.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from engagement.sample import identity, settings, units

WIDE = {ord("!") + i: ord("！") + i for i in range(94)}


def texts(values: pd.Series) -> pd.DataFrame:
    """Values that are written as they are: text, wide."""
    text = values.astype("str")
    return pd.DataFrame({"text": text, "wide": text.str.translate(WIDE)})


def dates(dates: pd.Series) -> pd.DataFrame:
    """Parts of dates, for every form in which offices write one."""
    year, month, day = (getattr(dates.dt, part) for part in ("year", "month", "day"))
    numerals = _numerals()
    parts = pd.DataFrame({"year": year, "month": month, "day": day}).astype("str")
    parts["mm"], parts["dd"] = parts["month"].str.zfill(2), parts["day"].str.zfill(2)
    parts["yy"] = parts["year"].str[2:]
    parts["previous_year"] = (year - 1).astype("str")
    parts["next_year"] = (year + 1).astype("str")
    parts["numeral_year"] = parts["year"].str.translate(numerals)
    parts["numeral_yy"] = parts["yy"].str.translate(numerals)
    parts["numeral_month"] = month.map(dict(enumerate(settings.table("names")["months"], start=1)))
    since = {no: units.numeral(max(no - 1911, 0)) for no in year.unique()}
    parts["republic"] = year.map(since)
    parts["serial"] = ((dates - pd.Timestamp("1899-12-30")) // pd.Timedelta(days=1)).astype("str")
    parts["wide"] = (parts["year"] + "." + parts["mm"] + "." + parts["dd"]).str.translate(WIDE)
    return parts.assign(
        month_two_to_nine=month.between(2, 9),
        month_ten=month == 10,
        century_plain=year.between(1930, 1999),
        before_1950=year < 1950,
    )


def _numerals() -> dict[int, str]:
    return {ord("0") + i: numeral for i, numeral in enumerate(settings.table("names")["digits"])}


def ids(numbers: pd.Series) -> pd.DataFrame:
    """Parts of 18-character identity numbers, whole and damaged."""
    first = numbers.str[:17]
    check = numbers.str[17:]
    other_check = pd.Series(np.where(check == "1", "2", "1"), index=numbers.index, dtype="str")
    parts = pd.DataFrame(
        {
            "number": numbers,
            "region": numbers.str[:6],
            "eight": numbers.str[6:14],
            "year": numbers.str[6:10],
            "dd": numbers.str[12:14],
            "tail": numbers.str[14:],
            "lower": numbers.str.lower(),
            "short": numbers.str[:6] + numbers.str[8:17],
            "lost": numbers.str[:15] + "000",
            "scientific": numbers.str[:1] + "." + numbers.str[1:6] + "E+17",
            "broken": first + other_check,
            "seventeen": first,
            "wide": numbers.str.translate(WIDE),
        }
    )
    return parts.assign(
        digit_at_end=check != "X",
        x_at_end=check == "X",
        loses_visibly=(check != "X") & (identity.check_character(parts["lost"]) != "0"),
        before_1960=numbers.str[6:10].astype(int) < 1960,
    )


def phones(numbers: pd.Series, birth_year: pd.Series, rng: np.random.Generator) -> pd.DataFrame:
    """Parts of mobile numbers, with another number, a near one and a landline."""
    size = len(numbers)
    other = identity.mobiles(size, rng).set_axis(numbers.index)
    line = pd.Series(rng.integers(0, 10**7, size), index=numbers.index).astype("str")
    last = (numbers.str[-1:].astype(int) + 1) % 10
    parts = pd.DataFrame(
        {
            "number": numbers,
            "a": numbers.str[:3],
            "b": numbers.str[3:7],
            "c": numbers.str[7:],
            "other": other,
            "near": numbers.str[:-1] + last.astype("str"),
            "ten": numbers.str[:-1],
            "line": "6" + line.str.zfill(7),
            "wide": numbers.str.translate(WIDE),
        }
    )
    return parts.assign(before_1960=birth_year < 1960, before_1970=birth_year < 1970)


def names(people: pd.DataFrame) -> pd.DataFrame:
    """Parts of names: surname, given, and the ways in which a clerk changes the last character."""
    parts = people[["name", "surname", "given"]].astype("str")
    last = parts["name"].str[-1:]
    for change in ("homophone", "traditional", "wrong"):
        changed = last.map(settings.table("names")[change]).astype("str")
        parts[f"has_{change}"] = changed.notna()
        parts[change] = parts["name"].str[:-1] + changed.fillna("")
    parts["other_dot"] = parts["name"].str.replace("·", "•")
    short = parts["name"].str.len() == 2
    return parts.assign(
        two_characters=short,
        has_dot=parts["name"].str.contains("·", regex=False),
        before_1970=(people["birth_date"].dt.year < 1970) & (parts["surname"].str.len() == 1),
        probationary=people.get("member_type", pd.Series("", index=people.index)) == "probationary",
    )


def words(
    codes: pd.Series, written: dict[str, list[str]], rng: np.random.Generator
) -> pd.DataFrame:
    """Parts of coded values: code, the usual word, another word if there is one."""
    usual = {code: spelled[0] for code, spelled in written.items()}
    parts = pd.DataFrame({"code": codes.astype("str"), "word": codes.map(usual).astype("str")})
    parts["alias"] = parts["word"]
    for code, spelled in written.items():
        rows = (codes == code).to_numpy()
        if len(spelled) > 1 and rows.any():
            parts.loc[rows, "alias"] = rng.choice(spelled[1:], rows.sum())
    return parts.assign(has_alias=parts["alias"] != parts["word"])
