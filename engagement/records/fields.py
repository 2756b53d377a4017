"""Which rule reads which type of field.

Enters: a field of the study, and the text and kind of its cells.
Leaves: for each field one plain function (text, kind) -> Reading.
Refuses: spellings that neither the codebook nor the study declares; bare digits as codes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

from engagement import codebook
from engagement.codebook import Field
from engagement.declared import Roster
from engagement.records import amounts, clock, dates, exports, identifiers, minutes, phones, units
from engagement.records.reading import Reading, mark, normal, refused, visible
from engagement.study import Study

Rule = Callable[[str, str], Reading]
_BRACKET = re.compile(r"(.+?)\s*[(\[{<\u3010]([^()]*)[)\]}>\u3011]?")
_ASIDE = re.compile(r"[(\[{<\u3010][^()\[\]{}<>\u3010\u3011]*[)\]}>\u3011]")
_TAIL = re.compile(r"[(\[{<\u3010][^()\[\]{}<>\u3010\u3011]*$")
_DOTS = re.compile("[\u00b7\u2022\u30fb\u2027\u2219\u22c5\u0387\uff65\u318d.](?=.)")
_DOT = "\u00b7"
_HAN = re.compile("[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_WHOLE = re.compile(r"[(\[{<\u3010]([^()\[\]]+)[)\]}>\u3011]")
_BETWEEN = re.compile("[-/,;|&+\u3001]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_WIDE = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]+")
_ADDRESS = re.compile(r"^[=+@]|@|://|\bwww\.|\.(?:com|cn|org|net|edu|gov)\b", re.IGNORECASE)
_DATED = re.compile("[0-9\uff10-\uff19\u5e74\u6708]")
_SIGNS = re.compile(r"[=|<>{}\\^~$%#_:;!&+\u00a5]|^-")
_NO_TEXT = ("date", "month", "time", "bool")
LONGEST_NAME = 60


def rule(field: Field, roster: Roster, study: Study) -> Rule:
    """The rule that reads the cells of `field` in `roster`; a group's branch stands in its kind."""
    return exports.ruled(_READERS[field.type](field, roster, study), field, roster)


def _after_marks(read: Rule) -> Rule:
    return lambda text, kind: mark(text) or read(text, kind)


def _before_marks(read: Rule) -> Rule:
    """For types that no mark can be a value of: the mark is asked for only when reading fails."""

    def rule(text: str, kind: str) -> Reading:
        reading = read(text, kind)
        return reading if reading.value else mark(text) or reading

    return rule


def _dates(field: Field, roster: Roster, study: Study) -> Rule:
    locale = roster.locale or study.locale
    within = dates.scope(field.name, study.reference_date, locale=locale, year=roster.year)
    return _before_marks(functools.partial(dates.read, within=within))


def _times(field: Field, roster: Roster, study: Study) -> Rule:
    locale = roster.locale or study.locale
    within = dates.scope("event_date", study.reference_date, locale=locale, year=roster.year)
    return _before_marks(functools.partial(clock.read, within=within))


def _amounts(field: Field, roster: Roster, study: Study) -> Rule:
    readers = {"number": amounts.number, "count": amounts.count, "hours": amounts.hours}
    point = codebook.structure()["numbers"]["decimal"][roster.locale or study.locale]
    read = functools.partial(readers[field.type], point=point)
    if field.type == "hours" and roster.profile:
        read = functools.partial(read, day=roster.profile.hours.day)
    return _after_marks(read)


def _ids(field: Field, roster: Roster, study: Study) -> Rule:
    return _before_marks(functools.partial(identifiers.id_number, reference=study.reference_date))


def _phones(field: Field, roster: Roster, study: Study) -> Rule:
    region = codebook.structure()["phones"]["regions"][roster.locale or study.locale]
    return _before_marks(functools.partial(phones.phone, region=region))


def _units(field: Field, roster: Roster, study: Study) -> Rule:
    """`kind` carries the code of the row's branch when a group is read."""
    return _after_marks(
        lambda text, kind: units.read(
            text, field.name, study.units, kind if field.name == "group" else ""
        )
    )


def _coded(field: Field, roster: Roster, study: Study) -> Rule:
    names = {"yesno": "yesno", "mark": "attend_status"}
    listed = codebook.decode(field.codes or names[field.type])
    read = functools.partial(code, declared=study.values.get(field.name, {}), listed=listed)
    longer = {
        "education": _schooling,
        "duty_type": minutes.duties,
        "resolution": minutes.decided,
    }
    return longer[field.codes](read) if field.codes in longer else read


def code(text: str, kind: str, declared: Mapping[str, str], listed: Mapping[str, str]) -> Reading:
    """The code that `text` spells; the study's spellings come before the codebook's."""
    spelled = codebook.key(text)
    if spelled in declared:
        return Reading(declared[spelled], "declared_value")
    if spelled.isdigit() or kind.startswith("number"):
        return refused("undeclared_digit")
    if spelled in listed:
        return Reading(listed[spelled], "code")
    outside = _BRACKET.fullmatch(normal(text))
    if outside and codebook.key(outside[1]) in listed:
        return Reading(listed[codebook.key(outside[1])], "code+remark")
    return mark(text) or refused("undeclared_value")


def _schooling(read: Rule) -> Rule:
    """Levels of schooling: words around the level are ignored; unfinished is one level lower."""
    words = codebook.structure()["schooling"]
    levels = [name for name in codebook.codes("education") if name != "other"]

    def schooling(text: str, kind: str) -> Reading:
        plain = read(text, kind)
        if plain.rule != "undeclared_value":
            return plain
        unfinished = any(word in text for word in words["unfinished"])
        level = read(_without(text, words["around"] + words["unfinished"]), kind)
        if not level.value or level.value not in levels:
            return plain
        if not unfinished:
            return Reading(level.value, "code+schooling", "inferred")
        lower = levels[min(levels.index(level.value) + 1, len(levels) - 1)]
        return Reading(lower, "code+unfinished", "inferred")

    return schooling


def _without(text: str, words: list[str]) -> str:
    plain = normal(text)
    for word in words:
        plain = plain.replace(word, "")
    return plain


def _categories(field: Field, roster: Roster, study: Study) -> Rule:
    """Codes by their spellings and labels where the study declares any; else free text."""
    declared = study.values.get(field.name, {})
    labels = study.value_labels.get(field.name, {})
    spelled = {
        codebook.key(text): code
        for code, label in labels.items()
        for text in (code, *label.values())
    }
    if not declared and not spelled:
        return _after_marks(plain_text)
    return functools.partial(code, declared=declared, listed=spelled)


def _names(field: Field, roster: Roster, study: Study) -> Rule:
    """Words such as NA or Null are names of people too; only signs mark a missing name."""
    within = dates.scope("other", study.reference_date, locale=roster.locale or study.locale)

    def rule(text: str, kind: str) -> Reading:
        reading = (None if text.isascii() and text.isalpha() else mark(text)) or name(text, kind)
        if reading.value and (kind in _NO_TEXT or _is_date(text, within)):
            return refused("not_a_name")
        return reading

    return rule


def _is_date(text: str, within: dates.Scope) -> bool:
    return bool(_DATED.search(text)) and dates.read(text, "text", within).value != ""


def name(text: str, kind: str) -> Reading:
    """A personal name: NFKC, no blanks between Chinese characters, one dot; never rewritten.

    Formulas and addresses are refused; a sign that stands in no name is flagged.
    """
    shown = normal(text).lstrip("'")
    if _ADDRESS.search(shown):
        return refused("not_a_name")
    if within := _WHOLE.fullmatch(shown):
        shown = within[1]
    shown, bracket = _without_remarks(shown)
    if bracket and _HAN.fullmatch(shown):
        return refused("not_a_name")
    if _HAN.search(shown):
        shown = _DOTS.sub(_DOT, shown.replace(" ", ""))
    notes = ["name", "remark"] if bracket else ["name"]
    if _BIDI.search(text):
        notes.append("bidirectional")
    if re.search(_doubtful(), shown):
        notes.append("doubtful_character")
    if re.search("[0-9]", shown):
        notes.append("digits_in_name")
    if _SIGNS.search(shown):
        notes.append("sign_in_name")
    if _HAN.search(shown) and _BETWEEN.search(shown):
        return refused("two_names")
    if len(shown) > LONGEST_NAME or re.search(r"[()\[\]{}<>\u3010\u3011]", shown):
        return refused("not_a_name")
    if not re.search(r"[^\W\d_]|[?\ufffd\ue000-\uf8ff]", shown):
        return refused("not_a_name")
    return Reading(shown, "+".join(notes))


def _without_remarks(shown: str) -> tuple[str, bool]:
    """A name without what stands in brackets, and whether anything did."""
    parts = _ASIDE.split(_TAIL.sub("", shown))
    words = [" ".join(part.split()) for part in parts if part.strip()]
    apart = len(words) > 1 and _HAN.search(shown)
    name = "" if apart else " ".join(words).lstrip("' ")
    return name, name != shown


@functools.cache
def _doubtful() -> str:
    """Signs that stand for a character that nobody could read, type or wanted to show."""
    signs = "".join(codebook.structure()["marks"]["doubtful"])
    return f"[{re.escape(signs)}\ufffd\ue000-\uf8ff]"


def plain_text(text: str, kind: str) -> Reading:
    """Free text: letters and digits of one width, single blanks; its signs stay as they are."""
    narrow = _WIDE.sub(lambda run: normal(run.group()), visible(text))
    return Reading(" ".join(narrow.split()), "text")


_READERS: Mapping[str, Callable[[Field, Roster, Study], Rule]] = {
    "date": _dates,
    "time": _times,
    "id": _ids,
    "phone": _phones,
    "unit": _units,
    "code": _coded,
    "yesno": _coded,
    "mark": _coded,
    "category": _categories,
    "name": _names,
    "email": lambda field, roster, study: _after_marks(identifiers.email),
    "text": lambda field, roster, study: _after_marks(plain_text),
    "number": _amounts,
    "count": _amounts,
    "hours": _amounts,
}
