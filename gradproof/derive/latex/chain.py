"""Which equations of a page a name needs, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradproof.derive.latex.knowledge import Knowledge, bodies, dummies, left_name
from gradproof.derive.latex.ranks import base_name
from gradproof.derive.latex.same import same
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.tree import Applied, Big, Derivative, Func, Sym, Tree
from gradproof.derive.latex.walk import symbols, walk
from gradproof.errors import InputError

Definitions = dict[str, list[int]]


@dataclass(frozen=True)
class Document:
    """A page's statements and what is known about their names.

    Attributes:
        source: the text.
        know: the names.
        statements: equations, functions and updates, in order.
        places: the positions of the statements that define each name.
    """

    source: Source
    know: Knowledge
    statements: tuple[Statement, ...]
    places: Definitions


def definitions(know: Knowledge, statements: Sequence[Statement]) -> Definitions:
    """Return the positions of the statements that define each name; a repetition of an equation counts once."""
    found: Definitions = {}
    for j, s in enumerate(statements):
        if s.op != "=":
            continue
        name = defined_name(know, s)
        earlier = found.setdefault(name, [])
        if not any(same(statements[k].left, s.left) and same(statements[k].right, s.right) for k in earlier):
            earlier.append(j)
    return found


def defined_name(know: Knowledge, s: Statement) -> str:
    """Return the name that a statement computes, as the page declares it."""
    if isinstance(s.left, Sym):
        return know.name(base_name(know, s.left))
    return know.name(left_name(s))


def reads(know: Knowledge, s: Statement) -> list[str]:
    """Return the names that a statement reads, in order: no index letters, functions, or losses of updates."""
    own = [(s.right, dummies(know, s)), *bodies(know, s.right)]
    return list(dict.fromkeys(name for tree, skipped in own for name in _read(know, tree) if name not in skipped))


def _read(know: Knowledge, tree: Tree) -> list[str]:
    skipped = {id(x) for n in walk(tree) if isinstance(n, Big) for x in symbols(n.lower)}
    skipped |= {id(x) for n in walk(tree) if isinstance(n, Derivative) for x in symbols(n.of)}
    skipped |= {id(n.head) for n in walk(tree) if isinstance(n, Applied) and know.name(n.head.name) in know.functions}
    skipped |= {id(sub) for x in symbols(tree) for sub in x.subs if isinstance(sub, Sym) and not sub.subs}
    return [know.name(base_name(know, x)) for x in symbols(tree) if id(x) not in skipped]


def chain(page: Document, last: int) -> tuple[int, ...]:
    """Return the positions of statement `last` and of all that it needs, each after what it uses.

    Raises:
        InputError: a definition that needs itself, or a name with several definitions of which none comes before.
    """
    out: list[int] = []
    # (position, are its needs done): an explicit stack, so that a long chain cannot run out of Python's.
    stack, open_ = [(last, False)], set[int]()
    while stack:
        j, done = stack.pop()
        if done:
            open_.discard(j)
            if j not in out:
                out.append(j)
            continue
        if j in out:
            continue
        open_.add(j)
        stack.append((j, True))
        for name in reversed(reads(page.know, page.statements[j])):
            k = _definition(page, name, j)
            if k is None or k == j:
                continue
            if k in open_:
                raise _cycle(page.source, name, page.statements[j], page.statements[k])
            stack.append((k, False))
    return tuple(out)


def _definition(page: Document, name: str, user: int) -> int | None:
    """Return the definition of a name that a statement means: the last one before it, or the page's only one."""
    places = page.places.get(name, [])
    before = [j for j in places if j < user]
    if before:
        return before[-1]
    if len(places) > 1 and user not in places:
        lines = " and ".join(str(page.source.line(page.statements[j].at[0])) for j in places)
        raise InputError(
            f"{name} is used before its definitions in lines {lines}: which one is meant?",
            where=page.source.span(*page.statements[user].at),
            expected="the definition before the use, or a single one",
        )
    return places[0] if places else None


def _cycle(source: Source, name: str, user: Statement, definition: Statement) -> InputError:
    line = source.line(definition.at[0])
    return InputError(
        f"{name} needs itself: it is used here, and defined in line {line} by what is computed here",
        where=source.span(*user.at),
        expected="equations that can be put in order",
        hint="write recurrences in the notation, in an .eqs file",
    )


def is_function(s: Statement) -> bool:
    """Is it a definition f(x) = ...?"""
    return isinstance(s.left, Applied | Func)
