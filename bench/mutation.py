"""Whether the tests notice a wrong token in disclosure control: `python -m bench.mutation`.

Enters: the modules that decide what is hidden, and their fast tests; a seed, a time.
Leaves: one printed line per mutant that no test noticed, and how many were noticed of how many.
Refuses: tests that fail without a mutant, or that do not notice a module that cannot be read.

A mutant is a copy of one module with one token changed. DeMillo, Lipton and Sayward (1978),
doi 10.1109/C-M.1978.218136. Needs a system that can fork; each mutant has its own process and
its own limit of CPU seconds, and an endless loop counts as noticed.
"""

from __future__ import annotations

import argparse
import ast
import compileall
import copy
import importlib
import os
import py_compile
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOM = Path("engagement/release")
OWN = "be_changed or declare or fifteen or follows or spelling or although or organisation or own"
QUICK = {
    "attack": ("test_bounds.py",),
    "protection": ("test_bounds.py",),
    "rules": ("test_disclosure.py", "-k", "rule or nobody_knows"),
    "rounding": ("test_rounding.py", "-k", "not release and not base_rate"),
    "margins": ("test_margins.py",),
    "disclosure": ("test_disclosure.py", "-k", OWN),
}
SLOW = "not counting_every_table and not random_linked and not finds_no_hidden"
NEXT = ("test_rounding.py", "test_budget.py", "test_insider.py")
WHOLE = (*NEXT, "test_margins.py", "test_disclosure.py", "-k", SLOW)
SWAPS = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.And: ast.Or, ast.Or: ast.And,
    ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
PAIRS = (("min", "max"), ("minimum", "maximum"), ("idxmin", "idxmax"), ("argmin", "argmax"))
NAMES = {a: b for pair in PAIRS for a, b in (pair, pair[::-1])}
TOLD = 20
BREAKS = "raise RuntimeError"
CPU_SECONDS = 150
UNCHANGED = ("engagement.study", "engagement.labels", "engagement.secret", "scipy.stats")


@dataclass(frozen=True)
class Mutant:
    """One module with one token changed."""

    module: str
    line: int
    change: str
    source: str


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its syntax tree."""
    tree = ast.parse(source)
    silent = _annotations(tree)
    for place, node in enumerate(ast.walk(tree)):
        if id(node) in silent:
            continue
        for change, edit in _edits(node):
            changed = copy.deepcopy(tree)
            edit(next(n for p, n in enumerate(ast.walk(changed)) if p == place))
            yield Mutant(module, node.lineno, change, ast.unparse(changed))


def _annotations(tree: ast.AST) -> set[int]:
    """The nodes of annotations, which nothing runs."""
    notes = [getattr(node, name, None) for node in ast.walk(tree) for name in _NOTED]
    return {id(part) for note in notes if isinstance(note, ast.AST) for part in ast.walk(note)}


_NOTED = ("annotation", "returns")


def _edits(node: ast.AST) -> Iterator[tuple[str, Callable[[ast.AST], None]]]:
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            yield _named(op), lambda n, at=at: _swap(n.ops, at)
    elif isinstance(node, ast.BinOp | ast.BoolOp) and type(node.op) in SWAPS:
        yield _named(node.op), lambda n: setattr(n, "op", SWAPS[type(n.op)]())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Invert | ast.Not):
        yield f"{type(node.op).__name__} dropped", _twice
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield f"{node.value} flipped", lambda n: setattr(n, "value", not n.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        for step in (1, -1):
            yield f"{node.value} {step:+d}", lambda n, s=step: setattr(n, "value", n.value + s)
    elif isinstance(node, ast.Name) and node.id in NAMES:
        yield f"{node.id} → {NAMES[node.id]}", lambda n: setattr(n, "id", NAMES[n.id])
    elif isinstance(node, ast.Attribute) and node.attr in NAMES:
        yield f"{node.attr} → {NAMES[node.attr]}", lambda n: setattr(n, "attr", NAMES[n.attr])


def _swap(ops: list[ast.cmpop], at: int) -> None:
    ops[at] = SWAPS[type(ops[at])]()


def _twice(node: ast.UnaryOp) -> None:
    node.operand = ast.UnaryOp(node.op, node.operand)


def _named(op: ast.AST) -> str:
    return f"{type(op).__name__} → {SWAPS[type(op)].__name__}"


def copied(folder: Path) -> Path:
    """The package and its tests in `folder`, compiled so that only a changed module is anew."""
    bare = shutil.ignore_patterns("__pycache__")
    for name in ("engagement", "tests", "bench"):
        shutil.copytree(ROOT / name, folder / name, ignore=bare)
    checked = py_compile.PycInvalidationMode.CHECKED_HASH
    compileall.compile_dir(folder, quiet=2, invalidation_mode=checked)
    return folder


def warmed(folder: Path) -> Path:
    """The same folder; what every test needs and no mutant changes is imported before the forks."""
    sys.path.insert(0, str(folder))
    for name in UNCHANGED:
        importlib.import_module(name)
    return folder


def is_noticed(mutant: Mutant, folder: Path, tests: tuple[str, ...]) -> bool:
    """Whether one of `tests` fails on the mutant, put in place of its module for that long."""
    path = folder / ROOM / f"{mutant.module}.py"
    source = path.read_text(encoding="utf-8")
    path.write_text(mutant.source, encoding="utf-8")
    child = os.fork()
    if not child:
        _run(folder, tests)
    ended = os.waitpid(child, 0)[1]
    path.write_text(source, encoding="utf-8")
    return ended != 0


def _run(folder: Path, tests: tuple[str, ...]) -> None:
    """Run tests on the package in `folder`, and end this process with their exit code."""
    import resource

    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = True
    plain = ["-q", "-x", "-o", "addopts=", "-p", "no:cacheprovider", "--assert=plain"]
    unneeded = [
        "-p",
        "no:nbval",
        "-p",
        "no:xdist",
        "-p",
        "no:hypothesispytest",
        "-c",
        os.devnull,
        "--rootdir",
        str(folder),
    ]
    named = [f"tests/{name}" if name.endswith(".py") else name for name in tests]
    os._exit(pytest.main([*plain, *unneeded, *named]))


def drawn(modules: list[str], seed: int) -> list[Mutant]:
    """The mutants of `modules` in an order drawn by chance."""
    found = [
        mutant
        for name in modules
        for mutant in mutants(name, (ROOT / ROOM / f"{name}.py").read_text(encoding="utf-8"))
    ]
    random.Random(seed).shuffle(found)
    return found


def tried(share: list[Mutant], end: float, quick: bool) -> tuple[int, int]:
    """How many of `share` were noticed, and how many there was time for; survivors are printed."""
    noticed = done = 0
    with tempfile.TemporaryDirectory() as name:
        folder = warmed(copied(Path(name)))
        for mutant in share:
            if time.monotonic() > end:
                break
            done += 1
            stages = [QUICK[mutant.module]] if quick else [QUICK[mutant.module], WHOLE]
            if any(is_noticed(mutant, folder, tests) for tests in stages):
                noticed += 1
            else:
                _say(f"  survives: {ROOM}/{mutant.module}.py:{mutant.line} {mutant.change}")
            if not done % TOLD:
                _say(f"  {noticed} noticed of {done} so far")
    return noticed, done


def _controlled(modules: list[str]) -> None:
    """Show that the tests pass without a mutant, and notice a module that cannot be read."""
    with tempfile.TemporaryDirectory() as name:
        folder = copied(Path(name))
        for module in modules:
            source = (folder / ROOM / f"{module}.py").read_text(encoding="utf-8")
            if is_noticed(Mutant(module, 0, "", source), folder, QUICK[module]):
                raise SystemExit(f"{module}: its tests fail without a mutant")
            if not is_noticed(Mutant(module, 0, "", BREAKS), folder, QUICK[module]):
                raise SystemExit(f"{module}: its tests never see the copy")


def main() -> None:
    """Try the mutants of the named modules side by side, as many as there is time for."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("modules", nargs="*", default=list(QUICK))
    asked.add_argument("--seconds", type=float, default=3600)
    asked.add_argument("--quick", action="store_true", help="only the tests nearest to a module")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--processes", type=int, default=2)
    given = asked.parse_args()
    import pandas  # noqa: F401  imported before the forks, so that each need not
    import pytest  # noqa: F401
    import scipy.optimize  # noqa: F401

    _controlled(given.modules)
    found, end = drawn(given.modules, given.seed), time.monotonic() + given.seconds
    shares = [found[number :: given.processes] for number in range(given.processes)]
    told = [_apart(share, end, given.quick) for share in shares]
    counts = [[int(part) for part in os.fdopen(pipe).read().split()] for pipe in told]
    noticed, done = (sum(column) for column in zip(*counts, strict=True))
    _say(f"mutants: {noticed} noticed of {done} tried, of {len(found)}")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _apart(share: list[Mutant], end: float, quick: bool) -> int:
    """Try `share` in a process of its own; the end of a pipe on which it tells its counts."""
    read, write = os.pipe()
    if os.fork():
        os.close(write)
        return read
    os.write(write, "{} {}".format(*tried(share, end, quick)).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
