"""A roster of any size with the dirt of real ones, written as CSV in constant memory.

Enters: a folder and a number of rows. Leaves: study.toml and rosters/members.csv: ten columns of
text, dates in fourteen forms, one row in fifty written twice. Refuses: nothing.
"""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

HERE = Path(__file__).parent
TOLD = tomllib.loads((HERE / "roster.toml").read_text(encoding="utf-8"))
WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
CHECKS = np.array(list("10X98765432"))
WIDE = dict(zip("0123456789.X", "０１２３４５６７８９．Ｘ", strict=True))
NUMERALS = dict(zip("0123456789", "〇一二三四五六七八九", strict=True))
MONTHS = ["", *"一二三四五六七八九十", "十一", "十二"]
DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def write(folder: Path, rows: int) -> None:
    """Write the study and its roster of `rows` rows to `folder`."""
    (folder / "rosters").mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE / "study.toml", folder / "study.toml")
    options = csv.WriteOptions(quoting_style="needed")
    with (folder / "rosters" / "members.csv").open("wb") as lines:
        writer = None
        for start in range(0, rows, TOLD["batch"]):
            table = batch(start, min(TOLD["batch"], rows - start))
            writer = writer or csv.CSVWriter(lines, table.schema, write_options=options)
            writer.write_table(table)


def batch(start: int, rows: int) -> pa.Table:
    """Rows `start` to `start + rows`; the same however many are written."""
    rng = np.random.default_rng([TOLD["seed"], start])
    year, month, day = rng.integers(1930, 2004, rows), *_days(rows, rng)
    male = rng.random(rows) < 0.6
    columns = {
        "name": _names(rows, rng),
        "sex": _sexes(male, rng),
        "birth_date": _dates(year - (rng.random(rows) < 0.01), month, day, rng),
        "id_number": _id_numbers((year, month, day), male, rng),
        "education": _spelled("education", rows, rng),
        "member_type": _spelled("member_type", rows, rng),
        "is_mobile": _choose("is_mobile", {"said": _spelled("is_mobile", rows, rng)}, rows, rng),
        "join_date": _dates(np.minimum(year + 18 + month, 2021), *_days(rows, rng), rng),
        "branch": _spelled("branch", rows, rng),
        "phone": _phones(rows, rng),
    }
    table = pa.table({TOLD["header"][name]: column for name, column in columns.items()})
    again = rng.random(rows) < TOLD["duplicates"]
    return table.take(np.where(again, rng.integers(0, rows, rows), np.arange(rows)))


def _days(rows: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    month = rng.integers(1, 13, rows)
    return month, (rng.random(rows) * DAYS[month]).astype(int) + 1


def _names(rows: int, rng: np.random.Generator) -> pa.Array:
    surname, first, second = (
        _of(list(TOLD[part]), rows, rng) for part in ("surnames", "given", "given")
    )
    given = _joined(first, pc.if_else(rng.random(rows) < 0.2, "", second))
    name = _joined(surname, given)
    forms = {
        "plain": name,
        "wide_space": _joined(surname, "　", given),
        "inner_space": _joined(surname, " ", given),
        "trailing_space": _joined(name, " "),
        "remark": _joined(name, "（预备）"),
    }
    return _choose("name", forms, rows, rng)


def _sexes(male: np.ndarray, rng: np.random.Generator) -> pa.Array:
    stated = male ^ (rng.random(len(male)) < 0.003)
    words = {
        code: [word for word, meant in TOLD["spelled"]["sex"].items() if meant == code]
        for code in ("male", "female")
    }
    return pc.if_else(stated, *(_of(words[code], len(male), rng) for code in ("male", "female")))


def _dates(
    year: np.ndarray, month: np.ndarray, day: np.ndarray, rng: np.random.Generator
) -> pa.Array:
    y, m, d, mm, dd = _text(year), _text(month), _text(day), _padded(month), _padded(day)
    plain = _joined(y, "-", mm, "-", dd)
    forms = {
        "iso": plain,
        "slashes": _joined(y, "/", m, "/", d),
        "dots": _joined(y, ".", mm, ".", dd),
        "eight_digits": _joined(y, mm, dd),
        "words": _joined(y, "年", m, "月", d, "日"),
        "month_words": _joined(y, "年", m, "月"),
        "month_iso": _joined(y, "-", mm),
        "month_dots": _joined(y, ".", mm),
        "month_slashes": _joined(y, "/", m),
        "six_digits": pc.if_else((year > 1912) & (year < 2000), _joined(y, mm), plain),
        "year_words": _joined(y, "年"),
        "wide_dots": _replaced(_joined(y, ".", mm, ".", dd), WIDE),
        "numerals": _joined(_replaced(y, NUMERALS), "年", pa.array(MONTHS).take(month), "月"),
        "two_digit_year": pc.if_else(
            (year > 1949) & (year < 2000) & (day < 10),
            _joined(_padded(year % 100), ".", m, ".", d),
            plain,
        ),
        "month_13": _joined(y, "年13月"),
        "day_30": _joined(y, "-02-30"),
        "unknown": _same("不详", len(year)),
    }
    return _choose("date", forms, len(year), rng)


def _id_numbers(born: tuple, male: np.ndarray, rng: np.random.Generator) -> pa.Array:
    rows, (year, month, day) = len(male), born
    region = _joined(_of(TOLD["provinces"], rows, rng), _text(rng.integers(9501, 9899, rows)))
    order = _padded(rng.integers(0, 480, rows) * 2 + male, 3)
    eight = _joined(_text(year), _padded(month), _padded(day))
    number = _checked(_joined(region, eight, order), 0)
    forms = {
        "plain": number,
        "lower": pc.utf8_lower(number),
        "spaced": _joined(region, " ", eight, " ", pc.utf8_slice_codeunits(number, 14)),
        "wide": _replaced(number, WIDE),
        "apostrophe": _joined("'", number),
        "wrong_check": _checked(_joined(region, eight, order), 3),
        "digits_lost": _joined(region, eight, pc.utf8_slice_codeunits(order, 0, 1), "000"),
        "impossible_birth": _checked(_joined(region, _text(year), "1332", order), 0),
        "short": pc.utf8_slice_codeunits(number, 0, 17),
    }
    forms["digits_lost"] = _joined(region, eight, "1000")
    return _choose("id_number", forms, rows, rng)


def _checked(seventeen: pa.Array, wrong_by: int) -> pa.Array:
    """With the check character of GB 11643-1999, or one so many places beside it."""
    bytes_ = np.frombuffer(b"".join(seventeen.cast(pa.binary(17)).to_pylist()), np.uint8)
    check = (bytes_.reshape(-1, 17).astype(int) - 48) @ WEIGHTS % 11
    return _joined(seventeen, pa.array(CHECKS[(check + wrong_by) % 11]))


def _phones(rows: int, rng: np.random.Generator) -> pa.Array:
    start, middle, end = (
        _of(TOLD["mobiles"], rows, rng),
        _padded(rng.integers(0, 10_000, rows), 4),
        _padded(rng.integers(0, 10_000, rows), 4),
    )
    number = _joined(start, middle, end)
    forms = {
        "plain": number,
        "spaced": _joined(start, " ", middle, " ", end),
        "dashed": _joined(start, "-", middle, "-", end),
        "plus": _joined("+86 ", number),
        "prefixed": _joined("86", number),
        "wide": _replaced(number, WIDE),
        "decimal": _joined(number, ".0"),
        "two": _joined(number, "/139", end, middle),
        "landline": _joined("0512-6", pc.utf8_slice_codeunits(middle, 1), end),
        "short": _joined(start, middle, pc.utf8_slice_codeunits(end, 1)),
    }
    return _choose("phone", forms, rows, rng)


def _spelled(name: str, rows: int, rng: np.random.Generator) -> pa.Array:
    return _of(list(TOLD["spelled"][name]), rows, rng)


def _of(texts: list[str], rows: int, rng: np.random.Generator) -> pa.Array:
    return pa.array(texts).take(rng.integers(0, len(texts), rows))


def _choose(name: str, forms: dict[str, pa.Array], rows: int, rng: np.random.Generator) -> pa.Array:
    """Each row in one of the forms, as often as roster.toml says; `empty` is nothing."""
    shares = TOLD["forms"][name]
    forms = {**forms, "empty": pa.nulls(rows, pa.string())}
    at = rng.choice(len(shares), rows, p=np.array(list(shares.values())))
    return pc.choose(at, *(forms[form] for form in shares))


def _joined(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")


def _same(text: str, rows: int) -> pa.Array:
    return pa.repeat(text, rows)


def _text(numbers: np.ndarray) -> pa.Array:
    return pa.array(numbers).cast(pa.string())


def _padded(numbers: np.ndarray, width: int = 2) -> pa.Array:
    return pc.utf8_lpad(_text(numbers), width, "0")


def _replaced(texts: pa.Array, signs: dict[str, str]) -> pa.Array:
    for old, new in signs.items():
        texts = pc.replace_substring(texts, old, new)
    return texts


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
