"""Equations to loop nests: each nested reduction becomes a statement of its own, placed where its indices are bound."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import sympy as sp
from sympy import Basic, Expr, Mul, Pow

from gradproof.derive.bounds import nonnegative
from gradproof.derive.conditions import INTEGER_KINDS, Condition, at_least_zero, equals_zero
from gradproof.derive.implicit import is_solution, opened
from gradproof.derive.index import Index, fresh
from gradproof.derive.model import Equation, System
from gradproof.derive.nodes import (
    Element,
    Iverson,
    Reduce,
    elements,
    free,
    free_indices,
    names_in,
    rebuild,
    substitute,
)
from gradproof.errors import NotYet
from gradproof.kernels.edges import unproved
from gradproof.kernels.matrices import LOG_DETERMINANT, SOLVE
from gradproof.kernels.plan import Block, For, Node, Pass, Point, Statement, Storage, Work
from gradproof.kernels.recurrence import Group, integer_facts, reads
from gradproof.kernels.storage import memory_order

Guards = tuple[Condition, ...]


@dataclass
class Part:
    """A statement and the parts that compute the reductions in its expression."""

    statement: Statement
    chain: tuple[Index, ...]
    parts: list[Part] = field(default_factory=list)
    temporaries: dict[Basic, Element] = field(default_factory=dict)


def is_log_determinant(e: Expr) -> bool:
    """Is it the logarithm of a determinant?"""
    return isinstance(e, Reduce) and e.op == "logdet"


def _nested(indices: tuple[Index, ...], node: Node) -> Node:
    for index in reversed(indices):
        node = For(index, (node,))
    return node


class Lowering:
    """Lowers one group of equations; temporaries are added to `storage`."""

    def __init__(self, system: System, group: Group, storage: dict[str, Storage]) -> None:
        self.system, self.group, self.storage = system, group, storage
        self.members = frozenset(name for name, _ in group.axis)
        self.step = self._step()
        self.taken = {t.name for t in system.tensors} | {s.name for s in system.sizes} | set(storage)
        #: For each condition on a position: the element that holds it, the indices that it means, and their ranges.
        self.positions: dict[Condition, tuple[Element, tuple[Expr, ...], tuple[Expr, ...]]] = {}

    def _step(self) -> Index | None:
        if not self.group.direction:
            return None
        axis = dict(self.group.axis)
        own = [e.target.indices[axis[e.name]] for e in self.group.equations]
        one_name = len(set(own)) == 1
        return own[0] if one_name else fresh(own[0].size)

    def block(self) -> Block:
        """Return the block: temporaries that need an array first, then the equation or the recurrence."""
        before: list[Node] = []
        outside: list[Node] = []
        inside: list[Node] = []
        for equation in self.group.equations:
            if is_solution(equation.value) or is_log_determinant(equation.value):
                inside += self._whole(equation)
            else:
                self._place(self.part(equation), before, outside, inside)
        if self.step is not None:
            inside = [For(self.step, tuple(inside), self.group.direction)]
        return Block(self.group.equations, (*before, *outside, *inside))

    def _whole(self, equation: Equation) -> list[Node]:
        """Return the call of the helper that works on the matrix, and the loops that read the solution."""
        number, target = equation.number, equation.target
        if self.step is not None:
            raise NotYet(f"equation ({number}): a kernel of a linear system inside a recurrence")
        if not is_solution(equation.value):
            matrix = equation.value.body
            fixed = tuple(i for i in matrix.indices if i in equation.indices)
            stored = Statement(number, target, fixed, (), "map", sp.Integer(0))
            return [_nested(fixed, Work(LOG_DETERMINANT, (matrix.name,), fixed, stored))]
        own = opened(equation.value)
        fixed = tuple(i for i in own.matrix.indices if i in equation.indices)
        read = substitute(own.right, {own.rows[0]: own.slots[0]})
        part = self.part(Equation(number, target, read))
        work = _nested(fixed, Work(SOLVE, (own.matrix.name, own.right.name), fixed))
        return [work, self._build(part, (), [])[1]]

    def _place(self, part: Part, before: list[Node], outside: list[Node], inside: list[Node]) -> None:
        """Put a statement's loops inside the step of the recurrence, after the arrays that it needs."""
        arrays: list[Part] = []
        hoisted, node = self._build(part, self._outer(), arrays)
        for array in arrays:
            self._place_array(array, before, outside, inside)
        for depth, early in hoisted:
            (inside if depth == len(self._outer()) else outside).append(early)
        inside.append(node)

    def _outer(self) -> tuple[Index, ...]:
        return () if self.step is None else (self.step,)

    def _place_array(self, part: Part, before: list[Node], outside: list[Node], inside: list[Node]) -> None:
        """Compute a temporary array in the recurrence's step if it depends on the step's tensors, else before."""
        if self._reads_members(part):
            self._place(part, before, outside, inside)
            return
        arrays: list[Part] = []
        hoisted, node = self._build(part, (), arrays)
        for array in arrays:
            self._place_array(array, before, outside, inside)
        before += [*[n for _, n in hoisted], node]

    def _reads_members(self, part: Part) -> bool:
        own = names_in(part.statement.expr).union(*[names_in(c) for c in part.statement.conditions])
        reads = bool(own & self.members) or any(self._reads_members(p) for p in part.parts)
        if reads and self.step not in part.statement.free:
            number = part.statement.number
            raise NotYet(f"equation ({number}): a reduction over the steps of a recurrence, inside the recurrence")
        return reads

    # ---------------------------------------------------------------- statements

    def part(self, equation: Equation) -> Part:
        target, value = equation.target, equation.value
        if self.step is not None:
            own = target.indices[dict(self.group.axis)[equation.name]]
            target, value = (substitute(e, {own: self.step}) for e in (target, value))
        indices = [i for i in target.indices if isinstance(i, Index)]
        plain = len(set(indices)) == len(indices)
        if not plain or any(free_indices(i) for i in target.indices if not isinstance(i, Index)):
            raise NotYet(f"equation ({equation.number}): the target {target} is no plain list of different indices")
        chain = tuple(dict.fromkeys([*self._outer(), *indices]))
        if isinstance(value, Reduce):
            return self._reduction(equation.number, target, value, chain)
        part = Part(Statement(equation.number, target, tuple(indices), (), "map", value), chain)
        part.statement = replace(part.statement, expr=self._lift(value, part, ()))
        return part

    def _reduction(
        self,
        number: int,
        target: Element,
        node: Reduce,
        chain: tuple[Index, ...],
        *,
        guards: Guards = (),
        kind: str = "",
    ) -> Part:
        """Return the part for `target = node` inside the loops of `chain`."""
        reduced, body, conditions = node.open()
        if node.op in ("sum", "prod"):  # for a maximum the order decides which of equals is first
            reduced = memory_order(reduced, body)
        own = tuple(i for i in chain if i in target.indices)
        statement = Statement(number, target, own, tuple(reduced), kind or node.op, body, guards=guards)
        part = Part(statement, (*chain, *reduced))
        if node.op == "sum":
            conditions += [c for f in Mul.make_args(body) if isinstance(f, Iverson) for c in f.conditions]
            body = Mul(*[f for f in Mul.make_args(body) if not isinstance(f, Iverson)])
        expr = self._lift(body, part, (*guards, *conditions))
        lifted = [c for condition in conditions for c in self._condition(condition, part, guards)]
        part.statement = replace(statement, expr=expr, conditions=tuple(lifted))
        return part

    def _lift(self, e: Basic, part: Part, guards: Guards) -> Expr:
        """Return e with an element of a temporary for each reduction in it; `guards` hold where e is used."""
        if not e.has(Reduce):
            return e
        if isinstance(e, Reduce):
            return self._temporary(e, e.op, part, guards)
        if isinstance(e, Pow) and not e.exp.is_Integer:
            base = self._lift(e.base, part, guards)
            self._widen_squares(base, part)
            return rebuild(e, [base, self._lift(e.exp, part, guards)])
        if isinstance(e, Iverson):
            return Iverson(*[c for d in e.conditions for c in self._condition(d, part, guards)])
        if isinstance(e, Mul):
            inner = (*guards, *(c for f in e.args if isinstance(f, Iverson) for c in f.conditions))
            return rebuild(e, [self._lift(a, part, guards if isinstance(a, Iverson) else inner) for a in e.args])
        return rebuild(e, [self._lift(a, part, guards) for a in e.args])

    def _widen_squares(self, base: Expr, part: Part) -> None:
        """Keep a sum of squares in float64 where its root is taken: the squares leave float32 long before the root."""
        made = {p.statement.name: p.statement for p in part.parts}
        for name in sorted(names_in(base) & set(made)):
            if made[name].kind == "sum" and any(p.exp.is_Integer and p.exp > 1 for p in made[name].expr.atoms(Pow)):
                self.storage[name] = replace(self.storage[name], wide=True)

    def _condition(self, c: Condition, part: Part, guards: Guards) -> tuple[Condition, ...]:
        """Return the condition without reductions; `idx == argmax` compares flat positions, each index in its range."""
        if not c.has(Reduce):
            return (c,)
        if c.kind == "arg":
            node, indices = c.operands
            position = self._temporary(node, f"arg{node.op}", part, guards)
            flat, inside = sp.Integer(0), []
            for i, n in zip(indices, node.sizes, strict=True):
                flat = flat * n + i
                inside += [at_least_zero(i), at_least_zero(n - 1 - i)]
            same = equals_zero(flat - position)
            self.positions[same] = position, tuple(indices), tuple(node.sizes)
            return (*[d for d in inside if not nonnegative(d.operands[0])], same)
        if c.kind == "not":
            inner = [d for o in c.operands for d in self._condition(o, part, guards)]
            return (Condition("not", *inner),)
        return (Condition(c.kind, *[self._lift(o, part, guards) for o in c.operands]),)

    def _temporary(self, node: Reduce, kind: str, part: Part, guards: Guards) -> Element:
        """Return the element that holds a reduction's value; equal reductions of one statement share it."""
        own = tuple(i for i in part.chain if i in free(node))
        kept = self._useful(node, guards, own)
        key = sp.Tuple(node, sp.Symbol(kind), *kept)
        if key not in part.temporaries:
            element = Element(self._name(part.statement.name, kind), *own)
            nothing = (0,) * len(own)
            self.storage[element.name] = Storage(
                tuple(i.size for i in own), nothing, nothing, integer=kind.startswith("arg")
            )
            part.parts.append(self._reduction(part.statement.number, element, node, own, guards=kept, kind=kind))
            part.temporaries[key] = element
        return part.temporaries[key]

    def _useful(self, node: Reduce, guards: Guards, own: tuple[Index, ...]) -> Guards:
        """Return the guards on the reduction's own indices, if one of its reads needs any."""
        exposed = any(
            unproved(r.element, self.storage[r.element.name], self.system, integer_facts(r.conditions))
            for r in reads(node)
            if r.element.indices
        )
        mine = [c for c in guards if c.kind in INTEGER_KINDS and set(free_indices(c)) <= set(own)]
        return tuple(dict.fromkeys(c for c in mine if not elements(c))) if exposed else ()

    def _name(self, target: str, kind: str) -> str:
        base = f"{target.split('~', maxsplit=1)[0]}~{kind}"
        number, name = 2, base
        while name in self.taken:
            name, number = f"{base}~{number}", number + 1
        self.taken.add(name)
        return name

    # ---------------------------------------------------------------- loops

    def _build(self, part: Part, outer: tuple[Index, ...], arrays: list[Part]) -> tuple[list[tuple[int, Node]], Node]:
        """Return what goes before the open loops' body, by depth (at most len(outer)), and the statement's own node."""
        statement = part.statement
        loops = tuple(i for i in statement.free if i not in outer)
        chain, start = (*outer, *loops, *statement.reduced), len(outer) + len(loops)
        early: list[tuple[int, Node]] = []
        for inner in part.parts:
            depth = len(inner.statement.free)
            if set(inner.statement.free) != set(chain[:depth]):
                arrays.append(inner)
                continue
            self._keep_local(inner)
            hoisted, node = self._build(inner, chain[:depth], arrays)
            early += [*hoisted, (depth, node)]
        body: tuple[Node, ...] = (Point(statement),)
        for depth in range(len(chain), len(outer) - 1, -1):
            if depth == start and statement.kind != "map":
                body = (Pass(statement, body),)
            if depth > len(outer):
                body = (For(chain[depth - 1], (*[n for d, n in early if d == depth], *body)),)
        return [e for e in early if e[0] <= len(outer)], body[0]

    def _keep_local(self, part: Part) -> None:
        name = part.statement.name
        self.storage[name] = replace(self.storage[name], local=True)
        if self.step is not None and self.step not in part.statement.free:
            self._reads_members(part)
