"""Give every index of every line a name of its own (`i@3`), and find all other names among the declared ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from gradproof.derive import syntax
from gradproof.derive.functions import FUNCTIONS
from gradproof.derive.notation import complaints, reach
from gradproof.derive.notation.declared import Declarations, children, indices_of
from gradproof.derive.notation.integers import check_length
from gradproof.derive.syntax import (
    Apply,
    Binary,
    Bracket,
    Compare,
    Item,
    Name,
    Negation,
    Node,
    Position,
    Reduction,
    Unary,
)
from gradproof.errors import InputError, Span

Scope = dict[str, str]


@dataclass(frozen=True, slots=True)
class Slot:
    """An index that stands alone in an axis of a tensor."""

    index: str
    tensor: str
    axis: int
    span: Span


@dataclass(frozen=True, slots=True)
class Compared:
    """An index compared with something in a bracket: `index op other`; `own` where the bracket binds it."""

    index: str
    op: str
    other: Node
    own: bool
    span: Span


@dataclass
class Line:
    """An equation or assumption whose names are resolved, with what says something about the ranges of its indices.

    `open`: of a residual, the indices that nothing binds.
    """

    statement: syntax.Define | syntax.Assume
    target: Item | None = None
    values: tuple[Node, ...] = ()
    slots: list[Slot] = field(default_factory=list)
    compared: list[Compared] = field(default_factory=list)
    reads: list[Item] = field(default_factory=list)
    places: dict[str, Span] = field(default_factory=dict)
    open: tuple[str, ...] = ()


def letter(index: str) -> str:
    """The user's name of an index."""
    return index.partition("@")[0]


def resolve_all(declared: Declarations) -> list[Line]:
    """Return the resolved lines: equations in order, then updates, then assumptions."""
    serial = count()
    equations = [e for group in declared.computed.values() for e in group]
    lines = [_Resolver(declared, serial).equation(e) for e in (*equations, *declared.updates)]
    return lines + [_Resolver(declared, serial).assumption(a) for a in declared.assumed]


class _Resolver:
    """Resolves one line."""

    def __init__(self, declared: Declarations, serial: Iterator[int]) -> None:
        self.declared, self.serial = declared, serial
        self.around: list[Reduction] = []
        self.line: Line

    def equation(self, statement: syntax.Define) -> Line:
        if statement.kind == "solve":
            return self._residual(statement)
        self.line = Line(statement)
        scope: Scope = {}
        target = statement.target
        for slot in indices_of(target):
            if isinstance(slot, Name) and slot.name not in self.declared.sizes:
                if slot.name in scope:
                    raise complaints.repeated_index(slot, statement)
                self._bind(slot, scope)
        resolved = self._item(Item(target.name, indices_of(target), target.span), scope)
        self.line.reads.clear()
        self.line.target = resolved
        self.line.values = (self.resolve(statement.value, scope),)
        return self.line

    def _residual(self, statement: syntax.Define) -> Line:
        """The indices that nothing binds are those of the equations; of the target's, the others are columns."""
        self.line = Line(statement)
        scope: Scope = {}
        for name in _open_indices((statement.value,), frozenset()):
            if name.name not in scope and not self._is_known(name.name):
                self._bind(name, scope)
        self.line.values = (self.resolve(statement.value, scope),)
        self.line.open = tuple(scope.values())
        columns = dict(scope)
        for slot in indices_of(statement.target):
            if isinstance(slot, Name) and slot.name not in columns:
                self._bind(slot, columns)
        target = statement.target
        self.line.target = self._item(Item(target.name, indices_of(target), target.span), columns)
        self.line.reads.pop()
        return self.line

    def assumption(self, statement: syntax.Assume) -> Line:
        """Indices that nothing binds stand for all their values."""
        self.line = Line(statement)
        scope: Scope = {}
        for name in _open_indices((statement.left, statement.right), frozenset()):
            if name.name not in scope and not self._is_known(name.name):
                self._bind(name, scope)
        self.line.values = tuple(self.resolve(v, scope) for v in (statement.left, statement.right))
        return self.line

    def _is_known(self, name: str) -> bool:
        return name in self.declared.sizes or self.declared.is_tensor(name) or name == "pi"

    def _bind(self, name: Name, scope: Scope) -> Name:
        if name.name in scope:
            raise complaints.bound_twice(name)
        if self._is_known(name.name):
            raise complaints.index_named_like(name, self.declared)
        unique = f"{name.name}@{next(self.serial)}"
        scope[name.name] = unique
        self.line.places[unique] = name.span
        return Name(unique, name.span)

    # ------------------------------------------------------------ nodes

    def resolve(self, node: Node, scope: Scope) -> Node:
        """Return the node with resolved names. Chains `a + b + c` lean left and may be long: a loop walks them."""
        spine = []
        while isinstance(node, Binary):
            spine.append(node)
            node = node.left
        out = self._leaf(node, scope)
        for b in reversed(spine):
            out = Binary(b.op, out, self.resolve(b.right, scope), b.span)
        return out

    def _leaf(self, node: Node, scope: Scope) -> Node:
        match node:
            case Name():
                return self._name(node, scope)
            case Item():
                return self._item(node, scope)
            case Apply():
                return self._apply(node, scope)
            case Unary():
                return Unary(self.resolve(node.operand, scope), node.span)
            case Compare():
                return self._compare(node, scope, frozenset())
            case Negation():
                return Negation(self._each(node.conditions, scope), node.span)
            case Bracket():
                return Bracket(self._each(node.conditions, scope), node.span)
            case Position():
                return Position(self._each(node.items, scope), node.span)
            case Reduction():
                return self._reduction(node, scope)
        return node

    def _each(self, nodes: tuple[Node, ...], scope: Scope) -> tuple[Node, ...]:
        return tuple(self.resolve(n, scope) for n in nodes)

    def _name(self, node: Name, scope: Scope) -> Node:
        if node.name in scope:
            return Name(scope[node.name], node.span)
        if self.declared.is_tensor(node.name):
            return self._item(Item(node.name, (), node.span), scope)
        if node.name in self.declared.sizes or node.name == "pi":
            return node
        raise reach.ended(node, self.line.statement) or complaints.undefined_name(node, self.declared, scope)

    def _item(self, node: Item, scope: Scope) -> Item:
        if not self.declared.is_tensor(node.name):
            raise complaints.undefined_tensor(node, self.declared, scope)
        if self.declared.rank(node.name) != len(node.indices):
            raise complaints.wrong_rank(node, self.declared)
        for index in node.indices:
            check_length(index)
        indices = self._each(node.indices, scope)
        for axis, index in enumerate(indices):
            if isinstance(index, Name) and "@" in index.name:
                self.line.slots.append(Slot(index.name, node.name, axis, index.span))
        out = Item(node.name, indices, node.span)
        self.line.reads.append(out)
        return out

    def _apply(self, node: Apply, scope: Scope) -> Node:
        base = node.name.rstrip("'")
        table = {**{n: f.arity for n, f in FUNCTIONS.items()}, "sqrt": 1, "where": 3, "grad": 2}
        if node.name in table:
            wanted = table[node.name]
            if len(node.arguments) != wanted and not (
                wanted == 2 < len(node.arguments) and node.name in ("max", "min")
            ):
                raise complaints.wrong_arity(node, wanted)
        elif base not in self.declared.functions:
            raise complaints.undefined_function(node, self.declared, table)
        return Apply(node.name, self._each(node.arguments, scope), node.span)

    # ------------------------------------------------------------ brackets that bind

    def _reduction(self, node: Reduction, outer: Scope) -> Reduction:
        scope = dict(outer)
        self._check_nesting(node)
        places = {k: self._bind(item, scope) for k, item in enumerate(node.items) if isinstance(item, Name)}
        for k, item in enumerate(node.items):
            new = _new_names(item, scope, self._is_known)
            if len(new) > 1:
                raise complaints.which_binds(new, node)
            places.update((k, self._bind(n, scope)) for n in new)
        own = [places[k] for k in sorted(places)]
        if not own:
            raise InputError(
                f"{node.op}[...] binds no index", where=node.span, expected=f"an index, as in {node.op}[i] x[i]"
            )
        bound = frozenset(n.name for n in own)
        conditions = tuple(self._condition(c, scope, bound) for c in node.items if not isinstance(c, Name))
        self.around.append(node)
        body = self.resolve(node.body, scope)
        self.around.pop()
        return Reduction(node.op, (*own, *conditions), body, node.span)

    def _check_nesting(self, node: Reduction) -> None:
        for item in node.items:
            for outer in reversed(self.around):
                if isinstance(item, Name) and any(isinstance(n, Name) and n.name == item.name for n in outer.items):
                    raise reach.nested(item, outer, node)

    def _condition(self, node: Node, scope: Scope, own: frozenset[str]) -> Node:
        return self._compare(node, scope, own) if isinstance(node, Compare) else self.resolve(node, scope)

    def _compare(self, node: Compare, scope: Scope, own: frozenset[str]) -> Compare:
        out = Compare(self._each(node.operands, scope), node.ops, node.span)
        for left, op, right in zip(out.operands, out.ops, out.operands[1:], strict=False):
            for index, sign, other in ((left, op, right), (right, _FLIPPED[op], left)):
                if isinstance(index, Name) and "@" in index.name:
                    self.line.compared.append(Compared(index.name, sign, other, index.name in own, index.span))
        return out


_FLIPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _new_names(item: Node, scope: Scope, is_known: object) -> list[Name]:
    """The names that stand alone at a side of a comparison and mean nothing yet."""
    if not isinstance(item, Compare):
        return []
    alone = {n.name: n for n in item.operands if isinstance(n, Name)}
    return [n for name, n in alone.items() if name not in scope and not is_known(name)]  # type: ignore[operator]


def _open_indices(nodes: tuple[Node, ...], bound: frozenset[str], *, inside: bool = False) -> Iterator[Name]:
    """Yield the names that stand in axes and that no reduction around them binds."""
    for node in nodes:
        if isinstance(node, Name):
            if inside and node.name not in bound:
                yield node
        elif isinstance(node, Reduction):
            yield from _open_indices((node.body,), bound | _bound_names(node), inside=inside)
        else:
            yield from _open_indices(children(node), bound, inside=inside or isinstance(node, Item))


def _bound_names(node: Reduction) -> frozenset[str]:
    sides = [s for item in node.items for s in (item.operands if isinstance(item, Compare) else (item,))]
    return frozenset(s.name for s in sides if isinstance(s, Name))
