"""Conditions are kept in one form, so that equal ones are equal; numbers decide them."""

import pytest
import sympy as sp

from gradproof.derive.conditions import (
    Condition,
    at_least_zero,
    differs,
    divides,
    equals_zero,
    greater,
    greater_equal,
    is_arg,
    negation,
    not_zero,
    same,
    truth,
)
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Reduce, substitute

m, s = Size("m"), Size("s")
i, j = Index("i", m), Index("j", m)
x = Element("x", i)


def test_equalities_have_one_sign() -> None:
    assert equals_zero(i - j) == equals_zero(j - i)
    assert not_zero(i - j) == not_zero(j - i)
    assert at_least_zero(i - j) != at_least_zero(j - i)


def test_integer_sides_are_expanded() -> None:
    assert at_least_zero(2 * (i + 1) - i) == at_least_zero(i + 2)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (at_least_zero(sp.Integer(0)), True),
        (at_least_zero(sp.Integer(-1)), False),
        (equals_zero(i - i), True),
        (not_zero(sp.Integer(0)), False),
        (divides(sp.Integer(2), sp.Integer(4)), True),
        (divides(sp.Integer(2), sp.Integer(3)), False),
        (divides(s, s * i), True),
        (divides(s, i), None),
        (divides(sp.Integer(2), 4 * i + 2), True),
        (greater(sp.Integer(1), sp.Integer(0)), True),
        (greater(x, x), False),
        (greater_equal(sp.Integer(0), sp.Integer(1)), False),
        (same(sp.Rational(1, 2), sp.Rational(1, 2)), True),
        (differs(sp.Integer(1), sp.Integer(1)), False),
        (greater(x, sp.S.Zero), None),
        (at_least_zero(i), None),
        (negation(at_least_zero(sp.Integer(-1)), greater(x, sp.S.Zero)), True),
        (negation(at_least_zero(sp.Integer(1))), False),
        (negation(greater(x, sp.S.Zero)), None),
    ],
)
def test_truth(condition: Condition, expected: bool | None) -> None:
    assert truth(condition) is expected


def test_substitution_in_conditions() -> None:
    assert substitute(divides(s, i), {i: j + 1}) == divides(s, j + 1)
    arg = is_arg(Reduce("max", Element("A", i, j), [j]), (j,))
    assert substitute(arg, {j: i}) == is_arg(Reduce("max", Element("A", i, j), [j]), (i,))


def test_conditions_print_as_notation() -> None:
    assert str(at_least_zero(m - i - 2)) == "i+1 < m"
    assert str(greater(x, sp.S.Zero)) == "x[i] > 0"
    assert str(divides(s, i + 1)) == "(i+1) % s == 0"
    assert str(negation(at_least_zero(i - j), greater(x, sp.S.Zero))) == "not(j <= i, x[i] > 0)"
