"""The nodes: equal up to renaming, capture-free; and the pitfalls of SymPy's own sums, which ours must not have."""

import itertools
import pickle

import pytest
import sympy as sp

from gradproof.derive.conditions import at_least_zero, equals_zero, greater
from gradproof.derive.index import Bound, Index, Size, fresh, is_fresh
from gradproof.derive.mapping import map_elements
from gradproof.derive.nodes import (
    Call,
    Element,
    Iverson,
    Product,
    Quotient,
    Reduce,
    elements,
    free,
    height,
    substitute,
)

m, n = Size("m"), Size("n")
i, j, k = Index("i", m), Index("j", m), Index("k", m)


def total(body: sp.Expr, *binders: Index) -> Reduce:
    return Reduce("sum", body, binders)


def el(name: str, *indices: sp.Expr) -> Element:
    return Element(name, *indices)


# ---------------------------------------------------------------- equal up to renaming


def test_sums_are_equal_up_to_renaming() -> None:
    assert total(el("x", i), i) == total(el("x", j), j)
    assert hash(total(el("x", i), i)) == hash(total(el("x", j), j))


def test_nested_sums_are_equal_up_to_renaming() -> None:
    one = total(el("a", i) * total(el("A", i, j), j), i)
    other = total(el("a", k) * total(el("A", k, i), i), k)
    assert one == other
    assert one != total(el("a", i) * total(el("A", j, i), j), i)


def test_the_range_is_part_of_a_sum() -> None:
    assert total(el("x", i), i) != total(el("x", Index("i", n)), Index("i", n))


@pytest.mark.parametrize("order", list(itertools.permutations((i, j, k))))
def test_symmetric_binders_have_no_order(order: tuple[Index, ...]) -> None:
    body = el("A", i, j) * el("A", j, k)
    assert Reduce("sum", body, order) == Reduce("sum", body, (i, j, k))


def test_binders_of_a_maximum_keep_their_order() -> None:
    body = el("A", i, j)
    assert Reduce("max", body, (i, j)) != Reduce("max", body, (j, i))


def test_like_sums_merge() -> None:
    """SymPy's `==` and `cse` over Sum tell equal sums apart."""
    assert total(el("x", i), i) + total(el("x", j), j) == 2 * total(el("x", k), k)
    assert total(el("x", i), i) - total(el("x", j), j) == 0
    assert total(el("x", i), i) / total(el("x", j), j) == 1


# ---------------------------------------------------------------- substitution


def test_substitution_does_not_capture() -> None:
    """SymPy's Sum(x[i]*y[j], (i, ...)).subs(j, i) gives Sum(x[i]*y[i])."""
    e = total(el("x", i) * el("y", j), i)
    assert substitute(e, {j: i}) == total(el("x", k) * el("y", i), k)
    assert free(substitute(e, {j: i})) == {i, m}


def test_bound_indices_are_not_substituted() -> None:
    e = total(el("x", i), i)
    assert substitute(e, {i: j + 1}) == e
    assert substitute(e, {Bound(1, 0): j}) == e


def test_substitution_is_simultaneous() -> None:
    assert substitute(el("A", i, j), {i: j, j: i}) == el("A", j, i)


def test_substitution_reaches_conditions_and_sizes() -> None:
    e = Reduce("sum", el("x", i), [i], conditions=[at_least_zero(j - i)])
    assert substitute(e, {j: k}) == Reduce("sum", el("x", i), [i], conditions=[at_least_zero(k - i)])
    assert substitute(total(el("x", i), i), {m: n}) == total(el("x", Index("i", n)), Index("i", n))


def test_elements_are_replaced_inside_sums_without_capture() -> None:
    """x[i] := sum[j] B[i,j] inside sum[j] x[j]*c[j] must not catch the j."""
    e = total(el("x", j) * el("c", j), j)
    found = map_elements(e, {"x": lambda x: total(el("B", x.indices[0], j), j)})
    assert found == total(el("c", i) * total(el("B", i, k), k), i)


def test_opening_gives_what_was_closed() -> None:
    e = Reduce("sum", el("A", i, j), [j], conditions=[equals_zero(i - j)])
    opened, body, conditions = e.open()
    assert all(is_fresh(b) for b in opened)
    assert Reduce("sum", body, opened, e.sizes, conditions) == e
    assert e.open([k])[1] == el("A", i, k)


def test_nested_opening_with_the_names_of_inner_binders() -> None:
    e = total(el("a", i) * total(el("A", i, j), j), i)
    opened, body, _ = e.open([j])
    assert total(body, *opened) == e
    assert body == el("a", j) * total(el("A", j, k), k)


# ---------------------------------------------------------------- what SymPy must not do to them


def test_free_symbols_are_the_free_ones() -> None:
    e = total(el("A", i, j), j)
    assert free(e) == {i, m}
    assert e.free_symbols == {i, m}
    assert height(total(e, i)) == 2


def test_numbers_do_not_enter_a_sum_of_a_sum() -> None:
    """2*(a + b) is distributed by SymPy; a display product is not."""
    a, b = el("a"), el("b")
    assert Product(sp.Integer(2), a + b).args == (2, a + b)


def test_exponentials_do_not_merge() -> None:
    """sympy.exp(a)*sympy.exp(b) becomes exp(a + b), and definitions would not be recognised in it."""
    a, b = el("a"), el("b")
    product = Call("exp", a) * Call("exp", b)
    assert product.atoms(Call) == {Call("exp", a), Call("exp", b)}
    assert Call("exp", sp.S.Zero) != 1


def test_strided_reads_keep_whole_indices() -> None:
    """SymPy's Sum with a KroneckerDelta of stride 2 gives K[1/2]; ours refuses to divide by itself."""
    q = Quotient(i - 1, sp.Integer(2))
    assert q.args == (i - 1, 2)
    assert Element("K", 2 * q).indices == (i - 1,)
    assert Quotient(i, sp.S.One) == i


def test_brackets() -> None:
    positive = Iverson(greater(el("x"), sp.S.Zero))
    assert positive**2 == positive
    assert Iverson() == 1
    assert Iverson(at_least_zero(sp.Integer(-1))) == 0
    assert Iverson(at_least_zero(i), at_least_zero(j)) == Iverson(at_least_zero(j), at_least_zero(i))


def test_indices_are_in_normal_form() -> None:
    assert el("x", i + j - i) == el("x", j)
    assert el("x", 2 * (i + 1)) == el("x", 2 * i + 2)


def test_elements_inside() -> None:
    e = total(el("x", el("tok", i)), i) + Call("exp", el("y"))
    assert {x.name for x in elements(e)} == {"x", "tok", "y"}


def test_fresh_indices_are_ordered_by_age() -> None:
    a, b = fresh(m), fresh(m)
    assert a != b
    assert a.name < b.name


@pytest.mark.parametrize(
    "e", [i, m, el("x", i), Reduce("sum", el("A", i, j) * Iverson(at_least_zero(i - j)), [j])], ids=str
)
def test_pickling(e: sp.Basic) -> None:
    assert pickle.loads(pickle.dumps(e)) == e  # noqa: S301 (our own bytes)
