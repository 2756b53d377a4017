"""When two records agree at each level, as conditions of a database.

Enters: how many characters the longest given name has.
Leaves: for each comparison the condition of its missing level and of its levels, best first; l
and r are the two records, with the columns that scale prepares.
Refuses: string distances on anything but ASCII, which DuckDB would count in bytes.
"""

from __future__ import annotations

_DIGITS = {"phone": 16, "id_number": 18}


def levels(width: int) -> dict[str, tuple[str, list[str]]]:
    """For each comparison when it is missing, and the conditions of its levels but the last."""
    surname = _both("surname", "=")
    differing = (
        " + ".join(
            f"CAST(substr(l.given, {at}, 1) <> substr(r.given, {at}, 1) AS INT)"
            for at in range(1, width + 1)
        )
        or "0"
    )
    equal_length = "length(l.given) = length(r.given)"
    village = '(l."origin_village" IS NULL OR r."origin_village" IS NULL)'
    nowhere = '(l."branch" IS NULL OR r."branch" IS NULL)'
    return {
        "name": (
            "NOT (l.han AND r.han)",
            [
                _both("name", "="),
                f"{equal_length} AND list_has_any(l.readings, r.readings)",
                "list_has_any(l.confused, r.confused) AND l.surname <> r.surname "
                "AND l.given = r.given",
                f"{surname} AND {equal_length} AND length(l.given) >= 2 AND ({differing}) = 1",
                surname,
            ],
        ),
        "latin": ("NOT (l.latin AND r.latin)", _latin()),
        "spelled": (
            "(l.spelled_kind + r.spelled_kind) <> 11",
            ["list_has_any(l.spelled, r.spelled)"],
        ),
        "phone": _numbers("phone", ["{same}", "({near} OR {fits})"]),
        "email": _plain("email"),
        "id": _numbers("id_number", ["{same}", "{fits}", "{near}"]),
        "birth": (
            f"{_unknown('year')} OR (l.full_id AND r.full_id)",
            _births(),
        ),
        "sex": _plain("sex"),
        "place": (
            f"{village} AND {nowhere}",
            [
                f"CASE WHEN {village} THEN {_both('branch', '=')} "
                f"ELSE {_both('origin_village', '=')} END"
            ],
        ),
        "address": (
            '(l."address" IS NULL OR r."address" IS NULL)',
            [_both("address", "="), f"({_both('entrance', '=')}) OR ({_like_addresses()})"],
        ),
    }


def _both(column: str, sign: str) -> str:
    return f'l."{column}" {sign} r."{column}"'


def _plain(column: str) -> tuple[str, list[str]]:
    return f'l."{column}" IS NULL OR r."{column}" IS NULL', [_both(column, "=")]


def _births() -> list[str]:
    month, day = _unknown("month"), _unknown("day")
    year = "l.year = r.year"
    typed = " + ".join(
        f"CAST(substr(l.digits, {at}, 1) <> substr(r.digits, {at}, 1) AS INT)" for at in range(1, 9)
    )
    return [
        f"{year} AND NOT {day} AND l.month = r.month AND l.day = r.day",
        f"{year} AND NOT {month} AND l.month = r.month AND {day}",
        f"{year} AND {month}",
        f"abs(l.year - r.year) <= 1 OR ({typed}) = 1",
    ]


def _unknown(number: str) -> str:
    return f"(coalesce(isnan(l.{number}), TRUE) OR coalesce(isnan(r.{number}), TRUE))"


def _numbers(column: str, levels: list[str]) -> tuple[str, list[str]]:
    """Position by position, "*" hiding a digit, as evidence does."""
    one, other = (f"rpad({side}.\"{column}\", {_DIGITS[column]}, ' ')" for side in "lr")
    at = [
        (f"substr({one}, {i}, 1)", f"substr({other}, {i}, 1)")
        for i in range(1, _DIGITS[column] + 1)
    ]
    hidden = [f"({a} = '*' OR {b} = '*')" for a, b in at]
    different = " + ".join(
        f"CAST({a} <> {b} AND NOT {h} AS INT)" for (a, b), h in zip(at, hidden, strict=True)
    )
    visible = " + ".join(
        f"CAST({a} <> ' ' AND NOT {h} AS INT)" for (a, _), h in zip(at, hidden, strict=True)
    )
    masked = f"(contains(l.\"{column}\", '*') OR contains(r.\"{column}\", '*'))"
    parts = {
        "same": f"(NOT {masked} AND {_both(column, '=')})",
        "near": f"(NOT {masked} AND ({different}) = 1)",
        "fits": f"({masked} AND ({different}) = 0)",
    }
    missing = f'l."{column}" IS NULL OR r."{column}" IS NULL'
    too_little = f"({masked} AND ({different}) = 0 AND ({visible}) < 6)"
    return f"{missing} OR {too_little}", [level.format(**parts) for level in levels]


def _like_addresses() -> str:
    words = " AND ".join(
        f"regexp_full_match({side}.address, '[ -~]*') AND contains({side}.address, ' ')"
        for side in "lr"
    )
    longest = "greatest(length(l.address), length(r.address))"
    return f"{words} AND levenshtein(l.address, r.address) <= 0.3 * {longest}"


def _latin() -> list[str]:
    surname = "(l.latin_surname = r.latin_surname AND l.latin_surname <> '')"
    fits = " OR ".join(
        f"({a}.latin_initials <> '' AND {b}.latin_letters <> '' AND "
        f"(starts_with({a}.latin_initials, {b}.latin_letters) OR "
        f"starts_with({b}.latin_letters, {a}.latin_initials)))"
        for a, b in ("lr", "rl")
    )
    straight = (
        f"{_near('latin_surname', 'latin_surname')} AND {_near('latin_given', 'latin_given')}"
    )
    crossed = f"{_near('latin_surname', 'latin_given')} AND {_near('latin_given', 'latin_surname')}"
    return [
        "l.latin_words = r.latin_words AND l.latin_surname = r.latin_surname",
        "l.latin_words = r.latin_words",
        f"{surname} AND list_has_any(l.called, r.called)",
        f"{surname} AND ({fits})",
        f"({straight}) OR ({crossed})",
        _near("latin_surname", "latin_surname"),
        _near("latin_given", "latin_given"),
    ]


def _near(one: str, other: str) -> str:
    a, b = f"l.{one}", f"r.{other}"
    shortest = f"least(length({a}), length({b}))"
    allowed = f"CASE WHEN {shortest} >= 7 THEN 2 WHEN {shortest} >= 3 THEN 1 ELSE -1 END"
    ascii_only = " AND ".join(f"regexp_full_match({side}, '[ -~]*')" for side in (a, b))
    return f"(({a} = {b} AND {a} <> '') OR ({ascii_only} AND levenshtein({a}, {b}) <= {allowed}))"
