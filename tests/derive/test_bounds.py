"""The prover of index bounds: what it proves is true for all sizes, and it proves what the reader expects."""

import itertools

import pytest
import sympy as sp

from gradproof.derive.bounds import data_bounds, in_range, nonnegative, size_nonnegative
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element

m, n, p = Size("m"), Size("n"), Size("p", 0)
i, j, u = Index("i", m), Index("j", n), Index("u", p)


@pytest.mark.parametrize("e", [m - 1, m + n - 2, m * n - 1, p, m * p, sp.S.Zero, 2 * m - 2])
def test_sizes_proved(e: sp.Expr) -> None:
    assert size_nonnegative(e)


@pytest.mark.parametrize("e", [m - 2, p - 1, m - n, -p, sp.S.NegativeOne])
def test_sizes_not_proved(e: sp.Expr) -> None:
    assert not size_nonnegative(e)


@pytest.mark.parametrize("e", [i, m - 1 - i, i + j, m * j + i, m * n - 1 - (n * i + j), m + n - 2 - i - j, i * p])
def test_proved(e: sp.Expr) -> None:
    assert nonnegative(e)


@pytest.mark.parametrize("e", [i - 1, m - 2 - i, i - j, -i, n - 1 - i, i * j - 1])
def test_not_proved(e: sp.Expr) -> None:
    assert not nonnegative(e)


def test_facts_help() -> None:
    assert nonnegative(m - 1 - j, (i - j,))
    assert not nonnegative(m - 1 - j, (j - i,))
    assert nonnegative(i - u, (i - j, j - u))


def test_data_lies_within_its_bound() -> None:
    tok = Element("tok", i)
    assert in_range(tok, n, data_bounds(tok, n))
    assert not in_range(tok, n)


def test_in_range() -> None:
    assert in_range(i, m)
    assert in_range(m - 1 - i, m)
    assert not in_range(i + 1, m)


@pytest.mark.parametrize(
    "e", [i - j, i + j - 1, m - 1 - i, n * i + j, m - n, 2 * i - j + n, i * n - j, m + j - i - 1, n - j - i]
)
def test_what_is_proved_holds_for_small_sizes(e: sp.Expr) -> None:
    values = []
    for a, b in itertools.product(range(1, 5), repeat=2):
        for x, y in itertools.product(range(a), range(b)):
            values.append(e.xreplace({i: sp.Integer(x), j: sp.Integer(y), m: sp.Integer(a), n: sp.Integer(b)}))
    assert not nonnegative(e) or min(values) >= 0
