"""Solving a delta for an index: unit coefficients, strides, data, and what cannot be solved."""

import itertools

import pytest
from sympy import Integer

from gradproof.derive.conditions import Condition, equals_zero
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Quotient, Reduce
from gradproof.derive.normal.sift import sift, solve

H, HO, K, S, P = Size("H"), Size("Ho"), Size("K"), Size("s"), Size("p", least=0)
h, i, u = Index("h", H), Index("i", HO), Index("u", K)


def test_unit_coefficient_gives_value_and_range() -> None:
    solution = solve(h - i - u, i, HO)
    assert solution is not None
    assert solution.value == h - u
    assert solution.guards == (Condition("ge", h - u), Condition("ge", HO - 1 - h + u))


def test_stride_gives_a_quotient_with_divisibility_and_both_bounds() -> None:
    solution = solve(h - (S * i + u - P), i, HO)
    assert solution is not None
    assert solution.value == Quotient(h - u + P, S)
    assert [g.kind for g in solution.guards] == ["divides", "ge", "ge"]


def test_a_quotient_is_solved_by_multiplying_through() -> None:
    solution = solve(Quotient(h - u + P, S) - i, u, K)
    assert solution is not None
    assert solution.value == h + P - S * i


@pytest.mark.parametrize("e", [Element("label", i) - h, h - Element("tok", i)])
def test_data_is_solved_for_the_index_beside_it_but_not_for_the_one_inside(e: object) -> None:
    assert solve(e, i, HO) is None
    solution = solve(e, h, H)
    assert solution is not None
    assert solution.value.atoms(Element)


def test_strided_sum_over_all_small_numbers() -> None:
    """Sifting keeps the value: count solutions of h == s*i + u - p by hand and through the guards."""
    sifted = sift([i, u], [equals_zero(h - (S * i + u - P))], Element("x", i))
    assert sifted.changed
    assert len(sifted.binders) == 1
    left = sifted.binders[0]
    for s, p, n_h, n_o, k in itertools.product((1, 2, 3), (0, 1), (1, 4), (1, 3), (1, 3)):
        sizes = {S: s, P: p, H: n_h, HO: n_o, K: k}
        for at in range(n_h):
            by_hand = sorted(a for a in range(n_o) for b in range(k) if at == s * a + b - p)
            found = []
            for value in range({i: n_o, u: k}[left]):
                bound = {**sizes, h: Integer(at), left: Integer(value)}
                if all(_holds(c.xreplace(bound)) for c in sifted.conditions):
                    slot = sifted.body.indices[0].xreplace(bound)
                    found.append(int(slot.num / slot.den if isinstance(slot, Quotient) else slot))
            assert sorted(found) == by_hand


def _holds(c: Condition) -> bool:
    *divisor, e = c.operands
    return {"ge": e >= 0, "eq": e == 0, "divides": bool(divisor) and e % divisor[0] == 0}[c.kind]  # type: ignore[index]


def test_alpha_equal_sums_are_equal_after_sifting_either_way() -> None:
    j = Index("j", HO)
    first = Reduce("sum", Element("x", i) * Element("w", u), [i, u], None, [equals_zero(h - i - u)])
    second = Reduce("sum", Element("x", j) * Element("w", u), [u, j], None, [equals_zero(h - j - u)])
    assert first == second
