"""Resolved syntax -> expressions over the nodes of the index calculus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import sympy as sp
from sympy import Expr, Integer, Rational, S

from gradproof.derive.bounds import nonnegative
from gradproof.derive.conditions import Condition
from gradproof.derive.edges import Edge, extend_rows
from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Grad, Iverson, Reduce, elements
from gradproof.derive.notation.cases import opposite
from gradproof.derive.notation.compare import build_conditions
from gradproof.derive.notation.declared import Declarations
from gradproof.derive.notation.integers import Integers
from gradproof.derive.notation.ranges import Ranges
from gradproof.derive.notation.scope import Line
from gradproof.derive.notation.written import flat_factors, flat_terms, keep
from gradproof.derive.syntax import (
    Apply,
    Binary,
    Bracket,
    Compare,
    Item,
    Name,
    Negation,
    Node,
    Number,
    Position,
    Reduction,
    Unary,
)
from gradproof.errors import InputError

#: Bounds what a power of numbers may grow to: 9**9**9 is a mistake, and SymPy would try.
MAX_BITS = 4096


class Builder:
    """Builds the expressions of one line."""

    def __init__(self, declared: Declarations, ranges: Ranges, line: Line) -> None:
        self.declared, self.ranges = declared, ranges
        self.indices: dict[str, Index] = {u: ranges.index(u) for u in line.places}
        self.integers = Integers(declared, self.indices)
        self.stated: frozenset[Condition] = frozenset()
        self.written = self.integers.written

    @contextmanager
    def _given(self, conditions: Iterable[Condition]) -> Iterator[None]:
        """While inside, these conditions hold: a guard that they state is not put up again."""
        outer = self.stated
        self.stated = outer | frozenset(conditions)
        yield
        self.stated = outer

    def element(self, node: Item) -> Element:
        """`T[i, j+1]` without the guards of an edge."""
        return Element(node.name, *[self.integers.build(i) for i in node.indices])

    def value(self, node: Node) -> Expr:
        """Return the expression; chains that lean left are walked in a loop."""
        if isinstance(node, Unary) or (isinstance(node, Binary) and node.op in "*/"):
            with self._given(c for b in _brackets(node) for c in build_conditions(self, b.conditions)):
                factors = self._factors(node)
                keep(self.written, "*", [f for a in factors for f in flat_factors(a)])
                return sp.Mul(*factors)
        if isinstance(node, Binary) and node.op in "+-":
            terms = self._terms(node)
            keep(self.written, "+", [t for a in terms for t in flat_terms(a)])
            return sp.Add(*terms)
        return self._leaf(node)

    def _terms(self, node: Node) -> list[Expr]:
        out = []
        while isinstance(node, Binary) and node.op in "+-":
            right = self.value(node.right)
            out.append(right if node.op == "+" else -right)
            node = node.left
        return [self.value(node), *reversed(out)]

    def _factors(self, node: Node) -> list[Expr]:
        """All factors of a product at once, since SymPy would distribute the 2 of `2*(a + b)` in `2*(a + b)/m`."""
        out: list[Expr] = []
        while isinstance(node, Binary) and node.op in ("*", "/"):
            right = self._factors(node.right)
            out = (right if node.op == "*" else [self._inverse(f, node) for f in right]) + out
            node = node.left
        if isinstance(node, Unary):
            return [S.NegativeOne, *self._factors(node.operand), *out]
        return [self.value(node), *out]

    def _inverse(self, divisor: Expr, node: Node) -> Expr:
        if divisor == 0:
            raise InputError("a division by zero", where=node.span, expected="a divisor that is not 0")
        return 1 / divisor

    def _leaf(self, node: Node) -> Expr:
        match node:
            case Number():
                return _number(node)
            case Name():
                return sp.pi if node.name == "pi" else self.integers.build(node)
            case Item():
                return self._read(node)
            case Binary():
                return self._binary(node)
            case Apply():
                return self._apply(node)
            case Bracket():
                return Iverson(*build_conditions(self, node.conditions))
            case Reduction():
                return self._reduced(node)
            case Compare() | Negation():
                raise InputError(
                    "a condition stands where a value must", where=node.span, expected="brackets around it: [z[i] > 0]"
                )
            case Position():
                raise InputError(
                    "a tuple stands where a value must",
                    where=node.span,
                    expected="one value, or a comparison with argmax[...]",
                )
        raise InputError("this cannot stand here", where=node.span, expected="an expression")

    def _binary(self, node: Binary) -> Expr:
        if node.op == "**":
            return _power(self.value(node.left), self.value(node.right), node)
        raise InputError(
            "a remainder may only be compared with a number", where=node.span, expected="such as [(i+1) % s == 0]"
        )

    # ------------------------------------------------------------ reads

    def _read(self, node: Item) -> Expr:
        """Return the element; where an `outside` line holds, under brackets that keep the read inside."""
        element = self.element(node)
        if node.name not in self.declared.outside:
            return element
        guards = [g for g in self._guards(node.name, element) if g not in self.stated]
        edge = self.edge_value(self.declared.outside[node.name].value)
        inside = Iverson(*guards) * element
        return inside + Iverson(opposite(tuple(guards))) * edge if guards and edge != 0 else inside

    def edge_value(self, node: Node) -> Expr:
        """Return the number of an `outside` line."""
        value = self.value(node)
        if not value.is_Rational:
            raise InputError("the value outside must be a number", where=node.span, expected="such as 0")
        return value

    def _guards(self, name: str, element: Element) -> list[Condition]:
        shape = self.ranges.shape(name)
        rows = [(0, 0)] * len(shape)
        for line in self.declared.computed.get(name, ()):
            if line.kind == "start" and isinstance(line.target, Item):
                slots = [fixed_row(self.integers, s) for s in line.target.indices]
                rows = [r if s is None else extend_rows(r, s, n) for r, s, n in zip(rows, slots, shape, strict=True)]
        data = {d.name: self.declared.bound(d.name) for d in elements(element) if d is not element}
        bounds = {n: self.integers.size(b) for n, b in data.items() if b is not None}
        return Edge(shape, tuple(rows), bounds).guards(element)

    # ------------------------------------------------------------ functions and reductions

    def _apply(self, node: Apply) -> Expr:
        if node.name == "where":
            return self._where(node)
        if node.name == "grad":
            return self._grad(node)
        arguments = [self.value(a) for a in node.arguments]
        if node.name == "sqrt":
            return _power(arguments[0], Rational(1, 2), node)
        out = Call(node.name, *arguments[:2])
        for extra in arguments[2:]:
            out = Call(node.name, out, extra) if node.name in ("max", "min") else Call(node.name, *arguments)
        return out

    def _where(self, node: Apply) -> Expr:
        """where(c, a, b) = [c]*a + [not c]*b"""
        conditions = build_conditions(self, node.arguments[:1])
        other = opposite(tuple(conditions))
        with self._given(conditions):
            a = self.value(node.arguments[1])
        with self._given([other]):
            b = self.value(node.arguments[2])
        return Iverson(*conditions) * a + Iverson(other) * b

    def _grad(self, node: Apply) -> Expr:
        of, element = node.arguments
        if not (isinstance(of, Item) and not of.indices):
            raise InputError(
                "grad takes the derivative of a scalar", where=of.span, expected="grad(L, w[j]) with a scalar L"
            )
        if not isinstance(element, Item):
            raise InputError("grad takes the derivative for an element", where=element.span, expected="grad(L, w[j])")
        return Grad(of.name, self.element(element))

    def _reduced(self, node: Reduction) -> Expr:
        if node.op in ("argmax", "argmin"):
            raise InputError(
                f"{node.op} gives a position, not a value",
                where=node.span,
                expected=f"a comparison in a bracket: [c == {node.op}[k] z[i,k]]",
            )
        if node.op == "logdet":
            return self._log_determinant(node)
        if node.op != "mean":
            return self.reduction(node)
        out = self.reduction(Reduction("sum", node.items, node.body, node.span))
        if out.conditions:
            raise InputError(
                "mean[...] over a part of the range: it is not clear what to divide by",
                where=node.span,
                expected="sum[...] with conditions, divided by the count that you mean",
            )
        return out / sp.Mul(*out.sizes)

    def _log_determinant(self, node: Reduction) -> Reduce:
        out = self.reduction(node)
        if len(out.binders) != 2 or out.conditions or out.sizes[0] != out.sizes[1]:
            raise InputError(
                "a log-determinant takes the row and the column of a square matrix",
                where=node.span,
                expected="two indices of the same range and no condition, as in logdet[i,j] A[i,j]",
            )
        return out

    def reduction(self, node: Reduction) -> Reduce:
        """`op[binders, conditions] body`; conditions that always hold are dropped."""
        binders = [self.indices[i.name] for i in node.items if isinstance(i, Name)]
        conditions = build_conditions(self, [i for i in node.items if not isinstance(i, Name)])
        kept = [c for c in conditions if not (c.kind == "ge" and nonnegative(c.operands[0]))]
        with self._given(kept):
            return Reduce(node.op, self.value(node.body), binders, conditions=kept)


def _brackets(node: Node) -> Iterator[Bracket]:
    """The brackets among the factors of a product."""
    while isinstance(node, Binary) and node.op in "*/":
        if node.op == "*":
            yield from _brackets(node.right)
        node = node.left
    if isinstance(node, Bracket):
        yield node
    elif isinstance(node, Unary):
        yield from _brackets(node.operand)


def fixed_row(integers: Integers, slot: Node) -> Expr | None:
    """The row that a slot at the left of a `start` line fixes; None for a running index."""
    if isinstance(slot, Name) and slot.name not in integers.declared.sizes:
        return None
    return integers.build(slot)


def _number(node: Number) -> Expr:
    """A literal as the exact rational that it writes."""
    _, _, exponent = node.text.lower().partition("e")
    if len(node.text) > 200 or (exponent and abs(int(exponent)) > 400):
        raise InputError(
            f"the number {node.text[:40]} is out of range", where=node.span, expected="between 1e-400 and 1e400"
        )
    return Integer(int(node.text)) if node.text.isdigit() else Rational(node.text)


def _power(base: Expr, exponent: Expr, node: Node) -> Expr:
    if base.is_Rational and exponent.is_Rational:
        if base == 0 and exponent < 0:
            raise InputError("a division by zero", where=node.span, expected="a divisor that is not 0")
        if base < 0 and not exponent.is_Integer:
            raise InputError(
                f"{base}**({exponent}) is not real", where=node.span, expected="a base that is not negative"
            )
        bits = max(int(base.p).bit_length(), int(base.q).bit_length())
        if bits * abs(exponent) > MAX_BITS or exponent.q > MAX_BITS:
            raise InputError(
                "this power of numbers is too large", where=node.span, expected=f"at most {MAX_BITS} binary digits"
            )
    return S.One if exponent == 0 else base**exponent
