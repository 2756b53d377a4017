"""The gate turns red for every fault that a notebook can hold, and only then.

Two small notebooks are executed afresh, copied, and spoilt one fault at a time. What nbval sees is
asked as `engagement verify` asks it; what only a reading of the file shows is asked of the checks
in test_notebooks.py.
"""

import copy
import json
import re
import subprocess
from pathlib import Path

import pytest
import test_notebooks as checks

from engagement import runner

ROOT = Path(__file__).parent.parent
COMMUNITY = ROOT / "data" / "community"
PLACES = {"ENGAGEMENT_STUDY": COMMUNITY}
LINKAGE, PARTICIPATION = "02_linkage.ipynb", "03_participation.ipynb"


def outputs(notebook, kind):
    """The outputs of a notebook that hold `kind`, in order."""
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [
        data for cell in cells for out in cell["outputs"] if kind in (data := out.get("data", {}))
    ]


def respelt(data, kind, pattern, change):
    """One text of an output with the last thing that fits `pattern` changed."""
    text = "".join(data[kind])
    *_, last = re.finditer(pattern, text)
    data[kind] = text[: last.start()] + change(last[0]) + text[last.end() :]


def one_more(number):
    return str(int(number) + 1)


def a_number_in_a_sentence(notebook):
    respelt(outputs(notebook, "text/markdown")[0], "text/markdown", r"\d+", one_more)


def a_number_in_a_table(notebook):
    tables = [data for data in outputs(notebook, "text/plain") if "text/markdown" not in data]
    respelt(tables[0], "text/plain", r"\d+", one_more)


def a_dot_of_a_figure(notebook):
    """What is drawn stands in 12 hex digits; another height gives others."""
    drawn = outputs(notebook, "image/png")[0]
    respelt(drawn, "text/plain", r"[0-9a-f]{12}", lambda code: code[::-1])


def cleared_outputs(notebook):
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell.update(outputs=[], execution_count=None)


def nothing(notebook):
    """The control: as it was executed."""


SEEN_BY_NBVAL = {
    "sentence": (LINKAGE, a_number_in_a_sentence),
    "table": (LINKAGE, a_number_in_a_table),
    "cleared": (LINKAGE, cleared_outputs),
    "figure": (PARTICIPATION, a_dot_of_a_figure),
    "control": (PARTICIPATION, nothing),
}


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """The two notebooks as they are when they have just been run, by name."""
    sources = [path for path in runner.notebooks() if path.name in (LINKAGE, PARTICIPATION)]
    written = runner.execute(sources, tmp_path_factory.mktemp("executed"), PLACES)
    return {path.name: json.loads(path.read_text(encoding="utf-8")) for path in written}


def spoilt(executed, name, fault, path):
    notebook = copy.deepcopy(executed[name])
    fault(notebook)
    path.write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def moved(executed, tmp_path_factory):
    """Which of the spoilt copies, and of the control, the gate turns red for."""
    folder = tmp_path_factory.mktemp("spoilt")
    copies = [
        spoilt(executed, name, fault, folder / f"{case}.ipynb")
        for case, (name, fault) in SEEN_BY_NBVAL.items()
    ]
    return runner.moved(copies, PLACES)


@pytest.mark.parametrize("case", [case for case in SEEN_BY_NBVAL if case != "control"])
def test_a_changed_output_turns_the_gate_red(moved, case):
    assert f"{case}.ipynb" in moved


def test_a_difference_is_told_by_the_number_of_its_cell(moved, executed):
    """The dot stands in the first figure, the sentence in the first output with a number."""
    assert [len(moved[f"{case}.ipynb"]) for case in ("sentence", "table", "figure")] == [1, 1, 1]
    assert moved["cleared.ipynb"] == []
    number = moved["figure.ipynb"][0]
    cells = [cell for cell in executed[PARTICIPATION]["cells"] if cell["cell_type"] == "code"]
    assert any("image/png" in out.get("data", {}) for out in cells[number - 1]["outputs"])


def test_a_kernel_that_does_not_answer_is_asked_again_and_is_no_difference(monkeypatch, tmp_path):
    path = tmp_path / "asked.ipynb"
    path.write_text('{"cells": []}', encoding="utf-8")
    silent = subprocess.CompletedProcess([], 1, "Timeout of 5 seconds exceeded waiting for output.")
    answers = [silent, silent, subprocess.CompletedProcess([], 0, "")]
    monkeypatch.setattr(runner, "_compare", lambda *given: answers.pop(0))
    assert runner.moved([path], PLACES) == {} and answers == []
    answers += [silent] * 3
    with pytest.raises(runner.NotebookFailed, match="asked"):
        runner.moved([path], PLACES)


def test_a_notebook_as_it_was_executed_stays_green(moved):
    assert "control.ipynb" not in moved


def a_digit_in_prose(notebook):
    prose(notebook)["source"] = ["结果是 12 人。\n", "The result is 12 people."]


def prose_in_one_language(notebook):
    prose(notebook)["source"] = ["Here is the result."]


def an_upside_down_order(notebook):
    prose(notebook)["source"] = ["Here is the result.\n", "结果如下。"]


def prose(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "markdown"][1]


def code(notebook):
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][1]


def a_cell_run_out_of_order(notebook):
    code(notebook)["execution_count"] = 9


def a_warning(notebook):
    code(notebook)["outputs"].append({"output_type": "stream", "name": "stderr", "text": "careful"})


def a_loop(notebook):
    code(notebook)["source"] = ["for row in range(3):\n", "    print(row)"]


def no_question(notebook):
    notebook["cells"][0]["source"] = ["# 结果\n", "# Results"]


def a_path_of_the_machine(notebook):
    code(notebook)["outputs"].append(
        {"output_type": "stream", "name": "stdout", "text": "/tmp/me/x"}
    )


def a_kernel_of_another_machine(notebook):
    notebook["metadata"]["kernelspec"] = {
        "name": "my-env",
        "display_name": "mine",
        "language": "python",
    }


def a_figure_without_its_digest(notebook):
    outputs(notebook, "image/png")[0]["text/plain"] = "<Figure>"


def a_figure_without_words(notebook):
    for cell in notebook["cells"]:
        for output in cell.get("outputs", []):
            if "image/png" in output.get("data", {}):
                output["metadata"]["image/png"]["alt"] = ""


SEEN_BY_READING = {
    "a digit typed into prose": (a_digit_in_prose, checks.test_no_digit_is_typed_into_prose),
    "prose in one language": (prose_in_one_language, checks.test_headings_and_guidance_stand_in_both_languages_chinese_first),
    "English first": (an_upside_down_order, checks.test_headings_and_guidance_stand_in_both_languages_chinese_first),
    "cleared outputs": (cleared_outputs, checks.test_every_code_cell_ran_in_order_and_kept_its_outputs),
    "a cell run out of order": (a_cell_run_out_of_order, checks.test_every_code_cell_ran_in_order_and_kept_its_outputs),
    "a warning in an output": (a_warning, checks.test_no_error_and_no_warning_stands_in_an_output),
    "logic in a cell": (a_loop, checks.test_logic_lives_in_the_package),
    "a title that asks nothing": (no_question, checks.test_a_notebook_asks_a_question_and_ends_with_what_it_cannot_tell),
    "a path of the machine": (a_path_of_the_machine, checks.test_a_notebook_is_small_and_says_nothing_of_the_machine),
    "a kernel of another machine": (a_kernel_of_another_machine, checks.test_a_notebook_is_small_and_says_nothing_of_the_machine),
    "a figure without its digest": (a_figure_without_its_digest, checks.test_every_figure_prints_a_digest_and_carries_its_words),
    "a figure without words": (a_figure_without_words, checks.test_every_figure_prints_a_digest_and_carries_its_words),
}  # fmt: skip


@pytest.mark.parametrize("case", SEEN_BY_READING)
def test_a_fault_that_can_be_read_is_refused_by_its_check_and_the_notebook_itself_is_not(
    executed, tmp_path, case
):
    fault, check = SEEN_BY_READING[case]
    check(spoilt(executed, PARTICIPATION, nothing, tmp_path / "as_it_is.ipynb"))
    with pytest.raises((AssertionError, TypeError)):
        check(spoilt(executed, PARTICIPATION, fault, tmp_path / "spoilt.ipynb"))
