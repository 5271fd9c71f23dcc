"""Index letters that nothing in an expression binds, and the names that it reads."""

from __future__ import annotations

from collections.abc import Iterator

from gradproof.derive.latex.knowledge import Knowledge, fresh_letters
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.tree import Applied, Big, Derivative, Relation, Sym, Tree
from gradproof.derive.latex.walk import symbols


def free_letters(know: Knowledge, tree: object) -> tuple[Sym, ...]:
    r"""Return the index letters of a tree that no sum binds, in order: i and j of `p_i(\delta_{ij} - p_j)`."""
    found: dict[str, Sym] = {}
    for s in _free(know, tree, frozenset()):
        found.setdefault(s.name, s)
    return tuple(found.values())


def _free(know: Knowledge, tree: object, bound: frozenset[str]) -> Iterator[Sym]:
    if isinstance(tree, tuple):
        for part in tree:
            yield from _free(know, part, bound)
    elif isinstance(tree, Sym):
        yield from _of_symbol(know, tree, bound)
    elif hasattr(tree, "__dataclass_fields__"):
        inside = bound | bound_letters(tree) if isinstance(tree, Big) else bound
        for name in tree.__dataclass_fields__:
            if name != "at":
                yield from _free(know, getattr(tree, name), inside)


def _of_symbol(know: Knowledge, symbol: Sym, bound: frozenset[str]) -> Iterator[Sym]:
    if symbol.paren and symbol.paren in know.binders and symbol.paren not in bound:
        yield Sym(symbol.paren, False, (), "", 0, symbol.at)
    for x in symbols(symbol.subs):
        if not x.subs and x.name not in bound and know.name(x.name) not in know.sizes:
            yield x


def bound_letters(tree: Big) -> frozenset[str]:
    """Return the letters that a sum binds."""
    found = {x.name for x in tree.lower if isinstance(x, Sym)}
    for item in tree.lower:
        if isinstance(item, Relation):
            found |= {s.name for s in fresh_letters(item, tree.body)}
    return frozenset(found)


def value_names(know: Knowledge, tree: Tree) -> list[str]:
    """Return the names of the quantities in a tree, those in derivatives too; no functions and no index letters."""
    return list(dict.fromkeys(_values(know, tree)))


def _values(know: Knowledge, tree: object) -> Iterator[str]:
    if isinstance(tree, tuple):
        for part in tree:
            yield from _values(know, part)
    elif isinstance(tree, Sym):
        yield know.name(base_name(know, tree))
        yield from (know.name(x.name) for x in symbols(tree.subs) if x.subs)
    elif isinstance(tree, Applied):
        name = know.name(base_name(know, tree.head))
        yield from () if name in know.functions else (name,)
        yield from _values(know, (tree.group, tree.power or ()))
    elif isinstance(tree, Big):
        yield from (n for n in _values(know, (tree.body,)) if n not in bound_letters(tree))
    elif hasattr(tree, "__dataclass_fields__"):
        for name in tree.__dataclass_fields__:
            if name not in ("at", "subs"):
                yield from _values(know, getattr(tree, name))


def flattened(tree: Derivative) -> tuple[Tree, tuple[Tree, ...]]:
    """Return what is differentiated, and the variables in the order in which it is."""
    by: list[Tree] = []
    of: Tree = tree
    while isinstance(of, Derivative):
        by.append(of.by)
        of = of.of
    return of, tuple(reversed(by))
