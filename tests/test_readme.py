"""The README keeps up with the tree, the commands and the dependencies."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def mapped() -> set[str]:
    """Paths that the map of the README names (a tree drawn by indentation)."""
    block = README.split("## The map")[1].split("```")[1]
    found, parents = set(), []
    for line in filter(str.strip, block.splitlines()):
        depth = (len(line) - len(line.lstrip())) // 2
        parents = parents[:depth]
        names = re.split(r"\s{2,}", line.strip())[0].split()
        for name in names:
            found.add("/".join([*parents, name.rstrip("/")]))
        parents.append(names[0].rstrip("/"))
    return found


def tracked() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [path for path in listed.splitlines() if (ROOT / path).exists()]


def test_the_map_names_only_what_exists():
    assert [path for path in sorted(mapped()) if not (ROOT / path).exists()] == []


def test_the_map_names_every_module_and_every_folder():
    modules = {
        path
        for path in tracked()
        if path.startswith("engagement/")
        and path.endswith(".py")
        and not path.endswith("__init__.py")
    }
    folders = {path.split("/")[0] for path in tracked() if "/" in path and not path.startswith(".")}
    assert sorted(modules - mapped()) == []
    assert sorted(folders - mapped()) == []


def test_the_two_commands_come_first():
    head = "\n".join(README.splitlines()[:20])
    assert "make findings" in head and "make test" in head


@pytest.mark.parametrize("command", ["new", "check", "run", "verify", "sample", "cells"])
def test_every_command_is_documented(command):
    from typer.main import get_command

    from engagement.cli import app

    commands = get_command(app).commands
    assert set(commands) == {"new", "check", "run", "verify", "sample", "cells"}
    assert f"`engagement {command} " in README
    assert "Example: engagement" in commands[command].help


def test_no_result_is_typed_into_the_readme():
    """Shares with intervals and p-values come from the brief, never from prose."""
    assert re.findall(r"\d+(?:\.\d+)? ?%|p ?[<=] ?0?\.\d", README) == []


def test_the_conda_way_is_there():
    assert "conda env create -f environment.yml" in README


PICTURES = ["brief.zh.png", "brief.en.png", "figure.png"]


def test_the_readme_shows_the_first_page_and_a_figure_in_few_bytes():
    assert re.findall(r'src="docs/([^"]+)"', README) == PICTURES
    assert all(re.findall(r'<img [^>]*alt="[^"]{20,}"', README))
    assert README.count("<img ") == README.count(' alt="') == len(PICTURES)
    assert sum((ROOT / "docs" / name).stat().st_size for name in PICTURES) <= 300_000
