"""The command line teaches, speaks the reader's language, and ends with one code per kind of fault."""

import re
import shlex
from pathlib import Path

import branch
import pytest
from asked import engagement, tree
from rich.cells import cell_len
from typer.main import get_command

from engagement import study, words
from engagement.cli import app

ROOT = Path(__file__).parent.parent
ROSTERS = ROOT / "data" / "community" / "rosters"
HAN = re.compile(r"[㐀-鿿]")
COMMANDS = get_command(app).commands
NAMES = ["new", "check", "run", "verify", "sample", "cells"]


def example(name):
    """The command that the help of `name` shows, as its words."""
    shown = re.search(r"Example: engagement (.+?)(?:\.(?: |$)|\n|$)", COMMANDS[name].help)[1]
    return shlex.split(shown)


def test_help_lists_the_six_commands_in_the_order_of_work():
    answer = engagement("--help")
    assert answer.code == 0 and answer.err == ""
    assert list(COMMANDS) == NAMES
    assert re.findall(rf"│ ({'|'.join(NAMES)})\s", answer.out) == NAMES


def test_no_argument_shows_the_help_and_is_a_usage_error():
    answer = engagement()
    assert answer.code == 2
    assert "Usage:" in answer.said and "Traceback" not in answer.said


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_shows_an_example_and_what_is_written(name):
    answer = engagement(name, "--help")
    assert answer.code == 0
    assert f"Example: engagement {name} " in answer.out
    assert not HAN.search(answer.out)


@pytest.mark.parametrize("name", NAMES)
def test_the_example_in_the_help_is_a_command_that_exists(name):
    called, *arguments = example(name)
    assert called == name
    COMMANDS[name].make_context(name, arguments)


@pytest.mark.parametrize(
    "arguments",
    [["frobnicate"], ["check"], ["run", "one", "two"], ["sample", "x", "--members", "many"]],
)
def test_a_command_called_wrongly_is_a_usage_error_without_a_traceback(arguments):
    answer = engagement(*arguments)
    assert answer.code == 2
    assert "Usage: " in answer.err and "--help" in answer.err and "Traceback" not in answer.err


def test_an_unknown_engine_is_told_with_those_that_exist(tmp_path):
    answer = engagement("cells", branch.study(tmp_path / "union"), "--engine", "abacus")
    assert answer.code == 2
    assert "abacus" in answer.err and "pandas" in answer.err
    assert not (tmp_path / "union" / "private").exists()


def test_a_sample_too_small_for_its_stories_is_told_with_the_smallest(tmp_path):
    answer = engagement("sample", tmp_path / "small", "--members", "12")
    assert answer.code == 2
    assert "12" in answer.err and "60" in answer.err and "--members" in answer.err
    assert not (tmp_path / "small").exists()


def test_a_sample_never_overwrites_a_study(tmp_path):
    folder = branch.study(tmp_path / "union")
    before = tree(folder)
    answer = engagement("sample", folder)
    assert answer.code == 2 and "union" in answer.err
    assert tree(folder) == before


@pytest.mark.parametrize("command", ["sample", "new"])
def test_a_file_in_the_way_of_a_new_folder_is_told(tmp_path, command):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    files = [ROSTERS / "志愿者名单.csv"] if command == "new" else []
    answer = engagement(command, tmp_path / "file" / "folder", *files)
    assert answer.code == 12
    assert "cannot be written" in answer.err and "check the folder's permissions" in answer.err


def test_a_raw_file_that_is_not_there_is_told_without_talk_of_a_study(tmp_path):
    answer = engagement("new", tmp_path / "mine", tmp_path / "gone.xlsx")
    assert answer.code == 2
    assert "gone.xlsx: not found" in answer.err and "study.toml" not in answer.err
    assert not (tmp_path / "mine").exists()


# ---------------------------------------------------------------- from raw files to a checked study


@pytest.fixture(scope="module")
def proposed(tmp_path_factory):
    """A study proposed from the community's files, with what `new` and then `check` said."""
    folder = tmp_path_factory.mktemp("made") / "mine"
    sources = sorted(path for path in ROSTERS.rglob("*") if path.is_file())
    return folder, engagement("new", folder, *sources), engagement("check", folder)


def test_new_proposes_a_study_of_the_communitys_files_in_both_languages(proposed):
    folder, said, _ = proposed
    assert said.code == 0 and said.err == ""
    chinese, english = said.out.strip().splitlines()
    assert HAN.search(chinese) and "mine" in chinese
    assert "16 rosters" in english and not HAN.search(english)
    assert len(tree(folder / "rosters")) == 16


def test_a_proposed_study_can_be_checked_as_it_is(proposed):
    folder, _, said = proposed
    assert said.code == 0 and said.err == ""
    language = study.load(folder).language
    assert re.search(r"成员 173 名|173 members", said.out)
    assert language == "zh" and HAN.search(said.out)
    for name in ("党员花名册.xlsx", "志愿者名单.csv", "2022年12月.xlsx"):
        assert name in re.sub(r"[\s│┃]+", "", said.out)


def test_what_check_prints_of_files_stays_on_a_line_of_eighty_columns(proposed):
    _, _, said = proposed
    lines = [line for line in said.out.splitlines() if ".xlsx  " in line or ".csv  " in line]
    assert len(lines) == 16
    assert all(cell_len(line) <= 80 for line in lines)


def test_the_rosters_of_a_proposed_study_are_copies_left_alone(proposed):
    folder, _, _ = proposed
    originals = {path.name: path.read_bytes() for path in ROSTERS.rglob("*") if path.is_file()}
    assert tree(folder / "rosters") == dict(sorted(originals.items()))


# ---------------------------------------------------------------- languages and screens


def test_before_a_study_is_open_both_languages_speak_and_afterwards_its_first(tmp_path):
    before = engagement("check", tmp_path)
    assert HAN.search(before.err) and "no study.toml found" in before.err
    for language in words.LANGUAGES:
        order = '["zh", "en"]' if language == "zh" else '["en", "zh"]'
        text = branch.STUDY.replace('["en", "zh"]', order)
        folder = branch.study(tmp_path / language, text=text)
        assert bool(HAN.search(engagement("check", folder).out)) == (language == "zh")
        refused = engagement("verify", folder)
        assert refused.code == 2
        assert bool(HAN.search(refused.err)) == (language == "zh")


def test_the_language_of_one_study_is_not_kept_for_the_next_command(tmp_path):
    engagement("check", branch.study(tmp_path / "union"))
    assert HAN.search(engagement("check", tmp_path / "nowhere").err)


def test_a_screen_that_knows_no_chinese_gets_a_message_and_no_traceback(tmp_path):
    answer = engagement("check", tmp_path / "nowhere", encoding="ascii")
    assert answer.code == 10
    assert "no study.toml found" in answer.err and r"\u7814\u7a76" in answer.err


def test_paths_that_are_told_name_the_study_and_no_identity(tmp_path):
    answer = engagement("check", branch.study(tmp_path / "union"))
    assert "union" in answer.out
    assert [text for text in branch.identities() if text in answer.said] == []
