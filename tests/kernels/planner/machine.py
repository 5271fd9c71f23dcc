"""A slow machine that runs a plan as its tree says, one number at a time: what emitted text has to do, and no faster.

Tensors live where their places say (an axis that is not kept has one slot, which every turn of the loop overwrites),
and every region is run by several threads, one after the other, each with its stretch and its own buffers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np
from sympy import Basic

from gradproof.derive.index import Index, Size
from gradproof.derive.interpret import evaluate
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Loop, Nest, Node, Once, Plan, Region, Row, Strip, statements_of

from .memory import Memory

_START = {"sum": 0.0, "max": -np.inf, "min": np.inf, "argmax": None, "argmin": None}
_JOIN: dict[str, Callable[[Any, Any], Any]] = {"sum": lambda a, b: a + b, "max": np.maximum, "min": np.minimum}


class Machine(Memory):
    """Runs one plan at one point."""

    def __init__(self, plan: Plan, given: Mapping[str, Any], sizes: Mapping[Size, int], threads: int = 2) -> None:
        super().__init__(plan, given, sizes)
        self.threads = threads
        self.region = Region(None, ())
        self.stretch: dict[Index, range] = {}
        self.sums: dict[int, tuple[list[Index], dict[tuple[int, ...], Any]]] = {}

    def run(self) -> dict[str, Any]:
        """Return the outputs."""
        with np.errstate(all="ignore"):
            for region in self.plan.regions:
                self._region(region)
        return {n: self.whole(n) for n in self.plan.program.outputs}

    # ---------------------------------------------------------------- the tree

    def _region(self, region: Region) -> None:
        self.region = region
        if region.index is None:
            for node in region.body:
                self._node(node)
            return
        if region.beside is not None:
            self._shared_by_two(region, region.index, region.beside)
            return
        own = [s for s in dict.fromkeys(_statements(region.body)) if region.index in s.reduced]
        totals: dict[int, tuple[list[Index], dict[tuple[int, ...], Any]]] = {}
        for q in range(self.threads):
            self._stretch(region.index, q)
            for s in own:
                self.sums[id(s)] = self._started(s)
            for node in region.body:
                self._node(node)
            for s in own:
                _add(totals, s, self.sums.pop(id(s)))
        self.stretch = {}
        for s in own:
            self._finish(s, totals[id(s)])

    def _shared_by_two(self, region: Region, index: Index, beside: Index) -> None:
        """Run one inner body for each pair of indices; the threads' stretches are of pairs."""
        (outer,) = region.body
        assert isinstance(outer, Loop)
        (inner,) = outer.body
        assert isinstance(inner, Loop)
        for a, b in product(self._range(index), self._range(beside)):
            self.open.update({index: a, beside: b})
            for node in inner.body:
                self._node(node)
        for i in (index, beside):
            self.open.pop(i, None)

    def _stretch(self, index: Index, thread: int) -> None:
        """Give a thread its stretch, and buffers of its own."""
        n = self.size(index.size)
        self.stretch = {index: range(n * thread // self.threads, n * (thread + 1) // self.threads)}
        for name, place in self.plan.places.items():
            if place.kind == "buffer":
                self.fill(name)

    def _range(self, index: Index) -> range:
        return self.stretch.get(index, range(self.size(index.size)))

    def _node(self, node: Node) -> None:
        if isinstance(node, Nest):
            self._nest(node)
        elif isinstance(node, Dot):
            self._dot(node)
        elif isinstance(node, Once):
            for s in node.statements:
                self._statement(s)
        elif isinstance(node, Strip):
            self._strips(node)
        else:
            self._loop(node)

    def _loop(self, node: Loop | Row) -> None:
        inside = node.statements if isinstance(node, Row) else tuple(_statements(node.body))
        starting = [s for s in dict.fromkeys(inside) if node.index in s.reduced and id(s) not in self.sums]
        for s in starting:
            self.sums[id(s)] = self._started(s)
        turns = self._range(node.index)
        down = isinstance(node, Loop) and node.direction < 0
        for k in reversed(turns) if down else turns:
            self.open[node.index] = k
            for inner in node.statements if isinstance(node, Row) else node.body:
                self._statement(inner) if isinstance(inner, Statement) else self._node(inner)
            del self.open[node.index]
        for s in starting:
            self._finish(s, self.sums.pop(id(s)))

    def _strips(self, node: Strip) -> None:
        inside = tuple(_statements(node.body))
        starting = [s for s in dict.fromkeys(inside) if node.index in s.reduced and id(s) not in self.sums]
        for s in starting:
            self.sums[id(s)] = self._started(s)
        turns, outer = self._range(node.index), self.stretch.get(node.index)
        for k in range(0, len(turns), 2):  # shorter than in the plan, so that there are several
            self.stretch[node.index] = turns[k : k + 2]
            self.begins[node.index] = turns[k]
            for other, past in node.ends:
                self.stretch[other] = range(max(0, min(self.size(other.size), turns[k : k + 2].stop + past)))
            for inner in node.body:
                self._node(inner)
            for other in (node.index, *(i for i, _ in node.ends)):
                self.stretch.pop(other)
            del self.begins[node.index]
        if outer is not None:
            self.stretch[node.index] = outer
        for s in starting:
            self._finish(s, self.sums.pop(id(s)))

    def _free(self, s: Statement) -> list[Index]:
        return [i for i in s.free if i not in self.open]

    def _started(self, s: Statement) -> tuple[list[Index], dict[tuple[int, ...], Any]]:
        free = self._free(s)
        return free, dict.fromkeys(product(*[self._range(i) for i in free]), _START[s.kind])

    def _finish(self, s: Statement, sums: tuple[list[Index], Mapping[tuple[int, ...], Any]]) -> None:
        free, values = sums
        for key, value in values.items():
            self.open.update(zip(free, key, strict=True))
            self.write(s.target, value if s.kind in _JOIN else (value or (0.0, -1))[1])
            for i in free:
                del self.open[i]

    def _key(self, s: Statement) -> tuple[int, ...]:
        return tuple(self.open[i] for i in self.sums[id(s)][0])

    def _statement(self, s: Statement) -> None:
        if s.kind == "map":
            self.write(s.target, self.value(s.expr))
        elif s.kind == "add":
            if self.holds(s.conditions) and self._is_own(s):
                assert self.is_inside(s.target), s
                self.write(s.target, self.read(s.target) + self.value(s.expr))
        elif s.kind in ("argmax", "argmin"):
            self._position(s)
        elif self.holds(s.guards) and self.holds(s.conditions):
            sums, key = self.sums[id(s)][1], self._key(s)
            sums[key] = _JOIN[s.kind](sums[key], self.value(s.expr))

    def _is_own(self, s: Statement) -> bool:
        """Is this thread the one that adds to the target's place?"""
        axis, index = self.region.owned, self.region.index
        return axis is None or index is None or self.value(s.target.indices[axis]) in self.stretch[index]

    def _position(self, s: Statement) -> None:
        if not (self.holds(s.guards) and self.holds(s.conditions)):
            return
        sums, key = self.sums[id(s)][1], self._key(s)
        sign = 1 if s.kind == "argmax" else -1
        value, (best, at) = sign * self.value(s.expr), sums[key] or (0.0, -1)
        if at < 0 or value > best or (np.isnan(value) and not np.isnan(best)):
            flat = 0
            for i in s.reduced:
                flat = flat * self.size(i.size) + self.open[i]
            sums[key] = (value, flat)

    def _dot(self, node: Dot) -> None:
        s = node.statement
        if not self.holds(s.guards):
            return
        for at in self._places((*node.rows, *node.columns)):
            self.open.update(at)
            total = 0.0
            for inner in self._places(node.inner):
                self.open.update(inner)
                total += self.read(node.left) * self.read(node.right)
            if id(s) in self.sums:
                self.sums[id(s)][1][self._key(s)] += node.factor * total
            else:
                before = self.read(s.target) if node.accumulate else 0.0
                self.write(s.target, before + node.factor * total)
            for i in (*at, *node.inner):
                self.open.pop(i, None)

    def _places(self, indices: tuple[Index, ...]) -> Iterator[dict[Basic, int]]:
        for place in product(*[self._range(i) for i in indices]):
            yield dict(zip(indices, place, strict=True))

    def _nest(self, node: Nest) -> None:
        """Run a block of `lower` by the interpreter, one equation after the other."""
        system = self.plan.program.system
        names = [e.name for e in node.block.equations]
        known = {t.name: self.given[t.name] for t in system.inputs if t.name in self.given}
        found = evaluate(system, {**known, **{s.name: v for s, v in self.sizes.items() if isinstance(s, Size)}})
        for name in names:
            storage = self.plan.storage[name]
            inner = tuple(slice(a, a + self.size(n)) for a, n in zip(storage.low, storage.shape, strict=True))
            self.memory[name][inner] = found[name]


def _add(totals: dict[int, Any], s: Statement, found: tuple[list[Index], dict[tuple[int, ...], Any]]) -> None:
    """Add a thread's sums to those of the threads before it."""
    _, known = totals.setdefault(id(s), found)
    if known is not found[1]:
        for key, value in found[1].items():
            known[key] = _JOIN[s.kind](known[key], value)


def _statements(nodes: tuple[Node, ...]) -> Iterator[Statement]:
    for node in nodes:
        yield from statements_of(node)
