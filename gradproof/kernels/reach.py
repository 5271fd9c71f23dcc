"""How far reads reach: what the wrapper checks against the shapes before any loop runs.

A read behind a condition is left to its condition: it may be there so that the read stays inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import sympy as sp
from sympy import Add, Basic, Expr, Mul

from gradproof.derive.affine import integer_form
from gradproof.derive.conditions import INTEGER_KINDS
from gradproof.derive.index import Index, Size
from gradproof.derive.nodes import Element, Iverson, Node, Reduce, free
from gradproof.kernels.edges import unproved
from gradproof.kernels.plan import LoopNest
from gradproof.kernels.planner.tree import Plan


@dataclass(frozen=True, slots=True)
class Reach:
    """A read of `name` in equation `number` at `start` plus, for each of `spans`, anything from 0 to it.

    Attributes:
        number, name, axis: where it stands, and what is read in which axis.
        start: its position where all indices are 0.
        spans: what the indices add at the end of their ranges.
        rows: the first position there is, and the one after the last.
        runs: the sizes of the loops around it; if one is 0, nothing is read.
    """

    number: int
    name: str
    axis: int
    start: Expr
    spans: tuple[Expr, ...]
    rows: tuple[Expr, Expr]
    runs: tuple[Expr, ...]


def reaches(nest: LoopNest | Plan) -> tuple[Reach, ...]:
    """Return the unconditional reads of a kernel that are not certainly inside, each once."""
    found: dict[Reach, None] = {}
    for equation in nest.program.equations:
        for element, runs in _reads(equation.value, tuple(i.size for i in equation.indices)):
            for reach in _reaches(nest, equation.number, element, runs):
                found[reach] = None
    return tuple(found)


class Checked:
    """Which reads the checks of a kernel cover.

    A check is made where no loop around the read is empty; a statement that runs in all of those loops may rely on it.
    """

    def __init__(self, reaches: Iterable[Reach]) -> None:
        self.reaches = tuple(reaches)
        self.known: dict[tuple[object, ...], list[frozenset[Expr]]] = {}
        for r in self.reaches:
            key = (r.name, r.axis, r.start, frozenset(r.spans))
            self.known.setdefault(key, []).append(frozenset(r.runs))

    def where_one(self, size: Size) -> Checked:
        """Return the same for the case that a size is 1."""
        one = {size: sp.S.One}
        return Checked(
            replace(r, start=r.start.xreplace(one), spans=tuple(sp.expand(e.xreplace(one)) for e in r.spans))
            for r in self.reaches
        )

    def covers(self, element: Element, axis: int, loops: frozenset[Expr]) -> bool:
        """Is a read inside loops of these sizes known to stay inside?"""
        spans = _spans(element.indices[axis])
        if spans is None:
            return False
        start = element.indices[axis].xreplace(dict.fromkeys(_indices(element.indices[axis]), sp.S.Zero))
        runs = self.known.get((element.name, axis, start, frozenset(spans)), ())
        return any(r <= loops for r in runs)


def _reaches(nest: LoopNest | Plan, number: int, element: Element, runs: tuple[Expr, ...]) -> Iterator[Reach]:
    system, storage = nest.program.system, nest.storage[element.name]
    if system[element.name].outside is not None:
        return
    for axis, _, _ in unproved(element, storage, system, ()):
        spans = _spans(element.indices[axis])
        if spans is not None:
            start = element.indices[axis].xreplace(dict.fromkeys(_indices(element.indices[axis]), sp.S.Zero))
            rows = (sp.Integer(-storage.low[axis]), storage.shape[axis] + storage.high[axis])
            yield Reach(number, element.name, axis, start, spans, rows, tuple(dict.fromkeys(runs)))


def _indices(e: Expr) -> list[Index]:
    return sorted((s for s in free(e) if isinstance(s, Index)), key=lambda s: s.name)


def _spans(e: Expr) -> tuple[Expr, ...] | None:
    """Return what each index adds at most, or None where the ends of the ranges do not tell the extremes."""
    if e.atoms(Node):
        return None
    e, indices = integer_form(e), _indices(e)
    rest = sp.expand(e - Add(*[e.coeff(i) * i for i in indices]))
    if not _indices(rest) and not any(_indices(e.coeff(i)) for i in indices):
        terms = [e.coeff(i) * i for i in indices]
    else:
        terms = [t for t in Add.make_args(e) if _indices(t)]
        if len({bool(t.as_coeff_Mul()[0] > 0) for t in terms}) > 1:
            return None
    return tuple(t.xreplace({i: i.size - 1 for i in _indices(t)}) for t in terms)


def _reads(e: Basic, runs: tuple[Expr, ...]) -> Iterator[tuple[Element, tuple[Expr, ...]]]:
    """Yield the reads that no condition guards, with the sizes of the loops around them."""
    if isinstance(e, Reduce):
        _, body, conditions = e.open()
        inner = (*runs, *e.sizes)
        yield from _in_conditions(conditions, inner)
        if not conditions:
            yield from _reads(body, inner)
    elif isinstance(e, Mul | Iverson):
        brackets = [f for f in Mul.make_args(e) if isinstance(f, Iverson)]
        yield from _in_conditions([c for b in brackets for c in b.conditions], runs)
        for part in () if brackets else e.args:
            yield from _reads(part, runs)
    else:
        if isinstance(e, Element):
            yield e, runs
        for part in e.args:
            yield from _reads(part, runs)


def _in_conditions(conditions: list[Basic], runs: tuple[Expr, ...]) -> Iterator[tuple[Element, tuple[Expr, ...]]]:
    """Conditions on indices are tested first, and guard what the others read."""
    if not any(c.kind in INTEGER_KINDS for c in conditions):
        for c in conditions:
            yield from _reads(c, runs)
