"""pyproject.toml, environment.yml and requirements.lock say the same."""

import ast
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
CONDA_NAMES = {"matplotlib": "matplotlib-base", "fonttools": "fonttools", "typst": "typst-py"}
ONLY_FROM_PYPI = {
    "python-calamine",
    "charset-normalizer",
    "phonenumbers",
    "pypinyin",
    "opencc",
    "rapidfuzz",
    "pylopdf-fonts-zh-cn",
}

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = (ROOT / "environment.yml").read_text(encoding="utf-8")
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
BENCH_LOCK = (ROOT / "requirements-bench.lock").read_text(encoding="utf-8")
LOCKS = {"requirements.lock": LOCK, "requirements-bench.lock": BENCH_LOCK}


def runtime() -> dict[str, Requirement]:
    return {req.name: req for req in map(Requirement, PROJECT["dependencies"])}


def conda() -> dict[str, str]:
    lines = re.findall(r"^  - ([a-z0-9_-]+)([><=!].*)?$", CONDA, flags=re.MULTILINE)
    return {name: bounds for name, bounds in lines if name not in {"python", "pip", "conda-forge"}}


def locked(lock: str = LOCK) -> dict[str, str]:
    return dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^ \\]+)", lock, flags=re.MULTILINE))


@pytest.mark.parametrize("name", sorted(runtime()))
def test_every_dependency_is_in_the_conda_file_or_comes_from_pypi(name):
    if name in ONLY_FROM_PYPI:
        assert CONDA_NAMES.get(name, name) not in conda()
    else:
        assert conda()[CONDA_NAMES.get(name, name)].replace(" ", "").split(",") == sorted_bounds(
            name
        )


def sorted_bounds(name: str) -> list[str]:
    written = next(text for text in PROJECT["dependencies"] if Requirement(text).name == name)
    return re.sub(r"^[A-Za-z0-9_.-]+(\[.*\])?", "", written).split(",")


def test_the_conda_file_names_nothing_else_and_installs_the_package():
    known = {CONDA_NAMES.get(name, name) for name in runtime()}
    assert set(conda()) <= known
    assert "-e .[test]" in CONDA
    assert re.findall(r"channels:\n((?:  - .*\n)+)", CONDA) == ["  - conda-forge\n"]


def test_both_ways_want_the_same_python():
    assert f"python{PROJECT['requires-python']}" in CONDA


def test_the_lock_holds_every_dependency_within_its_bounds():
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    for requirement in map(Requirement, wanted):
        version = locked()[requirement.name]
        assert requirement.specifier.contains(version), f"{requirement} but locked {version}"


def test_the_bench_lock_holds_its_tools_within_their_bounds():
    for requirement in map(Requirement, PROJECT["optional-dependencies"]["bench"]):
        assert {bound.operator for bound in requirement.specifier} == {">=", "<"}, requirement
        assert requirement.specifier.contains(locked(BENCH_LOCK)[requirement.name]), requirement


def test_the_bench_measures_the_versions_that_the_lock_installs():
    ours, measured = locked(), locked(BENCH_LOCK)
    assert {name: measured[name] for name in runtime()} == {name: ours[name] for name in runtime()}
    assert {name for name in ours.keys() & measured.keys() if ours[name] != measured[name]} == set()


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_hashes_and_no_address(name):
    lock = LOCKS[name]
    pins = [line for line in lock.splitlines() if re.match(r"^[A-Za-z0-9]", line)]
    assert all(line.endswith("\\") for line in pins)
    assert lock.count("--hash=sha256:") >= len(pins)
    assert "://" not in lock and "index-url" not in lock and "find-links" not in lock


def test_every_import_is_declared():
    scale = map(Requirement, PROJECT["optional-dependencies"]["scale"])
    declared = {req.name.lower().replace("-", "_") for req in [*runtime().values(), *scale]}
    provided = {
        module
        for module, distributions in metadata.packages_distributions().items()
        if any(name.lower().replace("-", "_") in declared for name in distributions)
    }
    brought_along = {
        "nbformat",
        "IPython",
        "PIL",
        "markupsafe",
        "py4j",
    }  # by nbclient, ipykernel, matplotlib, jinja2, pyspark
    for path in (ROOT / "engagement").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in {name.split(".")[0] for name in names}:
                assert name in sys.stdlib_module_names | provided | brought_along | {
                    "engagement"
                }, f"{path}: {name}"


def test_every_dependency_is_explained_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    bench = [Requirement(text).name for text in PROJECT["optional-dependencies"]["bench"]]
    assert [name for name in [*runtime(), *bench] if f"`{name}`" not in readme] == []


def test_nothing_names_a_registry_or_a_machine():
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home)/|--(?:extra-)?index-url|pypi\.org/simple")
    texts = [
        path
        for path in ROOT.rglob("*")
        if path.suffix in {".py", ".md", ".toml", ".yml", ".ipynb", ".csv", ".json", ".lock"}
        and ".venv" not in path.parts
    ]
    offenders = [
        path
        for path in texts
        if path.name != "test_environment.py"
        and pattern.search(path.read_text(encoding="utf-8", errors="replace"))
    ]
    assert offenders == []


def test_every_package_and_the_notebooks_are_shipped():
    """A wheel holds what `engagement run` needs, on a machine without this repository."""
    shipped = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "setuptools"
    ]
    folders = {path.parent for path in (ROOT / "engagement").rglob("__init__.py")}
    packages = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert set(shipped["packages"]) == packages | {"engagement.notebooks"}
    assert shipped["package-dir"] == {"engagement.notebooks": "notebooks"}
