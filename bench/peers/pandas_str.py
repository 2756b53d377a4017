"""The job as chains of pandas .str methods (see bench.job).

Enters: a CSV file. Leaves: the cleaned table as Parquet. Refuses: nothing.
"""

import sys

import numpy as np
import pandas as pd

from bench import job


def plain(texts: pd.Series) -> pd.Series:
    return texts.str.normalize("NFKC")


def close(texts: pd.Series) -> pd.Series:
    return plain(texts).str.replace(" ", "", regex=False)


def dated(texts: pd.Series) -> tuple[pd.Series, pd.Series]:
    """The ISO date, and whether the text is one or tells nothing."""
    shown = plain(texts)
    for numeral, digits in job.NUMERALS.items():
        shown = shown.str.replace(numeral, digits, regex=False)
    parts = shown.str.extract(job.DATE)
    year = parts[0].where(parts[0].str.len() != 2, "19" + parts[0])
    month, day = (parts[part].str.zfill(2) for part in (1, 2))
    whole = year + "-" + month.fillna("01") + "-" + day.fillna("01")
    real = pd.to_datetime(whole, format="%Y-%m-%d", errors="coerce").notna()
    iso = year + ("-" + month).fillna("") + ("-" + day).fillna("")
    return iso.where(real), real | texts.isna() | texts.eq(job.UNKNOWN)


def checked(number: pd.Series) -> pd.Series:
    """Of numbers of 18 characters, whether the last is the check character."""
    total = sum(number.str[at].astype("int64") * weight for at, weight in enumerate(job.WEIGHTS))
    return (total % 11).map(dict(enumerate(job.CHECKS))) == number.str[17]


source, target = sys.argv[1:]
raw = pd.read_csv(source, dtype="str", keep_default_na=False, na_values=[""])
raw.columns = job.FIELDS
birth, birth_read = dated(raw["birth_date"])
join, join_read = dated(raw["join_date"])
number = plain(raw["id_number"]).str.upper().str.replace("[ '-]", "", regex=True)
whole = number.str.fullmatch(job.EIGHTEEN).eq(True)
right = pd.Series(False, index=raw.index)
right[whole] = checked(number[whole])
days = pd.to_datetime(number.str[6:14].where(whole), format="%Y%m%d", errors="coerce")
born = days.dt.strftime("%Y-%m-%d")
zeros = whole & number.str.endswith("000").eq(True)
valid, lost = right & born.notna(), zeros & ~right
born = born.where(valid | lost)
odd = number.str[16].isin(list("13579"))
told_sex = pd.Series(np.where(odd, "male", "female"), index=raw.index).where(valid)
phone = close(raw["phone"]).str.split("/").str[0].str.replace("-", "", regex=False)
phone = phone.str.replace(r"\.0$", "", regex=True)
outside = phone.str.extract(job.LANDLINE)
called = "+86" + phone.str.extract(job.MOBILE)[0].fillna(outside[0] + outside[1])

coded = {name: close(raw[name]).map(codes).astype("str") for name, codes in job.CODED.items()}
begins = (birth == born) | (birth == born.str[:7]) | (birth == born.str[:4])
agrees = born.notna() & (birth.isna() | begins)
conflict = (born.notna() & ~agrees) | (told_sex.notna() & told_sex.ne(coded["sex"]))
refused = ~(birth_read & join_read) | (raw["phone"].notna() & called.isna())
refused |= number.notna() & ~valid & ~lost
for name, codes in coded.items():
    refused |= codes.isna() & (name != "is_mobile")
doubted = conflict | lost | (valid & zeros)
settled = pd.DataFrame(
    {
        "name": close(raw["name"]).str.replace(job.REMARK, "", regex=True),
        **coded,
        "sex": told_sex.fillna(coded["sex"]),
        "birth_date": birth.where(~(agrees | (valid & born.notna())), born),
        "id_number": number.where(valid),
        "join_date": join,
        "phone": called,
        "status": np.select([refused, doubted], ["quarantined", "flagged"], "clean"),
    }
)
known = settled["id_number"].notna() | settled["phone"].notna()
known |= settled["birth_date"].str.len().eq(10)
repeated = settled.duplicated() & settled["status"].ne("quarantined") & known
settled[~repeated].to_parquet(target, index=False)
