"""Operations of the products that a kernel sums, with the share of their index ranges that conditions leave."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any

import sympy as sp

from gradproof.bench.inputs import extent
from gradproof.derive.conditions import Condition
from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, Iverson, Reduce, elements, free, free_indices, substitute

if TYPE_CHECKING:
    from sympy import Basic, Expr

    from gradproof.derive.model import Equation
    from gradproof.kernels.prepare import Program

#: Points at which conditions are tried, to see what share of an index range they leave.
_POINTS = 20_000

#: For a tensor its indices, and conditions outside which it is 0.
Support = dict[str, tuple[tuple[Index, ...], tuple[Condition, ...]]]


def operations(program: Program, sizes: Mapping[str, int]) -> float:
    """Return the multiplications and additions of all sums of products; known zeros among the factors are left out."""
    support: Support = {}
    total = 0.0
    for equation in program.equations:
        total += sum(_of_sum(r, support, sizes) for r in _products(equation.value))
        _learn(equation, support)
    return total


def _products(e: Basic) -> Iterator[Reduce]:
    """Return the sums whose body multiplies elements; what stands inside such a sum is left out."""
    if isinstance(e, Reduce) and e.op == "sum" and sum(bool(elements(f)) for f in sp.Mul.make_args(e.body)) > 1:
        yield e
        return
    for part in (e.opened()[1],) if isinstance(e, Reduce) else e.args:
        yield from _products(part)


def _of_sum(e: Reduce, support: Support, sizes: Mapping[str, int]) -> float:
    """Return the operations of a sum, done once for each value of the indices that it depends on."""
    indices, body, conditions = e.open()
    ranges = [*indices, *free_indices(e)]
    count = prod(extent(i.size, sizes) for i in ranges)
    return 2.0 * count * _share([*conditions, *_conditions(body, support)], ranges, sizes)


def _conditions(product: Expr, support: Support) -> Iterator[Condition]:
    """Return what must hold for no factor of a product to be 0."""
    for factor in sp.Mul.make_args(product):
        if isinstance(factor, Iverson):
            yield from factor.conditions
        elif isinstance(factor, Element) and factor.name in support:
            indices, conditions = support[factor.name]
            at = dict(zip(indices, factor.indices, strict=True))
            yield from (substitute(c, at) for c in conditions)


def _learn(equation: Equation, support: Support) -> None:
    """Note outside which conditions the equation's tensor is 0."""
    indices = equation.target.indices
    if all(isinstance(i, Index) for i in indices) and len(set(indices)) == len(indices):
        found = [c for c in _conditions(equation.value, support) if _is_of(c, indices)]
        if found:
            support[equation.name] = (indices, tuple(found))


def _is_of(condition: Condition, indices: Iterable[Expr]) -> bool:
    """Is it a condition on integers, and on no other index than these?"""
    return condition.kind in _TRIED and not elements(condition) and set(free_indices(condition)) <= set(indices)


def _share(conditions: list[Condition], ranges: list[Index], sizes: Mapping[str, int]) -> float:
    """Return the share of the ranges that the conditions leave, tried at random points; one on data counts as true."""
    import numpy as np

    asked = [c for c in conditions if _is_of(c, ranges)]
    rng = np.random.default_rng(0)
    used = sorted({s for c in asked for s in free(c)}, key=lambda s: s.name)
    at: dict[Basic, Any] = {
        s: rng.integers(0, extent(s.size, sizes), _POINTS) if isinstance(s, Index) else sizes[s.name] for s in used
    }
    held = np.ones(_POINTS, bool)
    for c in asked:
        held &= _TRIED[c.kind](*(_value(e, at) for e in c.operands))
    return float(held.mean())


_TRIED: dict[str, Callable[..., Any]] = {
    "ge": lambda e: e >= 0,
    "eq": lambda e: e == 0,
    "ne": lambda e: e != 0,
    "divides": lambda s, e: e % s == 0,
}


def _value(e: Basic, at: Mapping[Basic, Any]) -> Any:
    """Return a polynomial in indices and sizes at many points."""
    if e in at:
        return at[e]
    if e.is_Integer:
        return int(e)
    values = [_value(a, at) for a in e.args]
    if isinstance(e, sp.Pow):
        return values[0] ** values[1]
    total = values[0]
    for v in values[1:]:
        total = total * v if isinstance(e, sp.Mul) else total + v
    return total
