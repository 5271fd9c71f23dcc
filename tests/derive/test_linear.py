"""Index expressions as dictionaries: the same verdicts as the algebra gives."""

from itertools import product

import pytest
from sympy import Expr

from gradproof.derive.bounds import _over_box, nonnegative
from gradproof.derive.index import Index, Size
from gradproof.derive.linear import is_nonnegative, linear_form

n, m = Size("n"), Size("m", least=0)
i, j, k = Index("i", n), Index("j", 3), Index("k", n + 2 * m)
FACTORS = product((-1, 0, 2), (-1, 1), (-1, 0), (0, 1), (-2, 0, 3))
SUMS = [a * i + b * j + c * k + d * n + e for a, b, c, d, e in FACTORS]


@pytest.mark.parametrize("e", SUMS, ids=str)
def test_the_box_is_judged_as_by_the_algebra(e: Expr) -> None:
    form = linear_form(e)
    assert form is not None
    assert is_nonnegative(form) is _over_box(e)


@pytest.mark.parametrize("e", SUMS[::3], ids=str)
def test_facts_are_taken_away(e: Expr) -> None:
    form, fact = linear_form(e), linear_form(i - j)
    assert form is not None
    assert fact is not None
    assert is_nonnegative(form, [fact]) is _over_box(e - (i - j))


@pytest.mark.parametrize("e", [i * n, i / 2, i**2, n * (i + 1)], ids=str)
def test_what_is_not_linear_has_no_form(e: Expr) -> None:
    assert linear_form(e) is None


def test_a_range_that_is_not_linear_is_left_to_the_algebra() -> None:
    wide = Index("w", n * m + 1)
    form = linear_form(-wide)
    assert form is not None
    assert is_nonnegative(form) is None
    assert nonnegative(wide)
    assert not nonnegative(-wide)
    assert nonnegative(n * m - wide)
