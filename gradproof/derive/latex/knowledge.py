"""What a page says about its names: functions, sizes, declarations, index letters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from gradproof.derive import syntax
from gradproof.derive.latex.names import ascii_name, unbarred
from gradproof.derive.latex.ones import is_ones
from gradproof.derive.latex.statements import Statement
from gradproof.derive.latex.tree import Applied, Big, Derivative, Func, Num, Relation, Sym, Tree
from gradproof.derive.latex.walk import application_heads, powered_heads, symbols, symbols_outside_subscripts, walk


@dataclass(frozen=True, slots=True)
class Shape:
    """A declared tensor: sizes of its axes, its kind (given, param) and, for an integer tensor, its bound."""

    kind: str
    sizes: tuple[syntax.Node, ...]
    declared: syntax.Declared


@dataclass(frozen=True, slots=True)
class Definition:
    """A function that the page defines: `head(params) = body`.

    Attributes:
        builtin: the function of the notation that it provably is, or "".
        subs: index letters after the parentheses, for a function with an array as its value.
    """

    head: Sym
    params: tuple[Sym, ...]
    body: Tree
    subs: tuple[Sym, ...]
    builtin: str
    line: int


@dataclass
class Knowledge:
    """The page's names.

    Attributes:
        shapes: declared tensors.
        functions: functions that the page defines.
        unknown: names that a notation block declares as unknown functions.
        variables: names that stand somewhere without an argument.
        sizes: names that bound a sum or stand in a declared shape, with the size of least value unknown.
        binders: letters that some sum binds.
        indices: letters that some sum binds or that stand as an index at the left of some equation.
        letters: (tensor, axis) -> the letter that indexes it on the page.
        ranges: index letter -> the one size that it runs over wherever the page says so.
        applied: names that stand before parentheses at the right of some equation.
        plain: names that stand somewhere other than before parentheses.
        defined: names that an equation computes, with a place.
        adjoints: whether a bar marks a gradient.
        others: assumption and edge lines of notation blocks.
    """

    adjoints: bool = False
    shapes: dict[str, Shape] = field(default_factory=dict)
    functions: dict[str, Definition] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    variables: dict[str, tuple[int, int]] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)
    binders: set[str] = field(default_factory=set)
    indices: set[str] = field(default_factory=set)
    letters: dict[tuple[str, int], str] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)
    others: list[syntax.Assume | syntax.Outside] = field(default_factory=list)
    applied: set[str] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)
    defined: dict[str, int] = field(default_factory=dict)

    def name(self, name: str) -> str:
        r"""Return the name as declared: `yhat` in a notation block is what `\hat{y}` means on that page."""
        name = unbarred(name) if self.adjoints else name
        if name in self.shapes or name in self.unknown or name in self.sizes:
            return name
        typed = ascii_name(name)
        return typed if typed in self.shapes or typed in self.unknown or typed in self.sizes else name


def left_name(statement: Statement) -> str:
    """Return the name that a statement defines, "" for a declaration."""
    left = statement.left
    if isinstance(left, Sym):
        return left.name
    if isinstance(left, Applied):
        return left.head.name
    return left.name if isinstance(left, Func) else ""


def learn_sizes(knowledge: Knowledge, statements: Iterable[Statement]) -> None:
    """Collect the letters that sums bind and the sizes that they run to."""
    ambiguous: set[str] = set()
    for s in statements:
        if s.op != "in":
            _learn_sizes(knowledge, s, ambiguous)
    for letter in ambiguous:
        knowledge.ranges.pop(letter, None)


def learn_names(knowledge: Knowledge, statements: Iterable[Statement], text: str) -> None:
    """Collect the names that stand without an argument, and the letters that index each tensor."""
    for s in statements:
        if s.op != "in":
            _learn_names(knowledge, s, text)


def _learn_sizes(knowledge: Knowledge, s: Statement, ambiguous: set[str]) -> None:
    bigs = [node for node in walk(s.right) if isinstance(node, Big)]
    local = {b for node in bigs for item in node.lower for b in _bound(item, node.body)}
    local |= {x.name for x in getattr(s.left, "subs", ()) if isinstance(x, Sym)}
    knowledge.indices |= local
    lengths = [x for y in symbols(s.right) if is_ones(y) for x in y.subs if isinstance(x, Sym) and not x.subs]
    knowledge.sizes.update(x.name for x in lengths if x.name not in local)
    for node in bigs:
        letters = [b for item in node.lower for b in _bound(item, node.body)]
        knowledge.binders.update(letters)
        limits = [r.operands[-1] for r in node.lower if isinstance(r, Relation) and between(r) and len(r.operands) > 2]
        knowledge.sizes.update(x.name for x in symbols(tuple(limits)) if not x.subs and x.name not in local)
        if node.upper is None:
            continue
        names = [u.name for u in symbols(node.upper) if not u.subs]
        knowledge.sizes.update(n for n in names if n not in local)
        if len(letters) == 1 and isinstance(node.upper, Sym) and node.upper.name not in local:
            earlier = knowledge.ranges.setdefault(letters[0], node.upper.name)
            ambiguous.update(letters if earlier != node.upper.name or not _from_one(node) else ())


def _from_one(tree: Big) -> bool:
    r"""Does `\sum_{i=1}^{n}` count n values? From 0 they are n + 1, and the axis bears no letter's name."""
    starts = [r.operands[1] for r in tree.lower if isinstance(r, Relation) and r.ops == ("==",)]
    return all(isinstance(s, Num) and s.text == "1" for s in starts)


def _bound(item: Tree, body: Tree) -> list[str]:
    if isinstance(item, Sym):
        return [item.name]
    return [s.name for s in fresh_letters(item, body)] if isinstance(item, Relation) else []


def between(item: Relation) -> bool:
    r"""Is it `1 \leq i \leq n`, `0 \leq i < j < n` or `0 \leq i`: letters from 0 or 1, up to what stands last?"""
    first, *rest = item.operands
    if not isinstance(first, Num) or first.text not in ("0", "1") or item.ops[0] != "<=":
        return False
    letters = rest[:-1] if len(rest) > 1 else rest
    plain = all(isinstance(x, Sym) and not x.subs for x in letters)
    return plain and set(item.ops[1:]) <= {"<", "<="}


def fresh_letters(item: Relation, body: Tree) -> list[Sym]:
    r"""Return the letters that a relation below a sum binds, unless they are bound already.

    In `i \neq j` and `i < j` the first is bound, and the others where they index something in the body.
    """
    if between(item):
        rest = item.operands[1:]
        return [x for x in (rest[:-1] if len(rest) > 1 else rest) if isinstance(x, Sym)]
    plain = [x for x in item.operands if isinstance(x, Sym) and not x.subs]
    below = {y.name for x in symbols(body) for sub in x.subs for y in symbols(sub)}
    first = plain[:1] if item.operands[0] in plain else []
    return first + [x for x in plain if x not in first and x.name in below and item.ops != ("==",)]


def _learn_names(knowledge: Knowledge, s: Statement, text: str) -> None:
    heads = application_heads((s.left, s.right))
    knowledge.applied.update(n.head.name for n in walk(s.right) if isinstance(n, Applied) and id(n.head) in heads)
    before = {id(n.head) for n in walk((s.left, s.right)) if isinstance(n, Applied)}
    knowledge.plain.update(x.name for x in symbols((s.left, s.right)) if id(x) not in before)
    heads |= powered_heads(s.right, text)
    heads |= {id(x) for n in walk(s.right) if isinstance(n, Derivative) for x in symbols(n.of)}
    dummies = {p.name for p in symbols(s.left.group)} if isinstance(s.left, Applied) else set()
    dummies |= {p.name for p in symbols(s.left)} if isinstance(s.left, Func) else set()
    values = symbols_outside_subscripts((s.left, s.right))
    for symbol in values:
        if id(symbol) not in heads and symbol.name not in dummies:
            knowledge.variables.setdefault(symbol.name, symbol.at)
    for symbol in symbols((s.left, s.right)):
        for axis, sub in enumerate(_slots(knowledge, symbol)):
            if sub:
                knowledge.letters.setdefault((symbol.name, axis), sub)


def _slots(knowledge: Knowledge, symbol: Sym) -> list[str]:
    above = [symbol.paren] if symbol.paren in knowledge.binders else []
    return [*above, *[s.name if isinstance(s, Sym) and not s.subs else "" for s in symbol.subs]]


def dummies(knowledge: Knowledge, s: Statement) -> frozenset[str]:
    r"""Return the parameters of a function that are mere letters.

    A function that is one of the notation's, or that the page applies, may be applied to anything. Where neither
    holds, as in `L(y, \hat{y}) = ...`, the arguments are the page's own quantities of those names.
    """
    known = knowledge.functions.get(knowledge.name(left_name(s))) if not isinstance(s.left, Sym) else None
    if known is None or not (known.builtin or known.head.name in knowledge.applied):
        return frozenset()
    return frozenset(p.name for p in known.params)


def bodies(knowledge: Knowledge, tree: object) -> list[tuple[Tree, frozenset[str]]]:
    """Return the bodies of the page's functions that a tree applies, with their parameters; those inside them too."""
    out: list[tuple[Tree, frozenset[str]]] = []
    seen: set[str] = set()
    pending = [tree]
    while pending:
        for node in walk(pending.pop()):
            name = node.head.name if isinstance(node, Applied) else node.name if isinstance(node, Func) else ""
            known = knowledge.functions.get(knowledge.name(name)) if name else None
            if known is not None and not known.builtin and name not in seen:
                seen.add(name)
                out.append((known.body, frozenset(p.name for p in known.params)))
                pending.append(known.body)
    return out
