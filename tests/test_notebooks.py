"""The notebooks are arguments: run in order, outputs kept, no result typed, no person shown."""

import json
import re
from pathlib import Path

import pytest

from engagement import runner

NOTEBOOKS = runner.notebooks()
TITLES = ["01_records", "02_linkage", "03_participation", "04_predictors", "05_plan", "06_brief"]
HAN = re.compile(r"[㐀-鿿]")


def cells(path: Path, kind: str) -> list[dict]:
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def test_there_are_six_in_reading_order():
    assert [path.stem for path in NOTEBOOKS] == TITLES


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_code_cell_ran_in_order_and_kept_its_outputs(path):
    code = cells(path, "code")
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    assert sum(bool(cell["outputs"]) for cell in code) >= 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_error_and_no_warning_stands_in_an_output(path):
    outputs = [output for cell in cells(path, "code") for output in cell["outputs"]]
    assert [
        output
        for output in outputs
        if output["output_type"] == "error" or output.get("name") == "stderr"
    ] == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_digit_is_typed_into_prose(path):
    prose = "\n".join(re.sub(r"`[^`]*`", "", source(cell)) for cell in cells(path, "markdown"))
    assert re.findall(r"[0-9０-９]+", prose) == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_headings_and_guidance_stand_in_both_languages_chinese_first(path):
    for cell in cells(path, "markdown"):
        lines = [line for line in source(cell).splitlines() if line.strip()]
        han = [bool(HAN.search(line)) for line in lines]
        assert any(han) and not all(han), source(cell)
        assert han[0], source(cell)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_asks_a_question_and_ends_with_what_it_cannot_tell(path):
    prose = [source(cell) for cell in cells(path, "markdown")]
    assert "？" in prose[0].splitlines()[0] and "?" in prose[0]
    assert "What this cannot tell" in prose[-1] and "不能说明" in prose[-1]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_logic_lives_in_the_package(path):
    code = [source(cell) for cell in cells(path, "code")]
    assert len(json.loads(path.read_text(encoding="utf-8"))["cells"]) <= 40
    assert max(len(text.splitlines()) for text in code) <= 8
    assert [
        text
        for text in code
        if re.search(r"^\s*(def|class|for|while)\b|;\s*$|warnings", text, re.MULTILINE)
    ] == []
    assert any("assert " in text for text in code)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_prose_comes_before_code_and_outweighs_it(path):
    kinds = [cell["cell_type"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
    words = sum(
        len(source(cell).split()) + len(HAN.findall(source(cell))) // 2
        for cell in cells(path, "markdown")
    )
    lines = sum(
        len([line for line in source(cell).splitlines() if line.strip()])
        for cell in cells(path, "code")
    )
    assert kinds[0] == "markdown"
    assert words >= 6 * lines


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_small_and_says_nothing_of_the_machine(path):
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert len(text.encode("utf-8")) <= 150_000
    assert notebook["metadata"] == {
        "kernelspec": runner.KERNEL,
        "language_info": {"name": "python"},
    }
    assert all(set(cell["metadata"]) <= {"tags"} for cell in notebook["cells"])
    assert (
        re.search(r"(?<![\w.])/(?:work|root|home|tmp|Users)/|\d{4}-\d\d-\d\dT\d\d:", text) is None
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_figure_prints_a_digest_and_carries_its_words(path):
    for cell in cells(path, "code"):
        for output in cell["outputs"]:
            if "image/png" in output.get("data", {}):
                assert re.search(r"[0-9a-f]{12}", "".join(output["data"]["text/plain"]))
                assert output["metadata"]["image/png"]["alt"]
