"""Reads of tensor elements as text; those that may lie past the edge are guarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr

from gradproof.derive.nodes import Element
from gradproof.kernels.edges import unproved

if TYPE_CHECKING:
    from gradproof.kernels.expressions import Writer

Facts = tuple[Expr, ...]


def element_text(e: Element, writer: Writer, facts: Facts) -> str:
    """Return the text that reads an element: `h[t + 1, k]` where one start row stands before row 0.

    A read that may lie past the edge is guarded: it gives the tensor's `outside`, else nan.
    """
    storage = writer.storage[e.name]
    if storage.local or not e.indices:
        return writer.scope.tensor(e.name)
    plain, tests = writer.inside(e, facts), []
    for axis, below, past in unproved(e, storage, writer.system, facts, checked=writer.checked_labels):
        if writer.is_checked(e, axis):
            continue
        at = writer.integer(e.indices[axis], facts)
        high = writer.integer(storage.shape[axis] + storage.high[axis], facts)
        tests.append((f"{-storage.low[axis]} <= " if below else "") + at + (f" < {high}" if past else ""))
    return f"({plain} if {' and '.join(tests)} else {_outside(e, writer)})" if tests else plain


def _outside(e: Element, writer: Writer) -> str:
    if writer.storage[e.name].integer:
        return "0"
    tensor = writer.system.by_name.get(e.name)
    return "real(np.nan)" if tensor is None or tensor.outside is None else writer.real(tensor.outside)
