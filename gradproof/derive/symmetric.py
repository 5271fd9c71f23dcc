"""Matrices that equal their transpose, by their definition or by an assumption `S[i,j] = S[j,i]`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from sympy import Basic, Expr

from gradproof.derive.implicit import LinearSystem, is_inverse, is_solution, opened
from gradproof.derive.index import Index, fresh
from gradproof.derive.mapping import map_elements
from gradproof.derive.model import Assumption, Equation, System
from gradproof.derive.nodes import Element, names_in, order_key, substitute
from gradproof.derive.seen_through import seen_through


def symmetric_tensors(system: System, without: Collection[str] = ()) -> Mapping[str, str]:
    """Return the tensors that do not change when their last two indices change places, each with its assumption.

    The assumption is "" where the definition says it.
    """
    found: dict[str, str] = {}
    for a in system.assumptions:
        name = assumed_symmetric(a)
        if name and a.name not in without and "all" not in without:
            found.setdefault(name, a.name)
    for name, equation in seen_through(system).items():
        slots = equation.indices
        if is_solution(equation.value):
            _note_inverse(equation, found)
            continue
        if len(slots) > 1 and slots[-1].size == slots[-2].size and _same(equation.value, slots[-2], slots[-1], found):
            found.setdefault(name, "")
    return MappingProxyType(found)


def _note_inverse(equation: Equation, found: dict[str, str]) -> None:
    """The inverse of a symmetric matrix is symmetric, for the same reason."""
    own = opened(equation.value)
    if is_symmetric(own, found) and is_inverse(equation) and equation.indices[-2] == own.slots[0]:
        found.setdefault(equation.name, next(iter(reasons(own, found)), ""))


def assumed_symmetric(assumption: Assumption) -> str:
    """Return S for an assumption S[i,j] = S[j,i], "" for any other."""
    left, right = assumption.left, assumption.right
    if not (isinstance(left, Element) and isinstance(right, Element) and left.name == right.name):
        return ""
    slots = left.indices
    plain = len(slots) > 1 and all(isinstance(i, Index) for i in slots) and len(set(slots)) == len(slots)
    return left.name if plain and right.indices == (*slots[:-2], slots[-1], slots[-2]) else ""


def is_symmetric(system: LinearSystem, tensors: Collection[str]) -> bool:
    """Is the matrix symmetric, given that these tensors are?"""
    if len(system.rows) != 1 or len(system.columns) != 1 or system.rows[0].size != system.columns[0].size:
        return False
    return _same(system.matrix, system.rows[0], system.columns[0], tensors)


def reasons(system: LinearSystem, tensors: Mapping[str, str]) -> tuple[str, ...]:
    """Return the assumptions that make the matrix symmetric."""
    return tuple(dict.fromkeys(tensors[n] for n in sorted(names_in(system.matrix)) if tensors.get(n)))


def arranged(e: Expr, tensors: Mapping[str, str], first: Sequence[Expr]) -> tuple[Expr, tuple[str, ...]]:
    """Return e with the last two indices of symmetric tensors in order, and the assumptions used.

    Those that stand in `first` come first, in its order.
    """
    used: dict[str, None] = {}
    rank = {i: k for k, i in enumerate(first)}

    def in_order(element: Element) -> Element:
        *outer, a, b = element.indices
        if (rank.get(b, len(rank)), order_key(b)) >= (rank.get(a, len(rank)), order_key(a)):
            return element
        used.setdefault(tensors[element.name])
        return Element(element.name, *outer, b, a)

    return map_elements(e, dict.fromkeys(tensors, in_order)), tuple(n for n in used if n)


def _same(e: Expr, i: Index, j: Index, tensors: Collection[str]) -> bool:
    """Does e stay the same when i and j change places?"""
    there = fresh(i.size)
    swapped = substitute(substitute(substitute(e, {i: there}), {j: i}), {there: j})
    return _ordered(e, tensors) == _ordered(swapped, tensors)


def _ordered(e: Expr, tensors: Collection[str]) -> Basic:
    """Write the last two indices of every symmetric tensor in a fixed order."""

    def in_order(element: Element) -> Element:
        *first, a, b = element.indices
        return Element(element.name, *first, *sorted((a, b), key=order_key))

    return map_elements(e, dict.fromkeys(tensors, in_order))
