"""Coverage-guided fuzzing of the readers, for as long as one likes; no part of the gate.

    python tests/fuzzing.py dates -max_total_time=120

Needs atheris (pip install atheris). A find becomes a named test. Targets: see TARGETS.
"""

import csv
import datetime
import re
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import atheris

with atheris.instrument_imports(include=["engagement.records"]):
    from engagement.records import (
        amounts,
        dates,
        delimited,
        fields,
        headers,
        identifiers,
        phones,
        read,
        verdicts,
    )
    from engagement.records.reading import status

from hostile import STUDY, cleaned

from engagement.errors import RosterError

REFERENCE = datetime.date(2022, 12, 31)
SECONDS = 1.0
ISO = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
E164 = re.compile(r"\+[0-9*;x]{4,20}|[0-9*]+")
LOCALES = ("zh-CN", "zh-TW", "en-GB", "en-US", "de-DE")
REGIONS = ("CN", "TW", "GB", "US", "DE")
FIELDS = ("birth_date", "join_date", "event_date", "mobile_to")
KINDS = ("text", "number", "number_1904", "date", "month", "time", "bool")
CORPUS = Path(__file__).with_name("corpus")


def drawn(content, *choices):
    """A text out of random bytes, and one of each of `choices` by the bytes before it."""
    heads = content[: len(choices)].ljust(len(choices), b"\0")
    picked = [many[head % len(many)] for many, head in zip(choices, heads, strict=True)]
    return content[len(choices) :].decode("utf-8", "replace")[:60], *picked


def a_date(content):
    text, locale, field, year, kind = drawn(content, LOCALES, FIELDS, (None, 2022), KINDS)
    scope = dates.scope(field, REFERENCE, locale=locale, year=year)
    reading = dates.read(text, kind, scope)
    if reading.value:
        assert ISO.fullmatch(reading.value), reading.value
        parts = [int(part) for part in reading.value.split("-")]
        first = datetime.date(*[*parts, 1, 1][:3])
        assert first.year >= dates.EARLIEST and first <= scope.latest
        assert reading.precision == ("year", "month", "day")[len(parts) - 1]
        assert dates.read(reading.value, "text", scope).value == reading.value


def an_id(content):
    text, kind = drawn(content, KINDS[:3])
    reading = identifiers.id_number(text, kind, REFERENCE)
    if reading.value and reading.rule.startswith("id_number"):
        assert identifiers.check_character(reading.value[:17]) == reading.value[17]
        assert identifiers.id_number(reading.value, "text", REFERENCE).value == reading.value
        assert identifiers.birth(reading.value) and identifiers.sex(reading.value)


def a_phone(content):
    text, region, kind = drawn(content, REGIONS, KINDS[:2])
    reading = phones.phone(text, kind, region)
    if reading.value:
        assert E164.fullmatch(reading.value), reading.value
        assert phones.phone(reading.value, "text", region).value == reading.value


def an_amount(content):
    text, point, kind = drawn(content, ".,", KINDS[:2])
    for rule in (amounts.hours, amounts.number, amounts.count):
        reading = rule(text, kind, point)
        if reading.value:
            float(reading.value)
            assert rule(reading.value, "text", ".").value == reading.value


def a_name(content):
    (text,) = drawn(content)
    reading = fields.name(text, "text")
    if reading.value and status(reading) == "clean":
        assert fields.name(reading.value, "text").value == reading.value


def a_header(content):
    choices = atheris.FuzzedDataProvider(content)
    known = [*STUDY.headers, "", "王芳", "男", "合计", "1956年3月", "1月5日", "√", "注：√ 到会"]
    rows = [
        [choices.PickValueInList(known) for _ in range(choices.ConsumeIntInRange(1, 6))]
        for _ in range(choices.ConsumeIntInRange(1, 8))
    ]
    grid = read.of_texts("a.csv", "", rows)
    kind = choices.PickValueInList(["members", "sign_ins"])
    roster = SimpleNamespace(
        kind=kind, locale=None, year=2022, sheets=None, blank=None, profile=None
    )
    header = headers.find(grid, roster, STUDY)
    if header is not None and {"name", "person_id"} & set(header.fields):
        assert len(verdicts.of(grid, header)) == len(rows)


def a_file(content):
    with tempfile.TemporaryDirectory() as folder:
        try:
            found = cleaned(Path(folder), content, name="a.csv")
        except RosterError:
            return
        parts = found.manifest[["structural", "clean", "quarantined", "duplicates"]]
        assert parts.sum(axis=1).eq(found.manifest["rows"]).all()


def a_text(content):
    try:
        [grid] = delimited.grid(content, "a.csv")
    except RosterError:
        return
    assert grid.cells.shape == grid.kinds.shape


TARGETS = {
    "dates": a_date,
    "ids": an_id,
    "phones": a_phone,
    "hours": an_amount,
    "names": a_name,
    "headers": a_header,
    "text": a_text,
    "files": a_file,
}


def timed(target):
    def run(content):
        began = time.process_time()
        target(content)
        assert time.process_time() - began < SECONDS

    return run


def seeds(name, folder):
    """The labelled corpus of a target, one file per text."""
    path = CORPUS / f"{name}.csv"
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as lines:
            for number, row in enumerate(csv.DictReader(lines)):
                (folder / str(number)).write_bytes(bytes(4) + next(iter(row.values())).encode())


if __name__ == "__main__":
    name, *options = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        seeds(name, Path(folder))
        atheris.Setup([sys.argv[0], folder, *options], timed(TARGETS[name]))
        atheris.Fuzz()
