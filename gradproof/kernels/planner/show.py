"""A plan in a few lines: regions, loops by indentation, what each computes, and what is kept where."""

from __future__ import annotations

from collections.abc import Iterator

from gradproof.derive.index import Index, is_fresh
from gradproof.kernels.equations import ranges
from gradproof.kernels.plan import Statement
from gradproof.kernels.planner.tree import Dot, Loop, Nest, Node, Once, Place, Plan, Row, Strip, statements_of

_MARKS = {"map": "=", "sum": "+=", "max": "max=", "min": "min=", "add": "+=", "argmax": "argmax=", "argmin": "argmin="}
_LETTERS = "abcdefghjlopqrsuvxyz"


def show_plan(plan: Plan) -> str:
    """Return the plan as text."""
    names: dict[Index, str] = {}
    lines: list[str] = []
    for region in plan.regions:
        shared = [_name(i, names) for i in (region.index, region.beside) if i is not None]
        own = ", and add to their own places" if region.owned is not None else ""
        lines.append(f"threads share {', '.join(shared)}{own}" if shared else "one thread")
        for node in region.body:
            lines += [f"  {line}" for line in _lines(node, names)]
    return "\n".join([*lines, *_places(plan)])


def summary(plan: Plan) -> list[str]:
    """Return a line for each region: what threads share, which equations it computes, and how."""
    lines = []
    for region in plan.regions:
        nodes = [n for node in region.body for n in _all(node)]
        names = _printed(plan, nodes)
        shared = [_known(i, names) for i in (region.index, region.beside) if i is not None]
        how = ", with matrix products" if any(isinstance(n, Dot) for n in nodes) else ""
        how += "".join(f", in strips of {_cut(n, names)} by {n.length}" for n in nodes if isinstance(n, Strip))
        own = ", and add to their own places" if region.owned is not None else ""
        head = f"threads share {', '.join(shared)}{own}" if shared else "one thread"
        lines.append(f"{head}: {ranges({s for n in nodes for s in _numbers(n)})}{how}")
    return lines


def _printed(plan: Plan, nodes: list[Node]) -> dict[Index, str]:
    """Return the names that indices have at the left of the equations which the nodes compute."""
    shown = {e.name: e.target.indices for e in plan.program.shown}
    names: dict[Index, str] = {}
    for s in (s for n in nodes for s in statements_of(n)):
        for slot, printed in zip(s.target.indices, shown.get(s.name, ()), strict=False):
            if isinstance(slot, Index) and isinstance(printed, Index):
                names.setdefault(slot, printed.name)
    return names


def _known(index: Index, names: dict[Index, str]) -> str:
    """Return the index's name in the equations; of one that nobody named, how many places it has."""
    return names.get(index) or (f"{index.size} places" if is_fresh(index) else index.name)


def _cut(strip: Strip, names: dict[Index, str]) -> str:
    """Return what strips are cut from: the places of an index, or of several together."""
    return ", ".join(_known(i, names) for i in (strip.index, *strip.beside))


def _all(node: Node) -> Iterator[Node]:
    yield node
    for inner in node.body if isinstance(node, Loop | Strip) else ():
        yield from _all(inner)


def _numbers(node: Node) -> Iterator[int]:
    if isinstance(node, Row | Once):
        yield from (s.number for s in node.statements)
    elif isinstance(node, Dot):
        yield node.statement.number
    elif isinstance(node, Nest):
        yield from (e.number for e in node.block.equations)


def _lines(node: Node, names: dict[Index, str]) -> Iterator[str]:
    if isinstance(node, Loop):
        yield f"for {_name(node.index, names)} < {node.index.size}{' down' if node.direction < 0 else ''}"
        for inner in node.body:
            yield from (f"  {line}" for line in _lines(inner, names))
    elif isinstance(node, Strip):
        ends = "".join(f", {_name(i, names)} with it" for i, _ in node.ends)
        yield f"strips of {''.join(_name(i, names) for i in (node.index, *node.beside))} by {node.length}{ends}"
        for inner in node.body:
            yield from (f"  {line}" for line in _lines(inner, names))
    elif isinstance(node, Row):
        yield f"row {_name(node.index, names)} < {node.index.size}: {_statements(node.statements)}"
    elif isinstance(node, Once):
        yield f"once: {_statements(node.statements)}"
    elif isinstance(node, Dot):
        yield _dot(node, names)
    elif isinstance(node, Nest):
        yield "nest " + " ".join(f"({e.number}) {e.name}" for e in node.block.equations)


def _dot(node: Dot, names: dict[Index, str]) -> str:
    axes = ", ".join("".join(_name(i, names) for i in part) for part in (node.rows, node.columns, node.inner))
    sign = ("+" if node.accumulate else "") + "=" + (" -" if node.factor < 0 else "")
    return f"dot ({node.statement.number}) {node.statement.name} {sign} {node.left.name} @ {node.right.name} [{axes}]"


def _statements(statements: tuple[Statement, ...]) -> str:
    return ", ".join(f"({s.number}) {s.name} {_MARKS[s.kind]}" for s in statements)


def _name(index: Index, names: dict[Index, str]) -> str:
    """Return the index's name; those that nobody named get letters in the order of their appearance."""
    if index not in names:
        taken = set(names.values())
        wish = [] if is_fresh(index) else [index.name]
        names[index] = next(w for w in [*wish, *_LETTERS, *(f"i{n}" for n in range(999))] if w not in taken)
    return names[index]


def _places(plan: Plan) -> Iterator[str]:
    def kept(kind: str) -> str:
        return ", ".join(f"{n}{_axes(p)}" for n, p in plan.places.items() if p.kind == kind) or "-"

    yield f"scalars: {kept('scalar')} | buffers: {kept('buffer')}"


def _axes(place: Place) -> str:
    kept = [f"strip {a}" if a in place.strips else str(a) for a in place.axes]
    return f"[{', '.join(kept)}]" if kept else ""
