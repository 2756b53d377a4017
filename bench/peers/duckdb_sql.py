"""The job as DuckDB SQL (see bench.job); it has no NFKC, so wide signs are translated.

Enters: a CSV file. Leaves: the cleaned table as Parquet. Refuses: nothing.
"""

import sys

import duckdb

from bench import job

NARROW = f"'{''.join(job.WIDE)}', '{''.join(job.WIDE.values()).replace(chr(39), chr(39) * 2)}'"


def plain(name: str) -> str:
    return f"translate({name}, {NARROW})"


def close(name: str) -> str:
    return f"replace({plain(name)}, ' ', '')"


def spelled(name: str) -> str:
    whens = " ".join(f"WHEN '{text}' THEN '{code}'" for text, code in job.CODED[name].items())
    return f"CASE {close(name)} {whens} END AS {name}"


def parts(name: str) -> str:
    text = plain(name)
    for numeral, digits in job.NUMERALS.items():
        text = f"replace({text}, '{numeral}', '{digits}')"
    return f"regexp_extract({text}, '{job.DATE}', ['y', 'm', 'd']) AS {name}_parts"


def whole(name: str) -> str:
    year = f"if(len({name}_parts.y) = 2, '19' || {name}_parts.y, {name}_parts.y)"
    month, day = (f"lpad({name}_parts.{part}, 2, '0')" for part in "md")
    rest = (
        f"if({name}_parts.m = '', '', '-' || {month}) || if({name}_parts.d = '', '', '-' || {day})"
    )
    return f"{year} || {rest} AS {name}_iso"


def read(name: str) -> str:
    full = f"({name}_iso || right('-01-01', 10 - len({name}_iso)))"
    real = f"coalesce(try_cast({full} AS DATE) IS NOT NULL, false)"
    return f"if({real}, {name}_iso, NULL) AS {name}_read, {real} AS {name}_real"


total = " + ".join(
    f"try_cast(substr(number, {at}, 1) AS INT) * {weight}"
    for at, weight in enumerate(job.WEIGHTS, start=1)
)
source, target = sys.argv[1:]
dates = ("birth_date", "join_date")
query = f"""
WITH raw AS (
  SELECT * FROM read_csv('{source}', all_varchar = true, header = false, skip = 1,
                         names = {job.FIELDS})
), split AS (
  SELECT *, {", ".join(map(parts, dates))},
    regexp_replace(upper({plain("id_number")}), '[ ''-]', '', 'g') AS number,
    regexp_replace(replace(split_part({close("phone")}, '/', 1), '-', ''), '\\.0$', '') AS digits
  FROM raw
), joined AS (
  SELECT *, {", ".join(map(whole, dates))},
    coalesce(regexp_full_match(number, '\\d{{17}}[\\dX]'), false) AS eighteen,
    regexp_extract(digits, '{job.MOBILE}', 1) AS mobile,
    regexp_replace(digits, '{job.LANDLINE}', '\\1\\2') AS outside
  FROM split
), told AS (
  SELECT *, {", ".join(map(read, dates))},
    eighteen AND substr('{job.CHECKS}', ({total}) % 11 + 1, 1) = substr(number, 18, 1) AS correct,
    try_strptime(substr(number, 7, 8), '%Y%m%d')::DATE AS day,
    eighteen AND number LIKE '%000' AS zeros,
    CASE WHEN mobile <> '' THEN '+86' || mobile WHEN outside <> digits OR
      regexp_matches(digits, '{job.LANDLINE}') THEN '+86' || outside END AS called
  FROM joined
), judged AS (
  SELECT *, correct AND day IS NOT NULL AS valid, zeros AND NOT correct AS lost,
    CASE WHEN (correct AND day IS NOT NULL) OR (zeros AND NOT correct)
      THEN day::VARCHAR END AS born,
    CASE WHEN correct AND day IS NOT NULL
      THEN if(substr(number, 17, 1)::INT % 2 = 1, 'male', 'female') END AS told_sex
  FROM told
), coded AS (
  SELECT * EXCLUDE ({", ".join(job.CODED)}), {", ".join(map(spelled, job.CODED))},
    born IS NOT NULL AND starts_with(born, coalesce(birth_date_read, '')) AS agrees
  FROM judged
), settled AS (
  SELECT regexp_replace({close("name")}, '{job.REMARK}', '') AS name,
    coalesce(told_sex, sex) AS sex,
    if(agrees OR (valid AND born IS NOT NULL), born, birth_date_read) AS birth_date,
    if(valid, number, NULL) AS id_number, education, member_type, is_mobile,
    join_date_read AS join_date, branch, called AS phone,
    CASE WHEN NOT (birth_date_real OR birth_date IS NULL OR birth_date = '{job.UNKNOWN}')
        OR NOT (join_date_real OR join_date IS NULL OR join_date = '{job.UNKNOWN}')
        OR (phone IS NOT NULL AND called IS NULL)
        OR (number IS NOT NULL AND NOT valid AND NOT lost)
        OR sex IS NULL OR education IS NULL OR member_type IS NULL OR branch IS NULL
      THEN 'quarantined'
    WHEN (born IS NOT NULL AND NOT agrees) OR told_sex <> sex OR lost OR (valid AND zeros)
      THEN 'flagged' ELSE 'clean' END AS status
  FROM coded
)
SELECT * FROM settled
QUALIFY status = 'quarantined' OR row_number() OVER (PARTITION BY ALL_COLUMNS) = 1
  OR NOT (id_number IS NOT NULL OR phone IS NOT NULL OR coalesce(len(birth_date) = 10, false))
"""
query = query.replace("ALL_COLUMNS", ", ".join([*job.FIELDS, "status"]))
duckdb.sql(query).write_parquet(target)
