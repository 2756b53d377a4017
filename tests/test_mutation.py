"""One token changed at a time, and nothing that no test could see."""

import ast

import pytest

from bench import mutation


def changed(source: str) -> set[str]:
    return {mutant.source for mutant in mutation.mutants("drawn", source)}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"a <= b"}),
        ("a == b", {"a != b"}),
        ("a + b", {"a - b"}),
        ("a and b", {"a or b"}),
        ("a & b", {"a | b"}),
        ("not a", {"not not a"}),
        ("f(3)", {"f(4)", "f(2)"}),
        ("f(True)", {"f(False)"}),
        ("max(a)", {"min(a)"}),
        ("a.idxmin()", {"a.idxmax()"}),
        ("a: int | None = b", set()),
        ("f('text', 1.5)", set()),
    ],
)
def test_a_mutant_differs_by_one_token(source, expected):
    assert changed(source) == expected


def test_a_mutant_tells_the_line_of_its_token():
    assert [m.line for m in mutation.mutants("drawn", "a = b\nc = d < e")] == [2]


@pytest.mark.parametrize("module", mutation.QUICK)
def test_every_module_that_hides_counts_has_mutants_that_can_be_read(module):
    source = (mutation.ROOT / mutation.ROOM / f"{module}.py").read_text(encoding="utf-8")
    found = list(mutation.mutants(module, source))
    assert len(found) > 10
    assert all(ast.unparse(ast.parse(source)) != mutant.source for mutant in found)
