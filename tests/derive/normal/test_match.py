"""Matching patterns with index variables."""

from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Call, Element, Reduce
from gradproof.derive.normal.match import match

M, N = Size("m"), Size("n")
i, j, k, a, b = Index("i", M), Index("j", N), Index("k", N), Index("a", M), Index("b", N)


def x(*indices: object) -> Element:
    return Element("x", *indices)


def bindings(pattern: object, e: object, *variables: Index) -> list[dict[object, object]]:
    return list(match(pattern, e, {}, frozenset(variables)))  # type: ignore[arg-type]


def test_an_element_binds_its_indices() -> None:
    assert bindings(x(i, j), x(a, b), i, j) == [{i: a, j: b}]


def test_an_affine_index_is_solved() -> None:
    assert bindings(Element("h", i - 1), Element("h", a), i) == [{i: a + 1}]


def test_one_variable_cannot_be_two_things() -> None:
    assert bindings(Call("exp", x(i, j)) * Element("y", i), Call("exp", x(a, b)) * Element("y", a + 1), i, j) == []


def test_a_bound_index_matches_any_bound_index() -> None:
    pattern = Reduce("sum", Call("exp", x(i, j)), [j])
    assert bindings(pattern, Reduce("sum", Call("exp", x(a, k)), [k]), i) == [{i: a}]


def test_a_variable_never_captures_a_bound_index() -> None:
    pattern = Reduce("sum", x(i, j) * Element("y", k), [j])
    assert bindings(pattern, Reduce("sum", x(a, j) * Element("y", j), [j]), i, k) == []


def test_different_conditions_do_not_match() -> None:
    from gradproof.derive.conditions import not_zero

    pattern = Reduce("sum", x(i, j), [j])
    assert bindings(pattern, Reduce("sum", x(a, j), [j], None, [not_zero(j - b)]), i) == []
