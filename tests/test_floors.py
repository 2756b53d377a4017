"""The folders are the walls: who may import whom, and what no function may return."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "engagement"
ROOMS = {"records", "analysis", "release"}
GROUND = [
    "errors",
    "exact",
    "words",
    "codebook",
    "sections",
    "declared",
    "questions",
    "planning",
    "yardsticks",
    "consistency",
    "sources",
    "study",
    "tables",
    "files",
    "sealed",
    "pseudonyms",
    "secret",
]
MEETING = {
    *("arrivals", "batched", "cli", "cluster", "commands", "comparing", "counting", "distributed"),
    *("engines", "federation", "held", "leaving", "notebook", "pictures", "pilots", "rooms"),
    *("runner", "slices"),
}
HEAVY = {
    "statsmodels",
    "firthmodels",
    "splink",
    "pyspark",
    "sklearn",
    "docx",
    "typst",
    "matplotlib",
    "scipy",
    "openpyxl",
    "phonenumbers",
    "pypinyin",
    "opencc",
}


def modules():
    return sorted(PACKAGE.rglob("*.py"))


def imported(path: Path) -> set[str]:
    """Names of modules of this package that `path` imports, such as records.clean."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written in full"
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return {name.removeprefix("engagement.") for name in found if name.startswith("engagement.")}


def room(name: str) -> str:
    return name.split(".")[0]


def own_room(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_obey_the_walls(path):
    here = own_room(path)
    rooms = {room(name) for name in imported(path)} & ROOMS
    if here in MEETING:
        return
    if here == "release":
        assert rooms <= {"release"}
    elif here in ROOMS:
        assert rooms <= {here}
    else:
        assert rooms == set(), f"{here} is on the ground floor or the sample, and sees no room"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_ground_floor_imports_only_downward(path):
    here = own_room(path)
    if here in GROUND:
        allowed = set(GROUND[: GROUND.index(here)]) | {here}
        assert {room(name) for name in imported(path)} <= allowed


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_rooms_never_import_the_places_where_they_meet(path):
    if own_room(path) not in MEETING:
        assert {room(name) for name in imported(path)} & MEETING == set()


def functions():
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield path, node


def test_modules_and_functions_keep_their_size():
    long_modules = [
        str(path) for path in modules() if len(path.read_text(encoding="utf-8").splitlines()) > 300
    ]
    long_functions = [
        f"{path}:{node.name}" for path, node in functions() if node.end_lineno - node.lineno > 59
    ]
    assert long_modules == []
    assert long_functions == []


def test_public_functions_say_what_they_return_and_are_typed():
    missing = [
        f"{path.relative_to(PACKAGE)}:{node.name}"
        for path, node in functions()
        if not node.name.startswith("_")
        and not isinstance(parent_of(path, node), ast.FunctionDef)
        and (
            (node.returns is None and node.name != "__init__")
            or any(
                argument.annotation is None
                for argument in node.args.args
                if argument.arg not in {"self", "cls"}
            )
        )
    ]
    assert missing == []


def parent_of(path: Path, node: ast.AST) -> ast.AST | None:
    for candidate in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        for child in ast.iter_child_nodes(candidate):
            if (
                isinstance(child, ast.FunctionDef)
                and child.name == node.name
                and child.lineno == node.lineno
            ):
                return candidate
    return None


def test_nothing_predicts_ranks_or_scores_a_person():
    banned = {"predict", "predict_proba", "score", "rank_members", "decision_function"}
    of_pairs = "linker.inference.predict"  # Splink's word for comparing two rows with each other
    called = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in banned
        and not (own_room(path) == "records" and ast.unparse(node) == of_pairs)
    ]
    defined = [
        f"{path.relative_to(PACKAGE)}:{node.name}"
        for path, node in functions()
        if node.name in banned
    ]
    assert called == []
    assert defined == []


def test_no_clock_and_no_unseeded_chance():
    offenders = []
    for path in modules():
        source = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(source)):
            text = ast.unparse(node) if isinstance(node, ast.Call) else ""
            if text.startswith(
                (
                    "datetime.datetime.now",
                    "datetime.date.today",
                    "datetime.now",
                    "date.today",
                    "random.",
                )
            ):
                offenders.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
            if text in {"np.random.default_rng()", "numpy.random.default_rng()"} or text.startswith(
                "np.random.seed"
            ):
                offenders.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")
    assert offenders == []


def test_importing_the_package_and_its_ground_floor_is_light():
    code = "import sys, engagement; import engagement.study; print(sorted(set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert {name for name in HEAVY if f"'{name}'" in loaded} == set()


def test_the_package_re_exports_nothing():
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    assert [type(node).__name__ for node in tree.body] == ["Expr"]
