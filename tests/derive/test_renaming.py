"""Renaming symbols rebuilds products and sums without gathering again: what comes out is what SymPy would build."""

from itertools import permutations

import pytest
from sympy import Basic, Expr, Rational, sqrt

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Call, Element, Reduce, rename_bound, substitute

n = Size("n")
i, j, k = Index("i", n), Index("j", n), Index("k", n)
x, y, z = Element("x", i, j), Element("y", j, i), Element("z", k)
FORMS = [
    x * y * z,
    x + y + z,
    2 * x + 3 * y**2 - 1,
    Rational(1, 2) * x / y,
    Rational(1, 2) * (x + y),
    3 * x * (y + z) ** Rational(-1, 2),
    sqrt(2) * x * y,
    i * x + j * y,
    Element("x", i + j, i - j) * Element("x", j + i, j),
    Call("exp", x - y) * (1 - Call("tanh", z)) * x,
    Reduce("sum", x * y * z, [k], [n]) * x - y,
]


def _rebuilt(e: Basic, names: dict[Index, Index]) -> Basic:
    if e in names:
        return names[e]
    return e.func(*[_rebuilt(a, names) for a in e.args]) if e.args else e


@pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
@pytest.mark.parametrize("e", FORMS, ids=str)
def test_a_renaming_gives_the_order_of_the_constructors(e: Expr, order: tuple[str, ...]) -> None:
    names = {old: Index(new, n) for old, new in zip((i, j, k), order, strict=True)}
    expected = _rebuilt(e, names)
    for renamed in (substitute(e, names), rename_bound(e, names)):
        assert renamed == expected
        assert str(renamed) == str(expected)


def test_a_swap_and_a_join_gather_again() -> None:
    assert substitute(x * y, {i: j, j: i}) == x.func("x", j, i) * y.func("y", i, j)
    assert substitute(Element("v", i) * Element("v", j), {i: j}) == Element("v", j) ** 2
    assert substitute(Element("v", i) + Element("v", j), {i: k, j: k}) == 2 * Element("v", k)
