"""Walking the LaTeX tree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gradproof.derive.latex.tree import Applied, Mul, Paren, Power, Sym, Tree


def walk(tree: object) -> Iterator[Tree]:
    """Yield every node of a tree, from the left; a symbol before its subscripts."""
    stack = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(reversed(top))
        elif hasattr(top, "__dataclass_fields__"):
            yield top  # type: ignore[misc]
            stack.extend(getattr(top, f) for f in reversed(top.__dataclass_fields__) if f != "at")


def symbols(tree: object) -> Iterator[Sym]:
    """Yield every symbol, those in subscripts and heads of applications too."""
    return (t for t in walk(tree) if isinstance(t, Sym))


def application_heads(tree: object) -> set[int]:
    """Return the ids of the symbols that stand as functions: f in f(x). In x_i(1 - x_i) it is a factor."""
    return {id(n.head) for n in walk(tree) if isinstance(n, Applied) and not n.head.subs}


def power_before_group(before: Tree, op: str, group: Tree, text: str) -> Sym | None:
    """Return f where `f^2(x)` stands: a plain symbol with a power directly before a parenthesis."""
    if op or not isinstance(before, Power) or not isinstance(group, Paren) or text[group.at[0]] not in "([":
        return None
    base = before.base
    return base if isinstance(base, Sym) and not base.subs and not base.bold else None


def powered_heads(tree: object, text: str) -> set[int]:
    """Return the ids of the symbols that stand as f in `f^2(x)`: functions or factors, which only the page can tell."""
    pairs = (p for n in walk(tree) if isinstance(n, Mul) for p in pairwise(n.factors))
    found = (power_before_group(before, op, group, text) for (_, before), (op, group) in pairs)
    return {id(s) for s in found if s is not None}


def symbols_outside_subscripts(tree: object) -> Iterator[Sym]:
    """Yield the symbols that are values: no index letters."""
    stack = [tree]
    while stack:
        top = stack.pop()
        if isinstance(top, tuple):
            stack.extend(reversed(top))
        elif isinstance(top, Sym):
            yield top
        elif hasattr(top, "__dataclass_fields__"):
            skipped = ("at", "lower", "subs")
            stack.extend(getattr(top, f) for f in reversed(top.__dataclass_fields__) if f not in skipped)
