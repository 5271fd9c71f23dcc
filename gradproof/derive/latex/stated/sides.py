"""Both sides of a claimed equality as equations over the same indices."""

from __future__ import annotations

from dataclasses import replace

from gradproof.derive import syntax
from gradproof.derive.latex.lower import Lowering
from gradproof.derive.latex.nodes import nodes
from gradproof.derive.latex.ranks import axes_text
from gradproof.derive.latex.sizes import key
from gradproof.derive.latex.slots import Ix
from gradproof.derive.latex.stated.letters import free_letters
from gradproof.derive.latex.stated.split import Chain
from gradproof.derive.latex.tree import Sym, Tree
from gradproof.derive.latex.values import Value, kind

#: Names of the two sides, which no page can hold.
LEFT, RIGHT = "left side", "right side"


def lower_sides(low: Lowering, of: Chain, left: Tree, right: Tree) -> list[syntax.Define]:
    """Return both sides as equations over the same indices.

    Raises:
        InputError: their shapes differ.
    """
    low.scope, low.parameters, low.fresh, low.used = {}, {}, set(), set()
    low.stated = dict(of.statement.counts)
    base = [(name, v, _size(low, v)) for name, axes in low.axes.items() for v in axes]
    for s in free_letters(low.know, tuple(x for x in (of.head, of.sides[0]) if x is not None)):
        low.scope[s.name] = Ix(low.letter(s.name), low.sizes.new(), low.stated.get(s.name))
    low.bare = set()
    values = [low.symbol(t, whole=True) if isinstance(t, Sym) else low.value(t) for t in (left, right)]
    if values[0].rank != values[1].rank:
        raise low.error(
            f"the left side is {kind(values[0])}, and this is {kind(values[1])}",
            right.at,
            expected=f"{axes_text(values[0].rank)} on both sides",
        )
    for a, b in zip(values[0].axes, values[1].axes, strict=True):
        low.sizes.join(a, b, low.span(right.at), "an axis of the two sides")
    _check_distinct(low, base, right)
    return [
        _define(low, name, v, t) for name, v, t in zip((LEFT, RIGHT), _same_letters(values), (left, right), strict=True)
    ]


def _check_distinct(low: Lowering, base: list[tuple[str, int, str]], right: Tree) -> None:
    """Sizes that the page's equations leave apart must not become one by the claim.

    Raises:
        InputError: they do.
    """
    seen: dict[str, tuple[str, str]] = {}
    for name, v, before in base:
        other, size = seen.setdefault(_size(low, v), (name, before))
        if size != before:
            raise low.error(
                f"the shapes do not fit: an axis of {other} would have to be as long as another one of {name}",
                right.at,
                expected="the same shape on both sides, for any sizes",
            )


def _size(low: Lowering, v: int) -> str:
    """Return the name of a size, or the number of its class while it has none."""
    node = low.sizes.name(v)
    return f"#{low.sizes.root(v)}" if node is None else key(node)


def _same_letters(values: list[Value]) -> list[Value]:
    letters = tuple(a or b for a, b in zip(values[0].letters, values[1].letters, strict=True))
    return [replace(v, letters=letters) for v in values]


def _define(low: Lowering, name: str, value: Value, tree: Tree) -> syntax.Define:
    span = low.span(tree.at)
    saved = set(low.fresh)
    used = {ix.name for ix in low.scope.values()}
    extra = []
    for j, wish in enumerate(value.letters):
        extra.append(low.fresh_letter(wish if wish and wish not in used else "ijkl"[min(j, 3)]))
        used.add(extra[-1])
    node = value.at(tuple(syntax.Name(e, span) for e in extra))
    low.fresh = saved
    names = (*(ix.name for ix in low.scope.values()), *extra)
    low.axes[name] = (*(ix.size for ix in low.scope.values()), *value.axes)
    slots = tuple(syntax.Name(n, span) for n in names)
    target = syntax.Item(name, slots, span) if slots else syntax.Name(name, span)
    return syntax.Define("define", target, node, span)


def foreign(low: Lowering, defines: list[syntax.Define], sides: list[syntax.Define]) -> tuple[str, ...]:
    """Return the inputs that one side alone reads, and no definition."""
    assert low.stating is not None
    known = _read(defines) | {d.target.name for d in defines} | set(low.stating.wanted)
    known |= {b for w in low.stating.wanted.values() for b in w.by}
    first, second = (_read([d]) & set(low.inputs) for d in sides)
    return tuple(n for n in low.inputs if n in (first ^ second) - known)


def _read(defines: list[syntax.Define]) -> set[str]:
    return {n.name for d in defines for n in nodes(d.value) if isinstance(n, syntax.Item | syntax.Name)}
