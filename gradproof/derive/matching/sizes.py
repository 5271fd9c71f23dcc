"""Sizes of the second system in terms of the first one's, read off the shapes of tensors that both have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Basic, Expr

from gradproof.derive.index import Index, Size
from gradproof.derive.model import Equation, System, Tensor
from gradproof.derive.nodes import free, substitute
from gradproof.errors import InputError


def match_sizes(pairs: Iterable[tuple[Tensor, Tensor]], first: System, second: System) -> dict[Size, Expr]:
    """Return each size of the second system in terms of the first one's; sizes in no shape are matched by name.

    Args:
        pairs: tensors of the first system with those of the second that they are.
        first: the first system.
        second: the second one.

    Raises:
        InputError: shapes that do not fit together.
    """
    found: dict[Size, Expr] = {}
    shapes = list(pairs)
    for mine, yours in shapes:
        if mine.rank != yours.rank:
            raise _different(mine, yours, "axes differ in number")
        for n, m in zip(mine.shape, yours.shape, strict=True):
            if isinstance(m, Size) and found.setdefault(m, n) != n:
                raise _different(mine, yours, f"{m} would be {found[m]} and {n}")
    named = {s.name: s for s in first.sizes}
    for s in second.sizes:
        if s not in found and s.name in named:
            found[s] = named[s.name]
    for mine, yours in shapes:
        for n, m in zip(mine.shape, yours.shape, strict=True):
            if in_sizes(m, found) != n:
                raise _different(mine, yours, f"{m} is not {n}")
    return found


def in_sizes(e: Expr, sizes: Mapping[Size, Expr]) -> Expr:
    """Return a size expression in the first system's sizes."""
    return substitute(e, sizes)


def with_sizes(equation: Equation, sizes: Mapping[Size, Expr]) -> Equation:
    """Return the equation over the first system's sizes, its free indices with them."""
    symbols = sorted(free(equation.target) | free(equation.value), key=lambda s: s.name)
    indices = {i: Index(i.name, in_sizes(i.size, sizes)) for i in symbols if isinstance(i, Index)}
    mapping: dict[Basic, Basic] = {**sizes, **indices}
    target, value = substitute(equation.target, mapping), substitute(equation.value, mapping)
    return Equation(equation.number, target, value, equation.kind)


def _different(mine: Tensor, yours: Tensor, why: str) -> InputError:
    return InputError(
        f"{yours.name}{_shape(yours)} of the second system stands for {mine.name}{_shape(mine)} of the first: {why}",
        expected="tensors of one name to have one shape",
        hint="rename one of them, or write both systems over the same axes",
    )


def _shape(tensor: Tensor) -> str:
    return f"[{', '.join(map(str, tensor.shape))}]" if tensor.shape else " (a number)"
