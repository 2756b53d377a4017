"""The job row by row: DataFrame.apply(axis=1) (see bench.job).

Enters: a CSV file. Leaves: the cleaned table as Parquet. Refuses: nothing.
"""

import datetime
import re
import sys
import unicodedata

import pandas as pd

from bench import job


def plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def day(year: str, month: str, day: str) -> bool:
    try:
        datetime.date(int(year), int(month), int(day))
    except ValueError:
        return False
    return True


def dated(text: str | None) -> tuple[str | None, bool]:
    """The ISO date, and whether the text is one or tells nothing."""
    if pd.isna(text) or text == job.UNKNOWN:
        return None, True
    shown = plain(text)
    for numeral, digits in job.NUMERALS.items():
        shown = shown.replace(numeral, digits)
    found = re.match(job.DATE, shown)
    if not found:
        return None, False
    year = found[1] if len(found[1]) == 4 else "19" + found[1]
    known = [part.zfill(2) for part in found.group(2, 3) if part]
    if not day(year, *(known + ["01", "01"])[:2]):
        return None, False
    return "-".join([year, *known]), True


def identity(text: str | None) -> tuple[str | None, str | None, str | None, str]:
    """Number, birth and sex that it tells, and its status."""
    if pd.isna(text):
        return None, None, None, "clean"
    number = re.sub("[ '-]", "", plain(text).upper())
    if not re.match(job.EIGHTEEN, number):
        return None, None, None, "quarantined"
    total = sum(int(digit) * weight for digit, weight in zip(number, job.WEIGHTS, strict=False))
    real = day(number[6:10], number[10:12], number[12:14])
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if real else None
    zeros = number.endswith("000")
    if job.CHECKS[total % 11] == number[17] and real:
        sex = "male" if int(number[16]) % 2 else "female"
        return number, born, sex, "flagged" if zeros else "clean"
    return (None, born, None, "flagged") if zeros else (None, None, None, "quarantined")


def called(text: str | None) -> tuple[str | None, bool]:
    if pd.isna(text):
        return None, True
    number = plain(text).replace(" ", "").split("/")[0].replace("-", "").removesuffix(".0")
    mobile, outside = re.match(job.MOBILE, number), re.match(job.LANDLINE, number)
    if mobile:
        return "+86" + mobile[1], True
    return ("+86" + outside[1] + outside[2], True) if outside else (None, False)


def cleaned(row: pd.Series) -> pd.Series:
    birth, birth_read = dated(row["birth_date"])
    join, join_read = dated(row["join_date"])
    number, born, sex, status = identity(row["id_number"])
    phone, phone_read = called(row["phone"])
    codes = {
        name: None if pd.isna(row[name]) else spelled.get(plain(row[name]).replace(" ", ""))
        for name, spelled in job.CODED.items()
    }
    read = birth_read and join_read and phone_read and status != "quarantined"
    read &= all(code for name, code in codes.items() if name != "is_mobile")
    agrees = born is not None and born.startswith(birth or "")
    if (born and not agrees) or (sex and sex != codes["sex"]):
        status = "flagged"
    return pd.Series(
        {
            "name": re.sub(job.REMARK, "", plain(row["name"]).replace(" ", "")),
            **codes,
            "sex": sex or codes["sex"],
            "birth_date": born if agrees or (born and number) else birth,
            "id_number": number,
            "join_date": join,
            "phone": phone,
            "status": status if read else "quarantined",
        }
    )


source, target = sys.argv[1:]
raw = pd.read_csv(source, dtype="str", keep_default_na=False, na_values=[""])
raw.columns = job.FIELDS
settled = raw.apply(cleaned, axis=1)
known = settled["id_number"].notna() | settled["phone"].notna()
known |= settled["birth_date"].str.len().eq(10)
repeated = settled.duplicated() & settled["status"].ne("quarantined") & known
settled[~repeated].to_parquet(target, index=False)
