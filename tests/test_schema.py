"""docs/findings.schema.json says what stands in findings.json, and notices what does not belong."""

import copy
import json
from pathlib import Path

import pytest
from invented import a_study, a_survey, tables
from jsonschema import Draft202012Validator

from engagement.release import disclosure, store

SCHEMA = json.loads(
    (Path(__file__).parent.parent / "docs" / "findings.schema.json").read_text(encoding="utf-8")
)


def findings(study, found):
    return json.loads(store.text(store.findings(disclosure.control(found, study), study)))


@pytest.fixture(scope="module")
def told():
    return findings(a_study(), tables())


def faults(told):
    return [list(error.absolute_path) for error in Draft202012Validator(SCHEMA).iter_errors(told)]


def test_the_schema_is_one_and_names_the_version_that_we_write(told):
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["title"] == store.SCHEMA == told["schema"]


def test_the_findings_of_a_branch_and_of_a_survey_keep_to_the_schema(told):
    assert faults(told) == []
    assert faults(findings(*a_survey())) == []
    assert faults(findings(a_study(tier="public"), tables())) == []


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda told: told["tables"]["outcomes"][0].update(members="many"), ["tables", "outcomes", 0, "members"]),
        (lambda told: told["tables"]["outcomes"][0].pop("share"), ["tables", "outcomes", 0]),
        (lambda told: told["tables"].pop("plan"), ["tables"]),
        (lambda told: told["study"]["title"].pop("zh"), ["study", "title"]),
        (lambda told: told["release"].update(id="short"), ["release", "id"]),
        (lambda told: told.update(schema="engagement.findings/9"), ["schema"]),
        (lambda told: told.update(author="somebody"), []),
    ],
)  # fmt: skip
def test_a_change_that_does_not_belong_is_found_where_it_is(told, change, place):
    changed = copy.deepcopy(told)
    change(changed)
    assert faults(changed) == [place]
