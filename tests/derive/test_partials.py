"""Local partials: one Partial for each read, with the rules of the path and the kinks on it."""

import pytest
from sympy import S

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Call, Element, Reduce
from gradproof.derive.partials import partials
from gradproof.errors import NotYet

N = Size("n")
i, j = Index("i", N), Index("j", N)
x, y = Element("x", i), Element("y", i)


def test_the_two_reads_of_a_square_written_as_a_product_merge_in_the_power_rule() -> None:
    (only,) = partials(x * x)
    assert (only.element, only.factors, only.rules) == (x, (S(2), x), ("power rule",))


def test_a_product_is_walked_factor_by_factor() -> None:
    found = {p.element: p for p in partials(x * y)}
    assert found[x].factors == (y,)
    assert found[y].factors == (x,)
    assert {p.rules for p in found.values()} == {("product rule",)}


def test_a_varying_exponent_gives_two_paths() -> None:
    assert {p.rules for p in partials(x**y)} == {("power rule",), ("exponential rule",)}


def test_the_bound_index_of_a_sum_stays_apart_from_the_index_asked_for() -> None:
    """The derivative of a sum over j of w[j] by w[j]: SymPy's own Sum confuses the two."""
    (p,) = partials(Reduce("sum", Element("w", j), [j]))
    assert p.binders == p.element.indices
    assert p.binders != (j,)


def test_constants_are_not_read() -> None:
    assert list(partials(N * S(2))) == []


def test_kinks_on_the_path_are_kept() -> None:
    (p,) = partials(Call("tanh", Call("relu", x)))
    assert [(name, arguments) for name, arguments, _ in p.kinks] == [("relu", (x,))]


def test_max_with_zero_takes_the_convention_of_relu() -> None:
    (from_max,), (from_relu,) = partials(Call("max", S.Zero, x)), partials(Call("relu", x))
    assert from_max.factors == from_relu.factors


def test_what_is_not_covered_is_refused_by_name() -> None:
    with pytest.raises(NotYet, match="product over several indices"):
        list(partials(Reduce("prod", Element("A", i, j), [i, j])))
    with pytest.raises(NotYet, match="unknown function f of 2 arguments"):
        list(partials(Call("f", x, y)))
