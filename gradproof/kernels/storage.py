"""Which arrays a program holds, with room for start rows, and the order in which their memory is walked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cmp_to_key

import sympy as sp
from sympy import Expr

from gradproof.derive.index import Index
from gradproof.derive.model import Equation, Kind
from gradproof.derive.nodes import elements, free, order_key
from gradproof.errors import NotYet
from gradproof.kernels.matrices import wide_names
from gradproof.kernels.plan import Storage
from gradproof.kernels.prepare import Program


def storage_of(program: Program) -> dict[str, Storage]:
    """Return the storage of each tensor of a program, by name."""
    storage = dict(_declared(program))
    for name in wide_names(program.equations):
        storage[name] = replace(storage[name], wide=True)
    return storage


def _declared(program: Program) -> Iterable[tuple[str, Storage]]:
    present = {*program.inputs, *(e.name for e in program.equations)}
    for tensor in (t for t in program.system.tensors if t.name in present):
        low, high = [0] * tensor.rank, [0] * tensor.rank
        for equation in program.equations:
            if equation.name == tensor.name and equation.kind is Kind.START:
                _widen(equation, tensor.shape, low, high)
        yield tensor.name, Storage(tensor.shape, tuple(low), tuple(high), integer=tensor.bound is not None)


def _widen(equation: Equation, shape: tuple[Expr, ...], low: list[int], high: list[int]) -> None:
    """Make room for a start row: h[-1] needs one row before row 0, h[T] one after row T-1."""
    for axis, slot in enumerate(equation.target.indices):
        if isinstance(slot, Index):
            continue
        past = sp.expand(slot - shape[axis])
        if slot.is_Integer and slot < 0:
            low[axis] = max(low[axis], -int(slot))
        elif past.is_Integer and past >= 0:
            high[axis] = max(high[axis], int(past) + 1)
        elif not (slot.is_Integer or past.is_Integer):
            raise NotYet(f"equation ({equation.number}): a start row at {slot} of {equation.name}")


def memory_order(indices: list[Index], body: Expr) -> list[Index]:
    """Return the indices with those first that stand in the outer axes of what the body reads."""

    def outer(a: Index, b: Index) -> int:
        score = 0
        for element in sorted(elements(body), key=order_key):
            at = [[k for k, slot in enumerate(element.indices) if i in free(slot)] for i in (a, b)]
            if at[0] and at[1]:
                score += 1 if max(at[0]) < max(at[1]) else -1 if max(at[0]) > max(at[1]) else 0
        return -score

    return sorted(indices, key=cmp_to_key(outer))
