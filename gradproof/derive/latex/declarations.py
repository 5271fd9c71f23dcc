"""What a lowered system declares: inputs with their axes, sizes, unknown functions, shapes that no equation tells."""

from __future__ import annotations

from gradproof.derive import syntax
from gradproof.derive.latex.counts import Parts, check_counts
from gradproof.derive.latex.lower import Lowering
from gradproof.derive.latex.nodes import alone, nodes
from gradproof.derive.latex.sizes import key

#: Names for sizes that the page does not name, in order.
SIZE_NAMES = ("n", "k", "p", "q", "r", "s", "u", "v", "N", "K", "P", "Q")


def declarations(low: Lowering, defines: list[syntax.Define], parts: Parts) -> list[syntax.Declaration]:
    """Return the declarations that a system needs before its equations, which were lowered from the parts."""
    computed = {d.target.name for d in defines if d.kind == "define"}
    updated = {d.target.name for d in defines if d.kind == "update"}
    declared = {n: j for j, n in enumerate(low.know.shapes)}
    inputs = sorted((n for n in low.inputs if n not in computed), key=lambda n: declared.get(n, len(declared)))
    unstated = low.counts.unstated(low, parts)
    low.sizes.settle()
    _name_sizes(low, inputs, defines)
    check_counts(low, unstated)
    out = []
    span = defines[0].span
    if low.functions:
        items = tuple(syntax.Declared(f, (), None, where) for f, where in low.functions.items())
        out.append(syntax.Declaration("function", items, span))
    shapes = {n: _declared(low, n) for n in inputs}
    axes = {key(node) for d in shapes.values() for node in (*d.shape, *((d.bound,) if d.bound else ()))}
    bare = [n for n in low.size_uses if n not in axes]
    if bare:
        items = tuple(syntax.Declared(n, (), None, low.size_uses[n]) for n in bare)
        out.append(syntax.Declaration("size", items, span))
    for kind in ("given", "param"):
        chosen = tuple(d for n, d in shapes.items() if _kind(low, n, updated) == kind)
        if chosen:
            out.append(syntax.Declaration(kind, chosen, span))
    computed_shapes = tuple(_computed_shape(low, d) for d in defines if d.kind == "define" and _needs_shape(d))
    if computed_shapes:
        out.append(syntax.Declaration("shape", computed_shapes, span))
    return out


def _kind(low: Lowering, name: str, updated: set[str]) -> str:
    if name in updated:
        return "param"
    return low.know.shapes[name].kind if name in low.know.shapes and low.know.shapes[name].kind == "param" else "given"


def _declared(low: Lowering, name: str) -> syntax.Declared:
    span = low.span(low.inputs[name])
    shape = low.know.shapes.get(name)
    nodes = tuple(_size(low, v) for v in low.axes.get(name, ()))
    return syntax.Declared(name, nodes, shape.declared.bound if shape else None, span)


def _size(low: Lowering, v: int) -> syntax.Node:
    node = low.sizes.name(v)
    assert node is not None, "every axis has a name by now"
    return node


def _computed_shape(low: Lowering, d: syntax.Define) -> syntax.Declared:
    return syntax.Declared(d.target.name, tuple(_size(low, v) for v in low.axes[d.target.name]), None, d.target.span)


def _needs_shape(d: syntax.Define) -> bool:
    """An index at the left that stands alone nowhere at the right has no range but the one declared."""
    if not isinstance(d.target, syntax.Item):
        return False
    told = alone(d.value)
    return any(isinstance(i, syntax.Name) and i.name not in told for i in d.target.indices)


def _name_sizes(low: Lowering, inputs: list[str], defines: list[syntax.Define]) -> None:
    """Name the sizes that the page does not name: after the index letter's own range elsewhere, else n, k, p, q, ..."""
    used = {key(c.node) for j, c in enumerate(low.sizes.known) if low.sizes.root(j) == j and c.node is not None}
    blocked = (
        set(low.taken)
        | set(low.inputs)
        | set(low.computed)
        | set(low.functions)
        | set(low.size_uses)
        | _letters(defines)
    )
    for name in (*inputs, *low.computed):
        for axis, v in enumerate(low.axes.get(name, ())):
            if low.sizes.name(v) is None:
                wish = low.know.ranges.get(low.know.letters.get((name, axis), ""), "")
                wish = low.know.name(wish) if wish else ""
                free = wish and wish not in used and wish not in set(low.inputs) | set(low.computed)
                chosen = (
                    wish
                    if free
                    else next(c for c in _size_names() if c not in blocked | used and c not in low.know.sizes)
                )
                used.add(chosen)
                span = low.span(low.inputs[name]) if name in low.inputs else defines[0].span
                low.sizes.bind(v, syntax.Name(chosen, span), span, f"an axis of {name}")


def _size_names() -> list[str]:
    return [*SIZE_NAMES, *(f"n{j}" for j in range(1, 1000))]


def _letters(defines: list[syntax.Define]) -> set[str]:
    return {n.name for d in defines for n in nodes((d.target, d.value)) if isinstance(n, syntax.Name)}


def others(low: Lowering, computed: set[str]) -> list[syntax.Statement]:
    """The assumptions and edges of notation blocks that speak of this system's tensors alone, at their ranks."""
    names = set(low.inputs) | computed
    out: list[syntax.Statement] = []
    for line in low.know.others:
        items = [
            n
            for n in nodes((line.left, line.right) if isinstance(line, syntax.Assume) else line.value)
            if isinstance(n, syntax.Item)
        ]
        about = {i.name for i in items} if isinstance(line, syntax.Assume) else {line.name}
        if about and about <= names and all(len(low.axes.get(i.name, ())) == len(i.indices) for i in items):
            out.append(line)
    return out
