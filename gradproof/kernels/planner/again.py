"""Values that are cheaper to compute again than to keep: normalised rows, a gradient times a weight.

`xhat[n,d] = (x[n,d] - mu[d])*r[d]` reads one input at each place. Kept, it is an array that is written once and read
by every later pass; computed again, it costs a few operations on what those passes read anyway, and a pass that needs
it waits for mu and r alone. Statements are therefore placed as if it stood in them, and where they have been placed,
each row that needs the value computes it first, under a name of its own.

A factor that a sum does not run over (r[d] above) is multiplied after the sum, so that this need not wait for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sympy import Add, Basic, Expr, Mul, Pow

from gradproof.derive.conditions import at_least_zero
from gradproof.derive.functions import FUNCTIONS
from gradproof.derive.index import Index
from gradproof.derive.nodes import Call, Element, Iverson, elements, free, names_in, order_key, substitute
from gradproof.kernels.plan import Statement, Storage
from gradproof.kernels.planner.accesses import reads
from gradproof.kernels.planner.flatten import Work
from gradproof.kernels.planner.tree import Loop, Node, Once, Region, Row, Strip
from gradproof.kernels.prepare import Program

#: Additions and multiplications that a value computed again may have, and inputs that it may read at every place.
_OPERATIONS, _INPUTS = 4, 1
#: Where functions cost less than memory, one of them may be computed again.
_FUNCTIONS = 1


@dataclass
class Again:
    """What is computed again, and where.

    Attributes:
        made: the statements of such values, by name.
        before: what a statement was before these values were put into it, by the expression that it has now.
    """

    made: dict[str, Statement] = field(default_factory=dict)
    before: dict[Expr, Expr] = field(default_factory=dict)

    def restored(self, regions: Sequence[Region], storage: dict[str, Storage]) -> tuple[Region, ...]:
        """Return the regions in which each row computes the values that its statements read."""
        used: dict[str, int] = {}
        return tuple(replace(r, body=tuple(self._node(n, storage, used) for n in r.body)) for r in regions)

    def _node(self, node: Node, storage: dict[str, Storage], used: dict[str, int]) -> Node:
        if isinstance(node, Loop | Strip):
            return replace(node, body=tuple(self._node(n, storage, used) for n in node.body))
        if not isinstance(node, Row | Once) or not any(s.expr in self.before for s in node.statements):
            return node
        names: dict[Expr, Expr] = {}
        statements: list[Statement] = []
        for s in node.statements:
            expr = self.before.get(s.expr, s.expr)
            for value in self._values(expr):
                if value.target not in names:
                    own = Element(_own(value.name, storage, used), *value.target.indices)
                    names[value.target] = own
                    statements.append(replace(value, target=own, expr=substitute(value.expr, names)))
            statements.append(replace(s, expr=substitute(expr, names)))
        return replace(node, statements=tuple(statements))

    def _values(self, expr: Expr) -> Iterator[Statement]:
        """Yield the values that an expression reads, those first that others read."""
        for e in sorted(elements(expr), key=order_key):
            if e.name in self.made:
                yield from self._values(self.made[e.name].expr)
                yield self.made[e.name]


def _own(name: str, storage: dict[str, Storage], used: dict[str, int]) -> str:
    """Return the name of the value in one more row."""
    used[name] = used.get(name, 0) + 1
    if used[name] == 1:
        return name
    own = f"{name}~{used[name]}"
    storage[own] = storage[name]
    return own


def computed_again(
    works: Sequence[Work],
    program: Program,
    storage: dict[str, Storage],
    multiplies: Callable[[Statement], bool],
    *,
    functions: bool = False,
) -> tuple[tuple[Work, ...], Again]:
    """Return the works without values that are computed again, which stand in the statements that read them.

    Args:
        works: all statements.
        program: whose they are.
        storage: of all tensors; sums that are multiplied later are added.
        multiplies: is a sum made by matrix products? Its operands are kept.
        functions: may a value that is computed again hold a function? Processors take longer for an exponential than
            to read it from their cache; devices do not, and what a block keeps does not fit into theirs.
    """
    again, sums = Again(), _Sums(storage, frozenset(program.outputs))
    out = []
    chosen = {s.name for s in _chosen(works, program, storage, multiplies, _FUNCTIONS if functions else 0)}
    for work in works:
        statements: list[Statement] = []
        for s in work.statements:
            expr = substitute(s.expr, {v.target: _inside(v, again) for v in again.made.values()})
            if s.name in chosen:
                again.made[s.name] = s
            elif expr == s.expr:
                statements.append(s)
            else:
                statements += sums.hoisted(replace(s, expr=expr)) if s.kind == "sum" else [replace(s, expr=expr)]
                again.before.setdefault(expr, s.expr)
        out.append(replace(work, statements=tuple(statements)))
    return tuple(w for w in out if w.statements or w.block is not None), again


def _inside(value: Statement, again: Again) -> Expr:
    """Return the value as it stands in what reads it."""
    return substitute(value.expr, {v.target: v.expr for n, v in again.made.items() if n != value.name})


# ---------------------------------------------------------------- which values


def _chosen(
    works: Sequence[Work],
    program: Program,
    storage: Mapping[str, Storage],
    multiplies: Callable[[Statement], bool],
    functions: int,
) -> Iterator[Statement]:
    """Yield the statements whose values are computed again."""
    written: dict[str, int] = {}
    readers: dict[str, list[tuple[Work, Statement]]] = {}
    for work in works:
        for s in work.statements:
            written[s.name] = written.get(s.name, 0) + 1
            for name in {e.name for e in reads(s)}:
                readers.setdefault(name, []).append((work, s))
    nests = {n for w in works if w.block is not None for q in w.block.equations for n in names_in(q.value)}
    for work in works:
        for s in work.statements:
            if (
                work.step is None
                and written[s.name] == 1
                and s.name not in (*program.outputs, *nests)
                and _is_cheap(s, program, storage, functions)
                and all(_takes(w, r, s, multiplies) for w, r in readers.get(s.name, ()))
            ):
                yield s


def _is_cheap(s: Statement, program: Program, storage: Mapping[str, Storage], functions: int) -> bool:
    """Is it a few operations on one input at each place, and on what has fewer axes?"""
    own, kept = frozenset(s.free), storage[s.name]
    if s.kind != "map" or len(own) < 2 or s.target.indices != tuple(s.free) or s.conditions or s.guards:
        return False
    if any((*kept.low, *kept.high)) or kept.wide or kept.integer:
        return False
    if len(list(_calls(s.expr))) > functions or _operations(s.expr) > _OPERATIONS:
        return False
    found = reads(s)
    whole = [e for e in found if own <= free(e)]
    updated = {old for _, old in program.updated}
    return (
        all(isinstance(i, Index) for e in found for i in e.indices)
        and 0 < len(whole) <= _INPUTS
        and all(e.name in program.inputs and e.name not in updated and e.indices == s.target.indices for e in whole)
    )


def _calls(e: Basic) -> Iterator[Call]:
    """Yield the functions of an expression, each as often as it stands there."""
    if isinstance(e, Call):
        yield e
    for a in e.args:
        yield from _calls(a)


def _operations(e: Expr) -> int:
    """Return how many additions and multiplications an expression has, in functions too; many where it has more."""
    if isinstance(e, Element) or not e.args:
        return 0
    if isinstance(e, Call) and e.name in FUNCTIONS:
        return sum(_operations(a) for a in e.arguments)
    if isinstance(e, Add | Mul):
        return len(e.args) - 1 + sum(_operations(a) for a in e.args if isinstance(a, Expr))
    if isinstance(e, Pow) and e.exp == 2:
        return 1 + _operations(e.base)
    return _OPERATIONS + 1


def _takes(work: Work, reader: Statement, value: Statement, multiplies: Callable[[Statement], bool]) -> bool:
    """May the value stand in a statement that reads it?"""
    accesses = [e for e in reader.expr.atoms(Element) if e.name == value.name]
    plainly = not reader.conditions and not reader.guards and not reader.expr.atoms(Iverson)
    inside = {e.name for i in reader.target.indices for e in elements(i)}
    return (
        work.step is None
        and plainly
        and reader.kind in ("map", "sum", "max", "min")
        and value.name not in inside
        and all(e == value.target for e in accesses)
        and not multiplies(reader)
    )


# ---------------------------------------------------------------- factors of sums


class _Sums:
    """Sums whose constant factors are multiplied later; equal ones are one."""

    def __init__(self, storage: dict[str, Storage], outputs: frozenset[str]) -> None:
        self.storage, self.outputs = storage, outputs
        self.known: dict[tuple[object, ...], Element] = {}

    def hoisted(self, s: Statement) -> list[Statement]:
        """Return a sum, or the sum of what varies along it and the product with what does not."""
        over = frozenset(s.reduced)
        fixed = [f for f in Mul.make_args(s.expr) if not free(f) & over and elements(f) and not f.atoms(Call)]
        if not fixed:
            return [s]
        rest = Mul(*[f for f in Mul.make_args(s.expr) if f not in fixed])
        key = rest, s.free, s.reduced
        if s.name in self.outputs:  # a sum of nothing is 0, whatever its factors are then
            fixed.append(Iverson(*[at_least_zero(i.size - 1) for i in s.reduced]))
        product = replace(s, kind="map", reduced=(), expr=Mul(*fixed))
        if key in self.known:
            return [replace(product, expr=Mul(*fixed, self.known[key]))]
        name = self._name(s.name)
        nothing = (0,) * len(s.free)
        self.storage[name] = Storage(tuple(i.size for i in s.free), nothing, nothing)
        self.known[key] = element = Element(name, *s.free)
        return [replace(s, target=element, expr=rest), replace(product, expr=Mul(*fixed, element))]

    def _name(self, target: str) -> str:
        base = f"{target.split('~', maxsplit=1)[0]}~terms"
        return next(n for n in (base if k == 1 else f"{base}~{k}" for k in range(1, 1000)) if n not in self.storage)
