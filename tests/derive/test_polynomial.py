"""Index expressions as dictionaries: the same verdicts as the algebra gives."""

from itertools import product

import pytest
from sympy import Expr, expand

from gradproof.derive.bounds import _over_box, nonnegative
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element
from gradproof.derive.polynomial import is_nonnegative, polynomial

n, m, s = Size("n"), Size("m", least=0), Size("s", least=2)
i, j, k = Index("i", n), Index("j", 3), Index("k", n + 2 * m)
FACTORS = product((-1, 0, 2), (-1, 1), (-1, 0), (0, 1), (-2, 0, 3))
SUMS = [a * i + b * j + c * k + d * n + e for a, b, c, d, e in FACTORS]
PRODUCTS = [
    s * i + m * j,
    n * s - s - s * i,
    n * s - s * i,
    n * s - s * i - 2,
    i * j - n * s,
    2 * n - i * j,
    i * (n - 1) - j * i,
    (n - 1) * (s - 2),
    (n - 1) * (s - 3),
    (n - 2) ** 2,
    i**2,
    i**2 - 2 * i + 1,
    s**3 - 8,
    s**3 - 9,
    m * n - m,
    m - m * n,
    expand((k + s * i) * (j + 1)),
]


@pytest.mark.parametrize("e", [*SUMS, *map(expand, PRODUCTS)], ids=str)
def test_the_box_is_judged_as_by_the_algebra(e: Expr) -> None:
    form = polynomial(e)
    assert form is not None
    assert is_nonnegative(form) is _over_box(e)


@pytest.mark.parametrize("e", [*SUMS[::3], *map(expand, PRODUCTS)], ids=str)
def test_facts_are_taken_away(e: Expr) -> None:
    form, fact = polynomial(e), polynomial(i - s * j)
    assert form is not None
    assert fact is not None
    assert is_nonnegative(form, [fact]) is _over_box(expand(e - (i - s * j)))


@pytest.mark.parametrize("e", [i / 2, i / s, n * (i + 1), i + Element("label", j), n**m], ids=str)
def test_what_is_no_expanded_polynomial_has_no_form(e: Expr) -> None:
    assert polynomial(e) is None


def test_a_range_that_is_no_polynomial_is_left_to_the_algebra() -> None:
    wide = Index("w", n * (m + 1))
    form = polynomial(-wide)
    assert form is not None
    assert is_nonnegative(form) is None
    assert nonnegative(wide)
    assert not nonnegative(-wide)
    assert nonnegative(n * (m + 1) - wide)
