"""Find the range of every index, and with them the shapes of the computed tensors.

In this order of authority: the declared `shape` of the target; an axis in which the index stands alone; the bound
in its own bracket (`u<k`); an index that it is compared with. All lines are looked at together until nothing more
is learnt. Where axes disagree, those that an index would certainly leave are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

import sympy as sp
from sympy import Expr

from gradproof.derive.bounds import size_nonnegative
from gradproof.derive.index import Index
from gradproof.derive.notation.declared import Declarations, indices_of
from gradproof.derive.notation.integers import Integers
from gradproof.derive.notation.scope import Compared, Line, Slot, letter
from gradproof.derive.syntax import Binary, Define, Item, Name, Node, Number, Unary
from gradproof.errors import InputError, Span


class Ranges:
    """What is known so far: the shape of each tensor (None: axis not known yet) and the range of each index."""

    def __init__(self, declared: Declarations, lines: list[Line]) -> None:
        self.declared, self.lines = declared, lines
        self.sizes = Integers(declared, {})
        self.shapes: dict[str, list[Expr | None]] = {}
        self.ranges: dict[str, Expr] = {}
        self.reasons: dict[str, Slot] = {}
        self._declared_shapes()

    def find(self) -> None:
        """Fill `ranges` and `shapes`.

        Raises:
            InputError: where an index has no range, or two that disagree; with the places and the line to add.
        """
        while self._pass(self._by_axis) or self._pass(self._by_bound) or self._pass(self._by_comparison):
            pass
        for line in self.lines:
            for index, place in line.places.items():
                if index not in self.ranges:
                    raise self._no_range(line, index, place)

    def index(self, unique: str) -> Index:
        """The typed index symbol of a resolved index."""
        return Index(letter(unique), self.ranges[unique])

    def shape(self, name: str) -> tuple[Expr, ...]:
        """The shape of a tensor, once everything is found."""
        axes = self.shapes[name]
        for axis, n in enumerate(axes):
            if n is None:
                raise InputError(
                    f"axis {axis} of {name} has no size",
                    where=self.declared.place(name),
                    expected="an index that runs over it at the left of an equation",
                    hint=f"declare the shape: shape {name}[{', '.join('?' if a is None else str(a) for a in axes)}]",
                )
        return tuple(n for n in axes if n is not None)

    # ------------------------------------------------------------ shapes

    def _declared_shapes(self) -> None:
        for name, (_, item) in self.declared.inputs.items():
            self.shapes[name] = [self.sizes.size(n) for n in item.shape]
        for name, equations in self.declared.computed.items():
            if name in self.declared.inputs:
                continue
            if name in self.declared.shapes:
                self.shapes[name] = [self.sizes.size(n) for n in self.declared.shapes[name].shape]
            else:
                self.shapes[name] = [None] * len(indices_of(equations[0].target))

    def _learn(self, line: Line, index: str, size: Expr) -> None:
        self.ranges[index] = size
        if line.target is None or not _defines(line):
            return
        for tensor, axis in _read_at(line, index):
            if tensor == line.target.name and self.shapes[tensor][axis] is None:
                self.shapes[tensor][axis] = size
        for axis, slot in enumerate(line.target.indices):
            if isinstance(slot, Name) and slot.name == index and self.shapes[line.target.name][axis] is None:
                self.shapes[line.target.name][axis] = size

    # ------------------------------------------------------------ one kind of evidence at a time

    def _pass(self, evidence: object) -> bool:
        learnt = False
        for line in self.lines:
            for index in line.places:
                if index not in self.ranges:
                    size = evidence(line, index)  # type: ignore[operator]
                    if size is not None:
                        self._learn(line, index, size)
                        learnt = True
        return learnt

    def _by_axis(self, line: Line, index: str) -> Expr | None:
        found: dict[Expr, Slot] = {}
        for slot in line.slots:
            size = self.shapes[slot.tensor][slot.axis] if slot.index == index else None
            if size is not None:
                if self._is_declared_target(line, slot):
                    return size
                found.setdefault(size, slot)
        if len(found) > 1:
            bound = self._by_bound(line, index)
            if bound in found:
                return bound  # sum[l<k] (m[l] - x[l]) says which of the two axes l runs over
            fitting = {n: s for n, s in found.items() if not self._leaves(line, index, n)}
            if len(fitting) != 1:
                raise self._conflict(line, index, fitting or found)
            found = fitting
        return next(iter(found), None)

    def _by_bound(self, line: Line, index: str) -> Expr | None:
        for c in line.compared:
            if c.index == index and c.own and c.op in ("<", "<=") and self._is_size(c.other):
                return self.sizes.size(c.other) + (1 if c.op == "<=" else 0)
        return None

    def _by_comparison(self, line: Line, index: str) -> Expr | None:
        found: dict[Expr, Compared] = {}
        for c in line.compared:
            if c.index == index and isinstance(c.other, Name) and c.other.name in self.ranges:
                found.setdefault(self.ranges[c.other.name], c)
        if len(found) > 1:
            raise InputError(
                f"the index {letter(index)} is compared with indices of different ranges: {_list(found)}",
                where=line.places[index],
                expected="one range",
                hint=f"give its bound in its bracket, such as {letter(index)}<{next(iter(found))}",
            )
        return next(iter(found), None)

    def _is_declared_target(self, line: Line, slot: Slot) -> bool:
        target = line.target
        if target is None or not isinstance(line.statement, Define) or slot.tensor != target.name:
            return False
        known = slot.tensor in self.declared.shapes or slot.tensor in self.declared.inputs
        return known and target.indices[slot.axis] == Name(slot.index, slot.span)

    def _is_size(self, node: Node) -> bool:
        while isinstance(node, Binary):
            if node.op == "%" or not self._is_size(node.right):
                return False
            node = node.left
        if isinstance(node, Unary):
            return self._is_size(node.operand)
        return node.name in self.declared.sizes if isinstance(node, Name) else isinstance(node, Number)

    # ------------------------------------------------------------ certain to leave an axis

    def _leaves(self, line: Line, index: str, size: Expr) -> bool:
        """Would a read `x[k+h]` certainly leave its axis if the index ran up to size - 1?"""
        return any(_beyond(e, size, n) for e, n in self._shifted_reads(line, index))

    def _shifted_reads(self, line: Line, index: str) -> Iterator[tuple[Expr, Expr]]:
        """Yield (shift, axis size) for each read of an axis at index + shift, where only sizes stand in the shift."""
        marker = Index("?", 1)
        for item in line.reads:
            if item.name in self.declared.outside:
                continue
            for slot, n in zip(item.indices, self.shapes[item.name], strict=True):
                names = _index_names(slot)
                if n is None or isinstance(slot, Name) or names != {index}:
                    continue
                shift = Integers(self.declared, {index: marker}).build(slot) - marker
                if not shift.has(marker):
                    yield shift, n

    # ------------------------------------------------------------ errors

    def _conflict(self, line: Line, index: str, found: dict[Expr, Slot]) -> InputError:
        places = [
            f"{n} as axis {s.axis} of {s.tensor} (line {s.span.line}, column {s.span.column})" for n, s in found.items()
        ]
        last = list(found.values())[-1]
        return InputError(
            f"the index {letter(index)} has conflicting ranges: {' and '.join(places)}",
            where=last.span,
            expected="one size for all axes in which it stands alone",
            hint="declare these axes with the same size, or use two indices",
        )

    def _no_range(self, line: Line, index: str, place: Span) -> InputError:
        name = letter(index)
        hint = self._shape_hint(line, index) or f"give its bound in its bracket: {name}<{name.upper()}"
        return InputError(
            f"the index {name} has no range",
            where=place,
            expected=f"an axis in which {name} stands alone, a bound in its bracket, or a declared shape",
            hint=hint,
        )

    def _shape_hint(self, line: Line, index: str) -> str:
        """The `shape` line to add, for an index at the left side."""
        if line.target is None or not any(isinstance(s, Name) and s.name == index for s in line.target.indices):
            return ""
        axes = []
        for slot, known in zip(line.target.indices, self.shapes[line.target.name], strict=True):
            guess = letter(slot.name).upper() if isinstance(slot, Name) else "?"
            axes.append(str(known) if known is not None else guess)
        return f"declare the shape: shape {line.target.name}[{', '.join(axes)}]"


def _defines(line: Line) -> bool:
    return isinstance(line.statement, Define) and line.statement.kind != "update"


def _read_at(line: Line, index: str) -> Iterator[tuple[str, int]]:
    """Where the index stands alone in a residual: the unknown has its shape from its reads."""
    if isinstance(line.statement, Define) and line.statement.kind == "solve":
        yield from ((s.tensor, s.axis) for s in line.slots if s.index == index)


def _beyond(shift: Expr, size: Expr, axis: Expr) -> bool:
    """(size - 1 + shift) - (axis - 1) is at least 1 for all sizes."""
    return size_nonnegative(sp.expand(size + shift - axis - 1))


def _index_names(node: Node) -> set[str]:
    match node:
        case Name():
            return {node.name} if "@" in node.name else set()
        case Unary():
            return _index_names(node.operand)
        case Binary():
            return _index_names(node.left) | _index_names(node.right)
        case Item():
            return {"@"}
    return set()


def _list(found: dict[Expr, Compared]) -> str:
    return " and ".join(f"{n} (line {c.span.line}, column {c.span.column})" for n, c in found.items())
