"""What an invertible matrix lets pass: P v = 0 only for v = 0, and a matrix is known by its inverse.

Where a system takes log|det P|, or solves a linear system with P, it is defined only for an invertible P.
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Add, Expr, Mul, Pow, S

from gradproof.derive.implicit import is_inverse, is_solution, opened
from gradproof.derive.index import Index
from gradproof.derive.model import System
from gradproof.derive.nodes import Element, Iverson, Reduce, free, names_in, substitute
from gradproof.derive.normal.factors import factors, plain


@dataclass(frozen=True, slots=True)
class Passed:
    """`value` is 0 where the given expression is, since `matrix` is invertible."""

    value: Expr
    matrix: str


def invertible(system: System) -> frozenset[str]:
    """Return the tensors whose inverse or determinant the system needs as they stand."""
    found = set()
    for equation in system.definitions:
        for r in equation.value.atoms(Reduce):
            matrix = r.body.matrix if r.op == "solve" else r.body if r.op == "logdet" else None
            if isinstance(matrix, Element):
                found.add(matrix.name)
    return frozenset(found)


def let_pass(e: Expr, index: Index, matrices: frozenset[str]) -> Passed | None:
    """Return v for e[j] = c * sum[k] P[j,k]*v[k], or for e = c times a sum of solutions x of S x = v.

    Args:
        e: an expression over one index, in normal form.
        index: that index.
        matrices: the invertible ones.
    """
    number, pairs = factors(plain(e))
    if number == 0 or len(pairs) != 1 or pairs[0][1] != 1 or not isinstance(pairs[0][0], Reduce):
        return None
    whole = pairs[0][0]
    if is_solution(whole):
        return _of_solution(whole, index, ())
    if whole.op != "sum" or whole.conditions:
        return None
    binders, body, _ = whole.open()
    if isinstance(body, Reduce) and is_solution(body):
        return _of_solution(body, index, tuple(binders))
    while isinstance(body, Reduce) and body.op == "sum" and not body.conditions:
        more, body, _ = body.open()
        binders += more
    return _of_product(body, tuple(binders), index, matrices)


def _of_solution(e: Reduce, index: Index, binders: tuple[Index, ...]) -> Passed | None:
    own = opened(e)
    known = isinstance(own.matrix, Element) and free(own.matrix).isdisjoint(binders)
    if not known or own.slots != (index,) or len(own.rows) != 1:
        return None
    value = substitute(own.right, {own.rows[0]: index})
    return Passed(Reduce("sum", value, binders) if binders else value, own.matrix.name)


def _of_product(body: Expr, binders: tuple[Index, ...], index: Index, matrices: frozenset[str]) -> Passed | None:
    """sum over k and others of P[j,k]*v[k]: v alone, at j."""
    number, pairs = factors(body)
    holding = [(b, x) for b, x in pairs if index in free(b)]
    if len(holding) != 1 or holding[0][1] != 1 or not isinstance(holding[0][0], Element):
        return None
    matrix = holding[0][0]
    other = [i for i in matrix.indices if i != index]
    if matrix.name not in matrices or len(matrix.indices) != 2 or len(other) != 1 or other[0] not in binders:
        return None
    rest = Mul(number, *[Pow(b, x) for b, x in pairs if b is not matrix])
    kept = [i for i in binders if i != other[0]]
    value = Reduce("sum", rest, kept) if kept else rest
    return Passed(substitute(value, {other[0]: index}), matrix.name)


# ---------------------------------------------------------------- a matrix by its inverse


def inverses_of(system: System, name: str) -> frozenset[str]:
    """Return the tensors that are defined as the inverse of this one."""
    return frozenset(
        e.name
        for e in system.definitions
        if is_inverse(e) and isinstance(m := opened(e.value).matrix, Element) and m.name == name
    )


def inverse_there(e: Expr, unknown: str, inverses: frozenset[str]) -> tuple[Element, Expr] | None:
    """Return the inverse's element and its value where e = a*inverse + b is 0, and b does not read the unknown."""
    found = [x for x in e.atoms(Element) if x.name in inverses]
    if len(found) != 1:
        return None
    element = found[0]
    scale, rest = S.Zero, S.Zero
    for term in Add.make_args(e):
        number, pairs = factors(plain(term))
        if element not in [b for b, _ in pairs]:
            rest += term
            continue
        if dict(pairs)[element] != 1:
            return None
        scale += Mul(number, *[Pow(b, x) for b, x in pairs if b != element])
    bad = names_in(scale) | (names_in(rest) & (inverses | {unknown}))
    return None if bad or scale == 0 or scale.atoms(Iverson) else (element, -rest / scale)
