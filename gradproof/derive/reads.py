"""Reads of tensors with what guards them, and whether a read certainly leaves its tensor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sympy as sp
from sympy import Basic, Expr, Mul, Symbol

from gradproof.derive.affine import integer_form
from gradproof.derive.bounds import size_nonnegative
from gradproof.derive.conditions import Condition
from gradproof.derive.edges import start_rows
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Grad, Iverson, Node, Product, Reduce, elements, free

if TYPE_CHECKING:
    from gradproof.derive.model import System


@dataclass(frozen=True, slots=True)
class Read:
    """An element as it stands in an expression.

    Attributes:
        element: with typed indices in place of bound ones.
        guarded: the symbols in the conditions around it: brackets in its product, conditions of its reductions.
    """

    element: Element
    guarded: frozenset[Symbol]


def reads(e: Basic) -> Iterator[Read]:
    """Yield every read in an expression, from the left."""
    return _reads(e, {}, frozenset())


def _reads(e: Basic, bound: Mapping[Symbol, Index], guarded: frozenset[Symbol]) -> Iterator[Read]:
    if isinstance(e, Element):
        yield Read(e.xreplace(dict(bound)) if bound else e, guarded)
    if isinstance(e, Grad) or not elements(e):
        return
    if isinstance(e, Reduce):
        inner = {**bound, **{b: Index(b.name, n) for b, n in zip(e.binders, e.sizes, strict=True)}}
        yield from _in_conditions(e.conditions, inner, guarded)
        yield from _reads(e.body, inner, guarded | _symbols(e.conditions, inner))
    elif isinstance(e, Mul | Product):
        conditions = [c for f in e.args if isinstance(f, Iverson) for c in f.conditions]
        factors = tuple(f for f in e.args if not isinstance(f, Iverson))
        yield from _in_conditions(tuple(conditions), bound, guarded)
        yield from _all(factors, bound, guarded | _symbols(conditions, bound))
    elif isinstance(e, Iverson):
        yield from _in_conditions(e.conditions, bound, guarded)
    else:
        yield from _all(e.args, bound, guarded)


def _all(parts: tuple[Basic, ...], bound: Mapping[Symbol, Index], guarded: frozenset[Symbol]) -> Iterator[Read]:
    for part in parts:
        yield from _reads(part, bound, guarded)


def _in_conditions(
    conditions: tuple[Condition, ...], bound: Mapping[Symbol, Index], guarded: frozenset[Symbol]
) -> Iterator[Read]:
    """Yield the reads in conditions that hold together: each is guarded by the others."""
    for c in conditions:
        yield from _reads(c, bound, guarded | _symbols([d for d in conditions if d is not c], bound))


def _symbols(conditions: list[Condition] | tuple[Condition, ...], bound: Mapping[Symbol, Index]) -> frozenset[Symbol]:
    return frozenset(bound.get(s, s) for c in conditions for s in free(c))


def certainly_outside(system: System, read: Read) -> str:
    """Return what is wrong with an unguarded read that leaves its tensor for some values of its indices, else ""."""
    element, tensor = read.element, system[read.element.name]
    if tensor.outside is not None or all(
        isinstance(i, Index) and i.size == n for i, n in zip(element.indices, tensor.shape, strict=True)
    ):
        return ""
    rows = start_rows(system, element.name)
    for axis, (e, n) in enumerate(zip(element.indices, tensor.shape, strict=True)):
        if e.atoms(Node) or free(e) & read.guarded:
            continue
        low, high = _extremes(e)
        if low is not None and size_nonnegative(integer_form(-low - 1 - rows[axis][0])):
            return f"{element.name} is read at {_shown(low)} in axis {axis}, before its first row"
        if high is not None and size_nonnegative(integer_form(high - n - rows[axis][1])):
            return f"{element.name} is read at {_shown(high)} in axis {axis}, which ends at {_shown(sp.expand(n - 1))}"
    return ""


def _shown(e: Expr) -> str:
    from gradproof.derive.notation.printer import format_expr

    return format_expr(e)


def _extremes(e: Expr) -> tuple[Expr | None, Expr | None]:
    """The least and the greatest value over the ranges of the indices, where the coefficients' signs tell."""
    low = high = e
    for index in sorted((s for s in free(e) if isinstance(s, Index)), key=lambda s: s.name):
        factor = e.coeff(index)
        if free(factor) & {index} or sp.expand(e - factor * index).has(index):
            return None, None
        if size_nonnegative(factor):
            low, high = low.xreplace({index: sp.S.Zero}), high.xreplace({index: index.size - 1})
        elif size_nonnegative(-factor):
            low, high = low.xreplace({index: index.size - 1}), high.xreplace({index: sp.S.Zero})
        else:
            return None, None
    return sp.expand(low), sp.expand(high)
