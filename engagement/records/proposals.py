"""What was recognised → a proposed study, with a question wherever a person has to decide.

Enters: a new folder and the raw files of an organisation.
Leaves: the folder with copies of the files in rosters/ and a study.toml to read and answer.
Refuses: a folder that exists already, files that are missing or hold no table.
"""

from __future__ import annotations

import fnmatch
import itertools
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engagement import codebook, files, words
from engagement.errors import Problem, UsageError
from engagement.records import recognise, units
from engagement.records.recognise import Found
from engagement.study import FILE

QUESTION = "#?"
CODED = ("code", "yesno")
FACTORS = {
    "age_band": (
        'field = "age"',
        'kind = "ordered"',
        "bands = [18, 36, 61, 75]",
        'reference = "36-60"',
    ),
    "sex": ('groups = { male = ["male"], female = ["female"] }', 'reference = "male"'),
    "education": (
        'kind = "ordered"',
        'groups = { junior_or_less = ["none", "primary", "junior"], '
        'senior = ["senior", "vocational"], college = ["associate", "bachelor", "postgraduate"] }',
        'reference = "senior"',
        'adjust = ["age_band", "sex"]',
    ),
    "employment": (
        'groups = { working = ["working", "self_employed"], '
        'not_working = ["retired", "student", "unemployed", "other"] }',
        'reference = "not_working"',
        'adjust = ["age_band", "sex"]',
    ),
}
SOURCES = {"age_band": {"age", "birth_date", "id_number"}}
OUTCOMES = {
    "sign_ins": ("attendance", "panel", "propose.attendance"),
    "volunteers": ("volunteering", "list", "propose.volunteering"),
}


@dataclass(frozen=True)
class Report:
    """What was proposed: the file written and how many questions it asks."""

    path: Path
    questions: int


def study(folder: Path, sources: Sequence[Path]) -> Report:
    """Write `folder`/study.toml and copies of `sources` in `folder`/rosters/.

    Raises UsageError when the folder exists or a file is missing, RosterError for files without a
    table; nothing is written then.
    """
    _check(folder, sources)
    text = _text(folder.name, recognise.look(sources))
    files.folder(folder / "rosters")
    for source in sources:
        shutil.copyfile(source, folder / "rosters" / source.name)
    files.write(folder / FILE, text.encode("utf-8"))
    return Report(folder / FILE, sum(line.startswith(QUESTION) for line in text.splitlines()))


def _check(folder: Path, sources: Sequence[Path]) -> None:
    problems = [
        Problem("source_missing", {"file": source.name})
        for source in sources
        if not source.is_file()
    ]
    names = [source.name for source in sources]
    problems += [
        Problem("file_twice", {"file": name})
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    if folder.exists():
        problems.append(Problem("folder_exists", {"folder": folder.name}))
    if problems:
        raise UsageError(problems)


def _text(name: str, found: Sequence[Found]) -> str:
    parts = [
        _remark("propose.head"),
        _title(name),
        _reference_date(found),
        *_rosters(found),
        _headers(found),
        *_values(found),
        _factors(found),
        _outcomes(found),
        _remark("propose.release") + '\n[release]\ntier = "committee"',
        _units(found),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _remark(key: str, **values: object) -> str:
    return "\n".join(f"# {words.text(key, language, **values)}" for language in words.LANGUAGES)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _both(zh: str, en: str) -> str:
    return f"{{ zh = {_quoted(zh)}, en = {_quoted(en)} }}"


def _title(name: str) -> str:
    people = _both(words.label("propose.people", "zh"), words.label("propose.people", "en"))
    lines = [f"title = {_both(name, name)}", f"organisation = {_both(name, name)}"]
    return "\n".join([_remark("propose.title"), *lines, f"people = {people}"])


def _reference_date(found: Sequence[Found]) -> str:
    stated = recognise.stated_dates(found)
    if len(stated) == 1:
        return f"{_remark('propose.date_found')}\nreference_date = {stated[0]}"
    tried = "".join(f"   # {date}" for date in stated)
    return f"{_remark('propose.date')}\n{QUESTION} reference_date = 2022-12-31{tried}"


def _rosters(found: Sequence[Found]) -> list[str]:
    """One roster per file; files of one kind and one header become one roster with a pattern."""
    alike: dict[tuple, list[Found]] = {}
    for file in found:
        alike.setdefault((file.kind, frozenset(file.fields()), file.system), []).append(file)
    names = [file.name for file in found]
    return [
        _roster(part)
        for same in alike.values()
        for part in ([same] if _matched(_pattern(same), names) == len(same) else map(_one, same))
    ]


def _one(file: Found) -> list[Found]:
    return [file]


def _pattern(same: Sequence[Found]) -> str:
    """The name that all of these files match."""
    names = [file.name for file in same]
    if len(names) == 1:
        return names[0]
    start = os.path.commonprefix(names)  # noqa: RUF071 (names, not paths)
    rest = [name[len(start) :][::-1] for name in names]
    end = os.path.commonprefix(rest)[::-1]  # noqa: RUF071 (names, not paths)
    return f"{start}*{end}"


def _matched(pattern: str, names: Iterable[str]) -> int:
    return sum(name == pattern or fnmatch.fnmatchcase(name, pattern) for name in names)


def _roster(same: Sequence[Found]) -> str:
    first = same[0]
    lines = ["[[roster]]", f"file = {_quoted(_pattern(same))}", f'kind = "{first.kind}"']
    if first.fit:
        share = words.percent(first.fit.confidence)
        lines += [_remark("propose.profile", share=share), f'profile = "{first.system}"']
    if first.sheet_per_branch():
        lines.append('sheets = "branch"')
    if any(any(sheet.header.sessions) for sheet in first.sheets):
        lines.append(_year(set().union(*(file.years() for file in same))))
    header = first.sheets[0].header
    matched = [
        f"#   {text} = {field}"
        for text, field in zip(header.texts, header.fields, strict=True)
        if field
    ]
    return "\n".join([*lines, _remark("propose.headers"), *matched])


def _year(stated: set[str]) -> str:
    if len(stated) == 1:
        return f"year = {stated.pop()}"
    return f"{_remark('propose.year')}\n{QUESTION} year = 2022"


def _headers(found: Iterable[Found]) -> str:
    unknown = dict.fromkeys(itertools.chain.from_iterable(file.unknown() for file in found))
    if not unknown:
        return ""
    lines = [f'# {_quoted(text)} = "field"' for text in unknown]
    return "\n".join([_remark("propose.unknown_headers"), "[headers]", *lines])


def _values(found: Sequence[Found]) -> list[str]:
    bare = recognise.bare()
    blocks = []
    for field in dict.fromkeys(itertools.chain.from_iterable(sorted(f.fields()) for f in found)):
        if bare.fields[field].type not in CODED or bare.fields[field].use & {"X", "META"}:
            continue
        spelled = dict.fromkeys(
            text
            for file in found
            if field in file.fields()
            for text in file.undeclared(field, bare)
        )
        if spelled:
            codes = ", ".join(codebook.codes(bare.fields[field].codes or "yesno"))
            lines = [f'{QUESTION} {_quoted(text)} = "code"' for text in spelled]
            remark = _remark("propose.unknown_values", expected=codes)
            blocks.append("\n".join([remark, f"[values.{field}]", *lines]))
    return blocks


def _factors(found: Sequence[Found]) -> str:
    members = set().union(*(file.fields() for file in found if file.kind == "members"))
    kept = [name for name in FACTORS if members & SOURCES.get(name, {name})]
    blocks = [
        "\n".join([f"[factors.{name}]", *(_known(line, kept) for line in FACTORS[name])])
        for name in kept
    ]
    return "\n\n".join([_remark("propose.factors"), *blocks]) if kept else ""


def _known(line: str, kept: Sequence[str]) -> str:
    """An `adjust` line without the factors that the files do not have."""
    if not line.startswith("adjust"):
        return line
    wanted = [name for name in ("age_band", "sex") if name in kept]
    return f"adjust = {json.dumps(wanted)}"


def _outcomes(found: Sequence[Found]) -> str:
    kinds = [kind for kind in OUTCOMES if any(file.kind == kind for file in found)]
    blocks = [_remark("propose.outcomes")]
    for number, kind in enumerate(kinds):
        name, how, label = OUTCOMES[kind]
        text = _both(words.label(label, "zh"), words.label(label, "en"))
        lines = [f"[outcomes.{name}]", f'kind = "{how}"', f'roster = "{kind}"', f"label = {text}"]
        blocks.append("\n".join([*lines, *(["primary = true"] if number == 0 else [])]))
    if not kinds:
        ask = ["[outcomes.took_part]", 'kind = "column"', 'field = "field"', "primary = true"]
        label = _both(
            words.label("propose.took_part", "zh"), words.label("propose.took_part", "en")
        )
        lines = [f"{QUESTION} {line}" for line in [*ask, f"label = {label}"]]
        blocks.append("\n".join([_remark("propose.no_outcome"), *lines]))
    return "\n\n".join(blocks)


def _units(found: Sequence[Found]) -> str:
    blocks = []
    for number, (branch, groups) in enumerate(_tree(found).items(), start=1):
        blocks.append(_unit(f"b{number}", "branch", branch))
        blocks += [
            _unit(f"b{number}g{place}", "group", group, f"b{number}")
            for place, group in enumerate(groups, start=1)
        ]
    return "\n\n".join([_remark("propose.units"), *blocks]) if blocks else ""


def _unit(code: str, level: str, name: str, parent: str = "") -> str:
    lines = ["[[unit]]", f'code = "{code}"', f'level = "{level}"']
    lines += [f'parent = "{parent}"'] if parent else []
    return "\n".join([*lines, f"zh = {_quoted(name)}", f"en = {_quoted(name)}"])


def _tree(found: Sequence[Found]) -> dict[str, list[str]]:
    """The groups of each branch as the member rosters write them, in the spelling used most."""
    places = Counter(place for file in found if file.kind == "members" for place in file.places())
    tree: dict[str, dict[str, str]] = {}
    names: dict[str, str] = {}
    for branch, group in sorted(places, key=lambda place: -places[place]):
        name = names.setdefault(units.plain(branch), branch)
        groups = tree.setdefault(name, {})
        if group:
            groups.setdefault(units.plain(group), group)
    return {
        branch: [groups[plain] for plain in sorted(groups)]
        for branch, groups in sorted(tree.items(), key=_by_plain)
    }


def _by_plain(item: tuple[str, dict]) -> str:
    return units.plain(item[0])
