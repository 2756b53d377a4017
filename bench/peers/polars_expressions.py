"""The job as polars expressions (see bench.job).

Enters: a CSV file. Leaves: the cleaned table as Parquet. Refuses: nothing.
"""

import sys

import polars as pl

from bench import job


def plain(name: str) -> pl.Expr:
    return pl.col(name).str.normalize("NFKC")


def close(name: str) -> pl.Expr:
    return plain(name).str.replace_all(" ", "", literal=True)


def spelled(name: str) -> pl.Expr:
    return close(name).replace_strict(job.CODED[name], default=None)


def dated(name: str) -> tuple[pl.Expr, pl.Expr]:
    """The ISO date, and whether the text is one or tells nothing."""
    text = plain(name).str.replace_many(job.NUMERALS, leftmost=True)
    year, month, day = (text.str.extract(job.DATE, group) for group in (1, 2, 3))
    year = pl.when(year.str.len_chars() == 2).then("19" + year).otherwise(year)
    month, day = month.str.zfill(2), day.str.zfill(2)
    whole = pl.concat_str(year, month.fill_null("01"), day.fill_null("01"), separator="-")
    real = whole.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    iso = pl.concat_str(year, month, day, separator="-", ignore_nulls=True)
    return pl.when(real).then(iso), real | pl.col(name).is_null() | (pl.col(name) == job.UNKNOWN)


def checked(number: pl.Expr) -> pl.Expr:
    total = sum(
        number.str.slice(at, 1).cast(pl.Int32, strict=False) * weight
        for at, weight in enumerate(job.WEIGHTS)
    )
    check = (total % 11).replace_strict(dict(enumerate(job.CHECKS)), default=None)
    return check == number.str.slice(17, 1)


source, target = sys.argv[1:]
raw = pl.scan_csv(source, infer_schema=False).rename(
    dict(zip(job.HEADERS, job.FIELDS, strict=True))
)
birth, birth_read = dated("birth_date")
join, join_read = dated("join_date")
number = plain("id_number").str.to_uppercase().str.replace_all("[ '-]", "")
digits = (
    close("phone").str.split("/").list.first().str.replace_all("-", "").str.replace(r"\.0$", "")
)
read = raw.with_columns(
    close("name").str.replace(job.REMARK, "").alias("name"),
    *(spelled(name).alias(name) for name in job.CODED),
    birth.alias("stated"),
    join.alias("join_date"),
    (birth_read & join_read).alias("dates_read"),
    number.alias("number"),
    pl.coalesce(
        "+86" + digits.str.extract(job.MOBILE, 1),
        "+86" + digits.str.extract(job.LANDLINE, 1) + digits.str.extract(job.LANDLINE, 2),
    ).alias("called"),
)
number, day = pl.col("number"), pl.col("number").str.slice(6, 8)
whole = number.str.contains(job.EIGHTEEN)
told = read.with_columns(
    (whole & checked(number)).fill_null(False).alias("right"),
    number.str.ends_with("000").fill_null(False).alias("zeros"),
    pl.when(whole)
    .then(day.str.to_date("%Y%m%d", strict=False).dt.to_string("%Y-%m-%d"))
    .alias("born"),
    (number.str.slice(16, 1).cast(pl.Int32, strict=False) % 2)
    .replace_strict({0: "female", 1: "male"}, default=None)
    .alias("told_sex"),
).with_columns((pl.col("right") & pl.col("born").is_not_null()).alias("valid"))
valid, lost = pl.col("valid"), ~pl.col("right") & pl.col("zeros") & whole.fill_null(False)
born = pl.when(valid | lost).then(pl.col("born"))
told_sex = pl.when(valid).then(pl.col("told_sex"))
agrees = pl.col("stated").is_null() | born.str.starts_with(pl.col("stated"))
conflict = (~agrees & born.is_not_null()) | (pl.col("sex") != told_sex)
refused = ~pl.col("dates_read") | (pl.col("phone").is_not_null() & pl.col("called").is_null())
refused |= pl.col("number").is_not_null() & ~valid & ~lost
for name in job.CODED:
    refused |= pl.col(name).is_null() & pl.lit(name != "is_mobile")
doubted = conflict.fill_null(False) | lost | (valid & pl.col("zeros"))
settles = born.is_not_null() & (agrees | valid)
settled = told.select(
    "name",
    pl.coalesce(told_sex, "sex").alias("sex"),
    pl.when(settles).then(born).otherwise("stated").alias("birth_date"),
    pl.when(valid).then(number).alias("id_number"),
    *("education", "member_type", "is_mobile", "join_date", "branch"),
    pl.col("called").alias("phone"),
    pl.when(refused).then(pl.lit("quarantined")).when(doubted).then(pl.lit("flagged"))
    .otherwise(pl.lit("clean")).alias("status"),
)  # fmt: skip
known = pl.col("id_number").is_not_null() | pl.col("phone").is_not_null()
known |= (pl.col("birth_date").str.len_chars() == 10).fill_null(False)
alone = pl.struct(*job.FIELDS, "status").is_first_distinct()
kept = settled.filter((pl.col("status") == "quarantined") | ~known | alone)
kept.collect().write_parquet(target)
