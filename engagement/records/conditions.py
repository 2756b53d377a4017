"""When two records agree at each level, as conditions of a database.

Enters: how the database calls an overlap of two lists.
Leaves: for each comparison the condition of its missing level and of its levels, best first; l
and r are the two records, with the columns that scale.prepared makes.
Refuses: string distances on anything but ASCII, which DuckDB would count in bytes.
"""

from __future__ import annotations

SEEN = 18  # positions of a masked number that are compared one by one
GIVEN = 4  # characters of a given name behind a surname
_VISIBLE = 6


def levels(overlap: str) -> dict[str, tuple[str, list[str]]]:
    """For each comparison when it is missing, and the conditions of its levels but the last.

    `overlap`: the function that tells whether two lists share an element.
    """
    village, nowhere = _unknown("origin_village"), _unknown("branch")
    return {
        "name": ("NOT (l.han AND r.han)", _han(overlap)),
        "latin": ("NOT (l.latin AND r.latin)", _latin(overlap)),
        "spelled": (
            "(l.spelled_kind + r.spelled_kind) <> 11",
            [f"{overlap}(l.spelled, r.spelled)"],
        ),
        "phone": _numbers("phone", ["{same}", "({near} OR {fits})"]),
        "email": (_unknown("email"), [_same("email")]),
        "id": _numbers("id_number", ["{same}", "{fits}", "{near}"]),
        "birth": (f"{_unknown('year')} OR (l.full_id AND r.full_id)", _births()),
        "sex": (_unknown("sex"), [_same("sex")]),
        "place": (
            f"({village}) AND ({nowhere})",
            [f"CASE WHEN {village} THEN {_same('branch')} ELSE {_same('origin_village')} END"],
        ),
        "address": (
            _unknown("address"),
            [_same("address"), f"{_same('entrance')} OR ({_like_addresses()})"],
        ),
    }


def _same(column: str) -> str:
    return f"l.{column} = r.{column}"


def _unknown(column: str) -> str:
    return f"l.{column} IS NULL OR r.{column} IS NULL"


def _han(overlap: str) -> list[str]:
    differing = _counted([f"l.given_{at} <> r.given_{at}" for at in range(1, GIVEN + 1)])
    equal_length = "length(l.given) = length(r.given)"
    return [
        _same("name"),
        f"{equal_length} AND {overlap}(l.readings, r.readings)",
        f"l.surname <> r.surname AND l.given = r.given AND {overlap}(l.confused, r.confused)",
        f"l.surname = r.surname AND {equal_length} AND length(l.given) >= 2 AND {differing} = 1",
        _same("surname"),
    ]


def _counted(facts: list[str]) -> str:
    return "(" + " + ".join(f"CAST(({fact}) AS INT)" for fact in facts) + ")"


def _births() -> list[str]:
    month, day = (f"({_unknown(part)})" for part in ("month", "day"))
    return [
        f"l.year = r.year AND NOT {day} AND l.month = r.month AND l.day = r.day",
        f"l.year = r.year AND NOT {month} AND l.month = r.month AND {day}",
        f"l.year = r.year AND {month}",
        "abs(l.year - r.year) <= 1 OR levenshtein(l.digits, r.digits) = 1",
    ]


def _numbers(column: str, levels: list[str]) -> tuple[str, list[str]]:
    """As evidence compares numbers: "*" hides a digit; of others one may differ.

    Texts of one width are one edit apart exactly when they differ in one place.
    """
    one, other = f"l.{column}_wide", f"r.{column}_wide"
    at = [(f"substr({one}, {i}, 1)", f"substr({other}, {i}, 1)") for i in range(1, SEEN + 1)]
    different = _counted([f"{a} <> {b} AND {a} <> '*' AND {b} <> '*'" for a, b in at])
    visible = _counted([f"{a} <> ' ' AND {a} <> '*' AND {b} <> '*'" for a, b in at])
    masked = f"(l.{column}_masked OR r.{column}_masked)"
    fits = f"(CASE WHEN {masked} THEN {different} = 0 ELSE FALSE END)"
    parts = {
        "same": f"(NOT {masked} AND {_same(column)})",
        "near": f"(CASE WHEN {masked} THEN FALSE ELSE levenshtein({one}, {other}) = 1 END)",
        "fits": fits,
    }
    too_little = (
        f"(CASE WHEN {masked} THEN {different} = 0 AND {visible} < {_VISIBLE} ELSE FALSE END)"
    )
    return f"{_unknown(column)} OR {too_little}", [level.format(**parts) for level in levels]


def _like_addresses() -> str:
    longest = "greatest(length(l.address), length(r.address))"
    return (
        "l.address_worded AND r.address_plain "
        f"AND levenshtein(l.address, r.address) <= 0.3 * {longest}"
    )


def _latin(overlap: str) -> list[str]:
    surname = "(l.latin_surname = r.latin_surname AND l.latin_surname <> '')"
    fits = " OR ".join(
        f"({a}.latin_initials <> '' AND {b}.latin_letters <> '' AND "
        f"({_begins(f'{a}.latin_initials', f'{b}.latin_letters')} OR "
        f"{_begins(f'{b}.latin_letters', f'{a}.latin_initials')}))"
        for a, b in ("lr", "rl")
    )
    straight = (
        f"{_near('latin_surname', 'latin_surname')} AND {_near('latin_given', 'latin_given')}"
    )
    crossed = f"{_near('latin_surname', 'latin_given')} AND {_near('latin_given', 'latin_surname')}"
    return [
        "l.latin_words = r.latin_words AND l.latin_surname = r.latin_surname",
        "l.latin_words = r.latin_words",
        f"{surname} AND {overlap}(l.called, r.called)",
        f"{surname} AND ({fits})",
        f"({straight}) OR ({crossed})",
        _near("latin_surname", "latin_surname"),
        _near("latin_given", "latin_given"),
    ]


def _begins(text: str, start: str) -> str:
    return f"substr({text}, 1, length({start})) = {start}"


def _near(one: str, other: str) -> str:
    a, b = f"l.{one}", f"r.{other}"
    shortest = f"least(length({a}), length({b}))"
    allowed = f"CASE WHEN {shortest} >= 7 THEN 2 WHEN {shortest} >= 3 THEN 1 ELSE -1 END"
    plain = f"l.{one}_plain AND r.{other}_plain"
    return f"(({a} = {b} AND {a} <> '') OR ({plain} AND levenshtein({a}, {b}) <= {allowed}))"
