"""Tensors over pairs of long axes: far larger than what they are made of, if it were not for strips.

Scores have an entry for each query and key: their product's rows and columns both run over axes that are never the
last of an array, as sequences and batches are, where features are. Patches repeat each place of an image for each
place of the filter; what a product makes for each of both, to be added where it belongs, is as large.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Basic, Expr

from gradproof.derive.index import Index
from gradproof.derive.nodes import Element, elements, free
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.accesses import shifted
from gradproof.kernels.planner.products import Op, is_copy, is_spread
from gradproof.kernels.prepare import Program


class Pairs:
    """Which temporaries of a program are over a pair, and along which indices a strip of them can be taken."""

    def __init__(self, program: Program, ops: Sequence[Op]) -> None:
        real = [t for n in program.inputs if (t := program.system[n]).bound is None]
        self.features: set[Expr] = {t.shape[-1] for t in real if t.shape}
        self.kept = {*program.inputs, *program.outputs}
        dots = [op.dot for op in ops if op.dot is not None]
        both = [(d.rows[0], d.columns[0]) for d in dots if d.statement.name not in self.kept]
        self.pairs = [p for p in both if not any(i.size in self.features for i in p)]

        adds = [op.statement for op in ops if is_spread(op.statement)]
        self.spread = {e.name: _windows(s.target) for s in adds for e in (s.expr,) if isinstance(e, Element)}

    def indices(self, s: Statement) -> tuple[Index, ...]:
        """Return the indices along which what a statement makes may be cut into strips; none where it is no pair."""
        if s.name in self.kept or not s.free:
            return ()
        if is_copy(s) or s.name in self.spread:
            windows = self.spread[s.name] if s.name in self.spread else set().union(*map(_windows, elements(s.expr)))
            return tuple(i for i in s.free if i in windows and not i.size.is_Integer)
        return tuple(dict.fromkeys(i for pair in self.pairs if set(pair) <= set(s.free) for i in pair))


def _windows(e: Element) -> set[Basic]:
    """Return the indices that share a slot with others."""
    return {i for slot in e.indices if shifted(slot) is None for i in free(slot)}
