"""What a text declares: tensors with their axes, sizes, unknown functions, edges; and what it computes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gradproof.derive import syntax
from gradproof.derive.functions import FUNCTIONS
from gradproof.derive.index import Size
from gradproof.derive.syntax import Binary, Compare, Declared, Define, Item, Name, Reduction
from gradproof.errors import InputError, Span

#: Written like functions, though they are powers or brackets: sqrt(a) and where(c, a, b).
DERIVED_FORMS = ("sqrt", "where")
#: Names with a meaning of their own, which no tensor, size or index may take.
RESERVED = frozenset(
    ("pi", "sum", "mean", "prod", "argmax", "argmin", "logdet", "grad", "not", *DERIVED_FORMS, *FUNCTIONS)
)
#: `d_x` is the gradient with respect to x, `t_x` its total adjoint, `d2_x` the gradient of a second derivation.
PREFIXES = ("d2_", "d_", "t_")
#: The kinds of equations that define a tensor as a whole.
WHOLE = ("define", "solve")


@dataclass
class Declarations:
    """Everything that has a name, before any equation is looked into.

    Attributes:
        inputs: given and param tensors, in order: name -> (kind, declaration).
        shapes: `shape` lines: name -> declaration.
        computed: name -> its equations (start rows included), in order.
        sizes: name -> size symbol.
        functions: unknown functions, in order.
        outside: name -> the value of a read past the edge.
        updates: the `:=` lines.
        assumed: the `assume` lines.
        adjoints: names that an `adjoint` line permits beside the tensor that they are the adjoint of.
    """

    inputs: dict[str, tuple[str, Declared]] = field(default_factory=dict)
    shapes: dict[str, Declared] = field(default_factory=dict)
    computed: dict[str, list[Define]] = field(default_factory=dict)
    sizes: dict[str, Size] = field(default_factory=dict)
    functions: dict[str, Span] = field(default_factory=dict)
    outside: dict[str, syntax.Outside] = field(default_factory=dict)
    updates: list[Define] = field(default_factory=list)
    assumed: list[syntax.Assume] = field(default_factory=list)
    adjoints: dict[str, Span] = field(default_factory=dict)

    def is_tensor(self, name: str) -> bool:
        return name in self.inputs or name in self.computed

    def rank(self, name: str) -> int:
        """Return the number of axes, as declared or as defined."""
        if name in self.inputs:
            return len(self.inputs[name][1].shape)
        if name in self.shapes:
            return len(self.shapes[name].shape)
        return len(indices_of(self.computed[name][0].target))

    def place(self, name: str) -> Span:
        if name in self.inputs:
            return self.inputs[name][1].span
        return self.shapes[name].span if name in self.shapes else self.computed[name][0].span

    def bound(self, name: str) -> syntax.Node | None:
        return self.inputs[name][1].bound if name in self.inputs else None

    def known(self) -> list[str]:
        return [*self.inputs, *self.computed, *self.sizes]


def adjoint_of(name: str, names: Collection[str]) -> str:
    """Return the tensor whose adjoint the name is reserved for, if it is among the names; "" if there is none.

    >>> adjoint_of("d_x", ("x", "d_x")), adjoint_of("d_x", ("d_x",))
    ('x', '')
    """
    found = (name.removeprefix(p) for p in PREFIXES if name.startswith(p))
    return next((of for of in found if of in names), "")


def indices_of(target: Item | Name) -> tuple[syntax.Node, ...]:
    """The index expressions of an equation's left side; none for a scalar."""
    return target.indices if isinstance(target, Item) else ()


def collect(text: syntax.Text, *, adjoints: bool = False) -> Declarations:
    """Return the declarations of a text; with `adjoints` it may compute `d_x` beside `x`.

    Raises:
        InputError: for a name declared twice or reserved, and for `shape` and `outside` lines about nothing.
    """
    found = Declarations()
    for statement in text.statements:
        _collect(found, statement)
    for name, shape in found.shapes.items():
        if name not in found.computed:
            raise InputError(
                f"shape of {name}, but no equation computes {name}", where=shape.span, expected=f"{name}[...] = ..."
            )
    for name, line in found.outside.items():
        if not found.is_tensor(name):
            raise InputError(
                f"outside {name}, but there is no tensor {name}", where=line.span, expected="the name of a tensor"
            )
    _sizes(found, text)
    if not adjoints:
        _prefixes(found)
    return found


def _collect(found: Declarations, statement: syntax.Statement) -> None:
    if isinstance(statement, syntax.Declaration):
        for item in statement.items:
            _declare(found, statement.kind, item)
    elif isinstance(statement, syntax.Assume):
        found.assumed.append(statement)
    elif isinstance(statement, syntax.Outside):
        found.outside[statement.name] = statement
    elif statement.kind == "update":
        found.updates.append(statement)
    else:
        _compute(found, statement)


def _declare(found: Declarations, kind: str, item: Declared) -> None:
    if kind == "adjoint":
        found.adjoints[item.name] = item.span
        return
    _check_name(item.name, item.span, function=kind == "function")
    if kind == "function":
        found.functions[item.name] = item.span
        return
    if kind == "size":
        found.sizes.setdefault(item.name, Size(item.name, 0))
        return
    earlier = found.shapes.get(item.name) or (found.inputs[item.name][1] if item.name in found.inputs else None)
    if earlier is not None:
        raise InputError(f"{item.name} is declared twice: first in line {earlier.span.line}", where=item.span)
    if kind != "shape" and any(e.kind in WHOLE for e in found.computed.get(item.name, ())):
        raise InputError(
            f"{item.name} is defined in line {found.computed[item.name][0].span.line} and given here",
            where=item.span,
            expected="a tensor that is either given or computed",
        )
    if kind == "shape":
        found.shapes[item.name] = item
    else:
        found.inputs[item.name] = (kind, item)


def _compute(found: Declarations, line: Define) -> None:
    name = line.target.name
    _check_name(name, line.target.span)
    if name in found.inputs and line.kind in WHOLE:
        raise InputError(
            f"{name} is given in line {found.inputs[name][1].span.line} and defined here",
            where=line.target.span,
            expected="a tensor that is either given or computed",
            hint=f"use := for an update: {name} := ..." if line.kind == "define" else "",
        )
    earlier = found.computed.setdefault(name, [])
    if line.kind in WHOLE and any(e.kind in WHOLE for e in earlier):
        first = next(e for e in earlier if e.kind in WHOLE)
        raise InputError(
            f"{name} is defined twice: first in line {first.span.line}",
            where=line.target.span,
            expected="one equation for each tensor",
            hint=f"use a new name here, or `start {name}[...] = ...` for the first row of a recurrence",
        )
    earlier.append(line)


def _check_name(name: str, span: Span, *, function: bool = False) -> None:
    if name in RESERVED:
        raise InputError(f"{name} is a word of the notation", where=span, expected="another name")
    if name.endswith("'"):
        what = "the derivative of an unknown function" if function else "a derivative"
        raise InputError(f"{name} has a prime, which marks {what}", where=span, expected="a name without primes")


def _sizes(found: Declarations, text: syntax.Text) -> None:
    """Name the sizes: axes, bounds of integer tensors and divisors are at least 1, others at least 0."""
    declared = [*(d for _, d in found.inputs.values()), *found.shapes.values()]
    axes = [n for d in declared for n in (*d.shape, *((d.bound,) if d.bound is not None else ()))]
    one = {n.name for n in axes if isinstance(n, Name)} | _divisors(text)
    for node in (n for a in axes for n in _names(a)):
        if found.is_tensor(node.name):
            raise _size_and_tensor(node.name, node.span)
        _check_name(node.name, node.span)
        found.sizes.setdefault(node.name, Size(node.name, 0))
    for name in found.sizes:
        if found.is_tensor(name):
            raise _size_and_tensor(name, found.place(name))
        found.sizes[name] = Size(name, 1 if name in one else 0)


def _size_and_tensor(name: str, span: Span) -> InputError:
    return InputError(f"{name} is a size and a tensor", where=span, expected="different names for the two")


def _names(node: syntax.Node) -> Iterator[Name]:
    return (n for n in walk([node]) if isinstance(n, Name))


def children(node: Any) -> tuple[Any, ...]:
    """The nodes right inside a node, from the left."""
    out: list[Any] = []
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        parts = value if isinstance(value, tuple) else (value,)
        out += [p for p in parts if hasattr(p, "__dataclass_fields__") and not isinstance(p, Span)]
    return tuple(out)


def walk(nodes: Iterable[Any]) -> Iterator[Any]:
    """Yield all nodes of syntax trees, from the left."""
    stack = list(reversed(list(nodes)))
    while stack:
        top = stack.pop()
        yield top
        stack.extend(reversed(children(top)))


def _divisors(text: syntax.Text) -> set[str]:
    """The names by which something is divided."""
    out = set()
    for node in walk(text.statements):
        if isinstance(node, Binary) and node.op in ("/", "%"):
            out |= {n.name for n in _factors(node.right) if isinstance(n, Name)}
        if isinstance(node, Reduction) and node.op == "mean":  # a sum divided by the range of its indices
            out |= {
                s.name for item in node.items if isinstance(item, Compare) for s in item.operands if isinstance(s, Name)
            }
    return out


def _factors(node: syntax.Node) -> list[syntax.Node]:
    out = []
    while isinstance(node, Binary) and node.op == "*":
        out.append(node.right)
        node = node.left
    return [*out, node]


def _prefixes(found: Declarations) -> None:
    """Refuse `d_x` beside `x`, unless an `adjoint` line says that it is what the name says: the adjoint of x."""
    names = (*found.inputs, *found.computed)
    for name in names:
        of = adjoint_of(name, names)
        if of and name not in found.adjoints:
            raise InputError(
                f"{name} stands beside {of}",
                where=found.place(name),
                expected=f"another name: {name} will be an adjoint of {of}",
                hint=f"if it is the adjoint of {of}, as in the text of a backward pass, say so: adjoint {name}",
            )
    for name, span in found.adjoints.items():
        if not (found.is_tensor(name) and adjoint_of(name, names)):
            raise InputError(
                f"{name} is no adjoint of this text", where=span, expected="a tensor d_x that stands beside a tensor x"
            )
