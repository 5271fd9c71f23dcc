"""How many axes each name has: declared, or told by how it is written (bold, subscripts, a transpose)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from gradproof.derive.latex.knowledge import Knowledge
from gradproof.derive.latex.ones import is_ones
from gradproof.derive.latex.source import Source
from gradproof.derive.latex.tree import Big, Inner, Mul, Num, Sym, Transpose, Tree
from gradproof.derive.latex.walk import application_heads, symbols, walk
from gradproof.errors import InputError


@dataclass(frozen=True, slots=True)
class Claim:
    """A number of axes and the place that says so; `whole`: a bare letter may stand for the array, as in `w^T x`."""

    rank: int
    at: tuple[int, int]
    whole: bool = False


def is_upper(name: str) -> bool:
    """Is the letter of a name a capital (a matrix, if bold)?"""
    return name[:1].isupper()


def slot_count(knowledge: Knowledge, symbol: Sym) -> int:
    """Return how many indices a symbol bears; a parenthesised letter counts where some sum of the page binds it."""
    return len(symbol.subs) + (symbol.paren in knowledge.binders if symbol.paren else 0)


def claim(knowledge: Knowledge, symbol: Sym) -> int | None:
    """Return the number of axes that one occurrence tells, None if it tells nothing."""
    count = slot_count(knowledge, symbol)
    if not symbol.bold:
        return count or None
    if not is_upper(symbol.name):
        return count + 1
    return 2 if count in (0, 2) else None


def claims(source: Source, knowledge: Knowledge, parts: list[tuple[Tree, frozenset[str]]]) -> dict[str, Claim]:
    """Return what trees tell about ranks, by the page's names; each comes with parameters that do not count.

    Raises:
        InputError: two occurrences of an undeclared name disagree; both places are named.
    """
    found: dict[str, Claim] = {}
    for tree, skipped in parts:
        _claims(source, knowledge, found, tree, skipped)
    for tree, skipped in parts:
        for symbol in _transposed(tree):
            name = knowledge.name(base_name(knowledge, symbol))
            earlier = found.get(name, Claim(1, symbol.at))
            if earlier.rank == 1 and name not in knowledge.shapes and symbol.name not in skipped:
                found[name] = Claim(1, earlier.at, whole=True)
    return found


def _claims(source: Source, knowledge: Knowledge, found: dict[str, Claim], tree: Tree, skipped: frozenset[str]) -> None:
    bound = {id(s) for n in walk(tree) if isinstance(n, Big) for s in symbols(n.lower) if not s.subs}
    passed = bound | application_heads(tree)
    for symbol in symbols(tree):
        rank = claim(knowledge, symbol)
        if rank is not None and not is_ones(symbol) and id(symbol) not in passed and symbol.name not in skipped:
            name = knowledge.name(base_name(knowledge, symbol))
            if name in knowledge.shapes:
                continue
            earlier = found.setdefault(name, Claim(rank, symbol.at))
            if earlier.rank != rank:
                raise rank_conflict(source, name, earlier, Claim(rank, symbol.at))


def base_name(knowledge: Knowledge, symbol: Sym) -> str:
    """Return the tensor's name: a parenthesised letter that is no index is a label of it."""
    from gradproof.derive.latex.names import labelled

    if symbol.paren and symbol.paren not in knowledge.binders:
        return labelled(symbol.name, symbol.paren)
    return symbol.name


def rank_conflict(source: Source, name: str, first: Claim, second: Claim) -> InputError:
    """Return the error for one name with two ranks."""
    one, two = source.span(*first.at), source.span(*second.at)
    return InputError(
        f"{name} has {axes_text(second.rank)} here, but {axes_text(first.rank)} in line {one.line}, "
        f"column {one.column}: {one.text.strip()}",
        where=two,
        expected=f"one number of axes for {name} where equations are read together",
        hint="use two names, or write both with the same indices",
    )


def axes_text(rank: int) -> str:
    """Return a number of axes in words."""
    return "no axis" if rank == 0 else f"{rank} axis" if rank == 1 else f"{rank} axes"


def _transposed(trees: Tree) -> list[Sym]:
    """Return plain lower-case letters that are vectors because they, or what stands before them, are transposed.

    In angle brackets, an inner product, they are vectors too.

    Alone, `x^T` may be a power: it tells something only in a product, `w^T x`, `x x^T`.
    """
    out = []
    for node in walk(trees):
        if isinstance(node, Inner):
            out += [x for x in (node.left, node.right) if isinstance(x, Sym) and _is_plain(x)]
        if isinstance(node, Mul):
            for (_, a), (op, b) in pairwise(node.factors):
                if op not in ("", "cdot"):
                    continue
                lies = isinstance(a, Transpose) and isinstance(a.base, Sym) and not is_upper(a.base.name)
                if lies and not isinstance(b, Num):
                    out += [x for x in (getattr(a, "base", None), b) if isinstance(x, Sym) and _is_plain(x)]
                if isinstance(b, Transpose) and isinstance(b.base, Sym) and _is_vector(a, b.base):
                    out += [b.base] if _is_plain(b.base) else []
    return out


def _is_vector(before: Tree, base: Sym) -> bool:
    """Does what stands before `x^T` make an outer product: a bold letter, or x itself?"""
    return isinstance(before, Sym) and (before.bold or before.name == base.name)


def _is_plain(symbol: Sym) -> bool:
    return not (symbol.bold or symbol.subs or is_upper(symbol.name))
